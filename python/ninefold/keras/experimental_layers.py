# In: rows of numbers or of categories. Out: the layers that only tf.keras.layers.experimental has.
import numpy as np

from . import constraints, initializers, regularizers, shell
from .layer import Layer
from .layers import InputSpec

_KERNELS = ["gaussian", "laplacian"]


class RandomFourierFeatures(Layer):
    """cos(x w / scale + b) of x [batch, features]: [batch, output_dim] numbers, whose products approach a kernel's.

    kernel_initializer "gaussian" or "laplacian" names the kernel, any initializer draws w itself; b is uniform in 0 .. 2 pi. Only
    the scale is trained, if `trainable`. Raises ValueError for other names, ranks and negative sizes.
    """

    def __init__(self, output_dim, kernel_initializer="gaussian", scale=None, trainable=False, name=None, **kwargs):
        if output_dim <= 0:
            raise ValueError(f"`output_dim` should be a positive integer. Received: {output_dim}")
        if isinstance(kernel_initializer, str) and kernel_initializer.lower() not in _KERNELS:
            raise ValueError(f"Unsupported `kernel_initializer`: {kernel_initializer} Expected one of: {_KERNELS}")
        if scale is not None and scale <= 0.0:
            raise ValueError(f"When provided, `scale` should be a positive float. Received: {scale}")
        super().__init__(trainable=trainable, name=name, **kwargs)
        self.output_dim, self.kernel_initializer, self.scale = output_dim, kernel_initializer, scale

    def _size(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(f"The rank of the input tensor should be 2. Received input with rank {len(input_shape)} instead. Full "
                             f"input shape received: {input_shape}")
        if input_shape[1] is None:
            raise ValueError("The last dimension of the input tensor should be defined. Found `None`. Full input shape received: "
                             f"{input_shape}")
        return int(input_shape[1])

    def build(self, input_shape):
        size = self._size(tuple(input_shape))
        shape, drawn, scale = (size, self.output_dim), self.kernel_initializer, 1.0
        if isinstance(drawn, str) and drawn.lower() == "gaussian":
            drawn, scale = initializers.RandomNormal(stddev=1.0), float(np.sqrt(size / 2))
        elif isinstance(drawn, str):    # of Cauchy's distribution, whose transform is the Laplacian kernel
            drawn = initializers.Constant(np.tan(np.pi * (np.random.uniform(0.0, 1.0, shape) - 0.5)))
        self.scale = scale if self.scale is None else self.scale
        self.unscaled_kernel = self.add_weight(name="unscaled_kernel", shape=shape, dtype="float32", initializer=drawn, trainable=False)
        self.bias = self.add_weight(name="bias", shape=(self.output_dim,), dtype="float32", trainable=False,
                                    initializer=initializers.RandomUniform(0.0, 2 * np.pi))
        self.kernel_scale = self.add_weight(name="kernel_scale", shape=(1,), dtype="float32", trainable=True, constraint="NonNeg",
                                            initializer=initializers.Constant(self.scale))
        self.input_spec = InputSpec(ndim=2, axes={1: size})
        super().build(input_shape)

    def call(self, inputs):
        from .. import cast, convert_to_tensor, cos, matmul
        x = cast(convert_to_tensor(inputs, dtype=self.dtype), "float32")
        return cos(matmul(x, 1.0 / self.kernel_scale * self.unscaled_kernel) + self.bias)

    def compute_output_shape(self, input_shape):
        from .. import TensorShape
        self._size(tuple(input_shape))
        return TensorShape([input_shape[0], self.output_dim])

    def get_config(self):
        drawn = self.kernel_initializer
        return {**super().get_config(), "output_dim": self.output_dim, "scale": self.scale,
                "kernel_initializer": drawn if isinstance(drawn, str) else initializers.serialize(drawn)}


class SyncBatchNormalization(Layer):
    """BatchNormalization whose mean and variance are those of the whole batch, over all replicas of a strategy."""

    _SETTINGS = ("axis", "momentum", "epsilon", "center", "scale")
    _PARTS = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}

    def __init__(self, axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, beta_initializer="zeros",
                 gamma_initializer="ones", moving_mean_initializer="zeros", moving_variance_initializer="ones", beta_regularizer=None,
                 gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, **kwargs):
        super().__init__(**kwargs)
        self.axis, self.momentum, self.epsilon, self.center, self.scale = axis, momentum, epsilon, center, scale
        parts = {"beta_initializer": beta_initializer, "gamma_initializer": gamma_initializer,
                 "moving_mean_initializer": moving_mean_initializer, "moving_variance_initializer": moving_variance_initializer,
                 "beta_regularizer": beta_regularizer, "gamma_regularizer": gamma_regularizer,
                 "beta_constraint": beta_constraint, "gamma_constraint": gamma_constraint}
        self._part_names = tuple(parts)
        for name, part in parts.items():
            setattr(self, name, self._PARTS[name.rpartition("_")[2]].get(part))

    def _axes_of(self, rank):
        """The axes that have a mean each, from the front."""
        return sorted({axis % rank for axis in (self.axis if isinstance(self.axis, (list, tuple)) else [self.axis])})

    def build(self, input_shape):
        shape = [input_shape[axis] for axis in self._axes_of(len(input_shape))]
        if None in shape:
            raise ValueError(f"Input has undefined `axis` dimension. Received input with shape {tuple(input_shape)} and axis={self.axis}")
        dtype = "float32" if self.variable_dtype in ("float16", "bfloat16") else self.variable_dtype
        for name, there in (("gamma", self.scale), ("beta", self.center), ("moving_mean", True), ("moving_variance", True)):
            moving = name.startswith("moving")
            setattr(self, name, self.add_weight(
                name=name, shape=shape, dtype=dtype, trainable=not moving, experimental_autocast=False,
                initializer=getattr(self, name + "_initializer"), regularizer=None if moving else getattr(self, name + "_regularizer"),
                constraint=None if moving else getattr(self, name + "_constraint")) if there else None)
        super().build(input_shape)

    def call(self, inputs, training=None):
        from .. import cast, nn, reshape
        from .backend import learning_phase
        rank = len(inputs.shape)
        kept = self._axes_of(rank)
        shape = [int(inputs.shape[axis]) if axis in kept else 1 for axis in range(rank)]
        x = cast(inputs, "float32") if inputs.dtype.name in ("float16", "bfloat16") else inputs
        training = learning_phase() if training is None else training
        if training and self.trainable:
            mean, variance = self._moments(x, [axis for axis in range(rank) if axis not in kept])
            for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign_sub((moving - cast(reshape(now, moving.shape), moving.dtype)) * (1 - self.momentum))
        else:
            mean, variance = (cast(reshape(v, shape), x.dtype) for v in (self.moving_mean, self.moving_variance))
        scale, offset = (None if v is None else cast(reshape(v, shape), x.dtype) for v in (self.gamma, self.beta))
        return cast(nn.batch_normalization(x, mean, variance, offset, scale, self.epsilon), inputs.dtype)

    def get_config(self):
        parts = {name: self._PARTS[name.rpartition("_")[2]].serialize(getattr(self, name)) for name in self._part_names}
        return {**super().get_config(), **{name: getattr(self, name) for name in self._SETTINGS}, **parts}

    @staticmethod
    def _moments(x, axes):
        """Mean and variance of all replicas' rows: of their sums of numbers and of squares."""
        from .. import cast, distribute, reduce_sum, shape, square
        count = 1
        for axis in axes:
            count = count * shape(x)[axis]
        sums = [reduce_sum(x, axes, keepdims=True), reduce_sum(square(x), axes, keepdims=True), cast(count, x.dtype)]
        replica = distribute.get_replica_context()
        if replica is not None and replica.num_replicas_in_sync > 1:
            sums = [replica.all_reduce(distribute.ReduceOp.SUM, one) for one in sums]
        mean = sums[0] / sums[2]
        return mean, sums[1] / sums[2] - square(mean)


class HashedCrossing(Layer):
    """Which of `num_bins` bins the crossing of two or more categories falls into: a list of integers or strings, each [], [batch] or
    [batch, 1]; output_mode "int" gives numbers of that shape, "one_hot" rows, sparse ones if `sparse`. Raises ValueError for others.
    """

    def __init__(self, num_bins, output_mode="int", sparse=False, **kwargs):
        from .. import as_dtype
        from .backend import floatx
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else floatx()
        super().__init__(**kwargs)
        if output_mode == "int" and not as_dtype(self.compute_dtype).is_integer:
            raise ValueError(f"When `output_mode='int'`, `dtype` should be an integer type. Received: dtype={kwargs['dtype']}")
        if output_mode not in ("int", "one_hot"):
            raise ValueError("Unkown value for `output_mode` argument of layer HashedCrossing. Allowed values are: or one of the "
                             f"following values: ('int', 'one_hot'). Received: {output_mode}")
        self.num_bins, self.output_mode, self.sparse = num_bins, output_mode, sparse

    def call(self, inputs):
        from .. import cast, convert_to_tensor, one_hot, reshape
        from .. import sparse as sparse_ops
        self._need_two(inputs)
        inputs = [x if hasattr(x, "shape") and hasattr(x, "dtype") and not isinstance(x, np.ndarray) else convert_to_tensor(x)
                  for x in inputs]
        self._check(inputs)
        rank = inputs[0].shape.rank
        crossed = sparse_ops.to_dense(sparse_ops.cross_hashed([reshape(x, [-1, 1]) for x in inputs], self.num_bins))
        whole = reshape(crossed, [[], [-1], [-1, 1]][rank])
        if self.output_mode == "int":
            return cast(whole, self.compute_dtype)
        # As Keras has it, a single category is one row without a batch.
        alone = rank == 0 or rank == 1 and inputs[0].shape[0] == 1
        rows = one_hot(reshape(whole, [] if alone else [-1]), self.num_bins, dtype=self.compute_dtype)
        return sparse_ops.from_dense(rows) if self.sparse else rows

    def compute_output_shape(self, input_shapes):
        from .. import TensorShape
        self._need_two(input_shapes)
        first = list(input_shapes[0])
        if self.output_mode == "int":
            return TensorShape(first)
        return TensorShape([self.num_bins] if not first else [first[0], self.num_bins])

    def get_config(self):
        return {**super().get_config(), "num_bins": self.num_bins, "output_mode": self.output_mode, "sparse": self.sparse}

    @staticmethod
    def _need_two(inputs):
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"`HashedCrossing` should be called on a list or tuple of inputs. Received: inputs={inputs}")
        if len(inputs) < 2:
            raise ValueError(f"`HashedCrossing` should be called on at least two inputs. Received: inputs={inputs}")

    @staticmethod
    def _check(inputs):
        first = inputs[0].shape.as_list()
        for holds, words in (
                (len(first) < 2 or len(first) == 2 and first[-1] == 1, "have shape `[]`, `[batch_size]` or `[batch_size, 1]`"),
                (all(x.shape.as_list() == first for x in inputs), "have equal shape"),
                (not any(getattr(x, "_is_composite_tensor_", False) for x in inputs), "be dense tensors"),
                (all(x.dtype.is_integer or x.dtype.name == "string" for x in inputs), "have an integer or string dtype")):
            if not holds:
                raise ValueError(f"All `HashedCrossing` inputs should {words}. Received: inputs={inputs}")


for _made in (RandomFourierFeatures, SyncBatchNormalization, HashedCrossing):
    shell.classes[("layer", _made.__name__)] = _made
