"""In: Debian's kernel and qemu, a file that Ninefold builds a system from. Out: a virtual machine that is booted with
one kind of cgroups, runs inside.py and says what it saw.

qemu is installed where it is missing; kernel and initial program are fetched as packages and unpacked below
build/guest, never installed. With a /dev/kvm that works a boot takes
seconds, else minutes. Nothing of this is needed by ./check.
"""
import fcntl
import functools
import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/containers"))
from conftest import BINARIES, open_folder, probe, throwaway  # noqa: E402

KEPT = ROOT / "build/guest"
WHEELS = os.environ.get("NINEFOLD_WHEELS", str(ROOT / "dist"))
KERNEL = "linux-image-cloud-amd64"
# What a machine needs to be one, and what Ninefold asks of a machine (tools/packages.txt).
FILE = """name = "guest"
base = "debian:bookworm"
[packages]
set = "small"
apt = ["systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "kmod", "iproute2", "procps",
       "openssh-client", "runc", "uidmap", "slirp4netns", "golang-github-containers-common"]
[ssh]
port = 2222
"""
# Modules between the kernel and its disk; which needs which differs by version. Others are found by their names later.
MODULES = ("virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk")
FIRST = """#!/bin/busybox sh
for again in 1 2 3; do for name in {modules}; do /bin/busybox insmod /modules/$name.ko 2>/dev/null; done; done
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t ext4 /dev/vda /root
/bin/busybox cp /inside.py /root/guest/
/bin/busybox cp /guest.service /root/etc/systemd/system/
/bin/busybox mkdir -p /root/etc/systemd/system/multi-user.target.wants
/bin/busybox ln -s ../guest.service /root/etc/systemd/system/multi-user.target.wants/
exec /bin/busybox switch_root /root $guest_init
"""
UNIT = """[Unit]
Description=What inside.py sees
After=dbus.service systemd-logind.service systemd-user-sessions.service
Wants=dbus.service systemd-logind.service systemd-user-sessions.service
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /guest/inside.py
StandardOutput=file:/dev/ttyS1
StandardError=journal+console
TimeoutStartSec=infinity
ExecStopPost=/usr/bin/systemctl poweroff --force --force
"""
PLAIN = "guest_init=/guest/inside.py"
SYSTEMD = "guest_init=/lib/systemd/systemd systemd.unit=multi-user.target"
# kind: what the kernel and PID 1 are told
BOOTS = {
    "v2, systemd": SYSTEMD + " systemd.unified_cgroup_hierarchy=1",
    "v2": PLAIN + " guest_cgroups=v2",
    "v1": PLAIN + " guest_cgroups=v1",
    "hybrid": PLAIN + " guest_cgroups=hybrid",
    "v1, systemd": SYSTEMD + " systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1",
    "hybrid, systemd": SYSTEMD + " systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=0",
}


class Unavailable(Exception):
    """Why no guest can be had on this machine."""


def call(*words, **options):
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    except OSError as problem:
        raise Unavailable(f"{words[0]}: {problem.strerror}") from None
    if done.returncode:
        raise Unavailable(f"{' '.join(map(str, words))} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def qemu():
    program = shutil.which("qemu-system-x86_64")
    if not program:
        call("apt-get", "install", "-q", "-y", "--no-install-recommends", "qemu-system-x86",
             env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        program = shutil.which("qemu-system-x86_64")
    return program


def words_for(accelerator, image, first):
    return [qemu(), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-machine", "q35", "-accel", accelerator,
            "-cpu", "max,-arch-capabilities", "-smp", "2", "-m", "2560", "-kernel", str(image), "-initrd", str(first)]


@functools.cache
def accelerated(image, first):
    """Whether /dev/kvm is there and works: within ten seconds its guest must come to its first program, which finds no
    disk and ends. Some machines have the device and no more."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    words = [*words_for("kvm", image, first), "-append", "console=ttyS0 panic=-1", "-serial", "stdio"]
    tried = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        return b"Attempted to kill init" in tried.communicate(timeout=10)[0]
    except subprocess.TimeoutExpired:
        return False
    finally:
        tried.kill()
        tried.wait()


def package(name, place):
    """A Debian package's files, below `place`."""
    if not place.exists():
        fresh = place.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        call("apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", name, cwd=fresh)
        call("dpkg-deb", "-x", next(fresh.glob("*.deb")), fresh)
        fresh.rename(place)
    return place


def kernel():
    """The newest cloud kernel of this machine's archives: its files, and its version."""
    named = [line.split()[-1] for line in call("apt-cache", "depends", KERNEL).splitlines() if "linux-image-" in line]
    if len(named) < 2:
        raise Unavailable(f"{KERNEL} is not among this machine's packages")
    return package(named[-1], KEPT / named[-1]), named[-1].removeprefix("linux-image-")


def entry(name, mode, bytes_=b""):
    """One entry of a cpio archive as the kernel reads it (Documentation/driver-api/early-userspace/buffer-format)."""
    fields = (1, mode, 0, 0, 1, 0, len(bytes_), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return b"".join(part + b"\0" * (-len(part) % 4) for part in (head, bytes_))


def initial(files, version):
    """The first file system: a shell, the modules that reach the disk, and what changes oftener than it."""
    shell = package("busybox-static", KEPT / "busybox") / "bin/busybox"
    parts = [entry(folder, 0o40755) for folder in ("bin", "modules", "dev", "root")]
    parts += [entry("bin/busybox", 0o100755, shell.read_bytes()),
              entry("init", 0o100755, FIRST.format(modules=" ".join(MODULES)).encode()),
              entry("guest.service", 0o100644, UNIT.encode()),
              entry("inside.py", 0o100755, (HERE / "inside.py").read_bytes())]
    for name in MODULES:
        found = list((files / "lib/modules" / version).rglob(name + ".ko"))
        if found:  # else it is in the kernel
            parts.append(entry(f"modules/{name}.ko", 0o100644, found[0].read_bytes()))
    return b"".join([*parts, entry("TRAILER!!!", 0)])


def ninefold(place, store, *words, **options):
    env = {**os.environ, "HOME": str(place), "NINEFOLD_STORE": str(store), "NINEFOLD_WHEELS": WHEELS}
    done = subprocess.run([place / "ninefold", *words], cwd=place, env=env, capture_output=True, text=True, timeout=1800, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def unpack(store, layers, tree):
    """An image's layers as one tree, with their own ids."""
    for layer in layers:
        blob = store / "blobs/sha256" / layer["digest"][7:]
        with tarfile.open(blob) as tar:
            for name in tar.getnames():
                folder, _, last = name.rpartition("/")
                if last == ".wh..wh..opq":
                    shutil.rmtree(tree / folder, ignore_errors=True)
                elif last.startswith(".wh."):
                    gone = tree / folder / last[4:]
                    shutil.rmtree(gone) if gone.is_dir() and not gone.is_symlink() else gone.unlink(missing_ok=True)
        call("tar", "-xpf", blob, "--numeric-owner", "--xattrs", "--xattrs-include=*", "--exclude=.wh.*", "-C", tree)


def make_disk(files, version, disk):
    """A disk with the system that Ninefold built, the kernel's modules, the command, and the image in one file."""
    place = open_folder("guest", throwaway())
    try:
        for name in ("ninefold", "ninefold-init"):
            shutil.copy(BINARIES / name, place / name)
        (place / "ninefold.toml").write_text(FILE)
        store, tree = KEPT / "store", place / "tree"
        if (KEPT / "ninefold.lock").exists():
            shutil.copy(KEPT / "ninefold.lock", place)
        ninefold(place, store, "lock")
        image = json.loads(ninefold(place, store, "build", "--json"))
        shutil.copy(place / "ninefold.lock", KEPT)
        tree.mkdir()
        unpack(store, image["layers"], tree)
        (tree / "guest").mkdir()
        ninefold(place, store, "save", "guest", tree / "guest/image.tar")
        ninefold(place, store, "store", "gc")
        for name in ("ninefold", "ninefold-init"):
            shutil.copy(place / name, tree / "usr/local/bin" / name)
        (tree / "etc/fstab").write_text("")
        (tree / "etc/hostname").write_text("guest\n")
        (tree / "etc/machine-id").write_text("")
        shutil.copytree(files / "lib/modules" / version, tree / "usr/lib/modules" / version)
        call("chroot", tree, "depmod", version)
        disk.unlink(missing_ok=True)
        call("mke2fs", "-q", "-t", "ext4", "-d", tree, disk.with_suffix(".new"), "4G")
        disk.with_suffix(".new").rename(disk)
    finally:
        shutil.rmtree(place)


def prepare():
    """Kernel, first file system and disk; made anew when the command or what stands here changed."""
    if why := probe():
        raise Unavailable(why)
    if not list(Path(WHEELS).glob("ninefold-*-cp311-*.whl")):
        raise Unavailable(f"there is no wheel for Python 3.11 in {WHEELS}; tools/wheel makes one")
    KEPT.mkdir(parents=True, exist_ok=True)
    with open(KEPT / "lock", "w") as lock:  # two runs make one disk
        fcntl.flock(lock, fcntl.LOCK_EX)
        return prepare_alone()


def prepare_alone():
    files, version = kernel()
    first, disk, noted = KEPT / "initrd", KEPT / "disk", KEPT / "made-from"
    first.write_bytes(initial(files, version))
    parts = [BINARIES / "ninefold", BINARIES / "ninefold-init", *sorted(Path(WHEELS).glob("*.whl"))]
    recipe = (FILE + inspect.getsource(make_disk)).encode()
    made_from = version + " " + hashlib.sha256(recipe + b"".join(part.read_bytes() for part in parts)).hexdigest()
    if not disk.exists() or not noted.exists() or noted.read_text() != made_from:
        make_disk(files, version, disk)
        noted.write_text(made_from)
    return files / "boot" / f"vmlinuz-{version}", first, disk


def boot(kind):
    """One boot: what inside.py saw, a row a caller."""
    image, first, disk = prepare()
    fast = accelerated(image, first)
    said, console = KEPT / f"said-{kind}".replace(", ", "-"), KEPT / f"console-{kind}".replace(", ", "-")
    for file in (said, console):
        file.write_text("")
    began = time.monotonic()
    words = [*words_for("kvm" if fast else "tcg", image, first), "-append", f"console=ttyS0 panic=-1 quiet {BOOTS[kind]}",
             "-drive", f"file={disk},format=raw,if=virtio,snapshot=on,cache=unsafe",
             "-serial", f"file:{console}", "-serial", f"file:{said}"]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        problem = process.communicate(timeout=600 if fast else 3600)[1]
    except subprocess.TimeoutExpired:
        problem = "it did not come to an end"
    finally:
        process.kill()
        process.wait()
    rows = {}
    for line in said.read_text(errors="replace").splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            rows[row["caller"]] = row
    print(f"  {kind}: booted and ended in {time.monotonic() - began:.0f} s ({'kvm' if fast else 'emulated: no kvm that works'})", flush=True)
    if not rows:
        raise AssertionError(f"{kind}: the guest said nothing; {problem.strip()}\n{console.read_text(errors='replace')[-3000:]}")
    return rows
