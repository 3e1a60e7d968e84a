"""In: notebooks in a git repository. Out: what `ninefold notebook` makes of them there."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BESIDE = Path(sys.executable).parent           # where a wheel puts the command
PLACE = BESIDE if (BESIDE / "ninefold").exists() else ROOT / "build/release/bin"


def run(folder, *words, **options):
    env = {**os.environ, "PATH": f"{PLACE}:{os.environ['PATH']}", "NINEFOLD_PYTHON": sys.executable, "HOME": str(folder),
           "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run([str(word) for word in words], cwd=folder, env=env, capture_output=True, text=True, **options)


@pytest.fixture
def repository(tmp_path):
    for words in (["init", "-q", "."], ["config", "user.name", "anna"], ["config", "user.email", "anna@example"]):
        assert run(tmp_path, "git", *words).returncode == 0
    return tmp_path


def written(cells, indent=1):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=indent, ensure_ascii=False) + "\n"


def code(source, outputs=(), count=None):
    return {"cell_type": "code", "execution_count": count, "id": "a", "metadata": {}, "outputs": list(outputs), "source": source}


def test_gits_filter_keeps_outputs_out_of_the_history_and_in_the_folder(repository):
    done = run(repository, "ninefold", "notebook", "strip", "--install")
    assert done.returncode == 0, done.stderr
    ran = written([code(["训练\n", "x"], [{"output_type": "stream", "name": "stdout", "text": "1\n"}], 3)])
    clean = written([code(["训练\n", "x"])])
    file = repository / "a.ipynb"
    file.write_text(ran)
    assert run(repository, "git", "add", "-A").returncode == 0
    run(repository, "git", "commit", "-qm", "one")
    assert run(repository, "git", "show", "HEAD:a.ipynb").stdout == clean
    assert file.read_text() == ran
    assert run(repository, "git", "status", "--short").stdout == ""
    file.unlink()
    run(repository, "git", "checkout", "-q", "a.ipynb")
    assert file.read_text() == clean and run(repository, "git", "status", "--short").stdout == ""
    # Twice is once.
    run(repository, "ninefold", "notebook", "strip", "--install")
    assert (repository / ".gitattributes").read_text().count("ninefold-notebook") == 1
    # What is no notebook is not committed as one.
    file.write_text("{")
    done = run(repository, "git", "add", "a.ipynb")
    assert done.returncode != 0 and "it is no notebook" in done.stderr


def test_strip_in_place_keeps_the_mode_and_tells_of_outputs(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_text(written([code("x", [{}], 1)], indent=None))
    file.chmod(0o640)
    done = run(tmp_path, "ninefold", "notebook", "strip", "--check", file)
    assert (done.returncode, done.stdout) == (1, f"{file}: has outputs\n")
    assert run(tmp_path, "ninefold", "notebook", "strip", file).returncode == 0
    assert file.read_text() == written([code("x")], indent=None) and file.stat().st_mode & 0o777 == 0o640
    assert run(tmp_path, "ninefold", "notebook", "strip", "--check", file).returncode == 0


def test_export_gives_a_script_that_python_runs(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_text(written([code("%matplotlib inline\n!ls\nx = 20"), {"cell_type": "markdown", "metadata": {}, "source": "# Sum"}, code("print(x + 22)")]))
    assert run(tmp_path, "ninefold", "notebook", "export", file).returncode == 0
    assert run(tmp_path, sys.executable, "a.py").stdout == "42\n"
    written_at = (tmp_path / "a.py").stat().st_mtime_ns
    assert run(tmp_path, "ninefold", "notebook", "export", file).returncode == 0
    assert (tmp_path / "a.py").stat().st_mtime_ns == written_at   # nothing changed, nothing was written
    file.write_text(written([code("print(7)")]))
    assert run(tmp_path, "ninefold", "notebook", "export", file).returncode == 0
    assert run(tmp_path, sys.executable, "a.py").stdout == "7\n"


def test_export_leaves_a_script_of_ones_own(tmp_path):
    (tmp_path / "a.ipynb").write_text(written([code("x = 1")]))
    (tmp_path / "a.py").write_text("# %%\nmine = 1\n")
    done = run(tmp_path, "ninefold", "notebook", "export", "a.ipynb")
    assert (done.returncode, (tmp_path / "a.py").read_text()) == (127, "# %%\nmine = 1\n")
    assert "a.py is there and was not made from a notebook" in done.stderr, done.stderr


def test_check_and_scan_find_something(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_text(written([code("print(gone)", [{"output_type": "stream", "name": "stdout", "text": ["http://h:8888/lab?token=" + "a" * 48]}], 1)]))
    done = run(tmp_path, "ninefold", "notebook", "check", file)
    assert (done.returncode, done.stdout) == (1, f"{file}: cell 1, line 1: reads gone, which no cell defines\n"), done.stderr
    done = run(tmp_path, "ninefold", "notebook", "scan", file)
    assert (done.returncode, done.stdout) == (1, f"{file}: cell 1, its output: a token of Jupyter (?token...)\n")
