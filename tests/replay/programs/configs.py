# In: TensorFlow's API. Out: get_config() of every class that Ninefold has, and whether from_config repeats it.
from replay import case

LAYERS = {
    "Dense": dict(units=3), "Dense with all": dict(
        units=3, activation="relu", use_bias=False, kernel_initializer="he_normal", kernel_regularizer="l2",
        bias_regularizer="l1", activity_regularizer="l1_l2", kernel_constraint="max_norm", bias_constraint="non_neg"),
    "Dropout": dict(rate=0.5), "Dropout with seed": dict(rate=0.5, seed=3, noise_shape=(2, 1)),
    "Activation": dict(activation="relu"), "Flatten": {}, "Reshape": dict(target_shape=(2, -1)),
    "Conv1D": dict(filters=2, kernel_size=3), "Conv2D": dict(filters=2, kernel_size=3),
    "Conv2D with all": dict(filters=4, kernel_size=(3, 2), strides=2, padding="same", activation="tanh", groups=2,
                            data_format="channels_first", kernel_initializer="zeros"),
    "Conv3D": dict(filters=2, kernel_size=3), "Conv1DTranspose": dict(filters=2, kernel_size=3),
    "Conv2DTranspose": dict(filters=2, kernel_size=3, strides=2, output_padding=1),
    "Conv3DTranspose": dict(filters=2, kernel_size=3),
    "DepthwiseConv2D": dict(kernel_size=3), "SeparableConv1D": dict(filters=2, kernel_size=3),
    "SeparableConv2D": dict(filters=2, kernel_size=3),
    "MaxPooling1D": {}, "MaxPooling2D": dict(pool_size=3, strides=2, padding="same"), "MaxPooling3D": {},
    "AveragePooling1D": {}, "AveragePooling2D": {}, "AveragePooling3D": {},
    "GlobalMaxPooling1D": {}, "GlobalMaxPooling2D": dict(keepdims=True), "GlobalMaxPooling3D": {},
    "GlobalAveragePooling1D": {}, "GlobalAveragePooling2D": {}, "GlobalAveragePooling3D": {},
    "BatchNormalization": {}, "LayerNormalization": {}, "Embedding": dict(input_dim=5, output_dim=2),
    "Embedding with mask": dict(input_dim=5, output_dim=2, mask_zero=True, input_length=4),
    "Add": {}, "Subtract": {}, "Multiply": {}, "Average": {}, "Maximum": {}, "Minimum": {}, "Concatenate": dict(axis=1),
    "Dot": dict(axes=1), "Permute": dict(dims=(2, 1)), "RepeatVector": dict(n=3),
    "ZeroPadding1D": {}, "ZeroPadding2D": dict(padding=((1, 2), (3, 4))), "ZeroPadding3D": {},
    "Cropping1D": {}, "Cropping2D": dict(cropping=1), "Cropping3D": {},
    "UpSampling1D": {}, "UpSampling2D": {}, "UpSampling3D": {},
    "ReLU": dict(max_value=6.0), "LeakyReLU": {}, "ELU": {}, "ThresholdedReLU": {}, "Softmax": {}, "PReLU": {},
    "GaussianNoise": dict(stddev=0.5), "GaussianDropout": dict(rate=0.5), "AlphaDropout": dict(rate=0.5),
    "SpatialDropout1D": dict(rate=0.5), "SpatialDropout2D": dict(rate=0.5), "SpatialDropout3D": dict(rate=0.5),
    "ActivityRegularization": dict(l1=0.5), "Masking": {}, "InputLayer": dict(input_shape=(3,)),
    "TimeDistributed": None,
    "Dense first": dict(units=2, input_shape=(3,), name="first", trainable=False, dtype="float64"),
}
PARTS = {
    "initializers": {
        "Zeros": {}, "Ones": {}, "Constant": dict(value=2.0), "RandomUniform": dict(seed=1), "RandomNormal": {},
        "TruncatedNormal": {}, "GlorotUniform": {}, "GlorotNormal": {}, "HeUniform": {}, "HeNormal": {},
        "LecunUniform": {}, "LecunNormal": {}, "VarianceScaling": {}, "Orthogonal": {}, "Identity": {}},
    "regularizers": {"L1": {}, "L2": dict(l2=0.5), "L1L2": dict(l1=0.25), "OrthogonalRegularizer": {}},
    "constraints": {"MaxNorm": {}, "NonNeg": {}, "UnitNorm": {}, "MinMaxNorm": {}, "RadialConstraint": {}},
    "losses": {
        "MeanSquaredError": {}, "MeanAbsoluteError": {}, "MeanAbsolutePercentageError": {},
        "MeanSquaredLogarithmicError": {}, "BinaryCrossentropy": dict(from_logits=True), "BinaryFocalCrossentropy": {},
        "CategoricalCrossentropy": dict(label_smoothing=0.25), "SparseCategoricalCrossentropy": {}, "Hinge": {},
        "SquaredHinge": {}, "CategoricalHinge": {}, "Poisson": {}, "LogCosh": {}, "KLDivergence": {},
        "Huber": dict(delta=2.0), "CosineSimilarity": dict(reduction="sum")},
    "metrics": {
        "Mean": {}, "Sum": {}, "MeanTensor": {}, "MeanRelativeError": dict(normalizer=[1.0]), "Accuracy": {},
        "BinaryAccuracy": {}, "CategoricalAccuracy": {}, "SparseCategoricalAccuracy": {},
        "TopKCategoricalAccuracy": {}, "SparseTopKCategoricalAccuracy": dict(k=2), "Precision": dict(thresholds=0.25),
        "Recall": dict(top_k=2), "TruePositives": {}, "TrueNegatives": {}, "FalsePositives": {}, "FalseNegatives": {},
        "AUC": dict(num_thresholds=5), "PrecisionAtRecall": dict(recall=0.5), "RecallAtPrecision": dict(precision=0.5),
        "SensitivityAtSpecificity": dict(specificity=0.5), "SpecificityAtSensitivity": dict(sensitivity=0.5),
        "MeanIoU": dict(num_classes=2), "IoU": dict(num_classes=2, target_class_ids=[0]),
        "BinaryIoU": {}, "OneHotIoU": dict(num_classes=2, target_class_ids=[0]), "OneHotMeanIoU": dict(num_classes=2),
        "MeanSquaredError": {}, "RootMeanSquaredError": {}, "MeanAbsoluteError": {}, "MeanAbsolutePercentageError": {},
        "MeanSquaredLogarithmicError": {}, "CosineSimilarity": {}, "Hinge": {}, "SquaredHinge": {},
        "CategoricalHinge": {}, "LogCoshError": {}, "Poisson": {}, "KLDivergence": {}, "BinaryCrossentropy": {},
        "CategoricalCrossentropy": {}, "SparseCategoricalCrossentropy": {}},
    "optimizers": {
        "SGD": dict(momentum=0.5, nesterov=True), "Adam": dict(clipnorm=1.0), "Adamax": {}, "Nadam": {}, "RMSprop": {},
        "Adagrad": {}, "Adadelta": {}, "Ftrl": {}, "Adam with decay": dict(decay=0.5, global_clipnorm=2.0)},
    "optimizers.schedules": {
        "ExponentialDecay": dict(initial_learning_rate=0.5, decay_steps=10, decay_rate=0.5),
        "PiecewiseConstantDecay": dict(boundaries=[1, 2], values=[0.5, 0.25, 0.125]),
        "PolynomialDecay": dict(initial_learning_rate=0.5, decay_steps=10),
        "InverseTimeDecay": dict(initial_learning_rate=0.5, decay_steps=10, decay_rate=0.5),
        "CosineDecay": dict(initial_learning_rate=0.5, decay_steps=10),
        "CosineDecayRestarts": dict(initial_learning_rate=0.5, first_decay_steps=10)},
}


def plain(value):
    """Tuples, numbers of NumPy and tensors as JSON holds them."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def described(tf, module, name, arguments):
    tf.keras.backend.clear_session()
    if name == "TimeDistributed":
        arguments = {"layer": tf.keras.layers.Dense(2)}
    made = getattr(module, name.split()[0])(**arguments)
    config = made.get_config()
    again = getattr(type(made), "from_config", lambda c: type(made)(**c))(config)    # constraints have none
    return {"config": plain(config), "again": plain(again.get_config()) == plain(config)}


def described_all(tf, path):
    module = tf.keras
    for part in path.split("."):
        module = getattr(module, part)
    rows = LAYERS if path == "layers" else PARTS[path]
    return {name: described(tf, module, name, arguments) for name, arguments in rows.items()}


for path in ("layers", *PARTS):
    case(f"configs-{path}", exact=("*",))(lambda tf, path=path: described_all(tf, path))


@case("configs-models", exact=("*",))
def _(tf):
    layers = tf.keras.layers
    x, z = tf.keras.Input((3, 4), name="x"), tf.keras.Input((3, 4), name="z")
    shared = layers.Dense(4, name="shared")

    def model(build):
        tf.keras.backend.clear_session()
        built = tf.keras.Model([x, z], build())
        config = built.get_config()
        again = tf.keras.Model.from_config(config)
        data = [tf.ones([2, 3, 4]), tf.fill([2, 3, 4], 2.0)]
        result = built(data)
        shape = [r.shape.as_list() for r in result] if isinstance(result, list) else result.shape.as_list()
        return {"layers": [f"{type(layer).__name__} {layer.name}" for layer in built.layers], "shape": shape,
                "again": plain(again.get_config()) == plain(config),
                "nodes": [[layer["name"], len(layer["inbound_nodes"])] for layer in config["layers"]]}
    rows = {
        "add": lambda: x + z, "radd": lambda: 1.0 + x, "sub": lambda: 1.0 - x, "mul": lambda: x * 2,
        "div": lambda: 2 / x, "floordiv": lambda: x // 2, "mod": lambda: x % 2, "pow": lambda: x ** 2,
        "rpow": lambda: 2 ** x, "neg": lambda: -x, "abs": lambda: abs(x), "lt": lambda: x < z, "ge": lambda: x >= 1.0,
        "and": lambda: (x < z) & (x > z), "xor": lambda: (x < z) ^ (x > z), "invert": lambda: ~(x < z),
        "item": lambda: x[:, 1:], "item and step": lambda: x[:, -1, ::2], "item by tensor": lambda: x[:, tf.shape(z)[1] - 1],
        "new axis": lambda: x[..., tf.newaxis, 0], "mask": lambda: x[x > 0.5],
        "mean": lambda: tf.reduce_mean(x), "mean of axis": lambda: tf.reduce_mean(x, axis=1, keepdims=True),
        "concat": lambda: tf.concat([tf.concat([x, z], 1), tf.concat([z, x], 1)], axis=1),
        "stack": lambda: tf.stack([x, z], 1), "reshape": lambda: tf.reshape(x, [-1, 12]),
        "reshape by shape": lambda: tf.reshape(x, [tf.shape(x)[0], 12]), "cast": lambda: tf.cast(x, tf.int32),
        "relu": lambda: tf.nn.relu(x), "keras relu": lambda: tf.keras.activations.relu(x),
        "backend": lambda: tf.keras.backend.sum(x, axis=1), "where": lambda: tf.where(x > z, x, z),
        "clip": lambda: tf.clip_by_value(x, 0.2, 0.7), "transpose": lambda: tf.transpose(x, [0, 2, 1]),
        "matmul": lambda: x @ tf.transpose(z, [0, 2, 1]), "split": lambda: tf.split(x, 2, axis=-1),
        "unstack": lambda: tf.unstack(x, axis=1), "pad": lambda: tf.pad(x, [[0, 0], [1, 1], [0, 0]]),
        "gather": lambda: tf.gather(x, [0, 2], axis=1), "top_k": lambda: tf.math.top_k(x, 2)[0],
        "constant": lambda: x * tf.constant([1.0, 2.0, 3.0, 4.0]), "shape": lambda: tf.shape(x),
        "shared": lambda: [shared(x), shared(z), shared(x + z)],
        "add_n": lambda: tf.add_n([x, z]), "norm": lambda: tf.norm(x, axis=-1),
        "nested": lambda: tf.keras.Sequential([layers.Dense(2, input_shape=(3, 4))])(x + z),
    }
    return {name: model(build) for name, build in rows.items()}
