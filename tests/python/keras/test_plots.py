# In: models. Out: pictures of them, and what is said where pydot or Graphviz is missing.
import ninefold as tf

PROGRAM = """
import ninefold as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
tf.keras.utils.plot_model(model, "model.png")
"""


def test_pictures_are_drawn(tmp_path):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    for name, start in (("a.png", b"\x89PNG"), ("b.svg", b"<?xml"), ("c", b"\x89PNG"), ("d.pdf", b"%PDF")):
        tf.keras.utils.plot_model(model, tmp_path / name, show_shapes=True)
        assert (tmp_path / name).read_bytes().startswith(start), name


def test_without_graphviz(run_python, tmp_path):
    done = run_python("-c", PROGRAM, PATH=str(tmp_path))
    assert "ImportError: You must install pydot (`pip install pydot`) and install graphviz" in done.stderr
    assert not (tmp_path / "model.png").exists()
