# In: initial values. Out: tf.Variable: a Python class over the engine's handle.
import enum

import numpy as np

from . import creation, export, faults, nest
from .. import _core
from .dtypes import as_dtype
from .shapes import TensorShape
from .text import value_repr


@export("VariableSynchronization")
class VariableSynchronization(enum.Enum):
    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


@export("VariableAggregation")
class VariableAggregation(enum.Enum):
    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3

    def __hash__(self):
        return hash(self.value)

    def __repr__(self):   # TensorFlow's own default is of an older class, with another name
        return f"<VariableAggregation{'V2' if self.value else ''}.{self.name}: {self.value}>"


creators = []      # tf.variable_creator_scope, outermost first


class _VariableType(type(_core.VariableBase)):
    def __call__(cls, *args, **kwargs):
        if cls is not Variable or not creators:
            return super().__call__(*args, **kwargs)
        names = ("initial_value", "trainable", "validate_shape", "caching_device", "name",
                 "variable_def", "dtype", "import_scope", "constraint", "synchronization",
                 "aggregation", "shape")
        kwargs.update(zip(names, args))
        kwargs.setdefault("initial_value", None)

        def make(**options):
            return super(_VariableType, cls).__call__(**options)
        for creator in creators:
            make = _bound(creator, make)
        return make(**kwargs)


def _bound(creator, inner):
    return lambda **options: creator(inner, **options)


_OPERATORS = ("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__floordiv__",
              "__rfloordiv__", "__mod__", "__rmod__", "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__", "__and__",
              "__rand__", "__or__", "__ror__", "__xor__", "__rxor__", "__getitem__", "__pow__", "__rpow__", "__invert__",
              "__neg__", "__abs__", "__matmul__", "__rmatmul__")


@export("Variable")
class Variable(_core.VariableBase, metaclass=_VariableType):
    """A tensor that can be assigned to."""

    @classmethod
    def _OverloadAllOperators(cls):
        """Gives a class that wraps variables the operators of tensors, of what its value() is."""
        for name in _OPERATORS:
            def of_value(self, *args, _operator=getattr(_core.Tensor, name)):
                return _operator(self.value(), *args)
            of_value.__name__ = name
            setattr(cls, name, of_value)

    def __init__(self, initial_value=None, trainable=None, validate_shape=True, caching_device=None,
                 name=None, variable_def=None, dtype=None, import_scope=None, constraint=None,
                 synchronization=VariableSynchronization.AUTO,
                 aggregation=VariableAggregation.NONE, shape=None):
        if variable_def is not None:
            raise NotImplementedError("tf.Variable: variable_def belongs to TensorFlow 1's graphs; "
                                      "give an initial_value")
        if initial_value is None:
            raise ValueError("The `initial_value` arg to `tf.Variable` must be specified except when you "
                             "are not providing a `variable_def`. You provided neither.")
        if not isinstance(synchronization, VariableSynchronization):
            raise ValueError(f"Invalid variable synchronization mode: {synchronization} for variable: {name}")
        if not isinstance(aggregation, VariableAggregation):
            raise ValueError(f"Invalid variable aggregation mode: {aggregation} for variable: {name}")
        if dtype is not None:
            dtype = as_dtype(dtype)
        if trainable is None:
            trainable = synchronization != VariableSynchronization.ON_READ
        if _core.executing_eagerly():
            if callable(initial_value) and not _core.is_tensor(initial_value):
                initial_value = initial_value()
            self._create(initial_value, trainable, validate_shape, name, dtype, shape)
        else:
            initial_value = creation.initial(initial_value, dtype)
            outside = _core.InitScope()   # the resource is made outside the trace, which only refers to it
            try:
                self._create(initial_value, trainable, validate_shape, name, dtype, shape)
            finally:
                outside.close()
        self._constraint, self._synchronization, self._aggregation = constraint, synchronization, aggregation

    def _create(self, initial_value, trainable, validate_shape, name, dtype, shape):
        if isinstance(initial_value, Variable):
            initial_value = initial_value.read_value()
        if _core.is_tensor(initial_value) and dtype is not None and initial_value.dtype != dtype:
            raise ValueError(f"initial_value: Tensor conversion requested dtype {dtype.name} for Tensor with dtype "
                             f"{initial_value.dtype.name}: {initial_value!r}")
        value = _core.convert(initial_value, dtype)
        if shape is not None:
            given, shape = shape, TensorShape(shape)
            if not shape.is_compatible_with(value.shape):
                raise ValueError(f"In this `tf.Variable` creation, the initial value's shape ({value.shape}) "
                                 f"is not compatible with the explicitly supplied `shape` argument ({given}).")
        elif not validate_shape and not value.shape.is_fully_defined():
            shape = TensorShape(None)
        self._bind(value, current_scope() + (name or "Variable"), bool(trainable), shape)

    # ---- what it is ----
    @property
    def trainable(self):
        return self._trainable

    @property
    def synchronization(self):
        return self.__dict__.get("_synchronization", VariableSynchronization.AUTO)

    @property
    def aggregation(self):
        return self.__dict__.get("_aggregation", VariableAggregation.NONE)

    @property
    def constraint(self):
        return self.__dict__.get("_constraint")

    @property
    def device(self):
        return self._value().device

    @property
    def _shared_name(self):
        return self.name[:self.name.index(":")]

    @property
    def graph(self):
        raise AttributeError("Tensor.graph is undefined when eager execution is enabled.")

    @property
    def op(self):
        return self.handle.op

    @property
    def create(self):
        raise RuntimeError("This operation is not supported when eager execution is enabled.")

    initializer = property(lambda self: None)

    def is_initialized(self, name=None):
        return _core.convert(True)

    def get_shape(self):
        return self.shape

    def set_shape(self, shape):
        self.shape.assert_is_compatible_with(shape)

    # ---- its value ----
    def value(self):
        return self.read_value()

    def numpy(self):
        if not _executing_eagerly():
            raise NotImplementedError("numpy() is only available when eager execution is enabled.")
        return self.read_value().numpy()

    def eval(self, session=None):
        raise RuntimeError("This operation is not supported when eager execution is enabled.")

    initialized_value = value

    @property
    def initial_value(self):
        raise RuntimeError("This property is not supported when eager execution is enabled.")

    def assign(self, value, use_locking=None, name=None, read_value=True):
        return self._written(self._assign, value, read_value)

    def assign_add(self, delta, use_locking=None, name=None, read_value=True):
        return self._written(self._assign_add, self._update(delta, "AssignAddVariableOp"), read_value)

    def assign_sub(self, delta, use_locking=None, name=None, read_value=True):
        return self._written(self._assign_sub, self._update(delta, "AssignSubVariableOp"), read_value)

    def _update(self, delta, op):
        delta = _core.convert(delta, self.dtype)
        if self.shape.is_fully_defined() and delta.shape.is_fully_defined() and self.shape != delta.shape:
            mine, its = (str(s.as_list()).replace(" ", "") for s in (self.shape, delta.shape))
            raise faults.InvalidArgumentError(
                None, None, f"Cannot update variable with shape {mine} using a Tensor with shape {its}, "
                f"shapes must be equal. [Op:{op}]")
        return delta

    def _written(self, write, value, read_value):
        if write.__name__ == "_assign":
            value = _core.convert(value, self.dtype)
            if not self.shape.is_compatible_with(value.shape):
                raise ValueError(f"Cannot assign value to variable ' {self.name}': Shape mismatch."
                                 f"The variable shape {self.shape}, and the assigned value shape "
                                 f"{value.shape} are incompatible.")
        write(value)
        return self if read_value else None

    # ---- as a Python object ----
    def __repr__(self):
        value = self._value()
        about = f"'{self.name}' shape={self.shape} dtype={self.dtype.name}"
        about = f"AutoCastVariable {about} dtype_to_cast_to={self._cast_dtype.name}" if self._autocast else f"tf.Variable {about}"
        return f"<{about}, numpy={value_repr(value)}>" if _executing_eagerly() else f"<{about}>"

    def __hash__(self):
        raise TypeError("Variable is unhashable. Instead, use variable.ref() as the key. "
                        f"(Variable: {self!r})")

    def ref(self):
        return Reference(self)

    experimental_ref = ref

    def __array__(self, dtype=None, copy=None):
        value = np.asarray(self.numpy())        # of a scalar, too, an array
        return value if dtype is None else value.astype(dtype)

    def __bool__(self):
        return bool(self.read_value())

    __nonzero__ = __bool__

    def __int__(self):
        return int(self.read_value())

    def __float__(self):
        return float(self.read_value())

    def __complex__(self):
        return complex(self.read_value())

    def __index__(self):
        return self.numpy().__index__()

    def __len__(self):
        raise TypeError("object of type 'ResourceVariable' has no len()")

    def __iter__(self):
        return iter(self.read_value())

    def __format__(self, spec):
        return format(self.numpy(), spec) if spec else str(self)

    def __copy__(self):
        return self.__deepcopy__({})

    def __deepcopy__(self, memo):
        if not _executing_eagerly():
            raise NotImplementedError("__deepcopy__() is only available when eager execution is enabled.")
        copied = Variable(self._value(), trainable=self.trainable, name=self._shared_name,
                          shape=self.shape, constraint=self.constraint,
                          synchronization=self.synchronization, aggregation=self.aggregation)
        memo[id(self)] = copied
        return copied

    def __reduce__(self):
        return _rebuilt, (self.numpy(), self.trainable, self._shared_name, self.dtype.name)

    __array_priority__ = 100

    # ---- slices ----
    def __getitem__(self, key):
        part = _read_item(self, key)
        part.assign = _SliceAssign(self, key)
        return part

    def _assign_slice(self, key, value):
        """self[key] = value, by the places that `key` names in the flattened variable."""
        call, now = _core.function_named, self.read_value()
        value = _core.convert(value, self.dtype)
        count = call("tf.size")(now)
        places = call("tf.reshape")(call("tf.range")(count), call("tf.shape")(now))[key]
        if places.shape.is_fully_defined() and value.shape.is_fully_defined() and places.shape != value.shape:
            its, given = (str(s.as_list()).replace(" ", "") for s in (places.shape, value.shape))
            raise faults.ERRORS[12](
                None, None, f"sliced l-value shape {its} does not match r-value shape {given}. Automatic broadcasting not "
                "yet implemented. [Op:ResourceStridedSliceAssign] name: strided_slice/_assign")
        flat = call("tf.tensor_scatter_nd_update")(call("tf.reshape")(now, [-1]), call("tf.reshape")(places, [-1, 1]),
                                                   call("tf.reshape")(value, [-1]))
        self._assign(call("tf.reshape")(flat, call("tf.shape")(now)))
        return self

    def scatter_add(self, sparse_delta, use_locking=False, name=None):
        return self._scattered("Add", sparse_delta)

    def scatter_sub(self, sparse_delta, use_locking=False, name=None):
        return self._scattered("Sub", sparse_delta)

    def scatter_update(self, sparse_delta, use_locking=False, name=None):
        return self._scattered("Update", sparse_delta)

    def scatter_mul(self, sparse_delta, use_locking=False, name=None):
        return self._scattered("Mul", sparse_delta)

    def scatter_div(self, sparse_delta, use_locking=False, name=None):
        return self._scattered("Div", sparse_delta)

    def scatter_max(self, sparse_delta, use_locking=False, name=None):
        return self._scattered("Max", sparse_delta)

    def scatter_min(self, sparse_delta, use_locking=False, name=None):
        return self._scattered("Min", sparse_delta)

    def batch_scatter_update(self, sparse_delta, use_locking=False, name=None):
        """Row indices[b, i] of batch b becomes values[b, i]; b may be several axes."""
        call, delta = _core.function_named, self._slices(sparse_delta)
        indices = _core.convert(delta.indices)
        axes = [call("tf.range")(call("tf.shape")(indices)[i], dtype=indices.dtype) for i in range(indices.shape.rank - 1)]
        places = [call("tf.broadcast_to")(call("tf.reshape")(axis, [-1] + [1] * (indices.shape.rank - 1 - i)),
                                          call("tf.shape")(indices)) for i, axis in enumerate(axes)]
        return self._scattered_nd("Update", call("tf.stack")(places + [indices], axis=-1), delta.values)

    def scatter_nd_add(self, indices, updates, name=None):
        return self._scattered_nd("Add", indices, updates)

    def scatter_nd_sub(self, indices, updates, name=None):
        return self._scattered_nd("Sub", indices, updates)

    def scatter_nd_update(self, indices, updates, name=None):
        return self._scattered_nd("Update", indices, updates)

    def scatter_nd_max(self, indices, updates, name=None):
        return self._scattered_nd("Max", indices, updates)

    def scatter_nd_min(self, indices, updates, name=None):
        return self._scattered_nd("Min", indices, updates)

    def sparse_read(self, indices, name=None):
        """The rows at `indices`."""
        return _core.run_op("ResourceGather", [self.handle, _core.convert(indices)], {"dtype": self.dtype})[0]

    def gather_nd(self, indices, name=None):
        return _core.function_named("tf.gather_nd")(self, indices)

    def _scattered_nd(self, what, indices, updates):
        _core.run_op("ResourceScatterNd" + what, [self.handle, _core.convert(indices),
                                                  _core.convert(updates, self.dtype)], {})
        return self

    def _scattered(self, what, delta):
        delta = self._slices(delta)
        _core.run_op("ResourceScatter" + what, [self.handle, _core.convert(delta.indices),
                                                _core.convert(delta.values, self.dtype)], {})
        return self

    @staticmethod
    def _slices(delta):
        if not hasattr(delta, "indices"):
            raise TypeError(f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {delta}")
        return delta

    class SaveSliceInfo:
        """TensorFlow 1's partitions; kept as a name."""


_read_item = _core.VariableBase.__getitem__


nest.LEAVES.add(Variable)


class _SliceAssign:
    """`v[1:3].assign(value)`: what a part of a variable knows besides its value."""
    __slots__ = ("_variable", "_key")

    def __init__(self, variable, key):
        self._variable, self._key = variable, key

    def __call__(self, value, use_locking=False, name=None, read_value=True):
        changed = self._variable._assign_slice(self._key, value)
        return changed if read_value else None


def _rebuilt(value, trainable, name, dtype):
    return Variable(value, trainable=trainable, name=name, dtype=dtype)


def _executing_eagerly():
    return _core.executing_eagerly()


def current_scope():
    from . import context
    return context.scope_name()


class Reference:
    """A hashable stand-in for a tensor or a variable."""
    __slots__ = ("_wrapped", "_key")

    def __init__(self, wrapped):
        self._wrapped = wrapped
        self._key = wrapped._key if isinstance(wrapped, _core.VariableBase) else wrapped._id

    def deref(self):
        return self._wrapped

    def __hash__(self):
        return hash(self._key)

    def __eq__(self, other):
        return isinstance(other, Reference) and self._key == other._key and \
            isinstance(other._wrapped, _core.VariableBase) == isinstance(self._wrapped, _core.VariableBase)

    def __ne__(self, other):
        return not self == other

    def __repr__(self):
        return f"<Reference wrapping {self._wrapped!r}>"
