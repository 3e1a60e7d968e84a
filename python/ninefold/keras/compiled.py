# In: what compile() was given. Out: the training config that files have, as Keras writes it; and a model compiled as one says.
import json

from .._core import keras as core
from . import shell
from .saving import plain


def training_config(model):
    """What compile was given, as JSON has it; None if the model was not compiled."""
    given = model.__dict__.get("_kept_compile")
    if given is None or model.optimizer is None:
        return None
    outputs = _outputs(model)
    config = {"loss": _serial(given["loss"])}
    for key in ("metrics", "weighted_metrics"):
        config[key] = _each_output(given[key], given["loss"], outputs)
    config["loss_weights"] = _serial(given["loss_weights"])
    config["optimizer_config"] = shell.serialized(model.optimizer)
    return json.loads(json.dumps(config, default=plain))


def _outputs(model):
    """[(name, last dimension or None)]; one without a name of a model that is no graph."""
    if not model._is_graph_network:
        return [(None, None)]
    return [(name, tensor.shape[-1] if tensor.shape.rank else None) for name, tensor in zip(model.output_names, model.outputs)]


def _each_output(metrics, loss, outputs):
    """[[a metric, ...], one list an output], which is what Keras makes of all the ways to give them."""
    if metrics is None:
        return None
    if isinstance(metrics, dict):
        rows = [metrics.get(name) for name, _ in outputs]
    elif isinstance(metrics, (list, tuple)) and any(isinstance(m, (list, tuple, dict)) for m in metrics):
        rows = metrics
    else:
        rows = [metrics] * len(outputs)
    if len(rows) != len(outputs):
        return _serial(metrics)
    found = []
    for i, (row, (name, width)) in enumerate(zip(rows, outputs)):
        own = loss.get(name) if isinstance(loss, dict) else loss[i] if isinstance(loss, (list, tuple)) and i < len(loss) else loss
        prefix = name + "_" if len(outputs) > 1 else ""
        found.append([_one(m, own, width, prefix) for m in (row if isinstance(row, (list, tuple)) else [row])])
    return found


_BY_WIDTH = {"accuracy": "accuracy", "acc": "accuracy", "crossentropy": "crossentropy", "ce": "crossentropy"}


def _function(metric, loss, width):
    """The function that a name stands for; "accuracy" and "crossentropy" by the output's last dimension and the loss. None for
    names of classes, of custom objects, and where the dimension is not known."""
    from . import losses, metrics, utils
    if metric in _BY_WIDTH:
        text = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
        kind = "binary" if width == 1 else "categorical"
        if kind == "categorical" and core.snake_case(text) == "sparse_categorical_crossentropy":
            kind = "sparse_categorical"
        return None if width is None else f"{kind}_{_BY_WIDTH[metric]}"
    found = None if metric in utils.get_custom_objects() else getattr(metrics, metric, getattr(losses, metric, None))
    return None if found is None or isinstance(found, type) else found.__name__


def _one(metric, loss, width, prefix):
    """A metric of one output, whose name begins with the output's if there are several."""
    if isinstance(metric, str):
        function, name = _function(metric, loss, width), metric
        if function is None:
            from . import metrics
            made = getattr(metrics, metric, None)
            if not isinstance(made, type):
                return metric
            return _one(made(), loss, width, prefix)
    else:
        told = _serial(metric)
        if not isinstance(told, str):
            if told is not None and prefix and not str(told["config"].get("name")).startswith(prefix):
                told = {**told, "config": {**told["config"], "name": prefix + told["config"]["name"]}}
            return told
        function = name = told
    return {"class_name": "MeanMetricWrapper", "config": {"name": prefix + name, "dtype": "float32", "fn": function}}


def _serial(nest):
    if isinstance(nest, dict) and "class_name" not in nest:
        return {key: _serial(value) for key, value in nest.items()}
    if isinstance(nest, (list, tuple)):
        return [_serial(value) for value in nest]
    if isinstance(nest, type):
        nest = nest()
    return plain(nest) if isinstance(nest, shell.Object) or callable(nest) else nest


def _by_output(metrics, outputs):
    """Keras writes the metrics of several outputs as lists in their order, with the outputs' names before their own."""
    if len(outputs) < 2 or not isinstance(metrics, list) or len(metrics) != len(outputs) or not all(
            isinstance(m, list) for m in metrics):
        return metrics

    def own(metric, output):
        config = metric.get("config") if isinstance(metric, dict) else None
        if config is None or not str(config.get("name")).startswith(output + "_"):
            return metric
        return dict(metric, config=dict(config, name=config["name"][len(output) + 1:]))
    return {output: [own(m, output) for m in some if m is not None] for output, some in zip(outputs, metrics)}


def _parts(nest, deserialize, custom):
    """Losses or metrics of a training config: names stay names, unless the user has objects of these names."""
    if isinstance(nest, dict) and isinstance(nest.get("class_name"), str) and "config" in nest:
        config = nest["config"]
        if nest["class_name"] == "MeanMetricWrapper" and isinstance(config.get("fn"), str):
            from . import metrics
            function = custom.get(config["fn"]) or getattr(metrics, config["fn"], None)
            if function is not None and hasattr(metrics, "MeanMetricWrapper"):
                return metrics.MeanMetricWrapper(function, name=config.get("name"), dtype=config.get("dtype"))
            return config["fn"] if function is None else function
        return deserialize(nest, custom)
    if isinstance(nest, dict):
        return {key: _parts(value, deserialize, custom) for key, value in nest.items()}
    if isinstance(nest, (list, tuple)):
        return [_parts(value, deserialize, custom) for value in nest]
    return custom.get(nest, nest) if isinstance(nest, str) else nest


def compile_as(model, said, known):
    """Compiles a model as its training config says; `known`: custom objects by name."""
    from . import losses, metrics, optimizers
    model.compile(optimizer=optimizers.deserialize(said["optimizer_config"], known),
                  loss=_parts(said.get("loss"), losses.deserialize, known),
                  metrics=_parts(_by_output(said.get("metrics"), model.output_names), metrics.deserialize, known),
                  weighted_metrics=_parts(_by_output(said.get("weighted_metrics"), model.output_names),
                                          metrics.deserialize, known),
                  loss_weights=said.get("loss_weights"))
