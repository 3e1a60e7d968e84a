// In: ids of categories. Out: which categories occur, or how often: one column each.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/encode.h"
#include "train/layers/words.h"

namespace ninefold::keras {

namespace {

class CategoryEncodingLayer : public LayerOf<CategoryEncodingOptions> {
 public:
  Value call(const Value& inputs, const CallArgs& args) override {
    const Value ids = tensor_like(inputs, name());
    Value given = args.further.empty() ? Value() : args.further[0];
    for (const Entry& e : args.named)
      if (e.key == "count_weights") given = e.value;
    Tensor weights;
    if (!given.none()) {
      weights = nest::tensor(given, name());
      check(options.output_mode == "count", Code::value, "`count_weights` is not used when `output_mode` is not `'count'`. Received "
            "`count_weights=<tf.Tensor: shape={}, dtype={}>`.", weights.shape().tuple(), name_of(weights.dtype()));
    }
    const SparseRef sparse = Sparse::of(ids);
    const RaggedRef ragged = Ragged::of(ids);
    const Tensor all = sparse ? sparse->values() : ragged ? ragged->flat_values() : *ids.get<Tensor>();
    const Tensor high = reduce("Max", all, all_axes(all)), low = reduce("Min", all, all_axes(all));
    const Tensor fine = op("LogicalAnd", {op("Greater", {number(static_cast<double>(depth_), all.dtype()), high}),
                                          op("GreaterEqual", {low, number(0, all.dtype())})});
    const Tensor data[] = {fine, to_tensor(fmt::format(
        "Input values must be in the range 0 <= values < num_tokens with num_tokens={}", depth_))};
    op_all("Assert", data);
    return encoded(ids, {options.output_mode, depth_, compute_dtype(), options.sparse, weights, {}});
  }
  Value compute_output_shape(const Value& input_shape) override {
    return encoded_shape(nest::shape(input_shape, name()), options.output_mode, depth_);
  }

 protected:
  void changed() override { ready(); }
  void ready() override {
    if (options.output_mode == "binary") options.output_mode = "multi_hot";   // its old name
    check_output_mode(options.output_mode, {"count", "one_hot", "multi_hot"}, "CategoryEncoding");
    check(!options.num_tokens.none(), Code::value, "num_tokens must be set to use this layer. If the number of tokens is not known "
          "beforehand, use the IntegerLookup layer instead.");
    depth_ = As<int64_t>::from(options.num_tokens, "num_tokens");
    check(depth_ >= 1, Code::value, "`num_tokens` must be >= 1. Received: num_tokens={}.", depth_);
    autocast_ = false;
  }
  std::vector<std::string> call_parameters() const override { return {"inputs", "count_weights"}; }

 private:
  int64_t depth_ = 0;
};
const LayerClass<CategoryEncodingLayer> category_encoding_layer = {{"CategoryEncoding"}, "Ids of categories -> which of them occur, or how often.", [] {
  using O = CategoryEncodingOptions;
  return Schema<O>().field("num_tokens", &O::num_tokens).field("output_mode", &O::output_mode).field("sparse", &O::sparse);
}};

}  // namespace

LayerPtr CategoryEncoding(int64_t num_tokens, CategoryEncodingOptions o) {
  o.num_tokens = num_tokens;
  return category_encoding_layer(std::move(o));
}

}  // namespace ninefold::keras
