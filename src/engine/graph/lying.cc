// In: values of a program that differ by order and shape alone. Out: strides of one among another's elements.
#include "engine/graph/lying.h"

#include <algorithm>

#include "engine/op/kernel_ctx.h"

namespace ninefold::graph {
namespace {

size_t at_(int64_t i) { return static_cast<size_t>(i); }

}  // namespace

Lying swapped(Lying l) {
  std::iter_swap(l.size.end() - 1, l.size.end() - 2);
  std::iter_swap(l.stride.end() - 1, l.stride.end() - 2);
  return l;
}

std::vector<int64_t> contiguous(const std::vector<int64_t>& size) {
  std::vector<int64_t> stride(size.size(), 1);
  for (size_t i = size.size(); i-- > 1;) stride[i - 1] = stride[i] * size[i];
  return stride;
}

std::optional<Lying> reshaped(const Lying& l, const std::vector<int64_t>& size) {
  if (l.size == size) return l;
  std::vector<int64_t> from, step;               // without dimensions of 1, which may have any stride
  for (size_t i = 0; i < l.size.size(); ++i)
    if (l.size[i] != 1) from.push_back(l.size[i]), step.push_back(l.stride[i]);
  Lying to{l.value, size, std::vector<int64_t>(size.size(), 1)};
  size_t i = 0, k = 0;
  while (k < size.size()) {
    if (size[k] == 1) {
      ++k;
      continue;
    }
    if (i == from.size()) return std::nullopt;
    // As many of either as have the same number of elements.
    size_t ends = i + 1, last = k + 1;
    int64_t have = from[i], want = size[k];
    while (have != want) {
      if (have < want) {
        if (ends == from.size()) return std::nullopt;
        have *= from[ends++];
      } else {
        if (last == size.size()) return std::nullopt;
        want *= size[last++];
      }
    }
    for (size_t j = i; j + 1 < ends; ++j)
      if (step[j] != step[j + 1] * from[j + 1]) return std::nullopt;
    int64_t stride = step[ends - 1];
    for (size_t j = last; j-- > k;) to.stride[j] = stride, stride *= size[j];
    i = ends, k = last;
  }
  if (i != from.size()) return std::nullopt;
  return to;
}

std::optional<Moves> moves_of(const Program& p, const Instruction& c) {
  if (c.fused || c.must_run || c.op->effect != Effect::none || c.out.size() != 1 || c.in.empty()) return std::nullopt;
  const Value &from = p.values[at_(c.in[0])], &to = p.values[at_(c.out[0])];
  if (!from.shape.fully_known() || !to.shape.fully_known() || from.dtype != to.dtype || from.shape.size() == 0) return std::nullopt;
  if (c.op->view) return Moves{};
  if (c.op->name != "Transpose") return std::nullopt;
  const Tensor& order = p.values[at_(c.in[1])].known;
  if (!order.defined() || !on_host(order)) return std::nullopt;
  Moves m;
  for (int64_t i = 0; i < order.size(); ++i) m.order.push_back(order.int_at(i) < 0 ? order.int_at(i) + order.size() : order.int_at(i));
  return m;
}

std::optional<Lying> seen_through(const Moves& m, const Program& p, const Instruction& c, const Lying& in) {
  if (m.order.empty()) return reshaped(in, p.values[at_(c.out[0])].shape.vector());
  Lying to{in.value, {}, {}};
  for (int64_t i : m.order) to.size.push_back(in.size[at_(i)]), to.stride.push_back(in.stride[at_(i)]);
  return to;
}

std::optional<Lying> carried_through(const Moves& m, const Program& p, const Instruction& c, const Lying& in) {
  Lying to = in;
  to.value = c.out[0];
  if (m.order.empty()) return to;                // what is contiguous keeps its places under another shape
  const std::vector<int64_t> size = p.values[at_(c.in[0])].shape.vector(), before = contiguous(size);
  const std::vector<int64_t> after = contiguous(p.values[at_(c.out[0])].shape.vector());
  for (size_t i = 0; i < in.size.size(); ++i) {
    if (in.size[i] == 1) continue;
    size_t d = 0;                                // the dimension that this one is
    while (d < size.size() && !(before[d] == in.stride[i] && size[d] == in.size[i])) ++d;
    if (d == size.size()) return std::nullopt;
    for (size_t k = 0; k < m.order.size(); ++k)
      if (m.order[k] == static_cast<int64_t>(d)) to.stride[i] = after[k];
  }
  return to;
}

}  // namespace ninefold::graph
