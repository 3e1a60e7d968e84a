// In: an image's name or an archive. Out: the archive, or the image in the store.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/environment.h"
#include "cli/verb.h"
#include "env/image/archive.h"

namespace ninefold::cli {

extern const Verb save, load;
const Verb save = {
    .name = "save",
    .usage = "[--inputs] [--json] NAME FILE",
    .brief = "Write an image into one file, for a machine without a network.",
    .flags = {{"--inputs", "with every package, so that the image can be built again there"}, {"--json", "as JSON"}},
    .examples = {"ninefold save tf29 tf29.tar", "ninefold save --inputs tf29 /media/usb/tf29.tar"},
    .exits = "0; 2: bad arguments; 127: no such image, or the file cannot be written",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 2, "save: expected a name and a file, got {} arguments", args.rest.size());
      const env::Store store = env::Store::open().value();
      const auto saved = env::image::save(store, args.rest[0], args.rest[1], args.has("--inputs")).value();
      if (args.has("--json")) io.out << nlohmann::ordered_json{{"file", args.rest[1]}, {"bytes", saved.bytes}}.dump() << "\n";
      else io.out << fmt::format("wrote {}, {}\n", args.rest[1], size_text(saved.bytes));
      return ok;
    },
    .completes = "file"};

const Verb load = {
    .name = "load",
    .usage = "[--name NAME] [--json] FILE",
    .brief = "Put the image of a file into the store; every byte is checked against its digest.",
    .flags = {{"--name NAME", "under another name than it was saved with"}, {"--json", "as JSON"}},
    .examples = {"ninefold load tf29.tar", "ninefold load --name tf29-old backup.tar"},
    .exits = "0; 2: bad arguments; 127: the file is damaged or cannot be read; nothing is loaded then",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 1, "load: expected one file, got {}", args.rest.size());
      env::Store store = env::Store::open().value();
      const env::Ref ref = env::image::load(store, args.rest[0], args.get("--name")).value();
      if (args.has("--json")) io.out << nlohmann::ordered_json{{"name", ref.name}, {"image", ref.image}}.dump() << "\n";
      else io.out << fmt::format("{} {}\n", ref.name, ref.image);
      return ok;
    },
    .completes = "file"};

}  // namespace ninefold::cli
