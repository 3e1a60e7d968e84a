// In: ops as a trace meets them. Out: a Graph of them: TensorFlow OpDefs only, in the order of the program.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "engine/op/op.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold::graph {

// One op of a trace. `out` are the handles that the trace gave out: who holds one can find the node.
struct Node {
  int id = 0;           // its place in Graph::nodes
  const Op* op = nullptr;
  Attrs attrs;
  Tensors in;           // symbols of the same graph
  Tensors out;
};

// Nodes are appended while tracing and never change afterwards: a graph that is finished is shared by threads.
// The order is that of the program, which is a legal order of execution; effects.h says what else would be.
class Graph {
 public:
  Graph();
  Node& add(const Op&, Attrs, Tensors in, const std::vector<DType>& dtypes, std::vector<Shape> shapes);
  bool owns(const Tensor& t) const { return t.symbolic() && t.impl()->symbol.graph == key; }

  void* const key;                 // what symbols carry; never used again, so that a stale one is recognised
  std::deque<Node> nodes;
  std::vector<Node*> inputs;       // Placeholders: the arguments, then what is captured
};

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
