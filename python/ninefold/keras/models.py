# Out: tf.keras.models: models, and copies of them.
import json

from .._core import keras as core
from .model import Functional, Model, Sequential  # noqa: F401
from .layers import deserialize
from .symbolic import Input


def functional_from_config(config, custom_objects=None):
    """Rebuilds a graph of layers from what get_config() wrote."""
    layers, tensors, waiting = {}, {}, []
    for described in config["layers"]:
        if described["class_name"] == "InputLayer":
            fields = described["config"]
            shape = fields.get("batch_input_shape") or [None]
            made = Input(shape=tuple(shape[1:]), batch_size=shape[0], dtype=fields.get("dtype"), name=described["name"])
            tensors[(described["name"], 0)] = [made]
        else:
            layers[described["name"]] = deserialize(described, custom_objects)
            for index, node in enumerate(described["inbound_nodes"]):
                waiting.append((described["name"], index, node))

    def ready(node):
        return all((ref[0], ref[1]) in tensors for ref in _references(node))

    while waiting:
        now = [w for w in waiting if ready(w[2])]
        if not now:
            raise ValueError("from_config: layers {} wait for tensors that nothing makes".format(
                sorted({w[0] for w in waiting})))
        for name, index, node in now:
            inputs, kwargs = _filled(node, tensors)
            outputs = layers[name](inputs, **kwargs)
            tensors[(name, index)] = outputs if isinstance(outputs, list) else [outputs]
        waiting = [w for w in waiting if w not in now]

    def find(refs):
        if refs and isinstance(refs[0], str):
            return tensors[(refs[0], refs[1])][refs[2]]
        return [find(r) for r in refs]

    inputs, outputs = find(config["input_layers"]), find(config["output_layers"])
    return Functional(inputs[0] if len(inputs) == 1 else inputs, outputs[0] if len(outputs) == 1 else outputs,
                      name=config.get("name"))


def _references(node):
    if node and isinstance(node[0], str):
        yield node
        for value in (node[3] if len(node) > 3 else {}).values():
            if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
                yield value
    else:
        for item in node:
            yield from _references(item)


def _filled(node, tensors):
    if node and isinstance(node[0], str):
        nodes = [node]
    else:
        nodes = node
    inputs = [tensors[(n[0], n[1])][n[2]] for n in nodes]
    kwargs = {}
    for key, value in (nodes[0][3] if len(nodes[0]) > 3 else {}).items():
        if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
            value = tensors[(value[0], value[1])][value[2]]
        kwargs[key] = value
    return (inputs[0] if len(inputs) == 1 else inputs), kwargs


def model_from_config(config, custom_objects=None):
    return deserialize(config, custom_objects)


def model_from_json(json_string, custom_objects=None):
    return deserialize(json.loads(json_string), custom_objects)


def clone_model(model, input_tensors=None, clone_function=None):
    """A model of the same layers with weights of its own."""
    if input_tensors is not None or clone_function is not None:
        raise NotImplementedError("clone_model: input_tensors and clone_function are not supported yet")
    return type(model).from_config(model.get_config())


def load_model(filepath, custom_objects=None, compile=True, options=None):
    raise NotImplementedError("load_model: whole models are not read yet; build the model and use load_weights()")


def save_model(model, filepath, *args, **kwargs):
    raise NotImplementedError("save_model: whole models are not written yet; use model.save_weights('name.h5')")
