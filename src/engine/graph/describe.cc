// In: an op's record. Out: what it says, for those who know no records: tf.raw_ops, tests of all ops.
#include <algorithm>

#include "base/log.h"
#include "engine/op/op.h"
#include "ninefold/function.h"

namespace ninefold {

void set_print_sink(void (*sink)(std::string_view)) { to_print_sink(sink); }

OpDescription describe(const Op& op) {
  static constexpr const char* effects[] = {"none", "reads", "writes", "random", "world"};
  OpDescription d{op.inputs, op.outputs, op.attrs, {}, op.doc, effects[static_cast<size_t>(op.effect)],
                  op.grad != nullptr, op.elementwise};
  const int slot = def(op).key_attr;
  if (slot < 0) return d;
  const std::vector<DType>& allowed = def(op).attrs[static_cast<size_t>(slot)].allowed;
  for (int i = 0; i < kDTypes; ++i) {
    const auto key = static_cast<DType>(i);
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), key) == allowed.end()) continue;
    if (find_kernel(op, key, "CPU")) d.dtypes.push_back(key);
  }
  return d;
}

}  // namespace ninefold
