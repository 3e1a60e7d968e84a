// In: numbers. Out: the same with mean 0 and variance 1 along axes: by what adapt() learnt, or by given moments.
#include "train/layers/normalization.h"

#include <cmath>

#include "train/layers/layer_of.h"
#include "train/layers/nest.h"

namespace ninefold::keras {
namespace {

class NormalizationLayer : public LayerOf<NormalizationOptions, PreprocessingLayer> {
 public:
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    const int rank = in.rank();
    std::string shown;
    for (int64_t a : axes_) shown += std::to_string(a) + (axes_.size() == 1 ? "," : shown.empty() ? ", " : "");
    std::vector<int64_t> kept;
    for (int64_t a : axes_) {
      check(a >= -rank && a < rank, Code::value, "All `axis` values must be in the range [-ndim, ndim). Found ndim: `{}`, axis: ({})", rank, shown);
      kept.push_back(a < 0 ? a + rank : a);
    }
    std::sort(kept.begin(), kept.end());
    std::vector<int64_t> shape;
    reduced_.clear(), broadcast_.clear();
    for (int64_t i = 0; i < rank; ++i) {
      const bool keeps = std::find(kept.begin(), kept.end(), i) != kept.end();
      const int64_t n = in[static_cast<int>(i)];
      check(!keeps || n >= 0, Code::value, "All `axis` values to be kept must have known shape. Got axis: ({}), input shape: {}, with "
            "unknown axis at index: {}", shown, "[" + in.tuple().substr(1, in.tuple().size() - 2) + "]", i);
      if (keeps) shape.push_back(n);
      else reduced_.push_back(i);
      broadcast_.push_back(keeps ? n : 1);
    }
    if (options.mean.none()) {
      const auto weight = [&](const char* name, const Shape& s, DType dtype, const char* initializer) {
        return add_weight({.name = name, .shape = s, .dtype = dtype, .initializer = Given<Initializer>(initializer), .trainable = false});
      };
      learnt_mean_ = weight("mean", Shape(shape), compute_dtype(), "zeros");
      learnt_variance_ = weight("variance", Shape(shape), compute_dtype(), "ones");
      count_ = weight("count", {}, DType::i64, "zeros");
      set_built(true);
      finalize_state();
    } else {
      const Tensor ones = op("Fill", {ints(shape), number(1, DType::f64)});
      const auto given = [&](const Value& v) {
        return cast(reshape(cast(to_tensor(v, DType::invalid, name()), DType::f64) * ones, broadcast_), compute_dtype());
      };
      mean_ = given(options.mean);
      variance_ = given(options.variance);
    }
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    const Tensor x = cast(nest::tensor(inputs, name()), compute_dtype());
    const Tensor deviation = op("Maximum", {op("Sqrt", {variance_}), number(epsilon(), x.dtype())});
    return (x - mean_) / deviation;
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }
  ValueDict config() const override {
    ValueDict out = Layer::config();
    out.push_back({"axis", ValueList(axes_.begin(), axes_.end())});
    out.push_back({"mean", listed(options.mean)});
    out.push_back({"variance", listed(options.variance)});
    return out;
  }

  void reset_state() override {
    if (!options.mean.none() || !built()) return;
    for (const Variable& v : {learnt_mean_, count_}) v.assign(Tensor::zeros(v.dtype(), v.shape()));
    learnt_variance_.assign(op("OnesLike", {learnt_variance_.value()}));
  }
  void update_state(const Value& given) override {
    const Tensor batch = nest::tensor(given, name());
    check(options.mean.none(), Code::value, "Cannot `adapt` a Normalization layer that is initialized with static `mean` and `variance`, "
          "you passed mean {} and variance {}.", text(options.mean), text(options.variance));
    check(built(), Code::runtime, "`build` must be called before `update_state`.");
    const DType dtype = learnt_mean_.dtype();
    const Tensor data = cast(batch, dtype);
    check(data.rank() == static_cast<int>(broadcast_.size()), Code::value, "{}: adapt() was given batches of rank {}, then one of rank {}",
          name(), broadcast_.size(), data.rank());
    const auto [mean, variance] = moments(data, reduced_, false);
    int64_t rows = 1;
    for (int64_t a : reduced_) rows *= data.dim(static_cast<int>(a));
    const int64_t total = rows + count_.value().int_at(0);
    const Tensor share = cast(Tensor(rows), dtype) / cast(Tensor(total), dtype), rest = number(1, dtype) - share;
    const Tensor before = learnt_mean_.value(), after = before * rest + mean * share;
    // Both parts' variances about the common mean.
    const auto about = [&](const Tensor& v, const Tensor& m) { return v + op("Square", {m - after}); };
    const Tensor spread = about(learnt_variance_.value(), before) * rest + about(variance, mean) * share;
    learnt_mean_.assign(after);
    learnt_variance_.assign(spread);
    count_.assign(Tensor(total));
  }
  void finalize_state() override {
    if (!options.mean.none() || !built()) return;
    mean_ = cast(reshape(learnt_mean_.value(), broadcast_), compute_dtype());
    variance_ = cast(reshape(learnt_variance_.value(), broadcast_), compute_dtype());
  }

 protected:
  void ready() override {
    axes_ = As<std::vector<int64_t>>::from(options.axis, "axis");
    check(options.mean.none() == options.variance.none(), Code::value,
          "When setting values directly, both `mean` and `variance` must be set. Got mean: {} and variance: {}", text(options.mean),
          text(options.variance));
    for (const Value* v : {&options.mean, &options.variance})
      check(!v->get<Variable>(), Code::value, "Normalization does not support passing a Variable for the `{}` init arg.",
            v == &options.mean ? "mean" : "variance");
  }

 private:
  static std::string text(const Value& v) {
    if (v.none()) return "None";
    if (const double* d = v.get<double>()) return fmt::format("{}", *d) + (*d == std::floor(*d) ? ".0" : "");
    if (const int64_t* i = v.get<int64_t>()) return std::to_string(*i);
    const ValueList* list = v.get<ValueList>();
    if (!list) return "a tensor";
    std::string s;
    for (const Value& item : *list) s += (s.empty() ? "" : ", ") + text(item);
    return "[" + s + "]";
  }
  // A tensor as nested lists: configs hold numbers.
  static Value listed(const Value& v) {
    const Tensor* t = v.get<Tensor>();
    if (!t) return v;
    int64_t at = 0;
    const std::function<Value(int)> level = [&](int axis) -> Value {
      if (axis == t->rank()) return is_integer(t->dtype()) ? Value(t->int_at(at++)) : Value(t->float_at(at++));
      ValueList items;
      for (int64_t i = 0; i < t->dim(axis); ++i) items.push_back(level(axis + 1));
      return items;
    };
    return level(0);
  }
  std::vector<int64_t> axes_, reduced_, broadcast_;
  Variable learnt_mean_, learnt_variance_, count_;
  Tensor mean_, variance_;
};
const LayerClass<NormalizationLayer> normalization_layer = {{"Normalization"}, "(x - mean) / sqrt(variance), of what adapt() saw or of given moments.", [] {
  using O = NormalizationOptions;
  return Schema<O>().field("axis", &O::axis).field("mean", &O::mean).field("variance", &O::variance);
}, "PreprocessingLayer"};

}  // namespace

LayerPtr Normalization(NormalizationOptions o) { return normalization_layer(std::move(o)); }

}  // namespace ninefold::keras
