#!/usr/bin/env python3
"""In: the source tree. Out: every #include that the house's order of rooms forbids.

A file may include its own room and rooms to its left in ORDER; siblings, rooms of one entry, never
meet. docs/architecture.md tells why; this table is the rule. Exit status 1 where it is broken.
"""
import argparse
import re
import sys
from pathlib import Path

# Two roads from base. A set holds siblings.
ENGINE = [{"base"}, {"engine/profile"}, {"engine/tensor"}, {"engine/device", "engine/op"}, {"engine/ops"},
          {"engine/grad"}, {"engine/graph"}, {"train/data", "train/io"}, {"train/distribute"},
          {"train/layers"}, {"train/model"}, {"train/fit"}, {"infer"}]
ENVIRONMENT = [{"base"}, {"env/spec"}, {"env/store"}, {"env/registry"}, {"env/lock"}, {"env/image"}, {"env/run"},
               {"env/supervise"}, {"env/doctor", "env/notebook", "env/export"}, {"cli"}]

# A public header stands in the lowest room that may implement or use it.
PUBLIC = {"error": "base", "example": "base", "tensor": "engine/tensor", "device": "engine/tensor", "ops": "engine/op", "grad": "engine/op",
          "function": "engine/graph", "trace": "engine/graph", "saved_model": "engine/graph", "composite": "engine/ops",
          "functions": "engine/ops", "data": "train/data", "resume": "train/data", "io": "train/io", "profiler": "train/io", "distribute": "train/distribute",
          "keras": "train/layers", "layers": "train/layers", "sequence": "train/layers", "saving": "train/layers"}

CUDA = re.compile(r"(cuda\w*|cublas\w*|cudnn\w*|cusolver\w*|cufft\w*|curand\w*|nccl|nvrtc|nvml|cupti\w*)\.h$")
CUDA_PLACES = re.compile(r"src/engine/device/cuda/|src/engine/ops/[^/]+\.cu$|"
                         r"src/train/distribute/nccl[^/]*$")
PYTHON = re.compile(r"(Python\.h|nanobind/|pybind11/|numpy/)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
SOURCES = {".h", ".cc", ".cu", ".cuh", ".inc", ".hpp", ".cpp"}


def ranks(road):
    return {room: rank for rank, rooms in enumerate(road) for room in rooms}


RANKS = [ranks(ENGINE), ranks(ENVIRONMENT)]
ROOMS = set().union(*RANKS)


def room_of(path):
    """The room of a path relative to the repository, None outside the rooms, KeyError if unknown."""
    parts = path.split("/")
    if path.startswith("include/ninefold/"):
        name = parts[2].rsplit(".", 1)[0]
        if name not in PUBLIC:
            raise KeyError(f"public header {path} has no room; the public headers are "
                           + ", ".join(sorted(PUBLIC)))
        return PUBLIC[name]
    if parts[0] != "src":
        return None
    for length in (2, 1):
        room = "/".join(parts[1:1 + length])
        if len(parts) > 1 + length and room in ROOMS:
            return room
    raise KeyError(f"{path} lies in no room; the rooms are " + ", ".join(sorted(ROOMS)))


def allowed(here, there):
    if here == there:
        return True
    return any(here in road and there in road and road[there] < road[here] for road in RANKS)


def resolve(root, path, name, quoted):
    """The repository file that an include names, or None for a header from elsewhere."""
    tries = [f"src/{name}", f"include/{name}"]
    if quoted:
        tries.insert(0, str((root / path).parent.joinpath(name).resolve().relative_to(root)))
    return next((t for t in tries if (root / t).is_file()), None)


def findings(root):
    """All broken includes below root, as lines 'file:line: what; what to do'."""
    root = Path(root).resolve()
    found = []
    for top in ("src", "include", "python", "examples"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in SOURCES and file.is_file():
                found += file_findings(root, str(file.relative_to(root)))
    return found


def file_findings(root, path):
    try:
        here = room_of(path)
    except KeyError as error:
        return [f"{path}:1: {error.args[0]}"]
    text = (root / path).read_text(errors="replace")
    found = []
    for match in INCLUDE.finditer(text):
        name = match.group(2)
        try:
            target = resolve(root, path, name, match.group(1) == '"')
            says = judge(path, here, name, target)
        except (KeyError, ValueError) as error:
            says = error.args[0]
        if says:
            line = text.count("\n", 0, match.start(2)) + 1
            found.append(f"{path}:{line}: {says}")
    return found


def judge(path, here, name, target):
    if CUDA.fullmatch(name.rsplit("/", 1)[-1]) and not target and not CUDA_PLACES.match(path):
        return (f"includes the CUDA header {name}; only engine/device/cuda, engine/ops/*.cu and "
                "train/distribute/nccl* may")
    if here is not None and PYTHON.match(name):
        return f"includes {name}: the library knows no Python; only python/ does"
    if target is None:
        return None
    if here is None:  # the binding and the examples stand outside, like any user
        if target.startswith("src/"):
            return f"includes {name}: only public headers <ninefold/...> are open from here"
        return None
    if path.startswith("include/") and target.startswith("src/"):
        return f"includes {name}: a public header may include public headers only"
    there = room_of(target)
    if not allowed(here, there):
        return f"room {here} may not include {name} of room {there}; only rooms to its left"
    return None


def main():
    parser = argparse.ArgumentParser(description="Checks who includes whom.",
                                     epilog="example: tools/include_rule.py")
    parser.add_argument("root", nargs="?", default=Path(__file__).resolve().parent.parent)
    found = findings(parser.parse_args().root)
    print("\n".join(found) if found else "include rule: kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
