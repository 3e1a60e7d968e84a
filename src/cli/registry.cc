// In: references. Out: images, fetched and ready for `up`.
#include "cli/registry.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ostream>

#include "base/check.h"
#include "cli/meter.h"
#include "env/image/base.h"
#include "env/image/image.h"
#include "env/run/facts.h"
#include "env/run/ids.h"
#include "env/spec/parse.h"

namespace ninefold::cli {

env::registry::Access access_of(const Args& args) { return {args.has("--plain-http"), args.get("--ca"), std::nullopt}; }

env::image::IdMap map_here() {
  Result<env::Spec> spec = env::load_spec("");
  env::Spec none;
  std::error_code error;
  none.folder = std::filesystem::current_path(error);
  return env::run::choose_ids(env::run::look_around(spec ? spec.value() : none)).value().map;
}

env::image::Moved pull_image(const std::string& verb, env::Store& store, const env::registry::Reference& from, const std::string& name, bool inputs,
                             const env::registry::Access& access, Io& io) {
  env::registry::Client client(verb, from, access, false);
  Meter meter(io, "fetched");
  return env::image::pull(store, client, name, inputs, [&](std::uint64_t done, std::uint64_t total) { meter.at(done, total); }).value();
}

env::ReadBase base_reader(const env::registry::Access& access, const env::Say& say) {
  return [access, say](env::Store& store, const env::Spec& spec, const std::vector<env::Input>* known) {
    using Clock = std::chrono::steady_clock;
    say("reading the base " + spec.base);
    const auto began = Clock::now();
    auto last = began;
    const auto moved = [&](std::uint64_t done, std::uint64_t total) {
      if (Clock::now() - last < std::chrono::milliseconds(500)) return;
      last = Clock::now();
      say(env::pace_text("the base's layers", done, total, std::chrono::duration<double>(last - began).count()));
    };
    auto facts = env::image::read_base(store, spec, known, access, moved);
    if (last != began) say("\r");
    return facts;
  };
}

std::string find_image(const std::string& verb, const std::string& image, const env::registry::Access& access, Io& io) {
  env::Store store = env::Store::open().value();
  if (!env::registry::is_reference(image)) return env::image::open_image(store, image).within(verb).value().digest;
  const env::registry::Reference from = env::registry::parse_reference(image).within(verb).value();
  if (!from.digest.empty()) {
    const std::string unpacked = store.cached(env::Cache::layers, from.digest.substr(7));  // what came with packed layers
    const auto known = env::image::open_image(store, unpacked.empty() ? from.digest : unpacked);
    const auto here = [&](const env::image::Descriptor& layer) { return store.has(env::Shelf::blobs, layer.digest); };
    if (known && std::all_of(known.value().layers.begin(), known.value().layers.end(), here)) return known.value().digest;
  }
  return pull_image(verb, store, from, "", false, access, io).ref.image;
}

}  // namespace ninefold::cli
