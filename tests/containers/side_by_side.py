#!/usr/bin/env python3
"""In: the files of tests beside this one, and pytest's options. Out: three runs at once, and their counts added up.

The files that build images, the one with a browser and those that start environments share kept packages and trees
and nothing else. A run waits much of its time, for a network, a disk or a moment, so three keep two processors busy.
Each gets processes, mounts and a home of root's for itself: lists of what is left behind name nobody else's.
"""
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
GROUPS = {"test_images.py": "images", "test_registry.py": "images", "test_upon_image.py": "images", "test_supply.py": "images",
          "test_browser.py": "browser", "test_from_docker.py": "browser"}  # the rest: "life"


def first_process(words):
    """PID 1 of a group's namespace: reaps what keepers leave, and ends with the tests."""
    child = os.posix_spawnp(words[0], words, os.environ)
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)


class Group(threading.Thread):
    def __init__(self, name, files, options):
        super().__init__()
        self.name, self.last = name, ""
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
                 sys.executable, __file__, "--first", sys.executable, "-m", "pytest", *options, *files]
        self.process = subprocess.Popen(words, env={**os.environ, "NINEFOLD_TEST_GROUP": name}, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
        self.start()

    def run(self):
        for line in self.process.stdout:
            if line.strip():
                self.last = line
                print(f"{self.name}: {line}", end="", flush=True)

    def counts(self):
        self.join()
        found = {what.rstrip("s"): int(number) for number, what in re.findall(r"(\d+) (passed|failed|errors?|skipped)", self.last)}
        if self.process.wait() not in (0, 5) and not found.get("failed", 0) + found.get("error", 0):
            found["failed"] = 1  # it did not get as far as counting; 5: -k chose none of these
        return found


def main(options):
    began = time.monotonic()
    files = sorted(HERE.glob("test_*.py"))
    left_out = {option.partition("=")[2] for option in options if option.startswith("--ignore=")}
    files = [file for file in files if str(file) not in left_out and str(file.relative_to(Path.cwd())) not in left_out]
    groups = {}
    for file in files:
        groups.setdefault(GROUPS.get(file.name, "life"), []).append(str(file))
    running = [Group(name, files, options) for name, files in groups.items()]
    counts = [group.counts() for group in running]
    total = {what: sum(one.get(what, 0) for one in counts) for what in ("passed", "failed", "error", "skipped")}
    print(", ".join(f"{number} {what}" for what, number in total.items() if number), f"in {time.monotonic() - began:.0f} s")
    return 1 if total["failed"] or total["error"] else 0


if __name__ == "__main__":
    sys.exit(first_process(sys.argv[2:]) if sys.argv[1:2] == ["--first"] else main(sys.argv[1:]))
