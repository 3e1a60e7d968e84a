// In: rows of logits and what they should say. Out: the loss of each row and what flows back; a block a row.
#include "engine/ops/cross_entropy_launch.h"
#include "engine/ops/joins.cuh"

namespace {

using namespace ninefold::cuda;

// -sum(label log softmax); back: softmax - label. A class that does not exist gives NaN, as TensorFlow's GPU kernel does.
template <class T>
NF_DEVICE void cross_entropy(const CrossEntropy& p) {
  NF_SHARED(T, part, kBlockThreads);
  NF_SHARED(T, most, 1);
  NF_SHARED(T, total, 1);
  for (int64_t row = nf_block(); row < p.rows; row += nf_blocks()) {
    const int64_t logits = row * p.logits_down, labels = row * p.labels_down;
    int64_t wanted = -1;
    if (p.label_bytes == 8) wanted = static_cast<const int64_t*>(p.labels)[row];
    else if (p.label_bytes == 4) wanted = static_cast<const int32_t*>(p.labels)[row];
    const bool missing = p.label_bytes != 0 && (wanted < 0 || wanted >= p.columns);
    NF_PHASE {
      T m = Range<T>::low();
      for (int64_t i = nf_in_block(); i < p.columns; i += kBlockThreads) m = Max::join(m, load_as<T>(p.logits, logits + i * p.logits_across, p.dtype));
      part[nf_in_block()] = m;
    }
    join_block<T, Max>(part);
    NF_PHASE {
      if (nf_in_block() == 0) most[0] = part[0];
    }
    NF_PHASE {
      T sum = 0;
      for (int64_t i = nf_in_block(); i < p.columns; i += kBlockThreads) sum += exp(load_as<T>(p.logits, logits + i * p.logits_across, p.dtype) - most[0]);
      part[nf_in_block()] = sum;
    }
    join_block<T, Sum>(part);
    NF_PHASE {
      if (nf_in_block() == 0) total[0] = part[0];
    }
    NF_PHASE {
      const T none = Range<T>::low() - Range<T>::low();
      T loss = 0;
      for (int64_t i = nf_in_block(); i < p.columns; i += kBlockThreads) {
        const T x = load_as<T>(p.logits, logits + i * p.logits_across, p.dtype) - most[0];
        const T label = p.label_bytes ? T(i == wanted) : load_as<T>(p.labels, labels + i * p.labels_across, p.dtype);
        if (label != T(0)) loss += label * (log(total[0]) - x);
        store_as(p.backprop, row * p.columns + i, p.dtype, missing ? none : exp(x) / total[0] - label);
      }
      part[nf_in_block()] = missing ? none : loss;
    }
    join_block<T, Sum>(part);
    NF_PHASE {
      if (nf_in_block() == 0) store_as(p.loss, row, p.dtype, part[0]);
    }
  }
}
#define NF_CROSS_ENTROPY(name, T) \
  NF_BLOCK_KERNEL(cross_entropy_##name, CrossEntropy) { cross_entropy<T>(p); }
NF_FLOATS(NF_CROSS_ENTROPY)

}  // namespace
