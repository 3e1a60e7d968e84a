// In: a sequence and a recurrent layer. Out: the layer once over the steps, once over the steps backwards, merged.
#include "ninefold/function.h"
#include "train/layers/described.h"
#include "train/layers/nest.h"
#include "train/layers/recurrent/rnn.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

LayerPtr layer_from(const Value& v) {
  if (const Value* kind = v.find("class_name")) {
    const Value* config = v.find("config");
    check(config && config->get<ValueDict>(), Code::value, "Bidirectional: the layer's description has no config");
    return make_layer(As<std::string>::from(*kind, "class_name"), *config->get<ValueDict>());
  }
  const auto* object = v.get<std::shared_ptr<Foreign>>();
  return object ? std::dynamic_pointer_cast<Layer>(*object) : nullptr;
}
std::string shown(const Value& v) {
  if (v.none()) return "None";
  return v.get<std::string>() ? *v.get<std::string>() : "another object";
}

class BidirectionalLayer : public LayerOf<BidirectionalOptions, RecurrentLayer> {
 public:
  using Base = LayerOf<BidirectionalOptions, RecurrentLayer>;
  // forward_layer: the copy of `layer` that a host language made, where a class of its own is in it.
  void configure(const std::string& class_name, const Schema<BidirectionalOptions>& schema, const ValueDict& given) {
    ValueDict rest;
    for (const Entry& e : given) {
      if (e.key == "forward_layer") forward_ = std::dynamic_pointer_cast<RnnCore>(layer_from(e.value));
      else if (e.key == "reverse_layer") backward_ = std::dynamic_pointer_cast<RnnCore>(layer_from(e.value));
      else if (e.key == "num_constants") constants_ = static_cast<size_t>(As<int64_t>::from(e.value, e.key));
      else rest.push_back(e);
    }
    Base::configure(class_name, schema, rest);
  }
  void configure(const std::string& class_name, const Schema<BidirectionalOptions>& schema, BidirectionalOptions given) {
    Base::configure(class_name, schema, std::move(given));
  }
  ValueDict config() const override {
    ValueDict out = Layer::config();
    out.push_back({"layer", described(*original_)});
    out.push_back({"merge_mode", options.merge_mode});
    if (forward_->constant_count) out.push_back({"num_constants", static_cast<int64_t>(forward_->constant_count)});
    if (!backward_config_.none()) out.push_back({"backward_layer", backward_config_});
    return out;
  }

  // As RnnCore's: states for the forward layer, then for the backward layer, then constants.
  void arrange(Value& inputs, CallArgs& args) override {
    forward_->arrange(inputs, args);
    const Value said = args.named;
    Value initial = said.find("initial_state") ? *said.find("initial_state") : Value();
    if (const ValueList* list = inputs.get<ValueList>(); list && list->size() > 1 + forward_->constant_count)
      initial = ValueList(list->begin() + 1, list->end() - static_cast<std::ptrdiff_t>(forward_->constant_count));
    const ValueList* states = initial.get<ValueList>();
    check(!states || states->size() % 2 == 0, Code::value,
          "When passing `initial_state` to a Bidirectional RNN, the state should be a list containing the states of the underlying "
          "RNNs. Received: {} states", states ? states->size() : 0);
  }
  void build(const Value& input_shape) override {
    for (const auto& layer : {forward_, backward_}) {
      NameScope scope(layer->name());
      if (!layer->built()) layer->build_now(input_shape);
    }
    set_built(true);
    if (const ValueList* weights = options.weights.get<ValueList>()) {
      Tensors values;
      for (const Value& v : *weights) values.push_back(to_tensor(v, DType::invalid, name()));
      set_weights(values);
      options.weights = {};
    }
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    CallArgs forward = args, backward = args;
    for (size_t i = 0; i < args.named.size(); ++i) {
      if (args.named[i].key != "initial_state") continue;
      const ValueList all = cell::listed(args.named[i].value);
      const auto half = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
      forward.named[i].value = ValueList(all.begin(), half);
      backward.named[i].value = ValueList(half, all.end());
    }
    ValueList y = cell::listed((*forward_)(inputs, forward)), reverse = cell::listed((*backward_)(inputs, backward));
    const RnnCore::Flags& flags = forward_->flags;
    if (Ragged::of(y[0])) return merged_rows(y, reverse);
    Tensor a = nest::tensor(y[0], name()), b = nest::tensor(reverse[0], name());
    if (flags.return_sequences) b = op("ReverseV2", {b, ints({flags.time_major ? 0 : 1})});
    ValueList out;
    if (options.merge_mode.none()) {
      out = {a, b};
    } else {
      const std::string& mode = *options.merge_mode.get<std::string>();
      if (mode == "concat") {
        const Tensor parts[] = {a, b, Tensor(static_cast<int32_t>(a.rank() - 1))};
        out = {op_all("ConcatV2", parts).at(0)};
      } else {
        out = {mode == "mul" ? a * b : mode == "sum" ? a + b : (a + b) / number(2, a.dtype())};
      }
    }
    if (flags.return_state) {
      out.insert(out.end(), y.begin() + 1, y.end());
      out.insert(out.end(), reverse.begin() + 1, reverse.end());
    }
    return out.size() == 1 ? out[0] : Value(out);
  }
  // The same of ragged sequences.
  Value merged_rows(const ValueList& y, const ValueList& reverse) const {
    using Named = std::vector<std::pair<std::string, Value>>;
    const auto both = [](const char* f, const Value& a, const Value& b) { return ninefold::call(f, Named{{"x", a}, {"y", b}}); };
    const Value a = y[0], b = ninefold::call("tf.reverse", Named{{"tensor", reverse[0]}, {"axis", ValueList{forward_->flags.time_major ? 0 : 1}}});
    ValueList out = {a, b};
    if (const std::string* mode = options.merge_mode.get<std::string>()) {
      const int64_t last = Ragged::of(a)->rank() - 1;
      if (*mode == "concat") out = {ninefold::call("tf.concat", Named{{"values", ValueList{a, b}}, {"axis", last}})};
      else if (*mode == "mul") out = {both("tf.math.multiply", a, b)};
      else out = {both("tf.math.add", a, b)};
      if (*mode == "ave") out = {both("tf.math.divide", out[0], 2.0)};
    }
    if (forward_->flags.return_state) {
      out.insert(out.end(), y.begin() + 1, y.end());
      out.insert(out.end(), reverse.begin() + 1, reverse.end());
    }
    return out.size() == 1 ? out[0] : Value(out);
  }
  Value compute_mask(const Value&, const Value& given) override {
    Value mask;
    for (const Value& m : nest::flatten(given)) {
      mask = m;
      break;
    }
    if (!forward_->flags.return_sequences) mask = Value();
    ValueList out(options.merge_mode.none() ? 2 : 1, mask);
    if (forward_->flags.return_state) out.resize(out.size() + 2 * cell::listed(forward_->states()).size());
    return out.size() == 1 ? out[0] : Value(out);
  }
  Value compute_output_shape(const Value& input_shape) override {
    const Value one = forward_->compute_output_shape(input_shape);
    ValueList all = nest::is_shape(one) ? ValueList{one} : cell::listed(one);
    Shape y = nest::shape(all[0], name());
    ValueList out = {y};
    if (options.merge_mode.none()) out.push_back(y);
    else if (*options.merge_mode.get<std::string>() == "concat" && y.dim(-1) >= 0) {
      y.set(y.rank() - 1, 2 * y.dim(-1));
      out[0] = y;
    }
    for (int twice = 0; twice < 2; ++twice) out.insert(out.end(), all.begin() + 1, all.end());
    return out.size() == 1 ? out[0] : Value(out);
  }
  std::vector<LayerPtr> sublayers() const override { return {forward_, backward_}; }

  LayerPtr cell() const override { return forward_->cell(); }
  Value states() const override {
    ValueList all = cell::listed(forward_->states());
    for (const Value& v : cell::listed(backward_->states())) all.push_back(v);
    return all;
  }
  void reset_states(const Value&) override {
    forward_->reset_states({});
    backward_->reset_states({});
  }
  Value initial_state(const Tensor& inputs) const override {
    ValueList all = cell::listed(forward_->initial_state(inputs));
    for (const Value& v : cell::listed(backward_->initial_state(inputs))) all.push_back(v);
    return all;
  }

 protected:
  void ready() override {
    original_ = layer_from(options.layer);
    check(original_ != nullptr, Code::value, "Please initialize `Bidirectional` layer with a `tf.keras.layers.Layer` instance. "
          "Received: {}", shown(options.layer));
    const std::string* mode = options.merge_mode.get<std::string>();
    check(options.merge_mode.none() || (mode && (*mode == "sum" || *mode == "mul" || *mode == "ave" || *mode == "concat")), Code::value,
          "Invalid merge mode. Received: {}. Merge mode should be one of {{\"sum\", \"mul\", \"ave\", \"concat\", None}}",
          shown(options.merge_mode));
    check(dynamic_cast<RnnCore*>(original_.get()), Code::value,
          "Bidirectional: expected a recurrent layer (RNN, SimpleRNN, GRU, LSTM), got {}", class_of(*original_));
    if (!options.backward_layer.none()) {
      const LayerPtr given = layer_from(options.backward_layer);
      check(given != nullptr, Code::value, "`backward_layer` need to be a `tf.keras.layers.Layer` instance. Received: {}",
            shown(options.backward_layer));
      backward_config_ = described(*given);
      backward_ = std::dynamic_pointer_cast<RnnCore>(given);
      check(backward_ != nullptr, Code::value, "Bidirectional: expected a recurrent backward_layer, got {}", class_of(*given));
    }
    // Two new layers, so that what `layer` holds is not shared.
    if (!forward_) forward_ = again(false);
    if (!backward_) backward_ = again(true);
    forward_->set_name("forward_" + forward_->name());
    backward_->set_name("backward_" + backward_->name());
    check_pair();
    for (const auto& layer : {forward_, backward_}) layer->flags.zero_output_for_mask = layer->flags.return_sequences;
    if (constants_) forward_->constant_count = constants_;
    stateful = forward_->flags.stateful;
    supports_masking = true;
    input_spec = original_->input_spec;
  }
  std::vector<std::string> call_parameters() const override { return {"inputs", "training", "mask", "initial_state", "constants"}; }

 private:
  std::shared_ptr<RnnCore> again(bool turned) const {
    ValueDict config = original_->config();
    if (turned) put(config, "go_backwards", !static_cast<RnnCore&>(*original_).flags.go_backwards);
    return std::dynamic_pointer_cast<RnnCore>(make_layer(original_->class_name(), config));
  }
  void check_pair() const {
    const RnnCore::Flags &a = forward_->flags, &b = backward_->flags;
    const auto text = [](bool v) { return v ? "True" : "False"; };
    check(a.go_backwards != b.go_backwards, Code::value, "Forward layer and backward layer should have different `go_backwards` value."
          "forward_layer.go_backwards = {},backward_layer.go_backwards = {}", text(a.go_backwards), text(b.go_backwards));
    const auto same = [&](const char* what, bool x, bool y) {
      check(x == y, Code::value, "Forward layer and backward layer are expected to have the same value for attribute \"{}\", got "
            "\"{}\" for forward layer and \"{}\" for backward layer", what, text(x), text(y));
    };
    same("stateful", a.stateful, b.stateful);
    same("return_sequences", a.return_sequences, b.return_sequences);
    same("return_state", a.return_state, b.return_state);
  }
  LayerPtr original_;
  std::shared_ptr<RnnCore> forward_, backward_;
  Value backward_config_;
  size_t constants_ = 0;   // as a config tells; then the forward layer counts
};
const LayerClass<BidirectionalLayer> bidirectional_layer = {{"Bidirectional"}, "A recurrent layer over the steps and once more over the steps backwards.", [] {
  using O = BidirectionalOptions;
  return Schema<O>().required("layer", &O::layer).field("merge_mode", &O::merge_mode).field("weights", &O::weights)
      .field("backward_layer", &O::backward_layer);
}, "Wrapper"};

}  // namespace

LayerPtr Bidirectional(LayerPtr inner, BidirectionalOptions o) {
  o.layer = std::shared_ptr<Foreign>(std::move(inner));
  return bidirectional_layer(std::move(o));
}

}  // namespace ninefold::keras
