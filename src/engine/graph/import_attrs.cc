// In: attributes as a file has them. Out: attributes of a record, or an error that names node, op and attribute.
#include <algorithm>

#include "base/check.h"
#include "engine/graph/import.h"

namespace ninefold::graph {
namespace {

template <class T>
const T& as(const wire::AttrValue& v, const AttrDef& d, const std::string& context) {
  const T* held = std::get_if<T>(&v.value);
  check(held != nullptr, Code::invalid_argument, "{}: attribute '{}' holds a value of another kind than the op's", context,
        d.name);
  return *held;
}

// Attributes that say how TensorFlow computes, not what: any value does.
bool without_meaning(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "use_locking", "validate_indices", "use_cudnn_on_gpu", "parallel_iterations", "swap_memory", "container",
      "shared_name", "use_node_name_sharing", "debug_name", "allowed_devices", "config", "config_proto",
      "executor_type", "validate_shape", "is_training_hint", "mutable_variable", "lower_using_switch_merge"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// The value with which TensorFlow's op does what ours always does.
bool says_nothing(const std::string& op, const std::string& name, const wire::AttrValue& v) {
  if (name.starts_with('_') || without_meaning(name)) return true;
  if (const bool* flag = std::get_if<bool>(&v.value)) return !*flag;
  if (const std::string* text = std::get_if<std::string>(&v.value))
    return text->empty() || (name == "data_format" && (*text == "NHWC" || *text == "NDHWC" || *text == "N...C"));
  if (const wire::AttrList* list = std::get_if<wire::AttrList>(&v.value)) {
    if (name == "dilations") return std::all_of(list->i.begin(), list->i.end(), [](int64_t x) { return x == 1; });
    return list->s.empty() && list->i.empty() && list->f.empty() && list->b.empty() && list->type.empty() &&
           list->shape.empty() && list->tensor.empty() && list->func.empty();
  }
  if (const int64_t* whole = std::get_if<int64_t>(&v.value)) return *whole == 0;
  if (const float* number = std::get_if<float>(&v.value)) return *number == 0;
  return std::holds_alternative<std::monostate>(v.value) || op.empty();
}

}  // namespace

DType dtype_from_wire(int number, const std::string& context) {
  if (number > 100) number -= 100;   // a reference to a variable of old graphs
  check(number > 0 && number < kDTypes, Code::invalid_argument, "{}: there is no dtype {}", context, number);
  return static_cast<DType>(number);
}

Shape shape_from_wire(const wire::Shape& shape, const std::string& context) {
  if (shape.unknown_rank) return Shape::unknown();
  check(shape.dims.size() <= 254, Code::invalid_argument, "{}: a shape of {} dimensions; TensorFlow has at most 254", context,
        shape.dims.size());
  for (int64_t d : shape.dims)
    check(d >= -1, Code::invalid_argument, "{}: a dimension of {}; expected at least -1", context, d);
  return Shape(shape.dims);
}

Tensor tensor_from_wire(const wire::Tensor& t, const std::string& context) {
  const DType dtype = dtype_from_wire(t.dtype, context);
  const Shape shape = shape_from_wire(t.shape, context);
  check(shape.fully_known(), Code::invalid_argument, "{}: a constant of shape {}", context, shape.tuple());
  const int64_t count = wire::element_count(t.shape);
  if (dtype == DType::string) {
    check(count <= (int64_t{1} << 26), Code::resource_exhausted, "{}: a constant of {} strings", context, count);
    check(static_cast<int64_t>(t.strings.size()) <= count, Code::invalid_argument, "{}: {} strings for a constant of shape {}",
          context, t.strings.size(), shape.tuple());
    std::vector<std::string> all = t.strings;
    all.resize(static_cast<size_t>(count), all.empty() ? std::string() : std::string(all.back()));
    return Tensor::of_strings(shape, std::move(all));
  }
  check(is_plain(dtype), Code::unimplemented, "{}: a constant of dtype {} cannot be read", context, name_of(dtype));
  const std::string content = wire::dense_content(t);
  const Tensor made = Tensor::empty(dtype, shape);
  check(content.size() == made.bytes(), Code::invalid_argument, "{}: {} bytes for a constant of {} {} elements", context,
        content.size(), count, name_of(dtype));
  if (!content.empty()) std::memcpy(made.writable(), content.data(), content.size());
  return made;
}

Attr attr_from_wire(const AttrDef& d, const wire::AttrValue& v, const std::string& context) {
  check(!std::holds_alternative<wire::Placeholder>(v.value), Code::unimplemented,
        "{}: attribute '{}' is a parameter of its function; only functions with fixed types can be imported", context, d.name);
  const auto list = [&]() -> wire::AttrList {
    return std::holds_alternative<std::monostate>(v.value) ? wire::AttrList{} : as<wire::AttrList>(v, d, context);
  };
  switch (d.kind) {
    case AttrKind::type: return dtype_from_wire(as<wire::Type>(v, d, context).number, context);
    case AttrKind::integer: return as<int64_t>(v, d, context);
    case AttrKind::number: return static_cast<double>(as<float>(v, d, context));
    case AttrKind::flag: return as<bool>(v, d, context);
    case AttrKind::text: return as<std::string>(v, d, context);
    case AttrKind::shape: return shape_from_wire(as<wire::Shape>(v, d, context), context);
    case AttrKind::tensor: return tensor_from_wire(as<wire::Tensor>(v, d, context), context);
    case AttrKind::list_integer: return list().i;
    case AttrKind::list_flag: return list().b;
    case AttrKind::list_text: return list().s;
    case AttrKind::list_number: {
      const wire::AttrList l = list();
      return std::vector<double>(l.f.begin(), l.f.end());
    }
    case AttrKind::list_type: {
      std::vector<DType> out;
      for (int number : list().type) out.push_back(dtype_from_wire(number, context));
      return out;
    }
    case AttrKind::list_shape: {
      std::vector<Shape> out;
      for (const wire::Shape& s : list().shape) out.push_back(shape_from_wire(s, context));
      return out;
    }
    case AttrKind::func:
    case AttrKind::list_func: break;
  }
  fail(Code::unimplemented, "{}: attribute '{}' is a function, which only calls, branches and loops may have", context, d.name);
}

Attrs attrs_from_wire(const Op& op, const wire::NodeDef& node, const std::string& context) {
  const OpDef& d = def(op);
  std::vector<NamedAttr> named;
  for (const auto& [name, value] : node.attr) {
    const int slot = d.slot(name);
    if (slot >= 0) {
      named.emplace_back(std::string_view(name), attr_from_wire(d.attrs[static_cast<size_t>(slot)], value, context));
      continue;
    }
    check(says_nothing(node.op, name, value), Code::unimplemented,
          "{}: attribute '{}' has a value that this op of Ninefold has no form for; export the model without it", context,
          name);
  }
  try {
    return Attrs(op, named);
  } catch (const Error& e) {
    throw e.within(context);
  }
}

}  // namespace ninefold::graph
