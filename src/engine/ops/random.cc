// In: a shape and seeds. Out: TensorFlow's random numbers, from the state its kernels would be in.
#include <mutex>
#include <numeric>

#include "base/check.h"
#include "base/threads.h"
#include "engine/op/counters.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/random/distributions.h"
#include "engine/ops/random/fill.h"
#include "engine/ops/random/seeds.h"
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
  if (seeds.nondeterministic()) return rng::nondeterministic_state();
  return rng::state_of(seeds).at(k.reserve(blocks));
}

// fill(base, n, out, groups) over the whole output, cut among threads where it is large.
template <class T, class Fill>
void filled(KernelCtx& k, int64_t group, const Fill& fill) {
  const int64_t n = k.out(0).size();
  if (n == 0) return;
  const rng::Philox base = start(k, rng::reserve_outputs(n));
  T* out = k.out<T>(0);
  parallel_for(rng::groups_of(n, group), 8192, [&](int64_t first, int64_t last) { fill(base, n, out, rng::Groups{first, last}); });
}

Op record(const char* name, const char* doc) {
  return {.name = name, .inputs = {"shape: T"}, .outputs = {"output: dtype"},
          .attrs = {"dtype: floating", "T: index", "seed: int = 0", "seed2: int = 0"}, .doc = doc,
          .shape = [](ShapeCtx& c) { c.output(c.shape_value(0)); },
          .effect = Effect::random, .host = {"shape"}, .foldable = false, .stops_gradient = true};
}
#define FILLS(op_record, with)                                                                             \
  void with##_f16(KernelCtx& k) { filled<uint16_t>(k, rng::group_32, rng::with##_f16); }                   \
  void with##_bf16(KernelCtx& k) { filled<uint16_t>(k, rng::group_32, rng::with##_bf16); }                 \
  void with##_f32(KernelCtx& k) { filled<float>(k, rng::group_32, rng::with##_f32); }                      \
  void with##_f64(KernelCtx& k) { filled<double>(k, rng::group_64, rng::with##_f64); }                     \
  NINEFOLD_REGISTER(op_record);                                                                            \
  NINEFOLD_KERNEL(op_record, "CPU", Kernel{with##_f16}, DType::f16);                                       \
  NINEFOLD_KERNEL(op_record, "CPU", Kernel{with##_bf16}, DType::bf16);                                     \
  NINEFOLD_KERNEL(op_record, "CPU", Kernel{with##_f32}, DType::f32);                                       \
  NINEFOLD_KERNEL(op_record, "CPU", Kernel{with##_f64}, DType::f64)
const Op random_uniform = record("RandomUniform", "Uniform in [0, 1).");
FILLS(random_uniform, uniform);
const Op random_normal = record("RandomStandardNormal", "Normal with mean 0 and deviation 1.");
FILLS(random_normal, normal);
const Op truncated_normal = record("TruncatedNormal", "Normal with mean 0 and deviation 1, of which |x| < 2 are kept.");
FILLS(truncated_normal, truncated_normal);
#undef FILLS

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
template <class T>
void uniform_int(KernelCtx& k) {
  const T low = *k.in<T>(1), high = *k.in<T>(2);
  if (k.out(0).size() == 0) return;
  k.check(low < high, "Need minval < maxval, got {} >= {}", low, high);
  if constexpr (sizeof(T) == 4) {
    filled<T>(k, rng::group_32, [&](const rng::Philox& b, int64_t n, T* out, rng::Groups g) { rng::uniform_i32(b, n, low, high, out, g); });
  } else {
    filled<T>(k, rng::group_64, [&](const rng::Philox& b, int64_t n, T* out, rng::Groups g) { rng::uniform_i64(b, n, low, high, out, g); });
  }
}
NINEFOLD_KERNEL(random_uniform_int, "CPU", Kernel{uniform_int<int32_t>}, DType::i32);
NINEFOLD_KERNEL(random_uniform_int, "CPU", Kernel{uniform_int<int64_t>}, DType::i64);

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
