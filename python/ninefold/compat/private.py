"""In: a private module path such as tensorflow.python.framework.ops. Out: a module whose names are
looked up in the public namespaces that hold them. A name that is in none of them is an ImportError.
"""
import importlib
import types

# private path below tensorflow.python -> public namespaces, "" being the root; "@" names a module of the package
PATHS = {
    "": [""],
    "client": [],
    "data": ["data"],
    "distribute": ["distribute"],
    "distribute.values": ["@distribute"],
    "eager": [],
    "eager.context": [""],
    "eager.def_function": [""],
    "framework": [],
    "framework.constant_op": [""],
    "framework.dtypes": ["dtypes", ""],
    "framework.errors": ["errors"],
    "framework.errors_impl": ["errors"],
    "framework.ops": [""],
    "framework.random_seed": ["random"],
    "framework.tensor_shape": [""],
    "framework.tensor_spec": [""],
    "keras": ["keras"],
    "keras.backend": ["keras.backend"],
    "keras.callbacks": ["keras.callbacks"],
    "keras.engine": [],
    "keras.engine.data_adapter": ["@compat.keras_data"],
    "keras.engine.keras_tensor": ["@keras.symbolic"],
    "keras.layers": ["keras.layers"],
    "keras.losses": ["keras.losses"],
    "keras.metrics": ["keras.metrics"],
    "keras.models": ["keras.models"],
    "keras.optimizers": ["keras.optimizers"],
    "keras.regularizers": ["keras.regularizers"],
    "keras.saving": [],
    "keras.saving.hdf5_format": ["@compat.hdf5_names"],
    "keras.utils": ["keras.utils"],
    "ops": [],
    "ops.array_ops": [""],
    "ops.check_ops": ["debugging"],
    "ops.control_flow_ops": [""],
    "ops.linalg_ops": ["linalg", ""],
    "ops.math_ops": ["math", ""],
    "ops.nn": ["nn"],
    "ops.nn_ops": ["nn"],
    "ops.random_ops": ["random"],
    "ops.string_ops": ["strings"],
    "ops.variables": [""],
    "util": [],
    "util.nest": ["nest"],
}
# The same for paths below tensorflow.compiler.
COMPILER = {"": [], "tf2xla": [], "tf2xla.python": [], "tf2xla.python.xla": ["@compat.xla"]}


class _Private(types.ModuleType):
    def __init__(self, name, namespaces):
        super().__init__(name, "TensorFlow's private module, through Ninefold's public names.")
        self.__path__ = []
        self.__dict__["_namespaces"] = namespaces

    def __getattr__(self, name):
        if not name.startswith("__"):
            for namespace in self._namespaces:
                found = _public(namespace)
                if found is not None and hasattr(found, name):
                    return getattr(found, name)
        raise AttributeError(f"module '{self.__name__}' has no attribute '{name}' in Ninefold; "
                             "private paths offer public names only")


def _public(namespace):
    if namespace.startswith("@"):
        return importlib.import_module("ninefold." + namespace[1:])
    found = importlib.import_module("ninefold")
    for part in filter(None, namespace.split(".")):
        found = getattr(found, part, None)
    return found


def module(fullname):
    """The module for a path such as tensorflow.python.util.nest; None where it is not known."""
    _, room, *rest = fullname.split(".")
    namespaces = (COMPILER if room == "compiler" else PATHS).get(".".join(rest))
    if namespaces is None:
        return None
    if len(namespaces) == 1 and namespaces[0] and not namespaces[0].startswith("@"):
        return _public(namespaces[0])
    return _Private(fullname, namespaces)
