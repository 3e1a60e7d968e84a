"""In: an environment whose only way out is the built-in proxy. Out: what its programs reach, and what not."""
import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from conftest import Environment, Who, processes, wait_until
from peers import Digest, Page, Threads, Upstream, hosted, name_server, own_address

HERE = own_address()
HERE6 = own_address(socket.AF_INET6)

# Inside: what a proxy answers to `sys.argv[1]`, then everything that comes after the head.
ASK = r"""
import hashlib, os, socket, sys
line = socket.create_connection(("127.0.0.1", 3128), 15)
line.sendall(sys.argv[1].encode().decode("unicode_escape").encode("latin1"))
line.shutdown(socket.SHUT_WR)
answer = b""
while piece := line.recv(65536):
    answer += piece
sys.stdout.write(answer.decode("latin1"))
"""

# Inside: `size` bytes through a tunnel, half-closed; then the answer. kind: connect or socks.
SEND = r"""
import hashlib, os, socket, struct, sys
kind, host, port, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
line = socket.create_connection(("127.0.0.1", 3128), 30)
if kind == "connect":
    line.sendall(f"CONNECT {'[%s]' % host if ':' in host else host}:{port} HTTP/1.1\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += line.recv(1)
    assert b" 200 " in head, head
else:
    name = host.encode()
    line.sendall(b"\5\1\0" + b"\5\1\0\3" + bytes([len(name)]) + name + struct.pack(">H", port))
    got = b""
    while len(got) < 12:
        got += line.recv(12 - len(got))
    assert got[:4] == b"\5\0\5\0", got
body = os.urandom(min(size, 1 << 20)) * max(1, size >> 20)
line.sendall(body)
line.shutdown(socket.SHUT_WR)
answer = line.makefile().read()
assert answer == f"{len(body)} {hashlib.sha256(body).hexdigest()}\n", answer
print("whole")
"""

FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=15).read().decode(), end='')"


class Servers:
    def __init__(self):
        self.page, self.digest = hosted(Threads(HERE, Page)), hosted(Threads(HERE, Digest))
        self.local = hosted(Threads("127.0.0.1", Page))
        self.closed = hosted(Threads("127.0.0.1", Page))
        self.page6 = hosted(Threads(HERE6, Page)) if HERE6 else None
        self.names = name_server(HERE, {"served.test": HERE, "short.example.test": HERE, "evil.test": "127.0.0.1"})

    def stop(self):
        for server in (self.page, self.digest, self.local, self.closed, self.page6, self.names):
            if server:
                server.shutdown()
                server.server_close()


@pytest.fixture(scope="module")
def servers():
    made = Servers()
    yield made
    made.stop()


@pytest.fixture(scope="module", params=["root", "user"])
def out(request, servers):
    who = request.getfixturevalue(request.param)
    made = Environment(who, "out")
    (made.folder / "notebooks/ask.py").write_text(ASK)
    (made.folder / "notebooks/send.py").write_text(SEND)
    made.write('[network]\noutgoing = "proxy"\n' f"host_ports = [{servers.local.port}]\n"
               '[services.said]\ncommand = "echo said $http_proxy; sleep 1000"\n')
    made.said = made.up().stdout
    yield made
    made.down()


def python(environment, script, *words, check=True):
    return environment("exec", "python3", "-c" if script in (FETCH,) else script, *([FETCH] if script == FETCH else []),
                       *map(str, words), check=check)


def ask(environment, request):
    return python(environment, "/tf/notebooks/ask.py", request.encode("unicode_escape").decode()).stdout


def test_the_road_is_said(out):
    assert "network:      proxy at 127.0.0.1:3128 inside\n" in out.said
    assert out.status()["network"] == "proxy"
    assert "  network    proxy at 127.0.0.1:3128 inside\n" in out("status", out.name).stdout


def test_plain_pages_through_the_variables(out, servers):
    assert python(out, FETCH, f"http://{HERE}:{servers.page.port}/a?b").stdout == f"hello /a?b {HERE}:{servers.page.port}"


def test_pages_over_ipv6(out, servers):
    if not HERE6:
        return  # a machine without IPv6 has nothing to reach
    assert python(out, FETCH, f"http://[{HERE6}]:{servers.page6.port}/x").stdout.startswith("hello /x")


@pytest.mark.parametrize("kind", ["connect", "socks"])
def test_large_bodies_both_ways_half_closed(out, servers, kind):
    assert python(out, "/tf/notebooks/send.py", kind, HERE, servers.digest.port, 30 << 20).stdout == "whole\n"


def test_an_open_port_of_this_machine_is_there(out, servers):
    port = servers.local.port
    assert python(out, FETCH, f"http://127.0.0.1:{port}/direct").stdout == f"hello /direct 127.0.0.1:{port}"
    assert "hello /asked" in ask(out, f"GET http://localhost:{port}/asked HTTP/1.1\r\nHost: x\r\n\r\n")


REFUSED = {
    "loopback": ("CONNECT 127.0.0.1:{closed} HTTP/1.1\r\n\r\n", "403 Forbidden", "host_ports = [{closed}]"),
    "loopback, plain": ("GET http://127.0.0.1:{closed}/ HTTP/1.1\r\n\r\n", "403 Forbidden", "own loopback"),
    "localhost": ("CONNECT localhost:{closed} HTTP/1.1\r\n\r\n", "403 Forbidden", "own loopback"),
    "IPv6 loopback": ("CONNECT [::1]:{closed} HTTP/1.1\r\n\r\n", "403 Forbidden", "own loopback"),
    "IPv4 within IPv6": ("CONNECT [::ffff:127.0.0.1]:{closed} HTTP/1.1\r\n\r\n", "403 Forbidden", "own loopback"),
    "this host": ("CONNECT 0.0.0.0:{closed} HTTP/1.1\r\n\r\n", "403 Forbidden", "own loopback"),
    "an old way to write it": ("CONNECT 2130706433:{closed} HTTP/1.1\r\n\r\n", "403 Forbidden", "own loopback"),
    "nobody listens": ("CONNECT {here}:1 HTTP/1.1\r\n\r\n", "502 Connection Refused", "{here}:1: Connection refused"),
    "no such name": ("CONNECT no-such-host.invalid:80 HTTP/1.1\r\n\r\n", "502 No Such Host", "no-such-host.invalid"),
    "no request": ("garbage\r\n\r\n", "400 Bad Request", "expected a request line"),
    "bytes": ("\x00\x01\x02\x03", "400 Bad Request", "HTTP and SOCKS5"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(out, servers, case):
    request, status, why = (text.format(closed=servers.closed.port, here=HERE) for text in REFUSED[case])
    answer = ask(out, request)
    assert answer.startswith(f"HTTP/1.1 {status}\n") and why in answer
    assert servers.closed.count == 0


def test_every_process_has_the_variables(out):
    ours = "http://127.0.0.1:3128"
    script = "echo $http_proxy $HTTPS_PROXY $ALL_PROXY $no_proxy"
    want = f"{ours} {ours} {ours} localhost,127.0.0.1,::1,out\n"
    assert out.sh(script).stdout == want
    assert out.ssh(script).stdout == want
    out("job", "run", "--", "sh", "-c", f"{script} > /tf/notebooks/job")
    wait_until(lambda: (out.folder / "notebooks/job").exists() and (out.folder / "notebooks/job").read_text() == want)
    assert f"said {ours}\n" in out("logs", "said").stdout


def connector_of(environment):
    keeper = [pid for pid, (_, _, words) in processes().items()
              if "ninefold keeper" in words and words.rstrip().endswith("/" + environment.name)]
    return [pid for pid, (parent, name, _) in processes().items() if name == "ninefold-connec" and parent in keeper]


def test_its_connector_has_no_rights_and_comes_back(out, servers):
    (before,) = connector_of(out)
    status = open(f"/proc/{before}/status").read()
    assert re.search(r"^Uid:\t(\d+)", status, re.M).group(1) != "0"
    assert re.search(r"^CapEff:\t0+$", status, re.M)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: connector_of(out) not in ([], [before]), 10, "another connector")
    wait_until(lambda: python(out, FETCH, f"http://{HERE}:{servers.page.port}/again", check=False).returncode == 0)


MANY = r"""
import socket, sys, time
count, host, port = int(sys.argv[1]), sys.argv[2], sys.argv[3]
lines = [socket.create_connection(("127.0.0.1", 3128), 20) for _ in range(count)]
for line in lines:
    line.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\n\r\n".encode())
for line in lines:
    assert line.recv(12) == b"HTTP/1.1 200", "no tunnel"
print("open", flush=True)
time.sleep(float(sys.argv[4]))
for line in lines:
    line.shutdown(socket.SHUT_WR)
    line.makefile().read()
"""


def test_two_hundred_at_once_are_counted(out, servers):
    assert out.status()["connections"]["open"] == 0
    running = subprocess.Popen([*out.who.prefix, "env", "-i", f"HOME={out.who.home}", f"PATH={os.environ['PATH']}",
                                out.who.command / "ninefold", "exec", "python3", "-c", MANY, "200", HERE,
                                str(servers.digest.port), "1"], cwd=out.folder, stdout=subprocess.PIPE, text=True)
    assert running.stdout.readline() == "open\n"
    load = out.status()["connections"]
    assert load["open"] == 200 and load["most"] >= 200
    assert running.wait(30) == 0
    wait_until(lambda: out.status()["connections"]["open"] == 0, 5, "the end of all connections")


def test_few_descriptors_make_others_wait(who, servers):
    """128 descriptors leave 32 connections; the others wait for their turn, and nothing dies."""
    made = Environment(who, "few", '[network]\noutgoing = "proxy"', ssh=False)
    who.run("sh", "-c", 'ulimit -n 128; exec "$@"', "sh", "ninefold", "up", "--tree", who.tree, cwd=made.folder)
    try:
        before = connector_of(made)
        assert made.status()["connections"] == {"open": 0, "most": 32}
        script = MANY.replace('assert line.recv(12) == b"HTTP/1.1 200", "no tunnel"',
                              'assert line.recv(12) == b"HTTP/1.1 200"; line.close()').split("print(")[0] + "print('all')\n"
        assert made("exec", "python3", "-c", script, "100", HERE, servers.digest.port, "0").stdout == "all\n"
        assert connector_of(made) == before
    finally:
        made.down()


def test_names_are_resolved_outside_by_the_files_servers(who, servers):
    made = Environment(who, "names", '[network]\noutgoing = "proxy"\n[dns]\n'
                       f'servers = ["{HERE}"]\nsearch = ["example.test"]', ssh=False)
    (made.folder / "notebooks/ask.py").write_text(ASK)
    (made.folder / "notebooks/send.py").write_text(SEND)
    try:
        made.up()
        assert python(made, FETCH, f"http://served.test:{servers.page.port}/n").stdout.startswith("hello /n served.test")
        assert python(made, FETCH, f"http://short:{servers.page.port}/n").stdout.startswith("hello /n short")
        assert python(made, "/tf/notebooks/send.py", "socks", "served.test", servers.digest.port, 1000).stdout == "whole\n"
        # A name that leads to loopback is no way around the rule.
        assert "HTTP/1.1 403" in ask(made, f"CONNECT evil.test:{servers.closed.port} HTTP/1.1\r\n\r\n")
        assert "HTTP/1.1 502 No Such Host" in ask(made, "CONNECT other.test:80 HTTP/1.1\r\n\r\n")
        assert servers.closed.count == 0
    finally:
        made.down()


def test_the_proxy_of_this_machine_is_used(who, servers):
    upstream = hosted(Threads("127.0.0.1", Upstream))
    made = Environment(who, "chain", '[network]\noutgoing = "proxy"', ssh=False)
    (made.folder / "notebooks/ask.py").write_text(ASK)
    proxy = f"http://me:p.w@127.0.0.1:{upstream.port}"
    try:
        said = made.up(env={"http_proxy": proxy, "HTTPS_PROXY": proxy, "no_proxy": f"{HERE},intra.test"}).stdout
        assert f"through http://me@127.0.0.1:{upstream.port}\n" in said and "p.w" not in said
        assert python(made, FETCH, "http://far.test/page").stdout == "upstream"
        assert upstream.heads[-1].startswith("GET http://far.test/page HTTP/1.1\r\n")
        assert ask(made, "CONNECT far.test:443 HTTP/1.1\r\n\r\n").endswith("\n\ntunnel")
        assert upstream.heads[-1].startswith("CONNECT far.test:443 HTTP/1.1\r\n")
        count = len(upstream.heads)
        assert python(made, FETCH, f"http://{HERE}:{servers.page.port}/near").stdout.startswith("hello /near")
        assert len(upstream.heads) == count
        assert "HTTP/1.1 403" in ask(made, f"CONNECT localhost:{servers.closed.port} HTTP/1.1\r\n\r\n")
        assert "p.w" not in made.sh("env; cat /proc/1/environ").stdout
        upstream.shutdown()
        upstream.server_close()
        assert "HTTP/1.1 502 Upstream Proxy Failed" in ask(made, "CONNECT far.test:443 HTTP/1.1\r\n\r\n")
    finally:
        made.down()


def test_without_a_way_out_there_is_none(who):
    made = Environment(who, "shut", '[network]\noutgoing = "none"', ssh=False)
    try:
        assert "network:      none\n" in made.up().stdout
        assert made.sh("echo -$http_proxy-; ls /sys/class/net").stdout == "--\nlo\n"
        assert made.status()["network"] == "none"
    finally:
        made.down()


def test_proxies_that_cannot_be_are_named(who):
    made = Environment(who, "wrong", '[network]\noutgoing = "proxy"', ssh=False)
    try:
        done = made.up(env={"https_proxy": "gopher://p:1"})
        assert "https_proxy of this machine is left out" in done.stderr
    finally:
        made.down()
    made.write('[proxy]\nhttp = "http://p:99999"', ssh=False)
    done = made.up(check=False)
    assert done.returncode != 0 and "ninefold.toml:6:8: proxy.http: expected a proxy as" in done.stderr


def test_a_port_inside_that_is_wanted_twice(who, servers):
    """One of this machine's ports that a service inside has too."""
    made = Environment(who, "twice", '[network]\nhost_ports = [2222]\n[services.x]\ncommand = "x"\nport = 2222', ssh=False)
    done = made.up(check=False)
    assert done.returncode != 0 and "port 2222 is network.host_ports's already" in done.stderr


@pytest.fixture(scope="module", params=["root", "user"])
def masked(request):
    """A caller for whom neither /dev/net/tun nor /dev/fuse opens: in his own mount namespace, on a mount
    that allows no devices."""
    who = request.getfixturevalue(request.param)
    mask = ("for node in /dev/net/tun /dev/fuse; do if [ -e $node ]; then mount --bind $node $node && "
            'mount -o remount,bind,nodev $node || exit 99; fi; done; exec "$@"')
    made = Who(who.name, who.home, lambda: who.tree, ["unshare", "--mount", "--propagation", "private", "sh", "-c", mask, "sh",
                                              *who.prefix], who.command)
    for node in ("/dev/net/tun", "/dev/fuse"):
        assert made.run("sh", "-c", f"exec 3<>{node}", check=False).returncode != 0
    return made


def test_a_life_with_tun_and_fuse_masked(masked, servers):
    made = Environment(masked, "masked")
    (made.folder / "notebooks/send.py").write_text(SEND)
    said = made.up().stdout
    try:
        assert "network:      proxy at 127.0.0.1:3128 inside (/dev/net/tun cannot be opened: " in said
        status = made.status()
        assert status["network"] == "proxy" and status["network_why"].startswith("/dev/net/tun cannot be opened")
        assert made.sh("id -un").stdout == "devuser\n"
        assert made.ssh("echo $http_proxy").stdout == "http://127.0.0.1:3128\n"
        assert python(made, FETCH, f"http://{HERE}:{servers.page.port}/m").stdout.startswith("hello /m")
        assert python(made, "/tf/notebooks/send.py", "connect", HERE, servers.digest.port, 1 << 20).stdout == "whole\n"
        job = json.loads(made("job", "run", "--json", "--", "sh", "-c", "echo done; exit 3").stdout)
        assert made("job", "wait", job["id"], check=False).returncode == 3
        assert made("job", "logs", job["id"]).stdout == "done\n"
    finally:
        made.down()
    wait_until(lambda: not [1 for _, _, words in processes().values() if "/environments/masked" in words])


def test_tun_is_asked_for_where_it_is_masked(masked):
    made = Environment(masked, "wanted", '[network]\noutgoing = "tun"', ssh=False)
    done = made.up(check=False)
    assert done.returncode != 0
    assert re.search(r'ninefold.toml:6:\d+: /dev/net/tun cannot be opened: .*; "auto" takes the built-in proxy then', done.stderr)


SERVE6 = """
import http.server, socket, socketserver, sys

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"hello from {self.client_address[0]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6

with Server(("2001:db8:9::1", 0), Page) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""


@pytest.fixture(scope="module")
def six():
    """A network of its own that has IPv6, whatever this machine has: a process in it, and the port of its server."""
    script = ("ip link set lo up && ip -6 addr add 2001:db8:9::1/128 dev lo && ip -6 route add 2001:db8::/32 dev lo && "
              'exec "$@"')
    server = subprocess.Popen(["unshare", "--net", "sh", "-c", script, "sh", sys.executable, "-c", SERVE6], stdout=subprocess.PIPE, text=True)
    yield server.pid, int(server.stdout.readline())
    server.kill()
    server.wait()


@pytest.mark.parametrize("with_six", [True, False])
def test_ipv6_on_the_road_tun(who, six, with_six):
    """Where the machine has a road for it, programs inside have one, too; where not, nothing is promised."""
    pid, port = six
    network = ["nsenter", "--target", str(pid), "--net"] if with_six else ["unshare", "--net"]
    there = Who(who.name, who.home, lambda: who.tree, [*network, *who.prefix], who.command)
    if there.run("sh", "-c", "exec 3<>/dev/net/tun", check=False).returncode:
        return  # a machine without that road: the masked rows above are its
    made = Environment(there, "six", '[network]\noutgoing = "tun"', ssh=False)
    try:
        said = made.up().stdout
        assert f"network:      tun (slirp4netns{', with IPv6' if with_six else ''})\n" in said
        if with_six:
            address = f"http://[2001:db8:9::1]:{port}/"
            wait_until(lambda: python(made, FETCH, address, check=False).returncode == 0, 15, "an answer over IPv6")
            assert python(made, FETCH, address).stdout == "hello from 2001:db8:9::1"
    finally:
        made.down()
