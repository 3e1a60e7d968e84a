# In: a function that makes a compiled model, and settings for it, fit, predict and evaluate. Out: estimators as scikit-learn uses them.
import copy
import inspect
import warnings

import numpy as np

from ..losses import CategoricalCrossentropy
from ..model import Sequential
from ..utils import to_categorical


def _takes(function, name):
    """Whether a function has an argument of that name."""
    return name in inspect.signature(function).parameters


def _is_categorical(loss):
    return isinstance(loss, CategoricalCrossentropy) or getattr(loss, "__name__", loss) == "categorical_crossentropy"


class BaseWrapper:
    """build_fn(**settings) makes the model; each setting goes to whichever of build_fn, fit, predict and evaluate takes it.

    Without build_fn a subclass's __call__ makes it. Raises ValueError for a setting that none takes.
    """

    def __init__(self, build_fn=None, **sk_params):
        self.build_fn, self.sk_params = build_fn, sk_params
        self.check_params(sk_params)

    @property
    def _build(self):
        """What makes the model, as a function or method whose arguments can be asked for."""
        if self.build_fn is None:
            return self.__call__
        return self.build_fn if inspect.isroutine(self.build_fn) else self.build_fn.__call__

    def check_params(self, params):
        for name in params:
            if name != "nb_epoch" and not any(_takes(function, name) for function in (
                    Sequential.fit, Sequential.predict, Sequential.evaluate, self._build)):
                raise ValueError(f"{name} is not a legal parameter")

    def get_params(self, **params):
        """A copy of the settings, with build_fn."""
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params):
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def filter_sk_params(self, fn, override=None):
        """The settings that a function takes, and what `override` says instead."""
        return {**{name: value for name, value in self.sk_params.items() if _takes(fn, name)}, **(override or {})}

    def fit(self, x, y, **kwargs):
        """Makes a model anew and trains it; returns its History."""
        self.model = self._build(**self.filter_sk_params(self._build))
        if _is_categorical(self.model.loss) and len(y.shape) != 2:
            y = to_categorical(y)
        return self.model.fit(x, y, **{**copy.deepcopy(self.filter_sk_params(Sequential.fit)), **kwargs})


def _deprecated(name):
    warnings.warn(f"{name} is deprecated, use Sci-Keras (https://github.com/adriangb/scikeras) instead. See "
                  "https://www.adriangb.com/scikeras/stable/migration.html for help migrating.", DeprecationWarning, stacklevel=3)


class KerasClassifier(BaseWrapper):
    """A classifier; its labels are of any type."""

    def __init__(self, build_fn=None, **sk_params):
        _deprecated("KerasClassifier")
        super().__init__(build_fn, **sk_params)

    def fit(self, x, y, **kwargs):
        """y: [n] or [n, 1] labels, or [n, classes] rows. Raises ValueError for other shapes."""
        y = np.array(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        elif y.ndim == 1 or y.ndim == 2 and y.shape[1] == 1:
            self.classes_ = np.unique(y)
            y = np.searchsorted(self.classes_, y)
        else:
            raise ValueError("Invalid shape for y: " + str(y.shape))
        self.n_classes_ = len(self.classes_)
        return super().fit(x, y, **kwargs)

    def predict(self, x, **kwargs):
        """The label of each row."""
        said = self.model.predict(x, **kwargs)
        return self.classes_[said.argmax(axis=-1) if said.shape[-1] > 1 else (said > 0.5).astype("int32")]

    def predict_proba(self, x, **kwargs):
        """[n, classes]: how likely each label is; of two classes a model may say the second one's only."""
        said = self.model.predict(x, **kwargs)
        return np.hstack([1 - said, said]) if said.shape[1] == 1 else said

    def score(self, x, y, **kwargs):
        """The accuracy. Raises ValueError for a model that was not compiled with it."""
        y = np.searchsorted(self.classes_, y)
        if getattr(self.model.loss, "__name__", self.model.loss) == "categorical_crossentropy" and len(y.shape) != 2:
            y = to_categorical(y)
        found = self.model.evaluate(x, y, **self.filter_sk_params(Sequential.evaluate, kwargs))
        for name, value in zip(self.model.metrics_names, found if isinstance(found, list) else [found]):
            if name in ("accuracy", "acc"):
                return value
        raise ValueError('The model is not configured to compute accuracy. You should pass `metrics=["accuracy"]` to the '
                         "`model.compile()` method.")


class KerasRegressor(BaseWrapper):
    """A regressor; score is the loss with its sign turned."""

    def __init__(self, build_fn=None, **sk_params):
        _deprecated("KerasRegressor")
        super().__init__(build_fn, **sk_params)

    def predict(self, x, **kwargs):
        """A number for each row."""
        return np.squeeze(self.model.predict(x, **self.filter_sk_params(Sequential.predict, kwargs)))

    def score(self, x, y, **kwargs):
        """Minus the loss."""
        found = self.model.evaluate(x, y, **self.filter_sk_params(Sequential.evaluate, kwargs))
        return -(found[0] if isinstance(found, list) else found)
