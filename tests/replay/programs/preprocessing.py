# In: TensorFlow's API. Out: preprocessing layers: what adapt() learns, what they give, configs, mistakes.
import re

import numpy as np
from replay import case, last_section


def numbers(*shape, seed=3):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@case("normalization-adapted", tolerance=1e-5)
def _(tf):
    k = tf.keras.layers
    data = numbers(70, 3) * [1, 2, 3] + [4, 5, 6]
    found = {}
    for axis in (-1, None, 1):
        layer = k.Normalization(axis=axis)
        layer.adapt(data)
        found[str(axis)] = [layer(data[:4]), [w.numpy() for w in layer.weights], [w.name for w in layer.weights]]
        layer.adapt(tf.data.Dataset.from_tensor_slices(data[:40]).batch(16))
        found[str(axis) + " again"] = [layer(data[:4]), layer.weights[2].numpy()]
    images = k.Normalization(axis=-1)
    images.adapt(numbers(6, 2, 2, 3), batch_size=4)
    found["images"] = images(numbers(1, 2, 2, 3))
    return found


@case("normalization-given", tolerance=1e-5)
def _(tf):
    k = tf.keras.layers
    layer = k.Normalization(axis=-1, mean=[1., 2., 3.], variance=[4., 5., 6.])
    one = k.Normalization(axis=None, mean=3., variance=2.)
    plain = k.Normalization()
    return {"given": layer(numbers(2, 3)), "one": one(numbers(2, 3)), "plain": plain(numbers(2, 3)), "ints": one(np.array([[1, 2]])),
            "weights": len(layer.weights), "configs": [layer.get_config(), one.get_config(), plain.get_config()]}


@case("normalization-in-a-model")
def _(tf):
    k = tf.keras.layers
    x, y = numbers(32, 4) * 5 + 2, numbers(32, 1)
    normalization = k.Normalization()
    normalization.adapt(x)
    model = tf.keras.Sequential([normalization, k.Dense(3, activation="relu"), k.Dense(1)])
    model.compile("adam", "mse")
    lines = []
    history = model.fit(x, y, epochs=3, batch_size=8, verbose=0).history
    model.summary(print_fn=lines.append)
    return {"loss": history["loss"], "summary": lines, "mapped": next(iter(tf.data.Dataset.from_tensor_slices(x).batch(2).map(normalization)))}


@case("category-encoding")
def _(tf):
    k = tf.keras.layers
    ids = np.array([[0, 1, 1], [3, 2, 0]])
    return {"multi": k.CategoryEncoding(num_tokens=4)(ids), "count": k.CategoryEncoding(num_tokens=4, output_mode="count")(ids),
            "weighted": k.CategoryEncoding(num_tokens=4, output_mode="count")(ids, count_weights=np.array([[.1, .2, .3], [.4, .5, .6]])),
            "one": k.CategoryEncoding(num_tokens=4, output_mode="one_hot")(np.array([3, 1, 0])),
            "column": k.CategoryEncoding(num_tokens=4, output_mode="one_hot")(np.array([[3], [1]])),
            "flat": k.CategoryEncoding(num_tokens=5)(np.array([0, 2])), "config": k.CategoryEncoding(4).get_config(),
            "shape": list(k.CategoryEncoding(4)(tf.keras.Input((3,), dtype="int64")).shape)}


def said(tf, call):
    tf.keras.backend.clear_session()
    try:
        call()
    except Exception as e:
        text = last_section(str(e))
        inner = re.match(r"Exception encountered when calling layer .*?\n\s*\n\s*(.*?)\n\s*\n\s*Call arguments received", text, re.S)
        return f"{type(e).__name__}: " + re.sub(r"\s+", " ", inner.group(1) if inner else text).strip()
    return "no exception"


@case("preprocessing-mistakes")
def _(tf):
    k = tf.keras.layers
    given = k.Normalization(mean=1., variance=2., axis=None)
    mistakes = {
        "mean only": lambda: k.Normalization(mean=1.), "axis": lambda: k.Normalization(axis=3)(numbers(2, 3)),
        "adapt given": lambda: given.adapt(numbers(4, 2)), "unknown axis": lambda: k.Normalization()(tf.keras.Input((None,))),
        "no tokens": lambda: k.CategoryEncoding(), "tokens": lambda: k.CategoryEncoding(num_tokens=0),
        "mode": lambda: k.CategoryEncoding(num_tokens=3, output_mode="many"),
        "rank": lambda: k.CategoryEncoding(num_tokens=3)(np.zeros((2, 2, 2), np.int64)),
    }
    return {name: said(tf, call) for name, call in mistakes.items()}
