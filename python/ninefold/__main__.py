"""In: a script, -c text, -m module or -. Out: it, run as Python runs it, with tensorflow = Ninefold."""
import sys

from . import alias
from .run_script import run

if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("ninefold: expected a script, -c TEXT, -m MODULE or - (standard input), got none; "
                 "example: python -m ninefold train.py --epochs 5")
    alias.install(children=True)
    run(sys.argv[1:])
