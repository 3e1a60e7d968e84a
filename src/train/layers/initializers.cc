// In: a shape and a dtype. Out: the first value of a weight, with TensorFlow's numbers for the same seed.
#include <algorithm>
#include <cmath>

#include "train/layers/part_of.h"
#include "train/layers/random.h"

namespace ninefold::keras {
namespace {

Tensor shape_tensor(const Shape& s) { return ints(s.vector()); }
void check_floating(DType d) {
  check(is_floating(d), Code::value, "Expected floating point type, got <dtype: '{}'>.", name_of(d));
}
Tensor filled(const Shape& s, DType d, double with) {
  check(is_numeric(d) || d == DType::boolean, Code::value, "Expected numeric or boolean dtype, got <dtype: '{}'>.", name_of(d));
  return op("Fill", {shape_tensor(s), cast(number(with, is_numeric(d) ? d : DType::i32), d)});
}

// What a subclass written elsewhere stands on.
class PlainInitializer : public PartOf<Initializer, NoOptions> {
 public:
  Tensor make(const Shape&, DType) override {
    fail(Code::not_implemented, "Initializer subclasses must implement the `__call__()` method.");
  }
};
const PartClass<PlainInitializer> plain = {"initializer", {"Initializer"}, "The base of all initializers.", {}};

class Zeros : public PartOf<Initializer, NoOptions> {
 public:
  Tensor make(const Shape& s, DType d) override { return filled(s, d, 0); }
};
const PartClass<Zeros> zeros = {"initializer", {"Zeros", "zeros", "zero", "ZerosV2"}, "Zeros.", {}};
class Ones : public PartOf<Initializer, NoOptions> {
 public:
  Tensor make(const Shape& s, DType d) override { return filled(s, d, 1); }
};
const PartClass<Ones> ones = {"initializer", {"Ones", "ones", "one", "OnesV2"}, "Ones.", {}};

struct ConstantOptions { Value value = 0; };
class Constant : public PartOf<Initializer, ConstantOptions> {
 public:
  Tensor make(const Shape& s, DType d) override {
    Tensor v = to_tensor(options.value, options.value.get<Tensor>() ? DType::invalid : d, "Constant");
    v = cast(v, d);
    if (v.size() == 1) return op("Fill", {shape_tensor(s), op("Reshape", {v, ints({})})});
    check(v.size() == s.size(), Code::type, "Eager execution of tf.constant with unsupported shape. Tensor {} has {} elements, "
          "but got `shape` {} with {} elements).", v.shape().tuple(), v.size(), s.tuple(), s.size());
    return op("Reshape", {v, shape_tensor(s)});
  }
};
const PartClass<Constant> constant = {"initializer", {"Constant", "constant", "ConstantV2"}, "One value, or the given ones.",
                                      Schema<ConstantOptions>().field("value", &ConstantOptions::value)};

template <class C>
class Random : public PartOf<Initializer, C> {
 protected:
  void ready() override { seed_.set(this->options.seed); }
  LegacySeed seed_;
};

struct UniformOptions { double minval = -0.05, maxval = 0.05; Value seed = {}; };
class RandomUniform : public Random<UniformOptions> {
 public:
  Tensor make(const Shape& s, DType d) override {
    check(is_floating(d) || is_integer(d), Code::value, "Expected float or integer dtype, got <dtype: '{}'>.", name_of(d));
    return random_uniform(shape_tensor(s), options.minval, options.maxval, d, seed_.take());
  }
};
const PartClass<RandomUniform> uniform = {
    "initializer", {"RandomUniform", "random_uniform", "uniform", "RandomUniformV2"}, "Uniform in [minval, maxval).",
    Schema<UniformOptions>().field("minval", &UniformOptions::minval).field("maxval", &UniformOptions::maxval)
        .field("seed", &UniformOptions::seed)};

struct NormalOptions { double mean = 0, stddev = 0.05; Value seed = {}; };
class RandomNormal : public Random<NormalOptions> {
 public:
  Tensor make(const Shape& s, DType d) override {
    check_floating(d);
    return random_normal(shape_tensor(s), options.mean, options.stddev, d, seed_.take());
  }
};
class TruncatedNormal : public Random<NormalOptions> {
 public:
  Tensor make(const Shape& s, DType d) override {
    check_floating(d);
    return truncated_normal(shape_tensor(s), options.mean, options.stddev, d, seed_.take());
  }
};
const Schema<NormalOptions>& normal_fields() {
  static const auto fields = Schema<NormalOptions>().field("mean", &NormalOptions::mean)
                                 .field("stddev", &NormalOptions::stddev).field("seed", &NormalOptions::seed);
  return fields;
}
const PartClass<RandomNormal> normal = {
    "initializer", {"RandomNormal", "random_normal", "normal", "RandomNormalV2"}, "Normal.", normal_fields()};
const PartClass<TruncatedNormal> truncated = {
    "initializer", {"TruncatedNormal", "truncated_normal", "TruncatedNormalV2"},
    "Normal, of which values beyond two deviations are drawn again.", normal_fields()};

// Inputs and outputs of a unit: a kernel's receptive field times its last two axes.
std::pair<double, double> fans(const Shape& s) {
  if (s.rank() < 1) return {1, 1};
  if (s.rank() == 1) return {static_cast<double>(s[0]), static_cast<double>(s[0])};
  double field = 1;
  for (int i = 0; i < s.rank() - 2; ++i) field *= static_cast<double>(s[i]);
  return {field * static_cast<double>(s.dim(-2)), field * static_cast<double>(s.dim(-1))};
}
Tensor variance_scaled(const Shape& s, DType d, double scale, std::string_view mode, std::string_view distribution,
                       std::optional<int64_t> seed) {
  check_floating(d);
  const auto [in, out] = fans(s);
  scale /= std::max(1.0, mode == "fan_in" ? in : mode == "fan_out" ? out : (in + out) / 2);
  // The constant is the deviation of a normal cut off at two deviations.
  if (distribution == "truncated_normal")
    return truncated_normal(shape_tensor(s), 0, std::sqrt(scale) / .87962566103423978, d, seed);
  if (distribution == "untruncated_normal") return random_normal(shape_tensor(s), 0, std::sqrt(scale), d, seed);
  const double limit = std::sqrt(3 * scale);
  return random_uniform(shape_tensor(s), -limit, limit, d, seed);
}

struct ScalingOptions {
  double scale = 1;
  std::string mode = "fan_in", distribution = "truncated_normal";
  Value seed = {};
};
class VarianceScaling : public Random<ScalingOptions> {
 public:
  Tensor make(const Shape& s, DType d) override {
    return variance_scaled(s, d, options.scale, options.mode, options.distribution, seed_.take());
  }

 protected:
  void ready() override {
    check(options.scale > 0, Code::value, "`scale` must be positive float. Received: scale={}.", options.scale);
    const std::string& m = options.mode;
    check(m == "fan_in" || m == "fan_out" || m == "fan_avg", Code::value,
          "Invalid `mode` argument: {}. Please use one of the {{'fan_in', 'fan_out', 'fan_avg'}}.", m);
    std::string& d = options.distribution;
    std::transform(d.begin(), d.end(), d.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (d == "normal") d = "truncated_normal";
    check(d == "uniform" || d == "truncated_normal" || d == "untruncated_normal", Code::value,
          "Invalid `distribution` argument: {}.Allowed distributions: {{'uniform', 'truncated_normal', "
          "'untruncated_normal'}}.", d);
    Random::ready();
  }
};
const PartClass<VarianceScaling> scaling = {
    "initializer", {"VarianceScaling", "variance_scaling", "VarianceScalingV2"}, "Scaled by the number of inputs or outputs.",
    Schema<ScalingOptions>().field("scale", &ScalingOptions::scale).field("mode", &ScalingOptions::mode)
        .field("distribution", &ScalingOptions::distribution).field("seed", &ScalingOptions::seed)};

struct SeedOptions { Value seed = {}; };
const Schema<SeedOptions>& seed_fields() {
  static const auto fields = Schema<SeedOptions>().field("seed", &SeedOptions::seed);
  return fields;
}
enum Scheme { glorot, he, lecun };
template <Scheme scheme, bool is_uniform>
class Scaled : public Random<SeedOptions> {
 public:
  Tensor make(const Shape& s, DType d) override {
    return variance_scaled(s, d, scheme == he ? 2 : 1, scheme == glorot ? "fan_avg" : "fan_in",
                           is_uniform ? "uniform" : "truncated_normal", seed_.take());
  }
};
#define SCALED(id, scheme, is_uniform, ...) \
  const PartClass<Scaled<scheme, is_uniform>> id = {"initializer", {__VA_ARGS__}, "Scaled by fans.", seed_fields()}
SCALED(glorot_uniform, glorot, true, "GlorotUniform", "glorot_uniform", "glorot_uniformV2");
SCALED(glorot_normal, glorot, false, "GlorotNormal", "glorot_normal", "glorot_normalV2");
SCALED(he_uniform, he, true, "HeUniform", "he_uniform", "he_uniformV2");
SCALED(he_normal, he, false, "HeNormal", "he_normal", "he_normalV2");
SCALED(lecun_uniform, lecun, true, "LecunUniform", "lecun_uniform", "lecun_uniformV2");
SCALED(lecun_normal, lecun, false, "LecunNormal", "lecun_normal", "lecun_normalV2");
#undef SCALED

// The orthonormal columns of a rows x columns matrix (rows >= columns), each times the sign of R's diagonal:
// modified Gram-Schmidt, each column made orthogonal twice, which is as good as Householder's way in double.
void orthonormal_columns(std::vector<double>& a, size_t rows, size_t columns) {
  for (size_t j = 0; j < columns; ++j) {
    for (int again = 0; again < 2; ++again)
      for (size_t i = 0; i < j; ++i) {
        double dot = 0;
        for (size_t r = 0; r < rows; ++r) dot += a[r * columns + i] * a[r * columns + j];
        for (size_t r = 0; r < rows; ++r) a[r * columns + j] -= dot * a[r * columns + i];
      }
    double norm = 0;
    for (size_t r = 0; r < rows; ++r) norm += a[r * columns + j] * a[r * columns + j];
    norm = std::sqrt(norm);
    for (size_t r = 0; r < rows; ++r) a[r * columns + j] /= norm;
  }
}
struct OrthogonalOptions { double gain = 1; Value seed = {}; };
class Orthogonal : public Random<OrthogonalOptions> {
 public:
  Tensor make(const Shape& s, DType d) override {
    check_floating(d);
    check(s.rank() >= 2, Code::value, "The tensor to initialize must be at least two-dimensional. Received: shape={} of rank {}.",
          s.tuple(), s.rank());
    const size_t last = static_cast<size_t>(s.dim(-1));
    const size_t first = last ? static_cast<size_t>(s.size()) / last : 0;
    const size_t rows = std::max(first, last), columns = std::min(first, last);
    const Tensor drawn = random_normal(ints({static_cast<int64_t>(rows), static_cast<int64_t>(columns)}), 0, 1, d, seed_.take());
    std::vector<double> a(rows * columns);
    for (size_t i = 0; i < a.size(); ++i) a[i] = drawn.float_at(static_cast<int64_t>(i));
    orthonormal_columns(a, rows, columns);
    std::vector<double> q(a.size());
    for (size_t r = 0; r < rows; ++r)
      for (size_t c = 0; c < columns; ++c) q[first < last ? c * rows + r : r * columns + c] = options.gain * a[r * columns + c];
    return cast(Tensor::of<double>(s, q), d);
  }
};
const PartClass<Orthogonal> orthogonal = {
    "initializer", {"Orthogonal", "orthogonal", "OrthogonalV2"}, "A matrix whose rows or columns are orthonormal.",
    Schema<OrthogonalOptions>().field("gain", &OrthogonalOptions::gain).field("seed", &OrthogonalOptions::seed)};

struct GainOptions { double gain = 1; };
class Identity : public PartOf<Initializer, GainOptions> {
 public:
  Tensor make(const Shape& s, DType d) override {
    check_floating(d);
    check(s.rank() == 2, Code::value, "Identity matrix initializer can only be used for 2D matrices. Received: shape={} of rank {}.",
          s.tuple(), s.rank());
    std::vector<double> v(static_cast<size_t>(s.size()));
    for (int64_t i = 0; i < std::min(s[0], s[1]); ++i) v[static_cast<size_t>(i * s[1] + i)] = options.gain;
    return cast(Tensor::of<double>(s, v), d);
  }
};
const PartClass<Identity> identity = {"initializer", {"Identity", "identity", "IdentityV2"}, "The identity matrix times gain.",
                                      Schema<GainOptions>().field("gain", &GainOptions::gain)};

}  // namespace
}  // namespace ninefold::keras
