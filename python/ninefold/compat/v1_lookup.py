# In: a name of tf.compat.v1. Out: the object: today's where TensorFlow has the same one, else one of compat/v1_functions.py; for
# what needs graphs and sessions, a class or function that says so when it is called.
import importlib
import os

_PREFIX = "ninefold.compat.v1"
_names = {}         # namespace -> {name: path of today's object}
_GRAPHS = "TensorFlow 1's graphs and sessions are no part of Ninefold; call the code eagerly, or within a tf.function"
# What such programs begin with.
_NEED_GRAPHS = frozenset((
    "Session", "InteractiveSession", "placeholder", "placeholder_with_default", "sparse_placeholder",
    "disable_eager_execution", "disable_v2_behavior", "get_default_session", "global_variables_initializer",
    "local_variables_initializer", "tables_initializer", "initialize_all_variables", "train.import_meta_graph",
    "train.export_meta_graph", "train.Saver", "train.MonitoredTrainingSession", "train.MonitoredSession",
    "train.SingularMonitoredSession", "train.Supervisor", "data.make_initializable_iterator", "layers.dense",
    "estimator.Estimator", "estimator.Exporter", "estimator.FinalExporter", "estimator.LatestExporter", "layers.conv2d", "layers.batch_normalization", "layers.dropout", "layers.flatten", "layers.max_pooling2d"))


def _table():
    if not _names:
        with open(os.path.join(os.path.dirname(__file__), "v1_names.txt"), encoding="utf-8") as file:
            for line in file:
                if not line.startswith("#"):
                    within, _, names = line.partition(":")
                    within = within.replace("-", "")
                    _names[within] = {name: path or (f"{within}.{name}" if within else name)
                                      for name, _, path in (word.partition("=") for word in names.split())}
    return _names


def _today(path):
    found = importlib.import_module("ninefold")
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _needs_graphs(path):
    class NeedsGraphs:
        """A part of TensorFlow 1's graphs: RuntimeError."""

        def __init__(self, *args, **kwargs):
            raise RuntimeError(f"tf.compat.v1.{path}: {_GRAPHS}")
    NeedsGraphs.__name__ = NeedsGraphs.__qualname__ = path.rpartition(".")[2]
    return NeedsGraphs


def find(module, name):
    """What `module`, tf.compat.v1 or a namespace in it, has under `name`; AttributeError if nothing. A namespace is given as
    its path, for the caller to make."""
    within = module[len(_PREFIX) + 1:]
    path = f"{within}.{name}" if within else name
    if name == "__version__" and not within:
        from ..alias import TENSORFLOW
        return TENSORFLOW
    own = importlib.import_module(".v1_functions", __package__).FUNCTIONS
    if path in own:
        return own[path]
    if path in _NEED_GRAPHS:
        return _needs_graphs(path)
    if name in _table().get(within, ()):
        today = _table()[within][name]
        try:
            return _today(today)
        except AttributeError:
            raise AttributeError(f"tf.compat.v1.{path} is tf.{today}, which Ninefold does not have") from None
    if name.startswith("__"):
        raise AttributeError(name)
    if any(other == path or other.startswith(path + ".") for other in (*_table(), *own, *_NEED_GRAPHS)):
        return importlib.import_module("ninefold")._namespace(["compat", "v1"] + path.split("."))
    raise AttributeError(f"module '{module.replace('ninefold', 'tensorflow._api.v2', 1)}' has no attribute '{name}'")
