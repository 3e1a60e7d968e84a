// In: nodes of a file. Out: the same, checked, ordered and ready to be traced; attributes as records have them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/wire.h"
#include "engine/op/op.h"

namespace ninefold::graph {

// What a node becomes.
enum class ItemKind : uint8_t { op, constant, hand_on, nothing, call, branch, branches, loop, variable, placeholder, composite };

// Where a value comes from: output `output` of item `item`, or argument -1 - item.
struct Source {
  int item = 0, output = 0;
};
struct Item {
  const wire::NodeDef* node = nullptr;
  ItemKind kind = ItemKind::op;
  const Op* op = nullptr;                 // of kind op and constant
  Attrs attrs;
  std::vector<std::string> calls;         // functions, by name
  std::vector<Shape> shapes;              // of a loop: what its variables keep to
  std::vector<Source> in;
  std::string rule;                       // what the node calls its gradient; empty: the op's own
};
// A body in an order of execution that its inputs and control inputs allow.
struct Prepared {
  std::vector<Item> items;
  std::vector<Source> results;
  std::map<std::string, Source, std::less<>> read_by_rules;   // by name
};

// The attribute of a file as the record's kind has it. `context` begins the text of an error.
Attr attr_from_wire(const AttrDef& d, const wire::AttrValue& value, const std::string& context);
Shape shape_from_wire(const wire::Shape& shape, const std::string& context);
DType dtype_from_wire(int number, const std::string& context);
Tensor tensor_from_wire(const wire::Tensor& tensor, const std::string& context);
// The attributes of a node. What TensorFlow's op has and our record lacks must say what we do anyway.
Attrs attrs_from_wire(const Op& op, const wire::NodeDef& node, const std::string& context);

// What a node gives whose op is a function of several ops here.
Tensors composite(const wire::NodeDef& node, const Tensors& in);

}  // namespace ninefold::graph
