# In: the lists that records return. Out: the tuples and named tuples that TensorFlow returns.
import collections

_NAMED = {
    "tf.unique": ("Unique", "y idx"), "tf.unique_with_counts": ("UniqueWithCounts", "y idx count"),
    "tf.math.top_k": ("TopKV2", "values indices"), "tf.nn.top_k": ("TopKV2", "values indices"),
    "tf.linalg.qr": ("Qr", "q r"), "tf.linalg.lu": ("Lu", "lu p"),
    "tf.nn.max_pool_with_argmax": ("MaxPoolWithArgmax", "output argmax"),
    "tf.linalg.slogdet": ("LogMatrixDeterminant", "sign log_abs_determinant"),
}
_TUPLES = ("tf.clip_by_global_norm", "tf.nn.moments", "tf.nn.weighted_moments", "tf.linalg.svd", "tf.linalg.eigh", "tf.linalg.eig",
           "tf.nn.normalize_moments", "tf.image.image_gradients", "tf.nn.sufficient_statistics", "tf.linalg.normalize", "tf.math.frexp",
           "tf.strings.unicode_decode_with_offsets", "tf.strings.unicode_split_with_offsets", "tf.nn.ctc_greedy_decoder", "tf.nn.ctc_beam_search_decoder",
           "tf.sparse.fill_empty_rows")
RESULTS = {name: collections.namedtuple(*row)._make for name, row in _NAMED.items()}
RESULTS.update((name, tuple) for name in _TUPLES)
