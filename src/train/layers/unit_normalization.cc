// In: [batch, ...]. Out: each sample divided by its Euclidean norm over the axes.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/normalization.h"
#include "train/layers/windows.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

struct UnitNormalizationOptions {
  Value axis = -1;   // an axis or a list of them; a list once built
  NINEFOLD_LAYER_OPTIONS;
};

class UnitNormalizationLayer : public LayerOf<UnitNormalizationOptions> {
 public:
  void build(const Value& input_shape) override {
    const std::vector<int64_t> axes = normalized_axes(options.axis, nest::shape(input_shape, name()).rank(), name());
    options.axis = list_of(axes);   // as Keras' config has them from now on
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    return function("tf.math.l2_normalize", {{"x", cast(nest::tensor(inputs, name()), compute_dtype())}, {"axis", options.axis}});
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  void ready() override {
    supports_masking = true;
    check(options.axis.get<int64_t>() || options.axis.get<ValueList>(), Code::type,
          "Invalid value for `axis` argument: expected an int or a list/tuple of ints. Received: axis={}",
          options.axis.none() ? "None" : options.axis.get<std::string>() ? *options.axis.get<std::string>() : "no int");
  }
};
const LayerClass<UnitNormalizationLayer> unit_normalization = {
    {"UnitNormalization"}, "Each sample divided by its Euclidean norm over the axes.",
    [] { return Schema<UnitNormalizationOptions>().field("axis", &UnitNormalizationOptions::axis); }};

}  // namespace
}  // namespace ninefold::keras
