// In: instructions in order, on a machine with a GPU. Out: the same with each attention of float16 or bfloat16 as one instruction, and
// what flows back through it as another, where cuDNN has engines for all of it (attention_pattern.cc finds, gpu_attention.cc runs them).
//
//   BatchMatMulV2(q, k) [Mul | RealDiv by a number] [AddV2 | Sub of a mask] Softmax BatchMatMulV2(.., v)
//   and, of its gradients, everything between what flows into the result and what flows into q, k and v
//
// Transposes and reshapes before, between and behind become strides. Scores that something else reads keep the ops: one that leaves the
// function, one that is dropped from. A gradient that is not wholly of this form reads the softmax, and keeps them, too.
#include <algorithm>
#include <set>

#include "engine/device/cuda/dnn.h"
#include "engine/graph/attention_pattern.h"
#include "engine/graph/fuse.h"
#include "engine/graph/gpu_chain.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/place.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::graph {
namespace {

using Extents = std::vector<int64_t>;
using Call = cuda::DnnCall;

size_t nth(int64_t i) { return static_cast<size_t>(i); }

class AttentionFuser {
 public:
  explicit AttentionFuser(Program& p) : p_(p) {}
  void run() {
    for (size_t i = 0; i < p_.code.size(); ++i) {
      if (p_.code[i].op->name != "Softmax" || !join(i)) continue;
      std::erase_if(p_.code, [](const Instruction& c) { return !c.op; });
      drop_unread(p_);                                   // what was joined
      i = 0;
    }
  }

 private:
  const Value& value(int v) const { return p_.values[nth(v)]; }
  Extents size(int v) const { return value(v).shape.vector(); }
  const Instruction& code(size_t i) const { return p_.code[i]; }

  // ---- the instructions ----

  struct Draft {
    Instruction out;
    std::unique_ptr<GpuChain> chain = std::make_unique<GpuChain>();
    GpuAttention how;
    std::string formula;
    std::vector<std::pair<int, int>> known;            // value -> register
    int reg(int v) const {
      for (const auto& [value, r] : known)
        if (value == v) return r;
      return -1;
    }
  };
  // What the members read that they do not make, and the members themselves, for whoever has no engine.
  Draft draft(const std::set<size_t>& members, const std::vector<int>& further) const {
    Draft d;
    std::set<int> own;
    for (size_t i : members) own.insert(code(i).out[0]);
    const auto bring = [&](int v) {
      if (d.reg(v) >= 0 || own.count(v)) return;
      d.known.emplace_back(v, static_cast<int>(d.out.in.size()));
      d.out.in.push_back(v);
    };
    for (size_t i : members)
      for (int v : code(i).in) bring(v);
    for (int v : further) bring(v);
    for (size_t i : members) {
      GpuChain::Member m{code(i).op, code(i).attrs, code(i).origin, {}};
      for (int v : code(i).in) m.in.push_back(d.reg(v));
      d.known.emplace_back(code(i).out[0], static_cast<int>(d.out.in.size() + d.chain->members.size()));
      d.chain->members.push_back(std::move(m));
      d.formula += (d.formula.empty() ? "" : " ") + code(i).op->name;
    }
    return d;
  }
  static cuda::DnnTensor tensor(DType d, const Lying& l) {
    cuda::DnnTensor t{};
    t.dtype = static_cast<int64_t>(d), t.rank = 4;
    int64_t whole = 1;
    for (size_t i = 0; i < 4; ++i) whole *= l.size[i], t.size[i] = l.size[i], t.stride[i] = l.stride[i];
    // Strides as if there were more, where there is one of something.
    for (size_t i = 0; i < 2; ++i)
      if (l.size[i] == 1) t.stride[i] = whole;
    for (size_t i = 2; i < 4; ++i)
      if (l.size[i] == 1 && l.size[5 - i] > 1 && l.stride[5 - i] == 1 && d != DType::f32) t.stride[i] = l.size[5 - i];
    return t;
  }
  static Lying rows(const Lying& q) { return {-1, {q.size[0], q.size[1], q.size[2], 1}, contiguous({q.size[0], q.size[1], q.size[2], 1})}; }
  static void ask(Draft* d, DType dtype, const Lying& l, int from) {
    d->how.call.tensor[d->how.call.tensors++] = tensor(dtype, l);
    d->how.from.push_back(from);
  }
  void bias(Draft* d, const FoundAttention& f) const {
    d->how.call.scale = f.scale;
    if (f.bias < 0) return;
    d->how.bias = d->reg(f.bias);
    d->how.minus = f.minus;
    Extents shape = size(f.bias);
    const size_t rank = f.table.size.size();
    while (shape.size() < rank) shape.insert(shape.begin(), 1);
    shape[rank - 2] = f.queries, shape[rank - 1] = f.keys;
    d->how.bias_shape = Shape(shape);
  }
  // A result of the instruction, as it lies; a number for `from`.
  int result(Draft* d, int v) const {
    d->chain->out.push_back({d->reg(v), value(v).dtype, value(v).shape});
    d->out.out.push_back(v);
    return -1 - static_cast<int>(d->out.out.size());
  }
  Draft forward_of(const FoundAttention& f, int statistics) const {
    Draft d = draft(f.members, {});
    const DType t = value(f.result.value).dtype;
    d.how.call.kind = Call::attend;
    for (const Lying* l : {&f.q, &f.k, &f.v}) ask(&d, t, *l, d.reg(l->value));
    ask(&d, t, f.result, result(&d, f.result.value));
    int kept = GpuAttention::kMine;
    if (statistics >= 0) {
      d.out.out.push_back(statistics);
      d.chain->out.push_back({-1, DType::f32, value(statistics).shape});
      kept = -3;
    }
    ask(&d, DType::f32, rows(f.q), kept);
    bias(&d, f);
    return d;
  }
  Draft back_of(const FoundAttention& f, int statistics) const {
    std::set<size_t> all = f.back_members;             // op by op the softmax is computed again
    for (size_t i : f.members)
      if (i < f.sum) all.insert(i);
    Draft d = draft(all, {f.q.value, f.k.value, f.v.value, f.result.value, f.flow.value, statistics});
    const DType t = value(f.result.value).dtype;
    d.how.call.kind = Call::attend_back;
    const Lying v = swapped(f.v);
    for (const Lying* l : {&f.q, &f.k, &v, &f.result}) ask(&d, t, *l, d.reg(l->value));
    ask(&d, DType::f32, rows(f.q), d.reg(statistics));
    ask(&d, t, f.flow, d.reg(f.flow.value));
    ask(&d, DType::f32, rows(f.q), GpuAttention::kMine);
    const int64_t sizes[3][2] = {{f.queries, f.depth}, {f.keys, f.depth}, {f.keys, f.value_depth}};
    for (size_t i = 0; i < 3; ++i) {
      const Extents own = {f.batch, f.heads, sizes[i][0], sizes[i][1]};
      if (f.to[i].value < 0) ask(&d, t, {-1, own, contiguous(own)}, GpuAttention::kMine);
      else ask(&d, t, f.to[i], result(&d, f.to[i].value));
    }
    bias(&d, f);
    return d;
  }
  static bool has_engine(const Draft& d, const Device* wish) {
    const int inputs = static_cast<int>(d.out.in.size());
    if (d.how.bias >= inputs || std::any_of(d.how.from.begin(), d.how.from.end(), [&](int r) { return r >= inputs; })) return false;
    Device* const device = wish ? const_cast<Device*>(wish) : preferred_device();
    return !device->host() && cuda::dnn_engine(*device, call_of(d.how));
  }
  // Nothing between them writes, prints or asserts.
  bool calm(size_t from, size_t to) const {
    for (size_t i = from; i <= to; ++i) {
      const Effect e = effect_of(*p_.code[i].op, p_.code[i].attrs);
      if (p_.code[i].must_run || e == Effect::writes || e == Effect::world) return false;
    }
    return true;
  }
  Instruction finished(Draft d, size_t last) const {
    auto fused = std::make_shared<Fused>();
    d.chain->attention = std::make_unique<GpuAttention>(std::move(d.how));
    fused->formula = std::move(d.formula);
    fused->gpu = std::move(d.chain);
    d.out.op = &fused_op();
    d.out.origin = code(last).origin;
    d.out.fused = std::move(fused);
    return std::move(d.out);
  }

  bool join(size_t softmax) {
    FoundAttention f;
    f.softmax = softmax;
    const Device* const wish = wish_of(code(softmax));
    const AttentionPattern pattern(p_);
    if (!pattern.forward(&f)) return false;
    const size_t end = nth(pattern.maker(f.result.value));
    if (!calm(*f.members.begin(), end)) return false;
    const bool trains = pattern.readers(code(softmax).out[0]).size() > 1;
    if (!trains) {
      Draft d = forward_of(f, -1);
      if (!has_engine(d, wish)) return false;
      p_.code[end] = finished(std::move(d), end);
      return true;
    }
    if (!pattern.back(&f)) return false;
    const size_t last = *f.back_members.rbegin();
    // As early as all that it reads is there; nobody may read what it makes before.
    size_t first = end;
    for (const Lying* l : {&f.q, &f.k, &f.v, &f.flow})
      if (const int by = pattern.maker(l->value); by >= 0) first = std::max(first, nth(by));
    for (size_t i : f.back_members)
      for (int v : code(i).in)
        if (const int by = pattern.maker(v); by >= 0 && !f.back_members.count(nth(by)) && !f.members.count(nth(by))) first = std::max(first, nth(by));
    size_t at = p_.code.size();
    for (const Lying& l : f.to) {
      if (l.value < 0) continue;
      at = std::min(at, nth(pattern.maker(l.value)));
      for (size_t r : pattern.readers(l.value))
        if (r <= first) return false;
    }
    if (at <= first || !calm(first, last)) return false;
    const int statistics = static_cast<int>(p_.values.size());
    p_.values.push_back({DType::f32, Shape{f.batch, f.heads, f.queries, 1}, {}, false});
    Draft forth = forward_of(f, statistics), back = back_of(f, statistics);
    if (!has_engine(forth, wish) || !has_engine(back, wish)) {
      p_.values.pop_back();
      return false;
    }
    Instruction one = finished(std::move(forth), end), other = finished(std::move(back), last);
    for (const Lying& l : f.to)
      if (l.value >= 0) p_.code[nth(pattern.maker(l.value))].op = nullptr;
    p_.code[end] = std::move(one);
    p_.code[at] = std::move(other);
    return true;
  }

  Program& p_;
};

}  // namespace

void fuse_attention(Program& p) {
  if (fusion() && accelerated() && cuda::dnn_there()) AttentionFuser(p).run();
}

}  // namespace ninefold::graph
