// In: attributes and inputs that an op's record does not allow. Out: TensorFlow's errors, which show the record.
#include "engine/op/not_allowed.h"

#include <algorithm>

#include "base/check.h"

namespace ninefold {
namespace {

std::string listed(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}
std::string enum_name(DType d) {
  std::string out = "DT_" + std::string(short_name(d));
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

std::string argument(const OpDef& d, const ArgDef& a) {
  const auto attr = [&](int slot) { return d.attrs[static_cast<size_t>(slot)].name; };
  if (a.list_attr >= 0) return a.name + ":" + attr(a.list_attr);
  const std::string type = a.type_attr >= 0 ? attr(a.type_attr) : short_name(a.fixed);
  return a.name + ":" + (a.count_attr >= 0 ? attr(a.count_attr) + "*" : "") + type;
}
std::string arguments(const OpDef& d, const std::vector<ArgDef>& all) {
  std::vector<std::string> items;
  for (const ArgDef& a : all) items.push_back(argument(d, a));
  return listed(items);
}

std::string kind_name(AttrKind k) {
  static constexpr const char* names[] = {"type", "int", "float", "bool", "string", "shape", "tensor", "func", "list(type)",
                                          "list(int)", "list(float)", "list(bool)", "list(string)", "list(shape)", "list(func)"};
  return names[static_cast<size_t>(k)];
}

struct Shown {
  std::string operator()(int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return fmt::format("{}", static_cast<float>(v)); }
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(DType v) const { return enum_name(v); }
  std::string operator()(const std::string& v) const { return "\"" + v + "\""; }
  std::string operator()(const Shape& v) const { return v.str(); }
  template <class T> std::string operator()(const std::vector<T>& v) const {
    std::vector<std::string> items;
    for (size_t i = 0; i < v.size(); ++i) items.push_back((*this)(static_cast<T>(v[i])));
    return "[" + listed(items) + "]";
  }
  template <class T> std::string operator()(const T&) const { return "?"; }   // tensors and functions have no short form
};

std::string attribute(const AttrDef& a) {
  std::string out = "; attr=" + a.name + ":" + kind_name(a.kind);
  if (a.has_default) out += ",default=" + std::visit(Shown(), a.fallback);
  if (a.has_minimum) out += ",min=" + std::to_string(a.minimum);
  if (!a.allowed.empty()) out += ",allowed=" + Shown()(a.allowed);
  if (!a.allowed_text.empty()) out += ",allowed=" + Shown()(a.allowed_text);
  return out;
}

}  // namespace

void attr_not_allowed(const Op& op, const AttrDef& attr, const std::string& got) {
  std::vector<std::string> allowed;
  for (DType t : attr.allowed) allowed.push_back(short_name(t));
  for (const std::string& t : attr.allowed_text) allowed.push_back("\"" + t + "\"");
  const OpDef& d = def(op);
  std::string attrs;
  for (const AttrDef& a : d.attrs) attrs += attribute(a);
  fail(Code::invalid_argument,
       "Value for attr '{0}' of {1} is not in the list of allowed values: {2}\n\t; NodeDef: {{{{node {3}}}}}; Op<name={3}; "
       "signature={4} -> {5}{6}> [Op:{3}]",
       attr.name, got, listed(allowed), op.name, arguments(d, d.inputs), arguments(d, d.outputs), attrs);
}

void input_not_allowed(const ArgDef& input, const AttrDef& attr, DType got) {
  std::vector<std::string> allowed;
  for (DType t : attr.allowed) allowed.push_back(name_of(t));
  fail(Code::type, "Value passed to parameter '{}' has DataType {} not in list of allowed values: {}", input.name, name_of(got),
       listed(allowed));
}

void input_mistyped(const Op& op, const OpDef& d, const ArgDef& input, DType expected, DType got, std::span<const Tensor> parts) {
  if (input.count_attr >= 0) {   // one of several: all are named
    std::vector<std::string> types;
    for (const Tensor& t : parts) types.push_back(name_of(t.dtype()));
    fail(Code::type, "Tensors in list passed to '{}' of '{}' Op have types [{}] that {}.", input.name, op.name, listed(types),
         input.fixed == DType::invalid ? "don't all match" : "do not match expected type " + std::string(name_of(input.fixed)));
  }
  const std::string start = fmt::format("Input '{}' of '{}' Op has type {} that does not match ", input.name, op.name, name_of(got));
  const auto first = std::find_if(d.inputs.begin(), d.inputs.end(),
                                  [&](const ArgDef& a) { return input.type_attr >= 0 && a.type_attr == input.type_attr; });
  if (first == d.inputs.end()) fail(Code::type, "{}expected type of {}.", start, name_of(expected));
  fail(Code::type, "{}type {} of argument '{}'.", start, name_of(expected), first->name);
}

}  // namespace ninefold
