# In: a dataset. Out: the stages of tf.data.Dataset that depend on what came before, on chance or on several datasets.
from .._core import data as core
from .._framework import nest
from . import late


def _autograph(function):
    from ..autograph import convert
    return convert(function)


def components(value):
    """The tensors of a nest."""
    return nest.flatten(value, expand_composites=True)


class Stages:
    """Further methods of tf.data.Dataset."""

    def scan(self, initial_state, scan_func, name=None):
        """scan_func(state, element) -> (new state, element): what it gives of each element, and the state goes on."""
        from .dataset import Dataset, as_nest
        state, form = as_nest(initial_state), []

        def step(state_leaves, leaves):
            made = _autograph(scan_func)(nest.pack_sequence_as(state, state_leaves, expand_composites=True), self._packed(leaves))
            if not isinstance(made, (tuple, list)) or len(made) != 2:
                from .._framework.specs import type_spec_from_value
                raise TypeError("Invalid `scan_func`. `scan_func` should return a pair consisting of new state and the output value but its "
                                f"return type is {nest.map_structure(type_spec_from_value, made)}.")
            after, result = as_nest(made[0]), as_nest(made[1])
            form[:] = [result]
            return [components(after), components(result)]

        handle = core.scan(self._handle, components(state), step)
        return Dataset._over(handle, form[0], (self, step))

    def unique(self, name=None):
        """The elements without those that came before."""
        return self._same(core.unique(self._handle))

    def get_single_element(self, name=None):
        """The one element. Raises InvalidArgumentError if there is none, or more than one."""
        if late.all_of(self):
            return late.single_element(self)
        return self._packed(core.single_element(self._handle))

    @staticmethod
    def choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset=True):
        """The next element of the dataset whose number choice_dataset gives."""
        from .dataset import Dataset
        _same_nests(datasets)
        choice = choice_dataset.element_spec
        if not nest.is_nested(choice):
            handle = core.choose_from([d._handle for d in datasets], choice_dataset._handle, bool(stop_on_empty_dataset))
            return Dataset._over(handle, datasets[0]._spec, (choice_dataset, *datasets))
        raise TypeError("Invalid `choice_dataset`. Elements of `choice_dataset` must be scalar `tf.int64` tensors but are "
                        f"{choice}.")

    @staticmethod
    def sample_from_datasets(datasets, weights=None, seed=None, stop_on_empty_dataset=False):
        """Elements of datasets that chance chooses, with these weights; TensorFlow's choice for a seed."""
        from .. import _core, convert_to_tensor, ones
        from .dataset import Dataset
        _same_nests(datasets)
        datasets = list(datasets)
        if isinstance(weights, Dataset):
            weighed = weights.map(lambda *w: convert_to_tensor(w))._handle
        elif weights is None:
            weighed = ones([len(datasets)])
        else:
            if not _core.is_tensor(weights):
                if len(weights) != len(datasets):
                    raise ValueError("Invalid `weights`. `weights` should have the same length as `datasets` but got "
                                     f"`len(weights)={len(weights)}` vs. `len(datasets)={len(datasets)}`.")
                chosen = [(d, w) for d, w in zip(datasets, weights) if w > 0] or [(datasets[0].take(0), 1.)]
                datasets, weights = [d for d, _ in chosen], [w for _, w in chosen]
            weighed = convert_to_tensor(weights)
        if len(datasets) == 1 and not isinstance(weights, Dataset):
            return datasets[0]
        handle = core.sample_from([d._handle for d in datasets], weighed, None if seed is None else int(seed), bool(stop_on_empty_dataset))
        return Dataset._over(handle, datasets[0]._spec, (weights if isinstance(weights, Dataset) else None, *datasets))

    def rejection_resample(self, class_func, target_dist, initial_dist=None, seed=None, name=None):
        """(class, element) in such shares of classes as target_dist says; class_func gives the class of an element.

        Without initial_dist the shares that there are, are estimated from the elements as they come.
        """
        from .. import cast, constant, convert_to_tensor, fill, float32, gather, int64, math, one_hot, random, reduce_sum, tile
        from .dataset import Dataset
        target = convert_to_tensor(target_dist)

        def class_of(element):
            return class_func(*element) if type(element) is tuple else class_func(element)

        def with_class(*element):
            return class_func(*element), element[0] if len(element) == 1 else element

        def shares(initial):
            """(the share of each class that is kept, the share of elements that need no choice)."""
            ratio = target / (initial + initial.dtype.as_numpy_dtype(_tiny(initial.dtype)))
            least = math.reduce_min(ratio)
            return (ratio - least) / (math.reduce_max(ratio) - least), least

        if initial_dist is not None:
            initial = convert_to_tensor(initial_dist)
            kept, whole = shares(initial)
            keeping, original = Dataset.from_tensors(kept).repeat(), Dataset.from_tensors(whole).repeat()
            all_kept = float((target.numpy() / initial.numpy()).min())
        else:
            classes = target.shape[0]

            def estimated(seen, batch):
                seen = seen + reduce_sum(one_hot(batch, classes, dtype=int64), 0)
                return seen, tile([cast(seen / reduce_sum(seen), float32)], [32, 1])
            found = self.map(class_func).batch(32).scan(fill([classes], constant(10, int64)), estimated).unbatch().map(shares)
            keeping, original, all_kept = found.map(lambda kept, whole: kept), found.map(lambda kept, whole: whole), None

        def judged(kept, element):
            number = class_of(element)
            return number, gather(kept, number), element
        chosen = Dataset.zip((keeping, self)).map(judged).filter(
            lambda number, kept, element: random.uniform([], seed=seed, dtype=kept.dtype) < kept)
        chosen = chosen.map(lambda number, kept, element: (number, element)).prefetch(3)
        if all_kept == 1:
            return self.map(with_class)
        if all_kept == 0:
            return chosen
        return Dataset.sample_from_datasets([self.map(with_class), chosen], original.map(lambda whole: [(whole, 1. - whole)]), seed, True)

    @staticmethod
    def list_files(file_pattern, shuffle=None, seed=None, name=None):
        """The names of the files that match, in random order unless shuffle is False."""
        from .. import convert_to_tensor, debugging, io, strings
        from .dataset import Dataset
        pattern = convert_to_tensor(file_pattern, "string")
        found = io.matching_files(pattern)
        debugging.Assert(convert_to_tensor(found.shape[0] > 0), ["No files matched pattern: " + strings.reduce_join(pattern, separator=", ")], summarize=1)
        dataset = Dataset.from_tensor_slices(found)
        return dataset if shuffle is False else dataset.shuffle(max(int(found.shape[0]), 1), seed)


def _tiny(dtype):
    import numpy as np
    return np.finfo(dtype.as_numpy_dtype).tiny


def _same_nests(datasets):
    if not datasets:
        raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
    for dataset in datasets:
        try:
            nest.assert_same_structure(datasets[0]._spec, dataset._spec)
        except (TypeError, ValueError) as fault:
            raise TypeError("Invalid `datasets`. `datasets` must have compatible element specs.") from fault
