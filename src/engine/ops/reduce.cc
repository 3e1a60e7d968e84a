// In: a tensor and axes. Out: sums and means over them, in an order that no thread count changes.
#include <algorithm>

#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::ops {
namespace {

// Which axes go; duplicates and axes out of range are the caller's fault.
std::vector<bool> reduced_axes(const Shape& s, const Tensor& axes, const ShapeCtx* c) {
  std::vector<bool> gone(static_cast<size_t>(s.rank()));
  for (int64_t a : axes.ints()) {
    if (c) {
      c->check(a >= -s.rank() && a < s.rank(), "Invalid reduction dimension ({} for input with {} dimension(s)", a, s.rank());
      c->check(!gone[static_cast<size_t>(a < 0 ? a + s.rank() : a)],
               "Invalid reduction arguments: Axes contains duplicate dimension: {}", a < 0 ? a + s.rank() : a);
    }
    gone[static_cast<size_t>(a < 0 ? a + s.rank() : a)] = true;
  }
  return gone;
}

void reduced_shape(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  const Tensor* axes = c.value(1);
  const bool keep = c.flag("keep_dims");
  if (!s.known_rank() || !axes) return c.output(keep && s.known_rank() ? Shape::of_rank(s.rank()) : Shape::unknown());
  const std::vector<bool> gone = reduced_axes(s, *axes, &c);
  std::vector<int64_t> dims;
  for (int i = 0; i < s.rank(); ++i) {
    if (!gone[static_cast<size_t>(i)]) dims.push_back(s[i]);
    else if (keep) dims.push_back(1);
  }
  c.output(Shape(dims));
}

// A tensor of the reduced shape, with ones where axes went, so that it broadcasts against the input.
Tensor widened(GradCtx& g, const Tensor& t) {
  const Shape& s = g.in(0).shape();
  NINEFOLD_INVARIANT(s.fully_known());
  const std::vector<bool> gone = reduced_axes(s, g.in(1), nullptr);
  std::vector<int32_t> dims(s.begin(), s.end());
  for (size_t i = 0; i < dims.size(); ++i)
    if (gone[i]) dims[i] = 1;
  return op("Reshape", {t, Tensor::of<int32_t>({s.rank()}, dims)});
}

const std::vector<std::string> kInputs = {"input: T", "reduction_indices: Tidx"};
const std::vector<std::string> kAttrs = {"keep_dims: bool = false", "T: {float, double, int32, int64, complex64, complex128}",
                                         "Tidx: index = int32"};
const Op sum = {
    .name = "Sum", .inputs = kInputs, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "Sum over the given axes.", .shape = reduced_shape,
    .grad = [](GradCtx& g) { g.to(0, widened(g, g.dy()) * op("OnesLike", {g.in(0)})); }, .host = {"reduction_indices"},
};
NINEFOLD_REGISTER(sum);
const Op mean = {
    .name = "Mean", .inputs = kInputs, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "Mean over the given axes; NaN of nothing.", .shape = reduced_shape,
    .grad = [](GradCtx& g) {
      const Tensor ones = op("OnesLike", {g.in(0)});
      const Tensor count = op("Sum", {ones, g.in(1)}, {{"keep_dims", g.flag("keep_dims")}});
      g.to(0, widened(g, g.dy() / count) * ones);
    },
    .host = {"reduction_indices"},
};
NINEFOLD_REGISTER(mean);

// Rows of the walk: kept dimensions outside, reduced ones inside, neighbours of one kind merged.
struct Walk {
  struct Dim { int64_t size, stride; };
  std::vector<Dim> kept, reduced;
  Walk(const Shape& s, const std::vector<bool>& gone) {
    int64_t stride = s.size() == 0 ? 0 : 1;
    bool last = false, any = false;
    for (int i = s.rank(); i-- > 0;) {
      const bool r = gone[static_cast<size_t>(i)];
      auto& list = r ? reduced : kept;
      if (any && last == r) list.back().size *= s[i];
      else list.push_back({s[i], stride});
      stride *= s[i];
      last = r;
      any = true;
    }
  }
  static int64_t count(const std::vector<Dim>& dims) {
    int64_t n = 1;
    for (const Dim& d : dims) n *= d.size;
    return n;
  }
  static int64_t offset(const std::vector<Dim>& dims, int64_t i) {   // the first dimension is the innermost
    int64_t at = 0;
    for (const Dim& d : dims) {
      at += i % d.size * d.stride;
      i /= d.size;
    }
    return at;
  }
};

// Pairwise: the error of n summands grows as log n, and the order depends on n alone.
template <class T>
T total(const T* x, const Walk& w, int64_t begin, int64_t end) {
  if (end - begin > 64) {
    const int64_t middle = begin + (end - begin) / 2;
    return total(x, w, begin, middle) + total(x, w, middle, end);
  }
  T sum{};
  for (int64_t i = begin; i < end; ++i) sum += x[Walk::offset(w.reduced, i)];
  return sum;
}

template <class T, bool averaged>
void reduce_cpu(KernelCtx& k) {
  const Walk w(k.shape(0), reduced_axes(k.shape(0), k.in(1), nullptr));
  const int64_t outputs = k.out(0).size(), n = Walk::count(w.reduced);
  for (int64_t i = 0; i < outputs; ++i) {
    const T sum = n ? total(k.in<T>(0) + Walk::offset(w.kept, i), w, 0, n) : T{};
    if constexpr (!averaged) k.out<T>(0)[i] = sum;
    else if constexpr (std::is_integral_v<T>) k.out<T>(0)[i] = n ? static_cast<T>(sum / static_cast<T>(n)) : T{};
    else k.out<T>(0)[i] = sum / static_cast<T>(static_cast<double>(n));
  }
}
#define REDUCES(T, D)                                                                 \
  NINEFOLD_KERNEL(sum, "CPU", (Kernel{reduce_cpu<T, false>}), DType::D);              \
  NINEFOLD_KERNEL(mean, "CPU", (Kernel{reduce_cpu<T, true>}), DType::D)
REDUCES(float, f32);
REDUCES(double, f64);
REDUCES(int32_t, i32);
REDUCES(int64_t, i64);
REDUCES(std::complex<float>, c64);
REDUCES(std::complex<double>, c128);
#undef REDUCES

}  // namespace
}  // namespace ninefold::ops
