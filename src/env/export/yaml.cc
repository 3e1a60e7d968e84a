// In: data. Out: YAML 1.1 and 1.2 alike: what either could take for something else is quoted, as JSON quotes it.
#include <algorithm>
#include <cctype>
#include <cstring>
#include <set>

#include "env/export/export.h"

namespace ninefold::env::exports {
namespace {

bool is_plain(const std::string& text) {
  static const std::set<std::string> words = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  if (text.empty() || text.size() > 200) return false;
  const unsigned char first = static_cast<unsigned char>(text[0]);
  if (!std::isalpha(first) && first != '/') return false;
  std::string low;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (!std::isalnum(byte) && !std::strchr("_./@:-=", c)) return false;
    low += static_cast<char>(std::tolower(byte));
  }
  return text.back() != ':' && !words.count(low);
}

std::string scalar(const Json& value) {
  if (value.is_string() && is_plain(value.get_ref<const std::string&>())) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A block of lines shows them as they are; it cannot hold everything.
bool is_block(const std::string& text) {
  if (std::count(text.begin(), text.end(), '\n') == 0 || text[0] == ' ' || text[0] == '\n') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }) &&
         (text.size() < 2 || text.compare(text.size() - 2, 2, "\n\n") != 0);
}

bool fits_a_line(const Json& list) {
  std::size_t length = 0;
  for (const Json& item : list) {
    if (item.is_structured() || (item.is_string() && item.get_ref<const std::string&>().find('\n') != std::string::npos)) return false;
    length += scalar(item).size() + 2;
  }
  return length <= 90;
}

void write(const Json& value, std::size_t depth, std::string& out);

void write_value(const Json& value, std::size_t depth, std::string& out) {
  const std::string indent(depth * 2, ' ');
  if (value.is_string() && is_block(value.get_ref<const std::string&>())) {
    const std::string text = value.get<std::string>();
    out += text.back() == '\n' ? " |\n" : " |-\n";
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      out += (end > at ? indent + text.substr(at, end - at) : std::string()) + "\n";
      at = end + 1;
    }
  } else if (!value.is_structured() || value.empty()) {
    out += " " + scalar(value) + "\n";
  } else if (value.is_array() && fits_a_line(value)) {
    out += " [";
    for (std::size_t i = 0; i < value.size(); ++i) out += (i ? ", " : "") + scalar(value[i]);
    out += "]\n";
  } else {
    out += "\n";
    write(value, depth, out);
  }
}

void write(const Json& value, std::size_t depth, std::string& out) {
  const std::string indent(depth * 2, ' ');
  if (value.is_array()) {
    for (const Json& item : value) {
      if (item.is_object() && !item.empty()) {
        std::string inner;
        write(item, depth + 1, inner);
        out += indent + "- " + inner.substr(indent.size() + 2);
      } else {
        out += indent + "-";
        write_value(item, depth + 1, out);
      }
    }
    return;
  }
  for (const auto& [key, item] : value.items()) {
    out += indent + scalar(Json(key)) + ":";
    write_value(item, depth + 1, out);
  }
}

}  // namespace

std::string yaml(const Json& document) {
  std::string out;
  write(document, 0, out);
  return out;
}

}  // namespace ninefold::env::exports
