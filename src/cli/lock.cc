// In: ninefold.toml. Out: ninefold.lock, every input by digest and stored; what changed.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/changes.h"
#include "cli/progress.h"
#include "cli/registry.h"
#include "cli/verb.h"
#include "env/lock/make.h"
#include "env/spec/parse.h"

namespace ninefold::cli {

extern const Verb lock;
const Verb lock = {
    .name = "lock",
    .usage = "[--upgrade | --security] [--check] [--plain-http] [--ca FILE] [--json] [FILE]",
    .brief = "Pin every input of the environment by digest in ninefold.lock, and store it.",
    .flags = {{"--upgrade", "take the newest versions of everything; the differences are shown"},
              {"--security", "take what Debian's security suite has that is newer, and leave all else as it is locked"},
              {"--check", "change nothing; tell whether the lock matches the file and is stored whole"},
              plain_http_flag, ca_flag, {"--json", "the changes as JSON"}},
    .examples = {"ninefold lock", "ninefold lock --upgrade", "ninefold lock --security", "ninefold lock --check project/ninefold.toml"},
    .exits = "0; 1: --check found the lock missing, outdated or not stored; 2: a bad file; 127: cannot lock",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "lock: expected one file, got {}", args.rest.size());
      check(!(args.has("--upgrade") && args.has("--security")), "lock: --upgrade takes everything that is new, and --security a part of it; give one of them");
      const env::Spec spec = env::load_spec(args.rest.empty() ? "" : args.rest[0]).value();
      env::Store store = env::Store::open().value();
      Result<env::Lock> before = env::read_lock(spec);
      if (args.has("--check")) {
        std::string fault;
        if (!before) fault = before.error().message();
        else if (before.value().spec != env::fingerprint(spec)) fault = "ninefold.lock does not match ninefold.toml; run ninefold lock";
        else if (const auto missing = env::missing_inputs(store, before.value()); !missing.empty())
          fault = fmt::format("{} inputs are not in the store, {} among them; run ninefold lock", missing.size(), missing[0].file);
        if (!fault.empty()) io.err << "ninefold lock: " << fault << "\n";
        return fault.empty() ? ok : found_something;
      }
      // A damaged lock is made anew only when the user says so.
      if (!before && before.error().code() != Code::not_found && !args.has("--upgrade")) before.value();
      const env::Say say = progress(io);
      const env::LockOptions options{args.has("--upgrade"), program_folder(), say, base_reader(access_of(args), say), args.has("--security")};
      const env::Lock after = env::make_lock(store, spec, before ? &before.value() : nullptr, options).value();
      const auto changes = env::changes(before ? before.value() : env::Lock{}, after);
      env::write_lock(spec, after).value();
      if (args.has("--json")) {
        io.out << nlohmann::ordered_json{{"lock", env::lock_path(spec)}, {"changes", changes_json(changes)}}.dump() << "\n";
      } else if (!before) {
        io.out << fmt::format("wrote {}: {} inputs\n", env::lock_path(spec), env::all_inputs(after).size());
      } else {
        io.out << (changes.empty() ? "nothing changed\n" : env::changes_text(changes));
      }
      return ok;
    },
    .completes = "file"};

}  // namespace ninefold::cli
