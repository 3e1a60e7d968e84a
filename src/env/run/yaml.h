// In: YAML text. Out: the JSON value that it says.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace ninefold::env::run {

// Any bytes, one document, nested 64 deep at most. Plain words are numbers, true, false or null where YAML says so.
Result<nlohmann::ordered_json> parse_yaml(const std::string& text, const std::string& file);

}  // namespace ninefold::env::run
