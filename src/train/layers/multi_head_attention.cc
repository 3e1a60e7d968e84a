// In: query, value and maybe key. Out: attention in several heads at once (Vaswani et al. 2017), projected back.
#include <cmath>
#include <numeric>

#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

std::string letters(size_t from, size_t count) {
  std::string s(count, 'a');
  std::iota(s.begin(), s.end(), static_cast<char>('a' + from));
  return s;
}
// The equation of a projection: `free` axes stay, `bound` ones are summed over, `made` ones come from the kernel.
struct Projection { std::string equation, bias_axes; };
Projection projection(int free, int bound, size_t made) {
  const std::string f = letters(0, static_cast<size_t>(free)), b = letters(f.size(), static_cast<size_t>(bound)),
                    m = letters(f.size() + b.size(), made);
  return {f + b + "," + b + m + "->" + f + m, m};
}

class MultiHeadAttentionLayer : public LayerOf<MultiHeadAttentionOptions> {
 public:
  using Base = LayerOf<MultiHeadAttentionOptions>;
  // query_shape, key_shape and value_shape of a config make the projections at once.
  void configure(const std::string& class_name, const Schema<MultiHeadAttentionOptions>& schema, const ValueDict& given) {
    ValueDict rest;
    Value q, k, v;
    for (const Entry& e : given) {
      if (e.key == "query_shape") q = e.value;
      else if (e.key == "key_shape") k = e.value;
      else if (e.key == "value_shape") v = e.value;
      else rest.push_back(e);
    }
    Base::configure(class_name, schema, rest);
    if (!q.none() && !k.none() && !v.none()) project(nest::shape(q, name()), nest::shape(v, name()), nest::shape(k, name()));
  }
  void configure(const std::string& class_name, const Schema<MultiHeadAttentionOptions>& schema, MultiHeadAttentionOptions given) {
    Base::configure(class_name, schema, std::move(given));
  }
  ValueDict config() const override {
    ValueDict out = Base::config();
    const auto shape = [&](const Shape& s) { return query_ ? Value(s) : Value(); };
    out.insert(out.end(), {{"query_shape", shape(shapes_[0])}, {"key_shape", shape(shapes_[2])}, {"value_shape", shape(shapes_[1])}});
    return out;
  }
  // Positional arguments get their names, by which a model's config knows them.
  void arrange(Value&, CallArgs& args) override {
    const std::vector<std::string> names = call_parameters();
    for (size_t i = 0; i < args.further.size() && i + 1 < names.size(); ++i) args.named.push_back({names[i + 1], args.further[i]});
    args.further.clear();
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    const auto argument = [&](size_t place, const char* key) -> Value {
      for (const Entry& e : args.named)
        if (e.key == key) return e.value;
      return place < args.further.size() ? args.further[place] : Value();
    };
    const Value value = argument(0, "value"), key_given = argument(1, "key"), mask = argument(2, "attention_mask"),
                scores_too = argument(3, "return_attention_scores");
    check(!value.none(), Code::type, "call() missing 1 required positional argument: 'value'");
    Tensor q = nest::tensor(inputs, name()), v = nest::tensor(value, name());
    Tensor k = key_given.none() ? v : nest::tensor(key_given, name());
    if (!query_) project(q.shape(), v.shape(), k.shape());
    q = (*query_)(q);
    k = (*key_)(k);
    v = (*value_)(v);
    const auto einsum = [](const std::string& equation, const Tensor& a, const Tensor& b) {
      return function("tf.einsum", {{"equation", equation}, {"inputs", ValueList{a, b}}});
    };
    Tensor scores = einsum(product_, k, times(q, 1 / std::sqrt(static_cast<double>(options.key_dim))));
    scores = with_static_shape(scores, scores_shape(q.shape(), k.shape()));
    CallArgs masked;
    if (!mask.none()) {
      Tensor m = nest::tensor(mask, name());
      const auto before_heads = static_cast<int32_t>(-2 * static_cast<int>(axes_.size()) - 1);
      while (m.rank() < scores.rank()) m = op("ExpandDims", {m, Tensor(before_heads)});
      masked.mask = m;
    }
    scores = *(*softmax_)(Value(scores), masked).get<Tensor>();
    CallArgs training;
    training.training = args.training;
    const Tensor dropped = *(*dropout_)(Value(scores), training).get<Tensor>();
    // As the projected query, with the features of values.
    Shape heads = q.shape();
    heads.set(heads.rank() - 1, v.dim(-1));
    const Tensor y = (*output_)(with_static_shape(einsum(combine_, dropped, v), heads));
    if (scores_too.none() || !As<bool>::from(scores_too, "return_attention_scores")) return y;
    return ValueList{y, scores};
  }

 protected:
  void ready() override {
    if (options.value_dim.none() || As<int64_t>::from(options.value_dim, "value_dim") == 0) options.value_dim = options.key_dim;
    if (const int64_t* one = options.attention_axes.get<int64_t>()) options.attention_axes = ValueList{*one};
  }
  std::vector<std::string> call_parameters() const override {
    return {"query", "value", "key", "attention_mask", "return_attention_scores", "training"};
  }

 private:
  LayerPtr dense(const char* name, const Projection& p, const std::vector<int64_t>& last, int rank) {
    const MultiHeadAttentionOptions& o = options;
    ValueList shape(static_cast<size_t>(rank) - last.size());
    shape.insert(shape.end(), last.begin(), last.end());
    EinsumDenseOptions d;
    if (o.use_bias) d.bias_axes = p.bias_axes;
    d.kernel_initializer = o.kernel_initializer, d.bias_initializer = o.bias_initializer;
    d.kernel_regularizer = o.kernel_regularizer, d.bias_regularizer = o.bias_regularizer;
    d.activity_regularizer = o.activity_regularizer;
    d.kernel_constraint = o.kernel_constraint, d.bias_constraint = o.bias_constraint;
    d.name = name;
    LayerPtr layer = EinsumDense(p.equation, shape, std::move(d));
    track(layer);
    return layer;
  }
  void project(const Shape& q, const Shape& v, const Shape& k) {
    const MultiHeadAttentionOptions& o = options;
    shapes_ = {q, v, k};
    const int64_t value_dim = As<int64_t>::from(o.value_dim, "value_dim");
    const auto into_heads = [&](const char* name, const Shape& s, int64_t dim) {
      check(s.rank() >= 2, Code::value, "MultiHeadAttention: expected inputs of rank 2 or more, got shape {}", s.tuple());
      return dense(name, projection(s.rank() - 1, 1, 2), {o.num_heads, dim}, s.rank());
    };
    query_ = into_heads("query", q, o.key_dim);
    key_ = into_heads("key", k, o.key_dim);
    value_ = into_heads("value", v, value_dim);
    attend(v.rank() + 1);
    std::vector<int64_t> out = As<std::vector<int64_t>>::from(o.output_shape, "output_shape");
    if (out.empty()) out = {q.dim(-1)};
    output_ = dense("attention_output", projection(q.rank() - 1, 2, out.size()), out, q.rank() - 2 + static_cast<int>(out.size()));
  }
  // [batch, ..., heads, query axes, key axes] of the projected query and key.
  Shape scores_shape(const Shape& q, const Shape& k) const {
    std::vector<int64_t> out;
    for (int64_t i = 0; i + 1 < q.rank(); ++i)
      if (std::find(axes_.begin(), axes_.end(), i) == axes_.end()) out.push_back(q[static_cast<int>(i)]);
    for (const Shape* s : {&q, &k})
      for (int64_t i : axes_) out.push_back((*s)[static_cast<int>(i)]);
    return Shape(out);
  }
  // The equations of scores and their sums, for tensors of `rank` with axes batch, ..., heads, features.
  void attend(int rank) {
    axes_ = As<std::vector<int64_t>>::from(options.attention_axes, "attention_axes");
    if (options.attention_axes.none())
      for (int64_t i = 1; i < rank - 2; ++i) axes_.push_back(i);
    options.attention_axes = ValueList(axes_.begin(), axes_.end());
    const std::string target = letters(0, static_cast<size_t>(rank));
    std::string source, batch, of_target, of_source;
    size_t next = target.size();
    for (int64_t i = 0; i < rank; ++i) {
      const bool attended = std::find(axes_.begin(), axes_.end(), i) != axes_.end();
      if (!attended && i != rank - 1) batch += target[static_cast<size_t>(i)];
      source += attended ? letters(next++, 1) : target.substr(static_cast<size_t>(i), 1);
    }
    for (int64_t i : axes_) {
      of_target += target[static_cast<size_t>(i)];
      of_source += source[static_cast<size_t>(i)];
    }
    const std::string product = batch + of_target + of_source;
    product_ = source + "," + target + "->" + product;
    combine_ = product + "," + source + "->" + target;
    ValueList last;
    for (size_t i = product.size() - axes_.size(); i < product.size(); ++i) last.push_back(static_cast<int64_t>(i));
    softmax_ = Softmax({.axis = last});
    track(softmax_);
    dropout_ = Dropout(options.dropout);
    track(dropout_);
  }
  std::array<Shape, 3> shapes_;   // of query, value and key, when the projections were made
  LayerPtr query_, key_, value_, softmax_, dropout_, output_;
  std::vector<int64_t> axes_;
  std::string product_, combine_;
};
const LayerClass<MultiHeadAttentionLayer> multi_head_attention_layer = {
    {"MultiHeadAttention"}, "Attention in several heads at once (Vaswani et al. 2017): call it with query, value and maybe key.", [] {
      using O = MultiHeadAttentionOptions;
      return Schema<O>().required("num_heads", &O::num_heads).required("key_dim", &O::key_dim).field("value_dim", &O::value_dim)
          .field("dropout", &O::dropout).field("use_bias", &O::use_bias).field("output_shape", &O::output_shape)
          .field("attention_axes", &O::attention_axes).field("kernel_initializer", &O::kernel_initializer)
          .field("bias_initializer", &O::bias_initializer).field("kernel_regularizer", &O::kernel_regularizer)
          .field("bias_regularizer", &O::bias_regularizer).field("activity_regularizer", &O::activity_regularizer)
          .field("kernel_constraint", &O::kernel_constraint).field("bias_constraint", &O::bias_constraint);
    }};

}  // namespace

LayerPtr MultiHeadAttention(int64_t num_heads, int64_t key_dim, MultiHeadAttentionOptions o) {
  o.num_heads = num_heads;
  o.key_dim = key_dim;
  return multi_head_attention_layer(std::move(o));
}

}  // namespace ninefold::keras
