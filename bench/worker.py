# In: a claim's file. Out: one line of JSON with the seconds of one unit, or null: the process is the unit.
import importlib.util
import json
import os
import sys

spec = importlib.util.spec_from_file_location("claim", sys.argv[1])
claim = importlib.util.module_from_spec(spec)
spec.loader.exec_module(claim)
if os.environ["BENCH_FRAMEWORK"] == "tensorflow":
    import tensorflow as tf
else:
    import ninefold as tf
print(json.dumps({"seconds": claim.measure(tf)}))
