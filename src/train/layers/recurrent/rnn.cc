// In: sequences, maybe states and constants. Out: the cell's outputs and states; states that stay between batches.
#include "train/layers/recurrent/rnn.h"

#include <algorithm>

#include "engine/op/scope.h"
#include "ninefold/function.h"
#include "train/layers/described.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

Tensor first_tensor(const Value& v, const std::string& who) { return nest::tensor(nest::flatten(v).at(0), who); }
// f of each shape in a nest of shapes.
Value each_shape(const Value& v, const std::string& who, const std::function<Value(const Shape&)>& f) {
  if (nest::is_shape(v) || v.none()) return f(nest::shape(v, who));
  if (const ValueDict* dict = v.get<ValueDict>()) {
    ValueDict out;
    for (const Entry& e : *dict) out.push_back({e.key, each_shape(e.value, who, f)});
    return out;
  }
  const ValueList* list = v.get<ValueList>();
  check(list != nullptr, Code::type, "{}: expected a shape, or a list or dict of shapes, got something else", who);
  ValueList out;
  for (const Value& s : *list) out.push_back(each_shape(s, who, f));
  return out;
}
Value dims(const Shape& s) {
  ValueList out;
  for (int64_t d : s) out.push_back(d < 0 ? Value() : Value(d));
  return out;
}
Value take(ValueDict& named, std::string_view key) {
  for (size_t i = 0; i < named.size(); ++i)
    if (named[i].key == key) {
      Value v = std::move(named[i].value);
      named.erase(named.begin() + static_cast<std::ptrdiff_t>(i));
      return v;
    }
  return {};
}
std::string shown_mask(const Value& mask) {
  for (const Value& m : nest::flatten(mask)) {
    if (const auto* composite = m.get<std::shared_ptr<Foreign>>()) return (*composite)->describe();
    if (const Tensor* t = m.get<Tensor>()) return fmt::format("<tf.Tensor: shape={}, dtype={}>", t->shape().tuple(), name_of(t->dtype()));
  }
  return "None";
}
std::string count_text(const ValueList& states) {
  std::string out;
  for (const Value& s : states) {
    const Tensor* t = s.get<Tensor>();
    out += (out.empty() ? "" : ", ") + (t ? fmt::format("<tf.Tensor: shape={}, dtype={}>", t->shape().tuple(), name_of(t->dtype())) : "...");
  }
  return "[" + out + "]";
}

}  // namespace

// A list is {inputs, state, ..., constant, ...}. States and constants that are symbolic belong to such a list, so that
// the model knows of them; others go by name.
void RnnCore::arrange(Value& inputs, CallArgs& args) {
  Value initial = take(args.named, "initial_state"), constants = take(args.named, "constants");
  if (!args.further.empty()) initial = args.further[0];
  if (args.further.size() > 1) constants = args.further[1];
  args.further.clear();
  if (const ValueList* given = inputs.get<ValueList>()) {
    ValueList list = *given;
    check(!list.empty(), Code::value, "Layer \"{}\" was called on an empty list.", name());
    check(list.size() == 1 || (initial.none() && constants.none()), Code::value,
          "Layer \"{}\" was given states both in the list of inputs and by name; give them once.", name());
    if (constant_count > 0 && list.size() > constant_count) {
      constants = ValueList(list.end() - static_cast<std::ptrdiff_t>(constant_count), list.end());
      list.resize(list.size() - constant_count);
    }
    if (list.size() > 1) initial = ValueList(list.begin() + 1, list.end());
    Value first = list[0];
    inputs = std::move(first);
  }
  ValueList more;
  if (!initial.none()) more = cell::listed(initial);
  const size_t states = more.size();
  if (!constants.none()) {
    for (const Value& c : cell::listed(constants)) more.push_back(c);
    constant_count = more.size() - states;
  }
  const std::vector<Value> flat = nest::flatten(more);
  const bool symbolic = !flat.empty() && nest::keras_tensor(flat[0]);
  for (const Value& t : flat)
    check(static_cast<bool>(nest::keras_tensor(t)) == symbolic, Code::value,
          "The initial state or constants of an RNN layer cannot be specified via a mix of Keras tensors and non-Keras tensors "
          "(a \"Keras tensor\" is a tensor that was returned by a Keras layer  or by `Input` during Functional model "
          "construction). Received: initial_state={}, constants={}", states, more.size() - states);
  const bool nested = inputs.get<ValueList>() && nest::any_keras_tensor(inputs);   // {{a, b}}: one input that is a nest
  if (symbolic || nested) {
    more.insert(more.begin(), inputs);
    inputs = std::move(more);
    return;
  }
  const auto split = more.begin() + static_cast<std::ptrdiff_t>(states);
  if (states) args.named.push_back({"initial_state", ValueList(more.begin(), split)});
  if (more.size() > states) args.named.push_back({"constants", ValueList(split, more.end())});
}

// True where a step of a padded row counts.
Tensor RnnCore::counted_steps(const Tensor& lengths, const Tensor& x) const {
  const Tensor time = op("Range", {Tensor(int32_t{0}), dim_of(x, flags.time_major ? 0 : 1), Tensor(int32_t{1})});
  const auto across = [](const Tensor& t, int32_t axis) { return op("ExpandDims", {t, Tensor(axis)}); };
  return op("Greater", {across(lengths, flags.time_major ? 0 : 1), across(time, flags.time_major ? 1 : 0)});
}
Value RnnCore::rows_of_steps(const Tensor& y, const Tensor& lengths) const {
  if (!flags.go_backwards) return Ragged::value(Ragged::from_tensor(y, lengths));
  // Turned so that the steps that count come first, cut, and turned back.
  const auto turned = [](const Value& v) { return ninefold::call("tf.reverse", {{"tensor", v}, {"axis", ValueList{1}}}); };
  return turned(Ragged::value(Ragged::from_tensor(*turned(y).get<Tensor>(), lengths)));
}

void RnnCore::build(const Value& input_shape) {
  const int batch = flags.time_major ? 1 : 0;
  Value first = input_shape;
  // {inputs, states, ...}: only a cell of the user's own takes a nest of inputs.
  if (const ValueList* list = input_shape.get<ValueList>(); list && !nest::is_shape(input_shape) && dynamic_cast<Cell*>(cell_.get()))
    first = Value((*list)[0]);
  input_spec = each_shape(first, name(), [&](const Shape& in) -> Value {
    check(in.rank() >= 2, Code::value, "RNN: expected inputs [batch, steps, ...], got shape {}", in.tuple());
    Shape spec = in;
    if (!flags.stateful) spec.set(batch, -1);
    spec.set(1 - batch, -1);
    return ValueDict{{"ndim", in.rank()}, {"shape", dims(spec)}};
  });
  if (!input_spec.get<ValueList>()) input_spec = ValueList{input_spec};
  const Value step = each_shape(first, name(), [&](const Shape& in) -> Value {
    return flags.time_major ? in.slice(1, in.rank()) : Shape{in[0]}.concat(in.slice(2, in.rank()));
  });
  if (!cell_->built()) {
    NameScope scope(cell_->name());   // the weights are named after the cell
    cell_->build_now(step);
  }
  if (flags.stateful) reset_states({});
  set_built(true);
}

Value RnnCore::initial_state(const Tensor& inputs) const {
  const Value made = cell::initial_state(*cell_, dim_of(inputs, flags.time_major ? 1 : 0), inputs.dtype());
  return cell::listed(made);
}

ValueList RnnCore::first_states(const Value& inputs, const Value& given) const {
  ValueList states;
  if (flags.stateful) {
    Tensors kept;
    for (const Value& v : nest::flatten(states_)) kept.push_back(cast(v.get<Variable>()->read(), compute_dtype()));
    if (!given.none()) {
      // What an earlier batch left goes before what is given.
      Tensors begin;
      for (const Value& v : nest::flatten(given)) begin.push_back(cast(nest::tensor(v, name()), compute_dtype()));
      check(begin.size() == kept.size(), Code::value, "Layer has {} states but was passed {} initial states. Received: initial_state={}",
            kept.size(), begin.size(), count_text(cell::listed(given)));
      Tensor used = Tensor(int64_t{0});
      for (const Tensor& t : kept)
        used = used + op("Sum", {cast(op("NotEqual", {t, number(0, t.dtype())}), DType::i64), ints(all_axes(t))});
      kept = cond(op("Greater", {used, Tensor(int64_t{0})}), [&] { return kept; }, [&] { return begin; });
    }
    return *nest::pack(states_, {kept.begin(), kept.end()}).get<ValueList>();
  }
  if (given.none()) {
    const Value made = initial_state(first_tensor(inputs, name()));
    return *made.get<ValueList>();
  }
  const ValueList list = cell::listed(given);
  const size_t expected = cell::listed(cell::state_size(*cell_)).size();
  check(list.size() == expected, Code::value, "Layer has {} states but was passed {} initial states. Received: initial_state={}",
        expected, list.size(), count_text(list));
  check_state_sizes(list);
  return list;
}

void RnnCore::check_state_sizes(const ValueList& given) const {
  const std::vector<Shape> sizes = cell::flat_sizes(cell::state_size(*cell_));
  const std::vector<Value> flat = nest::flatten(given);
  bool fits = flat.size() == sizes.size();
  std::string specs, wanted;
  for (const Value& v : flat) {
    const Shape s = nest::tensor(v, name()).shape();
    specs += fmt::format("{}InputSpec(shape={}, ndim={})", specs.empty() ? "" : ", ", s.tuple(), s.rank());
  }
  for (const Shape& s : sizes) wanted += (wanted.empty() ? "" : ", ") + (s.rank() == 1 ? std::to_string(s[0]) : s.tuple());
  for (size_t i = 0; fits && i < flat.size(); ++i) {
    const Shape s = nest::tensor(flat[i], name()).shape();
    fits = !s.known_rank() || (s.rank() >= 1 && s.slice(1, s.rank()).compatible(sizes[i]));
  }
  check(fits, Code::value, "An `initial_state` was passed that is not compatible with `cell.state_size`. Received "
        "`state_spec`=ListWrapper([{}]); however `cell.state_size` is [{}]", specs, wanted);
}

Looped RnnCore::run(const Value& inputs, const ValueList& initial, const Value& training, const ValueList& constants,
                    const LoopOptions& options) {
  const Step step = [&](const Value& now, const ValueList& states) -> Stepped {
    CallArgs args;
    args.training = training;
    args.further = {Value(states)};
    if (!constants.empty()) args.named = {{"constants", constants}};
    const Value both = (*cell_)(now, std::move(args));
    const ValueList* list = both.get<ValueList>();
    check(list && list->size() == 2, Code::value, "{}: a cell returns its output and its new states, this one returned {}", name(),
          list ? fmt::format("{} values", list->size()) : "one value");
    return {(*list)[0], cell::listed((*list)[1])};
  };
  return run_steps(step, inputs, initial, options);
}

// Ragged rows are padded, and their lengths say which steps count; one length serves all inputs, as one mask does.
Value RnnCore::padded(const Value& inputs, const Value& mask, Tensor& lengths) const {
  return nest::map(inputs, [&](const Value& leaf) -> Value {
    const RaggedRef rows = Ragged::of(leaf);
    if (!rows) return leaf;
    check(mask.none(), Code::value, "The mask that was passed in was {}, which cannot be applied to RaggedTensor inputs. Please make "
          "sure that there is no mask injected by upstream layers.", shown_mask(mask));
    check(!flags.unroll, Code::value, "The input received contains RaggedTensors and does not support unrolling. Disable unrolling by "
          "passing `unroll=False` in the RNN Layer constructor.");
    if (!lengths) lengths = cast(rows->row_lengths(), DType::i32);
    return rows->to_tensor();
  });
}

Value RnnCore::call(const Value& given_inputs, const CallArgs& args) {
  Tensor lengths;
  const Value inputs = padded(given_inputs, args.mask, lengths);
  const Value said = args.named;
  const Value *given = said.find("initial_state"), *constants = said.find("constants");
  const ValueList initial = first_states(inputs, given ? *given : Value());
  LoopOptions o{flags.go_backwards, flags.time_major, flags.unroll, flags.zero_output_for_mask, flags.return_sequences, {}};
  for (const Value& m : nest::flatten(args.mask)) {   // all inputs share one
    if (!m.none()) o.mask = nest::tensor(m, name());
    break;
  }
  check(!flags.unroll || first_tensor(inputs, name()).shape().dim(flags.time_major ? 0 : 1) >= 0, Code::value,
        "Cannot unroll a RNN if the time dimension is undefined. \n- If using a Sequential model, specify the time dimension by "
        "passing an `input_shape` or `batch_input_shape` argument to your first layer. If your first layer is an Embedding, you can "
        "also use the `input_length` argument.\n- If using the functional API, specify the time dimension by passing a `shape` or "
        "`batch_shape` argument to your Input layer.");
  if (lengths) o.mask = counted_steps(lengths, first_tensor(inputs, name()));
  cell::reset_masks(*cell_);
  Looped out = run(inputs, initial, args.training, constants ? cell::listed(*constants) : ValueList{}, o);
  cell::reset_masks(*cell_);
  if (flags.stateful) {
    const std::vector<Value> variables = nest::flatten(states_), values = nest::flatten(out.states);
    for (size_t i = 0; i < variables.size(); ++i) {
      const Variable& v = *variables[i].get<Variable>();
      add_update(cast(nest::tensor(values[i], name()), v.dtype()), v);
    }
  }
  Value output = flags.return_sequences ? out.outputs : out.last;
  if (lengths && flags.return_sequences)
    output = nest::map(output, [&](const Value& leaf) { return rows_of_steps(nest::tensor(leaf, name()), lengths); });
  if (!flags.return_state) return output;
  ValueList all = cell::listed(output);
  all.insert(all.end(), out.states.begin(), out.states.end());
  return all;
}

Value RnnCore::compute_mask(const Value&, const Value& mask) {
  Value own;
  for (const Value& m : nest::flatten(mask)) {
    own = m;
    break;
  }
  if (!flags.return_sequences) own = Value();
  if (!flags.return_state) return own;
  ValueList all = {own};
  all.resize(1 + cell::listed(cell::state_size(*cell_)).size());
  return all;
}

Value RnnCore::compute_output_shape(const Value& input_shape) {
  Value first = input_shape;
  while (!nest::is_shape(first) && first.get<ValueList>()) first = Value((*first.get<ValueList>())[0]);
  const Shape in = nest::shape(first, name());
  const int64_t batch = in[flags.time_major ? 1 : 0], steps = in[flags.time_major ? 0 : 1];
  const auto with_batch = [&](const Shape& s) { return Shape{batch}.concat(s); };
  ValueList all;
  for (const Shape& s : cell::flat_sizes(cell::output_size(*cell_)))
    all.push_back(!flags.return_sequences ? with_batch(s) : (flags.time_major ? Shape{steps, batch} : Shape{batch, steps}).concat(s));
  if (flags.return_state)
    for (const Shape& s : cell::flat_sizes(cell::state_size(*cell_))) all.push_back(with_batch(s));
  return all.size() == 1 ? all[0] : Value(all);
}

// ---- states that stay ----

Value RnnCore::states() const {
  if (!states_.none()) return states_;
  ValueList none(cell::listed(cell::state_size(*cell_)).size());
  return none;
}
int64_t RnnCore::batch_size() const {
  for (const Value& spec : cell::listed(input_spec))
    if (const Value* shape = spec.find("shape"))
      if (const ValueList* d = shape->get<ValueList>()) {
        const Value& n = (*d)[flags.time_major ? 1 : 0];
        return n.none() ? -1 : *n.get<int64_t>();
      }
  return -1;
}
void RnnCore::reset_states(const Value& given) {
  check(flags.stateful, Code::attribute, "Layer must be stateful.");
  const int64_t batch = batch_size();
  check(batch > 0, Code::value, "If a RNN is stateful, it needs to know its batch size. Specify the batch size of your input tensors: \n"
        "- If using a Sequential model, specify the batch size by passing a `batch_input_shape` argument to your first layer.\n"
        "- If using the functional API, specify the batch size by passing a `batch_shape` argument to your Input layer.");
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  NoRecording quiet;
  if (states_.none()) {
    const Value made = cell::initial_state(*cell_, Tensor(static_cast<int32_t>(batch)), dtype());
    states_ = nest::map(cell::listed(made), [&](const Value& leaf) -> Value {
      return Variable(nest::tensor(leaf, name()), {.name = "Variable", .trainable = false});
    });
    return;
  }
  const std::vector<Value> variables = nest::flatten(states_);
  if (given.none()) {
    for (const Value& v : variables) {
      const Variable& state = *v.get<Variable>();
      state.assign(Tensor::zeros(state.dtype(), state.shape()));
    }
    return;
  }
  const ValueList listed = cell::listed(given);
  const std::vector<Value> values = nest::flatten(listed);
  check(values.size() == variables.size(), Code::value, "Layer {} expects {} states, but it received {} state values.", name(),
        variables.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const Variable& state = *variables[i].get<Variable>();
    const Tensor value = cast(to_tensor(values[i], DType::invalid, name()), state.dtype());
    check(value.shape() == state.shape(), Code::value, "State {} is incompatible with layer {}: expected shape={} but found shape={}", i,
          name(), state.shape().tuple(), value.shape().tuple());
    state.assign(value);
  }
}

void RnnCore::write_flags(ValueDict& out) const {
  out.insert(out.end(), {{"return_sequences", flags.return_sequences}, {"return_state", flags.return_state},
                         {"go_backwards", flags.go_backwards}, {"stateful", flags.stateful}, {"unroll", flags.unroll},
                         {"time_major", flags.time_major}});
  if (constant_count) out.push_back({"num_constants", static_cast<int64_t>(constant_count)});
  if (flags.zero_output_for_mask) out.push_back({"zero_output_for_mask", true});
}

// ---- RNN: any cell ----

namespace {

class RnnLayer : public LayerOf<RnnOptions, RnnCore> {
 public:
  using Base = LayerOf<RnnOptions, RnnCore>;
  void configure(const std::string& class_name, const Schema<RnnOptions>& schema, const ValueDict& given) {
    Base::configure(class_name, schema, hidden_options(given, options, &constant_count));
  }
  void configure(const std::string& class_name, const Schema<RnnOptions>& schema, RnnOptions given) {
    Base::configure(class_name, schema, std::move(given));
  }
  ValueDict config() const override {
    ValueDict out = Layer::config();
    write_flags(out);
    out.push_back({"cell", described(*cell_)});
    return out;
  }

 protected:
  void ready() override {
    const auto layer_from = [](const Value& v) -> LayerPtr {
      if (const Value* kind = v.find("class_name")) {
        const Value* config = v.find("config");
        check(config && config->get<ValueDict>(), Code::value, "RNN: the cell's description has no config");
        return make_layer(As<std::string>::from(*kind, "class_name"), *config->get<ValueDict>());
      }
      const auto* object = v.get<std::shared_ptr<Foreign>>();
      return object ? std::dynamic_pointer_cast<Layer>(*object) : nullptr;
    };
    if (const ValueList* list = options.cell.get<ValueList>()) {
      std::vector<LayerPtr> cells;
      for (const Value& v : *list) cells.push_back(layer_from(v));
      cell_ = StackedRNNCells(cells);
    } else {
      cell_ = layer_from(options.cell);
    }
    check(cell_ != nullptr, Code::value, "Argument `cell` should have a `call` method. The RNN was passed: cell={}",
          options.cell.get<std::string>() ? *options.cell.get<std::string>() : "no layer");
    cell::state_size(*cell_);   // raises if it has none
    options.cell = std::shared_ptr<Foreign>(cell_);
    track(cell_);
    take_flags(options);
  }
};
const LayerClass<RnnLayer> rnn_layer = {{"RNN"}, "Runs a cell over the steps of a sequence: [batch, steps, ...] -> its output.", [] {
  using O = RnnOptions;
  return Schema<O>().required("cell", &O::cell).field("return_sequences", &O::return_sequences).field("return_state", &O::return_state)
      .field("go_backwards", &O::go_backwards).field("stateful", &O::stateful).field("unroll", &O::unroll)
      .field("time_major", &O::time_major);
}};

}  // namespace

LayerPtr RNN(LayerPtr cell, RnnOptions o) {
  o.cell = std::shared_ptr<Foreign>(std::move(cell));
  return rnn_layer(std::move(o));
}
LayerPtr RNN(std::vector<LayerPtr> cells, RnnOptions o) { return RNN(StackedRNNCells(std::move(cells)), std::move(o)); }

}  // namespace ninefold::keras
