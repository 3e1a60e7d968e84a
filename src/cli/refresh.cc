// In: ninefold.toml with its lock, and what the archives and indexes have now. Out: what would change, as a diff; nothing
// changes.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/check.h"
#include "cli/changes.h"
#include "cli/progress.h"
#include "cli/registry.h"
#include "cli/verb.h"
#include "env/lock/make.h"
#include "env/spec/parse.h"

namespace ninefold::cli {

namespace {

int refresh_image(const Args& args, Io& io) {
  check(args.rest.empty() && !args.has("--security"), "refresh: --image stands alone; got a file or --security, too");
  env::Store store = env::Store::open().value();
  const std::string& image = args.get("--image");
  env::image::PullOptions options;
  std::string text = image;
  for (const env::Ref& ref : store.refs().value())
    if (!ref.from.empty() && (ref.name == image || ref.from == image)) options.name = ref.name, text = ref.from;
  check(!options.name.empty(), Code::not_found, "refresh: no tag {} was pulled; ninefold pull HOST/REPOSITORY:TAG takes one and remembers it", image);
  const env::registry::Reference from = env::registry::parse_reference(text).within("refresh").value();
  env::image::TagMove move;
  options.look = true;
  options.may_move = [&](const env::image::TagMove& told) {
    move = told;
    return false;
  };
  pull_image("refresh", store, from, options, access_of(args), io);
  const bool moved = move.before != move.after;
  const std::string does = "ninefold pull " + (options.name == from.name() ? "" : "--name " + options.name + " ") + text;
  if (args.has("--json")) {
    io.out << nlohmann::ordered_json{{"image", move.from}, {"name", options.name}, {"before", move.before}, {"after", move.after},
                                     {"changes", changes_json(move_changes(move))}, {"command", does}}.dump() << "\n";
  } else {
    io.out << move_text(move);
    if (moved) io.err << "refresh: nothing was changed; to take it: " << does << "\n";
  }
  return moved ? found_something : ok;
}

}  // namespace

extern const Verb refresh;
const Verb refresh = {
    .name = "refresh",
    .usage = "[--security | --image IMAGE] [--plain-http] [--ca FILE] [--json] [FILE]",
    .brief = "Show what newer packages there are for the locked environment, and change nothing.",
    .flags = {{"--security", "only Debian packages of which the security suite has a newer version, with what these need"},
              {"--image IMAGE", "a tag that was pulled, or its name in the store: whether it points to another image now, and what differs"},
              plain_http_flag, ca_flag, {"--json", "as JSON"}},
    .examples = {"ninefold refresh", "ninefold refresh --security", "ninefold refresh --image registry.example/team/tf29:latest"},
    .exits = "0: the lock is up to date; 1: there is something newer; 2: a bad file; 127: no lock of this file, or no archive answers",
    .run = [](const Args& args, Io& io) -> int {
      if (args.has("--image")) return refresh_image(args, io);
      check(args.rest.size() <= 1, "refresh: expected one file, got {}", args.rest.size());
      const env::Spec spec = env::load_spec(args.rest.empty() ? "" : args.rest[0]).value();
      env::Store store = env::Store::open().value();
      const env::Lock before = env::read_lock(spec).within("refresh").value();
      check(before.spec == env::fingerprint(spec), Code::failed_precondition, "refresh: {} was made from another ninefold.toml; run ninefold lock",
            env::lock_path(spec));
      const env::Say say = progress(io);
      std::set<std::string> of_security;
      const bool security = args.has("--security");
      const env::LockOptions options{!security, program_folder(), say, base_reader(access_of(args), say), security, true, &of_security};
      const auto changes = env::changes(before, env::make_lock(store, spec, &before, options).within("refresh").value());
      const auto is_security = [&](const env::Change& c) { return (c.part == "os" || c.part == "apt") && of_security.count(c.name) != 0; };
      const std::string does = std::string("ninefold lock ") + (security ? "--security" : "--upgrade");
      if (args.has("--json")) {
        auto all = changes_json(changes);
        for (std::size_t i = 0; i < changes.size(); ++i) all[i]["security"] = is_security(changes[i]);
        io.out << nlohmann::ordered_json{{"lock", env::lock_path(spec)}, {"changes", all}, {"command", does}}.dump() << "\n";
        return changes.empty() ? ok : found_something;
      }
      for (const env::Change& c : changes) {
        std::string line = env::changes_text({c});
        if (is_security(c)) line.insert(line.size() - 1, "  (security)");
        io.out << line;
      }
      if (changes.empty()) {
        io.out << (security ? "no security update is missing\n" : "nothing is newer\n");
        return ok;
      }
      const auto urgent = std::count_if(changes.begin(), changes.end(), is_security);
      io.err << fmt::format("refresh: {} would change, {} for security; the lock is as it was. It takes them: {}{}\n", changes.size(), urgent, does,
                            urgent && !security ? "; those for security alone: ninefold lock --security" : "");
      return found_something;
    },
    .details = "Indexes are read, and no package is fetched (a base that is an image is, where its tag moved). What comes from Debian's security suite "
               "is marked. Python packages are those that ninefold.toml allows. For CI: the exit status tells whether there is anything.",
    .completes = "file"};

}  // namespace ninefold::cli
