"""In: a ninefold.toml and an image by digest. Out: files of `ninefold export` that others' validators and parsers accept.

Kubernetes' own schemas come with kubernetes-validate; TFJob's is written here from its public description (Kubeflow's
training operator, kubeflow.org/v1); compose is parsed by podman-compose.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMMAND_FOLDER = ROOT / "build/release/bin"
IMAGE = "registry.example/team/tf29@sha256:" + 64 * "a"
KINDS = {"pod": [], "deployment": [], "job": ["--", "python", "train.py"], "tfjob": ["--workers", "3", "--", "python", "train.py"], "compose": [],
         "dockerfile": [], "devcontainer": []}
FILE = (ROOT / "tests/data/exports/ninefold.toml").read_text()
POD = {"$ref": "pod"}
TFJOB = {
    "type": "object", "required": ["apiVersion", "kind", "metadata", "spec"], "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": "kubeflow.org/v1"}, "kind": {"const": "TFJob"},
        "metadata": {"type": "object", "required": ["name"]},
        "spec": {
            "type": "object", "required": ["tfReplicaSpecs"], "additionalProperties": False,
            "properties": {
                "successPolicy": {"enum": ["", "AllWorkers"]}, "enableDynamicWorker": {"type": "boolean"},
                "runPolicy": {
                    "type": "object", "additionalProperties": False,
                    "properties": {"cleanPodPolicy": {"enum": ["All", "Running", "None"]}, "suspend": {"type": "boolean"},
                                   "schedulingPolicy": {"type": "object"},
                                   **{name: {"type": "integer", "minimum": 0} for name in
                                      ("ttlSecondsAfterFinished", "activeDeadlineSeconds", "backoffLimit")}}},
                "tfReplicaSpecs": {
                    "type": "object", "minProperties": 1, "additionalProperties": False,
                    "patternProperties": {"^(Chief|Master|Worker|PS|Evaluator)$": {
                        "type": "object", "required": ["template"], "additionalProperties": False,
                        "properties": {
                            "replicas": {"type": "integer", "minimum": 1},
                            "restartPolicy": {"enum": ["Always", "OnFailure", "Never", "ExitCode"]},
                            "template": {
                                "type": "object", "required": ["spec"],
                                "properties": {"spec": {
                                    "type": "object",
                                    # The operator looks for this container, and sets the restart policy itself.
                                    "not": {"required": ["restartPolicy"]},
                                    "properties": {"containers": {"contains": {
                                        "properties": {"name": {"const": "tensorflow"},
                                                       "ports": {"contains": {"properties": {"name": {"const": "tfjob-port"}}}}},
                                        "required": ["name", "ports", "image"]}}}}}}}}}}}}}}


def ninefold(folder, *words, **variables):
    env = {"PATH": f"{COMMAND_FOLDER}:/usr/bin:/bin", "HOME": str(folder), "NINEFOLD_STORE": str(folder / "store"), "LANG": "C.UTF-8", **variables}
    return subprocess.run(["ninefold", *map(str, words)], cwd=folder, env=env, capture_output=True, text=True, timeout=60)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "ninefold.toml").write_text(FILE)
    (tmp_path / "key.pub").write_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE anna\n")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "data").write_text("one file")
    return tmp_path


@pytest.fixture
def export(project):
    def made(kind, *options):
        done = ninefold(project, "export", kind, "--image", IMAGE, *options, *KINDS[kind])
        assert done.returncode == 0, done.stderr
        return done
    return made


def kubernetes_fault(document):
    """What Kubernetes' schema says against a document; None: nothing."""
    import kubernetes_validate
    try:
        kubernetes_validate.validate(document, "1.29", strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error.message)
    return None


@pytest.mark.parametrize("kind", ["pod", "deployment", "job", "tfjob"])
def test_kubernetes_accepts_them(export, kind):
    documents = list(yaml.safe_load_all(export(kind).stdout))
    assert documents == json.loads(export(kind, "--json").stdout)["documents"]  # the YAML says what was meant
    for document in documents:
        if document["kind"] == "TFJob":
            jsonschema.validate(document, TFJOB)
            worker = document["spec"]["tfReplicaSpecs"]["Worker"]
            document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", **worker["template"]["metadata"]}, "spec": worker["template"]["spec"]}
            assert worker["replicas"] == 3
        assert kubernetes_fault(document) is None
        if document["kind"] == "Pod":  # the schema finds what is wrong
            document["spec"]["securityContext"]["runAsUser"] = "root"
            assert kubernetes_fault(document)
            document["spec"]["securityContext"] = {"runAsUsr": 1000}
            assert kubernetes_fault(document)
    variables = {one["name"]: one.get("value") for one in found(documents, "containers")[0]["env"]}
    assert variables["QUOTED"] == 'a "b" $C \\ yes' and variables["LOOKS_LIKE_A_NUMBER"] == "012" and "DATABASE" not in variables


def found(value, key):
    """The first value of that key, however deep."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            there = found(one, key)
            if there is not None:
                return there
    return None


def test_a_wrong_tfjob_is_found(export):
    good = [one for one in yaml.safe_load_all(export("tfjob").stdout) if one["kind"] == "TFJob"][0]
    for path, value in ((("spec", "tfReplicaSpecs", "Worker", "restartPolicy"), "Sometimes"), (("spec", "tfReplicaSpecs", "Wrker"), {}),
                        (("spec", "runPolicy", "cleanPodPolicy"), "Never"), (("spec", "tfReplicaSpecs", "Worker", "replicas"), 0)):
        bad = json.loads(json.dumps(good))
        at = bad
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = value
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, TFJOB)


def test_compose_is_parsed_by_a_real_one(export, project):
    (project / "compose.yaml").write_text(export("compose").stdout)
    done = subprocess.run([sys.executable, "-m", "podman_compose", "-f", "compose.yaml", "config"], cwd=project, capture_output=True, text=True,
                          env={**os.environ, "C": "must not be put in"})
    assert done.returncode == 0, done.stderr
    service = yaml.safe_load(done.stdout)["services"]["tf29"]
    assert service["image"] == IMAGE
    assert service["environment"]["QUOTED"] == 'a "b" $C \\ yes'
    assert "[services.api]" in service["environment"]["NINEFOLD_TOML"]
    assert service["environment"]["NINEFOLD_AUTHORIZED_KEYS"].startswith("ssh-ed25519 ")
    assert service["cap_drop"] == ["ALL"] and service["read_only"] is True


# Keys of devcontainer.json that stand in its public reference.
KNOWN = {"name", "image", "containerUser", "remoteUser", "updateRemoteUserUID", "containerEnv", "mounts", "runArgs", "forwardPorts", "customizations",
         "postStartCommand", "hostRequirements"}


def test_devcontainer_has_known_keys_only(export):
    container = json.loads(export("devcontainer").stdout)
    assert set(container) <= KNOWN and container["image"] == IMAGE
    assert container["hostRequirements"] == {"gpu": True}
    assert all(isinstance(port, int) for port in container["forwardPorts"])
    assert all(dict(part.partition("=")[::2] for part in mount.split(","))["target"] for mount in container["mounts"])


def test_what_is_left_out_is_told(export):
    said = export("pod").stderr
    assert "data is one file and is left out" in said
    assert all(line.startswith("export: note: ") for line in said.splitlines())


def test_secrets_go_to_their_own_file_alone(project, export):
    os.environ["DATABASE"] = "hunter2"
    try:
        done = ninefold(project, "export", "pod", "--image", IMAGE, "--secrets", "secret.yaml", "--output", "pod.yaml", DATABASE="hunter2")
        assert done.returncode == 0 and done.stdout == "", done.stderr
        secret = yaml.safe_load((project / "secret.yaml").read_text())
        assert kubernetes_fault(secret) is None
        assert set(secret["data"]) == {"database", "jupyter_token", "ssh_host_ed25519_key"} and secret["metadata"]["name"] == "tf29-secrets"
        assert (project / "secret.yaml").stat().st_mode & 0o777 == 0o600
        pod = (project / "pod.yaml").read_text()
        assert "hunter2" not in pod and not any(value in pod for value in secret["data"].values())
        again = ninefold(project, "export", "pod", "--image", IMAGE, "--secrets", "secret.yaml", DATABASE="hunter2")
        assert again.returncode == 127 and "remove it for new ones" in again.stderr
        done = ninefold(project, "export", "compose", "--image", IMAGE, "--secrets", "s", DATABASE="hunter2")
        assert done.returncode == 0, done.stderr
        assert (project / "s").stat().st_mode & 0o777 == 0o700 and (project / "s/database").read_text() == "hunter2"
        assert yaml.safe_load(done.stdout)["secrets"]["database"] == {"file": "s/database"}
    finally:
        del os.environ["DATABASE"]


@pytest.mark.parametrize("words, status, text", [
    (["pod"], 127, "ninefold push tf29 HOST/REPOSITORY"),
    (["job", "--image", IMAGE], 2, "a job runs a command, got none: ninefold export job -- python train.py"),
    (["pod", "--image", "tf29"], 2, "it names no registry"),
    (["pod", "--image", IMAGE, "--storage", "10"], 2, "--storage takes a size as Kubernetes writes it, 20Gi say; got 10"),
    (["pod", "--image", IMAGE, "--gpus", "many"], 2, "--gpus takes a number from 0 to 1024, got many"),
    (["pod", "--image", IMAGE, "--workers", "2"], 2, "--workers is for a tfjob, got a pod"),
    (["pod", "--image", IMAGE, "--secrets", "s.yaml"], 127, "the variable DATABASE is not set"),
])
def test_bad_input(project, words, status, text):
    done = ninefold(project, "export", *words)
    assert (done.returncode, done.stdout) == (status, "") and text in done.stderr, done.stderr
    assert not (project / "s.yaml").exists()
