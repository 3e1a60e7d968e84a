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
std::vector<KerasTensorPtr> keras_inputs(const Node& node);   // all that it reads, in order
bool is_input_layer(const Layer& layer);

}  // namespace ninefold::keras
