"""In: tools/gpu.sh with programs that only are there. Out: what is packed and how much that may be; that steps tell their time, and that
one which takes too long fails."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = "set -euo pipefail\n" + "".join(f"source {ROOT}/tools/{name}.sh\n" for name in ("steps", "tests", "gpu"))


@pytest.fixture
def gpu(tmp_path):
    """A place with what a build leaves, all of it small, and a shell in it that knows tools/gpu.sh."""
    for path in "build/release/tests/ninefold_tests", "build/release/libninefold-cuda.so", "dist/ninefold-1-cp312-abi3-linux.whl", \
            "dist/ninefold-1-cp311-cp311-linux.whl", "dist/ninefold_cuda-1-py3-none-linux.whl", "tests/data/gpu/kernels.txt":
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", tmp_path / path)

    def run(script):
        done = subprocess.run(["bash", "-c", SOURCES + script], cwd=tmp_path, capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
        return done.returncode, done.stdout, done.stderr
    run.place = tmp_path
    return run


def test_pack_takes_programs_data_and_the_wheels_of_all_pythons(gpu):
    status, said, _ = gpu("gpu_pack")
    assert status == 0 and "build/gpu: 1 MB" in said
    packed = {str(p.relative_to(gpu.place / "build/gpu")) for p in (gpu.place / "build/gpu").rglob("*") if p.is_file()}
    assert packed == {"ninefold_tests", "libninefold-cuda.so", "data/gpu/kernels.txt", "ninefold-1-cp312-abi3-linux.whl",
                      "ninefold_cuda-1-py3-none-linux.whl"}


@pytest.mark.parametrize("megabytes,fits", [(58, True), (61, False)])
def test_pack_is_at_most_60_mb(gpu, megabytes, fits):
    os.truncate(gpu.place / "dist/ninefold-1-cp312-abi3-linux.whl", megabytes << 20)
    status, said, complaint = gpu("gpu_pack")
    assert (status == 0) == fits
    assert ("more than the 60 that may travel" in complaint and "./ninefold-1-cp312-abi3-linux.whl" in complaint) != fits


def test_pack_without_a_gpu_library_says_what_to_do(gpu):
    (gpu.place / "build/release/libninefold-cuda.so").unlink()
    status, _, complaint = gpu("gpu_pack")
    assert status == 1 and "install nvcc and build" in complaint


STEPS = "gpu_step() { one_test \"GPU: $1\" [ \"$1\" != bad ]; SECONDS=$((SECONDS + ${TAKES:-7})); }\n"


@pytest.mark.parametrize("script,last,says", [
    ("gpu_steps ops python", "2 passed, 0 failed", [r"--gpu ops: [78] s of the 540", r"--gpu python: [78] s of the 540"]),
    ("gpu_steps ops bad", "1 passed, 1 failed", [r"--gpu bad: [78] s of the 540"]),
    ("TAKES=530; gpu_steps ops", "1 passed, 0 failed", [r"--gpu ops: 53\d s of the 540"]),
    ("TAKES=541; gpu_steps ops", "1 passed, 1 failed", [r"failed: --gpu ops took 54\d s, more than the 540 that a step may take"]),
])
def test_steps_tell_their_time_and_may_not_take_long(gpu, script, last, says):
    status, said, _ = gpu(STEPS + script + "\nconclude")
    assert said.splitlines()[-1] == last and (status == 0) == (", 0 failed" in last)
    for text in says:
        assert re.search(text, said), said


def test_a_step_that_is_none_names_those_that_are(gpu):
    status, _, complaint = gpu("gpu_steps opps")
    assert status == 2 and complaint == "check: no step of --gpu is named 'opps'; these are: pack ops sanitizer python replays\n"
