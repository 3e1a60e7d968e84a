// In: a program. Out: the same results with fewer instructions.
#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "base/check.h"
#include "engine/graph/program.h"
#include "engine/op/plan_forms.h"

namespace ninefold::graph {
namespace {

constexpr int64_t kSmall = 64;   // elements of constants that are compared

size_t at(int v) { return static_cast<size_t>(v); }

void replace(Program& p, const std::vector<int>& by) {
  auto follow = [&](int& v) { while (by[at(v)] != v) v = by[at(v)]; };
  for (Instruction& c : p.code)
    for (int& v : c.in) follow(v);
  for (int& v : p.outputs) follow(v);
}

std::vector<int> nothing_replaced(const Program& p) {
  std::vector<int> by(p.values.size());
  for (size_t v = 0; v < by.size(); ++v) by[v] = static_cast<int>(v);
  return by;
}

}  // namespace

// A view of the same shape is its input; so is what an op says of itself (op/plan_forms.h).
void drop_identities(Program& p) {
  std::vector<int> by = nothing_replaced(p);
  std::erase_if(p.code, [&](const Instruction& c) {
    if (c.must_run || c.out.size() != 1 || c.in.empty()) return false;
    bool same = c.op->view;
    if (const IsInput when = same ? nullptr : is_input(*c.op)) {
      std::vector<const Tensor*> known;
      for (int v : c.in) known.push_back(p.values[at(v)].known.defined() ? &p.values[at(v)].known : nullptr);
      same = when(c.attrs, known);
    }
    if (!same) return false;
    const Value &from = p.values[at(c.in[0])], &to = p.values[at(c.out[0])];
    if (!(from.shape == to.shape) || from.dtype != to.dtype || !from.shape.fully_known()) return false;
    by[at(c.out[0])] = c.in[0];
    return true;
  });
  replace(p, by);
}

// Equal ops of equal inputs are computed once, on each device that was wished for; so are reads of a resource between which nothing is written.
void merge_equal(Program& p) {
  std::vector<int> by = nothing_replaced(p);
  auto root = [&](int v) { while (by[at(v)] != v) v = by[at(v)]; return v; };
  std::map<std::string, int> constants;             // dtype, shape and bytes -> the first value that has them
  for (size_t v = 0; v < p.values.size(); ++v) {
    const Tensor& t = p.values[v].known;
    if (!t.defined() || !is_plain(t.dtype()) || t.size() > kSmall) continue;
    if (std::find(p.inputs.begin(), p.inputs.end(), static_cast<int>(v)) != p.inputs.end()) continue;
    std::string key = fmt::format("{}{}:", static_cast<int>(t.dtype()), t.shape().str());
    key.append(static_cast<const char*>(t.data()), t.bytes());
    by[v] = constants.emplace(std::move(key), static_cast<int>(v)).first->second;
  }
  std::unordered_multimap<uint64_t, size_t> seen;   // hash -> instruction
  int64_t writes = 0;                               // before the present instruction, to whatever resource
  std::vector<int64_t> written_before(p.code.size());
  std::vector<bool> gone(p.code.size());
  for (size_t i = 0; i < p.code.size(); ++i) {
    Instruction& c = p.code[i];
    for (int& v : c.in) v = root(v);
    const Effect e = effect_of(*c.op, c.attrs);
    writes += e == Effect::world || e == Effect::writes;
    if (c.must_run || (e != Effect::none && e != Effect::reads) || c.out.empty()) continue;
    if (e == Effect::reads) written_before[i] = writes;
    uint64_t hash = c.attrs.hash() ^ reinterpret_cast<uintptr_t>(c.op);
    for (int v : c.in) hash = (hash ^ static_cast<uint64_t>(v)) * 0x9E3779B97F4A7C15ull;
    auto [from, to] = seen.equal_range(hash);
    for (; from != to; ++from) {
      const Instruction& o = p.code[from->second];
      if (o.op != c.op || o.in != c.in || wish_of(o) != wish_of(c) || written_before[from->second] != written_before[i] || !(o.attrs == c.attrs)) continue;
      for (size_t k = 0; k < c.out.size(); ++k) by[at(c.out[k])] = o.out[k];
      gone[i] = true;
      break;
    }
    if (!gone[i]) seen.emplace(hash, i);
  }
  size_t kept = 0;
  for (size_t i = 0; i < p.code.size(); ++i)
    if (!gone[i]) {
      if (kept != i) p.code[kept] = std::move(p.code[i]);
      ++kept;
    }
  p.code.resize(kept);
  replace(p, by);
}

}  // namespace ninefold::graph
