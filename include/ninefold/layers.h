// In: a layer's options. Out: the layer, ready for a model. The fields are the layer's config, Python's
// keywords and its documentation at once; `name`, `input_shape` and `trainable` stand in each.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

#define NINEFOLD_LAYER_OPTIONS \
  std::string name = {};       \
  InputShape input_shape = {}; \
  bool trainable = true;       \
  DType dtype = DType::invalid

struct DenseOptions {
  int64_t units = 0;
  Given<Activation> activation = {};
  bool use_bias = true;
  Given<Initializer> kernel_initializer = "glorot_uniform", bias_initializer = "zeros";
  Given<Regularizer> kernel_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Given<Constraint> kernel_constraint = {}, bias_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
// y = activation(x W + b) over the last axis: [..., n] -> [..., units].
NINEFOLD_API LayerPtr Dense(int64_t units, DenseOptions options = {});

struct DropoutOptions {
  double rate = 0;
  std::vector<int64_t> noise_shape = {};   // empty: the input's; -1: as the input has it
  Value seed = {};
  NINEFOLD_LAYER_OPTIONS;
};
// Zeroes a share `rate` of the input while training and scales the rest by 1 / (1 - rate).
NINEFOLD_API LayerPtr Dropout(double rate, DropoutOptions options = {});

struct ActivationOptions {
  Given<keras::Activation> activation = {};
  NINEFOLD_LAYER_OPTIONS;
};
// An activation as a layer of its own (class Activation in Python).
NINEFOLD_API LayerPtr Activate(Given<keras::Activation> activation, ActivationOptions options = {});

struct FlattenOptions {
  std::string data_format = {};            // empty: channels_last
  NINEFOLD_LAYER_OPTIONS;
};
// [batch, ...] -> [batch, n].
NINEFOLD_API LayerPtr Flatten(FlattenOptions options = {});

// Ints of which negative ones are meant, as the -1 of a reshape.
struct SignedInts : std::vector<int64_t> {
  using vector::vector;
};
struct ReshapeOptions {
  SignedInts target_shape = {};            // without the batch; one -1 takes what is left
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Reshape(std::vector<int64_t> target_shape, ReshapeOptions options = {});

// ---- convolutions: data_format is "channels_last" (empty) or "channels_first"; one size stands for all axes ----

struct ConvOptions {
  int64_t filters = 0;
  std::vector<int64_t> kernel_size = {}, strides = {1};
  std::string padding = "valid", data_format = {};
  std::vector<int64_t> dilation_rate = {1};
  int64_t groups = 1;
  Given<keras::Activation> activation = {};
  bool use_bias = true;
  Given<Initializer> kernel_initializer = "glorot_uniform", bias_initializer = "zeros";
  Given<Regularizer> kernel_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Given<Constraint> kernel_constraint = {}, bias_constraint = {};
  std::vector<int64_t> output_padding = {};   // of transposed convolutions
  NINEFOLD_LAYER_OPTIONS;
};
// [batch, steps, n] -> [batch, steps', filters]; padding may be "causal".
NINEFOLD_API LayerPtr Conv1D(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr Conv2D(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr Conv3D(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr Conv1DTranspose(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr Conv2DTranspose(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});

struct DepthwiseConvOptions {
  std::vector<int64_t> kernel_size = {}, strides = {1};
  std::string padding = "valid", data_format = {};
  std::vector<int64_t> dilation_rate = {1};
  int64_t depth_multiplier = 1, filters = 0;  // filters: of separable convolutions
  Given<keras::Activation> activation = {};
  bool use_bias = true;
  Given<Initializer> depthwise_initializer = "glorot_uniform", pointwise_initializer = "glorot_uniform", bias_initializer = "zeros";
  Given<Regularizer> depthwise_regularizer = {}, pointwise_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Given<Constraint> depthwise_constraint = {}, pointwise_constraint = {}, bias_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr DepthwiseConv2D(std::vector<int64_t> kernel_size, DepthwiseConvOptions options = {});
NINEFOLD_API LayerPtr SeparableConv2D(int64_t filters, std::vector<int64_t> kernel_size, DepthwiseConvOptions options = {});

// ---- pooling ----

struct PoolOptions {
  std::vector<int64_t> pool_size = {2}, strides = {};   // no strides: the pool's size
  std::string padding = "valid", data_format = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr MaxPooling1D(PoolOptions options = {});
NINEFOLD_API LayerPtr MaxPooling2D(PoolOptions options = {});
NINEFOLD_API LayerPtr AveragePooling1D(PoolOptions options = {});
NINEFOLD_API LayerPtr AveragePooling2D(PoolOptions options = {});
struct GlobalPoolOptions {
  std::string data_format = {};
  bool keepdims = false;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr GlobalMaxPooling1D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalMaxPooling2D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalMaxPooling3D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalAveragePooling1D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalAveragePooling2D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalAveragePooling3D(GlobalPoolOptions options = {});

// ---- normalization ----

struct BatchNormalizationOptions {
  Value axis = -1;                  // an axis or a list of them; a list once built
  double momentum = 0.99, epsilon = 1e-3;
  bool center = true, scale = true;
  Given<Initializer> beta_initializer = "zeros", gamma_initializer = "ones", moving_mean_initializer = "zeros",
                     moving_variance_initializer = "ones";
  Given<Regularizer> beta_regularizer = {}, gamma_regularizer = {};
  Given<Constraint> beta_constraint = {}, gamma_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
// Per channel: while training by the batch's mean and variance, which move averages; else by those averages.
NINEFOLD_API LayerPtr BatchNormalization(BatchNormalizationOptions options = {});
struct LayerNormalizationOptions {
  Value axis = -1;                  // an axis or a list of them; a list once built
  double epsilon = 1e-3;
  bool center = true, scale = true;
  Given<Initializer> beta_initializer = "zeros", gamma_initializer = "ones";
  Given<Regularizer> beta_regularizer = {}, gamma_regularizer = {};
  Given<Constraint> beta_constraint = {}, gamma_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr LayerNormalization(LayerNormalizationOptions options = {});

// ---- embeddings and masks ----

struct EmbeddingOptions {
  int64_t input_dim = 0, output_dim = 0;
  Given<Initializer> embeddings_initializer = "uniform";
  Given<Regularizer> embeddings_regularizer = {}, activity_regularizer = {};
  Given<Constraint> embeddings_constraint = {};
  bool mask_zero = false;
  Value input_length = {};
  NINEFOLD_LAYER_OPTIONS;
};
// Ids [batch, ...] -> rows of a table [batch, ..., output_dim].
NINEFOLD_API LayerPtr Embedding(int64_t input_dim, int64_t output_dim, EmbeddingOptions options = {});

// ---- merging: called on a list ----

struct MergeOptions { NINEFOLD_LAYER_OPTIONS; };
NINEFOLD_API LayerPtr Add(MergeOptions options = {});
NINEFOLD_API LayerPtr Subtract(MergeOptions options = {});
NINEFOLD_API LayerPtr Multiply(MergeOptions options = {});
NINEFOLD_API LayerPtr Average(MergeOptions options = {});
NINEFOLD_API LayerPtr Maximum(MergeOptions options = {});
NINEFOLD_API LayerPtr Minimum(MergeOptions options = {});
struct ConcatenateOptions {
  int64_t axis = -1;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Concatenate(ConcatenateOptions options = {});

// ---- forms: sizes and paddings as Keras takes them, an int, a list or a list of pairs ----

struct PermuteOptions {
  std::vector<int64_t> dims = {};   // from 1: the batch stays
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Permute(std::vector<int64_t> dims, PermuteOptions options = {});
struct RepeatVectorOptions {
  int64_t n = 0;
  NINEFOLD_LAYER_OPTIONS;
};
// [batch, n] -> [batch, times, n].
NINEFOLD_API LayerPtr RepeatVector(int64_t times, RepeatVectorOptions options = {});
struct PaddingOptions {
  Value padding = 1;
  std::string data_format = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr ZeroPadding1D(PaddingOptions options = {});
NINEFOLD_API LayerPtr ZeroPadding2D(PaddingOptions options = {});
struct CroppingOptions {
  Value cropping = ValueList{1, 1};
  std::string data_format = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Cropping1D(CroppingOptions options = {});
NINEFOLD_API LayerPtr Cropping2D(CroppingOptions options = {});
struct UpSamplingOptions {
  std::vector<int64_t> size = {2};
  std::string data_format = {}, interpolation = "nearest";
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr UpSampling1D(UpSamplingOptions options = {});
NINEFOLD_API LayerPtr UpSampling2D(UpSamplingOptions options = {});

// ---- activations with numbers of their own ----

struct ReluOptions {
  Value max_value = {};
  double negative_slope = 0, threshold = 0;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr ReLU(ReluOptions options = {});
struct SlopeOptions {
  double alpha = 0.3;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr LeakyReLU(SlopeOptions options = {});
struct EluOptions {
  double alpha = 1;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr ELU(EluOptions options = {});
struct ThresholdOptions {
  double theta = 1;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr ThresholdedReLU(ThresholdOptions options = {});
struct SoftmaxOptions {
  Value axis = -1;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Softmax(SoftmaxOptions options = {});
struct PreluOptions {
  Given<Initializer> alpha_initializer = "zeros";
  Given<Regularizer> alpha_regularizer = {};
  Given<Constraint> alpha_constraint = {};
  std::vector<int64_t> shared_axes = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr PReLU(PreluOptions options = {});

// ---- noise, only while training ----

struct NoiseOptions {
  double stddev = 0;
  Value seed = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr GaussianNoise(double stddev, NoiseOptions options = {});
struct RateOptions {
  double rate = 0;
  Value seed = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr GaussianDropout(double rate, RateOptions options = {});
struct SpatialDropoutOptions {
  double rate = 0;
  std::string data_format = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr SpatialDropout1D(double rate, SpatialDropoutOptions options = {});
NINEFOLD_API LayerPtr SpatialDropout2D(double rate, SpatialDropoutOptions options = {});

struct MaskingOptions {
  Value mask_value = 0.0;
  NINEFOLD_LAYER_OPTIONS;
};
// Steps whose features all equal mask_value are masked.
NINEFOLD_API LayerPtr Masking(MaskingOptions options = {});


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
// What a ConvLSTM's cell and its layers share: kernels over one, two or three axes, a single size for all of them.
#define NINEFOLD_CONV_LSTM_OPTIONS                                                                                 \
  int64_t filters = 0;                                                                                             \
  std::vector<int64_t> kernel_size = {}, strides = {1};                                                            \
  std::string padding = "valid", data_format = {};                                                                 \
  std::vector<int64_t> dilation_rate = {1};                                                                        \
  Given<keras::Activation> activation = "tanh", recurrent_activation = "hard_sigmoid";                             \
  bool use_bias = true;                                                                                            \
  Given<Initializer> kernel_initializer = "glorot_uniform", recurrent_initializer = "orthogonal",                  \
                     bias_initializer = "zeros";                                                                   \
  bool unit_forget_bias = true;                                                                                    \
  Given<Regularizer> kernel_regularizer = {}, recurrent_regularizer = {}, bias_regularizer = {},                   \
                     activity_regularizer = {};                                                                    \
  Given<Constraint> kernel_constraint = {}, recurrent_constraint = {}, bias_constraint = {};                       \
  double dropout = 0, recurrent_dropout = 0
struct ConvLSTMOptions {
  NINEFOLD_CONV_LSTM_OPTIONS;
  NINEFOLD_SEQUENCE_OPTIONS;
  NINEFOLD_LAYER_OPTIONS;
};
// [batch, steps, ..., channels] -> [batch, ..., filters], or [batch, steps, ..., filters] with return_sequences: an LSTM
// whose products are convolutions.
NINEFOLD_API LayerPtr ConvLSTM1D(int64_t filters, std::vector<int64_t> kernel_size, ConvLSTMOptions options = {});
NINEFOLD_API LayerPtr ConvLSTM2D(int64_t filters, std::vector<int64_t> kernel_size, ConvLSTMOptions options = {});
NINEFOLD_API LayerPtr ConvLSTM3D(int64_t filters, std::vector<int64_t> kernel_size, ConvLSTMOptions options = {});
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

// A layer, or a part of a model (a regularizer, a loss, a schedule, a callback), whose options can be set anew: it computes by
// them from its next call on, and its config has them. What was made of them before (weights, regularizers of weights,
// functions that were traced) stays as it is.
class NINEFOLD_API OptionFields {
 public:
  virtual ~OptionFields();
  // False for a name that it has no option of. Raises TypeError or ValueError for a value that does not fit.
  virtual bool set_field(const std::string& name, const Value& value) = 0;
};
// A layer that draws from a generator of its own, whose state SavedModels keep and no list of weights holds.
class NINEFOLD_API DrawingLayer {
 public:
  virtual ~DrawingLayer();
  virtual Variable generator_state() = 0;   // int64 [3]: what tf.random.Generator.state is
};
// A layer that learns from data before training.
class NINEFOLD_API PreprocessingLayer : public Layer {
 public:
  // Tensors, or a dataset of batches; forgets what an earlier call learnt.
  void adapt(const Value& data, const Value& batch_size = {}, const Value& steps = {});
  virtual void reset_state() = 0;
  virtual void update_state(const Value& batch) = 0;   // a tensor, a ragged or a sparse one
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

// A layer that knows terms by their places in a vocabulary.
class NINEFOLD_API VocabularyLayer : public PreprocessingLayer {
 public:
  // Terms as a list or tensor, or the name of a file with one a line; weights, one a term, of "tf_idf" only.
  virtual void set_vocabulary(const Value& vocabulary, const Value& idf_weights = {}) = 0;
  virtual ValueList get_vocabulary(bool include_special_tokens = true) const = 0;
  virtual int64_t vocabulary_size() const = 0;
};
// max_tokens: of the vocabulary, special tokens included. num_oov_indices: 0 lets terms that are not known raise.
// vocabulary: a list, a tensor or the name of a file. invert: from places to terms. output_mode: "int", "one_hot",
// "multi_hot", "count" or "tf_idf", which needs idf_weights.
#define NINEFOLD_LOOKUP_OPTIONS                        \
  Value max_tokens = {};                               \
  int64_t num_oov_indices = 1;                         \
  Value mask_token = {};                               \
  Value vocabulary = {}, idf_weights = {};             \
  bool invert = false;                                 \
  std::string output_mode = "int";                     \
  bool sparse = false, pad_to_max_tokens = false;      \
  NINEFOLD_LAYER_OPTIONS
struct StringLookupOptions {
  Value oov_token = "[UNK]", encoding = {};   // encoding None: utf-8
  NINEFOLD_LOOKUP_OPTIONS;
};
struct IntegerLookupOptions {
  Value oov_token = -1, vocabulary_dtype = "int64";
  NINEFOLD_LOOKUP_OPTIONS;
};
// Terms -> their places in a vocabulary, or which of it occur, or how often.
NINEFOLD_API LayerPtr StringLookup(StringLookupOptions options = {});
NINEFOLD_API LayerPtr IntegerLookup(IntegerLookupOptions options = {});
struct TextVectorizationOptions {
  Value max_tokens = {};
  Value standardize = "lower_and_strip_punctuation";   // "lower", "strip_punctuation", or None
  Value split = "whitespace";                          // "character", or None
  Value ngrams = {};                                   // up to that many words, or a list of widths
  Value output_mode = "int";                           // "multi_hot", "count", "tf_idf", or None: the words
  Value output_sequence_length = {};
  bool pad_to_max_tokens = false;
  Value vocabulary = {}, idf_weights = {};
  bool sparse = false, ragged = false;
  NINEFOLD_LAYER_OPTIONS;
};
// Texts [batch] or [batch, 1] -> the places of their words, or which words occur. Other ways to standardize and split
// are methods of these names (Object::override_method).
NINEFOLD_API LayerPtr TextVectorization(TextVectorizationOptions options = {});
struct HashingOptions {
  Value num_bins = {};
  Value mask_value = {};                // what alone falls into bin 0
  Value salt = {};                      // an int or two: a keyed hash
  std::string output_mode = "int";
  bool sparse = false;
  NINEFOLD_LAYER_OPTIONS;
};
// Terms -> bins by their hash.
NINEFOLD_API LayerPtr Hashing(int64_t num_bins, HashingOptions options = {});

// ---- images: [height, width, channels] or [batch, height, width, channels] ----

struct RescalingOptions {
  Value scale = {}, offset = 0.0;       // numbers, or lists of one a channel
  NINEFOLD_LAYER_OPTIONS;
};
// x * scale + offset.
NINEFOLD_API LayerPtr Rescaling(double scale, RescalingOptions options = {});
struct ResizingOptions {
  int64_t height = 0, width = 0;
  std::string interpolation = "bilinear";
  bool crop_to_aspect_ratio = false;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Resizing(int64_t height, int64_t width, ResizingOptions options = {});
struct CropOptions {
  int64_t height = 0, width = 0;
  Value seed = {};                      // of RandomCrop
  NINEFOLD_LAYER_OPTIONS;
};
// The middle of each image; a smaller image is resized, its aspect kept, until it covers the crop.
NINEFOLD_API LayerPtr CenterCrop(int64_t height, int64_t width, CropOptions options = {});
// While training a crop anywhere, one place for the whole batch; else the middle.
NINEFOLD_API LayerPtr RandomCrop(int64_t height, int64_t width, CropOptions options = {});
// A factor is a number, for (-factor, factor), or a list of both bounds.
struct RandomImageOptions {
  Value factor = {};
  std::string mode = "horizontal_and_vertical";   // of RandomFlip; "horizontal", "vertical"
  std::string interpolation = "bilinear";         // of sizes: any method of tf.image.resize
  Value seed = {};
  Value value_range = {};                         // of RandomBrightness; None: [0, 255]
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr RandomFlip(std::string mode = "horizontal_and_vertical", RandomImageOptions options = {});
NINEFOLD_API LayerPtr RandomContrast(Value factor, RandomImageOptions options = {});
NINEFOLD_API LayerPtr RandomBrightness(Value factor, RandomImageOptions options = {});
NINEFOLD_API LayerPtr RandomHeight(Value factor, RandomImageOptions options = {});
NINEFOLD_API LayerPtr RandomWidth(Value factor, RandomImageOptions options = {});

}  // namespace ninefold::keras
