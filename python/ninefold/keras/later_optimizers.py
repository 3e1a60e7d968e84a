# In: what Keras 2.11 and 2.12 say of an optimizer in their files. Out: the optimizer of Keras 2.9 of the same name, with its state.
from .._core import checkpoint as files
from .._framework import logs

_PREFIX = "Custom>"
# Their lists of state by the slots of ours; lists come in the order of the trainable variables.
_SLOTS = {"SGD": {"momentums": "momentum"}, "Adam": {"_momentums": "m", "_velocities": "v"},
          "RMSprop": {"_velocities": "rms", "_momentums": "momentum", "_average_gradients": "mg"},
          "Adagrad": {"_accumulators": "accumulator"}}
_NEW = ("weight_decay", "use_ema", "ema_momentum", "ema_overwrite_frequency", "jit_compile", "is_legacy_optimizer")


def translated(config):
    """{"class_name", "config"} as Keras 2.9 has it. Raises ValueError for what its optimizers cannot do."""
    name, fields = config["class_name"], dict(config.get("config") or {})
    if not name.startswith(_PREFIX):
        return config
    wants = [key for key in ("weight_decay", "use_ema") if fields.get(key)]
    if wants:
        raise ValueError(f"The file's optimizer {name[len(_PREFIX):]} of a later Keras has {' and '.join(wants)}, which Keras 2.9 has "
                         "not: load it with compile=False and compile the model anew")
    return {"class_name": name[len(_PREFIX):],
            "config": {k: v for k, v in fields.items() if k not in _NEW and not (k.startswith("clip") and v is None)
                       and not (k == "global_clipnorm" and v is None)}}


def restore(model, prefix):
    """Takes iterations and slots from a checkpoint that such an optimizer is in."""
    optimizer = model.optimizer
    lists = _SLOTS.get(type(optimizer).__name__)
    if lists is None:
        logs.warn(f"The state of the file's {type(optimizer).__name__} of a later Keras is not read; it begins anew.")
        return
    reader = files.BundleReader(prefix)
    nodes = files.read_object_graph(reader.read("_CHECKPOINTABLE_OBJECT_GRAPH").numpy())

    def child(number, name):
        return next((to for to, local in nodes[number][0] if local == name), None)

    def value(number):
        return None if number is None or not nodes[number][1] else reader.read(nodes[number][1][0][2])
    at = child(0, "optimizer")
    if at is None:
        return
    steps = value(child(at, "_iterations"))
    variables = model.trainable_variables
    optimizer._make_slots_(variables)
    if steps is not None:
        optimizer.iterations.assign(steps)
    for name, slot in lists.items():
        held = child(at, name)
        for i, variable in enumerate(variables):
            found = value(child(held, str(i))) if held is not None else None
            made = optimizer._slot_or_none_(variable, slot)
            if found is not None and made is not None and made.shape == found.shape:
                made.assign(found)
