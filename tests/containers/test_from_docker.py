"""In: docs/from-docker.md, its file and its commands. Out: each command, as it stands there, does what it is for.

An ordinary user goes through the page from the top, in a shell in his project's folder. What is another machine's there (a
registry) is a program on loopback here; ports are free ones. The image is test_browser's: the page's file asks for the same.
"""
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, open_folder, throwaway
from test_browser import WHEELS, Workstation, hand_over, made_once, say  # noqa: F401 (fixtures)
from test_registry import Registry, program  # noqa: F401 (a fixture)

PAGE = (ROOT / "docs/from-docker.md").read_text()

# What guides to TensorFlow 2.9 in containers tell people to type: each stands in a left column.
GUIDES = """docker run -it --name tf_dev_env -p 8888:8888 -v $(pwd)/notebooks:/tf/notebooks tensorflow/tensorflow:2.9.0-jupyter
docker run -d --name tf_ssh_env -p 2222:22 -v $(pwd)/code:/tf/code my-tensorflow:2.9-ssh
docker run -d --gpus all -p 2222:22 -p 6006:6006 --name tf-dev-env my-tf29-ssh
docker run -it --rm --gpus all -p 8888:8888 tensorflow/tensorflow:2.9.0-gpu-jupyter
docker run --gpus all -it tensorflow/tensorflow:2.9.0-gpu-jupyter
docker-compose
runtime: nvidia
RUN pip install --no-cache-dir transformers==4.20.0 scikit-learn pandas-profiling
jupyter nbconvert --to script *.ipynb
ssh -p 2222 root@localhost
ssh tfuser@localhost -p 2222
docker exec -it tf_dev_env bash
tensorboard --logdir=./logs --host 0.0.0.0 --port 6006
curl localhost:8888
nvidia-smi
top
pip install tensorflow==2.9.0
pip install tensorflow
chmod +x NVIDIA-Linux-x86_64-470.182.03.run
sudo ./NVIDIA-Linux-x86_64-470.182.03.run
wget .../cuda-repo-ubuntu2004-11-2-local_11.2.2-460.27.04-1_amd64.deb
sudo dpkg -i ...
sudo apt-key add ...
sudo apt-get update
sudo apt-get install cuda-11-2
export PATH=...
export LD_LIBRARY_PATH=...
source ~/.bashrc
nvcc --version
tar -xzvf cudnn-11.2-linux-x64-v8.1.0.77.tgz
sudo cp cuda/lib64/libcudnn* /usr/local/cuda/lib64
sudo chmod a+r ...""".splitlines()
# What an option of theirs is in the file.
OPTIONS = ["-p 8888:8888", "-p 2222:22", "-p 6006:6006", "-v $(pwd)/notebooks:/tf/notebooks", "-v $(pwd)/code:/tf/code",
           "./authorized_keys:/root/.ssh/authorized_keys:ro", "-m 8g", "--gpus all", "AllowUsers", "Port", "PermitRootLogin", "PasswordAuthentication", "--logdir=./logs"]
# Said by the commands, where silence would pass for success.
SAYS = {
    "ninefold up": "jupyter:",
    "ninefold run": "2.9.0\n",
    "ninefold status": "tf29",
    "ninefold status && ninefold refresh": "follows    ",
    "ninefold refresh": "as it is here\n",
    "ninefold gpu;": "inside:       none",
    "id -un": "devuser\n",
    "hostname": "tf29\n",
    "top -bn1": "load average:",
    "physical_devices(\"GPU\")": "[]\n",
    "job wait": "trained\n",
    "train.py": "42\n",
    "list_physical_devices())": "CPU:0",
    "notebook export": "42\n",
    "pip list": "tensorflow",
    "is_built_with_cuda": "True\n",
    "ninefold sbom": "SPDX",
}


def rows():
    """(left, right, line) of every row of the page's tables."""
    found = []
    for number, line in enumerate(PAGE.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and not line.startswith(("| in the guides", "| ---")):
            assert len(cells) == 3 or line.rstrip().endswith("| |"), f"line {number}: three columns"
            found.append((cells[0], cells[1], number))
    return found


COMMANDS = [(command, number) for _, right, number in rows() for command in re.findall(r"`([^`]+)`", right)]


class Newcomer(Workstation):
    def __init__(self, who, store, registry):
        self.registry = registry
        super().__init__(who, store, "tf29")

    def write(self, text="", ssh=True):
        (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.S | re.M)
        file = self.folder / "ninefold.toml"
        file.write_text(self.here(block))
        self.own(file)

    def here(self, text):
        """With this machine's free ports, and a registry on loopback."""
        for shown, real in (("8888", self.jupyter), ("2222", self.port), ("6006", self.tensorboard)):
            text = re.sub(rf"(?<![\d:]){shown}(?!\d)|(?<=127\.0\.0\.1:){shown}", str(real), text)
        return text.replace("registry.example", self.registry)

    def type(self, line):
        return self.who.run("sh", "-c", self.here(line), cwd=self.folder, env=self.variables, check=False, timeout=240)


@pytest.fixture(scope="module")
def newcomer(user, made_once, program):  # noqa: F811
    place = open_folder("from-docker", throwaway())
    registry = Registry(program, place / "storage", place / "plain")
    made = Newcomer(user, user.home / "newcomers-store", registry.host)
    hand_over(made_once, made)
    # The command alone was copied for him; its Python half is the wheel's.
    with zipfile.ZipFile(next(p for p in Path(WHEELS).glob("ninefold-*.whl") if "-cp311-" in p.name)) as wheel:
        wheel.extractall(place / "site")
    made.variables |= {"NINEFOLD_PYTHON": sys.executable, "PYTHONPATH": str(place / "site")}
    user.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", user.home / ".ssh/id_ed25519")
    yield made
    made.down()
    registry.end()
    shutil.rmtree(place)
    shutil.rmtree(made.store)


def test_every_command_of_the_guides_is_translated():
    left = [text for cell, _, _ in rows() for text in re.findall(r"`([^`]+)`", cell)]
    assert [one for one in GUIDES if one not in left] == []
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.S | re.M)
    assert [one for one in OPTIONS if one not in block] == []
    assert all(re.search("`[^`]+`", right) for _, right, _ in rows()), "a row without a command"
    assert [key for key in SAYS if not any(key in command for command, _ in COMMANDS)] == []


@pytest.mark.parametrize("typed,line", COMMANDS, ids=[f"line{number}-{command[:40]}" for command, number in COMMANDS])
def test_each_command_runs_as_it_stands(newcomer, typed, line):
    done = newcomer.type(typed)
    place = f"docs/from-docker.md:{line}: {typed}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, place
    for key, said in SAYS.items():
        assert key not in typed or said in done.stdout, place
