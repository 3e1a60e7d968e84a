# Out: tf.keras.datasets: the small data sets that examples use, from the cache or their place of origin.
from . import boston_housing, cifar10, cifar100, fashion_mnist, imdb, mnist, reuters  # noqa: F401
