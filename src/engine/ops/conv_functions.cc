// In: the arguments of tf.nn's convolutions. Out: Conv2D and its kin with full attributes; 1-D ones are 2-D ones of
// height 1.
#include "base/check.h"
#include "engine/ops/conv_arguments.h"
#include "engine/ops/extent.h"
#include "engine/ops/nn_common.h"

namespace ninefold::ops {

std::vector<int64_t> sequence_of(const Args& a, const char* name, int n, bool channels_first) {
  std::vector<int64_t> given = a.none(name) ? std::vector<int64_t>{1} : a.ints(name);
  const auto size = given.size(), want = static_cast<size_t>(n);
  if (size == want + 2) return given;
  if (size == 1) given.assign(want, given[0]);
  else
    check(size == want, Code::value, "{} should be of length 1, {} or {}. Received: {}={} of length {}", name, n, n + 2, name,
          nn::python_text(a[name]), size);
  given.insert(given.begin(), channels_first ? 2 : 1, 1);
  if (!channels_first) given.push_back(1);
  return given;
}

Padding padding_of(const Args& a, int entries) {
  Padding p;
  const Value& v = a["padding"];
  if (const std::string* text = v.get<std::string>()) {
    check(*text != "EXPLICIT", Code::value,
          "'EXPLICIT' is not a valid value for `padding`. To use explicit padding, `padding` must be a list.");
    p.kind = *text;
    return p;
  }
  const ValueList* list = v.get<ValueList>();
  check(list, Code::value, "{}: padding must be 'SAME', 'VALID' or a list of pairs", a.function().names[0]);
  for (size_t i = 0; i < list->size(); ++i) {
    const ValueList* pair = (*list)[i].get<ValueList>();
    check(pair, Code::value,
          "When `padding` is a list, each element of `padding` must be a list/tuple of size 2. Received: padding={} with element at "
          "index {} of type {}", nn::python_text(v), i, "int");
    check(pair->size() == 2, Code::value,
          "When `padding` is a list, each element of `padding` must be a list/tuple of size 2. Received: padding={} with element at "
          "index {} of size {}", nn::python_text(v), i, pair->size());
    for (const Value& side : *pair) p.pairs.push_back(to_tensor(side, DType::i64, "padding").int_at(0));
  }
  check(static_cast<int>(list->size()) == entries, Code::value,
        "When padding is a list, it must be of size {}. Received: padding={} of size {}", entries, nn::python_text(v), list->size());
  p.kind = "EXPLICIT";
  return p;
}

Tensor with_batch(const Tensor& x, int inner_rank, const std::function<Tensor(const Tensor&)>& body) {
  const Shape& s = x.shape();
  if (!s.known_rank() || s.rank() <= inner_rank + 1) return body(x);
  const int batch = s.rank() - inner_rank;
  std::vector<Extent> flat = {-1}, whole;
  for (int i = 0; i < s.rank(); ++i) (i < batch ? whole : flat).push_back(Extent::along(x, i));
  const Tensor y = body(op("Reshape", {x, vector_of(flat)}));
  for (int i = 1; i < y.rank(); ++i) whole.push_back(Extent::along(y, i));
  return with_static_shape(op("Reshape", {y, vector_of(whole)}), s.slice(0, batch).concat(y.shape().slice(1, y.rank())));
}

namespace {

bool first(const std::string& format) { return format.starts_with("NC"); }
std::string format_of(const Args& a, const char* fallback) { return a.none("data_format") ? fallback : a.text("data_format"); }

Tensor conv2d(const Tensor& x, const Tensor& f, const std::vector<int64_t>& strides, const Padding& p, const std::string& format,
              const std::vector<int64_t>& dilations) {
  return with_batch(x, 3, [&](const Tensor& image) {
    return op("Conv2D", {image, f}, {{"strides", strides}, {"padding", p.kind}, {"explicit_paddings", p.pairs},
                                     {"data_format", format}, {"dilations", dilations}});
  });
}
// A dimension of size 1 before the last spatial one.
Tensor taller(const Tensor& x, int64_t axis) { return op("ExpandDims", {x, int_scalar(axis)}); }
Tensor flatter(const Tensor& x, int64_t axis) { return op("Squeeze", {x}, {{"squeeze_dims", std::vector<int64_t>{axis}}}); }
std::vector<int64_t> one_before(std::vector<int64_t> spatial, bool channels_first) {
  spatial.insert(spatial.begin() + (channels_first ? 2 : 1), 1);
  return spatial;
}
Tensor conv1d(const Tensor& x, const Tensor& f, const std::vector<int64_t>& strides, const Padding& p, bool channels_first,
              const std::vector<int64_t>& dilations) {
  Padding tall = p;
  if (p.kind == "EXPLICIT") tall.pairs.insert(tall.pairs.begin() + (channels_first ? 4 : 2), 2, 0);
  const int64_t axis = channels_first ? -2 : -3;   // of the row dimension once it is there
  return flatter(conv2d(taller(x, axis), taller(f, 0), one_before(strides, channels_first), tall, channels_first ? "NCHW" : "NHWC",
                        one_before(dilations, channels_first)), axis);
}
void check_1d_format(const std::string& format) {
  check(format == "NWC" || format == "NHWC" || format == "NCW" || format == "NCHW", Code::value,
        "`data_format` must be 'NWC' or 'NCW'. Received: data_format={}", format);
}

const Function conv2d_function = {
    .names = {"tf.nn.conv2d"},
    .signature = "(input: tensor, filters: tensor, strides: ints, padding: value, data_format: str = 'NHWC', dilations: ints = None, "
                 "name: str = None)",
    .doc = "2-D convolution of input [..., height, width, in] with filters [height, width, in, out]. padding: 'SAME', 'VALID', "
           "or four pairs.",
    .body = [](Args& a) -> Value {
      const std::string format = format_of(a, "NHWC");
      const Padding p = padding_of(a, 4);
      const Tensor x = a.tensor("input");
      return conv2d(x, a.tensor("filters", x.dtype()), sequence_of(a, "strides", 2, first(format)), p, format,
                    sequence_of(a, "dilations", 2, first(format)));
    },
};
NINEFOLD_REGISTER(conv2d_function);

const Function conv1d_function = {
    .names = {"tf.nn.conv1d"},
    .signature = "(input: tensor, filters: tensor, stride: ints, padding: value, data_format: str = 'NWC', dilations: ints = None, "
                 "name: str = None)",
    .doc = "1-D convolution of input [..., width, in] with filters [width, in, out].",
    .body = [](Args& a) -> Value {
      const std::string format = format_of(a, "NWC");
      check_1d_format(format);
      const Tensor x = a.tensor("input");
      return conv1d(x, a.tensor("filters", x.dtype()), sequence_of(a, "stride", 1, first(format)), padding_of(a, 3), first(format),
                    sequence_of(a, "dilations", 1, first(format)));
    },
};
NINEFOLD_REGISTER(conv1d_function);

const Function convolution_function = {
    .names = {"tf.nn.convolution"},
    .signature = "(input: tensor, filters: tensor, strides: ints = None, padding: value = 'VALID', data_format: str = None, "
                 "dilations: ints = None, name: str = None)",
    .doc = "1-, 2- or 3-D convolution: filters have as many spatial dimensions as they have dimensions but two.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("input"), f = a.tensor("filters", x.dtype());
      const int n = (f.shape().known_rank() ? f.rank() : x.rank()) - 2;
      check(n >= 1 && n <= 3, Code::value, "`num_spatial_dims` must be 1, 2, or 3. Received: num_spatial_dims={}.", n);
      const bool channels_first = !a.none("data_format") && first(a.text("data_format"));
      const auto strides = sequence_of(a, "strides", n, channels_first), dilations = sequence_of(a, "dilations", n, channels_first);
      const bool strided = std::any_of(strides.begin(), strides.end(), [](int64_t s) { return s != 1; });
      const bool dilated = std::any_of(dilations.begin(), dilations.end(), [](int64_t s) { return s != 1; });
      auto text = [&](const std::vector<int64_t>& list) {
        std::string all;
        for (int i = 0; i < n; ++i) all += (i ? " " : "") + std::to_string(list[static_cast<size_t>(i + (channels_first ? 2 : 1))]);
        return all;
      };
      check(!(strided && dilated), Code::value,
            "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: strides=[{}] and dilation_rate=[{}]",
            text(strides), text(dilations));
      const Padding p = padding_of(a, n + 2);
      if (n == 1) return conv1d(x, f, strides, p, channels_first, dilations);
      if (n == 2) return conv2d(x, f, strides, p, channels_first ? "NCHW" : "NHWC", dilations);
      return with_batch(x, 4, [&](const Tensor& volume) {
        return op("Conv3D", {volume, f}, {{"strides", strides}, {"padding", p.kind}, {"data_format", channels_first ? "NCDHW" : "NDHWC"},
                                          {"dilations", dilations}});
      });
    },
};
NINEFOLD_REGISTER(convolution_function);

const Function conv3d_function = {
    .names = {"tf.nn.conv3d"},
    .signature = "(input: tensor, filters: tensor, strides: ints, padding: value, data_format: str = 'NDHWC', dilations: ints = None, "
                 "name: str = None)",
    .doc = "3-D convolution of input [..., depth, height, width, in] with filters [depth, height, width, in, out].",
    .body = [](Args& a) -> Value {
      const std::string format = format_of(a, "NDHWC");
      const Tensor x = a.tensor("input"), f = a.tensor("filters", x.dtype());
      const auto strides = sequence_of(a, "strides", 3, first(format)), dilations = sequence_of(a, "dilations", 3, first(format));
      return with_batch(x, 4, [&](const Tensor& volume) {
        return op("Conv3D", {volume, f}, {{"strides", strides}, {"padding", a.text("padding")}, {"data_format", format}, {"dilations", dilations}});
      });
    },
};
NINEFOLD_REGISTER(conv3d_function);

const Function atrous_function = {
    .names = {"tf.nn.atrous_conv2d"},
    .signature = "(value: tensor, filters: tensor, rate: int, padding: str, name: str = None)",
    .doc = "2-D convolution with holes: filter taps are `rate` pixels apart.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("value");
      const int64_t rate = a.integer("rate");
      check(rate >= 1, Code::value, "`rate` must be at least 1. Received: rate={}", rate);
      return conv2d(x, a.tensor("filters", x.dtype()), {1, 1, 1, 1}, {a.text("padding"), {}}, "NHWC", {1, rate, rate, 1});
    },
};
NINEFOLD_REGISTER(atrous_function);

// ---- transposed ----

Tensor conv2d_transposed(const Tensor& x, const Tensor& f, const Tensor& shape, const std::vector<int64_t>& strides, const Padding& p,
                         const std::string& format, const std::vector<int64_t>& dilations) {
  return op("Conv2DBackpropInput", {nn::cast(shape, DType::i32), f, x}, {{"strides", strides}, {"padding", p.kind},
            {"explicit_paddings", p.pairs}, {"data_format", format}, {"dilations", dilations}});
}
Tensor conv1d_transposed(const Tensor& x, const Tensor& f, const Tensor& shape, const std::vector<int64_t>& strides, const Padding& p,
                         bool channels_first, const std::vector<int64_t>& dilations) {
  const int64_t axis = channels_first ? 2 : 1;
  // The row of size 1 goes into the asked shape, too.
  const Tensor s = nn::cast(shape, DType::i32);
  Tensor tall;
  if (const Tensor* known = known_value(s)) {
    std::vector<int64_t> dims = known->ints();
    check(dims.size() == 3, Code::value, "conv1d_transpose: output_shape must have 3 entries, got {}", dims.size());
    dims.insert(dims.begin() + axis, 1);
    tall = int_vector(dims);
  } else {
    const Tensor parts[] = {op("Slice", {s, int_vector({0}), int_vector({axis})}), int_vector({1}),
                            op("Slice", {s, int_vector({axis}), int_vector({-1})}), int_scalar(0)};
    tall = op_all("ConcatV2", parts).at(0);
  }
  return flatter(conv2d_transposed(taller(x, axis), taller(f, 0), tall, one_before(strides, channels_first), p,
                                   channels_first ? "NCHW" : "NHWC", one_before(dilations, channels_first)), axis);
}
const Function conv2d_transpose_function = {
    .names = {"tf.nn.conv2d_transpose"},
    .signature = "(input: tensor, filters: tensor, output_shape: ints, strides: ints, padding: value = 'SAME', data_format: str = 'NHWC', "
                 "dilations: ints = None, name: str = None)",
    .doc = "The gradient of conv2d by its input, as an op of its own. filters: [height, width, out, in].",
    .body = [](Args& a) -> Value {
      const std::string format = format_of(a, "NHWC");
      const Tensor x = a.tensor("input");
      return conv2d_transposed(x, a.tensor("filters", x.dtype()), a.ints_tensor("output_shape"), sequence_of(a, "strides", 2, first(format)),
                               padding_of(a, 4), format, sequence_of(a, "dilations", 2, first(format)));
    },
};
NINEFOLD_REGISTER(conv2d_transpose_function);
const Function conv1d_transpose_function = {
    .names = {"tf.nn.conv1d_transpose"},
    .signature = "(input: tensor, filters: tensor, output_shape: ints, strides: ints, padding: value = 'SAME', data_format: str = 'NWC', "
                 "dilations: ints = None, name: str = None)",
    .doc = "The gradient of conv1d by its input, as an op of its own. filters: [width, out, in].",
    .body = [](Args& a) -> Value {
      const std::string format = format_of(a, "NWC");
      check_1d_format(format);
      const Tensor x = a.tensor("input");
      return conv1d_transposed(x, a.tensor("filters", x.dtype()), a.ints_tensor("output_shape"), sequence_of(a, "strides", 1, first(format)),
                               padding_of(a, 3), first(format), sequence_of(a, "dilations", 1, first(format)));
    },
};
NINEFOLD_REGISTER(conv1d_transpose_function);
Tensor conv3d_transposed(const Tensor& x, const Tensor& f, const Tensor& shape, const std::vector<int64_t>& strides,
                         const std::string& padding, const std::string& format, const std::vector<int64_t>& dilations) {
  return op("Conv3DBackpropInputV2", {shape, f, x}, {{"strides", strides}, {"padding", padding}, {"data_format", format}, {"dilations", dilations}});
}
const Function conv3d_transpose_function = {
    .names = {"tf.nn.conv3d_transpose"},
    .signature = "(input: tensor, filters: tensor, output_shape: ints, strides: ints, padding: str = 'SAME', data_format: str = 'NDHWC', "
                 "dilations: ints = None, name: str = None)",
    .doc = "The gradient of conv3d by its input, as an op of its own. filters: [depth, height, width, out, in].",
    .body = [](Args& a) -> Value {
      const std::string format = format_of(a, "NDHWC");
      const Tensor x = a.tensor("input");
      return conv3d_transposed(x, a.tensor("filters", x.dtype()), a.ints_tensor("output_shape"), sequence_of(a, "strides", 3, first(format)),
                               a.text("padding"), format, sequence_of(a, "dilations", 3, first(format)));
    },
};
NINEFOLD_REGISTER(conv3d_transpose_function);
const Function conv_transpose_function = {
    .names = {"tf.nn.conv_transpose"},
    .signature = "(input: tensor, filters: tensor, output_shape: ints, strides: ints, padding: value = 'SAME', data_format: str = None, "
                 "dilations: ints = None, name: str = None)",
    .doc = "conv1d_transpose, conv2d_transpose or conv3d_transpose, as output_shape has 3, 4 or 5 entries.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("input"), f = a.tensor("filters", x.dtype()), shape = a.ints_tensor("output_shape");
      check(shape.rank() == 1 && shape.dim(0) >= 0, Code::value, "`output_shape` must be a tensor or sized collection.");
      const auto n = static_cast<int>(shape.dim(0)) - 2;
      check(n >= 1 && n <= 3, Code::value, "`output_shape` must be of length 3, 4 or 5. Received: output_shape={} of length {}.",
            nn::python_text(a["output_shape"]), n + 2);
      const bool channels_first = !a.none("data_format") && first(a.text("data_format"));
      const auto strides = sequence_of(a, "strides", n, channels_first), dilations = sequence_of(a, "dilations", n, channels_first);
      if (n == 1) return conv1d_transposed(x, f, shape, strides, padding_of(a, 3), channels_first, dilations);
      if (n == 2) return conv2d_transposed(x, f, shape, strides, padding_of(a, 4), channels_first ? "NCHW" : "NHWC", dilations);
      return conv3d_transposed(x, f, shape, strides, a.text("padding"), channels_first ? "NCDHW" : "NDHWC", dilations);
    },
};
NINEFOLD_REGISTER(conv_transpose_function);

// ---- depthwise ----

Tensor depthwise(const Args& a, const char* filter_name) {
  const std::string format = format_of(a, "NHWC");
  const Tensor x = a.tensor("input");
  const Padding p = padding_of(a, 4);
  return op("DepthwiseConv2dNative", {x, a.tensor(filter_name, x.dtype())},
            {{"strides", a.ints("strides")}, {"padding", p.kind}, {"explicit_paddings", p.pairs}, {"data_format", format},
             {"dilations", sequence_of(a, "dilations", 2, first(format))}});
}
const Function depthwise_function = {
    .names = {"tf.nn.depthwise_conv2d"},
    .signature = "(input: tensor, filter: tensor, strides: ints, padding: value, data_format: str = None, dilations: ints = None, "
                 "name: str = None)",
    .doc = "Each channel of input convolved with its own filters, [height, width, in, multiplier].",
    .body = [](Args& a) -> Value { return depthwise(a, "filter"); },
};
NINEFOLD_REGISTER(depthwise_function);
const Function separable_function = {
    .names = {"tf.nn.separable_conv2d"},
    .signature = "(input: tensor, depthwise_filter: tensor, pointwise_filter: tensor, strides: ints, padding: value, "
                 "data_format: str = None, dilations: ints = None, name: str = None)",
    .doc = "depthwise_conv2d, then a convolution with 1 x 1 filters.",
    .body = [](Args& a) -> Value {
      const Tensor y = depthwise(a, "depthwise_filter");
      return op("Conv2D", {y, a.tensor("pointwise_filter", y.dtype())},
                {{"strides", std::vector<int64_t>{1, 1, 1, 1}}, {"padding", "VALID"}, {"data_format", format_of(a, "NHWC")}});
    },
};
NINEFOLD_REGISTER(separable_function);
#define BACKPROP(record, py_name, op_name, first_name, first_type, second_name, second_type, says)                             \
  const Function record = {                                                                                                     \
      .names = {py_name},                                                                                                       \
      .signature = "(" first_name ": " first_type ", " second_name ": " second_type ", out_backprop: tensor, strides: ints, "   \
                   "padding: value, data_format: str = 'NHWC', dilations: ints = None, name: str = None)",                      \
      .doc = says,                                                                                                              \
      .body = [](Args& a) -> Value {                                                                                            \
        const Padding p = padding_of(a, 4);                                                                                     \
        const Tensor dy = a.tensor("out_backprop");                                                                             \
        auto get = [&](const char* name, bool sizes) { return sizes ? a.ints_tensor(name) : a.tensor(name, dy.dtype()); };      \
        return op(op_name, {get(first_name, first_type[0] == 'i'), get(second_name, second_type[0] == 'i'), dy},                \
                  {{"strides", a.ints("strides")}, {"padding", p.kind}, {"explicit_paddings", p.pairs},                         \
                   {"data_format", a.text("data_format")}, {"dilations", sequence_of(a, "dilations", 2, first(a.text("data_format")))}}); \
      },                                                                                                                        \
  };                                                                                                                            \
  NINEFOLD_REGISTER(record)
BACKPROP(depthwise_to_image_function, "tf.nn.depthwise_conv2d_backprop_input", "DepthwiseConv2dNativeBackpropInput", "input_sizes", "ints",
         "filter", "tensor", "What flows back to the input of depthwise_conv2d.");
BACKPROP(depthwise_to_filter_function, "tf.nn.depthwise_conv2d_backprop_filter", "DepthwiseConv2dNativeBackpropFilter", "input", "tensor",
         "filter_sizes", "ints", "What flows back to the filter of depthwise_conv2d.");
#undef BACKPROP

}  // namespace
}  // namespace ninefold::ops
