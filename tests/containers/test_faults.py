"""In: machines that fail: full disks, odd file systems, open keys, root at work for somebody. Out: a clear error, and
nothing lost: the same command succeeds once the fault is gone."""
import copy
import json
import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import Environment, open_folder, processes, wait_until


@contextmanager
def disk(who, *mounts):
    """Mounts a disk and gives a home on it to `who`."""
    place = open_folder("disk")
    mounted = []
    try:
        for words in mounts:
            subprocess.run([str(word).replace("PLACE", str(place)) for word in words], check=True)
            if words[0] == "mount":
                mounted.append(str(words[-1]).replace("PLACE", str(place)))
        home = Path(mounted[-1])
        os.chown(home, who.home.stat().st_uid, who.home.stat().st_gid)
        there = copy.copy(who)
        there.home = home
        yield there
    finally:
        for place_mounted in reversed(mounted):
            # The keeper closes its files a moment after `down` has its answer.
            wait_until(lambda: subprocess.run(["umount", place_mounted]).returncode == 0, 10, f"{place_mounted} free of users")
        for folder in sorted(place.rglob("*"), reverse=True):
            folder.rmdir()
        place.rmdir()


TMPFS = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0755", "tmpfs", "PLACE"]


def fill(home):
    with open(home / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65536))
        except OSError:
            pass
        try:
            while True:
                file.write(b"x")
        except OSError:
            pass


def test_up_on_a_full_disk(who):
    with disk(who, TMPFS) as there:
        made = Environment(there, "full", ssh=False)
        fill(there.home)
        done = made.up(check=False)
        assert done.returncode == 127
        assert "no space left on the device (ENOSPC)" in done.stderr and "free some space" in done.stderr, done.stderr
        (there.home / "filler").unlink()
        try:
            made.up()
            assert made.sh("echo fine").stdout == "fine\n"
        finally:
            assert made.down().returncode == 0


def test_a_job_that_fills_the_disk(who):
    with disk(who, TMPFS) as there:
        made = Environment(there, "filling", ssh=False)
        try:
            made.up()
            hold = made.folder / "notebooks/hold"
            hold.touch()
            waits = "while [ -e /tf/notebooks/hold ]; do sleep 0.05; done; exit 5"
            early = json.loads(made("job", "run", "--json", "--", "sh", "-c", waits).stdout)["id"]
            job = json.loads(made("job", "run", "--json", "--", "head", "-c", "100m", "/dev/zero").stdout)["id"]
            assert made("job", "wait", job, check=False).returncode == 1
            fill(there.home)
            refused = made("job", "run", "--", "true", check=False)
            assert refused.returncode == 127 and "No space left on device" in refused.stderr
            # It ended while nothing could be written: its record waits, and is never guessed.
            hold.unlink()
            wait_until(lambda: not [1 for _, _, words in processes().values() if waits in words], 10, "the first job's end")
            Path(made.jobs()[-1]["out"]).write_bytes(b"")
            (there.home / "filler").unlink()
            assert made("job", "wait", early, check=False).returncode == 5
            assert [(one["id"], one["state"]) for one in made.jobs()] == [(early, "failed"), (job, "failed")]
            after = json.loads(made("job", "run", "--json", "--", "true").stdout)["id"]
            assert made("job", "wait", after).returncode == 0
        finally:
            assert made.down().returncode == 0


def test_a_state_folder_that_cannot_carry_an_overlay(who):
    folders = [["mkdir", f"PLACE/{name}"] for name in ("lower", "upper", "work", "joined")]
    joined = ["mount", "-t", "overlay", "-o", "lowerdir=PLACE/lower,upperdir=PLACE/upper,workdir=PLACE/work", "overlay", "PLACE/joined"]
    with disk(who, ["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "PLACE"], *folders, joined) as there:
        made = Environment(there, "overlaid", ssh=False)
        done = made.up(check=False)
        assert done.returncode == 127
        assert "cannot carry an overlay's upper layer; set XDG_STATE_HOME to a folder on ext4" in done.stderr, done.stderr
        assert not (there.home / ".local/state/ninefold/environments/overlaid").exists()
        elsewhere = {"XDG_STATE_HOME": str(who.home / ".local/state")}
        done = made.up(env=elsewhere, check=False)
        if who.name == "root":  # whose folders need a mapped mount, which this file system has not
            assert done.returncode == 127 and "its file system cannot show root's files as the user's" in done.stderr
        else:
            assert done.returncode == 0, done.stderr
        made("down", env=elsewhere)


def test_keys_that_are_open_to_others(who):
    made = Environment(who, "openkey")
    public = Path(f"{made.key}.pub")
    public.chmod(0o666)
    done = made.up(check=False)
    assert done.returncode == 127
    assert f"key file {public}: others may write to it (mode 0666)" in done.stderr and f"chmod go-w {public}" in done.stderr
    public.chmod(0o644)
    made.key.chmod(0o644)
    try:
        made.up()
        done = made("ssh", "true", check=False)
        assert done.returncode == 127
        assert f"the private key {made.key} is open to others (mode 0644)" in done.stderr and f"chmod 600 {made.key}" in done.stderr
        made.key.chmod(0o600)
        assert made("ssh", "echo", "fine").stdout == "fine\n"
        # What was opened meanwhile lets nobody in.
        public.chmod(0o666)
        keys = who.home / f".local/state/ninefold/environments/{made.name}/keys/authorized_keys"
        wait_until(lambda: keys.read_text() == "", 5, "the refusal of an open key file")
        assert made.ssh("true", check=False).returncode != 0
        public.chmod(0o644)
        wait_until(lambda: made.ssh("true", check=False).returncode == 0, 5, "the login")
    finally:
        made.key.chmod(0o600)
        made.down()


@pytest.mark.parametrize("says", ["SUDO_UID", "the folder's owner"])
def test_root_acts_for_another_owner(root, user, says):
    made = Environment(user, "owned")
    record = user.home.stat()
    variables = {"SUDO_UID": str(record.st_uid), "SUDO_GID": str(record.st_gid)} if says == "SUDO_UID" else {}
    acting = copy.copy(root)
    acting.run = lambda *words, env=None, **options: root.run(*words, env={**variables, **(env or {})}, **options)
    made.who = acting
    try:
        made.up()
        assert made.sh("id -u; cat /proc/1/comm").stdout == "1000\nninefold-init\n"
        made.sh("echo made inside > /tf/notebooks/made; echo kept > ~/kept")
        inside = (made.folder / "notebooks/made").stat()
        assert (inside.st_uid, inside.st_gid) == (record.st_uid, record.st_gid)
        # Host root is nobody inside: what only he may read stays closed.
        assert made.sh("cat /tf/notebooks/secret", check=False).returncode != 0
        secret = made.folder / "notebooks/secret"
        secret.write_text("of root's")
        secret.chmod(0o600)
        assert made.sh("cat /tf/notebooks/secret", check=False).returncode != 0
        first = made.status()["pid"]
        assert os.stat(f"/proc/{first}").st_uid == record.st_uid
        job = json.loads(made("job", "run", "--json", "--", "sh", "-c", "exit 3").stdout)["id"]
        assert made("job", "wait", job, check=False).returncode == 3
        assert made.ssh("echo fine").stdout == "fine\n"
    finally:
        made.down()


def test_a_start_whose_client_was_killed(who):
    """`up` dies at a random moment: whatever its keeper makes of it, `down` leaves nothing and `up` works again."""
    made = Environment(who, "orphan", ssh=False)
    folder = who.home / ".local/state/ninefold/environments/orphan"
    for pause in (0.01, 0.02, 0.03, 0.05, 0.08, 0.12):
        starting = made.begin("up", "--tree", who.tree)
        time.sleep(pause)
        starting.kill()
        starting.wait()
        assert made("down", "--force").returncode == 0
        assert not folder.exists() and not (folder.parent / ".lock-orphan").exists()
    made.up()
    assert made.sh("echo fine").stdout == "fine\n"
    made.down()


def test_a_damaged_record(environment):
    record = environment.who.home / f".local/state/ninefold/environments/{environment.name}/record"
    record.write_text(record.read_text()[:40])
    done = environment("down", check=False)
    assert done.returncode == 127 and f"{record} is damaged" in done.stderr and "ninefold down --force" in done.stderr
    assert environment("exec", "true", check=False).returncode == 127
    assert environment("down", "--force").returncode == 0
    assert not record.parent.exists()
    environment.up()
    assert environment.sh("echo fine").stdout == "fine\n"
