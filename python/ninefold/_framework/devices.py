# In: names of devices. Out: tf.DeviceSpec.
import re

from . import export

_FIELDS = ("job", "replica", "task", "device_type", "device_index")


def _whole(value, name):
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ValueError(f"'{name}' must be an integer, got {value!r}") from None


@export("DeviceSpec")
class DeviceSpec:
    """A device's name in parts; it never changes."""
    __slots__ = _FIELDS

    def __init__(self, job=None, replica=None, task=None, device_type=None, device_index=None):
        values = (None if job is None else str(job), _whole(replica, "replica"), _whole(task, "task"),
                  None if device_type is None else str(device_type).upper(), _whole(device_index, "device_index"))
        for name, value in zip(_FIELDS, values):
            object.__setattr__(self, name, value)

    def __setattr__(self, name, value):
        raise AttributeError("can't set attribute")

    @classmethod
    def from_string(cls, spec):
        """"/job:w/task:1/device:GPU:0", or the old short form "/gpu:0"."""
        found = {}
        for part in filter(None, (spec or "").split("/")):
            key, _, rest = part.partition(":")
            kind = key.lower()
            if kind == "job":
                found["job"] = rest
            elif kind in ("replica", "task"):
                if not re.fullmatch(r"\d+", rest):
                    raise ValueError(f"Unknown attribute '{part}' is encountered while parsing the device spec: '{spec}'.")
                found[kind] = int(rest)
            elif kind in ("device", "cpu", "gpu", "tpu"):
                device, _, index = rest.partition(":") if kind == "device" else (key, None, rest)
                found["device_type"] = device.upper()
                if index and index != "*":
                    found["device_index"] = int(index)
            else:
                raise ValueError(f"Unknown attribute '{key}' is encountered while parsing the device spec: '{spec}'.")
        return cls(**found)

    parse_from_string = from_string

    def to_string(self):
        out = "" if self.job is None else "/job:" + self.job
        for name in ("replica", "task"):
            if getattr(self, name) is not None:
                out += f"/{name}:{getattr(self, name)}"
        if self.device_type is not None:
            index = "*" if self.device_index is None else self.device_index
            out += f"/device:{self.device_type}:{index}"
        return out

    def make_merged_spec(self, dev):
        """The fields of `dev` where it has them, else those of this one."""
        return type(self)(*(getattr(self if getattr(dev, n) is None else dev, n) for n in _FIELDS))

    def replace(self, **kwargs):
        return type(self)(**{**{n: getattr(self, n) for n in _FIELDS}, **kwargs})

    def __eq__(self, other):
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __hash__(self):
        return hash(self.to_string())


DeviceSpec.__module__, DeviceSpec.__qualname__ = "tensorflow.python.framework.device_spec", "DeviceSpecV2"
