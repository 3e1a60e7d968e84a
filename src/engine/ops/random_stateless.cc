// In: a seed, or the key and counter made of it. Out: random numbers that depend on nothing else.
#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/random/distributions.h"
#include "engine/ops/random_fill.h"

namespace ninefold::ops {
namespace {

constexpr int32_t kPhilox = 1, kAuto = 3;

// ---- seeds to keys and counters ----

void seed_shape(ShapeCtx& c, int input) {
  c.check(c.shape(input).compatible({2}), "seed must have shape [2], not {}", c.shape(input).str());
}
rng::Philox seeded(KernelCtx& k, int input) { return rng::stateless(k.in(input).int_at(0), k.in(input).int_at(1)); }

void key_counter(KernelCtx& k) {
  const rng::Philox p = seeded(k, 0);
  *k.out<uint64_t>(0) = p.key;
  k.out<uint64_t>(1)[0] = p.low;
  k.out<uint64_t>(1)[1] = p.high;
  if (k.num_outputs() == 3) *k.out<int32_t>(2) = kPhilox;
}
const Op get_key_counter = {
    .name = "StatelessRandomGetKeyCounter", .inputs = {"seed: Tseed"}, .outputs = {"key: uint64", "counter: uint64"},
    .attrs = {"Tseed: index = int64"}, .doc = "Scrambles a seed of two integers into a Philox key and counter.",
    .shape = [](ShapeCtx& c) { seed_shape(c, 0); c.output(0, {1}); c.output(1, {2}); },
    .host = {"seed"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(get_key_counter);
NINEFOLD_KERNEL(get_key_counter, "CPU", Kernel{key_counter});
const Op get_key_counter_alg = {
    .name = "StatelessRandomGetKeyCounterAlg", .inputs = {"seed: Tseed"},
    .outputs = {"key: uint64", "counter: uint64", "alg: int32"}, .attrs = {"Tseed: index = int64"},
    .doc = "As StatelessRandomGetKeyCounter, and the algorithm of this device: 1, Philox.",
    .shape = [](ShapeCtx& c) { seed_shape(c, 0); c.output(0, {1}); c.output(1, {2}); c.output(2, {}); },
    .host = {"seed"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(get_key_counter_alg);
NINEFOLD_KERNEL(get_key_counter_alg, "CPU", Kernel{key_counter});
const Op get_alg = {
    .name = "StatelessRandomGetAlg", .inputs = {}, .outputs = {"alg: int32"}, .attrs = {},
    .doc = "The algorithm of this device: 1, Philox.", .shape = shapes::scalar, .stops_gradient = true,
};
NINEFOLD_REGISTER(get_alg);
NINEFOLD_KERNEL(get_alg, "CPU", (Kernel{[](KernelCtx& k) { *k.out<int32_t>(0) = kPhilox; }}));

// ---- from key and counter ----

const std::vector<std::string> v2_inputs = {"shape: Tshape", "key: uint64", "counter: uint64", "alg: int32"};
void v2_shape(ShapeCtx& c) {
  c.check(c.shape(1).compatible({1}), "key must have shape [1], not {}", c.shape(1).str());
  c.check(c.shape(2).rank() <= 1, "counter must be a vector, not {}", c.shape(2).str());
  c.check(c.shape(3).rank() <= 0, "alg must be a scalar, not {}", c.shape(3).str());
  c.output(c.shape_value(0));
}
rng::Philox given(KernelCtx& k) {
  const int32_t alg = *k.in<int32_t>(3);
  k.check(alg == kPhilox || alg == kAuto, "Unsupported algorithm id: {}", alg);
  k.check(k.shape(2).size() >= 2, "For Philox algorithm, the size of counter must be at least 2; got {}", k.shape(2).size());
  return {*k.in<uint64_t>(1), k.in<uint64_t>(2)[0], k.in<uint64_t>(2)[1]};
}
#define FROM_KEY(record, op_name, types, fills, says)                                                      \
  const Op record = {                                                                                      \
      .name = op_name, .inputs = v2_inputs, .outputs = {"output: dtype"},                                  \
      .attrs = {"dtype: " types, "Tshape: index = int32"}, .doc = says, .shape = v2_shape,                 \
      .host = {"shape", "key", "counter", "alg"}, .stops_gradient = true,                                  \
  };                                                                                                       \
  NINEFOLD_REGISTER(record);                                                                               \
  NINEFOLD_KERNEL(record, "CPU", (Kernel{[](KernelCtx& k) { fill(k, fills, given(k)); }}))
FROM_KEY(uniform_v2, "StatelessRandomUniformV2", "{half, bfloat16, float, double} = float", Fill::uniform, "Uniform in [0, 1).");
FROM_KEY(normal_v2, "StatelessRandomNormalV2", "{half, bfloat16, float, double} = float", Fill::normal, "Normal with mean 0 and deviation 1.");
FROM_KEY(truncated_v2, "StatelessTruncatedNormalV2", "{half, bfloat16, float, double} = float", Fill::truncated_normal,
         "Normal with mean 0 and deviation 1, of which |x| < 2 are kept.");
FROM_KEY(full_int_v2, "StatelessRandomUniformFullIntV2", "{int32, int64, uint32, uint64} = uint64", Fill::full_int,
         "Integers, every value of the dtype equally likely.");
#undef FROM_KEY

const Op uniform_int_v2 = {
    .name = "StatelessRandomUniformIntV2",
    .inputs = {"shape: Tshape", "key: uint64", "counter: uint64", "alg: int32", "minval: dtype", "maxval: dtype"},
    .outputs = {"output: dtype"}, .attrs = {"dtype: {int32, int64, uint32, uint64}", "Tshape: index = int32"},
    .doc = "Uniform integers in [minval, maxval); the bias of the modulo is TensorFlow's.",
    .shape = [](ShapeCtx& c) {
      for (int i = 4; i < 6; ++i)
        c.check(c.shape(i).rank() <= 0, "{} must be 0-D, got shape {}", i == 4 ? "minval" : "maxval", c.shape(i).str());
      v2_shape(c);
    },
    .host = {"shape", "key", "counter", "alg", "minval", "maxval"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(uniform_int_v2);
NINEFOLD_KERNEL(uniform_int_v2, "CPU", (Kernel{[](KernelCtx& k) { fill_int(k, given(k), k.in<void>(4), k.in<void>(5)); }}));

// ---- from the seed itself ----

#define FROM_SEED(record, op_name, types, fills, says)                                                     \
  const Op record = {                                                                                      \
      .name = op_name, .inputs = {"shape: T", "seed: Tseed"}, .outputs = {"output: dtype"},                \
      .attrs = {"dtype: " types, "T: index = int32", "Tseed: index = int64"}, .doc = says,                 \
      .shape = [](ShapeCtx& c) { seed_shape(c, 1); c.output(c.shape_value(0)); },                          \
      .host = {"shape", "seed"}, .stops_gradient = true,                                                   \
  };                                                                                                       \
  NINEFOLD_REGISTER(record);                                                                               \
  NINEFOLD_KERNEL(record, "CPU", (Kernel{[](KernelCtx& k) { fill(k, fills, seeded(k, 1)); }}))
FROM_SEED(uniform_v1, "StatelessRandomUniform", "{half, bfloat16, float, double} = float", Fill::uniform, "Uniform in [0, 1).");
FROM_SEED(normal_v1, "StatelessRandomNormal", "{half, bfloat16, float, double} = float", Fill::normal, "Normal with mean 0 and deviation 1.");
FROM_SEED(truncated_v1, "StatelessTruncatedNormal", "{half, bfloat16, float, double} = float", Fill::truncated_normal,
          "Normal with mean 0 and deviation 1, of which |x| < 2 are kept.");
FROM_SEED(full_int_v1, "StatelessRandomUniformFullInt", "{int32, int64, uint32, uint64} = uint64", Fill::full_int,
          "Integers, every value of the dtype equally likely.");
#undef FROM_SEED

const Op uniform_int_v1 = {
    .name = "StatelessRandomUniformInt", .inputs = {"shape: T", "seed: Tseed", "minval: dtype", "maxval: dtype"},
    .outputs = {"output: dtype"}, .attrs = {"dtype: index", "T: index", "Tseed: index = int64"},
    .doc = "Uniform integers in [minval, maxval).",
    .shape = [](ShapeCtx& c) { seed_shape(c, 1); c.output(c.shape_value(0)); },
    .host = {"shape", "seed", "minval", "maxval"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(uniform_int_v1);
NINEFOLD_KERNEL(uniform_int_v1, "CPU", (Kernel{[](KernelCtx& k) { fill_int(k, seeded(k, 1), k.in<void>(2), k.in<void>(3)); }}));

// ---- with parameters, whose shape ends the output's ----

void ends_with(ShapeCtx& c, const Shape& parameters, const char* says) {
  const Shape out = c.shape_value(0);
  if (out.known_rank() && parameters.known_rank())
    c.check(out.rank() >= parameters.rank() &&
                out.slice(out.rank() - parameters.rank(), out.rank()).compatible(parameters), "{}", says);
  c.output(out);
}
constexpr const char* broadcasted = "Shape passed in must end with broadcasted shape.";

const Op gamma = {
    .name = "StatelessRandomGammaV2", .inputs = {"shape: T", "seed: Tseed", "alpha: dtype"}, .outputs = {"output: dtype"},
    .attrs = {"dtype: {half, float, double}", "T: index", "Tseed: index = int64"},
    .doc = "Gamma(alpha, 1), by Marsaglia and Tsang.",
    .shape = [](ShapeCtx& c) { seed_shape(c, 1); ends_with(c, c.shape(2), broadcasted); },
    .grad = [](GradCtx& g) { g.to_broadcast(2, g.dy() * op("RandomGammaGrad", {g.in(2), g.out()})); },
    .host = {"shape", "seed"},
};
NINEFOLD_REGISTER(gamma);
NINEFOLD_KERNEL(gamma, "CPU", (Kernel{[](KernelCtx& k) { fill_gamma(k, seeded(k, 1), k.in(2)); }}));

const Op poisson = {
    .name = "StatelessRandomPoisson", .inputs = {"shape: T", "seed: Tseed", "lam: Rtype"}, .outputs = {"output: dtype"},
    .attrs = {"Rtype: {half, float, double, int32, int64}", "dtype: {half, float, double, int32, int64}", "T: index",
              "Tseed: index = int64"},
    .doc = "Poisson(lam).",
    .shape = [](ShapeCtx& c) { seed_shape(c, 1); ends_with(c, c.shape(2), broadcasted); },
    .host = {"shape", "seed"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(poisson);
NINEFOLD_KERNEL(poisson, "CPU", (Kernel{[](KernelCtx& k) { fill_poisson(k, seeded(k, 1), k.in(2)); }}));

const Op binomial = {
    .name = "StatelessRandomBinomial", .inputs = {"shape: S", "seed: Tseed", "counts: T", "probs: T"},
    .outputs = {"output: dtype"},
    .attrs = {"T: {half, float, double, int32, int64} = double", "S: index", "Tseed: index = int64",
              "dtype: {half, float, double, int32, int64} = int64"},
    .doc = "Binomial(counts, probs).",
    .shape = [](ShapeCtx& c) {
      seed_shape(c, 1);
      ends_with(c, c.broadcast(c.shape(2), c.shape(3)), "Shape passed in must end with broadcasted shape.");
    },
    .host = {"shape", "seed"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(binomial);
NINEFOLD_KERNEL(binomial, "CPU", (Kernel{[](KernelCtx& k) { fill_binomial(k, seeded(k, 1), k.in(2), k.in(3)); }}));

const Op multinomial = {
    .name = "StatelessMultinomial", .inputs = {"logits: T", "num_samples: int32", "seed: Tseed"},
    .outputs = {"output: output_dtype"},
    .attrs = {"T: {float, double, half, bfloat16}", "Tseed: index = int64", "output_dtype: index = int64"},
    .doc = "Indices drawn for each row of logits, with probabilities softmax(logits).",
    .shape = [](ShapeCtx& c) {
      seed_shape(c, 2);
      c.check(c.shape(0).rank() < 0 || c.shape(0).rank() == 2, "logits should be a matrix, got shape {}", c.shape(0).str());
      c.check(c.shape(1).rank() <= 0, "num_samples should be a scalar, got shape {}", c.shape(1).str());
      const Tensor* n = c.value(1);
      c.check(!n || n->int_at(0) >= 0, "num_samples should be nonnegative, got {}", n ? n->int_at(0) : 0);
      const bool known = c.shape(0).rank() == 2;
      c.check(!known || c.shape(0)[1] != 0, "num_classes should be positive, got 0");
      c.output({known ? c.shape(0)[0] : -1, n ? n->int_at(0) : -1});
    },
    .host = {"num_samples", "seed"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(multinomial);
NINEFOLD_KERNEL(multinomial, "CPU", (Kernel{[](KernelCtx& k) { fill_multinomial(k, seeded(k, 2), k.in(0)); }}));

const Op truncated = {
    .name = "StatelessParameterizedTruncatedNormal",
    .inputs = {"shape: S", "seed: Tseed", "means: dtype", "stddevs: dtype", "minvals: dtype", "maxvals: dtype"},
    .outputs = {"output: dtype"}, .attrs = {"dtype: {half, float, double}", "S: index", "Tseed: index = int64"},
    .doc = "Normals between two bounds, by rejection.",
    .shape = [](ShapeCtx& c) {
      seed_shape(c, 1);
      ends_with(c, c.broadcast(c.broadcast(c.shape(2), c.shape(3)), c.broadcast(c.shape(4), c.shape(5))), broadcasted);
    },
    .host = {"shape", "seed"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(truncated);
template <class T>
void truncated_of(KernelCtx& k, T* out) {
  Shape all;
  for (int i = 2; i < 6; ++i)   // they broadcast: the shape rule has checked it
    for (int back = 1; back <= k.shape(i).rank(); ++back) {
      if (all.rank() < back) all = Shape{1}.concat(all);
      const int64_t d = k.shape(i)[k.shape(i).rank() - back];
      if (d != 1) all.set(all.rank() - back, d);
    }
  std::vector<double> p[4];
  for (int i = 0; i < 4; ++i) p[i] = doubles_of(k.in(i + 2), all);
  std::vector<rng::Bounds<T>> bounds;
  for (size_t i = 0; i < p[0].size(); ++i) {
    k.check(p[1][i] > 0, "stddev must be > 0.");
    k.check(p[2][i] < p[3][i], "minval must be < maxval.");
    bounds.push_back({static_cast<T>(p[0][i]), static_cast<T>(p[1][i]), static_cast<T>(p[2][i]), static_cast<T>(p[3][i])});
  }
  if (!bounds.empty())
    rng::stateless_truncated_normal<T>(seeded(k, 1), k.out(0).size() / static_cast<int64_t>(bounds.size()), bounds, out);
}
NINEFOLD_KERNEL(truncated, "CPU", (Kernel{[](KernelCtx& k) { truncated_of(k, k.out<float>(0)); }}), DType::f32);
NINEFOLD_KERNEL(truncated, "CPU", (Kernel{[](KernelCtx& k) { truncated_of(k, k.out<double>(0)); }}), DType::f64);

const Op index_shuffle = {
    .name = "RandomIndexShuffle", .inputs = {"index: dtype", "seed: Tseed", "max_index: dtype"}, .outputs = {"output: dtype"},
    .attrs = {"dtype: {int32, uint32, int64, uint64}", "Tseed: {int32, uint32, int64, uint64}"},
    .doc = "Where an index of [0, max_index] goes in the shuffle that the seed of three words names.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(1).rank() < 0 || c.shape(1).dim(-1) < 0 || c.shape(1).dim(-1) == 3,
              "Seed must be a vector of size [3] or a matrix of size [1, 3] but got {}.", c.shape(1).str());
      c.output(c.shape(0));
    },
    .host = {"seed", "max_index"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(index_shuffle);
NINEFOLD_KERNEL(index_shuffle, "CPU", (Kernel{[](KernelCtx& k) {
  const Tensor& index = k.in(0);
  const uint32_t key[3] = {static_cast<uint32_t>(k.in(1).int_at(0)), static_cast<uint32_t>(k.in(1).int_at(1)),
                           static_cast<uint32_t>(k.in(1).int_at(2))};
  for (int64_t i = 0; i < index.size(); ++i) {
    const int64_t max = k.in(2).int_at(k.shape(2).size() == 1 ? 0 : i), at = index.int_at(i);
    k.check(at >= 0 && at <= max, "The value of index must be in [0, max_index], got {} of {}", at, max);
    const uint64_t to = rng::index_shuffle(static_cast<uint64_t>(at), std::span<const uint32_t, 3>(key), static_cast<uint64_t>(max));
    if (size_of(k.dtype(0)) == 4) k.out<uint32_t>(0)[i] = static_cast<uint32_t>(to);
    else k.out<uint64_t>(0)[i] = to;
  }
}}));

}  // namespace
}  // namespace ninefold::ops
