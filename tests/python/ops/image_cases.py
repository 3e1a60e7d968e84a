# In: nothing. Out: the cases of ops on images and of Fourier transforms.
import numpy as np

from table import F32, F64, STRING_SCALAR, case, i32, of, op, scalar
from tensors import COMPLEX, pack, special

HALF = {"half_pixel_centers": True}
CORNERS = {"align_corners": True}


@op("ResizeBilinear ResizeNearestNeighbor", ulps=8, of_scale=True)
def _(name):
    def row(kind, attrs, d, shape, *size):
        return case(kind, attrs, images=of(d, name, shape), size=i32(*size))
    rows = [row("value", HALF, d, [2, 4, 5, 3], 3, 8) for d in (F32, F64, "float16", "bfloat16", "uint8", "int8", "int32", "uint16", "int16", "int64")]
    rows += [row("value", attrs, F32, [1, 3, 4, 2], *size) for attrs in (HALF, CORNERS, {}) for size in ((6, 8), (2, 2), (1, 1), (3, 4))]
    rows += [case("special", HALF, images=pack(F32, special(F32)[:3].reshape(1, 1, 3, 1)), size=i32(1, 6)), row("empty", HALF, F32, [0, 4, 4, 1], 2, 2)]
    return rows + [row("error", HALF, F32, [4, 4, 1], 2, 2), row("error", HALF, F32, [1, 4, 4, 1], 0, 2), row("error", HALF, F32, [1, 4, 4, 1], 2),
                   row("error", {**HALF, **CORNERS}, F32, [1, 4, 4, 1], 2, 2), row("error", HALF, F32, [1, 0, 4, 1], 2, 2), case("error", HALF, images=STRING_SCALAR, size=i32(1, 1))]


@op("ResizeBilinearGrad", ulps=32, of_scale=True)
def _(name):
    def row(kind, attrs, d, dy, image):
        return case(kind, attrs, grads=of(F32, name, dy), original_image=of(d, "x", image))
    return [row("value", attrs, F32, [2, 3, 8, 3], [2, 4, 5, 3]) for attrs in (HALF, CORNERS, {})] + [row("value", HALF, F64, [1, 2, 2, 1], [1, 4, 4, 1]), row("empty", HALF, F32, [0, 2, 2, 1], [0, 4, 4, 1]), row("error", HALF, F32, [2, 2, 1], [1, 4, 4, 1])]


@op("ResizeNearestNeighborGrad", ulps=32, of_scale=True)
def _(name):
    return [case("value", attrs, grads=of(F32, name, [2, 3, 8, 3]), size=i32(4, 5)) for attrs in (HALF, CORNERS, {})] + [case("empty", HALF, grads=of(F32, "", [0, 2, 2, 1]), size=i32(4, 4)), case("error", HALF, grads=of(F32, "", [2, 2, 1]), size=i32(4, 4))]


@op("FFT IFFT FFT2D IFFT2D", ulps=64, of_scale=True)
def _(name):
    rank = 2 if name.endswith("2D") else 1
    rows = [case("value", input=of(d, name, s)) for d in COMPLEX for s in ([8, 8], [2, 5], [3, 12], [2, 3, 7], [4, 1])]
    rows += [case("special", input=pack("complex64", np.full([2, 4], np.nan))), case("empty", input=of("complex64", "", [0, 3]))]
    return rows + [case("error", input=of("complex64", "", [] if rank == 1 else [4])), case("error", input=of(F32, "", [4, 4]))]


@op("RFFT", ulps=64, of_scale=True)
def _(name):
    rows = [case("value", {"Tcomplex": {"dtype": c}}, input=of(d, name, s), fft_length=i32(n)) for d, c in ((F32, "complex64"), (F64, "complex128")) for s, n in (([8], 8), ([2, 5], 5), ([3, 12], 12), ([7], 4))]
    rows += [case("special", input=pack(F32, [np.nan, 1, 2, 3]), fft_length=i32(4)), case("empty", input=of(F32, "", [0, 4]), fft_length=i32(4))]
    return rows + [case("error", input=of(F32, "", [4]), fft_length=i32(8)), case("error", input=scalar(F32, 1), fft_length=i32(1)), case("error", input=of(F32, "", [4]), fft_length=i32(4, 4)), case("error", input=of(F32, "", [4]), fft_length=i32(-1))]


@op("IRFFT", ulps=64, of_scale=True)
def _(name):
    rows = [case("value", {"Treal": {"dtype": d}}, input=of(c, name, s), fft_length=i32(n)) for d, c in ((F32, "complex64"), (F64, "complex128")) for s, n in (([5], 8), ([2, 3], 5), ([3, 7], 12), ([7], 4))]
    rows += [case("special", input=pack("complex64", [np.nan, 1, 2]), fft_length=i32(4)), case("empty", input=of("complex64", "", [0, 3]), fft_length=i32(4))]
    return rows + [case("error", input=of("complex64", "", [4]), fft_length=i32(8)), case("error", input=of("complex64", "", []), fft_length=i32(1)), case("error", input=of("complex64", "", [4]), fft_length=i32(4, 4))]
