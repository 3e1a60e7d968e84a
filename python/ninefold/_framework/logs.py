# In: what TensorFlow's Python code would log. Out: tf.get_logger() and absl's manner of printing.
import collections
import logging
import sys

from . import export

_seen = collections.Counter()
_logger = None


def _typed_into():
    """Whether someone types into this interpreter, in a notebook, too: logs are shown from INFO on then, on sys.stdout."""
    return bool(getattr(sys, "ps1", None) or sys.flags.interactive)


def _stream():
    return sys.stdout if _typed_into() else sys.stderr


class _Handler(logging.StreamHandler):
    def __init__(self):
        super().__init__(_stream())
        self.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))

    def emit(self, record):
        self.stream = _stream()  # notebooks and tests exchange it
        super().emit(record)


@export("get_logger")
def get_logger():
    """The logger named tensorflow."""
    global _logger
    if _logger is None:
        _logger = logging.getLogger("tensorflow")
        if not logging.getLogger().handlers and not _logger.handlers:
            _logger.addHandler(_Handler())
            _logger.propagate = False
            if _typed_into():
                _logger.setLevel(logging.INFO)
    return _logger


def warn(text):
    get_logger().warning(text)


def absl_warning(text):
    """A warning of the logger named absl, to which a part of TensorFlow writes."""
    logger = logging.getLogger("absl")
    if not logging.getLogger().handlers and not logger.handlers:
        logger.addHandler(_Handler())
        logger.propagate = False
    logger.warning(text)


def log_first_n(text, n=1):
    """A warning that is given n times at most."""
    _seen[text] += 1
    if _seen[text] <= n:
        warn(text)
