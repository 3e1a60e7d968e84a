// In: a weight or an output. Out: a penalty, a scalar that is added to the loss.
#include <cmath>

#include "train/layers/part_of.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {
struct Penalty { double value; };
}  // namespace
template <> struct As<Penalty> {
  static constexpr const char* type = "float";
  static Penalty from(const Value& v, std::string_view field) {
    const std::string* text = v.get<std::string>();
    check(!text && !v.none() && !v.get<ValueList>(), Code::value,
          "Value {} is not a valid regularization penalty number, expected an int or float value.", text ? *text : "of no number");
    return {As<double>::from(v, field)};
  }
  static Value to(const Penalty& p) { return p.value; }
};
namespace {

void check_penalty(Penalty& p) {
  double& x = p.value;
  check(!std::isinf(x) && !std::isnan(x), Code::value,
        "Value {} is not a valid regularization penalty number, an infinite number or NaN are not valid values.", x);
  x = static_cast<float>(x);   // Keras keeps it in floatx: get_config shows 0.009999999776482582
}
Tensor l1_penalty(const Tensor& x, double by) { return times(sum_all(op("Abs", {x})), by); }
Tensor l2_penalty(const Tensor& x, double by) { return times(sum_all(op("Square", {x})), by); }

class PlainRegularizer : public PartOf<Regularizer, NoOptions> {
 public:
  Tensor penalty(const Tensor& x) override { return number(0, x.dtype()); }
};
const PartClass<PlainRegularizer> plain = {"regularizer", {"Regularizer"}, "The base of all regularizers.", {}};

struct L1Options { Penalty l1{0.01}; };
class L1 : public PartOf<Regularizer, L1Options> {
 public:
  Tensor penalty(const Tensor& x) override { return l1_penalty(x, options.l1.value); }
 protected:
  void ready() override { check_penalty(options.l1); }
};
const PartClass<L1> l1 = {"regularizer", {"L1", "l1"}, "l1 times the sum of |x|.",
                          Schema<L1Options>().field("l1", &L1Options::l1)};

struct L2Options { Penalty l2{0.01}; };
class L2 : public PartOf<Regularizer, L2Options> {
 public:
  Tensor penalty(const Tensor& x) override { return l2_penalty(x, options.l2.value); }
 protected:
  void ready() override { check_penalty(options.l2); }
};
const PartClass<L2> l2 = {"regularizer", {"L2", "l2"}, "l2 times the sum of squares.",
                          Schema<L2Options>().field("l2", &L2Options::l2)};

struct L1L2Options { Penalty l1{0}, l2{0}; };
class L1L2 : public PartOf<Regularizer, L1L2Options> {
 public:
  Tensor penalty(const Tensor& x) override {
    Tensor sum = number(0, x.dtype());
    if (options.l1.value != 0) sum = sum + l1_penalty(x, options.l1.value);
    if (options.l2.value != 0) sum = sum + l2_penalty(x, options.l2.value);
    return sum;
  }
 protected:
  void ready() override {
    check_penalty(options.l1);
    check_penalty(options.l2);
  }
};
const PartClass<L1L2> l1l2 = {"regularizer", {"L1L2"}, "Both penalties.",
                              Schema<L1L2Options>().field("l1", &L1L2Options::l1).field("l2", &L1L2Options::l2)};
// The name "l1_l2" and the function of that name have other defaults than the class.
const ObjectRecord by_name = {
    .kind = "regularizer", .names = {"l1_l2"}, .module = "tf.keras.regularizers",
    .fields = {{"l1", 0.01, false, "float"}, {"l2", 0.01, false, "float"}},
    .doc = "An L1L2 with l1 = l2 = 0.01 unless said otherwise.",
    .make = [](const ValueDict& given) -> ObjectPtr {
      ValueDict config = {{"l1", 0.01}, {"l2", 0.01}};
      for (const Entry& e : given) put(config, e.key, e.value);
      return make_object("regularizer", "L1L2", config);
    },
    .base = "Regularizer",
};
NINEFOLD_OBJECT(by_name);

struct OrthogonalOptions { Penalty factor{0.01}; std::string mode = "rows"; };
class OrthogonalRegularizer : public PartOf<Regularizer, OrthogonalOptions> {
 public:
  Tensor penalty(const Tensor& x) override {
    check(x.rank() == 2, Code::value, "Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape == {}",
          x.shape().tuple());
    const bool rows = options.mode == "rows";
    const Tensor squares = reduce("Sum", op("Square", {x}), {rows ? 1 : 0}, true);
    const Tensor unit = x * op("Rsqrt", {op("Maximum", {squares, number(1e-12, x.dtype())})});
    const Tensor product = op("MatMul", {unit, unit}, {{"transpose_a", !rows}, {"transpose_b", rows}});
    const int64_t n = x.shape()[rows ? 0 : 1];
    std::vector<double> off(static_cast<size_t>(n * n), 1);
    for (int64_t i = 0; i < n; ++i) off[static_cast<size_t>(i * n + i)] = 0;
    const double pairs = static_cast<double>(n) * (static_cast<double>(n) - 1) / 2;
    const Tensor sum = sum_all(product * cast(Tensor::of<double>({n, n}, off), x.dtype()));
    return times(sum, options.factor.value * 0.5) / number(pairs, x.dtype());
  }
 protected:
  void ready() override {
    check_penalty(options.factor);
    check(options.mode == "rows" || options.mode == "columns", Code::value,
          "Invalid value for argument `mode`. Expected one of {{\"rows\", \"columns\"}}. Received: mode={}", options.mode);
  }
};
const PartClass<OrthogonalRegularizer> orthogonal = {
    "regularizer", {"OrthogonalRegularizer", "orthogonal_regularizer"}, "Keeps the rows or columns of a matrix orthogonal.",
    Schema<OrthogonalOptions>().field("factor", &OrthogonalOptions::factor).field("mode", &OrthogonalOptions::mode)};

}  // namespace
}  // namespace ninefold::keras
