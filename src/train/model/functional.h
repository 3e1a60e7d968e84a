// In: arguments as users give them to a model. Out: what its graph wants, or Keras' error.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// The tensor in the rank and dtype of `wanted`: a last axis of 1 may be missing or too many. That the rest fits
// has been checked by graph_input_spec.
Value conformed_input(const Value& input, const KerasTensor& wanted);
// The input_spec of a graph of layers: shapes with an open batch, by the names of the inputs.
Value graph_input_spec(const Value& structure, const ValueList& inputs);
// Nodes in order of execution, and layers in the order of model.layers, as Keras' _map_graph_network.
struct GraphOrder {
  std::vector<std::shared_ptr<Node>> nodes;
  std::vector<int64_t> depth;
  std::vector<LayerPtr> layers;
};
GraphOrder order_graph(const ValueList& inputs, const ValueList& outputs);
// The nodes of a functional model, for those who describe it.
class Graph {
 public:
  static const std::vector<std::shared_ptr<Node>>& nodes(const Functional& model) { return model.order_; }
  static const std::vector<int64_t>& depths(const Functional& model) { return model.depth_; }
  // The model also computes `tensors`, which no output needs: what add_loss and add_metric are given. The nodes that
  // are new run after the others.
  static void extend(Functional& model, const ValueList& tensors);
};
// Where a symbolic tensor comes from, as Keras counts: a model that holds its input layer has a first node of its
// own before its calls.
struct Origin {
  LayerPtr layer;
  int64_t node = 0, tensor = 0;
};
Origin origin_of(const KerasTensor& t);
int64_t node_index(const Layer& layer, const Node* node);
std::vector<KerasTensorPtr> keras_inputs(const Node& node);   // all that it reads, in order
bool is_input_layer(const Layer& layer);

}  // namespace ninefold::keras
