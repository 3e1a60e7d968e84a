# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.config.experimental for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class VirtualDeviceConfiguration:
    """One logical device that a physical one is split into."""
    def __init__(self, memory_limit: Any = ..., experimental_priority: Any = ..., experimental_device_ordinal: Any = ...) -> None: ...
    experimental_device_ordinal: Any
    experimental_priority: Any
    memory_limit: Any

def enable_op_determinism() -> Any:
    """Sums on a GPU whose order is left open take a fixed one; those of the CPU have one anyway."""

def enable_tensor_float_32_execution(enabled: Any) -> Any:
    """TensorFloat-32 is a format of GPUs: on a CPU products keep float32."""

def get_device_details(device: Any) -> Any: ...

def get_device_policy() -> Any: ...

def get_memory_growth(device: Any) -> Any:
    """What set_memory_growth was told, None before."""

def get_memory_info(device: Any) -> Any:
    """Bytes that tensors hold on a GPU, now and at most since reset_memory_stats. As in TensorFlow, the memory of the CPU is not counted."""

def get_memory_usage(device: Any) -> Any: ...

def get_synchronous_execution() -> Any: ...

def get_virtual_device_configuration(device: Any) -> Any: ...

def get_visible_devices(device_type: Any = ...) -> Any: ...

def list_logical_devices(device_type: Any = ...) -> Any: ...

def list_physical_devices(device_type: Any = ...) -> Any:
    """The devices of this machine."""

def reset_memory_stats(device: Any) -> Any: ...

def set_device_policy(device_policy: Any) -> Any:
    """Where inputs on another device go: here they are copied, whatever is set."""

def set_memory_growth(device: Any, enable: Any) -> Any:
    """Memory grows on demand whatever is set: nothing is taken before it is needed. ValueError for other devices, RuntimeError for a change after the first op."""

def set_synchronous_execution(enable: Any) -> Any:
    """Ops of the CPU are done when they return, whatever is set."""

def set_virtual_device_configuration(device: Any, logical_devices: Any) -> Any: ...

def set_visible_devices(devices: Any, device_type: Any = ...) -> Any: ...

def tensor_float_32_execution_enabled() -> Any: ...
