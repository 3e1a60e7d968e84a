// In: graph messages as structs. Out: protobuf bytes, the same for the same structs.
#include <bit>
#include <cstring>
#include <protozero/pbf_writer.hpp>

#include "base/check.h"
#include "base/wire.h"

static_assert(std::endian::native == std::endian::little, "tensor content is copied as it lies in memory");

namespace ninefold::wire {
namespace {

// A writer appends to one string. protozero leaves out a submessage that stays empty; in TensorFlow's
// messages presence matters (the shape of a scalar, an attribute without value), so message() writes it.
class Out {
 public:
  explicit Out(std::string& data) : data_(data), pbf_(data) {}

  template <class F>
  void message(std::uint32_t tag, F&& fill) {
    const std::size_t before = data_.size();
    {
      protozero::pbf_writer sub(pbf_, tag);
      Out out(data_, std::move(sub));
      fill(out);
      sub = std::move(out.pbf_);
    }
    if (data_.size() == before) pbf_.add_message(tag, "", 0);
  }
  void bytes(std::uint32_t tag, const std::string& value) {  // left out when empty, as proto3 does
    if (!value.empty()) pbf_.add_bytes(tag, value);
  }
  void each(std::uint32_t tag, const std::vector<std::string>& values) {
    for (const std::string& value : values) pbf_.add_bytes(tag, value);
  }
  void integer(std::uint32_t tag, std::int64_t value) {
    if (value != 0) pbf_.add_int64(tag, value);
  }
  protozero::pbf_writer& pbf() { return pbf_; }

 private:
  Out(std::string& data, protozero::pbf_writer&& pbf) : data_(data), pbf_(std::move(pbf)) {}
  std::string& data_;
  protozero::pbf_writer pbf_;
};

void put(Out& out, const AttrValue& attr);

void put(Out& out, const Shape& shape) {
  for (const std::int64_t size : shape.dims) {
    out.message(2, [&](Out& dim) { dim.integer(1, size); });
  }
  if (shape.unknown_rank) out.pbf().add_bool(3, true);
}

template <class T>
std::vector<T> elements(const std::string& content) {
  std::vector<T> values(content.size() / sizeof(T));
  std::memcpy(values.data(), content.data(), values.size() * sizeof(T));
  return values;
}
template <class T>
void put_integers(Out& out, std::uint32_t tag, const std::string& content) {
  const std::vector<T> values = elements<T>(content);
  out.pbf().add_packed_int64(tag, values.begin(), values.end());
}

void put_typed(Out& out, const Tensor& tensor) {
  const std::string& content = tensor.content;
  switch (tensor.dtype) {
    case 1: case 8: {
      const auto values = elements<float>(content);
      return out.pbf().add_packed_float(tensor.dtype == 1 ? 5 : 9, values.begin(), values.end());
    }
    case 2: case 18: {
      const auto values = elements<double>(content);
      return out.pbf().add_packed_double(tensor.dtype == 2 ? 6 : 12, values.begin(), values.end());
    }
    case 3: case 13: return put_integers<std::int32_t>(out, 7, content);
    case 4: case 12: return put_integers<std::uint8_t>(out, 7, content);
    case 5: case 15: return put_integers<std::int16_t>(out, 7, content);
    case 6: case 11: return put_integers<std::int8_t>(out, 7, content);
    case 16: case 17: return put_integers<std::uint16_t>(out, 7, content);
    case 9: return put_integers<std::int64_t>(out, 10, content);
    case 10: return put_integers<std::uint8_t>(out, 11, content);
    case 14: case 19: return put_integers<std::uint16_t>(out, 13, content);
    case 22: return put_integers<std::uint32_t>(out, 16, content);
    case 23: {
      const auto values = elements<std::uint64_t>(content);
      return out.pbf().add_packed_uint64(17, values.begin(), values.end());
    }
    default: out.bytes(4, content);
  }
}

void put(Out& out, const Tensor& tensor) {
  out.integer(1, tensor.dtype);
  out.message(2, [&](Out& shape) { put(shape, tensor.shape); });
  if (!tensor.content.empty()) {
    if (tensor.typed_fields) put_typed(out, tensor);
    else out.bytes(4, tensor.content);
  }
  out.each(8, tensor.strings);
  out.each(14, tensor.resources);
  out.each(15, tensor.variants);
}

void put_map(Out& out, std::uint32_t tag, const AttrMap& attrs) {
  for (const auto& [key, value] : attrs) {
    out.message(tag, [&](Out& entry) {
      entry.pbf().add_bytes(1, key);
      entry.message(2, [&](Out& attr) { put(attr, value); });
    });
  }
}

void put_map(Out& out, std::uint32_t tag, const std::map<std::string, std::string>& values) {
  for (const auto& [key, value] : values) {
    out.message(tag, [&](Out& entry) {
      entry.pbf().add_bytes(1, key);
      entry.pbf().add_bytes(2, value);
    });
  }
}

void put(Out& out, const NameAttrs& func) {
  out.bytes(1, func.name);
  put_map(out, 2, func.attr);
}

void put(Out& out, const AttrList& list) {
  out.each(2, list.s);
  out.pbf().add_packed_int64(3, list.i.begin(), list.i.end());
  out.pbf().add_packed_float(4, list.f.begin(), list.f.end());
  out.pbf().add_packed_bool(5, list.b.begin(), list.b.end());
  out.pbf().add_packed_enum(6, list.type.begin(), list.type.end());
  for (const Shape& shape : list.shape) out.message(7, [&](Out& one) { put(one, shape); });
  for (const Tensor& tensor : list.tensor) out.message(8, [&](Out& one) { put(one, tensor); });
  for (const NameAttrs& func : list.func) out.message(9, [&](Out& one) { put(one, func); });
}

// The kinds are a oneof: what is set is written even when it is zero or empty.
void put(Out& out, const AttrValue& attr) {
  struct Kinds {
    Out& out;
    void operator()(std::monostate) const {}
    void operator()(const std::string& value) const { out.pbf().add_bytes(2, value); }
    void operator()(std::int64_t value) const { out.pbf().add_int64(3, value); }
    void operator()(float value) const { out.pbf().add_float(4, value); }
    void operator()(bool value) const { out.pbf().add_bool(5, value); }
    void operator()(Type value) const { out.pbf().add_enum(6, value.number); }
    void operator()(const Shape& value) const { out.message(7, [&](Out& sub) { put(sub, value); }); }
    void operator()(const Tensor& value) const { out.message(8, [&](Out& sub) { put(sub, value); }); }
    void operator()(const AttrList& value) const { out.message(1, [&](Out& sub) { put(sub, value); }); }
    void operator()(const NameAttrs& value) const { out.message(10, [&](Out& sub) { put(sub, value); }); }
    void operator()(const Placeholder& value) const { out.pbf().add_bytes(9, value.name); }
  };
  std::visit(Kinds{out}, attr.value);
}

void put(Out& out, const NodeDef& node) {
  out.bytes(1, node.name);
  out.bytes(2, node.op);
  out.each(3, node.input);
  out.bytes(4, node.device);
  put_map(out, 5, node.attr);
  out.bytes(6, node.debug_info);
  out.bytes(7, node.full_type);
}

void put(Out& out, const ArgDef& arg) {
  out.bytes(1, arg.name);
  out.bytes(2, arg.description);
  out.integer(3, arg.type);
  out.bytes(4, arg.type_attr);
  out.bytes(5, arg.number_attr);
  out.bytes(6, arg.type_list_attr);
  out.each(7, arg.handle_data);
  out.integer(16, arg.is_ref);
  out.bytes(17, arg.full_type);
}

void put(Out& out, const AttrDef& attr) {
  const auto given = [](const AttrValue& value) { return value.value.index() != 0; };
  out.bytes(1, attr.name);
  out.bytes(2, attr.type);
  if (given(attr.default_value)) out.message(3, [&](Out& sub) { put(sub, attr.default_value); });
  out.bytes(4, attr.description);
  out.integer(5, attr.has_minimum);
  out.integer(6, attr.minimum);
  if (given(attr.allowed_values)) out.message(7, [&](Out& sub) { put(sub, attr.allowed_values); });
}

void put(Out& out, const OpDef& op) {
  out.bytes(1, op.name);
  for (const ArgDef& arg : op.input_arg) out.message(2, [&](Out& sub) { put(sub, arg); });
  for (const ArgDef& arg : op.output_arg) out.message(3, [&](Out& sub) { put(sub, arg); });
  for (const AttrDef& attr : op.attr) out.message(4, [&](Out& sub) { put(sub, attr); });
  out.bytes(5, op.summary);
  out.bytes(6, op.description);
  out.bytes(8, op.deprecation);
  out.integer(16, op.is_aggregate);
  out.integer(17, op.is_stateful);
  out.integer(18, op.is_commutative);
  out.integer(19, op.allows_uninitialized_input);
  out.each(20, op.control_output);
  out.integer(21, op.is_distributed_communication);
}

void put(Out& out, const FunctionDef& function) {
  out.message(1, [&](Out& sub) { put(sub, function.signature); });
  for (const NodeDef& node : function.node) out.message(3, [&](Out& sub) { put(sub, node); });
  put_map(out, 4, function.ret);
  put_map(out, 5, function.attr);
  put_map(out, 6, function.control_ret);
  for (const auto& [index, attrs] : function.arg_attr) {
    out.message(7, [&, number = index](Out& entry) {
      entry.pbf().add_uint32(1, number);
      entry.message(2, [&](Out& sub) { put_map(sub, 1, attrs); });
    });
  }
  for (const auto& [index, id] : function.resource_arg_unique_id) {
    out.message(8, [number = index, unique = id](Out& entry) {
      entry.pbf().add_uint32(1, number);
      entry.pbf().add_uint32(2, unique);
    });
  }
}

void put(Out& out, const VersionDef& versions) {
  out.integer(1, versions.producer);
  out.integer(2, versions.min_consumer);
  out.pbf().add_packed_int32(3, versions.bad_consumers.begin(), versions.bad_consumers.end());
}

void put(Out& out, const GraphDef& graph) {
  for (const NodeDef& node : graph.node) out.message(1, [&](Out& sub) { put(sub, node); });
  out.message(2, [&](Out& library) {
    for (const FunctionDef& function : graph.function) library.message(1, [&](Out& sub) { put(sub, function); });
    put_map(library, 2, graph.gradient);
    put_map(library, 3, graph.registered);
  });
  out.message(4, [&](Out& sub) { put(sub, graph.versions); });
}

template <class T>
std::string to_bytes(const T& value) {
  std::string data;
  Out out(data);
  put(out, value);
  return data;
}

}  // namespace

std::string encode(const Shape& value) { return to_bytes(value); }
std::string encode(const Tensor& value) { return to_bytes(value); }
std::string encode(const AttrValue& value) { return to_bytes(value); }
std::string encode(const NodeDef& value) { return to_bytes(value); }
std::string encode(const OpDef& value) { return to_bytes(value); }
std::string encode(const FunctionDef& value) { return to_bytes(value); }
std::string encode(const VersionDef& value) { return to_bytes(value); }
std::string encode(const GraphDef& value) { return to_bytes(value); }

}  // namespace ninefold::wire
