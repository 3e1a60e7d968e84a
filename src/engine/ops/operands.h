// In: a public function's arguments as Python gave them. Out: tensors, converted by TensorFlow's rules.
#pragma once

#include <initializer_list>
#include <string_view>

#include "engine/op/op.h"

namespace ninefold::ops {

// One argument; numbers and lists take `like` (invalid: what tf.constant would make of them).
Tensor operand(const Args& a, std::string_view name, DType like = DType::invalid);
// Numbers take `hint` if they fit it, else their own dtype, as convert_to_tensor's dtype_hint.
Tensor operand_hinted(const Args& a, std::string_view name, DType hint);
// Arguments of one dtype: that of the first tensor among them, else of the first argument.
Tensors operands(const Args& a, std::initializer_list<std::string_view> names);
bool is_tensor(const Value& v);

// A public function that is one op: its arguments are the op's inputs, in order, all of one dtype.
struct OpFunction {
  OpFunction(const char* op, std::vector<std::string> names, std::string signature, std::string doc);
  struct Record : Function { const char* op; };
  const Record record;
  const Registrar known;
};

}  // namespace ninefold::ops
