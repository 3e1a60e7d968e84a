// In: images, and a scale and an offset a channel. Out: the images normalised, by their own moments (training) or by
// given ones. half and bfloat16 images are computed in float; everything a channel is float.
#include "engine/device/cpu/batch_norm.h"

#include <cmath>
#include <limits>

#include "base/threads.h"
#include "engine/device/cpu/copy.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/nn_common.h"
#include "engine/ops/nn_rows.h"

namespace ninefold::ops {
namespace {

bool channels_first(const std::string& format) { return format.starts_with("NC"); }
constexpr const char* kFormat = "data_format: {'NHWC', 'NCHW', 'NDHWC', 'NCDHW'} = 'NHWC'";
constexpr const char* kEpsilon = "epsilon: float = 0.0001";

// The number of channels, or -1; the checks that both ops share.
int64_t channels_of(const ShapeCtx& c, int input, const char* name) {
  const Shape& x = c.shape(input);
  const int rank = static_cast<int>(c.text("data_format").size());
  c.check(!x.known_rank() || x.rank() == rank, "{} must be {}-dimensional{}", name, rank, x.str());
  return x.known_rank() ? x[channels_first(c.text("data_format")) ? 1 : rank - 1] : -1;
}
int64_t check_channel(const ShapeCtx& c, int input, const char* name, int64_t channels, const char* when = "") {
  const Shape& s = c.shape(input);
  c.check(!s.known_rank() || s.rank() == 1, "{} must be 1-dimensional{}", name, s.str());
  const int64_t n = s.known_rank() ? s[0] : -1;
  c.check(n < 0 || channels < 0 || n == channels, "{}{} must have the same number of elements as the channels of x, got {} and {}", when,
          name, n, channels);
  return channels < 0 ? n : channels;
}

void norm_shapes(ShapeCtx& c) {
  int64_t n = channels_of(c, 0, "input");
  n = check_channel(c, 1, "scale", n);
  n = check_channel(c, 2, "offset", n);
  const bool uses_given = !c.flag("is_training") || std::get<double>(c.attr("exponential_avg_factor")) != 1;
  const char* when = c.flag("is_training") ? "When exponential_avg_factor != 1, " : "When is_training=false, ";
  for (int i = 3; i < 5; ++i)
    if (uses_given) n = check_channel(c, i, i == 3 ? "mean" : "variance", n, when);
  c.same_as_input();
  for (int i = 1; i < 5; ++i) c.output(i, {n});
}
void norm_grad(GradCtx& g, const Tensor& reserve) {
  const bool training = g.flag("is_training");
  const Tensor in[] = {g.dy(0), g.in(0), g.in(1), training ? g.out(3) : g.in(3), training ? g.out(4) : g.in(4), reserve};
  const NamedAttr attrs[] = {{"epsilon", g.number("epsilon")}, {"data_format", g.text("data_format")}, {"is_training", training}};
  const Tensors d = op_all("FusedBatchNormGradV3", in, attrs);
  for (int i = 0; i < 3; ++i)
    if (g.needs(i)) g.to(i, d[static_cast<size_t>(i)]);
}

const Op batch_norm = {
    .name = "FusedBatchNormV3", .inputs = {"x: T", "scale: U", "offset: U", "mean: U", "variance: U"},
    .outputs = {"y: T", "batch_mean: U", "batch_variance: U", "reserve_space_1: U", "reserve_space_2: U", "reserve_space_3: U"},
    .attrs = {"T: {half, bfloat16, float}", "U: {float}", kEpsilon, "exponential_avg_factor: float = 1.0", kFormat, "is_training: bool = true"},
    .doc = "(x - mean) scale / sqrt(variance + epsilon) + offset, channel by channel. Training: mean and variance are those of x; "
           "batch_mean and batch_variance (unbiased) are averaged with the given ones by exponential_avg_factor.",
    .shape = [](ShapeCtx& c) {
      norm_shapes(c);
      c.output(5, {0});
    },
    .grad = [](GradCtx& g) { norm_grad(g, g.out(5)); },
};
NINEFOLD_REGISTER(batch_norm);

// Its elders, which graphs of files and libraries still name: no third reserve space; the first of all is float32 only.
const char* const kElder = "As FusedBatchNormV3, of 2-D images and without its third reserve space.";
void elder_grad(GradCtx& g) { norm_grad(g, Tensor::zeros(DType::f32, {0})); }
const Op batch_norm_v2 = {
    .name = "FusedBatchNormV2", .inputs = {"x: T", "scale: U", "offset: U", "mean: U", "variance: U"},
    .outputs = {"y: T", "batch_mean: U", "batch_variance: U", "reserve_space_1: U", "reserve_space_2: U"},
    .attrs = {"T: {half, bfloat16, float}", "U: {float}", kEpsilon, "exponential_avg_factor: float = 1.0",
              "data_format: {'NHWC', 'NCHW'} = 'NHWC'", "is_training: bool = true"},
    .doc = kElder, .shape = norm_shapes, .grad = elder_grad,
};
NINEFOLD_REGISTER(batch_norm_v2);
const Op batch_norm_v1 = {
    .name = "FusedBatchNorm", .inputs = {"x: T", "scale: T", "offset: T", "mean: T", "variance: T"},
    .outputs = {"y: T", "batch_mean: T", "batch_variance: T", "reserve_space_1: T", "reserve_space_2: T"},
    .attrs = {"T: {float}", kEpsilon, "exponential_avg_factor: float = 1.0", "data_format: {'NHWC', 'NCHW'} = 'NHWC'",
              "is_training: bool = true"},
    .doc = kElder, .shape = norm_shapes, .grad = elder_grad,
};
NINEFOLD_REGISTER(batch_norm_v1);
// The derivative of the derivative, of dx, dscale and doffset (into which a, b, c flow) by dy, x and scale. With d =
// x - mean, r = 1 / sqrt(variance + epsilon), n elements a channel, and sums over all but channels:
//   dx = scale r (dy - sum(dy)/n - d r^2 sum(dy d)/n)  in training;  scale r dy  otherwise;  dscale = sum(dy d) r.
void second_derivative(GradCtx& g) {
  const Tensor dy = nn::cast(g.in(0), DType::f32), x = nn::cast(g.in(1), DType::f32);
  const bool first = channels_first(g.text("data_format"));
  const int rank = static_cast<int>(g.text("data_format").size());
  std::vector<int64_t> others, wide(static_cast<size_t>(rank), 1);
  const int channel = first ? 1 : rank - 1;
  for (int i = 0; i < rank; ++i)
    if (i != channel) others.push_back(i);
  wide[static_cast<size_t>(channel)] = -1;
  auto per_channel = [&](const Tensor& t) { return nn::reshape(t, wide); };
  auto total = [&](const Tensor& t) { return nn::sum(t, others, true); };
  auto mean = [&](const Tensor& t) { return nn::mean(t, others, true); };
  const Tensor scale = per_channel(g.in(2)), d = x - per_channel(g.in(3));
  const Tensor r = op("Rsqrt", {per_channel(g.in(4)) + nn::constant(DType::f32, g.number("epsilon"))});
  const Tensor a = nn::cast(g.dy(0), DType::f32), b = per_channel(g.dy(1)), c = per_channel(g.dy(2));
  const bool training = g.flag("is_training");
  const Tensor r2 = r * r;
  auto through = [&](const Tensor& t) {   // dx of t, without scale
    return training ? r * (t - mean(t) - d * r2 * mean(t * d)) : r * t;
  };
  if (g.needs(0)) g.to(0, nn::cast(scale * through(a) + b * d * r + c, g.in(0).dtype()));
  if (g.needs(1)) {
    Tensor to = b * dy * r;
    if (training) {
      const Tensor three = nn::constant(DType::f32, 3), r3 = r * r2;
      const Tensor both = total(a) * mean(dy) - total(dy * a) + three * r2 * total(dy * d) * mean(a * d);
      to = scale * (d * r3 * both / total(op("OnesLike", {x})) + mean(a * d) * r3 * (mean(dy) - dy) + mean(dy * d) * r3 * (mean(a) - a)) +
           b * (r * dy - r * mean(dy) - d * r3 * mean(dy * d));
    }
    g.to(1, nn::cast(to, g.in(1).dtype()));
  }
  if (g.needs(2)) g.to(2, nn::sum(a * through(dy), others));
}

const Op batch_norm_grad = {
    .name = "FusedBatchNormGradV3",
    .inputs = {"y_backprop: T", "x: T", "scale: float", "reserve_space_1: U", "reserve_space_2: U", "reserve_space_3: U"},
    .outputs = {"x_backprop: T", "scale_backprop: U", "offset_backprop: U", "reserve_space_4: U", "reserve_space_5: U"},
    .attrs = {"T: {half, bfloat16, float}", "U: {float}", kEpsilon, kFormat, "is_training: bool = true"},
    .doc = "What flows back to x, scale and offset of a FusedBatchNormV3; the reserve spaces are its moments.",
    .shape = [](ShapeCtx& c) {
      int64_t n = channels_of(c, 0, "y_backprop");
      n = std::max(n, channels_of(c, 1, "input"));
      c.check(c.shape(0).compatible(c.shape(1)), "x and y_backprop must have same shape, but x has shape {} and y_backprop has shape {}",
              c.shape(1).str(), c.shape(0).str());
      n = check_channel(c, 2, "scale", n);
      n = check_channel(c, 3, "saved mean", n);
      n = check_channel(c, 4, "saved variance", n);
      c.same_as_input();
      c.output(1, {n});
      c.output(2, {n});
      c.output(3, {});
      c.output(4, {});
    },
    .grad = second_derivative,
};
NINEFOLD_REGISTER(batch_norm_grad);

// ---- the kernels ----

// An image as float rows of channels: its own memory, or a copy.
struct Rows {
  int64_t rows = 0, channels = 0, inner = 1;
  bool first = false;
  Rows(const Shape& s, const std::string& format) : first(channels_first(format)) {
    const int at = first ? 1 : s.rank() - 1;
    channels = s[at];
    rows = channels ? s.size() / channels : 0;
    inner = s.slice(at + 1, s.rank()).size();
  }
  int64_t outer() const { return inner ? rows / inner : 0; }
  void to_last(const float* from, float* to) const { swap(from, to, channels, inner); }
  void to_first(const float* from, float* to) const { swap(from, to, inner, channels); }

 private:
  void swap(const float* from, float* to, int64_t a, int64_t b) const {
    const int64_t dims[] = {outer(), a, b}, order[] = {0, 2, 1};
    cpu::transpose(4, dims, order, from, to);
  }
};

constexpr int64_t kBlocks = 16;   // sums of blocks of rows, added in order in double
int64_t block_of(int64_t rows) { return std::max<int64_t>(64, (rows + kBlocks - 1) / kBlocks); }
// totals[k][c] in double over all rows; body(rows from, count, partial sums) fills `width` floats.
template <class Body>
void sum_blocks(int64_t rows, int64_t width, float* partial, double* totals, const Body& body) {
  const int64_t block = block_of(rows), blocks = (rows + block - 1) / block;
  parallel_for(blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) body(b * block, std::min(block, rows - b * block), partial + b * width);
  });
  for (int64_t c = 0; c < width; ++c) {
    totals[c] = 0;
    for (int64_t b = 0; b < blocks; ++b) totals[c] += static_cast<double>(partial[b * width + c]);
  }
}
// Pieces of scratch, one after the other.
class Carve {
 public:
  explicit Carve(void* memory) : at_(static_cast<char*>(memory)) {}
  template <class T> T* take(int64_t n) {
    T* p = reinterpret_cast<T*>(at_);
    at_ += (static_cast<size_t>(n) * sizeof(T) + 63) / 64 * 64;
    return p;
  }

 private:
  char* at_;
};
size_t carved(std::initializer_list<int64_t> bytes) {
  size_t all = 0;
  for (int64_t b : bytes) all += (static_cast<size_t>(b) + 63) / 64 * 64;
  return all;
}
int64_t apply_grain(int64_t channels) { return std::max<int64_t>(1, 32768 / std::max<int64_t>(1, channels)); }

void batch_norm_cpu(KernelCtx& k) {
  const Rows m(k.shape(0), k.text("data_format"));
  const int64_t n = m.channels, size = m.rows * n;
  const bool training = k.flag("is_training");
  const auto epsilon = static_cast<float>(k.number("epsilon")), factor = static_cast<float>(k.number("exponential_avg_factor"));
  const float *scale = k.in<float>(1), *offset = k.in<float>(2), *given_mean = k.in<float>(3), *given_variance = k.in<float>(4);
  float *batch_mean = k.out<float>(1), *batch_variance = k.out<float>(2), *saved_mean = k.out<float>(3), *saved_variance = k.out<float>(4);
  if (m.rows == 0) {
    std::fill_n(batch_mean, n, std::numeric_limits<float>::quiet_NaN());
    std::fill_n(batch_variance, n, std::numeric_limits<float>::quiet_NaN());
    std::fill_n(saved_mean, n, 0.0f);
    std::fill_n(saved_variance, n, 0.0f);
    return;
  }
  const nn::Widened x(k.dtype(0), k.in<void>(0), size), y(k.dtype(0), k.out<void>(0), size, true);
  Carve scratch(k.scratch(carved({m.first ? size * 4 : 0, m.first ? size * 4 : 0, kBlocks * n * 4 + 64, n * 8, n * 4})));
  const float* in = static_cast<const float*>(x.data());
  float* out = static_cast<float*>(y.data());
  if (m.first) {
    float* copy = scratch.take<float>(size);
    m.to_last(in, copy);
    in = copy;
    out = scratch.take<float>(size);
  }
  float* partial = scratch.take<float>(kBlocks * n + 16);
  double* totals = scratch.take<double>(n);
  float* rate = scratch.take<float>(n);
  if (training) {
    const auto count = static_cast<double>(m.rows);
    sum_blocks(m.rows, n, partial, totals, [&](int64_t from, int64_t rows, float* to) { cpu::channel_sums(in + from * n, rows, n, to); });
    for (int64_t c = 0; c < n; ++c) saved_mean[c] = static_cast<float>(totals[c] / count);
    sum_blocks(m.rows, n, partial, totals,
               [&](int64_t from, int64_t rows, float* to) { cpu::channel_squares(in + from * n, saved_mean, rows, n, to); });
    const double unbiased = count / std::max(1.0, count - 1);
    for (int64_t c = 0; c < n; ++c) {
      const double variance = totals[c] / count;
      saved_variance[c] = static_cast<float>(variance);
      const float now = static_cast<float>(variance * unbiased);
      batch_mean[c] = factor == 1 ? saved_mean[c] : (1 - factor) * given_mean[c] + factor * saved_mean[c];
      batch_variance[c] = factor == 1 ? now : (1 - factor) * given_variance[c] + factor * now;
    }
  } else {
    std::copy_n(given_mean, n, saved_mean);
    std::copy_n(given_variance, n, saved_variance);
    std::copy_n(given_mean, n, batch_mean);
    std::copy_n(given_variance, n, batch_variance);
  }
  for (int64_t c = 0; c < n; ++c) rate[c] = 1 / std::sqrt(saved_variance[c] + epsilon) * scale[c];
  parallel_for(m.rows, apply_grain(n), [&](int64_t begin, int64_t end) {
    cpu::channel_scale(in + begin * n, saved_mean, rate, offset, out + begin * n, end - begin, n);
  });
  if (m.first) m.to_first(out, static_cast<float*>(y.data()));
}
NINEFOLD_KERNEL(batch_norm, "CPU", Kernel{batch_norm_cpu});
NINEFOLD_KERNEL(batch_norm_v2, "CPU", Kernel{batch_norm_cpu});
NINEFOLD_KERNEL(batch_norm_v1, "CPU", Kernel{batch_norm_cpu});

void batch_norm_grad_cpu(KernelCtx& k) {
  const Rows m(k.shape(1), k.text("data_format"));
  const int64_t n = m.channels, size = m.rows * n;
  const bool training = k.flag("is_training");
  const auto epsilon = static_cast<float>(k.number("epsilon"));
  const float *scale = k.in<float>(2), *mean = k.in<float>(3), *variance = k.in<float>(4);
  float *dscale = k.out<float>(1), *doffset = k.out<float>(2);
  *k.out<float>(3) = *k.out<float>(4) = 0;
  if (m.rows == 0) {
    std::fill_n(dscale, n, 0.0f);
    std::fill_n(doffset, n, 0.0f);
    return;
  }
  const nn::Widened gradient(k.dtype(0), k.in<void>(0), size), image(k.dtype(1), k.in<void>(1), size);
  const nn::Widened result(k.dtype(0), k.out<void>(0), size, true);
  Carve scratch(k.scratch(carved({m.first ? size * 4 : 0, m.first ? size * 4 : 0, m.first ? size * 4 : 0, 2 * kBlocks * n * 4 + 64, 2 * n * 8,
                                  n * 4, n * 4, n * 4})));
  auto *dy = static_cast<const float*>(gradient.data()), *x = static_cast<const float*>(image.data());
  auto* dx = static_cast<float*>(result.data());
  if (m.first) {
    float *dy_copy = scratch.take<float>(size), *x_copy = scratch.take<float>(size);
    m.to_last(dy, dy_copy);
    m.to_last(x, x_copy);
    dy = dy_copy, x = x_copy, dx = scratch.take<float>(size);
  }
  float* partial = scratch.take<float>(2 * kBlocks * n + 16);
  double* totals = scratch.take<double>(2 * n);
  float *rate = scratch.take<float>(n), *a = scratch.take<float>(n), *b = scratch.take<float>(n);
  sum_blocks(m.rows, 2 * n, partial, totals, [&](int64_t from, int64_t rows, float* to) {
    cpu::channel_products(dy + from * n, x + from * n, mean, rows, n, to, to + n);
  });
  const auto count = static_cast<double>(m.rows);
  for (int64_t c = 0; c < n; ++c) {
    const double inverse = 1 / std::sqrt(static_cast<double>(variance[c]) + static_cast<double>(epsilon));
    doffset[c] = static_cast<float>(totals[c]);
    dscale[c] = static_cast<float>(totals[n + c] * inverse);
    rate[c] = static_cast<float>(static_cast<double>(scale[c]) * inverse);
    // Training: the moments move with x; otherwise they are constants.
    a[c] = training ? static_cast<float>(totals[c] / count) : 0;
    b[c] = training ? static_cast<float>(totals[n + c] / count * inverse * inverse) : 0;
  }
  parallel_for(m.rows, apply_grain(n), [&](int64_t begin, int64_t end) {
    cpu::channel_back(dy + begin * n, x + begin * n, mean, rate, a, b, dx + begin * n, end - begin, n);
  });
  if (m.first) m.to_first(dx, static_cast<float*>(result.data()));
}
NINEFOLD_KERNEL(batch_norm_grad, "CPU", Kernel{batch_norm_grad_cpu});

}  // namespace
}  // namespace ninefold::ops
