# In: what scripts ask of the machine. Out: tf.config, tf.test's questions, tf.sysconfig, tf.version.
import collections
import os
import sys

from . import export
from .. import _core

PhysicalDevice = collections.namedtuple("PhysicalDevice", ["name", "device_type"])
LogicalDevice = collections.namedtuple("LogicalDevice", ["name", "device_type"])
export("config.PhysicalDevice")(PhysicalDevice)
export("config.LogicalDevice")(LogicalDevice)


@export("config.LogicalDeviceConfiguration", "config.experimental.VirtualDeviceConfiguration")
class LogicalDeviceConfiguration(collections.namedtuple(
        "LogicalDeviceConfiguration", ["memory_limit", "experimental_priority", "experimental_device_ordinal"])):
    """One logical device that a physical one is split into."""

    def __new__(cls, memory_limit=None, experimental_priority=None, experimental_device_ordinal=None):
        return super().__new__(cls, memory_limit, experimental_priority, experimental_device_ordinal)


class _Devices:
    physical = [PhysicalDevice("/physical_device:CPU:0", "CPU")]
    visible = list(physical)
    split = {}          # physical device -> its LogicalDeviceConfigurations
    logical = None      # fixed at the first question
    threads = {"inter": 0, "intra": 0}
    soft_placement = True
    deterministic = False


def _of_type(devices, device_type):
    return [d for d in devices if device_type is None or d.device_type == device_type]


@export("config.list_physical_devices", "config.experimental.list_physical_devices")
def list_physical_devices(device_type=None):
    """The devices of this machine."""
    return _of_type(_Devices.physical, device_type)


@export("config.get_visible_devices", "config.experimental.get_visible_devices")
def get_visible_devices(device_type=None):
    return _of_type(_Devices.visible, device_type)


@export("config.set_visible_devices", "config.experimental.set_visible_devices")
def set_visible_devices(devices, device_type=None):
    devices = devices if isinstance(devices, (list, tuple)) else [devices] if devices else []
    for d in devices:
        if d not in _Devices.physical:
            raise ValueError(f"Unrecognized device: {d!r}")
    rest = [d for d in _Devices.visible if device_type is not None and d.device_type != device_type]
    _change("Visible devices", rest + list(devices) != _Devices.visible)
    _Devices.visible = rest + list(devices)


def _change(what, differs):
    if differs and _Devices.logical is not None:
        raise RuntimeError(f"{what} cannot be modified after being initialized")


@export("config.list_logical_devices", "config.experimental.list_logical_devices")
def list_logical_devices(device_type=None):
    if _Devices.logical is None:
        counts, out = collections.Counter(), []
        for d in _Devices.visible:
            for _ in _Devices.split.get(d, [None]):
                out.append(LogicalDevice(f"/device:{d.device_type}:{counts[d.device_type]}", d.device_type))
                counts[d.device_type] += 1
        _Devices.logical = out
    return _of_type(_Devices.logical, device_type)


@export("config.set_logical_device_configuration", "config.experimental.set_virtual_device_configuration")
def set_logical_device_configuration(device, logical_devices):
    if device not in _Devices.physical:
        raise ValueError(f"Unrecognized device: {device!r}")
    if device.device_type == "CPU":
        for c in logical_devices:
            if c.memory_limit is not None:
                raise ValueError("Setting memory limit on CPU virtual devices is currently not supported")
    if _Devices.logical is not None and _Devices.split.get(device) != list(logical_devices):
        raise RuntimeError("Virtual devices cannot be modified after being initialized")
    _Devices.split[device] = list(logical_devices)


@export("config.get_logical_device_configuration", "config.experimental.get_virtual_device_configuration")
def get_logical_device_configuration(device):
    if device not in _Devices.physical:
        raise ValueError(f"Unrecognized device: {device!r}")
    return _Devices.split.get(device)


def _gpu_only(device, what):
    if device not in _Devices.physical:
        raise ValueError(f"Unrecognized device: {device!r}")
    if device.device_type != "GPU":
        raise ValueError(f"Cannot {what} on non-GPU and non-Pluggable devices")


@export("config.experimental.set_memory_growth")
def set_memory_growth(device, enable):
    _gpu_only(device, "set memory growth")


@export("config.experimental.get_memory_growth")
def get_memory_growth(device):
    _gpu_only(device, "get memory growth")


@export("config.experimental.get_device_details")
def get_device_details(device):
    if not isinstance(device, PhysicalDevice):
        raise ValueError(f"device must be a tf.config.PhysicalDevice, but got: {device}")
    return {}


@export("config.run_functions_eagerly", "config.experimental_run_functions_eagerly")
def run_functions_eagerly(run_eagerly):
    """With True, tf.function's functions run as plain Python."""
    _core.run_functions_eagerly(bool(run_eagerly))


@export("config.functions_run_eagerly", "config.experimental_functions_run_eagerly")
def functions_run_eagerly():
    return _core.functions_run_eagerly()


@export("config.experimental.enable_op_determinism")
def enable_op_determinism():
    """Results of the CPU kernels are the same from run to run anyway."""
    _Devices.deterministic = True


@export("config.get_soft_device_placement")
def get_soft_device_placement():
    return _Devices.soft_placement


@export("config.set_soft_device_placement")
def set_soft_device_placement(enabled):
    _Devices.soft_placement = bool(enabled)


def _threads(which, name):
    def read():
        return _Devices.threads[which]

    def write(num_threads):
        _change(f"{name} parallelism", _Devices.threads[which] != num_threads)
        _Devices.threads[which] = num_threads
        if which == "intra" and num_threads:
            os.environ["OMP_NUM_THREADS"] = str(num_threads)
    export(f"config.threading.get_{which}_op_parallelism_threads")(read)
    export(f"config.threading.set_{which}_op_parallelism_threads")(write)


_threads("inter", "Inter op")
_threads("intra", "Intra op")


@export("test.is_built_with_cuda")
def is_built_with_cuda():
    """True, as TensorFlow's one wheel says: the GPU part is a library that is opened where a driver is."""
    return True


export("test.is_built_with_gpu_support")(is_built_with_cuda)
export("test.is_built_with_rocm")(lambda: False)
export("test.is_built_with_xla")(lambda: True)


@export("test.is_gpu_available")
def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    return bool(list_physical_devices("GPU"))


@export("test.gpu_device_name")
def gpu_device_name():
    found = list_logical_devices("GPU")
    return found[0].name if found else ""


@export("sysconfig.get_build_info")
def get_build_info():
    return collections.OrderedDict(is_cuda_build=True, is_rocm_build=False, is_tensorrt_build=False)


@export("sysconfig.get_lib")
def get_lib():
    return os.path.join(os.path.dirname(os.path.dirname(__file__)), "lib")


export("version.VERSION")("2.9.0")
export("version.GIT_VERSION")("v2.9.0-ninefold-" + _core.version)
export("version.COMPILER_VERSION")(sys.version.split("[")[-1].rstrip("]"))
export("version.GRAPH_DEF_VERSION")(1087)
export("version.GRAPH_DEF_VERSION_MIN_CONSUMER")(0)
export("version.GRAPH_DEF_VERSION_MIN_PRODUCER")(0)
