// In: bytes. Out: JSON. libyaml reads events; anchors are refused, as they let a small file say an endless one.
#include "env/run/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace ninefold::env::run {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kDeepestYaml = 64;

class YamlReader {
 public:
  YamlReader(const std::string& text, const std::string& file) : file_(file) {
    if (!yaml_parser_initialize(&parser_)) throw Error(Code::resource_exhausted, file_ + ": no memory to read it");
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  ~YamlReader() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  Json document() {
    while (next() == YAML_STREAM_START_EVENT || event_.type == YAML_DOCUMENT_START_EVENT) {}
    if (event_.type == YAML_STREAM_END_EVENT) broken("it holds nothing");
    const Json value = node(0);
    if (next() != YAML_DOCUMENT_END_EVENT || next() != YAML_STREAM_END_EVENT) broken("more than one document");
    return value;
  }

 private:
  [[noreturn]] void broken(const std::string& what) {
    throw Error(Code::invalid_argument, fmt::format("{}:{}: {}", file_, event_.start_mark.line + 1, what));
  }

  yaml_event_type_t next() {
    yaml_event_delete(&event_);
    event_ = {};
    if (!yaml_parser_parse(&parser_, &event_))
      throw Error(Code::invalid_argument, fmt::format("{}:{}: no YAML: {}", file_, parser_.problem_mark.line + 1, parser_.problem ? parser_.problem : "?"));
    return event_.type;
  }

  static Json scalar(const std::string& text, bool plain) {
    if (!plain) return text;
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    for (const char* yes : {"true", "True", "TRUE"})
      if (text == yes) return true;
    for (const char* no : {"false", "False", "FALSE"})
      if (text == no) return false;
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc() && end == text.data() + text.size()) return number;
    return text;  // also "0.5.0" and what YAML calls fractions: nothing here is one
  }

  // The event at hand begins the node.
  Json node(int depth) {
    if (depth > kDeepestYaml) broken("it is nested too deep");
    switch (event_.type) {
      case YAML_SCALAR_EVENT: {
        const auto& data = event_.data.scalar;
        if (data.anchor) broken("an anchor, which is not read");
        return scalar(std::string(reinterpret_cast<const char*>(data.value), data.length), data.style == YAML_PLAIN_SCALAR_STYLE);
      }
      case YAML_SEQUENCE_START_EVENT: {
        if (event_.data.sequence_start.anchor) broken("an anchor, which is not read");
        Json list = Json::array();
        while (next() != YAML_SEQUENCE_END_EVENT) list.push_back(node(depth + 1));
        return list;
      }
      case YAML_MAPPING_START_EVENT: {
        if (event_.data.mapping_start.anchor) broken("an anchor, which is not read");
        Json table = Json::object();
        while (next() != YAML_MAPPING_END_EVENT) {
          if (event_.type != YAML_SCALAR_EVENT) broken("a key that is no word");
          const std::string key(reinterpret_cast<const char*>(event_.data.scalar.value), event_.data.scalar.length);
          next();
          table[key] = node(depth + 1);
        }
        return table;
      }
      default: broken("an alias, which is not read");
    }
  }

  std::string file_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

}  // namespace

Result<Json> parse_yaml(const std::string& text, const std::string& file) {
  try {
    return YamlReader(text, file).document();
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ninefold::env::run
