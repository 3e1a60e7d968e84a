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
    """What there is and what was chosen. Nobody looks for GPUs until somebody asks, or the first op runs."""

    def __init__(self):
        self.found = None        # the physical devices, once somebody has asked
        self.chosen = None       # the visible ones, once somebody has chosen
        self.split = {}          # physical device -> its LogicalDeviceConfigurations
        self.growth = {}         # physical GPU -> what set_memory_growth said
        self.fixed = None        # the logical devices, once they can no longer be changed
        self.threads = {"inter": 0, "intra": 0}
        self.deterministic = False

    @property
    def physical(self):
        if self.found is None:
            self.found = [PhysicalDevice("/physical_device:CPU:0", "CPU")] + [
                PhysicalDevice(f"/physical_device:GPU:{i}", "GPU") for i in range(len(_core.device.gpus()))]
        return self.found

    @property
    def visible(self):
        return list(self.physical) if self.chosen is None else self.chosen

    @property
    def logical(self):
        """None until a question for them, or the first op, has fixed them."""
        return self.all_logical() if self.fixed or _core.device.initialised() else None

    def all_logical(self):
        if self.fixed is None:
            self.tell()
            _core.device.logical_gpus()
            counts = collections.Counter()
            self.fixed = []
            for d in self.visible:
                for _ in self.split.get(d, [None]):
                    self.fixed.append(LogicalDevice(f"/device:{d.device_type}:{counts[d.device_type]}", d.device_type))
                    counts[d.device_type] += 1
        return self.fixed

    def tell(self):
        """The engine, at each change: the first op may come without another question."""
        if not _core.device.initialised():
            _core.device.set_logical_gpus([
                (int(d.name.rsplit(":", 1)[1]), int(part.memory_limit or 0) << 20 if part else 0)
                for d in self.visible if d.device_type == "GPU" for part in self.split.get(d, [None])])


_devices = _Devices()


def _of_type(devices, device_type):
    return [d for d in devices if device_type is None or d.device_type == device_type]


@export("config.list_physical_devices", "config.experimental.list_physical_devices")
def list_physical_devices(device_type=None):
    """The devices of this machine."""
    return _of_type(_devices.physical, device_type)


@export("config.get_visible_devices", "config.experimental.get_visible_devices")
def get_visible_devices(device_type=None):
    return _of_type(_devices.visible, device_type)


@export("config.set_visible_devices", "config.experimental.set_visible_devices")
def set_visible_devices(devices, device_type=None):
    if isinstance(devices, PhysicalDevice):      # a tuple of its own kind
        devices = [devices]
    devices = list(devices) if isinstance(devices, (list, tuple)) else [devices] if devices else []
    for d in devices:
        if d not in _devices.physical or (device_type is not None and d.device_type != device_type):
            raise ValueError(f"Unrecognized device: {d!r}")
    rest = [d for d in _devices.visible if device_type is not None and d.device_type != device_type]
    wanted = rest + devices
    _change("Visible devices", wanted != _devices.visible)
    if wanted != _devices.visible:
        _devices.chosen = wanted
        _devices.tell()


def _change(what, differs):
    if differs and _devices.logical is not None:
        raise RuntimeError(f"{what} cannot be modified after being initialized")


@export("config.list_logical_devices", "config.experimental.list_logical_devices")
def list_logical_devices(device_type=None):
    return _of_type(_devices.all_logical(), device_type)


@export("config.set_logical_device_configuration", "config.experimental.set_virtual_device_configuration")
def set_logical_device_configuration(device, logical_devices):
    _known(device)
    if device.device_type == "CPU":
        for c in logical_devices:
            if c.memory_limit is not None:
                raise ValueError("Setting memory limit on CPU virtual devices is currently not supported")
    if _devices.split.get(device) == list(logical_devices):
        return
    if _devices.logical is not None:
        raise RuntimeError("Virtual devices cannot be modified after being initialized")
    _devices.split[device] = list(logical_devices)
    _devices.tell()


@export("config.get_logical_device_configuration", "config.experimental.get_virtual_device_configuration")
def get_logical_device_configuration(device):
    _known(device)
    return _devices.split.get(device)


def _known(device):
    if device not in _devices.physical:
        raise ValueError(f"Unrecognized device: {device!r}")


@export("config.experimental.set_memory_growth")
def set_memory_growth(device, enable):
    """Memory grows on demand whatever is set: nothing is taken before it is needed. ValueError for other devices,
    RuntimeError for a change after the first op."""
    _known(device)
    if device.device_type != "GPU":
        raise ValueError("Cannot set memory growth on non-GPU and non-Pluggable devices")
    if _devices.growth.get(device) == enable:
        return
    if _devices.logical is not None:
        raise RuntimeError("Physical devices cannot be modified after being initialized")
    if any(part is not None and part.memory_limit for part in _devices.split.get(device, [])):
        raise ValueError("Cannot set memory growth on device when virtual devices configured")
    _devices.growth[device] = enable


@export("config.experimental.get_memory_growth")
def get_memory_growth(device):
    """What set_memory_growth was told, None before."""
    _known(device)
    if device.device_type != "GPU":
        raise KeyError(device)
    return _devices.growth.get(device)


@export("config.experimental.get_device_details")
def get_device_details(device):
    if not isinstance(device, PhysicalDevice):
        raise ValueError(f"device must be a tf.config.PhysicalDevice, but got: {device}")
    if device not in _devices.physical:
        raise ValueError("The PhysicalDevice must be one obtained from calling `tf.config.list_physical_devices`, but "
                         f"got: {device}")
    if device.device_type != "GPU":
        return {}
    _, name, capability, _ = _core.device.gpus()[int(device.name.rsplit(":", 1)[1])]
    return {"device_name": name, "compute_capability": capability}


@export("config.run_functions_eagerly", "config.experimental_run_functions_eagerly")
def run_functions_eagerly(run_eagerly):
    """With True, tf.function's functions run as plain Python."""
    _core.run_functions_eagerly(bool(run_eagerly))


@export("config.functions_run_eagerly", "config.experimental_functions_run_eagerly")
def functions_run_eagerly():
    return _core.functions_run_eagerly()


@export("config.experimental.enable_op_determinism")
def enable_op_determinism():
    """Sums on a GPU whose order is left open take a fixed one; those of the CPU have one anyway."""
    _devices.deterministic = True
    _core.device.set_deterministic(True)


@export("config.get_soft_device_placement")
def get_soft_device_placement():
    return _core.device.soft_placement()


@export("config.set_soft_device_placement")
def set_soft_device_placement(enabled):
    """True: an op that has no kernel where it shall run, or whose device is not there, runs elsewhere."""
    _core.device.set_soft_placement(bool(enabled))


def _threads(which, name):
    def read():
        return _devices.threads[which]

    def write(num_threads):
        _change(f"{name} parallelism", _devices.threads[which] != num_threads)
        _devices.threads[which] = num_threads
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
    """True iff there is a GPU, of at least this compute capability."""
    least = tuple(min_cuda_compute_capability or (0, 0))
    return any(tuple(capability) >= least for _, _, capability, _ in _core.device.gpus())


@export("test.gpu_device_name")
def gpu_device_name():
    found = list_logical_devices("GPU")
    return found[0].name if found else ""


@export("sysconfig.get_build_info")
def get_build_info():
    """What the GPU library was built with; without it only that there can be one."""
    info = collections.OrderedDict(is_cuda_build=True, is_rocm_build=False, is_tensorrt_build=False)
    built = _core.device.build()
    if built["toolkit"]:
        info["cuda_compute_capabilities"] = built["targets"].split()
        info["cuda_version"] = f"{built['toolkit'] // 1000}.{built['toolkit'] % 1000 // 10}"
    return collections.OrderedDict(sorted(info.items()))


@export("sysconfig.get_lib")
def get_lib():
    return os.path.join(os.path.dirname(os.path.dirname(__file__)), "lib")


export("version.VERSION")("2.9.0")
export("version.GIT_VERSION")("v2.9.0-ninefold-" + _core.version)
export("version.COMPILER_VERSION")(sys.version.split("[")[-1].rstrip("]"))
export("version.GRAPH_DEF_VERSION")(1087)
export("version.GRAPH_DEF_VERSION_MIN_CONSUMER")(0)
export("version.GRAPH_DEF_VERSION_MIN_PRODUCER")(0)
