// In: the rule of a custom gradient. Out: the door through which a trace takes it in.
#pragma once

#include "ninefold/grad.h"

namespace ninefold::grad {

// A rule as a trace holds it: a function of what flows into the results and of `captures`, the tensors of the
// trace that it reads. So the op may be copied into other traces and differentiated there.
struct TracedRule {
  HostFunction call;
  Tensors captures;
};
using RuleTracer = TracedRule (*)(const Tensors& results, const HostFunction& rule);
// Set once, when the library is loaded, by the room that traces, which this one may not name.
void set_rule_tracer(RuleTracer);

}  // namespace ninefold::grad
