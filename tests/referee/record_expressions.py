# In: a file of expressions (tests/data/expressions/*.json). Out: the same file with what TensorFlow 2.9.0 says of each:
# its repr, or the class and text of what it raises. Run by hand: python tests/referee/record_expressions.py FILE...
import json
import linecache
import os
import re
import sys
import types

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf


def _own(text):
    """The first line, without the names that graphs happen to have."""
    return re.sub(r"\{\{function_node [^}]*\}\} ?", "", text).split("\n")[0][:400]


assert tf.__version__ == "2.9.0", tf.__version__
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        about = json.load(file)
    setup = "\n".join(about["setup"]) + "\n"
    linecache.cache["setup.py"] = len(setup), None, setup.splitlines(True), "setup.py"   # for AutoGraph
    code = compile(setup, "setup.py", "exec")
    for case in about["cases"]:
        for key in ("gives", "raises", "text"):
            case.pop(key, None)
        sys.modules["setup"] = module = types.ModuleType("setup")   # AutoGraph asks for it
        names = module.__dict__
        names.update(tf=tf, np=np)
        exec(code, names)   # every case begins with fresh variables
        try:
            case["gives"] = repr(eval(case["expression"], names))
        except Exception as fault:
            case["raises"], case["text"] = type(fault).__name__, _own(str(fault))
    with open(path, "w", encoding="utf-8") as file:
        json.dump(about, file, indent=1, ensure_ascii=False)
        file.write("\n")
