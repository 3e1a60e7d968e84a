# Out: tf.keras.backend.experimental: which generator layers are said to draw from. The engine's draw in one way under either.
_on = False


def is_tf_random_generator_enabled():
    """What was said last, False in the beginning."""
    return _on


def enable_tf_random_generator():
    """Says that layers draw from tf.random.Generator; the numbers stay the same."""
    global _on
    _on = True


def disable_tf_random_generator():
    """Takes enable_tf_random_generator() back."""
    global _on
    _on = False
