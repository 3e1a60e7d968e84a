"""In: a real TensorFlow 2.9.0. Out: tests/data/gpu/kernels.txt: the ops that it has kernels for on GPUs, with dtypes.

Kernels whose arguments all lie in host memory (most of int32, handles, control flow) are kernels of the CPU by another
name and not listed. TensorFlow's wheel knows its GPU kernels on machines without a card, too. A line an op: its name, then the dtypes that
the kernels' first type attribute may have ("*": no such constraint). Run with the Python that has TensorFlow:
  python tests/referee/record_gpu_kernels.py
"""
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

OUT = Path(__file__).resolve().parent.parent / "data/gpu/kernels.txt"


def main():
    import tensorflow as tf
    from tensorflow.python.framework import kernels, op_def_registry
    if tf.__version__ != "2.9.0":
        sys.exit(f"record_gpu_kernels: expected TensorFlow 2.9.0, found {tf.__version__}")
    found = {}
    for kernel in kernels.get_all_registered_kernels().kernel:
        op = op_def_registry.get(kernel.op)
        arguments = {a.name for a in list(op.input_arg) + list(op.output_arg)} if op else set()
        if kernel.device_type != "GPU" or arguments <= set(kernel.host_memory_arg):
            continue
        first = {c.name: [tf.as_dtype(t).name for t in c.allowed_values.list.type] for c in kernel.constraint}
        types = first.get("T") or first.get("dtype") or next(iter(first.values()), ["*"])
        found.setdefault(kernel.op, set()).update(types)
    lines = [f"{op} {' '.join(sorted(types))}\n" for op, types in sorted(found.items())]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("# Written by tests/referee/record_gpu_kernels.py from TensorFlow 2.9.0.\n" + "".join(lines))
    print(f"{OUT}: {len(lines)} ops")


if __name__ == "__main__":
    main()
