# In: the rows of public_rows.py and TensorFlow 2.9.0 (run me with its Python). Out: tests/data/ops/public.json.
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import public_rows  # noqa: E402
import results  # noqa: E402


def main():
    import tensorflow as tf
    if tf.__version__ != "2.9.0":
        sys.exit(f"record: this is TensorFlow {tf.__version__}, the recordings are of 2.9.0")
    names = public_rows.values(tf)
    rows = {row: results.evaluate(tf, row, names) for row in public_rows.ROWS}
    path = pathlib.Path(__file__).resolve().parents[2] / "data" / "ops" / "public.json"
    path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in rows.items()) + "}\n")
    print(len(rows), "rows,", path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
