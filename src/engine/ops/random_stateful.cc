// In: the state variable of a tf.random.Generator. Out: random numbers; the state moved past them.
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/random_fill.h"
#include "engine/tensor/resource.h"

namespace ninefold::ops {
namespace {

constexpr int64_t kPhilox = 1;

// The state as it was; the variable moves on by `blocks`. Its words are counter low, counter high, key.
rng::Generator take(KernelCtx& k, int64_t algorithm, uint64_t outputs) {
  VariableResource& v = resource_as<VariableResource>(k.in(0), k.op().name.c_str());
  std::lock_guard hold(v.mutex);
  const Tensor state = v.read();
  k.check(algorithm == kPhilox, "Unsupported algorithm id: {}", algorithm);
  k.check(state.dtype() == DType::i64, "Type mismatch for read of variable: expected int64; got {}", short_name(state.dtype()));
  k.check(state.rank() == 1 && state.dim(0) >= 3, "For the Philox algorithm, the size of state must be at least 3; got {}",
          state.size());
  const rng::Generator before({state.int_at(0), state.int_at(1), state.int_at(2)});
  rng::Generator after = before;
  after.skip(outputs);
  std::vector<int64_t> words = state.ints();
  const auto moved = after.state();
  std::copy(moved.begin(), moved.end(), words.begin());
  v.move_in(Tensor::of<int64_t>(state.shape(), words));
  return before;
}
rng::Philox philox(const rng::Generator& g) {
  const auto s = g.state();
  return {static_cast<uint64_t>(s[2]), static_cast<uint64_t>(s[0]), static_cast<uint64_t>(s[1])};
}
rng::Philox base(KernelCtx& k) {
  return philox(take(k, k.in(1).int_at(0), static_cast<uint64_t>(k.out(0).size())));
}

#define STATEFUL(record, op_name, types, fills, says)                                                      \
  const Op record = {                                                                                      \
      .name = op_name, .inputs = {"resource: resource", "algorithm: int64", "shape: shape_dtype"},         \
      .outputs = {"output: dtype"}, .attrs = {"dtype: " types, "shape_dtype: index = int64"},              \
      .doc = says, .shape = [](ShapeCtx& c) { c.output(c.shape_value(2)); },                               \
      .effect = Effect::writes, .host = {"algorithm", "shape"}, .foldable = false, .stops_gradient = true, \
  };                                                                                                       \
  NINEFOLD_REGISTER(record);                                                                               \
  NINEFOLD_KERNEL(record, "CPU", (Kernel{[](KernelCtx& k) { fill(k, fills, base(k)); }}))
STATEFUL(uniform, "StatefulUniform", "{half, bfloat16, float, double} = float", Fill::uniform, "Uniform in [0, 1).");
STATEFUL(normal, "StatefulStandardNormalV2", "{half, bfloat16, float, double} = float", Fill::normal,
         "Normal with mean 0 and deviation 1.");
STATEFUL(truncated, "StatefulTruncatedNormal", "{half, bfloat16, float, double} = float", Fill::truncated_normal,
         "Normal with mean 0 and deviation 1, of which |x| < 2 are kept.");
STATEFUL(full_int, "StatefulUniformFullInt", "{int32, int64, uint32, uint64} = uint64", Fill::full_int,
         "Integers, every value of the dtype equally likely.");
#undef STATEFUL

const Op uniform_int = {
    .name = "StatefulUniformInt",
    .inputs = {"resource: resource", "algorithm: int64", "shape: shape_dtype", "minval: dtype", "maxval: dtype"},
    .outputs = {"output: dtype"}, .attrs = {"dtype: {int32, int64, uint32, uint64} = int64", "shape_dtype: index = int64"},
    .doc = "Uniform integers in [minval, maxval).", .shape = [](ShapeCtx& c) { c.output(c.shape_value(2)); },
    .effect = Effect::writes, .host = {"algorithm", "shape", "minval", "maxval"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(uniform_int);
NINEFOLD_KERNEL(uniform_int, "CPU", (Kernel{[](KernelCtx& k) { fill_int(k, base(k), k.in<void>(3), k.in<void>(4)); }}));

const Op binomial = {
    .name = "StatefulRandomBinomial",
    .inputs = {"resource: resource", "algorithm: int64", "shape: S", "counts: T", "probs: T"}, .outputs = {"output: dtype"},
    .attrs = {"T: {half, float, double, int32, int64} = double", "S: index",
              "dtype: {half, float, double, int32, int64} = int64"},
    .doc = "Binomial(counts, probs).",
    .shape = [](ShapeCtx& c) {
      const Shape out = c.shape_value(2), pairs = c.broadcast(c.shape(3), c.shape(4));
      if (out.known_rank() && pairs.known_rank())
        c.check(out.rank() >= pairs.rank() && out.slice(out.rank() - pairs.rank(), out.rank()).compatible(pairs),
                "Shape passed in must end with broadcasted shape.");
      c.output(out);
    },
    .effect = Effect::writes, .host = {"algorithm", "shape"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(binomial);
NINEFOLD_KERNEL(binomial, "CPU", (Kernel{[](KernelCtx& k) {
  int64_t pairs = 1;
  const int rank = std::max(k.shape(3).rank(), k.shape(4).rank());
  for (int back = 1; back <= rank; ++back) pairs *= k.out(0).dim(-back);
  const int64_t samples = pairs ? k.out(0).size() / pairs : 0;
  const uint64_t outputs = static_cast<uint64_t>(pairs * 200 * (samples + 3) / 4);
  const rng::Philox from = philox(take(k, k.in(1).int_at(0), outputs));
  fill_binomial(k, from, k.in(3), k.in(4));
}}));

// ---- moving the state alone ----

const Op skip = {
    .name = "RngSkip", .inputs = {"resource: resource", "algorithm: int64", "delta: int64"}, .outputs = {}, .attrs = {},
    .doc = "Moves the state past what an op with `delta` outputs would take.", .shape = shapes::none,
    .effect = Effect::writes, .host = {"algorithm", "delta"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(skip);
NINEFOLD_KERNEL(skip, "CPU", (Kernel{[](KernelCtx& k) { take(k, k.in(1).int_at(0), static_cast<uint64_t>(k.in(2).int_at(0))); }}));

const Op read_and_skip = {
    .name = "RngReadAndSkip", .inputs = {"resource: resource", "alg: int32", "delta: uint64"}, .outputs = {"value: int64"},
    .attrs = {}, .doc = "The state as it was; it moves past what an op with `delta` outputs would take.",
    .shape = [](ShapeCtx& c) { c.output({3}); },
    .effect = Effect::writes, .host = {"alg", "delta"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(read_and_skip);
NINEFOLD_KERNEL(read_and_skip, "CPU", (Kernel{[](KernelCtx& k) {
  const auto words = take(k, k.in(1).int_at(0), *k.in(2).as<uint64_t>()).state();
  std::copy(words.begin(), words.end(), k.out<int64_t>(0));
}}));

const Op non_deterministic_ints = {
    .name = "NonDeterministicInts", .inputs = {"shape: shape_dtype"}, .outputs = {"output: dtype"},
    .attrs = {"dtype: {int32, int64, uint32, uint64} = int64", "shape_dtype: index = int64"},
    .doc = "Integers that differ from run to run.", .shape = [](ShapeCtx& c) { c.output(c.shape_value(0)); },
    .effect = Effect::random, .host = {"shape"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(non_deterministic_ints);
NINEFOLD_KERNEL(non_deterministic_ints, "CPU", (Kernel{[](KernelCtx& k) { fill(k, Fill::full_int, rng::nondeterministic_state()); }}));

}  // namespace
}  // namespace ninefold::ops
