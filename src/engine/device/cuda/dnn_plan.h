// In: a call as data, cuDNN's functions. Out: the call as descriptors of cuDNN's graph interface, the first engine that its
// heuristics name and that is allowed, and that engine at work. Knows no CUDA: tests bring functions of their own.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "engine/device/cuda/dnn_call.h"
#include "engine/device/cuda/dnn_interface.h"

namespace ninefold::cuda::dnn {

constexpr int64_t kMostWorkspace = int64_t{1} << 30;   // an engine that wants more is passed over
constexpr int64_t kMostEngines = 64;                    // of one list of the heuristics

// A descriptor and, from `set` on, whether all that was said of it was taken.
class Owned {
 public:
  Owned(const Functions& f, int kind) : f_(&f) { status_ = f.make(kind, &d_); }
  Owned(Owned&& o) noexcept : f_(o.f_), d_(std::exchange(o.d_, nullptr)), status_(o.status_) {}
  Owned(const Owned&) = delete;
  ~Owned() { if (d_) f_->drop(d_); }

  template <class T>
  Owned& set(int name, int type, const T* values, int64_t count) {
    if (!status_) status_ = f_->set(d_, name, type, count, values);
    return *this;
  }
  template <class T>
  Owned& set(int name, int type, T value) { return set(name, type, &value, 1); }
  Owned& finish() {
    if (!status_) status_ = f_->finish(d_);
    return *this;
  }
  Descriptor get() const { return d_; }
  int status() const { return status_; }

 private:
  const Functions* f_;
  Descriptor d_ = nullptr;
  int status_;
};

// One call's engine. What it was made of is dropped with it.
struct Plan {
  std::vector<Owned> parts;                  // in the order in which they refer to each other
  std::vector<float> numbers;                // of tensors that are one number of the host, named behind the call's
  Descriptor plan = nullptr;
  int64_t tensors = 0, workspace = 0;
};

inline bool type_of(int64_t dtype, int* type) {
  switch (dtype) {
    case 1: *type = kFloat; return true;
    case 2: *type = kDouble; return true;
    case 14: *type = kBfloat16; return true;
    case 19: *type = kHalf; return true;
    default: return false;
  }
}

// Of which card one asks: one that is there, or one of which only the properties are known.
struct Card {
  Handle handle = nullptr;
  Descriptor properties = nullptr;
};

// What of an engine is not allowed in the call.
inline bool refused(const Functions& f, Descriptor configuration, const DnnCall& call) {
  Owned engine(f, kEngine);
  Descriptor into = engine.get();
  int64_t count = 0;
  if (engine.status() || f.get(configuration, kConfigurationEngine, kADescriptor, 1, &count, &into)) return true;
  int notes[kNotes] = {};
  count = 0;
  if (f.get(into, kEngineNotes, kANote, kNotes, &count, notes)) return true;
  const bool exact = call.tensor[0].dtype == 1 && !call.tensor_float;
  return std::any_of(notes, notes + std::min<int64_t>(count, kNotes), [&](int note) {
    return note == kNotDeterministic ? call.deterministic != 0 : (note == kTensorCores || note == kNarrowedInputs) && exact;
  });
}

// The engines that one mode of the heuristics names, the best first; none where it does not know the operation.
inline std::vector<Owned> engines(const Functions& f, const Card& card, Descriptor graph, int mode) {
  std::vector<Owned> all;
  Owned heuristics(f, kHeuristics);
  heuristics.set(kHeuristicsGraph, kADescriptor, graph).set(kHeuristicsMode, kAHeuristicsMode, mode);
  if (card.properties) heuristics.set(kHeuristicsProperties, kADescriptor, card.properties);
  heuristics.finish();
  int64_t count = 0;
  if (heuristics.status() || f.get(heuristics.get(), kHeuristicsResults, kADescriptor, 0, &count, nullptr)) return all;
  count = std::min(count, kMostEngines);
  std::vector<Descriptor> places;
  for (int64_t i = 0; i < count; ++i) {
    all.emplace_back(f, kConfiguration);
    if (all.back().status()) return {};
    places.push_back(all.back().get());
  }
  int64_t given = 0;
  if (count == 0 || f.get(heuristics.get(), kHeuristicsResults, kADescriptor, count, &given, places.data())) return {};
  while (static_cast<int64_t>(all.size()) > given) all.pop_back();
  return all;
}

struct Norm { int kind; std::vector<int> places; };      // and where its tensors go, in the call's order
inline Norm norm_of(int64_t kind) {
  switch (kind) {
    case DnnCall::normalise_back:
      return {kNormaliseBack, {kNormaliseBackImage, kNormaliseBackMean, kNormaliseBackInverse, kNormaliseBackResult, kNormaliseBackScale,
                               kNormaliseBackToScale, kNormaliseBackToOffset, kNormaliseBackToImage}};
    case DnnCall::normalise_by_given:
      return {kNormalise, {kNormaliseImage, kNormaliseMean, kNormaliseInverse, kNormaliseScale, kNormaliseOffset, kNormaliseResult}};
    default:
      return {kNormalise, {kNormaliseImage, kNormaliseScale, kNormaliseOffset, kNormaliseGivenMean, kNormaliseGivenVariance, kNormaliseResult,
                           kNormaliseMean, kNormaliseInverse, kNormaliseBatchMean, kNormaliseBatchVariance}};
  }
}
struct Words { int kind, alpha, beta, how, image, filter, result; };
inline Words words_of(int64_t kind) {
  switch (kind) {
    case DnnCall::to_image: return {kToImage, kToImageAlpha, kToImageBeta, kToImageHow, kToImageImage, kToImageFilter, kToImageResult};
    case DnnCall::to_filter: return {kToFilter, kToFilterAlpha, kToFilterBeta, kToFilterHow, kToFilterImage, kToFilterFilter, kToFilterResult};
    default: return {kConvolve, kConvolveAlpha, kConvolveBeta, kConvolveHow, kConvolveImage, kConvolveFilter, kConvolveResult};
  }
}

// The operation of a batch normalisation, behind what it refers to.
inline Owned normalisation(const Functions& f, const DnnCall& call, Plan* made) {
  std::vector<Owned>* const parts = &made->parts;
  const bool training = call.kind == DnnCall::normalise;
  // Moments before count for nothing: who asked joins them itself, in TensorFlow's way.
  if (training) made->numbers = {static_cast<float>(call.epsilon), 1.0f};
  const int64_t rank = call.tensor[0].rank;
  const std::vector<int64_t> ones(static_cast<size_t>(rank), 1);
  for (size_t i = 0; i < made->numbers.size(); ++i) {
    parts->emplace_back(f, kTensor);
    parts->back().set(kTensorType, kADataType, kFloat).set(kTensorName, kAnInt64, call.tensors + static_cast<int64_t>(i) + 1)
        .set(kTensorAlignment, kAnInt64, int64_t{4}).set(kTensorSizes, kAnInt64, ones.data(), rank).set(kTensorStrides, kAnInt64, ones.data(), rank)
        .set(kTensorByValue, kABool, true).finish();
  }
  const Norm n = norm_of(call.kind);
  Owned operation(f, n.kind);
  operation.set(n.kind == kNormalise ? kNormaliseMode : kNormaliseBackMode, kANormMode, kBatchNorm);
  if (n.kind == kNormalise) operation.set(kNormalisePhase, kANormPhase, training ? kNormTraining : kNormInference);
  for (size_t i = 0; i < n.places.size(); ++i) operation.set(n.places[i], kADescriptor, (*parts)[i].get());
  if (training)
    operation.set(kNormaliseEpsilon, kADescriptor, (*parts)[n.places.size()].get()).set(kNormaliseFactor, kADescriptor, (*parts)[n.places.size() + 1].get());
  operation.finish();
  return operation;
}

// 0 with the plan's tensors and operation, else cuDNN's status.
inline int described(const Functions& f, const DnnCall& call, Plan* made) {
  std::vector<Owned>* const parts = &made->parts;
  int type = 0;
  if (!type_of(call.tensor[0].dtype, &type)) return kNoEngine;
  for (int64_t i = 0; i < call.tensors; ++i) {
    const DnnTensor& t = call.tensor[i];
    int own = 0;
    if (!type_of(t.dtype, &own)) return kNoEngine;
    parts->emplace_back(f, kTensor);
    parts->back().set(kTensorType, kADataType, own).set(kTensorName, kAnInt64, i + 1).set(kTensorAlignment, kAnInt64, t.alignment)
        .set(kTensorSizes, kAnInt64, t.size, t.rank).set(kTensorStrides, kAnInt64, t.stride, t.rank).finish();
  }
  if (call.kind >= DnnCall::normalise) {
    parts->push_back(normalisation(f, call, made));
    for (const Owned& p : *parts)
      if (p.status()) return p.status();
    return 0;
  }
  parts->emplace_back(f, kConvolution);
  parts->back().set(kConvolutionCompute, kADataType, type == kDouble ? kDouble : kFloat)
      .set(kConvolutionMode, kAConvolutionMode, kCrossCorrelation).set(kConvolutionSpatial, kAnInt64, call.spatial)
      .set(kConvolutionStrides, kAnInt64, call.stride, call.spatial).set(kConvolutionDilations, kAnInt64, call.dilation, call.spatial)
      .set(kConvolutionBefore, kAnInt64, call.padding, call.spatial).set(kConvolutionAfter, kAnInt64, call.padding, call.spatial).finish();
  const Words w = words_of(call.kind);
  Owned operation(f, w.kind);
  if (type == kDouble) operation.set(w.alpha, kADouble, 1.0).set(w.beta, kADouble, 0.0);
  else operation.set(w.alpha, kAFloat, 1.0f).set(w.beta, kAFloat, 0.0f);
  const int names[] = {w.image, w.filter, w.result};
  for (size_t i = 0; i < 3; ++i) operation.set(names[i], kADescriptor, (*parts)[i].get());
  operation.set(w.how, kADescriptor, parts->back().get()).finish();
  parts->push_back(std::move(operation));
  for (const Owned& p : *parts)
    if (p.status()) return p.status();
  return 0;
}

// Null: no engine has it that is allowed.
inline std::unique_ptr<Plan> planned(const Functions& f, const Card& card, const DnnCall& call) {
  auto made = std::make_unique<Plan>();
  if (described(f, call, made.get())) return nullptr;
  Owned graph(f, kGraph);
  graph.set(kGraphOperations, kADescriptor, made->parts.back().get());
  if (card.handle) graph.set(kGraphHandle, kAHandle, card.handle);
  graph.finish();
  if (graph.status()) return nullptr;
  for (int mode : {kHeuristicsA, kHeuristicsFallback})
    for (Owned& configuration : engines(f, card, graph.get(), mode)) {
      if (refused(f, configuration.get(), call)) continue;
      Owned plan(f, kPlan);
      if (card.handle) plan.set(kPlanHandle, kAHandle, card.handle);
      else plan.set(kPlanProperties, kADescriptor, card.properties);
      plan.set(kPlanConfiguration, kADescriptor, configuration.get()).finish();
      int64_t count = 0, workspace = 0;
      if (plan.status() || f.get(plan.get(), kPlanWorkspace, kAnInt64, 1, &count, &workspace) || workspace > kMostWorkspace) continue;
      made->plan = plan.get();
      made->tensors = call.tensors;
      made->workspace = std::max<int64_t>(workspace, 0);
      made->parts.push_back(std::move(graph));
      made->parts.push_back(std::move(configuration));
      made->parts.push_back(std::move(plan));
      return made;
    }
  return nullptr;
}

// `memory`: of the call's tensors, in their order. cuDNN's status.
inline int run(const Functions& f, Handle handle, const Plan& p, void* const* memory, void* workspace) {
  std::vector<int64_t> names;
  std::vector<const void*> places(memory, memory + p.tensors);
  for (const float& number : p.numbers) places.push_back(&number);
  const auto count = static_cast<int64_t>(places.size());
  for (int64_t i = 0; i < count; ++i) names.push_back(i + 1);
  Owned pack(f, kPack);
  pack.set(kPackNames, kAnInt64, names.data(), count).set(kPackMemory, kAPointer, places.data(), count)
      .set(kPackWorkspace, kAPointer, workspace).finish();
  return pack.status() ? pack.status() : f.execute(handle, p.plan, pack.get());
}

}  // namespace ninefold::cuda::dnn
