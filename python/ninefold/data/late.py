# In: datasets whose parts are symbolic tensors, within a traced function. Out: the same as pipelines over late datasets of the
# engine (include/ninefold/data.h), and the ops that read them when the function runs.
from .. import _core
from .._core import data as core
from .._framework import nest, passes, staging
from .._framework.specs import TensorSpec


def symbolic(*values):
    """Whether some leaf is a tensor of a trace."""
    return any(_core.is_tensor(leaf) and leaf._symbolic for leaf in nest.flatten(list(values), expand_composites=True))


class Late:
    """What a late dataset of the engine is when the function runs: make(tensors), of the values of `inputs`."""

    def __init__(self, handle, inputs, make):
        self.handle, self.inputs, self.make = handle, inputs, make


def handle_of(spec, inputs, make):
    """(a handle of elements like `spec`, what becomes of it)."""
    leaves = [s for s in nest.flatten(spec, expand_composites=True)]
    handle = core.late([(s.shape, s.dtype) for s in leaves])
    return handle, Late(handle, [_core.convert(x) for x in inputs], make)


def all_of(dataset):
    """The late datasets that a pipeline stands on."""
    found, waiting, seen = [], [dataset], set()
    while waiting:
        at = waiting.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        if at._late is not None:
            found.append(at._late)
        waiting += [before for before in at._hold if hasattr(before, "_late")]
    return found


def inputs_of(dataset):
    return [x for late in all_of(dataset) for x in late.inputs]


def truth(dataset, tensors):
    """The handle of the pipeline for these values of its inputs."""
    lates, at, made = all_of(dataset), 0, []
    for late in lates:
        made.append(late.make(tensors[at:at + len(late.inputs)]))
        at += len(late.inputs)
    return core.bound(dataset._handle, [late.handle for late in lates], made) if lates else dataset._handle


def _host(dataset, specs, read):
    inputs = inputs_of(dataset)
    out = _core.host_function(inputs, [s.dtype for s in specs], lambda tensors: read(truth(dataset, tensors)),
                              lambda tensors: [None] * len(inputs))
    for leaf, spec in zip(out, specs):
        leaf.set_shape(spec.shape)
    return out


def variant(dataset):
    """The dataset as a tensor of the trace."""
    return _host(dataset, [TensorSpec([], "variant")], lambda handle: [core.to_variant(handle)])[0]


def cardinality(dataset):
    return _host(dataset, [TensorSpec([], "int64")], lambda handle: [_core.convert(core.cardinality(handle), "int64")])[0]


def single_element(dataset):
    specs = nest.flatten(dataset.element_spec, expand_composites=True)
    return nest.pack_sequence_as(dataset.element_spec, _host(dataset, specs, core.single_element), expand_composites=True)


def reduce(dataset, state, step):
    """step(state, element) over the elements, as a loop of the trace."""
    return passes.loop(dataset, state, step, None, staging.cond, staging.while_loop)
