// In: a program. Out: thunks, and where each value lies: in the slab, in memory of its own, with the caller.
#include "engine/graph/plan.h"

#include <algorithm>

#include "base/check.h"
#include "base/slab.h"
#include "engine/graph/fuse.h"
#include "engine/op/place.h"

namespace ninefold::graph {
namespace {

size_t at(int v) { return static_cast<size_t>(v); }

// Large values lie off each other by more than a power of two: loads and stores that agree in their low twelve bits wait for
// each other.
size_t room_for(size_t bytes) { return bytes >= 4096 ? bytes + 320 : bytes; }

}  // namespace

void Plan::lay_out() {
  const Program& p = program_;
  const size_t n = p.values.size();
  std::vector<bool> leaves(n), outside(n);   // outside: inputs and constants
  for (int v : p.outputs) leaves[at(v)] = true;
  for (int v : p.inputs) outside[at(v)] = true;
  for (size_t v = 0; v < n; ++v) outside[v] = outside[v] || p.values[v].known.defined();

  Device& device = cpu_device();
  const bool placed = accelerated();         // then each op goes where it runs best, and brings its own memory
  std::vector<int> root(n);                  // the value whose place in the slab a view shares
  for (size_t v = 0; v < n; ++v) root[v] = static_cast<int>(v);
  std::vector<bool> in_slab(n);
  for (const Instruction& c : p.code) {
    Thunk t;
    t.op = c.op;
    t.origin = c.origin;
    t.attrs = &c.attrs;
    t.in = c.in;
    t.out = c.out;
    t.counter = c.counter;
    t.can = abilities_of(*c.op);
    if (t.can.common) t.common = t.can.common();
    t.fused = c.fused.get();
    t.guard = c.guard;
    t.late = c.guard != Guard::none;
    if (!t.can.any_shapes && !t.late) {
      t.late = placed;
      for (int v : c.in) t.late = t.late || !p.values[at(v)].shape.fully_known();
      for (int v : c.out) t.late = t.late || !p.values[at(v)].shape.fully_known();
    }
    if (!t.late) {
      // A view of the slab is the slab: nothing runs.
      if (c.op->view && in_slab[at(c.in[0])] && !leaves[at(c.out[0])]) {
        root[at(c.out[0])] = root[at(c.in[0])];
        in_slab[at(c.out[0])] = true;
        continue;
      }
      t.kernel = c.fused ? &fused_kernel() : &kernel_for(*c.op, c.attrs, device);
      for (int v : c.out) {
        const Value& value = p.values[at(v)];
        if (value.by_kernel || !value.shape.fully_known()) continue;
        if ((t.can.any_shapes || t.can.changes_input) && !is_plain(value.dtype)) continue;
        if (placed && is_anywhere(*c.op)) continue;   // results lie where the inputs do
        if (is_plain(value.dtype) && !leaves[at(v)]) {
          in_slab[at(v)] = true;
          t.fixed.push_back(v);
        } else {
          t.fresh.push_back(v);
        }
      }
    }
    t.reads_host = placed && !t.late && !is_anywhere(*c.op);
    thunks_.push_back(std::move(t));
  }

  // Lifetimes, in thunks; a view keeps its root alive.
  std::vector<int> last(n, -1);
  for (size_t i = 0; i < thunks_.size(); ++i) {
    for (int v : thunks_[i].in) last[at(root[at(v)])] = static_cast<int>(i);
    for (int v : thunks_[i].out) last[at(v)] = std::max(last[at(v)], static_cast<int>(i));
  }
  // Which inputs of thunk i may leave their slots there: the last reader has them, and they are nobody's constants.
  for (size_t i = 0; i < thunks_.size(); ++i) {
    Thunk& t = thunks_[i];
    auto free = [&](size_t k) {
      const int v = t.in[k];
      return last[at(v)] == static_cast<int>(i) && !in_slab[at(v)] && !leaves[at(v)] && !p.values[at(v)].known.defined() &&
             std::find(t.in.begin() + static_cast<std::ptrdiff_t>(k) + 1, t.in.end(), v) == t.in.end();
    };
    if (t.can.state)
      for (size_t k = 0; k < t.in.size(); ++k) t.read_last.push_back(free(k));
    t.changes = t.can.changes_input && !t.late && p.values[at(t.in[0])].dtype == DType::variant && free(0);
  }
  // The input whose place in the slab output v may take, because nothing reads it afterwards and the kernel reads
  // an element before it writes it: the only result of a chain, or of an element-wise op that says in_place.
  std::vector<bool> sealed(n);               // values that views share
  for (size_t v = 0; v < n; ++v)
    if (root[v] != static_cast<int>(v)) sealed[at(root[v])] = true;
  auto donor = [&](const Thunk& t, size_t i, int v) {
    if (t.out.size() != 1 || (!t.fused && !(t.op->in_place && t.op->elementwise))) return -1;
    for (size_t k = 0; k < (t.fused ? t.in.size() : 1); ++k) {
      const int u = t.in[k];
      const Value &from = p.values[at(u)], &to = p.values[at(v)];
      if (!in_slab[at(u)] || sealed[at(u)] || root[at(u)] != u || last[at(u)] != static_cast<int>(i)) continue;
      if (from.dtype == to.dtype && from.shape.size() == to.shape.size() && (!t.fused || t.fused->full[k])) return u;
    }
    return -1;
  };
  std::vector<bool> handed_on(n);            // whose place lives on
  std::vector<std::vector<int>> ends(thunks_.size());
  for (size_t v = 0; v < n; ++v)
    if (last[v] >= 0 && !leaves[v] && !outside[v]) ends[at(last[v])].push_back(static_cast<int>(v));
  offset_.assign(n, -1);
  Slab layout(64);
  for (size_t i = 0; i < thunks_.size(); ++i) {
    for (int v : thunks_[i].fixed) {
      const Value& value = p.values[at(v)];
      if (const int u = donor(thunks_[i], i, v); u >= 0) {
        offset_[at(v)] = offset_[at(u)];
        handed_on[at(u)] = true;
      } else {
        offset_[at(v)] = static_cast<int64_t>(layout.place(room_for(static_cast<size_t>(value.shape.size()) * size_of(value.dtype))));
      }
    }
    for (int v : ends[i]) {
      if (in_slab[at(v)] && handed_on[at(v)]) continue;
      if (in_slab[at(v)]) layout.free(static_cast<size_t>(offset_[at(v)]));
      else thunks_[i].release.push_back(v);
    }
    for (int v : thunks_[i].out)
      if (!in_slab[at(v)] && (leaves[at(v)] || last[at(v)] > static_cast<int>(i))) thunks_[i].brought.push_back(v);
  }
  for (size_t v = 0; v < n; ++v)
    if (!in_slab[v] && !p.values[v].known.defined()) loose_.push_back(static_cast<int>(v));
  for (size_t v = 0; v < n; ++v)
    if (in_slab[v]) offset_[v] = offset_[at(root[v])];
  slab_bytes_ = layout.high();
}

}  // namespace ninefold::graph
