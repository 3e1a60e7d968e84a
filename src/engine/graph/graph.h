// In: ops as a trace meets them. Out: a Graph of them: TensorFlow OpDefs only, in the order of the program.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/op/op.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold::graph {

// One op of a trace. `out` are the handles that the trace gave out: who holds one can find the node.
struct Node {
  int id = 0;           // its place in Graph::nodes
  const Op* op = nullptr;
  Attrs attrs;
  Tensors in;           // symbols of the same graph
  Tensors out;
  Device* device = nullptr;   // that tf.device wished for within the trace; null: where whoever runs it wishes
  Device* home = nullptr;     // of the replica that it is part of; null: of none, or of whoever runs it
};

// While this lives, ops are placed, or traced, as the node wishes.
class AsPlaced {
 public:
  explicit AsPlaced(const Node* n) : wishes_(n && (n->device || n->home)) {
    if (!wishes_) return;
    wish_ = std::exchange(scope().device, n->device);
    home_ = home_device();
    if (n->home) home_device() = n->home;
  }
  ~AsPlaced() {
    if (!wishes_) return;
    scope().device = wish_;
    home_device() = home_;
  }
  AsPlaced(const AsPlaced&) = delete;

 private:
  const bool wishes_;
  Device *wish_ = nullptr, *home_ = nullptr;
};

// Nodes are appended while tracing and never change afterwards: a graph that is finished is shared by threads.
// The order is that of the program, which is a legal order of execution; effects.h says what else would be.
class Graph {
 public:
  Graph();
  ~Graph();
  Graph(const Graph&) = delete;
  Node& add(const Op&, Attrs, Tensors in, const std::vector<DType>& dtypes, std::vector<Shape> shapes);
  bool owns(const Tensor& t) const { return t.symbolic() && t.impl()->symbol.graph == key; }
  bool has(const Node& n) const { return static_cast<size_t>(n.id) < nodes.size() && &nodes[static_cast<size_t>(n.id)] == &n; }

  // What texts call a node: "x", "add", "scope/add_1". Nodes are named when somebody asks (names.cc).
  void name_argument(const Node& n, std::string name) { arguments_[n.id] = std::move(name); }
  void in_scope(const std::string& scope);   // tf.name_scope of the nodes that follow
  std::string stem_of(const Node&) const;    // its name without a number: "x", "scope/add"
  std::string name_of(const Node&) const;

  void* const key;                 // what symbols carry; never used again, so that a stale one is recognised
  std::string name;                // of the function that is traced
  std::deque<Node> nodes;
  std::vector<Node*> inputs;       // Placeholders: the arguments, then what is captured

 private:
  std::map<int, std::string> arguments_;                 // by node
  std::vector<std::pair<int, std::string>> scopes_;      // from which node on
  mutable std::vector<std::string> names_;               // of the first nodes; guarded by the mutex in names.cc
  mutable std::map<std::string, int> taken_;
};

// A symbol of any graph that still exists.
struct Told {
  std::string tensor;              // "add:0"; "tensor:0" of a graph that is gone
  std::string graph;               // "FuncGraph(name=f, id=12)"; empty if it is gone
};
Told told(const Tensor& symbol);
std::string described(const Graph&);       // "FuncGraph(name=f, id=12)"

inline Node& node_of(const Tensor& t) { return *static_cast<Node*>(t.impl()->symbol.node); }
inline int index_of(const Tensor& t) { return t.impl()->symbol.index; }

// What a node does to resources and the world, its functions' bodies included.
Effect effect_of(const Op&, const Attrs&);
bool must_run(const Op&, const Attrs&);   // it writes or prints: it runs though nobody reads its outputs

const Op& placeholder_op();
const Op& const_op();
const Op& call_op();                      // StatefulPartitionedCall

// Raises an internal error that names the node: inputs come from earlier nodes of the same graph, dtypes agree
// with the record, attributes are complete.
void verify(const Graph&);

}  // namespace ninefold::graph
