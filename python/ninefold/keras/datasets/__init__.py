# Out: tf.keras.datasets: the small data sets that examples use, from the cache or their place of origin.
from . import fashion_mnist, mnist  # noqa: F401
