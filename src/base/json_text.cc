// In: a JSON value or text. Out: Python's text of it; a parsed value or a typed error.
#include "base/json_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace ninefold {
namespace {

constexpr int kMaxDepth = 200;  // deeper text would overflow the stack of a recursive parser

void write_string(const std::string& text, std::string& out) {
  // nlohmann escapes exactly as json.dumps(ensure_ascii=True); bytes that are no UTF-8 become U+FFFD.
  out += nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void write(const nlohmann::ordered_json& value, std::string& out) {
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const auto& [key, item] : value.items()) {
      if (!first) out += ", ";
      first = false;
      write_string(key, out);
      out += ": ";
      write(item, out);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    bool first = true;
    for (const auto& item : value) {
      if (!first) out += ", ";
      first = false;
      write(item, out);
    }
    out += ']';
  } else if (value.is_string()) {
    write_string(value.get_ref<const std::string&>(), out);
  } else if (value.is_number_float()) {
    const double number = value.get<double>();
    out += std::isnan(number) ? "NaN" : std::isinf(number) ? (number < 0 ? "-Infinity" : "Infinity")
                                                           : python_float(number);
  } else {
    out += value.dump();
  }
}

// The parser recurses, so the depth is counted before it starts. Brackets inside strings do not count.
int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char digits[40];
  auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr;
  std::string text(digits, end);
  const std::size_t e = text.find('e');
  const int exponent = std::atoi(text.c_str() + e + 1);
  if (exponent < -4 || exponent >= 16) return text;
  end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr;
  text.assign(digits, end);
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string python_json(const nlohmann::ordered_json& value) {
  std::string out;
  write(value, out);
  return out;
}

nlohmann::ordered_json parse_json(std::string_view text, const std::string& operation) {
  check(depth_of(text) <= kMaxDepth, Code::value, "{}: the JSON text is nested deeper than {}; flatten it",
        operation, kMaxDepth);
  try {
    return nlohmann::ordered_json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    fail(Code::value, "{}: expected JSON text: {}", operation, error.what());
  }
}

}  // namespace ninefold
