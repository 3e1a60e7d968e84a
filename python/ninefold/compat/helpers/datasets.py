# Out: the classes of iterators, which packages ask isinstance about.
from ...data import dataset as _dataset

OwnedIterator = IteratorBase = _dataset.Iterator
