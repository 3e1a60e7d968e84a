// In: a program, one softmax. Out: the attention around it, and what flows back through it: which instructions, which values, and where
// what cuDNN reads and writes lies among their elements.
#include "engine/graph/attention_pattern.h"

#include <algorithm>
#include <cmath>

#include "engine/op/kernel_ctx.h"

namespace ninefold::graph {
namespace {

using Numbers = std::vector<int64_t>;

size_t slot(int64_t i) { return static_cast<size_t>(i); }
bool turned(const Instruction& c, const char* attr) { return std::get<bool>(c.attrs[slot(def(*c.op).slot(attr))]); }

}  // namespace

AttentionPattern::AttentionPattern(const Program& p) : p_(p), maker_(p.values.size(), -1), readers_(p.values.size()), leaves_(p.values.size()) {
  for (size_t i = 0; i < p.code.size(); ++i) {
    for (int v : p.code[i].out) maker_[slot(v)] = static_cast<int>(i);
    for (int v : p.code[i].in) readers_[slot(v)].push_back(i);
  }
  for (int v : p.outputs) leaves_[slot(v)] = true;
}

// ---- what goes along ----

// One result, nothing else done, on the same device, of the same dtype and a known shape.
bool AttentionPattern::fits(size_t i, const FoundAttention& f) const {
  const Instruction &c = p_.code[i], &s = p_.code[f.softmax];
  return !c.fused && !c.must_run && c.op->effect == Effect::none && c.out.size() == 1 && wish_of(c) == wish_of(s) &&
         value(c.out[0]).shape.fully_known() && value(c.out[0]).shape.size() > 0 && value(c.out[0]).dtype == value(s.out[0]).dtype;
}
// The only reader of v; -1: several, or it leaves.
int AttentionPattern::reader(int v, const FoundAttention& f) const {
  if (leaves_[slot(v)] || readers_[slot(v)].size() != 1 || !fits(readers_[slot(v)][0], f)) return -1;
  return static_cast<int>(readers_[slot(v)][0]);
}
int AttentionPattern::maker(int v, const FoundAttention& f) const {
  const int by = maker_[slot(v)];
  return by >= 0 && fits(slot(by), f) ? by : -1;
}
bool AttentionPattern::multiplies(size_t i, const FoundAttention& f) const {
  if (p_.code[i].op->name != "BatchMatMulV2" || !fits(i, f)) return false;
  const Numbers a = size(code(i).in[0]), b = size(code(i).in[1]), c = size(code(i).out[0]);
  return a.size() == c.size() && b.size() == c.size() && std::equal(a.begin(), a.end() - 2, c.begin()) && std::equal(b.begin(), b.end() - 2, c.begin());
}
// A scalar that is known.
bool AttentionPattern::number(int v, double* to) const {
  const Tensor& t = value(v).known;
  if (!t.defined() || t.size() != 1 || !is_floating(t.dtype())) return false;
  *to = t.float_at(0);
  return true;
}
// By what an instruction multiplies its input k; false: it does something else.
bool AttentionPattern::scales(const Instruction& c, int* k, double* by) const {
  if (c.op->name == "Mul" && number(c.in[1], by)) return *k = 0, true;
  if (c.op->name == "Mul" && number(c.in[0], by)) return *k = 1, true;
  if (c.op->name != "RealDiv" || !number(c.in[1], by) || *by == 0) return false;
  *by = 1 / *by;
  return *k = 0, true;
}
// A value among the elements of what it is made of by moving alone.
Lying AttentionPattern::origin(int v, const FoundAttention& f, std::set<size_t>* members) const {
  Lying own{v, size(v), contiguous(size(v))};
  const int by = maker(v, f);
  if (by < 0) return own;
  const auto m = moves_of(p_, code(slot(by)));
  if (!m) return own;
  std::set<size_t> further;
  const auto seen = seen_through(*m, p_, code(slot(by)), origin(code(slot(by)).in[0], f, &further));
  if (!seen) return own;
  members->insert(slot(by));
  members->insert(further.begin(), further.end());
  return *seen;
}
// Where a result is written: in the last value that only moves it and keeps its columns beside each other.
std::optional<Lying> AttentionPattern::written(Lying l, const FoundAttention& f, std::set<size_t>* members) const {
  std::optional<Lying> best;
  std::set<size_t> passed;
  for (;;) {
    if (l.stride.back() == 1) {
      best = l;
      members->insert(passed.begin(), passed.end());
    }
    const int next = reader(l.value, f);
    if (next < 0) return best;
    const auto m = moves_of(p_, code(slot(next)));
    const auto on = m && code(slot(next)).in[0] == l.value ? carried_through(*m, p_, code(slot(next)), l) : std::nullopt;
    if (!on) return best;
    passed.insert(slot(next));
    l = *on;
  }
}
// [lead..., rows, columns] as [batch, heads, rows, columns].
std::optional<Lying> AttentionPattern::in_heads(const Lying& l, const FoundAttention& f) const { return reshaped(l, {f.batch, f.heads, l.size[l.size.size() - 2], l.size.back()}); }

// ---- forward ----

// From the softmax's input back to the product: its places there.
std::optional<Lying> AttentionPattern::product_behind(int v, FoundAttention* f, bool moved) const {
  const int by = readers_[slot(v)].size() == 1 && !leaves_[slot(v)] ? maker(v, *f) : -1;
  if (by < 0) return std::nullopt;
  const Instruction& c = code(slot(by));
  f->members.insert(slot(by));
  if (multiplies(slot(by), *f)) {
    f->scores = slot(by);
    return Lying{v, size(v), contiguous(size(v))};
  }
  if (const auto m = moves_of(p_, c)) {
    const auto from = product_behind(c.in[0], f, true);
    return from ? seen_through(*m, p_, c, *from) : std::nullopt;
  }
  int k = 0;
  double by_number = 1;
  if (scales(c, &k, &by_number)) {
    f->scale *= by_number;
    return size(c.in[slot(k)]) == size(v) ? product_behind(c.in[slot(k)], f, moved) : std::nullopt;
  }
  const bool minus = c.op->name == "Sub";
  if ((!minus && c.op->name != "AddV2") || moved || f->bias >= 0 || f->scale != 1) return std::nullopt;
  for (size_t side = 0; side < (minus ? 1u : 2u); ++side) {
    FoundAttention tried = *f;
    tried.bias = c.in[1 - side], tried.minus = minus;
    if (size(c.in[side]) != size(v) || !value(tried.bias).shape.fully_known() || value(tried.bias).dtype != value(v).dtype) continue;
    if (const auto from = product_behind(c.in[side], &tried, false)) return *f = tried, from;
  }
  return std::nullopt;
}

bool AttentionPattern::forward(FoundAttention* f) const {
  const Instruction& s = code(f->softmax);
  const Value& table = value(s.out[0]);
  if (s.must_run || (table.dtype != DType::f16 && table.dtype != DType::bf16) || !table.shape.fully_known() || table.shape.size() == 0 ||
      leaves_[slot(s.out[0])] || (table.shape.rank() != 3 && table.shape.rank() != 4))
    return false;
  const Numbers shape = table.shape.vector();
  const size_t rank = shape.size();
  f->batch = shape[0], f->heads = rank == 4 ? shape[1] : 1, f->queries = shape[rank - 2], f->keys = shape[rank - 1];
  if (f->queries == 1 && f->keys == 1) return false;           // which has no engine
  const auto from = product_behind(s.in[0], f, false);
  if (!from) return false;
  f->table = *from;
  // Each table of the product is one of the softmax, as it is or turned.
  const Numbers product = size(from->value);
  const int64_t m = product[product.size() - 2], n = product.back();
  const Numbers plain = contiguous(shape);
  const auto lies = [&](int64_t rows, int64_t columns) {
    Numbers want = plain;
    want[rank - 2] = rows, want[rank - 1] = columns;
    for (size_t i = 0; i < rank; ++i)
      if (shape[i] != 1 && from->stride[i] != want[i]) return false;
    return true;
  };
  if (lies(n, 1) && m == f->queries) f->across = false;
  else if (lies(1, n) && m == f->keys) f->across = true;
  else return false;

  const Instruction& c = code(f->scores);
  Lying a = origin(c.in[0], *f, &f->members), b = origin(c.in[1], *f, &f->members);
  if (turned(c, "adj_x")) a = swapped(a);
  if (turned(c, "adj_y")) b = swapped(b);
  const auto q = in_heads(f->across ? swapped(b) : a, *f), k = in_heads(f->across ? swapped(a) : b, *f);
  if (!q || !k) return false;
  f->q = *q, f->k = *k;
  for (size_t r : readers_[slot(s.out[0])])
    if (multiplies(r, *f) && code(r).in[0] == s.out[0] && code(r).in[1] != s.out[0] && !turned(code(r), "adj_x") && (f->sum == 0 || r < f->sum)) f->sum = r;
  if (f->sum == 0) return false;
  Lying v = origin(code(f->sum).in[1], *f, &f->members);
  if (turned(code(f->sum), "adj_y")) v = swapped(v);
  const auto heads = in_heads(v, *f);
  if (!heads) return false;
  f->v = *heads;
  f->depth = f->q.size[3], f->value_depth = f->v.size[3];
  f->members.insert({f->softmax, f->sum});
  const int out = code(f->sum).out[0];
  const auto result = written({out, {f->batch, f->heads, f->queries, f->value_depth}, contiguous({f->batch, f->heads, f->queries, f->value_depth})}, *f, &f->members);
  if (!result) return false;
  f->result = *result;
  return f->q.stride[3] == 1 && f->k.stride[2] == 1 && f->v.stride[3] == 1 && f->depth % 8 == 0 && f->value_depth % 8 == 0;
}

// ---- back ----

// The reader of both that is such a product; -1: there is none.
int AttentionPattern::product_of(int a, int b, bool ta, bool tb, const FoundAttention& f) const {
  for (size_t r : readers_[slot(a)])
    if (multiplies(r, f) && code(r).in[0] == a && code(r).in[1] == b && turned(code(r), "adj_x") == ta && turned(code(r), "adj_y") == tb)
      return static_cast<int>(r);
  return -1;
}
// What the gradient of c makes of `dy`, for its first factor or its second (BatchMatMulV2's own rule).
int AttentionPattern::gradient(size_t product, int dy, bool first, const FoundAttention& f) const {
  const Instruction& c = code(product);
  const int x = c.in[0], y = c.in[1];
  const bool ax = turned(c, "adj_x"), ay = turned(c, "adj_y");
  if (first) return ax ? product_of(y, dy, ay, true, f) : product_of(dy, y, false, !ay, f);
  return ay ? product_of(dy, x, true, ax, f) : product_of(x, dy, !ax, false, f);
}
bool AttentionPattern::back(FoundAttention* f) const {
  const int s = code(f->softmax).out[0];
  // (ds - sum(ds * s)) * s
  size_t dot = 0, total = 0, less = 0, last = 0;
  int ds = -1, dp = -1;
  for (size_t r : readers_[slot(s)]) {
    if (!fits(r, *f) || code(r).op->name != "Mul") continue;
    const int other = code(r).in[code(r).in[0] == s ? 1 : 0];
    const int by = maker(other, *f);
    if (by < 0) return false;
    if (code(slot(by)).op->name == "Sub") last = r, less = slot(by), dp = code(r).out[0];
    else dot = r, ds = other;
  }
  if (ds < 0 || dp < 0 || leaves_[slot(ds)] || readers_[slot(ds)].size() != 2 || leaves_[slot(code(dot).out[0])]) return false;
  const int summed = reader(code(dot).out[0], *f);
  if (summed < 0 || code(slot(summed)).op->name != "Sum") return false;
  total = slot(summed);
  const Instruction* const sum = &code(total);
  if ( !turned(*sum, "keep_dims") || leaves_[slot(sum->out[0])] || readers_[slot(sum->out[0])].size() != 1) return false;
  const Tensor& axes = value(sum->in[1]).known;
  const auto rank = static_cast<int64_t>(f->table.size.size());
  if (!axes.defined() || axes.size() != 1 || (axes.int_at(0) != -1 && axes.int_at(0) != rank - 1)) return false;
  if (code(less).in[0] != ds || code(less).in[1] != sum->out[0] || reader(code(less).out[0], *f) != static_cast<int>(last)) return false;
  const int of_ds = maker(ds, *f);
  if (of_ds < 0 || code(slot(of_ds)).op->name != "BatchMatMulV2") return false;
  const int d = code(slot(of_ds)).in[0];
  if (gradient(f->sum, d, true, *f) != of_ds || size(d) != size(code(f->sum).out[0])) return false;
  const int to_v = gradient(f->sum, d, false, *f);
  if (readers_[slot(s)].size() != (to_v < 0 ? 3u : 4u)) return false;
  f->back_members = {dot, total, less, last, slot(of_ds)};
  const auto flow = in_heads(origin(d, *f, &f->back_members), *f);
  if (!flow || flow->stride[3] != 1) return false;
  f->flow = *flow;

  // From there to the product's gradients, by the same steps as forward.
  double scale = 1;
  Lying here{dp, f->table.size, contiguous(f->table.size)};
  const auto product = size(code(f->scores).out[0]);
  std::vector<int> grads;
  for (;;) {
    grads = {gradient(f->scores, here.value, true, *f), gradient(f->scores, here.value, false, *f)};
    if (grads[0] >= 0 || grads[1] >= 0) break;
    const int next = reader(here.value, *f);
    if (next < 0) return false;
    const Instruction& c = code(slot(next));
    int k = 0;
    double by = 1;
    f->back_members.insert(slot(next));
    if (scales(c, &k, &by) && c.in[slot(k)] == here.value && size(c.out[0]) == size(here.value)) {
      scale *= by;
      here.value = c.out[0];
      continue;
    }
    const auto m = moves_of(p_, c);
    const auto on = m && c.in[0] == here.value ? carried_through(*m, p_, c, here) : std::nullopt;
    if (!on) return false;
    here = *on;
  }
  const size_t known = static_cast<size_t>((grads[0] >= 0) + (grads[1] >= 0));
  if (leaves_[slot(here.value)] || readers_[slot(here.value)].size() != known || size(here.value) != product) return false;
  for (size_t i = 0; i < here.size.size(); ++i)
    if (here.size[i] != 1 && here.stride[i] != f->table.stride[i]) return false;
  if (std::abs(scale - f->scale) > 1e-6 * std::abs(f->scale)) return false;

  // Where what flows into the factors is written.
  const auto place = [&](int by, bool adjoint, int64_t rows, int64_t columns) -> std::optional<Lying> {
    if (by < 0) return Lying{};
    f->back_members.insert(slot(by));
    Lying l{code(slot(by)).out[0], {f->batch, f->heads, rows, columns}, contiguous({f->batch, f->heads, rows, columns})};
    if (adjoint) l.stride[2] = 1, l.stride[3] = rows;
    return written(l, *f, &f->back_members);
  };
  // The first factor's rows are queries, or keys where the product is across; the second's columns.
  const Instruction& c = code(f->scores);
  const bool first = turned(c, "adj_x"), second = !turned(c, "adj_y");
  const auto to_q = place(grads[f->across ? 1 : 0], f->across ? second : first, f->queries, f->depth);
  const auto to_k = place(grads[f->across ? 0 : 1], f->across ? first : second, f->keys, f->depth);
  const auto into_v = place(to_v, turned(code(f->sum), "adj_y"), f->keys, f->value_depth);
  if (!to_q || !to_k || !into_v) return false;
  f->to = {*to_q, *to_k, *into_v};
  return true;
}

}  // namespace ninefold::graph
