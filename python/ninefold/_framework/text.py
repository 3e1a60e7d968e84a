# In: tensors. Out: what str() and repr() show of them, as TensorFlow prints them.
import numpy as np


def _value_text(tensor, form):
    if tensor.dtype.name == "resource":
        return "<unprintable>"
    if tensor.dtype.name == "variant":
        return "<TensorList>"
    value = tensor.numpy()
    if tensor.shape.rank == 0:
        text = _scalar_text(value)
    else:
        text = form(value)
        if tensor.dtype.name == "bfloat16":
            text = text.replace("dtype=float32", "dtype=bfloat16")
    return "\n" + text if "\n" in text else text


def _scalar_text(value):
    # NumPy 2 writes np.float32(1.5); TensorFlow's texts are those of NumPy 1.
    if isinstance(value, np.generic):
        return str(value.item()) if isinstance(value, (np.bool_, np.complexfloating)) else str(value)
    return repr(value)


def tensor_repr(tensor):
    if tensor._symbolic:
        return f"<tf.Tensor '{tensor.name}' shape={tensor.shape} dtype={tensor.dtype.name}>"
    return f"<tf.Tensor: shape={tensor.shape}, dtype={tensor.dtype.name}, numpy={_value_text(tensor, repr)}>"


def tensor_str(tensor):
    if tensor._symbolic:
        shape = f", shape={tensor.shape}" if tensor.shape.rank is not None else ""
        return f'Tensor("{tensor.name}"{shape}, dtype={tensor.dtype.name})'
    return f"tf.Tensor({_value_text(tensor, str)}, shape={tensor.shape}, dtype={tensor.dtype.name})"


def value_repr(tensor):
    """The part after numpy= of a variable's repr."""
    if tensor.shape.rank == 0 and tensor.dtype.name != "resource":
        return _scalar_text(tensor.numpy())
    if tensor.dtype.name in ("resource", "variant"):
        return "<unprintable>"
    text = repr(tensor.numpy())
    return "\n" + text if "\n" in text else text
