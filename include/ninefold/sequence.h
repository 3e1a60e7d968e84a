// In: options of layers over sequences. Out: recurrent layers, attention, preprocessing, and what layers.h lacks of
// pooling and convolutions, ready for a model.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

struct DotOptions {
  Value axes = {};          // an int for both, or one for each
  bool normalize = false;   // to lengths of 1 along the axes: the cosine of the angle between them
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Dot(Value axes, DotOptions options = {});
NINEFOLD_API LayerPtr MaxPooling3D(PoolOptions options = {});
NINEFOLD_API LayerPtr AveragePooling3D(PoolOptions options = {});
NINEFOLD_API LayerPtr Conv3DTranspose(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr SeparableConv1D(int64_t filters, std::vector<int64_t> kernel_size, DepthwiseConvOptions options = {});

// ---- recurrent: [batch, steps, n] -> [batch, units], or [batch, steps, units] with return_sequences ----

// What cells and whole layers share. recurrent_activation: of GRU and LSTM; unit_forget_bias: of LSTM; reset_after: of
// GRU. `implementation`: 2 multiplies all gates at once, 1 gate by gate, as recurrent dropout needs it.
#define NINEFOLD_CELL_OPTIONS                                                                                      \
  int64_t units = 0;                                                                                               \
  Given<keras::Activation> activation = "tanh", recurrent_activation = "sigmoid";                                  \
  bool use_bias = true;                                                                                            \
  Given<Initializer> kernel_initializer = "glorot_uniform", recurrent_initializer = "orthogonal",                  \
                     bias_initializer = "zeros";                                                                   \
  bool unit_forget_bias = true;                                                                                    \
  Given<Regularizer> kernel_regularizer = {}, recurrent_regularizer = {}, bias_regularizer = {},                   \
                     activity_regularizer = {};                                                                    \
  Given<Constraint> kernel_constraint = {}, recurrent_constraint = {}, bias_constraint = {};                       \
  double dropout = 0, recurrent_dropout = 0;                                                                       \
  bool reset_after = true;                                                                                         \
  int64_t implementation = 2
#define NINEFOLD_SEQUENCE_OPTIONS                                                                                  \
  bool return_sequences = false, return_state = false, go_backwards = false, stateful = false, time_major = false, \
       unroll = false, zero_output_for_mask = false

struct CellOptions {
  NINEFOLD_CELL_OPTIONS;
  NINEFOLD_LAYER_OPTIONS;
};
// One step: called with [batch, n] and {further = {states}}, a cell gives {output, new states}.
NINEFOLD_API LayerPtr SimpleRNNCell(int64_t units, CellOptions options = {});
NINEFOLD_API LayerPtr GRUCell(int64_t units, CellOptions options = {});
NINEFOLD_API LayerPtr LSTMCell(int64_t units, CellOptions options = {});
struct StackedCellsOptions {
  Value cells = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr StackedRNNCells(std::vector<LayerPtr> cells, StackedCellsOptions options = {});

// What recurrent layers offer besides Layer.
class NINEFOLD_API RecurrentLayer : public Layer {
 public:
  virtual LayerPtr cell() const = 0;
  virtual Value states() const = 0;                       // of stateful layers: variables; else None for each
  // None: zeros. Raises AttributeError unless the layer is stateful.
  virtual void reset_states(const Value& states = {}) = 0;
  virtual Value initial_state(const Tensor& inputs) const = 0;
};
struct RnnOptions {
  Value cell = {};                  // a layer, or a list of them that is stacked
  NINEFOLD_SEQUENCE_OPTIONS;
  NINEFOLD_LAYER_OPTIONS;
};
// Called with inputs, or with {inputs, state, ...}; gives the output, or {output, state, ...} with return_state.
NINEFOLD_API LayerPtr RNN(LayerPtr cell, RnnOptions options = {});
NINEFOLD_API LayerPtr RNN(std::vector<LayerPtr> cells, RnnOptions options = {});
struct RecurrentOptions {
  NINEFOLD_CELL_OPTIONS;
  NINEFOLD_SEQUENCE_OPTIONS;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr SimpleRNN(int64_t units, RecurrentOptions options = {});
NINEFOLD_API LayerPtr GRU(int64_t units, RecurrentOptions options = {});
NINEFOLD_API LayerPtr LSTM(int64_t units, RecurrentOptions options = {});
struct BidirectionalOptions {
  Value layer = {};
  Value merge_mode = "concat";      // "sum", "mul", "ave", "concat", or None: both outputs
  Value weights = {}, backward_layer = {};
  NINEFOLD_LAYER_OPTIONS;
};
// The layer once over the steps and once over the steps backwards.
NINEFOLD_API LayerPtr Bidirectional(LayerPtr layer, BidirectionalOptions options = {});
struct TimeDistributedOptions {
  Value layer = {};                 // a layer, or its {"class_name", "config"}
  NINEFOLD_LAYER_OPTIONS;
};
// The layer for each step: [batch, steps, ...] -> [batch, steps, ...].
NINEFOLD_API LayerPtr TimeDistributed(LayerPtr layer, TimeDistributedOptions options = {});

// ---- attention: called on {query, value} or {query, value, key} ----

struct AttentionOptions {
  bool use_scale = false;           // one weight for all scores
  std::string score_mode = "dot";   // or "concat"
  bool causal = false;              // a position sees itself and what is before it
  double dropout = 0;
  NINEFOLD_LAYER_OPTIONS;
};
// [batch, queries, n] x [batch, values, n] -> [batch, queries, n].
NINEFOLD_API LayerPtr Attention(AttentionOptions options = {});
struct AdditiveAttentionOptions {
  bool use_scale = true;            // one weight a feature
  bool causal = false;
  double dropout = 0;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr AdditiveAttention(AdditiveAttentionOptions options = {});
struct MultiHeadAttentionOptions {
  int64_t num_heads = 0, key_dim = 0;
  Value value_dim = {};             // None: key_dim
  double dropout = 0;
  bool use_bias = true;
  Value output_shape = {};          // None: the query's last dimension
  Value attention_axes = {};        // None: all but batch, heads and features
  Given<Initializer> kernel_initializer = "glorot_uniform", bias_initializer = "zeros";
  Given<Regularizer> kernel_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Given<Constraint> kernel_constraint = {}, bias_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
// layer(query, {.further = {value, key}, .named = {{"attention_mask", mask}}}).
NINEFOLD_API LayerPtr MultiHeadAttention(int64_t num_heads, int64_t key_dim, MultiHeadAttentionOptions options = {});
struct EinsumDenseOptions {
  std::string equation = {};
  Value output_shape = {};          // without the batch; None where a dimension is the input's
  Given<keras::Activation> activation = {};
  std::string bias_axes = {};
  Given<Initializer> kernel_initializer = "glorot_uniform", bias_initializer = "zeros";
  Given<Regularizer> kernel_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Given<Constraint> kernel_constraint = {}, bias_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
// activation(einsum(equation, x, kernel) + bias), "ab,bc->ac".
NINEFOLD_API LayerPtr EinsumDense(std::string equation, Value output_shape, EinsumDenseOptions options = {});

// ---- preprocessing ----

// A layer that learns from data before training.
class NINEFOLD_API PreprocessingLayer : public Layer {
 public:
  // Tensors, or a dataset of batches; forgets what an earlier call learnt.
  void adapt(const Value& data, const Value& batch_size = {}, const Value& steps = {});
  virtual void reset_state() = 0;
  virtual void update_state(const Tensor& batch) = 0;
  virtual void finalize_state() = 0;
};
struct NormalizationOptions {
  Value axis = -1;                  // an axis, a list of them, or None: all
  Value mean = {}, variance = {};   // known beforehand; else adapt() learns them
  NINEFOLD_LAYER_OPTIONS;
};
// (x - mean) / sqrt(variance).
NINEFOLD_API LayerPtr Normalization(NormalizationOptions options = {});
struct CategoryEncodingOptions {
  Value num_tokens = {};
  std::string output_mode = "multi_hot";   // "one_hot", "multi_hot" or "count"
  bool sparse = false;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr CategoryEncoding(int64_t num_tokens, CategoryEncodingOptions options = {});

}  // namespace ninefold::keras
