// In: a program. Out: the same results, of which branches and loops compute only what somebody reads.
#include <algorithm>

#include "engine/graph/program.h"

namespace ninefold::graph {
namespace {

const Concrete& function_of_slot(const Instruction& c, int slot) {
  return concrete(std::get<FunctionRef>(c.attrs[static_cast<size_t>(slot)]));
}

void branches_give(Instruction& c, const std::vector<bool>& read) {
  std::vector<size_t> kept;
  for (size_t o = 0; o < c.out.size(); ++o)
    if (read[static_cast<size_t>(c.out[o])]) kept.push_back(o);
  if (kept.size() == c.out.size()) return;
  for (const char* branch : {"then_branch", "else_branch"}) {
    const int slot = def(*c.op).slot(branch);
    const Concrete& f = function_of_slot(c, slot);
    Tensors results;
    for (size_t o : kept) results.push_back(f.results()[o]);
    auto narrower = std::make_shared<Concrete>(f.name(), f.shared_body(), std::move(results), f.inputs(), f.captures(), f.streams());
    for (size_t o : kept) narrower->stand_ins.push_back(o < f.stand_ins.size() && f.stand_ins[o]);
    c.attrs[static_cast<size_t>(slot)] = FunctionRef(std::move(narrower));
  }
  std::vector<DType> types;
  std::vector<int> out;
  const auto tout = static_cast<size_t>(def(*c.op).slot("Tout"));
  for (size_t o : kept) out.push_back(c.out[o]), types.push_back(std::get<std::vector<DType>>(c.attrs[tout])[o]);
  c.attrs[tout] = std::move(types);
  c.out = std::move(out);
}

// Which inputs of a function its wanted results, and what it must run, depend on.
std::vector<bool> inputs_read(const Concrete& f, const std::vector<bool>& results) {
  const Graph& g = f.graph();
  std::vector<bool> needed(g.nodes.size());
  for (size_t i = 0; i < results.size(); ++i)
    if (results[i]) needed[static_cast<size_t>(node_of(f.results()[i]).id)] = true;
  for (size_t n = g.nodes.size(); n-- > 0;) {
    needed[n] = needed[n] || must_run(*g.nodes[n].op, g.nodes[n].attrs);
    if (needed[n])
      for (const Tensor& t : g.nodes[n].in) needed[static_cast<size_t>(node_of(t).id)] = true;
  }
  std::vector<bool> read;
  for (const Node* n : g.inputs) read.push_back(needed[static_cast<size_t>(n->id)]);
  return read;
}

// A variable that nothing reads but its own next value stays what it was.
void loop_keeps(Instruction& c, const std::vector<bool>& read) {
  const int slot = def(*c.op).slot("body");
  const Concrete &body = function_of_slot(c, slot), &test = function_of_slot(c, def(*c.op).slot("cond"));
  std::vector<bool> alive = inputs_read(test, {true});
  for (size_t v = 0; v < c.out.size(); ++v) alive[v] = alive[v] || read[static_cast<size_t>(c.out[v])];
  for (;;) {
    const std::vector<bool> more = inputs_read(body, alive);
    bool settled = true;
    for (size_t v = 0; v < alive.size(); ++v)
      if (more[v] && !alive[v]) alive[v] = true, settled = false;
    if (settled) break;
  }
  Tensors results = body.results();
  bool changed = false;
  for (size_t v = 0; v < results.size(); ++v) {
    const Tensor& same = body.graph().inputs[v]->out[0];
    if (alive[v] || results[v].impl() == same.impl()) continue;
    results[v] = same;
    changed = true;
  }
  if (!changed) return;
  c.attrs[static_cast<size_t>(slot)] =
      FunctionRef(std::make_shared<Concrete>(body.name(), body.shared_body(), std::move(results), body.inputs(), body.captures(), body.streams()));
}

}  // namespace

void narrow_control_flow(Program& p) {
  std::vector<bool> read(p.values.size());
  for (int o : p.outputs) read[static_cast<size_t>(o)] = true;
  for (const Instruction& c : p.code)
    for (int v : c.in) read[static_cast<size_t>(v)] = true;
  for (Instruction& c : p.code) {
    if (std::all_of(c.out.begin(), c.out.end(), [&](int o) { return read[static_cast<size_t>(o)]; })) continue;
    if (c.op->name == "If" || c.op->name == "StatelessIf") branches_give(c, read);
    else if (c.op->name == "While" || c.op->name == "StatelessWhile") loop_keeps(c, read);
  }
}

}  // namespace ninefold::graph
