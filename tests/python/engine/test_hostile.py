# In: seeds. Out: 2,000 calls each with arguments that nobody should give, and a process that lives.
# For all 20,000: for seed in 1 2 3 4 5; do python tests/python/engine/hostile.py $seed 4000 last.txt; done
import pathlib

import pytest

PROGRAM = pathlib.Path(__file__).with_name("hostile.py")


@pytest.mark.parametrize("seed", [3, 11])
def test_no_call_ends_the_process(run_python, tmp_path, seed):
    last = tmp_path / "last.txt"
    done = run_python(PROGRAM, seed, 2000, last)
    assert done.returncode == 0, "seed {}: the process ended in call {}\n{}".format(
        seed, last.read_text(), done.stderr[-2000:])
    assert "2000 calls of" in done.stdout
