// In: a value or what went wrong. Out: one object that carries either, for code that does not throw.
// The environment half returns Result; the training half calls value(), which throws the Error it holds.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "ninefold/error.h"

namespace ninefold {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  const Error& error() const { return std::get<1>(state_); }
  T& value() & { return throw_if_error(), std::get<0>(state_); }
  const T& value() const& { return throw_if_error(), std::get<0>(state_); }
  T value() && { return throw_if_error(), std::get<0>(std::move(state_)); }
  // Adds one phrase to the error, if there is one: `return open(path).within("load_weights")`.
  Result within(const std::string& phrase) && {
    if (ok()) return std::move(*this);
    return error().within(phrase);
  }

 private:
  void throw_if_error() const {
    if (!ok()) throw std::get<1>(state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return ok(); }
  const Error& error() const { return error_.value(); }
  void value() const {
    if (error_) throw *error_;
  }
  Result within(const std::string& phrase) && {
    if (ok()) return {};
    return error_->within(phrase);
  }

 private:
  std::optional<Error> error_;
};

// What errno means to a user: "save x.h5: no space left on the device (ENOSPC); free some space ...".
// Codes: ENOENT not_found, EACCES/EPERM/EROFS permission_denied, ENOSPC/EDQUOT/EFBIG/EMFILE
// resource_exhausted, EEXIST already_exists, everything else os.
Error errno_error(int number, const std::string& phrase);

}  // namespace ninefold
