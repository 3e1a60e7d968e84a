// In: nothing. Out: the loops of all update rules for one instruction set.
#include "engine/device/cpu/update_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

template <int rule = 0>
void fill(UpdateTable& t) {
  if constexpr (rule < static_cast<int>(Update::count)) {
    t.of[0][rule] = loop<static_cast<Update>(rule), float>;
    t.of[1][rule] = loop<static_cast<Update>(rule), double>;
    fill<rule + 1>(t);
  }
}

}  // namespace

void add_updates(UpdateTable& t) { fill(t); }

}  // namespace ninefold::cpu::NINEFOLD_ISA
