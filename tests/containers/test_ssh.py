"""In: a real OpenSSH client. Out: the documents' hardening table, and everything that must go through."""
import socket
import subprocess
import time

import pytest
from conftest import free_port, wait_until

TABLE = {  # what `sshd -T` says of the running daemon's file
    "permitrootlogin": "no", "passwordauthentication": "no", "kbdinteractiveauthentication": "no",
    "pubkeyauthentication": "yes", "allowusers": "devuser", "permitemptypasswords": "no", "usepam": "no",
    "authorizedkeysfile": "/run/ninefold/keys/authorized_keys", "strictmodes": "yes", "x11forwarding": "no",
}


def test_the_hardening_table(shared):
    said = shared("exec", "/usr/sbin/sshd", "-T", "-f", "/run/ninefold/boot/sshd_config").stdout
    options = {}
    for line in said.splitlines():
        key, _, value = line.partition(" ")
        options.setdefault(key, value)
    assert {key: options[key] for key in TABLE} == TABLE
    assert options["port"] == str(shared.port)


def test_login_by_key(shared):
    assert shared.ssh("id", "-un").stdout == "devuser\n"


def test_the_environments_variables_are_there(shared):
    inside = set(shared("exec", "env").stdout.splitlines())
    over_ssh = set(shared.ssh("env").stdout.splitlines())
    for name in ("HOME", "USER", "LANG", "TZ", "NINEFOLD_ENVIRONMENT", "PATH"):
        want = next(line for line in inside if line.startswith(name + "="))
        assert want in over_ssh


@pytest.mark.parametrize("user", ["root", "nobody", "sshd", "other"])
def test_other_users_are_refused(shared, user):
    done = shared.ssh("true", user=user, check=False)
    assert done.returncode == 255 and "Permission denied (publickey)" in done.stderr


def test_another_key_is_refused(shared):
    other = shared.who.home / ".ssh/key-stranger"
    if not other.exists():
        shared.who.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other)
    done = shared.ssh("true", key=other, check=False)
    assert done.returncode == 255 and "Permission denied (publickey)" in done.stderr


def test_passwords_are_refused(shared):
    done = shared.ssh("true", options=("-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password"),
                      check=False)
    assert done.returncode == 255 and "Permission denied (publickey)" in done.stderr


def test_a_terminal(shared):
    done = shared.ssh("tty; test -t 0 && echo terminal; stty size", options=("-tt",))
    assert "/dev/pts/" in done.stdout and "terminal" in done.stdout


def test_its_exit_status_comes_back(shared):
    assert shared.ssh("exit 7", check=False).returncode == 7


def test_sftp(shared, tmp_path):
    tmp_path.chmod(0o777)
    shared.who.run("sh", "-c", f"echo sent > {shared.folder}/up.txt")
    done = shared.who.run("sftp", "-q", "-P", shared.port, "-i", shared.key, "-o", "BatchMode=yes", "-o",
                          "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-b", "-",
                          "devuser@127.0.0.1", input=f"put {shared.folder}/up.txt /tmp/up.txt\nls /tmp/up.txt\n")
    assert "/tmp/up.txt" in done.stdout
    assert shared.sh("cat /tmp/up.txt").stdout == "sent\n"


COPY = "-i {key} -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"


def test_scp_and_rsync(shared):
    options = COPY.format(key=shared.key).split()
    shared.who.run("sh", "-c", f"head -c 3000000 /dev/urandom > {shared.folder}/big")
    shared.who.run("scp", "-P", shared.port, *options, shared.folder / "big", "devuser@127.0.0.1:/tmp/big")
    want = shared.who.run("sha256sum", shared.folder / "big").stdout.split()[0]
    assert shared.sh("sha256sum /tmp/big").stdout.split()[0] == want
    shared.who.run("rsync", "-e", f"ssh -p {shared.port} " + " ".join(options), "devuser@127.0.0.1:/tmp/big",
                   shared.folder / "back")
    assert shared.who.run("sha256sum", shared.folder / "back").stdout.split()[0] == want


def forwarding(shared, *words):
    return subprocess.Popen([*shared.who.prefix, "ssh", "-N", "-p", str(shared.port), "-i", str(shared.key), "-o",
                             "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                             "-o", "ExitOnForwardFailure=yes", *words, "devuser@127.0.0.1"])


def test_local_forwarding(shared):
    port = free_port()
    shared("job", "run", "--", "python3", "-m", "http.server", "--bind", "127.0.0.1", "8765")
    client = forwarding(shared, "-L", f"{port}:127.0.0.1:8765")
    try:
        def answers():
            try:
                with socket.create_connection(("127.0.0.1", port), 1) as line:
                    line.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
                    return b"200 OK" in line.recv(100)
            except OSError:
                return False
        wait_until(answers, 10, "an answer through -L")
    finally:
        client.kill()
        client.wait()
        shared("job", "stop")


def test_remote_forwarding(shared):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = forwarding(shared, "-R", f"8766:127.0.0.1:{listener.getsockname()[1]}")
        try:
            script = "import socket; s = socket.create_connection(('127.0.0.1', 8766), 2); s.sendall(b'hello')"
            wait_until(lambda: shared("exec", "python3", "-c", script, check=False).returncode == 0)
            listener.settimeout(5)
            with listener.accept()[0] as line:
                assert line.recv(5) == b"hello"
        finally:
            client.kill()
            client.wait()


def test_tmux_survives_a_disconnect(shared):
    shared.ssh("tmux new-session -d -s kept 'sleep 300'")
    assert "kept" in shared.ssh("tmux list-sessions").stdout
    shared.ssh("tmux kill-server")


def test_a_key_added_on_the_host_works_without_restart(shared):
    fresh = shared.who.home / ".ssh/key-added"
    if not fresh.exists():
        shared.who.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", fresh)
    assert shared.ssh("true", key=fresh, check=False).returncode == 255
    kept = shared.key.with_suffix(".pub").read_text()
    try:
        # As an editor does it: a new file renamed over the old one.
        shared.who.run("sh", "-c", f"cat {shared.key}.pub {fresh}.pub > {shared.key}.x && mv {shared.key}.x {shared.key}.pub")
        wait_until(lambda: shared.ssh("true", key=fresh, check=False).returncode == 0, 5, "a login with the new key")
    finally:
        shared.key.with_suffix(".pub").write_text(kept)


def test_the_host_key_stays(shared):
    scan = lambda: [line for line in shared.who.run("ssh-keyscan", "-t", "ed25519", "-p", shared.port, "127.0.0.1")
                    .stdout.splitlines() if not line.startswith("#")]
    before = scan()
    shared.down()
    shared.up()
    assert before and scan() == before


def test_the_verb_writes_an_entry_that_other_programs_use(shared):
    shared("ssh", "true")
    config = shared.who.home / ".ssh/config"
    done = shared.who.run("ssh", "-F", config, "-o", "BatchMode=yes", "shared.ninefold", "hostname")
    assert done.stdout == "shared\n"
    text = config.read_text()
    shared("ssh", "true")
    assert config.read_text() == text


def test_the_first_command_is_fast(shared):
    began = time.monotonic()
    shared.ssh("true")
    print(f"first SSH command: {time.monotonic() - began:.2f} s")
