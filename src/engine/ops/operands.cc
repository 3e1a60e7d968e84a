// In: a public function's arguments as Python gave them. Out: tensors, converted by TensorFlow's rules.
#include "engine/ops/operands.h"

#include "base/check.h"

namespace ninefold::ops {

bool is_tensor(const Value& v) { return v.get<Tensor>() || v.get<Variable>(); }

Tensor operand(const Args& a, std::string_view name, DType like) {
  const Value& v = a[name];
  check(!v.none(), Code::value,
        "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.");
  return is_tensor(v) ? a.tensor(name) : to_tensor(v, like);
}

Tensor operand_hinted(const Args& a, std::string_view name, DType hint) {
  if (is_tensor(a[name])) return a.tensor(name);
  try {
    return operand(a, name, hint);
  } catch (const Error& e) {
    if (e.code() != Code::type && e.code() != Code::value) throw;
    return operand(a, name);
  }
}

Tensors operands(const Args& a, std::initializer_list<std::string_view> names) {
  DType like = DType::invalid;
  for (std::string_view n : names) {
    const Value& v = a[n];
    if (const Tensor* t = v.get<Tensor>()) like = t->dtype();
    else if (const Variable* x = v.get<Variable>()) like = x->dtype();
    if (like != DType::invalid) break;
  }
  Tensors out;
  for (std::string_view n : names) {
    out.push_back(operand(a, n, like));
    if (like == DType::invalid) like = out.back().dtype();
  }
  return out;
}

namespace {
Value call_op(Args& a) {
  const auto& record = static_cast<const OpFunction::Record&>(a.function());
  const std::vector<ArgDef>& inputs = def(find_op(record.op)).inputs;
  const auto& parameters = parameters_of(record);
  switch (inputs.size()) {
    case 1: return op(record.op, {operand(a, parameters[0].name, inputs[0].fixed)});
    case 2: return op_all(record.op, operands(a, {parameters[0].name, parameters[1].name})).at(0);
    default: return op_all(record.op, operands(a, {parameters[0].name, parameters[1].name, parameters[2].name})).at(0);
  }
}
}  // namespace

OpFunction::OpFunction(const char* op, std::vector<std::string> names, std::string signature, std::string doc)
    : record{{std::move(names), std::move(signature), std::move(doc), call_op}, op}, known(record) {}

}  // namespace ninefold::ops
