// In: the content store. Out: what it holds, and less of it.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/environment.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "env/image/needs.h"
#include "env/image/tree.h"
#include "env/supervise/hold.h"

namespace ninefold::cli {
using nlohmann::ordered_json;

extern const Verb store_list, store_gc, store_remove;

const Verb store_list = {
    .name = "store list",
    .usage = "[--json]",
    .brief = "List the images in the store and what room everything takes.",
    .flags = {{"--json", "as JSON"}},
    .examples = {"ninefold store list", "ninefold store list --json"},
    .exits = "0; 127: the store cannot be read",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.empty(), "store list: expected no arguments, got {}", args.rest.size());
      const env::Store store = env::Store::open().value();
      std::vector<std::string> faults;
      const env::Lease running = env::supervise::hold_running(store).within("store list").value();
      const auto items = env::survey(store, env::image::needs, faults).value();
      std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> kinds;  // all, kept
      for (const auto& item : items) {
        kinds[item.kind].first += item.bytes;
        if (item.kept) kinds[item.kind].second += item.bytes;
      }
      const auto refs = store.refs().value();
      if (args.has("--json")) {
        ordered_json images = ordered_json::array(), room = ordered_json::object();
        for (const auto& ref : refs) images.push_back({{"name", ref.name}, {"image", ref.image}, {"lock", ref.lock}});
        for (const auto& [kind, bytes] : kinds) room[kind] = {{"bytes", bytes.first}, {"kept", bytes.second}};
        io.out << ordered_json{{"store", store.root()}, {"images", images}, {"room", room}, {"faults", faults}}.dump() << "\n";
        return ok;
      }
      for (const auto& ref : refs) io.out << fmt::format("{:<24} {}\n", ref.name, ref.image);
      for (const auto& [kind, bytes] : kinds)
        io.out << fmt::format("{:<15} {:>10}, of which nothing needs {}\n", kind == "compiled" ? "intermediates" : kind + "s", size_text(bytes.first), size_text(bytes.first - bytes.second));
      for (const std::string& fault : faults) io.err << "store list: " << fault << "\n";
      return ok;
    }};

const Verb store_gc = {
    .name = "store gc",
    .usage = "[--all] [--dry-run] [--json]",
    .brief = "Remove what no image and no running environment needs; safe beside builds.",
    .flags = {{"--all", "also stored packages, and byte code, decompressed packages and locales made of them, that no lock of an image names"}, {"--dry-run", "only tell what would go"}, {"--json", "as JSON"}},
    .examples = {"ninefold store gc", "ninefold store gc --all --dry-run"},
    .exits = "0; 127: the store cannot be read or cleaned",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.empty(), "store gc: expected no arguments, got {}", args.rest.size());
      const env::Store store = env::Store::open().value();
      const env::Lease running = env::supervise::hold_running(store).within("store gc").value();
      const auto done = env::collect(store, env::image::needs, env::image::remove_folder, !args.has("--all"), args.has("--dry-run")).value();
      if (args.has("--json")) io.out << ordered_json{{"items", done.items}, {"bytes", done.bytes}}.dump() << "\n";
      else io.out << fmt::format("{} {} items, {}\n", args.has("--dry-run") ? "would remove" : "removed", done.items, size_text(done.bytes));
      return ok;
    }};

const Verb store_remove = {
    .name = "store remove",
    .usage = "[--json] NAME...",
    .brief = "Forget images by name; `store gc` then frees their room.",
    .flags = {{"--json", "as JSON"}},
    .examples = {"ninefold store remove tf29", "ninefold store remove old-1 old-2 && ninefold store gc"},
    .exits = "0; 2: no name given; 127: there is no such image",
    .run = [](const Args& args, Io& io) -> int {
      check(!args.rest.empty(), "store remove: expected a name; see ninefold store list");
      env::Store store = env::Store::open().value();
      for (const std::string& name : args.rest) store.remove_ref(name).within("store remove").value();
      if (args.has("--json")) io.out << ordered_json{{"removed", args.rest}}.dump() << "\n";
      return ok;
    },
    .completes = "image"};

}  // namespace ninefold::cli
