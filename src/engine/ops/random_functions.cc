// In: arguments of tf.random's functions. Out: random tensors, by the ops and the rounding of TensorFlow 2.9.
#include <limits>

#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/operands.h"
#include "engine/ops/random/seeds.h"

namespace ninefold::ops {
namespace {

using Named = std::vector<NamedAttr>;

Tensor run(const char* name, const Tensors& in, const Named& attrs) { return op_all(name, in, attrs).at(0); }

// Draws the op's seeds: the order of these calls is the order of the program's streams.
Named seeds(const Args& a) {
  const auto [seed, seed2] = op_seeds(a.none("seed") ? std::nullopt : std::optional<int64_t>(a.integer("seed")));
  return {{"seed", seed}, {"seed2", seed2}};
}
Named with_seeds(const Args& a, Named more) {
  Named all = seeds(a);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
Tensor shape_of(const Args& a) {
  // A list with a float in it stays one: the op then says which dtypes a shape may have.
  const ValueList* list = a["shape"].get<ValueList>();
  if (!list) return a.ints_tensor("shape");
  for (const Value& v : *list)
    if (v.get<double>()) return to_tensor(a["shape"]);
  return to_tensor(a["shape"], DType::i32);
}
std::string repr(DType d) { return "<dtype: '" + std::string(name_of(d)) + "'>"; }
bool is_int(const Value& v, int64_t what) { return v.get<int64_t>() && *v.get<int64_t>() == what; }

// u in [0, 1) to [low, high): two rounded operations.
Tensor stretched(const Tensor& u, const Tensor& low, const Tensor& high) { return u * (high - low) + low; }

// ---- tf.random.*: streams that go on from call to call ----

const Function uniform = {
    .names = {"tf.random.uniform"},
    .signature = "(shape: ints, minval: D = 0, maxval: D = None, dtype: dtype = tf.float32, seed: int = None, "
                 "name: str = None)",
    .doc = "Uniform numbers in [minval, maxval), maxval 1 for floats; integers need maxval.",
    .body = [](Args& a) -> Value {
      const DType d = a.dtype("dtype");
      check(is_floating(d) || d == DType::i32 || d == DType::i64, Code::value,
            "Argument `dtype` got invalid value {}. Accepted dtypes are (tf.float16, tf.bfloat16, tf.float32, tf.float64, "
            "tf.int32, tf.int64).", repr(d));
      check(!is_integer(d) || !a.none("maxval"), Code::value, "Must specify maxval for integer dtype tf.{}", name_of(d));
      const Tensor shape = shape_of(a);
      const bool from_0 = is_int(a["minval"], 0), to_1 = a.none("maxval") || is_int(a["maxval"], 1);
      Tensor low, high;
      if (!from_0 || !to_1 || is_integer(d)) {
        low = operand(a, "minval", d);
        high = a.none("maxval") ? to_tensor(Value(1), d) : operand(a, "maxval", d);
      }
      if (is_integer(d)) return run("RandomUniformInt", {shape, low, high}, seeds(a));
      const Tensor u = run("RandomUniform", {shape}, with_seeds(a, {{"dtype", d}}));
      if (from_0) return to_1 ? u : u * high;
      return stretched(u, low, high);
    },
};
NINEFOLD_REGISTER(uniform);

Value normal_of(Args& a, const char* with) {
  const DType d = a.dtype("dtype");
  const Tensor shape = shape_of(a), mean = operand(a, "mean", d), deviation = operand(a, "stddev", d);
  return run(with, {shape}, with_seeds(a, {{"dtype", d}})) * deviation + mean;
}
const Function normal = {
    .names = {"tf.random.normal"},
    .signature = "(shape: ints, mean: D = 0.0, stddev: D = 1.0, dtype: dtype = tf.float32, seed: int = None, name: str = None)",
    .doc = "Normal numbers.", .body = [](Args& a) { return normal_of(a, "RandomStandardNormal"); },
};
NINEFOLD_REGISTER(normal);
const Function truncated_normal = {
    .names = {"tf.random.truncated_normal"},
    .signature = "(shape: ints, mean: D = 0.0, stddev: D = 1.0, dtype: dtype = tf.float32, seed: int = None, name: str = None)",
    .doc = "Normal numbers within two deviations of the mean.", .body = [](Args& a) { return normal_of(a, "TruncatedNormal"); },
};
NINEFOLD_REGISTER(truncated_normal);

const Function shuffle = {
    .names = {"tf.random.shuffle"}, .signature = "(value: tensor, seed: int = None, name: str = None)",
    .doc = "The rows of `value` in random order.",
    .body = [](Args& a) -> Value {
      const Tensor value = operand(a, "value");
      return run("RandomShuffle", {value}, seeds(a));
    },
};
NINEFOLD_REGISTER(shuffle);

const Function categorical = {
    .names = {"tf.random.categorical"},
    .signature = "(logits: tensor, num_samples: tensor, dtype: dtype = None, seed: int = None, name: str = None)",
    .doc = "num_samples indices for each row of logits [rows, classes], with probabilities softmax(logits).",
    .body = [](Args& a) -> Value {
      const DType d = a.none("dtype") ? DType::i64 : a.dtype("dtype");
      const Tensor logits = operand(a, "logits"), n = operand(a, "num_samples", DType::i32);
      return run("Multinomial", {logits, n}, with_seeds(a, {{"output_dtype", d}}));
    },
};
NINEFOLD_REGISTER(categorical);

Tensor smallest(const Tensor& like) {
  switch (like.dtype()) {
    case DType::f64: return number_like(like, std::numeric_limits<double>::min());
    case DType::f16: return number_like(like, 0x1p-14);
    default: return number_like(like, std::numeric_limits<float>::min());
  }
}
// alpha and beta in the shape that both broadcast to.
std::pair<Tensor, Tensor> gamma_parameters(const Args& a) {
  const DType d = a.dtype("dtype");
  const Tensor alpha = operand(a, "alpha", d);
  const Tensor beta = a.none("beta") ? to_tensor(Value(1), d) : operand(a, "beta", d);
  return {beta.rank() == 0 ? alpha : alpha + op("ZerosLike", {beta}), beta};
}
const Function gamma = {
    .names = {"tf.random.gamma"},
    .signature = "(shape: ints, alpha: D, beta: D = None, dtype: dtype = tf.float32, seed: int = None, name: str = None)",
    .doc = "Gamma(alpha, beta) numbers of shape `shape` + the shape that alpha and beta broadcast to.",
    .body = [](Args& a) -> Value {
      const Tensor shape = shape_of(a);
      const auto [alpha, beta] = gamma_parameters(a);
      return op("Maximum", {smallest(alpha), run("RandomGamma", {shape, alpha}, seeds(a)) / beta});
    },
};
NINEFOLD_REGISTER(gamma);
const Function poisson = {
    .names = {"tf.random.poisson"},
    .signature = "(shape: ints, lam: tensor, dtype: dtype = tf.float32, seed: int = None, name: str = None)",
    .doc = "Poisson(lam) numbers of shape `shape` + the shape of lam.",
    .body = [](Args& a) -> Value {
      const Tensor shape = shape_of(a), rate = operand(a, "lam", DType::f64);
      return run("RandomPoissonV2", {shape, rate}, with_seeds(a, {{"dtype", a.dtype("dtype")}}));
    },
};
NINEFOLD_REGISTER(poisson);

// ---- tf.random.stateless_*: a seed of two integers says it all ----

struct Key { Tensor key, counter, alg; };
Tensor seed_of(const Args& a) { return operand(a, "seed", DType::i64); }
Key key_of(const Args& a) {
  const Tensor seed = seed_of(a);
  Tensor alg;
  if (const std::string* name = a["alg"].get<std::string>()) {
    check(*name == "auto_select" || *name == "philox" || *name == "threefry", Code::value,
          "Argument `alg` got unsupported string value {}. Supported string values are 'philox' for the Philox algorithm, "
          "'threefry' for the ThreeFry algorithm, and 'auto_select' for auto-selection.", *name);
    alg = Tensor(int32_t{*name == "threefry" ? 2 : 1});
  } else {
    alg = operand(a, "alg", DType::i32);
  }
  const Tensors made = op_all("StatelessRandomGetKeyCounter", {&seed, 1});
  return {made.at(0), made.at(1), alg};
}
const Function stateless_uniform = {
    .names = {"tf.random.stateless_uniform"},
    .signature = "(shape: ints, seed: tensor, minval: D = 0, maxval: D = None, dtype: dtype = tf.float32, "
                 "name: str = None, alg: value = 'auto_select')",
    .doc = "Uniform numbers in [minval, maxval), made of the seed alone; integers of the whole range if both are None.",
    .body = [](Args& a) -> Value {
      const DType d = a.dtype("dtype");
      check(is_floating(d) || (is_integer(d) && size_of(d) >= 4), Code::value,
            "Argument `dtype` got invalid value {}. Accepted dtypes are (tf.float16, tf.bfloat16, tf.float32, tf.float64, "
            "tf.int32, tf.int64, tf.uint32, tf.uint64).", repr(d));
      const auto shown = [&](const char* name) {
        const Value& v = a[name];
        const int64_t* i = v.get<int64_t>();
        return v.none() ? std::string("None") : i ? std::to_string(*i) : std::string("a tensor");
      };
      if (is_integer(d)) {
        check(a.none("minval") == a.none("maxval"), Code::value,
              "For integer `dtype` argument {}, argument `minval` and `maxval` must be both None or not None. Got `minval`={} "
              "and `maxval`={}.", repr(d), shown("minval"), shown("maxval"));
        check(a.none("minval") || !is_unsigned(d), Code::value,
              "Argument `dtype` got invalid value {} when argument `minval` is not None. Please don't use unsigned integers in "
              "this case.", repr(d));
      }
      const Tensor shape = shape_of(a);
      const Key k = key_of(a);
      if (is_integer(d) && a.none("minval"))
        return run("StatelessRandomUniformFullIntV2", {shape, k.key, k.counter, k.alg}, {{"dtype", d}});
      const Tensor low = operand(a, "minval", d), high = a.none("maxval") ? to_tensor(Value(1), d) : operand(a, "maxval", d);
      if (is_integer(d)) return run("StatelessRandomUniformIntV2", {shape, k.key, k.counter, k.alg, low, high}, {});
      return stretched(run("StatelessRandomUniformV2", {shape, k.key, k.counter, k.alg}, {{"dtype", d}}), low, high);
    },
};
NINEFOLD_REGISTER(stateless_uniform);

Value stateless_normal_of(Args& a, const char* with) {
  const DType d = a.dtype("dtype");
  const Tensor shape = shape_of(a), mean = operand(a, "mean", d), deviation = operand(a, "stddev", d);
  const Key k = key_of(a);
  return run(with, {shape, k.key, k.counter, k.alg}, {{"dtype", d}}) * deviation + mean;
}
const char* const normal_signature =
    "(shape: ints, seed: tensor, mean: D = 0.0, stddev: D = 1.0, dtype: dtype = tf.float32, name: str = None, "
    "alg: value = 'auto_select')";
const Function stateless_normal = {
    .names = {"tf.random.stateless_normal"}, .signature = normal_signature, .doc = "Normal numbers, made of the seed alone.",
    .body = [](Args& a) { return stateless_normal_of(a, "StatelessRandomNormalV2"); },
};
NINEFOLD_REGISTER(stateless_normal);
const Function stateless_truncated_normal = {
    .names = {"tf.random.stateless_truncated_normal"}, .signature = normal_signature,
    .doc = "Normal numbers within two deviations of the mean, made of the seed alone.",
    .body = [](Args& a) { return stateless_normal_of(a, "StatelessTruncatedNormalV2"); },
};
NINEFOLD_REGISTER(stateless_truncated_normal);

const Function stateless_categorical = {
    .names = {"tf.random.stateless_categorical"},
    .signature = "(logits: tensor, num_samples: tensor, seed: tensor, dtype: dtype = tf.int64, name: str = None)",
    .doc = "num_samples indices for each row of logits, made of the seed alone.",
    .body = [](Args& a) -> Value {
      return run("StatelessMultinomial", {operand(a, "logits"), operand(a, "num_samples", DType::i32), seed_of(a)},
                 {{"output_dtype", a.dtype("dtype")}});
    },
};
NINEFOLD_REGISTER(stateless_categorical);
const Function stateless_gamma = {
    .names = {"tf.random.stateless_gamma"},
    .signature = "(shape: ints, seed: tensor, alpha: D, beta: D = None, dtype: dtype = tf.float32, name: str = None)",
    .doc = "Gamma(alpha, beta) numbers of shape `shape`, which ends with the shape of the parameters.",
    .body = [](Args& a) -> Value {
      const Tensor shape = shape_of(a);
      const auto [alpha, beta] = gamma_parameters(a);
      return op("Maximum", {smallest(alpha), run("StatelessRandomGammaV2", {shape, seed_of(a), alpha}, {}) / beta});
    },
};
NINEFOLD_REGISTER(stateless_gamma);
const Function stateless_poisson = {
    .names = {"tf.random.stateless_poisson"},
    .signature = "(shape: ints, seed: tensor, lam: tensor, dtype: dtype = tf.int32, name: str = None)",
    .doc = "Poisson(lam) numbers of shape `shape`, which ends with the shape of lam.",
    .body = [](Args& a) -> Value {
      return run("StatelessRandomPoisson", {shape_of(a), seed_of(a), operand(a, "lam")}, {{"dtype", a.dtype("dtype")}});
    },
};
NINEFOLD_REGISTER(stateless_poisson);
const Function stateless_binomial = {
    .names = {"tf.random.stateless_binomial"},
    .signature = "(shape: ints, seed: tensor, counts: T, probs: T, output_dtype: dtype = tf.int32, name: str = None)",
    .doc = "Binomial(counts, probs) numbers of shape `shape`, which ends with the shape of the parameters.",
    .body = [](Args& a) -> Value {
      const Tensor probs = operand(a, "probs");
      Tensor counts = operand_hinted(a, "counts", probs.dtype());
      if (counts.dtype() != probs.dtype()) counts = op("Cast", {counts}, {{"DstT", probs.dtype()}});
      return run("StatelessRandomBinomial", {shape_of(a), seed_of(a), counts, probs}, {{"dtype", a.dtype("output_dtype")}});
    },
};
NINEFOLD_REGISTER(stateless_binomial);
const Function stateless_parameterized = {
    .names = {"tf.random.stateless_parameterized_truncated_normal"},
    .signature = "(shape: ints, seed: tensor, means: T = 0.0, stddevs: T = 1.0, minvals: T = -2.0, maxvals: T = 2.0, name: str = None)",
    .doc = "Normal numbers between minvals and maxvals, made of the seed alone.",
    .body = [](Args& a) -> Value {
      const Tensor means = operand(a, "means"), deviations = operand_hinted(a, "stddevs", means.dtype());
      const Tensor low = operand_hinted(a, "minvals", means.dtype()), high = operand_hinted(a, "maxvals", means.dtype());
      return run("StatelessParameterizedTruncatedNormal", {shape_of(a), seed_of(a), means, deviations, low, high}, {});
    },
};
NINEFOLD_REGISTER(stateless_parameterized);

// ---- seeds made of seeds ----

const Function stateless_split = {
    .names = {"tf.random.experimental.stateless_split"}, .signature = "(seed: tensor, num: tensor = 2, alg: value = 'auto_select')",
    .doc = "num new seeds, [num, 2], of the seed's dtype.",
    .body = [](Args& a) -> Value {
      const Tensor seed = operand(a, "seed");
      const Tensor shape = op_all("Pack", Tensors{operand(a, "num", DType::i32), Tensor(int32_t{2})}).at(0);
      const Key k = key_of(a);
      return run("StatelessRandomUniformFullIntV2", {shape, k.key, k.counter, k.alg}, {{"dtype", seed.dtype()}});
    },
};
NINEFOLD_REGISTER(stateless_split);
const Function stateless_fold_in = {
    .names = {"tf.random.experimental.stateless_fold_in"}, .signature = "(seed: tensor, data: tensor, alg: value = 'auto_select')",
    .doc = "A new seed from a seed and an integer.",
    .body = [](Args& a) -> Value {
      const Tensor data = operand(a, "data");
      const Key k = key_of(a);
      const Tensor first = run("StatelessRandomUniformFullIntV2", {Tensor::of<int32_t>({0}, std::vector<int32_t>{}), k.key, k.counter, k.alg},
                               {{"dtype", data.dtype()}});
      return op_all("Pack", Tensors{first, data}).at(0);
    },
};
NINEFOLD_REGISTER(stateless_fold_in);
const Function index_shuffle = {
    .names = {"tf.random.experimental.index_shuffle"}, .signature = "(index: tensor, seed: tensor, max_index: tensor)",
    .doc = "Where an index of [0, max_index] goes in the shuffle that the seed [2] names.",
    .body = [](Args& a) -> Value {
      const Tensor index = operand(a, "index"), seed = operand(a, "seed");
      // The first word is the cipher's own; the two words of the seed follow.
      Tensors words = {to_tensor(Value(498247692), seed.dtype())};
      const NamedAttr num("num", seed.rank() == 1 ? seed.dim(0) : 0);
      for (const Tensor& w : op_all("Unpack", {&seed, 1}, {&num, 1})) words.push_back(w);
      return run("RandomIndexShuffle", {index, op_all("Pack", words).at(0), operand(a, "max_index", index.dtype())}, {});
    },
};
NINEFOLD_REGISTER(index_shuffle);
const Function create_rng_state = {
    .names = {"tf.random.create_rng_state", "tf.random.experimental.create_rng_state"},
    .signature = "(seed: value, alg: value)",
    .doc = "The state of a tf.random.Generator: [counter low, counter high, key] for 'philox', [counter, key] for 'threefry'.",
    .body = [](Args& a) -> Value {
      const std::string* name = a["alg"].get<std::string>();
      const int64_t alg = name ? (*name == "philox" || *name == "auto_select" ? 1 : *name == "threefry" ? 2 : 0) : a.integer("alg");
      check(alg == 1 || alg == 2, Code::value, "create_rng_state: `alg` must be 'philox' (1) or 'threefry' (2)");
      const size_t size = alg == 1 ? 3 : 2;
      std::vector<int64_t> words;
      if (const int64_t* one = a["seed"].get<int64_t>()) {
        words.assign(size, *one < 0 ? -1 : 0);   // the words of its two's complement, the lowest first
        words[0] = *one;
      } else {
        words = a.ints("seed");
        check(words.size() <= size, Code::value, "Array size {} exceeds max size {}", words.size(), size);
        words.insert(words.begin(), size - words.size(), 0);
      }
      return Tensor::of<int64_t>({static_cast<int64_t>(size)}, words);
    },
};
NINEFOLD_REGISTER(create_rng_state);

const Function set_seed_function = {
    .names = {"tf.random.set_seed"}, .signature = "(seed: value)",
    .doc = "Op seeds are drawn anew from `seed`, and every stream starts again.",
    .body = [](Args& a) -> Value {
      set_seed(a.integer("seed"));
      return {};
    },
    .result = "value",
};
NINEFOLD_REGISTER(set_seed_function);

}  // namespace
}  // namespace ninefold::ops
