"""In: an image with JupyterLab and sshd in a registry, and the files of `ninefold export`. Out: podman runs them, without Ninefold.

The Pod and the Deployment run as they are printed, under `podman kube play`; a Job's template runs as a Pod, since podman 4.3
knows no Job. Everything is the one user's, without capabilities and upon a read-only image.
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from conftest import KEPT, free_port, open_folder, throwaway, wait_until
from test_images import WHEELS, call
from test_registry import Registry, program  # noqa: F401 (a fixture)

FILE = """name = "served"
base = "debian:bookworm"
[packages]
set = "small"
[environment]
LEVEL = "debug $HOME"
[secrets]
database = {{ env = "DATABASE" }}
[jupyter]
port = {jupyter}
[ssh]
port = {ssh}
authorized_keys = "key.pub"
[limits]
memory = "2g"
shared_memory = "64m"
"""
PACKAGES = "dpkg-query -W -f '${Package} ${Version}\\n' | sort; /opt/env/bin/python -m pip list --format freeze 2>/dev/null | sort"
# What a training script sees of a cluster that TF_CONFIG describes; printed by PID 1's child.
TRAIN = ("import json, os; c = json.loads(os.environ['TF_CONFIG']); "
         "print('task', c['task']['type'], c['task']['index'], len(c['cluster']['worker']), os.getuid(), os.environ['LEVEL'])")
TF_CONFIG = json.dumps({"cluster": {"worker": ["w0:2222", "w1:2222"]}, "task": {"type": "worker", "index": 1}, "environment": "cloud"})


class Place:
    """A project, its store, a registry that has its image, and a podman of its own."""

    def __init__(self, program):
        self.folder = open_folder("exports", throwaway())
        for name in ("ninefold", "ninefold-init"):
            shutil.copy(Path(os.environ.get("NINEFOLD_BIN", KEPT.parent / "release/bin")) / name, self.folder / name)
        self.kept, self.project = KEPT / "exports", self.folder / "project"
        self.kept.mkdir(parents=True, exist_ok=True)
        self.project.mkdir()
        self.jupyter, self.ssh = free_port(), free_port()
        (self.project / "ninefold.toml").write_text(FILE.format(jupyter=self.jupyter, ssh=self.ssh))
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.project / "key"], check=True)
        if (self.kept / "ninefold.lock").exists():
            shutil.copy(self.kept / "ninefold.lock", self.project)
        self.registry = Registry(program, self.folder / "storage", self.folder / "registry")
        # podman's own limits may be above this machine's.
        self.settings = self.folder / "containers.conf"
        self.settings.write_text('[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n')
        self.podman_place = Path(tempfile.mkdtemp(prefix="podman-", dir=throwaway()))  # podman wants a path of 50 characters at most
        self.files = 0

    def ninefold(self, *words, check=True):
        variables = {"XDG_STATE_HOME": str(self.folder / "state"), "DATABASE": "hunter2"}
        done = subprocess.run(call([str(self.folder / "ninefold"), *map(str, words)], self.kept / "store", [], "/root", variables), cwd=self.project,
                              capture_output=True, text=True, timeout=900)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def podman(self, *words, check=True, timeout=300, **options):
        base = ["podman", "--root", self.podman_place / "root", "--runroot", self.podman_place / "run", "--cgroup-manager", "cgroupfs",
                "--events-backend", "file"]
        done = subprocess.run([*map(str, base), *map(str, words)], capture_output=True, text=True, timeout=timeout, cwd=self.project,
                              env={**os.environ, "CONTAINERS_CONF": str(self.settings)}, **options)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def play(self, *documents):
        self.files += 1
        file = self.project / f"play-{self.files}.yaml"
        file.write_text("---\n".join(yaml.safe_dump(document, sort_keys=False) for document in documents))
        # Any but podman's own bridge, which would stay on this machine.
        self.podman("kube", "play", "--network", "slirp4netns", "--tls-verify=false", file)
        return file

    def down(self, file):
        self.podman("kube", "down", file, check=False)
        self.podman("pod", "rm", "--all", "--force", check=False)
        self.podman("volume", "rm", "--all", "--force")
        self.podman("secret", "rm", "--all")

    def end(self):
        self.podman("system", "reset", "--force", check=False)
        subprocess.run(["umount", "-l", self.podman_place / "root/overlay"], capture_output=True)
        shutil.rmtree(self.podman_place, ignore_errors=True)
        self.registry.end()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def there(program):  # noqa: F811
    if not [p for p in Path(WHEELS).glob("ninefold-*.whl") if "-cp311-" in p.name]:
        pytest.skip(f"there is no wheel for Python 3.11 in {WHEELS}; tools/wheel makes one")
    made = Place(program)
    try:
        done = made.ninefold("lock", check=False)
        if done.returncode and (made.project / "ninefold.lock").exists():  # of an older format, say
            (made.project / "ninefold.lock").unlink()
            done = made.ninefold("lock")
        assert done.returncode == 0, done.stderr
        shutil.copy(made.project / "ninefold.lock", made.kept)
        made.ninefold("store", "remove", "served", check=False)
        made.image = json.loads(made.ninefold("build", "--json").stdout)["image"]
        unknown = made.ninefold("export", "pod", check=False)
        assert unknown.returncode == 127 and "not pushed since it was built" in unknown.stderr
        made.reference = json.loads(made.ninefold("push", "--json", "served", f"{made.registry.host}/team/served:1").stdout)["reference"]
        made.ninefold("export", "pod", "--secrets", "secret.yaml", "--output", "pod.yaml")
        made.secret = yaml.safe_load((made.project / "secret.yaml").read_text())
        made.token = base64.b64decode(made.secret["data"]["jupyter_token"]).decode()
        yield made
    finally:
        made.end()


def documents(there, *words):
    return list(yaml.safe_load_all(there.ninefold("export", *words).stdout))


def answer(there, token):
    request = urllib.request.Request(f"http://127.0.0.1:{there.jupyter}/api/contents", headers={"Authorization": f"token {token}"})
    try:
        with urllib.request.urlopen(request, timeout=2) as answered:
            return answered.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def container_of(there, name):
    """The container that podman made of the Pod's."""
    names = there.podman("ps", "--all", "--format", "{{.Names}}").stdout.split()
    return next(one for one in names if name in one and not one.endswith("-infra"))


def told(there, name):
    return there.podman("logs", container_of(there, name), check=False)


@pytest.mark.parametrize("kind", ["pod", "deployment"])
def test_a_pod_runs_its_services(there, kind):
    file = there.play(there.secret, *documents(there, kind))
    try:
        try:
            wait_until(lambda: answer(there, there.token) == 200, 60, "Jupyter")
        except AssertionError:
            raise AssertionError(str(told(there, "served")))
        assert answer(there, "wrong") == 403
        inside = lambda *words: there.podman("exec", container_of(there, "served"), *words, check=False)
        assert inside("/opt/ninefold/bin/ninefold-init", "probe", f"http:{there.jupyter}/api", f"ssh:{there.ssh}").returncode == 0
        refused = inside("/opt/ninefold/bin/ninefold-init", "probe", "tcp:1")
        assert refused.returncode == 1 and "probe: tcp:1: " in refused.stderr
        status = inside("cat", "/proc/1/status").stdout
        assert "Uid:\t1000\t1000\t1000\t1000" in status and "NoNewPrivs:\t1" in status and "CapBnd:\t0000000000000000" in status
        assert inside("touch", "/usr/x").returncode != 0
        value = inside("sh", "-c", "touch /tf/notebooks/x /home/devuser/x /tmp/x && cat /run/secrets/database").stdout
        if " 4.3." in there.podman("--version").stdout:  # it hands Secrets over as they are written
            value = base64.b64decode(value).decode()
        assert value == "hunter2"
        assert "ninefold-init" in inside("cat", "/proc/1/comm").stdout
        known = there.project / "known"
        login = subprocess.run(["ssh", "-F", "none", "-i", there.project / "key", "-p", str(there.ssh), "-o", f"UserKnownHostsFile={known}", "-o",
                                "StrictHostKeyChecking=accept-new", "-o", "BatchMode=yes", "devuser@127.0.0.1",
                                "echo $LEVEL; command -v python; id -u"], capture_output=True, text=True, timeout=30)
        assert login.stdout.split("\n")[:3] == ["debug $HOME", "/opt/env/bin/python", "1000"], login.stderr
        # The host key is the secret's.
        (there.project / "given").write_bytes(base64.b64decode(there.secret["data"]["ssh_host_ed25519_key"]))
        (there.project / "given").chmod(0o600)
        public = subprocess.run(["ssh-keygen", "-y", "-f", there.project / "given"], capture_output=True, text=True, check=True).stdout.split()[1]
        assert public in known.read_text()
        known.unlink()
        # A service that dies comes back.
        probe = ["/opt/ninefold/bin/ninefold-init", "probe", f"ssh:{there.ssh}"]
        assert inside("sh", "-c", "for p in /proc/[0-9]*; do read name < $p/comm; [ $name != sshd ] || kill ${p#/proc/}; done").returncode == 0
        wait_until(lambda: inside(*probe).returncode == 0, 15, "sshd again")
    finally:
        there.down(file)
    wait_until(lambda: answer(there, there.token) is None, 30, "its end")


def job(there, program_text, status, variables=()):
    """A Job's template as a Pod, as it is but for what the cluster would add; its output, once it ended."""
    made = documents(there, "job", "--", "python", "-c", program_text)
    work = next(one for one in made if one["kind"] == "Job")
    template = work["spec"]["template"]
    template["spec"]["containers"][0]["env"] += [{"name": name, "value": value} for name, value in variables]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "served", **template["metadata"]}, "spec": template["spec"]}
    file = there.play(there.secret, *[one for one in made if one["kind"] != "Job"], pod)
    try:
        name = container_of(there, "served")
        assert there.podman("wait", name, timeout=60).stdout.strip() == str(status), told(there, "served")
        return told(there, "served").stdout
    finally:
        there.down(file)


def test_a_job_ends_as_its_command_does_and_sees_tf_config(there):
    assert "task worker 1 2 1000 debug $HOME\n" in job(there, TRAIN, 0, [("TF_CONFIG", TF_CONFIG)])
    assert "before\n" in job(there, "print('before', flush=True); raise SystemExit(3)", 3)


def test_a_built_dockerfile_has_the_locks_packages(there):
    (there.project / "Dockerfile").write_text(there.ninefold("export", "dockerfile").stdout)
    there.podman("build", "--tls-verify=false", "--network", "none", "--tag", "derived", there.project, timeout=600)
    run = ["run", "--rm", "--network", "none", "--entrypoint", "sh", "derived", "-c", PACKAGES]
    built = there.podman(*run).stdout
    assert built == there.podman("run", "--rm", "--network", "none", "--tls-verify=false", there.reference, "sh", "-c", PACKAGES).stdout
    lock = json.loads((there.project / "ninefold.lock").read_text())
    dpkg = {line.split()[0]: line.split()[1] for line in built.splitlines() if " " in line}
    assert {one["name"]: one["version"] for one in lock["os"] + lock["apt"]} == dpkg
    pip = {line.split("==")[0].lower().replace("_", "-").replace(".", "-") for line in built.splitlines() if "==" in line}
    assert {one["name"].lower().replace("_", "-").replace(".", "-") for one in lock["python"]} <= pip
    assert there.podman("run", "--rm", "--network", "none", "--entrypoint", "cat", "derived", "/etc/ninefold/ninefold.toml").stdout.startswith("# Written by")


def test_compose_brings_it_up(there):
    folder = there.project / "up"
    folder.mkdir()
    there.ninefold("export", "compose", "--secrets", folder / "served.secrets", "--output", folder / "compose.yaml")
    file = folder / "compose.yaml"
    text = yaml.safe_load(file.read_text())
    service = text["services"]["served"]
    service["network_mode"] = "host"  # as with the Pods
    del service["ports"]
    file.write_text(yaml.safe_dump(text))
    words = ["--podman-args", f"--root {there.podman_place}/root --runroot {there.podman_place}/run --cgroup-manager cgroupfs --events-backend file"]
    compose = [sys.executable, "-m", "podman_compose", *words, "--in-pod", "0", "-f", file]
    token = (folder / "served.secrets/jupyter_token").read_text()
    try:
        environment = {**os.environ, "CONTAINERS_CONF": str(there.settings)}
        done = subprocess.run([*compose, "up", "--detach"], cwd=folder, capture_output=True, text=True, timeout=300, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        try:
            wait_until(lambda: answer(there, token) == 200, 60, "Jupyter")
        except AssertionError:
            raise AssertionError(str(told(there, "served")))
        assert answer(there, "wrong") == 403
    finally:
        subprocess.run([*compose, "down", "--volumes"], cwd=folder, capture_output=True, timeout=120, env=environment)
