// In: the arguments of tf.nn's pooling functions. Out: MaxPool, AvgPool and their 3-D kin; 1-D ones are 2-D ones
// of height 1.
#include <algorithm>

#include "base/check.h"
#include "engine/ops/conv_arguments.h"
#include "engine/ops/moves.h"
#include "engine/ops/nn_common.h"

namespace ninefold::ops {
namespace {

bool first(const std::string& format) { return format.starts_with("NC"); }

// n spatial dimensions; ksize and strides have one entry a dimension.
Tensor pool(bool max, const Tensor& x, int n, const std::vector<int64_t>& ksize, const std::vector<int64_t>& strides, const Padding& p,
            bool channels_first) {
  check(p.kind != "EXPLICIT" || (max && n < 3), Code::value, "{} pooling takes padding 'SAME' or 'VALID', not a list",
        max ? "3-D max" : "average");
  if (n == 3)
    return op(max ? "MaxPool3D" : "AvgPool3D", {x}, {{"ksize", ksize}, {"strides", strides}, {"padding", p.kind},
              {"data_format", channels_first ? "NCDHW" : "NDHWC"}});
  const char* format = channels_first ? "NCHW" : "NHWC";
  if (n == 1) {
    const int64_t axis = channels_first ? 2 : 1;
    auto one = [&](std::vector<int64_t> list, int64_t at, int count, int64_t value) {
      list.insert(list.begin() + at, static_cast<size_t>(count), value);
      return list;
    };
    Padding tall = p;
    if (p.kind == "EXPLICIT") tall.pairs = one(p.pairs, 2 * axis, 2, 0);
    const Tensor y = pool(max, op("ExpandDims", {x, int_scalar(axis)}), 2, one(ksize, axis, 1, 1), one(strides, axis, 1, 1), tall, channels_first);
    return op("Squeeze", {y}, {{"squeeze_dims", std::vector<int64_t>{axis}}});
  }
  if (!max) return op("AvgPool", {x}, {{"ksize", ksize}, {"strides", strides}, {"padding", p.kind}, {"data_format", format}});
  return op("MaxPool", {x}, {{"ksize", ksize}, {"strides", strides}, {"padding", p.kind}, {"explicit_paddings", p.pairs}, {"data_format", format}});
}

Value fixed(Args& a, bool max, int n) {
  const bool channels_first = !a.none("data_format") && first(a.text("data_format"));
  return pool(max, a.tensor("input"), n, sequence_of(a, "ksize", n, channels_first), sequence_of(a, "strides", n, channels_first),
              padding_of(a, n + 2), channels_first);
}
Value by_rank(Args& a, bool max) {
  const Tensor x = a.tensor("input");
  const int n = x.rank() - 2;
  check(n >= 1 && n <= 3, Code::value, "`input.shape.rank` must be 3, 4 or 5. Received: input.shape={} of rank {}.", x.shape().tuple(), x.rank());
  return fixed(a, max, n);
}
#define POOL(record, py_name, format, max, n, says)                                                                               \
  const Function record = {                                                                                                       \
      .names = {py_name},                                                                                                         \
      .signature = "(input: tensor, ksize: ints, strides: ints, padding: value, data_format: str = " format ", name: str = None)", \
      .doc = says,                                                                                                                \
      .body = [](Args& a) -> Value { return n ? fixed(a, max, n) : by_rank(a, max); },                                            \
  };                                                                                                                              \
  NINEFOLD_REGISTER(record)
POOL(max_pool, "tf.nn.max_pool", "None", true, 0, "The greatest element of every window, for 1 to 3 spatial dimensions.");
POOL(max_pool1d, "tf.nn.max_pool1d", "'NWC'", true, 1, "The greatest element of every window of [batch, width, channels].");
POOL(max_pool2d, "tf.nn.max_pool2d", "'NHWC'", true, 2, "The greatest element of every window of [batch, height, width, channels].");
POOL(max_pool3d, "tf.nn.max_pool3d", "'NDHWC'", true, 3, "The greatest element of every window of [batch, depth, height, width, channels].");
POOL(avg_pool, "tf.nn.avg_pool", "None", false, 0, "The mean of every window, for 1 to 3 spatial dimensions.");
POOL(avg_pool1d, "tf.nn.avg_pool1d", "'NWC'", false, 1, "The mean of every window of [batch, width, channels].");
POOL(avg_pool2d, "tf.nn.avg_pool2d", "'NHWC'", false, 2, "The mean of every window of [batch, height, width, channels].");
POOL(avg_pool3d, "tf.nn.avg_pool3d", "'NDHWC'", false, 3, "The mean of every window of [batch, depth, height, width, channels].");
#undef POOL

const Function argmax_function = {
    .names = {"tf.nn.max_pool_with_argmax"},
    .signature = "(input: tensor, ksize: ints, strides: ints, padding: str, data_format: str = 'NHWC', output_dtype: dtype = tf.int64, "
                 "include_batch_in_index: bool = False, name: str = None)",
    .doc = "(max_pool2d, where each greatest element is): (row * width + column) * channels + channel, counted within an image or "
           "within the batch.",
    .body = [](Args& a) -> Value {
      check(a.text("data_format") == "NHWC", Code::value,
            "`data_format` values other  than 'NHWC' are not supported. Received: data_format={}", a.text("data_format"));
      const Tensor x = a.tensor("input");
      const NamedAttr attrs[] = {{"ksize", sequence_of(a, "ksize", 2, false)}, {"strides", sequence_of(a, "strides", 2, false)},
                                 {"padding", a.text("padding")}, {"Targmax", a.dtype("output_dtype")},
                                 {"include_batch_in_index", a.flag("include_batch_in_index")}};
      return op_all("MaxPoolWithArgmax", {&x, 1}, attrs);
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(argmax_function);

std::string as_array(const std::vector<int64_t>& v) {
  std::string out = "[";
  for (int64_t i : v) out += (out.size() > 1 ? " " : "") + std::to_string(i);
  return out + "]";
}
// How far the elements of a window lie apart, an entry a spatial dimension; raises TensorFlow's errors for what does not go with it.
std::vector<int64_t> dilations_of(Args& a, int n) {
  if (a.none("dilations")) return {};
  check(!a["dilations"].get<int64_t>(), Code::type, "object of type 'int' has no len()");
  const std::vector<int64_t> rates = a.ints("dilations");
  const std::string shown = as_array(rates);
  check(static_cast<int>(rates.size()) == n, Code::value, "`len(dilation_rate)` should be {}. Received: dilation_rate={} of length {}", n, shown, rates.size());
  check(std::all_of(rates.begin(), rates.end(), [](int64_t d) { return d > 0; }), Code::value,
        "all values of `dilation_rate` must be positive. Received: dilation_rate={}", shown);
  if (std::all_of(rates.begin(), rates.end(), [](int64_t d) { return d == 1; })) return rates;
  const std::string* padding = a["padding"].get<std::string>();
  check(padding && *padding == "VALID", Code::value, "pooling with 'SAME' padding is not implemented for `dilation_rate` > 1. Received: "
        "padding={} and dilation_rate={}", padding ? *padding : "a list", shown);
  const std::vector<int64_t> strides = a.none("strides") ? std::vector<int64_t>(static_cast<size_t>(n), 1) : a.ints("strides");
  check(std::all_of(strides.begin(), strides.end(), [](int64_t s) { return s == 1; }), Code::value,
        "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: strides={} and dilation_rate={}", as_array(strides), shown);
  return rates;
}
// Pools what lies `rates` apart: each phase of the rows becomes a batch of its own, which is pooled as it is.
Tensor dilated(bool max, const Tensor& given, int n, const std::vector<int64_t>& ksize, const std::vector<int64_t>& rates, bool channels_first) {
  std::vector<int64_t> last = {0}, back = {0, n + 1}, plain(static_cast<size_t>(n) + 2, 1);
  for (int i = 0; i < n; ++i) last.push_back(i + 2), back.push_back(i + 1);
  last.push_back(1);
  std::vector<int64_t> window = ksize;
  if (channels_first) std::rotate(window.begin() + 1, window.begin() + 2, window.end());
  const Tensor x = channels_first ? op("Transpose", {given, int_vector(last)}) : given, block = int_vector(rates);
  std::vector<int64_t> from, sizes;
  for (int i = 0; i < n; ++i) sizes.push_back(x.dim(i + 1));
  Tensor pad;
  if (std::all_of(sizes.begin(), sizes.end(), [](int64_t s) { return s >= 0; })) {
    for (int i = 0; i < n; ++i) from.push_back((rates[static_cast<size_t>(i)] - sizes[static_cast<size_t>(i)] % rates[static_cast<size_t>(i)]) % rates[static_cast<size_t>(i)]);
    pad = int_vector(from);
  } else {
    const Tensor size = op("Slice", {shape_tensor(x), int_vector({1}), int_vector({n})});
    pad = op("FloorMod", {op("Neg", {size}), block});
  }
  const Tensor both[] = {op("ZerosLike", {pad}), pad};
  const NamedAttr axis("axis", int64_t{1});
  const Tensor pads = op_all("Pack", both, {&axis, 1}).at(0);
  const Tensor y = op("BatchToSpaceND", {pool(max, op("SpaceToBatchND", {x, block, pads}), n, window, plain, Padding{"VALID", {}}, false), block, pads});
  return channels_first ? op("Transpose", {y, int_vector(back)}) : y;
}

const Function pool_function = {
    .names = {"tf.nn.pool"},
    .signature = "(input: tensor, window_shape: ints, pooling_type: str, strides: ints = None, padding: value = 'VALID', "
                 "data_format: str = None, dilations: ints = None, name: str = None)",
    .doc = "Pooling of type 'MAX' or 'AVG' with as many spatial dimensions as window_shape has entries.",
    .body = [](Args& a) -> Value {
      const std::string type = a.text("pooling_type");
      const auto n = static_cast<int>(a.ints("window_shape").size());
      check((type == "MAX" || type == "AVG") && n >= 1 && n <= 3, Code::value, "{}-D {} pooling is not supported.", n, type);
      const bool channels_first = !a.none("data_format") && first(a.text("data_format"));
      if (const std::vector<int64_t> rates = dilations_of(a, n); std::any_of(rates.begin(), rates.end(), [](int64_t d) { return d > 1; }))
        return dilated(type == "MAX", a.tensor("input"), n, sequence_of(a, "window_shape", n, channels_first), rates, channels_first);
      return pool(type == "MAX", a.tensor("input"), n, sequence_of(a, "window_shape", n, channels_first),
                  sequence_of(a, "strides", n, channels_first), padding_of(a, n + 2), channels_first);
    },
};
NINEFOLD_REGISTER(pool_function);

}  // namespace
}  // namespace ninefold::ops
