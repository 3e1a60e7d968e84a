// In: [batch, ...]. Out: [batch, target_shape...].
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class ReshapeLayer : public LayerOf<ReshapeOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    if (const RaggedRef rows = nest::ragged(inputs)) {   // as in TensorFlow a reshape of the flat values
      Tensors sizes = {cast(rows->nrows(), DType::i32)};
      for (int64_t d : options.target_shape) sizes.push_back(Tensor(static_cast<int32_t>(d)));
      return op("Reshape", {rows->flat_values(), pack_ints(sizes)});
    }
    const Tensor x = nest::tensor(inputs, name());
    std::vector<int64_t> target = options.target_shape;
    if (x.symbolic() && x.shape().known_rank()) {
      // A -1 that follows from the input is written out: so the result's shape is known.
      const Shape known = output_shape(x.shape());
      target = known.slice(1, known.rank()).vector();
      const auto open = std::count_if(target.begin(), target.end(), [](int64_t d) { return d < 0; });
      if (x.shape()[0] < 0 && open == 0) {
        target.insert(target.begin(), -1);
        return reshape(x, target);
      }
    }
    Tensors sizes = {dim_of(x, 0)};
    for (int64_t d : target) sizes.push_back(Tensor(static_cast<int32_t>(d)));
    return op("Reshape", {x, pack_ints(sizes)});
  }
  Value compute_output_shape(const Value& input_shape) override { return output_shape(nest::shape(input_shape, name())); }

 protected:
  void ready() override {}

 private:
  Shape output_shape(const Shape& in) const {
    const std::vector<int64_t>& target = options.target_shape;
    std::vector<int64_t> out = {in[0]};
    out.insert(out.end(), target.begin(), target.end());
    const Shape rest = in.slice(1, in.rank());
    if (!rest.fully_known()) return Shape(out);
    int64_t known = 1;
    std::optional<size_t> open;
    for (size_t i = 1; i < out.size(); ++i) {
      if (out[i] >= 0) {
        known *= out[i];
        continue;
      }
      check(!open, Code::value, "There must be at most one unknown dimension in output_shape. Received: output_shape={}.",
            listed(target));
      open = i;
    }
    const int64_t all = rest.size();
    check(open ? known != 0 && all % known == 0 : all == known, Code::value,
          "total size of new array must be unchanged, input_shape = {}, output_shape = {}", listed(rest.vector()), listed(target));
    if (open) out[*open] = all / known;
    return Shape(out);
  }
  static std::string listed(const std::vector<int64_t>& v) {
    std::string out;
    for (int64_t i : v) out += (out.empty() ? "" : ", ") + std::to_string(i);
    return "[" + out + "]";
  }
};
const LayerClass<ReshapeLayer> reshape_layer = {{"Reshape"}, "[batch, ...] -> [batch, target_shape...]; one -1 takes what is left.", [] {
  return Schema<ReshapeOptions>().required("target_shape", &ReshapeOptions::target_shape);
}};

}  // namespace

LayerPtr Reshape(std::vector<int64_t> target_shape, ReshapeOptions options) {
  options.target_shape = SignedInts(target_shape.begin(), target_shape.end());
  return reshape_layer(std::move(options));
}

}  // namespace ninefold::keras
