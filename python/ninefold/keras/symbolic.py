# In: keras.Input and layers called on it. Out: KerasTensor, the symbolic tensor of functional models.
from .._core import keras as core
from . import shell

# The functions that operators stand for, by TensorFlow's names of their layers.
_OPERATORS = {
    "add": "__operators__.add", "sub": "math.subtract", "mul": "math.multiply", "truediv": "math.truediv",
    "floordiv": "compat.v1.floor_div", "mod": "math.floormod", "pow": "math.pow", "matmul": "linalg.matmul",
    "and": "math.logical_and", "or": "math.logical_or",
}
_COMPARISONS = {"lt": "math.less", "le": "math.less_equal", "gt": "math.greater", "ge": "math.greater_equal",
                "eq": "__operators__.eq", "ne": "__operators__.ne"}
_UNARY = {"neg": "math.negative", "abs": "math.abs", "invert": "math.logical_not"}
_SECOND = {"linalg.matmul": "b"}


class KerasTensor(shell.Object):
    """Stands for what a layer will give: a shape, a dtype, and the layer that makes it."""

    _kind = "tensor"
    __array_priority__ = 100

    def _about(self):
        return core.symbolic(self._engine_handle)

    @property
    def shape(self):
        return self._about()["shape"]

    def get_shape(self):
        return self.shape

    @property
    def dtype(self):
        about = self._about()
        if about["dtype"] is None and about["composite"] is not None:
            raise AttributeError(f"KerasTensor wraps TypeSpec {type(about['composite']).__qualname__}, which does not have a dtype.")
        return about["dtype"]

    @property
    def name(self):
        return self._about()["name"]

    @property
    def node(self):
        return self._about()["layer"]

    @property
    def type_spec(self):
        from .. import RaggedTensorSpec, SparseTensorSpec, TensorSpec
        about = self._about()
        if about["composite"] is None:
            return TensorSpec(about["shape"], about["dtype"], about["name"])
        if not isinstance(about["composite"], tuple):
            return about["composite"]           # of an extension type
        sparse, ragged_rank, splits_dtype = about["composite"]
        if sparse:
            return SparseTensorSpec(about["shape"], about["dtype"])
        return RaggedTensorSpec(about["shape"], about["dtype"], ragged_rank, splits_dtype)

    @property
    def ragged_rank(self):
        """The number of ragged dimensions. Raises AttributeError for a tensor that is not ragged."""
        composite = self._about()["composite"]
        if not isinstance(composite, tuple) or composite[0]:
            raise AttributeError("'KerasTensor' object has no attribute 'ragged_rank'")
        return composite[1]

    @property
    def is_tensor_like(self):
        return True

    @property
    def _keras_mask(self):
        return core.symbolic_mask(self._engine_handle)

    def __repr__(self):
        return self._about()["repr"]

    def __str__(self):
        layer = self.node
        spec = self.type_spec if layer is None or type(layer).__name__ == "InputLayer" else _unnamed(self.type_spec)
        if hasattr(spec, "_with_dims"):
            return "KerasTensor(type_spec={}, description=\"created by layer '{}'\")".format(spec, self.name if layer is None else layer.name)
        return "KerasTensor(type_spec={}, name='{}', description=\"created by layer '{}'\")".format(
            spec, self.name, self.name if layer is None else layer.name)

    def __hash__(self):
        raise TypeError("Tensors are unhashable. (KerasTensor: {})".format(self))

    def __len__(self):
        raise TypeError("Keras symbolic inputs/outputs do not implement `__len__`. You may be trying to pass Keras "
                        "symbolic inputs/outputs to a TF API that does not register dispatching, preventing Keras "
                        "from automatically converting the API call to a lambda layer in the Functional Model.")

    def __iter__(self):
        shape = self.shape
        if shape.rank is None:
            raise TypeError("Cannot iterate over a Tensor with unknown first dimension.")
        if not shape.rank:
            raise TypeError("Cannot iterate over a scalar.")
        if shape[0] is None:
            raise TypeError("Cannot iterate over a Tensor with unknown first dimension.")
        return iter([self[i] for i in range(shape[0])])

    def __array__(self, dtype=None):
        raise TypeError(
            "You are passing {}, an intermediate Keras symbolic input/output, to a TF API that does not allow "
            "registering custom dispatchers, such as `tf.cond`, `tf.function`, gradient tapes, or `tf.map_fn`. Keras "
            "Functional model construction only supports TF API calls that *do* support dispatching, such as "
            "`tf.math.add` or `tf.reshape`. Other APIs cannot be called directly on symbolic Keras inputs/outputs. You "
            "can work around this limitation by putting the operation in a custom Keras layer `call` and calling that "
            "layer on this symbolic input/output.".format(self))

    def set_shape(self, shape):
        from .. import TensorShape
        if not isinstance(self._about()["composite"], (tuple, type(None))):
            raise ValueError("Keras requires TypeSpec to have a `with_shape` method that returns a copy of `self` with an updated shape.")
        core.set_symbolic_shape(self._engine_handle, self.shape.merge_with(TensorShape(shape)))

    def __tf_dispatch__(self, function, args, kwargs):
        # That it is here makes tensors leave `tensor + symbolic` to us; functions go on to the engine.
        return NotImplemented

    def __getitem__(self, item):
        from .layers import SlicingOpLambda
        return SlicingOpLambda("__operators__.getitem")(self, slice_spec=_described(item))

    def __xor__(self, other):
        return (self | other) & ~(self & other)

    def __rxor__(self, other):
        return (_operand(self, other) | self) & ~(_operand(self, other) & self)


def _unnamed(spec):
    if hasattr(spec, "_with_dims"):
        return spec
    return type(spec)(spec.shape, spec.dtype) if hasattr(spec, "name") else spec


def _described(item):
    """A subscript as configs hold it."""
    if isinstance(item, slice):
        return {"start": item.start, "stop": item.stop, "step": item.step}
    if item is Ellipsis:
        return {"class_name": "__ellipsis__"}
    if isinstance(item, (tuple, list)):
        return [_described(i) for i in item]
    return item


def _operand(tensor, other):
    """What stands beside a symbolic tensor: arrays take its dtype, as they do beside any tensor."""
    if isinstance(other, (KerasTensor, bool, int, float, str)) or hasattr(other, "op") or hasattr(other, "assign"):
        return other
    from .. import convert_to_tensor
    return convert_to_tensor(other, dtype_hint=tensor.dtype)


def _apply(symbol, first, *rest):
    from .layers import TFOpLambda
    named = {_SECOND.get(symbol, "y"): rest[0]} if rest else {}
    return TFOpLambda(symbol)(first, name=None, **named)


def _binary(symbol):
    def operator(self, other):
        return _apply(symbol, self, _operand(self, other))
    return operator


def _reflected(symbol):
    def operator(self, other):
        from .. import convert_to_tensor
        return _apply(symbol, convert_to_tensor(other, dtype_hint=self.dtype), self)
    return operator


def _unary(symbol):
    def operator(self):
        return _apply(symbol, self)
    return operator


for _name, _path in _OPERATORS.items():
    setattr(KerasTensor, "__{}__".format(_name), _binary(_path))
    setattr(KerasTensor, "__r{}__".format(_name), _reflected(_path))
for _name, _path in _COMPARISONS.items():
    setattr(KerasTensor, "__{}__".format(_name), _binary(_path))
for _name, _path in _UNARY.items():
    setattr(KerasTensor, "__{}__".format(_name), _unary(_path))
shell.defaults["tensor"] = KerasTensor


def is_symbolic(value):
    return isinstance(value, KerasTensor)


def keep(outputs, what):
    """The shells behind a symbolic tensor live as long as it: the engine holds Python objects weakly. True if
    there are symbolic tensors."""
    if isinstance(outputs, KerasTensor):
        outputs.__dict__["_kept"] = what
        return True
    if isinstance(outputs, (list, tuple)):
        return any([keep(item, what) for item in outputs])
    if isinstance(outputs, dict):
        return any([keep(item, what) for item in outputs.values()])
    return False


def Input(shape=None, batch_size=None, name=None, dtype=None, sparse=None, tensor=None, ragged=None,
          type_spec=None, **kwargs):
    """A symbolic tensor for functional models. `shape` is without the batch.

    Raises ValueError if neither shape nor type_spec is given, if type_spec has no shape, or if it is to be both sparse and ragged;
    NotImplementedError for a given tensor.
    """
    if tensor is not None:
        raise NotImplementedError("Input: tensor is not supported yet; see docs/differences.md")
    if sparse and ragged:
        raise ValueError("Cannot set both `sparse` and `ragged` to `True` in a Keras `Input`.")
    if type_spec is not None:
        given = {"(input_)shape": shape, "batch_size": batch_size, "dtype": dtype, "sparse": sparse, "ragged": ragged}
        for what, value in given.items():
            if value is not None:
                raise ValueError(f"When `type_spec` is not None, all other args except `name` must be None, but {what} is not None.")
        if not hasattr(type_spec, "value_type"):
            raise AttributeError(f"'{type(type_spec).__name__}' object has no attribute 'value_type'")
        if not hasattr(type_spec, "shape"):
            raise ValueError("KerasTensor only supports TypeSpecs that have a shape field; got "
                             f"{type(type_spec).__qualname__}, which does not have a shape.")
        if type(type_spec).__name__ not in ("TensorSpec", "SparseTensorSpec", "RaggedTensorSpec"):
            if not hasattr(type_spec, "_with_dims"):
                raise NotImplementedError(f"Input: type_spec={type_spec!r}: functional models take dense, sparse and ragged tensors and "
                                          "values of extension types; see docs/differences.md")
            return core.input((), None, None, name or "", type_spec=type_spec)
        sparse, ragged = type(type_spec).__name__ == "SparseTensorSpec", type(type_spec).__name__ == "RaggedTensorSpec"
        shape, dtype = type_spec.shape[1:], type_spec.dtype
        batch_size = type_spec.shape[0]
    batch_shape = kwargs.pop("batch_shape", kwargs.pop("batch_input_shape", None))
    if kwargs:
        raise ValueError("Unrecognized keyword arguments: {}".format(list(kwargs)))
    if batch_shape is not None:
        batch_size, shape = batch_shape[0], tuple(batch_shape[1:])
    if shape is None:
        raise ValueError("Please provide to Input a `shape` or a `tensor` or a `type_spec` argument. Note that `shape` "
                         "does not include the batch dimension.")
    return core.input(shape, batch_size, dtype, name or "", bool(sparse), bool(ragged))
