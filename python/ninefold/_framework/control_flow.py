# In: conditions and loops over nested values. Out: tf.cond, tf.while_loop, tf.case, tf.switch_case.
import collections

from . import export, nest
from .faults import ERRORS
from .. import _core


def _flat(structure):
    """Tensors of a structure, None where a leaf is None."""
    return [x if x is None or _core.is_tensor(x) else _core.convert(x)
            for x in nest.flatten(structure, expand_composites=True)]


@export("cond")
def cond(pred, true_fn=None, false_fn=None, name=None):
    """true_fn() if pred else false_fn(), also where pred is known only when the function runs."""
    if true_fn is None:
        raise TypeError("cond(): 'true_fn' argument required")
    if false_fn is None:
        raise TypeError("cond(): 'false_fn' argument required")
    if not callable(true_fn):
        raise TypeError("'true_fn' must be callable.")
    if not callable(false_fn):
        raise TypeError("'false_fn' must be callable.")
    if isinstance(pred, _core.VariableBase):
        pred = pred.read_value()
    if pred is None:
        raise ValueError("Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.")
    if not _core.is_symbolic(pred):
        return true_fn() if pred else false_fn()
    results = []

    def branch(function):
        def run(_):
            results.append(function())
            flat = _flat(results[-1])
            if len(results) == 2:
                _compare(results)
            return [t for t in flat if t is not None]
        return run
    out = iter(_core.cond(pred, branch(true_fn), branch(false_fn)))
    leaves = nest.flatten(results[0], expand_composites=True)
    return nest.pack_sequence_as(results[0], [None if x is None else next(out) for x in leaves],
                                 expand_composites=True)


def _compare(results):
    try:
        nest.assert_same_structure(results[0], results[1], expand_composites=True)
    except (ValueError, TypeError):
        raise TypeError(
            "true_fn and false_fn arguments to tf.cond must have the same number, type, and overall "
            f"structure of return values.\n\ntrue_fn output:  {results[0]}\nfalse_fn output: {results[1]}") from None
    for a, b in zip(_flat(results[0]), _flat(results[1])):
        if (a is None) != (b is None) or a is not None and a.dtype != b.dtype:
            raise TypeError("true_fn and false_fn arguments to tf.cond must have the same number, type, and "
                            "overall structure of return values.\n\n"
                            f"true_fn output:  {results[0]}\nfalse_fn output: {results[1]}")


@export("while_loop")
def while_loop(cond, body, loop_vars, shape_invariants=None, parallel_iterations=10, back_prop=True,
               swap_memory=False, maximum_iterations=None, name=None):
    """body over loop_vars while cond holds."""
    if not callable(cond):
        raise TypeError("'cond' must be callable.")
    if not callable(body):
        raise TypeError("'body' must be callable.")
    if not loop_vars:
        raise ValueError("'loop_vars' must be provided.")
    one = not isinstance(loop_vars, (list, tuple))
    if one:
        loop_vars = [loop_vars]
    if _core.executing_eagerly():
        return _eager_while(cond, body, loop_vars, maximum_iterations)
    flat = [_core.convert(x) for x in nest.flatten(loop_vars, expand_composites=True)]
    structure = loop_vars

    def pack(tensors):
        return nest.pack_sequence_as(structure, tensors, expand_composites=True)

    def test(tensors):
        out = [x for x in _flat(cond(*pack(tensors))) if x is not None]
        if len(out) != 1:
            raise AssertionError(f"cond_graph has {len(out)} outputs; Expected: 1")
        return out

    def step(tensors):
        out = body(*pack(tensors))
        if len(structure) == 1 and not (isinstance(out, (list, tuple)) and not nest.is_nested(structure[0])) \
                or not isinstance(out, (list, tuple)):
            out = [out] if len(structure) == 1 else out
        nest.assert_same_structure(list(structure), list(out), expand_composites=True)
        return [_core.convert(x, t.dtype if not _core.is_tensor(x) else None)
                for x, t in zip(nest.flatten(out, expand_composites=True), tensors)]
    invariants = []
    if shape_invariants is not None:
        leaves = nest.flatten_up_to(structure, shape_invariants)
        invariants = [t.shape if i is None else getattr(i, "shape", i) for i, t in zip(leaves, flat)]
    limit = -1 if maximum_iterations is None else maximum_iterations
    if _core.is_tensor(limit):
        return _limited(cond, body, loop_vars, shape_invariants, limit)
    result = pack(_core.while_loop(test, step, flat, int(limit), invariants))
    return result[0] if one else result


def _limited(cond, body, loop_vars, shape_invariants, limit):
    """A limit that is a tensor counts along as a loop variable."""
    result = while_loop(lambda i, v: _core.function_named("tf.logical_and")(i < limit, cond(*v)),
                        lambda i, v: (i + 1, _as_list(body(*v))), [_core.convert(0), _as_list(loop_vars)],
                        None if shape_invariants is None else [[], list(shape_invariants)])
    return result[1]


def _as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def _eager_while(cond, body, loop_vars, maximum_iterations):
    single = len(loop_vars) == 1
    count = 0
    while cond(*loop_vars):
        if maximum_iterations is not None and count >= int(maximum_iterations):
            break
        count += 1
        out = body(*loop_vars)
        if single and not isinstance(out, (list, tuple)):
            out = (out,)
        nest.assert_same_structure(list(loop_vars), list(out), check_types=False)
        loop_vars = out
    return nest.map_structure(lambda x: x if x is None or hasattr(type(x), "_is_composite_tensor_") else _core.convert(x), loop_vars)


def _pairs(pred_fn_pairs, name, exclusive):
    if isinstance(pred_fn_pairs, dict):
        if not exclusive and _core.executing_eagerly() and type(pred_fn_pairs) is not collections.OrderedDict:
            raise ValueError("Unordered dictionaries are not supported for the 'pred_fn_pairs' argument when "
                             "`exclusive=False` and eager mode is enabled.")
        pred_fn_pairs = [(key.deref() if hasattr(key, "deref") else key, f) for key, f in pred_fn_pairs.items()]
    if not isinstance(pred_fn_pairs, (list, tuple)):
        raise TypeError(f"'pred_fn_pairs' must be a list, tuple, or dict. Received: {type(pred_fn_pairs)}")
    if not pred_fn_pairs:
        raise ValueError(f"{name}: 'pred_fn_pairs' must hold at least one (predicate, callable) pair")
    pairs = []
    for pair in pred_fn_pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'pred_fn_pairs' must be a 2-tuple. Received {pair}.")
        pred, function = pair
        if not callable(function):
            raise TypeError(f"Each function in 'pred_fn_pairs' must be callable. Received {function}.")
        pred = _core.convert(pred)
        if pred.dtype.name != "bool":
            raise TypeError(f"pred must be of type bool: {pred!s}")
        pairs.append((pred, function))
    return pairs


@export("case")
def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name="case"):
    """The function of the first predicate that holds, else `default`.

    Raises InvalidArgumentError if none holds and there is no default, or, in a tf.function with `exclusive`, if
    more than one holds.
    """
    pairs = _pairs(pred_fn_pairs, name, exclusive)
    if default is not None and not callable(default):
        raise TypeError(f"'default' must be callable. Received {default}.")
    preds = [pred for pred, _ in pairs]
    eager = not any(pred._symbolic for pred in preds)
    if eager:
        for pred, function in pairs:
            if pred:
                return function()
        if default is not None:
            return default()
        raise ERRORS[3](None, None, f"Expected '{preds[-1]!s}' to be true. Summarized data: b'Input error: None of "
                        "conditions evaluated as True:'\n" + "\n".join(str(bool(p.numpy())) for p in preds))
    call = _core.function_named
    stacked = call("tf.stack")(preds)
    if exclusive:
        names = ", ".join(_core.symbol_name(p) if p._symbolic else str(p) for p in preds)
        count = call("tf.reduce_sum")(call("tf.cast")(stacked, "int32"))
        _core.run_op("Assert", [count < 2, _core.convert(
            f"Input error: exclusive=True: more than 1 conditions ({names}) evaluated as True:"), stacked], {})
    if default is None:
        _core.run_op("Assert", [call("tf.reduce_any")(stacked), _core.convert(
            "Input error: None of conditions evaluated as True:"), stacked], {})
        pairs, (_, default) = pairs[:-1], pairs[-1]

    def build(rest):
        if not rest:
            return default
        pred, function = rest[0]
        return lambda: cond(pred, function, build(rest[1:]))
    return build(pairs)()


@export("switch_case")
def switch_case(branch_index, branch_fns, default=None, name="switch_case"):
    """branch_fns[branch_index](), default() (without one the last) for an index that there is not."""
    if not _core.is_tensor(branch_index):
        raise TypeError(f"'branch_index' must be a Tensor, got {type(branch_index)}")
    if not branch_index.dtype.is_integer:
        raise TypeError(f"'branch_index' must be an integer Tensor, got {branch_index.dtype!s}")
    if not branch_fns:
        raise ValueError("Must provide at least one item in 'branch_fns'")
    if not isinstance(branch_fns, (list, tuple, dict)):
        raise TypeError(f"'branch_fns' must be a list, tuple, or dict. Received {type(branch_fns)}")
    if isinstance(branch_fns, dict):
        items = list(branch_fns.items())
    else:
        items = list(enumerate(branch_fns)) if all(callable(f) for f in branch_fns) else list(branch_fns)
    for item in items:
        if not isinstance(item, tuple) or len(item) != 2:
            raise TypeError(f"Each entry in 'branch_fns' must be a 2-tuple. Received {item}.")
        if not isinstance(item[0], int):
            raise TypeError(f"key must be a Python `int`, got {type(item[0])} {item[0]!r}")
        if not callable(item[1]):
            raise TypeError(f"fn for key {item[0]} must be callable.")
    keys = sorted(key for key, _ in items)
    if keys != list(range(len(keys))):
        raise ValueError(f"branch indices (keys) must form contiguous range of [0 to {len(keys)}) but found "
                         f"{{{','.join(map(str, keys))}}}")
    table = dict(items)
    if default is None:
        default = table[keys[-1]]
    elif not callable(default):
        raise TypeError("'default' must be callable.")
    if not branch_index._symbolic:
        return table.get(int(branch_index), default)()
    return case([(branch_index == k, table[k]) for k in keys], default)
