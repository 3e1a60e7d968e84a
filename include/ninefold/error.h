// In: what went wrong. Out: one typed exception, which Python turns into TensorFlow's class.
// Two failures, never mixed: check() is the user's fault, invariant() is ours (base/invariant.h).
#pragma once

#include <exception>
#include <string>

#if defined(NINEFOLD_BUILDING)
#define NINEFOLD_API __attribute__((visibility("default")))
#else
#define NINEFOLD_API
#endif

namespace ninefold {

// The first seventeen are tf.errors by their canonical numbers; the rest are Python's own classes.
enum class Code : int {
  ok = 0, cancelled = 1, unknown = 2, invalid_argument = 3, deadline_exceeded = 4, not_found = 5,
  already_exists = 6, permission_denied = 7, resource_exhausted = 8, failed_precondition = 9,
  aborted = 10, out_of_range = 11, unimplemented = 12, internal = 13, unavailable = 14,
  data_loss = 15, unauthenticated = 16,
  value = 100, type, attribute, key, index, runtime, not_implemented, os, stop_iteration,
  operator_not_allowed,  // tf.errors.OperatorNotAllowedInGraphError, a TypeError
  foreign,               // an exception of the host language passes through; see Error::payload
};

class NINEFOLD_API Error : public std::exception {
 public:
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  Code code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  // Adds one phrase, as each layer of a call may: "fit: layer dense_1: ...".
  Error within(const std::string& phrase) const { return Error(code_, phrase + ": " + message_); }

 private:
  Code code_;
  std::string message_;
};

}  // namespace ninefold
