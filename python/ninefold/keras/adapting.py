# In: data to learn from. Out: what classes of preprocessing layers have besides Layer's: adapt(), vocabularies and the tables
# and counts that files know them by.
import numpy as np

from .. import _core
from .._core import keras as core
from .._framework import module
from .._framework.faults import InvalidArgumentError
from .._framework.lookup import MutableHashTable, StaticHashTable
from .._framework.variable import Variable
from .layer import Layer


class Preprocessing(Layer):
    """A layer that learns from data before training."""

    def adapt(self, data, batch_size=None, steps=None):
        """Forgets what it knows and learns from arrays, in batches, or from a dataset of batches."""
        from . import data as forms
        if not hasattr(data, "element_spec"):
            whole = getattr(data, "_is_composite_tensor_", False)      # a ragged or sparse tensor: one batch
            core.adapt(self._engine_handle, data if whole else forms.arrays(data), batch_size, steps)
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
        core.adapt_step(self._engine_handle, "reset", None)

    def update_state(self, data):
        core.adapt_step(self._engine_handle, "update", data)

    def finalize_state(self):
        core.adapt_step(self._engine_handle, "finalize", None)


class Vocabulary(Preprocessing):
    """A layer that knows terms by their places in a vocabulary."""

    # The fields that may be callables, which the engine calls by these names.
    _methods = ("standardize", "split")

    def _construct(self, config):
        given = {name: config[name] for name in self._methods if callable(config.get(name))}
        self.__dict__["_kept_learns"] = not config.get("has_input_vocabulary", config.get("vocabulary") is not None)
        super()._construct(config)
        for name, function in given.items():
            self._engine_handle.override(name, function)

    def get_vocabulary(self, include_special_tokens=True):
        """All terms in order, with the mask and the OOV tokens in front unless they are not wanted."""
        return core.vocabulary(self._engine_handle, bool(include_special_tokens))

    def vocabulary_size(self):
        """How many terms there are, mask and OOV tokens included."""
        return core.vocabulary_size(self._engine_handle)

    def set_vocabulary(self, vocabulary, idf_weights=None):
        """Replaces the terms: a list, an array, or the name of a file with one a line; `idf_weights`, one a term, of
        output_mode "tf_idf" only."""
        core.set_vocabulary(self._engine_handle, vocabulary, idf_weights)

    # ---- weights ----

    @property
    def _learns_terms(self):
        return self._learns or self._engine_handle.config().get("output_mode") == "tf_idf"

    def _weight_parts(self):
        own = core.layer_weights(self._engine_handle, "own")
        if not self._learns:
            return own
        return own + [Learnt(self)] + ([self._tables()["num_documents"]] if own else [])

    # ---- files ----

    @property
    def _learns(self):
        """Whether adapt() gives the vocabulary: then files have what it counts, as Keras' have."""
        return self.__dict__.get("_kept_learns", True)

    def _tables(self):
        """What Keras keeps in a lookup layer, by its attributes' names. Counts are empty: adapt() ends with that."""
        kept, config = self.__dict__.setdefault("_kept_tables", {}), self._engine_handle.config()
        handle, keys, values, default = core.vocabulary_table(self._engine_handle)
        table = kept.get("lookup_table")
        if table is None or table.resource_handle._id != handle._id:
            kept["lookup_table"] = StaticHashTable._of(handle, keys, values, default)
        tf_idf = config["output_mode"] == "tf_idf"
        if self._learns and "token_counts" not in kept:
            terms = values.dtype if config.get("invert") else keys.dtype
            for name in ("token_counts", "token_document_counts") if tf_idf else ("token_counts",):
                kept[name] = MutableHashTable(terms, "int64", 0)
            if tf_idf:
                kept["num_documents"] = Variable(0, dtype="int64", trainable=False, name="num_documents")
        if tf_idf:
            kept["idf_weights"] = core.layer_weights(self._engine_handle, "own")[0]
        return kept

    def _trackable_children_(self):
        found = [(name, child) for name, child in super()._trackable_children_() if not isinstance(child, _core.VariableBase)]
        if "split" not in self._engine_handle.config():
            return found + list(self._tables().items())
        within = self.__dict__.get("_kept_lookup_layer")
        if within is None:
            within = self.__dict__["_kept_lookup_layer"] = LookupPart(self)
        within.__dict__["_tables"] = self._tables()
        return found + [("_lookup_layer", within)]


class Learnt:
    """The terms of a lookup layer as one of the arrays of get_weights(), without mask and OOV tokens."""

    def __init__(self, layer):
        self._layer, self._key = layer, ("terms", id(layer))
        config = layer._engine_handle.config()
        self._dtype = config.get("vocabulary_dtype", "string") if "encoding" not in config else "string"

    def numpy(self):
        terms = self._layer.get_vocabulary(include_special_tokens=False)
        if self._dtype != "string":
            return np.array(terms, self._dtype)
        return np.array([t.encode() if isinstance(t, str) else t for t in terms], object)

    def assign(self, terms):
        if isinstance(terms, np.ndarray) and self._dtype != "string":
            terms = np.array([np.dtype(self._dtype).type(t) for t in terms.tolist()], self._dtype)
        terms = _core.convert(terms, self._dtype).numpy()
        if terms.size == 0:
            raise InvalidArgumentError(None, None, "keys and values cannot be empty tensors. [Op:LookupTableImportV2]")
        told = [t.decode() if isinstance(t, bytes) else t for t in terms.tolist()]
        weights = core.layer_weights(self._layer._engine_handle, "own")
        if not weights:
            return self._layer.set_vocabulary(told)
        given = weights[0].numpy()
        self._layer.set_vocabulary(told, given[len(given) - len(told):])
        weights[0].assign(given)


def types_of(config):
    """The dtypes of the keys and values of a lookup layer's table."""
    if "split" in config:
        return "string", "int64"
    terms = config.get("vocabulary_dtype", "string") if "encoding" not in config else "string"
    places = config["dtype"] if config.get("output_mode") == "int" and isinstance(config.get("dtype"), str) else "int64"
    return (places, terms) if config.get("invert") else (terms, places)


def terms_of(config, keys, values, weights):
    """{"vocabulary", "idf_weights"} of a lookup layer's config, from its table and the variable of weights; {} if it has no
    terms yet."""
    places, terms = (keys, values) if config.get("invert") else (values, keys)
    if terms.shape[0] == 0:
        return {}
    order = np.argsort(places.numpy())
    told = [t.decode() if isinstance(t, bytes) else t for t in terms.numpy()[order].tolist()]
    special = [config.get("oov_token", "[UNK]")] * config.get("num_oov_indices", 1)
    if config.get("output_mode") == "tf_idf":
        return {"vocabulary": special + told, "idf_weights": weights.numpy()[:len(special) + len(told)].tolist()}
    if config.get("output_mode", "int") == "int" and config.get("mask_token", "") is not None:
        special = [config.get("mask_token", "")] + special
    return {"vocabulary": special + told}


class LookupPart(module.Module):
    """What files have of a TextVectorization's vocabulary: Keras keeps it in a StringLookup within."""

    def __init__(self, layer):
        config = layer._engine_handle.config()
        said = {"name": "string_lookup", "mask_token": "", "output_mode": config["output_mode"] or "int"}
        said.update((key, config[key]) for key in ("max_tokens", "pad_to_max_tokens", "sparse"))
        self.config = {**core.make("layer", "StringLookup", said).config(), "vocabulary": None, "idf_weights": None,
                       "has_input_vocabulary": not layer._learns}

    def _trackable_children_(self):
        return list(self.__dict__["_tables"].items())
