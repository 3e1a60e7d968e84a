"""In: tools/soak.sh with parts that only count. Out: which parts run, which are taken from an earlier run, and the total."""
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A part is said to run; BREAK names one that fails, SKIP one that skips.
SCRIPT = """set -euo pipefail
source {root}/tools/steps.sh
source {root}/tools/tests.sh
source {root}/tools/soak.sh
soak_hash() {{ echo "${{HASH:-one}}"; }}
soak_run() {{
  echo "ran $1"
  if [ "$1" = "${{BREAK:-}}" ]; then FAILED=$((FAILED + 1)); BROKEN+=("$1")
  elif [ "$1" = "${{SKIP:-}}" ]; then SKIPPED=$((SKIPPED + 1))
  else PASSED=$((PASSED + 2)); fi
}}
soak "$@"
conclude
"""


class Soak:
    def __init__(self, place):
        self.place = place
        self.names = subprocess.run(["bash", "-c", f"source {ROOT}/tools/soak.sh; soak_names"], capture_output=True, text=True).stdout.split()

    def probe(self, why):
        program = self.place / ".venv/bin/python"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {why or 'this machine can run containers'}\nexit {1 if why else 0}\n")
        program.chmod(0o755)

    def __call__(self, *parts, **given):
        done = subprocess.run(["bash", "-c", SCRIPT.format(root=ROOT), "bash", *parts], cwd=self.place, capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], **given})
        return re.findall(r"^ran (\w+)$", done.stdout, re.M), done.stdout.splitlines()[-1], done.returncode, done.stdout + done.stderr


@pytest.fixture
def soak(tmp_path):
    made = Soak(tmp_path)
    made.probe(None)
    return made


def test_all_parts_run_once_and_count_again(soak):
    total = f"{2 * len(soak.names)} passed, 0 failed"
    assert soak()[:3] == (soak.names, total, 0)
    ran, line, status, said = soak()
    assert (ran, line, status) == ([], total, 0)
    assert said.count("runs it again") == len(soak.names)


def test_what_changed_runs_again(soak):
    soak()
    assert soak(HASH="another")[0] == soak.names


def test_a_named_part_always_runs_and_alone(soak):
    soak()
    assert soak("jobs", "parsers")[:3] == (["parsers", "jobs"], "4 passed, 0 failed", 0)


@pytest.mark.parametrize("how, line, status", [("BREAK", "{} passed, 1 failed", 1), ("SKIP", "{} passed, 0 failed, 1 skipped", 0)])
def test_a_part_that_did_not_pass_runs_again(soak, how, line, status):
    assert soak(**{how: "jobs"})[1:3] == (line.format(2 * len(soak.names) - 2), status)
    assert soak()[0] == ["jobs"]


def test_a_part_that_passed_once_and_then_failed_is_no_longer_passed(soak):
    soak()
    soak("jobs", BREAK="jobs")
    assert soak()[0] == ["jobs"]


def test_a_machine_without_containers_tells_why(soak):
    soak.probe("runc is not installed")
    ran, line, status, said = soak()
    assert ran == ["parsers", "functions", "saves", "files"] and status == 0
    assert line == f"8 passed, 0 failed, {len(soak.names) - 4} skipped"
    assert re.search(r"^jobs +skipped: runc is not installed$", said, re.M)


def test_every_part_is_told_in_the_documents():
    text = (ROOT / "docs/testing.md").read_text()
    names = subprocess.run(["bash", "-c", f"source {ROOT}/tools/soak.sh; soak_names"], capture_output=True, text=True).stdout.split()
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == names


def test_a_name_that_is_no_part():
    done = subprocess.run([ROOT / "check", "--soak", "jbos"], capture_output=True, text=True)
    assert done.returncode == 2 and "no part of the soak is named 'jbos'" in done.stderr and "jobs " in done.stderr
