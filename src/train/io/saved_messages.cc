// In: protobuf bytes of a SavedModel or an event. Out: nests of values by the fields' names, and back. Field numbers are those
// of tensorflow/core/protobuf/{saved_model,meta_graph,saved_object_graph,struct,config}.proto, tensorflow/core/util/event.proto,
// tensorflow/core/framework/summary.proto and of Keras' saved_metadata.proto.
#include <charconv>
#include <map>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "base/check.h"
#include "base/text.h"
#include "ninefold/saved_model.h"

namespace ninefold {
namespace {

constexpr int kDeepest = 100;

// "name=number type": int (and enums), sint, bool, float, double, string, bytes or a message; * before it: repeated;
// map: a dict from text to it.
constexpr std::pair<const char*, const char*> kMessages[] = {
    {"SavedModel", "saved_model_schema_version=1 int, meta_graphs=2 *MetaGraphDef"},
    {"MetaGraphDef", "meta_info_def=1 MetaInfoDef, graph_def=2 bytes, saver_def=3 SaverDef, collection_def=4 map bytes, "
                     "signature_def=5 map SignatureDef, asset_file_def=6 *AssetFileDef, object_graph_def=7 SavedObjectGraph"},
    {"MetaInfoDef", "meta_graph_version=1 string, stripped_op_list=2 bytes, any_info=3 bytes, tags=4 *string, "
                    "tensorflow_version=5 string, tensorflow_git_version=6 string, stripped_default_attrs=7 bool, "
                    "function_aliases=8 map string"},
    {"SaverDef", "filename_tensor_name=1 string, save_tensor_name=2 string, restore_op_name=3 string, max_to_keep=4 int, "
                 "sharded=5 bool, keep_checkpoint_every_n_hours=6 float, version=7 int"},
    {"SignatureDef", "inputs=1 map TensorInfo, outputs=2 map TensorInfo, method_name=3 string"},
    {"TensorInfo", "name=1 string, dtype=2 int, tensor_shape=3 TensorShapeProto, coo_sparse=4 CooSparse, "
                   "composite_tensor=5 CompositeTensor"},
    {"CooSparse", "values_tensor_name=1 string, indices_tensor_name=2 string, dense_shape_tensor_name=3 string"},
    {"CompositeTensor", "type_spec=1 TypeSpecProto, components=2 *TensorInfo"},
    {"AssetFileDef", "tensor_info=1 TensorInfo, filename=2 string"},
    {"SavedObjectGraph", "nodes=1 *SavedObject, concrete_functions=2 map SavedConcreteFunction"},
    {"SavedObject", "children=1 *ObjectReference, slot_variables=3 *SlotVariableReference, user_object=4 SavedUserObject, "
                    "asset=5 SavedAsset, function=6 SavedFunction, variable=7 SavedVariable, "
                    "bare_concrete_function=8 SavedBareConcreteFunction, constant=9 SavedConstant, resource=10 SavedResource, "
                    "saveable_objects=11 map SaveableObject, captured_tensor=12 CapturedTensor, registered_name=13 string, "
                    "serialized_user_proto=14 bytes, dependencies=15 *ObjectReference, registered_saver=16 string"},
    {"ObjectReference", "node_id=1 int, local_name=2 string"},
    {"SlotVariableReference", "original_variable_node_id=1 int, slot_name=2 string, slot_variable_node_id=3 int"},
    {"SavedUserObject", "identifier=1 string, version=2 VersionDef, metadata=3 string"},
    {"VersionDef", "producer=1 int, min_consumer=2 int, bad_consumers=3 *int"},
    {"SavedAsset", "asset_file_def_index=1 int"},
    {"SavedFunction", "concrete_functions=1 *string, function_spec=2 FunctionSpec"},
    {"CapturedTensor", "name=1 string, concrete_function=2 string"},
    {"SavedConcreteFunction", "bound_inputs=2 *int, canonicalized_input_signature=3 StructuredValue, "
                              "output_signature=4 StructuredValue"},
    {"SavedBareConcreteFunction", "concrete_function_name=1 string, argument_keywords=2 *string, "
                                  "allowed_positional_arguments=3 int, function_spec=4 FunctionSpec"},
    {"SavedConstant", "operation=1 string"},
    {"SavedVariable", "dtype=1 int, shape=2 TensorShapeProto, trainable=3 bool, synchronization=4 int, aggregation=5 int, "
                      "name=6 string, device=7 string, experimental_distributed_variable_components=8 *SavedVariable"},
    {"FunctionSpec", "fullargspec=1 StructuredValue, is_method=2 bool, input_signature=5 StructuredValue, jit_compile=6 int"},
    {"SavedResource", "device=1 string"},
    {"SaveableObject", "save_function=2 int, restore_function=3 int"},
    {"TensorShapeProto", "dim=2 *Dim, unknown_rank=3 bool"},
    {"Dim", "size=1 int, name=2 string"},
    {"StructuredValue", "none_value=1 NoneValue, float64_value=11 double, int64_value=12 sint, string_value=13 string, "
                        "bool_value=14 bool, tensor_shape_value=31 TensorShapeProto, tensor_dtype_value=32 int, "
                        "tensor_spec_value=33 TensorSpecProto, type_spec_value=34 TypeSpecProto, "
                        "bounded_tensor_spec_value=35 BoundedTensorSpecProto, list_value=51 ListValue, "
                        "tuple_value=52 TupleValue, dict_value=53 DictValue, named_tuple_value=54 NamedTupleValue, "
                        "tensor_value=55 bytes, numpy_value=56 bytes"},
    {"NoneValue", ""},
    {"ListValue", "values=1 *StructuredValue"},
    {"TupleValue", "values=1 *StructuredValue"},
    {"DictValue", "fields=1 map StructuredValue"},
    {"PairValue", "key=1 string, value=2 StructuredValue"},
    {"NamedTupleValue", "name=1 string, values=2 *PairValue"},
    {"TensorSpecProto", "name=1 string, shape=2 TensorShapeProto, dtype=3 int"},
    {"BoundedTensorSpecProto", "name=1 string, shape=2 TensorShapeProto, dtype=3 int, minimum=4 bytes, maximum=5 bytes"},
    {"TypeSpecProto", "type_spec_class=1 int, type_state=2 StructuredValue, type_spec_class_name=3 string, "
                      "num_flat_components=4 int"},
    {"Event", "wall_time=1 double, step=2 int, file_version=3 string, graph_def=4 bytes, summary=5 Summary, "
              "tagged_run_metadata=8 bytes, meta_graph_def=9 bytes"},
    {"Summary", "value=1 *SummaryValue"},
    {"SummaryValue", "tag=1 string, simple_value=2 float, node_name=7 string, tensor=8 bytes, metadata=9 SummaryMetadata"},
    {"SummaryMetadata", "plugin_data=1 PluginData, display_name=2 string, summary_description=3 string, data_class=4 int"},
    {"PluginData", "plugin_name=1 string, content=2 bytes"},
    {"RunMetadata", "partition_graphs=3 *bytes, function_graphs=4 *FunctionGraphs"},
    {"FunctionGraphs", "partition_graphs=1 *bytes, pre_optimization_graph=2 bytes, post_optimization_graph=3 bytes"},
    {"SavedMetadata", "nodes=1 *KerasObject"},
    {"KerasObject", "node_id=2 int, node_path=3 string, identifier=4 string, metadata=5 string, version=6 VersionDef"},
};

enum class Kind : uint8_t { integer, zigzag, flag, single, number, text, bytes, message };
struct Message;
struct Field {
  std::string name;
  uint32_t number = 0;
  Kind kind = Kind::integer;
  const Message* message = nullptr;
  bool repeated = false, map = false;
};
struct Message {
  std::string name;
  std::vector<Field> fields;
  const Field* numbered(uint32_t n) const {
    for (const Field& f : fields)
      if (f.number == n) return &f;
    return nullptr;
  }
  const Field* named(std::string_view n) const {
    for (const Field& f : fields)
      if (f.name == n) return &f;
    return nullptr;
  }
};

const std::map<std::string, Message, std::less<>>& messages() {
  static const auto* all = [] {
    auto* made = new std::map<std::string, Message, std::less<>>();
    for (const auto& [name, fields] : kMessages) (*made)[name].name = name;
    constexpr std::pair<std::string_view, Kind> kinds[] = {
        {"int", Kind::integer}, {"sint", Kind::zigzag}, {"bool", Kind::flag}, {"float", Kind::single},
        {"double", Kind::number}, {"string", Kind::text}, {"bytes", Kind::bytes}};
    for (const auto& [name, fields] : kMessages) {
      std::string_view rest = fields;
      while (!rest.empty()) {
        std::string_view one = strip(rest.substr(0, rest.find(',')));
        rest.remove_prefix(std::min(rest.size(), rest.find(',') == std::string_view::npos ? rest.size() : rest.find(',') + 1));
        Field f;
        const size_t eq = one.find('='), space = one.find(' ');
        f.name = one.substr(0, eq);
        std::from_chars(one.data() + eq + 1, one.data() + space, f.number);
        std::string_view type = one.substr(space + 1);
        if (type.starts_with("map ")) f.map = true, type.remove_prefix(4);
        if (type.starts_with('*')) f.repeated = true, type.remove_prefix(1);
        f.kind = Kind::message;
        for (const auto& [word, kind] : kinds)
          if (type == word) f.kind = kind;
        if (f.kind == Kind::message) {
          const auto at = made->find(type);
          NINEFOLD_INVARIANT(at != made->end());
          f.message = &at->second;
        }
        (*made)[name].fields.push_back(std::move(f));
      }
    }
    return made;
  }();
  return *all;
}
const Message& message_named(const std::string& kind) {
  const auto at = messages().find(kind);
  check(at != messages().end(), Code::value, "there is no message '{}' around a SavedModel", kind);
  return at->second;
}

// ---- read ----

using protozero::pbf_wire_type;
void expect(protozero::pbf_reader& r, const Message& m, pbf_wire_type type) {
  check(r.wire_type() == type, Code::data_loss,
        "protobuf: {}: field {} has wire type {}, expected {}; the file is damaged or holds another message", m.name, r.tag(),
        static_cast<int>(r.wire_type()), static_cast<int>(type));
}

Value read(const Message& m, std::string_view bytes, int depth);
Value read_one(protozero::pbf_reader& r, const Message& m, const Field& f, int depth) {
  const auto view = [&] {
    expect(r, m, pbf_wire_type::length_delimited);
    const protozero::data_view d = r.get_view();
    return std::string_view(d.data(), d.size());
  };
  switch (f.kind) {
    case Kind::integer: expect(r, m, pbf_wire_type::varint); return r.get_int64();
    case Kind::zigzag: expect(r, m, pbf_wire_type::varint); return r.get_sint64();
    case Kind::flag: expect(r, m, pbf_wire_type::varint); return r.get_uint64() != 0;
    case Kind::single: expect(r, m, pbf_wire_type::fixed32); return r.get_float();
    case Kind::number: expect(r, m, pbf_wire_type::fixed64); return r.get_double();
    case Kind::text: return std::string(view());
    case Kind::bytes: return Tensor::of_string(std::string(view()));
    case Kind::message: return read(*f.message, view(), depth + 1);
  }
  return {};
}

Value& slot(ValueDict& into, const std::string& name) {
  for (Entry& e : into)
    if (e.key == name) return e.value;
  return into.emplace_back(Entry{name, {}}).value;
}

Value read(const Message& m, std::string_view bytes, int depth) {
  check(depth < kDeepest, Code::data_loss, "protobuf: {}: messages nested deeper than {}", m.name, kDeepest);
  ValueDict out;
  try {
    protozero::pbf_reader r(bytes.data(), bytes.size());
    while (r.next()) {
      const Field* f = m.numbered(r.tag());
      if (!f) {
        r.skip();
        continue;
      }
      Value& into = slot(out, f->name);
      if (f->map) {
        if (into.none()) into = ValueDict{};
        expect(r, m, pbf_wire_type::length_delimited);
        const protozero::data_view d = r.get_view();
        protozero::pbf_reader entry(d.data(), d.size());
        std::string key;
        Value value = f->kind == Kind::message ? Value(ValueDict{}) : f->kind == Kind::text ? Value(std::string()) : Value();
        while (entry.next()) {
          if (entry.tag() == 1 && entry.wire_type() == pbf_wire_type::length_delimited) key = entry.get_string();
          else if (entry.tag() == 2) value = read_one(entry, m, *f, depth);
          else entry.skip();
        }
        // Entries come in any order and, in a file, once each: a search for each would be quadratic.
        std::get<ValueDict>(into).push_back({std::move(key), std::move(value)});
      } else if (f->repeated) {
        if (into.none()) into = ValueList{};
        auto& list = std::get<ValueList>(into);
        if (f->kind == Kind::integer && r.wire_type() == pbf_wire_type::length_delimited)
          for (const int64_t v : r.get_packed_int64()) list.push_back(v);
        else
          list.push_back(read_one(r, m, *f, depth));
      } else {
        into = read_one(r, m, *f, depth);
      }
    }
  } catch (const protozero::exception& error) {
    fail(Code::data_loss, "protobuf: {}: {} in {} bytes; the file is truncated or damaged", m.name, error.what(), bytes.size());
  }
  return out;
}

// ---- written ----

[[noreturn]] void wrong(const Message& m, const Field& f) {
  fail(Code::type, "protobuf: {}: field '{}' got a value of another kind", m.name, f.name);
}
std::string write(const Message& m, const Value& v, int depth);
void write_one(protozero::pbf_writer& w, const Message& m, const Field& f, uint32_t number, const Value& v, int depth) {
  const auto integer = [&]() -> int64_t {
    if (const auto* i = v.get<int64_t>()) return *i;
    if (const auto* b = v.get<bool>()) return *b;
    wrong(m, f);
  };
  const auto real = [&]() -> double {
    if (const auto* d = v.get<double>()) return *d;
    return static_cast<double>(integer());
  };
  switch (f.kind) {
    case Kind::integer: return w.add_int64(number, integer());
    case Kind::zigzag: return w.add_sint64(number, integer());
    case Kind::flag: return w.add_bool(number, integer() != 0);
    case Kind::single: return w.add_float(number, static_cast<float>(real()));
    case Kind::number: return w.add_double(number, real());
    case Kind::message: return w.add_message(number, write(*f.message, v, depth + 1));
    case Kind::text:
    case Kind::bytes:
      if (const auto* s = v.get<std::string>()) return w.add_bytes(number, *s);
      if (const auto* t = v.get<Tensor>(); t && t->dtype() == DType::string && t->size() == 1)
        return w.add_bytes(number, *t->as<std::string>());
      wrong(m, f);
  }
}

std::string write(const Message& m, const Value& v, int depth) {
  check(depth < kDeepest, Code::value, "protobuf: {}: messages nested deeper than {}", m.name, kDeepest);
  const auto* dict = v.get<ValueDict>();
  check(dict != nullptr, Code::type, "protobuf: {}: expected a dict of its fields", m.name);
  std::string out;
  protozero::pbf_writer w(out);
  for (const Entry& e : *dict)
    check(m.named(e.key) != nullptr, Code::type, "protobuf: {} has no field '{}'", m.name, e.key);
  for (const Field& f : m.fields) {   // in the order of their numbers: equal messages are equal bytes
    const Value* value = v.find(f.name);
    if (!value || value->none()) continue;
    if (f.map) {
      const auto* entries = value->get<ValueDict>();
      if (!entries) wrong(m, f);
      std::map<std::string_view, const Value*> sorted;
      for (const Entry& e : *entries) sorted[e.key] = &e.value;
      for (const auto& [key, item] : sorted) {
        std::string entry;
        protozero::pbf_writer each(entry);
        each.add_bytes(1, key.data(), key.size());
        write_one(each, m, f, 2, *item, depth);
        w.add_message(f.number, entry);
      }
    } else if (f.repeated) {
      const auto* list = value->get<ValueList>();
      if (!list) wrong(m, f);
      if (f.kind == Kind::integer) {
        std::vector<int64_t> numbers;
        for (const Value& item : *list) {
          const auto* i = item.get<int64_t>();
          if (!i) wrong(m, f);
          numbers.push_back(*i);
        }
        w.add_packed_int64(f.number, numbers.begin(), numbers.end());
      } else {
        for (const Value& item : *list) write_one(w, m, f, f.number, item, depth);
      }
    } else {
      write_one(w, m, f, f.number, *value, depth);
    }
  }
  return out;
}

}  // namespace

Value decode_message(const std::string& kind, std::string_view bytes) { return read(message_named(kind), bytes, 0); }
std::string encode_message(const std::string& kind, const Value& message) { return write(message_named(kind), message, 0); }

}  // namespace ninefold
