"""In: a small ninefold.toml and the wheel in dist/. Out: images that are the same bytes for everybody.

The inputs are locked once, with the network, and kept in build/containers/images; every build here runs
without one.
"""
import json
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import SOAK, account, free_port, make_account, open_folder, processes, remove_account, rounds, seeded, throwaway, wait_until

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("NINEFOLD_BIN", ROOT / "build/release/bin"))
WHEELS = os.environ.get("NINEFOLD_WHEELS", str(ROOT / "dist"))
KEPT = ROOT / "build/containers/images"
STORE = KEPT / "store"
USER = account("image").name
HOME = Path(throwaway()) / f"ninefold-{USER}"
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"]
FILE = f"""name = "small"
base = "debian:bookworm"
[packages]
set = "small"
apt = ["tree"]
pip = ["tqdm"]
[ssh]
port = {free_port()}
"""


def command(place):
    return [str(place / "ninefold")]


def call(words, store, prefix, home, variables):
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "NINEFOLD_STORE": str(store), "NINEFOLD_WHEELS": WHEELS,
           "LANG": "C.UTF-8", **variables}
    for name in ("PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "http_proxy", "https_proxy", "no_proxy"):
        if name in os.environ:
            env[name] = os.environ[name]
    return [*prefix, "env", "-i", *[f"{k}={v}" for k, v in env.items()], *words]


def run(words, *, store, cwd, prefix=(), check=True, home="/root", **variables):
    done = subprocess.run(call(words, store, prefix, home, variables), cwd=cwd, capture_output=True, text=True, timeout=500)
    if check and done.returncode:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def copy_inputs(source, target):
    """A store that has every input and no layer."""
    folder = target / "inputs/sha256"
    folder.mkdir(parents=True)
    for file in (source / "inputs/sha256").iterdir():
        shutil.copy(file, folder / file.name)


@pytest.fixture(scope="module")
def place():
    """Command, project and stores where every user can reach them."""
    place = open_folder("images", throwaway())
    for name in ("ninefold", "ninefold-init"):
        shutil.copy(BINARIES / name, place / name)
    yield place
    # Trees belong to other ids; this process is root.
    shutil.rmtree(place)


@pytest.fixture
def tmp_path(place):
    """Beside the stores; what a test leaves in it goes at once."""
    made = Path(tempfile.mkdtemp(dir=place))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def project(place):
    """The locked project: its folder and the store with the inputs."""
    folder, store = place / "project", STORE
    folder.mkdir()
    (folder / "ninefold.toml").write_text(FILE)
    kept = KEPT / "ninefold.lock"
    KEPT.mkdir(parents=True, exist_ok=True)
    if kept.exists():
        shutil.copy(kept, folder / "ninefold.lock")
    wheels = [p for p in Path(WHEELS).glob("ninefold-*.whl") if "-cp311-" in p.name]
    if not wheels:
        pytest.skip(f"there is no wheel for Python 3.11 in {WHEELS}; tools/wheel makes one")
    done = run([*command(place), "lock"], store=store, cwd=folder, check=False)
    if done.returncode and kept.exists():  # of an older format, say
        (folder / "ninefold.lock").unlink()
        done = run([*command(place), "lock"], store=store, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    shutil.copy(folder / "ninefold.lock", kept)
    return folder


@pytest.fixture(scope="module")
def interrupted(place, project):
    """A store whose first build was killed after its first layer; and that layer's file."""
    store = place / "store"
    copy_inputs(STORE, store)
    first = subprocess.Popen(call([*command(place), "build"], store, ["unshare", "-n"], "/root", {}), cwd=project,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_until(lambda: any(store.glob("layers/" + 64 * "?")) or first.poll() is not None, 300, "the first layer")
    time.sleep(1)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    layer = store / "blobs/sha256" / next(store.glob("layers/" + 64 * "?")).read_text().strip()[7:]
    return store, layer, layer.stat().st_ino


@pytest.fixture(scope="module")
def built(place, project, interrupted):
    """Root's build, the interrupted one continued: store and JSON."""
    store = interrupted[0]
    done = run([*command(place), "build", "--json"], store=store, cwd=project, prefix=["unshare", "-n"])
    for part in ("blobs/sha256", "layers"):  # test_registry.py starts from them
        shutil.copytree(store / part, STORE / part, dirs_exist_ok=True)
    return store, json.loads(done.stdout)


@pytest.fixture(scope="module")
def user():
    make_account(account("image"), "-d", HOME)
    yield USER
    remove_account(account("image"))


def entries(store, digest):
    with tarfile.open(store / "blobs/sha256" / digest[7:]) as tar:
        for e in tar:
            bytes_ = tar.extractfile(e).read() if e.isreg() else b""
            yield e.name, {"type": e.type, "mode": e.mode, "owner": (e.uid, e.gid), "mtime": e.mtime, "link": e.linkname,
                           "bytes": bytes_, "pax": e.pax_headers}


def explain(store_a, a, store_b, b):
    """The entries and fields in which two images differ."""
    lines = []
    for one, two in zip(a["layers"], b["layers"]):
        if one["digest"] == two["digest"]:
            continue
        left, right = dict(entries(store_a, one["digest"])), dict(entries(store_b, two["digest"]))
        for name in sorted(set(left) | set(right)):
            if left.get(name) != right.get(name):
                fields = [k for k in left.get(name, {}) if left.get(name, {}).get(k) != right.get(name, {}).get(k)]
                lines.append(f"{one['part']}: {name}: {fields or 'only in one'}")
    return "\n".join(lines[:20])


def test_user_and_root_build_the_same_bytes(place, project, built, user):
    store, first = built
    home = Path(f"{HOME}/a/long/way/home/so/that/paths/differ")
    subprocess.run([*AS_USER, "mkdir", "-p", home], check=True)
    own, folder = home / "store", home / "project"
    copy_inputs(STORE, own)
    shutil.copytree(project, folder)
    subprocess.run(["chown", "-R", f"{USER}:{USER}", own, folder], check=True)
    done = run(["sh", "-c", 'umask 077; exec "$0" build --json', *command(place)], store=own, cwd=folder, home=home,
               prefix=["unshare", "-n", *AS_USER],
               TZ="Asia/Tokyo", LC_ALL="C", LANG="de_DE.UTF-8", USER=USER, SOURCE_DATE_EPOCH="12345")
    second = json.loads(done.stdout)
    assert second["image"] == first["image"], explain(store, first, own, second)
    # His trees hold other ids' files, which only his namespace may delete.
    run([*command(place), "store", "remove", "small"], store=own, cwd=folder, home=home,
        prefix=AS_USER)
    run([*command(place), "store", "gc", "--all"], store=own, cwd=folder, home=home,
        prefix=AS_USER)
    left = [p for part in ("blobs/sha256", "inputs/sha256", "compiled/sha256", "wheels", "trees", "temp", "layers") for p in (own / part).iterdir()]
    assert left == []


def test_an_interrupted_build_continues(interrupted, built):
    _, layer, inode = interrupted
    assert "sha256:" + layer.name in [one["digest"] for one in built[1]["layers"]]
    assert layer.stat().st_ino == inode  # kept, not made again


if SOAK:
    @pytest.mark.parametrize("number", range(20))
    def test_twenty_builds_are_the_same_bytes(place, project, built, user, number):
        """Every build starts without layers; one thing or another of its surroundings differs."""
        at_root, late, mirror = number % 2 == 0, number % 3 == 2, number % 5 == 4
        umask, locale = ("022", "077")[number // 2 % 2], ("C", "de_DE.UTF-8")[number // 4 % 2]
        zone, cpus = ("UTC", "Asia/Kolkata")[number // 3 % 2], ("0", "0,1")[number // 2 % 2]
        row = f"{'root' if at_root else 'user'}, umask {umask}, {locale}, {zone}, processors {cpus}" \
              f"{', 40 days on' if late else ''}, inputs from the {'mirror' if mirror else 'store'}"
        print(f"  build {number + 1} of 20: {row}", flush=True)
        home = HOME / "/".join(["home"] * (1 + number % 7 * 5))
        as_user = [] if at_root else AS_USER
        own, folder = home / "store", home / "project"
        subprocess.run([*AS_USER, "mkdir", "-p", home], check=True)
        shutil.copytree(project, folder)
        subprocess.run(["chown", "-R", f"{USER}:{USER}", folder], check=True)
        if mirror:
            run([*command(place), "lock"], store=own, cwd=folder, home=home, prefix=as_user)
        else:
            copy_inputs(STORE, own)
        if not at_root:
            subprocess.run(["chown", "-R", f"{USER}:{USER}", own], check=True)
        words = ["sh", "-c", f'umask {umask}; exec "$@"', "sh", "taskset", "-c", cpus,
                 *(["faketime", "-f", "+40d"] if late else []), *command(place), "build", "--json"]
        done = run(words, store=own, cwd=folder, home=home, prefix=["unshare", "-n", *as_user], LC_ALL=locale, TZ=zone,
                   DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1")  # the clock alone: files have the times that the disk says
        made = json.loads(done.stdout)
        assert made["image"] == built[1]["image"], row + "\n" + explain(built[0], built[1], own, made)
        for words in (["store", "remove", "small"], ["store", "gc", "--all"]):
            run([*command(place), *words], store=own, cwd=folder, home=home, prefix=as_user)
        shutil.rmtree(HOME / "home")


def test_a_build_with_nothing_changed_makes_nothing(place, project, built):
    store, first = built
    before = sorted(p.name for p in (store / "blobs/sha256").iterdir())
    done = run([*command(place), "build", "--json"], store=store, cwd=project, prefix=["unshare", "-n"])
    assert json.loads(done.stdout)["image"] == first["image"]
    assert sorted(p.name for p in (store / "blobs/sha256").iterdir()) == before


def test_kept_byte_code_gives_the_same_bytes(place, project, built):
    """What stands on wheels away, then again with the compiled wheels of the first build, then with damaged ones."""
    store, first = built
    compiled = store / "compiled/sha256"
    kept = sorted(p.name for p in compiled.iterdir())
    assert len(kept) == len(list((store / "wheels").iterdir())) >= 5
    room = json.loads(run([*command(place), "store", "list", "--json"], store=store, cwd=project).stdout)["room"]
    assert room["compiled"]["bytes"] == room["compiled"]["kept"] == sum(p.stat().st_size for p in compiled.iterdir())

    def again():
        for layer in first["layers"]:
            if layer["part"] in ("python", "ninefold"):
                (store / "blobs/sha256" / layer["digest"][7:]).unlink()
        (store / "refs/small").unlink()
        done = run([*command(place), "build", "--json"], store=store, cwd=project, prefix=["unshare", "-n"])
        return json.loads(done.stdout)["image"]

    assert again() == first["image"]
    # A flipped bit is found, and its wheel compiled or its package decompressed anew.
    for kind, of in ((b"opt/", "byte code"), (b"!<arch>", "packages")):
        damaged = {p: p.read_bytes() for p in compiled.iterdir() if p.read_bytes()[:len(kind)] == kind}
        assert damaged, of
        for path, good in damaged.items():
            path.write_bytes(good[:2000] + bytes([good[2000] ^ 1]) + good[2001:])
        assert again() == first["image"], of
        whole = [path for path, good in damaged.items() if path.read_bytes() == good]
        assert whole, of  # those that were needed
        for path, good in damaged.items():
            path.write_bytes(good)
        assert sorted(p.name for p in compiled.iterdir()) == kept


def test_kept_packages_give_the_same_bytes(place, project, built):
    """The system's layers away, then again from what the first build kept, whole and damaged; then the upper one
    alone, which is installed on the stored one, and not on what was just installed."""
    store, first = built
    compiled = store / "compiled/sha256"
    kept = {p: p.read_bytes() for p in compiled.iterdir() if p.read_bytes()[:4] != b"opt/"}
    assert len(kept) > 50  # and locales, where the set has them
    for parts, damage in ((("os", "apt"), False), (("os", "apt"), True), (("apt",), False)):
        for layer in first["layers"]:
            if layer["part"] in parts:
                (store / "blobs/sha256" / layer["digest"][7:]).unlink()
        (store / "refs/small").unlink()
        for path, good in kept.items():
            if damage:
                path.write_bytes(good[:1000] + bytes([good[1000] ^ 1]) + good[1001:])
        done = run([*command(place), "build", "--json"], store=store, cwd=project, prefix=["unshare", "-n"])
        assert json.loads(done.stdout)["image"] == first["image"], f"{parts}, damage: {damage}"
        assert {p: p.read_bytes() for p in kept} == kept, f"{parts}, damage: {damage}"


def test_one_more_package_is_one_new_layer(place, project, built, tmp_path):
    store, first = built
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "ninefold.toml").write_text(FILE.replace('"tqdm"', '"tqdm", "six"'))
    shutil.copy(project / "ninefold.lock", folder / "ninefold.lock")
    run([*command(place), "lock"], store=store, cwd=folder)
    tree = max((store / "trees").iterdir(), key=lambda p: p.stat().st_ctime)
    try:
        done = run([*command(place), "build", "--json"], store=store, cwd=folder, prefix=["unshare", "-n"])
        layers = {layer["part"]: layer["digest"] for layer in json.loads(done.stdout)["layers"]}
        before = {layer["part"]: layer["digest"] for layer in first["layers"]}
        assert {part for part in layers if layers[part] != before[part]} == {"python"}
        # What did not change is not there twice: the new tree links to the old one's files.
        newer = max((store / "trees").iterdir(), key=lambda p: p.stat().st_ctime)
        assert newer != tree
        for path in ("usr/bin/tree", "usr/lib/locale/C.utf8/LC_CTYPE", "opt/env/lib/python3.11/site-packages/tqdm/__init__.py"):
            assert (newer / path).lstat().st_ino == (tree / path).lstat().st_ino, path
        site = "opt/env/lib/python3.11/site-packages"
        assert (newer / site / "six.py").exists() and not (tree / site / "six.py").exists()
    finally:
        run([*command(place), "build"], store=store, cwd=project)  # the name again stands for the first image


def test_layers_hold_what_their_part_says(built):
    store, image = built
    layers = {layer["part"]: dict(entries(store, layer["digest"])) for layer in image["layers"]}
    assert list(layers) == ["os", "apt", "python", "ninefold", "programs"]
    assert "usr/bin/tree" in layers["apt"] and "usr/bin/tree" not in layers["os"]
    assert not [n for n in layers["apt"] if n.startswith("opt/")]
    assert all(n == "opt/env" or n.startswith("opt/env/") for n in layers["python"])
    assert "opt/env/lib/python3.11/site-packages/tqdm/__init__.py" in layers["python"]
    assert "opt/ninefold/python/tensorflow-2.9.0.dist-info/METADATA" in layers["ninefold"]
    assert "opt/ninefold/bin/ninefold-init" in layers["programs"]
    for name in ("etc/hostname", "etc/resolv.conf", "etc/machine-id", "etc/apt/sources.list"):
        assert name not in layers["os"]
    assert not [n for n in layers["os"] if n.startswith(("etc/ssh/ssh_host_", "var/log/", "dev/"))]


def test_a_damaged_blob_is_named(place, project, built):
    store, image = built
    blob = store / "blobs/sha256" / image["layers"][-1]["digest"][7:]
    good = blob.read_bytes()
    try:
        blob.write_bytes(good[:700] + bytes([good[700] ^ 1]) + good[701:])
        done = run([*command(place), "verify"], store=store, cwd=project, check=False)
        assert done.returncode == 1
        assert blob.name in done.stdout and "is corrupted" in done.stdout
    finally:
        blob.write_bytes(good)
    assert run([*command(place), "verify"], store=store, cwd=project).returncode == 0


def test_an_image_travels_in_a_file(place, project, built, tmp_path):
    store, image = built
    archive, other = tmp_path / "small.tar", tmp_path / "store"
    run([*command(place), "save", "small", archive], store=store, cwd=project)
    broken = bytearray(archive.read_bytes())
    broken[len(broken) // 2] ^= 1
    (tmp_path / "broken.tar").write_bytes(broken)
    done = run([*command(place), "load", tmp_path / "broken.tar"], store=other, cwd=project, check=False)
    assert done.returncode == 127 and "damaged or tampered with, nothing was loaded" in done.stderr
    assert "small" not in run([*command(place), "store", "list"], store=other, cwd=project).stdout
    done = run([*command(place), "load", archive], store=other, cwd=project)
    assert done.stdout == f"small {image['image']}\n"
    # No inputs came along: the image itself is what `build` and `up` use.
    done = run([*command(place), "build"], store=other, cwd=project, prefix=["unshare", "-n"])
    assert done.stdout == f"small {image['image']}\n"
    shutil.rmtree(other)


class Elsewhere:
    """A store, a home and a run state of a test's own, and the project's verbs on them."""

    def __init__(self, place, project, folder, store=None):
        self.words, self.cwd, self.store = command(place), project, store or folder / "store"
        self.home, self.state = folder / "home", folder / "state"
        self.home.mkdir(mode=0o700)

    def __call__(self, *words, check=True):
        return run([*self.words, *words], store=self.store, cwd=self.cwd, home=self.home, check=check, XDG_STATE_HOME=str(self.state))

    def begin(self, *words):
        return subprocess.Popen(call([*self.words, *map(str, words)], self.store, [], self.home, {"XDG_STATE_HOME": str(self.state)}),
                                cwd=self.cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.fixture(scope="module")
def archive(place, project, built):
    file = place / "small.tar"
    run([*command(place), "save", "small", file], store=built[0], cwd=project)
    return file


def test_a_corrupted_layer_is_never_started(place, project, archive, tmp_path):
    ninefold = Elsewhere(place, project, tmp_path)
    ninefold("load", archive)
    blob = max((ninefold.store / "blobs/sha256").iterdir(), key=lambda file: file.stat().st_size)
    with open(blob, "r+b") as file:
        file.seek(blob.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    done = ninefold("up", check=False)
    assert done.returncode == 127 and blob.name in done.stderr and "is corrupted" in done.stderr
    assert "remove it, then build or pull again" in done.stderr
    assert not list(ninefold.state.glob("ninefold/environments/[a-z]*"))
    blob.unlink()
    ninefold("load", archive)
    assert ninefold("run", "--", "python3", "-c", "import tqdm; print('fine')").stdout == "fine\n"


def test_a_store_on_a_full_disk(place, project, archive, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", disk], check=True)
    try:
        ninefold = Elsewhere(place, project, tmp_path, disk / "store")
        done = ninefold("load", archive, check=False)
        assert done.returncode == 127 and "no space left on the device (ENOSPC)" in done.stderr, done.stderr
        assert ninefold("store", "list", "--json").stdout.count('"images":[]') == 1
        assert not list((disk / "store/temp").iterdir())
        subprocess.run(["mount", "-o", "remount,size=2g", disk], check=True)
        ninefold("load", archive)
        assert ninefold("verify").returncode == 0
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_dead_network_is_told_and_the_lock_stays(place, project, tmp_path):
    for line in ('apt = ["tree", "less"]', 'pip = ["tqdm", "six"]'):
        folder = tmp_path / line[:3]
        folder.mkdir()
        (folder / "ninefold.toml").write_text('name = "dead"\n[packages]\nset = "small"\n' + line + "\n")
        shutil.copy(KEPT / "ninefold.lock", folder / "ninefold.lock")
        done = run([*command(place), "lock"], store=STORE, cwd=folder, check=False, prefix=["unshare", "-n"])
        print(done.stderr)
        assert done.returncode == 127 and "network" in done.stderr, done.stderr
        assert (folder / "ninefold.lock").read_bytes() == (KEPT / "ninefold.lock").read_bytes()


def test_kills_in_mixed_work(place, project, archive, built, tmp_path):
    """build, load, gc and up at once on one store, and SIGKILLs of any process of theirs."""
    ninefold, chance, over = Elsewhere(place, project, tmp_path), seeded("mixed work"), threading.Event()
    copy_inputs(STORE, ninefold.store)
    work = {"build": [["build"]], "load": [["store", "remove", "small"], ["load", archive]], "gc": [["store", "gc"]],
            "up": [["up"], ["exec", "true"], ["down", "--force"]]}
    running, done = {}, dict.fromkeys(work, 0)

    def loop(name):
        while not over.is_set():
            for words in work[name]:
                running[name] = ninefold.begin(*words)
                done[name] += running[name].wait() == 0
            over.wait(0.3)  # gc needs a moment without a build

    def below(top):
        table, found = processes(), [top]
        for pid in found:
            found += [one for one, (parent, _, _) in table.items() if parent == pid]
        return found

    ninefold("load", archive)
    workers = [threading.Thread(target=loop, args=(name,)) for name in work]
    for worker in workers:
        worker.start()
    try:
        for _ in rounds("SIGKILLs in mixed work", 15, 100):
            time.sleep(chance.random() * 1.2)
            victim = running.get(chance.choice(list(work)))
            if victim and victim.poll() is None:
                try:
                    os.kill(chance.choice(below(victim.pid)), signal.SIGKILL)
                except ProcessLookupError:
                    pass
    finally:
        over.set()
        for worker in workers:
            while worker.is_alive():
                worker.join(0.5)
                for one in list(running.values()):
                    if one.poll() is None:
                        with suppress(ProcessLookupError):  # its thread has just reaped it
                            os.killpg(one.pid, signal.SIGKILL)
    print(f"  commands that were left to succeed: {done}")
    assert done["load"]
    clean = ninefold("verify", check=False)
    assert clean.returncode == 0, clean.stdout
    ninefold("load", archive)
    image = json.loads(ninefold("build", "--json", *(["--fresh"] if SOAK else [])).stdout)
    assert image["image"] == built[1]["image"]
    ninefold("down", "--force")
    assert ninefold("run", "--", "python3", "-c", "import tqdm; print('fine')").stdout == "fine\n"
    ninefold("store", "gc")
    assert not list((ninefold.store / "temp").iterdir()) and not list((ninefold.store / "leases").iterdir())
    assert ninefold("verify").returncode == 0
    ninefold("store", "remove", "small")
    ninefold("store", "gc", "--all")


def test_a_lock_that_does_not_match_the_file_is_refused(place, project, built):
    store, _ = built
    file = project / "ninefold.toml"
    try:
        file.write_text(FILE.replace("tqdm", "six"))
        done = run([*command(place), "build"], store=store, cwd=project, check=False)
        assert done.returncode == 127 and "was made from another ninefold.toml; run ninefold lock" in done.stderr
    finally:
        file.write_text(FILE)


def test_a_missing_input_is_named(place, project, tmp_path):
    done = run([*command(place), "build"], store=tmp_path / "empty", cwd=project, check=False)
    assert done.returncode == 127
    assert "inputs are not in the store" in done.stderr and "`ninefold lock` fetches them" in done.stderr


@pytest.mark.parametrize("line,says", [
    ('apt = ["no-such-package-here"]', "no Debian package is called 'no-such-package-here'"),
    ('pip = ["no-such-package-here-9f3"]', "see [packages] pip in ninefold.toml"),
])
def test_a_package_that_does_not_exist_is_named(place, project, tmp_path, line, says):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "ninefold.toml").write_text('name = "bad"\n[packages]\nset = "small"\n' + line + "\n")
    shutil.copy(KEPT / "ninefold.lock", folder / "ninefold.lock")
    done = run([*command(place), "lock"], store=STORE, cwd=folder, check=False)
    assert done.returncode == 127 and says in done.stderr, done.stderr
    assert (folder / "ninefold.lock").read_bytes() == (KEPT / "ninefold.lock").read_bytes()


def test_the_real_tensorflow_stays_out(place, project, tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "ninefold.toml").write_text(FILE.replace('"tqdm"', '"tensorflow-hub", "tensorflow", "keras"'))
    shutil.copy(KEPT / "ninefold.lock", folder / "ninefold.lock")
    run([*command(place), "lock"], store=STORE, cwd=folder)
    lock = json.loads((folder / "ninefold.lock").read_text())
    names = {package["name"] for package in lock["python"]}
    assert "tensorflow-hub" in names and not names & {"tensorflow", "keras", "tensorflow-cpu", "tf-keras"}
    assert [p["version"] for p in lock["ninefold"] if p["name"] == "tensorflow"] == ["2.9.0"]
    # Only what was asked anew is new: the operating system stays as it was locked.
    assert lock["os"] == json.loads((KEPT / "ninefold.lock").read_text())["os"]


def test_gc_leaves_what_a_running_environment_stands_on(place, project, built, tmp_path):
    """The last test of this file: its image goes."""
    store, _ = built
    home = tmp_path / "home"
    home.mkdir(mode=0o700)

    def ninefold(*words):
        return run([*command(place), *words], store=store, cwd=project, home=home, XDG_STATE_HOME=str(tmp_path / "state")).stdout

    ninefold("up")
    try:
        ninefold("store", "remove", "small")
        ninefold("store", "gc")
        assert ninefold("exec", "--", "python3", "-c", "import tqdm; print(tqdm.__name__)") == "tqdm\n"
    finally:
        ninefold("down", "--force")
    ninefold("store", "gc")
    assert list((store / "trees").iterdir()) == []
