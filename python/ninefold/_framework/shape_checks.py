# In: tensors, and what their shapes and types should be. Out: the checks of tf.debugging that go through lists.
import numpy as np

from . import export
from .. import _core


def _shown(tensor):
    name = getattr(tensor, "name", None) if not _core.executing_eagerly() else None
    return name or f"shape={tuple(tensor.shape)} dtype={tensor.dtype.name}"


def _number(size):
    """A size that is said, or a letter that stands for one."""
    return int(size) if isinstance(size, (int, np.integer)) or str(size).isdigit() else None


@export("debugging.assert_shapes")
def assert_shapes(shapes, data=None, summarize=None, message=None, name=None):
    """Checks shapes that share sizes: [(tensor, ("N", 3)), ...]; a dict will do. Raises ValueError.

    A number is a size; the same letter is the same size everywhere; None or "." is any. A leading "..." or "*"
    stands for any number of dimensions.
    """
    call, known = _core.function_named, {}
    start = f"{message}.  " if message else ""
    for tensor, symbols in list(shapes.items() if isinstance(shapes, dict) else shapes):
        if hasattr(tensor, "deref"):
            tensor = tensor.deref()
        tensor = tensor if hasattr(tensor, "shape") and hasattr(tensor, "dtype") and not isinstance(
            tensor, np.ndarray) else _core.convert(tensor)
        symbols = list(symbols) if isinstance(symbols, (str, list, tuple)) else [symbols]
        if "".join(map(str, symbols[:3])) == "..." and len(symbols) > 2 and symbols[0] == ".":
            symbols = ["..."] + symbols[3:]
        for i, symbol in enumerate(symbols):
            if symbol in ("...", "*") and i:
                raise ValueError(f"{start}Tensor {_shown(tensor)} specified shape index {i}.  Symbol `...` or `*` for a "
                                 "variable number of unspecified dimensions is only allowed as the first entry")
        open_front = bool(symbols) and symbols[0] in ("...", "*")
        symbols = symbols[1:] if open_front else symbols
        rank = len(symbols)
        if open_front and rank > 1:
            call("tf.debugging.assert_rank_at_least")(tensor, rank, message=message)
        elif not open_front:
            if rank > 1:
                call("tf.debugging.assert_rank")(tensor, rank, message=message)
            else:
                call("tf.debugging.assert_rank_in")(tensor, [0, 1], message=message)
        if tensor.shape.rank is None:
            sizes = None
        else:
            sizes = tensor.shape.as_list() if tensor.shape.rank or not rank else [1]
        for i, symbol in enumerate(symbols):
            if symbol is None or symbol == ".":
                continue
            at = i - rank if open_front else i
            if open_front and rank < 2 and sizes is not None and not sizes:
                continue
            actual = sizes[at] if sizes is not None else None
            if actual is None:
                actual = call("tf.shape")(tensor)[at]
            wanted, said = _number(symbol), "Specified explicitly"
            if wanted is None:
                if symbol not in known:
                    known[symbol] = (actual, tensor, at)
                    continue
                wanted, by, where = known[symbol]
                said = f"Specified by tensor {_shown(by)} dimension {where}"
            if isinstance(actual, int) and isinstance(wanted, int):
                if actual != wanted:
                    raise ValueError(f"{start}{said}.  Tensor {_shown(tensor)} dimension {at} must have size {wanted}.  "
                                     f"Received size {actual}, shape {tensor.shape}")
                continue
            call("tf.debugging.Assert")(call("tf.equal")(actual, wanted), data if data is not None else [
                start, said, f"Tensor {_shown(tensor)} dimension", at, "must have size", wanted, "Received shape: ",
                call("tf.shape")(tensor)], summarize=summarize)


@export("debugging.assert_proper_iterable")
def assert_proper_iterable(values):
    """Raises TypeError for tensors, arrays, texts, and what cannot be gone through."""
    if _core.is_tensor(values) or isinstance(values, (np.ndarray, str, bytes)) or hasattr(type(values), "_is_composite_tensor_"):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


@export("debugging.assert_same_float_dtype")
def assert_same_float_dtype(tensors=None, dtype=None):
    """The dtype that all tensors have, float32 if there are none. Raises ValueError if they differ or are no floats."""
    from .dtypes import as_dtype
    wanted, first = (as_dtype(dtype) if dtype is not None else None), None
    for tensor in tensors or ():
        if wanted is None:
            wanted, first = tensor.dtype, tensor
        elif tensor.dtype != wanted:
            same = f" as {first!s}" if first is not None else ""
            raise ValueError(f"{tensor!s}, type={tensor.dtype!s}, must be of the same type ({wanted!s}){same}.")
    wanted = wanted or as_dtype("float32")
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted!s}.")
    return wanted
