// In: variables, their slots, gradients, hyperparameters. Out: the variables one step of an optimizer further.
// Each op is a row at the end (its name, inputs, what its scalars mean, its rules); rules are in device/update_rules.h.
#include <complex>

#include "base/threads.h"
#include "engine/device/cpu/cast.h"
#include "engine/device/cpu/update.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/optimizer_ops.h"

namespace ninefold::ops {

std::vector<const Optimizer*>& optimizers() {
  static auto* const all = new std::vector<const Optimizer*>();
  return *all;
}
const Optimizer& optimizer_of(const Op& op) {
  for (const Optimizer* o : optimizers())
    if (&o->op == &op) return *o;
  NINEFOLD_INVARIANT(false);
  return *optimizers().front();
}

bool takes_complex(const Optimizer& o) { return cpu::updates(o.plain, static_cast<int>(DType::c64)) && cpu::updates(o.flagged, static_cast<int>(DType::c64)); }

StepInputs::StepInputs(const KernelCtx& k) : optimizer(optimizer_of(k.op())) {
  const OpDef& d = def(k.op());
  for (int i = 0; i < k.num_inputs(); ++i) {
    const std::string& name = d.inputs[static_cast<size_t>(i)].name;
    if (k.dtype(i) == DType::resource) ++states;
    else if (name == "grad" || name == "delta") gradient = i;
    else if (name == "indices") indices = i;
    else scalar[scalars++] = i;
  }
}

void StepInputs::check(const KernelCtx& k, const WrittenVariables& v) const {
  const OpDef& d = def(k.op());
  const DType dtype = k.dtype(gradient);
  auto name = [&](int i) { return d.inputs[static_cast<size_t>(i)].name.c_str(); };
  for (int i = 0; i < states; ++i) {
    if (v.variable(i).dtype == dtype && v.shape(0) == v.shape(i)) [[likely]] continue;   // texts cost time
    k.check(v.variable(i).dtype == dtype, "{} has dtype {}, {} has {}", name(i), name_of(v.variable(i).dtype),
            name(gradient), name_of(dtype));
    k.check(v.shape(0) == v.shape(i), "{} and {} do not have the same shape{} {}", name(0), name(i), v.shape(0).str(), v.shape(i).str());
  }
  for (int i = 0; i < scalars; ++i)
    if (k.shape(scalar[i]).rank() != 0) [[unlikely]]
      k.check(false, "{} is not a scalar: {}", name(scalar[i]), k.shape(scalar[i]).str());
  const Shape &whole = v.shape(0), &g = k.shape(gradient);
  if (indices < 0) {
    if (!(whole == g)) [[unlikely]]
      k.check(false, "{} and {} do not have the same shape{} {}", name(0), name(gradient), whole.str(), g.str());
    return;
  }
  const Shape& index_shape = k.shape(indices);
  k.check(whole.rank() >= 1, "{} must be at least 1 dimensional", name(0));
  k.check(index_shape.rank() == 1, "indices must be one-dimensional");
  k.check(g.rank() == whole.rank(), "var and grad must have the same rank, got {} and {}", whole.str(), g.str());
  for (int i = 1; i < whole.rank(); ++i) k.check(whole[i] == g[i], "var and grad must match in dimension {}", i);
  k.check(g[0] == index_shape[0], "grad must be the same size as indices in the first dimension.");
}

namespace {

// ---- the kernel ----

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

// What each input is, told by its name and type; asked once a shape.
std::unique_ptr<KernelState> sort_inputs(KernelCtx& k) { return std::make_unique<StepInputs>(k); }

template <class T>
void apply(KernelCtx& k) {
  const StepInputs& in = k.state<StepInputs>();
  const DType dtype = k.dtype(in.gradient);
  const size_t size = size_of(dtype);
  WrittenVariables v(k, in.states);
  in.check(k, v);
  T scalars[kUpdateScalars] = {}, constants[kUpdateConstants] = {};
  for (int i = 0; i < in.scalars; ++i)
    cpu::cast(static_cast<int>(dtype), k.in<void>(in.scalar[i]), static_cast<int>(dtype_of<T>), &scalars[i], 1);
  const Optimizer& o = in.optimizer;
  const bool flag = !o.flag.empty() && k.flag(o.flag);
  updates::constants(o.scalars, flag, scalars, constants);
  Update rule = flag ? o.flagged : o.plain;
  if (rule == Update::ftrl_power && constants[4] == T(0.5)) rule = Update::ftrl;
  if (rule == Update::ftrl_by_lr_power && constants[4] == T(0.5)) rule = Update::ftrl_by_lr;
  const char* g = k.in<char>(in.gradient);
  void* memory[WrittenVariables::kMost];
  // Elements [at, at + n) of the states, with n elements of the gradient from `from` on.
  auto run = [&](int64_t at, int64_t from, int64_t n) {
    void* part[WrittenVariables::kMost];
    for (int i = 0; i < in.states; ++i) part[i] = static_cast<char*>(memory[i]) + static_cast<size_t>(at) * size;
    const void* part_g = g + static_cast<size_t>(from) * size;
    if constexpr (std::is_same_v<T, float>)
      if (dtype != DType::f32) return run_narrow(rule, dtype, part, in.states, part_g, constants, n);
    cpu::update(rule, static_cast<int>(dtype), part, part_g, constants, n);
  };
  if (in.indices < 0) {
    for (int i = 0; i < in.states; ++i) memory[i] = v.memory(i);
    return parallel_for(v.shape(0).size(), 16384, [&](int64_t begin, int64_t end) { run(begin, begin, end - begin); });
  }
  // Rows, in the order of the indices: one that stands twice is updated twice.
  const Shape& whole = v.shape(0);
  const int64_t rows = k.shape(in.indices)[0], each = whole.slice(1, whole.rank()).size();
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
struct Rules {
  Update plain, flagged = plain;
};
struct OptimizerOp {
  OptimizerOp(const char* name, Scalars scalars, Rules rules, std::string_view inputs, const char* attr, const char* doc)
      : row{record(name, inputs, attr, doc), scalars, rules.plain, rules.flagged, std::string(attr ? std::string_view(attr).substr(0, std::string_view(attr).find(':')) : "")}, known(row.op),
        single(row.op, "CPU", Kernel{apply<float>, sort_inputs}, {DType::f32, DType::f16, DType::bf16}),
        twice(row.op, "CPU", Kernel{apply<double>, sort_inputs}, {DType::f64}) {
    optimizers().push_back(&row);
    if (!takes_complex(row)) return;
    Registrar(row.op, "CPU", Kernel{apply<std::complex<float>>, sort_inputs}, {DType::c64});
    Registrar(row.op, "CPU", Kernel{apply<std::complex<double>>, sort_inputs}, {DType::c128});
  }
  const Optimizer row;
  const Registrar known, single, twice;
};

const OptimizerOp gradient_descent("ResourceApplyGradientDescent", Scalars::rate, {Update::gradient_descent}, "var | alpha delta", nullptr, "var -= alpha delta.");
const OptimizerOp momentum("ResourceApplyMomentum", Scalars::momentum, {Update::momentum, Update::nesterov}, "var accum | lr grad momentum", kNesterov,
    "accum = momentum accum + grad; var -= lr accum (Nesterov: lr (grad + momentum accum)).");
const OptimizerOp keras_momentum("ResourceApplyKerasMomentum", Scalars::momentum, {Update::keras_momentum, Update::keras_nesterov}, "var accum | lr grad momentum", kNesterov,
    "accum = momentum accum - lr grad; var += accum (Nesterov: momentum accum - lr grad).");
const OptimizerOp adam("ResourceApplyAdam", Scalars::adam, {Update::adam, Update::adam_nesterov}, "var m v | beta1_power beta2_power lr beta1 beta2 epsilon grad", kNesterov,
    "Adam: moving means m of grad and v of grad^2; var -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon).");
const OptimizerOp amsgrad("ResourceApplyAdamWithAmsgrad", Scalars::adam, {Update::amsgrad}, "var m v vhat | beta1_power beta2_power lr beta1 beta2 epsilon grad", nullptr,
    "Adam that divides by the greatest v so far.");
const OptimizerOp ada_max("ResourceApplyAdaMax", Scalars::ada_max, {Update::ada_max}, "var m v | beta1_power lr beta1 beta2 epsilon grad", nullptr,
    "AdaMax: v = max(beta2 v, |grad|); var -= lr / (1 - beta1^t) m / (v + epsilon).");
const OptimizerOp rms_prop("ResourceApplyRMSProp", Scalars::rms_prop, {Update::rms_prop}, "var ms mom | lr rho momentum epsilon grad", nullptr,
    "RMSProp: ms is a moving mean of grad^2; mom = momentum mom + lr grad / sqrt(ms + epsilon); var -= mom.");
const OptimizerOp centered("ResourceApplyCenteredRMSProp", Scalars::rms_prop, {Update::centered_rms_prop}, "var mg ms mom | lr rho momentum epsilon grad",
    nullptr, "RMSProp that divides by the moving deviation, sqrt(ms - mg^2 + epsilon).");
const OptimizerOp adagrad("ResourceApplyAdagrad", Scalars::rate, {Update::adagrad_still, Update::adagrad}, "var accum | lr grad", kSlots,
    "accum += grad^2; var -= lr grad / sqrt(accum).");
const OptimizerOp adagrad_v2("ResourceApplyAdagradV2", Scalars::adagrad_v2, {Update::adagrad_v2_still, Update::adagrad_v2}, "var accum | lr epsilon grad", kSlots,
    "accum += grad^2; var -= lr grad / (sqrt(accum) + epsilon).");
const OptimizerOp adadelta("ResourceApplyAdadelta", Scalars::adadelta, {Update::adadelta}, "var accum accum_update | lr rho epsilon grad", nullptr,
    "Adadelta: steps of sqrt(accum_update + epsilon) / sqrt(accum + epsilon) grad.");
const OptimizerOp ftrl("ResourceApplyFtrl", Scalars::ftrl, {Update::ftrl_power, Update::ftrl_by_lr_power}, "var accum linear | grad lr l1 l2 lr_power", kByLr,
    "Follow the regularised leader (McMahan et al. 2013).");
const OptimizerOp ftrl_v2("ResourceApplyFtrlV2", Scalars::ftrl_v2, {Update::ftrl_power, Update::ftrl_by_lr_power}, "var accum linear | grad lr l1 l2 l2_shrinkage lr_power", kByLr,
    "Follow the regularised leader, with shrinkage.");

const OptimizerOp sparse_momentum("ResourceSparseApplyMomentum", Scalars::momentum, {Update::momentum, Update::sparse_nesterov},
    "var accum | lr grad indices momentum", kNesterov, "ResourceApplyMomentum of the rows in indices.");
const OptimizerOp sparse_keras("ResourceSparseApplyKerasMomentum", Scalars::momentum, {Update::keras_momentum, Update::keras_nesterov}, "var accum | lr grad indices momentum", kNesterov,
    "ResourceApplyKerasMomentum of the rows in indices.");
const OptimizerOp sparse_rms("ResourceSparseApplyRMSProp", Scalars::rms_prop, {Update::sparse_rms_prop}, "var ms mom | lr rho momentum epsilon grad indices",
    nullptr, "ResourceApplyRMSProp of the rows in indices.");
const OptimizerOp sparse_centered("ResourceSparseApplyCenteredRMSProp", Scalars::rms_prop, {Update::sparse_centered_rms_prop},
    "var mg ms mom | lr rho momentum epsilon grad indices", nullptr, "ResourceApplyCenteredRMSProp of the rows in indices.");
const OptimizerOp sparse_adagrad("ResourceSparseApplyAdagrad", Scalars::rate, {Update::adagrad_still, Update::adagrad}, "var accum | lr grad indices", kSlots,
    "ResourceApplyAdagrad of the rows in indices.");
const OptimizerOp sparse_adagrad_v2("ResourceSparseApplyAdagradV2", Scalars::adagrad_v2, {Update::adagrad_v2_still, Update::adagrad_v2},
    "var accum | lr epsilon grad indices", kSlots, "ResourceApplyAdagradV2 of the rows in indices.");
const OptimizerOp sparse_adadelta("ResourceSparseApplyAdadelta", Scalars::adadelta, {Update::adadelta}, "var accum accum_update | lr rho epsilon grad indices", nullptr,
    "ResourceApplyAdadelta of the rows in indices.");
const OptimizerOp sparse_ftrl("ResourceSparseApplyFtrl", Scalars::ftrl, {Update::ftrl_power, Update::ftrl_by_lr_power}, "var accum linear | grad indices lr l1 l2 lr_power", kByLr,
    "ResourceApplyFtrl of the rows in indices.");
const OptimizerOp sparse_ftrl_v2("ResourceSparseApplyFtrlV2", Scalars::ftrl_v2, {Update::ftrl_power, Update::ftrl_by_lr_power}, "var accum linear | grad indices lr l1 l2 l2_shrinkage lr_power", kByLr,
    "ResourceApplyFtrlV2 of the rows in indices.");

}  // namespace
}  // namespace ninefold::ops
