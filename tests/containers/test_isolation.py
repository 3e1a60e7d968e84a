"""In: a shell inside. Out: what it can and cannot reach; a row a claim, for root and for a user."""
import os
import subprocess

import pytest

CAN = {
    "it is the one ordinary user": ("id -un; id -u", "devuser\n1000\n"),
    "PID 1 is ours and few processes are seen": ("cat /proc/1/comm; ls -d /proc/[0-9]* | wc -l | awk '{print ($1 < 12)}'",
                                                 "ninefold-init\n1\n"),
    "it has no capability": ("grep -h Cap /proc/self/status | awk '{print $2}' | sort -u", "0" * 16 + "\n"),
    "nor has PID 1": ("grep -h Cap /proc/1/status | awk '{print $2}' | sort -u", "0" * 16 + "\n"),
    "no new privileges": ("grep NoNewPrivs /proc/self/status | awk '{print $2}'", "1\n"),
    "a filter of system calls is on": ("grep '^Seccomp:' /proc/self/status | awk '{print $2}'", "2\n"),
    "its home can be written": ("echo x > ~/probe && cat ~/probe && rm ~/probe", "x\n"),
    "its mounts can be written": ("echo x > /tf/notebooks/probe && cat /tf/notebooks/probe", "x\n"),
    "its host name is the environment's": ("cat /proc/sys/kernel/hostname", "shared\n"),
    "only its own network devices are there": ("ls /sys/class/net | grep -v -e lo -e tap0 | wc -l", "0\n"),
    "variables are set": ("echo $NINEFOLD_ENVIRONMENT $HOME $USER", "shared /home/devuser devuser\n"),
    "shared memory works": ("echo x > /dev/shm/x && cat /dev/shm/x", "x\n"),
    "a debugger may trace": ("python3 -c 'import ctypes; print(ctypes.CDLL(None).ptrace(0, 0, 0, 0))'", "0\n"),
}

CANNOT = {
    "become root": "su -c true root </dev/null",
    "mount": "mount -t tmpfs t /mnt",
    "write to the system": "touch /usr/bin/probe",
    "write to the environment's own files": "touch /run/ninefold/boot/probe",
    "write the keys it is entered with": "echo x >> /run/ninefold/keys/authorized_keys",
    "make a user namespace": "unshare -U true",
    "make a mount namespace": "unshare -m true",
    "enter PID 1's namespaces": "nsenter -t 1 -m true",
    "change the kernel's settings": "echo 1 > /proc/sys/kernel/panic",
    "raise its limits": "echo 99999999999 > /run/ninefold/limits/memory.limit_in_bytes",
    "load a kernel module": "python3 -c 'import ctypes, os; os._exit(0 if ctypes.CDLL(None).syscall(175, 0, 0, 0)"
                            " == 0 else 1)'",
    "use keyrings": "python3 -c 'import ctypes, os; os._exit(0 if ctypes.CDLL(None).syscall(250, 0, -3, 1, 0, 0)"
                    " >= 0 else 1)'",
    "reach a service of the host on loopback":
        "python3 -c \"import socket; socket.create_connection(('127.0.0.1', HOSTPORT), 2)\"",
    "make a device": "mknod /tmp/null c 1 3",
    "change its host name": "hostname other",
}


@pytest.mark.parametrize("claim", CAN)
def test_it_can(shared, claim):
    script, said = CAN[claim]
    assert shared.sh(script).stdout == said


@pytest.mark.parametrize("claim", CANNOT)
def test_it_cannot(shared, claim):
    import socket
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        script = CANNOT[claim].replace("HOSTPORT", str(listener.getsockname()[1]))
        done = shared.sh(script, check=False)
    assert done.returncode != 0, done.stdout


def test_no_host_process_is_seen(shared):
    mine = subprocess.Popen(["sleep", "54321"])
    try:
        assert "54321" not in shared.sh("ps axww").stdout
    finally:
        mine.kill()
        mine.wait()


def test_another_environment_is_not_seen(shared):
    from conftest import Environment
    other = Environment(shared.who, "other", ssh=False)
    other.up()
    try:
        other("job", "run", "--", "sleep", "98765")
        assert "98765" in other.sh("ps axww").stdout
        assert "98765" not in shared.sh("ps axww").stdout
    finally:
        other.down()


def test_files_made_inside_are_the_callers_outside(shared):
    shared.sh("mkdir -p /tf/notebooks/made && echo x > /tf/notebooks/made/file")
    for name in ("made", "made/file"):
        assert (shared.folder / "notebooks" / name).stat().st_uid == shared.folder.stat().st_uid


def test_a_team_folder_is_read_through_the_callers_group(user, tmp_path_factory):
    from conftest import Environment
    team = user.home.parent / f"{user.name}-team"
    team.mkdir(mode=0o750, exist_ok=True)
    (team / "data").write_text("shared\n")
    subprocess.run(["chgrp", "-R", f"{user.name}team", team], check=True)
    os.chmod(team, 0o750)
    made = Environment(user, "team", f'"{team}" = {{ to = "/tf/team", read_only = true }}', ssh=False)
    try:
        made.up()
        assert made.sh("cat /tf/team/data").stdout == "shared\n"
        assert made.sh("touch /tf/team/new", check=False).returncode != 0
    finally:
        made.down()
        subprocess.run(["rm", "-r", team], check=True)


def test_a_read_only_mount_is_read_only(who):
    from conftest import Environment
    made = Environment(who, "readonly", ssh=False)
    who.run("mkdir", "-p", made.folder / "data/deep")
    made.write('"data" = { to = "/tf/data", read_only = true }', ssh=False)
    made.up()
    try:
        for script in ("touch /tf/data/x", "touch /tf/data/deep/x", "rmdir /tf/data/deep"):
            done = made.sh(script, check=False)
            assert done.returncode != 0 and "Read-only" in done.stderr
    finally:
        made.down()


def test_secrets_are_files_and_nothing_else(who):
    from conftest import Environment
    made = Environment(who, "secrets", ssh=False)
    text = made.folder.joinpath("ninefold.toml").read_text()
    made.folder.joinpath("ninefold.toml").write_text(text + '[secrets]\npassword = { env = "NF_PASSWORD" }\n')
    done = made.up(check=False, env={"NF_PASSWORD": "hunter2-xyzzy"})
    assert done.returncode == 0, done.stderr
    try:
        assert made.sh("cat /run/secrets/password; stat -c %a:%U /run/secrets/password").stdout == \
            "hunter2-xyzzy400:devuser\n"
        assert "hunter2" not in made.sh("env; cat /proc/1/environ /proc/*/cmdline | tr '\\0' '\\n'").stdout
        state = who.home / ".local/state/ninefold"
        assert subprocess.run(["grep", "-rq", "hunter2-xyzzy", state]).returncode == 1
        assert made.sh("touch /run/secrets/x", check=False).returncode != 0
    finally:
        made.down()
