# In: tables, and the Saver that writes their SavedModel. Out: the functions that make them, fill them, and move their values
# to checkpoints and back; and tables made of such functions.
from . import nest, structured, trackable
from .context import init_scope
from .dtypes import as_dtype
from .lookup import StaticHashTable, StaticVocabularyTable, TextFileInitializer, _Mutable
from .restored import RestoredConcreteFunction, RestoredFunction
from .specs import TensorSpec
from .. import _core

_HANDLE, _DONE = TensorSpec([], "resource"), TensorSpec([], "int32")
_FUNCTIONS = ("_create_resource", "_initialize", "_destroy_resource")


class RestoredResource:
    """A table or another resource of a SavedModel: the file's functions make, fill, save and restore it."""

    def __init__(self):
        self._resource, self._moves = None, []      # _moves: [(attribute's name, function that saves, one that restores)]

    @property
    def resource_handle(self):
        if self._resource is None:
            with init_scope():
                self._resource = self._run("_create_resource")
        return self._resource

    def exported(self, keys, values):
        """All keys and values of a table of these dtypes."""
        return _core.run_op("LookupTableExportV2", [self.resource_handle], {"Tkeys": as_dtype(keys), "Tvalues": as_dtype(values)})

    def _fill(self):
        if hasattr(self, "_initialize"):
            self._run("_initialize")

    def _run(self, name):
        function = getattr(self, name, None)
        if not isinstance(function, (RestoredFunction, RestoredConcreteFunction)):
            raise OSError(f"A table of the SavedModel has no function {name}; the file is damaged")
        return function()

    def _trackable_children_(self):
        return [(k, v) for k, v in vars(self).items() if k not in ("_resource", "_moves") and not isinstance(v, RestoredFunction)
                and trackable.is_trackable(v)]

    def _saveables_(self):
        return [trackable.Saveable(name, "", lambda save=save: self._read(save), lambda key, values, move=restore: move._call_flat(
            list(values.values()))) for name, save, restore in self._moves]

    @staticmethod
    def _read(save):
        """{suffix of the key: value} of what the file's function gives: keys, slices and tensors in turn."""
        flat = nest.flatten(save._call_flat([_core.convert("")]))
        return {flat[i].numpy().decode(): flat[i + 2] for i in range(0, len(flat), 3)}


def is_resource(x):
    return isinstance(x, (StaticHashTable, _Mutable, RestoredResource))


def is_table(x):
    return is_resource(x) or isinstance(x, StaticVocabularyTable)


def add(saver, at, table):
    """Gives the table, object `at` of a Saver's, its functions."""
    if isinstance(table, RestoredResource):
        for name in _FUNCTIONS:
            if hasattr(table, name):
                saver.edge(at, name, saver.function(getattr(table, name)))
        for name, save, restore in table._moves:
            saver.messages[at].setdefault("saveable_objects", {})[name] = {
                "save_function": saver.function(save), "restore_function": saver.function(restore)}
        return

    def whole(attribute, stem, args, body, bound, out):
        name = _traced(saver, f"__inference__{stem}_{at}", args, body, bound, out)
        full = {"fullargspec": structured.no_arguments(), "is_method": False, "input_signature": {"none_value": {}}}
        saver.edge(at, attribute, saver.add({"function": {"concrete_functions": [name], "function_spec": full}}))
    name = f"table_{at}"
    whole("_create_resource", "creator", [], lambda _: [table._create_resource(name)], [], _HANDLE)
    if isinstance(table, StaticHashTable):
        whole("_initialize", "initializer", *_filling(saver, at, table), _DONE)
    else:
        whole("_initialize", "initializer", [], lambda _: [_core.convert(1)], [], _DONE)
        if table._checkpoint:
            _moves(saver, at, table)
    whole("_destroy_resource", "destroyer", [], lambda _: [_core.convert(1)], [], _DONE)


def _traced(saver, name, args, body, bound, out, signature=((), {})):
    traced = _core.trace(name, args, body)
    saver.kept.append(traced)
    return saver.named(traced, {"bound_inputs": bound, "output_signature": structured.encode(out),
                                "canonicalized_input_signature": structured.encode(signature)})


def _filling(saver, at, table):
    """(arguments, body, objects bound) of the function that fills a static table."""
    spec = table._initializer
    if isinstance(spec, TextFileInitializer):
        path = spec._filename
        bound = saver.capture(path, table) if _core.is_tensor(path) else saver.add_asset(at, "_filename", path)

        def fill(args):
            _core.run_op("InitializeTableFromTextFileV2", [args[1], args[0]],
                         {"key_index": spec._key_index, "value_index": spec._value_index, "delimiter": spec._delimiter,
                          "vocab_size": -1 if spec._vocab_size is None else spec._vocab_size, "offset": spec._offset})
            return [_core.convert(1)]
        return [TensorSpec([], "string"), _HANDLE], fill, [bound, at]
    keys, values = (getattr(spec, n, None) for n in ("_keys", "_values"))
    if keys is None:
        raise NotImplementedError(f"tf.saved_model.save: a table filled by {type(spec).__name__} has no form in a SavedModel")

    def fill(args):
        _core.run_op("LookupTableImportV2", [args[2], args[0], args[1]], {})
        return [_core.convert(1)]
    return ([TensorSpec(keys.shape, keys.dtype), TensorSpec(values.shape, values.dtype), _HANDLE], fill,
            [saver.capture(keys, table), saver.capture(values, table), at])


def _moves(saver, at, table):
    """The functions that move a table's keys and values to a checkpoint and back, as object `at` names them."""
    key, text = TensorSpec([], "string", "checkpoint_key"), TensorSpec([], "string")
    types = {"Tkeys": table.key_dtype, "Tvalues": table.value_dtype}
    rows = [("table-keys", table.key_dtype), ("table-values", table.value_dtype)]

    def save(args):
        moved, out = _core.run_op("LookupTableExportV2", [args[1]], types), []
        for (suffix, _), tensor in zip(rows, moved):
            out += [args[0] + suffix, _core.convert(""), tensor]
        return out

    def restore(args):
        _core.run_op("LookupTableImportV2", [args[2], args[0], args[1]], {})
        return [_core.convert(1)]
    given = [TensorSpec(None, dtype, f"restored_tensors_{i}") for i, (_, dtype) in enumerate(rows)]
    told = [{"name": text, "slice_spec": text, "tensor": TensorSpec(None, dtype)} for _, dtype in rows]
    made = (("save_function", "save_fn", [key, _HANDLE], save, told, ((key,), {})),
            ("restore_function", "restore_fn", given + [_HANDLE], restore, _DONE, (tuple(given), {})))
    message = {}
    for field, stem, args, body, out, signature in made:
        name = _traced(saver, f"__inference_{stem}_{at}", args, body, [at], out, signature)
        names = [s.name for s in signature[0]]
        message[field] = saver.add({"bare_concrete_function": {
            "concrete_function_name": name, "argument_keywords": names, "allowed_positional_arguments": len(names)}})
    saver.messages[at]["saveable_objects"] = {"": message}
