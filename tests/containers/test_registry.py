"""In: the small image, Debian's docker-registry on loopback, and a proxy that breaks what passes it.
Out: the image at another user's, byte for byte; what is damaged, refused or cut off is told by name.

The registry is unpacked from its package, never installed: installing it would start a service.
"""
import base64
import gzip
import hashlib
import http.client
import http.server
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

import pytest
from conftest import KEPT, free_port, open_folder, throwaway, wait_until
from test_images import AS_USER, FILE, HOME, KEPT as IMAGES, STORE, USER, command, run as lock_or_build, user  # noqa: F401 (a fixture)

ANN = "ann:$2b$04$Uhj7lf6acOx5wcN6duCgRe4.r7SeUagfv3PajLea4O0n0jW7DDrQu\n"  # her password is "right"


def run(words, *, store, cwd, prefix=(), check=True, home="/root", **variables):
    """Of the caller's environment nothing but what is named: neither proxies nor authorities."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "NINEFOLD_STORE": store, "LANG": "C.UTF-8", **variables}
    done = subprocess.run([*prefix, "env", "-i", *[f"{k}={v}" for k, v in env.items()], *map(str, words)], cwd=cwd, capture_output=True,
                          text=True, timeout=500)
    if check and done.returncode:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


@pytest.fixture(scope="module")
def program():
    """docker-registry, from its package."""
    found = shutil.which("docker-registry")
    if found:
        return found
    place = KEPT / "docker-registry"
    if not (place / "usr/bin/docker-registry").exists():
        fresh = KEPT / "docker-registry.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", "docker-registry"], cwd=fresh, check=True,
                       capture_output=True)
        subprocess.run(["dpkg-deb", "-x", next(fresh.glob("*.deb")), fresh], check=True)
        fresh.rename(place)
    return place / "usr/bin/docker-registry"


@pytest.fixture(scope="module")
def place():
    place = open_folder("registry", throwaway())
    for name in ("ninefold", "ninefold-init"):
        shutil.copy(Path(os.environ.get("NINEFOLD_BIN", KEPT.parent / "release/bin")) / name, place / name)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def image(place):
    """Root's store with the small image and all its inputs; its digest. Built where test_images left none."""
    store, folder = STORE, place / "project"
    folder.mkdir()
    (folder / "ninefold.toml").write_text(FILE)
    if (IMAGES / "ninefold.lock").exists():
        shutil.copy(IMAGES / "ninefold.lock", folder)
    lock_or_build([*command(place), "lock"], store=store, cwd=folder)
    done = lock_or_build([*command(place), "build", "--json"], store=store, cwd=folder)
    shutil.copy(folder / "ninefold.lock", IMAGES)
    run([*command(place), "store", "gc"], store=store, cwd=folder)  # what another wheel's build left
    return store, json.loads(done.stdout)["image"], folder


class Registry:
    """A docker-registry; `more` is YAML that its configuration gets."""

    def __init__(self, program, storage, folder, more="", http="", scheme="http"):
        self.port, self.storage = free_port(), storage
        self.host = f"127.0.0.1:{self.port}"
        folder.mkdir(exist_ok=True, parents=True)
        file = folder / "config.yml"
        file.write_text(f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {storage}}}}}\n"
                        f"http:\n  addr: {self.host}\n{http}{more}")
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen([program, "serve", file], stdout=self.log, stderr=self.log, env={"PATH": "/usr/bin", "HOME": str(folder)})
        wait_until(self.answers, 20, f"the registry {folder}")

    def answers(self):
        try:
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=1).connect()
            return True
        except OSError:
            return False

    def blob(self, digest):
        return self.storage / "docker/registry/v2/blobs/sha256" / digest[7:9] / digest[7:] / "data"

    def end(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def registry(program, place):
    made = Registry(program, place / "storage", place / "plain")
    yield made
    made.end()


class Between(http.server.ThreadingHTTPServer):
    """A proxy before the registry, and a plain HTTP proxy: what passes can be cut, held up or made to ask for
    a token."""
    daemon_threads = True

    def __init__(self, port):
        self.to, self.cut, self.hold, self.token, self.ranges = port, None, None, None, True
        self.held, self.seen = threading.Event(), []
        super().__init__(("127.0.0.1", 0), Passing)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def pass_on(self):
        us, path = self.server, self.path
        if path.startswith("http://"):  # as a proxy
            path = path[path.index("/", 7):]
        us.seen.append((self.command, self.path, dict(self.headers)))
        login = self.headers.get("Authorization", "")
        if path.startswith("/token"):
            good = login == "Basic " + base64.b64encode(b"ann:right").decode()
            scope = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query).get("scope", [""])[0]
            return self.answer(200 if good else 401, [], json.dumps({"token": us.token + scope.replace(":", ".")} if good else {}).encode())
        if us.token and not login.startswith("Bearer " + us.token + "repository."):
            return self.answer(401, [("WWW-Authenticate", f'Bearer realm="http://{us.host}/token",service="between"')])
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "authorization", *(() if us.ranges else ("range",)))}
        onward = http.client.HTTPConnection("127.0.0.1", us.to)
        onward.request(self.command, path, body, {**headers, "Host": us.host})
        got = onward.getresponse()
        if got.getheader("Content-Length") is None and got.status != 204:
            return self.answer(got.status, [(k, v) for k, v in got.getheaders() if k.lower() != "transfer-encoding"], got.read())
        self.send_response(got.status)
        for name, value in got.getheaders():
            if name.lower() not in ("date", "server"):
                self.send_header(name, value)
        self.end_headers()
        sent = 0
        while self.command != "HEAD" and (piece := got.read(1 << 16)):
            blob = self.command == "GET" and "/blobs/" in path
            if blob and us.cut is not None and sent >= us.cut:
                us.cut = None
                self.close_connection = True
                return self.connection.close()
            if blob and us.hold is not None and sent >= us.hold:
                us.held.set()
                time.sleep(30)
            self.wfile.write(piece)
            sent += len(piece)
        onward.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = pass_on


@pytest.fixture
def between(registry):
    made = Between(registry.port)
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(scope="module")
def pushed(place, image, registry):
    """Root's push with all inputs: reference by tag, and what push said."""
    store, digest, folder = image
    to = f"{registry.host}/team/small:one"
    done = run([*command(place), "push", "--inputs", "--json", "small", to], store=store, cwd=folder)
    said = json.loads(done.stdout)
    assert said["image"] == digest and said["blobs"] > 100 and said["bytes"] > 10**8
    return to, said


@pytest.fixture(scope="module")
def theirs(user, place):
    """An ordinary user's empty store, his home, and his project folder."""
    home = HOME
    folder, store = home / "project", home / "store"
    run([*AS_USER, "mkdir", "-p", folder], store=store, cwd="/", home=home)
    yield store, home, folder
    shutil.rmtree(home)  # before the user goes: his trees are of ids that userdel asks about one by one


def as_user(place, theirs, *words, offline=False, check=True, **variables):
    store, home, folder = theirs
    return run([*command(place), *words], store=store, cwd=folder, home=home, check=check,
               prefix=[*(["unshare", "-n"] if offline else []), *AS_USER], XDG_STATE_HOME=str(home / "state"), **variables)


def write_as_user(file, text):
    file.write_text(text)
    shutil.chown(file, USER, USER)


@pytest.fixture(scope="module")
def pulled(place, theirs, pushed):
    to, said = pushed
    done = as_user(place, theirs, "pull", "--json", to)
    got = json.loads(done.stdout)
    assert got["name"] == "small" and got["image"] == said["image"] and got["extracted"]
    return got


def test_a_second_push_sends_nothing(place, image, pushed):
    store, digest, folder = image
    done = run([*command(place), "push", "--inputs", "--json", "small", pushed[0]], store=store, cwd=folder)
    said = json.loads(done.stdout)
    assert said["image"] == digest and said["blobs"] == 0 and said["bytes"] == 0 and said["there"] == pushed[1]["blobs"]


def test_another_user_pulls_and_starts_without_a_network(place, theirs, image, pulled):
    """The lock of the file is that of the image: nothing is built, and nothing of its inputs is needed."""
    store, _, folder = theirs
    for name in ("ninefold.toml", "ninefold.lock"):
        write_as_user(folder / name, (image[2] / name).read_text())
    assert not list((store / "inputs/sha256").iterdir())
    as_user(place, theirs, "up", offline=True)
    try:
        assert as_user(place, theirs, "exec", "--", "python3", "-c", "import tqdm; print(tqdm.__name__)", offline=True).stdout == "tqdm\n"
    finally:
        as_user(place, theirs, "down", "--force")
    assert as_user(place, theirs, "verify").returncode == 0


def test_up_by_digest_builds_nothing(place, theirs, registry, pulled, tmp_path):
    store, home, _ = theirs
    folder = home / "other"
    run([*AS_USER, "mkdir", "-p", folder], store=store, cwd="/", home=home)
    write_as_user(folder / "ninefold.toml", FILE.replace('"small"', '"by-digest"', 1).replace("tqdm", "something-else"))
    there = (store, home, folder)
    reference = f"{registry.host}/team/small@{pulled['image']}"
    said = json.loads(as_user(place, there, "up", "--json", "--image", reference, offline=True).stdout)
    try:
        assert said["name"] == "by-digest" and said["image"] == pulled["image"]
        assert as_user(place, there, "exec", "--", "python3", "-c", "import tqdm; print(tqdm.__name__)").stdout == "tqdm\n"
    finally:
        as_user(place, there, "down", "--force")
    assert not (folder / "ninefold.lock").exists()
    done = as_user(place, there, "up", "--image", f"{registry.host}/team/small@sha256:{'0' * 64}", check=False)
    assert done.returncode == 127 and f"{registry.host} has no image team/small@sha256:0000" in done.stderr


def test_inputs_travel_for_a_build_elsewhere(place, theirs, image, pushed, pulled):
    done = as_user(place, theirs, "pull", "--inputs", "--json", pushed[0])
    assert json.loads(done.stdout)["image"] == pushed[1]["image"]
    write_as_user(theirs[2] / "ninefold.toml", FILE)
    write_as_user(theirs[2] / "ninefold.lock", (image[2] / "ninefold.lock").read_text())
    assert as_user(place, theirs, "lock", "--check", offline=True).returncode == 0  # every input is in the store
    assert as_user(place, theirs, "verify").stdout.endswith(" 0 damaged\n")


def layer_of(store, image, which):
    manifest = json.loads((store / "blobs/sha256" / image[7:]).read_text())
    return manifest["layers"][which]


def without(theirs, *digests):
    """The user's store, with all blobs but these, as links; nothing has a name."""
    store, home, folder = theirs
    other = home / f"store-{time.monotonic_ns()}"
    subprocess.run(["mkdir", "-p", other / "blobs"], check=True)
    subprocess.run(["cp", "-al", store / "blobs/sha256", other / "blobs/sha256"], check=True)
    for digest in digests:
        (other / "blobs/sha256" / digest[7:]).unlink(missing_ok=True)
    for made in (other, other / "blobs"):
        shutil.chown(made, USER, USER)
    return other, home, folder


def test_a_tampered_blob_is_refused_by_name(place, theirs, registry, pushed, pulled):
    layer = layer_of(theirs[0], pulled["image"], -1)["digest"]
    blob, there = registry.blob(layer), without(theirs, layer)
    good = blob.read_bytes()
    try:
        blob.write_bytes(good[:700] + bytes([good[700] ^ 1]) + good[701:])
        done = as_user(place, there, "pull", pushed[0], check=False)
        assert done.returncode == 127
        assert f"blob {layer} of {pushed[0]} has the bytes of sha256:" in done.stderr and "damaged or tampered with" in done.stderr
        blob.write_bytes(good[:-100])
        done = as_user(place, there, "pull", pushed[0], check=False)
        assert done.returncode == 127 and f"blob {layer} of {pushed[0]} ends after {len(good) - 100} of {len(good)} bytes" in done.stderr
        blob.write_bytes(good + b"more")
        done = as_user(place, there, "pull", pushed[0], check=False)
        assert done.returncode == 127 and f"blob {layer} of {pushed[0]} is longer than the {len(good)} bytes" in done.stderr
    finally:
        blob.write_bytes(good)
    assert json.loads(as_user(place, there, "store", "list", "--json").stdout)["images"] == []
    assert not list((there[0] / "temp").iterdir())
    manifest = registry.blob(pulled["image"])
    good = manifest.read_bytes()
    try:
        manifest.write_bytes(good.replace(b"linux", b"Linux") if b"linux" in good else good.replace(b"layer", b"Layer", 1))
        done = as_user(place, there, "pull", f"{registry.host}/team/small@{pulled['image']}", check=False)
        assert done.returncode == 127 and f"manifest {pulled['image']}" in done.stderr and "tampered with" in done.stderr
    finally:
        manifest.write_bytes(good)
    assert json.loads(as_user(place, there, "pull", "--json", pushed[0]).stdout)["blobs"] == 1


def test_an_interrupted_pull_continues(place, theirs, pulled, between):
    layer = layer_of(theirs[0], pulled["image"], 0)
    there, reference = without(theirs, layer["digest"]), f"{between.host}/team/small:one"
    # A connection that breaks is taken up again at once.
    between.cut = 20 << 20
    got = json.loads(as_user(place, there, "pull", "--json", reference).stdout)
    ranges = [headers["Range"] for _, path, headers in between.seen if layer["digest"] in path and "Range" in headers]
    assert got["blobs"] == 1 and got["bytes"] == layer["size"] and len(ranges) == 1
    # A killed pull is taken up by the next one.
    (there[0] / "blobs/sha256" / layer["digest"][7:]).unlink()
    between.hold = 24 << 20
    words = [*AS_USER, "env", "-i", f"HOME={there[1]}", f"NINEFOLD_STORE={there[0]}", *command(place), "pull", reference]
    first = subprocess.Popen(words, cwd=there[2], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert between.held.wait(20)
    part = there[0] / "temp" / ("pull-" + layer["digest"][7:])
    wait_until(lambda: part.stat().st_size > 16 << 20, 10, "a part of the layer")
    first.send_signal(signal.SIGKILL)
    first.wait()
    between.hold, had = None, part.stat().st_size
    got = json.loads(as_user(place, there, "pull", "--json", reference).stdout)
    assert got["bytes"] == layer["size"] - had
    # What lies there may be damaged, and the other side may know no ranges: then it comes whole.
    for damage, knows in ((True, True), (False, False)):
        blob = there[0] / "blobs/sha256" / layer["digest"][7:]
        beginning = blob.read_bytes()[:1 << 20]
        blob.unlink()
        part.write_bytes(b"x" + beginning[1:] if damage else beginning)
        shutil.chown(part, USER, USER)
        between.ranges = knows
        got = json.loads(as_user(place, there, "pull", "--json", reference).stdout)
        assert got["bytes"] == layer["size"] + (layer["size"] - len(beginning) if damage else 0)
    assert as_user(place, there, "verify").returncode == 0


def test_a_login_is_asked_for_tried_and_kept(program, place, theirs, registry, pulled, tmp_path):
    folder = place / "locked"
    folder.mkdir()
    (folder / "htpasswd").write_text(ANN)
    locked = Registry(program, registry.storage, folder, f"auth: {{htpasswd: {{realm: team, path: {folder}/htpasswd}}}}\n")
    reference, store = f"{locked.host}/team/small:one", theirs[0]
    try:
        for words in (("pull", reference), ("push", "small", reference)):
            done = as_user(place, theirs, *words, check=False)
            way = "push to" if words[0] == "push" else "pull from"
            assert done.returncode == 127 and f"{words[0]}: {locked.host} asks for a login to {way} team/small" in done.stderr
            assert f"ninefold login {locked.host}" in done.stderr
        login = ["login", "--user", "ann", "--password-stdin", locked.host]
        shell = ["sh", "-c", 'echo "$0" | "$@"']
        words = lambda password: [*shell, password, *command(place), *login]
        done = run(words("wrong"), store=store, cwd=theirs[2], home=theirs[1], prefix=AS_USER, check=False)
        assert done.returncode == 127 and "refused the login of ann from standard input" in done.stderr
        kept = theirs[1] / ".docker/config.json"
        assert not kept.exists()
        done = run(words("right"), store=store, cwd=theirs[2], home=theirs[1], prefix=AS_USER)
        assert kept.stat().st_mode & 0o777 == 0o600 and "works" in done.stderr and "right" not in done.stderr + done.stdout
        assert json.loads(as_user(place, theirs, "pull", "--json", reference).stdout)["image"] == pulled["image"]
        assert json.loads(as_user(place, theirs, "push", "--json", "small", reference).stdout)["blobs"] == 0
        # Forgotten, it is asked for again
        done = as_user(place, theirs, "logout", "--json", locked.host)
        assert json.loads(done.stdout) == {"host": locked.host, "files": [str(kept)]}
        assert locked.host not in kept.read_text() and kept.stat().st_mode & 0o777 == 0o600
        assert "asks for a login" in as_user(place, theirs, "pull", reference, check=False).stderr
        assert f"no file holds a login of {locked.host}" in as_user(place, theirs, "logout", locked.host).stderr
        # podman's file wins where it is named
        other = theirs[1] / "auth.json"
        write_as_user(other, json.dumps({"auths": {locked.host: {"auth": base64.b64encode(b"ann:stale-secret").decode()}}}))
        done = as_user(place, theirs, "pull", reference, check=False, REGISTRY_AUTH_FILE=str(other))
        assert done.returncode == 127 and f"refused the login of ann from {other}" in done.stderr and "stale-secret" not in done.stderr
    finally:
        locked.end()


def test_a_token_is_fetched_and_goes_nowhere_else(place, theirs, between, pulled):
    between.token = "s3cret-"
    reference = f"{between.host}/team/small:one"
    done = as_user(place, theirs, "pull", reference, check=False)
    assert done.returncode == 127 and "asks for a login to pull from team/small" in done.stderr
    file = theirs[1] / "auth-token.json"
    write_as_user(file, json.dumps({"auths": {between.host + "/team": {"auth": base64.b64encode(b"ann:right").decode()}}}))
    got = as_user(place, theirs, "pull", "--json", reference, REGISTRY_AUTH_FILE=str(file))
    assert json.loads(got.stdout)["image"] == pulled["image"]
    tokens = [path for _, path, _ in between.seen if path.startswith("/token")]
    assert tokens[-1].endswith("scope=repository:team/small:pull") and "service=between" in tokens[-1]
    logins = {headers["Authorization"].split()[0] for _, path, headers in between.seen if "Authorization" in headers and "/v2/" in path}
    assert logins == {"Bearer"}
    as_user(place, theirs, "push", "small", reference, REGISTRY_AUTH_FILE=str(file))
    assert [path for _, path, _ in between.seen if path.startswith("/token")][-1].endswith("pull%2Cpush")


def test_a_private_authority(program, place, theirs, registry, pulled):
    folder = place / "tls"
    folder.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=team", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "ca.pem"],
                   check=True, capture_output=True)
    secure = Registry(program, registry.storage, folder, http=f"  tls: {{certificate: {folder}/ca.pem, key: {folder}/key.pem}}\n")
    reference = f"{secure.host}/team/small:one"
    try:
        done = as_user(place, theirs, "pull", reference, check=False)
        assert done.returncode == 127 and f"{secure.host} is not who it says" in done.stderr and "--ca FILE" in done.stderr
        assert json.loads(as_user(place, theirs, "pull", "--json", "--ca", folder / "ca.pem", reference).stdout)["image"] == pulled["image"]
        as_user(place, theirs, "pull", reference, SSL_CERT_FILE=str(folder / "ca.pem"))
        done = as_user(place, theirs, "pull", "--ca", "/nowhere.pem", reference, check=False)
        assert done.returncode == 127 and "/nowhere.pem cannot be read" in done.stderr
    finally:
        secure.end()


def test_what_cannot_be_reached_is_told(place, theirs, between, pulled, tmp_path):
    closed = f"127.0.0.1:{free_port()}"
    began = time.monotonic()
    for words, says in [(("pull", f"{closed}/small"), f"pull: {closed} cannot be reached: "),
                        (("push", "small", f"{closed}/small"), f"push: {closed} cannot be reached: "),
                        (("pull", f"{between.host}/nothing/here:1"), f"{between.host} has no image nothing/here:1; check the name"),
                        (("push", "other", f"{between.host}/small"), "there is no image 'other' in the store; there are: small")]:
        done = as_user(place, theirs, *words, check=False)
        assert done.returncode == 127 and says in done.stderr, done.stderr
    done = as_user(place, theirs, "pull", "registry.example/small", check=False, offline=True)
    assert done.returncode == 127 and "pull: registry.example: Could not resolve host" in done.stderr and "check the name and the network" in done.stderr
    done = as_user(place, theirs, "pull", "--ca", "small", check=False)
    assert done.returncode == 2
    assert time.monotonic() - began < 15


def test_a_proxy_is_used_and_only_told_hosts_are_plain(place, theirs, between, pulled):
    """Nothing unencrypted leaves this machine unless --plain-http says so; then the proxy carries it."""
    reference = "registry.example/team/small:one"
    got = as_user(place, theirs, "pull", "--json", "--plain-http", reference, http_proxy=f"http://{between.host}")
    assert json.loads(got.stdout)["image"] == pulled["image"]
    assert any(path.startswith("http://registry.example/v2/team/small/manifests/one") for _, path, _ in between.seen)


def put_blob(registry, bytes_):
    digest = "sha256:" + hashlib.sha256(bytes_).hexdigest()
    line = http.client.HTTPConnection("127.0.0.1", registry.port)
    line.request("POST", "/v2/team/small/blobs/uploads/", headers={"Content-Length": "0"})
    begun = line.getresponse()
    begun.read()
    line.request("PUT", begun.getheader("Location") + "&digest=" + digest, bytes_)
    assert line.getresponse().status == 201
    return digest


def test_packed_layers_are_unpacked_and_checked(place, theirs, registry, pushed, pulled):
    """As podman and Docker push them: gzip, here of two members."""
    text = (theirs[0] / "blobs/sha256" / pulled["image"][7:]).read_text()
    plain = json.loads(text)["layers"][-1]["digest"]
    bytes_ = (theirs[0] / "blobs/sha256" / plain[7:]).read_bytes()
    for tag, packed in (("packed", gzip.compress(bytes_[:5000], 1) + gzip.compress(bytes_[5000:], 1)), ("other", gzip.compress(b"x" + bytes_[1:], 1)),
                        ("cut", gzip.compress(bytes_, 1)[:-9])):
        manifest = json.loads(text)
        manifest["layers"][-1] |= {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": put_blob(registry, packed), "size": len(packed)}
        line = http.client.HTTPConnection("127.0.0.1", registry.port)
        line.request("PUT", f"/v2/team/small/manifests/{tag}", json.dumps(manifest), {"Content-Type": manifest["mediaType"]})
        answer = line.getresponse()
        assert answer.status == 201
        there = without(theirs, plain)
        done = as_user(place, there, "pull", "--json", f"{registry.host}/team/small:{tag}", check=False)
        if tag == "other":
            assert done.returncode == 127 and "its image's configuration says " + plain in done.stderr
        elif tag == "cut":
            assert done.returncode == 127 and "it ends too early" in done.stderr
        else:
            got = json.loads(done.stdout)
            assert got["unpacked_from"] == answer.getheader("Docker-Content-Digest") and got["bytes"] == len(packed)
            assert (there[0] / "blobs/sha256" / plain[7:]).read_bytes() == bytes_
            again = f"{registry.host}/team/small@{got['unpacked_from']}"
            assert json.loads(as_user(place, there, "pull", "--json", again).stdout)["image"] == got["image"]
            assert as_user(place, there, "verify").returncode == 0
            continue
        assert json.loads(as_user(place, there, "store", "list", "--json").stdout)["images"] == []


def podman_runs(reference, *words):
    """What words print in a container of podman's, and the digest by which it knows the image."""
    limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]  # podman's own may be above this machine's
    place = Path(tempfile.mkdtemp(prefix="podman-", dir=throwaway()))  # podman wants a path of 50 characters at most
    podman = ["podman", "--root", place / "root", "--runroot", place / "run", "--cgroup-manager", "cgroupfs",
              "--events-backend", "none"]
    try:
        done = subprocess.run([*podman, "run", "--rm", "--quiet", "--tls-verify=false", "--network", "none", *limits, reference, *words],
                              capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, done.stderr
        digest = subprocess.run([*podman, "image", "inspect", "--format", "{{.Digest}}", reference], capture_output=True, text=True)
        return done.stdout, digest.stdout.strip()
    finally:
        subprocess.run([*podman, "system", "reset", "--force"], capture_output=True, timeout=120)
        subprocess.run(["umount", "-l", place / "root/overlay"], capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


def test_podman_runs_the_pushed_image(pushed):
    assert podman_runs(pushed[0], "python3", "-c", "import tqdm; print(tqdm.__name__)") == ("tqdm\n", pushed[1]["image"])
