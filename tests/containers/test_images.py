"""In: a small ninefold.toml and the wheel in dist/. Out: images that are the same bytes for everybody.

The inputs are locked once, with the network, and kept in build/containers/images; every build here runs
without one.
"""
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("NINEFOLD_BIN", ROOT / "build/release/bin"))
WHEELS = os.environ.get("NINEFOLD_WHEELS", str(ROOT / "dist"))
KEPT = ROOT / "build/containers/images"
USER, SUBIDS = "nfimage", 1100000000
FILE = """name = "small"
base = "debian:bookworm"
[packages]
set = "small"
apt = ["tree"]
pip = ["tqdm"]
[ssh]
port = 22022
"""


def command(place):
    return [str(place / "ninefold")]


def run(words, *, store, cwd, prefix=(), check=True, home="/root", **variables):
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "NINEFOLD_STORE": str(store), "NINEFOLD_WHEELS": WHEELS,
           "LANG": "C.UTF-8", **variables}
    for name in ("PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "http_proxy", "https_proxy", "no_proxy"):
        if name in os.environ:
            env[name] = os.environ[name]
    done = subprocess.run([*prefix, "env", "-i", *[f"{k}={v}" for k, v in env.items()], *words], cwd=cwd, capture_output=True,
                          text=True, timeout=500)
    if check and done.returncode:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def copy_inputs(source, target):
    """A store that has every input and no layer."""
    folder = target / "inputs/sha256"
    folder.mkdir(parents=True)
    for file in (source / "inputs/sha256").iterdir():
        shutil.copy(file, folder / file.name)


def remove_user():
    subprocess.run(["userdel", "-rf", USER], check=False, capture_output=True)


@pytest.fixture(scope="module")
def place():
    """Command, project and stores where every user can reach them."""
    place = Path("/var/tmp") / f"ninefold-images-{os.getpid()}"
    place.mkdir(mode=0o755)
    for name in ("ninefold", "ninefold-init"):
        shutil.copy(BINARIES / name, place / name)
    yield place
    # Trees belong to other ids; this process is root.
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def project(place):
    """The locked project: its folder and the store with the inputs."""
    folder, store = place / "project", KEPT / "store"
    folder.mkdir()
    (folder / "ninefold.toml").write_text(FILE)
    kept = KEPT / "ninefold.lock"
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
def built(place, project):
    """Root's build: store and JSON."""
    store = place / "store"
    copy_inputs(KEPT / "store", store)
    done = run([*command(place), "build", "--json"], store=store, cwd=project, prefix=["unshare", "-n"])
    return store, json.loads(done.stdout)


@pytest.fixture(scope="module")
def user():
    remove_user()
    subprocess.run(["useradd", "-m", "-s", "/bin/bash", USER], check=True)
    for option in ("--del-subuids", "--del-subgids"):
        subprocess.run(["usermod", option, "0-4294967294", USER], check=False, capture_output=True)
    subprocess.run(["usermod", "--add-subuids", f"{SUBIDS}-{SUBIDS + 65535}", "--add-subgids", f"{SUBIDS}-{SUBIDS + 65535}", USER],
                   check=True)
    yield USER
    remove_user()


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
    home = Path(f"/home/{USER}/a/long/way/home/so/that/paths/differ")
    subprocess.run(["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", "mkdir", "-p", home], check=True)
    own, folder = home / "store", home / "project"
    copy_inputs(KEPT / "store", own)
    shutil.copytree(project, folder)
    subprocess.run(["chown", "-R", f"{USER}:{USER}", own, folder], check=True)
    done = run(["sh", "-c", 'umask 077; exec "$0" build --json', *command(place)], store=own, cwd=folder, home=home,
               prefix=["unshare", "-n", "setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"],
               TZ="Asia/Tokyo", LC_ALL="C", LANG="de_DE.UTF-8", USER=USER, SOURCE_DATE_EPOCH="12345")
    second = json.loads(done.stdout)
    assert second["image"] == first["image"], explain(store, first, own, second)
    # His trees hold other ids' files, which only his namespace may delete.
    run([*command(place), "store", "remove", "small"], store=own, cwd=folder, home=home,
        prefix=["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"])
    run([*command(place), "store", "gc", "--all"], store=own, cwd=folder, home=home,
        prefix=["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"])
    left = [p for part in ("blobs/sha256", "inputs/sha256", "trees", "temp", "layers") for p in (own / part).iterdir()]
    assert left == []


def test_a_build_with_nothing_changed_makes_nothing(place, project, built):
    store, first = built
    before = sorted(p.name for p in (store / "blobs/sha256").iterdir())
    done = run([*command(place), "build", "--json"], store=store, cwd=project, prefix=["unshare", "-n"])
    assert json.loads(done.stdout)["image"] == first["image"]
    assert sorted(p.name for p in (store / "blobs/sha256").iterdir()) == before


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
    done = run([*command(place), "lock"], store=KEPT / "store", cwd=folder, check=False)
    assert done.returncode == 127 and says in done.stderr, done.stderr
    assert (folder / "ninefold.lock").read_bytes() == (KEPT / "ninefold.lock").read_bytes()


def test_the_real_tensorflow_stays_out(place, project, tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "ninefold.toml").write_text(FILE.replace('"tqdm"', '"tensorflow-hub", "tensorflow", "keras"'))
    shutil.copy(KEPT / "ninefold.lock", folder / "ninefold.lock")
    run([*command(place), "lock"], store=KEPT / "store", cwd=folder)
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
