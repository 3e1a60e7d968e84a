# In: tensors, or dicts and lists of them. Out: tf.keras.experimental.LinearModel and WideDeepModel.
from . import activations, initializers, regularizers
from .layer import Layer
from .layers import Dense, InputSpec, deserialize
from .model import Model


def _shapes(given):
    """The shapes of a list of inputs, or None for the one of a single input."""
    if isinstance(given, (list, tuple)) and given and all(isinstance(s, (list, tuple)) or hasattr(s, "as_list") for s in given):
        return list(given)
    return None


class LinearModel(Model):
    """activation(w1 x1 + w2 x2 + .. + b) of one input, a list, or a dict of them, each [batch, features]; the result has `units`.

    A dict's keys name the kernels. Raises ValueError where a call lacks one of them.
    """

    def __init__(self, units=1, activation=None, use_bias=True, kernel_initializer="zeros", bias_initializer="zeros",
                 kernel_regularizer=None, bias_regularizer=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.use_bias = units, use_bias
        self.activation = activations.get(activation)
        self.kernel_initializer, self.bias_initializer = initializers.get(kernel_initializer), initializers.get(bias_initializer)
        self.kernel_regularizer, self.bias_regularizer = regularizers.get(kernel_regularizer), regularizers.get(bias_regularizer)

    def build(self, input_shape):
        if isinstance(input_shape, dict):
            shapes = [(name, input_shape[name]) for name in sorted(input_shape)]
            self.input_specs = [InputSpec(shape=shape, name=name) for name, shape in shapes]
        else:
            shapes = [(None, shape) for shape in _shapes(input_shape) or [input_shape]]
        self.dense_layers = [Dense(self.units, use_bias=False, kernel_initializer=self.kernel_initializer,
                                   kernel_regularizer=self.kernel_regularizer, name=name) for name, _ in shapes]
        for layer, (_, shape) in zip(self.dense_layers, shapes):
            layer.build(shape)
        self.bias = self.add_weight("bias", shape=[self.units], initializer=self.bias_initializer, regularizer=self.bias_regularizer,
                                    trainable=True) if self.use_bias else None
        self.built = True

    def call(self, inputs):
        if isinstance(inputs, dict):
            names = [layer.name for layer in self.dense_layers]
            missing = set(names) - set(inputs)
            if missing:
                raise ValueError(f"The `inputs` dictionary does not match the structure expected by the model.\n\tExpected keys: "
                                 f"{set(names)}\n\tReceived keys: {set(inputs)}\n\tMissing keys: {missing}")
            inputs = [inputs[name] for name in names]
        elif not isinstance(inputs, (list, tuple)):
            inputs = [inputs]
        parts = [layer(x) for layer, x in zip(self.dense_layers, inputs)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        if self.use_bias:
            total = total + self.bias
        return total if self.activation is None else self.activation(total)

    def get_config(self):
        return {**Layer.get_config(self), "units": self.units, "activation": activations.serialize(self.activation),
                "use_bias": self.use_bias, "kernel_initializer": initializers.serialize(self.kernel_initializer),
                "bias_initializer": initializers.serialize(self.bias_initializer),
                "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
                "bias_regularizer": regularizers.serialize(self.bias_regularizer)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)


def _described(model):
    return {"class_name": type(model).__name__, "config": model.get_config()}


class WideDeepModel(Model):
    """activation(linear_model(x) + dnn_model(x)), or of x = (what the one is given, what the other is given).

    compile() takes one optimizer, or a list of two: the linear model's and the other's.
    """

    def __init__(self, linear_model, dnn_model, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.linear_model, self.dnn_model = linear_model, dnn_model
        self.activation = activations.get(activation)
        self.__dict__["_optimizers"] = None

    def call(self, inputs, training=None):
        from .._framework import nest
        wide, deep = inputs if isinstance(inputs, (list, tuple)) and len(inputs) == 2 else (inputs, inputs)
        total = nest.map_structure(lambda x, y: x + y, self.linear_model(wide), self.dnn_model(deep, training=training))
        return nest.map_structure(self.activation, total) if self.activation else total

    def compile(self, optimizer="rmsprop", *args, **kwargs):
        from .optimizers import get
        pair = isinstance(optimizer, (list, tuple))
        if pair and len(optimizer) != 2:
            raise ValueError(f"WideDeepModel.compile: expected an optimizer or a list of two, got {len(optimizer)}")
        self.__dict__["_optimizers"] = [get(one) for one in optimizer] if pair else None
        super().compile(self._optimizers[0] if pair else optimizer, *args, **kwargs)

    def train_step(self, data):
        if self._optimizers is None:
            return super().train_step(data)
        from .. import GradientTape
        from .utils import unpack_x_y_sample_weight
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            said = self(x, training=True)
            loss = self.compiled_loss(y, said, sample_weight, regularization_losses=self.losses)
        self.compiled_metrics.update_state(y, said, sample_weight)
        parts = [self.linear_model.trainable_variables, self.dnn_model.trainable_variables]
        for optimizer, variables, gradients in zip(self._optimizers, parts, tape.gradient(loss, parts)):
            optimizer.apply_gradients(zip(gradients, variables))
        return {metric.name: metric.result() for metric in self.metrics}

    def get_config(self):
        return {**Layer.get_config(self), "linear_model": _described(self.linear_model), "dnn_model": _described(self.dnn_model),
                "activation": activations.serialize(self.activation)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        known, config = {"LinearModel": LinearModel, **(custom_objects or {})}, dict(config)
        models = [deserialize(config.pop(name), known) for name in ("linear_model", "dnn_model")]
        return cls(*models, activation=activations.deserialize(config.pop("activation", None), custom_objects), **config)
