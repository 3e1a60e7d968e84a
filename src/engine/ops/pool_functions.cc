// In: the arguments of tf.nn's pooling functions. Out: MaxPool, AvgPool and their 3-D kin; 1-D ones are 2-D ones
// of height 1.
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
      if (!a.none("dilations"))
        for (int64_t d : a.ints("dilations"))
          check(d == 1, Code::unimplemented, "tf.nn.pool: dilations of {} are not implemented; pool slices of the input instead", d);
      return pool(type == "MAX", a.tensor("input"), n, sequence_of(a, "window_shape", n, channels_first),
                  sequence_of(a, "strides", n, channels_first), padding_of(a, n + 2), channels_first);
    },
};
NINEFOLD_REGISTER(pool_function);

}  // namespace
}  // namespace ninefold::ops
