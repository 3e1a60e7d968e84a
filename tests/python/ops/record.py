# In: the cases of cases*.py and TensorFlow 2.9.0 (run me with its Python; tools/referee makes one).
# Out: tests/data/ops/FAMILY.json: what each op gave there. Arguments: names of ops; none: all.
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"   # its kernels rename ops in errors
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import all_cases  # noqa: E402
import calls  # noqa: E402

UNSUPPORTED = ("Could not find device for node", "is not in the list of allowed values", "No registered",
               "is neither a type of a primitive operation", "was expected to be a", "Signature mismatch")


def _fit(gradients, inputs):
    def shape(key):
        name, _, at = key.partition(".")
        return inputs[name][int(at)][1] if at else inputs[name][1]
    return all(g is None or g[1] == shape(key) for key, g in gradients)


def record(tf, name):
    rows = []
    for kind, inputs, attributes in all_cases.of(name):
        row = {"kind": kind, "in": inputs, "attrs": attributes}
        if not attributes:
            del row["attrs"]
        try:
            call = calls.Call(tf, name, inputs, attributes)
            row["out"] = call.eager()
        except Exception as error:  # noqa: BLE001  (whatever TensorFlow raises is the record)
            row["error"] = calls.failure(error)
            if kind != "error" and (any(t in str(error) for t in UNSUPPORTED)):
                continue      # TensorFlow lacks that dtype
            if "Unimplemented" in type(error).__name__:
                continue      # TensorFlow's CPU kernel lacks it; ours may have it
            if kind != "error":
                print(f"{name} {kind}: {row['error']}", file=sys.stderr)
                row["kind"] = "error"
            rows.append(row)
            continue
        if kind == "error":
            print(f"{name}: no error for {json.dumps(inputs)[:200]}", file=sys.stderr)
            row["kind"] = "value"
        if kind in ("value", "broadcast"):
            try:
                gradients = calls.Call(tf, name, inputs, attributes).gradients()
                # (TensorFlow's Atan2 and a few others forget to sum over what was broadcast.)
                if any(g is not None for _, g in gradients) and _fit(gradients, inputs):
                    row["gradients"] = gradients
            except Exception as error:  # noqa: BLE001
                if not isinstance(error, LookupError):
                    print(f"{name} gradient: {type(error).__name__} {str(error)[:150]}", file=sys.stderr)
        rows.append(row)
    return rows


def apart(tf, name):
    """The rows of one op, from a process of its own: some calls end TensorFlow's."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            with os.fdopen(write, "w") as pipe:
                json.dump(record(tf, name), pipe)
            status = 0
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        print(f"{name}: the process ended with status {status}; nothing is recorded", file=sys.stderr)
        return None
    return json.loads(text)


def main():
    import tensorflow as tf
    if tf.__version__ != "2.9.0":
        sys.exit(f"record: this is TensorFlow {tf.__version__}, the recordings are of 2.9.0")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    wanted = sys.argv[1:]
    for family, names in all_cases.FAMILIES.items():
        path = all_cases.DATA / f"{family}.json"
        stored = json.loads(path.read_text()) if path.exists() else {}
        names = [n for n in names if not wanted or n in wanted or family in wanted]
        if not names:
            continue
        for name in names:
            rows = apart(tf, name)
            if rows is not None:
                stored[name] = rows
        lines = [f"{json.dumps(n)}: [\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in stored[n]) + "]"
                 for n in sorted(stored) if n in all_cases.FAMILIES[family]]
        path.write_text("{\n" + ",\n".join(lines) + "}\n")
        print(f"{family}: {len(lines)} ops, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
