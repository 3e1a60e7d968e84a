// In: texts. Out: the places of their words in a vocabulary, or which words occur, or the words themselves.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/encode.h"
#include "train/layers/preprocessing/listed.h"
#include "train/layers/preprocessing/lookup.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

constexpr const char* kPunctuation = R"([!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\'])";

// One of the words, None, or a callable where the layer has a method for it.
void check_word(const Value& v, bool callable, const std::vector<std::string>& words, const char* field, bool takes_callables) {
  const std::string* s = v.get<std::string>();
  if (v.none() || callable || (s && std::find(words.begin(), words.end(), *s) != words.end())) return;
  std::string list;
  for (const std::string& w : words) list += (list.empty() ? "'" : ", '") + w + "'";
  const std::string note = "If restoring a model and `" + std::string(field) + "` is a custom callable, please ensure the callable is registered "
                           "as a custom object. See https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for "
                           "details. ";
  fail(Code::value, "Unkown value for `{}` argument of layer TextVectorization. {}Allowed values are: `None`, {}or one of the following values: "
       "({}). Received: {}", field, takes_callables ? note : "", takes_callables ? "a `Callable`, " : "", list, shown(v));
}

class TextVectorizationLayer : public LayerOf<TextVectorizationOptions, VocabularyLayer>, public HasLookup {
 public:
  const Lookup& lookup() const override { return lookup_; }
  using Base = LayerOf<TextVectorizationOptions, VocabularyLayer>;
  void set_vocabulary(const Value& vocabulary, const Value& idf_weights) override { lookup_.set_vocabulary(vocabulary, idf_weights); }
  ValueList get_vocabulary(bool include_special_tokens) const override { return lookup_.vocabulary(include_special_tokens); }
  int64_t vocabulary_size() const override { return lookup_.size(); }
  void reset_state() override { lookup_.reset(); }
  void update_state(const Value& batch) override { lookup_.update(words_of(batch), name()); }
  void finalize_state() override { lookup_.finalize(); }

  Value call(const Value& inputs, const CallArgs&) override {
    const Value words = words_of(inputs);
    if (options.output_mode.none()) return words;
    const Value found = lookup_(words, name());
    if (mode() != "int" || options.ragged) return found;
    const int64_t length = options.output_sequence_length.none() ? -1 : As<int64_t>::from(options.output_sequence_length, "output_sequence_length");
    if (const RaggedRef rows = Ragged::of(found)) {
      Shape shape = rows->shape();
      shape.set(shape.rank() - 1, length);
      return rows->to_tensor(Tensor(int64_t{0}), shape);
    }
    if (length < 0) return found;
    return padded(*found.get<Tensor>(), length);
  }
  Value compute_output_shape(const Value& input_shape) override {
    Shape in = nest::shape(input_shape, name());
    const int64_t length = options.output_sequence_length.none() ? -1 : As<int64_t>::from(options.output_sequence_length, "output_sequence_length");
    if (mode() == "int" && !options.output_mode.none()) return Shape{in.dim(0), length};
    if (!options.split.none()) in = in.concat({-1});
    else if (in.rank() <= 1) in = in.concat({1});
    return lookup_.output_shape(in);
  }
  void configure(const std::string& class_name, const Schema<TextVectorizationOptions>& schema, const ValueDict& given) {
    ValueDict rest;
    for (const Entry& e : given) {
      if (e.key == "has_input_vocabulary") adapts_ = !As<bool>::from(e.value, e.key);
      else if (e.key != "vocabulary_size") rest.push_back(e);
    }
    const Value said = rest;
    const Value* dtype = said.find("dtype");
    if (!dtype) put(rest, "dtype", "string");
    else check(dtype_of_value(*dtype) == DType::string, Code::value, "`TextVectorization` may only have a dtype of string. Received dtype: {}.",
               dtype->get<DType>() ? "<dtype: '" + std::string(name_of(*dtype->get<DType>())) + "'>" : shown(*dtype));
    Base::configure(class_name, schema, rest);
  }
  void configure(const std::string& class_name, const Schema<TextVectorizationOptions>& schema, TextVectorizationOptions given) {
    given.dtype = DType::string;
    Base::configure(class_name, schema, std::move(given));
  }
  ValueDict config() const override {
    ValueDict out = Base::config();
    for (Entry& e : out) e.value = listed(e.value);
    const auto order = [](const std::string& key) { return key == "vocabulary" ? 1 : key == "idf_weights" ? 2 : 0; };   // Keras' order
    std::stable_sort(out.begin(), out.end(), [&](const Entry& a, const Entry& b) { return order(a.key) < order(b.key); });
    return out;
  }

 protected:
  void ready() override {
    TextVectorizationOptions& o = options;
    const auto callable = [](const Value& v) { return v.get<std::shared_ptr<Foreign>>() != nullptr; };
    check_word(o.standardize, callable(o.standardize), {"lower_and_strip_punctuation", "lower", "strip_punctuation"}, "standardize", true);
    check_word(o.split, callable(o.split), {"whitespace", "character"}, "split", true);
    if (const std::string* m = o.output_mode.get<std::string>()) {
      if (*m == "binary") o.output_mode = "multi_hot";   // their old names
      else if (*m == "tf-idf") o.output_mode = "tf_idf";
    }
    check_word(o.output_mode, false, {"int", "count", "multi_hot", "tf_idf"}, "output_mode", false);
    const ValueList* widths = o.ngrams.get<ValueList>();
    bool whole = widths != nullptr;
    if (widths)
      for (const Value& w : *widths) whole &= w.get<int64_t>() != nullptr;
    check(o.ngrams.none() || o.ngrams.get<int64_t>() || whole, Code::value,
          "`ngrams` must be None, an integer, or a tuple of integers. Received: ngrams={}", shown(o.ngrams));
    if (const int64_t* n = o.ngrams.get<int64_t>())
      for (int64_t i = 1; i <= *n; ++i) widths_.push_back(i);
    else if (widths)
      for (const Value& w : *widths) widths_.push_back(*w.get<int64_t>());
    const Value& length = o.output_sequence_length;
    check(mode() != "int" || o.output_mode.none() || length.none() || length.get<int64_t>() || length.get<bool>(), Code::value,
          "`output_sequence_length` must be either None or an integer when `output_mode` is 'int'. Received: output_sequence_length={}", shown(length));
    const bool places = !o.output_mode.none() && mode() == "int";
    check(places || length.none(), Code::value, "`output_sequence_length` must not be set if `output_mode` is not 'int'. Received "
          "output_sequence_length={}.", shown(length));
    check(!o.ragged || places, Code::value, "`ragged` must not be true if `output_mode` is `'int'`. Received: ragged=True and output_mode={}",
          shown(o.output_mode));
    check(!o.ragged || length.none(), Code::value, "`output_sequence_length` must not be set if ragged is True. Received: ragged=True and "
          "output_sequence_length={}", shown(length));
  }
  void configured() override {
    const TextVectorizationOptions& o = options;
    autocast_ = false;
    Lookup::Setup s;
    s.layer = "StringLookup";
    s.max_tokens = o.max_tokens, s.mask_token = "", s.oov_token = "[UNK]", s.output_mode = mode();
    s.sparse = o.sparse, s.pad_to_max_tokens = o.pad_to_max_tokens;
    s.compute = mode() == "int" ? DType::i64 : floatx();
    s.given = adapts_ ? !*adapts_ : !o.vocabulary.none();
    lookup_.set_up(s);
    check(o.idf_weights.none() || mode() == "tf_idf", Code::value, "`idf_weights` should only be set if `output_mode` is `'tf_idf'`. Received: "
          "idf_weights={} and output_mode={}", shown(o.idf_weights), mode());
    lookup_.add_weights(*this);
    if (!o.vocabulary.none()) lookup_.set_vocabulary(o.vocabulary, o.idf_weights);
  }

 private:
  std::string mode() const { return options.output_mode.none() ? "int" : *options.output_mode.get<std::string>(); }

  Value words_of(const Value& inputs) const {
    const auto with = [](const char* f, Value x, std::vector<std::pair<std::string, Value>> more = {}) {
      more.insert(more.begin(), {"input", std::move(x)});
      return ninefold::call(f, more);
    };
    Value x = tensor_like(inputs, name(), DType::string);
    const std::string* how = options.standardize.get<std::string>();
    if (how && how->starts_with("lower")) x = with("tf.strings.lower", x);
    if (how && how->ends_with("strip_punctuation")) x = with("tf.strings.regex_replace", x, {{"pattern", kPunctuation}, {"rewrite", ""}});
    if (const Method* own = overridden("standardize")) x = (*own)({x}, {});
    if (!options.split.none()) {
      const Tensor* t = x.get<Tensor>();
      const Shape shape = t ? t->shape() : Ragged::of(x) ? Ragged::of(x)->shape() : Shape::unknown();
      if (shape.known_rank() && shape.rank() > 1) {
        check(shape.dim(-1) == 1, Code::value, "When using `TextVectorization` to tokenize strings, the input rank must be 1 or the last shape "
              "dimension must be 1. Received: inputs.shape={} with rank={}", shape.tuple(), shape.rank());
        x = with("tf.squeeze", x, {{"axis", -1}});
      }
      const std::string* by = options.split.get<std::string>();
      if (const Method* own = overridden("split")) x = (*own)({x}, {});
      else if (by && *by == "whitespace") x = with("tf.strings.split", x);
      else x = with("tf.strings.unicode_split", x, {{"input_encoding", "UTF-8"}});
    }
    if (!options.ngrams.none()) {
      ValueList widths(widths_.begin(), widths_.end());
      x = ninefold::call("tf.strings.ngrams", {{"data", x}, {"ngram_width", widths}, {"separator", " "}});
    }
    return x;
  }
  // The last axis cut or filled with zeros to `length`.
  static Tensor padded(const Tensor& x, int64_t length) {
    const int rank = x.rank();
    std::vector<int64_t> zeros(static_cast<size_t>(rank), 0), sizes(static_cast<size_t>(rank), -1);
    const Tensor wide = op("Pad", {x, Tensor::of<int32_t>({rank, 2}, [&] {
      std::vector<int32_t> by(static_cast<size_t>(rank) * 2, 0);
      by.back() = static_cast<int32_t>(length);
      return by;
    }())});
    sizes.back() = length;
    return op("Slice", {wide, ints(zeros), ints(sizes)});
  }

  Lookup lookup_;
  std::vector<int64_t> widths_;
  std::optional<bool> adapts_;
};
const LayerClass<TextVectorizationLayer> text_vectorization_layer = {{"TextVectorization"}, "Texts -> the places of their words in a vocabulary.", [] {
  using O = TextVectorizationOptions;
  return Schema<O>().field("max_tokens", &O::max_tokens).field("standardize", &O::standardize).field("split", &O::split)
      .field("ngrams", &O::ngrams).field("output_mode", &O::output_mode).field("output_sequence_length", &O::output_sequence_length)
      .field("pad_to_max_tokens", &O::pad_to_max_tokens).field("vocabulary", &O::vocabulary).field("idf_weights", &O::idf_weights)
      .field("sparse", &O::sparse).field("ragged", &O::ragged);
}, "VocabularyLayer"};

}  // namespace

LayerPtr TextVectorization(TextVectorizationOptions o) { return text_vectorization_layer(std::move(o)); }

}  // namespace ninefold::keras
