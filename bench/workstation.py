#!/usr/bin/env python3
"""In: the built command. Out: the workstation's times, each a median, and podman's on the same tree where it is.

    bench/workstation.py [--command build/release/bin/ninefold] [--folder FOLDER] [--runs 3] [--set full]
                         [--only build,life,cold]

FOLDER (build/bench) keeps project and store, so that a second call needs no network; the first one locks,
which does. NINEFOLD_WHEELS names the folder with Ninefold's wheel, where it is not dist/. Offline builds run
under `unshare -n`, as root therefore. Nothing else should run meanwhile: the load is printed, and beside the
seconds that passed those that processors worked for it, which other work changes less. `cold` is `up` with an
empty store: it fetches everything again.
"""
import argparse
import datetime
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDED = ["tabulate", "toolz", "sortedcontainers", "humanize", "more-itertools", "cachetools", "tomli"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bench:
    def __init__(self, options):
        self.options, self.folder = options, Path(options.folder).resolve()
        self.project, self.store = self.folder / "project", self.folder / "store"
        self.file, self.lock = self.project / "ninefold.toml", self.project / "ninefold.lock"
        self.jupyter, self.ssh = free_port(), free_port()
        self.environment = {**os.environ, "NINEFOLD_STORE": str(self.store), "XDG_STATE_HOME": str(self.folder / "state")}
        self.rows = []

    def run(self, *words, offline=False, check=True, **variables):
        """Seconds and what was printed; `worked` is the processors' time."""
        prefix = ["unshare", "-n"] if offline else []
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run([*prefix, self.options.command, *words], cwd=self.project, env={**self.environment, **variables},
                              capture_output=True, text=True)
        took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        self.worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if check and done.returncode:
            raise SystemExit(f"ninefold {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
        return took, done.stdout

    def row(self, what, seconds, wanted, podman=None, note="", worked=()):
        if worked:
            note = f"{statistics.median(worked):.2f} s of processors; {note}"
        median = statistics.median(seconds)
        self.rows.append({"what": what, "seconds": median, "runs": len(seconds), "wanted": wanted,
                          "podman": statistics.median(podman) if podman else None, "note": note})
        print(f"{what:<42} {median:8.2f} s  of {len(seconds)}  (wanted {wanted} s) {note}", flush=True)

    def prepare(self):
        self.project.mkdir(parents=True, exist_ok=True)
        key = self.folder / "key"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        self.file.write_text(
            f'name = "bench"\nbase = "debian:bookworm"\n[packages]\nset = "{self.options.set}"\napt = ["tree"]\n'
            f'pip = ["pandas", "scikit-learn"]\n[jupyter]\nport = {self.jupyter}\n[ssh]\nport = {self.ssh}\n'
            f'authorized_keys = "{key}.pub"\n[tensorboard]\nport = {free_port()}\n')
        self.run("lock")

    def parts(self):
        return {layer["part"]: layer["digest"] for layer in json.loads(self.run("build", "--json")[1])["layers"]}

    def forget_layers(self, compiled):
        self.run("store", "remove", "bench", check=False)
        self.run("store", "gc")
        if compiled:
            for part in ("compiled/sha256", "wheels"):
                shutil.rmtree(self.store / part, ignore_errors=True)

    def builds(self):
        runs = self.options.runs
        for compiled, what, wanted in ((False, "rebuild offline from inputs", 45), (True, "the same with what is made of them kept", 25)):
            seconds, worked, images = [], [], set()
            for _ in range(runs):
                self.forget_layers(compiled=not compiled)
                took, out = self.run("build", "--json", offline=True)
                seconds.append(took)
                worked.append(self.worked)
                images.add(json.loads(out)["image"])
            self.row(what, seconds, wanted, worked=worked, note="one digest" if len(images) == 1 else f"{len(images)} DIGESTS")
        unchanged = [(self.run("build")[0], self.worked) for _ in range(max(7, runs))]
        self.row("build with nothing changed", [took for took, _ in unchanged], 0.3, worked=[worked for _, worked in unchanged])
        file, lock, before = self.file.read_text(), self.lock.read_text(), self.parts()
        seconds, worked, layers, added = [], [], set(), []
        try:
            for name in ADDED[:runs]:
                added.append(self.run("add", name)[0])
                seconds.append(self.run("build", offline=True)[0])
                worked.append(self.worked)
                after = self.parts()
                layers.add(tuple(part for part in after if after[part] != before.get(part)))
                self.file.write_text(file)
                self.lock.write_text(lock)
                self.run("build")
        finally:
            self.file.write_text(file)
            self.lock.write_text(lock)
        self.row("build after one pip package was added", seconds, 10, worked=worked, note=f"new layers: {sorted(layers)}")
        self.row("its `add`, which locks", added, "-")

    def cold(self):
        """A store of its own, so that all packages are fetched, the layers made and the tree extracted."""
        seconds, store = [], self.folder / "cold"
        self.run("down", "--force", check=False)
        for _ in range(self.options.cold_runs):
            shutil.rmtree(store, ignore_errors=True)
            lock = self.lock.read_text()
            self.lock.unlink()
            try:
                seconds.append(self.run("up", NINEFOLD_STORE=str(store))[0])
                self.run("down", "--force", NINEFOLD_STORE=str(store))
            finally:
                self.lock.write_text(lock)
                shutil.rmtree(store, ignore_errors=True)
        self.row("cold up: lock, fetch, build, start", seconds, 180, note="all services answering")

    def answers(self, began, times):
        while time.perf_counter() - began < 60:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.jupyter}/api", timeout=1) as reply:
                    if reply.status == 200:
                        times.append(time.perf_counter() - began)
                        return
            except (OSError, urllib.error.URLError):
                time.sleep(0.02)

    def life(self):
        up, execute, ssh, jupyter, down = [], [], [], [], []
        login = ["ssh", "-F", "none", "-p", str(self.ssh), "-i", self.folder / "key", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
                 "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "devuser@127.0.0.1", "true"]
        self.run("down", "--force", check=False)
        podman = self.podman()
        for _ in range(max(5, self.options.runs)):
            began = time.perf_counter()
            waiter = threading.Thread(target=self.answers, args=(began, jupyter))
            waiter.start()
            try:
                up.append(self.run("up")[0])
                execute.append(self.run("exec", "true")[0])
                begun = time.perf_counter()
                subprocess.run(login, check=True, capture_output=True)
                ssh.append(time.perf_counter() - begun)
                waiter.join()
            finally:
                down.append(self.run("down", "--force")[0])
            if podman:
                podman.cycle()
        times = podman.times if podman else {}
        self.row("up, all services answering", up, "-", times.get("up"))
        self.row("first exec after up", execute, 0.25, times.get("exec"))
        self.row("first SSH command", ssh, 0.6)
        self.row("Jupyter answering, from the start of up", jupyter, 3)
        self.row("down", down, 1, times.get("down"))

    def podman(self):
        if not shutil.which("podman"):
            print("podman is not installed: no ratios")
            return None
        trees = sorted((self.store / "trees").iterdir(), key=lambda tree: tree.stat().st_ctime)
        return Podman(trees[-1])


class Podman:
    """The same tree under podman, with nothing started in it but a shell."""

    def __init__(self, tree):
        self.tree, self.times = tree, {"up": [], "exec": [], "down": []}

    def timed(self, name, *words):
        began = time.perf_counter()
        done = subprocess.run(["podman", "--cgroup-manager", "cgroupfs", "--events-backend", "none", *words], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"podman {' '.join(map(str, words))} ended with {done.returncode}:\n{done.stderr}")
        self.times[name].append(time.perf_counter() - began)

    def cycle(self):
        # Its own limits may be above this machine's.
        self.timed("up", "run", "--detach", "--name", "ninefold-bench", "--network", "none", "--ulimit", "nofile=1024:1024",
                   "--ulimit", "nproc=1024:1024", "--rootfs", f"{self.tree}:O", "/bin/sleep", "600")
        self.timed("exec", "exec", "ninefold-bench", "/bin/true")
        self.timed("down", "rm", "--force", "--time", "0", "ninefold-bench")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default=str(ROOT / "build/release/bin/ninefold"))
    parser.add_argument("--folder", default=str(ROOT / "build/bench"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--set", default="full", choices=["small", "full"])
    parser.add_argument("--only", default="build,life,cold")
    parser.add_argument("--cold-runs", type=int, default=1)
    options = parser.parse_args()
    options.command = str(Path(options.command).resolve())
    bench = Bench(options)
    print(f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {os.cpu_count()} processors, load at the start {os.getloadavg()[0]:.2f}")
    bench.prepare()
    if "build" in options.only.split(","):
        bench.builds()
    if "life" in options.only.split(","):
        bench.run("build")
        bench.life()
    if "cold" in options.only.split(","):
        bench.cold()
    print(f"\nload at the end {os.getloadavg()[0]:.2f}\n\n| what | seconds | wanted | podman | ratio |\n| --- | --- | --- | --- | --- |")
    for row in bench.rows:
        podman = f"{row['podman']:.2f} | {row['podman'] / row['seconds']:.1f}" if row["podman"] else "|"
        print(f"| {row['what']} | {row['seconds']:.2f} | {row['wanted']} | {podman} |")


if __name__ == "__main__":
    main()
