# In: the replay programs, TensorFlow 2.9.0 (run me with its Python). Out: tests/data/replay/*.
# tools/referee makes such a Python and calls this; --help tells the options.
"""Records the replay programs on TensorFlow 2.9.0.

Each case runs in fresh processes: oneDNN on and off, one and two threads, and the reference (oneDNN
on, two threads) twice. Stored are the reference and, for each value, how far the runs lie apart. A
case whose discrete results differ between runs is refused: rewrite it, it tests nothing.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import replay  # noqa: E402

# The first one is the reference. oneDNN is set by name, as its default depends on the processor.
RUNS = ((1, 2), (1, 2), (1, 1), (0, 2), (0, 1))
LIMIT_SECONDS = 300


def serve(folder, onednn, threads, wanted):
    """Imports TensorFlow once, forks a child a case: nothing has run yet, so each is fresh."""
    tf = replay.module("tensorflow")
    if tf.__version__ != "2.9.0":
        sys.exit(f"record: this is TensorFlow {tf.__version__}, the recordings are of 2.9.0")
    for program in replay.programs():
        for name, case in replay.load(program).items():
            if wanted and name not in wanted and program not in wanted:
                continue
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    tf.config.threading.set_intra_op_parallelism_threads(threads)
                    tf.config.threading.set_inter_op_parallelism_threads(threads)
                    result = replay.run(case, tf)
                    (pathlib.Path(folder) / f"{name}.json").write_text(json.dumps(result))
                    status = 0
                except BaseException as fault:
                    print(f"record: {name}: {type(fault).__name__}: {fault}", file=sys.stderr)
                finally:
                    sys.stderr.flush()
                    os._exit(status)
            wait(child, name)


def wait(child, name):
    end = time.monotonic() + LIMIT_SECONDS
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if status:
                print(f"record: {name}: its process ended with status {status}", file=sys.stderr)
            return
        if time.monotonic() > end:
            os.kill(child, 9)
            print(f"record: {name}: ended after {LIMIT_SECONDS} s", file=sys.stderr)
        time.sleep(0.01)


def record(wanted):
    faults = []
    with tempfile.TemporaryDirectory() as top:
        folders = []
        for number, (onednn, threads) in enumerate(RUNS):
            folder = pathlib.Path(top) / str(number)
            folder.mkdir()
            folders.append(folder)
            env = dict(os.environ, TF_ENABLE_ONEDNN_OPTS=str(onednn), TF_CPP_MIN_LOG_LEVEL="3",
                       CUDA_VISIBLE_DEVICES="", PYTHONHASHSEED="0")
            print(f"recording: oneDNN {'on' if onednn else 'off'}, {threads} thread(s)", flush=True)
            subprocess.run([sys.executable, __file__, "--serve", str(folder), str(onednn),
                            str(threads), *wanted], env=env, check=True)
        for program in replay.programs():
            faults += write(program, folders, wanted)
    for fault in faults:
        print(f"record: {fault}", file=sys.stderr)
    return 1 if faults else 0


def write(program, folders, wanted):
    path = replay.RECORDED / f"{program}.json"
    old = json.loads(path.read_text())["cases"] if path.exists() else {}
    cases, faults, fresh = {}, [], 0
    for name, case in replay.load(program).items():
        if wanted and name not in wanted and program not in wanted:
            if name in old:
                cases[name] = old[name]
            continue
        files = [folder / f"{name}.json" for folder in folders]
        if not all(file.exists() for file in files):
            faults.append(f"{program}: {name}: no result in every run")
            continue
        runs = [json.loads(file.read_text()) for file in files]
        try:
            spread = replay.spread(runs)
        except ValueError as fault:
            faults.append(f"{program}: {name}: {fault}")
            continue
        moved = [key for key in spread if case.is_exact(key)]
        if moved:
            faults.append(f"{program}: {name}: marked exact, but TensorFlow itself moves: "
                          f"{', '.join(moved)}")
            continue
        fresh += 1
        cases[name] = {"seed": case.seed, "replicas": case.replicas, "values": runs[0],
                       "spread": spread}
    if fresh:
        import numpy
        head = {"by": "TensorFlow 2.9.0", "python": platform.python_version(),
                "numpy": numpy.__version__, "reference": "oneDNN on, 2 threads"}
        replay.RECORDED.mkdir(parents=True, exist_ok=True)
        lines = [f"{json.dumps(name)}: {json.dumps(cases[name])}" for name in cases]
        path.write_text('{"recorded": %s,\n"program": "%s",\n"cases": {\n%s\n}}\n' % (
            json.dumps(head), replay.digest(program), ",\n".join(lines)))
        print(f"recorded: {program}: {fresh} case(s), {path.stat().st_size} bytes", flush=True)
    return faults


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
        sys.exit(0)
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="programs or cases to record (default: all)")
    sys.exit(record(parser.parse_args().names))
