// In: a notebook. Out: a Python script with its cells.
#include "base/text.h"
#include "env/notebook/notebook.h"

namespace ninefold::env::notebook {
namespace {

// A line that only IPython understands: a magic, a command of the shell, a question.
bool of_ipython(std::string_view line) {
  const std::string_view bare = strip(line);
  if (bare.empty()) return false;
  if (bare.front() == '!' || bare.front() == '?') return true;
  if (bare.front() == '%') return bare.size() > 1 && (bare[1] == '%' || (bare[1] >= 'a' && bare[1] <= 'z') || (bare[1] >= 'A' && bare[1] <= 'Z'));
  if (bare.back() == '?' && bare.find_first_of(" \"'#(=") == std::string_view::npos) return true;
  // files = !ls, t = %timeit -o f()
  const std::size_t equals = bare.find('=');
  if (equals == std::string_view::npos || equals == 0 || bare.find_first_of("\"'#(") < equals) return false;
  const std::string_view right = strip(bare.substr(equals + 1));
  return right.size() > 1 && (right[0] == '!' || (right[0] == '%' && right[1] >= 'a' && right[1] <= 'z'));
}

std::string commented(std::string_view text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) out += (line.empty() ? "#" : "# ") + std::string(line) + "\n";
  return out;
}

std::string code(const std::string& source) {
  const std::string_view start = strip(source);
  if (start.rfind("%%", 0) == 0) {
    const std::string_view magic = start.substr(2, start.find_first_of(" \n") - 2);
    const bool python = magic == "time" || magic == "timeit" || magic == "capture" || magic == "prun";
    if (!python) return commented(source);   // another language's
    const std::size_t end = source.find('\n', source.find("%%"));
    return commented(source.substr(0, end)) + (end == std::string::npos ? "" : code(source.substr(end + 1)));
  }
  std::string out;
  bool within = false;   // a text in three quotes: its lines are nobody's magics
  std::string quotes;
  for (const std::string_view line : split(source, '\n')) {
    if (!within && of_ipython(line)) {
      const std::size_t blanks = line.find_first_not_of(" \t");
      // `pass` keeps the block that held nothing else.
      out += std::string(line.substr(0, blanks)) + (blanks > 0 ? "pass  # " : "# ") + std::string(line.substr(blanks)) + "\n";
      continue;
    }
    for (std::size_t i = 0; i + 2 < line.size(); ++i) {
      const std::string_view three = line.substr(i, 3);
      if (!within && line[i] == '#') break;
      if (three == (within ? std::string_view(quotes) : three) && (three == "\"\"\"" || three == "'''")) {
        within = !within, quotes = three;
        i += 2;
      }
    }
    out += std::string(line) + "\n";
  }
  return out;
}

constexpr const char* kMade = "# Made by `ninefold notebook export` from ";

}  // namespace

std::string script_file(const Notebook& notebook, const std::string& name) {
  return kMade + name + ": what is changed here is lost.\n\n" + script(notebook);
}

bool is_script_file(std::string_view text) { return text.rfind(kMade, 0) == 0; }

std::string script(const Notebook& notebook) {
  std::string out;
  for (const Cell& cell : notebook.cells) {
    if (!out.empty()) out += "\n";
    if (cell.kind == "code") out += "# %%\n" + code(cell.source);
    else out += "# %% [" + cell.kind + "]\n" + commented(cell.source);
  }
  return out;
}

}  // namespace ninefold::env::notebook
