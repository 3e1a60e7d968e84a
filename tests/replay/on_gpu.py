"""In: the replay programs, a machine whose default device is a GPU. Out: what they give there agrees with TensorFlow's recordings.

`python3 on_gpu.py [PROGRAM...]`, NumPy alone. A GPU adds up in another order than TensorFlow's CPU did, so that floats agree within
the case's tolerance where the recording asks for the last bit; all that is no float agrees literally. What GPUs do otherwise
(docs/differences.md) is listed in on_gpu.txt: `case key-pattern reason`. Each program runs in a process of its own.
"""
import contextlib
import fnmatch
import io
import json
import pathlib
import subprocess
import sys

import replay

OTHERWISE = pathlib.Path(__file__).with_name("on_gpu.txt")
LEAST = 1e-3                                 # a training run of some steps, in another order of sums


def otherwise():
    rows = (line.split(None, 2) for line in OTHERWISE.read_text().splitlines() if line.strip() and not line.startswith("#"))
    return [(case, pattern) for case, pattern, _ in rows]


def run(program):
    """A line for each disagreement, then the counts."""
    recorded = json.loads((replay.RECORDED / f"{program}.json").read_text())["cases"]
    tf, known, failed = replay.module("ninefold"), otherwise(), 0
    if not tf.config.list_physical_devices("GPU"):
        sys.exit("on_gpu.py: there is no GPU; `ninefold check --gpu` says why")
    cases = {name: case for name, case in replay.load(program).items() if name in recorded and case.replicas == 1}
    for name, case in cases.items():
        case.exact, case.tolerance = (), max(case.tolerance, LEAST)
        tf.keras.backend.clear_session()     # names begin anew, as in a process of their own
        with contextlib.redirect_stdout(io.StringIO()):
            got = replay.run(case, tf)
        faults = [line for line in replay.compare(case, recorded[name], got)
                  if not any(fnmatch.fnmatchcase(name, c) and fnmatch.fnmatchcase(line.partition(":")[0], k) for c, k in known)]
        failed += bool(faults)
        for line in faults:
            print(f"{name}: {line}")
    print(f"{len(cases) - failed} passed, {failed} failed")


def main(programs):
    total = [0, 0]
    for program in programs or replay.programs():
        if not (replay.RECORDED / f"{program}.json").exists():
            continue
        done = subprocess.run([sys.executable, __file__, "--here", program], stdout=subprocess.PIPE, text=True)
        lines = done.stdout.splitlines()
        counts = lines[-1].split() if done.returncode == 0 and lines else ["0", "passed,", "1", "failed"]
        total[0] += int(counts[0])
        total[1] += int(counts[2])
        print("\n".join(f"{program}: {line}" for line in lines))
        if done.returncode:
            print(f"{program}: ended with status {done.returncode}")
    print(f"{total[0]} passed, {total[1]} failed")
    return 1 if total[1] else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        run(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))
