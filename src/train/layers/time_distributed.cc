// In: [batch, steps, ...] and a layer. Out: [batch, steps, ...]: the layer's output for each step.
#include "train/layers/described.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class TimeDistributedLayer : public LayerOf<TimeDistributedOptions> {
 public:
  ValueDict config() const override {
    ValueDict out = Layer::config();
    out.push_back({"layer", described(*layer_)});
    return out;
  }
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    check(in.rank() >= 3, Code::value,
          "`TimeDistributed` Layer should be passed an `input_shape ` with at least 3 dimensions, received: {}", in.tuple());
    if (!layer_->built()) {   // here, so that its weights are named after this layer
      const Shape step = Shape{in[0]}.concat(in.slice(2, in.rank()));
      layer_->build_now(step);
    }
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    const RaggedRef rows = nest::ragged(inputs);
    const Tensor x = rows ? rows->to_tensor() : nest::tensor(inputs, name());
    CallArgs own = args;
    own.mask = {};
    if (const Tensor* mask = args.mask.get<Tensor>(); mask && layer_->supports_masking)
      own.mask = op("Reshape", {*mask, ints({-1})});
    Tensors sizes = {Tensor(int32_t{-1})};
    std::vector<int64_t> flat = {-1};
    for (int i = 2; i < x.rank(); ++i) {
      sizes.push_back(dim_of(x, i));
      flat.push_back(x.dim(i));
    }
    const Tensor steps = with_static_shape(op("Reshape", {x, pack_ints(sizes)}), Shape(flat));
    const Value outputs = (*layer_)(steps, std::move(own));
    return nest::map(outputs, [&](const Value& leaf) -> Value {
      const Tensor y = nest::tensor(leaf, name());
      Tensors back = {dim_of(x, 0), dim_of(x, 1)};
      std::vector<int64_t> known = {x.dim(0), x.dim(1)};
      for (int i = 1; i < y.rank(); ++i) {
        back.push_back(dim_of(y, i));
        known.push_back(y.dim(i));
      }
      const Tensor each = with_static_shape(op("Reshape", {y, pack_ints(back)}), Shape(known));
      return rows ? Ragged::value(Ragged::from_tensor(each, rows->row_lengths())) : Value(each);
    });
  }
  Value compute_output_shape(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    const Shape one = nest::shape(layer_->compute_output_shape(Shape{in[0]}.concat(in.slice(2, in.rank()))), name());
    return Shape{in[0], in[1]}.concat(one.slice(1, one.rank()));
  }

 protected:
  void ready() override {
    if (const Value* kind = options.layer.find("class_name")) {
      const Value* config = options.layer.find("config");
      check(config && config->get<ValueDict>(), Code::value, "TimeDistributed: the layer's description has no config");
      layer_ = make_layer(As<std::string>::from(*kind, "class_name"), *config->get<ValueDict>());
    } else if (const auto* object = options.layer.get<std::shared_ptr<Foreign>>()) {
      layer_ = std::dynamic_pointer_cast<Layer>(*object);
    }
    check(layer_ != nullptr, Code::value,
          "Please initialize `TimeDistributed` layer with a `tf.keras.layers.Layer` instance. Received: {}",
          options.layer.get<std::string>() ? *options.layer.get<std::string>() : "no layer");
    track(layer_);
    supports_masking = true;
  }
  std::vector<std::string> call_parameters() const override { return {"inputs", "training", "mask"}; }

 private:
  LayerPtr layer_;
};

const LayerClass<TimeDistributedLayer> time_distributed_layer = {{"TimeDistributed"}, "A layer applied to each step: [batch, steps, ...].", [] {
  return Schema<TimeDistributedOptions>().required("layer", &TimeDistributedOptions::layer);
}};

}  // namespace

LayerPtr TimeDistributed(LayerPtr inner, TimeDistributedOptions o) {
  o.layer = std::shared_ptr<Foreign>(std::move(inner));
  return time_distributed_layer(std::move(o));
}

}  // namespace ninefold::keras
