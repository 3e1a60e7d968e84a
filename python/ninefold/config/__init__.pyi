# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.config for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class LogicalDevice:
    """LogicalDevice(name, device_type)"""
    def __init__(self, name: Any, device_type: Any) -> None: ...
    device_type: Any
    name: Any

class LogicalDeviceConfiguration:
    """One logical device that a physical one is split into."""
    def __init__(self, memory_limit: Any = ..., experimental_priority: Any = ..., experimental_device_ordinal: Any = ...) -> None: ...
    experimental_device_ordinal: Any
    experimental_priority: Any
    memory_limit: Any

class PhysicalDevice:
    """PhysicalDevice(name, device_type)"""
    def __init__(self, name: Any, device_type: Any) -> None: ...
    device_type: Any
    name: Any

from . import experimental as experimental

def experimental_functions_run_eagerly() -> Any: ...

def experimental_run_functions_eagerly(run_eagerly: Any) -> Any:
    """With True, tf.function's functions run as plain Python."""

def functions_run_eagerly() -> Any: ...

def get_logical_device_configuration(device: Any) -> Any: ...

def get_soft_device_placement() -> Any: ...

def get_visible_devices(device_type: Any = ...) -> Any: ...

def list_logical_devices(device_type: Any = ...) -> Any: ...

def list_physical_devices(device_type: Any = ...) -> Any:
    """The devices of this machine."""

from . import optimizer as optimizer

def run_functions_eagerly(run_eagerly: Any) -> Any:
    """With True, tf.function's functions run as plain Python."""

def set_logical_device_configuration(device: Any, logical_devices: Any) -> Any: ...

def set_soft_device_placement(enabled: Any) -> Any:
    """True: an op that has no kernel where it shall run, or whose device is not there, runs elsewhere."""

def set_visible_devices(devices: Any, device_type: Any = ...) -> Any: ...

from . import threading as threading
