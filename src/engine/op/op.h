// In: what one file says of an op. Out: the record that everything else asks: dispatch, traces, files, pages.
#pragma once

#include <string>
#include <vector>

#include "ninefold/ops.h"

namespace ninefold {

class ShapeCtx;
class GradCtx;
class KernelCtx;

// What an op does besides computing its outputs. A pass moves or drops a node only where these allow it.
enum class Effect : uint8_t {
  none,       // a function of its inputs: may be deduplicated, dropped, folded
  reads,      // reads the resource it is given
  writes,     // writes the resource it is given
  random,     // moves a counter of its own: may be dropped, never merged
  world,      // print, assert, files, Python: ordered among each other, never dropped
};

struct Op {
  std::string name;                       // "MatMul"
  std::vector<std::string> inputs;        // "a: T", "values: N * T", "args: Tin", "shape: int32"
  std::vector<std::string> outputs;       // the same grammar
  std::vector<std::string> attrs;         // "T: numeric", "N: int >= 1", "transpose_a: bool = false"
  std::string doc;
  void (*shape)(ShapeCtx&) = nullptr;
  void (*grad)(GradCtx&) = nullptr;       // null: not differentiable (a tape that needs it raises LookupError)
  Effect effect = Effect::none;
  std::vector<std::string> host = {};     // inputs that kernels read on the host on any device: axes, shapes
  bool elementwise = false;               // output element i depends on input elements i only (after broadcast)
  bool in_place = false;                  // output 0 may share input 0's memory
  bool foldable = true;                   // may be computed while planning if all inputs are known
  bool stops_gradient = false;            // gradient is zero by definition (comparisons, Shape, ...)
  // What the gradient reads: input and output names. The rest is freed after the forward pass. "*": all.
  std::vector<std::string> grad_reads = {"*"};
  bool view = false;                      // output 0 is the bytes of input 0 under another shape: plans move nothing
  bool shape_only = false;                // outputs follow from the inputs' shapes alone: plans compute them early
};

// ---- the parsed signature -----------------------------------------------------------------------

enum class AttrKind : uint8_t { type, integer, number, flag, text, shape, tensor, func,
                                list_type, list_integer, list_number, list_flag, list_text, list_shape, list_func };
struct AttrDef {
  std::string name;
  AttrKind kind;
  std::vector<DType> allowed;             // types only; empty: any
  std::vector<std::string> allowed_text;  // strings only
  bool has_default = false, inferred = false;
  Attr fallback;
  bool has_minimum = false;
  int64_t minimum = 0;
};
struct ArgDef {
  std::string name;
  DType fixed = DType::invalid;           // or
  int type_attr = -1;                     // slot of its type attribute, or
  int list_attr = -1;                     // slot of a list(type) attribute
  int count_attr = -1;                    // slot of N for "N * T"
  bool host = false;
};
struct OpDef {
  std::vector<ArgDef> inputs, outputs;
  std::vector<AttrDef> attrs;
  int key_attr = -1;                      // the type attribute that selects the kernel: the first one
  int slot(std::string_view attr) const;  // -1 if there is none
  int input(std::string_view name) const;
  int output(std::string_view name) const;
  bool plain = true;                      // one tensor an argument: index of argument = index of tensor
};
const OpDef& def(const Op&);

// ---- kernels --------------------------------------------------------------------------------------

using KernelFn = void (*)(KernelCtx&);
// A kernel may prepare once for its shapes (JIT code, packing): the state lives in the plan's thunk, or in
// a small cache of the eager path.
struct KernelState { virtual ~KernelState() = default; };
using PrepareFn = std::unique_ptr<KernelState> (*)(KernelCtx&);
struct Kernel {
  KernelFn run = nullptr;
  PrepareFn prepare = nullptr;
};
// Null if there is none for that dtype on that device type.
const Kernel* find_kernel(const Op&, DType key, std::string_view device_type);
// The dtype that selects the kernel (invalid for ops without a type attribute).
DType kernel_key(const Op&, const Attrs&);

// ---- registration -----------------------------------------------------------------------------------

struct Registrar {
  explicit Registrar(const Op& op);
  explicit Registrar(const Function& function);
  Registrar(const Op& op, const char* device_type, Kernel kernel, std::initializer_list<DType> keys);
};
#define NINEFOLD_JOIN_(a, b) a##b
#define NINEFOLD_JOIN(a, b) NINEFOLD_JOIN_(a, b)
#define NINEFOLD_REGISTER(record) static const ::ninefold::Registrar NINEFOLD_JOIN(reg_, __COUNTER__){record}
// NINEFOLD_KERNEL(mat_mul, "CPU", (Kernel{mat_mul_cpu}), DType::f32, DType::f64);  no dtype listed: any key
#define NINEFOLD_KERNEL(op, device, kernel, ...) \
  static const ::ninefold::Registrar NINEFOLD_JOIN(reg_, __COUNTER__){op, device, kernel, {__VA_ARGS__}}

}  // namespace ninefold
