// In: a Philox state and an output. Out: the output filled with a distribution, cut among threads.
#include "engine/ops/random_fill.h"

#include "base/threads.h"
#include "engine/device/cpu/cast.h"
#include "engine/ops/random/distributions.h"
#include "engine/ops/random/fill.h"

namespace ninefold::ops {
namespace {

template <class T, class F>
void groups(KernelCtx& k, const rng::Philox& base, int64_t group, const F& f) {
  const int64_t n = k.out(0).size();
  T* out = k.out<T>(0);
  parallel_for(rng::groups_of(n, group), 2048, [&](int64_t first, int64_t last) { f(base, n, out, rng::Groups{first, last}); });
}

[[noreturn]] void no_such(KernelCtx& k, DType d) {
  fail(Code::invalid_argument, "Unsupported dtype {} [Op:{}]", name_of(d), k.op().name);
}

// Makes values as float or double and casts them into the output: f(T* values).
template <class T, class F>
void through(KernelCtx& k, const F& f) {
  const DType to = k.out(0).dtype();
  if (to == dtype_of<T>) return f(k.out<T>(0));
  std::vector<T> values(static_cast<size_t>(k.out(0).size()));
  f(values.data());
  cpu::cast(static_cast<int>(dtype_of<T>), values.data(), static_cast<int>(to), k.out<char>(0), k.out(0).size());
}
constexpr int64_t kGrain = 1024;   // samples a piece

}  // namespace

void fill(KernelCtx& k, Fill kind, const rng::Philox& base) {
  const DType d = k.out(0).dtype();
#define BY_DTYPE(name)                                                                                  \
  switch (d) {                                                                                          \
    case DType::f16: return groups<uint16_t>(k, base, rng::group_32, rng::name##_f16);                  \
    case DType::bf16: return groups<uint16_t>(k, base, rng::group_32, rng::name##_bf16);                \
    case DType::f32: return groups<float>(k, base, rng::group_32, rng::name##_f32);                     \
    case DType::f64: return groups<double>(k, base, rng::group_64, rng::name##_f64);                    \
    default: no_such(k, d);                                                                             \
  }
  if (!k.device().host()) return fill_gpu(k, kind, base);
  switch (kind) {
    case Fill::uniform: BY_DTYPE(uniform)
    case Fill::normal: BY_DTYPE(normal)
    case Fill::truncated_normal: BY_DTYPE(truncated_normal)
    case Fill::full_int:
      if (!is_integer(d) || size_of(d) < 4) no_such(k, d);
      return size_of(d) == 4 ? groups<uint32_t>(k, base, rng::group_32, rng::full_u32)
                             : groups<uint64_t>(k, base, rng::group_64, rng::full_u64);
  }
#undef BY_DTYPE
}

void fill_int(KernelCtx& k, const rng::Philox& base, const void* low_at, const void* high_at) {
  const auto with = [&]<class T>(T, int64_t group, auto f) {
    const T low = *static_cast<const T*>(low_at), high = *static_cast<const T*>(high_at);
    if (k.out(0).size() == 0) return;
    k.check(low < high, "Need minval < maxval, got {} >= {}", low, high);
    if (!k.device().host())
      return fill_range_gpu(k, base, static_cast<uint64_t>(low), static_cast<std::make_unsigned_t<T>>(high) - static_cast<std::make_unsigned_t<T>>(low));
    groups<T>(k, base, group, [&](const rng::Philox& b, int64_t n, T* out, rng::Groups g) { f(b, n, low, high, out, g); });
  };
  switch (k.out(0).dtype()) {
    case DType::i32: return with(int32_t{}, rng::group_32, rng::uniform_i32);
    case DType::u32: return with(uint32_t{}, rng::group_32, rng::uniform_u32);
    case DType::i64: return with(int64_t{}, rng::group_64, rng::uniform_i64);
    case DType::u64: return with(uint64_t{}, rng::group_64, rng::uniform_u64);
    default: no_such(k, k.out(0).dtype());
  }
}

std::vector<double> doubles_of(const Tensor& t, const Shape& to) {
  const int64_t n = to.size();
  std::vector<double> out(static_cast<size_t>(n));
  const int extra = to.rank() - t.rank();
  for (int64_t i = 0; i < n; ++i) {
    int64_t left = i, from = 0, stride = 1;
    for (int a = to.rank(); a-- > 0;) {
      const int64_t at = left % to[a];
      left /= to[a];
      if (a < extra) continue;
      const int64_t dim = t.dim(a - extra);
      if (dim != 1) from += at * stride;
      stride *= dim;
    }
    out[static_cast<size_t>(i)] = t.float_at(from);
  }
  return out;
}

void fill_gamma(KernelCtx& k, const rng::Philox& base, const Tensor& alpha) {
  const int64_t n = k.out(0).size();
  if (n == 0) return;
  if (!k.device().host()) return fill_gamma_gpu(k, base, alpha);
  const std::vector<double> a = doubles_of(alpha, alpha.shape());
  const int64_t samples = n / static_cast<int64_t>(a.size());
  const auto all = [&]<class T>(T* out) {
    parallel_for(n, kGrain, [&](int64_t first, int64_t last) { rng::gamma<T>(base, samples, a, out, {first, last}); });
  };
  if (k.out(0).dtype() == DType::f64) through<double>(k, [&](double* out) { all(out); });
  else through<float>(k, [&](float* out) { all(out); });
}

void fill_poisson(KernelCtx& k, const rng::Philox& base, const Tensor& rate) {
  const int64_t n = k.out(0).size();
  if (n == 0) return;
  const std::vector<double> r = doubles_of(rate, rate.shape());
  const int64_t samples = n / static_cast<int64_t>(r.size());
  const auto all = [&]<class T>(T* out) {
    parallel_for(n, kGrain, [&](int64_t first, int64_t last) { rng::poisson<T>(base, samples, r, out, {first, last}); });
  };
  switch (k.out(0).dtype()) {
    case DType::f64: return all(k.out<double>(0));
    case DType::i32: return all(k.out<int32_t>(0));
    case DType::i64: return all(k.out<int64_t>(0));
    default: through<float>(k, [&](float* out) { all(out); });
  }
}

namespace {
template <class P>
void binomial_of(KernelCtx& k, const rng::Philox& base, const std::vector<double>& counts, const std::vector<double>& probs) {
  const std::vector<P> c(counts.begin(), counts.end()), p(probs.begin(), probs.end());
  const int64_t n = k.out(0).size(), samples = n / static_cast<int64_t>(c.size());
  const auto all = [&]<class T>(T* out) {
    parallel_for(n, kGrain, [&](int64_t first, int64_t last) {
      rng::binomial<P, T>(base, samples, std::span<const P>(c), std::span<const P>(p), out, {first, last});
    });
  };
  switch (k.out(0).dtype()) {
    case DType::f64: return all(k.out<double>(0));
    case DType::i32: return all(k.out<int32_t>(0));
    case DType::i64: return all(k.out<int64_t>(0));
    default: through<float>(k, [&](float* out) { all(out); });
  }
}
}  // namespace

void fill_binomial(KernelCtx& k, const rng::Philox& base, const Tensor& counts, const Tensor& probs) {
  if (k.out(0).size() == 0) return;
  Shape both = Shape::of_rank(std::max(counts.rank(), probs.rank()));
  for (int i = 0; i < both.rank(); ++i) {
    const int from_end = both.rank() - i;
    const int64_t a = from_end <= counts.rank() ? counts.dim(counts.rank() - from_end) : 1;
    const int64_t b = from_end <= probs.rank() ? probs.dim(probs.rank() - from_end) : 1;
    k.check(a == b || a == 1 || b == 1, "counts and probs must have compatible batch dimensions: {} vs. {}",
            counts.shape().str(), probs.shape().str());
    both.set(i, a == 1 ? b : a);
  }
  const std::vector<double> c = doubles_of(counts, both), p = doubles_of(probs, both);
  if (counts.dtype() == DType::f64) binomial_of<double>(k, base, c, p);
  else binomial_of<float>(k, base, c, p);
}

namespace {
template <class L>
void multinomial_of(KernelCtx& k, const rng::Philox& base, const L* logits, int64_t rows, int64_t classes) {
  const int64_t samples = k.out(0).dim(1);
  const int64_t block = rng::shard_block(rows, rng::multinomial_cost(classes, samples), thread_count());
  const auto all = [&]<class T>(T* out) {
    parallel_for(rows, block, [&](int64_t first, int64_t last) { rng::multinomial<L, T>(base, logits, classes, samples, first, last, out); });
  };
  if (k.out(0).dtype() == DType::i32) all(k.out<int32_t>(0));
  else all(k.out<int64_t>(0));
}
}  // namespace

void fill_multinomial(KernelCtx& k, const rng::Philox& base, const Tensor& logits) {
  if (k.out(0).size() == 0) return;
  if (!k.device().host()) return fill_multinomial_gpu(k, base, logits);
  const int64_t rows = logits.dim(0), classes = logits.dim(1);
  if (logits.dtype() == DType::f64) return multinomial_of<double>(k, base, logits.as<double>(), rows, classes);
  if (logits.dtype() == DType::f32) return multinomial_of<float>(k, base, logits.as<float>(), rows, classes);
  const std::vector<double> wide = doubles_of(logits, logits.shape());
  const std::vector<float> values(wide.begin(), wide.end());
  multinomial_of<float>(k, base, values.data(), rows, classes);
}

}  // namespace ninefold::ops
