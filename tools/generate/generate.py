# In: the records as ninefold_records prints them, and the Python package. Out: what compilers, editors and readers
# need of them, one file a family: C++ declarations (include/ninefold/functions, src/engine/ops/functions), type stubs
# (python/ninefold/**/*.pyi), reference pages (docs/reference). `--check` writes nothing and
# names files that say what is no longer so; names that wait for the next run are only counted.
#   PYTHONPATH=build/release/python python tools/generate/generate.py build/release/tools/ninefold_records [--check]
import argparse
import collections
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import cpp  # noqa: E402
import pages  # noqa: E402
import stubs  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
# Folders that hold nothing but what is generated: a file that is no longer made there goes.
OWNED = ("include/ninefold/functions", "src/engine/ops/functions", "docs/reference")
KEPT = ("include/ninefold/functions/arguments.h", "src/engine/ops/functions/call.h")   # written by hand


def family(function):
    """The namespace of a function's shortest public name: tf.reduce_sum -> "", tf.nn.relu -> "nn"."""
    return short_name(function)[0]


def short_name(function):
    """(namespace, name) of the shortest of a function's names; of equally short ones the first."""
    path = min(function["names"], key=lambda n: n.count(".")).split(".")[1:]
    return ".".join(path[:-1]), path[-1]


def records(program):
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    functions, seen = [], set()
    for row in rows:
        if "function" in row and row["function"] not in seen:
            seen.add(row["function"])
            functions.append(row)
    functions.sort(key=lambda f: short_name(f))
    return functions, sorted((r for r in rows if "op" in r), key=lambda r: r["op"])


def old_files():
    """Generated files that are there now, by their first lines."""
    found = set()
    for folder in (*OWNED, "python/ninefold"):
        for where, _, names in os.walk(os.path.join(ROOT, folder)):
            for name in names:
                path = os.path.relpath(os.path.join(where, name), ROOT)
                if path in KEPT or (folder == "python/ninefold" and not name.endswith(".pyi")):
                    continue
                found.add(path)
    return found


def before(path):
    whole = os.path.join(ROOT, path)
    if not os.path.exists(whole):
        return None
    with open(whole, encoding="utf-8") as file:
        return file.read()


def compare(files):
    """Fails where a checked-in line is not generated any more: a record was changed or went, the file was not."""
    stale, waiting = [], 0
    for path in sorted(old_files() | files.keys()):
        now = collections.Counter(files.get(path, "").splitlines())
        then = collections.Counter((before(path) or "").splitlines())
        waiting += sum((now - then).values())
        stale += [f"{path}: {line.strip()}" for line in then - now]
    for line in stale[:40]:
        print("no longer generated: " + line)
    print(f"{len(files)} files compared, {len(stale)} lines differ, {waiting} wait for the next run")
    if stale:
        sys.exit("run tools/generate/generate.py without --check")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    functions, ops = records(arguments.program)
    files = {**cpp.files(functions, short_name), **pages.files(functions, ops, short_name), **stubs.files(functions)}
    if arguments.check:
        return compare(files)
    changed = 0
    for path in sorted(old_files() - files.keys()):
        os.remove(os.path.join(ROOT, path))
        changed += 1
    for path, text in sorted(files.items()):
        if before(path) == text:
            continue
        changed += 1
        os.makedirs(os.path.dirname(os.path.join(ROOT, path)), exist_ok=True)
        with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
            file.write(text)
    print(f"{len(files)} files of {len(functions)} functions and {len(ops)} ops, {changed} changed")


if __name__ == "__main__":
    main()
