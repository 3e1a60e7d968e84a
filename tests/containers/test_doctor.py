"""In: an environment that is well, and faults put into the system itself: modes, mounts, kills, full disks, a firewall.
Out: the doctor names the fault and nothing else; its remedy, run as it is printed, mends it; then the doctor is silent.

Every row ends what it began, whatever came of it. What a remedy sets in a shell (`export`, `unset`, `ulimit`) holds in
the shell that runs it, so the doctor is asked again from there.
"""
import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Callable, NamedTuple

import pytest
from conftest import Environment, free_port, give_subids, account, open_folder, processes, wait_until

LIMITS = '[limits]\nmemory = "400m"\ncpus = 1\nshared_memory = "32m"\n'


@contextmanager
def mounted(*words):
    subprocess.run(["mount", *map(str, words)], check=True)
    try:
        yield Path(words[-1])
    finally:
        wait_until(lambda: subprocess.run(["umount", "-l", str(words[-1])]).returncode == 0, 5, f"{words[-1]} unmounted")


@contextmanager
def sudoer(who):
    """An ordinary user's remedies begin with sudo."""
    file = Path(f"/etc/sudoers.d/{who.name}")
    if who.name != "root":
        file.write_text(f"{who.name} ALL=(ALL) NOPASSWD: ALL\n")
        file.chmod(0o440)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


class Patient:
    """A project with a service, limits and a key, and its environment, which runs."""

    def __init__(self, who, folder):
        self.who, self.scratch = who, folder
        self.made = Environment(who, "patient")
        self.web = free_port()
        serve = '["python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "/tf/notebooks", "%d"]' % self.web
        self.made.write(LIMITS + f'[services.web]\ncommand = {serve}\nport = {self.web}\nrestart = "never"\n')
        self.file = self.made.folder / "ninefold.toml"
        self.text = self.file.read_text()
        self.notebooks = self.made.folder / "notebooks"
        self.public = Path(f"{self.made.key}.pub")
        self.state = who.home / ".local/state/ninefold/environments/patient"

    def up(self):
        self.made.up()
        wait_until(lambda: self.ids(self.ask()) == [], 20, f"a healthy start: {self.ask()}")

    def shell(self, script, before=""):
        """The doctor's answer at the end of a script that `who` runs in the project's folder."""
        lines = f"{before}\n{script}\necho; echo '=== doctor'\nninefold doctor --json"
        done = self.who.run("sh", "-c", lines, cwd=self.made.folder, check=False, timeout=120)
        assert "=== doctor" in done.stdout, done.stdout + done.stderr
        return done.stdout.partition("=== doctor")[0] + done.stderr, json.loads(done.stdout.rpartition("=== doctor")[2])

    def ask(self, before=""):
        return self.shell("", before)[1]

    @staticmethod
    def ids(found):
        return sorted({one["id"] for one in found})

    def replace(self, old, new):
        self.file.write_text(self.file.read_text().replace(old, new))

    def as_owner(self, path):
        owner = self.made.folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


@pytest.fixture(scope="module", params=["root", "user"])
def patient(request):
    who = request.getfixturevalue(request.param)
    folder = open_folder("doctor")
    with ExitStack() as around:
        around.callback(lambda: subprocess.run(["rm", "-rf", str(folder)]))
        around.enter_context(sudoer(who))
        # Whatever this machine says of /dev/net/tun, here everybody may open it.
        node = folder / "tun"
        os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(10, 200))
        node.chmod(0o666)
        if Path("/dev/net/tun").exists():
            around.enter_context(mounted("--bind", node, "/dev/net/tun"))
        made = Patient(who, folder)
        made.up()
        yield made
        made.made.down()


class Fault(NamedTuple):
    id: str
    put: Callable               # a context manager: the fault is there within it
    who: str = "both"
    also: tuple = ()            # what it brings with it
    stays: tuple = ()           # what no remedy of this one mends: an environment that is down has no lock
    before: str = ""            # lines of the shell that asks
    refuses: tuple = ()         # a verb that fails meanwhile, and works again after the remedy
    again: bool = False         # the environment must be started anew afterwards


@contextmanager
def notebooks_on_a_read_only_mount(p):
    with mounted("--bind", p.notebooks, p.notebooks):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(p.notebooks)], check=True)
        yield


def edit(old, new):
    @contextmanager
    def put(p):
        p.replace(old, new)
        yield
    return put


def mode(path, bits, owner=None):
    @contextmanager
    def put(p):
        file = path(p)
        before = file.stat()
        file.chmod(bits)
        if owner is not None:
            os.chown(file, owner, owner)
        yield
        if file.exists():
            os.chown(file, before.st_uid, before.st_gid)
            file.chmod(before.st_mode & 0o7777)
    return put


@contextmanager
def no_notebooks(p):
    away = p.notebooks.rename(f"{p.notebooks}.away")
    yield
    if p.notebooks.exists():
        p.notebooks.rmdir()
    away.rename(p.notebooks)


@contextmanager
def no_key(p):
    kept = p.public.read_bytes(), p.made.key.read_bytes()
    p.public.unlink()
    p.made.key.unlink()
    yield
    for file, content, bits in ((p.public, kept[0], 0o644), (p.made.key, kept[1], 0o600)):
        file.write_bytes(content)
        file.chmod(bits)
        p.as_owner(file)


@contextmanager
def an_empty_key(p):
    kept = p.public.read_bytes()
    p.public.write_text("# nobody yet\n")
    yield
    p.public.write_bytes(kept)


@contextmanager
def the_private_key(p):
    p.replace(f"{p.made.key}.pub", str(p.made.key))
    yield


def kill(find):
    @contextmanager
    def put(p):
        victims = find(p)
        assert victims
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not set(victims) & set(processes()), 5, "the end of what was killed")
        yield
    return put


def keepers(p):
    return [pid for pid, (_, _, words) in processes().items() if words.startswith("ninefold keeper") and words.rstrip().endswith(str(p.state))
            and processes().get(processes()[pid][0], (0, "", ""))[2].startswith("ninefold keeper") is False]


def first(p):
    pid = p.made.status().get("pid")
    return [pid] if pid else []


def web_server(p):
    return [pid for pid, (_, _, words) in processes().items() if "http.server" in words and str(p.web) in words and not words.startswith("runc")]


@contextmanager
def killed_and_its_port_taken(p):
    with kill(first)(p):
        wait_until(lambda: free_to_bind(p.web), 10, "the port's release")
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", p.web))
            taken.listen()
            yield


def free_to_bind(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


@contextmanager
def an_open_secret(p):
    file = p.made.folder / "token"
    file.write_text("abc")
    file.chmod(0o644)
    p.as_owner(file)
    p.replace("[limits]", f'[secrets]\nT = {{ file = "{file}" }}\n[limits]')
    yield
    file.unlink()


@contextmanager
def up_without_tun(p):
    """When it was started /dev/net/tun was closed; now it is open."""
    p.made.down()
    with mode(lambda _: Path("/dev/net/tun"), 0o600)(p):
        p.made.up()
    yield


@contextmanager
def a_torn_record(p):
    record = p.state / "record"
    record.write_text(record.read_text()[:40])
    yield


@contextmanager
def a_firewall(p):
    table = f"inet ninefold_test_{os.getpid()}"
    rules = f"add table {table}\nadd chain {table} input {{ type filter hook input priority 0; policy accept; }}\n" \
            f"add rule {table} input tcp dport {p.web} drop\n"
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete", "table", *table.split()], check=True)


@contextmanager
def a_job_too_large(p):
    job = json.loads(p.made("job", "run", "--json", "--", "python3", "-c", "x = bytearray(10**9); input()").stdout)["id"]
    p.made("job", "wait", job, check=False)
    yield


@contextmanager
def full_shared_memory(p):
    p.made.sh("head -c 64m /dev/zero > /dev/shm/x; true")
    yield


def disk(variable, *options, fill=False, overlay=False, read_only=False):
    @contextmanager
    def put(p):
        place = p.scratch / "disk"
        place.mkdir(exist_ok=True)
        with mounted("-t", "tmpfs", "-o", ",".join((f"mode=0755,uid={p.who.home.stat().st_uid}", *options)), "tmpfs", place):
            if overlay:
                for name in ("lower", "upper", "work", "joined"):
                    (place / name).mkdir(mode=0o777)
                (place / "upper").chmod(0o777)
                with mounted("-t", "overlay", "-o", f"lowerdir={place}/lower,upperdir={place}/upper,workdir={place}/work", "overlay", place / "joined"):
                    yield
            else:
                if fill:
                    subprocess.run(["dd", "if=/dev/zero", f"of={place}/filler", "bs=64k"], capture_output=True)
                if read_only:
                    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
                yield
    return put


@contextmanager
def bound_over(p, path, content, bits=0o644):
    file = p.scratch / Path(path).name
    file.write_bytes(content)
    file.chmod(bits)
    with mounted("--bind", file, path):
        yield file
    file.unlink()


def bound(path, content=None, bits=0o644):
    """Another file where `path` is, for these tests alone."""
    @contextmanager
    def put(p):
        with bound_over(p, path, Path(path).read_bytes() if content is None else content, bits):
            yield
    return put


@contextmanager
def no_subuids(p):
    who = account("test")
    p.made.down()
    give_subids(who, "del")
    yield
    subprocess.run(["usermod", "--del-subuids", "0-4294967294", "--del-subgids", "0-4294967294", who.name], check=True, capture_output=True)
    give_subids(who)


@contextmanager
def a_store_that_sudo_touched(p):
    store = p.who.home / ".local/share/ninefold/store"
    p.who.run("ninefold", "store", "list")
    os.chown(store / "temp", 0, 0)
    yield


@contextmanager
def a_name_server(*addresses):
    """Something answers there, whatever it is asked: this machine itself has those addresses meanwhile."""
    with ExitStack() as around:
        for address in addresses:
            added = subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], capture_output=True)
            if added.returncode == 0:
                around.callback(subprocess.run, ["ip", "address", "del", f"{address}/32", "dev", "lo"])
            listener = around.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            listener.bind((address, 53))

            listener.settimeout(0.1)
            over = threading.Event()

            def answer(to=listener, over=over):
                while not over.is_set():
                    with suppress(TimeoutError):
                        asked, whom = to.recvfrom(512)
                        to.sendto(asked[:2] + b"\x81\x80" + asked[4:], whom)
            thread = threading.Thread(target=answer)
            thread.start()
            around.callback(thread.join)
            around.callback(over.set)
        yield


def resolver(content):
    @contextmanager
    def put(p):
        with a_name_server("9.9.9.9"), bound_over(p, "/etc/resolv.conf", content):
            yield
        Path("/etc/resolv.conf.new").unlink(missing_ok=True)
    return put


def bad_input(old, new):
    """A mistake in the file; whom the remedy calls, as `$EDITOR` with an argument, mends it."""
    @contextmanager
    def put(p):
        good, editor = p.scratch / "good.toml", p.scratch / "editor"
        good.write_text(p.text)
        editor.write_text(f'#!/bin/sh\n[ "$1" = --wait ] && cat {good} > "$2"\n')
        editor.chmod(0o755)
        p.replace(old, new)
        assert p.file.read_text() != p.text
        yield
    return put


def faulty(old, new, id="file-faulty", refuses=("exec", "true")):
    return Fault(id, bad_input(old, new), before="export EDITOR='SCRATCH/editor --wait'", refuses=refuses)


@contextmanager
def an_image_without_its_parts(p):
    refs = p.who.home / ".local/share/ninefold/store/refs"
    p.who.run("ninefold", "store", "list")
    p.who.run("mkdir", "-p", refs)
    ref = refs / "gone"
    ref.write_text(json.dumps({"image": "sha256:" + "0" * 64, "lock": "sha256:" + "1" * 64}))
    p.as_owner(ref)
    yield
    ref.unlink(missing_ok=True)


@contextmanager
def memory_nearly_used(p):
    """A program that is no job of anybody's takes as much as is left, but for a little."""
    take = "import os, time\nkept = []\nwhile not os.path.exists('/tf/notebooks/enough'):\n    kept.append(bytearray(b'x' * (1 << 20)))\n    time.sleep(0.05)\ntime.sleep(600)"
    eater = p.made.begin("exec", "python3", "-c", take)
    try:
        wait_until(lambda: p.made.status()["memory"] > 0.965 * (400 << 20), 60, "memory in use")
        (p.notebooks / "enough").touch()
        yield
    finally:
        eater.kill()
        eater.wait()
        (p.notebooks / "enough").unlink(missing_ok=True)


@contextmanager
def a_service_that_ends_again_and_again(p):
    p.replace('restart = "never"', 'restart = "always"')
    p.made.down()
    p.made.up()
    for _ in range(6):
        with kill(web_server)(p):
            wait_until(lambda: web_server(p), 20, "its next start")
    yield


@contextmanager
def a_service_that_hangs(p):
    """It is stopped, and others have filled the queue of its listener."""
    for pid in web_server(p):
        os.kill(pid, signal.SIGSTOP)
    fill = f"import socket, time\nkept = []\nfor i in range(40):\n    s = socket.socket()\n    s.setblocking(False)\n    s.connect_ex(('127.0.0.1', {p.web}))\n    kept.append(s)\ntime.sleep(600)"
    filler = p.made.begin("exec", "python3", "-c", fill)
    try:
        yield
    finally:
        filler.kill()
        filler.wait()


UP = ("exec", "true")
LITTLE = Path("/proc/meminfo").read_text().replace("MemAvailable:", "MemAvailable:  100000 kB\nWas:").encode()
FAULTS = [
    Fault("word-misspelt", edit("[limits]\nmemory", "[limits]\nmemroy"), refuses=UP),
    Fault("memory-less-than-limit", edit('"400m"', '"9000g"')),
    Fault("cpus-less-than-limit", edit("cpus = 1", "cpus = 999")),
    Fault("gpu-required-none", edit("[limits]", '[gpu]\nuse = "required"\n[limits]')),
    Fault("mount-missing", no_notebooks),
    Fault("mount-not-writable", mode(lambda p: p.notebooks, 0o555)),
    Fault("mount-not-writable", mode(lambda p: p.notebooks, 0o755, owner=0), who="user"),
    Fault("mount-read-only", notebooks_on_a_read_only_mount),
    Fault("mount-unreadable", mode(lambda p: p.notebooks, 0o700, owner=0), who="user"),
    Fault("key-missing", no_key),
    Fault("key-empty", an_empty_key),
    Fault("key-private", the_private_key),
    Fault("key-open", mode(lambda p: p.public, 0o666)),
    Fault("identity-open", mode(lambda p: p.made.key, 0o644), refuses=("ssh", "true")),
    Fault("state-open", mode(lambda p: p.state, 0o755)),
    Fault("environment-killed", kill(first), refuses=UP),
    Fault("port-taken", killed_and_its_port_taken, also=("environment-killed",), refuses=UP, again=True),
    Fault("keeper-gone", kill(keepers)),
    Fault("service-down", kill(web_server)),
    Fault("record-damaged", a_torn_record, refuses=UP, stays=("lock-missing",), again=True),
    Fault("port-firewalled", a_firewall, who="root"),
    Fault("port-closed", a_firewall, who="user", again=True),
    Fault("killed-for-memory", a_job_too_large, again=True),
    Fault("shared-memory-full", full_shared_memory),
    Fault("proxy-dead", edit("", ""), before="export http_proxy=http://127.0.0.1:1"),
    Fault("open-files-few", edit("", ""), before="ulimit -S -n 256"),
    Fault("disk-full", disk("NINEFOLD_STORE", "size=64m", fill=True), before="export NINEFOLD_STORE=SCRATCH/disk"),
    Fault("inodes-few", disk("NINEFOLD_STORE", "size=2g,nr_inodes=1500"), before="export NINEFOLD_STORE=SCRATCH/disk"),
    Fault("disk-read-only", disk("XDG_DATA_HOME", "size=2g", read_only=True), before="export NINEFOLD_STORE=SCRATCH/disk"),
    Fault("user-namespaces-none", bound("/proc/sys/user/max_user_namespaces", b"0\n")),
    Fault("network-namespaces-none", bound("/proc/sys/user/max_net_namespaces", b"0\n")),
    Fault("inotify-few", bound("/proc/sys/fs/inotify/max_user_instances", b"16\n")),
    Fault("inotify-few", bound("/proc/sys/fs/inotify/max_user_watches", b"4096\n")),
    Fault("mount-namespaces-none", bound("/proc/sys/user/max_mnt_namespaces", b"0\n")),
    Fault("name-servers-none", resolver(b"# none\n")),
    Fault("name-servers-silent", resolver(b"nameserver 127.0.0.253\n")),
    Fault("proxy-dead", edit("", ""), before="export https_proxy=http://127.0.0.1:1"),
    Fault("proxy-dead", edit("", ""), before="export http_proxy=http://no-such-host.invalid:3128"),
    Fault("word-misspelt", edit("[limits]", "[limts]"), refuses=UP),
    faulty('base = "debian:bookworm"', 'base = "fedora:36"'),
    faulty('name = "patient"', 'name = "my project"'),
    faulty('memory = "400m"', 'memory = "4x"'),
    faulty('memory = "400m"', 'memory = "1m"'),
    faulty("cpus = 1", 'cpus = "many"'),
    faulty('shared_memory = "32m"', "shared_memory = 32.5"),
    faulty("[limits]", "[limits"),
    faulty('"notebooks" = "/tf/notebooks"', '"notebooks" = "tf/notebooks"'),
    faulty('"notebooks" = "/tf/notebooks"', '"notebooks" = "/proc/x"'),
    faulty('"notebooks" = "/tf/notebooks"', '"notebooks" = "/tf/notebooks"\n"code" = "/tf/notebooks"'),
    faulty("[limits]", "[jupyter]\nport = 70000\n[limits]"),
    faulty("[limits]", '[packages]\npip = ["a b c =="]\n[limits]'),
    faulty("[limits]", '[proxy]\nhttp = "ftp://proxy"\n[limits]'),
    faulty("[limits]", '[publish]\nservices = ["nobody"]\n[limits]'),
    faulty("[limits]", '[secrets]\nT = { env = "NF_NOT_SET" }\n[limits]', id="secret-missing", refuses=()),
    faulty("[limits]", '[secrets]\nT = { file = "/nowhere/token" }\n[limits]', id="secret-missing", refuses=()),
    Fault("image-incomplete", an_image_without_its_parts),
    Fault("folder-closed", mode(lambda p: p.who.home / ".local/share/ninefold/volumes", 0o755, owner=0), who="user"),
    Fault("memory-nearly-used", memory_nearly_used, again=True),
    Fault("service-restarting", a_service_that_ends_again_and_again, again=True),
    Fault("service-mute", a_service_that_hangs, again=True),
    Fault("memory-short", bound("/proc/meminfo", LITTLE), stays=("memory-short",)),
    Fault("variables-old", edit("[limits]", '[environment]\nLEVEL = "3"\n[limits]')),
    Fault("secret-open", an_open_secret),
    Fault("network-by-proxy", up_without_tun, who="user"),
    Fault("tun-closed", mode(lambda p: Path("/dev/net/tun"), 0o600), who="user"),
    Fault("newuidmap-powerless", bound("/usr/bin/newuidmap", bits=0o755), who="user"),
    Fault("subordinate-ids", no_subuids, who="user", also=("lock-missing",), stays=("lock-missing",), again=True),
    Fault("store-foreign", a_store_that_sudo_touched, who="user"),
]


# Root needs no subordinate ids, and an ordinary user reads no firewall.
ROWS = [pytest.param(who, fault, id=f"{who}-{n}-{fault.id}") for who in ("root", "user") for n, fault in enumerate(FAULTS) if fault.who in ("both", who)]


@pytest.mark.parametrize("patient, fault", ROWS, indirect=["patient"])
def test_a_remedy_mends_what_was_found(patient, fault):
    p = patient
    before = fault.before.replace("SCRATCH", str(p.scratch))
    try:
        with fault.put(p):
            expected, end = sorted({fault.id, *fault.also}), time.monotonic() + 5
            while p.ids(found := p.ask(before)) != expected and time.monotonic() < end:
                time.sleep(0.1)    # a supervisor takes a moment to see that something ended
            assert p.ids(found) == expected, found
            if fault.refuses:
                assert p.made(*fault.refuses, check=False).returncode != 0
            remedy = next(one["remedy"] for one in found if one["id"] == fault.id)
            said, left = p.shell(remedy, before)
            assert p.ids(left) == sorted(fault.stays), f"{remedy}\n{said}\n{left}"
            if fault.refuses and not fault.stays:
                assert p.made(*fault.refuses, check=False).returncode == 0
    finally:
        p.file.write_text(p.text)
        if fault.again or p.ask():
            p.made.down()
            p.up()


def test_fix_runs_what_is_safe(patient):
    p = patient
    p.state.chmod(0o755)
    p.notebooks.rmdir() if not any(p.notebooks.iterdir()) else None
    done = p.made("doctor", "--fix", "--json", check=False)
    assert json.loads(done.stdout) == [] and done.returncode == 0, done.stdout + done.stderr
    assert f"state-open: chmod 700 {p.state}" in done.stderr
    assert stat.S_IMODE(p.state.stat().st_mode) == 0o700 and p.notebooks.is_dir()


def test_words_for_people(patient):
    p = patient
    assert p.made("doctor").stdout == "nothing is wrong\n"
    p.public.chmod(0o666)
    try:
        done = p.made("doctor", check=False)
        assert done.returncode == 1
        assert f"error: others may write to {p.public} (mode 0666) [key-open]\n" in done.stdout
        assert f"  do: chmod go-w {shlex.quote(str(p.public))}\n" in done.stdout
    finally:
        p.public.chmod(0o644)
