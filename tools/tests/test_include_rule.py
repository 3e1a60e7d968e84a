# In: small made-up trees, one broken include each. Out: the rule finds it, and the house keeps it.
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1]
spec = importlib.util.spec_from_file_location("include_rule", TOOLS / "include_rule.py")
rule = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rule)

HOUSE = ["src/base/check.h", "src/engine/tensor/dtype.h", "src/engine/op/record.h",
         "src/engine/device/cpu/allocator.h", "src/engine/ops/matmul.h", "src/engine/graph/trace.h",
         "src/train/data/stage.h", "src/train/io/hdf5.h", "src/train/layers/dense.h",
         "src/train/fit/loop.h", "src/env/spec/spec.h", "src/env/doctor/probe.h",
         "include/ninefold/error.h", "include/ninefold/tensor.h", "include/ninefold/keras.h"]


def tree(root, path, include):
    for name in HOUSE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("#pragma once\n")
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(f"// two\n#include {include}\n")
    return rule.findings(root)


@pytest.mark.parametrize("path, include, says", [
    ("src/base/x.cc", '"engine/tensor/dtype.h"', "room base may not include"),
    ("src/engine/op/x.cc", '"engine/device/cpu/allocator.h"', "room engine/op may not include"),
    ("src/engine/device/x.cc", '"engine/op/record.h"', "room engine/device may not include"),
    ("src/engine/op/x.cc", '"../ops/matmul.h"', "room engine/op may not include"),
    ("src/engine/ops/x.cc", '"engine/graph/trace.h"', "room engine/ops may not include"),
    ("src/train/data/x.cc", '"train/io/hdf5.h"', "room train/data may not include"),
    ("src/train/layers/x.cc", '"train/fit/loop.h"', "room train/layers may not include"),
    ("src/env/lock/x.cc", '"engine/tensor/dtype.h"', "room env/lock may not include"),
    ("src/train/fit/x.cc", '"env/spec/spec.h"', "room train/fit may not include"),
    ("src/cli/x.cc", "<ninefold/tensor.h>", "room cli may not include"),
    ("src/env/notebook/x.cc", '"env/doctor/probe.h"', "room env/notebook may not include"),
    ("src/engine/tensor/x.cc", '"ninefold/keras.h"', "room engine/tensor may not include"),
    ("include/ninefold/tensor.h", '"ninefold/keras.h"', "room engine/tensor may not include"),
    ("include/ninefold/tensor.h", '"base/check.h"', "public headers only"),
    ("include/ninefold/extra.h", '"ninefold/error.h"', "has no room"),
    ("src/attic/x.cc", '"base/check.h"', "lies in no room"),
    ("src/engine/ops/x.cc", "<cuda_runtime.h>", "CUDA header cuda_runtime.h"),
    ("src/train/distribute/ring.cc", "<nccl.h>", "CUDA header nccl.h"),
    ("src/engine/ops/x.cc", "<Python.h>", "knows no Python"),
    ("python/ninefold/_core/x.cc", '"base/check.h"', "only public headers"),
    ("examples/x.cc", '"train/layers/dense.h"', "only public headers"),
])
def test_broken(tmp_path, path, include, says):
    found = tree(tmp_path, path, include)
    assert len(found) == 1 and says in found[0], found
    assert found[0].startswith(path + ":")


@pytest.mark.parametrize("path, include", [
    ("src/engine/op/x.cc", '"engine/tensor/dtype.h"'),
    ("src/engine/op/x.cc", '"engine/op/record.h"'),
    ("src/train/fit/x.cc", '"train/layers/dense.h"'),
    ("src/train/fit/x.cc", '"ninefold/keras.h"'),
    ("src/env/doctor/x.cc", '"env/spec/spec.h"'),
    ("src/cli/x.cc", '"env/doctor/probe.h"'),
    ("src/cli/x.cc", "<CLI/CLI.hpp>"),
    ("src/engine/device/cuda/stream.cc", "<cuda.h>"),
    ("src/engine/ops/matmul.cu", "<cublasLt.h>"),
    ("src/train/distribute/nccl.cc", "<nccl.h>"),
    ("include/ninefold/keras.h", '"ninefold/tensor.h"'),
    ("python/ninefold/_core/x.cc", "<ninefold/keras.h>"),
    ("python/ninefold/_core/x.cc", "<nanobind/nanobind.h>"),
])
def test_kept(tmp_path, path, include):
    assert tree(tmp_path, path, include) == []


def test_this_house_keeps_it():
    run = subprocess.run([sys.executable, str(TOOLS / "include_rule.py")], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
