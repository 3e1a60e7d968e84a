# In: conditions and loops over nested values. Out: tf.cond, tf.while_loop, tf.case, tf.switch_case.
from . import export, nest
from .. import _core


def _flat(structure):
    """Tensors of a structure, None where a leaf is None."""
    return [x if x is None or _core.is_tensor(x) else _core.convert(x)
            for x in nest.flatten(structure, expand_composites=True)]


@export("cond")
def cond(pred, true_fn=None, false_fn=None, name=None):
    """true_fn() if pred else false_fn(), also where pred is known only when the function runs."""
    if not callable(true_fn):
        raise TypeError(f"'true_fn' must be callable, but got {true_fn}")
    if not callable(false_fn):
        raise TypeError(f"'false_fn' must be callable, but got {false_fn}")
    if isinstance(pred, _core.VariableBase):
        pred = pred.read_value()
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
        return [_core.convert(cond(*pack(tensors)))]

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
    loop_vars = nest.map_structure(lambda x: x if not isinstance(x, (int, float, bool)) else _core.convert(x), loop_vars)
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
    return nest.map_structure(lambda x: x if x is None else _core.convert(x), loop_vars)


@export("case")
def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name="case"):
    """The function of the first predicate that holds."""
    if isinstance(pred_fn_pairs, dict):
        raise TypeError("'pred_fn_pairs' must be a list or tuple of (predicate, callable) pairs in eager mode")
    pairs = list(pred_fn_pairs)
    if default is None:
        pairs, (_, default) = pairs[:-1], pairs[-1]

    def build(rest):
        if not rest:
            return default
        pred, function = rest[0]
        return lambda: cond(pred, function, build(rest[1:]))
    return build(pairs)()


@export("switch_case")
def switch_case(branch_index, branch_fns, default=None, name="switch_case"):
    """branch_fns[branch_index](), default() where there is none."""
    table = dict(branch_fns.items() if isinstance(branch_fns, dict) else
                 enumerate(branch_fns) if callable(branch_fns[0]) else branch_fns)
    keys = sorted(table)
    if default is None:
        default = table[keys[-1]]
    index = _core.convert(branch_index)
    if not index._symbolic:
        return table.get(int(index), default)()
    return case([(index == k, table[k]) for k in keys], default)
