// In: batch normalisations on a GPU. Out: calls of cuDNN. It averages moments in its own way, and keeps inverse deviations in the place
// of variances: it is told that moments before count for nothing, and small kernels make of its moments what the ops give.
#include "engine/ops/batch_norm_dnn.gpu.h"

#include "engine/device/cuda/dnn.h"
#include "engine/device/cuda/launch.h"
#include "engine/ops/batch_norm_launch.h"
#include "engine/ops/conv_dnn.gpu.h"
#include "engine/ops/moves.gpu.h"
#include "ninefold/device.h"

namespace ninefold::ops {
namespace {

using NormKind = cuda::DnnCall::Kind;

// Which of the call's tensors is an image; the others are a number a channel.
bool is_image(NormKind kind, int64_t i) {
  return i == 0 || (kind == NormKind::normalise && i == 5) || (kind == NormKind::normalise_by_given && i == 5) ||
         (kind == NormKind::normalise_back && (i == 3 || i == 7));
}
int64_t tensors_of(NormKind kind) { return kind == NormKind::normalise ? 10 : kind == NormKind::normalise_back ? 8 : 6; }

// An engine for tensors that lie at these places; memory of its own, which is aligned, comes later: null.
std::optional<cuda::DnnEngine> engine_for(KernelCtx& k, cuda::DnnCall& call, std::span<void* const> memory) {
  call.tensor_float = call.tensor[0].dtype == static_cast<int64_t>(DType::f32) && device::tensor_float_32();
  call.deterministic = device::deterministic();
  for (int64_t i = 0; i < call.tensors; ++i) call.tensor[i].alignment = dnn_alignment(memory[static_cast<size_t>(i)]);
  return cuda::dnn_engine(k.device(), call);
}
Tensor per_channel(KernelCtx& k, int64_t channels) { return empty_on(k.device(), DType::f32, {channels}); }
void inverse(KernelCtx& k, const float* variance, float* to, int64_t channels) {
  cuda::launch(k.device(), "inverse_deviations", cuda::threads_for(channels),
               cuda::InverseDeviations{channels, variance, to, static_cast<float>(k.number("epsilon"))});
}

}  // namespace

std::optional<cuda::DnnCall> dnn_normalisation(NormKind kind, DType d, const Shape& image, const std::string& format, double epsilon) {
  const Layout l{image.rank() - 2, format.starts_with("NC")};
  const int64_t channels = image[l.channel()];
  if (image.size() == 0 || image.size() / channels < 2) return {};
  cuda::DnnCall call{};
  call.kind = kind;
  call.tensors = tensors_of(kind);
  call.epsilon = kind == NormKind::normalise ? epsilon : 0;
  Shape one = image;
  for (int i = 0; i < image.rank(); ++i)
    if (i != l.channel()) one.set(i, 1);
  for (int64_t i = 0; i < call.tensors; ++i)
    call.tensor[i] = is_image(kind, i) ? dnn_tensor(d, image, l) : dnn_tensor(DType::f32, one, l);
  return call;
}

bool normalise_by_dnn(KernelCtx& k) {
  const bool training = k.flag("is_training");
  const Shape& image = k.shape(0);
  auto call = dnn_normalisation(training ? NormKind::normalise : NormKind::normalise_by_given, k.dtype(0), image, k.text("data_format"), k.number("epsilon"));
  if (!call) return false;
  const int64_t channels = call->tensor[1].size[1];
  const auto in = [&](int i) { return const_cast<void*>(k.in<void>(i)); };
  if (!training) {
    void* memory[] = {in(0), in(3), nullptr, in(1), in(2), k.out<void>(0)};
    const auto engine = engine_for(k, *call, memory);
    if (!engine) return false;
    const Tensor deviations = per_channel(k, channels);
    memory[2] = deviations.impl()->data;
    inverse(k, k.in<float>(4), static_cast<float*>(memory[2]), channels);
    if (!cuda::dnn_run(k.device(), *call, *engine, memory)) return false;
    for (int i = 1; i < 5; ++i) move_run(k, DType::f32, k.out<void>(i), in(i % 2 ? 3 : 4), channels);
    return true;
  }
  void* memory[] = {in(0), in(1), in(2), nullptr, nullptr, k.out<void>(0), k.out<void>(3), nullptr, nullptr, k.out<void>(2)};
  const auto engine = engine_for(k, *call, memory);
  if (!engine) return false;
  Tensor own[4];                             // moments before, twice; inverse deviations; the mean once more
  for (int i = 0; i < 4; ++i) {
    own[i] = per_channel(k, channels);
    memory[i < 2 ? 3 + i : 5 + i] = own[i].impl()->data;
  }
  for (int i = 0; i < 2; ++i) fill_run(k, DType::f32, own[i].impl()->data, nullptr, channels);
  if (!cuda::dnn_run(k.device(), *call, *engine, memory)) return false;
  const cuda::JoinMoments join{image.size() / channels, channels, k.in<float>(3), k.in<float>(4), k.out<float>(1), k.out<float>(2), k.out<float>(3),
                               k.out<float>(4), static_cast<float>(k.number("exponential_avg_factor"))};
  cuda::launch(k.device(), "join_moments", cuda::threads_for(channels), join);
  return true;
}

bool normalise_back_by_dnn(KernelCtx& k) {
  auto call = dnn_normalisation(NormKind::normalise_back, k.dtype(1), k.shape(1), k.text("data_format"), 0);
  if (!call) return false;
  const auto in = [&](int i) { return const_cast<void*>(k.in<void>(i)); };
  void* memory[] = {in(1), in(3), nullptr, in(0), in(2), k.out<void>(1), k.out<void>(2), k.out<void>(0)};
  const auto engine = engine_for(k, *call, memory);
  if (!engine) return false;
  const Tensor deviations = per_channel(k, call->tensor[1].size[1]);
  memory[2] = deviations.impl()->data;
  inverse(k, k.in<float>(4), static_cast<float*>(memory[2]), call->tensor[1].size[1]);
  return cuda::dnn_run(k.device(), *call, *engine, memory);
}

}  // namespace ninefold::ops
