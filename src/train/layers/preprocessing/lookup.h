// In: terms: given, in a file, or counted in data. Out: a vocabulary of them, and lookups in it: what StringLookup,
// IntegerLookup and TextVectorization have in common.
#pragma once

#include <unordered_map>

#include "ninefold/layers.h"
#include "ninefold/saved_model.h"

namespace ninefold::keras {

class Lookup {
 public:
  struct Setup {
    std::string layer;                      // the class' name, for messages
    DType terms = DType::string;            // of the vocabulary
    Value max_tokens = {}, mask_token = {}, oov_token = {};
    int64_t num_oov_indices = 1;
    bool invert = false;
    std::string output_mode = "int";
    bool sparse = false, pad_to_max_tokens = false;
    DType variable = DType::i64, compute = DType::i64;   // the layer's dtypes
    bool given = false;                     // the vocabulary came with the constructor: nothing to adapt
  };
  // Raises Keras' errors for options that do not go together.
  void set_up(Setup setup);
  // The variables that Keras makes: of "tf_idf" the weights.
  void add_weights(Layer& layer);

  void set_vocabulary(const Value& vocabulary, const Value& idf_weights);
  ValueList vocabulary(bool include_special_tokens) const;
  int64_t size() const { return terms_.size() + first(); }

  void reset();
  void update(const Value& batch, const std::string& who);
  void finalize();

  Value operator()(const Value& inputs, const std::string& who);
  Shape output_shape(const Shape& in) const;
  const Setup& setup() const { return setup_; }
  VocabularyTable table() const;

 private:
  template <class T> struct Tally { std::unordered_map<T, int64_t> seen, documents; };
  template <class T> void tally(Tally<T>& t, const Tensor& terms, const std::vector<int64_t>& row);
  template <class T> void finalize(Tally<T>& t);
  bool whole() const { return setup_.output_mode == "int"; }
  int64_t first_oov() const { return !setup_.mask_token.none() && whole() ? 1 : 0; }
  int64_t first() const { return first_oov() + setup_.num_oov_indices; }
  DType key() const { return setup_.invert ? setup_.variable : setup_.terms; }
  DType value() const { return setup_.invert ? setup_.terms : whole() ? setup_.variable : DType::i64; }
  Tensor term(const Value& token) const;   // a scalar of the vocabulary's dtype
  void make_table(Tensor terms);
  void set_idf(const Tensor& weights);
  void freeze_size();
  Tensor look_up(const Tensor& keys) const;
  Tensor places() const;                   // of the terms

  Setup setup_;
  Tensor terms_ = Tensor::zeros(DType::i64, {0});   // without special tokens, in the order of their places
  Tensor table_, fallback_;
  int64_t frozen_ = -1;                   // the size that a call with counts has relied on
  Variable idf_weights_;
  Tensor idf_;                            // the value that calls use: as it was when it was set
  Tally<std::string> texts_;
  Tally<int64_t> numbers_;
  int64_t documents_ = 0;
};

// What layers with a vocabulary are besides.
class HasLookup {
 public:
  virtual ~HasLookup() = default;
  virtual const Lookup& lookup() const = 0;
};

}  // namespace ninefold::keras
