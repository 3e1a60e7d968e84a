"""In: a private module path such as tensorflow.python.framework.ops. Out: a module whose names are
looked up in the public namespaces that hold them. A name that is in none of them is an ImportError.
"""
import importlib
import types

# private path below tensorflow.python -> public namespaces, "" being the root; "@" names a module of the package. A path
# without any can be imported, as packages do that need it for TensorFlow 1 only.
PATHS = {
    "": [""],
    "autograph": ["autograph"],
    "client": [],
    "compat": ["compat"],
    "compat.compat": ["compat"],
    "data": ["data"],
    "data.experimental": ["data.experimental"],
    "data.ops": [],
    "data.ops.dataset_ops": ["@data.dataset", "data"],
    "data.ops.iterator_ops": ["@compat.helpers.datasets", "data"],
    "distribute": ["distribute"],
    "distribute.distribute_lib": ["distribute", "@distribute"],
    "distribute.distribution_strategy_context": ["distribute"],
    "distribute.mirrored_strategy": ["distribute"],
    "distribute.parameter_server_strategy_v2": ["distribute"],
    "distribute.ps_values": ["@compat.helpers.distribution"],
    "distribute.reduce_util": ["distribute"],
    "distribute.strategy_combinations": [],
    "distribute.values": ["@compat.helpers.distribution", "@distribute.values", "@distribute"],
    "eager": [],
    "eager.backprop": [""],
    "eager.context": ["@compat.helpers.values", ""],
    "eager.def_function": ["", "@_framework.function"],
    "eager.function": ["@_framework.function", "@_framework.concrete", ""],
    "eager.monitoring": ["@compat.helpers.tracking"],
    "feature_column": [],
    "feature_column.feature_column": ["@compat.helpers.columns"],
    "feature_column.feature_column_lib": ["@compat.helpers.columns"],
    "feature_column.feature_column_v2": ["@compat.helpers.columns"],
    "framework": [],
    "framework.composite_tensor": ["@compat.helpers.tracking"],
    "framework.config": ["config.experimental", "config", "@compat.helpers.values"],
    "framework.constant_op": [""],
    "framework.dtypes": ["dtypes", ""],
    "framework.errors": ["errors"],
    "framework.errors_impl": ["errors"],
    "framework.func_graph": ["@compat.helpers.tracking"],
    "framework.indexed_slices": [""],
    "framework.op_def_registry": [],
    "framework.ops": ["@compat.helpers.ops", ""],
    "framework.random_seed": ["random", "@compat.helpers.ops"],
    "framework.smart_cond": ["@compat.helpers.values"],
    "framework.sparse_tensor": ["sparse", ""],
    "framework.tensor_shape": ["", "compat.v1", "compat"],
    "framework.tensor_spec": [""],
    "framework.tensor_util": ["@compat.helpers.values"],
    "framework.type_spec": [""],
    "keras": ["keras"],
    "keras.activations": ["keras.activations"],
    "keras.backend": ["keras.backend"],
    "keras.backend_config": ["keras.backend"],
    "keras.callbacks": ["keras.callbacks"],
    "keras.constraints": ["keras.constraints"],
    "keras.engine": [],
    "keras.engine.base_layer": ["keras.layers"],
    "keras.engine.data_adapter": ["@compat.keras_data"],
    "keras.engine.input_spec": ["keras.layers"],
    "keras.engine.keras_tensor": ["@keras.symbolic"],
    "keras.engine.training": ["keras"],
    "keras.initializers": ["keras.initializers"],
    "keras.layers": ["keras.layers"],
    "keras.layers.convolutional": ["@compat.helpers.keras", "keras.layers"],
    "keras.losses": ["keras.losses"],
    "keras.metrics": ["keras.metrics"],
    "keras.models": ["keras.models"],
    "keras.optimizers": ["keras.optimizers"],
    "keras.regularizers": ["keras.regularizers"],
    "keras.saving": [],
    "keras.saving.hdf5_format": ["@compat.hdf5_names"],
    "keras.utils": ["keras.utils"],
    "keras.utils.conv_utils": ["@compat.helpers.keras"],
    "keras.utils.data_utils": ["keras.utils"],
    "keras.utils.generic_utils": ["@compat.helpers.keras"],
    "keras.utils.layer_utils": ["@compat.helpers.keras", "keras.utils"],
    "keras.utils.losses_utils": ["keras.losses"],
    "keras.utils.np_utils": ["keras.utils"],
    "keras.utils.tf_utils": ["@compat.helpers.keras"],
    "lib": [],
    "lib.io": [],
    "lib.io.file_io": ["io.gfile", "compat.v1.gfile"],
    "lib.io.tf_record": ["io", "compat.v1.io"],
    "module": [],
    "module.module": [""],
    "ops": [],
    "ops.array_ops": ["@compat.helpers.ops", ""],
    "ops.check_ops": ["debugging"],
    "ops.clip_ops": [""],
    "ops.control_flow_ops": ["@compat.helpers.values", ""],
    "ops.control_flow_util": ["@compat.helpers.values"],
    "ops.custom_gradient": [""],
    "ops.data_flow_ops": [""],
    "ops.embedding_ops": ["nn"],
    "ops.functional_ops": [""],
    "ops.gen_array_ops": ["@compat.helpers.generated"],
    "ops.gen_math_ops": ["@compat.helpers.generated"],
    "ops.gen_nn_ops": ["@compat.helpers.generated"],
    "ops.gen_sparse_ops": ["@compat.helpers.generated"],
    "ops.gradients_impl": [""],
    "ops.image_ops": ["image"],
    "ops.init_ops": ["compat.v1", "keras.initializers"],
    "ops.init_ops_v2": ["", "keras.initializers"],
    "ops.inplace_ops": ["@compat.helpers.ops"],
    "ops.io_ops": ["io"],
    "ops.linalg": [],
    "ops.linalg.linalg": ["linalg"],
    "ops.linalg.sparse": [],
    "ops.linalg.sparse.sparse": ["@compat.helpers.sparse_matrix"],
    "ops.linalg_ops": ["linalg", ""],
    "ops.logging_ops": [""],
    "ops.lookup_ops": ["lookup", "lookup.experimental"],
    "ops.losses": [],
    "ops.losses.losses": ["compat.v1.losses"],
    "ops.losses.util": ["compat.v1.losses"],
    "ops.map_fn": [""],
    "ops.math_ops": ["math", ""],
    "ops.metrics": [],
    "ops.nn": ["nn"],
    "ops.nn_impl": ["nn"],
    "ops.nn_ops": ["nn"],
    "ops.parsing_ops": ["io"],
    "ops.ragged": ["ragged"],
    "ops.ragged.ragged_tensor": [""],
    "ops.random_ops": ["@compat.helpers.ops", "random"],
    "ops.resource_variable_ops": ["@compat.helpers.values", ""],
    "ops.script_ops": [""],
    "ops.sparse_ops": ["sparse"],
    "ops.special_math_ops": ["math", ""],
    "ops.standard_ops": [""],
    "ops.state_ops": ["@compat.helpers.values"],
    "ops.stateless_random_ops": ["random"],
    "ops.string_ops": ["strings"],
    "ops.summary_ops_v2": ["summary"],
    "ops.tensor_array_ops": [""],
    "ops.variable_scope": ["", "compat.v1"],
    "ops.variables": [""],
    "ops.weights_broadcast_ops": ["@compat.helpers.values"],
    "ops.while_v2": [""],
    "platform": [],
    "platform.gfile": ["compat.v1.gfile", "io.gfile"],
    "platform.test": ["test"],
    "platform.tf_logging": ["compat.v1.logging"],
    "pywrap_tensorflow": [],
    "saved_model": ["saved_model"],
    "saved_model.load": ["saved_model"],
    "saved_model.load_context": ["@compat.helpers.loading"],
    "saved_model.nested_structure_coder": [],
    "saved_model.save": ["saved_model"],
    "summary": [],
    "summary.summary": ["summary"],
    "tf2": ["@compat.helpers.tracking"],
    "trackable": [],
    "trackable.data_structures": ["@compat.helpers.structures"],
    "training": ["train"],
    "training.checkpoint_management": ["train"],
    "training.checkpoint_utils": ["train"],
    "training.moving_averages": ["@compat.helpers.averages", "train"],
    "training.tracking": [],
    "training.tracking.base": ["@compat.helpers.tracking"],
    "training.tracking.data_structures": ["@compat.helpers.structures"],
    "training.tracking.tracking": ["@compat.helpers.tracking"],
    "training.tracking.util": ["train"],
    "training.training_util": ["@compat.helpers.values"],
    "types": ["types"],
    "types.core": ["@compat.helpers.tracking", "types.experimental"],
    "types.trace": ["types.experimental"],
    "util": [],
    "util.all_util": ["@compat.helpers.decorators"],
    "util.compat": ["compat"],
    "util.deprecation": ["@compat.helpers.decorators"],
    "util.dispatch": ["@compat.helpers.tracking", "experimental"],
    "util.function_utils": ["@compat.helpers.decorators"],
    "util.lazy_loader": ["@compat.helpers.loading"],
    "util.nest": ["@compat.helpers.structures", "nest"],
    "util.object_identity": ["@compat.helpers.structures"],
    "util.tf_contextlib": ["@compat.helpers.decorators"],
    "util.tf_decorator": ["@compat.helpers.decorators"],
    "util.tf_export": ["@compat.helpers.decorators"],
    "util.tf_inspect": ["@compat.helpers.decorators"],
}
# The same for paths below tensorflow.compiler.
COMPILER = {"": [], "tf2xla": [], "tf2xla.python": [], "tf2xla.python.xla": ["@compat.xla"]}
# The same below tensorflow.core: messages.
CORE = {"": [], "framework": [], "framework.summary_pb2": ["@_framework.summary_proto"],
        "framework.tensor_pb2": ["@_framework.tensor_proto"], "framework.tensor_shape_pb2": ["@_framework.tensor_proto"],
        "framework.types_pb2": ["@compat.helpers.types_pb2"], "example": [],
        "example.example_pb2": ["train"],
        "example.feature_pb2": ["train"], "protobuf": [], "protobuf.meta_graph_pb2": [], "protobuf.saved_model_pb2": [],
        "protobuf.struct_pb2": [], "protobuf.config_pb2": [], "framework.op_def_pb2": [], "framework.graph_pb2": ["compat.v1"],
        "util": [], "util.event_pb2": ["@_framework.summary_proto"]}
ROOMS = {"python": PATHS, "compiler": COMPILER, "core": CORE}


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
                             "python/ninefold/compat/private.py says what private paths offer")


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
    paths, path = ROOMS[room], ".".join(rest)
    namespaces = paths.get(path)
    if namespaces is None:
        return None
    within = any(other.startswith(path + ".") for other in paths)
    if len(namespaces) == 1 and namespaces[0] and not namespaces[0].startswith("@") and not within:
        return _public(namespaces[0])
    return _Private(fullname, namespaces)


def child(path, name):
    """A private module of Keras' beside a public one: `from keras.utils import tf_utils`. AttributeError if it is not known."""
    if f"{path}.{name}" in PATHS:
        return module(f"tensorflow.python.{path}.{name}")
    raise AttributeError(f"module '{path}' has no attribute '{name}'")
