"""In: a machine that can run containers, as root. Out: by how much a job passes a memory limit that no cgroup holds.

A user without a delegated cgroup starts an environment with a limit of 2 GB; a job in it takes memory at a steady
1 GB/s until the watchdog kills it, and notes after every block how much it has. Overshoot is what it had at last,
with what the rest of the environment uses, beyond the limit. Wanted: less than 15%.

    .venv/bin/python bench/memory_overshoot.py [--limit GB] [--rate GB_PER_S] [--runs N]
"""
import argparse
import json
import os
import shutil
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/containers"))
from conftest import Environment, account, copy_command, make_base, make_user, probe, remove_account  # noqa: E402

TAKES = """
import mmap, os, sys, time
rate, block, page = float(sys.argv[1]) * 1e9, 8 << 20, os.sysconf("SC_PAGESIZE")
held, note = [], os.open("/tf/notebooks/taken", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
began = time.monotonic()
while True:
    # There at once: one call for a block is faster than a fault a page, which a slow machine cannot do at this rate.
    held.append(mmap.mmap(-1, block, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE))
    passed = time.monotonic() - began
    resident = int(open("/proc/self/statm").read().split()[1]) * page
    os.pwrite(note, b"%d %.3f\\n" % (resident, passed), 0)
    time.sleep(max(0.0, len(held) * block / rate - passed))
"""


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--limit", type=float, default=2)
    options.add_argument("--rate", type=float, default=1)
    options.add_argument("--runs", type=int, default=7)
    options = options.parse_args()
    if why := probe():
        sys.exit(f"memory_overshoot: {why}")
    limit = int(options.limit * 1e9)
    command = copy_command()
    try:
        user = make_user(make_base, command, account("bench"))
        made = Environment(user, "overshoot", ssh=False)
        file = made.folder / "ninefold.toml"
        file.write_text(file.read_text() + f'[limits]\nmemory = "{limit}"\n')
        (made.folder / "notebooks/takes.py").write_text(TAKES)
        made.up()
        try:
            assert made.status()["limits"]["memory"]["strength"] == "soft", "this user's limit is held by a cgroup"
            all_beyond = []
            for run in range(options.runs):
                rest = made.status()["memory"]
                job = json.loads(made("job", "run", "--json", "--", "python3", "/tf/notebooks/takes.py", options.rate).stdout)["id"]
                made("job", "wait", job, check=False, timeout=300)
                said = made.jobs()[-1]
                assert said["text"] == "killed for memory", said
                taken, seconds = (made.folder / "notebooks/taken").read_text().split()
                beyond = (int(taken) + rest - limit) / limit
                all_beyond.append(beyond)
                print(f"run {run + 1}: {int(taken) / 1e9:.3f} GB at {int(taken) / 1e9 / float(seconds):.2f} GB/s, "
                      f"{100 * beyond:+.1f}% of the limit", flush=True)
            print(f"limit {limit / 1e9:.1f} GB at {options.rate:g} GB/s: overshoot median {100 * statistics.median(all_beyond):.1f}%, "
                  f"most {100 * max(all_beyond):.1f}% (wanted: 15%)")
        finally:
            made.down()
    finally:
        remove_account(account("bench"))
        shutil.rmtree(command)


if __name__ == "__main__":
    os.umask(0o022)
    main()
