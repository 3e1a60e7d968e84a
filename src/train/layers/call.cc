// In: a layer and its inputs. Out: its outputs, in the order of steps that Keras' __call__ has: checks, build,
// casts, call, activity regularizer, masks. Symbolic inputs become a node of a functional model.
#include <algorithm>

#include "engine/graph/tracer.h"
#include "ninefold/saving.h"
#include "train/layers/call_context.h"
#include "train/layers/described.h"
#include "train/layers/nest.h"
#include "train/layers/notes.h"
#include "train/layers/schema.h"
#include "train/layers/sizes.h"

namespace ninefold::keras {

CallContext& call_context() {
  thread_local CallContext context;
  return context;
}
Value resolved_training(const Value& given) {
  if (!given.none()) return given;
  if (!call_context().training.none()) return call_context().training;
  return learning_phase();
}
bool is_training(const Value& training) {
  if (const bool* b = training.get<bool>()) return *b;
  if (const int64_t* i = training.get<int64_t>()) return *i != 0;
  if (const Tensor* t = training.get<Tensor>(); t && !t->symbolic()) return t->float_at(0) != 0;
  return false;
}
Tensor if_training(const CallArgs& args, const std::function<Tensor()>& yes, const std::function<Tensor()>& no) {
  if (const Tensor* t = args.training.get<Tensor>(); t && t->symbolic())
    return cond(op("Cast", {*t}, {{"DstT", DType::boolean}}), [&] { return Tensors{yes()}; }, [&] { return Tensors{no()}; }).at(0);
  return is_training(args.training) ? yes() : no();
}

namespace {
thread_local DType reads_as = DType::invalid;
}  // namespace
DType autocast_dtype() { return reads_as; }
Autocast::Autocast(DType d) : before_(std::exchange(reads_as, d)) {}
Autocast::~Autocast() { reads_as = before_; }

// ---- input_spec ----

namespace {

std::optional<int64_t> entry(const Value& spec, const char* key) {
  const Value* v = spec.find(key);
  return v && !v->none() ? std::optional(As<int64_t>::from(*v, key)) : std::nullopt;
}
bool is_spec(const Value& v) {
  for (const char* key : {"ndim", "min_ndim", "max_ndim", "axes", "dtype", "shape", "allow_last_axis_squeeze"})
    if (v.find(key)) return true;
  return v.none();
}
void collect_specs(const Value& v, std::vector<Value>& out) {
  if (is_spec(v)) return out.push_back(v);
  if (const ValueList* list = v.get<ValueList>())
    for (const Value& item : *list) collect_specs(item, out);
  if (const ValueDict* dict = v.get<ValueDict>()) {
    ValueDict sorted = *dict;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
    for (const Entry& e : sorted) collect_specs(e.value, out);
  }
}

struct Seen { Shape shape; DType dtype; };
std::optional<Seen> seen(const Value& leaf) {
  if (const Tensor* t = leaf.get<Tensor>()) return Seen{t->shape(), t->dtype()};
  if (const Variable* v = leaf.get<Variable>()) return Seen{v->shape(), v->dtype()};
  if (const KerasTensorPtr k = nest::keras_tensor(leaf)) return Seen{k->spec.shape, k->spec.dtype};
  if (const auto c = CompositeSpec::of(leaf); c && !(c->made && !c->made->shape())) return Seen{c->rows.shape, c->rows.dtype};
  return std::nullopt;
}
std::string shown(const Value& leaf, bool as_repr = false) {
  const auto composite = CompositeSpec::of(leaf);
  if (const auto s = seen(leaf); s && !nest::keras_tensor(leaf) && !(composite && composite->made))
    return fmt::format("{}shape={}, dtype={}{}", as_repr ? "<tf.Tensor: " : "tf.Tensor(", s->shape.tuple(), name_of(s->dtype),
                       as_repr ? ">" : ")");
  if (const auto* object = leaf.get<std::shared_ptr<Foreign>>()) return (*object)->describe();
  if (const std::string* s = leaf.get<std::string>()) return *s;
  if (const bool* b = leaf.get<bool>()) return *b ? "True" : "False";
  if (const int64_t* i = leaf.get<int64_t>()) return std::to_string(*i);
  if (const double* d = leaf.get<double>()) return fmt::format("{}", *d);
  return "None";
}
std::string shown_nest(const Value& v, bool as_repr = false) {
  if (nest::is_leaf(v)) return shown(v, as_repr);
  std::string out;
  if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& item : *list) out += (out.empty() ? "" : ", ") + shown_nest(item, as_repr);
    return "[" + out + "]";
  }
  for (const Entry& e : *v.get<ValueDict>()) out += (out.empty() ? "'" : ", '") + e.key + "': " + shown_nest(e.value, as_repr);
  return "{" + out + "}";
}

void check_one(const Value& spec, const Seen& x, size_t index, const std::string& layer) {
  const Shape& shape = x.shape;
  const auto wrong = [&](const std::string& what) {
    fail(Code::value, "Input {} of layer \"{}\" is incompatible with the layer: {}", index, layer, what);
  };
  const Value* squeeze = spec.find("allow_last_axis_squeeze");
  const bool squeezes = squeeze && As<bool>::from(*squeeze, "allow_last_axis_squeeze");
  if (const auto n = entry(spec, "ndim"); n && !squeezes && shape.rank() != *n)
    wrong(fmt::format("expected ndim={}, found ndim={}. Full shape received: {}", *n, shape.rank(), shape.tuple()));
  if (const auto n = entry(spec, "max_ndim"); n && shape.rank() > *n)
    wrong(fmt::format("expected max_ndim={}, found ndim={}", *n, shape.rank()));
  if (const auto n = entry(spec, "min_ndim"); n && shape.rank() < *n)
    wrong(fmt::format("expected min_ndim={}, found ndim={}. Full shape received: {}", *n, shape.rank(), shape.tuple()));
  if (const Value* d = spec.find("dtype"); d && !d->none())
    if (const DType want = As<DType>::from(*d, "dtype"); want != x.dtype)
      wrong(fmt::format("expected dtype={}, found dtype=<dtype: '{}'>", name_of(want), name_of(x.dtype)));
  if (const Value* axes = spec.find("axes"); axes && axes->get<ValueDict>())
    for (const Entry& e : *axes->get<ValueDict>()) {
      const int axis = std::stoi(e.key);
      if (e.value.none() || axis >= shape.rank() || axis < -shape.rank()) continue;
      const int64_t want = As<int64_t>::from(e.value, "axes"), got = shape.dim(axis);
      if (got != -1 && got != want)
        fail(Code::value, "Input {} of layer \"{}\" is incompatible with the layer: expected axis {} of input shape to "
             "have value {}, but received input with shape {}", index, layer, axis, want, shape.tuple());
    }
  if (const Value* s = spec.find("shape"); s && !s->none()) {
    const Shape want = nest::shape(*s, layer);
    std::vector<int64_t> a = want.vector(), b = shape.vector();
    if (squeezes && !b.empty() && b.back() == 1) b.pop_back();
    if (squeezes && !a.empty() && a.back() == 1) a.pop_back();
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      if (a[i] != -1 && b[i] != -1 && a[i] != b[i])
        wrong(fmt::format("expected shape={}, found shape={}", want.tuple(), shape.tuple()));
  }
}

}  // namespace

void check_input_spec(const Value& spec, const Value& inputs, const std::string& layer) {
  if (spec.none()) return;
  std::vector<Value> specs;
  collect_specs(spec, specs);
  std::vector<Value> leaves = nest::flatten(inputs);
  const auto name_in = [](const Value& s) { const Value* n = s.find("name"); return n ? n->get<std::string>() : nullptr; };
  if (const ValueDict* dict = inputs.get<ValueDict>(); dict && std::all_of(specs.begin(), specs.end(), name_in)) {
    leaves.clear();
    for (const Value& s : specs) {
      const Value* x = inputs.find(*name_in(s));
      if (!x) {
        ValueList keys, names;
        for (const Entry& e : *dict) keys.push_back("'" + e.key + "'");
        for (const Value& other : specs) names.push_back("'" + *name_in(other) + "'");
        fail(Code::value, "Missing data for input \"{}\". You passed a data dictionary with keys {}. Expected the "
             "following keys: {}", *name_in(s), shown_nest(keys), shown_nest(names));
      }
      leaves.push_back(*x);
    }
  }
  for (const Value& x : leaves)
    check(seen(x).has_value(), Code::type, "Inputs to a layer should be tensors. Got: {}", shown(x));
  check(leaves.size() == specs.size(), Code::value,
        "Layer \"{}\" expects {} input(s), but it received {} input tensors. Inputs received: {}", layer, specs.size(),
        leaves.size(), shown_nest(ValueList(leaves.begin(), leaves.end()), true));
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (specs[i].none()) continue;
    const Seen x = *seen(leaves[i]);
    if (!x.shape.known_rank()) return;
    check_one(specs[i], x, i, layer);
  }
}

// ---- the steps of a call ----

void Layer::build(const Value&) { set_built(true); }

Value Layer::shapes_to_build(const Value& inputs) const { return nest::shapes(inputs); }

void Layer::build_now(const Value& shapes) {
  if (const Method* own = overridden("build")) {
    (*own)({shapes}, {});
    return say_built(true);
  }
  build(shapes);
  set_built(true);
  anew_ = false;
}
void Layer::maybe_build(const Value& inputs) {
  if (built_) return;
  check_input_spec(input_spec, inputs, name_);
  const Value shapes = shapes_to_build(inputs);
  {
    Pushed<Tracer*> eager(scope().tracers, nullptr);   // variables are made now, within a trace too
    NoRecording quiet;
    build_now(shapes);
  }
  if (initial_weights_.empty()) return;
  Tensors values;
  for (const Value& v : std::exchange(initial_weights_, {})) values.push_back(to_tensor(v, DType::invalid, name_));
  set_weights(values);
}

Value Layer::cast_inputs(const Value& inputs) const {
  if (!autocast_ || !is_floating(compute_dtype_)) return inputs;
  return nest::map(inputs, [&](const Value& leaf) -> Value {
    const Tensor* t = leaf.get<Tensor>();
    if (const auto spec = t ? std::nullopt : CompositeSpec::of(leaf)) {
      if (spec->made || !is_floating(spec->rows.dtype) || spec->rows.dtype == compute_dtype_) return leaf;
      return ninefold::call("tf.cast", {{"x", leaf}, {"dtype", compute_dtype_}});
    }
    if (!t || !is_floating(t->dtype()) || t->dtype() == compute_dtype_) return leaf;
    const Tensor cast = op("Cast", {*t}, {{"DstT", compute_dtype_}});
    set_mask(cast, mask_of(*t));
    return cast;
  });
}

Value Layer::run_call(const Value& inputs, const CallArgs& args) {
  const Method* own = overridden("call");
  if (!own) return own_call(inputs, args);
  ValueList positional = {inputs};
  positional.insert(positional.end(), args.further.begin(), args.further.end());
  ValueDict named = args.named;
  if (!args.training.none()) put(named, "training", args.training);
  if (!args.mask.none()) put(named, "mask", args.mask);
  const Autocast within(is_floating(compute_dtype_) ? compute_dtype_ : DType::invalid);
  return (*own)(std::move(positional), std::move(named));
}

void Layer::regularize_activity(const Value& inputs, const Value& outputs) {
  if (!activity_regularizer_) return;
  (void)inputs;
  for (const Value& leaf : nest::flatten(outputs)) {
    const Tensor* y = leaf.get<Tensor>();
    const RaggedRef rows = Ragged::of(leaf);
    if (!y && !rows) continue;
    const Tensor loss = (*activity_regularizer_)(rows ? rows->flat_values() : *y);
    // Divided by the batch size, so that the strength does not depend on it.
    add_loss(loss / op("Cast", {rows ? rows->nrows() : dim_of(*y, 0)}, {{"DstT", loss.dtype()}}));
  }
}

Value Layer::compute_mask(const Value&, const Value& mask) {
  if (supports_masking) return mask;
  for (const Value& m : nest::flatten(mask))
    check(m.none(), Code::type, "Layer {} does not support masking, but was passed an input_mask: {}", name_, shown(m));
  return {};
}

namespace {
Value masks_of(const Value& inputs) {
  bool any = false;
  const Value masks = nest::map(inputs, [&](const Value& leaf) -> Value {
    Value m;
    m = mask_of(leaf);
    if (const KerasTensorPtr k = nest::keras_tensor(leaf)) m = k->mask;
    any |= !m.none();
    return m;
  });
  return any ? masks : Value();
}
}  // namespace

void Layer::propagate_masks(const Value& inputs, const Value& outputs, const Value& masks) {
  const Method* own = overridden("compute_mask");
  if (!supports_masking && !own) return;
  const std::vector<Value> flat = nest::flatten(outputs);
  const auto has_mask = [](const Value& y) { return !(y.get<Tensor>() || Ragged::of(y)) || !mask_of(y).none(); };
  if (std::all_of(flat.begin(), flat.end(), has_mask)) return;   // call attached them itself
  const Value made = own ? (*own)({inputs, masks}, {}) : compute_mask(inputs, masks);
  std::vector<Value> each = made.none() ? std::vector<Value>(flat.size()) : nest::flatten(made);
  each.resize(flat.size());
  for (size_t i = 0; i < flat.size(); ++i)
    set_mask(flat[i], each[i]);
}

namespace {
// An error from inside names the innermost layer and what it was given, as Keras does.
[[noreturn]] void explain(const Error& e, const Layer& layer, const std::vector<std::string>& parameters,
                          const Value& inputs, const CallArgs& args) {
  if (e.code() == Code::foreign || e.message().starts_with("Exception encountered when calling layer"))
    throw;  // and not `throw e`, which would leave only the base class of an exception that began in Python
  const std::string who = fmt::format("layer \"{}\" (type {})", layer.name(), class_of(layer));
  std::string text = fmt::format("Exception encountered when calling {}.\n\n{}\n\nCall arguments received by {}:", who,
                                 e.message(), who);
  for (const std::string& p : parameters)
    text += fmt::format("\n  • {}={}", p,
                        shown_nest(p == "inputs" ? inputs : p == "training" ? args.training : p == "mask" ? args.mask : Value()));
  throw Error(e.code(), text);
}
}  // namespace

Value Layer::operator()(const Value& arguments, CallArgs args) {
  Value given = arguments;
  arrange(given, args);
  const auto symbolic = [](const ValueList& list) { return nest::any_keras_tensor(list); };
  const auto symbolic_named = [&] {
    return std::any_of(args.named.begin(), args.named.end(), [](const Entry& e) { return nest::any_keras_tensor(e.value); });
  };
  if (nest::any_keras_tensor(given) || symbolic(args.further) || symbolic_named()) return symbolic_call(given, args);

  Value inputs = given;
  if (converts_inputs_) {
    inputs = nest::map(given, [&](const Value& leaf) -> Value {
      if (leaf.get<double>() || leaf.get<int64_t>() || leaf.get<bool>()) return to_tensor(leaf, DType::invalid, name_);
      return leaf;
    });
  }
  const Value masks = args.mask.none() ? masks_of(inputs) : args.mask;
  args.mask = masks;
  args.training = resolved_training(args.training);
  if (!call_context().layer) clear_losses();

  EnterCall enter(this, args.training);
  check_input_spec(input_spec, inputs, name_);
  NameScope names(name_);
  maybe_build(inputs);
  inputs = cast_inputs(inputs);
  Value outputs;
  try {
    outputs = run_call(inputs, args);
  } catch (const Error& e) {
    explain(e, *this, call_parameters(), inputs, args);
  }
  regularize_activity(inputs, outputs);
  propagate_masks(inputs, outputs, masks);
  return outputs;
}

// ---- symbolic calls ----

namespace {
std::unique_ptr<KerasTensor> keras_tensor_for(const Value& leaf, const std::string& layer) {
  auto k = std::make_unique<KerasTensor>();
  k->composite = CompositeSpec::of(leaf);
  if (k->composite) {
    k->spec = {k->composite->rows.shape, k->composite->rows.dtype, ""};
    k->name = layer;
    if (const Value m = mask_of(leaf); !m.none()) {
      auto mask = std::make_shared<KerasTensor>();
      mask->composite = CompositeSpec::of(m);
      mask->spec = {mask->composite->rows.shape, mask->composite->rows.dtype, ""};
      mask->name = layer + "/mask";
      k->mask = std::shared_ptr<Foreign>(mask);
    }
    return k;
  }
  if (!leaf.get<Tensor>()) return nullptr;
  const Tensor& t = *leaf.get<Tensor>();
  k->spec = {t.shape(), t.dtype(), ""};
  k->name = layer;
  if (const Value m = mask_of(t); m.get<Tensor>()) {
    auto mask = std::make_shared<KerasTensor>();
    mask->spec = {m.get<Tensor>()->shape(), m.get<Tensor>()->dtype(), ""};
    mask->name = layer + "/mask";
    k->mask = std::shared_ptr<Foreign>(mask);
  }
  return k;
}
}  // namespace

Value Layer::symbolic_call(const Value& given, CallArgs& args) {
  const std::shared_ptr<Node> node(new Node);   // no make_shared: its memory goes although layers refer to it
  node->layer = shared_from_this();
  node->inputs = given;
  node->args = args;   // as the caller said it: training and masks from around are not part of the model
  graph::Graph graph;   // forgotten afterwards: only the shapes and dtypes that come out are wanted
  graph::GraphTracer trace(graph);
  Value outputs;
  {
    Pushed<Tracer*> pushed(scope().tracers, &trace);
    NoRecording quiet;
    const std::string outer = std::exchange(scope().name_scope, "");   // names begin anew, as in Keras' scratch graph
    struct Back { const std::string& s; ~Back() { scope().name_scope = s; } } back{outer};
    std::map<const KerasTensor*, Tensor> places;
    std::map<const KerasTensor*, Value> composites;
    const auto placeholder = [&](const Value& leaf) -> Value {
      const KerasTensorPtr k = nest::keras_tensor(leaf);
      if (!k) return leaf;
      if (k->composite) {
        auto [at, fresh] = composites.try_emplace(k.get());
        if (!fresh) return at->second;
        Tensors parts;
        for (const TensorSpec& part : k->composite->parts()) parts.push_back(trace.argument(part));
        at->second = k->composite->value(parts);
        if (const KerasTensorPtr m = nest::keras_tensor(k->mask)) {
          Tensors of_mask = {trace.argument(m->composite->parts()[0])};   // the values' rows are the mask's
          const RaggedRef rows = Ragged::of(at->second);
          const Tensors splits = rows->nested_row_splits();
          of_mask.insert(of_mask.end(), splits.begin(), splits.begin() + m->composite->rows.ragged_rank);
          set_mask(at->second, m->composite->value(of_mask));
        }
        return at->second;
      }
      auto [at, fresh] = places.try_emplace(k.get());
      if (fresh) {
        at->second = trace.argument(k->spec);
        if (const KerasTensorPtr m = nest::keras_tensor(k->mask)) set_mask(at->second, trace.argument(m->spec));
      }
      return at->second;
    };
    const auto placed = [&](const Value& v) { return nest::map(v, placeholder); };
    CallArgs inner;
    inner.training = resolved_training(args.training);
    inner.mask = placed(args.mask);
    for (const Value& v : args.further) inner.further.push_back(placed(v));
    for (const Entry& e : args.named) inner.named.push_back({e.key, placed(e.value)});
    const Value inputs = placed(given);
    // Losses of a call without data are no losses of the layer.
    const ValueList kept = losses_;
    EnterCall enter(this, inner.training);
    outputs = (*this)(inputs, inner);
    losses_ = kept;
  }
  check(!outputs.none(), Code::value,
        "A layer's `call` method should return a Tensor or a list of Tensors, not None (layer: {}).", name_);
  node->set_outputs(outputs, [&](const Value& leaf) { return keras_tensor_for(leaf, name_); });
  inbound.push_back(node);
  const auto tell = [&](const Value& leaf) {
    const KerasTensorPtr k = nest::keras_tensor(leaf);
    if (k && k->node) k->node->layer->outbound.push_back(node);
  };
  ValueList given_all = {given};
  given_all.insert(given_all.end(), args.further.begin(), args.further.end());
  for (const Entry& e : args.named) given_all.push_back(e.value);
  for (const Value& v : nest::flatten(given_all)) tell(v);
  return node->outputs();
}

Value Layer::compute_output_shape(const Value& input_shape) {
  graph::Graph graph;   // forgotten afterwards: only the shapes and dtypes that come out are wanted
  graph::GraphTracer trace(graph);
  Pushed<Tracer*> pushed(scope().tracers, &trace);
  NoRecording quiet;
  const auto placeholder = [&](const Value& s) {
    return Value(trace.argument({nest::shape(s, name_), is_floating(compute_dtype_) ? compute_dtype_ : floatx(), ""}));
  };
  Value inputs;
  if (nest::is_shape(input_shape)) {
    inputs = placeholder(input_shape);
  } else if (const ValueList* list = input_shape.get<ValueList>()) {
    ValueList each;
    for (const Value& s : *list) each.push_back(placeholder(s));
    inputs = each;
  } else {
    const ValueDict* named = input_shape.get<ValueDict>();
    check(named != nullptr, Code::value, "{}: compute_output_shape: expected a shape, or a list or dict of shapes, got something else",
          name_);
    ValueDict each;
    for (const Entry& e : *named) each.push_back({e.key, placeholder(e.value)});
    inputs = each;
  }
  CallArgs args;
  args.training = false;
  const ValueList kept = losses_;
  EnterCall enter(this, args.training);
  const Value outputs = (*this)(inputs, args);
  losses_ = kept;
  return nest::shapes(outputs);
}

}  // namespace ninefold::keras
