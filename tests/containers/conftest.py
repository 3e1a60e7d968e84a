"""In: a built command and Debian's packages. Out: environments that really run, as root and as a user.

The root file system comes from mmdebstrap once and is kept in build/containers. A probe says whether
this machine can run containers; where it cannot, every test here is skipped with its reason.
"""
import fcntl
import functools
import hashlib
import json
import os
import pwd
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# A user's environment walks to its tree as that user: a checkout below a closed folder cannot hold it.
OPEN = all(folder.stat().st_mode & 1 for folder in [ROOT, *ROOT.parents])
KEPT = ROOT / "build" / "containers" if OPEN else Path("/var/tmp/ninefold-containers-" + hashlib.sha256(bytes(ROOT)).hexdigest()[:8])
BINARIES = Path(os.environ.get("NINEFOLD_BIN", ROOT / "build/release/bin"))
PACKAGES = "python3,openssh-server,tmux,procps,rsync,iproute2"
ROOTS_RANGE = 2000000000
GROUP = os.environ.get("NINEFOLD_TEST_GROUP", "")  # side_by_side.py
# ./check --soak: the same tests with the long counts, telling what they do.
SOAK = os.environ.get("NINEFOLD_SOAK") == "1"


def rounds(what, short, soak):
    """Counts a test's rounds: the short number in ./check, the long one in ./check --soak, which shows them."""
    count = soak if SOAK else short
    began = time.monotonic()
    for number in range(count):
        if SOAK and number % max(1, count // 20) == 0:
            print(f"  {what}: {number} of {count} after {time.monotonic() - began:.0f} s", flush=True)
        yield number
    print(f"  {what}: all {count} in {time.monotonic() - began:.0f} s", flush=True)


def seeded(what):
    """A random source whose seed is printed; NINEFOLD_SEED repeats a run."""
    seed = int(os.environ.get("NINEFOLD_SEED", time.time_ns() % 10**9))
    print(f"  {what}: NINEFOLD_SEED={seed}", flush=True)
    return random.Random(seed)


def probe():
    """Why this machine cannot run containers, or None."""
    for program in ("runc", "mmdebstrap", "ssh", "ssh-keygen", "newuidmap"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            return f"{program} is not installed"
    if os.geteuid() != 0:
        return "these tests make users and folders of theirs: they run as root"
    tried = subprocess.run(["unshare", "--user", "--mount", "--pid", "--fork", "--map-root-user", "mount", "-t",
                            "proc", "proc", "/proc"], capture_output=True, text=True)
    return None if tried.returncode == 0 else f"no namespaces: {tried.stderr.strip()}"


if __name__ == "__main__":
    why = probe()
    print(why or "this machine can run containers")
    sys.exit(why is not None)

WHY_NOT = probe()


def pytest_collection_modifyitems(items):
    if WHY_NOT:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=WHY_NOT))


def pytest_sessionfinish(session, exitstatus):
    """Under NINEFOLD_NO_SKIPS a skipped test fails the run: it would pass for one that ran."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("NINEFOLD_NO_SKIPS") and skipped and exitstatus == 0:
        print(f"\n{len(skipped)} tests were skipped on a machine that can run them")
        session.exitstatus = 1


class Account(NamedTuple):
    name: str
    uid: int
    subids: int


@functools.cache
def place_of_this_run():
    """A number that no other run on this machine has now, and the lock that says so, which ends with the process."""
    first = ("life", "images", "browser").index(GROUP or "life")  # groups that run at once never change places
    for number in range(first, 300, 3):
        lock = open(f"/var/lock/ninefold-tests-{number}", "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return number, lock
        except BlockingIOError:
            lock.close()
    raise RuntimeError("a hundred runs of these tests are at work on this machine")


def account(what):
    """A user that this run alone makes and removes; his numbers are far from anybody's, and the same whenever the
    machine runs these tests once, so that kept trees of his ids fit."""
    number, which = 0 if WHY_NOT else place_of_this_run()[0], ("test", "test2", "test3", "image", "bench").index(what)
    return Account(f"nf{number}{what}", 50000 + 10 * number + which, 1000000000 + 1000000 * number + 100000 * which)


@pytest.fixture(scope="session", autouse=True)
def alone():
    """What a checkout keeps belongs to one run at a time; a group of side_by_side.py has its part of it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with open(KEPT / f"run{GROUP and '-' + GROUP}", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def own_sources():
    """This machine's own archives, where it is of the same release; else mmdebstrap's."""
    if "VERSION_CODENAME=bookworm" not in Path("/etc/os-release").read_text():
        return []
    apt = Path("/etc/apt")
    return [str(p) for p in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.list")),
                             *sorted((apt / "sources.list.d").glob("*.sources"))] if p.is_file() and p.stat().st_size]


@contextmanager
def kept():
    """The folder of what is kept, for one maker at a time: two groups of tests may want one thing."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with open(KEPT / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield KEPT


def make_base():
    place = KEPT / "base"
    with kept():
        if not (place / "usr/sbin/sshd").exists():
            fresh = KEPT / "base.new"
            shutil.rmtree(fresh, ignore_errors=True)
            subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "bookworm", fresh,
                            *own_sources()], check=True, timeout=600)
            fresh.rename(place)
    return place


@pytest.fixture(scope="session")
def base():
    """Makes a Debian tree with what tests run inside, where there is none yet."""
    yield make_base
    if not OPEN:
        shutil.rmtree(KEPT)


def shifted(base, name, outside):
    """The base with every id moved by `outside`, as build and pull extract it."""
    place = KEPT / name
    with kept():
        if not place.exists():
            fresh = KEPT / (name + ".new")
            shutil.rmtree(fresh, ignore_errors=True)
            subprocess.run(["cp", "-a", base, fresh], check=True)
            for top, folders, files in os.walk(fresh):
                for entry in [*folders, *files, "."]:
                    path = os.path.join(top, entry)
                    status = os.lstat(path)
                    if max(status.st_uid, status.st_gid) >= 65536:
                        continue
                    os.lchown(path, outside(status.st_uid), outside(status.st_gid))
                    if not os.path.islink(path):
                        os.chmod(path, status.st_mode & 0o7777)
            fresh.rename(place)
    return place


class Who:
    """One caller: his home, and how commands run as him."""

    def __init__(self, name, home, make_tree, prefix, command):
        self.name, self.home, self.make_tree, self.prefix, self.command = name, Path(home), make_tree, prefix, command
        self.cgroups = []  # where his commands are put first

    @cached_property
    def tree(self):
        """The base for his ids; made when it is first needed."""
        return self.make_tree()

    def run(self, *words, check=True, cwd=None, timeout=60, input=None, env=None):
        variables = {"HOME": str(self.home), "PATH": f"{self.command}:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
                     **(env or {})}
        inner = [*self.prefix, "env", "-i", *[f"{k}={v}" for k, v in variables.items()], *map(str, words)]
        enter = "".join(f"echo $$ > {place}/cgroup.procs; " for place in self.cgroups)
        done = subprocess.run(["sh", "-c", f'{enter}exec "$@"', "sh", *inner], cwd=cwd or "/", timeout=timeout,
                              input=input, capture_output=True, text=True)
        if check and done.returncode != 0:
            raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done


def remove_account(who):
    subprocess.run(["pkill", "-KILL", "-u", str(who.uid)], check=False)
    time.sleep(0.1)
    with suppress(KeyError):  # first his trees: userdel asks about every file of another id
        shutil.rmtree(pwd.getpwnam(who.name).pw_dir, ignore_errors=True)
    subprocess.run(["userdel", "-rf", who.name], check=False, capture_output=True)
    subprocess.run(["groupdel", who.name + "team"], check=False, capture_output=True)


def make_account(who, *options):
    """A user with subordinate ids and a team's group. One whose run was killed may still be there."""
    remove_account(who)
    team = who.name + "team"
    subprocess.run(["groupadd", team], check=True)
    subprocess.run(["useradd", "-m", "-s", "/bin/bash", "-u", str(who.uid), "-G", team, *map(str, options), who.name], check=True)
    for option in ("--del-subuids", "--del-subgids"):
        subprocess.run(["usermod", option, "0-4294967294", who.name], check=False, capture_output=True)
    give_subids(who)


def give_subids(who, verb="add"):
    ids = f"{who.subids}-{who.subids + 65535}"
    subprocess.run(["usermod", f"--{verb}-subuids", ids, f"--{verb}-subgids", ids, who.name], check=True)


def throwaway():
    """Where stores of a test lie: in memory where there is plenty, since their files are many and live a minute."""
    room = os.statvfs("/dev/shm") if os.path.isdir("/dev/shm") else None
    fits = room and room.f_bavail * room.f_frsize > 10 << 30 and not room.f_flag & os.ST_NOEXEC
    available = int(Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]) << 10
    return "/dev/shm" if fits and available > 12 << 30 else "/var/tmp"


def open_folder(what, parent="/var/tmp"):
    """A new folder that every user can walk through; whoever asked removes it."""
    place = Path(tempfile.mkdtemp(prefix=f"ninefold-{what}-", dir=parent))
    place.chmod(0o755)
    return place


def copy_command():
    place = open_folder("test")
    for name in ("ninefold", "ninefold-init"):
        shutil.copy(BINARIES / name, place / name)
    return place


@pytest.fixture(scope="session")
def command():
    """The command where every user can reach it."""
    place = copy_command()
    yield place
    shutil.rmtree(place)


def make_user(base, command, who):
    """A user with a tree of his own; remove_account ends him."""
    make_account(who)
    shift = lambda i: who.uid if i == 1000 else who.subids + i - (i > 1000)
    tree = lambda: shifted(base(), f"user-{who.uid}-{who.subids}", shift)
    return Who(who.name, pwd.getpwnam(who.name).pw_dir, tree,
               ["setpriv", f"--reuid={who.name}", f"--regid={who.name}", "--init-groups"], command)


@pytest.fixture(scope="session")
def user(base, command):
    yield make_user(base, command, account("test"))
    remove_account(account("test"))


@pytest.fixture(scope="module")
def three_users(user, base, command):
    others = [account("test2"), account("test3")]
    try:
        yield [user, *[make_user(base, command, other) for other in others]]
    finally:
        for other in others:
            remove_account(other)


@pytest.fixture(scope="session")
def root(base, command):
    home = Path(f"/root/.ninefold-test-{place_of_this_run()[0]}")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    yield Who("root", home, lambda: shifted(base(), "root", lambda i: ROOTS_RANGE + i), [], command)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["root", "user"])
def who(request):
    return request.getfixturevalue(request.param)


def free_port():
    with socket.socket() as probe_socket:
        probe_socket.bind(("127.0.0.1", 0))
        return probe_socket.getsockname()[1]


class Environment:
    """A project folder of `who`, and its verbs."""

    def __init__(self, who, name, text="", ssh=True):
        self.who, self.name = who, name
        self.folder = who.home / f"project-{name}"
        self.key = who.home / f".ssh/key-{name}"
        self.port = free_port()
        who.run("mkdir", "-p", self.folder / "notebooks", who.home / ".ssh")
        if not self.key.exists():
            who.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        self.write(text, ssh)

    def write(self, text="", ssh=True):
        section = f'[ssh]\nport = {self.port}\nauthorized_keys = "{self.key}.pub"\n' if ssh else ""
        file = self.folder / "ninefold.toml"
        file.write_text(f'name = "{self.name}"\nbase = "debian:bookworm"\n[mounts]\n'
                        f'"notebooks" = "/tf/notebooks"\n{text}\n{section}')
        os.chown(file, self.folder.stat().st_uid, self.folder.stat().st_gid)

    def __call__(self, *words, **options):
        return self.who.run("ninefold", *words, cwd=self.folder, **options)

    def up(self, **options):
        return self("up", "--tree", self.who.tree, "--wait", "10", **options)

    def begin(self, *words, **options):
        """A verb in the background."""
        return subprocess.Popen([*self.who.prefix, "env", "-i", f"HOME={self.who.home}", "LANG=C.UTF-8",
                                 f"PATH={self.who.command}:/usr/sbin:/usr/bin:/sbin:/bin", "ninefold", *map(str, words)],
                                cwd=self.folder, **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options})

    def down(self):
        return self("down", "--force", check=False)

    def status(self):
        return json.loads(self("status", self.name, "--json", check=False).stdout)[0]

    def jobs(self):
        return json.loads(self("job", "list", "--json").stdout)

    def sh(self, script, **options):
        return self("exec", "sh", "-c", script, **options)

    def ssh_words(self, *words, options=(), user="devuser", key=None):
        return ["ssh", "-p", self.port, "-i", key or self.key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o",
                "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", *options,
                f"{user}@127.0.0.1", *words]

    def ssh(self, *words, options=(), user="devuser", key=None, **more):
        return self.who.run(*self.ssh_words(*words, options=options, user=user, key=key), **more)

    def ssh_begin(self, *words):
        """A session in the background, a process group of its own."""
        return subprocess.Popen([*self.who.prefix, "env", "-i", f"HOME={self.who.home}", "PATH=/usr/bin:/bin",
                                 *map(str, self.ssh_words(*words))], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.fixture
def environment(who, request):
    """A running environment of its own for a test."""
    made = Environment(who, "t" + str(abs(hash(request.node.nodeid)) % 10**6))
    made.up()
    yield made
    made.down()


@pytest.fixture(scope="module", params=["root", "user"])
def shared(request):
    """One running environment for all tests of a file that change nothing."""
    made = Environment(request.getfixturevalue(request.param), "shared")
    made.up()
    yield made
    made.down()


def processes():
    """pid -> (parent, name, command) of every process."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path(f"/proc/{entry}/stat").read_text()
            command = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        name = stat[stat.index("(") + 1:stat.rindex(")")]
        if stat[stat.rindex(")") + 2] in "ZX":
            continue  # dead; its parent may be slow to notice
        found[int(entry)] = (int(stat[stat.rindex(")") + 2:].split()[1]), name, command)
    return found


PARTS = ("ninefold-init", "ninefold-superv", "ninefold-connec", "ninefold-stage", "ninefold-launch")
COMMANDS = ("ninefold keeper", "/run/ninefold", "slirp4netns", "runc init")


def parts(made):
    """Pids of the environment's own processes: its keepers and what stands below them. Other environments
    on this machine are somebody's work."""
    table = processes()
    folder = str(made.who.home / ".local/state/ninefold/environments" / made.name)

    def ours(pid):
        while pid in table:
            if table[pid][2].startswith("ninefold keeper"):
                return table[pid][2].rstrip().endswith(folder)
            pid = table[pid][0]
        return False
    return [pid for pid, (_, name, command) in table.items()
            if (name in PARTS or name.startswith("runc") or command.startswith(COMMANDS)) and ours(pid)]


def wait_until(holds, seconds=10, what="it"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come about within {seconds} s")
