# In: tests/data/replay/*.json, recorded on TensorFlow 2.9.0. Out: a test a case, run on Ninefold.
import json
import os
import subprocess
import sys

import pytest
import replay

MODULE = os.environ.get("NINEFOLD_REPLAY_MODULE", "ninefold")
LIMIT_SECONDS = 300


# Cases that Ninefold does not reach yet, one a line. A case that does must leave the list: it is a
# failure here (strict), so the list says no more than what is so.
PENDING = [line for line in (replay.HERE / "pending.txt").read_text().splitlines()
           if line and not line.startswith("#")] if MODULE == "ninefold" else []


def rows():
    reached = {True: pytest.mark.xfail(reason="listed in pending.txt", strict=True), False: ()}
    return [pytest.param(program, name, id=f"{program}-{name}", marks=reached[name in PENDING])
            for program in replay.programs() for name in replay.load(program)]


def recording(program):
    path = replay.RECORDED / f"{program}.json"
    assert path.exists(), f"{program}: no recording; run tools/referee record {program}"
    return json.loads(path.read_text())


@pytest.mark.parametrize("program", replay.programs())
def test_recording_is_of_this_program(program):
    stored = recording(program)
    assert stored["program"] == replay.digest(program), (
        f"{program}.py changed after its recording; run tools/referee record {program}")
    assert list(stored["cases"]) == list(replay.load(program))


def test_pending_names_cases():
    names = [name for program in replay.programs() for name in replay.load(program)]
    assert [name for name in PENDING if name not in names] == []


@pytest.mark.parametrize("program, name", rows())
def test_replay(program, name, tmp_path):
    case = replay.load(program)[name]
    stored = recording(program)["cases"][name]
    out = tmp_path / "result.json"
    worker = replay.HERE / "worker.py"
    done = subprocess.run([sys.executable, str(worker), MODULE, program, name, str(out)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          cwd=tmp_path, timeout=LIMIT_SECONDS)
    assert done.returncode == 0, (f"{program}, case {name}: the process ended with status "
                                  f"{done.returncode}:\n{done.stdout[-2000:]}")
    faults = replay.compare(case, stored, json.loads(out.read_text()))
    assert not faults, (f"{program}, case {name} (seed {case.seed}): {len(faults)} value(s) differ "
                        "from TensorFlow 2.9.0\n  " + "\n  ".join(faults[:20]))
