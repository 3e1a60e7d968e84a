// In: conditions on tensors. Out: nothing, or TensorFlow's error with the tensors' first elements.
#include <algorithm>

#include "base/check.h"
#include "engine/op/scope.h"
#include "engine/ops/operands.h"
#include "engine/ops/text_format.h"

namespace ninefold::ops {
namespace {

Value assert_true(Args& a) {
  const Value& condition = a["condition"];
  const ValueList* data = a["data"].get<ValueList>();
  check(data, Code::type, "tf.debugging.Assert: `data` must be a list of tensors");
  Tensors all;
  for (const Value& v : *data) all.push_back(to_tensor(v));
  const int64_t summarize = a.none("summarize") ? 3 : a.integer("summarize");
  const Tensor holds = to_tensor(condition, is_tensor(condition) ? DType::invalid : DType::boolean);
  if (holds.symbolic() || scope().tracer()) {
    Tensors inputs = {holds};
    inputs.insert(inputs.end(), all.begin(), all.end());
    const NamedAttr attr("summarize", summarize);
    op_all("Assert", inputs, {&attr, 1});
    return {};
  }
  if (holds.float_at(0) != 0) return {};
  std::string text;
  for (const Tensor& t : all) {
    text += text.empty() ? "" : "\n";
    const int64_t n = t.size(), shown = summarize < 0 ? n : std::min(n, summarize);
    for (int64_t i = 0; i < (t.rank() ? shown : 1); ++i) {
      text += i ? ", " : "";
      if (t.dtype() == DType::string) text += "b'" + escaped(t.as<std::string>()[i]) + "'";
      else if (t.dtype() == DType::boolean) text += t.as<bool>()[i] ? "True" : "False";
      else if (is_integer(t.dtype())) text += std::to_string(t.int_at(i));
      else text += number_text(t.float_at(i), t.dtype() != DType::f64);
    }
    if (t.rank() && shown < n) text += ", ...";
  }
  fail(Code::invalid_argument, "Expected '{}' to be true. Summarized data: {}",
       is_tensor(condition) ? "tf.Tensor(False, shape=(), dtype=bool)" : "False", text);
}
const Function assert_function = {
    .names = {"tf.debugging.Assert", "tf.Assert"},
    .signature = "(condition: tensor, data: value, summarize: int = None, name: str = None)",
    .doc = "Raises InvalidArgumentError with the first elements of the data if the condition does not hold.",
    .body = assert_true, .result = "value",
};
NINEFOLD_REGISTER(assert_function);

// ---- comparisons of two tensors ----

std::string vector_text(const Tensor& t, int64_t n) {
  std::string all;
  for (int64_t i = 0; i < std::min(n, t.size()); ++i) {
    all += i ? " " : "";
    if (t.dtype() == DType::string) all += "b'" + t.as<std::string>()[i] + "'";
    else if (t.dtype() == DType::boolean) all += t.as<bool>()[i] ? "True" : "False";
    else if (is_integer(t.dtype())) all += std::to_string(t.int_at(i));
    else {
      std::string s = number_text(t.float_at(i), t.dtype() != DType::f64);
      all += s.find_first_of(".en") == std::string::npos ? s + "." : s;
    }
  }
  return "[" + all + "]";
}
// Where an equality fails: for tensors of one shape the error names the first places and their values.
std::string differing(const Tensor& holds, const Tensor& x, const Tensor& y, int64_t n) {
  if (x.rank() == 0 || !(x.shape() == y.shape())) return "";
  std::string places;
  int64_t found = 0;
  std::vector<int64_t> at;
  for (int64_t i = 0; i < holds.size() && found < n; ++i) {
    if (holds.as<bool>()[i]) continue;
    std::string index;
    int64_t left = i;
    for (int a = x.rank(); a-- > 0; left /= x.dim(a)) index = std::to_string(left % x.dim(a)) + (index.empty() ? "" : " ") + index;
    places += (found++ ? "\n [" : "[") + index + "]";
    at.push_back(i);
  }
  const auto picked = [&](const Tensor& t) {
    std::string all;
    for (int64_t i : at) {
      const std::string one = vector_text(op("Reshape", {op("Slice", {op("Reshape", {t, Tensor::of<int32_t>({1}, {-1})}),
                                                                      Tensor::of<int64_t>({1}, {i}), Tensor::of<int64_t>({1}, {1})}),
                                                         Tensor::of<int32_t>({1}, {1})}), 1);
      all += (all.empty() ? "" : " ") + one.substr(1, one.size() - 2);
    }
    return "[" + all + "]";
  };
  return fmt::format("Indices of first {} different values:\n[{}]\nCorresponding x values:\n{}\nCorresponding y values:\n{}\n",
                     found, places, picked(x), picked(y));
}
// `with` compares; `sign` is how the error writes it.
Value compared(Args& a, const char* with, const char* sign) {
  const Tensors xy = operands(a, {"x", "y"});
  const Tensor holds = op(with, {xy[0], xy[1]});
  const std::string message = a["message"].get<std::string>() ? *a["message"].get<std::string>() + "\n" : "";
  if (holds.symbolic() || scope().tracer()) {
    std::vector<int32_t> axes(static_cast<size_t>(std::max(holds.rank(), 0)));
    for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int32_t>(i);
    const Tensor all = op("All", {holds, Tensor::of<int32_t>({static_cast<int64_t>(axes.size())}, axes)});
    const Tensor inputs[] = {all, Tensor::of_string(message + "Condition x " + sign + " y did not hold."), xy[0], xy[1]};
    op_all("Assert", inputs);
    return {};
  }
  bool all = true;
  for (int64_t i = 0; i < holds.size(); ++i) all = all && holds.as<bool>()[i];
  if (all) return {};
  const int64_t n = a.none("summarize") ? 3 : a.integer("summarize") < 0 ? INT64_MAX : a.integer("summarize");
  fail(Code::invalid_argument, "{}Condition x {} y did not hold.\n{}First {} elements of x:\n{}\nFirst {} elements of y:\n{}",
       message, sign, differing(holds, xy[0], xy[1], n), std::min(n, xy[0].size()), vector_text(xy[0], n), std::min(n, xy[1].size()), vector_text(xy[1], n));
}
#define COMPARES(record, names_, op_name, sign)                                                                   \
  const Function record = {                                                                                       \
      .names = names_, .signature = "(x: T, y: T, message: str = None, summarize: int = None, name: str = None)", \
      .doc = "Raises InvalidArgumentError unless x " sign " y holds for every element.",                          \
      .body = [](Args& a) { return compared(a, op_name, sign); }, .result = "value",                              \
  };                                                                                                              \
  NINEFOLD_REGISTER(record)
using Names = std::vector<std::string>;
COMPARES(assert_less, (Names{"tf.debugging.assert_less", "tf.assert_less"}), "Less", "<");
COMPARES(assert_less_equal, (Names{"tf.debugging.assert_less_equal"}), "LessEqual", "<=");
COMPARES(assert_greater, (Names{"tf.debugging.assert_greater", "tf.assert_greater"}), "Greater", ">");
COMPARES(assert_greater_equal, (Names{"tf.debugging.assert_greater_equal"}), "GreaterEqual", ">=");
COMPARES(assert_equal, (Names{"tf.debugging.assert_equal", "tf.assert_equal"}), "Equal", "==");
#undef COMPARES
const Function assert_none_equal = {
    .names = {"tf.debugging.assert_none_equal"},
    .signature = "(x: T, y: T, summarize: int = None, message: str = None, name: str = None)",
    .doc = "Raises InvalidArgumentError unless x != y holds for every element.",
    .body = [](Args& a) { return compared(a, "NotEqual", "!="); }, .result = "value",
};
NINEFOLD_REGISTER(assert_none_equal);

}  // namespace
}  // namespace ninefold::ops
