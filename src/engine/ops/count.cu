// In: numbers. Out: the bin that each counts in, the place that each has among sorted ones, whether a target is among the
// best of its row; sequences.
#include "engine/ops/joins.cuh"
#include "engine/ops/order_launch.h"

namespace {

using namespace ninefold::cuda;

template <class T>
NF_DEVICE void bins_of(const Bins& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    const T value = load_as<T>(p.from, i, p.dtype);
    if (p.histogram) {
      // Compared before it becomes an integer: NaN counts as the lowest.
      const double at = static_cast<double>(static_cast<T>(value - load_as<T>(p.low, 0, p.dtype))) / p.step;
      p.to[i] = !(at > 0) ? 0 : at >= static_cast<double>(p.bins) ? p.bins - 1 : static_cast<int64_t>(at);
    } else {
      const auto bin = static_cast<int64_t>(value);
      p.to[i] = bin < 0 || bin >= p.bins ? -1 : i / p.columns * p.bins + bin;
    }
  }
}
template <class T>
NF_DEVICE void bucketize(const Edges& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    const auto value = static_cast<double>(load_as<T>(p.from, i, p.dtype));
    int64_t low = 0, high = p.edges;             // the first edge above the value
    while (low < high) {
      const int64_t middle = low + (high - low) / 2;
      if (value < static_cast<double>(p.edge[middle])) high = middle;
      else low = middle + 1;
    }
    p.to[i] = static_cast<int32_t>(low);
  }
}
template <class T>
NF_DEVICE void search(const Search& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    const int64_t row = i / p.columns * p.sorted_columns;
    const T value = load_as<T>(p.from, i, p.dtype);
    int64_t low = 0, high = p.sorted_columns;
    while (low < high) {
      const int64_t middle = low + (high - low) / 2;
      const T there = load_as<T>(p.sorted, row + middle, p.dtype);
      if (p.upper ? !(value < there) : there < value) low = middle + 1;
      else high = middle;
    }
    if (p.wide) static_cast<int64_t*>(p.to)[i] = low;
    else static_cast<int32_t*>(p.to)[i] = static_cast<int32_t>(low);
  }
}
// By multiplication, as TensorFlow's GPU kernel has it; its CPU kernel adds again and again.
template <class T>
NF_DEVICE void sequence(const Sequence& p) {
  const T start = load_as<T>(p.start, 0, p.dtype), delta = load_as<T>(p.delta, 0, p.dtype);
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads())
    store_as<T>(p.to, i, p.dtype, Sum::join(start, Prod::join(static_cast<T>(i), delta)));
}
#define NF_COUNTING(name, T)                                    \
  NF_KERNEL(bins_##name, Bins) { bins_of<T>(p); }               \
  NF_KERNEL(bucketize_##name, Edges) { bucketize<T>(p); }       \
  NF_KERNEL(search_##name, Search) { search<T>(p); }            \
  NF_KERNEL(sequence_##name, Sequence) { sequence<T>(p); }
NF_NUMBERS(NF_COUNTING)

// A block a row: how many are greater than the target's; a number that is not finite spoils the row.
NF_BLOCK_KERNEL(in_top, InTop) {
  NF_SHARED(int64_t, part, kBlockThreads);
  for (int64_t row = nf_block(); row < p.rows; row += nf_blocks()) {
    NF_PHASE {
      const int64_t target = p.wide ? static_cast<const int64_t*>(p.targets)[row] : static_cast<const int32_t*>(p.targets)[row];
      const float* x = p.from + row * p.columns;
      int64_t greater = 0;
      if (target >= 0 && target < p.columns)
        for (int64_t i = nf_in_block(); i < p.columns; i += kBlockThreads) greater += x[i] - x[i] != 0 ? p.columns + 1 : x[i] > x[target];
      part[nf_in_block()] = greater;
    }
    for (int step = kBlockThreads / 2; step > 0; step /= 2)
      NF_PHASE {
        if (nf_in_block() < step) part[nf_in_block()] += part[nf_in_block() + step];
      }
    NF_PHASE {
      if (nf_in_block() == 0) {
        const int64_t target = p.wide ? static_cast<const int64_t*>(p.targets)[row] : static_cast<const int32_t*>(p.targets)[row];
        p.to[row] = target >= 0 && target < p.columns && part[0] <= p.columns && part[0] < p.k;
      }
    }
  }
}

}  // namespace
