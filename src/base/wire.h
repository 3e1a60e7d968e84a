// In: plain structs of TensorFlow's graph messages. Out: their protobuf bytes; and back, safe on any input.
// Field numbers and dtype numbers are TensorFlow's (tensorflow/core/framework/*.proto). Encoding is
// deterministic: fields in number order, map keys sorted. Decoding raises DataLossError on bytes that are no
// such message, and keeps what it does not interpret (debug info, full types) as raw bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ninefold/error.h"

namespace ninefold::wire {

constexpr int kProducer = 1087;    // GraphDef version that TensorFlow 2.9.0 writes
constexpr int kMinConsumer = 12;   // and its oldest reader

struct Shape {
  bool unknown_rank = false;
  std::vector<std::int64_t> dims;  // -1: unknown
};

// Bytes of one element; 0 for string, resource, variant and numbers that are no dtype.
std::size_t element_size(int dtype);
// Product of the dims. Raises InvalidArgumentError for an unknown or negative one and beyond 2^63.
std::int64_t element_count(const Shape& shape);

struct Tensor {
  int dtype = 0;
  Shape shape;
  // Little-endian elements. May be shorter than the shape asks: then the last element repeats; empty: zeros.
  std::string content;
  std::vector<std::string> strings;    // dtype string, shortened likewise
  std::vector<std::string> resources;  // raw ResourceHandleProto messages
  std::vector<std::string> variants;   // raw VariantTensorDataProto messages
  bool typed_fields = false;           // content travels as float_val, int_val, ... not as tensor_content
};
// All elements, repeated as above. Raises ResourceExhaustedError above `most_bytes`: ten bytes may claim a
// terabyte.
std::string dense_content(const Tensor& tensor, std::size_t most_bytes = std::size_t{1} << 31);

struct AttrValue;
using AttrMap = std::map<std::string, AttrValue>;
struct NameAttrs {  // a function's name with attributes
  std::string name;
  AttrMap attr;
};
struct Type {
  int number = 0;
};
struct Placeholder {
  std::string name;
};
struct AttrList {
  std::vector<std::string> s;
  std::vector<std::int64_t> i;
  std::vector<float> f;
  std::vector<bool> b;
  std::vector<int> type;
  std::vector<Shape> shape;
  std::vector<Tensor> tensor;
  std::vector<NameAttrs> func;
};
struct AttrValue {
  std::variant<std::monostate, std::string, std::int64_t, float, bool, Type, Shape, Tensor, AttrList, NameAttrs,
               Placeholder>
      value;
};

struct NodeDef {
  std::string name, op;
  std::vector<std::string> input;  // "x", "x:1", "^control"; inside a function "x:output:0"
  std::string device;
  AttrMap attr;
  std::string debug_info, full_type;  // raw messages, written when not empty
};

struct ArgDef {
  std::string name, description;
  int type = 0;
  std::string type_attr, number_attr, type_list_attr;
  std::vector<std::string> handle_data;  // raw ResourceHandleProto.DtypeAndShape messages
  bool is_ref = false;
  std::string full_type;  // raw
};
struct AttrDef {
  std::string name, type;
  AttrValue default_value;  // monostate: none
  std::string description;
  bool has_minimum = false;
  std::int64_t minimum = 0;
  AttrValue allowed_values;  // monostate: any
};
struct OpDef {
  std::string name;
  std::vector<ArgDef> input_arg, output_arg;
  std::vector<AttrDef> attr;
  std::string deprecation;  // raw OpDeprecation
  std::string summary, description;
  bool is_aggregate = false, is_stateful = false, is_commutative = false;
  bool allows_uninitialized_input = false, is_distributed_communication = false;
  std::vector<std::string> control_output;
};

struct FunctionDef {
  OpDef signature;
  std::vector<NodeDef> node;
  std::map<std::string, std::string> ret;  // output argument -> "node:output:0"
  AttrMap attr;
  std::map<std::string, std::string> control_ret;
  std::map<std::uint32_t, AttrMap> arg_attr;
  std::map<std::uint32_t, std::uint32_t> resource_arg_unique_id;
};

struct VersionDef {
  int producer = kProducer;
  int min_consumer = kMinConsumer;
  std::vector<int> bad_consumers;
};

struct GraphDef {
  std::vector<NodeDef> node;
  std::vector<FunctionDef> function;                // library.function
  std::map<std::string, std::string> gradient;      // library.gradient: function -> its gradient
  std::map<std::string, std::string> registered;    // library.registered_gradients: function -> _gradient_op_type of nodes
  VersionDef versions;
};

std::string encode(const Shape&);
std::string encode(const Tensor&);
std::string encode(const AttrValue&);
std::string encode(const NodeDef&);
std::string encode(const OpDef&);
std::string encode(const FunctionDef&);
std::string encode(const VersionDef&);
std::string encode(const GraphDef&);

// Messages nested deeper than this are refused: the decoder recurses.
constexpr int kMaxDepth = 100;
Shape decode_shape(std::string_view bytes);
Tensor decode_tensor(std::string_view bytes);
AttrValue decode_attr(std::string_view bytes);
NodeDef decode_node(std::string_view bytes);
OpDef decode_op(std::string_view bytes);
FunctionDef decode_function(std::string_view bytes);
VersionDef decode_versions(std::string_view bytes);
GraphDef decode_graph(std::string_view bytes);

}  // namespace ninefold::wire
