// In: ids [batch, ...]. Out: rows of a table, [batch, ..., output_dim]; the mask is where ids are not 0.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class EmbeddingLayer : public LayerOf<EmbeddingOptions> {
 public:
  void build(const Value&) override {
    table_ = add_weight({.name = "embeddings", .shape = {options.input_dim, options.output_dim},
                         .initializer = options.embeddings_initializer, .regularizer = options.embeddings_regularizer,
                         .constraint = options.embeddings_constraint});
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    return nest::over_flat(inputs, name(), [&](Tensor ids) {
      if (ids.dtype() != DType::i32 && ids.dtype() != DType::i64) ids = cast(ids, DType::i32);
      if (!stand_ins_.empty()) return op("GatherV2", {read(table_), ids, Tensor(int32_t{0})});
      const Tensor rows = op("ResourceGather", {table_.handle(), ids}, {{"dtype", table_.dtype()}});
      return cast(rows, compute_dtype());
    });
  }
  Value compute_mask(const Value& inputs, const Value&) override {
    if (!options.mask_zero) return {};
    return nest::over_flat(inputs, name(), [](const Tensor& ids) { return op("NotEqual", {ids, number(0, ids.dtype())}); });
  }
  Value compute_output_shape(const Value& input_shape) override {
    Shape in = nest::shape(input_shape, name());
    if (!options.input_length.none()) {
      const std::vector<int64_t> lengths = As<std::vector<int64_t>>::from(options.input_length, "input_length");
      bool fits = static_cast<int>(lengths.size()) == in.rank() - 1;
      for (size_t i = 0; fits && i < lengths.size(); ++i) {
        const int axis = static_cast<int>(i) + 1;
        if (in[axis] < 0) in.set(axis, lengths[i]);
        else fits = lengths[i] < 0 || lengths[i] == in[axis];
      }
      check(fits, Code::value, "\"input_length\" is {}, but received input has shape {}", lengths.empty() ? 0 : lengths[0], in.tuple());
    }
    return in.concat({options.output_dim});
  }

 protected:
  void ready() override {
    check(options.input_dim > 0 && options.output_dim > 0, Code::value,
          "Both `input_dim` and `output_dim` should be positive, Received input_dim = {} and output_dim = {}", options.input_dim,
          options.output_dim);
    supports_masking = options.mask_zero;
    autocast_ = false;   // ids in floats keep their precision
  }
  // As the first layer of a Sequential it says its input's shape itself.
  void configured() override {
    if (batch_input_shape.given) return;
    std::vector<int64_t> lengths = As<std::vector<int64_t>>::from(options.input_length, "input_length");
    if (lengths.empty()) lengths = {-1};
    batch_input_shape = InputShape(Shape{-1}.concat(Shape(lengths)));
  }

 private:
  Variable table_;
};
const LayerClass<EmbeddingLayer> embedding_layer = {{"Embedding"}, "Ids [batch, ...] -> rows of a table [batch, ..., output_dim].", [] {
  using O = EmbeddingOptions;
  return Schema<O>().required("input_dim", &O::input_dim).required("output_dim", &O::output_dim)
      .field("embeddings_initializer", &O::embeddings_initializer).field("embeddings_regularizer", &O::embeddings_regularizer)
      .field("activity_regularizer", &O::activity_regularizer).field("embeddings_constraint", &O::embeddings_constraint)
      .field("mask_zero", &O::mask_zero).field("input_length", &O::input_length);
}};

}  // namespace

LayerPtr Embedding(int64_t input_dim, int64_t output_dim, EmbeddingOptions o) {
  o.input_dim = input_dim;
  o.output_dim = output_dim;
  return embedding_layer(std::move(o));
}

}  // namespace ninefold::keras
