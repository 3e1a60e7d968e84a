# In: calls that users get wrong. Out: tables of what each raises, for the programs of mistakes.
import re

import numpy as np
from replay import case, last_section


def significant(text):
    """The sentence that says what is wrong: without tracebacks, addresses and names of graph nodes."""
    text = last_section(text)
    graph = re.search(r"\nNode: '[^']*'\n(.*?)\n\t? ?\[\[\{\{node", text, re.S)
    if graph:
        text = graph.group(1)
    inner = re.match(r"Exception encountered when calling layer .*?\n\s*\n\s*(.*?)\n\s*\n\s*Call arguments received", text, re.S)
    if inner:
        text = inner.group(1)
    text = re.sub(r" for '\{\{node .*?' with input shapes: .*", "", text, flags=re.S)
    text = re.sub(r"0x[0-9a-f]+", "0x", text).replace("compute _Mkl", "compute ")
    text = re.sub(r"NodeDef: \{\{node [^}]*\}\}", "NodeDef: {{node}}", text)
    # Dtypes of quantized kernels alone; the attributes of an op, of which TensorFlow prints a hash when they are long.
    text = re.sub(r", qu?int\d+", "", text)
    text = re.sub(r"<class '[\w.]*\.(\w+)'>", r"<class '\1'>", text)      # whose module is
    text = re.sub(r"<tf.Tensor[^>]*?(shape=\([^)]*\)),? dtype=(\w+)[^>]*>", r"<tf.Tensor \1 \2>", text)
    text = re.sub(r"\b\w+\.__init__\(\)", "__init__()", text)             # Python 3.10 names the class
    text = re.sub(r"Allowed kwargs are \{(.*)\}", lambda m: "Allowed kwargs are " + str(sorted(m[1].split(", "))), text)
    text = re.sub(r"(Op<name=\w+; signature=[^;]*); [^>]*(?=>)", r"\1", text)
    text = re.sub(r"allowed values: ([\w, ]*)", lambda m: "allowed values: " + ", ".join(sorted(m[1].split(", "))), text)
    return re.sub(r"\s+", " ", text).strip()


def said(tf, call, graph):
    tf.keras.backend.clear_session()    # names count from the start in each row
    try:
        result = call()
    except Exception as e:
        text = f"{type(e).__name__}: {significant(str(e))}"
        return re.sub(r" \[Op:\w+\]$", "", text) if graph else text    # a step that is captured does not name the op
    return f"no exception: {type(result).__name__}"


def table(name, graph=False):
    """A case of rows: the function gives {row: call}; recorded is what each call raises."""
    def register(rows):
        def body(tf):
            return {row: said(tf, call, graph) for row, call in rows(tf).items()}
        case(name, seed=7, exact=("*",))(body)
        return rows
    return register


def zeros(*shape, dtype="float32"):
    return np.zeros(shape, dtype)


def model_of(tf, units=1, width=2, loss="mse", **compiled):
    model = tf.keras.Sequential([tf.keras.layers.Dense(units, input_shape=(width,), name="d")], name="m")
    model.compile("sgd", loss, **compiled)
    return model
