// In: a chain of element-wise ops. Out: one pass over memory; what lies between stays in the first-level
// cache, a tile of 512 elements at a time, through the same loops that run the ops alone.
//
//   Program p;                                          // tanh(v * 2 + 1) * sigmoid(v) + v
//   int v = p.input(dt_float), two = p.constant(dt_float, 2), one = p.constant(dt_float, 1);
//   int t = p.apply("Tanh", {p.apply("AddV2", {p.apply("Mul", {v, two}), one})});
//   p.output(p.apply("AddV2", {p.apply("Mul", {t, p.apply("Sigmoid", {v})}), v}));
//   p.finish();
//   fused_run(p, inputs, outputs, 0, n, n);             // or a range a thread, begin to end
//
// half and bfloat16 inputs compute in float and are rounded once, where an output asks for them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "engine/op/elementwise/kernels.h"

namespace ninefold::elementwise {

// How an input meets the [rows, columns] of the run.
enum class Layout : uint8_t {
  full,    // rows * columns elements
  scalar,  // one element
  row,     // columns elements, the same for every row (a bias)
  column,  // rows elements, one for a whole row (a row's maximum)
};

class Program {
 public:
  // Each returns a register. Inputs and outputs are numbered in the order of these calls.
  int input(int dtype, Layout layout = Layout::full);
  int constant(int dtype, double value);
  int apply(std::string_view op, std::initializer_list<int> operands) { return apply(body(op), operands); }
  int apply(const Body& op, std::initializer_list<int> operands);
  // Any loop of the same form, for instance a cast; out_dtype is a compute dtype or bool.
  int apply(Loop loop, int out_dtype, std::initializer_list<int> operands);
  // Stores a register; as dtype where its values were computed wider (half from float). 0: as it is.
  void output(int reg, int dtype = 0);
  void finish();  // gives registers their buffers; nothing may be added afterwards

  int dtype(int reg) const { return regs_[reg].dtype; }
  int inputs() const { return static_cast<int>(inputs_.size()); }
  int outputs() const { return static_cast<int>(outputs_.size()); }
  int buffers() const { return buffers_; }

 private:
  friend Fault fused_run(const Program&, const void* const*, void* const*, int64_t, int64_t, int64_t);
  struct Register { int dtype; int buffer; };  // buffer -1: the input's or output's own memory
  struct Input { int reg, dtype; Layout layout; };
  struct Output { int reg, dtype; bool direct; };  // direct: the last instruction writes to it
  struct Constant { int reg; alignas(8) char value[8]; };
  struct Step { Loop loop; FaultLoop fault; int dst, operands, src[max_operands]; };
  int add(int dtype);

  std::vector<Register> regs_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<Constant> constants_;
  std::vector<Step> steps_;
  int buffers_ = 0;
  bool by_row_ = false, finished_ = false;
};

// Elements [begin, end) of the flattened [rows, columns]; begin and end are whole rows if an input has
// layout row or column. A full input may be an output, if both have one dtype. Thread-safe.
Fault fused_run(const Program& program, const void* const* inputs, void* const* outputs, int64_t begin,
                int64_t end, int64_t columns);

}  // namespace ninefold::elementwise
