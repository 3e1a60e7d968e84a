"""In: the files of an NVIDIA driver, put where a driver puts them, in mounts that only these tests see. Out: environments
with them inside. The libraries are shared objects with the real names, made by the compiler and indexed by ldconfig;
the nodes are devices with the numbers of /dev/null. No GPU is needed.
"""
import json
import os
import subprocess
import textwrap
from pathlib import Path

import pytest
from conftest import Environment, Who, open_folder

OLD, NEW = "535.161.07", "535.183.01"
LIBRARIES = {"libcuda.so": "libcuda.so.1", "libnvidia-ml.so": "libnvidia-ml.so.1", "libnvidia-glcore.so": None}


class Machine:
    """A mount namespace with a driver in it. `sh` runs there as root."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.holder = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-c", "echo; exec sleep 3600"],
                                       stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.enter = ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt"]
        self.sh(f"""
            mkdir -p {scratch}/dev {scratch}/lib {scratch}/proc {scratch}/sys
            mount --bind /proc {scratch}/proc  # whole: of one that is covered in part the kernel shows containers nothing
            mount --bind /sys {scratch}/sys
            mount -t tmpfs -o mode=755 t {scratch}/dev
            for one in /dev/*; do
              name={scratch}/dev/${{one##*/}}
              if [ -L $one ]; then cp -a $one $name
              elif [ -d $one ]; then mkdir $name; mount --rbind $one $name
              else touch $name; mount --bind $one $name; fi
            done
            for node in nvidiactl nvidia0 nvidia1 nvidia-uvm nvidia-uvm-tools; do mknod -m 666 {scratch}/dev/$node c 1 3; done
            mount --rbind {scratch}/dev /dev
            for place in /proc/driver /sys/bus/pci/devices /usr/local/bin; do mount -t tmpfs -o mode=755 t $place; done
            printf '#!/bin/sh\\necho "NVIDIA-SMI stand-in"\\n' > /usr/local/bin/nvidia-smi
            chmod 755 /usr/local/bin/nvidia-smi
            mkdir -p /proc/driver/nvidia/gpus
            for card in 0 1; do
              mkdir -p /proc/driver/nvidia/gpus/0000:0$card:00.0 /sys/bus/pci/devices/0000:0$card:00.0
              printf "Model: \\t\\t NVIDIA H100\\nGPU UUID: \\t GPU-${{card}}932f937-d72c-4106-c12f-20bd9faed9f6\\nDevice Minor: \\t $card\\n" \\
                > /proc/driver/nvidia/gpus/0000:0$card:00.0/information
              echo 0x10de > /sys/bus/pci/devices/0000:0$card:00.0/vendor
              echo 0x030200 > /sys/bus/pci/devices/0000:0$card:00.0/class
            done""")
        self.driver(NEW)

    def sh(self, script):
        return subprocess.run([*self.enter, "sh", "-ec", textwrap.dedent(script)], check=True, capture_output=True, text=True).stdout

    def driver(self, version):
        """The module and its libraries, of one version."""
        for file in (self.scratch / "lib").iterdir():
            file.unlink()
        for name, soname in LIBRARIES.items():
            source = 'int driver_version(void) { return %s; }' % version.split(".")[1]
            subprocess.run(["cc", "-shared", "-nostdlib", f"-Wl,-soname,{soname or name + '.' + version}", "-x", "c", "-", "-o",
                            self.scratch / f"lib/{name}.{version}"], input=source, text=True, check=True)
        self.sh(f"""
            printf 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Sun May 12 19:39:15 UTC 2024\\n' > /proc/driver/nvidia/version
            umount /etc/ld.so.cache 2>/dev/null || true
            {{ echo {self.scratch}/lib; cat /etc/ld.so.conf; }} > {self.scratch}/conf
            ldconfig -f {self.scratch}/conf -C {self.scratch}/cache
            mount --bind {self.scratch}/cache /etc/ld.so.cache""")

    def end(self):
        self.holder.kill()
        self.holder.wait()


@pytest.fixture(scope="module")
def machine():
    scratch = open_folder("gpu")
    made = Machine(scratch)
    yield made
    made.end()
    subprocess.run(["rm", "-rf", scratch], check=True)


@pytest.fixture
def made(who, machine):
    """A project on that machine; its verbs run in the machine's mounts."""
    folder = who.home / "project-gpu"
    there = Who(who.name, who.home, lambda: who.tree, [*machine.enter, "sh", "-c", 'cd "$1" 2>/dev/null; shift; exec "$@"', "sh", folder, *who.prefix],
                who.command)
    project = Environment(there, "gpu", ssh=False)
    yield project
    project.down()


def gpu(made, *words, **options):
    return made("gpu", *words, check=False, **options)


def findings(made):
    return {one["id"]: one for one in json.loads(made("doctor", "--json", check=False).stdout)}


def test_libraries_programs_and_nodes_are_inside(made):
    said = made.up().stdout
    assert f"gpu:          0, 1 by Ninefold's own specification, driver {NEW}\n" in said
    listed = made.sh("/sbin/ldconfig -p").stdout
    assert "libcuda.so.1 (libc6,x86-64) => /run/ninefold/driver/lib/libcuda.so.1\n" in listed
    assert "libc.so.6 (libc6,x86-64" in listed
    for name in ("libcuda.so.1", "libcuda.so", "libnvidia-ml.so.1", f"libnvidia-glcore.so.{NEW}"):
        assert made.sh(f"python3 -c 'import ctypes; print(ctypes.CDLL(\"{name}\").driver_version())'").stdout == "183\n"
    assert made.sh("nvidia-smi").stdout == "NVIDIA-SMI stand-in\n"
    assert made.sh("for node in nvidiactl nvidia0 nvidia1 nvidia-uvm; do echo x > /dev/$node; head -c 1 /dev/$node; done; stat -c %F /dev/nvidia0"
                   ).stdout == "character special file\n"
    # Every path of the specification is there, and cannot be written but for the nodes.
    whole = json.loads(gpu(made, "--cdi").stdout)
    edits = [whole["containerEdits"], *[device["containerEdits"] for device in whole["devices"]]]
    paths = {mount["containerPath"] for one in edits for mount in one.get("mounts", [])}
    assert len(paths) > 6
    for path in paths | {node["path"] for one in edits for node in one["deviceNodes"]}:
        made.sh(f"test -e {path}")
    for path in paths:
        assert made.sh(f"echo x >> {path}", check=False).returncode != 0
    assert json.loads(made("diff", "--json").stdout)["added"] == []
    assert made.status()["gpus"] == ["0", "1"]


def test_only_the_named_card_is_inside(made):
    made.write('[gpu]\nuse = "required"\ndevices = ["GPU-1932f937"]\n', ssh=False)
    made.up()
    assert made.sh("ls /dev/nvidia[0-9]; echo $CUDA_VISIBLE_DEVICES $CUDA_DEVICE_ORDER").stdout == "/dev/nvidia1\n0 PCI_BUS_ID\n"


def test_none_is_none(made):
    made.write('[gpu]\nuse = "none"\n', ssh=False)
    assert 'gpu:          none (the file says gpu.use = "none")' in made.up().stdout
    assert made.sh("ls /dev | grep -c nvidia", check=False).stdout == "0\n"
    assert "driver" not in made.sh("ls /run/ninefold").stdout.split()


def test_required_refuses_and_optional_explains(made, machine):
    machine.sh("rm /dev/nvidia-uvm")
    try:
        made.write('[gpu]\nuse = "required"\n', ssh=False)
        done = made.up(check=False)
        assert done.returncode == 127
        assert "ninefold.toml:6:7: a GPU is required, and /dev/nvidia-uvm is not there" in done.stderr and "sudo nvidia-modprobe -c 0 -u" in done.stderr
        made.write("", ssh=False)
        done = made.up()
        assert "gpu:          none (/dev/nvidia-uvm is not there" in done.stdout
        assert "up: no GPU inside: /dev/nvidia-uvm is not there" in done.stderr and "sudo nvidia-modprobe -c 0 -u" in done.stderr
        assert made.sh("/sbin/ldconfig -p").stdout.count("libcuda") == 0
        told = gpu(made)
        assert told.returncode == 1 and "do:           sudo nvidia-modprobe -c 0 -u\n" in told.stdout
    finally:
        machine.sh("mknod -m 666 /dev/nvidia-uvm c 1 3")


CLOSED = '[gpu]\nuse = "none"\n'
REQUIRED = '[gpu]\nuse = "required"\n'
VERSION = "printf 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  %s  Sun May 12 19:39:15 UTC 2024\\n' > /proc/driver/nvidia/version"
# Of a driver with one thing wrong: what tells it, and what ends it. None: the remedy itself, as it is printed; the others
# install a driver or load its module, which needs a card.
BROKEN = {
    "gpu-driver-missing": ("mv /proc/driver/nvidia/version /proc/driver/v; rm /dev/nvidiactl", "mv /proc/driver/v /proc/driver/nvidia/version; mknod -m 666 /dev/nvidiactl c 1 3", ""),
    "gpu-nodes-missing": ("rm /dev/nvidia-uvm", "mknod -m 666 /dev/nvidia-uvm c 1 3", ""),
    "gpu-node-closed": ("chmod 600 /dev/nvidia0", None, ""),
    "gpu-library-missing": ("umount /etc/ld.so.cache", "mount --bind {scratch}/cache /etc/ld.so.cache", ""),
    "gpu-library-other": (VERSION % OLD, VERSION % NEW, ""),
    "gpu-unused": ("true", None, CLOSED),
    "gpu-required-none": ("mount -t tmpfs t /sys/bus/pci/devices; mount -t tmpfs t /proc/driver/nvidia; rm /dev/nvidiactl", None, REQUIRED),
}


@pytest.mark.parametrize("row", BROKEN)
def test_the_doctor_names_the_condition(made, machine, row):
    broken, mended, text = BROKEN[row]
    told = lambda: {one: says["remedy"] for one, says in findings(made).items() if one.startswith("gpu-")}
    if row == "gpu-node-closed" and made.who.name == "root":
        return  # root opens every node
    made.write("", ssh=False)
    assert told() == {}
    made.write(text, ssh=False)
    machine.sh(broken)
    try:
        found = told()
        assert set(found) == {row}, found
        if mended is None:
            machine.sh(f"cd {made.folder}; {found[row]}")
            assert told() == {}
    finally:
        machine.sh((mended or "true").format(scratch=machine.scratch))
        if row == "gpu-node-closed":
            machine.sh("chmod 666 /dev/nvidia0")
        if row == "gpu-required-none":
            machine.sh("umount /sys/bus/pci/devices; umount /proc/driver/nvidia; mknod -m 666 /dev/nvidiactl c 1 3")
    if mended:
        assert told() == {}


def test_a_sites_file_is_preferred_until_the_driver_changes(made, machine):
    there = Path("/etc/cdi").is_dir()
    os.makedirs("/etc/cdi", exist_ok=True)
    site = {"cdiVersion": "0.5.0", "kind": "nvidia.com/gpu",
            "devices": [{"name": "all", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia0"}]}}],
            "containerEdits": {"env": ["SITE=1"], "deviceNodes": [{"path": "/dev/nvidiactl"}, {"path": "/dev/nvidia-uvm"}],
                               "mounts": [{"hostPath": f"{machine.scratch}/lib/libcuda.so.{NEW}", "containerPath": f"/usr/lib64/libcuda.so.{NEW}"}]}}
    try:
        machine.sh("mount -t tmpfs -o mode=755 t /etc/cdi")
        machine.sh(f"cat > /etc/cdi/nvidia.yaml <<'END'\n{json.dumps(site)}\nEND")
        done = made.up()
        assert f"gpu:          all by /etc/cdi/nvidia.yaml, driver {NEW}\n" in done.stdout and done.stderr.count("cdi") == 0
        assert made.sh("ls /dev/nvidia[0-9]; echo $SITE; python3 -c 'import ctypes; print(ctypes.CDLL(\"libcuda.so.1\").driver_version())'").stdout == \
            "/dev/nvidia0\n1\n183\n"
        machine.driver(OLD)
        found = findings(made)
        assert found["gpu-driver-changed"]["evidence"] == f"gpu was started with the driver {NEW}, and the kernel runs {OLD}"
        made.down()
        done = made.up()
        assert f"up: /etc/cdi/nvidia.yaml is of the driver {NEW}, and {OLD} runs: Ninefold's own specification is taken" in done.stderr
        assert f"gpu:          0, 1 by Ninefold's own specification, driver {OLD}\n" in done.stdout
        assert made.sh("python3 -c 'import ctypes; print(ctypes.CDLL(\"libcuda.so.1\").driver_version())'").stdout == "161\n"
        remedy = findings(made)["gpu-cdi-outdated"]["remedy"]
        machine.sh(f"PATH={made.who.command}:$PATH; {remedy}")  # there is no nvidia-ctk: Ninefold's own is written
        assert not {"gpu-cdi-outdated", "gpu-driver-changed"} & set(findings(made))
        made.down()
        done = made.up()
        assert f"gpu:          0, 1 by /etc/cdi/nvidia.yaml, driver {OLD}\n" in done.stdout and done.stderr.count("cdi") == 0
        assert made.sh("python3 -c 'import ctypes; print(ctypes.CDLL(\"libcuda.so\").driver_version())'").stdout == "161\n"
    finally:
        made.down()
        machine.driver(NEW)
        machine.sh("umount /etc/cdi")
        if not there:
            os.rmdir("/etc/cdi")
