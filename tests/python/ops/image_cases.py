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


@op("RGBToHSV HSVToRGB", ulps=8, of_scale=True)
def _(name):
    rows = [case("value", images=of(d, name, s, 0, 1)) for d in (F32, F64) for s in ([2, 3, 4, 3], [5, 3])]
    rows += [case("value", images=pack(F32, np.array([[0, 0, 0], [1, 1, 1], [.5, .5, .2], [.2, .5, .5], [.5, .2, .5], [1, 0, 0]])))] if name == "HSVToRGB" else \
        [case("special", images=pack(F32, np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])))]
    return rows + [case("empty", images=of(F32, "", [0, 3])), case("error", images=of(F32, "", [4, 2])), case("error", images=of("int32", "", [4, 3]))]


@op("AdjustHue AdjustSaturation", ulps=32, of_scale=True)
def _(name):
    by = "delta" if name == "AdjustHue" else "scale"
    rows = [case("value", images=of(F32, name, s, 0, 1), **{by: scalar(F32, v)}) for s in ([2, 3, 4, 3], [3, 2, 3]) for v in (0.3, -0.4, 1.5)]
    rows += [case("empty", images=of(F32, "", [0, 2, 3]), **{by: scalar(F32, .1)})]
    return rows + [case("error", images=of(F32, "", s), **{by: scalar(F32, .1)}) for s in ([2, 3], [2, 2, 4])] + [case("error", images=of(F32, "", [2, 2, 3]), **{by: of(F32, "", [1])})]


@op("ResizeBicubic ResizeArea", ulps=64, of_scale=True)
def _(name):
    each = (HALF, CORNERS, {}) if name == "ResizeBicubic" else (CORNERS, {})

    def row(kind, attrs, d, shape, *size):
        return case(kind, attrs, images=of(d, name, shape), size=i32(*size))
    rows = [row("value", attrs, d, [2, 4, 5, 3], 3, 8) for d in (F32, "uint8", "int32", "float16") for attrs in each]
    rows += [row("value", attrs, F32, [1, 5, 4, 2], *size) for attrs in each for size in ((10, 8), (2, 2), (1, 1), (5, 4))]
    return rows + [row("empty", each[-1], F32, [0, 4, 4, 1], 2, 2), row("error", each[-1], F32, [4, 4, 1], 2, 2), row("error", each[-1], F32, [1, 4, 4, 1], 0, 2),
                   row("error", each[-1], F32, [1, 0, 4, 1], 2, 2)]


@op("ResizeBicubicGrad", ulps=64, of_scale=True)
def _(name):
    def row(kind, attrs, d, dy, image):
        return case(kind, attrs, grads=of(F32, name, dy), original_image=of(d, "x", image))
    return [row("value", attrs, d, [2, 3, 8, 3], [2, 4, 5, 3]) for attrs in (HALF, CORNERS, {}) for d in (F32,)] + [
        row("empty", {}, F32, [0, 2, 2, 1], [0, 4, 4, 1]), row("error", {}, F32, [2, 2, 1], [1, 4, 4, 1])]


def _scaled(name, kind, shape, size, scale, move, antialias, how):
    return case(kind, {"kernel_type": how, "antialias": antialias}, images=of(F32, name, shape), size=i32(*size),
                scale=pack(F32, np.array(scale)), translation=pack(F32, np.array(move)))


@op("ScaleAndTranslate", ulps=64, of_scale=True)
def _(name):
    kinds = ("lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic")
    rows = [_scaled(name, "value", [2, 6, 5, 2], (3, 8), (.5, 1.6), (0, 0), a, how) for how in kinds for a in (True, False)]
    rows += [_scaled(name, "value", [1, 6, 5, 1], (4, 4), (1, .7), (-1.5, 2), True, "triangle")]
    return rows + [_scaled(name, "empty", [0, 4, 4, 1], (2, 2), (1, 1), (0, 0), True, "triangle"), _scaled(name, "error", [4, 4, 1], (2, 2), (1, 1), (0, 0), True, "box"),
                   _scaled(name, "error", [1, 4, 4, 1], (2, 2), (1, 1), (0, 0), True, "none")]


@op("ScaleAndTranslateGrad", ulps=64, of_scale=True)
def _(name):
    def row(kind, dy, image, how):
        return case(kind, {"kernel_type": how}, grads=of(F32, name, dy), original_image=of(F32, "x", image),
                    scale=pack(F32, np.array([.5, 1.6])), translation=pack(F32, np.array([0., 0])))
    return [row("value", [2, 3, 8, 2], [2, 6, 5, 2], how) for how in ("lanczos3", "triangle", "gaussian")] + [
        row("empty", [0, 3, 8, 2], [0, 6, 5, 2], "triangle"), row("error", [3, 8, 2], [1, 6, 5, 2], "triangle")]
