// In: gradients and variables. Out: one step of training, in the order of Keras' OptimizerV2.
#include "train/model/optimizers/optimizer.h"

#include "base/log.h"
#include "ninefold/distribute.h"
#include "ninefold/saving.h"
#include "engine/tensor/resource.h"

namespace ninefold::keras {
namespace {

std::string number_text(const Value& v) {   // as Python prints it
  if (const int64_t* i = v.get<int64_t>()) return std::to_string(*i);
  const std::string text = fmt::format("{}", As<double>::from(v, "value"));
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string list_text(const std::vector<Weight>& weights, bool only_without, const Gradients& gradients) {
  std::string out;
  for (size_t i = 0; i < weights.size(); ++i)
    if (!only_without || !gradients[i].defined())
      out += (out.empty() ? "'" : ", '") + weights[i].variable.name() + "'";
  return "[" + out + "]";
}

[[noreturn]] void no_gradients(const std::vector<Weight>& weights) {
  std::string pairs;
  for (const Weight& w : weights)
    pairs += fmt::format("{}(None, <tf.Variable '{}' shape={} dtype={}>)", pairs.empty() ? "" : ", ", w.variable.name(),
                         w.variable.shape().tuple(), name_of(w.variable.dtype()));
  fail(Code::value, "No gradients provided for any variable: ({},). Provided `grads_and_vars` is ({}{}).",
       list_text(weights, false, {}), pairs, weights.size() == 1 ? "," : "");
}

// t * limit / max(|t|, limit), |t| over all axes. The root of 0 has no slope: zeros never enter it.
Tensor clipped_by_norm(const Tensor& t, double limit) {
  const Tensor sum = calc::sum_all(t * t), some = op("Greater", {sum, op("ZerosLike", {sum})});
  const Tensor norm = calc::select(some, calc::sqrt(calc::select(some, sum, op("OnesLike", {sum}))), sum);
  const Tensor most = calc::like(t, limit);
  return t * most / calc::maximum(norm, most);
}

}  // namespace

bool uses_momentum(const Value& momentum) {
  if (!momentum.get<double>() && !momentum.get<int64_t>()) return true;   // a tensor or a schedule
  const double m = As<double>::from(momentum, "momentum");
  check(m >= 0 && m <= 1, Code::value, "`momentum` must be between [0, 1]. Received: momentum={} (of type <class '{}'>).",
        number_text(momentum), momentum.get<int64_t>() ? "int" : "float");
  return m > 0;
}

void OptimizerBase::take(const ValueDict& common) {
  for (const Entry& e : common) {
    std::optional<double>* into = e.key == "clipnorm" ? &clipnorm_ : e.key == "clipvalue" ? &clipvalue_
                                  : e.key == "global_clipnorm" ? &global_clipnorm_ : nullptr;
    check(into || e.key == "decay", Code::type,
          "Unexpected keyword argument passed to optimizer: {}. Allowed kwargs are {{'clipvalue', 'clipnorm', 'decay', 'lr', "
          "'global_clipnorm'}}.", e.key);
    if (e.value.none()) continue;
    const double number = As<double>::from(e.value, e.key);
    check(number >= 0, Code::value, "Expected {} >= 0, received: {}", e.key, number_text(e.value));
    if (into) *into = number;
    else decay_ = number;
  }
  check(!clipnorm_ || !global_clipnorm_, Code::value,
        "Cannot accept both `clipnorm` and `global_clipnorm`. Received: `clipnorm`={}, `global_clipnorm`={}.",
        number_text(clipnorm_.value_or(0)), number_text(global_clipnorm_.value_or(0)));
}

// ---- hyperparameters ----

namespace {
// What `learning_rate` may be: a schedule, alone or as a config.
Value hyper_value(const Value& v) {
  if (v.get<ValueDict>()) return std::shared_ptr<Foreign>(get_object("schedule", v));
  return v;
}
Schedule* schedule_in(const Value& v) {
  const auto* f = v.get<std::shared_ptr<Foreign>>();
  return f ? dynamic_cast<Schedule*>(f->get()) : nullptr;
}
bool is_number(const Value& v) { return v.get<double>() || v.get<int64_t>() || v.get<bool>(); }
}  // namespace

void OptimizerBase::hyperparameter(std::string key, const Value& value) {
  const Value v = hyper_value(value);
  check(is_number(v) || v.get<Tensor>() || v.get<Variable>() || schedule_in(v), Code::type,
        "{}: argument '{}': expected a number, a tensor or a LearningRateSchedule", class_name(), key);
  hypers_[std::move(key)].value = v;
}

Value OptimizerBase::hyper(std::string_view key) const {
  create_hypers();
  const auto it = hypers_.find(key == "lr" ? "learning_rate" : key);
  check(it != hypers_.end(), Code::attribute, "'{}' object has no attribute '{}'", class_name(), key);
  return it->second.variable.defined() ? Value(it->second.variable) : it->second.value;
}

void OptimizerBase::set_hyper(std::string_view key, const Value& value) {
  if (key == "decay" || key == "clipnorm" || key == "clipvalue" || key == "global_clipnorm") {
    if (value.none()) (key == "clipnorm" ? clipnorm_ : key == "clipvalue" ? clipvalue_ : global_clipnorm_).reset();
    else take({{std::string(key), value}});
    return;
  }
  const auto it = hypers_.find(key == "lr" ? "learning_rate" : key);
  check(it != hypers_.end(), Code::attribute, "'{}' object has no attribute '{}'", class_name(), key);
  Hyper& h = it->second;
  const Value v = hyper_value(value);
  if (schedule_in(v)) {
    h = {v, {}};
  } else if (h.variable.defined()) {
    OutsideTrace eager;   // plans keep reading the same variable
    h.variable.assign(calc::cast(to_tensor(v, is_number(v) ? DType::f32 : DType::invalid), DType::f32));
  } else {
    h.value = v;
    if (hypers_created_) hypers_created_ = false;   // a schedule gave way to a number: make its variable
  }
}

void OptimizerBase::create_hypers() const {
  if (std::exchange(hypers_created_, true)) return;
  OutsideTrace eager;
  for (auto& [key, h] : hypers_)
    if (is_number(h.value) && !h.variable.defined())
      h.variable = Variable(Tensor(static_cast<float>(As<double>::from(h.value, key))),
                            {.name = NameScope::current() + key, .trainable = false});
}

Tensor OptimizerBase::read(std::string_view key, DType dtype) const {
  const Value v = hyper(key);
  check(!schedule_in(v), Code::type, "{}: `{}` cannot be a LearningRateSchedule", class_name(), key);
  return calc::cast(to_tensor(v), dtype);
}

Tensor OptimizerBase::learning_rate(DType dtype) const {
  const Value v = hyper("learning_rate");
  Tensor rate;
  if (Schedule* s = schedule_in(v)) {
    const Tensor now = calc::cast(iterations().read(), dtype);
    const Object::Method* own = s->overridden("__call__");
    rate = calc::cast(own ? calc::as_tensor((*own)({now}, {})) : s->at(now), dtype);
  } else {
    rate = calc::cast(to_tensor(v), dtype);
  }
  if (decay_ == 0) return rate;
  return rate / (calc::number(1, dtype) + calc::number(decay_, dtype) * calc::cast(iterations().read(), dtype));
}

Tensor OptimizerBase::step(DType dtype, int64_t ahead) const {
  return calc::cast(iterations().read() + Tensor(ahead), dtype);
}
double OptimizerBase::epsilon_or_default(const std::optional<double>& given) {
  return given && *given != 0 ? *given : keras::epsilon();
}
Tensor OptimizerBase::epsilon_or_default(const std::optional<double>& given, DType dtype) {
  return calc::number(epsilon_or_default(given), dtype);
}

// ---- weights ----

Variable OptimizerBase::add_weight(const std::string& key, const Tensor& initial) const {
  OutsideTrace eager;
  weights_.push_back(Variable(initial, {.name = NameScope::current() + key, .trainable = false}));
  return weights_.back();
}
Variable OptimizerBase::iterations() const {
  if (!iterations_.defined()) iterations_ = add_weight("iter", Tensor(int64_t{0}));
  return iterations_;
}

void OptimizerBase::add_slot(const Variable& of, const std::string& key, double initial) {
  if (std::find(slot_names_.begin(), slot_names_.end(), key) == slot_names_.end()) slot_names_.push_back(key);
  Variable& slot = slots_[of.resource()][key];
  if (slot.defined()) return;
  OutsideTrace eager;
  Tensor value = Tensor::zeros(of.dtype(), of.value().shape());
  if (initial != 0) value = value + calc::number(initial, of.dtype());
  slot = add_weight(of.resource()->name + "/" + key, value);
}
Variable OptimizerBase::slot(const Variable& of, std::string_view key) const {
  const auto slots = slots_.find(of.resource());
  const auto it = slots == slots_.end() ? Slots::const_iterator() : slots->second.find(key);
  check(slots != slots_.end() && it != slots->second.end(), Code::key, "{}: variable {} has no slot '{}'", class_name(),
        of.name(), key);
  return it->second;
}

void OptimizerBase::update_only(const Gradients& gradients, const std::vector<Weight>& variables) {
  check(gradients.size() == variables.size(), Code::value, "{}: {} gradients for {} variables", class_name(), gradients.size(),
        variables.size());
  std::vector<const Weight*> weights;
  std::vector<Variable> of;
  for (const Weight& w : variables) {
    weights.push_back(&w);
    of.push_back(w.variable);
  }
  create_weights(of);
  step_of(gradients, weights);
}

void OptimizerBase::take_state(const OptimizerBase& from) {
  OutsideTrace eager;
  for (const Variable& weight : from.weights_) {      // in their order, which set_weights() goes by
    bool known = weight.same(from.iterations_);
    if (known) iterations().assign(weight.value());
    for (const auto& [resource, slots] : from.slots_)
      for (const auto& [key, held] : slots) {
        if (!weight.same(held)) continue;
        known = true;
        const Variable of(resource.lock());
        if (!of.defined()) continue;                  // gone, and its slots with it
        add_slot(of, key);
        slot(of, key).assign(weight.value());
      }
    check(known, Code::type, "{}: cannot be copied with its weight {}; make a new one of get_config()", class_name(), weight.name());
  }
}

void OptimizerBase::create_weights(const std::vector<Variable>& variables) {
  static_cast<void>(iterations());
  create_hypers();
  // A variable that is gone takes its slots with it: a new one may come to lie at its address.
  std::erase_if(slots_, [](const auto& entry) { return entry.first.expired(); });
  create_slots(variables);
}

// ---- a step ----

// Of rows the values count, those of one index apart, as in TensorFlow.
Gradients OptimizerBase::clipped(Gradients gradients) const {
  if (clipvalue_)
    for (Gradient& g : gradients) g = g.map([&](const Tensor& t) { return calc::clip(t, -*clipvalue_, *clipvalue_); });
  if (clipnorm_)
    for (Gradient& g : gradients) g = g.map([&](const Tensor& t) { return clipped_by_norm(t, *clipnorm_); });
  if (global_clipnorm_) {
    // norm = sqrt(2 sum_i (|g_i|^2 / 2)), as tf.linalg.global_norm; a norm that is not finite gives NaN.
    Tensors halves;
    for (const Gradient& g : gradients) {
      const Tensor& values = g.slices().values;
      halves.push_back(calc::like(values, 0.5) * calc::sum_all(calc::square(values)));
    }
    const NamedAttr axis("axis", 0);
    const Tensor all = calc::sum_all(op_all("Pack", halves, {&axis, 1}).at(0));
    const Tensor norm = calc::sqrt(all * calc::like(all, 2)), one = calc::like(norm, 1);
    const Tensor most = calc::like(norm, *global_clipnorm_);
    const Tensor scale = most * calc::minimum(one / norm, one / most) + (norm - norm);
    for (Gradient& g : gradients) g = g.map([&](const Tensor& t) { return t * scale; });
  }
  return gradients;
}

void OptimizerBase::update_slices(const Variable& v, const IndexedSlices& gradient, const Tensors& shared) {
  const Tensors unique = op_all("Unique", {{gradient.indices}});
  const Tensor sums = op("UnsortedSegmentSum", {gradient.values, unique.at(1), op("Size", {unique.at(0)})});
  update_rows(v, sums, unique.at(0), shared);
}

namespace {
// Replicas meet with tensors: a gradient is one, or three if it is rows.
Tensors flattened(const Gradients& gradients) {
  Tensors out;
  for (const Gradient& g : gradients) {
    out.push_back(g.slices().values);
    if (g.sparse()) out.insert(out.end(), {g.slices().indices, g.slices().dense_shape});
  }
  return out;
}
// The sums over the replicas, whose gradients have the form of `like`.
Gradients summed(const std::vector<Tensors>& of_replicas, const Gradients& like) {
  std::vector<Gradients> rows(like.size());
  std::vector<Tensors> tensors;              // of each replica; in the order of the variables (distribute::summed)
  for (const Tensors& flat : of_replicas) {
    size_t at = 0;
    tensors.emplace_back();
    for (size_t i = 0; i < like.size(); ++i) {
      const size_t n = like[i].sparse() ? 3 : 1;
      check(at + n <= flat.size(), Code::runtime, "apply_gradients: replicas bring gradients of different forms");
      if (n == 1) tensors.back().push_back(flat[at]);
      else rows[i].push_back(IndexedSlices{flat[at], flat[at + 1], flat[at + 2]});
      at += n;
    }
    check(at == flat.size(), Code::runtime, "apply_gradients: replicas bring gradients of different forms");
  }
  const Tensors whole = distribute::summed(tensors);
  Gradients sums;
  size_t next = 0;
  for (size_t i = 0; i < like.size(); ++i) sums.push_back(like[i].sparse() ? total(rows[i]) : Gradient(whole[next++]));
  return sums;
}
}  // namespace

void OptimizerBase::step_of(const Gradients& sums, const std::vector<const Weight*>& weights) {
  std::map<DType, Tensors> shared;
  for (const Weight* w : weights)
    if (auto [it, fresh] = shared.try_emplace(w->variable.dtype()); fresh) it->second = prepare(w->variable.dtype());
  for (size_t i = 0; i < sums.size(); ++i) {
    const Variable& v = weights[i]->variable;
    const auto& constraint = weights[i]->constraint;
    if (sums[i].sparse()) {
      check(!constraint, Code::runtime, "Cannot use a constraint function on a sparse variable. Received: the gradient of "
            "'{}' is tf.IndexedSlices; give apply_gradients tf.convert_to_tensor(gradient)", v.name());
      update_slices(v, sums[i].slices(), shared[v.dtype()]);
      continue;
    }
    update(v, sums[i].slices().values, shared[v.dtype()]);
    if (constraint) v.assign((*constraint)(v.read()));
  }
}

void OptimizerBase::apply_gradients(const Gradients& gradients, const std::vector<Weight>& variables) {
  apply_guarded(gradients, variables, [](const Gradients&, const auto& update, const auto&) { update(); });
}

void OptimizerBase::apply_guarded(const Gradients& gradients, const std::vector<Weight>& variables, const Guard& guard) {
  check(gradients.size() == variables.size(), Code::value, "{}: {} gradients for {} variables", class_name(),
        gradients.size(), variables.size());
  Gradients given;
  std::vector<Variable> of;
  std::vector<const Weight*> weights;
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined()) continue;
    given.push_back(gradients[i]);
    of.push_back(variables[i].variable);
    weights.push_back(&variables[i]);
  }
  if (given.empty() && !variables.empty()) no_gradients(variables);
  if (given.size() < variables.size())
    warn("Gradients do not exist for variables {} when minimizing the loss. If you're using `model.compile()`, did you "
         "forget to provide a `loss`argument?", list_text(variables, true, gradients));

  NameScope within(name);
  create_weights(of);
  if (given.empty()) return;
  // Replicas bring their gradients together; the update is made once, of the sums.
  distribute::merge_call(flattened(given), [&](const std::vector<Tensors>& of_replicas) {
    const Gradients all = summed(of_replicas, given);
    const auto pass = [&] { iterations().assign_add(Tensor(int64_t{1})); };
    guard(all, [&] {
      step_of(clipped(all), weights);
      pass();
    }, pass);
    return Tensors{};
  });
}

// ---- config ----

namespace {
ObjectPtr part_in(const Value& v) { return std::dynamic_pointer_cast<Object>(*v.get<std::shared_ptr<Foreign>>()); }
}  // namespace

ValueDict OptimizerBase::config() const {
  ValueDict out = {{"name", name}};
  if (clipnorm_) out.push_back({"clipnorm", *clipnorm_});
  if (clipvalue_) out.push_back({"clipvalue", *clipvalue_});
  if (global_clipnorm_) out.push_back({"global_clipnorm", *global_clipnorm_});
  const Value own = own_options();
  for (const std::string& key : config_keys()) {
    const auto it = hypers_.find(key);
    Value v;
    if (key == "decay") v = decay_;
    else if (key == "epsilon") v = epsilon_or_default(As<std::optional<double>>::from(*own.find(key), key));
    else if (it == hypers_.end()) v = *own.find(key);
    else if (it->second.variable.defined()) v = static_cast<double>(it->second.variable.value().item<float>());
    else if (schedule_in(it->second.value)) v = serialized(part_in(it->second.value));
    else v = it->second.value;
    out.push_back({key, std::move(v)});
  }
  return out;
}

void copy_state(const Optimizer& from, Optimizer& to) {
  const auto* ours = dynamic_cast<const OptimizerBase*>(&from);
  auto* other = dynamic_cast<OptimizerBase*>(&to);
  check(ours && other, Code::type, "{}: cannot be copied once it has weights; make a new one of get_config()", from.class_name());
  if (ours != other) other->take_state(*ours);
}

void update_only(Optimizer& optimizer, const Gradients& gradients, const std::vector<Weight>& variables) {
  auto* ours = dynamic_cast<OptimizerBase*>(&optimizer);
  check(ours, Code::type, "{}: steps of single variables are not to be had of it", optimizer.class_name());
  ours->update_only(gradients, variables);
}

void create_slots(Optimizer& optimizer, const std::vector<Variable>& variables) {
  if (auto* scaling = dynamic_cast<LossScaleOptimizer*>(&optimizer)) return create_slots(*scaling->inner(), variables);
  auto* ours = dynamic_cast<OptimizerBase*>(&optimizer);
  if (ours && !variables.empty()) ours->create_weights(variables);
}

}  // namespace ninefold::keras
