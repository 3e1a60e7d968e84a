// In: a shape and seeds. Out: TensorFlow's random numbers, from the state its kernels would be in.
#include <mutex>
#include <numeric>

#include "base/check.h"
#include "engine/op/counters.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/random/distributions.h"
#include "engine/ops/random/seeds.h"
#include "engine/ops/random_fill.h"
#include "engine/tensor/resource.h"

namespace ninefold {
namespace {

std::mutex seeds_mutex;   // guards seed_state
rng::SeedState& seed_state() {
  static auto* s = new rng::SeedState();
  return *s;
}

}  // namespace

void set_seed(int64_t seed) {
  if (Tracer* t = scope().tracer()) return t->set_graph_seed(seed);
  std::lock_guard hold(seeds_mutex);
  seed_state().set_seed(seed);
  drop_eager_counters();
}

bool global_seed(int64_t* seed) {
  std::lock_guard hold(seeds_mutex);
  const std::optional<int64_t> set = seed_state().global_seed();
  if (set) *seed = *set;
  return set.has_value();
}

std::pair<int64_t, int64_t> op_seeds(std::optional<int64_t> op_seed) {
  rng::Seeds s;
  if (Tracer* t = scope().tracer()) {
    bool set = false;
    const int64_t global = t->graph_seed(&set);
    if (!op_seed && set) op_seed = t->next_op_seed();
    s = rng::combine(set ? std::optional(global) : std::nullopt, op_seed);
  } else {
    std::lock_guard hold(seeds_mutex);
    s = seed_state().eager(op_seed);
  }
  return {s.seed, s.seed2};
}

namespace ops {
namespace {

// Where this run starts; nondeterministic seeds start anywhere.
rng::Philox start(KernelCtx& k, uint64_t blocks) {
  const rng::Seeds seeds{k.integer("seed"), k.integer("seed2")};
  if (seeds.nondeterministic()) {
    if (Draws* d = Draws::now()) d->reserve(k.device(), nullptr, blocks);
    return rng::nondeterministic_state();
  }
  return rng::state_of(seeds).at(k.reserve(blocks));
}

Op record(const char* name, const char* doc) {
  return {.name = name, .inputs = {"shape: T"}, .outputs = {"output: dtype"},
          .attrs = {"dtype: floating", "T: index", "seed: int = 0", "seed2: int = 0"}, .doc = doc,
          .shape = [](ShapeCtx& c) { c.output(c.shape_value(0)); },
          .effect = Effect::random, .host = {"shape"}, .foldable = false, .stops_gradient = true};
}
template <Fill kind>
void filled(KernelCtx& k) {
  if (k.out(0).size() > 0) fill(k, kind, start(k, rng::reserve_outputs(k.out(0).size())));
}
const Op random_uniform = record("RandomUniform", "Uniform in [0, 1).");
NINEFOLD_REGISTER(random_uniform);
NINEFOLD_KERNEL(random_uniform, "CPU", Kernel{filled<Fill::uniform>});
const Op random_normal = record("RandomStandardNormal", "Normal with mean 0 and deviation 1.");
NINEFOLD_REGISTER(random_normal);
NINEFOLD_KERNEL(random_normal, "CPU", Kernel{filled<Fill::normal>});
const Op truncated_normal = record("TruncatedNormal", "Normal with mean 0 and deviation 1, of which |x| < 2 are kept.");
NINEFOLD_REGISTER(truncated_normal);
NINEFOLD_KERNEL(truncated_normal, "CPU", Kernel{filled<Fill::truncated_normal>});

const Op random_uniform_int = {
    .name = "RandomUniformInt", .inputs = {"shape: T", "minval: Tout", "maxval: Tout"}, .outputs = {"output: Tout"},
    .attrs = {"Tout: index", "seed: int = 0", "seed2: int = 0", "T: index"},
    .doc = "Uniform integers in [minval, maxval); the bias of the modulo is TensorFlow's.",
    .shape = [](ShapeCtx& c) {
      for (int i = 1; i < 3; ++i)
        c.check(c.shape(i).rank() <= 0, "{} must be 0-D, got shape {}", i == 1 ? "minval" : "maxval", c.shape(i).str());
      c.output(c.shape_value(0));
    },
    .effect = Effect::random, .host = {"shape", "minval", "maxval"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(random_uniform_int);
NINEFOLD_KERNEL(random_uniform_int, "CPU", (Kernel{[](KernelCtx& k) {
  if (k.out(0).size() > 0) fill_int(k, start(k, rng::reserve_outputs(k.out(0).size())), k.in<void>(1), k.in<void>(2));
}}));

// ---- with parameters: the output is [shape..., parameters...] ----

const Op random_gamma = {
    .name = "RandomGamma", .inputs = {"shape: S", "alpha: T"}, .outputs = {"output: T"},
    .attrs = {"T: {half, float, double}", "S: index", "seed: int = 0", "seed2: int = 0"},
    .doc = "Gamma(alpha, 1), by Marsaglia and Tsang; one sample of each alpha for each element of `shape`.",
    .shape = [](ShapeCtx& c) { c.output(c.shape_value(0).concat(c.shape(1))); },
    // Implicit reparameterisation (Figurnov, Mohamed and Mnih 2018).
    .grad = [](GradCtx& g) { g.to_broadcast(1, g.dy() * op("RandomGammaGrad", {g.in(1), g.out()})); },
    .effect = Effect::random, .host = {"shape"}, .foldable = false,
};
NINEFOLD_REGISTER(random_gamma);
NINEFOLD_KERNEL(random_gamma, "CPU", (Kernel{[](KernelCtx& k) {
  if (k.out(0).size() > 0) fill_gamma(k, start(k, rng::reserve_outputs(k.out(0).size())), k.in(1));
}}));

const Op random_poisson = {
    .name = "RandomPoissonV2", .inputs = {"shape: S", "rate: R"}, .outputs = {"output: dtype"},
    .attrs = {"R: {half, float, double, int32, int64} = double", "S: index",
              "dtype: {half, float, double, int32, int64} = int64", "seed: int = 0", "seed2: int = 0"},
    .doc = "Poisson(rate); one sample of each rate for each element of `shape`.",
    .shape = [](ShapeCtx& c) { c.output(c.shape_value(0).concat(c.shape(1))); },
    .effect = Effect::random, .host = {"shape"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(random_poisson);
NINEFOLD_KERNEL(random_poisson, "CPU", (Kernel{[](KernelCtx& k) {
  if (k.out(0).size() > 0) fill_poisson(k, start(k, rng::reserve_outputs(k.out(0).size())), k.in(1));
}}));

const Op multinomial = {
    .name = "Multinomial", .inputs = {"logits: T", "num_samples: int32"}, .outputs = {"output: output_dtype"},
    .attrs = {"T: {float, double, half, bfloat16}", "output_dtype: index = int64", "seed: int = 0", "seed2: int = 0"},
    .doc = "Indices drawn for each row of logits, with probabilities softmax(logits).",
    .shape = [](ShapeCtx& c) {
      const Shape& logits = c.shape(0);
      c.check(logits.rank() < 0 || logits.rank() == 2, "logits should be a matrix, got shape {}", logits.str());
      c.check(c.shape(1).rank() <= 0, "num_samples should be a scalar, got shape {}", c.shape(1).str());
      const Tensor* n = c.value(1);
      c.check(!n || n->int_at(0) >= 0, "num_samples should be nonnegative, got {}", n ? n->int_at(0) : 0);
      c.check(logits.rank() < 0 || logits[1] != 0, "num_classes should be positive, got 0");
      c.output({logits.rank() < 0 ? -1 : logits[0], n ? n->int_at(0) : -1});
    },
    .effect = Effect::random, .host = {"num_samples"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(multinomial);
NINEFOLD_KERNEL(multinomial, "CPU", (Kernel{[](KernelCtx& k) {
  if (k.out(0).size() > 0) fill_multinomial(k, start(k, rng::reserve_multinomial(k.shape(0)[0], k.out(0).dim(1))), k.in(0));
}}));

const Op random_shuffle = {
    .name = "RandomShuffle", .inputs = {"value: T"}, .outputs = {"output: T"},
    .attrs = {"seed: int = 0", "seed2: int = 0", "T: type"},
    .doc = "The rows of `value` in random order.", .shape = shapes::same,
    .effect = Effect::random, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(random_shuffle);
void shuffle_cpu(KernelCtx& k) {
  const Shape& s = k.shape(0);
  const int64_t rows = s.rank() == 0 ? 1 : s[0], all = s.size();
  std::vector<int64_t> order(static_cast<size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  if (rows > 1 && all > 1) rng::permutation(start(k, rng::reserve_shuffle(rows, all)), rows, order.data());
  const int64_t each = rows ? all / rows : 0;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t from = order[static_cast<size_t>(i)] * each, to = i * each;
    if (is_plain(k.dtype(0))) {
      const size_t size = size_of(k.dtype(0));
      std::memcpy(k.out<char>(0) + static_cast<size_t>(to) * size, k.in<char>(0) + static_cast<size_t>(from) * size,
                  static_cast<size_t>(each) * size);
    } else if (k.dtype(0) == DType::string) {
      std::copy_n(k.in<std::string>(0) + from, each, k.out<std::string>(0) + to);
    } else {
      std::copy_n(k.in<std::shared_ptr<Resource>>(0) + from, each, k.out<std::shared_ptr<Resource>>(0) + to);
    }
  }
}
NINEFOLD_KERNEL(random_shuffle, "CPU", Kernel{shuffle_cpu});

}  // namespace
}  // namespace ops
}  // namespace ninefold
