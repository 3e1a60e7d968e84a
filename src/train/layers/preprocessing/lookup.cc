// In: a vocabulary and terms. Out: the places of terms, or terms of places, as Keras' lookup layers tell them.
#include "train/layers/preprocessing/lookup.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <numeric>
#include <set>

#include "base/check.h"
#include "engine/op/scope.h"
#include "train/layers/preprocessing/encode.h"
#include "train/layers/preprocessing/listed.h"
#include "train/layers/schema.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// As Python prints a term in a list.
std::string said(const Tensor& terms, int64_t i) {
  return terms.dtype() == DType::string ? "'" + terms.as<std::string>()[i] + "'" : std::to_string(terms.int_at(i));
}
std::string said(const Value& token) {
  if (token.none()) return "None";
  if (const std::string* s = token.get<std::string>()) return "'" + *s + "'";
  return std::to_string(As<int64_t>::from(token, "token"));
}
std::string list_of(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return "[" + out + "]";
}
std::string bare(const Value& token) {
  const std::string* s = token.get<std::string>();
  return s ? *s : said(token);
}
bool same(const Tensor& terms, int64_t i, const Tensor& term) {
  return terms.dtype() == DType::string ? terms.as<std::string>()[i] == *term.as<std::string>() : terms.int_at(i) == term.int_at(0);
}
Tensor slice_from(const Tensor& terms, int64_t begin) {
  return op("Slice", {terms, ints({begin}), ints({-1})});
}
const std::string& as_term(const Tensor& t, int64_t i, std::string) { return t.as<std::string>()[i]; }
int64_t as_term(const Tensor& t, int64_t i, int64_t) { return t.int_at(i); }
Tensor tensor_of(const std::vector<std::string>& terms, DType) {
  return Tensor::of_strings({static_cast<int64_t>(terms.size())}, terms);
}
Tensor tensor_of(const std::vector<int64_t>& terms, DType d) {
  return cast(Tensor::of<int64_t>({static_cast<int64_t>(terms.size())}, terms), d);
}
// Tables and weights are made now, within a trace too.
struct Eagerly {
  Pushed<Tracer*> eager{scope().tracers, nullptr};
  NoRecording quiet;
};
// The lines of a file, in the vocabulary's dtype.
Tensor terms_of_file(const std::string& file, DType dtype) {
  const Tensor table = op("HashTableV2", {}, {{"key_dtype", dtype}, {"value_dtype", DType::i64}});
  const Tensor in[] = {table, Tensor::of_string(file)};
  const NamedAttr columns[] = {{"key_index", -2}, {"value_index", -1}};
  op_all("InitializeTableFromTextFileV2", in, columns);
  const NamedAttr types[] = {{"Tkeys", dtype}, {"Tvalues", DType::i64}};
  const Tensors rows = op_all("LookupTableExportV2", {in, 1}, types);
  std::vector<int32_t> order(static_cast<size_t>(rows[0].size()));
  for (int64_t i = 0; i < rows[1].size(); ++i) order[static_cast<size_t>(rows[1].int_at(i))] = static_cast<int32_t>(i);
  return op("GatherV2", {rows[0], Tensor::of<int32_t>({rows[0].size()}, order), Tensor(int32_t{0})});
}

}  // namespace

void Lookup::set_up(Setup given) {
  Setup& s = setup_ = std::move(given);
  const int64_t most = s.max_tokens.none() ? -1 : As<int64_t>::from(s.max_tokens, "max_tokens");
  check(s.max_tokens.none() || most > 1, Code::value, "If set, `max_tokens` must be greater than 1. Received: max_tokens={}", most);
  check(!s.pad_to_max_tokens || !s.max_tokens.none(), Code::value,
        "If pad_to_max_tokens is True, must set `max_tokens`. Received: max_tokens=None");
  check(s.num_oov_indices >= 0, Code::value, "`num_oov_indices` must be greater than or equal to 0. Received: num_oov_indices={}",
        s.num_oov_indices);
  if (s.output_mode == "binary") s.output_mode = "multi_hot";   // their old names
  if (s.output_mode == "tf-idf") s.output_mode = "tf_idf";
  check_output_mode(s.output_mode, {"int", "one_hot", "multi_hot", "count", "tf_idf"}, s.layer);
  check(!s.invert || whole(), Code::value, "`output_mode` must be `'int'` when `invert` is true. Received: output_mode={}", s.output_mode);
  check(!s.sparse || !whole(), Code::value, "`sparse` may only be true if `output_mode` is `'one_hot'`, `'multi_hot'`, `'count'` or "
        "`'tf_idf'`. Received: sparse=True and output_mode={}", s.output_mode);
  terms_ = Tensor::zeros(s.terms, {0});
}

void Lookup::add_weights(Layer& layer) {
  const Setup& s = setup_;
  Eagerly now;
  if (s.invert) {
    check(!s.oov_token.none(), Code::value, "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.");
    fallback_ = cast(term(s.oov_token), value());
  } else {
    fallback_ = number(static_cast<double>(s.num_oov_indices == 1 ? first_oov() : -1), value());
  }
  table_ = op("HashTableV2", {}, {{"key_dtype", key()}, {"value_dtype", value()}});
  if (s.output_mode != "tf_idf") return;
  idf_ = Tensor::zeros(s.compute, {first()});
  idf_weights_ = Variable(idf_, {.trainable = false, .shape = {-1}});
  layer.track(Weight{idf_weights_, nullptr, nullptr, false});
}

Tensor Lookup::term(const Value& token) const {
  return setup_.terms == DType::string ? to_tensor(token, DType::string, setup_.layer) : to_tensor(token, setup_.terms, setup_.layer);
}

void Lookup::make_table(Tensor terms) {
  Eagerly now;
  terms_ = std::move(terms);
  const Tensor at = places();
  table_ = op("HashTableV2", {}, {{"key_dtype", key()}, {"value_dtype", value()}});
  const Tensor in[] = {table_, setup_.invert ? at : terms_, setup_.invert ? terms_ : at};
  op_all("LookupTableImportV2", in);
}

Tensor Lookup::places() const {
  const DType d = setup_.invert ? key() : value();
  return op("Range", {number(static_cast<double>(first()), d), number(static_cast<double>(first() + terms_.size()), d), number(1, d)});
}

VocabularyTable Lookup::table() const {
  Eagerly now;
  const Tensor at = places();
  return {table_, setup_.invert ? at : terms_, setup_.invert ? terms_ : at, fallback_};
}

VocabularyTable vocabulary_table(const Layer& layer) {
  const auto* has = dynamic_cast<const HasLookup*>(&layer);
  check(has, Code::type, "vocabulary_table: expected a layer with a vocabulary, got {}", layer.class_name());
  return has->lookup().table();
}

void Lookup::set_idf(const Tensor& weights) {
  idf_ = weights;
  idf_weights_.assign(weights);
}

void Lookup::set_vocabulary(const Value& vocabulary, const Value& idf_weights) {
  const Setup& s = setup_;
  const bool tf_idf = s.output_mode == "tf_idf";
  check(tf_idf || idf_weights.none(), Code::value, "`idf_weights` should only be set if output_mode is `'tf_idf'`. Received: output_mode={} "
        "and idf_weights={}", s.output_mode, shown(idf_weights));
  Eagerly now;
  if (const std::string* file = vocabulary.get<std::string>()) {
    check(std::filesystem::exists(*file), Code::value, "Vocabulary file {} does not exist.", *file);
    check(!tf_idf, Code::value, "output_mode `'tf_idf'` does not support loading a vocabulary from file.");
    return make_table(terms_of_file(*file, s.terms));
  }
  const ValueList* list = vocabulary.get<ValueList>();
  const Tensor* given = vocabulary.get<Tensor>();
  check(!given || !given->symbolic(), Code::runtime, "Cannot set a tensor vocabulary on {0} layer when not executing eagerly. Create this "
        "layer or call `set_vocabulary` outside of any `tf.function`s and with eager execution enabled.", s.layer);
  check(!list || !list->empty(), Code::value, "Cannot set an empty vocabulary, you passed [].");
  Tensor all = given ? cast(*given, s.terms) : to_tensor(vocabulary, s.terms, s.layer);
  check(all.rank() == 1, Code::value, "{}: expected a vocabulary of rank 1, got shape {}", s.layer, all.shape().tuple());
  check(all.size() > 0, Code::value, "Cannot set an empty vocabulary, you passed [].");

  std::vector<std::string> special(static_cast<size_t>(first_oov()), said(s.mask_token));
  special.insert(special.end(), static_cast<size_t>(s.num_oov_indices), said(s.oov_token));
  bool found = all.size() >= first();
  for (int64_t i = 0; found && i < first(); ++i) {
    const Value& token = i < first_oov() ? s.mask_token : s.oov_token;
    found = !token.none() && same(all, i, term(token));
  }
  const Tensor terms = found && first() > 0 ? slice_from(all, first()) : all;

  std::set<std::string> once, repeated;
  std::vector<std::string> listed;
  for (int64_t i = 0; i < terms.size(); ++i)
    if (const std::string t = said(terms, i); !once.insert(t).second && repeated.insert(t).second) listed.push_back(t);
  check(listed.empty(), Code::value, "The passed vocabulary has at least one repeated term. Please uniquify your dataset. The repeated terms "
        "are {}", list_of(listed));
  const auto misplaced = [&](const Value& token, const char* what, const char* field) {
    if (token.none()) return;
    const Tensor t = term(token);
    int64_t last = -1;
    bool among = false;
    for (int64_t i = 0; i < all.size(); ++i)
      if (same(all, i, t)) last = i;
    for (int64_t i = 0; i < terms.size(); ++i) among |= same(terms, i, t);
    check(!among, Code::value, "Found reserved {} token at unexpected location in `vocabulary`. Note that passed `vocabulary` does not need "
          "to include the OOV and mask tokens. Either remove all mask and OOV tokens, or include them only at the start of the vocabulary in "
          "precisely this order: {}. Received: {}={} at vocabulary index [{}]", what, list_of(special), field, bare(token), last);
  };
  misplaced(s.mask_token, "mask", "mask_token");
  if (s.invert) misplaced(s.oov_token, "OOV", "oov_token");   // else the OOV token takes no part in lookups
  const int64_t size = first() + terms.size(), most = s.max_tokens.none() ? size : As<int64_t>::from(s.max_tokens, "max_tokens");
  check(size <= most, Code::value, "Attempted to set a vocabulary larger than the maximum vocab size. Passed vocab size is {}, max vocab size "
        "is {}.", size, most);
  make_table(terms);
  if (!tf_idf) return;

  check(!idf_weights.none(), Code::value, "`idf_weights` must be set if output_mode is TF_IDF");
  const Tensor weights = idf_weights.get<Tensor>() ? *idf_weights.get<Tensor>() : to_tensor(idf_weights, DType::invalid, s.layer);
  check(weights.rank() > 0 && weights.dim(0) == all.size(), Code::value, "`idf_weights` must be the same length as vocabulary. len(idf_weights) "
        "is {}, len(vocabulary) is {}", all.size(), weights.rank() ? weights.dim(0) : 0);   // Keras names them the wrong way round
  check(weights.rank() == 1, Code::value, "TF-IDF data must be a 1-index array, but received <class 'numpy.ndarray'>");
  // What stands for the special tokens is the mean of all weights; padding weighs nothing.
  std::vector<double> padded;
  if (!found) {
    double sum = 0;
    for (int64_t i = 0; i < weights.size(); ++i) sum += weights.float_at(i);
    padded.assign(static_cast<size_t>(first()), sum / static_cast<double>(weights.size()));
  }
  for (int64_t i = 0; i < weights.size(); ++i) padded.push_back(weights.float_at(i));
  if (s.pad_to_max_tokens) padded.resize(static_cast<size_t>(most), 0.0);
  set_idf(cast(Tensor::of<double>({static_cast<int64_t>(padded.size())}, padded), s.compute));
}

ValueList Lookup::vocabulary(bool include_special_tokens) const {
  ValueList out;
  if (include_special_tokens) {
    if (first_oov()) out.push_back(setup_.mask_token);
    out.insert(out.end(), static_cast<size_t>(setup_.num_oov_indices), setup_.oov_token);
  }
  for (int64_t i = 0; i < terms_.size(); ++i)
    out.push_back(terms_.dtype() == DType::string ? Value(terms_.as<std::string>()[i]) : Value(terms_.int_at(i)));
  return out;
}

// ---- learning ----

template <class T>
void Lookup::tally(Tally<T>& t, const Tensor& terms, const std::vector<int64_t>& row) {
  std::set<T> here;
  for (int64_t i = 0; i < terms.size(); ++i) {
    const T& term = as_term(terms, i, T());
    ++t.seen[term];
    if (i && row[static_cast<size_t>(i)] != row[static_cast<size_t>(i) - 1]) here.clear();
    if (here.insert(term).second) ++t.documents[term];
  }
}

void Lookup::update(const Value& batch, const std::string& who) {
  check(!setup_.given, Code::value, "Cannot adapt {} layer after setting a static vocabulary via init argument or `set_vocabulary`.",
        setup_.layer);
  const Value data = tensor_like(batch, who, setup_.terms);
  Tensor terms;
  std::vector<int64_t> row;   // the document of each term
  if (const RaggedRef r = Ragged::of(data)) {
    terms = r->flat_values();
    Tensor ids = op("Range", {Tensor(int64_t{0}), cast(r->nrows(), DType::i64), Tensor(int64_t{1})});
    for (const Ragged* level = r.get(); level; level = level->inner())
      ids = op("GatherV2", {ids, level->value_rowids(), Tensor(int32_t{0})});
    const int64_t each = ids.size() ? terms.size() / ids.size() : 0;
    for (int64_t id : ids.ints()) row.insert(row.end(), static_cast<size_t>(each), id);
    documents_ += r->nrows().int_at(0);
  } else if (const SparseRef s = Sparse::of(data)) {
    terms = s->values();
    const int64_t rank = s->dense_shape().size();
    for (int64_t i = 0; i < terms.size(); ++i) row.push_back(rank > 1 ? s->indices().int_at(i * rank) : 0);
    documents_ += rank > 1 ? s->dense_shape().int_at(0) : 1;
  } else {
    terms = *data.get<Tensor>();
    const int64_t rows = terms.rank() > 1 ? terms.dim(0) : 1, each = rows ? terms.size() / rows : 0;   // a vector is one document
    for (int64_t i = 0; i < terms.size(); ++i) row.push_back(i / each);
    documents_ += rows;
  }
  if (setup_.terms == DType::string) tally(texts_, terms, row);
  else tally(numbers_, terms, row);
}

template <class T>
void Lookup::finalize(Tally<T>& t) {
  if (t.seen.empty()) return;
  const Setup& s = setup_;
  for (const Value* token : {&s.mask_token, &s.oov_token})
    if (!token->none()) t.seen.erase(as_term(term(*token), 0, T()));
  // The most frequent first; of equally frequent ones the greater.
  std::vector<T> terms;
  for (const auto& [term, count] : t.seen) terms.push_back(term);
  std::sort(terms.begin(), terms.end(), [&](const T& a, const T& b) {
    const int64_t x = t.seen.at(a), y = t.seen.at(b);
    return x != y ? x > y : a > b;
  });
  const int64_t most = s.max_tokens.none() ? std::numeric_limits<int64_t>::max() : As<int64_t>::from(s.max_tokens, "max_tokens") - first();
  if (static_cast<int64_t>(terms.size()) > most) terms.resize(static_cast<size_t>(std::max<int64_t>(most, 0)));
  make_table(tensor_of(terms, s.terms));
  if (s.output_mode == "tf_idf") {
    // log(1 + documents / (1 + documents with the term)), their mean for the special tokens, 0 for padding.
    std::vector<double> idf;
    for (const T& term : terms) idf.push_back(std::log(1.0 + static_cast<double>(documents_) / static_cast<double>(1 + t.documents.at(term))));
    const Tensor own = cast(Tensor::of<double>({static_cast<int64_t>(idf.size())}, idf), s.compute);
    const Tensor mean = reduce("Mean", own, {0}, true);
    const int64_t padding = s.pad_to_max_tokens ? As<int64_t>::from(s.max_tokens, "max_tokens") - first() - own.size() : 0;
    const Tensor parts[] = {op("Tile", {mean, ints({first()})}), own, Tensor::zeros(s.compute, {padding}), Tensor(int32_t{0})};
    set_idf(op_all("ConcatV2", parts).at(0));
  }
  reset();
}
void Lookup::finalize() {
  if (setup_.given) return;
  Eagerly now;
  if (setup_.terms == DType::string) finalize(texts_);
  else finalize(numbers_);
}

void Lookup::reset() {
  if (setup_.given) return;
  texts_ = {};
  numbers_ = {};
  documents_ = 0;
}

// ---- looking up ----

void Lookup::freeze_size() {
  if (whole() || setup_.pad_to_max_tokens) return;
  const std::string when = "When using `output_mode=" + setup_.output_mode + "` and `pad_to_max_tokens=False`, ";
  check(terms_.size() > 0, Code::runtime, "{}you must set the layer's vocabulary before calling it. Either pass a `vocabulary` argument to the "
        "layer, or call `adapt` with some sample data.", when);
  check(frozen_ < 0 || frozen_ == size(), Code::runtime, "{}the vocabulary size cannot be changed after the layer is called. Vocab size is {}, "
        "new vocab size is {}", when, frozen_, size());
  frozen_ = size();
}

Tensor Lookup::look_up(const Tensor& keys) const {
  Tensor found = op("LookupTableFindV2", {table_, keys, fallback_});
  if (keys.shape().known_rank()) found = with_static_shape(found, keys.shape());
  const auto choose = [](const Tensor& where, const Tensor& a, const Tensor& b) { return op("SelectV2", {where, a, b}); };
  if (!setup_.mask_token.none()) {
    const Tensor mask = setup_.invert ? number(0, key()) : term(setup_.mask_token);
    const Tensor instead = setup_.invert ? term(setup_.mask_token)
                           : whole() ? number(0, value()) : Tensor(std::numeric_limits<int64_t>::max());   // counts leave it out
    found = choose(op("Equal", {keys, mask}), instead, found);
  }
  if (setup_.invert) return found;
  if (setup_.num_oov_indices == 0) {
    const Tensor missing = op("Where", {op("Equal", {found, number(-1, value())})});
    const Value text = call("tf.strings.format", {
        {"template", "When `num_oov_indices=0` all inputs should be in vocabulary, found OOV values {}, consider setting `num_oov_indices=1`."},
        {"inputs", ValueList{op("GatherNd", {keys, missing})}}});
    const Tensor data[] = {op("Equal", {op("Size", {missing}), Tensor(int32_t{0})}), *text.get<Tensor>()};
    op_all("Assert", data);
  } else if (setup_.num_oov_indices > 1) {
    Tensor bucket = is_integer(key()) ? op("FloorMod", {keys, number(static_cast<double>(setup_.num_oov_indices), key())})
                                      : op("StringToHashBucketFast", {keys}, {{"num_buckets", setup_.num_oov_indices}});
    bucket = plus(cast(bucket, value()), static_cast<double>(first_oov()));
    found = choose(op("Equal", {found, fallback_}), bucket, found);
  }
  return op("Identity", {found});
}

Value Lookup::operator()(const Value& inputs, const std::string& who) {
  freeze_size();
  const Value keys = tensor_like(inputs, who, key());
  Value found;
  if (const SparseRef s = Sparse::of(keys)) found = Sparse::value(s->with_values(look_up(s->values())));
  else if (const RaggedRef r = Ragged::of(keys)) found = Ragged::value(r->with_flat_values(look_up(r->flat_values())));
  else found = look_up(*keys.get<Tensor>());
  if (whole()) return found;
  const int64_t depth = setup_.pad_to_max_tokens ? As<int64_t>::from(setup_.max_tokens, "max_tokens") : frozen_;
  return encoded(found, {setup_.output_mode, depth, setup_.compute, setup_.sparse, {}, idf_});
}

Shape Lookup::output_shape(const Shape& in) const {
  if (whole()) return in;
  const int64_t depth = setup_.pad_to_max_tokens ? As<int64_t>::from(setup_.max_tokens, "max_tokens") : frozen_;
  return {in.dim(0), depth};
}

}  // namespace ninefold::keras
