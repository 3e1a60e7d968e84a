// In: an op's name, a dtype, raw pointers. Out: the op computed over contiguous runs, by the best
// instruction set of this CPU. Broadcasting is device/cpu/elementwise.h; fusing is fused.h; how an op is
// added is in spec.h.
//
//   const Body& add = elementwise::body("AddV2");
//   const void* in[] = {a, b};
//   Fault f = add.run(dt_float, out, in, n);          // n contiguous elements of each operand
//   const uint8_t step[] = {1, 0};                    // b is one scalar
//   add.run(dt_float, out, in, n, step);
//   if (f) check(false, Code::invalid_argument, "{}", add.fault_text);   // "Integer division by zero"
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/simd/isa.h"
#include "engine/op/elementwise/spec.h"

namespace ninefold::elementwise {

using simd::Isa;

// Computes n elements; every operand is contiguous. out may be one of the inputs.
using Loop = void (*)(void* out, const void* const* in, int64_t n);
// True iff an input among n is at fault.
using FaultLoop = bool (*)(const void* const* in, int64_t n);
// Set iff an input was at fault; the output is then defined but meaningless.
using Fault = bool;

inline constexpr int max_operands = 3;

struct Body {
  const char* name = "";
  const char* formula = "";
  const char* fault_text = "";  // TensorFlow's message for a fault
  int index = 0;                // place in bodies(), the opcode of fused programs
  int operands = 0;
  bool first_is_condition = false;  // operand 0 is bool, whatever the dtype
  // By dtype. A dtype without a loop of its own computes in another (half in float, int8 in int32).
  Loop loop[dtype_count] = {};
  FaultLoop fault[dtype_count] = {};
  uint8_t out[dtype_count] = {};      // dtype of the output for each dtype with a loop
  bool defined[dtype_count] = {};     // the op exists for this dtype

  bool supports(int dtype) const { return dtype >= 0 && dtype < dtype_count && defined[dtype]; }
  int out_dtype(int dtype) const;
  int operand_dtype(int operand, int dtype) const { return operand == 0 && first_is_condition ? dt_bool : dtype; }
  // step[i] is 1 for a contiguous operand, 0 for one scalar; null means all 1.
  // out may be an input of the same element size whose step is 1.
  Fault run(int dtype, void* out, const void* const* in, int64_t n, const uint8_t* step = nullptr) const;
};

// The table of one instruction set, in the order of the family files; null name or dtype never occurs.
const std::vector<Body>& bodies(Isa isa);
inline const std::vector<Body>& bodies() { return bodies(simd::best_isa()); }
// Null iff no element-wise op has this name.
const Body* find_body(std::string_view name);
const Body* find_body(std::string_view name, Isa isa);
// An unknown name here is our bug.
const Body& body(std::string_view name);

// The dtype that loops of a dtype compute in: float for half and bfloat16, int32 for narrow integers,
// int64 for uint32; the dtype itself otherwise.
int compute_dtype(int dtype);
size_t element_size(int dtype);  // 0 for a dtype that has no fixed size

// Between a narrow dtype and its compute_dtype, n contiguous elements.
void widen(int dtype, void* to, const void* from, int64_t n);
void narrow(int dtype, void* to, const void* from, int64_t n);

// Elements of a tile: four operands of doubles stay in a 32 KB first-level cache.
inline constexpr int tile = 512;

}  // namespace ninefold::elementwise
