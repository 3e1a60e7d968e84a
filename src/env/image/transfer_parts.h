// In: what push and pull both need. Out: media types, a tally of bytes, errors as Results. Private to this room.
#pragma once

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "env/image/transfer.h"

namespace ninefold::env::image {

inline constexpr const char* kBesideType = "application/vnd.ninefold.lock.v1";
inline constexpr const char* kLockType = "application/vnd.ninefold.lock.v1+json";
inline constexpr const char* kInputType = "application/vnd.ninefold.input.v1";
inline constexpr const char* kPlainLayer = "application/vnd.oci.image.layer.v1.tar";

// What is to be moved, and how far it has come.
class Tally {
 public:
  explicit Tally(const OnMoved& moved) : moved_(moved) {}
  void expect(std::uint64_t bytes) { total_ += bytes; }
  void at(std::uint64_t of_this_blob) const {
    if (moved_) moved_(std::min(done_ + of_this_blob, total_), total_);
  }
  void finished(std::uint64_t bytes) {
    done_ += bytes;
    at(0);
  }

 private:
  const OnMoved& moved_;
  std::uint64_t total_ = 0, done_ = 0;
};

inline std::uint64_t file_size(const std::string& operation, const std::string& path) {
  struct stat status {};
  check(::stat(path.c_str(), &status) == 0, Code::not_found, "{}: {} is missing; `ninefold verify` tells what else", operation, path);
  return static_cast<std::uint64_t>(status.st_size);
}

inline nlohmann::ordered_json descriptor_json(const char* type, const std::string& digest, std::uint64_t size) {
  return {{"mediaType", type}, {"digest", digest}, {"size", size}};
}

// What a registry says may be JSON of any shape.
template <class T, class Body>
Result<T> told(const std::string& operation, Body body) {
  try {
    return body();
  } catch (const Error& error) {
    return error;
  } catch (const nlohmann::json::exception& error) {
    return Error(Code::data_loss, fmt::format("{}: the registry's answer is malformed: {}", operation, error.what()));
  }
}

}  // namespace ninefold::env::image
