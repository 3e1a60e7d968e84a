// In: public functions, operators and subscripts on symbolic tensors. Out: layers that repeat them: TFOpLambda and
// SlicingOpLambda, under TensorFlow's names.
#include <algorithm>
#include <array>

#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/slicing.h"

namespace ninefold::keras {
namespace {

// What Keras calls the layer of a function where it is not the function's own name: TensorFlow's functions hand
// some calls on, to their older forms or to the op below, and those are what it sees.
struct Symbol { const char* function; const char* symbol; };
constexpr std::array kSymbols = {
    Symbol{"tf.math.add", "__operators__.add"},
    Symbol{"tf.math.equal", "__operators__.eq"},
    Symbol{"tf.math.not_equal", "__operators__.ne"},
    Symbol{"tf.transpose", "compat.v1.transpose"},
    Symbol{"tf.shape", "compat.v1.shape"},
    Symbol{"tf.size", "compat.v1.size"},
    Symbol{"tf.squeeze", "compat.v1.squeeze"},
    Symbol{"tf.pad", "compat.v1.pad"},
    Symbol{"tf.gather", "compat.v1.gather"},
    Symbol{"tf.gather_nd", "compat.v1.gather_nd"},
    Symbol{"tf.norm", "compat.v1.norm"},
    Symbol{"tf.boolean_mask", "compat.v1.boolean_mask"},
    Symbol{"tf.math.floordiv", "compat.v1.floor_div"},
    Symbol{"tf.math.divide", "math.truediv"},
    Symbol{"tf.complex", "dtypes.complex"},
    Symbol{"tf.saturate_cast", "dtypes.saturate_cast"},
    Symbol{"tf.nn.conv1d", "compat.v1.nn.conv1d"},
    Symbol{"tf.nn.conv2d", "compat.v1.nn.conv2d"},
    Symbol{"tf.nn.depthwise_conv2d", "compat.v1.nn.depthwise_conv2d"},
    Symbol{"tf.nn.crelu", "compat.v1.nn.crelu"},
    Symbol{"tf.nn.embedding_lookup", "compat.v1.nn.embedding_lookup"},
    Symbol{"tf.nn.softmax_cross_entropy_with_logits", "compat.v1.nn.softmax_cross_entropy_with_logits_v2"},
    Symbol{"tf.nn.weighted_moments", "compat.v1.nn.weighted_moments"},
    Symbol{"tf.nn.sufficient_statistics", "compat.v1.nn.sufficient_statistics"},
    Symbol{"tf.keras.activations.exponential", "math.exp"},
    Symbol{"tf.keras.activations.selu", "nn.selu"},
    Symbol{"tf.keras.activations.sigmoid", "math.sigmoid"},
    Symbol{"tf.keras.activations.softplus", "math.softplus"},
    Symbol{"tf.keras.activations.softsign", "nn.softsign"},
    Symbol{"tf.keras.activations.swish", "nn.silu"},
    Symbol{"tf.keras.activations.tanh", "math.tanh"},
    Symbol{"tf.keras.activations.elu", "nn.elu"},
    Symbol{"tf.keras.activations.gelu", "nn.gelu"},
    Symbol{"tf.keras.activations.relu", "nn.relu"},
    Symbol{"tf.keras.activations.softmax", "nn.softmax"},
};

std::string without_tf(const std::string& name) { return name.starts_with("tf.") ? name.substr(3) : name; }

const Function* function_of(const std::string& symbol) {
  if (const Function* f = find_function("tf." + symbol)) return f;
  for (const Symbol& s : kSymbols)
    if (s.symbol == symbol) return find_function(s.function);
  return find_function(symbol);
}

bool has_parameter(const Function& f, const std::string& name) {
  const std::vector<Parameter>& all = parameters_of(f);
  return std::any_of(all.begin(), all.end(), [&](const Parameter& p) { return p.name == name; });
}

// Operators carry names of their own; a function goes by the name that takes these arguments too.
std::string symbol_of(const Function& f, const ValueDict& named) {
  for (const std::string& name : f.names)
    for (const Symbol& s : kSymbols) {
      const std::string symbol = s.symbol;
      if (name != s.function || symbol.starts_with("__operators__")) continue;
      const Function* target = function_of(symbol);
      const auto fits = [&](const Entry& e) { return has_parameter(*target, e.key); };
      if (target && std::all_of(named.begin(), named.end(), fits)) return symbol;
    }
  return without_tf(f.names.front());
}

// A public function called on symbolic tensors, as a layer. The node keeps the first parameter as inputs and the
// others that differ from their defaults as keyword arguments, as Keras writes them.
class OpLambda : public Layer {
 public:
  const std::string& class_name() const override {
    static const std::string op = "TFOpLambda", slicing = "SlicingOpLambda";
    return slices() ? slicing : op;
  }
  ValueDict config() const override {
    ValueDict out = Layer::config();
    out.push_back({"function", symbol_});
    return out;
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    if (slices()) {
      const Value named = args.named;
      const Value* spec = named.find("slice_spec");
      check(spec, Code::type, "SlicingOpLambda.call() missing 1 required argument: 'slice_spec'");
      return sliced(nest::tensor(inputs, name_), *spec);
    }
    std::vector<std::pair<std::string, Value>> named = {{parameters_of(*function_).at(0).name, inputs}};
    for (const Entry& e : args.named) {
      // A name would be used twice; None stands for a default, also of parameters that only older forms have.
      if (e.key == "name" || (e.value.none() && !has_parameter(*function_, e.key))) continue;
      named.emplace_back(e.key, e.value);
    }
    return ninefold::call(function_->names.front(), named);
  }
  void configure(const ValueDict& given) {
    ValueDict common;
    bool is_named = false;
    for (const Entry& e : given) {
      if (e.key == "function") {
        symbol_ = As<std::string>::from(e.value, "function");
        function_ = slices() ? nullptr : function_of(symbol_);
        check(function_ || slices(), Code::value, "TF symbol `{}` could not be found.", symbol_);
        symbol_ = without_tf(symbol_);
      } else {
        is_named |= e.key == "name" && !e.value.none();
        common.push_back(e);
      }
    }
    check(!symbol_.empty(), Code::type, "TFOpLambda.__init__() missing 1 required positional argument: 'function'");
    if (!is_named) put(common, "name", unique_name("tf." + symbol_));
    put(common, "autocast", false);
    init_common(common);
    built_ = true;
    converts_inputs_ = false;
  }

 private:
  bool slices() const { return symbol_ == "__operators__.getitem"; }
  std::string symbol_;
  const Function* function_ = nullptr;   // null: slices
};

const ObjectRecord op_record = {
    .kind = "layer", .names = {"TFOpLambda", "SlicingOpLambda"}, .module = "tf.keras.layers",
    .fields = {{"function", {}, true, "str"}},
    .doc = "A public function applied to symbolic tensors of a functional model.",
    .make = [](const ValueDict& given) -> ObjectPtr {
      auto layer = std::make_shared<OpLambda>();
      layer->configure(given);
      return layer;
    },
    .base = "Layer",
};
NINEFOLD_OBJECT(op_record);

bool same_value(const Value& a, const Value& b) {
  if (a.index() != b.index()) return false;
  if (a.none()) return true;
  if (const bool* x = a.get<bool>()) return *x == *b.get<bool>();
  if (const int64_t* x = a.get<int64_t>()) return *x == *b.get<int64_t>();
  if (const double* x = a.get<double>()) return *x == *b.get<double>();
  if (const std::string* x = a.get<std::string>()) return *x == *b.get<std::string>();
  if (const DType* x = a.get<DType>()) return *x == *b.get<DType>();
  return false;
}

}  // namespace

Value KerasTensor::call(const Function& f, std::vector<Value> values) {
  check(!values.empty(), Code::type, "{}: no arguments", f.names.front());
  const std::vector<Parameter>& parameters = parameters_of(f);
  CallArgs args;
  for (size_t i = 1; i < values.size(); ++i)
    if (parameters[i].required || !same_value(values[i], parameters[i].fallback))
      args.named.push_back({parameters[i].name, values[i]});
  auto layer = std::make_shared<OpLambda>();
  layer->configure({{"function", symbol_of(f, args.named)}});
  return (*layer)(values.front(), std::move(args));
}

}  // namespace ninefold::keras
