// In: a base state and parameters. Out: gamma, Poisson, binomial and truncated normal samples.
#include "engine/ops/random/distributions.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "base/check.h"
#include "engine/ops/random/convert.h"
#include "engine/ops/random/fill.h"
#include "engine/ops/random/gamma_rules.h"

namespace ninefold::rng {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Blocks {
  Philox stream;
  void uniforms(double (&two)[2]) {
    const Block w = stream.next();
    two[0] = unit_f64(w[0], w[1]);
    two[1] = unit_f64(w[2], w[3]);
  }
  void normals(double (&two)[2]) { normals_f64(stream.next(), two); }
};

template <class T>
T store_as(double v) {
  if constexpr (std::is_integral_v<T>) {
    if (std::isnan(v)) return 0;
    constexpr T most = std::numeric_limits<T>::max();
    if (v >= static_cast<double>(most)) return most;
  }
  return static_cast<T>(v);
}

// sample(output index, parameter index) for each wanted output.
template <class T, class Sample>
void for_outputs(int64_t samples, size_t parameters, T* out, Outputs part, const Sample& sample) {
  const int64_t count = static_cast<int64_t>(parameters);
  for (int64_t k = part.first; k < std::min(part.last, samples * count); ++k) {
    const int64_t i = k / samples;
    out[k % samples * count + i] = store_as<T>(sample(k, static_cast<size_t>(i)));
  }
}

double poisson_sample(Blocks stream, double rate) {
  Uniforms uniform;
  if (!(rate < infinity)) return rate;
  if (rate < 10) {
    const double limit = std::exp(-rate);
    double product = uniform(stream), k = 0;
    for (; product > limit; ++k) product *= uniform(stream);
    return k;
  }
  const double b = 0.931 + 2.53 * std::sqrt(rate), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), log_rate = std::log(rate);
  for (;;) {
    const double u = uniform(stream) - 0.5, v = uniform(stream), us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2)) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    int sign = 0;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <=
        -rate + k * log_rate - lgamma_r(k + 1, &sign))
      return k;
  }
}

// log k! minus Stirling's formula without its tail.
double stirling_tail(double k) {
  static constexpr double small[] = {.0810614667953272,  .0413406959554092,  .0276779256849983,
                                     .02079067210376509, .0166446911898211,  .0138761288230707,
                                     .0118967099458917,  .0104112652619720,  .00925546218271273,
                                     .00833056343336287};
  if (k <= 9) return small[static_cast<int>(k)];
  const double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

double binomial_rejection(Blocks stream, double n, double p) {
  const double deviation = std::sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p, centre = n * p + 0.5;
  const double sure = 0.92 - 4.2 / b, r = p / (1 - p), m = std::floor((n + 1) * p);
  const double alpha = (2.83 + 5.1 / b) * deviation;
  Uniforms uniform;
  for (;;) {
    const double u = uniform(stream) - 0.5, v = uniform(stream), us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + centre);
    if (us >= 0.07 && v <= sure) return k;
    if (k < 0 || k > n) continue;
    const double bound = (m + 0.5) * std::log((m + 1) / (r * (n - m + 1))) +
                         (n + 1) * std::log((n - m + 1) / (n - k + 1)) +
                         (k + 0.5) * std::log(r * (n - k + 1) / (k + 1)) + stirling_tail(m) +
                         stirling_tail(n - m) - stirling_tail(k) - stirling_tail(n - k);
    if (std::log(v * alpha / (a / (us * us) + b)) <= bound) return k;
  }
}

double binomial_geometric(Blocks stream, double n, double p) {
  Uniforms uniform;
  double total = 0;
  for (double k = 0;; ++k) {
    total += std::ceil(std::log(uniform(stream)) / std::log1p(-p));
    if (total > n) return k;
  }
}

template <class P>
double binomial_sample(const Philox& base, int64_t output, P count, P prob) {
  const double n = static_cast<double>(count);
  if (std::isnan(n) || std::isnan(static_cast<double>(prob)))
    return std::numeric_limits<double>::quiet_NaN();
  if (n <= 0 || prob <= P(0)) return 0;
  if (prob >= P(1)) return n;
  const bool flip = prob > P(0.5);
  const P q = flip ? static_cast<P>(P(1) - prob) : prob;
  const uint64_t at = static_cast<uint64_t>(output);
  const double k = count * q >= P(10)
                       ? binomial_rejection(Blocks{base.at(256 * at)}, n, static_cast<double>(q))
                       : binomial_geometric(Blocks{base.at(42 * at)}, n, static_cast<double>(q));
  return flip ? n - k : k;
}

// Uniforms and normals of one group: four floats or two doubles.
template <class T>
constexpr int group = std::is_same_v<T, float> ? 4 : 2;
void uniform_group(Philox& stream, float* out) {
  const Block w = stream.next();
  for (int i = 0; i < 4; ++i) out[i] = unit_f32(w[i]);
}
void uniform_group(Philox& stream, double* out) {
  const Block w = stream.next();
  for (int i = 0; i < 2; ++i) out[i] = unit_f64(w[2 * i], w[2 * i + 1]);
}
void normal_group(Philox& stream, float* out) {
  normal_f32(stream, 4, out);
  stream.skip(1);
}
void normal_group(Philox& stream, double* out) { normals_f64(stream.next(), out); }

// How a row of bounded normals is drawn.
template <class T>
struct Sampler {
  T low, high;  // normalised; low is the finite one, or the one nearer to the mean
  T mean, deviation;

  explicit Sampler(Bounds<T> b) : mean(b.mean), deviation(b.deviation) {
    check(b.deviation > 0 && b.low < b.high && (std::isfinite(b.low) || std::isfinite(b.high)),
          "Invalid parameters");
    if ((std::isinf(b.low) && b.low < 0) || b.high < b.mean) {
      std::swap(b.low, b.high);
      deviation = -deviation;
    }
    low = (b.low - mean) / deviation;
    high = (b.high - mean) / deviation;
  }

  // accept(value) returns false when the row is full.
  template <class Accept>
  void draw(Philox& stream, const Accept& accept) const {
    const T root = std::sqrt(low * low + T(4));
    const T border = T(1.3);  // with more room than this, plain normals are kept often enough
    const T cutoff = T(2) * std::exp(T(0.5) + low * (low - root) / T(4)) / (low + root);
    if ((low < -border && high >= 0) || (high > border && low <= 0)) {
      by_normals(stream, accept);
    } else if (high - low < cutoff) {
      by_uniforms(stream, accept);
    } else {
      by_exponentials(stream, accept, (low + root) / T(2));
    }
  }

  template <class Accept>
  void by_normals(Philox& stream, const Accept& accept) const {
    T x[group<T>];
    for (Patience patience;;) {
      normal_group(stream, x);
      for (int i = 0; i < group<T>; ++i) {
        if (!(x[i] >= low && x[i] <= high)) patience.spend();
        else if (!patience.keep(accept, x[i] * deviation + mean)) return;
      }
    }
  }

  template <class Accept>
  void by_uniforms(Philox& stream, const Accept& accept) const {
    const T peak = low < 0 ? T(0) : low * low, width = high - low;
    T z[group<T>], u[group<T>];
    for (Patience patience;;) {
      uniform_group(stream, z);
      uniform_group(stream, u);
      for (int i = 0; i < group<T>; ++i) {
        const T value = z[i] * width + low;
        if (!(u[i] <= std::exp((peak - value * value) / T(2)))) patience.spend();
        else if (!patience.keep(accept, value * deviation + mean)) return;
      }
    }
  }

  template <class Accept>
  void by_exponentials(Philox& stream, const Accept& accept, T alpha) const {
    T u[group<T>];
    for (Patience patience;;) {
      uniform_group(stream, u);
      for (int i = 0; i < group<T>; i += 2) {
        const T z = -std::log(u[i]) / alpha + low;
        const T x = low < alpha ? alpha - z : low - alpha;
        if (!(u[i + 1] <= std::exp(-x * x / T(2)) && z < high)) patience.spend();
        else if (!patience.keep(accept, z * deviation + mean)) return;
      }
    }
  }

  // A thousand refusals in a row end the op, as in TensorFlow.
  struct Patience {
    int refusals = 0;
    void spend() {
      check(++refusals < 1000, Code::internal,
            "parameterized_truncated_normal: no sample accepted in 1000 tries; widen the bounds");
    }
    template <class Accept>
    bool keep(const Accept& accept, T value) {
      refusals = 0;
      return accept(value);
    }
  };
};

}  // namespace

template <class T>
void gamma(const Philox& base, int64_t samples, std::span<const double> alpha, T* out,
           Outputs part) {
  for_outputs(samples, alpha.size(), out, part, [&](int64_t k, size_t i) {
    return gamma_sample(Blocks{base.at(256 * static_cast<uint64_t>(k))}, alpha[i]);
  });
}

template <class T>
void poisson(const Philox& base, int64_t samples, std::span<const double> rate, T* out,
             Outputs part) {
  for_outputs(samples, rate.size(), out, part, [&](int64_t k, size_t i) {
    return poisson_sample(Blocks{base.at(256 * static_cast<uint64_t>(k))}, rate[i]);
  });
}

template <class P, class T>
void binomial(const Philox& base, int64_t samples, std::span<const P> counts,
              std::span<const P> probs, T* out, Outputs part) {
  NINEFOLD_INVARIANT(counts.size() == probs.size());
  for_outputs(samples, counts.size(), out, part, [&](int64_t k, size_t i) {
    return binomial_sample(base, k, counts[i], probs[i]);
  });
}

template <class T>
void parameterized_truncated_normal(const Philox& base, int64_t samples, int64_t n,
                                    std::span<const Bounds<T>> bounds, int64_t first, int64_t last,
                                    T* out) {
  Philox stream = base.at(static_cast<uint64_t>(first * 2 * 1000 * (samples + 3) / 4));
  for (int64_t row = first; row < last; ++row) {
    int64_t i = row * samples;
    const int64_t end = std::min(i + samples, n);
    const Sampler<T> sampler(bounds[bounds.size() == 1 ? 0 : static_cast<size_t>(row)]);
    if (i >= end) continue;
    sampler.draw(stream, [&](T value) {
      out[i++] = value;
      return i < end;
    });
  }
}

template <class T>
void stateless_truncated_normal(const Philox& base, int64_t samples,
                                std::span<const Bounds<T>> bounds, T* out, Outputs part) {
  const int64_t count = static_cast<int64_t>(bounds.size());
  const int64_t last = std::min(part.last, samples * count);
  Philox stream = base.at(static_cast<uint64_t>(part.first * 2 * 1000 / 4));
  for (int64_t k = part.first; k < last;) {
    const int64_t i = k / samples, end = std::min((i + 1) * samples, last);
    Sampler<T>(bounds[static_cast<size_t>(i)]).draw(stream, [&](T value) {
      out[k++ % samples * count + i] = value;
      return k < end;
    });
  }
}

#define NINEFOLD_INSTANCE(T)                                                                      \
  template void gamma(const Philox&, int64_t, std::span<const double>, T*, Outputs);              \
  template void parameterized_truncated_normal(const Philox&, int64_t, int64_t,                   \
                                               std::span<const Bounds<T>>, int64_t, int64_t, T*); \
  template void stateless_truncated_normal(const Philox&, int64_t, std::span<const Bounds<T>>,    \
                                           T*, Outputs);
NINEFOLD_INSTANCE(float)
NINEFOLD_INSTANCE(double)
#undef NINEFOLD_INSTANCE

#define NINEFOLD_INSTANCE(T)                                                                      \
  template void poisson(const Philox&, int64_t, std::span<const double>, T*, Outputs);            \
  template void binomial(const Philox&, int64_t, std::span<const float>, std::span<const float>,  \
                         T*, Outputs);                                                            \
  template void binomial(const Philox&, int64_t, std::span<const double>,                         \
                         std::span<const double>, T*, Outputs);
NINEFOLD_INSTANCE(float)
NINEFOLD_INSTANCE(double)
NINEFOLD_INSTANCE(int32_t)
NINEFOLD_INSTANCE(int64_t)
#undef NINEFOLD_INSTANCE

}  // namespace ninefold::rng
