# In: iterators and datasets that a traced function reads. Out: ops that read them each time the function runs.
import itertools
import weakref

from . import nest
from .faults import ERRORS
from .optional import Optional
from .specs import TensorSpec, TypeSpec
from .. import _core

_numbers = itertools.count(1)
_live = weakref.WeakValueDictionary()   # number -> iterator: a trace knows iterators by their numbers
_begun = {}                             # number -> what a loop over a dataset reads; gone when the loop ends


def _host(inputs, dtypes, call):
    return _core.host_function(inputs, dtypes, call, lambda tensors: [None] * len(inputs))


def _next(number, element_spec, find):
    specs = nest.flatten(element_spec, expand_composites=True)

    def read(tensors):
        try:
            item = next(find(int(tensors[0])))
        except StopIteration:
            raise ERRORS[11](None, None, "End of sequence [Op:IteratorGetNext]") from None
        return [x for x in nest.flatten(item, expand_composites=True) if x is not None]
    leaves = _host([number], [s.dtype for s in specs], read)
    for leaf, spec in zip(leaves, specs):
        leaf.set_shape(spec.shape)
    return nest.pack_sequence_as(element_spec, leaves, expand_composites=True)


def _iterator(number):
    found = _live.get(number)
    if found is None:
        raise ERRORS[9](None, None, "the iterator that this function was given is gone; keep it while the function runs")
    return found


class Staged:
    """What makes an iterator an argument of tf.function: one trace serves all iterators over such elements."""
    _is_composite_tensor_ = True

    def _number_(self):
        number = self.__dict__.get("_pass_number")
        if number is None:
            number = self._pass_number = next(_numbers)
            _live[number] = self
        return number

    def _composite_parts_(self):
        return [_core.convert(self._number_(), "int64")]

    def _composite_from_(self, parts):
        return TracedIterator(parts[0], self.element_spec)

    @property
    def _type_spec(self):
        return IteratorSpec(self.element_spec)


class TracedIterator(Staged):
    """An iterator within a trace."""

    def __init__(self, number, element_spec):
        self._number, self.element_spec = number, element_spec

    def _composite_parts_(self):
        return [self._number]

    def __iter__(self):
        return self

    def __next__(self):
        if _core.executing_eagerly():   # a function run eagerly, or one that gave the iterator back
            return next(_iterator(int(self._number)))
        return _next(self._number, self.element_spec, _iterator)

    next = get_next = __next__

    def get_next_as_optional(self):
        """The next element, or an empty tf.experimental.Optional at the end."""
        if _core.executing_eagerly():
            return _iterator(int(self._number)).get_next_as_optional()
        specs = nest.flatten(self.element_spec, expand_composites=True)
        there, *leaves = _host([self._number], [TensorSpec([], "bool").dtype] + [s.dtype for s in specs],
                               lambda tensors: _iterator(int(tensors[0])).get_next_as_optional()._composite_parts_())
        there.set_shape([])
        for leaf, spec in zip(leaves, specs):
            leaf.set_shape(spec.shape)
        return Optional._of(there, leaves, self.element_spec)


class IteratorSpec(TypeSpec):
    """What an iterator gives."""

    def __init__(self, element_spec):
        self.element_spec = element_spec

    value_type = Staged

    def __eq__(self, other):
        return type(self) is type(other) and self.element_spec == other.element_spec

    def __hash__(self):
        return hash(repr(self.element_spec))

    def is_compatible_with(self, value):
        return getattr(value, "element_spec", None) == self.element_spec

    def _component_specs_(self):
        return [TensorSpec([], "int64")]

    def _from_components_(self, parts):
        return self if isinstance(parts[0], TypeSpec) else TracedIterator(parts[0], self.element_spec)

    def __repr__(self):
        return f"IteratorSpec({self.element_spec!r},)"


class _Ahead:
    """An iterator that can say whether there is more."""

    def __init__(self, dataset):
        self._rest, self._held = iter(dataset), []

    def more(self):
        if not self._held:
            self._held = list(itertools.islice(self._rest, 1))
        return bool(self._held)

    def __next__(self):
        return self._held.pop() if self._held else next(self._rest)


def loop(dataset, state, step, more, cond, while_loop):
    """step(state, element) for the elements of a dataset or an iterator while more(state), reading no further than that."""
    int64 = TensorSpec([], "int64").dtype
    staged = isinstance(dataset, Staged)
    source = dataset._composite_parts_() if staged else dataset._inputs_()

    def begin(tensors):
        number = next(_numbers)
        _begun[number] = _Ahead(_iterator(int(tensors[0])) if staged else dataset._with_inputs_(tensors) if tensors else dataset)
        return [_core.convert(number, "int64")]

    def has_more(number):
        out = _host([number], [_core.convert(True).dtype], lambda t: [_core.convert(_begun[int(t[0])].more())])[0]
        out.set_shape([])
        return out

    def end(tensors):
        del _begun[int(tensors[0])]
        return [tensors[0]]
    number = _host(source, [int64], begin)[0]
    number.set_shape([])
    number, state = while_loop(
        lambda n, s: has_more(n) if more is None else cond(more(s), lambda: has_more(n), lambda: _core.convert(False)),
        lambda n, s: (n, step(s, _next(n, dataset.element_spec, _begun.__getitem__))), (number, state))
    _host([number], [int64], end)
    return state
