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

env::image::Moved pull_image(const std::string& verb, env::Store& store, const env::registry::Reference& from, const env::image::PullOptions& options,
                             const env::registry::Access& access, Io& io) {
  env::registry::Client client(verb, from, access, false);
  Meter meter(io, "fetched");
  return env::image::pull(store, client, options, [&](std::uint64_t done, std::uint64_t total) { meter.at(done, total); }).value();
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

env::image::Trusted trusted_of(const std::string& verb, const Args& args, const std::string& file) {
  std::vector<std::string> files = args.every("--verify-key");
  if (files.empty()) {
    const Result<env::Spec> spec = env::load_spec(file);
    if (spec) files = spec.value().sources.verify_key;
    else if (spec.error().code() != Code::not_found) spec.value();  // a damaged file must not switch a check off
  }
  return env::image::read_trusted(files).within(verb).value();
}

std::string find_image(const std::string& verb, const std::string& image, const env::registry::Access& access, const env::image::Trusted& trusted, Io& io) {
  env::Store store = env::Store::open().value();
  if (!env::registry::is_reference(image)) return env::image::open_image(store, image).within(verb).value().digest;
  const env::registry::Reference from = env::registry::parse_reference(image).within(verb).value();
  const auto whole = [&](const std::string& digest) {
    const auto known = env::image::open_image(store, digest);
    const auto here = [&](const env::image::Descriptor& layer) { return store.has(env::Shelf::blobs, layer.digest); };
    return known && std::all_of(known.value().layers.begin(), known.value().layers.end(), here);
  };
  const auto signed_there = [&](const std::string& digest) {
    if (trusted.keys.empty()) return;
    env::registry::Client client(verb, from, access, false);
    client.greet();
    env::image::check_signed(store, client, {digest}, trusted).within(verb).value();
  };
  if (!from.digest.empty()) {
    const std::string unpacked = store.cached(env::Cache::layers, from.digest.substr(7));  // what came with packed layers
    const std::string digest = unpacked.empty() ? from.digest : unpacked;
    if (whole(digest)) return signed_there(from.digest), digest;
  } else {
    for (const env::Ref& ref : store.refs().value()) {
      if (ref.from != from.text() || !whole(ref.image)) continue;
      signed_there(ref.from_digest);
      io.err << verb << ": " << ref.from << " as it was when it was pulled, " << ref.from_digest << "; whether it moved: ninefold refresh --image " << ref.from << "\n";
      return ref.image;
    }
  }
  env::image::PullOptions options;
  options.trusted = trusted.keys.empty() ? nullptr : &trusted;
  return pull_image(verb, store, from, options, access, io).ref.image;
}

std::vector<env::Change> move_changes(const env::image::TagMove& move) {
  if (move.old_lock.empty() || move.new_lock.empty()) return {};
  return env::changes(env::parse_lock(move.old_lock).value(), env::parse_lock(move.new_lock).value());
}

std::string move_text(const env::image::TagMove& move) {
  if (move.before == move.after) return move.from + " is " + move.after + ", as it is here\n";
  const std::string told = move.old_lock.empty() || move.new_lock.empty() ? "which packages differ is not known: one of them came without its lock\n"
                                                                          : env::changes_text(move_changes(move));
  return move.from + " moved\n  from " + move.before + "\n    to " + move.after + "\n" + (told.empty() ? "their packages are the same\n" : told);
}

}  // namespace ninefold::cli
