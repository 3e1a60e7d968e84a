# In: what Keras and the engine print. Out: the same on the standard output, or in the log named absl while interactive logging is off.
import logging
import sys
import threading

_here = threading.local()       # each thread says it for itself


def enable_interactive_logging():
    """Progress is printed, as in the beginning."""
    _here.on = True


def disable_interactive_logging():
    """Progress goes to the logger named absl, at level INFO; verbose="auto" means one line an epoch."""
    _here.on = False


def is_interactive_logging_enabled():
    """Whether progress is printed."""
    return getattr(_here, "on", True)


def write(text):
    """Where Keras prints: the stdout of the moment, as notebooks and redirections set it, or the log."""
    if is_interactive_logging_enabled():
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        logging.getLogger("absl").info(text.rstrip("\n"))


def verbosity(verbose):
    """"auto" as a number."""
    return (1 if is_interactive_logging_enabled() else 2) if verbose == "auto" else verbose
