// In: an op, its inputs, the device that is wished for. Out: where it runs, by which kernel, with its inputs there.
#pragma once

#include <atomic>
#include <functional>

#include "engine/op/kernel_ctx.h"
#include "engine/tensor/accelerator.h"

namespace ninefold {

class VariableResource;

struct Place {
  Device* device;
  const Kernel* kernel;
  bool moves_inputs;       // false: the kernel takes its inputs wherever they lie
};

// The rules, in order:
//  1. The device of the scope, else the replica's, else the first GPU; without a wish, that of a variable which lies on a GPU.
//  2. int32 without a wish stays with the host if all inputs are there: shapes, axes and counters are computed where
//     they are read, as in TensorFlow, whose int32 kernels keep their memory on the host.
//  3. Ops that look at no element (views, calls, handles) run where their inputs lie.
//  4. An op that lacks a kernel there runs on the CPU, if placement is soft or nobody wished; else it is an error.
Place place(const Op&, const Attrs&, std::span<const Tensor> inputs);

// The default device of this thread's replica; null: the first GPU.
Device*& home_device();
// By the first rule alone; null: the CPU. Asked for what has no op of its own: chains of ops, memory of lists.
Device* preferred_device();

// While one lives, ops that nobody wishes elsewhere run on the device of this name: a replica's own. "" or a device that is
// not there: nothing changes.
class AtHome {
 public:
  explicit AtHome(const std::string& name);
  ~AtHome();
  AtHome(const AtHome&) = delete;

 private:
  Device *wish_, *home_;
};

// Whether somebody wants to read where ops run, and the line of one.
extern std::atomic<bool> placement_is_told;
void tell_placement(const Op&, const Device&);

// The inputs where the kernel reads them: those that the record marks host, and all for a CPU's kernel, on the host;
// variables that a CPU's kernel changes move there. Kernels of element-wise ops take scalars from the host.
Tensors placed_inputs(const Op&, const Place&, std::span<const Tensor> inputs);

// The variable's value lies there from now on; does nothing where it has none, or its elements are no bytes.
void move_variable(VariableResource&, Device&);
// What a variable begins with, where ops on it will run: numbers with a fraction go to the GPU.
Tensor first_value(const Tensor&);

// ---- told when a GPU appears (device/cuda/library.h: AtStart), by name: records lie in files of their own ----

// A kernel for GPUs; does nothing for dtypes that the record does not allow.
void add_gpu_kernel(std::string_view op, Kernel, std::span<const DType> keys);
// The CPU's kernel of this op looks at no element of its inputs, or finds them itself.
void runs_anywhere(std::string_view op);
bool is_anywhere(const Op&);

}  // namespace ninefold
