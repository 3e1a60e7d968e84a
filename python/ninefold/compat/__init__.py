# In: programs of other versions. Out: tf.compat: texts and bytes, what differs between versions; TensorFlow's names elsewhere.
import sys as _sys


def __getattr__(name):
    if name == "v2":    # the names of today, under the name that the program imported them by
        return _sys.modules.get("tensorflow") or _sys.modules["ninefold"]
    raise AttributeError(f"module 'tensorflow._api.v2.compat' has no attribute '{name}'")
