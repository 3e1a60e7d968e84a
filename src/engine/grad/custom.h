// In: the rule of a custom gradient. Out: the door through which a trace takes it in.
#pragma once

#include "engine/op/op.h"
#include "ninefold/grad.h"

namespace ninefold::grad {

// A rule as a trace holds it: a function of what flows into the results and of `captures`, the tensors of the
// trace that it reads. So the op may be copied into other traces and differentiated there.
struct TracedRule {
  HostFunction call;
  Tensors captures;
  FunctionRef function;      // of what flows and of the captures, to what flows back where something does;
  std::vector<bool> given;   // and where that is, by source
  bool missing = false;      // there is no rule: a file did not tell it
};
using RuleTracer = TracedRule (*)(const Tensors& results, const HostFunction& rule);
// Set once, when the library is loaded, by the room that traces, which this one may not name.
void set_rule_tracer(RuleTracer);

// The outputs as they are; `fail` raises when they are differentiated.
Tensors without_gradient(const Tensors& outputs, const Tensors& sources, HostFunction fail);

// The rule that a node CustomGradient holds, without its captures, which are inputs of the node. Its function is null
// if the rule raised when it was traced.
bool is_custom_gradient(const Op&);
const TracedRule& rule_of(const Op&, const Attrs&);

}  // namespace ninefold::grad
