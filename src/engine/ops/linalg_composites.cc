// In: matrices and vectors. Out: tf.norm and what else tf.linalg has that is made of other ops.
#include <cmath>

#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matrices.h"

namespace ninefold::ops {
namespace {

Tensor reduced(const char* name, const Tensor& x, const Tensor& axes, bool keep) { return op(name, {x, axes}, {{"keep_dims", keep}}); }
Tensor length_of(const Tensor& x) { return is_complex(x.dtype()) ? op("ComplexAbs", {x}, {{"Tout", real_part_of(x.dtype())}}) : op("Abs", {x}); }

// The order as TensorFlow writes it: a number or a name.
struct Order {
  double number = 2;
  std::string name;
};
Order order_of(const Value& v) {
  if (const auto* s = v.get<std::string>()) return {0, *s};
  if (const auto* i = v.get<int64_t>()) return {static_cast<double>(*i), ""};
  if (const auto* d = v.get<double>()) return {*d, ""};
  if (const auto* t = v.get<Tensor>()) return {t->float_at(0), ""};
  fail(Code::value, "'ord' must be a supported vector norm, got something else than a number or 'euclidean', 'fro'");
}

// The largest singular value of the matrices along two axes.
Tensor spectral(const Tensor& x, int64_t first, int64_t second, bool keep) {
  const int rank = x.rank();
  check(rank >= 2, Code::value, "tf.norm: the spectral norm needs a known rank of 2 or more, got {}", x.shape().str());
  if (first < 0) first += rank;
  if (second < 0) second += rank;
  check(first != second && first >= 0 && second >= 0 && first < rank && second < rank, Code::value,
        "'axis' must be None, an integer, or a tuple of 2 unique integers");
  std::vector<int64_t> order, back(static_cast<size_t>(rank));
  for (int64_t i = 0; i < rank; ++i)
    if (i != first && i != second) order.push_back(i);
  order.push_back(first);
  order.push_back(second);
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  const Tensor matrices = op("Transpose", {x, int_vector(order)});
  const NamedAttr values("compute_uv", false);
  const Tensor s = op_all("Svd", {&matrices, 1}, {&values, 1}).at(0), most = reduced("Max", s, int_vector({-1}), keep);
  return keep ? op("Transpose", {op("ExpandDims", {most, int_scalar(-1)}), int_vector(back)}) : most;
}

Tensor norm_of(const Tensor& x, const Order& order, const Value& axis, bool keep) {
  const ValueList* pair = axis.get<ValueList>();
  const bool matrix = pair && pair->size() == 2;
  check(!pair || pair->size() == 2 || pair->size() == 1, Code::value,
        "'axis' must be None, an integer, or a tuple of 2 unique integers");
  const bool known = order.name.empty() ? matrix ? order.number == 1 || order.number == 2 || std::isinf(order.number) : order.number > 0
                                        : order.name == "euclidean" || (order.name == "fro" && matrix);
  if (order.name == "fro" && !matrix) {
    check(!axis.none() && false, Code::value, "'ord' must be a supported vector norm, got fro");
  }
  check(known, Code::value, "'ord' must be a supported {} norm, got {}", matrix ? "matrix" : "vector",
        order.name.empty() ? fmt::format("{}", order.number) : order.name);
  const Tensor axes = axis.none() ? all_axes(x) : int_operand(axis, "tf.norm");
  if (!order.name.empty() || (order.number == 2 && !matrix)) {
    const Tensor square = is_complex(x.dtype()) ? op("Real", {x * conj(x)}, {{"Tout", real_part_of(x.dtype())}}) : op("Square", {x});
    return op("Sqrt", {reduced("Sum", square, axes, keep)});
  }
  const Tensor length = length_of(x);
  if (!matrix) {
    if (std::isinf(order.number)) return reduced("Max", length, axes, keep);
    if (order.number == 1) return reduced("Sum", length, axes, keep);
    const Tensor power = number_like(length, order.number);
    return op("Pow", {reduced("Sum", op("Pow", {length, power}), axes, keep), number_like(length, 1 / order.number)});
  }
  const Tensor* at = known_value(axes);
  check(at != nullptr, Code::value, "tf.norm: axis must be known");
  if (order.number == 2) return spectral(x, at->int_at(0), at->int_at(1), keep);
  // Sums along one axis, the largest of them along the other.
  const int64_t first = at->int_at(0), second = at->int_at(1);
  const int64_t inner = order.number == 1 ? first : second, outer = order.number == 1 ? second : first;
  const Tensor sums = reduced("Max", reduced("Sum", length, int_vector({inner}), true), int_vector({outer}), true);
  if (keep) return sums;
  const int rank = x.rank();
  return op("Squeeze", {sums}, {{"squeeze_dims", std::vector<int64_t>{first < 0 ? first + rank : first, second < 0 ? second + rank : second}}});
}
const char* const kNorm = "(tensor: T, ord: value = 'euclidean', axis: value = None, keepdims: bool = False, name: str = None)";

Value normalized(Args& a) {
  const Tensor x = operand(a, "tensor");
  const Tensor norm = norm_of(x, order_of(a["ord"]), a["axis"], true);
  return ValueList{x / (is_complex(x.dtype()) ? op("Cast", {norm}, {{"DstT", x.dtype()}}) : norm), norm};
}
Tensor column(const Tensor& v) { return op("ExpandDims", {v, int_scalar(-1)}); }

const Function composites[] = {
    {{"tf.norm", "tf.linalg.norm"}, kNorm, "The norm of vectors or matrices along axes, of the whole tensor without them.",
     [](Args& a) -> Value { return norm_of(operand(a, "tensor"), order_of(a["ord"]), a["axis"], a.flag("keepdims")); }},
    {{"tf.linalg.normalize"}, "(tensor: T, ord: value = 'euclidean', axis: value = None, name: str = None)",
     "The tensor by its norm, and the norm.", normalized, "tensors"},
    {{"tf.linalg.matvec"},
     "(a: T, b: T, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, name: str = None)",
     "a b of a matrix and a vector, or batches of them.",
     [](Args& a) -> Value {
       const Tensors in = operands(a, {"a", "b"});
       const Value product = call("tf.linalg.matmul", {{"a", in[0]}, {"b", column(in[1])}, {"transpose_a", a.flag("transpose_a")},
                                                       {"adjoint_a", a.flag("adjoint_a")}, {"a_is_sparse", a.flag("a_is_sparse")},
                                                       {"b_is_sparse", a.flag("b_is_sparse")}});
       return op("Squeeze", {*product.get<Tensor>()}, {{"squeeze_dims", std::vector<int64_t>{-1}}});
     }},
    {{"tf.linalg.adjoint"}, "(matrix: T, name: str = None)", "The conjugate transpose of each matrix.",
     [](Args& a) -> Value { return call("tf.linalg.matrix_transpose", {{"a", operand(a, "matrix")}, {"conjugate", true}}); }},
    {{"tf.linalg.cross"}, "(a: T, b: T, name: str = None)", "The cross product of vectors of three.",
     [](Args& a) -> Value {
       const Tensors in = operands(a, {"a", "b"});
       check(in[0].rank() >= 1 && in[0].dim(-1) == 3, Code::invalid_argument, "Cross-products are only defined for 3-element vectors. [Op:Cross]");
       check(in[0].shape().compatible(in[1].shape()), Code::invalid_argument, "Both inputs must be of same shape: {} vs. {} [Op:Cross]",
             in[0].shape().str(), in[1].shape().str());
       const auto turned = [](const Tensor& t, int64_t by) { return op("Roll", {t, int_scalar(by), int_scalar(-1 + t.rank())}); };
       return turned(in[0], -1) * turned(in[1], -2) - turned(in[0], -2) * turned(in[1], -1);
     }},
    {{"tf.linalg.lstsq"}, "(matrix: T, rhs: T, l2_regularizer: float = 0.0, fast: bool = True, name: str = None)",
     "x of least |matrix x - rhs|^2 + l2_regularizer |x|^2, by Cholesky factors of the normal equations.",
     [](Args& a) -> Value {
       const Tensors in = operands(a, {"matrix", "rhs"});
       check(a.flag("fast"), Code::not_implemented, "tf.linalg.lstsq: fast=False is not available; take tf.linalg.pinv by tf.linalg.svd");
       const Tensor &m = in[0], &rhs = in[1];
       check(m.rank() >= 2, Code::value, "tf.linalg.lstsq: expected matrices, got shape {}", m.shape().tuple());
       const Extent rows = matrices::rows_of(m), columns = matrices::columns_of(m);
       // By the columns' or the rows' products, whichever are fewer.
       const auto solved = [&](bool tall) {
         Tensor gram = matrices::times(m, m, tall, !tall);
         if (a.number("l2_regularizer") != 0) gram = gram + matrices::identity_like(gram) * number_like(gram, a.number("l2_regularizer"));
         const auto by_factors = [&](const Tensor& y) {
           return *call("tf.linalg.cholesky_solve", {{"chol", op("Cholesky", {gram})}, {"rhs", y}}).get<Tensor>();
         };
         return tall ? by_factors(matrices::times(m, rhs, true)) : matrices::times(m, by_factors(rhs), true);
       };
       if (rows.known() && columns.known()) return solved(rows.value() >= columns.value());
       // Of unknown form: what the regularizer makes invertible may take either way, else the pseudo-inverse.
       if (a.number("l2_regularizer") != 0) return solved(true);
       return matrices::times(*call("tf.linalg.pinv", {{"a", m}}).get<Tensor>(), rhs);
     }},
    {{"tf.math.is_non_decreasing"}, "(x: T, name: str = None)", "True iff no element is less than the one before it.",
     [](Args& a) -> Value {
       const Tensor x = op("Reshape", {operand(a, "x"), int_vector({-1})});
       const Tensor fine = op("LessEqual", {op("Slice", {x, int_vector({0}), op("Maximum", {op("Shape", {x}) - int_vector({1}), int_vector({0})})}),
                                            op("Slice", {x, op("Minimum", {op("Shape", {x}), int_vector({1})}), int_vector({-1})})});
       return op("All", {fine, int_vector({0})});
     }},
    {{"tf.math.is_strictly_increasing"}, "(x: T, name: str = None)", "True iff each element is greater than the one before it.",
     [](Args& a) -> Value {
       const Tensor x = op("Reshape", {operand(a, "x"), int_vector({-1})});
       const Tensor fine = op("Less", {op("Slice", {x, int_vector({0}), op("Maximum", {op("Shape", {x}) - int_vector({1}), int_vector({0})})}),
                                       op("Slice", {x, op("Minimum", {op("Shape", {x}), int_vector({1})}), int_vector({-1})})});
       return op("All", {fine, int_vector({0})});
     }},
};
const std::vector<Registrar> known_composites(std::begin(composites), std::end(composites));

}  // namespace
}  // namespace ninefold::ops
