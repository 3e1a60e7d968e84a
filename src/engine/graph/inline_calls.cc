// In: instructions in order, on a machine with a GPU. Out: the same, with what called functions do in the place of the calls: a graph
// holds kernels, and no frames of functions.
#include <algorithm>

#include "engine/graph/program.h"
#include "engine/op/kernel_ctx.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::graph {
namespace {

constexpr size_t kMostInlined = 50000;       // instructions: functions that call others twice, which call others twice

class Inliner {
 public:
  explicit Inliner(Program& p) : p_(p) {}

  void run() {
    std::vector<Instruction> code = std::move(p_.code);
    p_.code.clear();
    for (Instruction& c : code) take(std::move(c));
    for (Instruction& c : p_.code)
      for (int& v : c.in) v = root(v);
    for (int& v : p_.outputs) v = root(v);
  }

 private:
  int root(int v) const {
    while (static_cast<size_t>(v) < by_.size() && by_[static_cast<size_t>(v)] >= 0) v = by_[static_cast<size_t>(v)];
    return v;
  }
  void take(Instruction c) {
    const bool call = c.op->name == "PartitionedCall" || c.op->name == "StatefulPartitionedCall";
    if (!call || wish_of(c) || p_.code.size() > kMostInlined) return p_.code.push_back(std::move(c));
    for (int& v : c.in) v = root(v);
    std::vector<Instruction> body;
    const std::vector<int> results = inlined(p_, concrete(std::get<FunctionRef>(c.attrs[static_cast<size_t>(def(*c.op).slot("f"))])), c.in, body);
    for (Instruction& each : body) take(std::move(each));
    by_.resize(p_.values.size(), -1);
    for (size_t i = 0; i < c.out.size(); ++i)
      if (results[i] != c.out[i]) by_[static_cast<size_t>(c.out[i])] = results[i];
  }

  Program& p_;
  std::vector<int> by_;                      // what a call's result is now; -1: itself
};

}  // namespace

void inline_calls(Program& p) {
  if (accelerated()) Inliner(p).run();
}

}  // namespace ninefold::graph
