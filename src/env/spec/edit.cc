// In: a file's text. Out: the text with one array rewritten. The parser's positions say where it stands.
#include "env/spec/edit.h"

#include <fmt/format.h>

#include <algorithm>

#include "env/spec/reader.h"

namespace ninefold::env {
namespace {

// The byte at which a position of the parser (line and column from 1, columns in code points) begins.
std::size_t offset(const std::string& text, const toml::source_position& position) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < position.line && at < text.size(); ++line) {
    const auto next = text.find('\n', at);
    if (next == std::string::npos) return text.size();
    at = next + 1;
  }
  for (std::uint32_t column = 1; column < position.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  }
  return at;
}

std::string quoted(const std::string& item) { return fmt::format("\"{}\"", item); }

struct Place {
  std::vector<std::string> items;
  std::size_t begin = 0, end = 0;  // of the array's text
  bool found = false;
  std::size_t insert = std::string::npos;  // behind "[packages]", where there is no such key
};

Result<Place> find(const std::string& text, const std::string& key) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed)
    return Error(Code::invalid_argument, fmt::format("ninefold.toml:{}:{}: {}", parsed.error().source().begin.line, parsed.error().source().begin.column,
                                                     parsed.error().description()));
  Place place;
  const toml::node* packages = parsed.table().get("packages");
  if (!packages) return place;
  const toml::table* table = packages->as_table();
  const toml::node* node = table ? table->get(key) : nullptr;
  if (!table || table->is_inline()) return Error(Code::unimplemented, "[packages] is not written as a table of its own; edit the file by hand");
  if (!node) {
    const auto line = text.find('\n', offset(text, table->source().begin));
    place.insert = line == std::string::npos ? text.size() : line + 1;
    return place;
  }
  const toml::array* array = node->as_array();
  if (!array) return Error(Code::invalid_argument, fmt::format("packages.{} is no array; edit the file by hand", key));
  for (const toml::node& item : *array) place.items.push_back(item.value_or(std::string()));
  place.begin = offset(text, array->source().begin), place.end = offset(text, array->source().end);
  place.found = place.end > place.begin && text[place.begin] == '[' && text[place.end - 1] == ']';
  if (!place.found) return Error(Code::internal, fmt::format("packages.{} was not found in the text; edit the file by hand", key));
  if (text.substr(place.begin, place.end - place.begin).find('#') != std::string::npos)
    return Error(Code::failed_precondition, fmt::format("packages.{} has comments between its items, which would be lost; edit the file by hand", key));
  return place;
}

std::string written(const std::string& text, const Place& place, const std::string& key) {
  const bool lines = place.found && text.substr(place.begin, place.end - place.begin).find('\n') != std::string::npos;
  std::string array = "[";
  for (std::size_t i = 0; i < place.items.size(); ++i)
    array += (lines ? "\n  " : i ? ", " : "") + quoted(place.items[i]) + (lines ? "," : "");
  array += lines ? "\n]" : "]";
  if (place.found) return text.substr(0, place.begin) + array + text.substr(place.end);
  const std::string line = fmt::format("{} = {}\n", key, array);
  if (place.insert != std::string::npos)
    return text.substr(0, place.insert) + (place.insert > 0 && text[place.insert - 1] != '\n' ? "\n" : "") + line + text.substr(place.insert);
  return text + (text.empty() || text.back() == '\n' ? "" : "\n") + "\n[packages]\n" + line;
}

}  // namespace

std::string package_name(const std::string& requirement) {
  std::string name;
  for (char c : requirement.substr(0, requirement.find_first_of("[<>=!~; "))) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    name += c == '_' || c == '.' ? '-' : c;
  }
  return name;
}

Result<std::string> add_packages(const std::string& text, const std::string& key, const std::vector<std::string>& items) {
  Result<Place> place = find(text, key);
  if (!place) return place.error();
  for (const std::string& item : items) {
    auto& all = place.value().items;
    const auto same = std::find_if(all.begin(), all.end(), [&](const std::string& one) { return package_name(one) == package_name(item); });
    if (same == all.end()) all.push_back(item);
    else *same = item;
  }
  return written(text, place.value(), key);
}

Result<std::string> remove_packages(const std::string& text, const std::string& key, const std::vector<std::string>& names) {
  Result<Place> place = find(text, key);
  if (!place) return place.error();
  auto& all = place.value().items;
  for (const std::string& name : names) {
    const auto same = std::find_if(all.begin(), all.end(), [&](const std::string& one) { return package_name(one) == package_name(name); });
    if (same == all.end()) {
      const std::string meant = nearest(name, all);
      return Error(Code::not_found, fmt::format("packages.{} has no '{}'; {}", key, name,
                                                !meant.empty() ? "did you mean '" + meant + "'?"
                                                : all.empty()  ? "it is empty"
                                                               : fmt::format("there are: {}", fmt::join(all, ", "))));
    }
    all.erase(same);
  }
  return written(text, place.value(), key);
}

}  // namespace ninefold::env
