// In: names of packages. Out: a ninefold.toml with them or without them, and a lock that fits it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/atomic_file.h"
#include "base/check.h"
#include "cli/progress.h"
#include "cli/registry.h"
#include "cli/verb.h"
#include "env/lock/make.h"
#include "env/spec/edit.h"
#include "env/spec/parse.h"

namespace ninefold::cli {
namespace {

using Edit = Result<std::string> (*)(const std::string&, const std::string&, const std::vector<std::string>&);

int edit(const std::string& verb, Edit change, const Args& args, Io& io) {
  check(!args.rest.empty(), "{}: expected a package; see ninefold {} --help", verb, verb);
  const env::Spec before = env::load_spec(args.get("--file")).value();
  const std::string old = read_file(verb, before.file).value();
  const std::string text = change(old, args.has("--apt") ? "apt" : "pip", args.rest).within(verb).value();
  write_atomically(verb, before.file, text).value();
  nlohmann::ordered_json told = {{"file", before.file}, {"lock", nullptr}, {"changes", nlohmann::ordered_json::array()}};
  std::string lines;
  try {
    // The whole file is judged again, so that a wrong name is told as in the editor.
    const env::Spec after = env::load_spec(before.file).value();
    if (!args.has("--no-lock")) {
      env::Store store = env::Store::open().value();
      const Result<env::Lock> locked = env::read_lock(after);
      const env::Lock lock = env::make_lock(store, after, locked ? &locked.value() : nullptr,
                                            {false, program_folder(), progress(io), base_reader({}, progress(io))}).value();
      env::write_lock(after, lock).value();
      const std::vector<env::Change> changes = env::changes(locked ? locked.value() : env::Lock{}, lock);
      lines = env::changes_text(changes);
      told["lock"] = env::lock_path(after);
      for (const env::Change& c : changes)
        told["changes"].push_back({{"part", c.part}, {"name", c.name}, {"before", c.before}, {"after", c.after}});
    }
  } catch (const Error& error) {
    write_atomically(verb, before.file, old).value();
    throw Error(error.code(), fmt::format("{}: {}; {} is as it was", verb, error.message(), before.file));
  }
  io.out << (args.has("--json") ? told.dump() + "\n" : lines);
  return ok;
}

const std::vector<Flag>& flags() {
  static const std::vector<Flag> all = {{"--apt", "Debian packages instead of Python packages"},
                                        {"--file FILE", "the ninefold.toml; else the one here or above"},
                                        {"--no-lock", "change the file only"},
                                        {"--json", "the changes as JSON"}};
  return all;
}

}  // namespace

extern const Verb add, remove_verb;
const Verb add = {.name = "add",
                  .usage = "[--apt] [--file FILE] [--no-lock] [--json] PACKAGE...",
                  .brief = "Add packages to ninefold.toml and lock them; a package that cannot be locked changes nothing.",
                  .flags = flags(),
                  .examples = {"ninefold add pandas 'scikit-learn==1.5.2'", "ninefold add --apt ffmpeg"},
                  .exits = "0; 2: a bad name; 127: it cannot be locked",
                  .run = [](const Args& args, Io& io) -> int { return edit("add", env::add_packages, args, io); }};

const Verb remove_verb = {.name = "remove",
                          .usage = "[--apt] [--file FILE] [--no-lock] [--json] PACKAGE...",
                          .brief = "Take packages out of ninefold.toml and its lock.",
                          .flags = flags(),
                          .examples = {"ninefold remove pandas", "ninefold remove --apt ffmpeg"},
                          .exits = "0; 127: it is not there",
                          .run = [](const Args& args, Io& io) -> int { return edit("remove", env::remove_packages, args, io); }};

}  // namespace ninefold::cli
