// In: instructions in order, on a machine with a GPU. Out: the same, where an If whose results nobody reads and whose branches only write
// variables became the instructions of both, each write of which asks the condition where that lies (guarded.cc): a step with a
// dynamic loss scale waits for nothing, and can be one graph.
#include <algorithm>

#include "base/check.h"
#include "engine/graph/program.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/plan_forms.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::graph {
namespace {

bool may_be_guarded(const Op& op) {
  const std::string& n = op.name;
  return n == "AssignVariableOp" || n == "AssignAddVariableOp" || n == "AssignSubVariableOp" || n.starts_with("ResourceApply") ||
         n.starts_with("ResourceSparseApply") || (n.starts_with("ResourceScatter") && !n.starts_with("ResourceScatterNd"));
}
bool only_writes(const Graph& g) {
  return std::all_of(g.nodes.begin(), g.nodes.end(), [&](const Node& n) {
    if (n.op == &placeholder_op() || n.op == &const_op()) return true;
    for (size_t i = 0; i < n.attrs.size(); ++i)
      if (std::holds_alternative<FunctionRef>(n.attrs[i]) || std::holds_alternative<std::vector<FunctionRef>>(n.attrs[i])) return false;
    if (n.device && n.device->host()) return false;
    const Effect e = effect_of(*n.op, n.attrs);
    if (e == Effect::writes) return may_be_guarded(*n.op);
    return (e == Effect::none || e == Effect::reads) && !must_run(*n.op, n.attrs) && !abilities_of(*n.op).collective;
  });
}

}  // namespace

void guard_branches(Program& p) {
  if (!accelerated()) return;
  std::vector<bool> read(p.values.size());   // what branches tell for gradients, nobody may want
  for (const Instruction& c : p.code)
    for (int v : c.in) read[static_cast<size_t>(v)] = true;
  for (int v : p.outputs) read[static_cast<size_t>(v)] = true;
  const auto unread = [&](const Instruction& c) {
    return std::none_of(c.out.begin(), c.out.end(), [&](int v) { return read[static_cast<size_t>(v)]; });
  };
  std::vector<Instruction> code;
  code.reserve(p.code.size());
  for (Instruction& c : p.code) {
    const Device* const wish = wish_of(c);
    const bool branches = c.op->name == "If" && unread(c) && !(wish && wish->host());
    const Value* const condition = branches ? &p.values[static_cast<size_t>(c.in[0])] : nullptr;
    const auto branch = [&](const char* attr) -> const Concrete& { return concrete(std::get<FunctionRef>(c.attrs[static_cast<size_t>(def(*c.op).slot(attr))])); };
    if (!branches || condition->dtype != DType::boolean || !condition->shape.fully_known() || condition->shape.rank() != 0 ||
        !only_writes(branch("then_branch").graph()) || !only_writes(branch("else_branch").graph())) {
      code.push_back(std::move(c));
      continue;
    }
    const int asked = c.in[0];
    const std::vector<int> inputs(c.in.begin() + 1, c.in.end());
    for (const Guard guard : {Guard::if_true, Guard::if_false}) {
      const size_t begin = code.size();
      inlined(p, branch(guard == Guard::if_true ? "then_branch" : "else_branch"), inputs, code);
      for (size_t i = begin; i < code.size(); ++i) {
        if (effect_of(*code[i].op, code[i].attrs) != Effect::writes) continue;
        code[i].guard = guard;
        code[i].in.push_back(asked);
      }
    }
  }
  p.code = std::move(code);
}

}  // namespace ninefold::graph
