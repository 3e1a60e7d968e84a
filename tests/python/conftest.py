# In: pytest's start. Out: a quiet, repeatable session: a fixed seed for Hypothesis, and helpers that
# start a second Python where a test needs a fresh one.
import os
import signal
import subprocess
import sys

import pytest

try:
    from hypothesis import settings
    settings.register_profile("repeatable", derandomize=True, deadline=None)
    settings.load_profile("repeatable")
except ImportError:  # only the property tests need it, and they say so themselves
    pass

# What a shell starts in the background ignores Ctrl-C, and so would the programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def run_python(tmp_path):
    """run_python("-m", "ninefold", ...) -> the finished process, with its texts."""
    def run(*arguments, input=None, **variables):
        return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True,
                              cwd=tmp_path, timeout=60, input=input, env={**os.environ, **variables})
    return run
