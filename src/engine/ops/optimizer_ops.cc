// In: variables, their slots, gradients, hyperparameters. Out: the variables one step of an optimizer further.
// Each rule is a struct here (its name, inputs and constants) and an expression in device/cpu/update.isa.cc.
#include <cmath>

#include "base/threads.h"
#include "engine/device/cpu/cast.h"
#include "engine/device/cpu/update.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/written_variables.h"

namespace ninefold::ops {
namespace {

using cpu::Update;

// s: the scalar inputs in order; c: what the loop wants. Computed in the variable's dtype, as TensorFlow does.
struct GradientDescent {
  template <class T> static Update constants(const KernelCtx&, const T* s, T* c) {
    c[0] = s[0];
    return Update::gradient_descent;
  }
};
template <Update plain, Update nesterov>
struct Momentum {
  template <class T> static Update constants(const KernelCtx& k, const T* s, T* c) {
    c[0] = s[0], c[1] = s[1], c[2] = s[1] * s[0];
    return k.flag("use_nesterov") ? nesterov : plain;
  }
};
template <bool has_greatest>
struct Adam {
  template <class T> static Update constants(const KernelCtx& k, const T* s, T* c) {
    const T one = 1;
    c[0] = s[2] * std::sqrt(one - s[1]) / (one - s[0]);
    c[1] = s[3], c[2] = one - s[3], c[3] = one - s[4], c[4] = s[5];
    if constexpr (has_greatest) return Update::amsgrad;
    else return k.flag("use_nesterov") ? Update::adam_nesterov : Update::adam;
  }
};
struct AdaMax {
  template <class T> static Update constants(const KernelCtx&, const T* s, T* c) {
    const T one = 1;
    c[0] = s[1] / (one - s[0]), c[1] = one - s[2], c[2] = s[3], c[3] = s[4];
    return Update::ada_max;
  }
};
template <Update rule>
struct RmsProp {
  template <class T> static Update constants(const KernelCtx&, const T* s, T* c) {
    c[0] = s[0], c[1] = s[1], c[2] = T(1) - s[1], c[3] = s[2], c[4] = s[3];
    return rule;
  }
};
template <Update moving, Update still>
struct Adagrad {
  template <class T> static Update constants(const KernelCtx& k, const T* s, T* c) {
    c[0] = s[0];
    if constexpr (moving == Update::adagrad_v2) c[1] = s[1];
    return k.flag("update_slots") ? moving : still;
  }
};
struct Adadelta {
  template <class T> static Update constants(const KernelCtx&, const T* s, T* c) {
    c[0] = s[0], c[1] = s[1], c[2] = T(1) - s[1], c[3] = s[2];
    return Update::adadelta;
  }
};
template <bool shrinks>
struct Ftrl {
  template <class T> static Update constants(const KernelCtx& k, const T* s, T* c) {
    const T lr = s[0], l1 = s[1], l2 = s[2], power = s[shrinks ? 4 : 3];
    const bool by_lr = k.flag("multiply_linear_by_lr");
    c[0] = lr, c[1] = by_lr ? l1 * lr : l1, c[2] = by_lr ? T(2) * l2 * lr : T(2) * l2;
    c[3] = shrinks ? T(2) * s[3] : T(0), c[4] = -power;
    if (power == T(-0.5)) return by_lr ? Update::ftrl_by_lr : Update::ftrl;
    return by_lr ? Update::ftrl_by_lr_power : Update::ftrl_power;
  }
};

// ---- the kernel ----

constexpr int kMostScalars = 8;

// What each input is, told by its name and type; asked once a shape.
struct Inputs : KernelState {
  explicit Inputs(const KernelCtx& k) {
    const OpDef& d = def(k.op());
    for (int i = 0; i < k.num_inputs(); ++i) {
      const std::string& name = d.inputs[static_cast<size_t>(i)].name;
      if (k.dtype(i) == DType::resource) ++states;
      else if (name == "grad" || name == "delta") gradient = i;
      else if (name == "indices") indices = i;
      else scalar[scalars++] = i;
    }
  }
  int states = 0, gradient = -1, indices = -1, scalars = 0;
  int scalar[kMostScalars];
};

// Narrow dtypes run in float, a tile at a time, and are rounded once at the end of the step.
void run_narrow(Update rule, DType dtype, void* const* states, int count, const void* gradient, const float* constants, int64_t n) {
  constexpr int64_t kTile = 512;
  float tile[WrittenVariables::kMost][kTile], g[kTile];
  const int from = static_cast<int>(dtype), wide = static_cast<int>(DType::f32);
  for (int64_t at = 0; at < n; at += kTile) {
    const int64_t size = std::min(kTile, n - at);
    void* in[WrittenVariables::kMost];
    for (int i = 0; i < count; ++i) {
      cpu::cast(from, static_cast<uint16_t*>(states[i]) + at, wide, tile[i], size);
      in[i] = tile[i];
    }
    cpu::cast(from, static_cast<const uint16_t*>(gradient) + at, wide, g, size);
    cpu::update(rule, wide, in, g, constants, size);
    for (int i = 0; i < count; ++i) cpu::cast(wide, tile[i], from, static_cast<uint16_t*>(states[i]) + at, size);
  }
}

std::unique_ptr<KernelState> sort_inputs(KernelCtx& k) { return std::make_unique<Inputs>(k); }

template <class Rule, class T>
void apply(KernelCtx& k) {
  const Inputs& in = k.state<Inputs>();
  const OpDef& d = def(k.op());
  const DType dtype = k.dtype(in.gradient);
  const size_t size = size_of(dtype);
  WrittenVariables v(k, in.states);
  auto name = [&](int i) { return d.inputs[static_cast<size_t>(i)].name.c_str(); };
  for (int i = 0; i < in.states; ++i) {
    if (v.variable(i).dtype == dtype && v.shape(0) == v.shape(i)) [[likely]] continue;   // texts cost time
    k.check(v.variable(i).dtype == dtype, "{} has dtype {}, {} has {}", name(i), name_of(v.variable(i).dtype),
            name(in.gradient), name_of(dtype));
    k.check(v.shape(0) == v.shape(i), "{} and {} do not have the same shape{} {}", name(0), name(i), v.shape(0).str(), v.shape(i).str());
  }
  T scalars[kMostScalars] = {}, constants[8] = {};
  for (int i = 0; i < in.scalars; ++i) {
    if (k.shape(in.scalar[i]).rank() != 0) [[unlikely]]
      k.check(false, "{} is not a scalar: {}", name(in.scalar[i]), k.shape(in.scalar[i]).str());
    cpu::cast(static_cast<int>(dtype), k.in<void>(in.scalar[i]), static_cast<int>(dtype_of<T>), &scalars[i], 1);
  }
  const Update rule = Rule::constants(k, scalars, constants);
  const Shape &whole = v.shape(0), &gradient = k.shape(in.gradient);
  const char* g = k.in<char>(in.gradient);
  void* memory[WrittenVariables::kMost];
  // Elements [at, at + n) of the states, with n elements of the gradient from `from` on.
  auto run = [&](int64_t at, int64_t from, int64_t n) {
    void* part[WrittenVariables::kMost];
    for (int i = 0; i < in.states; ++i) part[i] = static_cast<char*>(memory[i]) + static_cast<size_t>(at) * size;
    const void* part_g = g + static_cast<size_t>(from) * size;
    if constexpr (sizeof(T) == 4)
      if (dtype != DType::f32) return run_narrow(rule, dtype, part, in.states, part_g, constants, n);
    cpu::update(rule, static_cast<int>(dtype), part, part_g, constants, n);
  };
  if (in.indices < 0) {
    if (!(whole == gradient)) [[unlikely]]
      k.check(false, "{} and {} do not have the same shape{} {}", name(0), name(in.gradient), whole.str(), gradient.str());
    for (int i = 0; i < in.states; ++i) memory[i] = v.memory(i);
    return parallel_for(whole.size(), 16384, [&](int64_t begin, int64_t end) { run(begin, begin, end - begin); });
  }
  // Rows, in the order of the indices: one that stands twice is updated twice.
  const Shape& index_shape = k.shape(in.indices);
  k.check(whole.rank() >= 1, "{} must be at least 1 dimensional", name(0));
  k.check(index_shape.rank() == 1, "indices must be one-dimensional");
  k.check(gradient.rank() == whole.rank(), "var and grad must have the same rank, got {} and {}", whole.str(), gradient.str());
  for (int i = 1; i < whole.rank(); ++i) k.check(whole[i] == gradient[i], "var and grad must match in dimension {}", i);
  k.check(gradient[0] == index_shape[0], "grad must be the same size as indices in the first dimension.");
  const int64_t rows = index_shape[0], each = whole.slice(1, whole.rank()).size();
  auto index = [&](int64_t i) { return k.dtype(in.indices) == DType::i64 ? k.in<int64_t>(in.indices)[i] : k.in<int32_t>(in.indices)[i]; };
  for (int64_t i = 0; i < rows; ++i)
    k.check(index(i) >= 0 && index(i) < whole[0], "Index {} at offset {} in indices is out of range", index(i), i);
  if (rows == 0) return;
  for (int i = 0; i < in.states; ++i) memory[i] = v.memory(i);
  for (int64_t i = 0; i < rows; ++i) run(index(i) * each, i * each, each);
}

// ---- the records ----

constexpr const char* kNesterov = "use_nesterov: bool = false";
constexpr const char* kSlots = "update_slots: bool = true";
constexpr const char* kByLr = "multiply_linear_by_lr: bool = false";

// Names of the inputs as one text: what stands before the bar are variables, "indices" is of a type of its own.
Op record(const char* name, std::string_view inputs, const char* attr, const char* doc) {
  Op op{.name = name, .inputs = {}, .outputs = {}, .attrs = {"T: numeric"}, .doc = doc, .shape = shapes::none,
        .effect = Effect::writes, .foldable = false, .stops_gradient = true};
  bool variables = true;
  while (!inputs.empty()) {
    const size_t space = std::min(inputs.find(' '), inputs.size());
    const std::string word(inputs.substr(0, space));
    inputs.remove_prefix(std::min(space + 1, inputs.size()));
    if (word == "|") {
      variables = false;
    } else if (word == "indices") {
      op.inputs.push_back("indices: Tindices");
      op.attrs.push_back("Tindices: index");
    } else {
      op.inputs.push_back(word + (variables ? ": resource" : ": T"));
    }
  }
  op.attrs.push_back("use_locking: bool = false");
  if (attr) op.attrs.push_back(attr);
  return op;
}
template <class Rule>
struct Optimizer {
  Optimizer(const char* name, std::string_view inputs, const char* attr, const char* doc)
      : op(record(name, inputs, attr, doc)), known(op),
        single(op, "CPU", Kernel{apply<Rule, float>, sort_inputs}, {DType::f32, DType::f16, DType::bf16}),
        twice(op, "CPU", Kernel{apply<Rule, double>, sort_inputs}, {DType::f64}) {}
  const Op op;
  const Registrar known, single, twice;
};

const Optimizer<GradientDescent> gradient_descent("ResourceApplyGradientDescent", "var | alpha delta", nullptr, "var -= alpha delta.");
using Heavy = Momentum<Update::momentum, Update::nesterov>;
const Optimizer<Heavy> momentum("ResourceApplyMomentum", "var accum | lr grad momentum", kNesterov,
    "accum = momentum accum + grad; var -= lr accum (Nesterov: lr (grad + momentum accum)).");
using KerasHeavy = Momentum<Update::keras_momentum, Update::keras_nesterov>;
const Optimizer<KerasHeavy> keras_momentum("ResourceApplyKerasMomentum", "var accum | lr grad momentum", kNesterov,
    "accum = momentum accum - lr grad; var += accum (Nesterov: momentum accum - lr grad).");
const Optimizer<Adam<false>> adam("ResourceApplyAdam", "var m v | beta1_power beta2_power lr beta1 beta2 epsilon grad", kNesterov,
    "Adam: moving means m of grad and v of grad^2; var -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon).");
const Optimizer<Adam<true>> amsgrad("ResourceApplyAdamWithAmsgrad", "var m v vhat | beta1_power beta2_power lr beta1 beta2 epsilon grad", nullptr,
    "Adam that divides by the greatest v so far.");
const Optimizer<AdaMax> ada_max("ResourceApplyAdaMax", "var m v | beta1_power lr beta1 beta2 epsilon grad", nullptr,
    "AdaMax: v = max(beta2 v, |grad|); var -= lr / (1 - beta1^t) m / (v + epsilon).");
const Optimizer<RmsProp<Update::rms_prop>> rms_prop("ResourceApplyRMSProp", "var ms mom | lr rho momentum epsilon grad", nullptr,
    "RMSProp: ms is a moving mean of grad^2; mom = momentum mom + lr grad / sqrt(ms + epsilon); var -= mom.");
const Optimizer<RmsProp<Update::centered_rms_prop>> centered("ResourceApplyCenteredRMSProp", "var mg ms mom | lr rho momentum epsilon grad",
    nullptr, "RMSProp that divides by the moving deviation, sqrt(ms - mg^2 + epsilon).");
const Optimizer<Adagrad<Update::adagrad, Update::adagrad_still>> adagrad("ResourceApplyAdagrad", "var accum | lr grad", kSlots,
    "accum += grad^2; var -= lr grad / sqrt(accum).");
const Optimizer<Adagrad<Update::adagrad_v2, Update::adagrad_v2_still>> adagrad_v2("ResourceApplyAdagradV2", "var accum | lr epsilon grad", kSlots,
    "accum += grad^2; var -= lr grad / (sqrt(accum) + epsilon).");
const Optimizer<Adadelta> adadelta("ResourceApplyAdadelta", "var accum accum_update | lr rho epsilon grad", nullptr,
    "Adadelta: steps of sqrt(accum_update + epsilon) / sqrt(accum + epsilon) grad.");
const Optimizer<Ftrl<false>> ftrl("ResourceApplyFtrl", "var accum linear | grad lr l1 l2 lr_power", kByLr,
    "Follow the regularised leader (McMahan et al. 2013).");
const Optimizer<Ftrl<true>> ftrl_v2("ResourceApplyFtrlV2", "var accum linear | grad lr l1 l2 l2_shrinkage lr_power", kByLr,
    "Follow the regularised leader, with shrinkage.");

const Optimizer<Momentum<Update::momentum, Update::sparse_nesterov>> sparse_momentum("ResourceSparseApplyMomentum",
    "var accum | lr grad indices momentum", kNesterov, "ResourceApplyMomentum of the rows in indices.");
const Optimizer<KerasHeavy> sparse_keras("ResourceSparseApplyKerasMomentum", "var accum | lr grad indices momentum", kNesterov,
    "ResourceApplyKerasMomentum of the rows in indices.");
const Optimizer<RmsProp<Update::sparse_rms_prop>> sparse_rms("ResourceSparseApplyRMSProp", "var ms mom | lr rho momentum epsilon grad indices",
    nullptr, "ResourceApplyRMSProp of the rows in indices.");
const Optimizer<RmsProp<Update::sparse_centered_rms_prop>> sparse_centered("ResourceSparseApplyCenteredRMSProp",
    "var mg ms mom | lr rho momentum epsilon grad indices", nullptr, "ResourceApplyCenteredRMSProp of the rows in indices.");
const Optimizer<Adagrad<Update::adagrad, Update::adagrad_still>> sparse_adagrad("ResourceSparseApplyAdagrad", "var accum | lr grad indices", kSlots,
    "ResourceApplyAdagrad of the rows in indices.");
const Optimizer<Adagrad<Update::adagrad_v2, Update::adagrad_v2_still>> sparse_adagrad_v2("ResourceSparseApplyAdagradV2",
    "var accum | lr epsilon grad indices", kSlots, "ResourceApplyAdagradV2 of the rows in indices.");
const Optimizer<Adadelta> sparse_adadelta("ResourceSparseApplyAdadelta", "var accum accum_update | lr rho epsilon grad indices", nullptr,
    "ResourceApplyAdadelta of the rows in indices.");
const Optimizer<Ftrl<false>> sparse_ftrl("ResourceSparseApplyFtrl", "var accum linear | grad indices lr l1 l2 lr_power", kByLr,
    "ResourceApplyFtrl of the rows in indices.");
const Optimizer<Ftrl<true>> sparse_ftrl_v2("ResourceSparseApplyFtrlV2", "var accum linear | grad indices lr l1 l2 l2_shrinkage lr_power", kByLr,
    "ResourceApplyFtrlV2 of the rows in indices.");

}  // namespace
}  // namespace ninefold::ops
