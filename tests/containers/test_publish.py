"""In: services published to other machines. Out: TLS with a certificate that stays, a token where a service
has no login, and no client that harms another. 127.0.0.2 stands for an address of the outside."""
import base64
import hashlib
import os
import re
import socket
import ssl
import subprocess
import time

import pytest
from conftest import Environment, free_port, processes, wait_until
from peers import own_address

OUTSIDE = "127.0.0.2"

# Inside: reads a head and all that follows until the other side has said all; then answers.
SERVER = r"""
import hashlib, socketserver, sys
class Digest(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        body = self.rfile.read()
        self.wfile.write(f"HTTP/1.1 200 OK\r\n\r\n{len(body)} {hashlib.sha256(body).hexdigest()}".encode())
class Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 256
Server(("127.0.0.1", int(sys.argv[1])), Digest).serve_forever()
"""


class Client:
    """TLS over memory, so that it can say that it has said all and still listen."""

    def __init__(self, port, trust, host=OUTSIDE):
        context = ssl.create_default_context(cafile=str(trust))
        self.line = socket.create_connection((host, port), 20)
        self.arrived, self.leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.arrived, self.leaving, server_hostname=host)
        self.until(self.tls.do_handshake)

    def flush(self):
        if data := self.leaving.read():
            self.line.sendall(data)

    def until(self, act):
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                self.flush()
                data = self.line.recv(65536)
                self.arrived.write(data) if data else self.arrived.write_eof()
            finally:
                self.flush()

    def send(self, data):
        self.until(lambda: self.tls.write(data))

    def finish(self):
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()

    def rest(self):
        whole = b""
        while True:
            try:
                piece = self.until(lambda: self.tls.read(65536))
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return whole
            if not piece:
                return whole
            whole += piece


class Published:
    def __init__(self, who, name, extra="", address=OUTSIDE):
        self.environment = Environment(who, name)
        self.port = free_port()
        (self.environment.folder / "notebooks/server.py").write_text(SERVER)
        self.environment.write(f'[services.digest]\ncommand = ["python3", "/tf/notebooks/server.py", "{self.port}"]\n'
                               f"port = {self.port}\n[publish]\naddress = \"{address}\"\nservices = [\"digest\", \"ssh\"]\n{extra}")
        self.certificate = who.home / f".local/state/ninefold/tls/{name}/certificate.pem"

    def up(self, **options):
        self.done = self.environment.up(**options)
        login = re.search(r"user and token: (\S+):(\S+)\n", self.done.stdout)
        self.user, self.token = login.groups() if login else (None, None)
        return self

    def head(self, login=None):
        given = base64.b64encode(f"{self.user}:{self.token}".encode()).decode() if login is None else login
        return f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {given}\r\n\r\n".encode()

    def exchange(self, body, pace=None):
        client = Client(self.port, self.certificate)
        whole = self.head() + body
        size = pace or len(whole)
        for at in range(0, len(whole), size):
            client.send(whole[at:at + size])
            if pace:
                time.sleep(0.01)
        client.finish()
        return client.rest().decode()


def digest(body):
    return f"HTTP/1.1 200 OK\r\n\r\n{len(body)} {hashlib.sha256(body).hexdigest()}"


@pytest.fixture(scope="module", params=["root", "user"])
def published(request):
    made = Published(request.getfixturevalue(request.param), "published").up()
    yield made
    made.environment.down()


def test_up_warns_and_prints_what_a_visitor_compares(published):
    out, err = published.done.stdout, published.done.stderr
    assert f"up: warning: port {published.port} (digest) is open to other machines on {OUTSIDE}\n" in err
    assert f"published:    https://{OUTSIDE}:{published.port}/\n" in out
    assert f"published:    ssh on {OUTSIDE}:{published.environment.port}\n" in out
    der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((OUTSIDE, published.port)))
    print_ = "SHA-256 " + ":".join(f"{byte:02X}" for byte in hashlib.sha256(der).digest())
    assert f"certificate:  {print_}\n" in out
    status = published.environment.status()
    assert status["fingerprint"] == print_ and status["published"]["digest"] == f"{OUTSIDE}:{published.port}"
    assert (published.certificate.parent / "key.pem").stat().st_mode & 0o777 == 0o600


def test_large_bodies_half_closed(published):
    body = os.urandom(1 << 20) * 8
    assert published.exchange(body) == digest(body)


def test_a_slow_client(published):
    body = os.urandom(3000)
    assert published.exchange(body, pace=50) == digest(body)


def test_a_token_is_asked_for(published):
    for head in (b"GET / HTTP/1.1\r\n\r\n", published.head(login=base64.b64encode(b"devuser:wrong").decode()),
                 b"no request at all\r\n\r\n"):
        client = Client(published.port, published.certificate)
        client.send(head)
        answer = client.rest().decode()
        assert answer.startswith("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic") and "ninefold up" in answer
    client = Client(published.port, published.certificate)
    client.send(f"GET / HTTP/1.1\r\nauthorization: Bearer {published.token}\r\n\r\n".encode())
    client.finish()
    assert client.rest().decode() == digest(b"")


def test_two_hundred_visitors_at_once(published):
    clients = [Client(published.port, published.certificate) for _ in range(200)]
    for client in clients:
        client.send(published.head() + b"x" * 1000)
    assert published.environment.status()["connections"]["open"] == 200
    for client in clients:
        client.finish()
    for client in clients:
        assert client.rest().decode() == digest(b"x" * 1000)
        client.line.close()
    wait_until(lambda: published.environment.status()["connections"]["open"] == 0, 5, "the end of all connections")


GARBAGE = {
    "plain HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "zeros": bytes(5000),
    "noise": bytes(range(256)) * 40,
    "half a record": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(30),
    "a record too large": b"\x16\x03\x01\xff\xff" + bytes(70000),
    "nothing": b"",
}


@pytest.mark.parametrize("case", GARBAGE)
def test_garbage_instead_of_a_handshake(published, case):
    with socket.create_connection((OUTSIDE, published.port), 15) as line:
        try:
            line.sendall(GARBAGE[case])
            line.shutdown(socket.SHUT_WR)
            while line.recv(65536):
                pass
        except OSError:  # it hung up already
            pass
    assert published.exchange(b"still here") == digest(b"still here")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_protocols_are_refused(published):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection((OUTSIDE, published.port), 15) as line, pytest.raises(ssl.SSLError):
        context.wrap_socket(line)


def test_on_loopback_it_is_as_before(published):
    with socket.create_connection(("127.0.0.1", published.port), 15) as line:
        line.sendall(b"POST / HTTP/1.1\r\n\r\nplain")
        line.shutdown(socket.SHUT_WR)
        assert line.makefile().read() == digest(b"plain").replace("\r\n", "\n")
    another = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "/usr/bin/python3", "-c",
                              f"import socket; s = socket.create_connection(('127.0.0.1', {published.port})); "
                              "s.sendall(b'x\\r\\n\\r\\n'); s.shutdown(1); print(s.recv(100))"], capture_output=True, text=True)
    assert "200 OK" not in another.stdout


def test_ssh_speaks_for_itself(published):
    with socket.create_connection((OUTSIDE, published.environment.port), 15) as line:
        assert line.recv(8) == b"SSH-2.0-"


def test_the_certificate_outlives_down_and_up(who):
    made = Published(who, "kept").up()
    try:
        before, token = made.certificate.read_bytes(), made.token
        made.environment.down()
        made.up()
        assert made.certificate.read_bytes() == before and made.token == token
        state = who.home / ".local/state/ninefold/environments/kept"
        assert subprocess.run(["grep", "-rqF", token, state]).returncode == 1
    finally:
        made.environment.down()


def test_a_certificate_of_ones_own(who):
    folder = Environment(who, "own").folder
    who.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-out",
            folder / "certificate.pem", "-days", "2", "-subj", "/CN=own", "-addext", f"subjectAltName=IP:{OUTSIDE}")
    who.run("chmod", "644", folder / "key.pem")
    made = Published(who, "own", 'certificate = "certificate.pem"\nkey = "key.pem"\n')
    try:
        done = made.environment.up(check=False)
        assert done.returncode != 0 and "key.pem is open to others (mode 644); chmod 600 " in done.stderr
        who.run("chmod", "600", folder / "key.pem")
        made.certificate = folder / "certificate.pem"
        made.up()
        assert made.exchange(b"mine") == digest(b"mine")
    finally:
        made.environment.down()


def test_all_addresses_on_one_socket(root):
    """A visitor from outside meets TLS, one from this machine's loopback does not."""
    here = own_address()
    if not here:
        return  # a machine without a network has no outside
    made = Published(root, "all", address="0.0.0.0").up()
    try:
        assert f"up: warning: port {made.port} (digest) is open to other machines on 0.0.0.0\n" in made.done.stderr
        client = Client(made.port, made.certificate, host=here)
        client.send(made.head() + b"outside")
        client.finish()
        assert client.rest().decode() == digest(b"outside")
        with socket.create_connection(("127.0.0.1", made.port), 15) as line:
            line.sendall(b"POST / HTTP/1.1\r\n\r\nhere")
            line.shutdown(socket.SHUT_WR)
            assert digest(b"here").endswith(line.makefile().read().split("\n")[-1])
    finally:
        made.environment.down()


def test_addresses_and_ports_that_cannot_be(who):
    with socket.socket() as other:
        made = Published(who, "busy")
        other.bind((OUTSIDE, made.port))
        other.listen()
        done = made.environment.up(check=False)
        assert done.returncode != 0 and f"up: port {made.port} (digest) is in use on this machine" in done.stderr
    made = Published(who, "busy", address="192.0.2.254")
    done = made.environment.up(check=False)
    assert done.returncode != 0 and "publish.address 192.0.2.254 is not an address of this machine" in done.stderr
    wait_until(lambda: not [1 for _, _, words in processes().values() if "/environments/busy" in words])
