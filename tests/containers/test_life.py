"""In: many starts and ends, good and bad. Out: nothing left behind, and one clear sentence for each fault."""
import json
import os
import random
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import COMMANDS, PARTS, Environment, account, give_subids, parts, place_of_this_run, processes, rounds, seeded, wait_until


def strangers(who):
    """Pids below keepers of other people's environments."""
    table = processes()

    def strange(pid):
        while pid in table:
            if table[pid][2].startswith("ninefold keeper"):
                return str(who.home) + "/" not in table[pid][2]
            pid = table[pid][0]
        return False
    return {pid for pid in table if strange(pid)}


def machine(who, name):
    """All that an environment might leave."""
    def listing(*words):
        return sorted(subprocess.run(words, capture_output=True, text=True).stdout.splitlines())
    kinds = set()
    for kind in ("mnt", "net", "pid", "user", "ipc", "uts", "cgroup"):
        for entry in Path("/proc").glob(f"[0-9]*/ns/{kind}"):
            try:
                kinds.add(os.readlink(entry))
            except OSError:
                pass
    state = who.home / ".local/state/ninefold"
    others = strangers(who)
    return {
        "mounts": sorted(Path("/proc/self/mountinfo").read_text().splitlines()),
        "namespaces": sorted(kinds),
        "cgroups": listing("find", "/sys/fs/cgroup", "-type", "d", "-name", f"ninefold-{who.home.stat().st_uid}-{name}-*"),
        "sockets": [line for line in Path("/proc/net/unix").read_text().splitlines() if str(who.home) in line],
        "processes": sorted(c for p, (_, n, c) in processes().items()
                            if p not in others and (n in PARTS or c.startswith(COMMANDS))),
        "state": listing("find", state, "-not", "-path", "*/hostkeys*"),
        "owned by others": listing("find", who.home, "-uid", "+999999999", "-not", "-path", "*/volumes/*"),
    }


def assert_clean(who, name, before):
    """Nothing of the environment is left; the kernel and a dying keeper get a moment."""
    def new():
        after = machine(who, name)
        # Namespaces are judged by their processes: one without any is gone, and other programs make some.
        return {what: left for what in before if what != "namespaces"
                if (left := [line for line in after[what] if line not in before[what]])}
    end = time.monotonic() + 5
    while (left := new()) and time.monotonic() < end:
        time.sleep(0.1)
    assert not left


def test_up_and_down_many_times_leave_nothing(who):
    made = Environment(who, f"cycle-{place_of_this_run()[0]}")  # root is the same in every run
    made.up()
    made.down()
    wait_until(lambda: not (who.home / ".local/state/ninefold/environments" / made.name).exists(), 5, "the end")
    before = machine(who, made.name)
    chance = seeded("cycles")
    for cycle in rounds(f"up and down of {who.name}", 15, 150):  # as root and as a user
        made.up()
        if cycle % 3 == 2:  # ended by the death of a part
            os.kill(chance.choice(parts(made)), signal.SIGKILL)
        assert made.down().returncode == 0
    assert_clean(who, made.name, before)


def test_kills_in_the_middle_of_up(who):
    made = Environment(who, "midway")
    made.up()
    made.down()
    before = machine(who, made.name)
    chance = random.Random(11)
    for _ in rounds(f"kills in the middle of up of {who.name}", 6, 60):
        starting = made.begin("up", "--tree", who.tree)
        time.sleep(chance.random() * 0.2)
        ours = parts(made)
        if ours:
            try:
                os.kill(chance.choice(ours), signal.SIGKILL)
            except ProcessLookupError:
                pass
        starting.wait()
        assert made.up().returncode == 0
        assert made.sh("echo fine").stdout == "fine\n"
        assert made.down().returncode == 0
    assert_clean(who, made.name, before)


def test_twenty_environments_of_three_users_at_once(three_users):
    made = [Environment(three_users[number % 3], f"many{number}") for number in range(20)]
    for one in made[:3]:  # folders that stay
        one.up()
        one.down()
    before = [machine(who, "many*") for who in three_users]
    with ThreadPoolExecutor(len(made)) as pool:
        try:
            started = list(pool.map(lambda one: one.up(check=False, timeout=300), made))
            assert [done.stderr for done in started if done.returncode] == []
            inside = "hostname; id -u; ls /tf/notebooks; ps -e -o comm= | grep -c ninefold-init"
            for one in made:
                (one.folder / "notebooks" / one.name).write_text("")
            said = list(pool.map(lambda one: one.ssh(inside, timeout=120).stdout.split(), made))
            assert said == [[one.name, "1000", one.name, "1"] for one in made]
            assert len({one.status()["pid"] for one in made}) == len(made)
        finally:
            ended = list(pool.map(lambda one: one("down", "--force", check=False, timeout=300), made))
    assert [done.stderr for done in ended if done.returncode] == []
    for who, old in zip(three_users, before):
        assert_clean(who, "many*", old)


def test_a_dead_keeper_is_replaced_by_any_verb(environment):
    def keepers():
        return [p for p, (_, _, c) in processes().items()
                if c.startswith("ninefold keeper") and c.rstrip().endswith("/" + environment.name)]
    for verb in (["status", environment.name], ["exec", "true"], ["job", "list"], ["up", "--tree", environment.who.tree]):
        for pid in keepers():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        wait_until(lambda: not keepers(), 5, "the keeper's end")
        environment(*verb)
        assert keepers(), verb
        assert environment.ssh("echo fine").stdout == "fine\n"


def test_a_dead_service_is_started_again(environment):
    listener = next(p for p, (_, n, c) in processes().items()
                    if "sshd_config [listener]" in c and os.stat(f"/proc/{p}").st_uid != 0 and
                    processes()[p][0] == environment.status()["pid"])
    os.kill(listener, signal.SIGKILL)
    wait_until(lambda: environment.ssh("true", check=False).returncode == 0, 5, "sshd")
    assert environment.status()["services"]["ssh"]["starts"] == 2


def test_up_twice_is_up_once(environment):
    done = environment.up()
    assert "is up already" in done.stderr
    assert environment.sh("echo fine").stdout == "fine\n"


def test_a_port_in_use(who):
    made = Environment(who, "port")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", made.port))
        taken.listen()
        done = made.up(check=False)
    assert done.returncode == 127
    assert f"port {made.port} (ssh) is in use on this machine" in done.stderr
    assert not (who.home / ".local/state/ninefold/environments/port").exists()


def test_two_environments_of_one_name(environment):
    other = Environment(environment.who, "second")
    text = (other.folder / "ninefold.toml").read_text()
    (other.folder / "ninefold.toml").write_text(text.replace('"second"', f'"{environment.name}"'))
    done = other.up(check=False)
    assert done.returncode == 127
    assert f"an environment named {environment.name} is up already, from {environment.folder}" in done.stderr


def test_two_environments_side_by_side(who):
    pair = [Environment(who, name) for name in ("left", "right")]
    try:
        for made in pair:
            made.up()
        assert [made.ssh("hostname").stdout for made in pair] == ["left\n", "right\n"]
    finally:
        for made in pair:
            made.down()


def test_two_of_one_name_in_two_state_folders(who):
    made, other = Environment(who, "twin", ssh=False), {"XDG_STATE_HOME": str(who.home / "other-state")}
    try:
        made.up()
        made.up(env=other)
        first, second = made.status()["pid"], json.loads(made("status", made.name, "--json", env=other).stdout)[0]["pid"]
        assert first != second
        made("down", env=other)
        assert made.status()["pid"] == first and made.sh("echo fine").stdout == "fine\n"
    finally:
        made("down", "--force", env=other, check=False)
        made.down()


def test_a_mount_that_is_not_there(who):
    made = Environment(who, "nomount", '"gone" = "/tf/gone"', ssh=False)
    done = made.up(check=False)
    assert done.returncode == 127
    assert "mount" in done.stderr and "/gone: no such file or folder" in done.stderr and "ninefold.toml:" in done.stderr


def test_a_mount_that_cannot_be_read(user):
    made = Environment(user, "closed", '"/root" = "/tf/closed"', ssh=False)
    done = made.up(check=False)
    assert done.returncode == 127
    assert f"/root: it cannot be read by {user.name}" in done.stderr


def test_no_subordinate_ids(user):
    made = Environment(user, "noids", ssh=False)
    give_subids(account("test"), "del")
    try:
        done = made.up(check=False)
    finally:
        give_subids(account("test"))
    assert done.returncode == 127
    assert "needs 65535 subordinate ids in /etc/subuid and has 0" in done.stderr and "--add-subuids" in done.stderr


def test_no_user_namespaces(user):
    made = Environment(user, "nouserns", ssh=False)
    # A machine that refuses them, for this one process: a namespace whose limit is zero.
    script = f"echo 0 > /proc/sys/user/max_user_namespaces; cd {made.folder}; exec ninefold up --tree {user.tree}"
    done = user.run("unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", script, check=False)
    assert done.returncode == 127
    assert "this machine refuses user namespaces" in done.stderr and "max_user_namespaces" in done.stderr


def test_a_private_key_as_authorized_keys(who):
    made = Environment(who, "private")
    file = made.folder / "ninefold.toml"
    file.write_text(file.read_text().replace(".pub", ""))
    done = made.up(check=False)
    assert done.returncode == 127 and "holds a private key" in done.stderr


def test_exec_statuses_and_streams(environment):
    for script, status in (("exit 0", 0), ("exit 42", 42), ("kill -KILL $$", 137)):
        assert environment.sh(script, check=False).returncode == status
    assert environment("exec", "no-such-program", check=False).returncode == 127
    done = environment.sh("cat; echo err >&2", input="through\n")
    assert (done.stdout, done.stderr) == ("through\n", "err\n")
    assert environment("exec", "--env", "A=b c", "--folder", "/tf", "sh", "-c", 'echo "$A"; pwd').stdout == "b c\n/tf\n"


def test_copies_both_ways(environment):
    environment.who.run("sh", "-c", f"mkdir -p {environment.folder}/tree/deep && echo x > {environment.folder}/tree/deep/f")
    environment("cp", "tree", ":/tmp")
    assert environment.sh("cat /tmp/tree/deep/f").stdout == "x\n"
    environment.sh("echo changed > /tmp/tree/deep/f")
    environment.who.run("mkdir", "-p", environment.folder / "back")
    environment("cp", ":/tmp/tree", "back")
    assert (environment.folder / "back/tree/deep/f").read_text() == "changed\n"


def test_answers_in_json(environment):
    def answer(*words, **options):
        return json.loads(environment(*words, "--json", **options).stdout)
    environment.who.run("sh", "-c", f"echo x > {environment.folder}/file")
    assert answer("cp", "file", ":/tmp") == {"from": "file", "to": ":/tmp", "exit": 0}
    assert answer("cp", ":/no-such-file", ".", check=False)["exit"] != 0
    environment.sh("mkdir /var/tmp/six-1.16.0.dist-info; echo more >> /tmp/file")
    changes = answer("diff")
    assert "/tmp/file" in changes["added"] and changes["deleted"] == [] and changes["packages"] == ["six==1.16.0"]
    job = json.loads(environment("job", "run", "--json", "--", "sleep", "100").stdout)
    stopped = answer("job", "stop", job["id"])
    assert (stopped["id"], stopped["state"], stopped["exit"]) == (job["id"], "killed", 143)
    assert answer("restart", "ssh") == {"name": environment.name, "service": "ssh"}
    assert answer("restart", "--tree", environment.who.tree)["ports"] == {"ssh": environment.port}
    assert answer("down") == {"name": environment.name, "was_up": True}
    assert answer("down") == {"name": environment.name, "was_up": False}


def test_volumes_outlive_down_and_the_rest_does_not(who):
    made = Environment(who, "volumes", ssh=False)
    try:
        made.up()
        made.sh("echo kept > ~/kept; echo gone > /tmp/gone; echo kept > /tf/outputs/kept")
        assert "A /tmp/gone" in made("diff").stdout
        made.down()
        made.up()
        assert made.sh("cat ~/kept /tf/outputs/kept; ls /tmp/gone 2>&1", check=False).stdout.startswith("kept\nkept\n")
        assert made.sh("ls /tmp/gone", check=False).returncode != 0
    finally:
        made.down()


def test_run_is_up_and_exec_and_down(who):
    made = Environment(who, "oneoff", ssh=False)
    done = made("run", "--tree", who.tree, "sh", "-c", "echo hello; exit 6", check=False)
    assert (done.returncode, done.stdout) == (6, "hello\n")
    assert not (who.home / ".local/state/ninefold/environments/oneoff").exists()


def test_a_restart_takes_what_the_file_says_now(environment):
    text = environment.folder / "ninefold.toml"
    text.write_text(text.read_text() + '[environment]\nADDED = "yes"\n')
    environment("restart", "--tree", environment.who.tree)
    assert environment.sh("echo $ADDED").stdout == "yes\n"
