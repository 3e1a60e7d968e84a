"""In: the small image as a base in a registry, with a layer made by hand upon it. Out: an environment upon that:
locked, built without a network, run, moved, pushed; what is no base is refused by name.
"""
import gzip
import hashlib
import http.client
import io
import json
import re
import shutil
import tarfile

import pytest
from conftest import KEPT, free_port
from test_images import STORE, command, explain, run as lock_or_build, user  # noqa: F401 (a fixture)
from test_registry import AS_USER, as_user, image, place, podman_runs, program, registry, run, theirs, write_as_user  # noqa: F401 (fixtures)

FILE = """name = "upon"
base = "oci:{host}/team/base:1"
[packages]
set = "small"
apt = ["jq", "tree"]
pip = ["six"]
[ssh]
port = {port}
"""
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def digest_of(bytes_):
    return "sha256:" + hashlib.sha256(bytes_).hexdigest()


def put(registry, repository, bytes_):
    """A blob or, by its media type, a manifest."""
    line = http.client.HTTPConnection("127.0.0.1", registry.port)
    line.request("POST", f"/v2/{repository}/blobs/uploads/", headers={"Content-Length": "0"})
    begun = line.getresponse()
    begun.read()
    line.request("PUT", begun.getheader("Location") + "&digest=" + digest_of(bytes_), bytes_)
    assert line.getresponse().status == 201
    return {"digest": digest_of(bytes_), "size": len(bytes_)}


def put_image(registry, name, layers, config, packed=()):
    """`layers`: tar files' bytes, lowest first; those in `packed` go as gzip. The manifest's digest."""
    repository, tag = name.split(":")
    config |= {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest_of(one) for one in layers]}}
    parts = [put(registry, repository, gzip.compress(one, 1, mtime=0) if number in packed else one) | {"mediaType": LAYER + ("+gzip" if number in packed else "")}
             for number, one in enumerate(layers)]
    text = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": parts,
                       "config": put(registry, repository, json.dumps(config).encode()) | {"mediaType": CONFIG}}).encode()
    line = http.client.HTTPConnection("127.0.0.1", registry.port)
    line.request("PUT", f"/v2/{repository}/manifests/{tag}", text, {"Content-Type": MANIFEST})
    assert line.getresponse().status == 201
    return digest_of(text)


def tar(entries):
    """name -> bytes, None for a folder, or a TarInfo."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, what in entries.items():
            info = what if isinstance(what, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.mtime = 1700000000
            if what is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(what, bytes):
                info.size, info.mode = len(what), 0o755
            made.addfile(info, io.BytesIO(what) if isinstance(what, bytes) else None)
    return out.getvalue()


@pytest.fixture(scope="module")
def base(image, registry):
    """The small image, and upon it: a package of Python's, files gone, a folder emptied, variables, an entry point."""
    store, digest, _ = image
    manifest = json.loads((store / "blobs/sha256" / digest[7:]).read_text())
    config = json.loads((store / "blobs/sha256" / manifest["config"]["digest"][7:]).read_text())
    layers = [(store / "blobs/sha256" / one["digest"][7:]).read_bytes() for one in manifest["layers"]]
    layers.append(tar({"usr/share/keyrings/.wh..wh..opq": b"", "etc/.wh.issue": b"", "srv/base": b"of the base\n", "usr/local/bin/greet": b"#!/bin/sh\necho greetings\n",
                       "usr/local/lib/python3.11/dist-packages/of_base.py": b"WHO = 'base'\n"}))
    config = {"created": "2026-01-01T00:00:00Z",
              "config": config["config"] | {"Env": [*config["config"]["Env"], "OF_BASE=kept", "LANG=of_base"], "Entrypoint": ["/bin/false"], "User": "nobody"}}
    return layers, config, put_image(registry, "team/base:1", layers, dict(config), packed={len(layers) - 1})


@pytest.fixture(scope="module")
def upon(place, registry, base):
    """Locked with the network and built without one: store, folder and what build said."""
    folder = place / "upon"
    folder.mkdir()
    (folder / "ninefold.toml").write_text(FILE.format(host=registry.host, port=free_port()))
    kept = KEPT / "images/upon.lock"  # spares the archives a question
    if kept.exists() and digest_of_base(kept) == base[2]:
        shutil.copy(kept, folder / "ninefold.lock")
    lock_or_build([*command(place), "lock"], store=STORE, cwd=folder)
    shutil.copy(folder / "ninefold.lock", kept)
    # An earlier run's image may be of an earlier recipe: the same lock means that there is nothing to build.
    lock_or_build([*command(place), "store", "remove", "upon"], store=STORE, cwd=folder, check=False)
    done = lock_or_build([*command(place), "build", "--json"], store=STORE, cwd=folder, prefix=["unshare", "-n"])
    return STORE, folder, json.loads(done.stdout)


def digest_of_base(lock):
    return json.loads(lock.read_text())["image"][0]["digest"]


def test_the_lock_names_manifest_and_layers_and_no_host(upon, base, registry):
    text = (upon[1] / "ninefold.lock").read_text()
    lock = json.loads(text)
    assert registry.host not in text and lock["base"] == "oci:team/base:1"
    assert [one["name"] for one in lock["image"]] == ["team/base:1", "config", "dpkg-status", *(f"layer-{n + 1:02}" for n in range(len(base[0])))]
    assert lock["image"][0]["digest"] == base[2] and [one["digest"] for one in lock["image"][3:]] == [digest_of(one) for one in base[0]]
    assert lock["image_facts"] == {"distribution": "debian", "codename": "bookworm", "glibc": "2.36", "interpreter": "/usr/bin/python3.11"}
    assert lock["os"] == [] and "jq" in [one["name"] for one in lock["apt"]] and "tree" not in [one["name"] for one in lock["apt"]]


def test_it_is_the_bases_layers_and_few_of_ours(upon, base):
    parts = [one["part"] for one in upon[2]["layers"]]
    assert parts == ["base"] * len(base[0]) + ["os", "apt", "python", "ninefold", "programs"]
    assert [one["digest"] for one in upon[2]["layers"][:len(base[0])]] == [digest_of(one) for one in base[0]]
    assert upon[2]["layers"][len(base[0])]["size"] < 1 << 20  # nothing was missing but folders


def test_everybody_builds_the_same_from_the_inputs(place, upon, theirs, image, tmp_path):
    """As an ordinary user, elsewhere, without a network, from an archive with the inputs."""
    archive = theirs[1] / "upon.tar"
    lock_or_build([*command(place), "save", "--inputs", "upon", str(archive)], store=STORE, cwd=upon[1])
    folder = theirs[1] / "upon"
    run([*AS_USER, "mkdir", "-p", folder], store=theirs[0], cwd="/", home=theirs[1])
    there = (theirs[1] / "empty", theirs[1], folder)
    for name in ("ninefold.toml", "ninefold.lock"):
        write_as_user(folder / name, (upon[1] / name).read_text())
    assert as_user(place, there, "load", str(archive), offline=True).returncode == 0
    assert as_user(place, there, "lock", "--check", offline=True).returncode == 0
    done = as_user(place, there, "build", "--fresh", "--json", offline=True)
    made = json.loads(done.stdout)
    assert made["image"] == upon[2]["image"], explain(STORE, upon[2], there[0], made)
    assert as_user(place, there, "verify").stdout.endswith(" 0 damaged\n")
    as_user(place, there, "up", offline=True)
    try:
        def inside(*words):
            return as_user(place, there, "exec", "--", *words).stdout
        assert inside("sh", "-c", "greet; cat /srv/base; echo $OF_BASE $LANG; id -un") == "greetings\nof the base\nkept C.UTF-8\ndevuser\n"
        assert inside("sh", "-c", "ls /etc/issue /usr/share/keyrings 2>&1; jq --version; tree --version | cut -c1-4").splitlines()[-2:] == ["jq-1.6", "tree"]
        assert inside("sh", "-c", "ls -A /usr/share/keyrings; test -e /etc/issue || echo gone") == "gone\n"
        code = "import six, of_base, tensorflow as tf; print(of_base.WHO, tf.__version__, six.__file__)"
        assert inside("python3", "-c", code) == "base 2.9.0 /opt/env/lib/python3.11/site-packages/six.py\n"
        # The base was an environment itself; its own Python packages lie under ours, hidden.
        assert inside("sh", "-c", "python3 -c 'import tqdm' 2>&1 | tail -1") == "ModuleNotFoundError: No module named 'tqdm'\n"
    finally:
        as_user(place, there, "down", "--force")
    shutil.rmtree(there[0], ignore_errors=True)


def test_a_tag_that_moves_is_a_difference_for_those_who_ask(place, upon, base, registry, tmp_path):
    folder = tmp_path / "moved"
    shutil.copytree(upon[1], folder)
    layers, config, digest = base
    moved = put_image(registry, "team/base:1", [*layers, tar({"srv/base": b"another\n"})], dict(config), packed={len(layers)})
    try:
        assert lock_or_build([*command(place), "lock"], store=STORE, cwd=folder).stdout == "nothing changed\n"
        done = lock_or_build([*command(place), "lock", "--upgrade"], store=STORE, cwd=folder)
        assert re.search(f"^image +team/base:1 {digest[7:19]} -> {moved[7:19]}$", done.stdout, re.M), done.stdout
        assert re.search(f"^image +\\+ layer-{len(layers) + 1:02} ", done.stdout, re.M)
    finally:
        put_image(registry, "team/base:1", layers, dict(config), packed={len(layers) - 1})


def test_pushed_beside_its_base_it_sends_only_its_own(place, upon, base, registry):
    to = f"{registry.host}/other/upon:1"
    said = json.loads(run([*command(place), "push", "--json", "upon", to], store=STORE, cwd=upon[1]).stdout)
    plain = len(base[0]) - 1  # the last one lies packed there, under another digest
    assert said["image"] == upon[2]["image"] and said["there"] >= plain
    assert said["bytes"] < sum(one["size"] for one in upon[2]["layers"][plain:]) + (1 << 20)
    bill = json.loads(run([*command(place), "sbom", "upon"], store=STORE, cwd=upon[1]).stdout)
    urls = {one["externalRefs"][0]["referenceLocator"] for one in bill["packages"]}
    assert any(url.startswith("pkg:deb/debian/libc6@2.36") for url in urls) and any(url.startswith("pkg:deb/debian/jq@1.6") for url in urls)
    assert f"pkg:oci/base@sha256%3A{base[2][7:]}" in urls


def test_podman_runs_it(place, upon, registry):
    to = f"{registry.host}/other/podman:1"
    run([*command(place), "push", "upon", to], store=STORE, cwd=upon[1])
    # The base's entry point and user are gone, its variables, programs and Python packages are there; what it dropped stays away.
    code = "import os, six, of_base, tensorflow as tf; print(of_base.WHO, tf.__version__, os.environ['OF_BASE'], os.path.exists('/etc/issue'))"
    said, digest = podman_runs(to, "sh", "-c", f"greet; jq --version; python3 -c \"{code}\"")
    assert (said, digest) == ("greetings\njq-1.6\nbase 2.9.0 kept False\n", upon[2]["image"])


@pytest.mark.parametrize("name, layers, python, says", [
    ("alpine", [{"etc/os-release": b'PRETTY_NAME="Alpine Linux v3.19"\n'}], "", "has no dpkg (it is Alpine Linux v3.19), so that its packages cannot be locked"),
    ("scratch", [{"hello": b"x"}], "", "has no dpkg (it does not say what it is)"),
    ("base", None, "3.9", "ninefold.toml:12:11: python.version: base oci:{host}/team/base:1 has Python 3.11 (/usr/bin/python3.11), not 3.9; write version = \"3.11\""),
    ("nothing", None, "", "lock: {host} has no image team/nothing:1; check `base` in ninefold.toml"),
    ("device", [{"srv/disk": "block"}], "", "/srv/disk is a block device outside of /dev"),
    ("climber", [{"../../../etc/cron.d/x": b"x"}], "", "a path leaves the tree"),
    ("other", [{"hello": b"x"}], "other", "its image's configuration says sha256:"),
])
def test_what_is_no_base_is_refused_by_name(place, registry, base, tmp_path, name, layers, python, says):
    if layers:
        for layer in layers:
            for path, what in layer.items():
                if what == "block":
                    layer[path] = tarfile.TarInfo(path)
                    layer[path].type = tarfile.BLKTYPE
        made = [tar(layer) for layer in layers]
        put_image(registry, f"team/{name}:1", made, {}, packed={0})
        if python == "other":  # the packed bytes are another layer's
            blob = registry.blob(digest_of(gzip.compress(made[0], 1, mtime=0)))
            config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest_of(b"another")]}}
            part = put(registry, "team/other", blob.read_bytes()) | {"mediaType": LAYER + "+gzip"}
            text = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [part],
                               "config": put(registry, "team/other", json.dumps(config).encode()) | {"mediaType": CONFIG}}).encode()
            line = http.client.HTTPConnection("127.0.0.1", registry.port)
            line.request("PUT", "/v2/team/other/manifests/1", text, {"Content-Type": MANIFEST})
            assert line.getresponse().status == 201
            python = ""
    text = FILE.format(host=registry.host, port=free_port()).replace("team/base:1", f"team/{name}:1") + (f"\n\n[python]\nversion = \"{python}\"\n" if python else "")
    (tmp_path / "ninefold.toml").write_text(text)
    done = lock_or_build([*command(place), "lock"], store=STORE, cwd=tmp_path, check=False)
    assert done.returncode == 127 and says.format(host=registry.host) in done.stderr, done.stderr
    assert not (tmp_path / "ninefold.lock").exists()
