// In: terms. Out: their places in a vocabulary, or which of it occur: the layers StringLookup and IntegerLookup.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/listed.h"
#include "train/layers/preprocessing/lookup.h"

namespace ninefold::keras {
namespace {

template <class O>
class LookupLayer : public LayerOf<O, VocabularyLayer>, public HasLookup {
 public:
  const Lookup& lookup() const override { return lookup_; }
  using Base = LayerOf<O, VocabularyLayer>;
  void set_vocabulary(const Value& vocabulary, const Value& idf_weights) override { lookup_.set_vocabulary(vocabulary, idf_weights); }
  ValueList get_vocabulary(bool include_special_tokens) const override { return lookup_.vocabulary(include_special_tokens); }
  int64_t vocabulary_size() const override { return lookup_.size(); }
  void reset_state() override { lookup_.reset(); }
  void update_state(const Value& batch) override { lookup_.update(batch, this->name()); }
  void finalize_state() override { lookup_.finalize(); }
  Value call(const Value& inputs, const CallArgs&) override { return lookup_(inputs, this->name()); }
  Value compute_output_shape(const Value& input_shape) override { return lookup_.output_shape(nest::shape(input_shape, this->name())); }
  ValueDict config() const override {
    const Value all = Base::config();
    ValueDict out = Layer::config();
    for (const char* key : {"invert", "max_tokens", "num_oov_indices", "oov_token", "mask_token", "output_mode", "sparse", "pad_to_max_tokens",
                            "vocabulary", "vocabulary_dtype", "idf_weights", "encoding"})
      if (const Value* v = all.find(key)) out.push_back({key, listed(*v)});
    return out;
  }
  void configure(const std::string& class_name, const Schema<O>& schema, const ValueDict& given) {
    ValueDict rest;
    std::string mode = "int";
    for (Entry e : given) {
      if (e.key == "has_input_vocabulary") {
        adapts_ = !As<bool>::from(e.value, e.key);
        continue;
      }
      if (e.key == "vocabulary_size" || e.key == "has_static_table") continue;   // of older configs
      if constexpr (requires(O o) { o.vocabulary_dtype; }) {
        if (e.key == "max_values") e.key = "max_tokens";
        if (e.key == "mask_value") e.key = "mask_token";
        if (e.key == "oov_value") e.key = "oov_token";
      }
      if (e.key == "output_mode")
        if (const std::string* m = e.value.get<std::string>()) mode = *m;
      rest.push_back(std::move(e));
    }
    // Older configs say the terms' dtype where now that of the result stands.
    constexpr DType of_terms = requires(O o) { o.vocabulary_dtype; } ? DType::i64 : DType::string;
    const Value said = rest;
    const Value* dtype = said.find("dtype");
    const bool old = dtype && !dtype->none() && dtype_of_value(*dtype) == of_terms && (of_terms == DType::string || mode != "int");
    if (!dtype || dtype->none() || old) put(rest, "dtype", mode == "int" ? "int64" : name_of(floatx()));
    Base::configure(class_name, schema, rest);
  }
  void configure(const std::string& class_name, const Schema<O>& schema, O given) {
    if (given.dtype == DType::invalid) given.dtype = given.output_mode == "int" ? DType::i64 : floatx();
    Base::configure(class_name, schema, std::move(given));
  }

 protected:
  void ready() override {
    O& o = this->options;
    if constexpr (requires { o.vocabulary_dtype; }) {
      const DType d = dtype_of_value(o.vocabulary_dtype);
      check(is_integer(d), Code::value, "`vocabulary_dtype` must be an integer dtype. Received: {}", name_of(d));
      setup_.terms = d;
      const int64_t most = o.max_tokens.none() ? 2 : As<int64_t>::from(o.max_tokens, "max_tokens");
      check(most > 1, Code::value, "If `max_tokens` is set for `IntegerLookup`, it must be greater than 1. Received: max_tokens={}.", most);
      check(o.num_oov_indices >= 0, Code::value, "The value of `num_oov_indices` argument for `IntegerLookup` must >= 0. Received "
            "num_oov_indices={}.", o.num_oov_indices);
      for (Value* token : {&o.mask_token, &o.oov_token})
        if (!token->none()) *token = token->template get<Tensor>() ? token->template get<Tensor>()->int_at(0) : As<int64_t>::from(*token, "token");
    } else if (o.encoding.none()) {
      o.encoding = "utf-8";
    }
    if (o.output_mode == "binary") o.output_mode = "multi_hot";
    if (o.output_mode == "tf-idf") o.output_mode = "tf_idf";
    setup_.layer = this->class_name();
    setup_.max_tokens = o.max_tokens, setup_.mask_token = o.mask_token, setup_.oov_token = o.oov_token;
    setup_.num_oov_indices = o.num_oov_indices, setup_.invert = o.invert, setup_.output_mode = o.output_mode;
    setup_.sparse = o.sparse, setup_.pad_to_max_tokens = o.pad_to_max_tokens;
    setup_.given = adapts_ ? !*adapts_ : !o.vocabulary.none();
    lookup_.set_up(setup_);
    check(o.idf_weights.none() || o.output_mode == "tf_idf", Code::value, "`idf_weights` should only be set if `output_mode` is `'tf_idf'`. "
          "Received: idf_weights={} and output_mode={}", shown(o.idf_weights), o.output_mode);
  }
  void configured() override {
    const O& o = this->options;
    this->autocast_ = false;
    check(o.output_mode != "int" || is_integer(this->compute_dtype()), Code::value,
          "When `output_mode='int'`, `dtype` should be an integer type. Received: dtype={}", name_of(this->compute_dtype()));
    setup_.variable = this->dtype(), setup_.compute = this->compute_dtype();
    lookup_.set_up(setup_);
    lookup_.add_weights(*this);
    if (!o.vocabulary.none()) lookup_.set_vocabulary(o.vocabulary, o.idf_weights);
  }

 private:
  Lookup::Setup setup_;
  Lookup lookup_;
  std::optional<bool> adapts_;   // said by a config whose vocabulary comes later
};

template <class O>
Schema<O> head(Schema<O> s) {
  return s.field("max_tokens", &O::max_tokens).field("num_oov_indices", &O::num_oov_indices).field("mask_token", &O::mask_token)
      .field("oov_token", &O::oov_token).field("vocabulary", &O::vocabulary);
}
template <class O>
Schema<O> tail(Schema<O> s) {
  return s.field("invert", &O::invert).field("output_mode", &O::output_mode).field("sparse", &O::sparse)
      .field("pad_to_max_tokens", &O::pad_to_max_tokens);
}
const LayerClass<LookupLayer<StringLookupOptions>> string_lookup = {{"StringLookup"}, "Strings -> their places in a vocabulary.", [] {
  using O = StringLookupOptions;
  return tail(head(Schema<O>()).field("idf_weights", &O::idf_weights).field("encoding", &O::encoding));
}, "VocabularyLayer"};
const LayerClass<LookupLayer<IntegerLookupOptions>> integer_lookup = {{"IntegerLookup"}, "Integers -> their places in a vocabulary.", [] {
  using O = IntegerLookupOptions;
  return tail(head(Schema<O>()).field("vocabulary_dtype", &O::vocabulary_dtype).field("idf_weights", &O::idf_weights));
}, "VocabularyLayer"};

}  // namespace

LayerPtr StringLookup(StringLookupOptions o) { return string_lookup(std::move(o)); }
LayerPtr IntegerLookup(IntegerLookupOptions o) { return integer_lookup(std::move(o)); }

}  // namespace ninefold::keras
