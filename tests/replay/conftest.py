# In: pytest's start. Out: `import replay` works, wherever pytest was started.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
