"""In: this machine. Out: what computing on its GPU needs, line by line: what is there, what is missing, the remedy.

`ninefold check --gpu`; exit status 0 iff a GPU computes.
"""
import ctypes
import sys

from . import _core


def _version(number):
    return f"{number // 1000}.{number % 1000 // 10}"


def _driver():
    """CUDA's version number that the driver serves; None without a driver, 0 if it does not answer."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    version = ctypes.c_int(0)
    return version.value if driver.cuDriverGetVersion(ctypes.byref(version)) == 0 else 0


def findings():
    """(what, found or None, remedy) of each part, in the order in which they are needed."""
    build, why, gpus = _core.device.build(), _core.device.why_no_gpu(), _core.device.gpus()
    driver = build["driver"] if build["toolkit"] else _driver()
    yield ("driver", None if driver is None else f"serves CUDA {_version(driver)}", why)
    yield ("library", f"built with CUDA {_version(build['toolkit'])} for {build['targets']}" if build["toolkit"] else None,
           why or "pip install ninefold-cuda")
    if build["toolkit"]:
        enough = build["driver"] >= build["least_driver"]
        yield (f"driver {build['driver_series']} or later", "yes" if enough else None, why)
    names = [f"{i}: {name}, compute capability {a}.{b}, {memory >> 20} MiB" for i, name, (a, b), memory in gpus]
    yield ("GPUs", "; ".join(names) or None, why)
    if gpus:
        yield "element-wise ops of functions", "one by one: " + _core.device.why_not_joined() if _core.device.why_not_joined() else "joined by NVRTC", ""
        yield "convolutions, recurrent layers", "slowly: " + _core.device.why_not_dnn() if _core.device.why_not_dnn() else "by cuDNN", ""
        yield _computes()


def _computes():
    import ninefold as tf
    try:
        with tf.device("/GPU:0"):
            x = tf.ones([64, 64])
            if float(tf.reduce_sum(tf.matmul(x, x) + x)) == 64 * 64 * 65:
                return "computing", "a sum and a product of matrices are right", ""
        return "computing", None, "a product of matrices is wrong: please report it, with this output"
    except Exception as e:      # whatever it is, it is the finding
        return "computing", None, str(e)


def main():
    missing = False
    for what, found, remedy in findings():
        print(f"{what}: {found if found is not None else 'missing'}")
        if found is None and not missing:
            print(f"  {remedy}")
            missing = True
    print("a GPU will be used" if not missing else "everything computes on the CPU")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
