# In: data to learn from. Out: what classes of preprocessing layers have besides Layer's: adapt().
from .._core import keras as core
from .layer import Layer


class Preprocessing(Layer):
    """A layer that learns from data before training."""

    def adapt(self, data, batch_size=None, steps=None):
        """Forgets what it knows and learns from arrays, in batches, or from a dataset of batches."""
        from . import data as forms
        if not hasattr(data, "element_spec"):
            core.adapt(self._handle, forms.arrays(data), batch_size, steps)
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
