// In: [batch, ...]. Out: [batch, n], with as much of the shape known as can be.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class FlattenLayer : public LayerOf<FlattenOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    // TensorFlow reshapes the flat values: rows of one length are what makes sense.
    if (const RaggedRef rows = nest::ragged(inputs))
      return op("Reshape", {rows->flat_values(), pack_ints({cast(rows->nrows(), DType::i32), Tensor(int32_t{-1})})});
    Tensor x = nest::tensor(inputs, name());
    if (options.data_format == "channels_first" && x.rank() > 1) {
      std::vector<int64_t> perm = {0};
      for (int i = 2; i < x.rank(); ++i) perm.push_back(i);
      perm.push_back(1);
      x = transpose(x, perm);
    }
    if (x.rank() == 1) return op("ExpandDims", {x, Tensor(int32_t{1})});
    if (!x.shape().known_rank()) return op("Reshape", {x, pack_ints({dim_of(x, 0), Tensor(int32_t{-1})})});
    const Shape rest = x.shape().slice(1, x.rank());
    if (x.shape()[0] >= 0) return reshape(x, {x.shape()[0], rest.fully_known() ? rest.size() : -1});
    if (rest.fully_known()) return reshape(x, {-1, rest.size()});
    return op("Reshape", {x, pack_ints({dim_of(x, 0), Tensor(int32_t{-1})})});
  }
  Value compute_output_shape(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    if (in.rank() == 0) return Shape{1};
    const Shape rest = in.slice(1, in.rank());
    return Shape{in[0], rest.fully_known() ? rest.size() : -1};
  }

 protected:
  void ready() override {
    std::string& f = options.data_format;
    if (f.empty()) f = "channels_last";
    check(f == "channels_last" || f == "channels_first", Code::value,
          "The `data_format` argument must be one of \"channels_first\", \"channels_last\". Received: {}", f);
    input_spec = ValueDict{{"min_ndim", 1}};
  }
};
const LayerClass<FlattenLayer> flatten_layer = {{"Flatten"}, "[batch, ...] -> [batch, n].", [] {
  return Schema<FlattenOptions>().field("data_format", &FlattenOptions::data_format);
}};

}  // namespace

LayerPtr Flatten(FlattenOptions options) { return flatten_layer(std::move(options)); }

}  // namespace ninefold::keras
