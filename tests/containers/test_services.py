"""In: services of one's own. Out: ports on loopback, for their owner only; large streams; both families."""
import hashlib
import os
import subprocess

import pytest
from conftest import Environment, free_port, wait_until

FETCH = ("import sys, urllib.request\n"
         "print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode(), end='')\n")


@pytest.fixture(scope="module", params=["root", "user"])
def web(request):
    who = request.getfixturevalue(request.param)
    made = Environment(who, "web", ssh=False)
    made.web = free_port()
    file = made.folder / "ninefold.toml"
    file.write_text(file.read_text() + f'[services.web]\ncommand = ["python3", "-m", "http.server", "--bind", '
                    f'"127.0.0.1", "--directory", "/tf/notebooks", "{made.web}"]\nport = {made.web}\n')
    (made.folder / "notebooks/page").write_text("hello")
    (made.folder / "notebooks/large").write_bytes(os.urandom(20_000_000))
    made.up()
    yield made
    made.down()


def fetch(web, path="page", prefix=(), host="127.0.0.1"):
    return subprocess.run([*prefix, "/usr/bin/python3", "-c", FETCH, f"http://{host}:{web.web}/{path}"],
                          capture_output=True, text=True)


def test_its_owner_reaches_it(web):
    done = fetch(web, prefix=web.who.prefix)
    assert (done.stdout, done.returncode) == ("hello", 0), done.stderr


def test_over_ipv6_too(web):
    if not os.path.exists("/proc/net/if_inet6"):
        return  # a machine without IPv6 has nothing to reach it by
    assert fetch(web, prefix=web.who.prefix, host="[::1]").stdout == "hello"


def test_another_user_is_turned_away(web):
    done = fetch(web, prefix=["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"])
    assert done.returncode != 0 and "hello" not in done.stdout


def test_large_bodies_arrive_whole_side_by_side(web):
    want = hashlib.sha256((web.folder / "notebooks/large").read_bytes()).hexdigest()
    script = ("import hashlib, sys, urllib.request\n"
              "print(hashlib.sha256(urllib.request.urlopen(sys.argv[1]).read()).hexdigest())\n")
    running = [subprocess.Popen([*web.who.prefix, "/usr/bin/python3", "-c", script,
                                 f"http://127.0.0.1:{web.web}/large"], stdout=subprocess.PIPE, text=True)
               for _ in range(4)]
    assert [one.communicate(timeout=60)[0].strip() for one in running] == [want] * 4


def test_a_restart_and_its_log(web):
    starts = web.status()["services"]["web"]["starts"]
    web("restart", "web")
    wait_until(lambda: web.status()["services"]["web"]["starts"] == starts + 1, 10, "the second start")
    wait_until(lambda: fetch(web, prefix=web.who.prefix).returncode == 0, 10, "its answer")
    assert "GET /page" in web("logs", "web").stdout
    done = web("restart", "wbe", check=False)
    assert done.returncode == 127 and "there are web" in done.stderr
