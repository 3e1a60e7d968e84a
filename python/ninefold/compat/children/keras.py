"""In: `import keras` in a Python that a Ninefold run started. Out: Ninefold, as in that run."""
import sys

import ninefold.alias

del sys.modules["keras"]
ninefold.alias.install()
import keras  # noqa: E402,F401 - the one that the line above made importable
