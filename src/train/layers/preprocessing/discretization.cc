// In: numbers. Out: the bin that each falls into: between given boundaries, or between quantiles that adapt() learnt.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/encode.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

struct DiscretizationOptions {
  Value bin_boundaries = {}, num_bins = {};
  double epsilon = 0.01;            // how far quantiles may be off, as a share of the data
  std::string output_mode = "int";  // "int", "one_hot", "multi_hot" or "count"
  bool sparse = false;
  NINEFOLD_LAYER_OPTIONS;
};

// Values in order and how many of the data each stands for.
struct Summary { std::vector<float> values, weights; };

// y at x of the line through (xs, ys), flat outside: numpy.interp.
double interpolated(double x, const std::vector<float>& xs, const std::vector<float>& ys) {
  const size_t after = static_cast<size_t>(std::upper_bound(xs.begin(), xs.end(), x, [](double a, float b) { return a < b; }) - xs.begin());
  if (after == 0) return ys.front();
  if (after == xs.size()) return ys.back();
  const double x0 = xs[after - 1], x1 = xs[after], y0 = ys[after - 1], y1 = ys[after];
  return (y1 - y0) / (x1 - x0) * (x - x0) + y0;
}
// As few entries as `epsilon` asks for: at equal shares of the weight.
Summary compressed(const Summary& s, double epsilon) {
  if (static_cast<double>(s.values.size()) * epsilon < 1) return s;
  std::vector<float> sums(s.weights.size()), shares(s.weights.size());
  std::partial_sum(s.weights.begin(), s.weights.end(), sums.begin());
  for (size_t i = 0; i < sums.size(); ++i) shares[i] = sums[i] / sums.back();
  Summary out;
  double before = 0;
  const auto count = static_cast<size_t>(std::ceil(1.0 / epsilon));
  for (size_t i = 0; i < count; ++i) {
    const double share = epsilon + static_cast<double>(i) * epsilon, sum = interpolated(share, shares, sums);
    out.values.push_back(static_cast<float>(interpolated(share, shares, s.values)));
    out.weights.push_back(static_cast<float>(sum - before));
    before = sum;
  }
  return out;
}
Summary summarized(std::vector<float> values, double epsilon) {
  std::sort(values.begin(), values.end());
  const auto increment = static_cast<size_t>(static_cast<float>(values.size()) / static_cast<float>(1.0 / epsilon));
  const size_t step = std::max<size_t>(increment, 1);
  Summary s;
  for (size_t i = increment; i < values.size(); i += step) s.values.push_back(values[i]);
  s.weights.assign(s.values.size(), static_cast<float>(step));
  return s;
}
Summary merged(const Summary& a, const Summary& b, double epsilon) {
  Summary both = a;
  both.values.insert(both.values.end(), b.values.begin(), b.values.end());
  both.weights.insert(both.weights.end(), b.weights.begin(), b.weights.end());
  std::vector<size_t> order(both.values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return both.values[i] < both.values[j]; });
  Summary sorted;
  for (size_t i : order) sorted.values.push_back(both.values[i]), sorted.weights.push_back(both.weights[i]);
  return compressed(sorted, epsilon);
}

class EmptySummary : public Initializer {
 public:
  const std::string& class_name() const override {
    static const std::string name = "EmptySummary";
    return name;
  }
  ValueDict config() const override { return {}; }
  Tensor make(const Shape&, DType dtype) override { return Tensor::zeros(dtype, {2, 0}); }
};

class DiscretizationLayer : public LayerOf<DiscretizationOptions, PreprocessingLayer> {
 public:
  using Base = LayerOf<DiscretizationOptions, PreprocessingLayer>;
  void configure(const std::string& class_name, const Schema<DiscretizationOptions>& schema, const ValueDict& given) {
    ValueDict rest = given;
    const Value said = given;
    const Value *dtype = said.find("dtype"), *mode = said.find("output_mode");
    if (!dtype || dtype->none()) {
      const std::string* text = mode ? mode->get<std::string>() : nullptr;
      put(rest, "dtype", !text || *text == "int" ? "int64" : name_of(floatx()));
    }
    Base::configure(class_name, schema, rest);
  }
  void configure(const std::string& class_name, const Schema<DiscretizationOptions>& schema, DiscretizationOptions given) {
    if (given.dtype == DType::invalid) given.dtype = given.output_mode == "int" ? DType::i64 : floatx();
    Base::configure(class_name, schema, std::move(given));
  }
  void build(const Value&) override {
    if (options.bin_boundaries.none() && !summary_.defined())
      summary_ = add_weight({.name = "summary", .shape = {2, -1}, .dtype = DType::f32, .initializer = std::make_shared<EmptySummary>(),
                             .trainable = false});
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    const Value x = tensor_like(inputs, name());
    const std::vector<double> bounds(boundaries_.begin(), boundaries_.end());
    const auto bins = [&](const Tensor& t) { return op("Bucketize", {t}, {{"boundaries", bounds}}); };
    const SparseRef sparse = Sparse::of(x);
    const RaggedRef ragged = Ragged::of(x);
    const Value ids = sparse ? Sparse::value(sparse->with_values(bins(sparse->values())))
                      : ragged ? Ragged::value(ragged->with_flat_values(bins(ragged->flat_values()))) : Value(bins(*x.get<Tensor>()));
    return encoded(ids, {options.output_mode, static_cast<int64_t>(boundaries_.size()) + 1, compute_dtype(), options.sparse, {}, {}});
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }
  void reset_state() override {
    if (options.bin_boundaries.none() && built()) summary_.assign(Tensor::zeros(DType::f32, {2, 0}));
  }
  void update_state(const Value& given) override {
    const Tensor batch = nest::tensor(given, name());
    check(options.bin_boundaries.none(), Code::value, "Cannot adapt a Discretization layer that has been initialized with "
          "`bin_boundaries`, use `num_bins` instead. You passed `bin_boundaries={}`.", text());
    check(built(), Code::runtime, "`build` must be called before `update_state`.");
    const Tensor data = cast(batch, DType::f32), kept = summary_.value();
    const auto* v = data.as<float>();
    const auto* s = kept.as<float>();
    const int64_t n = kept.dim(1);
    const Summary now = merged(summarized({v, v + data.size()}, options.epsilon), {{s, s + n}, {s + n, s + 2 * n}}, options.epsilon);
    std::vector<float> both = now.values;
    both.insert(both.end(), now.weights.begin(), now.weights.end());
    summary_.assign(Tensor::of<float>({2, static_cast<int64_t>(now.values.size())}, both));
  }
  void finalize_state() override {
    if (!options.bin_boundaries.none() || !built()) return;
    check(!options.num_bins.none(), Code::value, "Discretization: adapt() needs to know how many bins there are; give num_bins");
    const Tensor kept = summary_.value();
    const auto* s = kept.as<float>();
    const int64_t n = kept.dim(1);
    Summary all = compressed({{s, s + n}, {s + n, s + 2 * n}}, 1.0 / static_cast<double>(As<int64_t>::from(options.num_bins, "num_bins")));
    if (!all.values.empty()) all.values.pop_back();
    boundaries_ = all.values;
  }

 protected:
  void changed() override { ready(); }
  void ready() override {
    DiscretizationOptions& o = options;
    check_output_mode(o.output_mode, {"int", "one_hot", "multi_hot", "count"}, class_name());
    check(!o.sparse || o.output_mode != "int", Code::value, "`sparse` may only be true if `output_mode` is `'one_hot'`, `'multi_hot'`, or "
          "`'count'`. Received: sparse=True and output_mode={}", o.output_mode);
    if (!o.num_bins.none()) {
      const int64_t bins = As<int64_t>::from(o.num_bins, "num_bins");
      check(bins >= 0, Code::value, "`num_bins` must be greater than or equal to 0. You passed `num_bins={}`", bins);
      check(o.bin_boundaries.none(), Code::value, "Both `num_bins` and `bin_boundaries` should not be set. You passed `num_bins={}` and "
            "`bin_boundaries={}`", bins, text());
    }
    if (o.bin_boundaries.none()) return;
    const Tensor given = cast(to_tensor(o.bin_boundaries, DType::invalid, class_name()), DType::f32);
    boundaries_.assign(given.as<float>(), given.as<float>() + given.size());
    ValueList listed;
    const Tensor wide = cast(to_tensor(o.bin_boundaries, DType::invalid, class_name()), DType::f64);
    for (int64_t i = 0; i < wide.size(); ++i) listed.push_back(wide.float_at(i));
    if (o.bin_boundaries.get<Tensor>()) o.bin_boundaries = listed;
  }
  void configured() override {
    autocast_ = false;   // what is counted is not of the layer's dtype
    check(options.output_mode != "int" || is_integer(compute_dtype()), Code::value,
          "When `output_mode='int'`, `dtype` should be an integer type. Received: dtype={}", name_of(compute_dtype()));
  }

 private:
  std::string text() const {
    std::string s;
    for (float f : boundaries_) s += (s.empty() ? "" : ", ") + fmt::format("{}", f) + (f == std::floor(f) ? ".0" : "");
    return "[" + s + "]";
  }
  Variable summary_;
  std::vector<float> boundaries_;
};
const LayerClass<DiscretizationLayer> discretization_layer = {{"Discretization"}, "Numbers -> the bins that they fall into.", [] {
  using O = DiscretizationOptions;
  return Schema<O>().field("bin_boundaries", &O::bin_boundaries).field("num_bins", &O::num_bins).field("epsilon", &O::epsilon)
      .field("output_mode", &O::output_mode).field("sparse", &O::sparse);
}, "PreprocessingLayer"};

}  // namespace
}  // namespace ninefold::keras
