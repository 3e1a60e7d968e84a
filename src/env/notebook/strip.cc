// In: a notebook. Out: its text without what running it wrote into it.
#include <algorithm>

#include "env/notebook/notebook.h"

namespace ninefold::env::notebook {
namespace {

using Json = nlohmann::ordered_json;

// What programs note of a run in a cell's metadata and in a notebook's.
constexpr std::string_view kOfRuns[] = {"collapsed", "scrolled", "ExecuteTime", "execution"};
constexpr std::string_view kOfNotebooks[] = {"widgets", "signature"};

struct Edit {
  std::size_t begin, end;
  std::string text;
};

// Removes members of an object; what separates those that stay is what separated them before.
void remove_members(const Span& object, const auto& names, std::vector<Edit>& edits) {
  const auto goes = [&](const Span& item) { return std::find(std::begin(names), std::end(names), item.key) != std::end(names); };
  const auto& items = object.items;
  if (std::none_of(items.begin(), items.end(), goes)) return;
  if (std::all_of(items.begin(), items.end(), goes)) {
    edits.push_back({object.begin, object.end, "{}"});
    return;
  }
  const std::size_t first = static_cast<std::size_t>(std::find_if_not(items.begin(), items.end(), goes) - items.begin());
  if (first > 0) edits.push_back({items[0].start, items[first].start, ""});
  for (std::size_t i = first + 1; i < items.size(); ++i)
    if (goes(items[i])) edits.push_back({items[i - 1].end, items[i].end, ""});
}

bool keeps(const Json& cell) {
  const auto metadata = cell.find("metadata");
  if (metadata == cell.end() || !metadata->is_object()) return false;
  if (const auto flag = metadata->find("keep_output"); flag != metadata->end() && flag->is_boolean()) return flag->get<bool>();
  const auto tags = metadata->find("tags");
  return tags != metadata->end() && tags->is_array() && std::find(tags->begin(), tags->end(), "keep_output") != tags->end();
}

}  // namespace

std::string stripped(const Notebook& notebook) {
  std::vector<Edit> edits;
  const Span* cells = notebook.span.member("cells");
  for (std::size_t i = 0; i < notebook.cells.size(); ++i) {
    const Span& cell = cells->items[i];
    if (notebook.cells[i].kind != "code") continue;
    const bool kept = keeps(notebook.cells[i].json);
    if (const Span* outputs = cell.member("outputs"); outputs && !kept && !outputs->items.empty()) edits.push_back({outputs->begin, outputs->end, "[]"});
    if (const Span* count = cell.member("execution_count"); count && !kept) edits.push_back({count->begin, count->end, "null"});
    if (const Span* metadata = cell.member("metadata")) remove_members(*metadata, kOfRuns, edits);
  }
  if (const Span* metadata = notebook.span.member("metadata")) remove_members(*metadata, kOfNotebooks, edits);
  std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::string out;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    out.append(notebook.text, at, edit.begin - at).append(edit.text);
    at = edit.end;
  }
  return out.append(notebook.text, at);
}

}  // namespace ninefold::env::notebook
