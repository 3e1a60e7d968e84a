// In: one tensor and what it should be: positive, of a rank, of a dtype. Out: nothing, or TensorFlow's error.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "engine/op/scope.h"
#include "engine/ops/array_args.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/text_format.h"

namespace ninefold::ops {
namespace {

std::string before(const Args& a) {
  const auto* s = a["message"].get<std::string>();
  return s && !s->empty() ? *s + "\n" : "";
}
bool tracing(const Tensor& t) { return t.symbolic() || scope().tracer(); }
Tensor all_of(const Tensor& holds) { return op("All", {holds, all_axes(holds)}); }

// ---- numbers ----

std::string quoted(const Tensor& t, int64_t n) {
  std::string all;
  for (int64_t i = 0; i < std::min(n, t.size()); ++i) {
    std::string s = is_integer(t.dtype()) ? std::to_string(t.int_at(i)) : number_text(t.float_at(i), t.dtype() != DType::f64);
    if (!is_integer(t.dtype()) && s.find_first_of(".en") == std::string::npos) s += ".0";
    all += (i ? ", '" : "'") + s + "'";
  }
  return all + (n < t.size() ? ", '...'" : "");
}
// `with` compares with 0; `sign` is how the error writes it.
Value against_zero(Args& a, const char* with, const char* sign) {
  const Tensor x = operand(a, "x");
  const Tensor holds = op(with, {x, op("ZerosLike", {x})});
  const std::string text = before(a) + "Condition x " + sign + " 0 did not hold element-wise:";
  if (tracing(holds)) {
    const Tensor inputs[] = {all_of(holds), Tensor::of_string(text), x};
    op_all("Assert", inputs);
    return {};
  }
  bool all = true;
  for (int64_t i = 0; i < holds.size(); ++i) all = all && holds.as<bool>()[i];
  const int64_t n = a.none("summarize") ? 3 : a.integer("summarize") < 0 ? INT64_MAX : a.integer("summarize");
  check(all, Code::invalid_argument, "{}\nx (shape={} dtype={}) = \n[{}]", text, x.shape().tuple(), name_of(x.dtype()), quoted(x, n));
  return {};
}
Value near(Args& a) {
  const Tensors xy = operands(a, {"x", "y"});
  const Tensor &x = xy[0], &y = xy[1];
  const double epsilon = x.dtype() == DType::f64 ? 0x1p-52 : x.dtype() == DType::f16 ? 0x1p-10 : x.dtype() == DType::bf16 ? 0x1p-7 : 0x1p-23;
  const auto tolerance = [&](const char* name) { return a.none(name) ? number_like(x, 10 * epsilon) : to_tensor(a[name], x.dtype()); };
  const Tensor rtol = tolerance("rtol"), atol = tolerance("atol");
  const Tensor difference = op("Abs", {x - y});
  const Tensor holds = all_of(op("Less", {difference, atol + rtol * op("Abs", {y})}));
  const std::string text = before(a) + "x and y not equal to tolerance";
  if (tracing(holds)) {
    const Tensor inputs[] = {holds, Tensor::of_string(text), x, y};
    op_all("Assert", inputs);
    return {};
  }
  const auto scalar_text = [](const Tensor& t) {
    return fmt::format("tf.Tensor({}, shape={}, dtype={})", number_text(t.float_at(0), t.dtype() != DType::f64), t.shape().tuple(), name_of(t.dtype()));
  };
  call("tf.debugging.Assert", {{"condition", holds},
                               {"data", ValueList{before(a), text + " rtol = " + scalar_text(rtol) + ", atol = " + scalar_text(atol),
                                                  fmt::format("x (shape={} dtype={}) = ", x.shape().tuple(), name_of(x.dtype())), x,
                                                  fmt::format("y (shape={} dtype={}) = ", y.shape().tuple(), name_of(y.dtype())), y}}});
  return {};
}

// ---- ranks ----

int64_t rank_given(const Value& v) {
  const Tensor t = to_tensor(v);
  check(is_integer(t.dtype()), Code::type, "Rank must be an integer, got {}", name_of(t.dtype()));
  check(t.rank() == 0, Code::value, "Rank must be a scalar.");
  check(!t.symbolic(), Code::unimplemented, "tf.debugging.assert_rank: the rank must be known while tracing");
  return t.int_at(0);
}
void demand_rank(const Args& a, const Tensor& x, bool fits, const std::string& wanted) {
  check(x.shape().known_rank(), Code::unimplemented, "tf.debugging.assert_rank: the rank of the tensor must be known while tracing");
  check(fits, Code::value, "{}Tensor {} must have rank {}.  Received rank {}, shape {}", before(a), "", wanted, x.rank(), x.shape().tuple());
}

const std::string kOne = "(x: T, message: str = None, summarize: int = None, name: str = None)";
const Function functions[] = {
    {{"tf.debugging.assert_positive"}, kOne, "Raises InvalidArgumentError unless every element is above 0.",
     [](Args& a) { return against_zero(a, "Greater", ">"); }, "value"},
    {{"tf.debugging.assert_non_negative"}, kOne, "Raises InvalidArgumentError unless no element is below 0.",
     [](Args& a) { return against_zero(a, "GreaterEqual", ">="); }, "value"},
    {{"tf.debugging.assert_negative"}, kOne, "Raises InvalidArgumentError unless every element is below 0.",
     [](Args& a) { return against_zero(a, "Less", "<"); }, "value"},
    {{"tf.debugging.assert_non_positive"}, kOne, "Raises InvalidArgumentError unless no element is above 0.",
     [](Args& a) { return against_zero(a, "LessEqual", "<="); }, "value"},
    {{"tf.debugging.assert_near"},
     "(x: T, y: T, rtol: value = None, atol: value = None, message: str = None, summarize: int = None, name: str = None)",
     "Raises InvalidArgumentError unless |x - y| < atol + rtol |y|; both default to ten times the dtype's epsilon.", near, "value"},
    {{"tf.debugging.assert_rank", "tf.assert_rank"}, "(x: T, rank: value, message: str = None, name: str = None)",
     "Raises ValueError unless x has this rank.",
     [](Args& a) -> Value {
       const int64_t rank = rank_given(a["rank"]);
       const Tensor x = operand(a, "x");
       demand_rank(a, x, x.rank() == rank, std::to_string(rank));
       return {};
     }, "value"},
    {{"tf.debugging.assert_rank_at_least"}, "(x: T, rank: value, message: str = None, name: str = None)",
     "Raises ValueError unless x has at least this rank.",
     [](Args& a) -> Value {
       const int64_t rank = rank_given(a["rank"]);
       const Tensor x = operand(a, "x");
       demand_rank(a, x, x.rank() >= rank, "at least " + std::to_string(rank));
       return {};
     }, "value"},
    {{"tf.debugging.assert_rank_in"}, "(x: T, ranks: value, message: str = None, name: str = None)",
     "Raises ValueError unless x has one of these ranks.",
     [](Args& a) -> Value {
       const Tensor x = operand(a, "x");
       const ValueList* ranks = a["ranks"].get<ValueList>();
       check(ranks && !ranks->empty(), Code::type, "tf.debugging.assert_rank_in: ranks must be a list of integers");
       std::string all;
       bool fits = false;
       for (const Value& v : *ranks) {
         const int64_t rank = rank_given(v);
         fits = fits || rank == x.rank();
         all += (all.empty() ? "" : ", ") + std::to_string(rank);
       }
       demand_rank(a, x, fits, "in (" + all + (ranks->size() == 1 ? ",)" : ")"));
       return {};
     }, "value"},
    {{"tf.debugging.assert_scalar"}, "(tensor: T, message: str = None, name: str = None)", "Raises ValueError unless it is a scalar; gives it back.",
     [](Args& a) -> Value {
       const Tensor x = operand(a, "tensor");
       check(x.rank() == 0, Code::value, "{}Expected scalar shape, saw shape: {}.", before(a), x.shape().tuple());
       return x;
     }},

    // ---- dtypes ----
    {{"tf.debugging.assert_type"}, "(tensor: T, tf_type: dtype, message: str = None, name: str = None)", "Raises TypeError unless the tensor is of this dtype.",
     [](Args& a) -> Value {
       const Tensor x = operand(a, "tensor");
       check(x.dtype() == a.dtype("tf_type"), Code::type, "{}tensor must be of type tf.{}; got tf.{}", before(a), name_of(a.dtype("tf_type")), name_of(x.dtype()));
       return {};
     }, "value"},
    {{"tf.debugging.assert_integer"}, "(x: T, message: str = None, name: str = None)", "Raises TypeError unless x is of an integer dtype.",
     [](Args& a) -> Value {
       const Tensor x = operand(a, "x");
       check(is_integer(x.dtype()), Code::type, "{}Expected \"x\" to be integer type.  Found: tensor of dtype {}", before(a), dtype_repr(x.dtype()));
       return {};
     }, "value"},
    {{"tf.debugging.is_numeric_tensor"}, "(tensor: value)", "True iff it is a tensor of numbers.",
     [](Args& a) -> Value {
       const Tensor* t = a["tensor"].get<Tensor>();
       return t && (is_integer(t->dtype()) || is_floating(t->dtype()) || is_complex(t->dtype()));
     }, "value"},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
