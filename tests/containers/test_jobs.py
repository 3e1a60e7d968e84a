"""In: jobs, and SIGKILLs at random moments. Out: statuses that are true and logs that are whole.

A job counts for itself, with fsync; its log must agree. Seeded: a failure prints the seed.
"""
import fcntl
import json
import os
import signal
import subprocess
import termios
import time
import zlib
from pathlib import Path

import pytest
from conftest import parts, processes, rounds, seeded, wait_until

COUNTS = r"""
import os, subprocess, sys, time, zlib
until, end = sys.argv[1], int(sys.argv[2])  # a file that appears, and the status to end with
child = subprocess.Popen(["sleep", "1000"])
count = os.open(f"/tf/notebooks/count-{os.environ['NINEFOLD_JOB']}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
n = 0
while not os.path.exists(until):
    n += 1
    os.write(1, f"{n} {zlib.crc32(str(n).encode())}\n".encode())
    os.pwrite(count, str(n).encode(), 0)
    os.fsync(count)
    if child.poll() is not None:
        sys.exit(9)
    time.sleep(0.002)
child.kill()
sys.exit(end)
"""

# victim: what `job list` must say, given the status that the job would have ended with
EXPECTED = {
    "client": lambda end: ("done", 0) if end == 0 else ("failed", end),
    "keeper": lambda end: ("done", 0) if end == 0 else ("failed", end),
    "supervisor": lambda end: ("done", 0) if end == 0 else ("failed", end),
    "init": lambda end: ("environment-killed", 125),
    "job": lambda end: ("killed", 137),
    "child": lambda end: ("failed", 9),
}
# And "runtime": it dies while it starts an environment. No job can have begun; the records of earlier ones stay.
VICTIMS = [*EXPECTED, "runtime"]


def inside(environment):
    """What runs in the environment, by role, as host pids."""
    first = environment.status()["pid"]
    table = processes()
    roles = {"init": first}
    below = {pid for pid, (parent, _, _) in table.items() if parent == first}
    for pid in below:
        if table[pid][1].startswith("ninefold-superv"):
            roles["supervisor"] = pid
        if "counts.py" in table[pid][2]:
            roles["job"] = pid
    for pid, (parent, name, _) in table.items():
        if name == "sleep" and parent == roles.get("job"):
            roles["child"] = pid
    lock = environment.who.home / f".local/state/ninefold/environments/{environment.name}"
    for pid, (_, _, command) in table.items():
        if command.startswith("ninefold keeper") and command.rstrip().endswith(str(lock)) and \
                table.get(table[pid][0], ("", "", ""))[2] != command:
            roles["keeper"] = pid
    return roles


def check_log(environment, job):
    lines = Path(job["out"]).read_text().splitlines()
    for number, line in enumerate(lines, 1):
        assert line == f"{number} {zlib.crc32(str(number).encode())}"
    counted = int((environment.folder / f"notebooks/count-{job['id']}").read_text() or 0)
    assert counted <= len(lines) <= counted + 1, (counted, len(lines))


def prepare(environment):
    (environment.folder / "notebooks/counts.py").write_text(COUNTS)
    (environment.folder / "notebooks/until").unlink(missing_ok=True)


def counting(end):
    """A job's words: it counts until `goes_on` has seen it."""
    return ["python3", "/tf/notebooks/counts.py", "/tf/notebooks/until", end]


def goes_on(environment, job):
    """The job counts, and ends when it has been seen to."""
    file = environment.folder / f"notebooks/count-{job}"
    count = lambda: int(file.exists() and file.read_text() or 0)
    before = count()
    wait_until(lambda: count() > before + 20, 5, "more of the job")
    (environment.folder / "notebooks/until").touch()


def record(environment, job):
    return next(j for j in environment.jobs() if j["id"] == job)


def kill_the_runtime(environment, pause):
    done = json.loads(environment("job", "run", "--json", "--", "true").stdout)["id"]
    environment("job", "wait", done)
    environment("down")
    before = environment.jobs()
    for _ in range(20):
        starting = environment.begin("up", "--tree", environment.who.tree, stderr=subprocess.PIPE, text=True)
        killed = False
        while starting.poll() is None and not killed:
            for pid in parts(environment):
                try:
                    if Path(f"/proc/{pid}/comm").read_text().startswith("runc"):
                        time.sleep(pause / 20)
                        os.kill(pid, signal.SIGKILL)
                        killed = True
                        break
                except (OSError, ProcessLookupError):
                    pass  # it was faster
        said = starting.communicate()[1]
        if starting.returncode == 127:
            break
        environment.down()  # it had done its work before it died
    assert starting.returncode == 127 and ("runc" in said or "was killed" in said), said
    assert environment("status", environment.name, check=False).returncode != 0
    assert environment.jobs() == before
    environment.up()
    assert environment.jobs() == before


def kill_one(environment, victim, end, pause):
    if victim == "runtime":
        return kill_the_runtime(environment, pause)
    prepare(environment)
    client, roles = None, {}
    if victim == "client":
        before = len(environment.jobs())
        client = environment.begin("job", "run", "--attach", "--", *counting(end))
        wait_until(lambda: environment.jobs() and environment.jobs()[-1]["state"] == "running", 5, "the start")
        job = environment.jobs()[-1]["id"]
        assert len(environment.jobs()) == before + 1
    else:
        job = json.loads(environment("job", "run", "--json", "--", *counting(end)).stdout)["id"]

        def all_there():
            roles.update(inside(environment))
            return "child" in roles
        wait_until(all_there, 5, "the job's child")
    time.sleep(pause)
    os.kill(client.pid if client else roles[victim], signal.SIGKILL)
    if client:
        client.wait()
    if victim in ("client", "keeper", "supervisor"):
        goes_on(environment, job)
    done = environment("job", "wait", job, check=False)
    said = record(environment, job)
    assert (said["state"], said["exit"]) == EXPECTED[victim](end), (victim, said)
    assert done.returncode == said["exit"]
    check_log(environment, said)
    if victim == "init":
        assert environment.status()["state"] == "killed"
        environment.up()
        assert record(environment, job)["state"] == "environment-killed"
    assert environment.status()["state"] == "running"


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_victim_at_a_time(environment, victim):
    kill_one(environment, victim, 0, 0.2)
    kill_one(environment, victim, 3, 0.1)


def test_thirty_random_kills(environment):
    chance = seeded("kills")
    for _ in rounds(f"SIGKILLs of {environment.who.name}'s", 15, 100):  # as root and as a user
        kill_one(environment, chance.choice(VICTIMS), chance.choice([0, 0, 5]), chance.random() * 0.3)


def test_a_job_outlives_the_session_that_started_it(environment):
    """A login that starts everything and is then cut off: its terminal closed, all that is left of it killed."""
    environment.down()
    prepare(environment)
    who, (master, slave) = environment.who, os.openpty()
    script = f"ninefold up --tree {who.tree} && ninefold job run -- {' '.join(map(str, counting(0)))} && ninefold job attach"
    login = subprocess.Popen(
        [*who.prefix, "env", "-i", f"HOME={who.home}", f"PATH={who.command}:/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", script],
        cwd=environment.folder, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(slave)
    wait_until(lambda: any(job["state"] == "running" for job in environment.jobs()), 20, "the job")
    keeper, inner = inside(environment)["keeper"], environment.ssh_begin("sleep 1000")
    job = environment.jobs()[-1]["id"]
    os.close(master)  # SIGHUP for the session
    for one in (inner, login):
        try:
            os.killpg(one.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        one.wait()
    goes_on(environment, job)
    assert environment("job", "wait", job, check=False).returncode == 0
    assert record(environment, job)["state"] == "done"
    check_log(environment, record(environment, job))
    assert inside(environment)["keeper"] == keeper


ENDS = {
    "done": ("exit 0", "done", 0),
    "failed": ("exit 7", "failed", 7),
    "killed by itself": ("kill -KILL $$", "killed", 137),
    "terminated by itself": ("kill -TERM $$", "killed", 143),
    "status 125 of its own": ("exit 125", "failed", 125),
}


@pytest.mark.parametrize("name", ENDS)
def test_how_jobs_end(shared, name):
    script, state, exit_status = ENDS[name]
    job = json.loads(shared("job", "run", "--json", "--", "sh", "-c", script).stdout)["id"]
    assert shared("job", "wait", job, check=False).returncode == exit_status
    said = record(shared, job)
    assert (said["state"], said["exit"]) == (state, exit_status)


def test_output_and_errors_are_two_files(shared):
    job = json.loads(shared("job", "run", "--json", "--", "sh", "-c", "echo out; echo err >&2").stdout)["id"]
    shared("job", "wait", job)
    done = shared("job", "logs", job)
    assert (done.stdout, done.stderr) == ("out\n", "err\n")


def test_attach_shows_all_and_ends_with_the_jobs_status(shared):
    done = shared("job", "run", "--attach", "--", "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done; exit 4",
                  check=False)
    assert (done.returncode, done.stdout) == (4, "1\n2\n3\n")


def test_a_program_that_is_not_there(shared):
    job = json.loads(shared("job", "run", "--json", "--", "no-such-program").stdout)["id"]
    assert shared("job", "wait", job, check=False).returncode == 127
    assert "no-such-program" in shared("job", "logs", job).stderr


def test_a_terminal_for_a_job(shared):
    job = json.loads(shared("job", "run", "--json", "--tty", "--", "sh", "-c", "tty; exit 3").stdout)["id"]
    assert shared("job", "wait", job, check=False).returncode == 3
    assert "/dev/pts/" in shared("job", "logs", job).stdout


def test_stop_asks_first_and_kills_then(shared):
    polite = json.loads(shared("job", "run", "--json", "--", "sh", "-c", "trap 'echo bye; exit 0' TERM; "
                               "while :; do sleep 0.05; done").stdout)["id"]
    time.sleep(0.2)
    shared("job", "stop", polite)
    assert record(shared, polite)["state"] == "done" and shared("job", "logs", polite).stdout == "bye\n"
    stubborn = json.loads(shared("job", "run", "--json", "--", "sh", "-c", "trap '' TERM; "
                                 "while :; do sleep 0.05; done").stdout)["id"]
    time.sleep(0.2)
    shared("job", "stop", stubborn, "--grace", "0.3")
    assert record(shared, stubborn)["text"] == "killed by SIGKILL"


def test_down_refuses_while_a_job_runs(environment):
    environment("job", "run", "--", "sleep", "100")
    done = environment("down", check=False)
    assert done.returncode != 0 and "jobs are running: 1" in done.stderr
    assert environment.status()["state"] == "running"
    assert environment("down", "--force").returncode == 0
    assert environment.jobs()[0]["state"] == "stopped"
    assert environment("job", "wait", "1", check=False).returncode != 0
