"""In: `import tensorflow` in a Python that a Ninefold run started. Out: Ninefold, as in that run."""
import sys

import ninefold.alias

del sys.modules["tensorflow"]
ninefold.alias.install()
import tensorflow  # noqa: E402,F401 - the one that the line above made importable
