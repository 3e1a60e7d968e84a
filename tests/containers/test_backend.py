"""In: the same project under podman. Out: verbs answer as they do under Ninefold's own runtime, and nothing is left behind."""
import json
import os
import shutil
import subprocess

import pytest
from conftest import Environment, free_port, parts, processes

pytestmark = pytest.mark.skipif(not shutil.which("podman"), reason="podman is not installed")


@pytest.fixture(scope="module")
def made(user):
    project = Environment(user, "pod")
    project.web = free_port()
    serve = '["python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "/tf/notebooks", "%d"]' % project.web
    project.write(f'[limits]\nmemory = "400m"\nshared_memory = "32m"\n[services.web]\ncommand = {serve}\nport = {project.web}\n'
                  '[secrets]\npassword = { env = "NF_PASSWORD" }\n')
    project.said = project("up", "--backend", "podman", "--tree", user.tree, "--wait", "10", env={"NF_PASSWORD": "hunter2-xyzzy"})
    yield project
    project.down()
    subprocess.run(["rm", "-rf", f"/tmp/podman-run-{os.stat(user.home).st_uid}"], check=True)


def test_it_says_who_runs_it(made):
    assert "runtime:      podman\n" in made.said.stdout and "`ninefold diff` cannot list them" in made.said.stderr
    assert made.status()["runtime"] == "podman" and made.status()["state"] == "running"
    done = made("diff", check=False)
    assert done.returncode == 127 and "runs by podman" in done.stderr


@pytest.mark.parametrize("script, said", [
    ("id -u; cat /proc/1/comm", "1000\nninefold-init\n"),
    ("grep -h Cap /proc/1/status | awk '{print $2}' | sort -u; grep -h -e NoNewPrivs -e '^Seccomp:' /proc/1/status | awk '{print $2}'", "0" * 16 + "\n1\n2\n"),
    ("echo x > ~/x && rm ~/x && echo y > /tf/notebooks/y && cat /tf/notebooks/y", "y\n"),
    ("cat /run/secrets/password", "hunter2-xyzzy"),
    ("cat /proc/sys/kernel/hostname; echo $NINEFOLD_ENVIRONMENT", "pod\npod\n"),
    ("df -k /dev/shm | tail -1 | awk '{print $2}'", "32768\n"),
])
def test_inside_it_is_the_same(made, script, said):
    assert made.sh(script).stdout == said


@pytest.mark.parametrize("script", ["unshare -U true", "mount -t tmpfs t /mnt", "touch /run/ninefold/boot/x", "touch /run/secrets/x", "mknod /tmp/n c 1 3"])
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
    assert (made.folder / "notebooks/page").stat().st_uid == made.folder.stat().st_uid


def test_a_keeper_that_died_is_started_again(made):
    table = processes()
    for pid in parts(made):
        if table[pid][2].startswith("ninefold keeper"):
            os.kill(pid, 9)
    assert made.sh("echo on").stdout == "on\n"


def test_down_leaves_nothing(made):
    made("down", "--force")
    listed = made.who.run("podman", "--cgroup-manager", "cgroupfs", "--events-backend", "none", "ps", "--all", "--format", "{{.Names}}")
    assert listed.stdout.strip() == ""
    assert not [name for name in os.listdir("/dev/shm") if name.startswith("ninefold-pod-")]
    assert json.loads(made("status", "--json", check=False).stdout) == []


def test_what_podman_cannot_is_told(root):
    project = Environment(root, "podroot", ssh=False)
    done = project("up", "--backend", "podman", "--tree", root.tree, check=False)
    assert done.returncode == 127 and "--backend podman: the project's folder belongs to root" in done.stderr
    done = project("up", "--backend", "docker", "--tree", root.tree, check=False)
    assert done.returncode == 127 and "--backend docker: there is podman" in done.stderr
