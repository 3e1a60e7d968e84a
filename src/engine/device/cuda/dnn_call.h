// In: nothing. Out: what cuDNN is asked, as data without a gap, so that its bytes are the key of its plan.
#pragma once

#include <cstdint>

namespace ninefold::cuda {

constexpr int kNoDnn = -1001;                // text() says which library is missing
constexpr int kNoEngine = -1002;             // cuDNN has nothing for it, or nothing that is allowed

struct DnnTensor {
  int64_t dtype;                             // TensorFlow's number: half, bfloat16, float, double
  int64_t rank;                              // batch, channels, then space, wherever they lie
  int64_t size[5], stride[5];                // in elements
  int64_t alignment;                         // of its address, in bytes
};

struct DnnCall {
  // Convolutions: the tensors are image, filter, result; the last of these is what each kind makes: result, image, filter.
  // Batch normalisation, whose other tensors are [1, channels, 1...] of float. By its own moments (normalise): image, scale, offset,
  // mean and variance before; it makes result, mean, inverse deviation, mean and unbiased variance as they are then. By given ones:
  // image, mean, inverse deviation, scale, offset; it makes the result. Back: image, mean, inverse deviation, what flows into the
  // result, scale; it makes what flows into scale, offset, image.
  // Attention, softmax(scale q k + bias) v, of tensors [batch, heads, rows, columns]: q, k (a column a key), v; it makes the result and
  // statistics, the logarithm of each row's sum of exponentials, [.., 1] of float; behind them the bias, which may have 1 for batch and
  // heads. Back: q, k, v (a column a key, too), result, statistics, what flows into the result; it makes the rows' sums of the product
  // of those two (as statistics), what flows into q, k and v, each row a query or a key; behind them the bias, and unless it is
  // deterministic a sum of floats, as what flows into q, zero before.
  enum Kind : int64_t { convolve, to_image, to_filter, normalise, normalise_by_given, normalise_back, attend, attend_back };
  int64_t kind;
  int64_t tensors;
  DnnTensor tensor[12];                      // of the filter: outputs, inputs of a group, space
  int64_t spatial;
  int64_t stride[3], dilation[3], padding[3];   // as much before as behind
  int64_t tensor_float;                      // products of float32 in TF32
  int64_t deterministic;                     // the same bits whenever it runs
  int64_t biased;                            // attention has one
  double epsilon;                            // of a variance; the moments before count for nothing
  double scale;                              // of attention's products
};

// All steps of an LSTM, or of a GRU whose reset gate comes after its product, over sequences of one length, in float32.
struct DnnRecurrent {
  int64_t lstm, batch, steps, in, units;
  int64_t time_major;                        // [steps, batch, ...] instead of [batch, steps, ...]
  int64_t training;                          // a gradient follows
  int64_t tensor_float;
};
struct DnnRecurrentSizes {
  uint64_t weights, workspace, reserve;      // bytes; nothing is reserved but in training
  // Where each gate's [units, in] or [units, units] and its bias lie in the weights, in floats: what the inputs enter, then what
  // the state does. LSTM: i, f, candidate, o; GRU: r, z, candidate. -1: there is none.
  int64_t matrix[8], bias[8];
};
struct DnnRecurrentRun {
  const int32_t* lengths;                    // [batch], of the host: steps behind a sample's count for nothing; null: all count
  int64_t back;                              // after a forward run with the same reserve: what is below `cy`, of all else
  const void *x, *hx, *cx, *weights;         // cx, cy and what flows into them: of LSTM
  void *y, *hy, *cy;
  const void *dy, *dhy, *dcy;                // the last two may be null: nothing flows there
  void *dx, *dhx, *dcx, *dweights;           // dweights is added to
  void *workspace, *reserve;
};

struct DnnLibrary {
  int64_t version;                           // 91900 for 9.19.0; 0: none
  const char* missing;                       // null, or which library is missing and how to get it
};

}  // namespace ninefold::cuda
