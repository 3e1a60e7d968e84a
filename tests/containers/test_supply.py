"""In: small images and archives made here, Debian's docker-registry, gpg and openssl. Out: bills of materials that validators
take, updates shown and nothing changed, signatures that openssl verifies, tags that move on the user's word only.
"""
import base64
import functools
import gzip
import hashlib
import http.server
import io
import json
import os
import subprocess
import tarfile
import threading
import urllib.request
import zipfile
from pathlib import Path

import pytest
from conftest import BINARIES, KEPT
from test_images import STORE
from test_registry import Registry, command, image, place, program, registry  # noqa: F401 (fixtures)

NOTE = "dev.cosignproject.cosign/signature"
KINDS = ("image", "os", "apt", "tools", "python", "ninefold", "programs")


def hashed(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def run(words, store, *, cwd, check=True, prefix=(), **variables):
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(cwd), "NINEFOLD_STORE": str(store), "LANG": "C.UTF-8", **variables}
    done = subprocess.run([*prefix, "env", "-i", *[f"{k}={v}" for k, v in env.items()], BINARIES / "ninefold", *map(str, words)], cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert not check or done.returncode == 0, f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done


class Making:
    """A store with small images, written by hand; `inputs` are (part, name, version)."""

    def __init__(self, folder):
        self.store = folder
        for part in ("blobs", "inputs"):
            (folder / part / "sha256").mkdir(parents=True)
        (folder / "refs").mkdir()

    def put(self, data):
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        (self.store / "blobs/sha256" / hashed(data)[7:]).write_bytes(data)
        return {"digest": hashed(data), "size": len(data)}

    def image(self, name, inputs, files=(("etc/hostname", b"x\n"),)):
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as out:
            for path, data in files:
                entry = tarfile.TarInfo(path)
                entry.size, entry.mode, entry.mtime = len(data), 0o644, 1700000000
                out.addfile(entry, io.BytesIO(data))
        layer = self.put(tar.getvalue())
        one = lambda name, version, file: {"name": name, "version": version, "file": file, "size": 1, "digest": hashed(f"{name} {version}".encode())}
        ending = {"os": ".deb", "apt": ".deb"}
        lock = {"version": 1, "spec": "sha256:" + "0" * 64, "wishes": {"system": "", "tools": "", "python": ""}, "base": "debian:bookworm", "python_version": "3.11",
                "architecture": "amd64", "epoch": 1700000000, "locales": [], "releases": [{"suite": "bookworm", "digest": hashed(b"r")}],
                "index": one("index", "", "Packages"), "uv": one("uv", "0.9.1", "uv.whl"),
                **{part: [one(n, v, f"{n}_{v}{ending.get(part, '.whl')}".replace(":", "%3a")) for p, n, v in inputs if p == part] for part in KINDS}}
        locked = self.put(lock)["digest"]
        config = self.put({"architecture": "amd64", "os": "linux", "created": "2023-11-14T22:13:20Z", "config": {"Labels": {"ninefold.lock": locked}},
                           "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}})
        manifest = self.put({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                             "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
                             "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer}]})
        (self.store / "refs" / name).write_text(json.dumps({"image": manifest["digest"], "lock": locked}))
        return manifest["digest"]


@pytest.fixture
def made(tmp_path):
    return Making(tmp_path / "store")


def copyright_file(*licences):
    return ("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n" + "".join(f"\nFiles: {n}\nLicense: {x}\n" for n, x in enumerate(licences))).encode()


def metadata(name, version, more=""):
    return f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{more}\nText: Version: 9\n".encode()


def validate(folder, texts):
    """With the validators of both formats; what each lists as {purl: licence words}."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    file = folder / "bill.spdx.json"
    file.write_text(texts["spdx"])
    assert [m.validation_message for m in validate_full_spdx_document(parse_file(str(file)))] == []
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(texts["cyclonedx"]) is None
    ours, theirs = json.loads(texts["spdx"]), json.loads(texts["cyclonedx"])
    listed = {one["externalRefs"][0]["referenceLocator"] for one in ours["packages"]}
    also = {one["purl"] for one in [*theirs["components"], theirs["metadata"]["component"], *theirs["metadata"]["tools"]["components"]] if "purl" in one}
    assert listed == also
    return ours, theirs


def test_a_bill_passes_both_validators(made, tmp_path):
    site = "opt/env/lib/python3.11/site-packages"
    status = "".join(f"Package: {n}\nStatus: install ok {s}\nVersion: {v}\n\n" for n, v, s in
                     [("git", "1:2.39.5-0+deb12u2", "installed"), ("tree", "2.1.0-1", "installed"), ("gone", "1", "not-installed"), ("zlib1g", "1:1.2.13", "installed")])
    files = [("var/lib/dpkg/status", status.encode()), ("usr/share/doc/git/copyright", copyright_file("GPL-2", "LGPL-2.1+ or Expat", "strange words, (unbalanced")),
             ("usr/share/doc/tree/copyright", b"This is free software.\n"), (f"{site}/tqdm-4.67.1.dist-info/METADATA", metadata("tqdm", "4.67.1", "License-Expression: MPL-2.0 AND MIT\n")),
             (f"{site}/bad-1.dist-info/METADATA", metadata("bad", "1", "License: \udcff\udcfe".encode("utf-8", "surrogateescape").decode("latin-1") + "\n")),
             ("usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO", metadata("six", "1.16.0", "Classifier: License :: OSI Approved :: MIT License\n"))]
    made.image("small", [("os", "git", "1:2.39.5-0+deb12u2"), ("apt", "tree", "2.1.0-1"), ("os", "zlib1g", "1:1.2.13"), ("python", "tqdm", "4.67.1"),
                         ("ninefold", "tensorflow", "2.9.0"), ("programs", "ninefold-init", "")], files)
    texts = {form: run(["sbom", "--format", form, "small"], made.store, cwd=tmp_path).stdout for form in ("spdx", "cyclonedx")}
    assert texts["spdx"] == run(["sbom", "small"], made.store, cwd=tmp_path).stdout
    ours, theirs = validate(tmp_path, texts)
    said = {one["externalRefs"][0]["referenceLocator"]: one for one in ours["packages"]}
    git = said["pkg:deb/debian/git@1%3A2.39.5-0%2Bdeb12u2?arch=amd64&distro=bookworm"]
    assert git["licenseDeclared"].startswith("GPL-2.0-only AND (LGPL-2.1-or-later OR MIT) AND LicenseRef-strange-words-unbalanced")
    assert git["checksums"] == [{"algorithm": "SHA256", "checksumValue": hashed(b"git 1:2.39.5-0+deb12u2")[7:]}]
    assert said["pkg:pypi/tqdm@4.67.1"]["licenseDeclared"] == "MPL-2.0 AND MIT" and said["pkg:pypi/tqdm@4.67.1"]["sourceInfo"] == f"/{site}/tqdm-4.67.1.dist-info"
    assert said["pkg:pypi/six@1.16.0"]["licenseDeclared"] == "MIT" and "checksums" not in said["pkg:pypi/six@1.16.0"]
    assert "pkg:generic/tensorflow@2.9.0" in said and not [url for url in said if "gone" in url or "pypi/tensorflow" in url]
    assert {one["name"]: one for one in theirs["components"]}["six"]["licenses"] == [{"license": {"id": "MIT"}}]
    done = run(["sbom", "--format", "xml", "small"], made.store, cwd=tmp_path, check=False)
    assert done.returncode == 2 and "--format is spdx or cyclonedx, got 'xml'" in done.stderr


def test_a_bill_lists_what_a_built_image_has(image, tmp_path):
    """Every entry of dpkg-query -W and every dist-info of the image, with the same versions."""
    store, digest, folder = image
    texts = {form: run(["sbom", "--format", form, "small"], store, cwd=folder).stdout for form in ("spdx", "cyclonedx")}
    ours, _ = validate(tmp_path, texts)
    tree = tmp_path / "tree"
    for layer in json.loads((store / "blobs/sha256" / digest[7:]).read_text())["layers"]:
        tree.mkdir(exist_ok=True)
        subprocess.run(["tar", "-xf", store / "blobs/sha256" / layer["digest"][7:], "-C", tree, "--exclude=dev/*"], check=True)
    query = subprocess.run(["dpkg-query", f"--admindir={tree}/var/lib/dpkg", "-W", "-f", "${Package} ${Version}\n"], check=True, capture_output=True, text=True)
    packages = set(query.stdout.split("\n")) - {""}
    distributions = set()
    for pattern in ("**/*.dist-info/METADATA", "**/*.egg-info/PKG-INFO", "**/*.egg-info"):
        for file in tree.glob(pattern):
            if file.is_file():
                head = file.read_text(errors="replace").split("\n\n")[0].split("\n")
                value = lambda key: next(line.split(":", 1)[1].strip() for line in head if line.startswith(key + ":"))
                distributions.add(f"{value('Name')} {value('Version')}")
    assert len(packages) > 100 and len(distributions) > 3
    kinds = {"deb": set(), "python": set()}
    for one in ours["packages"]:
        url = one["externalRefs"][0]["referenceLocator"]
        if url.startswith("pkg:deb/"):
            kinds["deb"].add(f"{one['name']} {one['versionInfo']}")
            assert "checksums" in one, one
        elif one["SPDXID"].split("-")[1] in ("python", "tools", "ninefold", "found"):
            kinds["python"].add(f"{one['name'].replace('_', '-').lower()} {one['versionInfo']}")
    assert kinds["deb"] == packages
    assert kinds["python"] == {one.replace("_", "-").lower() for one in distributions}
    assert sum(one["licenseDeclared"] != "NOASSERTION" for one in ours["packages"]) > 50


# Signatures

def there(registry, path, accept="application/vnd.oci.image.manifest.v1+json"):
    asked = urllib.request.Request(f"http://{registry.host}/v2/{path}", headers={"Accept": accept})
    return urllib.request.urlopen(asked, timeout=10).read()


def put_manifest(registry, repository, tag, data):
    asked = urllib.request.Request(f"http://{registry.host}/v2/{repository}/manifests/{tag}", data=data, method="PUT",
                                   headers={"Content-Type": "application/vnd.oci.image.manifest.v1+json"})
    assert urllib.request.urlopen(asked, timeout=10).status == 201


def signatures(registry, repository, digest):
    manifest = json.loads(there(registry, f"{repository}/manifests/sha256-{digest[7:]}.sig"))
    return manifest, [(layer, there(registry, f"{repository}/blobs/{layer['digest']}")) for layer in manifest["layers"]]


@pytest.fixture
def keys(tmp_path):
    """Two pairs of ours, one of them encrypted; and openssl's."""
    empty = tmp_path / "no-store"
    done = run(["keygen", tmp_path / "team.key"], empty, cwd=tmp_path, NINEFOLD_KEY_PASSWORD="four words of ours")
    assert done.stdout == (tmp_path / "team.key.pub").read_text() and "four words" not in done.stdout + done.stderr
    run(["keygen", "--no-passphrase", tmp_path / "other.key"], empty, cwd=tmp_path)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", tmp_path / "third.key"], check=True)
    subprocess.run(["openssl", "pkey", "-in", tmp_path / "third.key", "-pubout", "-out", tmp_path / "third.key.pub"], check=True)
    (tmp_path / "third.key").chmod(0o600)
    return tmp_path


def test_keys_are_private_and_never_overwritten(keys):
    for name in ("team.key", "other.key"):
        assert (keys / name).stat().st_mode & 0o777 == 0o600
        done = run(["keygen", "--no-passphrase", keys / name], keys, cwd=keys, check=False)
        assert done.returncode == 127 and "is there already, and keys are not overwritten" in done.stderr
    assert "ENCRYPTED" in (keys / "team.key").read_text() and "ENCRYPTED" not in (keys / "other.key").read_text()
    read = subprocess.run(["openssl", "pkey", "-in", keys / "team.key", "-passin", "pass:four words of ours", "-pubout"], check=True, capture_output=True, text=True)
    assert read.stdout == (keys / "team.key.pub").read_text()
    done = run(["keygen", keys / "asks"], keys, cwd=keys, check=False)
    assert done.returncode == 2 and "keygen: this is no terminal to ask at; give NINEFOLD_KEY_PASSWORD" in done.stderr and not (keys / "asks").exists()


def test_a_signed_image_is_taken_and_no_other(made, keys, registry):
    digest = made.image("tf29", [("python", "tqdm", "4.67.1")])
    other = made.image("plain", [("python", "tqdm", "4.67.2")], [("etc/hostname", b"y\n")])
    to = f"{registry.host}/signed/tf29:one"
    push = lambda *words, check=True, **env: run(["push", "--json", *words], made.store, cwd=keys, check=check, **env)
    for name, env, says in (("team.key", {"NINEFOLD_KEY_PASSWORD": "wrong"}, "the passphrase does not open it"), ("team.key", {}, "no terminal to ask at; give NINEFOLD_KEY_PASSWORD"),
                            ("team.key.pub", {}, "can be read by others (mode 0644)"), ("none.key", {}, "no such file or folder (ENOENT)")):
        done = push("--sign", keys / name, "tf29", to, check=False, **env)
        assert done.returncode in (2, 127) and says in done.stderr, done.stderr
    assert json.loads(push("--sign", keys / "team.key", "tf29", to, NINEFOLD_KEY_PASSWORD="four words of ours").stdout)["signed"]
    push("plain", f"{registry.host}/signed/tf29:plain")
    # The layout, and openssl's word
    manifest, [(layer, payload)] = signatures(registry, "signed/tf29", digest)
    assert layer["mediaType"] == "application/vnd.dev.cosign.simplesigning.v1+json" and list(layer["annotations"]) == [NOTE]
    assert json.loads(payload) == {"critical": {"identity": {"docker-reference": f"{registry.host}/signed/tf29"}, "image": {"docker-manifest-digest": digest},
                                                "type": "cosign container image signature"}, "optional": None}
    (keys / "payload").write_bytes(payload)
    (keys / "signature").write_bytes(base64.b64decode(layer["annotations"][NOTE], validate=True))
    verify = lambda pub: subprocess.run(["openssl", "dgst", "-sha256", "-verify", keys / pub, "-signature", keys / "signature", keys / "payload"], capture_output=True, text=True)
    assert verify("team.key.pub").stdout == "Verified OK\n" and verify("other.key.pub").returncode == 1
    # Others' stores
    number = iter(range(100))
    def pull(*words, check=True, cwd=keys):
        store = keys / f"theirs{next(number)}"
        done = run(["pull", *words], store, cwd=cwd, check=check)
        if done.returncode:  # nothing of it has a name, nor is there
            assert not list((store / "refs").iterdir()) and not list((store / "temp").iterdir()), done.stderr
            assert not (store / "blobs/sha256" / digest[7:]).exists()
        return done
    team, wrong = ["--verify-key", keys / "team.key.pub"], ["--verify-key", keys / "other.key.pub"]
    assert digest in pull(*team, to).stdout and digest in pull(*team, f"{registry.host}/signed/tf29@{digest}").stdout
    assert digest in pull(*wrong, *team, to).stdout and digest in pull(to).stdout
    def refused(says, *words, cwd=keys):
        done = pull(*words, check=False, cwd=cwd)
        assert done.returncode in (2, 127) and says in done.stderr, done.stderr
    refused(f"{registry.host}/signed/tf29@{digest} is not signed by {keys}/other.key.pub: its signature is by another key, or does not fit what was signed", *wrong, to)
    refused(f"{registry.host}/signed/tf29@{other} is not signed; nothing of it was taken", *team, f"{registry.host}/signed/tf29:plain")
    refused("it is a private key; name the public one", "--verify-key", keys / "other.key", to)
    # The file's word counts as the flag does
    project = keys / "project"
    project.mkdir()
    (project / "ninefold.toml").write_text(f'name = "a"\n[sources]\nverify_key = "{keys}/other.key.pub"\n')
    refused(f"is not signed by {keys}/other.key.pub", to, cwd=project)
    assert digest in pull(*team, to, cwd=project).stdout
    done = run(["up", "--image", f"{registry.host}/signed/tf29@{other}", *team], made.store, cwd=project, check=False)  # also where it is here already
    assert done.returncode == 127 and f"up: {registry.host}/signed/tf29@{other} is not signed" in done.stderr
    # A signature of another image, put in this one's place
    moved = there(registry, f"signed/tf29/manifests/sha256-{digest[7:]}.sig")
    put_manifest(registry, "signed/tf29", f"sha256-{other[7:]}.sig", moved)
    refused(f"tf29@{other} is not signed by {keys}/team.key.pub: a signature of {digest} was put in its place", *team, f"{registry.host}/signed/tf29:plain")
    # Another payload under the same signature, and bytes that the registry changed
    blob = registry.blob(layer["digest"])
    try:
        blob.write_bytes(payload.replace(digest.encode(), other.encode()))
        refused("damaged or tampered with", *team, to)
    finally:
        blob.write_bytes(payload)
    forged = json.loads(moved)
    forged["layers"][0]["annotations"][NOTE] = forged["layers"][0]["annotations"][NOTE][:-8] + "AAAAAAA="
    put_manifest(registry, "signed/tf29", f"sha256-{digest[7:]}.sig", json.dumps(forged).encode())
    refused("its signature is by another key, or does not fit what was signed", *team, to)
    put_manifest(registry, "signed/tf29", f"sha256-{digest[7:]}.sig", moved)
    # A second signer's stands beside it; signing again adds nothing
    for key in ("other.key", "third.key", "other.key", "third.key"):
        push("--sign", keys / key, "tf29", to)
    both = signatures(registry, "signed/tf29", digest)[0]["layers"]
    assert len(both) == 3 and both[0] == layer
    for pub in ("team.key.pub", "other.key.pub", "third.key.pub"):
        assert digest in pull("--verify-key", keys / pub, to).stdout


def test_verify_holds_an_image_to_its_lock_and_its_signature(made, keys, registry):
    one, _ = made.image("one", [("python", "tqdm", "4.67.1")]), made.image("two", [("python", "tqdm", "4.68.0")])
    locks = {name: json.loads((made.store / "refs" / name).read_text())["lock"] for name in ("one", "two")}
    theirs, to = keys / "theirs", f"{registry.host}/verified/one:1"
    check = lambda *words, store=theirs: run(["verify", *words], store, cwd=keys, check=False)
    run(["push", "--sign", keys / "other.key", "one", to], made.store, cwd=keys)
    run(["pull", to], theirs, cwd=keys)
    lines = lambda digest: (made.store / "blobs/sha256" / digest[7:]).read_text()
    # As `lock` writes it, an input a line: this is what the digest in a store is of
    for name, digest in locks.items():
        (keys / f"{name}.lock").write_text(lines(digest))
    assert check("--verify-key", keys / "other.key.pub").stdout.startswith("1 images, 4 files read, 1 signed, 0 damaged")
    done = check("--verify-key", keys / "team.key.pub", "one")
    assert done.returncode == 1 and f"one: {registry.host}/verified/one@{one} is not signed by {keys}/team.key.pub" in done.stdout
    done = check("--lock", keys / "two.lock")
    assert done.returncode == 1 and "one: was made from another lock than " in done.stdout and "python      tqdm 4.67.1 -> 4.68.0" in done.stdout
    done = check("--verify-key", keys / "other.key.pub", "two", store=made.store)
    assert done.returncode == 1 and "two: was not pulled from a registry's tag" in done.stdout
    # Another lock put in its place
    ref = made.store / "refs/one"
    ref.write_text(json.dumps({"image": one, "lock": locks["two"]}))
    done = check("one", store=made.store)
    assert done.returncode == 1 and f"one: was made from the lock {locks['one']}, and the store has {locks['two']} for it" in done.stdout
    assert check("--lock", keys / "none.lock", store=made.store).returncode == 127


def test_a_tag_moves_when_the_user_says_so(made, tmp_path, registry):
    first = made.image("one", [("python", "tqdm", "4.67.1"), ("os", "git", "1:2.39.5")])
    second = made.image("two", [("python", "tqdm", "4.68.0"), ("os", "git", "1:2.39.5"), ("apt", "tree", "2.1.0")], [("etc/hostname", b"z\n")])
    tag = f"{registry.host}/team/followed:week"
    theirs = tmp_path / "theirs"
    them = lambda *words, check=True: run(words, theirs, cwd=tmp_path, check=check)
    run(["push", "one", tag], made.store, cwd=tmp_path)
    them("pull", tag)
    assert them("refresh", "--image", tag).stdout == f"{tag} is {first}, as it is here\n"
    run(["push", "two", tag], made.store, cwd=tmp_path)
    text = f"{tag} moved\n  from {first}\n    to {second}\napt       + tree 2.1.0\npython      tqdm 4.67.1 -> 4.68.0\n"
    before = {file: file.read_bytes() for file in (theirs / "refs").iterdir()}
    done = them("refresh", "--image", tag, check=False)
    assert done.returncode == 1 and done.stdout == text, done.stdout
    said = json.loads(them("refresh", "--json", "--image", "followed", check=False).stdout)
    assert (said["before"], said["after"], len(said["changes"]), said["command"]) == (first, second, 2, f"ninefold pull {tag}")
    done = them("pull", tag, check=False)
    assert done.returncode == 1 and done.stderr.endswith(text + f"pull: nothing was changed; to take it: ninefold pull --yes {tag}\n"), done.stderr
    assert {file: file.read_bytes() for file in (theirs / "refs").iterdir()} == before and not (theirs / "blobs/sha256" / second[7:]).exists()
    done = them("up", "--image", tag, check=False)  # nothing starts, for want of a file; which image it would be is told first
    assert done.returncode == 127 and "there is no ninefold.toml here or above" in done.stderr
    assert f"up: {tag} as it was when it was pulled, {first}; whether it moved: ninefold refresh --image {tag}\n" in done.stderr
    assert second in them("pull", "--yes", tag).stdout and them("refresh", "--image", tag).returncode == 0
    done = them("refresh", "--image", f"{registry.host}/team/unknown:1", check=False)
    assert done.returncode == 127 and "was pulled; ninefold pull HOST/REPOSITORY:TAG takes one and remembers it" in done.stderr


# What is newer: a Debian archive and a Python index made here, on loopback, signed by a key made here

SYSTEM = ("base-files", "python3", "openssh-server", "openssh-client", "ca-certificates", "tzdata", "locales", "libstdc++6", "libgomp1", "passwd", "bash", "usr-is-merged")


class Served:
    """A folder on loopback."""

    def __init__(self, folder):
        handler = functools.partial(type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None}), directory=folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Archive:
    """Suites of tiny packages; `gpg` is the folder of the key that signs them."""

    def __init__(self, folder, gpg):
        self.folder, self.gpg, self.packages = folder, gpg, {}

    def add(self, suite, name, version, more=""):
        place = self.folder / "build" / f"{name}-{version}"
        (place / "DEBIAN").mkdir(parents=True)
        essential = "Essential: yes\n" if name == "base-files" else ""
        (place / "DEBIAN/control").write_text(f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: x <x@example.org>\n{essential}{more}Description: x\n")
        file = self.folder / "pool" / f"{name}_{version}_all.deb"
        file.parent.mkdir(exist_ok=True)
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", place, file], check=True, capture_output=True)
        stanza = subprocess.run(["dpkg-deb", "-f", file], check=True, capture_output=True, text=True).stdout
        data = file.read_bytes()
        self.packages.setdefault(suite, []).append(f"{stanza}Filename: pool/{file.name}\nSize: {len(data)}\nSHA256: {hashed(data)[7:]}\n\n")

    def publish(self, day):
        for suite, stanzas in self.packages.items():
            place = self.folder / "dists" / suite
            arch = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
            index = place / f"main/binary-{arch}/Packages"
            index.parent.mkdir(parents=True, exist_ok=True)
            data = "".join(stanzas).encode()
            index.write_bytes(data)
            packed = gzip.compress(data, mtime=0)
            index.with_suffix(".gz").write_bytes(packed)
            sums = "".join(f" {hashed(d)[7:]} {len(d)} main/binary-{arch}/Packages{end}\n" for d, end in ((data, ""), (packed, ".gz")))
            (place / "Release").write_text(f"Origin: Test\nLabel: Test\nSuite: {suite}\nCodename: {suite}\nDate: Wed, {day:02} Jan 2025 00:00:00 UTC\nArchitectures: {arch}\n"
                                           f"Components: main\nSHA256:\n{sums}")
            (place / "InRelease").unlink(missing_ok=True)
            subprocess.run(["gpg", "--homedir", self.gpg, "--batch", "--yes", "--clearsign", "-o", place / "InRelease", place / "Release"], check=True, capture_output=True)


def wheel(folder, name, version, tag="py3-none-any"):
    place = folder / "simple" / name
    place.mkdir(parents=True, exist_ok=True)
    info, file = f"{name}-{version}.dist-info", f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(place / file, "w") as out:
        out.writestr(f"{name}.py", "")
        out.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        out.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n")
        out.writestr(f"{info}/RECORD", "")
    return place / file


def index_pages(folder):
    for place in (folder / "simple").iterdir():
        files = sorted(file for file in place.iterdir() if file.suffix == ".whl")
        (place / "index.html").write_text("".join(f'<a href="{file.name}#sha256={hashed(file.read_bytes())[7:]}">{file.name}</a>\n' for file in files))


@pytest.fixture
def mirrored(tmp_path):
    """A locked project whose packages all come from here; `at` runs a verb with this machine's sources replaced by ours."""
    gpg = tmp_path / "gpg"
    gpg.mkdir(mode=0o700)
    subprocess.run(["gpg", "--homedir", gpg, "--batch", "--passphrase", "", "--quick-gen-key", "test@example.org", "rsa2048", "sign", "never"], check=True, capture_output=True)
    ring = tmp_path / "ring.gpg"
    subprocess.run(["gpg", "--homedir", gpg, "--export", "-o", ring], check=True, capture_output=True)
    archive = Archive(tmp_path / "archive", gpg)
    archive.folder.mkdir()
    for name in SYSTEM:
        archive.add("bookworm", name, "3.11.2-1" if name == "python3" else "1.0-1")
    for name in ("tree", "jq"):
        archive.add("bookworm", name, "1.0-1")
    archive.packages["bookworm-security"] = []
    archive.publish(1)
    for name, version in (("numpy", "1.26.4"), ("pip", "24.0"), ("tqdm", "4.66.0")):
        wheel(archive.folder, name, version)
    kept = KEPT / "uv"  # the resolver itself, once from this machine's own index
    if not list(kept.glob("uv-*.whl")):
        kept.mkdir(parents=True, exist_ok=True)
        subprocess.run(["python3", "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "-d", kept, "uv"], check=True)
    place = archive.folder / "simple/uv"
    place.mkdir()
    for file in kept.glob("uv-*.whl"):
        os.link(file, place / file.name) if file.stat().st_dev == place.stat().st_dev else (place / file.name).write_bytes(file.read_bytes())
    index_pages(archive.folder)
    own = wheel(tmp_path / "own", "ninefold", "0.1.0", "cp311-cp311-manylinux_2_31_x86_64").parent
    served = Served(archive.folder)
    apt = tmp_path / "apt"
    (apt / "sources.list.d").mkdir(parents=True)
    (apt / "sources.list").write_text("".join(f"deb [signed-by={ring}] {served.address} {suite} main\n" for suite in ("bookworm", "bookworm-security")))
    (tmp_path / "os-release").write_text("VERSION_CODENAME=bookworm\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "ninefold.toml").write_text('name = "mirrored"\nbase = "debian:bookworm"\n[packages]\nset = "small"\napt = ["tree", "jq"]\npip = ["tqdm<5"]\n')
    script = f'mount --bind {apt} /etc/apt && mount --bind {tmp_path}/os-release "$(readlink -f /etc/os-release)" && exec "$@"'

    def at(*words, check=True):
        return run(words, tmp_path / "store", cwd=project, check=check, prefix=["unshare", "-m", "sh", "-ec", script, "sh"], NINEFOLD_WHEELS=str(own),
                   PIP_INDEX_URL=f"{served.address}/simple", PIP_CONFIG_FILE="/dev/null", no_proxy="*")
    at("lock")
    yield archive, at, project
    served.server.shutdown()
    served.server.server_close()


def test_refresh_shows_what_is_newer_and_changes_nothing(mirrored):
    archive, at, project = mirrored
    lock = project / "ninefold.lock"
    before = lock.read_bytes()
    inputs = project.parent / "store/inputs/sha256"
    packages = lambda: {file.name for file in inputs.iterdir() if file.read_bytes()[:2] in (b"!<", b"PK")}  # .debs and wheels
    stored = packages()
    assert len(stored) == len(SYSTEM) + 2 + 6
    for words, says in ((("refresh",), "nothing is newer\n"), (("refresh", "--security"), "no security update is missing\n")):
        done = at(*words)
        assert (done.returncode, done.stdout) == (0, says)
    # One newer .deb in the security suite: just that
    archive.add("bookworm-security", "tree", "1.0-1+deb12u1")
    archive.publish(2)
    for words in (("refresh",), ("refresh", "--security")):
        done = at(*words, check=False)
        assert (done.returncode, done.stdout) == (1, "apt         tree 1.0-1 -> 1.0-1+deb12u1  (security)\n"), done.stderr
    # Beside it one that is no security update, one that it needs, and Python packages: one that the file allows
    archive.add("bookworm-security", "jq", "1.0-1+deb12u1", "Depends: libjq1\n")
    archive.add("bookworm-security", "libjq1", "1.0-1+deb12u1")
    archive.add("bookworm", "passwd", "1.1-1")
    archive.publish(3)
    for version in ("4.67.0", "5.0.0"):
        wheel(archive.folder, "tqdm", version)
    index_pages(archive.folder)
    done = at("refresh", "--json", check=False)
    said = json.loads(done.stdout)
    rows = [(c["part"], c["name"], c["before"], c["after"], c["security"]) for c in said["changes"]]
    urgent = [("apt", "jq", "1.0-1", "1.0-1+deb12u1", True), ("apt", "tree", "1.0-1", "1.0-1+deb12u1", True)]
    everything = {*urgent, ("apt", "libjq1", "", "1.0-1+deb12u1", False), ("os", "passwd", "1.0-1", "1.1-1", False), ("python", "tqdm", "4.66.0", "4.67.0", False)}
    assert done.returncode == 1 and set(rows) == everything and len(rows) == len(everything) and said["command"] == "ninefold lock --upgrade"
    said = json.loads(at("refresh", "--security", "--json", check=False).stdout)
    shown = said["changes"]
    assert said["command"] == "ninefold lock --security" and [c["name"] for c in shown] == ["libjq1", "jq", "tree"] and [c["security"] for c in shown] == [False, True, True]
    assert lock.read_bytes() == before
    assert packages() == stored
    # What it said is what the command does, and then there is no more of it
    done = json.loads(at("lock", "--security", "--json").stdout)
    assert done["changes"] == [{k: v for k, v in c.items() if k != "security"} for c in shown]
    assert at("lock", "--check").returncode == 0 and at("refresh", "--security").stdout == "no security update is missing\n"
    assert {c["name"] for c in json.loads(at("refresh", "--json", check=False).stdout)["changes"]} >= {"passwd", "tqdm"}
    at("lock", "--upgrade")
    assert at("refresh").stdout == "nothing is newer\n"
    # A security update that needs what only the other suite has is told, not left out
    archive.add("bookworm-security", "tree", "1.0-1+deb12u2", "Depends: bash (>= 2)\n")
    archive.add("bookworm", "bash", "2.0-1")
    archive.publish(4)
    done = at("refresh", "--security", check=False)
    assert done.returncode == 127 and "the security update of tree needs newer packages that no security suite has; take them all: ninefold lock --upgrade" in done.stderr
    assert at("refresh", check=False).returncode == 1


def test_refresh_needs_a_lock_of_this_file(mirrored):
    _, at, project = mirrored
    for words, says in ((("refresh",), "refresh: {lock} was made from another ninefold.toml; run ninefold lock"),
                        (("lock", "--security"), "lock: --security takes what is locked as it is, and {lock} is none of this ninefold.toml; run ninefold lock"),
                        (("lock", "--security", "--upgrade"), "give one of them"), (("refresh", "--security", "--image", "x"), "--image stands alone")):
        (project / "ninefold.toml").write_text((project / "ninefold.toml").read_text().replace('"tree", ', ""))
        done = at(*words, check=False)
        assert done.returncode in (2, 127) and says.format(lock=project / "ninefold.lock") in done.stderr, done.stderr
    (project / "ninefold.lock").unlink()
    done = at("refresh", check=False)
    assert done.returncode == 127 and "there is no" in done.stderr and "run ninefold lock" in done.stderr
