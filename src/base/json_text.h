// In: a JSON value or text. Out: the text Python's json.dumps would write; a parsed value or a typed error.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace ninefold {

// As repr(float) in Python: the shortest digits that give the same double; 1.0, 1e-05, 1e+16, inf, nan.
std::string python_float(double value);
// ", " and ": " between items, non-ASCII escaped as \uXXXX, NaN and Infinity bare: what Keras' to_json writes.
std::string python_json(const nlohmann::ordered_json& value);
// Keeps the order of keys. Raises ValueError that names `operation` and the place; depth at most 200.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& operation);

}  // namespace ninefold
