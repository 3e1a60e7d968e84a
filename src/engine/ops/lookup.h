// In: keys and values. Out: a table of them: what a handle of tf.lookup's tables holds.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tensor/resource.h"

namespace ninefold::ops {

// Keys are strings or integers, or numbers taken by their bits; a value is a row of `value_shape`. Rows stand in the
// order in which they came, which is the order of `keys` and `values`.
class LookupTable final : public Resource {
 public:
  struct Form {
    DType key = DType::string, value = DType::i64;
    Shape value_shape;        // of one value
    bool is_static = false;   // filled once
    Tensor empty_key, deleted_key;   // of a dense table: keys that nobody may use; undefined otherwise
    int64_t buckets = 0;             // and how many rows it tells at first, a power of two,
    double load = 0.8;               // of which this part may be taken
  };
  explicit LookupTable(Form form) : form_(std::move(form)) {}
  const char* kind() const override { return form_.is_static ? "HashTable" : "MutableHashTable"; }
  const Form& form() const { return form_; }

  // Filled for good. Raises FailedPreconditionError if it is filled with anything else already, and for a key that comes
  // with two values.
  void initialize(const Tensor& keys, const Tensor& values);
  void insert(const Tensor& keys, const Tensor& values);   // overwrites
  void import(const Tensor& keys, const Tensor& values);   // these and no others
  void remove(const Tensor& keys);
  // [keys..., value_shape...]; `fallback` is one value, or one for each key.
  void find(const Tensor& keys, const Tensor& fallback, Tensor& out) const;
  int64_t size() const;
  bool initialized() const;
  // All keys and values; of a dense table as TensorFlow's has them in its buckets: [buckets, 1] keys, the free ones empty.
  std::pair<Tensor, Tensor> exported() const;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  static constexpr size_t kNone = static_cast<size_t>(-1);
  size_t place_of(const Tensor& keys, int64_t i) const;    // kNone if it is not there
  void put(const Tensor& keys, int64_t i, const Tensor& values, bool may_differ);
  void require_form(const Tensor& keys, const Tensor& values) const;
  void require_usable(const Tensor& keys) const;           // none of the keys of a dense table that nobody may use
  void clear();
  std::pair<Tensor, Tensor> rows() const;                  // the lock is held
  std::pair<Tensor, Tensor> in_buckets() const;
  bool same_key(const Tensor& a, int64_t i, const Tensor& b) const;
  bool dense() const { return form_.empty_key.defined(); }
  int64_t row_size() const { return form_.value_shape.size(); }
  int64_t number(const Tensor& keys, int64_t i) const;     // a key that is no string, as its bits

  const Form form_;
  mutable std::shared_mutex mutex_;                        // guards what follows
  bool filled_ = false;
  std::unordered_map<int64_t, size_t> by_number_;
  std::unordered_map<std::string, size_t, Hash, std::equal_to<>> by_text_;
  std::vector<int64_t> numbers_;                           // keys by place
  std::vector<std::string> texts_;
  std::vector<char> bytes_;                                // values by place
  std::vector<std::string> strings_;
  std::vector<bool> gone_;                                 // removed: its place is free
  std::vector<size_t> free_;
};

}  // namespace ninefold::ops
