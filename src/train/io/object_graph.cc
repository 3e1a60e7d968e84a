// In: graphs of trackable objects. Out: TensorFlow's TrackableObjectGraph, and back
// (tensorflow/core/protobuf/trackable_object_graph.proto).
#include "base/check.h"
#include "ninefold/example.h"
#include "ninefold/io.h"

namespace ninefold {
namespace {

using wire::Fields;

void put_number(std::string& into, std::uint32_t field, std::int64_t v) {
  if (v == 0) return;
  wire::append_varint(into, field << 3);
  wire::append_varint(into, static_cast<std::uint64_t>(v));
}
void put_text(std::string& into, std::uint32_t field, const std::string& text) {
  if (!text.empty()) wire::append_bytes(into, field, text);
}

// Numbers and texts of a message by field: what all messages in a node are made of.
template <class N, class T>
void read_fields(std::string_view bytes, N&& on_number, T&& on_text) {
  Fields f(bytes);
  while (f.next()) {
    if (f.type() == 0) on_number(f.number(), static_cast<std::int64_t>(f.integer()));
    if (f.type() == 2) on_text(f.number(), f.bytes());
  }
  check(f.good(), Code::data_loss, "checkpoint: its graph of objects is damaged");
}
const auto no_number = [](std::uint32_t, std::int64_t) {};
const auto no_text = [](std::uint32_t, std::string_view) {};

ObjectGraph::Node read_node(std::string_view bytes) {
  ObjectGraph::Node node;
  read_fields(bytes, no_number, [&](std::uint32_t field, std::string_view part) {
    if (field == 1) {
      ObjectGraph::Child c;
      read_fields(part, [&](std::uint32_t at, std::int64_t v) { if (at == 1) c.node = v; },
                  [&](std::uint32_t at, std::string_view v) { if (at == 2) c.name = v; });
      node.children.push_back(std::move(c));
    } else if (field == 2) {
      ObjectGraph::Attribute a;
      read_fields(part, no_number, [&](std::uint32_t at, std::string_view v) {
        if (at == 1) a.name = v;
        if (at == 2) a.full_name = v;
        if (at == 3) a.key = v;
      });
      node.attributes.push_back(std::move(a));
    } else if (field == 3) {
      ObjectGraph::Slot s;
      read_fields(part, [&](std::uint32_t at, std::int64_t v) {
        if (at == 1) s.variable = v;
        if (at == 3) s.slot = v;
      }, [&](std::uint32_t at, std::string_view v) { if (at == 2) s.name = v; });
      node.slots.push_back(std::move(s));
    } else if (field == 4) {
      read_fields(part, no_number, [&](std::uint32_t at, std::string_view v) { if (at == 1) node.registered_saver = v; });
    } else if (field == 5) {
      read_fields(part, [&](std::uint32_t at, std::int64_t v) { if (at == 1) node.has_checkpoint_values = v != 0; }, no_text);
    }
  });
  return node;
}

}  // namespace

std::string object_graph_bytes(const ObjectGraph& graph) {
  std::string out;
  for (const ObjectGraph::Node& node : graph.nodes) {
    std::string bytes;
    for (const auto& c : node.children) {
      std::string child;
      put_number(child, 1, c.node);
      put_text(child, 2, c.name);
      wire::append_bytes(bytes, 1, child);
    }
    for (const auto& a : node.attributes) {
      std::string attribute;
      put_text(attribute, 1, a.name);
      put_text(attribute, 2, a.full_name);
      put_text(attribute, 3, a.key);
      wire::append_bytes(bytes, 2, attribute);
    }
    for (const auto& s : node.slots) {
      std::string slot;
      put_number(slot, 1, s.variable);
      put_text(slot, 2, s.name);
      put_number(slot, 3, s.slot);
      wire::append_bytes(bytes, 3, slot);
    }
    std::string holds;
    put_number(holds, 1, node.has_checkpoint_values);
    wire::append_bytes(bytes, 5, holds);
    wire::append_bytes(out, 1, bytes);
  }
  return out;
}

ObjectGraph read_object_graph(std::string_view bytes) {
  ObjectGraph graph;
  read_fields(bytes, no_number, [&](std::uint32_t field, std::string_view part) {
    if (field == 1) graph.nodes.push_back(read_node(part));
  });
  const auto count = static_cast<std::int64_t>(graph.nodes.size());
  const auto there = [&](std::int64_t node) {
    check(node >= 0 && node < count, Code::data_loss, "checkpoint: its graph of objects names node {} of {}", node, count);
  };
  for (const ObjectGraph::Node& node : graph.nodes) {
    for (const auto& c : node.children) there(c.node);
    for (const auto& s : node.slots) there(s.variable), there(s.slot);
  }
  return graph;
}

}  // namespace ninefold
