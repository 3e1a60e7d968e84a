// In: ids of categories. Out: which categories occur, or how often: one column each.
#include "ninefold/sequence.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/encode.h"
#include "train/layers/words.h"

namespace ninefold::keras {

void check_output_mode(const std::string& mode, const std::vector<std::string>& allowed, const std::string& layer) {
  std::string list;
  for (const std::string& m : allowed) list += (list.empty() ? "'" : ", '") + m + "'";
  check(std::find(allowed.begin(), allowed.end(), mode) != allowed.end(), Code::value,
        "Unkown value for `output_mode` argument of layer {}. Allowed values are: or one of the following values: ({}). "
        "Received: {}", layer, list, mode);
}
Tensor encoded(Tensor ids, const std::string& mode, int64_t depth, DType dtype, const Tensor& weights) {
  if (mode == "int") return op("Identity", {cast(ids, dtype)});
  const Shape given = ids.shape();
  if (ids.rank() == 0) ids = op("ExpandDims", {ids, Tensor(int32_t{-1})});
  if (mode == "one_hot" && ids.dim(-1) != 1) ids = op("ExpandDims", {ids, Tensor(int32_t{-1})});
  check(ids.rank() <= 2, Code::value, "When output_mode is not `'int'`, maximum supported output rank is 2. Received output_mode {} and "
        "input shape {}, which would result in output rank {}.", mode, given.tuple(), ids.rank());
  if (ids.dtype() != DType::i32 && ids.dtype() != DType::i64) ids = cast(ids, DType::i64);
  const Tensor size = ids.dtype() == DType::i32 ? Tensor(static_cast<int32_t>(depth)) : Tensor(depth);
  const Tensor by = weights ? cast(weights, dtype) : Tensor::zeros(dtype, {0});
  const Tensor counts = op("DenseBincount", {ids, size, by}, {{"binary_output", mode != "count"}});
  return with_static_shape(counts, ids.rank() == 1 ? Shape{depth} : Shape{ids.dim(0), depth});
}
Shape encoded_shape(const Shape& in, const std::string& mode, int64_t depth) {
  if (mode == "int") return in;
  if (in.rank() == 0) return {depth};
  if (mode == "one_hot" && in.dim(-1) != 1) return in.concat({depth});
  return in.slice(0, in.rank() - 1).concat({depth});
}

namespace {

class CategoryEncodingLayer : public LayerOf<CategoryEncodingOptions> {
 public:
  Value call(const Value& inputs, const CallArgs& args) override {
    Tensor ids = nest::tensor(inputs, name()), weights;
    Value given = args.further.empty() ? Value() : args.further[0];
    for (const Entry& e : args.named)
      if (e.key == "count_weights") given = e.value;
    if (!given.none()) {
      weights = nest::tensor(given, name());
      check(options.output_mode == "count", Code::value, "`count_weights` is not used when `output_mode` is not `'count'`. Received "
            "`count_weights=<tf.Tensor: shape={}, dtype={}>`.", weights.shape().tuple(), name_of(weights.dtype()));
    }
    const Tensor high = reduce("Max", ids, all_axes(ids)), low = reduce("Min", ids, all_axes(ids));
    const Tensor fine = op("LogicalAnd", {op("Greater", {number(static_cast<double>(depth_), ids.dtype()), high}),
                                          op("GreaterEqual", {low, number(0, ids.dtype())})});
    const Tensor data[] = {fine, to_tensor(fmt::format(
        "Input values must be in the range 0 <= values < num_tokens with num_tokens={}", depth_))};
    op_all("Assert", data);
    return encoded(ids, options.output_mode, depth_, compute_dtype(), weights);
  }
  Value compute_output_shape(const Value& input_shape) override {
    return encoded_shape(nest::shape(input_shape, name()), options.output_mode, depth_);
  }

 protected:
  void ready() override {
    if (options.output_mode == "binary") options.output_mode = "multi_hot";   // its old name
    check_output_mode(options.output_mode, {"count", "one_hot", "multi_hot"}, "CategoryEncoding");
    check(!options.num_tokens.none(), Code::value, "num_tokens must be set to use this layer. If the number of tokens is not known "
          "beforehand, use the IntegerLookup layer instead.");
    depth_ = As<int64_t>::from(options.num_tokens, "num_tokens");
    check(depth_ >= 1, Code::value, "`num_tokens` must be >= 1. Received: num_tokens={}.", depth_);
    check(!options.sparse, Code::not_implemented, "CategoryEncoding: sparse=True gives a SparseTensor, which layers do not give yet; "
          "leave it False");
    autocast_ = false;
  }
  std::vector<std::string> call_parameters() const override { return {"inputs", "count_weights"}; }

 private:
  int64_t depth_ = 0;
};
const LayerClass<CategoryEncodingLayer> layer = {{"CategoryEncoding"}, "Ids of categories -> which of them occur, or how often.", [] {
  using O = CategoryEncodingOptions;
  return Schema<O>().field("num_tokens", &O::num_tokens).field("output_mode", &O::output_mode).field("sparse", &O::sparse);
}};

}  // namespace

LayerPtr CategoryEncoding(int64_t num_tokens, CategoryEncodingOptions o) {
  o.num_tokens = num_tokens;
  return layer(std::move(o));
}

}  // namespace ninefold::keras
