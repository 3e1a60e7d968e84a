// In: images, a scale and an offset a channel. Out: the images normalised, their moments, what flows back. A block a
// channel adds up in double; then a thread an element.
#include "engine/ops/batch_norm_launch.h"
#include "engine/ops/joins.cuh"

namespace {

using namespace ninefold::cuda;

NF_DEVICE int64_t element_of(const Channels& x, int64_t r, int64_t c) {
  return x.first ? (r / x.inner * x.channels + c) * x.inner + r % x.inner : r * x.channels + c;
}
NF_DEVICE int64_t channel_of(const Channels& x, int64_t i) { return x.first ? i / x.inner % x.channels : i % x.channels; }

NF_BLOCK_KERNEL(moments, Moments) {
  NF_SHARED(double, part, kBlockThreads);
  NF_SHARED(float, middle, 1);
  for (int64_t c = nf_block(); c < p.x.channels; c += nf_blocks()) {
    NF_PHASE {
      double sum = 0;
      for (int64_t r = nf_in_block(); p.training && r < p.x.rows; r += kBlockThreads)
        sum += static_cast<double>(load_as<float>(p.image, element_of(p.x, r, c), p.x.dtype));
      part[nf_in_block()] = sum;
    }
    join_block<double, Sum>(part);
    NF_PHASE {
      if (nf_in_block() == 0) middle[0] = static_cast<float>(part[0] / static_cast<double>(p.x.rows));
    }
    NF_PHASE {
      double sum = 0;
      for (int64_t r = nf_in_block(); p.training && r < p.x.rows; r += kBlockThreads) {
        const float d = load_as<float>(p.image, element_of(p.x, r, c), p.x.dtype) - middle[0];
        sum += static_cast<double>(d) * static_cast<double>(d);
      }
      part[nf_in_block()] = sum;
    }
    join_block<double, Sum>(part);
    NF_PHASE {
      if (nf_in_block() != 0) continue;
      if (!p.training) {
        p.mean[c] = p.batch_mean[c] = p.given_mean[c];
        p.variance[c] = p.batch_variance[c] = p.given_variance[c];
        continue;
      }
      const double n = static_cast<double>(p.x.rows), variance = part[0] / n;
      const float unbiased = static_cast<float>(variance * (n / (n > 2 ? n - 1 : 1)));
      p.mean[c] = middle[0];
      p.variance[c] = static_cast<float>(variance);
      p.batch_mean[c] = p.factor == 1 ? middle[0] : (1 - p.factor) * p.given_mean[c] + p.factor * middle[0];
      p.batch_variance[c] = p.factor == 1 ? unbiased : (1 - p.factor) * p.given_variance[c] + p.factor * unbiased;
    }
  }
}
NF_KERNEL(join_moments, JoinMoments) {
  for (int64_t c = nf_thread(); c < p.channels; c += nf_threads()) {
    const double n = static_cast<double>(p.rows);
    const float mean = p.mean[c], unbiased = p.batch_variance[c];
    p.variance[c] = static_cast<float>(static_cast<double>(unbiased) * ((n - 1) / n));
    p.batch_mean[c] = p.factor == 1 ? mean : (1 - p.factor) * p.given_mean[c] + p.factor * mean;
    if (p.factor != 1) p.batch_variance[c] = (1 - p.factor) * p.given_variance[c] + p.factor * unbiased;
  }
}
NF_KERNEL(inverse_deviations, InverseDeviations) {
  for (int64_t c = nf_thread(); c < p.channels; c += nf_threads()) p.inverse[c] = 1 / sqrt(p.variance[c] + p.epsilon);
}
NF_KERNEL(normalise, Normalise) {
  for (int64_t i = nf_thread(); i < p.x.rows * p.x.channels; i += nf_threads()) {
    const int64_t c = channel_of(p.x, i);
    const float rate = 1 / sqrt(p.variance[c] + p.epsilon) * p.scale[c];
    store_as<float>(p.to, i, p.x.dtype, (load_as<float>(p.image, i, p.x.dtype) - p.mean[c]) * rate + p.offset[c]);
  }
}

NF_DEVICE double rate_of(const NormaliseBack& p, int64_t c) {
  return 1 / sqrt(static_cast<double>(p.variance[c]) + static_cast<double>(p.epsilon));
}
NF_BLOCK_KERNEL(normalise_sums, NormaliseBack) {
  NF_SHARED(double, part, kBlockThreads);
  NF_SHARED(double, products, kBlockThreads);
  for (int64_t c = nf_block(); c < p.x.channels; c += nf_blocks()) {
    NF_PHASE {
      double sum = 0, product = 0;
      for (int64_t r = nf_in_block(); r < p.x.rows; r += kBlockThreads) {
        const int64_t at = element_of(p.x, r, c);
        const float dy = load_as<float>(p.dy, at, p.x.dtype);
        sum += static_cast<double>(dy);
        product += static_cast<double>(dy) * static_cast<double>(load_as<float>(p.image, at, p.x.dtype) - p.mean[c]);
      }
      part[nf_in_block()] = sum;
      products[nf_in_block()] = product;
    }
    join_block<double, Sum>(part);
    join_block<double, Sum>(products);
    NF_PHASE {
      if (nf_in_block() != 0) continue;
      p.doffset[c] = static_cast<float>(part[0]);
      p.dscale[c] = static_cast<float>(products[0] * rate_of(p, c));
    }
  }
}
// In training the moments move with x; otherwise they are constants.
NF_KERNEL(normalise_back, NormaliseBack) {
  for (int64_t i = nf_thread(); i < p.x.rows * p.x.channels; i += nf_threads()) {
    const int64_t c = channel_of(p.x, i);
    const double n = static_cast<double>(p.x.rows), rate = rate_of(p, c);
    const float shift = p.training ? static_cast<float>(static_cast<double>(p.doffset[c]) / n) : 0;
    const float turn = p.training ? static_cast<float>(static_cast<double>(p.dscale[c]) / n * rate) : 0;
    const float d = load_as<float>(p.image, i, p.x.dtype) - p.mean[c];
    store_as<float>(p.to, i, p.x.dtype, static_cast<float>(static_cast<double>(p.scale[c]) * rate) * (load_as<float>(p.dy, i, p.x.dtype) - shift - d * turn));
  }
}

}  // namespace
