# In: cells and sequences. Out: what recurrent classes have besides Layer's: cells in Python, states, both directions.
import inspect
import weakref

from .._core import keras as core
from .._framework import nest, trackable
from . import shell
from .layer import _READ_ONLY, Layer, Wrapper


def _told(cell):
    """Lets the engine ask a cell written in Python for its sizes and first states."""
    own = getattr(cell, "_record", None) is None
    me = weakref.ref(cell)
    for name in ("state_size", "output_size"):
        if (own or getattr(type(cell), name, None) is not getattr(Cell, name)) and getattr(cell, name, None) is not None:
            cell._engine_handle.override(name, lambda name=name: getattr(me(), name))
    begins = getattr(type(cell), "get_initial_state", None)
    if begins is not None and begins is not Cell.get_initial_state:
        cell._engine_handle.override("get_initial_state", lambda **kwargs: me().get_initial_state(**kwargs))


def checked(cell, missing_call, missing_size):
    """The cell, if it is one. Raises ValueError with Keras' words if it is not."""
    if not hasattr(cell, "call"):
        raise ValueError(missing_call.format(cell))
    if not hasattr(cell, "state_size"):
        raise ValueError(missing_size.format(cell))
    if not isinstance(cell, Layer):
        raise TypeError("RNN: expected a cell that is a tf.keras.layers.Layer, got {}; derive its class from Layer".format(
            type(cell).__name__))
    _told(cell)
    return cell


class Cell(Layer):
    """One step of a recurrent layer."""

    @property
    def state_size(self):
        if "cells" in self.__dict__:
            return tuple(cell.state_size for cell in self._in_state_order())
        units = self._engine_handle.config()["units"]
        return [units, units] if type(self)._record["names"][0] == "LSTMCell" else units

    @property
    def output_size(self):
        if "cells" not in self.__dict__:
            return self._engine_handle.config()["units"]
        last = self.cells[-1]
        size = getattr(last, "output_size", None)
        if size is None:
            size = last.state_size
            size = size[0] if isinstance(size, (list, tuple)) else size
        return size

    def _in_state_order(self):
        return self.cells[::-1] if self.__dict__.get("reverse_state_order") else self.cells

    # ---- what a class derived from a cell takes of it in its own call() ----

    def _mask_for_cell(self, inputs, training, count, rate, kept):
        from .. import nn, ones_like
        if not rate:
            return None
        kept = self.__dict__.setdefault(kept, {})
        if training not in kept:
            from .backend import in_train_phase
            kept[training] = [in_train_phase(lambda: nn.dropout(ones_like(inputs), rate), ones_like(inputs), training)
                              for _ in range(count)]
        return kept[training] if count > 1 else kept[training][0]

    def get_dropout_mask_for_cell(self, inputs, training, count=1):
        """The masks of this sequence's inputs, one a gate; None without dropout."""
        return self._mask_for_cell(inputs, training, count, self.dropout, "_kept_input_masks")

    def get_recurrent_dropout_mask_for_cell(self, inputs, training, count=1):
        """The masks of this sequence's states, one a gate; None without dropout."""
        return self._mask_for_cell(inputs, training, count, self.recurrent_dropout, "_kept_state_masks")

    def reset_dropout_mask(self):
        """The next sequence draws other masks of its inputs."""
        self.__dict__.pop("_kept_input_masks", None)

    def reset_recurrent_dropout_mask(self):
        """The next sequence draws other masks of its states."""
        self.__dict__.pop("_kept_state_masks", None)

    def get_initial_state(self, inputs=None, batch_size=None, dtype=None):
        """Zeros, one tensor a state."""
        from .. import nest, shape, zeros
        if inputs is not None:
            batch_size, dtype = shape(inputs)[0], inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError("batch_size and dtype cannot be None while constructing initial state. "
                             "Received: batch_size={}, dtype={}".format(batch_size, dtype))
        if "cells" in self.__dict__:
            return tuple(cell.get_initial_state(None, batch_size, dtype) for cell in self._in_state_order())
        return nest.map_structure(lambda size: zeros([batch_size, size], dtype=dtype), self.state_size)

    def _construct(self, config):
        if "cells" in config:
            cells = [checked(cell, "All cells must have a `call` method. Received cell without a `call` method: {}",
                             "All cells must have a `state_size` attribute. Received cell without a `state_size`: {}")
                     for cell in config["cells"]]
            config["cells"] = cells
            self._keep(cells)
            self.__dict__["cells"] = cells
            self.__dict__["reverse_state_order"] = config.get("reverse_state_order", False)
        super()._construct(config)

    def __getattr__(self, name):
        if name == "cells" and "_engine_handle" in self.__dict__:      # made by the engine
            return core.sublayers(self._engine_handle)
        return super().__getattr__(name)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        if "cells" in config:
            from .layers import deserialize
            config = dict(config)
            return cls([deserialize(cell, custom_objects) for cell in config.pop("cells")], **config)
        return cls(**config)


class AbstractRNNCell(Layer):
    """What a cell written in Python may stand on: call(inputs, states) -> (output, states), state_size and output_size."""

    def call(self, inputs, states):
        raise NotImplementedError("Abstract method")

    @property
    def state_size(self):
        """An int, a shape, or a list of them: one a state."""
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self):
        raise NotImplementedError("Abstract method")

    def get_initial_state(self, inputs=None, batch_size=None, dtype=None):
        """Zeros, one tensor a state."""
        from .. import nest, shape, zeros
        if inputs is not None:
            batch_size, dtype = shape(inputs)[0], inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError("batch_size and dtype cannot be None while constructing initial state. "
                             "Received: batch_size={}, dtype={}".format(batch_size, dtype))
        return nest.map_structure(lambda size: zeros(
            [batch_size] + (size.as_list() if hasattr(size, "as_list") else [size]), dtype=dtype), self.state_size)


def _arranged(inputs, initial_state, constants, kwargs):
    """Inputs and keywords as the engine takes them."""
    if isinstance(inputs, tuple):       # one input that is a nest; a list is inputs and states
        inputs = [list(inputs)]
    if initial_state is not None:
        kwargs["initial_state"] = initial_state
    if constants is not None:
        kwargs["constants"] = constants
    return inputs


class Recurrent(Layer):
    """A cell over the steps of a sequence."""

    _flags = ("return_sequences", "return_state", "go_backwards", "unroll", "time_major", "implementation")

    def _construct(self, config):
        cell = config.get("cell")
        if isinstance(cell, (list, tuple)):
            from .layers import StackedRNNCells
            config["cell"] = StackedRNNCells(cell)
        elif "cell" in config:
            checked(cell, "Argument `cell` should have a `call` method. The RNN was passed: cell={}",
                    "The RNN cell should have a `state_size` attribute (tuple of integers, one integer per RNN state). "
                    "Received: cell={}")
        super()._construct(config)

    def __call__(self, inputs, initial_state=None, constants=None, **kwargs):
        return super().__call__(_arranged(inputs, initial_state, constants, kwargs), **kwargs)

    @shell.base
    def call(self, inputs, *args, **kwargs):
        if kwargs.get("constants", 0) is None:      # a class derived from this one hands on what it was not given
            del kwargs["constants"]
        return super().call(inputs, *args, **kwargs)

    @property
    def cell(self):
        return core.sublayers(self._engine_handle)[0]

    def _sets(self, name, value):
        if name not in self._flags and name != "stateful" and "cell" not in self._engine_handle.config() and any(
                field[0] == name for field in self._record["fields"]):
            raise AttributeError(_READ_ONLY.format(name))      # what its cell was made with
        return super()._sets(name, value)

    @property
    def states(self):
        return core.layer_states(self._engine_handle)

    def _saved_model_children_(self):
        """The states that a stateful layer keeps between batches, where Keras has them."""
        states = self.states if self.stateful else None
        if states is None or any(state is None for state in nest.flatten(states)):
            return super()._saved_model_children_()
        if "_kept_api" not in self.__dict__:
            self.__dict__["_kept_api"] = trackable.Held(states=states)
        return super()._saved_model_children_() + [("keras_api", self.__dict__["_kept_api"])]

    def reset_states(self, states=None):
        """Sets the states that a stateful layer keeps between batches: to zeros, or to the given arrays."""
        core.reset_states(self._engine_handle, states)

    def get_initial_state(self, inputs):
        return core.initial_state(self._engine_handle, inputs)

    def __getattr__(self, name):
        if name in Recurrent._flags and "_engine_handle" in self.__dict__:
            config = self._engine_handle.config()
            if name in config:
                return config[name]
        return super().__getattr__(name)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        if "cell" not in config:
            return cls(**config)
        from .layers import deserialize
        config = dict(config)
        return cls(deserialize(config.pop("cell"), custom_objects), **config)


class TwoWay(Wrapper):
    """A recurrent layer over the steps and once more over the steps backwards."""

    def _construct(self, config):
        layer, backward = config["layer"], config.get("backward_layer")
        if not isinstance(layer, Layer):
            raise ValueError("Please initialize `Bidirectional` layer with a `tf.keras.layers.Layer` instance. "
                             "Received: {}".format(layer))
        if backward is not None and not isinstance(backward, Layer):
            raise ValueError("`backward_layer` need to be a `tf.keras.layers.Layer` instance. "
                             "Received: {}".format(backward))
        self.__dict__["_kept_layer"] = layer
        if isinstance(layer, Recurrent):
            config["forward_layer"] = _again(layer)
            if backward is None:
                config["reverse_layer"] = _again(layer, go_backwards=not layer.go_backwards)
        super()._construct(config)

    def __call__(self, inputs, initial_state=None, constants=None, **kwargs):
        return super().__call__(_arranged(inputs, initial_state, constants, kwargs), **kwargs)

    @property
    def layer(self):
        return self.__dict__.get("_kept_layer") or self.forward_layer

    @property
    def forward_layer(self):
        return core.sublayers(self._engine_handle)[0]

    @property
    def backward_layer(self):
        return core.sublayers(self._engine_handle)[1]

    @property
    def return_sequences(self):
        return self.forward_layer.return_sequences

    @property
    def return_state(self):
        return self.forward_layer.return_state

    def reset_states(self):
        core.reset_states(self._engine_handle, None)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        from .layers import deserialize
        config = dict(config)
        layer = deserialize(config.pop("layer"), custom_objects)
        if config.get("backward_layer") is not None:
            config["backward_layer"] = deserialize(config["backward_layer"], custom_objects)
        return cls(layer, **config)


def _again(layer, **changed):
    """A new layer with the config of `layer`; cells of the user's own classes are made anew, too."""
    found = {}
    cells = [layer.cell] + list(getattr(layer.cell, "cells", ()))
    for cell in cells:
        found[type(cell).__name__] = type(cell)
    config = dict(layer.get_config(), **changed)
    if "custom_objects" in inspect.signature(type(layer).from_config).parameters:
        return type(layer).from_config(config, custom_objects=found)
    return type(layer).from_config(config)


