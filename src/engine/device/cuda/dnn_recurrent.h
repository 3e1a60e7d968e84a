// In: a recurrent layer as data, cuDNN's functions. Out: the layer as cuDNN's descriptors, what it wants of memory, its steps and what
// flows back. Knows no CUDA: tests bring functions of their own.
#pragma once

#include <utility>
#include <vector>

#include "engine/device/cuda/dnn_call.h"
#include "engine/device/cuda/dnn_interface.h"

namespace ninefold::cuda::dnn {

class Layer {
 public:
  Layer(const RecurrentFunctions& f, const DnnRecurrent& what) : f_(f), what_(what) {
    const int batch = static_cast<int>(what.batch), steps = static_cast<int>(what.steps);
    const auto in = static_cast<int32_t>(what.in), units = static_cast<int32_t>(what.units);
    const auto first = [&](int status) { if (!status_) status_ = status; };
    first(f.make_layer(&layer_));
    // One layer in one direction: neither projected nor dropped from.
    if (!status_)
      first(f.set_layer(layer_, 0, what.lstm ? kLstm : kGru, what.lstm ? kOneBias : kTwoBiases, 0, 0, kFloat, kFloat,
                        what.tensor_float ? kDefaultMath : kPlainMath, in, units, units, 1, nullptr, kPaddedData));
    const std::vector<int32_t> whole(static_cast<size_t>(batch), steps);
    if (!status_) first(data_of(whole.data(), &x_, &y_));
    const int sizes[] = {1, batch, units}, strides[] = {batch * units, units, 1};
    if (!status_) first(f.make_tensor(&state_));
    if (!status_) first(f.set_tensor(state_, kFloat, 3, sizes, strides));
    for (void** t : {&matrix_, &bias_})
      if (!status_) first(f.make_tensor(t));
  }
  Layer(const Layer&) = delete;
  ~Layer() {
    for (void* t : {state_, matrix_, bias_})
      if (t) f_.drop_tensor(t);
    for (void* d : {x_, y_})
      if (d) f_.drop_data(d);
    if (layer_) f_.drop_layer(layer_);
  }

  // cuDNN's status, as that of the others.
  int measure(Handle handle, DnnRecurrentSizes* s) {
    size_t weights = 0, workspace = 0, reserve = 0;
    if (!status_) status_ = f_.weight_bytes(handle, layer_, &weights);
    if (!status_) status_ = f_.other_bytes(handle, layer_, mode(), x_, &workspace, &reserve);
    bytes_ = *s = {weights, workspace, what_.training ? reserve : 0, {}, {}};
    return status_;
  }
  int place(Handle handle, const void* weights, DnnRecurrentSizes* s) {
    const int gates = what_.lstm ? 8 : 6;
    for (int i = 0; i < 8; ++i) {
      void *matrix = nullptr, *bias = nullptr;
      if (i < gates && !status_) status_ = f_.weight_at(handle, layer_, 0, bytes_.weights, weights, i, matrix_, &matrix, bias_, &bias);
      if (i < gates && !matrix && !status_) status_ = kNoEngine;
      const auto at = [&](const void* p) { return p ? static_cast<const float*>(p) - static_cast<const float*>(weights) : int64_t{-1}; };
      s->matrix[i] = at(matrix);
      s->bias[i] = at(bias);
    }
    return status_;
  }
  int run(Handle handle, const DnnRecurrentRun& r) const {
    if (!r.lengths) return run(handle, r, x_, y_);
    void *x = nullptr, *y = nullptr;         // of this run alone: another one has other lengths
    int status = data_of(r.lengths, &x, &y);
    if (!status) status = run(handle, r, x, y);
    for (void* d : {x, y})
      if (d) f_.drop_data(d);
    return status;
  }

 private:
  int mode() const { return what_.training ? kTraining : kInference; }
  int data_of(const int32_t* lengths, void** x, void** y) const {
    float fill = 0;
    for (auto [data, size] : {std::pair{x, what_.in}, {y, what_.units}}) {
      if (const int s = f_.make_data(data)) return s;
      if (const int s = f_.set_data(*data, kFloat, what_.time_major ? kStepsFirst : kSamplesFirst, static_cast<int>(what_.steps),
                                    static_cast<int>(what_.batch), static_cast<int>(size), lengths, &fill))
        return s;
    }
    return 0;
  }
  int run(Handle handle, const DnnRecurrentRun& r, void* x, void* y) const {
    if (!r.back)
      return f_.forward(handle, layer_, mode(), nullptr, x, r.x, y, r.y, state_, r.hx, r.hy, state_, r.cx, r.cy, bytes_.weights, r.weights,
                        bytes_.workspace, r.workspace, bytes_.reserve, r.reserve);
    if (const int s = f_.back_to_data(handle, layer_, nullptr, y, r.y, r.dy, x, r.dx, state_, r.hx, r.dhy, r.dhx, state_, r.cx, r.dcy, r.dcx,
                                      bytes_.weights, r.weights, bytes_.workspace, r.workspace, bytes_.reserve, r.reserve))
      return s;
    return f_.back_to_weights(handle, layer_, kAddWeights, nullptr, x, r.x, state_, r.hx, y, r.y, bytes_.weights, r.dweights,
                              bytes_.workspace, r.workspace, bytes_.reserve, r.reserve);
  }

  const RecurrentFunctions& f_;
  const DnnRecurrent what_;
  DnnRecurrentSizes bytes_{};
  void *layer_ = nullptr, *x_ = nullptr, *y_ = nullptr, *state_ = nullptr, *matrix_ = nullptr, *bias_ = nullptr;
  int status_ = 0;
};

}  // namespace ninefold::cuda::dnn
