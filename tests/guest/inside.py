#!/usr/bin/python3
"""In: a machine that has just booted, with Ninefold's command and an image in a file. Out: a line of JSON a caller,
with what each step of an environment's life said there.

Runs inside of the guest: as PID 1, which mounts what a machine mounts, or as systemd's service.
"""
import ctypes
import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

UID, SUBIDS = 1234, 300000
CGROUPS = Path("/sys/fs/cgroup")
ENV = {"LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
EATS = "import time\nheld = []\nwhile True:\n    held.append(bytearray(8 << 20))\n    time.sleep(0.005)\n"
FILE = """name = "{name}"
base = "debian:bookworm"
[ssh]
port = {port}
[limits]
memory = "200m"
processes = 100
"""


def told(name, default=""):
    """A word of the kernel's command line."""
    for word in Path("/proc/cmdline").read_text().split():
        if word.startswith(name + "="):
            return word.partition("=")[2]
    return default


def mount(kind, what, where, options=""):
    Path(where).mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", kind, *(["-o", options] if options else []), what, where], check=True)


def mount_cgroups(kind):
    if kind == "v2":
        return mount("cgroup2", "cgroup2", CGROUPS, "nsdelegate")
    mount("tmpfs", "tmpfs", CGROUPS, "mode=755")
    known = [line.split()[0] for line in Path("/proc/cgroups").read_text().splitlines() if not line.startswith("#")]
    for name in known:
        mount("cgroup", "cgroup", CGROUPS / name, name)
    if kind == "hybrid":
        mount("cgroup2", "cgroup2", CGROUPS / "unified")


def first_process():
    """PID 1 without systemd: mounts, reaps, and switches the machine off."""
    os.environ.update(ENV)
    for kind, where in (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("devpts", "/dev/pts"), ("tmpfs", "/dev/shm"),
                        ("tmpfs", "/run"), ("tmpfs", "/tmp")):
        mount(kind, kind, where, {"/dev/pts": "gid=5,mode=620", "/tmp": "mode=1777", "/dev/shm": "mode=1777"}.get(where, ""))
    Path("/dev/fd").symlink_to("/proc/self/fd") if not Path("/dev/fd").exists() else None
    mount_cgroups(told("guest_cgroups"))
    for words in (["mount", "-o", "remount,rw", "/"], ["ip", "link", "set", "lo", "up"], ["modprobe", "-a", "overlay", "tun", "fuse"],
                  ["hostname", "guest"]):
        subprocess.run(words, check=True)
    output = open("/dev/ttyS1", "w")
    child = subprocess.Popen([sys.executable, __file__, "--rows"], stdout=output, stdin=subprocess.DEVNULL)
    while True:
        pid, _ = os.wait()
        if pid == child.pid:
            break
    os.sync()
    ctypes.CDLL(None).reboot(0x4321FEDC)  # RB_POWER_OFF


class Caller:
    def __init__(self, name, prefix, home, number):
        self.name, self.prefix, self.home = name, prefix, Path(home)
        self.folder = self.home / f"project{number}"
        self.environment, self.port = f"guest{number}", 2200 + number

    def run(self, *words, input=None, timeout=900, cwd=None):
        variables = [f"{k}={v}" for k, v in {**ENV, "HOME": str(self.home)}.items()]
        return subprocess.run([*self.prefix, "env", *variables, *map(str, words)], cwd=cwd or self.folder, capture_output=True,
                              text=True, timeout=timeout, input=input)

    def must(self, *words, **options):
        done = self.run(*words, **options)
        if done.returncode:
            raise AssertionError(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout


def listing():
    """What an environment might leave in this machine."""
    def out(*words):
        return subprocess.run(words, capture_output=True, text=True).stdout.splitlines()
    programs = ("ninefold", "slirp4netns", "runc")
    return {"mounts": sorted(Path("/proc/self/mountinfo").read_text().splitlines()),
            "cgroups": sorted(line for line in out("find", str(CGROUPS), "-type", "d") if "ninefold" in line),
            "processes": sorted(line for line in out("ps", "-eo", "stat=,args=") if not line.startswith("Z")
                                and line.split(None, 1)[-1].lstrip().startswith(programs))}


def life(caller):
    """The skeleton of an environment's life; what each step said."""
    saw, began = {"caller": caller.name, "seconds": {}}, time.monotonic()

    def step(name):
        nonlocal began
        saw["seconds"][name] = round(time.monotonic() - began, 2)
        began = time.monotonic()
    caller.run("mkdir", "-p", caller.folder, cwd="/")
    caller.must("sh", "-c", "cat > ninefold.toml", input=FILE.format(name=caller.environment, port=caller.port))
    caller.run("sh", "-c", 'mkdir -p -m 700 ~/.ssh; [ -e ~/.ssh/id_ed25519 ] || ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519')
    if '"guest"' not in caller.run("ninefold", "store", "list", "--json").stdout:
        caller.must("ninefold", "load", "/guest/image.tar")
    step("load")
    before = listing()
    try:
        saw["up"] = caller.must("ninefold", "up", "--image", "guest", "--wait", "600")
        step("up")
        status = json.loads(caller.must("ninefold", "status", caller.environment, "--json"))[0]
        saw["limits"] = {name: limit["strength"] for name, limit in status["limits"].items()}
        saw["status"] = status["limits"]
        saw["exec"] = caller.must("ninefold", "exec", "sh", "-c", "id -u; grep CapEff /proc/self/status; python3 -c 'import tensorflow as tf; print(tf.__version__)'").split()
        step("exec")
        saw["ssh"] = caller.must("ssh", "-p", caller.port, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                                 "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "devuser@127.0.0.1", "echo fine").strip()
        step("ssh")
        attached = caller.run("ninefold", "job", "run", "--attach", "--", "sh", "-c", "echo from a job; exit 4")
        saw["job"] = [attached.returncode, attached.stdout.strip()]
        step("job")
        caller.run("ninefold", "job", "run", "--", "python3", "-c", EATS)
        caller.run("ninefold", "job", "wait", "2")
        saw["eater"] = json.loads(caller.must("ninefold", "job", "list", "--json"))[-1]["text"]
        step("eater")
        saw["after"] = caller.run("ninefold", "exec", "echo", "fine").stdout.strip()
    finally:
        saw["down"] = caller.run("ninefold", "down", "--force").returncode
        step("down")
    for _ in range(50):
        after = listing()
        saw["left"] = [line for what in after for line in after[what] if line not in before[what]]
        if not saw["left"]:
            break
        time.sleep(0.1)
    return saw


def delegated(hybrid_or_v1):
    """A subtree that is given to the user, as an administrator would; how his commands enter it."""
    if hybrid_or_v1:
        place = CGROUPS / "memory/lab"
        place.mkdir()
        for entry in [place, *place.iterdir()]:
            os.chown(entry, UID, UID)
    else:
        (CGROUPS / "cgroup.subtree_control").write_text("+memory +pids")
        top, place = CGROUPS / "lab", CGROUPS / "lab/session"
        top.mkdir()
        (top / "cgroup.subtree_control").write_text("+memory +pids")
        place.mkdir()
        for entry in (top, top / "cgroup.procs", top / "cgroup.subtree_control", place, place / "cgroup.procs"):
            os.chown(entry, UID, UID)
    return ["sh", "-c", f'echo $$ > {place}/cgroup.procs; exec "$@"', "sh"]


def callers():
    subprocess.run(["useradd", "-m", "-s", "/bin/bash", "-u", str(UID), "lab"], check=True)
    for option in ("--add-subuids", "--add-subgids"):
        subprocess.run(["usermod", option, f"{SUBIDS}-{SUBIDS + 65535}", "lab"], check=True)
    as_user = ["setpriv", "--reuid=lab", "--regid=lab", "--init-groups"]
    Path("/root").mkdir(exist_ok=True)
    yield lambda: Caller("root", [], "/root", 1)
    yield lambda: Caller("user", as_user, "/home/lab", 2)
    if told("guest_cgroups"):
        yield lambda: Caller("delegated", [*delegated(told("guest_cgroups") != "v2"), *as_user], "/home/lab", 3)
    elif told("systemd.unified_cgroup_hierarchy") == "1":
        def manager():
            if subprocess.run(["systemctl", "start", f"user@{UID}.service"]).returncode:
                log = subprocess.run(["journalctl", "--no-pager", "-b", "-n", "60"], capture_output=True, text=True).stdout
                raise RuntimeError(f"user@{UID}.service does not start:\n{log}")
            scope = ["env", f"XDG_RUNTIME_DIR=/run/user/{UID}", "systemd-run", "--user", "--scope", "-q", "--"]
            return Caller("delegated", [*as_user, *scope], "/home/lab", 3)
        yield manager


def rows():
    os.environ.update(ENV)
    for make in callers():
        name = "?"
        try:
            caller = make()
            name = caller.name
            saw = life(caller)
        except Exception:
            saw = {"caller": name, "failed": traceback.format_exc()}
        print(json.dumps(saw), flush=True)


if __name__ == "__main__":
    if os.getpid() == 1:
        try:
            first_process()
        finally:
            traceback.print_exc()
            ctypes.CDLL(None).reboot(0x4321FEDC)
    rows()
