// In: notebooks. Out: scripts, notebooks without outputs, and what in them should not be there.
#include <fmt/format.h>
#include <sys/mman.h>
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
#include "cli/environment.h"
#include "cli/interpreter.h"
#include "cli/verb.h"
#include "env/notebook/notebook.h"
#include "env/notebook/run.h"

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

// Where a file of this machine lies inside; empty: in no mount.
std::string inside(const env::run::Plan& plan, const fs::path& path) {
  std::string found;
  std::size_t most = 0;
  for (const env::run::Bind& bind : plan.binds) {
    const std::string from = fs::weakly_canonical(bind.from), whole = fs::weakly_canonical(path);
    if ((whole + "/").rfind(from + "/", 0) != 0 || from.size() < most) continue;
    most = from.size();
    found = bind.to + whole.substr(from.size());
  }
  return found;
}

// Runs `text` inside; what comes back is the notebook with its outputs, as far as it came.
std::pair<int, std::string> run_inside(const env::supervise::Environment& environment, const std::string& text, const std::string& seconds,
                                       const std::string& folder) {
  const Fd in(::memfd_create("notebook", MFD_CLOEXEC)), out(::memfd_create("run", MFD_CLOEXEC));
  check(in && out, Code::resource_exhausted, "notebook run: no memory for the notebook");
  write_all("notebook run", "the notebook", in.get(), text).value();
  ::lseek(in.get(), 0, SEEK_SET);
  const env::supervise::Call call{.arguments = {"/opt/ninefold/tools/bin/python", "-c", books::kRunner, seconds, folder}, .folder = folder};
  const int status = env::supervise::execute(environment, call, in.get(), out.get(), 2).within("notebook run").value();
  return {status, read_file("notebook run", fmt::format("/proc/self/fd/{}", out.get())).value()};
}

}  // namespace

extern const Verb notebook_run;
const Verb notebook_run = {
    .name = "notebook run",
    .usage = "[--param NAME=VALUE] [--output FILE] [--timeout SECONDS] NOTEBOOK",
    .brief = "Run a notebook inside the running environment, from top to bottom in a fresh kernel, and keep its outputs.",
    .flags = {name_flag,
              {"--param NAME=VALUE", "set a variable in a cell behind the one tagged `parameters`; may be given again"},
              {"--output FILE", "write the notebook with its outputs there; without it, in place"},
              {"--timeout SECONDS", "how long one cell may take; 0: as long as it wants", "0"}},
    .examples = {"ninefold notebook run train.ipynb", "ninefold notebook run --param epochs=3 --param name=sgd --output out.ipynb train.ipynb"},
    .exits = "0: every cell ended well; 1: one failed, and its error is in the notebook; 2: it is no notebook; 127: it could not be run",
    .run = [](const Args& args, Io&) -> int {
      check(args.rest.size() == 1, "notebook run: expected one notebook, got {}", args.rest.size());
      const std::string seconds = args.get("--timeout");
      check(!seconds.empty() && seconds.size() < 10 && seconds.find_first_not_of("0123456789") == std::string::npos,
            "notebook run: --timeout {}: expected whole seconds", seconds);
      const books::Notebook notebook = open_notebook("notebook run", args.rest[0]);
      std::vector<books::Parameter> parameters;
      for (const std::string& one : args.every("--param")) parameters.push_back(books::parse_parameter(one).value());
      const env::supervise::Environment environment = running("notebook run", args);
      const std::string place = inside(environment.plan, fs::absolute(args.rest[0]).parent_path());
      const auto [status, text] = run_inside(environment, books::with_parameters(notebook, parameters), seconds, place.empty() ? environment.plan.home : place);
      const Result<books::Notebook> ran = books::parse(text, "what came back");
      check(ran.ok() && (status == 0 || status == 1), Code::failed_precondition, "notebook run: it could not be run (status {}); [jupyter] in the "
            "environment's file brings what runs notebooks", status);
      write_atomically("notebook run", args.get("--output", args.rest[0]), text).value();
      return status;
    },
    .completes = "file"};

extern const Verb notebook_export, notebook_strip, notebook_scan, notebook_check;

const Verb notebook_export = {
    .name = "notebook export",
    .usage = "[--stdout] NOTEBOOK...",
    .brief = "Write a notebook's code as a Python script beside it, with cells that editors show.",
    .flags = {{"--stdout", "print the scripts instead"}},
    .examples = {"ninefold notebook export train.ipynb", "ninefold notebook export --stdout train.ipynb | less"},
    .exits = "0; 2: a file is no notebook; 127: a script of one's own is in the way",
    .run = [](const Args& args, Io& io) -> int {
      check(!args.rest.empty(), "notebook export: expected a notebook, got none");
      for (const std::string& path : args.rest) {
        const books::Notebook notebook = open_notebook("notebook export", path);
        check(notebook.language == "python", Code::unimplemented, "notebook export: {}: expected a notebook of Python, got {}", path,
              notebook.language);
        if (args.has("--stdout")) {
          io.out << books::script(notebook);
          continue;
        }
        const std::string to = fs::path(path).replace_extension(".py").string();
        const std::string script = books::script_file(notebook, fs::path(path).filename());
        std::error_code ignored;
        const bool there = fs::exists(to, ignored);
        const std::string before = there ? read_file("notebook export", to).value() : "";
        check(!there || before.empty() || books::is_script_file(before), Code::already_exists,
              "notebook export: {} is there and was not made from a notebook; move it, or rename the notebook", to);
        if (before != script) write_atomically("notebook export", to, script).value();
      }
      return ok;
    },
    .details = "Lines that only IPython understands (%magics, !commands) become comments, so that plain Python runs the script. A script "
               "that was not made so is left as it is. Inside an environment it is made whenever JupyterLab saves a notebook, unless the "
               "file says jupyter.scripts = false.",
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
