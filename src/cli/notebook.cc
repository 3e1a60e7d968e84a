// In: notebooks. Out: scripts, notebooks without outputs, and what in them should not be there.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/fd.h"
#include "base/process.h"
#include "cli/interpreter.h"
#include "cli/verb.h"
#include "env/notebook/notebook.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace books = env::notebook;
namespace {

books::Notebook open_notebook(const std::string& verb, const std::string& path) {
  return books::parse(read_file(verb, path).value(), path).within(verb).value();
}

std::string standard_input() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

// Tells git to strip notebooks when they are added; what lies in the folder keeps its outputs.
void install(Io& io) {
  const auto git = [](std::vector<std::string> words) {
    Program program;
    program.arguments = {"git"};
    program.arguments.insert(program.arguments.end(), words.begin(), words.end());
    return run_or_fail("notebook strip --install", program).value().output;
  };
  std::string top = git({"rev-parse", "--show-toplevel"});
  top.erase(top.find_last_not_of('\n') + 1);
  git({"config", "filter.ninefold-notebook.clean", "ninefold notebook strip"});
  git({"config", "filter.ninefold-notebook.smudge", "cat"});
  git({"config", "filter.ninefold-notebook.required", "true"});
  const std::string file = top + "/.gitattributes", line = "*.ipynb filter=ninefold-notebook\n";
  std::error_code ignored;
  std::string text = fs::exists(file, ignored) ? read_file("notebook strip --install", file).value() : "";
  if (text.find(line) == std::string::npos) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    write_atomically("notebook strip --install", file, text + line).value();
  }
  io.err << "notebook strip: git strips notebooks of " << top << " when they are added; " << file << " is to be committed\n";
}

}  // namespace

extern const Verb notebook_export, notebook_strip, notebook_scan, notebook_check;

const Verb notebook_export = {
    .name = "notebook export",
    .usage = "[--stdout] NOTEBOOK...",
    .brief = "Write a notebook's code as a Python script beside it, with cells that editors show.",
    .flags = {{"--stdout", "print the scripts instead"}},
    .examples = {"ninefold notebook export train.ipynb", "ninefold notebook export --stdout train.ipynb | less"},
    .exits = "0; 2: a file is no notebook",
    .run = [](const Args& args, Io& io) -> int {
      check(!args.rest.empty(), "notebook export: expected a notebook, got none");
      for (const std::string& path : args.rest) {
        const books::Notebook notebook = open_notebook("notebook export", path);
        check(notebook.language == "python", Code::unimplemented, "notebook export: {}: expected a notebook of Python, got {}", path,
              notebook.language);
        const std::string script = books::script(notebook), to = fs::path(path).replace_extension(".py").string();
        if (args.has("--stdout")) io.out << script;
        else write_atomically("notebook export", to, script).value();
      }
      return ok;
    },
    .details = "Lines that only IPython understands (%magics, !commands) become comments, so that plain Python runs the script.",
    .completes = "file"};

const Verb notebook_strip = {
    .name = "notebook strip",
    .usage = "[--check | --install | NOTEBOOK...]",
    .brief = "Take outputs and counts out of notebooks, so that git shows changes of code only.",
    .flags = {{"--check", "change nothing; tell which ones have outputs"},
              {"--install", "make git do it in this repository whenever a notebook is added"}},
    .examples = {"ninefold notebook strip train.ipynb", "ninefold notebook strip < train.ipynb > clean.ipynb",
                 "ninefold notebook strip --install"},
    .exits = "0; 1: --check found outputs; 2: a file is no notebook",
    .run = [](const Args& args, Io& io) -> int {
      if (args.has("--install")) {
        check(args.rest.empty() && !args.has("--check"), "notebook strip: --install takes nothing else");
        install(io);
        return ok;
      }
      if (args.rest.empty()) {
        check(!args.has("--check"), "notebook strip --check: expected a notebook, got none");
        io.out << books::stripped(books::parse(standard_input(), "standard input").within("notebook strip").value());
        return ok;
      }
      int status = ok;
      for (const std::string& path : args.rest) {
        const books::Notebook notebook = open_notebook("notebook strip", path);
        const std::string text = books::stripped(notebook);
        if (text == notebook.text) continue;
        if (!args.has("--check")) {
          write_atomically("notebook strip", path, text).value();
          continue;
        }
        io.out << path << ": has outputs\n";
        status = found_something;
      }
      return status;
    },
    .details = "Everything else in the file stays as it is, byte for byte. A cell with keep_output in its metadata or its tags keeps "
               "its outputs.",
    .completes = "file"};

const Verb notebook_scan = {
    .name = "notebook scan",
    .usage = "[--json] NOTEBOOK...",
    .brief = "Find tokens, keys and passwords in the code and the outputs of notebooks.",
    .flags = {{"--json", "as JSON: a list of notebook, cell, line (0: in the output), kind, shown"}},
    .examples = {"ninefold notebook scan *.ipynb"},
    .exits = "0: none was found; 1: some were; 2: a file is no notebook",
    .run = [](const Args& args, Io& io) -> int {
      check(!args.rest.empty(), "notebook scan: expected a notebook, got none");
      nlohmann::ordered_json all = nlohmann::ordered_json::array();
      for (const std::string& path : args.rest)
        for (const books::Secret& s : books::secrets(open_notebook("notebook scan", path)))
          all.push_back({{"notebook", path}, {"cell", s.cell}, {"line", s.line}, {"kind", s.kind}, {"shown", s.shown}});
      if (args.has("--json")) {
        io.out << all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
      } else {
        for (const auto& one : all)
          io.out << fmt::format("{}: cell {}, {}: {} ({})\n", one["notebook"].get<std::string>(), one["cell"].get<int>(),
                                one["line"].get<int>() ? fmt::format("line {}", one["line"].get<int>()) : "its output", one["kind"].get<std::string>(),
                                one["shown"].get<std::string>());
      }
      return all.empty() ? ok : found_something;
    },
    .completes = "file"};

const Verb notebook_check = {
    .name = "notebook check",
    .usage = "[--json] NOTEBOOK...",
    .brief = "Find what a notebook owes to a state that its file does not show: the order of runs, names from deleted cells.",
    .flags = {{"--json", "as JSON: a list of notebook, cell, line, what"}},
    .examples = {"ninefold notebook check train.ipynb"},
    .exits = "0: nothing; 1: something was found; 2: a file is no notebook; 127: no Python",
    .run = [](const Args& args, Io&) -> int {
      check(!args.rest.empty(), "notebook check: expected a notebook, got none");
      std::vector<std::string> all = {"-m", "ninefold.check_notebook"};
      if (args.has("--json")) all.push_back("--json");
      all.push_back("--");
      all.insert(all.end(), args.rest.begin(), args.rest.end());
      become(interpreter(), all);
    },
    .completes = "file"};

}  // namespace ninefold::cli
