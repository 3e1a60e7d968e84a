# In: the claims of bench/claims, a Python with TensorFlow 2.9.0. Out: both frameworks' times side by side,
# as medians of interleaved runs, and their ratio.
#   bench/compare.py --tensorflow path/to/venv/bin/python [--ninefold path/to/python] [--runs 7] [claim ...]
# Each run of each framework is a process of its own: the first takes turns, the other follows.
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def run(python, framework, claim):
    """Seconds for one unit of the claim, as the process measured them; or of the process as a whole."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "BENCH_FRAMEWORK": framework}
    if framework == "tensorflow":
        environment.pop("PYTHONPATH", None)
    begin = time.perf_counter()
    done = subprocess.run([python, str(HERE / "worker.py"), str(HERE / "claims" / (claim + ".py"))],
                          capture_output=True, text=True, env=environment)
    whole = time.perf_counter() - begin
    if done.returncode:
        sys.exit("{} on {} failed:\n{}".format(claim, framework, done.stderr))
    found = json.loads(done.stdout.splitlines()[-1])
    return whole if found["seconds"] is None else found["seconds"]


def shown(seconds):
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1, 1e3, "ms")):
        if seconds < limit:
            return "{:.1f} {}".format(seconds * factor, unit)
    return "{:.2f} s".format(seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tensorflow", required=True, help="a Python that has tensorflow==2.9.0")
    parser.add_argument("--ninefold", default=sys.executable, help="a Python that has ninefold")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("claims", nargs="*", default=sorted(p.stem for p in (HERE / "claims").glob("*.py")))
    options = parser.parse_args()
    print("{:<26}{:>14}{:>14}{:>9}{:>9}".format("median of %d" % options.runs, "TensorFlow", "Ninefold", "ratio", "wanted"))
    for claim in options.claims:
        times = {"tensorflow": [], "ninefold": []}
        for _ in range(options.runs):
            for framework, python in (("tensorflow", options.tensorflow), ("ninefold", options.ninefold)):
                times[framework].append(run(python, framework, claim))
        theirs, ours = (statistics.median(times[f]) for f in ("tensorflow", "ninefold"))
        wanted = [line for line in (HERE / "claims" / (claim + ".py")).read_text().splitlines()
                  if line.startswith("WANTED")]
        print("{:<26}{:>14}{:>14}{:>9.1f}{:>9}".format(claim, shown(theirs), shown(ours), theirs / ours,
                                                       wanted[0].split("=")[1].strip() if wanted else ""), flush=True)


if __name__ == "__main__":
    main()
