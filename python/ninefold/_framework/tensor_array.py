# In: tensors written one by one. Out: tf.TensorArray over the engine's tensor lists, eagerly and in traces.
from . import export
from .dtypes import as_dtype
from .faults import ERRORS
from .shapes import TensorShape
from .specs import TensorSpec, TypeSpec
from .. import _core


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


@export("TensorArray")
class TensorArray:
    """An array of tensors; each write gives the array that holds it."""
    _is_composite_tensor_ = True

    def __init__(self, dtype, size=None, dynamic_size=None, clear_after_read=None, tensor_array_name=None,
                 handle=None, flow=None, infer_shape=True, element_shape=None, colocate_with_first_write_call=True,
                 name=None):
        self._dtype, self._dynamic = as_dtype(dtype), bool(dynamic_size)
        self._element_shape, self._infer = TensorShape(element_shape), infer_shape
        # Eagerly a read clears its element, as TensorFlow's does: what was read, shared by all writes of one array.
        self._cleared = set() if clear_after_read is None or clear_after_read else None
        self._list = flow if flow is not None else _core.run_op(
            "TensorListReserve", [self._shape_tensor(), _core.convert(0 if size is None else size, "int32")],
            {"element_dtype": self._dtype})[0]

    def _shape_tensor(self):
        dims = self._element_shape._dims
        return _core.convert(-1 if dims is None else [-1 if d is None else d for d in dims], "int32")

    def _with(self, new_list, element_shape=None):
        made = TensorArray(self._dtype, dynamic_size=self._dynamic, flow=new_list, infer_shape=self._infer,
                           element_shape=self._element_shape)
        if self._infer and element_shape is not None and self._element_shape.rank is None:
            made._element_shape = element_shape
        made._cleared = self._cleared
        return made

    dtype = property(lambda self: self._dtype)
    flow = property(lambda self: self._list)
    handle = property(lambda self: self._list)
    dynamic_size = property(lambda self: self._dynamic)
    element_shape = property(lambda self: self._element_shape)

    def identity(self):
        return self._with(self._list)

    def grad(self, source, flow=None, name=None):
        raise NotImplementedError("TensorArray.grad is not supported when executing eagerly; eager's gradient "
                                  "implementation does not use/need this function to compute gradients of "
                                  "operations that use TensorArrays.")

    def size(self, name=None):
        return _core.run_op("TensorListLength", [self._list], {})[0]

    def read(self, index, name=None):
        index = _core.convert(index, "int32")
        eager = not index._symbolic and not self._list._symbolic
        if eager and not 0 <= int(index) < int(self.size()):
            raise ERRORS[11](None, None, f"Tried to read from index {int(index)} but array size is: {int(self.size())} ")
        if eager and self._cleared is not None:
            if int(index) in self._cleared:
                raise ERRORS[3](None, None, f"Could not read index {int(index)} twice because it was cleared after a "
                                "previous read (perhaps try setting clear_after_read = false?)")
            self._cleared.add(int(index))
        return self._read(index)

    def _read(self, index):
        return _core.run_op("TensorListGetItem", [self._list, _core.convert(index, "int32"), self._shape_tensor()],
                            {"element_dtype": self._dtype})[0]

    def write(self, index, value, name=None):
        value = value if _core.is_tensor(value) else _core.convert(value, None, self._dtype)
        if value.dtype != self._dtype:
            raise ERRORS[3](None, None, f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype "
                            f"{value.dtype.name} ")
        if not self._element_shape.is_compatible_with(value.shape):
            raise ValueError(f"Incompatible shape for value ({value.shape}), expected ({self._element_shape})")
        index = _core.convert(index, "int32")
        held = self._list
        if self._dynamic:
            size = _call("tf.maximum", self.size(), index + 1)
            held = _core.run_op("TensorListResize", [held, size], {})[0]
        elif not index._symbolic and not held._symbolic and not 0 <= int(index) < int(self.size()):
            raise ERRORS[11](None, None, f"Tried to write to index {int(index)} but array is not resizeable "
                             f"and size is: {int(self.size())} ")
        if self._cleared and not index._symbolic:
            self._cleared.discard(int(index))
        new = _core.run_op("TensorListSetItem", [held, index, value], {"element_dtype": self._dtype})[0]
        return self._with(new, value.shape)

    def stack(self, name=None):
        return _core.run_op("TensorListStack", [self._list, self._shape_tensor()], {"element_dtype": self._dtype})[0]

    def gather(self, indices, name=None):
        return _call("tf.gather", self.stack(), indices)

    def concat(self, name=None):
        if not self._list._symbolic:
            return _call("tf.concat", [self._read(_core.convert(i)) for i in range(int(self.size()))], 0)
        dims = self._element_shape._dims     # elements may differ in their number of rows
        shape = -1 if not dims else [-1] + [-1 if d is None else d for d in dims[1:]]
        # What was never written has the shape that all share, if that is known.
        leading = [] if not dims or dims[0] is None else _call("tf.fill", [self.size()], _core.convert(dims[0], "int64"))
        return _core.run_op("TensorListConcatV2", [self._list, _core.convert(shape, "int32"), _core.convert(leading, "int64")],
                            {"element_dtype": self._dtype})[0]

    def unstack(self, value, name=None):
        value = _core.convert(value, self._dtype)
        shape = value.shape[1:]
        dims = -1 if shape.rank is None else [-1 if d is None else d for d in shape]
        new = _core.run_op("TensorListFromTensor", [value, _core.convert(dims, "int32")], {"element_dtype": self._dtype})[0]
        return self._with(new, shape)

    def scatter(self, indices, value, name=None):
        made = self
        for i, item in zip(_core.convert(indices, "int32"), _core.convert(value, self._dtype)):
            made = made.write(i, item)
        return made

    def split(self, value, lengths, name=None):
        value = _core.convert(value, self._dtype)
        made = TensorArray(self._dtype, dynamic_size=self._dynamic, flow=self._list, infer_shape=False,
                           element_shape=self._element_shape)   # the parts may differ in length
        if _core.executing_eagerly():
            for i, part in enumerate(_call("tf.split", value, lengths)):
                made = made.write(i, part)
            return made
        dims = value.shape._dims
        shape = -1 if dims is None else [-1] + [-1 if d is None else d for d in dims[1:]]
        made._list = _core.run_op("TensorListSplit", [value, _core.convert(shape, "int32"), _call("tf.cast", lengths, "int64")],
                                  {"element_dtype": self._dtype})[0]
        return made

    def close(self, name=None):
        return None

    # ---- as a composite: it travels through loops, branches and functions as its list ----
    def _composite_parts_(self):
        return [self._list]

    def _composite_from_(self, parts):
        return self._with(parts[0])

    @property
    def _type_spec(self):
        return TensorArraySpec(self._element_shape, self._dtype, self._dynamic, self._infer)


@export("TensorArraySpec")
class TensorArraySpec(TypeSpec):
    """What a TensorArray will be."""

    def __init__(self, element_shape=None, dtype="float32", dynamic_size=False, infer_shape=True):
        self._row = (TensorShape(element_shape), as_dtype(dtype), dynamic_size, infer_shape)

    @property
    def value_type(self):
        return TensorArray

    def __eq__(self, other):
        return type(self) is type(other) and self._row == other._row

    def __hash__(self):
        return hash(self._row)

    def _component_specs_(self):
        return [TensorSpec([], "variant")]

    def _from_components_(self, parts):
        if isinstance(parts[0], TypeSpec):
            return self
        return TensorArray(self._row[1], dynamic_size=self._row[2], flow=parts[0], infer_shape=self._row[3],
                           element_shape=self._row[0])

    def __repr__(self):
        return "TensorArraySpec" + repr(self._row)
