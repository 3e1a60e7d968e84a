# In: objects, prefixes of files. Out: tf.train.Checkpoint, what its restores answer, and readers of checkpoints.
import os

from . import checkpoint_state, export, faults, logs, trackable
from .trackable import Graph, identity, is_trackable
from .variable import Variable
from .. import _core

_READER = _core.checkpoint.BundleReader


@export("train.CheckpointOptions")
class CheckpointOptions:
    """How a checkpoint is written: the device that does the input and output, which here is always the host."""

    def __init__(self, experimental_io_device=None, experimental_enable_async_checkpoint=False):
        self.experimental_io_device = experimental_io_device
        self.experimental_enable_async_checkpoint = experimental_enable_async_checkpoint


class CheckpointLoadStatus:
    """What restore() answers: says whether everything met."""

    def __init__(self, restoration, root):
        self._restoration, self._root = restoration, root

    def assert_consumed(self):
        """Raises AssertionError unless every value of the checkpoint and every variable has met its other half."""
        self.assert_existing_objects_matched()
        r = self._restoration
        for number, node in enumerate(r.nodes):
            if node[1] and number not in r.objects:
                raise AssertionError(f"Unresolved object in checkpoint {r.names()[number]}: {r.text(number)}")
        if r.unused:
            names = r.names()
            told = "\n".join(f"{names[number]} ({r.objects[number]}): {name}" for number, name in r.unused.items())
            raise AssertionError("Unused attributes in these objects (the attributes exist in the checkpoint but were not "
                                 f"restored):\n{told}")
        return self

    def assert_existing_objects_matched(self):
        """Raises AssertionError if a variable of the program has no value in the checkpoint."""
        matched = {identity(obj) for obj in self._restoration.objects.values()}
        unmatched = [obj for obj in self._with_slots() if trackable.saveables(obj) and identity(obj) not in matched]
        if unmatched:
            shown = unmatched[:10]
            raise AssertionError(
                f"Found {len(unmatched)} Python objects that were not bound to checkpointed values, likely due to changes in "
                f"the Python program. Showing {len(shown)} of {len(unmatched)} unmatched objects: {shown}")
        return self

    def _with_slots(self):
        graph = Graph(self._root)
        slots = [slot for number in range(len(graph.objects)) for _, _, slot in graph.slots(number)]
        return graph.objects + slots

    def assert_nontrivial_match(self):
        """Raises AssertionError if nothing but the root met."""
        matched = {identity(obj) for obj in self._restoration.objects.values()}
        if len(matched) <= 1:
            unmatched = [obj for obj in Graph(self._root).objects
                         if trackable.saveables(obj) and identity(obj) not in matched]
            if unmatched:
                raise AssertionError(
                    "Nothing except the root object matched a checkpointed value. Typically this means that the checkpoint "
                    "does not match the Python program. The following objects have no matching checkpointed value: "
                    f"{unmatched}")
            raise AssertionError(f"Nothing to load. No dependencies have been added to {self._root} yet.")
        return self

    def expect_partial(self):
        """No warnings about values that nobody asked for."""
        self._restoration.expect_partial = True
        return self

    def initialize_or_restore(self, session=None):
        """Nothing to do: values are restored as soon as there is something to restore them into."""

    run_restore_ops = initialize_or_restore


class NameBasedLoadStatus(CheckpointLoadStatus):
    """What restore() answers for a checkpoint that only names tensors: as it knows no objects, all that can be asserted is
    that every variable of the program has found its name."""

    def __init__(self, restoration, root):
        super().__init__(restoration, root)
        logs.warn("Restoring a name-based tf.train.Saver checkpoint using the object-based restore API. This mode uses global "
                  "names to match variables, and so is somewhat fragile. It also adds new restore ops to the graph each time it "
                  "is called when graph building. Prefer re-encoding training checkpoints in the object-based format: run "
                  "save() on the object-based saver (the same one this message is coming from) and use that checkpoint in the "
                  "future.")
        self._optional = None

    def assert_consumed(self):
        """Raises AssertionError if a variable has found no value of its name."""
        r = self._restoration
        r.visit(self._root)
        missing = [(obj, name) for obj, name in r.unused if obj is not self._optional]
        if missing:
            told = [f"\n    {obj}: {[name]}" for obj, name in missing]
            raise AssertionError(f"Some objects had attributes which were not restored: {told}")
        return self

    assert_existing_objects_matched = assert_nontrivial_match = assert_consumed


class InitializationOnlyStatus:
    """What restore(None) answers."""

    def _nothing(self):
        raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

    assert_consumed = assert_existing_objects_matched = assert_nontrivial_match = _nothing

    def run_restore_ops(self, session=None):
        self._nothing()

    def expect_partial(self):
        return self

    def initialize_or_restore(self, session=None):
        """Nothing to do: variables have their first values already."""


def _path(path):
    return os.fspath(path) if isinstance(path, os.PathLike) else path.decode() if isinstance(path, bytes) else str(path)


@export("train.Checkpoint")
class Checkpoint:
    """Objects saved together, by name: Checkpoint(model=model, optimizer=optimizer), or Checkpoint(root, ...)."""

    def __init__(self, root=None, **kwargs):
        if root is not None:
            self._require("root", root)
            if not hasattr(root, "__dict__"):
                raise ValueError(f"Checkpoint: root must be an object with attributes, got {type(root).__name__}; give it as "
                                 "a keyword: Checkpoint(items=...)")
            kwargs["root"] = root
        object.__setattr__(self, "_root", root)
        object.__setattr__(self, "_counter", None)
        for name, value in sorted(kwargs.items()):
            self._require(name, value)
            setattr(self, name, value)
            if root is not None and value is not root and trackable.child(root, name) is None:
                root.__dict__.setdefault("_tracked_extra", {})[name] = value

    @staticmethod
    def _require(name, value):
        if not is_trackable(value) and not isinstance(value, (list, tuple, dict)):
            raise ValueError(
                f"`Checkpoint` was expecting {name} to be a trackable object (an object derived from `Trackable`), got "
                f"{value}. If you believe this object should be trackable (i.e. it is part of the TensorFlow Python API and "
                "manages state), please open an issue.")

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if "_awaited" in self.__dict__:
            trackable.resolve(self)

    def _trackable_children_(self):
        found = trackable.attributes(self, trackable.INTERNAL + ("_root", "_counter", "root"))
        return found + [("save_counter", self._counter)] * (self._counter is not None)

    def _target(self):
        return self if self._root is None else self._root

    def _make_counter(self):
        if self._counter is not None:
            return
        counter = Variable(0, dtype="int64", trainable=False, name="save_counter")
        object.__setattr__(self, "_counter", counter)
        target = self._target()
        if target is not self:
            target.__dict__.setdefault("_tracked_extra", {})["save_counter"] = counter
        trackable.resolve(target)

    @property
    def save_counter(self):
        """How often save() has been called: a variable, which numbers the files."""
        self._make_counter()
        return self._counter

    def write(self, file_prefix, options=None):
        """Writes the objects at exactly this prefix, whole or not at all; returns it."""
        return trackable.save(self._target(), _path(file_prefix))

    def save(self, file_prefix, options=None):
        """Writes the objects at `file_prefix`-1, -2, ..., and notes it as the latest of its folder; returns the path."""
        self.save_counter.assign_add(1)
        path = self.write(f"{_path(file_prefix)}-{int(self._counter.numpy())}")
        checkpoint_state.update(os.path.dirname(path), path, [path])
        return path

    def read(self, save_path, options=None):
        """Puts the values of a checkpoint into the objects, also into what they will have later; returns the status."""
        restoration = trackable.restore(self._target(), _path(save_path))
        kind = NameBasedLoadStatus if isinstance(restoration, trackable.NamedRestoration) else CheckpointLoadStatus
        return kind(restoration, self._target())

    def restore(self, save_path, options=None):
        """Like read(), for what save() wrote; None restores nothing. A folder of a SavedModel is read as its variables."""
        if save_path is None:
            return InitializationOnlyStatus()
        path = _path(save_path)
        if os.path.isfile(os.path.join(path, "saved_model.pb")):
            path = os.path.join(path, "variables", "variables")
        try:
            status = self.read(path)
        except faults.ERRORS[5] as error:
            raise faults.ERRORS[5](None, None, (
                f"Error when restoring from checkpoint or SavedModel at {_path(save_path)}: {error.message}\nPlease double-"
                "check that the path is correct. You may be missing the checkpoint suffix (e.g. the '-1' in 'path/to/ckpt-1').")
            ) from None
        self._make_counter()
        if isinstance(status, NameBasedLoadStatus):
            status._optional = self._counter
        return status


class CheckpointReader:
    """The tensors of one checkpoint."""

    def __init__(self, prefix):
        self._reader = _READER(_path(prefix))

    def get_variable_to_shape_map(self):
        return {name: list(self._reader.shape(name)) for name in self._reader.names()}

    def get_variable_to_dtype_map(self):
        return {name: self._reader.dtype(name) for name in self._reader.names()}

    def has_tensor(self, tensor_str):
        return self._reader.has(tensor_str)

    def get_tensor(self, tensor_str):
        return self._reader.read(tensor_str).numpy()

    def debug_string(self):
        short = {"float32": "FLOAT", "float64": "DOUBLE", "float16": "HALF"}
        lines = [f"{name} (DT_{short.get(dtype.name, dtype.name.upper())}) [{','.join(map(str, self._reader.shape(name)))}]\n"
                 for name, dtype in self.get_variable_to_dtype_map().items()]
        return "".join(lines).encode()


@export("train.load_checkpoint")
def load_checkpoint(ckpt_dir_or_file):
    """A reader of the checkpoint at this prefix, or of the latest one in this folder."""
    path = _path(ckpt_dir_or_file)
    if os.path.isdir(path):
        found = checkpoint_state.latest_checkpoint(path)
        if found is None:
            raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}")
        path = found
    return CheckpointReader(path)


@export("train.list_variables")
def list_variables(ckpt_dir_or_file):
    """[(key, shape)] of all tensors of a checkpoint, sorted."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


@export("train.load_variable")
def load_variable(ckpt_dir_or_file, name):
    """The value of one tensor of a checkpoint, as a NumPy array."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name[:-2] if name.endswith(":0") else name)
