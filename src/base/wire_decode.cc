// In: protobuf bytes from anywhere. Out: graph messages as structs, or DataLossError; never a crash.
#include <bit>
#include <cstring>
#include <limits>
#include <protozero/pbf_reader.hpp>

#include "base/check.h"
#include "base/wire.h"

namespace ninefold::wire {
namespace {

using protozero::pbf_wire_type;

// One field of a message. Each accessor checks the wire type first: protozero itself only asserts it.
class Field {
 public:
  Field(protozero::pbf_reader& reader, const char* message, int depth)
      : reader_(reader), message_(message), depth_(depth) {}

  std::uint32_t number() const { return reader_.tag(); }
  int depth() const { return depth_; }
  std::string_view view() {
    expect(pbf_wire_type::length_delimited);
    const protozero::data_view data = reader_.get_view();
    return {data.data(), data.size()};
  }
  std::string bytes() { return std::string(view()); }
  std::int64_t integer() {
    expect(pbf_wire_type::varint);
    return static_cast<std::int64_t>(reader_.get_uint64());
  }
  int small() { return static_cast<int>(integer()); }  // int32 and enums travel sign-extended to 64 bits
  bool boolean() { return integer() != 0; }
  float single() {
    expect(pbf_wire_type::fixed32);
    return reader_.get_float();
  }
  // A repeated number may come packed or one by one; both are legal for either declaration.
  template <class F>
  void integers(F&& take) {
    if (reader_.wire_type() != pbf_wire_type::length_delimited) return take(integer());
    for (const std::uint64_t value : reader_.get_packed_uint64()) take(static_cast<std::int64_t>(value));
  }
  template <class T, class F>
  void floats(F&& take) {
    constexpr auto kOne = sizeof(T) == 4 ? pbf_wire_type::fixed32 : pbf_wire_type::fixed64;
    if (reader_.wire_type() == kOne) {
      if constexpr (sizeof(T) == 4) return take(reader_.get_float());
      else return take(reader_.get_double());
    }
    const std::string_view data = view();
    check(data.size() % sizeof(T) == 0, Code::data_loss, "protobuf: {}: a packed list of {} bytes in field {}; "
          "expected a multiple of {}; the file is damaged", message_, data.size(), number(), sizeof(T));
    for (std::size_t at = 0; at < data.size(); at += sizeof(T)) {
      T value;
      std::memcpy(&value, data.data() + at, sizeof(T));
      take(value);
    }
  }
  void skip() { reader_.skip(); }

 private:
  void expect(pbf_wire_type wanted) const {
    check(reader_.wire_type() == wanted, Code::data_loss,
          "protobuf: {}: field {} has wire type {}, expected {}; the file is damaged or holds another message",
          message_, reader_.tag(), static_cast<int>(reader_.wire_type()), static_cast<int>(wanted));
  }
  protozero::pbf_reader& reader_;
  const char* message_;
  int depth_;
};

// Calls take(field) for each field; what take does not read is skipped, so newer writers are understood.
template <class F>
void each_field(const char* message, std::string_view bytes, int depth, F&& take) {
  check(depth < kMaxDepth, Code::data_loss, "protobuf: {}: messages nested deeper than {}", message, kMaxDepth);
  try {
    protozero::pbf_reader reader(bytes.data(), bytes.size());
    while (reader.next()) {
      Field field(reader, message, depth);
      if (!take(field)) field.skip();
    }
  } catch (const protozero::exception& error) {
    fail(Code::data_loss, "protobuf: {}: {} in {} bytes; the file is truncated or damaged", message, error.what(),
         bytes.size());
  }
}

AttrValue read_attr(std::string_view bytes, int depth);

Shape read_shape(std::string_view bytes, int depth) {
  Shape shape;
  each_field("TensorShapeProto", bytes, depth, [&](Field& field) {
    if (field.number() == 3) return shape.unknown_rank = field.boolean(), true;
    if (field.number() != 2) return false;
    std::int64_t size = 0;
    each_field("TensorShapeProto.Dim", field.view(), depth + 1, [&](Field& dim) {
      if (dim.number() != 1) return false;
      return size = dim.integer(), true;
    });
    return shape.dims.push_back(size), true;
  });
  return shape;
}

template <class T>
void append(std::string& content, T value) {
  content.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// The typed field that a dtype's elements travel in; 0 for those that have their own struct member.
std::uint32_t typed_field(int dtype) {
  constexpr std::uint32_t kField[] = {0, 5, 6, 7, 7, 7, 7, 0, 9, 10, 11, 7, 7, 7, 13, 7, 7, 7, 12, 13, 0, 0, 16, 17};
  return dtype > 0 && dtype < static_cast<int>(std::size(kField)) ? kField[dtype] : 0;
}

Tensor read_tensor(std::string_view bytes, int depth) {
  Tensor tensor;
  // The dtype may follow its elements, so it is looked up first.
  each_field("TensorProto", bytes, depth, [&](Field& field) {
    if (field.number() != 1) return false;
    return tensor.dtype = field.small(), true;
  });
  const std::uint32_t typed = typed_field(tensor.dtype);
  const std::size_t size = element_size(tensor.dtype);
  std::string elements;
  each_field("TensorProto", bytes, depth, [&](Field& field) {
    switch (field.number()) {
      case 2: tensor.shape = read_shape(field.view(), depth + 1); return true;
      case 4: tensor.content = field.bytes(); return true;
      case 8: tensor.strings.push_back(field.bytes()); return true;
      case 14: tensor.resources.push_back(field.bytes()); return true;
      case 15: tensor.variants.push_back(field.bytes()); return true;
      default: break;
    }
    if (typed == 0 || field.number() != typed) return false;
    if (typed == 5 || typed == 9) {
      field.floats<float>([&](float value) { append(elements, value); });
    } else if (typed == 6 || typed == 12) {
      field.floats<double>([&](double value) { append(elements, value); });
    } else {
      // Little-endian: the low bytes are the narrow value.
      field.integers([&](std::int64_t value) { elements.append(reinterpret_cast<const char*>(&value), size); });
    }
    return true;
  });
  if (tensor.content.empty() && !elements.empty()) {
    tensor.content = std::move(elements);
    tensor.typed_fields = true;
  }
  check(size == 0 || tensor.content.size() % size == 0, Code::data_loss,
        "protobuf: TensorProto: {} bytes of content, expected a multiple of {} for dtype {}; the file is damaged",
        tensor.content.size(), size, tensor.dtype);
  return tensor;
}

// One entry of a map: key is field 1, value field 2; either may be left out when it is the default.
template <class Key, class Value>
void read_entry(Field& entry, Key&& key, Value&& value) {
  each_field("map entry", entry.view(), entry.depth() + 1, [&](Field& field) {
    if (field.number() == 1) return key(field), true;
    if (field.number() == 2) return value(field), true;
    return false;
  });
}

void read_entry(Field& entry, AttrMap& into) {
  std::string name;
  AttrValue attr;
  read_entry(entry, [&](Field& field) { name = field.bytes(); },
             [&](Field& field) { attr = read_attr(field.view(), field.depth() + 1); });
  into[name] = std::move(attr);
}

void read_entry(Field& entry, std::map<std::string, std::string>& into) {
  std::string name, text;
  read_entry(entry, [&](Field& field) { name = field.bytes(); }, [&](Field& field) { text = field.bytes(); });
  into[name] = std::move(text);
}

NameAttrs read_func(std::string_view bytes, int depth) {
  NameAttrs func;
  each_field("NameAttrList", bytes, depth, [&](Field& field) {
    if (field.number() == 1) return func.name = field.bytes(), true;
    if (field.number() == 2) return read_entry(field, func.attr), true;
    return false;
  });
  return func;
}

AttrList read_list(std::string_view bytes, int depth) {
  AttrList list;
  each_field("AttrValue.ListValue", bytes, depth, [&](Field& field) {
    switch (field.number()) {
      case 2: list.s.push_back(field.bytes()); return true;
      case 3: field.integers([&](std::int64_t value) { list.i.push_back(value); }); return true;
      case 4: field.floats<float>([&](float value) { list.f.push_back(value); }); return true;
      case 5: field.integers([&](std::int64_t value) { list.b.push_back(value != 0); }); return true;
      case 6: field.integers([&](std::int64_t value) { list.type.push_back(static_cast<int>(value)); }); return true;
      case 7: list.shape.push_back(read_shape(field.view(), depth + 1)); return true;
      case 8: list.tensor.push_back(read_tensor(field.view(), depth + 1)); return true;
      case 9: list.func.push_back(read_func(field.view(), depth + 1)); return true;
      default: return false;
    }
  });
  return list;
}

AttrValue read_attr(std::string_view bytes, int depth) {
  AttrValue attr;
  each_field("AttrValue", bytes, depth, [&](Field& field) {
    switch (field.number()) {  // a oneof: the last one wins
      case 1: attr.value = read_list(field.view(), depth + 1); return true;
      case 2: attr.value = field.bytes(); return true;
      case 3: attr.value = field.integer(); return true;
      case 4: attr.value = field.single(); return true;
      case 5: attr.value = field.boolean(); return true;
      case 6: attr.value = Type{field.small()}; return true;
      case 7: attr.value = read_shape(field.view(), depth + 1); return true;
      case 8: attr.value = read_tensor(field.view(), depth + 1); return true;
      case 9: attr.value = Placeholder{field.bytes()}; return true;
      case 10: attr.value = read_func(field.view(), depth + 1); return true;
      default: return false;
    }
  });
  return attr;
}

NodeDef read_node(std::string_view bytes, int depth) {
  NodeDef node;
  each_field("NodeDef", bytes, depth, [&](Field& field) {
    switch (field.number()) {
      case 1: node.name = field.bytes(); return true;
      case 2: node.op = field.bytes(); return true;
      case 3: node.input.push_back(field.bytes()); return true;
      case 4: node.device = field.bytes(); return true;
      case 5: read_entry(field, node.attr); return true;
      case 6: node.debug_info = field.bytes(); return true;
      case 7: node.full_type = field.bytes(); return true;
      default: return false;
    }
  });
  return node;
}

ArgDef read_arg(std::string_view bytes, int depth) {
  ArgDef arg;
  each_field("OpDef.ArgDef", bytes, depth, [&](Field& field) {
    switch (field.number()) {
      case 1: arg.name = field.bytes(); return true;
      case 2: arg.description = field.bytes(); return true;
      case 3: arg.type = field.small(); return true;
      case 4: arg.type_attr = field.bytes(); return true;
      case 5: arg.number_attr = field.bytes(); return true;
      case 6: arg.type_list_attr = field.bytes(); return true;
      case 7: arg.handle_data.push_back(field.bytes()); return true;
      case 16: arg.is_ref = field.boolean(); return true;
      case 17: arg.full_type = field.bytes(); return true;
      default: return false;
    }
  });
  return arg;
}

AttrDef read_attr_def(std::string_view bytes, int depth) {
  AttrDef attr;
  each_field("OpDef.AttrDef", bytes, depth, [&](Field& field) {
    switch (field.number()) {
      case 1: attr.name = field.bytes(); return true;
      case 2: attr.type = field.bytes(); return true;
      case 3: attr.default_value = read_attr(field.view(), depth + 1); return true;
      case 4: attr.description = field.bytes(); return true;
      case 5: attr.has_minimum = field.boolean(); return true;
      case 6: attr.minimum = field.integer(); return true;
      case 7: attr.allowed_values = read_attr(field.view(), depth + 1); return true;
      default: return false;
    }
  });
  return attr;
}

OpDef read_op(std::string_view bytes, int depth) {
  OpDef op;
  each_field("OpDef", bytes, depth, [&](Field& field) {
    switch (field.number()) {
      case 1: op.name = field.bytes(); return true;
      case 2: op.input_arg.push_back(read_arg(field.view(), depth + 1)); return true;
      case 3: op.output_arg.push_back(read_arg(field.view(), depth + 1)); return true;
      case 4: op.attr.push_back(read_attr_def(field.view(), depth + 1)); return true;
      case 5: op.summary = field.bytes(); return true;
      case 6: op.description = field.bytes(); return true;
      case 8: op.deprecation = field.bytes(); return true;
      case 16: op.is_aggregate = field.boolean(); return true;
      case 17: op.is_stateful = field.boolean(); return true;
      case 18: op.is_commutative = field.boolean(); return true;
      case 19: op.allows_uninitialized_input = field.boolean(); return true;
      case 20: op.control_output.push_back(field.bytes()); return true;
      case 21: op.is_distributed_communication = field.boolean(); return true;
      default: return false;
    }
  });
  return op;
}

FunctionDef read_function(std::string_view bytes, int depth) {
  FunctionDef function;
  each_field("FunctionDef", bytes, depth, [&](Field& field) {
    std::uint32_t key = 0, id = 0;
    const auto take_key = [&](Field& sub) { key = static_cast<std::uint32_t>(sub.integer()); };
    switch (field.number()) {
      case 1: function.signature = read_op(field.view(), depth + 1); return true;
      case 3: function.node.push_back(read_node(field.view(), depth + 1)); return true;
      case 4: read_entry(field, function.ret); return true;
      case 5: read_entry(field, function.attr); return true;
      case 6: read_entry(field, function.control_ret); return true;
      case 7: {
        AttrMap attrs;
        read_entry(field, take_key, [&](Field& sub) {
          each_field("FunctionDef.ArgAttrs", sub.view(), depth + 2, [&](Field& entry) {
            if (entry.number() != 1) return false;
            return read_entry(entry, attrs), true;
          });
        });
        function.arg_attr[key] = std::move(attrs);
        return true;
      }
      case 8:
        read_entry(field, take_key, [&](Field& sub) { id = static_cast<std::uint32_t>(sub.integer()); });
        function.resource_arg_unique_id[key] = id;
        return true;
      default: return false;
    }
  });
  return function;
}

VersionDef read_versions(std::string_view bytes, int depth) {
  VersionDef versions{0, 0, {}};
  each_field("VersionDef", bytes, depth, [&](Field& field) {
    switch (field.number()) {
      case 1: versions.producer = field.small(); return true;
      case 2: versions.min_consumer = field.small(); return true;
      case 3:
        field.integers([&](std::int64_t value) { versions.bad_consumers.push_back(static_cast<int>(value)); });
        return true;
      default: return false;
    }
  });
  return versions;
}

}  // namespace

std::size_t element_size(int dtype) {
  constexpr std::uint8_t kSize[] = {0, 4, 8, 4, 1, 2, 1, 0, 8, 8, 1, 1, 1, 4, 2, 2, 2, 2, 16, 2, 0, 0, 4, 8};
  return dtype > 0 && dtype < static_cast<int>(std::size(kSize)) ? kSize[dtype] : 0;
}

std::int64_t element_count(const Shape& shape) {
  check(!shape.unknown_rank, "protobuf: a tensor of unknown rank has no number of elements");
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t size : shape.dims) {
    check(size >= 0, "protobuf: a tensor's dimension is {}, expected 0 or more", size);
    empty = empty || size == 0;
  }
  if (empty) return 0;
  for (const std::int64_t size : shape.dims) {
    check(!__builtin_mul_overflow(count, size, &count), "protobuf: a tensor has more than 2^63 elements");
  }
  return count;
}

std::string dense_content(const Tensor& tensor, std::size_t most_bytes) {
  const std::size_t size = element_size(tensor.dtype);
  check(size > 0, "protobuf: dtype {} has no dense content", tensor.dtype);
  const auto count = static_cast<std::size_t>(element_count(tensor.shape));
  check(count <= most_bytes / size, Code::resource_exhausted,
        "protobuf: a tensor claims {} elements of {} bytes, more than the {} bytes allowed", count, size, most_bytes);
  check(tensor.content.size() <= count * size && tensor.content.size() % size == 0, Code::data_loss,
        "protobuf: a tensor holds {} bytes, expected at most {}", tensor.content.size(), count * size);
  std::string dense;
  dense.reserve(count * size);
  dense = tensor.content;
  if (dense.empty()) return dense.resize(count * size), dense;
  const std::string last = dense.substr(dense.size() - size);
  while (dense.size() < count * size) dense += last;
  return dense;
}

Shape decode_shape(std::string_view bytes) { return read_shape(bytes, 0); }
Tensor decode_tensor(std::string_view bytes) { return read_tensor(bytes, 0); }
AttrValue decode_attr(std::string_view bytes) { return read_attr(bytes, 0); }
NodeDef decode_node(std::string_view bytes) { return read_node(bytes, 0); }
OpDef decode_op(std::string_view bytes) { return read_op(bytes, 0); }
FunctionDef decode_function(std::string_view bytes) { return read_function(bytes, 0); }
VersionDef decode_versions(std::string_view bytes) { return read_versions(bytes, 0); }

GraphDef decode_graph(std::string_view bytes) {
  GraphDef graph;
  graph.versions = VersionDef{0, 0, {}};
  each_field("GraphDef", bytes, 0, [&](Field& field) {
    if (field.number() == 1) return graph.node.push_back(read_node(field.view(), 1)), true;
    if (field.number() == 4) return graph.versions = read_versions(field.view(), 1), true;
    if (field.number() != 2) return false;
    each_field("FunctionDefLibrary", field.view(), 1, [&](Field& sub) {
      switch (sub.number()) {
        case 1: graph.function.push_back(read_function(sub.view(), 2)); return true;
        case 2: read_entry(sub, graph.gradient); return true;
        case 3: read_entry(sub, graph.registered); return true;
        default: return false;
      }
    });
    return true;
  });
  return graph;
}

}  // namespace ninefold::wire
