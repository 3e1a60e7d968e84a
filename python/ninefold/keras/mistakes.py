# In: a layer's arguments as users give them. Out: nothing, or Keras' errors where the engine, which is given numbers of one
# type, could no longer tell what was given.
import re

_SIZES = ("kernel_size", "strides", "dilation_rate", "pool_size", "size")      # one an axis, in Keras' order
_SIDES = {"padding": ("pad", "ZeroPadding"), "cropping": ("crop", "Cropping")}
_ORDINAL = ("1st", "2nd", "3rd")


def _tuple(value, count, name):
    """As conv_utils.normalize_tuple: raises ValueError unless the value is an int, or `count` of what int() takes."""
    text = f"The `{name}` argument must be a tuple of {count} integers. Received: {value}"
    if isinstance(value, int):
        return
    try:
        items = tuple(value)
    except TypeError:
        raise ValueError(text) from None
    if len(items) != count:
        raise ValueError(text)
    for item in items:
        try:
            int(item)
        except (ValueError, TypeError):
            raise ValueError(f"{text}including element {item} of type {type(item)}") from None


def _sides(value, rank, field, short):
    """What stands before and after each axis."""
    if rank == 1:
        return _tuple(value, 2, field)
    if isinstance(value, int):
        return None
    if hasattr(value, "__len__"):
        if len(value) != rank:
            raise ValueError(f"`{field}` should have {'two' if rank == 2 else '3'} elements. Received: {value}.")
        for item, which in zip(value, _ORDINAL):
            _tuple(item, 2, f"{which} entry of {field}")
        return None
    if rank == 2:
        forms = (f"(symmetric_height_{short}, symmetric_width_{short})",
                 f"((top_{short}, bottom_{short}), (left_{short}, right_{short}))")
    else:       # Keras writes dim2 for the last one
        forms = (f"(symmetric_dim1_{short}, symmetric_dim2_{short}, symmetric_dim3_{short})",
                 f"((left_dim1_{short}, right_dim1_{short}), (left_dim2_{short}, right_dim2_{short}), "
                 f"(left_dim3_{short}, right_dim2_{short}))")
    raise ValueError(f"`{field}` should be either an int, a tuple of {rank} ints {forms[0]}, or a tuple of {rank} tuples of 2 ints "
                     f"{forms[1]}. Received: {value}.")


def _layer_of_windows(name, rank, config):
    filters = config.get("filters")
    if filters is not None and not isinstance(filters, float):
        filters <= 0        # noqa: B015   Python's own error for a text
    for field in _SIZES:
        if field in config and not (field == "strides" and config[field] is None and "Pooling" in name):
            _tuple(config[field], rank, field)


def check(record, config):
    """Raises what Keras raises for these arguments of a layer of that record."""
    name = record["names"][0]
    if name == "InputLayer":
        known = {field[0] for field in record["fields"]} | {"batch_input_shape"}
        unknown = [key for key in config if key not in known]
        if unknown:
            raise ValueError(f"Unrecognized keyword arguments: {unknown}")
    elif name == "Dense":
        int(config.get("units", 1))     # Python's own error for what is no number
    else:
        rank = re.search(r"([123])D", name)
        if rank is None or "Global" in name:
            return
        rank = int(rank[1])
        for field, (short, prefix) in _SIDES.items():
            if name.startswith(prefix) and field in config:
                _sides(config[field], rank, field, short)
        if re.match(r"(Separable|Depthwise)?Conv|(Max|Average)Pooling|UpSampling[23]", name):
            _layer_of_windows(name, rank, config)
