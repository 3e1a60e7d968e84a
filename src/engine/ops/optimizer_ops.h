// In: an optimizer's op and its inputs. Out: which rule it is, and which input is what; for the kernels of both devices.
#pragma once

#include <vector>

#include "engine/device/update_rules.h"
#include "engine/ops/written_variables.h"

namespace ninefold::ops {

struct Optimizer {
  Op op;
  Scalars scalars;
  Update plain, flagged;                         // without and with its flag
  std::string flag;                              // empty: it has none
};
std::vector<const Optimizer*>& optimizers();
const Optimizer& optimizer_of(const Op&);
bool takes_complex(const Optimizer&);

struct StepInputs : KernelState {
  explicit StepInputs(const KernelCtx&);
  // Dtypes and shapes fit one another; the values of indices are not looked at.
  void check(const KernelCtx&, const WrittenVariables&) const;
  const Optimizer& optimizer;
  int states = 0, gradient = -1, indices = -1, scalars = 0;
  int scalar[kUpdateScalars];
};

}  // namespace ninefold::ops
