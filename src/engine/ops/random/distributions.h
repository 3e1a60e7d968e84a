// In: a base state, parameters, the part of the result to make. Out: samples of the distributions
// whose elements each need an unknown number of words. Arithmetic is double unless said otherwise,
// with the C library's functions: TensorFlow's bits.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "engine/ops/random/philox.h"

namespace ninefold::rng {

// Results are [samples, parameters]; work is counted parameter by parameter: output k is sample
// k % samples of parameter k / samples. [first, last) may be any part of it, on any thread.
struct Outputs {
  int64_t first = 0, last = std::numeric_limits<int64_t>::max();
};

// Gamma(alpha, 1), by Marsaglia and Tsang (2000). T: float, double (half: round the float). NaN for
// an alpha that is not a positive finite number; the op divides by beta and keeps at least `tiny`.
template <class T>
void gamma(const Philox& base, int64_t samples, std::span<const double> alpha, T* out,
           Outputs part = {});

// Poisson(rate): products of uniforms below rate 10, else Hoermann's transformed rejection (1993).
// T: float, double, int32_t, int64_t. A rate of NaN gives NaN (0 in an integer), infinity infinity.
template <class T>
void poisson(const Philox& base, int64_t samples, std::span<const double> rate, T* out,
             Outputs part = {});

// Binomial(count, prob), one pair a parameter; P is the type of both (it decides 1 - prob and the
// choice of the method), T as above. Geometric sums below a mean of 10, else BTRS (Hoermann 1993).
template <class P, class T>
void binomial(const Philox& base, int64_t samples, std::span<const P> counts,
              std::span<const P> probs, T* out, Outputs part = {});

// Normal(mean, deviation) between two bounds, in T (float or double), by rejection (Robert 1995).
template <class T>
struct Bounds {
  T mean, deviation, low, high;
};
// In both forms one call is one work item: its values run through one stream, so results depend on
// where work is cut, as in TensorFlow.
// ParameterizedTruncatedNormal: rows [first, last) of `samples` values each; row r has bounds[r],
// or bounds[0] if there is one. When all parameters are scalars TensorFlow makes rows of 100, the last
// one short: n is the number of values of the whole result.
template <class T>
void parameterized_truncated_normal(const Philox& base, int64_t samples, int64_t n,
                                    std::span<const Bounds<T>> bounds, int64_t first, int64_t last,
                                    T* out);
// StatelessParameterizedTruncatedNormal: the result is [samples, bounds], see Outputs.
template <class T>
void stateless_truncated_normal(const Philox& base, int64_t samples,
                                std::span<const Bounds<T>> bounds, T* out, Outputs part = {});

// Indices of `samples` draws from each of rows [first, last) of logits [rows, classes]; the whole
// result is out [rows, samples]. One call is one work item: results depend on where work is cut, so
// cut at multiples of shard_block(rows, multinomial_cost(...), threads). L: float, double;
// T: int32_t, int64_t.
template <class L, class T>
void multinomial(const Philox& base, const L* logits, int64_t classes, int64_t samples,
                 int64_t first, int64_t last, T* out);
int64_t multinomial_cost(int64_t classes, int64_t samples);  // cycles a row, as TensorFlow guesses

// Rows a work item of TensorFlow's thread pool for n rows of `cost` cycles each.
int64_t shard_block(int64_t n, int64_t cost, int threads);

// The row order of tf.random.shuffle: result row i is input row out[i].
void permutation(const Philox& base, int64_t n, int64_t* out);

// tf.random.experimental.index_shuffle: where `index` of [0, max_index] goes under two seed words.
uint64_t index_shuffle(uint64_t index, std::span<const uint32_t, 3> key, uint64_t max_index,
                       int rounds = 4);

struct Box {  // in pixels; height and width may not be negative
  int32_t y, x, height, width;
};
struct BoxSampling {
  float min_object_covered = 0.1f;
  float aspect_low = 0.75f, aspect_high = 1.33f, area_low = 0.05f, area_high = 1.0f;
  int attempts = 100;
};
// A crop of the image that covers enough of one of the objects (y0, x0, y1, x1 in [0, 1]; none: the
// whole image is the object), or the whole image if no attempt succeeds.
Box distorted_box(const Philox& base, int32_t height, int32_t width,
                  std::span<const float> objects, const BoxSampling& sampling);

}  // namespace ninefold::rng
