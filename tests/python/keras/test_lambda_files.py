# In: models with Lambda layers in files. Out: they load where they were written, in another process, too; code of others is
# refused, unless one asks for it.
import json
import os
import subprocess
import sys

import pytest

SAVE = """
import ninefold as tf
model = tf.keras.Sequential([tf.keras.layers.Lambda(lambda x: x * 3 + 1, input_shape=(2,))])
model.save("m.h5"); open("m.json", "w").write(model.to_json())
"""
LOAD = "import ninefold as tf; print(tf.keras.models.load_model('m.h5', compile=False)(tf.ones([1, 2])).numpy().tolist())"
JSON = "import ninefold as tf; print(tf.keras.models.model_from_json(open('m.json').read())(tf.ones([1, 2])).numpy().tolist())"


def run(folder, program, **environment):
    kept = {k: v for k, v in os.environ.items() if k not in ("NINEFOLD_KNOWN_CODE", "NINEFOLD_TRUST_CODE")}
    return subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=120, env={
        **kept, "PYTHONPATH": os.pathsep.join(sys.path), **environment})


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lambda")
    done = run(folder, SAVE, XDG_STATE_HOME=str(folder / "mine"))
    assert done.returncode == 0, done.stderr
    assert oct((folder / "mine/ninefold/known_code").stat().st_mode)[-3:] == "600"
    return folder


@pytest.mark.parametrize("program", [LOAD, JSON], ids=["h5", "json"])
@pytest.mark.parametrize("settings, answer", [
    ({"XDG_STATE_HOME": "mine"}, "[[4.0, 4.0]]"),
    ({"XDG_STATE_HOME": "others", "NINEFOLD_TRUST_CODE": "1"}, "[[4.0, 4.0]]"),
    ({"NINEFOLD_KNOWN_CODE": "mine/ninefold/known_code"}, "[[4.0, 4.0]]"),
    ({"XDG_STATE_HOME": "others"}, None), ({"XDG_STATE_HOME": "others", "NINEFOLD_TRUST_CODE": "0"}, None)])
def test_code_is_loaded_by_whoever_wrote_it(saved, program, settings, answer):
    done = run(saved, program, **{k: str(saved / v) if k != "NINEFOLD_TRUST_CODE" else v for k, v in settings.items()})
    if answer:
        assert done.stdout.strip() == answer, done.stderr
    else:
        assert done.returncode == 1 and "NINEFOLD_TRUST_CODE=1" in done.stderr.splitlines()[-1], done.stderr


@pytest.mark.parametrize("code", ["", "bm90IG1hcnNoYWw=\n", "???", 7])
def test_damaged_code_is_refused_even_if_it_is_trusted(saved, code):
    about = json.loads((saved / "m.json").read_text())
    layer = next(row for row in about["config"]["layers"] if row["class_name"] == "Lambda")
    layer["config"]["function"][0] = code
    (saved / "m.json").write_text(json.dumps(about))
    done = run(saved, JSON, NINEFOLD_TRUST_CODE="1", XDG_STATE_HOME=str(saved / "others"))
    assert done.returncode == 1 and "a Lambda layer's function: " in done.stderr.splitlines()[-1], done.stderr
