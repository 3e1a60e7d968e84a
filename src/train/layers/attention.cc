// In: query, value and maybe key. Out: for each query the values, weighed by how well their keys match it.
#include <algorithm>

#include "train/layers/call_context.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/random.h"

namespace ninefold::keras {
namespace {

// What Attention and AdditiveAttention share: masks, softmax, dropout.
template <class O>
class DenseAttention : public LayerOf<O> {
 public:
  using LayerOf<O>::options;
  using LayerOf<O>::name;
  using LayerOf<O>::class_name;
  Value call(const Value& inputs, const CallArgs& args) override {
    check_inputs(inputs, args.mask);
    const ValueList& list = *inputs.get<ValueList>();
    if (std::any_of(list.begin(), list.end(), [](const Value& v) { return Ragged::of(v) != nullptr; })) return of_rows(list, args);
    const Tensor q = nest::tensor(list[0], name()), v = nest::tensor(list[1], name());
    const Tensor k = list.size() > 2 ? nest::tensor(list[2], name()) : v;
    Tensor s = scores(q, k), mask = mask_at(args.mask, 1);
    if (mask) mask = op("ExpandDims", {cast(mask, DType::boolean), Tensor(int32_t{-2})});
    if (options.causal) {
      const Tensor earlier = up_to_here(s);
      mask = mask ? op("LogicalAnd", {mask, earlier}) : earlier;
    }
    if (mask) s = s - times(cast(op("LogicalNot", {mask}), s.dtype()), s.dtype() == DType::f16 ? 65504.0 : 1e9);
    Tensor weights = op("Softmax", {s});
    weights = if_training(args, [&] { return dropout(weights, options.dropout, {}, std::nullopt); },
                          [&] { return op("Identity", {weights}); });
    Tensor y = op("BatchMatMulV2", {weights, v});
    if (const Tensor asked = mask_at(args.mask, 0)) y = y * cast(op("ExpandDims", {asked, Tensor(int32_t{-1})}), y.dtype());
    if (!returns_scores(args)) return y;
    return ValueList{y, weights};
  }
  Value compute_mask(const Value& inputs, const Value& mask) override {
    check_inputs(inputs, mask);
    const Tensor own = mask_at(mask, 0);
    return own ? Value(own) : Value();
  }
  Value compute_output_shape(const Value& input_shape) override {
    const ValueList* list = input_shape.get<ValueList>();
    check(list && !list->empty() && !nest::is_shape(input_shape), Code::value, "{}: expected a list of shapes", class_name());
    return nest::shape((*list)[0], name());
  }

 protected:
  virtual Tensor scores(const Tensor& query, const Tensor& key) const = 0;   // [batch, queries, keys]
  void ready() override { this->supports_masking = true; }
  std::vector<std::string> call_parameters() const override { return {"inputs", "mask", "training", "return_attention_scores"}; }
  // sum(tanh(by * (q + k))) over features, of each query with each key.
  static Tensor each_pair(const Tensor& q, const Tensor& k) {
    return op("ExpandDims", {q, Tensor(int32_t{-2})}) + op("ExpandDims", {k, Tensor(int32_t{-3})});
  }

 private:
  // Of sequences that end where their rows do: no mask is needed.
  Value of_rows(const ValueList& list, const CallArgs& args) {
    check(args.mask.none() || (!mask_at(args.mask, 0) && !mask_at(args.mask, 1)), Code::value,
          "{}: expected no mask for ragged inputs, whose rows end by themselves", class_name());
    check(!options.causal, Code::value, "{}: causal=True expects dense inputs, got ragged ones; pass to_tensor() of them", class_name());
    const Value &q = list[0], &k = list.size() > 2 ? list[2] : list[1];
    Value weights = ninefold::call("tf.nn.softmax", {{"logits", cut(scores(padded(q), padded(k)), Ragged::of(q), Ragged::of(k))}});
    weights = nest::over_flat(weights, name(), [&](const Tensor& w) {
      return if_training(args, [&] { return dropout(w, options.dropout, {}, std::nullopt); }, [&] { return op("Identity", {w}); });
    });
    const Value y = ninefold::call("tf.linalg.matmul", {{"a", weights}, {"b", list[1]}});
    if (!returns_scores(args)) return y;
    return ValueList{y, weights};
  }
  Tensor padded(const Value& v) const {
    const RaggedRef rows = Ragged::of(v);
    check(!rows || (rows->ragged_rank() == 1 && rows->rank() == 3), Code::value, "{}: expected ragged steps of features, [batch, (steps), "
          "features], got shape {}", class_name(), rows ? rows->shape().tuple() : "");
    return rows ? rows->to_tensor() : nest::tensor(v, name());
  }
  // Scores [batch, queries, keys] of padded rows without those of the padding.
  static Value cut(const Tensor& s, const RaggedRef& q, const RaggedRef& k) {
    if (!q && !k) return s;
    const DType d = q ? q->splits_dtype() : k->splits_dtype();
    const RaggedRef rows = Ragged::from_tensor(s, q ? q->row_lengths() : Tensor(), {}, 1, d);
    if (!k) return Ragged::value(rows);
    const Tensor lengths = op("GatherV2", {cast(k->row_lengths(), d), rows->value_rowids(), Tensor(int32_t{0})});
    return Ragged::value(rows->with_values(Ragged::value(Ragged::from_tensor(rows->flat_values(), lengths, {}, 1, d))));
  }
  static Tensor mask_at(const Value& mask, size_t i) {
    const ValueList* list = mask.get<ValueList>();
    if (!list || i >= list->size() || (*list)[i].none()) return {};
    return nest::tensor((*list)[i], "attention");
  }
  static bool returns_scores(const CallArgs& args) {
    for (const Entry& e : args.named)
      if (e.key == "return_attention_scores") return As<bool>::from(e.value, e.key);
    return false;
  }
  // True where the value's position is not behind the query's.
  static Tensor up_to_here(const Tensor& s) {
    const auto positions = [&](int axis) { return op("Range", {Tensor(int32_t{0}), dim_of(s, axis), Tensor(int32_t{1})}); };
    const Tensor rows = op("ExpandDims", {positions(s.rank() - 2), Tensor(int32_t{-1})});
    return op("ExpandDims", {op("GreaterEqual", {rows, positions(s.rank() - 1)}), Tensor(int32_t{0})});
  }
  void check_inputs(const Value& inputs, const Value& mask) const {
    const ValueList* list = inputs.get<ValueList>();
    check(list, Code::value, "{} layer must be called on a list of inputs, namely [query, value] or [query, value, key]. Received: {}.",
          class_name(), inputs.get<Tensor>() ? fmt::format("Tensor(shape={}, dtype={})", inputs.get<Tensor>()->shape().tuple(),
                                                           name_of(inputs.get<Tensor>()->dtype())) : "no list");
    check(list->size() == 2 || list->size() == 3, Code::value,
          "{} layer accepts inputs list of length 2 or 3, namely [query, value] or [query, value, key]. Received length: {}.",
          class_name(), list->size());
    if (mask.none()) return;
    const ValueList* masks = mask.get<ValueList>();
    check(masks, Code::value, "{} layer mask must be a list, namely [query_mask, value_mask]. Received: one mask.", class_name());
    check(masks->size() >= 2 && masks->size() <= list->size(), Code::value,
          "{} layer mask must be a list of length 2, namely [query_mask, value_mask]. Received length: {}.", class_name(), masks->size());
  }
};

class AttentionLayer : public DenseAttention<AttentionOptions> {
 public:
  void build(const Value&) override {
    const Given<Initializer> ones = "ones";
    if (options.use_scale) scale_ = add_weight({.name = "scale", .shape = {}, .initializer = ones});
    if (options.score_mode == "concat") concat_ = add_weight({.name = "concat_score_weight", .shape = {}, .initializer = ones});
    set_built(true);
  }

 protected:
  void ready() override {
    check(options.score_mode == "dot" || options.score_mode == "concat", Code::value,
          "Received: score_mode={}. Acceptable values are: [\"dot\", \"concat\"]", options.score_mode);
    DenseAttention::ready();
  }
  Tensor scores(const Tensor& q, const Tensor& k) const override {
    if (options.score_mode == "dot") {
      const Tensor s = op("BatchMatMulV2", {q, k}, {{"adj_y", true}});
      return options.use_scale ? s * read(scale_) : s;
    }
    const Tensor pairs = each_pair(q, k);
    const Tensor bent = op("Tanh", {options.use_scale ? read(scale_) * pairs : pairs});
    return read(concat_) * reduce("Sum", bent, {bent.rank() - 1});
  }

 private:
  Variable scale_, concat_;
};

class AdditiveAttentionLayer : public DenseAttention<AdditiveAttentionOptions> {
 public:
  void build(const Value& input_shape) override {
    const ValueList* list = input_shape.get<ValueList>();
    check(list && list->size() >= 2 && !nest::is_shape(input_shape), Code::value,
          "AdditiveAttention layer must be called on a list of inputs, namely [query, value] or [query, value, key].");
    if (options.use_scale)
      scale_ = add_weight({.name = "scale", .shape = {nest::shape((*list)[1], name()).dim(-1)},
                           .initializer = Given<Initializer>("glorot_uniform")});
    set_built(true);
  }

 protected:
  Tensor scores(const Tensor& q, const Tensor& k) const override {
    const Tensor bent = op("Tanh", {each_pair(q, k)});
    return reduce("Sum", options.use_scale ? read(scale_) * bent : times(bent, 1), {bent.rank() - 1});
  }

 private:
  Variable scale_;
};

const LayerClass<AttentionLayer> attention = {
    {"Attention"}, "Dot-product attention (Luong et al. 2015): softmax(query key^T) value.", [] {
      using O = AttentionOptions;
      return Schema<O>().field("use_scale", &O::use_scale).field("score_mode", &O::score_mode).field("causal", &O::causal)
          .field("dropout", &O::dropout);
    }};
const LayerClass<AdditiveAttentionLayer> additive_attention = {
    {"AdditiveAttention"}, "Additive attention (Bahdanau et al. 2015): softmax(sum(scale tanh(query + key))) value.", [] {
      using O = AdditiveAttentionOptions;
      return Schema<O>().field("use_scale", &O::use_scale).field("causal", &O::causal).field("dropout", &O::dropout);
    }};

}  // namespace

LayerPtr Attention(AttentionOptions o) { return attention(std::move(o)); }
LayerPtr AdditiveAttention(AdditiveAttentionOptions o) { return additive_attention(std::move(o)); }

}  // namespace ninefold::keras
