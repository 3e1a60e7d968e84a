# In: models. Out: tf.keras.utils.model_to_dot and plot_model: their layers as a graph that pydot and Graphviz draw.
import os
import re
import sys

from .described import node_of


def _pydot():
    """The module that makes and draws graphs, or None where it or Graphviz is missing."""
    try:
        import pydot
        pydot.Dot.create(pydot.Dot())
        return pydot
    except Exception:       # each version has its own way to say that `dot` is not installed
        return None


def _require_built(model):
    if not model.built:
        raise ValueError("This model has not yet been built. Build the model first by calling `build()` or by calling the model on a "
                         "batch of data.")


def _is_model(x):
    return getattr(x, "_is_graph_network", False)


def _is_wrapped(x):
    from .layer import Wrapper
    return isinstance(x, Wrapper) and _is_model(x.layer)


def _layers(model):
    """The layers of a model, that of its input too where a Sequential model does not name it."""
    inputs = [node_of(t).layer for t in model.inputs]
    return [layer for layer in inputs if all(layer is not known for known in model.layers)] + list(model.layers)


def _sources(model, layers):
    """[(layer, [the layers that feed it, call by call])] within the model."""
    from .model import Sequential
    if isinstance(model, Sequential):
        return [(layer, [before]) for before, layer in zip(layers, layers[1:])]
    by_name = {layer.name: layer for layer in layers}

    def fed(x):
        """The names in one call's arguments: [name, call, output, ..] wherever it stands."""
        if isinstance(x, (list, tuple)) and len(x) >= 3 and isinstance(x[0], str) and x[0] in by_name and all(
                isinstance(i, int) for i in x[1:3]):
            return [x[0]] + [name for rest in x[3:] for name in fed(rest)]
        items = x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else ()
        return [name for item in items for name in fed(item)]
    entries = {entry["name"]: entry["inbound_nodes"] for entry in model.get_config()["layers"]}
    return [(layer, [by_name[name] for name in fed(entries.get(layer.name, []))]) for layer in layers]


def _between(model, names):
    """The places of the first and the last layer that two patterns name."""
    if len(names) != 2:
        raise ValueError(f"layer_range must be of shape (2,). Received: layer_range = {names} of length {len(names)}")
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"layer_range should contain string type only. Received: {names}")
    first, last = ([i for i, layer in enumerate(model.layers) if re.match(name, layer.name)] for name in names)
    if not first or not last:
        raise ValueError(f"Passed layer_names does not match to layers in the model. Recieved: {names}")
    return (min(last), max(first)) if min(first) > max(last) else (min(first), max(last))


def _label(layer, expanded, shapes, dtype, names, activations):
    from .layer import Wrapper
    kind, name = type(layer).__name__, layer.name
    if isinstance(layer, Wrapper) and not (expanded and _is_wrapped(layer)):
        kind, name = f"{kind}({type(layer.layer).__name__})", f"{name}({layer.layer.name})"
    label, act = kind, getattr(layer, "activation", None)
    if activations and act is not None:
        label = "{%s|%s}" % (label, getattr(act, "name", None) or getattr(act, "__name__", None) or act)
    if names:
        label = f"{name}|{label}"
    if dtype:
        label = f"{label}|{'?' if layer.dtype is None else layer.dtype}"
    if shapes:
        before, after = (str(getattr(layer, what, "?")) for what in ("input_shape", "output_shape"))
        label = "{%s}|{input:|output:}|{{%s}|{%s}}" % (label, before, after)
    return label


def model_to_dot(model, show_shapes=False, show_dtype=False, show_layer_names=True, rankdir="TB", expand_nested=False, dpi=96,
                 subgraph=False, layer_range=None, show_layer_activations=False):
    """A pydot.Dot of a model's layers, or a pydot.Cluster if `subgraph`. `rankdir`: "TB" from above, "LR" from the left; `dpi`: dots
    per inch; `layer_range`: patterns of the names of the first and the last layer.

    Raises ValueError for a model that is not built, ImportError without pydot and Graphviz; in IPython that is a line, and None.
    """
    _require_built(model)
    pydot = _pydot()
    if pydot is None:
        message = ("You must install pydot (`pip install pydot`) and install graphviz (see instructions at "
                   "https://graphviz.gitlab.io/download/) for plot_model/model_to_dot to work.")
        if "IPython.core.magics.namespace" not in sys.modules:
            raise ImportError(message)
        return print(message)
    if subgraph:
        dot = pydot.Cluster(style="dashed", graph_name=model.name)
        dot.set("label", model.name)
        dot.set("labeljust", "l")
    else:
        dot = pydot.Dot()
        for key, value in (("rankdir", rankdir), ("concentrate", True), ("dpi", dpi)):
            dot.set(key, value)
        dot.set_node_defaults(shape="record")
    low, high = _between(model, layer_range) if layer_range is not None else (-1, sys.maxsize)
    if not _is_model(model) or not model.inputs:
        dot.add_node(pydot.Node(str(id(model)), label=model.name))
        return dot
    layers = _layers(model)
    ends = {}       # of a nested model, by its id: the first and the last node of its cluster

    def nested(inner):
        cluster = model_to_dot(inner, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, subgraph=True)
        nodes = cluster.get_nodes()
        ends[id(inner)] = nodes[0].get_name(), nodes[-1].get_name()
        dot.add_subgraph(cluster)

    def edge(a, b):
        if not dot.get_edge(a, b):
            dot.add_edge(pydot.Edge(a, b))
    for i, layer in enumerate(layers):
        if low <= i <= high:
            if expand_nested and _is_wrapped(layer):
                nested(layer.layer)
            if expand_nested and _is_model(layer):
                nested(layer)
            else:
                dot.add_node(pydot.Node(str(id(layer)), label=_label(layer, expand_nested, show_shapes, show_dtype, show_layer_names,
                                                                     show_layer_activations)))
    places = {id(layer): i for i, layer in enumerate(layers)}
    for layer, sources in _sources(model, layers):
        if not max(low + 1, 0) <= places[id(layer)] <= high:
            continue
        for source in sources:
            if not low <= places[id(source)] <= high:
                raise AssertionError(f"layer_range {layer_range} leaves {source.name} out, which feeds {layer.name}")
            out = ends[id(source)][1] if id(source) in ends else ends[id(source.layer)][1] if expand_nested and _is_wrapped(source) \
                else str(id(source))
            edge(out, ends[id(layer)][0] if id(layer) in ends else str(id(layer)))
            if expand_nested and _is_wrapped(layer):
                edge(str(id(layer)), ends[id(layer.layer)][0])
    return dot


def plot_model(model, to_file="model.png", show_shapes=False, show_dtype=False, show_layer_names=True, rankdir="TB", expand_nested=False,
               dpi=96, layer_range=None, show_layer_activations=False):
    """Draws what model_to_dot makes into a file, in the format of its ending (none: png). Returns IPython's image of it, if IPython is
    there. Raises as model_to_dot does."""
    _require_built(model)
    dot = model_to_dot(model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi, False, layer_range,
                       show_layer_activations)
    if dot is None:
        return None
    path = os.fspath(to_file)
    ending = os.path.splitext(path)[1][1:] or "png"
    dot.write(path, format=ending)
    if ending != "pdf":
        try:
            from IPython import display
        except ImportError:
            return None
        return display.Image(filename=path)
