"""In: the same project under podman and docker, of an ordinary user's and of root's. Out: verbs answer as they do under
Ninefold's own runtime, and nothing is left behind. Docker's daemon is one of this file's own, with a store of its own."""
import json
import os
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress

import pytest
from conftest import ROOTS_RANGE, Environment, Who, free_port, open_folder, parts, processes, shifted, throwaway, wait_until

LEFT_OUT = [name for name in ("podman", "dockerd") if not shutil.which(name)]
pytestmark = pytest.mark.skipif(bool(LEFT_OUT), reason=f"{LEFT_OUT} not installed; tools/setup --tests installs them")
ENGINES = {"podman": ["podman", "--cgroup-manager", "cgroupfs", "--events-backend", "none"], "docker": ["docker"]}


@contextmanager
def a_daemon(user, options=None):
    """Docker's, for root and for the group of the test's user. With options its store is a tmpfs of its own."""
    place = open_folder("docker", throwaway())
    if options:
        (place / "data").mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place / "data"], check=True)
    group = str(os.stat(user.home).st_gid)
    words = ["dockerd", "--data-root", place / "data", "--exec-root", place / "exec", "--pidfile", place / "pid", "--host", f"unix://{place}/docker.sock",
             "--group", group, "--bridge=none", "--iptables=false", "--ip-forward=false"]
    with open(place / "log", "w") as log:
        started = subprocess.Popen(list(map(str, words)), stdout=log, stderr=log, env={**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    try:
        wait_until(lambda: "API listen" in (place / "log").read_text() or started.poll() is not None, 60, "Docker's daemon")
        assert started.poll() is None, (place / "log").read_text()[-2000:]
        yield f"unix://{place}/docker.sock"
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(60)
        subprocess.run(["umount", "-R", place / "data"], check=False, capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
def daemon(user):
    with a_daemon(user) as host:
        yield host


@pytest.fixture(scope="module")
def root_for_user(user, base, command):
    """Root at work in a folder of the user's."""
    place = open_folder("rooted")
    uid = os.stat(user.home).st_uid
    shift = lambda i: uid if i == 1000 else ROOTS_RANGE + i - (i > 1000)
    yield Who("root", place, lambda: shifted(base(), f"root-for-{uid}", shift), [], command)
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module", params=["podman-user", "podman-root", "docker-user", "docker-root"])
def made(request, user):
    engine, caller = request.param.split("-")
    variables = {"NF_PASSWORD": "hunter2-xyzzy", "NINEFOLD_BACKEND": engine}
    if engine == "docker":
        variables["DOCKER_HOST"] = request.getfixturevalue("daemon")
    who = user if caller == "user" else request.getfixturevalue("root_for_user")
    project = Backed(who, "pod-" + engine)
    project.engine, project.caller, project.web, project.variables = engine, caller, free_port(), variables
    if caller == "root":
        subprocess.run(["chown", "-R", f"{os.stat(user.home).st_uid}:{os.stat(user.home).st_gid}", project.folder], check=True)
    serve = '["python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "/tf/notebooks", "%d"]' % project.web
    project.write(f'[limits]\nmemory = "400m"\nshared_memory = "32m"\n[services.web]\ncommand = {serve}\nport = {project.web}\n'
                  '[secrets]\npassword = { env = "NF_PASSWORD" }\n')
    project.before = project.findings()
    project.said = project("up", "--tree", who.tree, "--wait", "20", timeout=180)
    yield project
    project.down()
    # The process that keeps podman's user namespace would stay, and the account cannot be changed while it is there.
    uid = str(os.stat(user.home).st_uid)
    subprocess.run(["pkill", "-KILL", "-u", uid, "-x", "catatonit|podman"], check=False)
    wait_until(lambda: subprocess.run(["pgrep", "-u", uid, "-x", "catatonit|podman"], capture_output=True).returncode == 1, 10, "podman's end")
    subprocess.run(["rm", "-rf", f"/tmp/podman-run-{os.stat(user.home).st_uid}"], check=True)


class Backed(Environment):
    variables = {}

    def __call__(self, *words, env=None, **options):
        return super().__call__(*words, env={**self.variables, **(env or {})}, **options)

    def findings(self):
        return {one["id"] for one in json.loads(self("doctor", "--json", check=False).stdout)}

    def containers(self):
        """All that the engine still knows of this environment."""
        listed = self.who.run(*ENGINES[self.engine], "ps", "--all", "--format", "{{.Names}}", env=self.variables).stdout.split()
        return [name for name in listed if name.startswith(f"ninefold-{self.name}-")]


def test_it_says_who_runs_it(made):
    assert f"runtime:      {made.engine}\n" in made.said.stdout and "`ninefold diff` cannot list them" in made.said.stderr
    status = made.status()
    assert status["runtime"] == made.engine and status["state"] == "running"
    assert len(made.containers()) == 1
    done = made("diff", check=False)
    assert done.returncode == 127 and f"runs by {made.engine}" in done.stderr


def test_the_doctor_has_nothing_to_say(made):
    assert made.findings() - made.before == set()


@pytest.mark.parametrize("script, said", [
    ("id -un; cat /proc/1/comm", "devuser\nninefold-init\n"),
    ("grep -h Cap /proc/1/status | awk '{print $2}' | sort -u; grep -h -e NoNewPrivs -e '^Seccomp:' /proc/1/status | awk '{print $2}'", "0" * 16 + "\n1\n2\n"),
    ("echo x > ~/x && rm ~/x && echo y > /tf/notebooks/y && cat /tf/notebooks/y", "y\n"),
    ("cat /run/secrets/password; stat -c ' %a %U' /run/secrets/password", "hunter2-xyzzy 400 devuser\n"),
    ("cat /proc/sys/kernel/hostname | cut -c1-3; echo $NINEFOLD_ENVIRONMENT | cut -c1-3", "pod\npod\n"),
    ("df -k /dev/shm | tail -1 | awk '{print $2}'", "32768\n"),
    ("stat -c '%U %a' / /usr /tmp; grep -c . /etc/resolv.conf /etc/hosts | wc -l", "root 755\nroot 755\nroot 1777\n2\n"),
    ("python3 -c 'import threading, subprocess; t = threading.Thread(target=print, args=(1,)); t.start(); t.join(); subprocess.run([\"true\"], check=True)'", "1\n"),
])
def test_inside_it_is_the_same(made, script, said):
    assert made.sh(script).stdout == said


@pytest.mark.parametrize("script", ["unshare -U true", "mount -t tmpfs t /mnt", "touch /run/ninefold/boot/x", "touch /run/secrets/x", "mknod /tmp/n c 1 3", "touch /x", "chroot / true"])
def test_inside_it_cannot(made, script):
    assert made.sh(script, check=False).returncode != 0


def test_ports_ssh_and_jobs(made):
    made.sh("echo served > /tf/notebooks/page")
    assert made.ssh("echo", "hello").stdout == "hello\n"
    fetched = made.who.run("python3", "-c", f"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:{made.web}/page').read().decode())")
    assert fetched.stdout == "served\n\n"
    made("job", "run", "--", "sh", "-c", "echo out; exit 3")
    assert made("job", "wait", "1", check=False).returncode == 3
    assert "out" in made("job", "logs", "1").stdout
    made("logs", "web")
    assert (made.folder / "notebooks/page").stat().st_uid == made.folder.stat().st_uid


def test_the_memory_limit_is_kept(made):
    """What eats more is killed and its status says so; others go on. Root's podman, and docker, limit by cgroups."""
    hard = made.engine == "docker" or made.caller == "root"
    assert (("soft limits" in made("status").stdout) is not hard)
    eat = "b = []\nwhile True: b.append(bytearray(b'x' * (16 << 20)))"
    number = made("job", "run", "--", "python3", "-c", eat).stdout.strip()
    assert made("job", "wait", number, check=False, timeout=60).returncode == 137
    (job,) = [one for one in made.jobs() if str(one["id"]) == number]
    assert "memory" in json.dumps(job), job
    assert made.sh("echo on").stdout == "on\n"


def test_a_way_out(made):
    """A program of this machine's is not reached by name or address of loopback, and the way out says which it is."""
    shown = made.status()["network_shown"]
    assert shown.startswith(("proxy at 127.0.0.1:3128", "tun")), shown
    if shown.startswith("proxy"):
        asked = made.sh("python3 -c 'import socket; s = socket.create_connection((\"127.0.0.1\", 3128)); s.sendall(b\"CONNECT 127.0.0.1:22 HTTP/1.0\\r\\n\\r\\n\"); "
                        "print(s.recv(12))'").stdout
        assert "403" in asked or "502" in asked, asked


def test_a_keeper_that_died_is_started_again(made):
    table = processes()
    for pid in parts(made):
        if table[pid][2].startswith("ninefold keeper"):
            with suppress(ProcessLookupError):      # one of them ends with the other
                os.kill(pid, signal.SIGKILL)
    assert made.sh("echo on").stdout == "on\n"
    wait_until(lambda: made.ssh("echo", "again", check=False).stdout == "again\n", 15, "a login")


def test_a_first_process_that_was_killed_is_told(made):
    """As somebody's `podman kill` would; the next `up` sweeps and starts anew, with the same volumes."""
    made.sh("echo kept > ~/kept")
    made.who.run(*ENGINES[made.engine], "kill", made.containers()[0], env=made.variables)
    wait_until(lambda: made.status()["state"] == "killed", 15, "the word killed")
    made("up", "--tree", made.who.tree, "--wait", "20", timeout=180)
    assert made.sh("cat ~/kept").stdout == "kept\n"


def test_down_leaves_nothing(made):
    made("down", "--force")
    assert made.containers() == []
    assert not [name for name in os.listdir("/dev/shm") if name.startswith(f"ninefold-{made.name}-")]
    assert json.loads(made("status", "--json", check=False).stdout) == []
    if made.engine == "docker":
        assert made.who.run("docker", "images", "--quiet", env=made.variables).stdout == ""


REFUSED = {
    "root's own folder": ("podman", {}, "--backend podman: the project's folder belongs to root"),
    "root's own folder, docker": ("docker", {}, "--backend docker: the project's folder belongs to root"),
    "an engine that is none": ("lxc", {}, "--backend lxc: there are podman and docker"),
}


@pytest.mark.parametrize("row", REFUSED)
def test_what_cannot_be_is_told(root, row):
    engine, variables, says = REFUSED[row]
    project = Environment(root, "refused", ssh=False)
    done = project("up", "--backend", engine, "--tree", root.tree, check=False, env=variables)
    assert done.returncode == 127 and says in done.stderr


@pytest.mark.parametrize("host, says", [
    ("tcp://192.0.2.1:2375", "DOCKER_HOST=tcp://192.0.2.1:2375 leads to another machine"),
    ("unix:///nowhere/docker.sock", "start Docker's daemon (sudo systemctl start docker), or start without --backend"),
])
def test_a_daemon_that_is_not_there_is_told(user, host, says):
    project = Environment(user, "nodaemon", ssh=False)
    done = project("up", "--backend", "docker", "--tree", user.tree, check=False, env={"DOCKER_HOST": host})
    assert done.returncode == 127 and says in done.stderr, done.stderr
    assert "nodaemon" not in project("status", "--json", check=False).stdout


def test_a_full_store_of_dockers_is_told(user):
    """Whoever packs the tree ends with whoever takes it; nothing is left of the attempt."""
    project = Environment(user, "fulldocker", ssh=False)
    with a_daemon(user, "size=64m") as host:
        done = project("up", "--backend", "docker", "--tree", user.tree, check=False, env={"DOCKER_HOST": host}, timeout=50)
        assert done.returncode == 127 and "docker import" in done.stderr and "no space left on device" in done.stderr, done.stderr
        assert "fulldocker" not in project("status", "--json", check=False, env={"DOCKER_HOST": host}).stdout
