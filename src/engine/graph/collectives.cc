// In: a program in which replicas add up what they have. Out: the same, in an order in which each sum is asked for as soon as all
// replicas have their part, so that it is under way while the rest of the gradients is computed.
#include <algorithm>

#include "engine/graph/graph.h"
#include "engine/graph/program.h"
#include "engine/op/plan_forms.h"

namespace ninefold::graph {
namespace {
bool meets(const Instruction& c) { return !c.fused && abilities_of(*c.op).collective; }
}  // namespace

// Traces have the replicas one behind another. Before each collective comes what it needs, in the old order, and nothing else.
// Whatever has an effect stays behind every effect before it.
void begin_collectives_early(Program& p) {
  const size_t n = p.code.size();
  if (std::none_of(p.code.begin(), p.code.end(), meets)) return;
  std::vector<std::vector<size_t>> needs(n);
  std::vector<int> maker(p.values.size(), -1);
  int effect = -1;                           // the last one
  for (size_t i = 0; i < n; ++i) {
    const Instruction& c = p.code[i];
    for (int v : c.in)
      if (const int m = maker[static_cast<size_t>(v)]; m >= 0) needs[i].push_back(static_cast<size_t>(m));
    for (int v : c.out) maker[static_cast<size_t>(v)] = static_cast<int>(i);
    if (!c.must_run && !c.counter && effect_of(*c.op, c.attrs) == Effect::none) continue;
    if (effect >= 0) needs[i].push_back(static_cast<size_t>(effect));
    effect = static_cast<int>(i);
  }
  std::vector<bool> done(n);
  std::vector<Instruction> ordered;
  for (size_t i = 0; i < n; ++i) {
    if (done[i] || !meets(p.code[i])) continue;
    std::vector<bool> wanted(n);
    wanted[i] = true;
    for (size_t k = i + 1; k-- > 0;)         // whatever is needed lies before
      if (wanted[k] && !done[k])
        for (size_t need : needs[k]) wanted[need] = true;
    for (size_t k = 0; k <= i; ++k)
      if (wanted[k] && !done[k]) {
        ordered.push_back(std::move(p.code[k]));
        done[k] = true;
      }
  }
  for (size_t k = 0; k < n; ++k)
    if (!done[k]) ordered.push_back(std::move(p.code[k]));
  p.code = std::move(ordered);
}

}  // namespace ninefold::graph
