# In: data to learn from. Out: what classes of preprocessing layers have besides Layer's: adapt(), vocabularies.
from .._core import keras as core
from .layer import Layer


class Preprocessing(Layer):
    """A layer that learns from data before training."""

    def adapt(self, data, batch_size=None, steps=None):
        """Forgets what it knows and learns from arrays, in batches, or from a dataset of batches."""
        from . import data as forms
        if not hasattr(data, "element_spec"):
            whole = getattr(data, "_is_composite_tensor_", False)      # a ragged or sparse tensor: one batch
            core.adapt(self._handle, data if whole else forms.arrays(data), batch_size, steps)
            return
        if batch_size is not None:
            raise ValueError("The `batch_size` argument must not be specified for the given input type. Received "
                             "input: {}, batch_size: {}".format(data, batch_size))
        seen = 0
        if self.built:
            self.reset_state()
        for batch in data:
            if not self.built:
                self.build((None,) + tuple(batch.shape)[1:])
                self.built = True
            self.update_state(batch)
            seen += 1
            if seen == steps:
                break
        self.finalize_state()

    def reset_state(self):
        core.adapt_step(self._handle, "reset", None)

    def update_state(self, data):
        core.adapt_step(self._handle, "update", data)

    def finalize_state(self):
        core.adapt_step(self._handle, "finalize", None)


class Vocabulary(Preprocessing):
    """A layer that knows terms by their places in a vocabulary."""

    # The fields that may be callables, which the engine calls by these names.
    _methods = ("standardize", "split")

    def _construct(self, config):
        given = {name: config[name] for name in self._methods if callable(config.get(name))}
        super()._construct(config)
        for name, function in given.items():
            self._handle.override(name, function)

    def get_vocabulary(self, include_special_tokens=True):
        """All terms in order, with the mask and the OOV tokens in front unless they are not wanted."""
        return core.vocabulary(self._handle, bool(include_special_tokens))

    def vocabulary_size(self):
        """How many terms there are, mask and OOV tokens included."""
        return core.vocabulary_size(self._handle)

    def set_vocabulary(self, vocabulary, idf_weights=None):
        """Replaces the terms: a list, an array, or the name of a file with one a line; `idf_weights`, one a term, of
        output_mode "tf_idf" only."""
        core.set_vocabulary(self._handle, vocabulary, idf_weights)
