// In: a profile (engine/profile). Out: the bytes of its files.
#pragma once

#include <string>

#include "engine/profile/session.h"

namespace ninefold::io {

// TensorFlow's XSpace message (tensorflow/core/profiler/protobuf/xplane.proto).
std::string encode_space(const profile::Space& space, const std::string& host);
// The JSON of chrome://tracing and Perfetto, times in microseconds; at most `most` spans, the longest.
std::string trace_json(const profile::Space& space, size_t most = 1000000);

}  // namespace ninefold::io
