// In: a weight after an update. Out: the nearest that the constraint allows.
#include "train/layers/part_of.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// The length of each vector along the axes, kept as axes of size 1.
Tensor norms(const Tensor& w, const std::vector<int64_t>& axes) {
  return op("Sqrt", {reduce("Sum", op("Square", {w}), axes, true)});
}
Tensor scaled_to(const Tensor& w, const Tensor& desired, const Tensor& norm) { return w * (desired / plus(norm, epsilon())); }
std::vector<int64_t> axes_of(const Value& v) { return As<std::vector<int64_t>>::from(v, "axis"); }

class PlainConstraint : public PartOf<Constraint, NoOptions> {
 public:
  Tensor project(const Tensor& w) override { return w; }
};
const PartClass<PlainConstraint> plain = {"constraint", {"Constraint"}, "The base of all constraints.", {}};

struct MaxNormOptions { Value max_value = 2, axis = 0; };
class MaxNorm : public PartOf<Constraint, MaxNormOptions> {
 public:
  Tensor project(const Tensor& w) override {
    const Tensor n = norms(w, axes_of(options.axis));
    return scaled_to(w, clip(n, 0, As<double>::from(options.max_value, "max_value")), n);
  }
};
const PartClass<MaxNorm> max_norm = {
    "constraint", {"MaxNorm", "max_norm", "maxnorm"}, "Vectors no longer than max_value.",
    Schema<MaxNormOptions>().field("max_value", &MaxNormOptions::max_value).field("axis", &MaxNormOptions::axis)};

class NonNeg : public PartOf<Constraint, NoOptions> {
 public:
  Tensor project(const Tensor& w) override { return w * cast(op("GreaterEqual", {w, number(0, w.dtype())}), w.dtype()); }
};
const PartClass<NonNeg> non_neg = {"constraint", {"NonNeg", "non_neg", "nonneg"}, "No negative weights.", {}};

struct AxisOptions { Value axis = 0; };
class UnitNorm : public PartOf<Constraint, AxisOptions> {
 public:
  Tensor project(const Tensor& w) override { return w / plus(norms(w, axes_of(options.axis)), epsilon()); }
};
const PartClass<UnitNorm> unit_norm = {"constraint", {"UnitNorm", "unit_norm", "unitnorm"}, "Vectors of length 1.",
                                       Schema<AxisOptions>().field("axis", &AxisOptions::axis)};

struct MinMaxOptions { double min_value = 0, max_value = 1, rate = 1; Value axis = 0; };
class MinMaxNorm : public PartOf<Constraint, MinMaxOptions> {
 public:
  Tensor project(const Tensor& w) override {
    const Tensor n = norms(w, axes_of(options.axis));
    const Tensor desired = times(clip(n, options.min_value, options.max_value), options.rate) + times(n, 1 - options.rate);
    return scaled_to(w, desired, n);
  }
};
const PartClass<MinMaxNorm> min_max = {
    "constraint", {"MinMaxNorm", "min_max_norm"}, "Vectors with lengths between two bounds, approached at a rate.",
    Schema<MinMaxOptions>().field("min_value", &MinMaxOptions::min_value).field("max_value", &MinMaxOptions::max_value)
        .field("rate", &MinMaxOptions::rate).field("axis", &MinMaxOptions::axis)};

// Every ring of a kernel around its centre takes the value that lies on the diagonal.
class RadialConstraint : public PartOf<Constraint, NoOptions> {
 public:
  Tensor project(const Tensor& w) override {
    check(w.rank() == 4, Code::value, "The weight tensor must have rank 4. Received weight tensor with shape: {}", w.shape().tuple());
    const int64_t n = w.shape()[0], start = n / 2, odd = n % 2;
    check(w.shape()[1] == n && n > 1, Code::value, "RadialConstraint: the kernel must be square and larger than 1, got shape {}",
          w.shape().tuple());
    std::vector<int32_t> from;
    for (int64_t r = 0; r < n; ++r)
      for (int64_t c = 0; c < n; ++c) {
        // An even kernel has a block of four in its centre, filled from the element before the middle.
        const auto away = [&](int64_t i) { return odd ? std::abs(i - start) : (i >= start ? i - start : start - 1 - i); };
        const int64_t ring = std::max(away(r), away(c));
        const int64_t at = ring == 0 ? start - 1 : start + ring - odd;   // the centre is Keras' off by one
        from.push_back(static_cast<int32_t>(at * n + at));
      }
    const Tensor flat = reshape(w, {n * n, w.shape()[2], w.shape()[3]});
    const Tensor picked = op("GatherV2", {flat, Tensor::of<int32_t>({n * n}, from), Tensor(int32_t{0})});
    return reshape(picked, {n, n, w.shape()[2], w.shape()[3]});
  }
};
const PartClass<RadialConstraint> radial = {"constraint", {"RadialConstraint", "radial_constraint"},
                                            "Kernels that depend on the distance from their centre only.", {}};

}  // namespace
}  // namespace ninefold::keras
