# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.datasets for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

from . import boston_housing as boston_housing

from . import cifar10 as cifar10

from . import cifar100 as cifar100

from . import fashion_mnist as fashion_mnist

from . import imdb as imdb

from . import mnist as mnist

from . import reuters as reuters
