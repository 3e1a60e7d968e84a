// In: an image of a registry. Out: its blobs in the store, then its name.
#include <sys/stat.h>

#include <map>
#include <set>

#include "base/check.h"
#include "base/json_text.h"
#include "env/image/image.h"
#include "env/image/incoming.h"
#include "env/image/packed.h"
#include "env/image/receive.h"
#include "env/image/transfer_parts.h"
#include "env/lock/machine.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;
using registry::Client;

class Puller {
 public:
  Puller(Store& store, Client& client, const PullOptions& options, const OnMoved& moved) : store_(store), client_(client), options_(options), tally_(moved) {}

  Moved run() {
    const bool inputs = options_.inputs;
    const registry::Reference& from = client_.reference();
    client_.greet();
    manifest_ = fetch_manifest(from.target());
    const std::string pointed_to = manifest_.digest;  // an index, perhaps
    if (is_index("pull", manifest_.bytes)) manifest_ = fetch_manifest(choose_platform(manifest_.bytes, machine_architecture()).within("pull").value());
    if (options_.trusted) check_signed(store_, client_, {pointed_to, manifest_.digest}, *options_.trusted).within("pull").value();
    const Image image = parse_packed_manifest(manifest_.bytes).within("pull " + from.text()).value();
    lease_ = store_.lease().value();
    entered_ = store_.enter(false).value();  // nothing is collected meanwhile
    Ref ref{options_.name.empty() ? from.name() : options_.name, manifest_.digest, ""};
    if (from.digest.empty()) ref.from = from.text(), ref.from_digest = pointed_to;
    std::set<std::string> offered;
    if (const Beside beside = find_beside(inputs); !beside.lock.empty()) {
      ref.lock = beside.lock;
      for (const auto& [digest, size] : beside.blobs) {
        if (digest != beside.lock && !inputs) continue;
        sizes_[digest] = size;
        if (digest != beside.lock) offered.insert(digest);
      }
    }
    if (!may_take(ref)) return moved_;
    check(!inputs || !offered.empty(), Code::not_found, "pull: {} has no inputs beside it; it was pushed without --inputs", from.text());
    sizes_[image.config_descriptor.digest] = image.config_descriptor.size;
    const bool packed = std::any_of(image.layers.begin(), image.layers.end(), [](const Descriptor& layer) { return layer.media_type != kPlainLayer; });
    if (!packed)
      for (const Descriptor& layer : image.layers) sizes_[layer.digest] = layer.size;
    for (const auto& [digest, size] : sizes_) {
      if (store_.has(offered.count(digest) ? Shelf::inputs : Shelf::blobs, digest)) ++moved_.there;
      else tally_.expect(size);
    }
    if (packed) ref.image = unpack(image);
    receive(store_, "pull", ref, [this](Shelf shelf, const std::string& digest) { bring(shelf, digest); },
            [&](const std::string& digest) { return offered.count(digest) != 0; });
    moved_.ref = ref;
    return moved_;
  }

 private:
  registry::Manifest fetch_manifest(const std::string& target) {
    std::optional<registry::Manifest> found = client_.manifest(target);
    const registry::Reference& from = client_.reference();
    check(found.has_value(), Code::not_found, "pull: {} has no image {}{}{}; check the name, or push it first", from.host, from.repository,
          is_digest(target) ? "@" : ":", target);
    return *found;
  }

  // False where the tag moved, or is only looked at, and the caller keeps what the store has.
  bool may_take(const Ref& ref) {
    const Result<Ref> known = store_.ref(ref.name);
    const bool follows = known && !ref.from.empty() && known.value().from == ref.from;
    check(follows || !options_.look, Code::not_found, "pull: the store follows no {} under the name {}; pull it first", ref.from, ref.name);
    if (!follows || (known.value().from_digest == ref.from_digest && !options_.look)) return true;
    TagMove move{ref.from, known.value().from_digest, ref.from_digest, lock_text(known.value().lock), ""};
    if (move.before != move.after) move.new_lock = ref.lock == known.value().lock ? move.old_lock : lock_text(ref.lock);
    if (!options_.may_move || options_.may_move(move)) return true;
    moved_.ref = known.value(), moved_.refused = true;
    return false;
  }

  std::string lock_text(const std::string& digest) {
    if (digest.empty()) return {};
    lease_.hold({digest}).value();
    if (!store_.has(Shelf::blobs, digest)) bring(Shelf::blobs, digest);
    return store_.get(Shelf::blobs, digest).value();
  }

  // Of several, the one that brings most.
  Beside find_beside(bool inputs) {
    Beside best;
    const std::optional<std::string> index = client_.referrers(manifest_.digest);
    if (!index) return best;
    const Json json = parse_json(*index, "pull: referrers");
    if (!json.is_object() || !json.contains("manifests") || !json["manifests"].is_array()) return best;
    for (const Json& one : json["manifests"]) {
      if (!one.is_object() || one.value("artifactType", "") != kBesideType || !is_digest(one.value("digest", ""))) continue;
      const auto manifest = client_.manifest(one.value("digest", ""));
      if (!manifest) continue;
      Beside beside = parse_beside(manifest->bytes, manifest_.digest).within("pull").value();
      if (best.lock.empty() || beside.blobs.size() > best.blobs.size()) best = std::move(beside);
      if (!inputs) break;
    }
    return best;
  }

  // The store keeps plain layers: an image with packed ones gets a manifest of ours, with the same configuration.
  std::string unpack(const Image& image) {
    const std::string& config_digest = image.config_descriptor.digest;
    lease_.hold({config_digest}).value();
    if (!store_.has(Shelf::blobs, config_digest)) bring(Shelf::blobs, config_digest);
    const std::string text = store_.get(Shelf::blobs, config_digest).value();
    const Config config = parse_config(text).within("pull").value();
    check(config.diff_ids.size() == image.layers.size(), Code::data_loss, "pull: {} has {} layers, and its configuration {}; it is damaged or no image",
          client_.reference().text(), image.layers.size(), config.diff_ids.size());
    for (std::size_t i = 0; i < image.layers.size(); ++i)
      if (!store_.has(Shelf::blobs, config.diff_ids[i])) tally_.expect(image.layers[i].size);
    Json layers = Json::array();
    for (std::size_t i = 0; i < image.layers.size(); ++i) {
      const std::string& plain = config.diff_ids[i];
      lease_.hold({plain}).value();
      if (store_.has(Shelf::blobs, plain)) ++moved_.there;
      else bring_packed(image.layers[i], plain);
      layers.push_back(descriptor_json(kPlainLayer, plain, file_size("pull", store_.path(Shelf::blobs, plain))));
    }
    const Json manifest = {{"schemaVersion", 2},
                           {"mediaType", registry::kManifestType},
                           {"config", descriptor_json("application/vnd.oci.image.config.v1+json", config_digest, text.size())},
                           {"layers", layers}};
    const std::string ours = store_.put(Shelf::blobs, manifest.dump()).value();
    store_.cache(Cache::layers, manifest_.digest.substr(7), ours).value();  // asked for by the registry's digest, it is here
    moved_.unpacked_from = manifest_.digest;
    return ours;
  }

  void bring_packed(const Descriptor& layer, const std::string& plain) {
    const auto came = bring_layer(store_, client_, "pull", Shelf::blobs, layer, plain, [this](std::uint64_t done) { tally_.at(done); });
    if (!came) return;
    moved_.bytes += *came;
    tally_.finished(layer.size);
    ++moved_.blobs;
  }

  void bring(Shelf shelf, const std::string& digest) {
    if (digest == manifest_.digest) {
      store_.put(shelf, manifest_.bytes).value();
      return;
    }
    const std::string file = store_.root() + "/temp/pull-" + digest.substr(7);
    const Fd held = hold_incoming(store_, "pull", shelf, digest, file);
    if (!held) return;  // another pull brought it meanwhile
    const auto told = sizes_.find(digest);
    const std::uint64_t size = told == sizes_.end() ? 0 : told->second;
    moved_.bytes += client_.get_blob(digest, size, file, [this](std::uint64_t done) { tally_.at(done); });
    const std::uint64_t bytes = file_size("pull", file);
    store_.take_file(shelf, file, digest).value();
    tally_.finished(bytes);
    ++moved_.blobs;
  }

  Store& store_;
  Client& client_;
  const PullOptions& options_;
  Tally tally_;
  Moved moved_;
  Lease lease_;
  Fd entered_;
  registry::Manifest manifest_;
  std::map<std::string, std::uint64_t> sizes_;
};

}  // namespace

Result<Moved> pull(Store& store, Client& client, const PullOptions& options, const OnMoved& moved) {
  return told<Moved>("pull", [&] { return Puller(store, client, options, moved).run(); });
}

}  // namespace ninefold::env::image
