"""In: kinds of cgroups that the machine of the tests is not, in virtual machines. Out: an environment's life there, as
root, as a user, and as a user with a delegated subtree.

Part of ./check --soak only (./check --soak guest). tests/env/run/cgroups_test.cc plans for the same trees in ./check.
"""
import functools

import pytest
from machine import BOOTS, Unavailable, boot

# (kind, caller): how hard the limits on memory and on processes are
ROWS = {
    ("v2, systemd", "root"): ("hard", "hard"),
    ("v2, systemd", "user"): ("soft", "soft"),
    ("v2, systemd", "delegated"): ("hard", "hard"),
    ("v2", "root"): ("hard", "hard"),
    ("v2", "user"): ("soft", "soft"),
    ("v2", "delegated"): ("hard", "hard"),
    ("v1", "root"): ("hard", "hard"),
    ("v1", "user"): ("soft", "soft"),
    ("v1", "delegated"): ("hard", "soft"),
    ("hybrid", "root"): ("hard", "hard"),
    ("hybrid", "user"): ("soft", "soft"),
    ("hybrid", "delegated"): ("hard", "soft"),
    ("v1, systemd", "root"): ("hard", "hard"),
    ("v1, systemd", "user"): ("soft", "soft"),
    ("hybrid, systemd", "root"): ("hard", "hard"),
    ("hybrid, systemd", "user"): ("soft", "soft"),
}


@functools.cache
def booted(kind):
    try:
        return boot(kind)
    except Unavailable as why:
        return why
    except AssertionError as problem:  # told once a row, tried once
        return problem


def test_every_boot_has_rows():
    assert {kind for kind, _ in ROWS} == set(BOOTS)


@pytest.mark.parametrize("kind, caller", ROWS, ids=[": ".join(row) for row in ROWS])
def test_a_life_under_other_cgroups(kind, caller):
    seen = booted(kind)
    if isinstance(seen, Unavailable):
        pytest.skip(f"no guest on this machine: {seen}")
    if isinstance(seen, AssertionError):
        raise seen
    saw = seen.get(caller)
    assert saw, f"the guest ended before its row for {caller}; it told of {list(seen)}"
    assert "failed" not in saw, saw["failed"]
    print(f"  {kind}, {caller}: {saw['seconds']}, network {saw['up'].split('network:')[1].splitlines()[0].strip()}")
    memory, processes = ROWS[kind, caller]
    assert (saw["limits"]["memory"], saw["limits"]["processes"]) == (memory, processes), saw["status"]
    assert saw["exec"] == ["1000", "CapEff:", "0000000000000000", "2.9.0"]
    assert saw["ssh"] == "fine"
    assert saw["job"] == [4, "from a job"]
    assert saw["eater"] == "killed for memory"
    assert saw["after"] == "fine"
    assert (saw["down"], saw["left"]) == (0, [])
