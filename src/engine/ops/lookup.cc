// In: keys and values as tensors. Out: tables of them, filled, asked, changed, told.
#include "engine/ops/lookup.h"

#include <cstring>

#include "base/check.h"
#include "engine/ops/fingerprint.h"

namespace ninefold::ops {
namespace {

std::string element(const Tensor& t, int64_t i) {
  switch (t.dtype()) {
    case DType::string: return t.as<std::string>()[i];
    case DType::boolean: return t.as<bool>()[i] ? "1" : "0";
    default: return is_floating(t.dtype()) ? fmt::format("{}", t.float_at(i)) : std::to_string(t.int_at(i));
  }
}

void copy_elements(const Tensor& from, int64_t i, Tensor& to, int64_t at, int64_t count) {
  if (!is_plain(from.dtype())) {
    std::copy_n(from.as<std::string>() + i, count, static_cast<std::string*>(to.writable()) + at);
    return;
  }
  const size_t size = size_of(from.dtype());
  std::memcpy(static_cast<char*>(to.writable()) + static_cast<size_t>(at) * size, static_cast<const char*>(from.data()) + static_cast<size_t>(i) * size,
              static_cast<size_t>(count) * size);
}

}  // namespace

int64_t LookupTable::number(const Tensor& keys, int64_t i) const {
  if (is_integer(form_.key)) return keys.int_at(i);
  if (form_.key == DType::boolean) return keys.as<bool>()[i];
  const double v = keys.float_at(i) + 0.0;   // -0 is 0
  int64_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  return bits;
}

size_t LookupTable::place_of(const Tensor& keys, int64_t i) const {
  if (form_.key == DType::string) {
    const auto at = by_text_.find(std::string_view(keys.as<std::string>()[i]));
    return at == by_text_.end() ? kNone : at->second;
  }
  const auto at = by_number_.find(number(keys, i));
  return at == by_number_.end() ? kNone : at->second;
}

void LookupTable::require_form(const Tensor& keys, const Tensor& values) const {
  check(keys.dtype() == form_.key && values.dtype() == form_.value,
        "Key must be type {} and value must be type {}, but got {} and {}", short_name(form_.key), short_name(form_.value),
        short_name(keys.dtype()), short_name(values.dtype()));
  const Shape expected = keys.shape().concat(form_.value_shape);
  check(values.shape() == expected, "Expected shape {} for value, got {}", expected.str(), values.shape().str());
}

bool LookupTable::same_key(const Tensor& a, int64_t i, const Tensor& b) const {
  return form_.key == DType::string ? a.as<std::string>()[i] == *b.as<std::string>() : number(a, i) == number(b, 0);
}

void LookupTable::require_usable(const Tensor& keys) const {
  if (!dense()) return;
  for (int64_t i = 0; i < keys.size(); ++i) {
    check(!same_key(keys, i, form_.empty_key), "Using the empty_key as a table key is not allowed");
    check(!same_key(keys, i, form_.deleted_key), "Using the deleted_key as a table key is not allowed");
  }
}

void LookupTable::put(const Tensor& keys, int64_t i, const Tensor& values, bool may_differ) {
  const int64_t each = row_size();
  const size_t bytes = is_plain(form_.value) ? static_cast<size_t>(each) * size_of(form_.value) : 0;
  size_t place = place_of(keys, i);
  if (place != kNone && !may_differ) {
    const bool same = bytes ? std::memcmp(&bytes_[place * bytes], static_cast<const char*>(values.data()) + static_cast<size_t>(i) * bytes, bytes) == 0
                            : strings_[place] == values.as<std::string>()[i];
    std::string before = bytes ? element(Tensor::copy_of(form_.value, {}, &bytes_[place * bytes], 1), 0) : strings_[place];
    check(same, Code::failed_precondition, "HashTable has different value for same key. Key {} has {} and trying to add value {}", element(keys, i), before,
          element(values, i));
    return;
  }
  if (place == kNone) {
    if (!free_.empty()) {
      place = free_.back();
      free_.pop_back();
      gone_[place] = false;
    } else {
      place = gone_.size();
      gone_.push_back(false);
      if (form_.key == DType::string) texts_.emplace_back();
      else numbers_.push_back(0);
      if (is_plain(form_.value)) bytes_.resize(bytes_.size() + bytes);
      else strings_.resize(strings_.size() + static_cast<size_t>(each));
    }
    if (form_.key == DType::string) {
      texts_[place] = keys.as<std::string>()[i];
      by_text_.emplace(texts_[place], place);
    } else {
      numbers_[place] = number(keys, i);
      by_number_.emplace(numbers_[place], place);
    }
  }
  if (is_plain(form_.value)) {
    if (bytes) std::memcpy(&bytes_[place * bytes], static_cast<const char*>(values.data()) + static_cast<size_t>(i) * bytes, bytes);
  } else {
    std::copy_n(values.as<std::string>() + i * each, each, strings_.begin() + static_cast<std::ptrdiff_t>(place) * each);
  }
}

void LookupTable::clear() {
  by_number_.clear();
  by_text_.clear();
  numbers_.clear();
  texts_.clear();
  bytes_.clear();
  strings_.clear();
  gone_.clear();
  free_.clear();
}

void LookupTable::initialize(const Tensor& keys, const Tensor& values) {
  require_form(keys, values);
  std::unique_lock hold(mutex_);
  if (filled_) {   // a second time with the same is no fault
    bool same = keys.size() >= static_cast<int64_t>(by_number_.size() + by_text_.size());
    for (int64_t i = 0; same && i < keys.size(); ++i) same = place_of(keys, i) != kNone;
    check(same, Code::failed_precondition, "Table already initialized.");
    for (int64_t i = 0; i < keys.size(); ++i) put(keys, i, values, false);
    return;
  }
  try {
    for (int64_t i = 0; i < keys.size(); ++i) put(keys, i, values, false);
  } catch (...) {
    clear();
    throw;
  }
  filled_ = true;
}

void LookupTable::insert(const Tensor& keys, const Tensor& values) {
  require_form(keys, values);
  require_usable(keys);
  std::unique_lock hold(mutex_);
  for (int64_t i = 0; i < keys.size(); ++i) put(keys, i, values, true);
}

void LookupTable::import(const Tensor& keys, const Tensor& values) {
  if (form_.is_static) return initialize(keys, values);
  if (!dense() || keys.rank() != 2) require_form(keys, values);
  else
    check(keys.dtype() == form_.key && values.dtype() == form_.value && keys.dim(1) == 1 && values.rank() > 0 && values.dim(0) == keys.dim(0) &&
              values.size() == keys.size() * row_size(),
          "Expected the buckets of a dense table: keys of shape [n, 1] and as many values, got shapes {} and {}", keys.shape().str(),
          values.shape().str());
  std::unique_lock hold(mutex_);
  clear();
  for (int64_t i = 0; i < keys.size(); ++i)
    if (!dense() || (!same_key(keys, i, form_.empty_key) && !same_key(keys, i, form_.deleted_key))) put(keys, i, values, true);
}

void LookupTable::remove(const Tensor& keys) {
  check(keys.dtype() == form_.key, "Key must be type {} but got {}", short_name(form_.key), short_name(keys.dtype()));
  require_usable(keys);
  std::unique_lock hold(mutex_);
  for (int64_t i = 0; i < keys.size(); ++i) {
    const size_t place = place_of(keys, i);
    if (place == kNone) continue;
    if (form_.key == DType::string) by_text_.erase(texts_[place]), texts_[place].clear();
    else by_number_.erase(numbers_[place]);
    gone_[place] = true;
    free_.push_back(place);
  }
}

void LookupTable::find(const Tensor& keys, const Tensor& fallback, Tensor& out) const {
  const int64_t each = row_size(), n = keys.size();
  require_usable(keys);
  std::shared_lock hold(mutex_);
  check(!form_.is_static || filled_, Code::failed_precondition, "Table not initialized.");
  const bool one = fallback.size() == each && (n != 1 || fallback.shape() == form_.value_shape);
  for (int64_t i = 0; i < n; ++i) {
    const size_t place = place_of(keys, i);
    const int64_t other = one ? 0 : i * each;
    if (is_plain(form_.value)) {
      const size_t size = size_of(form_.value), bytes = static_cast<size_t>(each) * size;
      if (!bytes) continue;
      const char* from = place == kNone ? static_cast<const char*>(fallback.data()) + static_cast<size_t>(other) * size : &bytes_[place * bytes];
      std::memcpy(static_cast<char*>(out.writable()) + static_cast<size_t>(i) * bytes, from, bytes);
    } else {
      const std::string* from = place == kNone ? fallback.as<std::string>() + other : &strings_[place * static_cast<size_t>(each)];
      std::copy_n(from, each, static_cast<std::string*>(out.writable()) + i * each);
    }
  }
}

int64_t LookupTable::size() const {
  std::shared_lock hold(mutex_);
  return static_cast<int64_t>(gone_.size() - free_.size());
}
bool LookupTable::initialized() const {
  std::shared_lock hold(mutex_);
  return filled_ || !form_.is_static;
}

std::pair<Tensor, Tensor> LookupTable::exported() const {
  std::shared_lock hold(mutex_);
  return dense() ? in_buckets() : rows();
}

// A key lies in the bucket of its hash, or where steps of 1, 2, 3, ... from there find a free one: a reader looks for it so.
std::pair<Tensor, Tensor> LookupTable::in_buckets() const {
  const auto [keys, values] = rows();
  const int64_t n = keys.size(), each = row_size();
  int64_t buckets = form_.buckets;
  while (static_cast<double>(n) > static_cast<double>(buckets) * form_.load) buckets *= 2;
  std::vector<int32_t> row_of(static_cast<size_t>(buckets), static_cast<int32_t>(n));     // n: the empty key's
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t hash = form_.key == DType::string ? murmur_hash(keys.as<std::string>()[i])
                          : is_integer(form_.key)    ? static_cast<uint64_t>(keys.int_at(i))
                                                     : static_cast<uint64_t>(static_cast<int64_t>(keys.float_at(i)));
    size_t at = hash & static_cast<uint64_t>(buckets - 1);
    for (size_t step = 1; row_of[at] != n; ++step) at = (at + step) & static_cast<size_t>(buckets - 1);
    row_of[at] = static_cast<int32_t>(i);
  }
  Tensor all_keys = Tensor::empty(form_.key, {buckets, 1});
  Tensor all_values = Tensor::zeros(form_.value, form_.value_shape.rank() ? Shape({buckets}).concat(form_.value_shape) : Shape({buckets, each}));
  for (int64_t b = 0; b < buckets; ++b) {
    const int32_t row = row_of[static_cast<size_t>(b)];
    copy_elements(row == n ? form_.empty_key : keys, row == n ? 0 : row, all_keys, b, 1);
    if (row != n) copy_elements(values, row * each, all_values, b * each, each);
  }
  return {all_keys, all_values};
}

std::pair<Tensor, Tensor> LookupTable::rows() const {
  const int64_t n = static_cast<int64_t>(gone_.size() - free_.size()), each = row_size();
  Tensor keys = Tensor::empty(form_.key, {n}), values = Tensor::empty(form_.value, Shape({n}).concat(form_.value_shape));
  int64_t at = 0;
  for (size_t place = 0; place < gone_.size(); ++place) {
    if (gone_[place]) continue;
    const auto put_number = [&]<class T>(T) { static_cast<T*>(keys.writable())[at] = static_cast<T>(numbers_[place]); };
    const auto put_bits = [&]<class T>(T) {
      double v;
      std::memcpy(&v, &numbers_[place], sizeof v);
      static_cast<T*>(keys.writable())[at] = static_cast<T>(v);
    };
    switch (form_.key) {
      case DType::string: static_cast<std::string*>(keys.writable())[at] = texts_[place]; break;
      case DType::i64: put_number(int64_t{}); break;
      case DType::i32: put_number(int32_t{}); break;
      case DType::f32: put_bits(float{}); break;
      default: put_bits(double{}); break;
    }
    if (is_plain(form_.value)) {
      const size_t bytes = static_cast<size_t>(each) * size_of(form_.value);
      if (bytes) std::memcpy(static_cast<char*>(values.writable()) + static_cast<size_t>(at) * bytes, &bytes_[place * bytes], bytes);
    } else {
      std::copy_n(&strings_[place * static_cast<size_t>(each)], each, static_cast<std::string*>(values.writable()) + at * each);
    }
    ++at;
  }
  return {keys, values};
}

}  // namespace ninefold::ops
