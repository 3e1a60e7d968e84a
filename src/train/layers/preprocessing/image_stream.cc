// In: a layer's seed. Out: the stream of its generator, whose state is a variable that no weight list holds.
#include "train/layers/preprocessing/image_stream.h"

#include <array>

#include "engine/op/scope.h"
#include "ninefold/layers.h"
#include "train/layers/random.h"

namespace ninefold::keras {

DrawingLayer::~DrawingLayer() = default;

void ImageStream::set(const Value& seed) { seed_ = seed.none() ? Value(drawn_seed()) : seed; }
const Variable& ImageStream::state() {
  if (!state_.defined()) {
    Pushed<Tracer*> eager(scope().tracers, nullptr);   // made now, within a trace too
    NoRecording quiet;
    state_ = Variable(function("tf.random.create_rng_state", {{"seed", seed_}, {"alg", 1}}), {.name = "StateVar", .trainable = false});
  }
  return state_;
}
Tensors ImageStream::inputs(const Tensor& shape) { return {state().handle(), Tensor(int64_t{1}), shape}; }   // 1: Philox
Tensor ImageStream::uniform(const std::vector<int64_t>& shape, double low, double high) { return uniform_of(ints(shape), low, high); }
Tensor ImageStream::uniform_of(const Tensor& shape, double low, double high) {
  const Tensor u = op_all("StatefulUniform", inputs(shape), std::array{NamedAttr("dtype", DType::f32)}).at(0);
  const Tensor from = number(low, DType::f32);
  return u * (number(high, DType::f32) - from) + from;
}
Tensor ImageStream::integers(const std::vector<int64_t>& shape, int32_t low, int32_t high) {
  Tensors in = inputs(ints(shape));
  in.push_back(Tensor(low));
  in.push_back(Tensor(high));
  return op_all("StatefulUniformInt", in, std::array{NamedAttr("dtype", DType::i32)}).at(0);
}
Tensor ImageStream::seeds() {
  const Tensor key = op_all("StatefulUniformFullInt", inputs(ints({1})), std::array{NamedAttr("dtype", DType::i64)}).at(0);
  const Tensor parts[] = {key, op("ZerosLike", {key}), Tensor(int32_t{0})};
  return op_all("ConcatV2", parts).at(0);
}

}  // namespace ninefold::keras
