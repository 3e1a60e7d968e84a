# In: names that few programs ask of TensorFlow's lesser namespaces. Out: what stands for them, imported when asked for.
import importlib

# Namespace -> (the module of this package that has its names, those names).
NAMES = {
    "__internal__": ("compat.helpers.tracking", "CompositeTensor EagerTensor FuncGraph get_name_scope "
                                                "register_clear_session_function"),
    "__internal__.autograph": ("compat.helpers.tracking", "control_status_ctx tf_convert"),
    "__internal__.decorator": ("compat.helpers.decorators", "make_decorator unwrap"),
    "__internal__.dispatch": ("compat.helpers.tracking", "add_dispatch_support"),
    "__internal__.eager_context": ("compat.helpers.values", "eager_mode"),
    "__internal__.feature_column": ("compat.helpers.columns", "DenseColumn FeatureColumn FeatureTransformationCache "
                                                              "SequenceDenseColumn StateManager"),
    "__internal__.monitoring": ("compat.helpers.tracking", "BoolGauge"),
    "__internal__.nest": ("compat.helpers.structures", "flatten_up_to get_traverse_shallow_structure is_attrs is_mapping "
                                                       "list_to_tuple map_structure_up_to sequence_like yield_flat_paths"),
    "__internal__.ops": ("compat.helpers.values", "broadcast_weights is_resource_variable"),
    "__internal__.smart_cond": ("compat.helpers.values", "smart_cond"),
    "__internal__.tf2": ("compat.helpers.tracking", "enabled"),
    "__internal__.tracking": ("compat.helpers.tracking", "AutoTrackable Trackable TrackableDataStructure "
                                                         "no_automatic_dependency_tracking wrap"),
    "__internal__.types": ("compat.helpers.tracking", "Tensor"),
    "keras.__internal__": ("compat.helpers.keras_internal", "apply_name_scope_on_model_declaration"),
    "keras.__internal__.backend": ("compat.helpers.keras_internal", "initialize_variables track_variable"),
    "keras.__internal__.layers": ("compat.helpers.keras_internal", "BaseImageAugmentationLayer BaseRandomLayer"),
    "keras.__internal__.losses": ("compat.helpers.keras_internal", "compute_weighted_loss"),
    "keras.__internal__.utils": ("compat.helpers.keras_internal", "register_symbolic_tensor_type"),
    "tpu.experimental": ("compat.helpers.tpu", "HardwareFeature initialize_tpu_system shutdown_tpu_system"),
    "tpu.experimental.embedding": ("compat.helpers.tpu", "Adagrad AdagradMomentum Adam FTRL FeatureConfig SGD TPUEmbedding "
                                                         "TPUEmbeddingForServing TPUEmbeddingV0 TableConfig"),
    "tools.docs.doc_controls": ("compat.helpers.decorators",
                                "do_not_doc_inheritable do_not_generate_docs doc_in_current_and_subclasses doc_private "
                                "for_subclass_implementers inheritable_header set_deprecated"),
}


def find(namespace, name):
    """What `namespace`, below tensorflow, has under `name`: an object, or the namespace within it; None if nothing."""
    module, names = NAMES.get(namespace, (None, ""))
    if name in names.split():
        return getattr(importlib.import_module("ninefold." + module), name)
    path = f"{namespace}.{name}"
    if any(other == path or other.startswith(path + ".") for other in NAMES):
        return importlib.import_module("ninefold")._namespace(path.split("."))
    return None
