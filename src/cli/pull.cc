// In: a reference. Out: its image in the store, every byte checked, and extracted, so that `up` needs no network.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/ask.h"
#include "cli/environment.h"
#include "cli/registry.h"
#include "env/image/image.h"

namespace ninefold::cli {

extern const Verb pull;
const Verb pull = {
    .name = "pull",
    .usage = "[--name NAME] [--inputs] [--verify-key FILE] [--yes] [--json] HOST/REPOSITORY[:TAG|@DIGEST]",
    .brief = "Fetch an image from a registry; every byte is checked against its digest.",
    .flags = {{"--name NAME", "call it so in the store; else as the repository's last part"},
              {"--inputs", "with the packages that were pushed with it, to build it again here"},
              verify_key_flag, {"--yes", "take a tag that was pulled before and points to another image now, without asking"}, plain_http_flag, ca_flag, {"--json", "as JSON"}},
    .examples = {"ninefold pull registry.example/team/tf29:week-47",
                 "ninefold pull --name tf29 registry.example/team/tf29@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    .exits = "0; 1: the tag moved, and was not taken; 2: bad arguments; 127: no such image or registry, a refused login, or a damaged blob; nothing gets a name then",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 1, "pull: expected one reference, got {} arguments", args.rest.size());
      const env::registry::Reference from = env::registry::parse_reference(args.rest[0]).within("pull").value();
      env::Store store = env::Store::open().value();
      const env::image::Trusted trusted = trusted_of("pull", args);
      const auto may_move = [&](const env::image::TagMove& move) {
        io.err << move_text(move);
        return args.has("--yes") || agrees(io, "take it?");
      };
      const env::image::PullOptions options{args.get("--name"), args.has("--inputs"), trusted.keys.empty() ? nullptr : &trusted, may_move};
      const env::image::Moved moved = pull_image("pull", store, from, options, access_of(args), io);
      if (moved.refused) {
        io.err << "pull: nothing was changed; to take it: ninefold pull --yes " << from.text() << "\n";
        return found_something;
      }
      const env::image::Image image = env::image::open_image(store, moved.ref.image).value();
      // A caller who cannot run containers may still fetch images: for `save`, or to build.
      std::string why_no_tree;
      try {
        env::image::tree(store, image, map_here()).value();
      } catch (const Error& error) {
        why_no_tree = error.message();
      }
      if (args.has("--json")) {
        nlohmann::ordered_json json = {{"name", moved.ref.name}, {"image", moved.ref.image}, {"blobs", moved.blobs}, {"there", moved.there},
                                       {"bytes", moved.bytes}, {"extracted", why_no_tree.empty()}};
        if (!moved.unpacked_from.empty()) json["unpacked_from"] = moved.unpacked_from;
        io.out << json.dump() << "\n";
      } else {
        io.out << fmt::format("{} {}\n", moved.ref.name, moved.ref.image);
        io.err << fmt::format("pull: fetched {} blobs, {}; {} were here\n", moved.blobs, size_text(moved.bytes), moved.there);
      }
      if (!moved.unpacked_from.empty()) io.err << "pull: its layers are packed in the registry, which calls it " << moved.unpacked_from << "\n";
      if (!why_no_tree.empty()) io.err << "pull: fetched, but not extracted for `up`: " << why_no_tree << "\n";
      return ok;
    },
    .details = "A tag is remembered with what it pointed to. Where it moved, both digests and the packages that differ are shown, and it is taken when you say "
               "so. An interrupted pull goes on where it stopped. With a ninefold.lock of the same image beside the ninefold.toml, "
               "`ninefold up` then starts without a network and without building; `ninefold up --image` starts any image.",
    .completes = ""};

}  // namespace ninefold::cli
