// In: a TOML table. Out: typed values and findings.
#include "env/spec/reader.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace ninefold::env {

Position Notes::of(const toml::source_region& source) {
  return {source.path ? *source.path : std::string(), source.begin.line, source.begin.column};
}

std::string kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "a boolean";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
    case toml::node_type::none: break;
  }
  return "nothing";
}

std::optional<std::uint64_t> parse_bytes(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || !(value >= 0)) return std::nullopt;
  std::string unit;
  for (const char* at = rest; at != end; ++at)
    if (*at != ' ') unit += static_cast<char>(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
  static const std::map<std::string, double> units = {
      {"", 1},         {"b", 1},          {"k", 0x1p10},   {"kb", 0x1p10}, {"kib", 0x1p10}, {"m", 0x1p20}, {"mb", 0x1p20},
      {"mib", 0x1p20}, {"g", 0x1p30},     {"gb", 0x1p30},  {"gib", 0x1p30}, {"t", 0x1p40},  {"tb", 0x1p40}, {"tib", 0x1p40}};
  const auto found = units.find(unit);
  if (found == units.end() || value * found->second > 0x1p62) return std::nullopt;
  return static_cast<std::uint64_t>(value * found->second);
}

const toml::node* Section::node(const std::string& key) {
  known_.push_back(key);
  if (!table_) return nullptr;
  const toml::node* found = table_->get(key);
  if (found) notes_.where[path_of(key)] = Notes::of(found->source());
  return found;
}

const toml::source_region& Section::source(const std::string& key) const {
  static const toml::source_region nowhere{};
  if (!table_) return nowhere;
  const toml::node* found = table_->get(key);
  return found ? found->source() : table_->source();
}

bool Section::wrong(const std::string& key, const toml::node& node, const std::string& expected) {
  notes_.add(node.source(), fmt::format("{}: expected {}, got {}", path_of(key), expected, kind_of(node)));
  return false;
}

bool Section::text(const std::string& key, std::string& into) {
  const toml::node* found = node(key);
  if (!found) return false;
  const auto value = found->value_exact<std::string>();
  if (!value) return wrong(key, *found, "a string");
  if (value->find('\0') != std::string::npos) {
    find(key, path_of(key) + ": the text holds a zero byte; remove it");
    return false;
  }
  into = *value;
  return true;
}

bool Section::integer(const std::string& key, std::int64_t least, std::int64_t most, std::int64_t& into) {
  const toml::node* found = node(key);
  if (!found) return false;
  const auto value = found->value_exact<std::int64_t>();
  if (!value) return wrong(key, *found, "an integer");
  if (*value < least || *value > most) {
    find(key, fmt::format("{}: expected {} to {}, got {}", path_of(key), least, most, *value));
    return false;
  }
  into = *value;
  return true;
}

bool Section::number(const std::string& key, double& into) {
  const toml::node* found = node(key);
  if (!found) return false;
  if (!found->is_integer() && !found->is_floating_point()) return wrong(key, *found, "a number");
  into = found->value<double>().value_or(0);
  return true;
}

bool Section::boolean(const std::string& key, bool& into) {
  const toml::node* found = node(key);
  if (!found) return false;
  const auto value = found->value_exact<bool>();
  if (!value) return wrong(key, *found, "true or false");
  into = *value;
  return true;
}

bool Section::texts(const std::string& key, std::vector<std::string>& into) {
  const toml::node* found = node(key);
  if (!found) return false;
  if (!found->is_array()) return wrong(key, *found, "an array of strings");
  std::vector<std::string> all;
  std::size_t index = 0;
  for (const toml::node& item : *found->as_array()) {
    const std::string name = fmt::format("{}[{}]", path_of(key), index++);
    notes_.where[name] = Notes::of(item.source());
    const auto value = item.value_exact<std::string>();
    if (!value || value->empty() || value->find('\0') != std::string::npos) {
      notes_.add(item.source(), fmt::format("{}: expected a string, got {}", name,
                                            value ? "an empty or broken one" : kind_of(item)));
      continue;
    }
    all.push_back(*value);
  }
  into = std::move(all);
  return true;
}

bool Section::text_or_texts(const std::string& key, std::vector<std::string>& into) {
  const toml::node* found = table_ ? table_->get(key) : nullptr;
  if (found && found->is_array()) return texts(key, into);
  std::string one;
  if (!text(key, one)) return false;
  into = {one};
  return true;
}

bool Section::bytes(const std::string& key, std::uint64_t& into) {
  const toml::node* found = node(key);
  if (!found) return false;
  std::optional<std::uint64_t> value;
  if (const auto text = found->value_exact<std::string>()) value = parse_bytes(*text);
  else if (const auto count = found->value_exact<std::int64_t>(); count && *count >= 0) value = *count;
  if (!value) {
    find(key, fmt::format("{}: expected a size as \"8g\" or \"512m\", got {}", path_of(key),
                          found->is_string() ? "\"" + found->value_or(std::string()) + "\"" : kind_of(*found)));
    return false;
  }
  into = *value;
  return true;
}

bool Section::port(const std::string& key, int& into) {
  std::int64_t value = 0;
  const toml::node* found = table_ ? table_->get(key) : nullptr;
  const auto given = found ? found->value_exact<std::int64_t>() : std::nullopt;
  if (given && *given > 0 && *given < 1024) {
    node(key);
    find(key, fmt::format("{}: port {} needs root, and nobody is root inside; use 1024 to 65535", path_of(key), *given));
    return false;
  }
  if (!integer(key, 1024, 65535, value)) return false;
  into = static_cast<int>(value);
  return true;
}

bool Section::choice(const std::string& key, const std::vector<std::string>& among, std::string& into) {
  std::string given;
  if (!text(key, given)) return false;
  for (const std::string& one : among)
    if (one == given) return into = given, true;
  const std::string meant = nearest(given, among);
  find(key, fmt::format("{}: expected {}, got \"{}\"{}", path_of(key), fmt::join(among, ", "), given,
                        meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
  return false;
}

Section Section::table(const std::string& key) {
  const toml::node* found = node(key);
  if (found && !found->is_table()) {
    wrong(key, *found, "a table");
    found = nullptr;
  }
  return Section(notes_, found ? found->as_table() : nullptr, path_of(key));
}

void Section::finish() {
  if (!table_) return;
  for (const auto& [key, value] : *table_) {
    const std::string name(key.str());
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const std::string meant = nearest(name, known_);
    notes_.add(key.source(), fmt::format("unknown key '{}'{}{}", name, path_.empty() ? "" : " in [" + path_ + "]",
                                         meant.empty() ? "; the keys are " + fmt::format("{}", fmt::join(known_, ", "))
                                                       : "; did you mean '" + meant + "'?"));
  }
}

}  // namespace ninefold::env
