// In: what device/cuda/dnn_plan.h asks of cuDNN. Out: the answers of a library that holds it to cuDNN's manners - attributes, their
// types, their order, what must be finished before what - and computes convolutions from their descriptors.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "emulated_dnn.h"
#include "engine/device/cuda/dnn_plan.h"
#include "fake_dnn.h"

namespace ninefold::cuda {
namespace {

constexpr int kBad = 2000, kNotSupported = 3000;   // cuDNN's statuses
int the_handle = 0;

std::mutex mutex;                                // guards what follows
std::set<const void*> living;
std::string told;
int to_failure = 0;                              // 0: none is to fail
bool lacks_all = false;
int64_t wanted = 0;                              // workspace of engines, where they have one; 0: a little

struct Rule { int kind, name, type, least; };    // least: 0 where it need not be said
constexpr Rule rules[] = {
    {kTensor, kTensorType, kADataType, 1}, {kTensor, kTensorName, kAnInt64, 1}, {kTensor, kTensorAlignment, kAnInt64, 1},
    {kTensor, kTensorSizes, kAnInt64, 3}, {kTensor, kTensorStrides, kAnInt64, 3}, {kTensor, kTensorVirtual, kABool, 0}, {kTensor, kTensorByValue, kABool, 0},
    {kConvolution, kConvolutionCompute, kADataType, 1}, {kConvolution, kConvolutionMode, kAConvolutionMode, 1},
    {kConvolution, kConvolutionSpatial, kAnInt64, 1}, {kConvolution, kConvolutionDilations, kAnInt64, 1},
    {kConvolution, kConvolutionStrides, kAnInt64, 1}, {kConvolution, kConvolutionBefore, kAnInt64, 1},
    {kConvolution, kConvolutionAfter, kAnInt64, 1},
    {kConvolve, kConvolveHow, kADescriptor, 1}, {kConvolve, kConvolveImage, kADescriptor, 1}, {kConvolve, kConvolveFilter, kADescriptor, 1},
    {kConvolve, kConvolveResult, kADescriptor, 1}, {kConvolve, kConvolveAlpha, kAFloat, 1}, {kConvolve, kConvolveBeta, kAFloat, 1},
    {kToImage, kToImageHow, kADescriptor, 1}, {kToImage, kToImageImage, kADescriptor, 1}, {kToImage, kToImageFilter, kADescriptor, 1},
    {kToImage, kToImageResult, kADescriptor, 1}, {kToImage, kToImageAlpha, kAFloat, 1}, {kToImage, kToImageBeta, kAFloat, 1},
    {kToFilter, kToFilterHow, kADescriptor, 1}, {kToFilter, kToFilterImage, kADescriptor, 1}, {kToFilter, kToFilterFilter, kADescriptor, 1},
    {kToFilter, kToFilterResult, kADescriptor, 1}, {kToFilter, kToFilterAlpha, kAFloat, 1}, {kToFilter, kToFilterBeta, kAFloat, 1},
    {kNormalise, kNormaliseMode, kANormMode, 1}, {kNormalise, kNormalisePhase, kANormPhase, 1}, {kNormalise, kNormaliseImage, kADescriptor, 1},
    {kNormalise, kNormaliseMean, kADescriptor, 1}, {kNormalise, kNormaliseInverse, kADescriptor, 1}, {kNormalise, kNormaliseScale, kADescriptor, 1},
    {kNormalise, kNormaliseOffset, kADescriptor, 1}, {kNormalise, kNormaliseResult, kADescriptor, 1},
    {kNormalise, kNormaliseEpsilon, kADescriptor, 0}, {kNormalise, kNormaliseFactor, kADescriptor, 0},
    {kNormalise, kNormaliseGivenMean, kADescriptor, 0}, {kNormalise, kNormaliseGivenVariance, kADescriptor, 0},
    {kNormalise, kNormaliseBatchMean, kADescriptor, 0}, {kNormalise, kNormaliseBatchVariance, kADescriptor, 0},
    {kNormaliseBack, kNormaliseBackMode, kANormMode, 1}, {kNormaliseBack, kNormaliseBackImage, kADescriptor, 1},
    {kNormaliseBack, kNormaliseBackMean, kADescriptor, 1}, {kNormaliseBack, kNormaliseBackInverse, kADescriptor, 1},
    {kNormaliseBack, kNormaliseBackResult, kADescriptor, 1}, {kNormaliseBack, kNormaliseBackScale, kADescriptor, 1},
    {kNormaliseBack, kNormaliseBackToScale, kADescriptor, 1}, {kNormaliseBack, kNormaliseBackToOffset, kADescriptor, 1},
    {kNormaliseBack, kNormaliseBackToImage, kADescriptor, 1},
    {kProduct, kProductCompute, kADataType, 1}, {kMultiply, kMultiplyFirst, kADescriptor, 1}, {kMultiply, kMultiplySecond, kADescriptor, 1},
    {kMultiply, kMultiplyResult, kADescriptor, 1}, {kMultiply, kMultiplyHow, kADescriptor, 1},
    {kPointwise, kPointwiseMode, kAPointwiseMode, 1}, {kPointwise, kPointwiseCompute, kADataType, 1}, {kEach, kEachHow, kADescriptor, 1},
    {kEach, kEachFirst, kADescriptor, 1}, {kEach, kEachSecond, kADescriptor, 0}, {kEach, kEachResult, kADescriptor, 1},
    {kReduction, kReductionWhat, kAReduction, 1}, {kReduction, kReductionCompute, kADataType, 1}, {kReduce, kReduceFrom, kADescriptor, 1},
    {kReduce, kReduceResult, kADescriptor, 1}, {kReduce, kReduceHow, kADescriptor, 1},
    {kTurn, kTurnFrom, kADescriptor, 1}, {kTurn, kTurnResult, kADescriptor, 1},
    {kGraph, kGraphOperations, kADescriptor, 1}, {kGraph, kGraphHandle, kAHandle, 1},
    {kHeuristics, kHeuristicsGraph, kADescriptor, 1}, {kHeuristics, kHeuristicsMode, kAHeuristicsMode, 1},
    {kPlan, kPlanHandle, kAHandle, 1}, {kPlan, kPlanConfiguration, kADescriptor, 1},
    {kPack, kPackNames, kAnInt64, 1}, {kPack, kPackMemory, kAPointer, 1}, {kPack, kPackWorkspace, kAPointer, 1}};

size_t bytes_of(int type) { return type == kADataType || type == kAConvolutionMode || type == kAHeuristicsMode || type == kAFloat || type == kANote || type == kANormMode || type == kANormPhase || type == kAPointwiseMode || type == kAReduction ? 4 : type == kABool ? 1 : 8; }
Fake& of(const void* d) { return *static_cast<Fake*>(const_cast<void*>(d)); }
bool alive(const void* d) { return living.count(d) != 0; }

int create(Handle* h) { return *h = &the_handle, 0; }
int set_stream(Handle, void*) { return 0; }
int make(int kind, Descriptor* d) {
  auto* const made = new Fake{kind, false, {}, nullptr, -1, {}};
  living.insert(made);
  *d = made;
  return 0;
}
int drop(Descriptor d) {
  if (!living.erase(d)) return kBad;
  delete static_cast<Fake*>(d);
  return 0;
}
int set(Descriptor d, int name, int type, int64_t count, const void* values) {
  if (!alive(d) || of(d).finished || count < 1) return kBad;
  const bool wide = type == kADouble;            // scales are as wide as what is computed: alpha and beta take either
  for (const Rule& r : rules) {
    if (r.kind != of(d).kind || r.name != name || !(r.type == type || (wide && r.type == kAFloat))) continue;
    const auto* const from = static_cast<const char*>(values);
    if (type == kADescriptor) {                  // what is referred to has to be finished
      Descriptor part = nullptr;
      std::memcpy(&part, from, sizeof part);
      if (!alive(part) || (!of(part).finished && of(part).kind != kConfiguration)) return kBad;
    }
    of(d).values[name] = {type, count, {from, from + static_cast<size_t>(count) * bytes_of(type)}};
    return 0;
  }
  return kBad;
}

const Fake& operation_of(const Fake& graph) { return graph.part(kGraphOperations); }
std::vector<const Fake*> operations_of(const Fake& graph) {
  std::vector<const Fake*> all;
  for (Descriptor d : graph.all<Descriptor>(kGraphOperations)) all.push_back(static_cast<const Fake*>(d));
  return all;
}
struct Parts { const Fake *image, *filter, *result, *how; };
Parts parts_of(const Fake& operation) {
  const Words w = words_of(operation.kind == kToImage ? DnnCall::to_image : operation.kind == kToFilter ? DnnCall::to_filter : DnnCall::convolve);
  return {&operation.part(w.image), &operation.part(w.filter), &operation.part(w.result), &operation.part(w.how)};
}
// Of a batch normalisation: which phase wants which tensors, an image's sizes and a number a channel.
bool is_norm(const Fake& operation) { return operation.kind == kNormalise || operation.kind == kNormaliseBack; }
bool training(const Fake& operation) { return operation.kind == kNormalise && operation.one<int>(kNormalisePhase) == kNormTraining; }
const Norm norm_parts(const Fake& operation) {
  return norm_of(operation.kind == kNormaliseBack ? DnnCall::normalise_back : training(operation) ? DnnCall::normalise : DnnCall::normalise_by_given);
}
bool norm_fits(const Fake& operation) {
  if (operation.one<int>(operation.kind == kNormalise ? kNormaliseMode : kNormaliseBackMode) != kBatchNorm) return false;
  const Fake& image = operation.part(operation.kind == kNormalise ? kNormaliseImage : kNormaliseBackImage);
  const auto size = image.all<int64_t>(kTensorSizes);
  std::vector<int64_t> one(size.size(), 1);
  one[1] = size[1];
  for (int name : norm_parts(operation).places) {
    if (!operation.values.count(name)) return false;
    const Fake& t = operation.part(name);
    const bool whole = name == kNormaliseImage || name == kNormaliseResult || name == kNormaliseBackImage || name == kNormaliseBackResult ||
                       name == kNormaliseBackToImage;
    if (t.all<int64_t>(kTensorSizes) != (whole ? size : one) || t.one<int>(kTensorType) != (whole ? image.one<int>(kTensorType) : kFloat)) return false;
  }
  if (!training(operation)) return operation.values.count(kNormaliseEpsilon) == 0;
  for (int name : {kNormaliseEpsilon, kNormaliseFactor}) {
    if (!operation.values.count(name)) return false;
    const Fake& t = operation.part(name);
    if (!t.values.count(kTensorByValue) || !t.one<char>(kTensorByValue)) return false;
  }
  return true;
}
// Sizes that do not go together are told when an operation is finished.
bool fits(const Fake& operation) {
  const Parts p = parts_of(operation);
  const auto image = p.image->all<int64_t>(kTensorSizes), filter = p.filter->all<int64_t>(kTensorSizes), result = p.result->all<int64_t>(kTensorSizes);
  const auto stride = p.how->all<int64_t>(kConvolutionStrides), dilation = p.how->all<int64_t>(kConvolutionDilations);
  const auto before = p.how->all<int64_t>(kConvolutionBefore), after = p.how->all<int64_t>(kConvolutionAfter);
  const size_t spatial = stride.size();
  if (image.size() != spatial + 2 || filter.size() != spatial + 2 || result.size() != spatial + 2) return false;
  if (image[0] != result[0] || filter[0] != result[1] || image[1] % filter[1] || filter[0] % (image[1] / filter[1])) return false;
  for (size_t i = 0; i < spatial; ++i)
    if (before[i] != after[i] ||                 // few engines have anything else
        result[i + 2] != (image[i + 2] + 2 * before[i] - (filter[i + 2] - 1) * dilation[i] - 1) / stride[i] + 1)
      return false;
  // Filters lie as images do.
  const auto a = p.image->all<int64_t>(kTensorStrides), b = p.filter->all<int64_t>(kTensorStrides);
  return image[1] == 1 || filter[1] == 1 || (a[1] == 1) == (b[1] == 1) || image.back() == 1 || filter.back() == 1;
}
int finish(Descriptor d) {
  if (!alive(d) || of(d).finished) return kBad;
  Fake& f = of(d);
  for (const Rule& r : rules)
    if (r.kind == f.kind && r.least > 0 && (!f.values.count(r.name) || f.values[r.name].count < r.least)) return kBad;
  if ((f.kind == kConvolve || f.kind == kToImage || f.kind == kToFilter) && !fits(f)) return kBad;
  if (is_norm(f) && !norm_fits(f)) return kBad;
  if (!attention_fits(f)) return kBad;
  if (f.kind == kPlan) {
    const Fake& configuration = f.part(kPlanConfiguration);
    if (f.one<Handle>(kPlanHandle) != &the_handle || configuration.engine < 0) return kBad;
    if (configuration.engine == 0) return kNotSupported;   // the heuristics' first choice may turn out not to be there
    f.graph = configuration.graph, f.engine = configuration.engine;
  }
  f.finished = true;
  return 0;
}

// The engines of a graph: 0 cannot be made, 1 rounds float32 to TF32, 2 is not deterministic in gradients, 3 has no notes;
// fallbacks have 7. None has doubles whose channels are last.
// Of batch normalisations 4, of images whose channels are last and a multiple of 4; of attention 5.
std::vector<Fake> choices(const Fake& graph, int mode) {
  const Fake& operation = operation_of(graph);
  if (const auto all = operations_of(graph); all.size() > 1) {
    if (lacks_all || mode != kHeuristicsA || attention_of(all).empty() || !attention_taken(all)) return {};
    return {{kConfiguration, true, {}, &graph, 5, {kTensorCores}}};
  }
  if (is_norm(operation)) {
    const Fake& image = operation.part(operation.kind == kNormalise ? kNormaliseImage : kNormaliseBackImage);
    std::vector<Fake> all;
    if (!lacks_all && mode == kHeuristicsA && image.all<int64_t>(kTensorStrides)[1] == 1 && image.all<int64_t>(kTensorSizes)[1] % 4 == 0)
      all.push_back({kConfiguration, true, {}, &graph, 4, {}});
    return all;
  }
  const Parts p = parts_of(operation);
  const bool grouped = p.image->all<int64_t>(kTensorSizes)[1] != p.filter->all<int64_t>(kTensorSizes)[1];
  const int type = p.image->one<int>(kTensorType);
  if (lacks_all || (type == kDouble && p.image->all<int64_t>(kTensorStrides)[1] == 1)) return {};
  std::vector<Fake> all;
  const auto add = [&](int number, std::vector<int> notes) { all.push_back({kConfiguration, true, {}, &graph, number, std::move(notes)}); };
  if (mode == kHeuristicsFallback) return add(7, {}), all;
  if (grouped) return {};
  add(0, {});
  add(1, {kTensorCores});
  add(2, operation.kind == kConvolve ? std::vector<int>{kTensorCores} : std::vector<int>{kNotDeterministic});
  add(3, {});
  return all;
}
int get(const void* d, int name, int type, int64_t most, int64_t* count, void* into) {
  if (!alive(d)) return kBad;
  const Fake& f = of(d);
  if (f.kind == kHeuristics && f.finished && name == kHeuristicsResults && type == kADescriptor) {
    const std::vector<Fake> all = choices(f.part(kHeuristicsGraph), f.one<int>(kHeuristicsMode));
    const auto given = std::min(most, static_cast<int64_t>(all.size()));
    *count = most == 0 ? static_cast<int64_t>(all.size()) : given;
    for (int64_t i = 0; i < given; ++i) {
      Descriptor to = static_cast<Descriptor*>(into)[i];
      if (!alive(to) || of(to).kind != kConfiguration) return kBad;
      of(to) = all[static_cast<size_t>(i)];
    }
    return 0;
  }
  if (f.kind == kConfiguration && name == kConfigurationEngine && type == kADescriptor && most == 1) {
    Descriptor to = *static_cast<Descriptor*>(into);
    if (!alive(to) || of(to).kind != kEngine) return kBad;
    of(to) = {kEngine, true, {}, f.graph, f.engine, f.notes};
    return *count = 1, 0;
  }
  if (f.kind == kEngine && name == kEngineNotes && type == kANote && most >= static_cast<int64_t>(f.notes.size())) {
    std::copy(f.notes.begin(), f.notes.end(), static_cast<int*>(into));
    return *count = static_cast<int64_t>(f.notes.size()), 0;
  }
  if (f.kind == kPlan && f.finished && name == kPlanWorkspace && type == kAnInt64 && most == 1)
    return *static_cast<int64_t*>(into) = f.engine == 7 ? 0 : wanted ? wanted : 100 * f.engine, *count = 1, 0;
  return kBad;
}

void convolved(int kind, const Laid& image, const Laid& filter, const Laid& result, const Fake& how) {
  const auto stride = how.all<int64_t>(kConvolutionStrides), dilation = how.all<int64_t>(kConvolutionDilations), before = how.all<int64_t>(kConvolutionBefore);
  const Laid& to = kind == kToImage ? image : kind == kToFilter ? filter : result;
  std::vector<int64_t> last = to.size;
  for (int64_t& x : last) --x;
  std::vector<double> sums(static_cast<size_t>(offset(last, to.stride) + 1));
  const int64_t group_outputs = filter.size[0] / (image.size[1] / filter.size[1]);
  std::vector<int64_t> pixel(image.size.size());
  each(result.size, [&](const std::vector<int64_t>& out) {
    const std::vector<int64_t> taps(filter.size.begin() + 1, filter.size.end());
    each(taps, [&](const std::vector<int64_t>& tap) {
      pixel[0] = out[0];
      pixel[1] = out[1] / group_outputs * filter.size[1] + tap[0];
      for (size_t i = 0; i < stride.size(); ++i) {
        pixel[i + 2] = out[i + 2] * stride[i] + tap[i + 1] * dilation[i] - before[i];
        if (pixel[i + 2] < 0 || pixel[i + 2] >= image.size[i + 2]) return;
      }
      std::vector<int64_t> weight = {out[1]};
      weight.insert(weight.end(), tap.begin(), tap.end());
      const int64_t x = offset(pixel, image.stride), w = offset(weight, filter.stride), y = offset(out, result.stride);
      if (kind == kToImage) sums[static_cast<size_t>(x)] += load(filter.memory, w, filter.type) * load(result.memory, y, result.type);
      else if (kind == kToFilter) sums[static_cast<size_t>(w)] += load(image.memory, x, image.type) * load(result.memory, y, result.type);
      else sums[static_cast<size_t>(y)] += load(image.memory, x, image.type) * load(filter.memory, w, filter.type);
    });
  });
  each(to.size, [&](const std::vector<int64_t>& at) { store(to.memory, offset(at, to.stride), to.type, sums[static_cast<size_t>(offset(at, to.stride))]); });
}

// A batch normalisation by its definition, in double. `at` gives the tensors by the names of their attributes.
template <class At>
void normalised(const Fake& operation, const At& at, float epsilon, float factor) {
  const bool back = operation.kind == kNormaliseBack, own = training(operation);
  const Laid image = at(back ? kNormaliseBackImage : kNormaliseImage), mean = at(back ? kNormaliseBackMean : kNormaliseMean);
  const Laid inverse = at(back ? kNormaliseBackInverse : kNormaliseInverse), scale = at(back ? kNormaliseBackScale : kNormaliseScale);
  const int64_t channels = image.size[1];
  double n = 1;
  for (size_t i = 0; i < image.size.size(); ++i) n *= i == 1 ? 1 : static_cast<double>(image.size[i]);
  const auto number = [](const Laid& l, int64_t c) { return load(l.memory, c * l.stride[1], l.type); };
  const auto keep = [](const Laid& l, int64_t c, double x) { store(l.memory, c * l.stride[1], l.type, x); };
  const auto value = [](const Laid& l, const std::vector<int64_t>& p) { return load(l.memory, offset(p, l.stride), l.type); };
  std::vector<double> sums(static_cast<size_t>(channels)), squares(static_cast<size_t>(channels));
  const auto add = [&](std::vector<double>* to, auto what) { each(image.size, [&](const std::vector<int64_t>& p) { (*to)[static_cast<size_t>(p[1])] += what(p); }); };
  if (own) {
    add(&sums, [&](const auto& p) { return value(image, p); });
    add(&squares, [&](const auto& p) { return std::pow(value(image, p) - sums[static_cast<size_t>(p[1])] / n, 2); });
    const Laid before[] = {at(kNormaliseGivenMean), at(kNormaliseGivenVariance)}, after[] = {at(kNormaliseBatchMean), at(kNormaliseBatchVariance)};
    for (int64_t c = 0; c < channels; ++c) {
      const double m = sums[static_cast<size_t>(c)] / n, v = squares[static_cast<size_t>(c)] / n, f = static_cast<double>(factor);
      keep(mean, c, m);
      keep(inverse, c, 1 / std::sqrt(v + static_cast<double>(epsilon)));
      keep(after[0], c, (1 - f) * number(before[0], c) + f * m);
      keep(after[1], c, (1 - f) * number(before[1], c) + f * v * n / (n - 1));
    }
  }
  if (!back) {
    const Laid shift = at(kNormaliseOffset), result = at(kNormaliseResult);
    return each(image.size, [&](const std::vector<int64_t>& p) {
      store(result.memory, offset(p, result.stride), result.type, (value(image, p) - number(mean, p[1])) * number(inverse, p[1]) * number(scale, p[1]) + number(shift, p[1]));
    });
  }
  const Laid dy = at(kNormaliseBackResult), dx = at(kNormaliseBackToImage), dscale = at(kNormaliseBackToScale), doffset = at(kNormaliseBackToOffset);
  const auto normal = [&](const auto& p) { return (value(image, p) - number(mean, p[1])) * number(inverse, p[1]); };
  add(&sums, [&](const auto& p) { return value(dy, p); });
  add(&squares, [&](const auto& p) { return value(dy, p) * normal(p); });
  for (int64_t c = 0; c < channels; ++c) keep(doffset, c, sums[static_cast<size_t>(c)]), keep(dscale, c, squares[static_cast<size_t>(c)]);
  each(image.size, [&](const std::vector<int64_t>& p) {
    const auto c = static_cast<size_t>(p[1]);
    store(dx.memory, offset(p, dx.stride), dx.type, number(scale, p[1]) * number(inverse, p[1]) * (value(dy, p) - sums[c] / n - normal(p) * squares[c] / n));
  });
}

std::string list(const std::vector<int64_t>& all) {
  std::string text;
  for (int64_t x : all) text += (text.empty() ? "" : ",") + std::to_string(x);
  return text;
}
int execute(Handle handle, Descriptor plan, Descriptor pack) {
  if (handle != &the_handle || !alive(plan) || !alive(pack) || !of(plan).finished || !of(pack).finished || of(pack).kind != kPack) return kBad;
  const Fake &p = of(plan), &operation = operation_of(*p.graph);
  if (to_failure > 0 && --to_failure == 0) return told += "fault\n", 5000;
  const auto names = of(pack).all<int64_t>(kPackNames);
  const auto memory = of(pack).all<void*>(kPackMemory);
  if (names.size() != memory.size()) return kBad;
  const auto laid = [&](const Fake& t) {
    const auto at = std::find(names.begin(), names.end(), t.one<int64_t>(kTensorName)) - names.begin();
    return Laid{t.all<int64_t>(kTensorSizes), t.all<int64_t>(kTensorStrides), at < static_cast<int64_t>(memory.size()) ? memory[static_cast<size_t>(at)] : nullptr,
                t.one<int>(kTensorType)};
  };
  void* const workspace = of(pack).one<void*>(kPackWorkspace);
  if ((p.engine != 7) != (workspace != nullptr)) return kBad;
  const auto reachable = [&](const Fake& t) {
    const Laid l = laid(t);
    return l.memory && reinterpret_cast<uintptr_t>(l.memory) % static_cast<uintptr_t>(t.one<int64_t>(kTensorAlignment)) == 0;
  };
  if (const auto all = operations_of(*p.graph); all.size() > 1) {
    bool there = true;
    attended(all, [&](const Fake& t) {
      there = there && reachable(t);
      return there ? laid(t) : Laid{t.all<int64_t>(kTensorSizes), t.all<int64_t>(kTensorStrides), nullptr, t.one<int>(kTensorType)};
    });
    if (!there) return kBad;
    std::memset(workspace, 0x5a, 100);
    told += attention_of(all) + " " + list(all[0]->kind == kMultiply ? all[0]->part(kMultiplyFirst).all<int64_t>(kTensorSizes) : all[0]->part(kEachFirst).all<int64_t>(kTensorSizes)) + "\n";
    return 0;
  }
  if (is_norm(operation)) {
    for (int name : norm_parts(operation).places)
      if (!reachable(operation.part(name))) return kBad;
    const auto number = [&](int name) { return training(operation) ? *static_cast<const float*>(laid(operation.part(name)).memory) : 0.0f; };
    normalised(operation, [&](int name) { return laid(operation.part(name)); }, number(kNormaliseEpsilon), number(kNormaliseFactor));
    told += std::string(operation.kind == kNormaliseBack ? "normalise back " : training(operation) ? "normalise " : "normalise by given ") +
            list(operation.part(operation.kind == kNormalise ? kNormaliseImage : kNormaliseBackImage).all<int64_t>(kTensorSizes)) + " engine " +
            std::to_string(p.engine) + "\n";
    return 0;
  }
  const Parts parts = parts_of(operation);
  const Laid image = laid(*parts.image), filter = laid(*parts.filter), result = laid(*parts.result);
  for (const Fake* t : {parts.image, parts.filter, parts.result})
    if (!reachable(*t)) return kBad;
  if (workspace) std::memset(workspace, 0x5a, static_cast<size_t>(100 * p.engine));
  convolved(operation.kind, image, filter, result, *parts.how);
  static const std::map<int, const char*> kinds = {{kConvolve, "convolve"}, {kToImage, "to_image"}, {kToFilter, "to_filter"}};
  told += std::string(kinds.at(operation.kind)) + " " + list(image.size) + " by " + list(filter.size) + " padding " +
          list(parts.how->all<int64_t>(kConvolutionBefore)) + " engine " + std::to_string(p.engine) + "\n";
  return 0;
}

constexpr Functions functions = {create, set_stream, make, drop, finish, set, get, execute};

}  // namespace

void emulated_dnn_library(DnnLibrary* l) {
  if (std::getenv("NINEFOLD_EMULATED_WITHOUT_CUDNN")) *l = {0, "there is no cuDNN to emulate"};
  else *l = {90000, nullptr};
}
int emulated_dnn_plan(const DnnCall& call, void** plan, size_t* workspace) {
  std::lock_guard hold(mutex);
  auto made = planned(functions, {&the_handle}, call);
  if (!made) return kNoEngine;
  *workspace = static_cast<size_t>(made->workspace);
  *plan = made.release();
  return 0;
}
int emulated_dnn_tensors(const void* plan) { return static_cast<int>(static_cast<const Plan*>(plan)->tensors); }
int emulated_dnn_run(const void* plan, void* const* memory, void* workspace) {
  std::lock_guard hold(mutex);
  return run(functions, &the_handle, *static_cast<const Plan*>(plan), memory, workspace) ? kNoEngine : 0;
}

}  // namespace ninefold::cuda

// What was computed since the last question; the call of that number from now on will fail (0: none), and none is found if `lacks`.
extern "C" __attribute__((visibility("default"))) const char* ninefold_emulated_dnn(int fail, bool lacks) {
  using namespace ninefold::cuda;
  static std::string last;
  std::lock_guard hold(mutex);
  last = std::exchange(told, {});
  to_failure = fail;
  lacks_all = lacks;
  return last.c_str();
}

// What engines that are made from now on want to work in, more than a little (0).
extern "C" __attribute__((visibility("default"))) void ninefold_emulated_dnn_wants(long bytes) {
  using namespace ninefold::cuda;
  std::lock_guard hold(mutex);
  wanted = bytes;
}

// Descriptors that were made and not dropped; plans keep theirs.
extern "C" __attribute__((visibility("default"))) long ninefold_emulated_dnn_living() {
  using namespace ninefold::cuda;
  std::lock_guard hold(mutex);
  return static_cast<long>(living.size());
}
