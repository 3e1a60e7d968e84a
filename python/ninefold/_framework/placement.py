# In: what scripts ask and set of the runtime. Out: those calls of tf.config and tf.debugging that change nothing here
# or little: their values are kept, checked and given back.
from . import config, export, function
from .. import _core

_state = {"policy": "silent", "synchronous": True, "jit": "", "options": {}, "filter": True}
_POLICIES = ("silent", "silent_for_int32", "explicit", "warn")
_OPTIONS = ("layout_optimizer", "constant_folding", "shape_optimization", "remapping", "arithmetic_optimization",
            "dependency_optimization", "loop_optimization", "function_optimization", "debug_stripper",
            "disable_model_pruning", "scoped_allocator_optimization", "pin_to_host_optimization",
            "implementation_selector", "auto_mixed_precision", "disable_meta_optimizer", "min_graph_nodes",
            "auto_parallel")


@export("config.experimental.get_device_policy")
def get_device_policy():
    return _state["policy"]


@export("config.experimental.set_device_policy")
def set_device_policy(device_policy):
    """Where inputs on another device go: here they are copied, whatever is set."""
    if device_policy is not None and device_policy not in _POLICIES:
        raise ValueError(f"Invalid argument `device_policy`: {device_policy!r}. Please refer to "
                         "https://www.tensorflow.org/api_docs/python/tf/config/experimental/set_device_policy for valid "
                         "`device_policy` arguments.")
    _state["policy"] = device_policy or "silent"


@export("config.experimental.get_synchronous_execution")
def get_synchronous_execution():
    return _state["synchronous"]


@export("config.experimental.set_synchronous_execution")
def set_synchronous_execution(enable):
    """Ops of the CPU are done when they return, whatever is set."""
    _state["synchronous"] = bool(enable)


@export("config.experimental.tensor_float_32_execution_enabled")
def tensor_float_32_execution_enabled():
    return _core.device.tensor_float_32()


@export("config.experimental.enable_tensor_float_32_execution")
def enable_tensor_float_32_execution(enabled):
    """TensorFloat-32 is a format of GPUs: on a CPU products keep float32."""
    _core.device.set_tensor_float_32(bool(enabled))


@export("config.optimizer.get_jit")
def get_jit():
    return _state["jit"]


@export("config.optimizer.set_jit")
def set_jit(enabled):
    """Functions are planned ahead anyway."""
    _state["jit"] = "autoclustering" if enabled in (True, "autoclustering") else ""


@export("config.optimizer.get_experimental_options")
def get_experimental_options():
    return {**_state["options"], "disable_model_pruning": _state["options"].get("disable_model_pruning", False),
            "disable_meta_optimizer": _state["options"].get("disable_meta_optimizer", False)}


@export("config.optimizer.set_experimental_options")
def set_experimental_options(options):
    """Names of TensorFlow's graph passes; the engine has its own, which are always on."""
    _state["options"].update({k: v for k, v in options.items() if k in _OPTIONS})


def _device_of(device):
    """("GPU", 0) of a logical device's name."""
    name = device.upper().rpartition("/")[2].removeprefix("DEVICE:")
    kind, _, index = name.partition(":")
    if not index.isdigit():
        raise ValueError(f"Failed parsing device name: '{device}'. Note a valid device string should at least contain "
                         "a device type and a device index, like \"GPU:0\".")
    if name not in [d.name.removeprefix("/device:") for d in config.list_logical_devices()]:
        raise ValueError(f"No matching devices found for '{device}'")
    return kind, int(index)


@export("config.experimental.get_memory_info")
def get_memory_info(device):
    """Bytes that tensors hold on a GPU, now and at most since reset_memory_stats. As in TensorFlow, the memory of the
    CPU is not counted."""
    kind, index = _device_of(device)
    current, peak = _core.device.memory(index) if kind == "GPU" else (0, 0)
    return {"current": current, "peak": peak}


@export("config.experimental.get_memory_usage")
def get_memory_usage(device):
    return get_memory_info(device)["current"]


@export("config.experimental.reset_memory_stats")
def reset_memory_stats(device):
    kind, index = _device_of(device)
    if kind == "GPU":
        _core.device.reset_peak(index)


@export("debugging.get_log_device_placement")
def get_log_device_placement():
    return _core.device.log_placement()


@export("debugging.set_log_device_placement")
def set_log_device_placement(enabled):
    """True: each eager op says on stderr where it runs, and a function where its ops will run when it is traced."""
    _core.device.set_log_placement(bool(enabled))
    if enabled and _tell_nodes not in function.on_trace:
        function.on_trace.append(_tell_nodes)
    elif not enabled and _tell_nodes in function.on_trace:
        function.on_trace.remove(_tell_nodes)


def _tell_nodes(concrete):
    for op in concrete.graph.get_operations():
        _core.device.tell_placement(f"{op.name}: ({op.type}): {op.device or _core.convert(0).device}")


@export("debugging.is_traceback_filtering_enabled")
def is_traceback_filtering_enabled():
    return _state["filter"]


@export("debugging.enable_traceback_filtering")
def enable_traceback_filtering():
    """Tracebacks hold few frames of ours anyway."""
    _state["filter"] = True


@export("debugging.disable_traceback_filtering")
def disable_traceback_filtering():
    _state["filter"] = False


@export("inside_function")
def inside_function():
    """True while a function is traced."""
    return not _core.executing_eagerly()


@export("broadcast_static_shape")
def broadcast_static_shape(shape_x, shape_y):
    """The shape that two shapes broadcast to."""
    from .shapes import TensorShape
    x, y = TensorShape(shape_x), TensorShape(shape_y)
    if x.rank is None or y.rank is None:
        return TensorShape(None)
    n = max(x.rank, y.rank)
    out = []
    for a, b in zip([1] * (n - x.rank) + x.as_list(), [1] * (n - y.rank) + y.as_list()):
        if a == 1:
            out.append(b)
        elif b == 1 or a == b:
            out.append(a)
        elif a is None or b is None:
            out.append(b if a is None else a)
        else:
            raise ValueError("Incompatible shapes for broadcasting. Two shapes are compatible if for each dimension "
                             f"pair they are either equal or one of them is 1. Received: {x} and {y}.")
    return TensorShape(out)


@export("broadcast_dynamic_shape")
def broadcast_dynamic_shape(shape_x, shape_y):
    """The same for shapes that are tensors."""
    x = _core.convert(shape_x)
    return _core.run_op("BroadcastArgs", [x, _core.convert(shape_y, x.dtype)], {})[0]


@export("tuple")
def tuple_(tensors, control_inputs=None, name=None):
    """The tensors, all of which are there before any is used."""
    return [None if t is None else _core.function_named("tf.identity")(t) for t in tensors]
