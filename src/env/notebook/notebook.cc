// In: the text of a notebook. Out: its cells, each with its place in the text.
#include "env/notebook/notebook.h"

#include <fmt/format.h>

#include "base/json_text.h"

namespace ninefold::env::notebook {
namespace {

// Walks a text that is known to be JSON.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}
  Span value() {
    blanks();
    Span span;
    span.begin = span.start = at_;
    const char open = text_[at_];
    if (open == '{' || open == '[') {
      ++at_;
      for (blanks(); text_[at_] != '}' && text_[at_] != ']'; blanks()) {
        if (text_[at_] == ',') ++at_;
        blanks();
        const std::size_t start = at_;
        std::string key;
        if (open == '{') {
          key = word();
          blanks();
          ++at_;  // the colon
        }
        Span item = value();
        item.start = open == '{' ? start : item.begin;
        item.key = std::move(key);
        span.items.push_back(std::move(item));
      }
      ++at_;
    } else if (open == '"') {
      word();
    } else {
      while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
    }
    span.end = at_;
    return span;
  }

 private:
  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  // A string with its quotes; what is between them comes back as it is written.
  std::string word() {
    const std::size_t begin = ++at_;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    return std::string(text_.substr(begin, at_++ - begin));
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const Span* Span::member(std::string_view name) const {
  for (const Span& item : items)
    if (item.key == name) return &item;
  return nullptr;
}

Span spans_of(std::string_view text) { return Walk(text).value(); }

std::string joined(const nlohmann::ordered_json& lines) {
  if (lines.is_string()) return lines.get<std::string>();
  std::string all;
  if (lines.is_array())
    for (const auto& line : lines)
      if (line.is_string()) all += line.get<std::string>();
  return all;
}

Result<Notebook> parse(std::string text, const std::string& name) {
  const auto wrong = [&](const std::string& what) { return Error(Code::invalid_argument, fmt::format("{}: it is no notebook: {}", name, what)); };
  nlohmann::ordered_json json;
  try {
    json = parse_json(text, name);
  } catch (const Error& error) {
    return wrong(error.message());
  }
  if (!json.is_object()) return wrong("expected an object");
  const auto format = json.find("nbformat");
  if (format == json.end() || !format->is_number_integer()) return wrong("nbformat is missing");
  if (format->get<long>() != 4)
    return Error(Code::unimplemented, fmt::format("{}: expected a notebook of format 4, got {}; `jupyter nbconvert --to notebook "
                                                  "--inplace {}` converts it", name, format->get<long>(), name));
  const auto cells = json.find("cells");
  if (cells == json.end() || !cells->is_array()) return wrong("expected a list of cells");
  Notebook notebook;
  if (const auto path = nlohmann::ordered_json::json_pointer("/metadata/kernelspec/language"); json.contains(path) && json[path].is_string())
    notebook.language = json[path].get<std::string>();
  for (auto& json_cell : *cells) {
    if (!json_cell.is_object() || !json_cell.contains("cell_type") || !json_cell["cell_type"].is_string())
      return wrong(fmt::format("cell {} has no type", notebook.cells.size() + 1));
    Cell cell;
    cell.kind = json_cell["cell_type"].get<std::string>();
    if (json_cell.contains("source")) cell.source = joined(json_cell["source"]);
    if (const auto count = json_cell.find("execution_count"); count != json_cell.end() && count->is_number_integer()) cell.count = count->get<long>();
    cell.json = std::move(json_cell);
    notebook.cells.push_back(std::move(cell));
  }
  notebook.text = std::move(text);
  notebook.span = spans_of(notebook.text);
  return notebook;
}

}  // namespace ninefold::env::notebook
