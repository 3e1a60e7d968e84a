# In: the GraphDefs and arguments that tests/python/engine/graph_programs.py wrote. Out: results.json beside them:
# what TensorFlow 2.9.0 makes of these very bytes. Run by hand when a graph has changed:
#   python tests/python/engine/graph_programs.py tests/data/graphs        (Ninefold)
#   python tests/referee/run_graphs.py tests/data/graphs                  (TensorFlow 2.9.0)
import hashlib
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

assert tf.__version__ == "2.9.0", tf.__version__
folder = sys.argv[1]
with open(os.path.join(folder, "inputs.json")) as file:
    about = json.load(file)


def run(name, row):
    with open(os.path.join(folder, name + ".pb"), "rb") as file:
        data = file.read()
    graph = tf.compat.v1.GraphDef.FromString(data)
    inputs = [n for n in graph.node if n.op == "Placeholder"]
    plain = [n.name for n in inputs if n.attr["dtype"].type != tf.resource.as_datatype_enum]
    resources = [n.name for n in inputs if n.attr["dtype"].type == tf.resource.as_datatype_enum]
    variables = [tf.Variable(v, dtype=d) for v, d in row["variables"]]
    outputs = [n.name for n in graph.node if n.op == "Identity"][-row["results"]:]

    def body(*arguments):
        inside = tf.compat.v1.get_default_graph()
        feeds = dict(zip(plain, arguments))
        feeds.update((r, inside.capture(v.handle)) for r, v in zip(resources, variables))
        return tf.graph_util.import_graph_def(graph, input_map=feeds, return_elements=[o + ":0" for o in outputs])
    arguments = [tf.constant(a, d) for a, d in zip(row["arguments"], row["dtypes"])]
    f = tf.compat.v1.wrap_function(body, [tf.TensorSpec(a.shape, a.dtype) for a in arguments])
    results = [r.numpy() for r in f(*arguments)]
    plain_values = [r.decode() if isinstance(r, bytes) else r.tolist() for r in results]
    return {"sha256": hashlib.sha256(data).hexdigest(), "functions": sorted(f.signature.name for f in graph.library.function),
            "ops": sorted({n.op for n in graph.node} | {n.op for f in graph.library.function for n in f.node_def}),
            "results": plain_values, "variables": [v.numpy().tolist() for v in variables]}


found = {name: run(name, row) for name, row in about.items()}
with open(os.path.join(folder, "results.json"), "w") as file:
    json.dump(found, file, indent=1, ensure_ascii=False)
    file.write("\n")
