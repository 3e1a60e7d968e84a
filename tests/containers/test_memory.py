"""In: a job that eats all memory. Out: it alone dies, and its record says why; others answer meanwhile."""
import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from conftest import Environment, processes

EATS = "import time\nheld = []\nwhile True:\n    held.append(bytearray(8 << 20))\n    time.sleep(0.005)\n"


def own_cgroup(controller):
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            return Path(f"/sys/fs/cgroup/{controller}{path}")
    return None


def delegated(uid):
    """A cgroup that belongs to the user, as systemd or an administrator would give it to him."""
    above = own_cgroup("memory")
    if above is not None:  # version 1
        place = above / "nftest-delegated"
        place.mkdir()
        for entry in [place, *place.glob("*")]:
            os.chown(entry, uid, -1)
        return place
    top = Path("/sys/fs/cgroup/nftest-delegated")
    Path("/sys/fs/cgroup/cgroup.subtree_control").write_text("+memory")
    place = top / "session"
    top.mkdir()
    (top / "cgroup.subtree_control").write_text("+memory")
    place.mkdir()
    for entry in (top, top / "cgroup.procs", top / "cgroup.subtree_control", place, place / "cgroup.procs"):
        os.chown(entry, uid, -1)
    return place


@pytest.fixture(params=["root: hard", "a delegated subtree: hard", "a user without one: soft"])
def row(request):
    strength = request.param.split(": ")[1]
    if request.param.startswith("root"):
        yield request.getfixturevalue("root"), strength
        return
    user = request.getfixturevalue("user")
    if strength == "soft":
        yield user, strength
        return
    place = delegated(user.home.stat().st_uid)
    user.cgroups.append(place)
    try:
        yield user, strength
    finally:
        user.cgroups.remove(place)
        for _ in range(50):
            try:
                place.rmdir()
                if place.name == "session":
                    place.parent.rmdir()
                break
            except OSError:
                time.sleep(0.1)


def test_a_job_that_eats_all_memory(row):
    who, strength = row
    made = Environment(who, "eater")
    other = Environment(who, "bystander")
    file = made.folder / "ninefold.toml"
    file.write_text(file.read_text() + '[limits]\nmemory = "200m"\n')
    try:
        other.up()
        made.up()
        assert made.status()["limits"]["memory"]["strength"] == strength
        job = json.loads(made("job", "run", "--json", "--", "python3", "-c", EATS).stdout)["id"]
        slowest = 0.0
        while made.jobs()[-1]["state"] == "running":
            for one in (made, other):
                began = time.monotonic()
                one.ssh("true")
                slowest = max(slowest, time.monotonic() - began)
        said = made.jobs()[-1]
        assert (said["id"], said["state"], said["text"]) == (job, "memory", "killed for memory")
        # Not a measure of speed (bench/ has those): nobody stood still while the job was killed.
        assert slowest < 10, slowest
        print(f"slowest login meanwhile: {slowest:.2f} s")
        assert made.status()["services"]["ssh"]["starts"] == 1
    finally:
        made.down()
        other.down()


def test_limits_are_told(root):
    made = Environment(root, "limits", ssh=False)
    file = made.folder / "ninefold.toml"
    file.write_text(file.read_text() + '[limits]\nmemory = "300m"\ncpus = 1.5\nprocesses = 40\n')
    made.up()
    try:
        limits = made.status()["limits"]
        assert {name: (l["limit"], l["strength"]) for name, l in limits.items()} == {
            "memory": (300 << 20, "hard"), "cpus": (1.5, "hard"), "processes": (40, "hard")}
        done = made.sh("for i in $(seq 60); do sleep 5 & done", check=False)
        assert "fork" in done.stderr.lower() or "Resource" in done.stderr
    finally:
        made.down()
