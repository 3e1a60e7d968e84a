// In: parameters as a command line gives them. Out: what runs a notebook inside an environment without a browser.
#include "env/notebook/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace ninefold::env::notebook {
namespace {

using Json = nlohmann::ordered_json;

bool is_name(const std::string& text) {
  const auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  return !text.empty() && !std::isdigit(static_cast<unsigned char>(text[0])) && std::all_of(text.begin(), text.end(), part);
}

// Python's literals that JSON has too, with its own names for three of them.
bool is_literal(const std::string& text) {
  if (text == "True" || text == "False" || text == "None") return true;
  const bool json_only = text == "true" || text == "false" || text == "null";
  return !json_only && Json::accept(text) && text.find("true") == std::string::npos && text.find("false") == std::string::npos &&
         text.find("null") == std::string::npos;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\n') out += "\\n";
    else if (c == '\\' || c == '\'') out += std::string("\\") + c;
    else out += c;
  }
  return out + "'";
}

bool tagged(const Cell& cell, const char* tag) {
  const auto tags = Json::json_pointer("/metadata/tags");
  return cell.json.contains(tags) && cell.json[tags].is_array() &&
         std::find(cell.json[tags].begin(), cell.json[tags].end(), tag) != cell.json[tags].end();
}

}  // namespace

Result<Parameter> parse_parameter(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos || !is_name(name))
    return Error(Code::invalid_argument, fmt::format("notebook run: --param {}: expected NAME=VALUE with a name of Python's, as rate=0.1", text));
  const std::string value = text.substr(equals + 1);
  return Parameter{name, is_literal(value) ? value : quoted(value)};
}

std::string with_parameters(const Notebook& notebook, const std::vector<Parameter>& parameters) {
  if (parameters.empty()) return notebook.text;
  std::string source = "# Parameters";
  for (const Parameter& one : parameters) source += "\n" + one.name + " = " + one.value;
  Json cell = {{"cell_type", "code"}, {"execution_count", nullptr}, {"metadata", {{"tags", {"injected-parameters"}}}}, {"outputs", Json::array()},
               {"source", source}};
  // Cells have ids since format 4.5; one of our own is no notebook's.
  if (notebook.text.find("\"id\"") != std::string::npos) cell["id"] = "injected-parameters";
  const Span& cells = *notebook.span.member("cells");
  const auto& all = notebook.cells;
  const auto injected = std::find_if(all.begin(), all.end(), [](const Cell& c) { return tagged(c, "injected-parameters"); });
  const auto ours = std::find_if(all.begin(), all.end(), [](const Cell& c) { return tagged(c, "parameters"); });
  std::string text = notebook.text;
  if (injected != all.end()) {
    const Span& at = cells.items[static_cast<std::size_t>(injected - all.begin())];
    return text.replace(at.begin, at.end - at.begin, cell.dump());
  }
  if (ours != all.end()) return text.insert(cells.items[static_cast<std::size_t>(ours - all.begin())].end, ", " + cell.dump());
  return text.insert(cells.begin + 1, cell.dump() + (cells.items.empty() ? "" : ", "));
}

const char* const kRunner = R"py(
import re
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets.config import Config

seconds, folder = int(sys.argv[1]), sys.argv[2]
notebook = nbformat.read(sys.stdin, as_version=4)
code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]


def begun(cell, cell_index):
    print(f"cell {cell_index + 1} of {len(notebook.cells)}", file=sys.stderr, flush=True)


# Sockets in a folder of ours: nothing listens on a port.
client = NotebookClient(notebook, timeout=seconds or None, kernel_name="python3", resources={"metadata": {"path": folder}},
                        on_cell_start=begun, config=Config(KernelManager={"transport": "ipc"}))
status = 0
try:
    client.execute()
except CellExecutionError as fault:
    print(str(fault) if sys.stderr.isatty() else re.sub(r"\x1b\[[0-9;]*m", "", str(fault)), file=sys.stderr)
    status = 1
except CellTimeoutError as fault:
    print(f"a cell took more than {seconds} s and was interrupted", file=sys.stderr)
    status = 1
except DeadKernelError as fault:
    print("the kernel died: `ninefold doctor` tells whether it was killed for memory", file=sys.stderr)
    status = 1
except Exception as fault:
    print(f"no kernel: {fault}", file=sys.stderr)
    status = 3
nbformat.write(notebook, sys.stdout)
sys.exit(status)
)py";

}  // namespace ninefold::env::notebook
