// In: ninefold.toml and its lock. Out: the image in the store.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/make_image.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "env/run/gpu.h"
#include "env/spec/parse.h"

namespace ninefold::cli {

extern const Verb build;
const Verb build = {
    .name = "build",
    .usage = "[--fresh] [--json] [FILE]",
    .brief = "Make the image that the lock describes; unchanged layers are never made again.",
    .flags = {{"--fresh", "make every layer anew, to see that the digest stays the same"}, {"--json", "digest and layers as JSON"}},
    .examples = {"ninefold build", "ninefold build --fresh project/ninefold.toml"},
    .exits = "0; 2: a bad file; 127: cannot build",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "build: expected one file, got {}", args.rest.size());
      const env::Spec spec = env::load_spec(args.rest.empty() ? "" : args.rest[0]).value();
      env::Store store = env::Store::open().value();
      MakeOptions options{args.has("--fresh"), false, progress(io)};
      options.toolkit = [&](const std::optional<env::run::Toolkit>& toolkit) {  // no refusal: it may be meant for another machine
        const std::string old = spec.gpu == env::GpuUse::none ? "" : env::run::too_old(env::run::read_driver().version, toolkit);
        if (!old.empty()) io.err << "build: warning: " << old << "\n";
      };
      const env::image::Image image = make_image("build", store, spec, options).image;
      if (args.has("--json")) {
        nlohmann::ordered_json layers = nlohmann::ordered_json::array();
        for (const auto& layer : image.layers) {
          const auto part = layer.annotations.find("ninefold.layer");
          layers.push_back({{"part", part == layer.annotations.end() ? "" : part->second}, {"digest", layer.digest}, {"size", layer.size}});
        }
        io.out << nlohmann::ordered_json{{"name", spec.name}, {"image", image.digest}, {"layers", layers}}.dump() << "\n";
      } else {
        io.out << fmt::format("{} {}\n", spec.name, image.digest);
      }
      return ok;
    },
    .completes = "file"};

}  // namespace ninefold::cli
