// In: two string tensors that broadcast to one another. Out: their pairs, in the order of the result.
#pragma once

#include <string>

#include "engine/op/kernel_ctx.h"

namespace ninefold::ops {

// Where element i of `to` lies in a tensor of shape `from` that broadcasts to it.
inline int64_t broadcast_index(int64_t i, const Shape& from, const Shape& to) {
  int64_t at = 0, stride = 1;
  for (int back = 1; back <= to.rank(); ++back) {
    const int64_t dim = to[to.rank() - back], here = i % dim;
    i /= dim;
    if (back > from.rank()) continue;
    const int64_t own = from[from.rank() - back];
    if (own != 1) at += here * stride;
    stride *= own;
  }
  return at;
}
template <class F>
void each_string_pair(KernelCtx& k, const F& f) {
  const Shape& to = k.out(0).shape();
  const std::string *a = k.in<std::string>(0), *b = k.in<std::string>(1);
  for (int64_t i = 0, n = to.size(); i < n; ++i) f(a[broadcast_index(i, k.shape(0), to)], b[broadcast_index(i, k.shape(1), to)]);
}

}  // namespace ninefold::ops
