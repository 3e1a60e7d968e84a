// In: a call as data, cuDNN's functions. Out: the call as descriptors of cuDNN's graph interface, the first engine that its
// heuristics name and that is allowed, and that engine at work. Knows no CUDA: tests bring functions of their own.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/device/cuda/dnn_attention.h"

namespace ninefold::cuda::dnn {

constexpr int64_t kMostWorkspace = int64_t{1} << 30;   // an engine that wants more is passed over
constexpr int64_t kMostEngines = 64;                    // of one list of the heuristics

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
  const Descriptor epsilon = training ? number(f, call, made, call.epsilon) : nullptr, factor = training ? number(f, call, made, 1) : nullptr;
  const Norm n = norm_of(call.kind);
  Owned operation(f, n.kind);
  operation.set(n.kind == kNormalise ? kNormaliseMode : kNormaliseBackMode, kANormMode, kBatchNorm);
  if (n.kind == kNormalise) operation.set(kNormalisePhase, kANormPhase, training ? kNormTraining : kNormInference);
  for (size_t i = 0; i < n.places.size(); ++i) operation.set(n.places[i], kADescriptor, (*parts)[i].get());
  if (training)
    operation.set(kNormaliseEpsilon, kADescriptor, epsilon).set(kNormaliseFactor, kADescriptor, factor);
  operation.finish();
  return operation;
}

// 0 with the plan's tensors and operations, else cuDNN's status.
inline int described(const Functions& f, const DnnCall& call, Plan* made) {
  std::vector<Owned>* const parts = &made->parts;
  int type = 0;
  if (!type_of(call.tensor[0].dtype, &type)) return kNoEngine;
  const auto all_taken = [&] {
    for (const Owned& p : *parts)
      if (p.status()) return p.status();
    return 0;
  };
  for (int64_t i = 0; i < call.tensors; ++i) {
    const DnnTensor& t = call.tensor[i];
    int own = 0;
    if (!type_of(t.dtype, &own)) return kNoEngine;
    parts->emplace_back(f, kTensor);
    parts->back().set(kTensorType, kADataType, own).set(kTensorName, kAnInt64, i + 1).set(kTensorAlignment, kAnInt64, t.alignment)
        .set(kTensorSizes, kAnInt64, t.size, t.rank).set(kTensorStrides, kAnInt64, t.stride, t.rank).finish();
  }
  if (call.kind == DnnCall::attend || call.kind == DnnCall::attend_back) {
    Attention(f, call, made).write();
    return all_taken();
  }
  if (call.kind >= DnnCall::normalise) {
    parts->push_back(normalisation(f, call, made));
    made->operations = {parts->back().get()};
    return all_taken();
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
  made->operations = {operation.get()};
  parts->push_back(std::move(operation));
  return all_taken();
}

// The graph of what was described.
inline Owned graph_of(const Functions& f, const Card& card, const Plan& described) {
  Owned graph(f, kGraph);
  graph.set(kGraphOperations, kADescriptor, described.operations.data(), static_cast<int64_t>(described.operations.size()));
  if (card.handle) graph.set(kGraphHandle, kAHandle, card.handle);
  graph.finish();
  return graph;
}

// Null: no engine has it that is allowed.
inline std::unique_ptr<Plan> planned(const Functions& f, const Card& card, const DnnCall& call) {
  auto made = std::make_unique<Plan>();
  if (described(f, call, made.get())) return nullptr;
  Owned graph = graph_of(f, card, *made);
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
