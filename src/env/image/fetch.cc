// In: an image of a registry. Out: its blobs in the store, then its name.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <set>

#include "base/check.h"
#include "base/json_text.h"
#include "env/image/image.h"
#include "env/image/packed.h"
#include "env/image/receive.h"
#include "env/image/transfer_parts.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;
using registry::Client;

std::string architecture() {
  utsname name{};
  ::uname(&name);
  const std::string machine = name.machine;
  return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
}

class Puller {
 public:
  Puller(Store& store, Client& client, const OnMoved& moved) : store_(store), client_(client), tally_(moved) {}

  Moved run(const std::string& name, bool inputs) {
    const registry::Reference& from = client_.reference();
    client_.greet();
    manifest_ = fetch_manifest(from.target());
    if (is_index(manifest_.bytes)) manifest_ = fetch_manifest(choose_platform(manifest_.bytes, architecture()).within("pull").value());
    const Image image = parse_packed_manifest(manifest_.bytes).within("pull " + from.text()).value();
    lease_ = store_.lease().value();
    entered_ = store_.enter(false).value();  // nothing is collected meanwhile
    Ref ref{name.empty() ? from.name() : name, manifest_.digest, ""};
    std::set<std::string> offered;
    if (const Beside beside = find_beside(inputs); !beside.lock.empty()) {
      ref.lock = beside.lock;
      for (const auto& [digest, size] : beside.blobs) {
        if (digest != beside.lock && !inputs) continue;
        sizes_[digest] = size;
        if (digest != beside.lock) offered.insert(digest);
      }
    }
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

  static bool is_index(const std::string& bytes) {
    const Json json = parse_json(bytes, "pull: image manifest");
    return json.is_object() && json.contains("manifests") && !json.contains("layers");
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
    const std::string file = store_.root() + "/temp/pull-" + layer.digest.substr(7);
    const Fd held = hold(Shelf::blobs, plain, file);
    if (!held) return;
    moved_.bytes += client_.get_blob(layer.digest, layer.size, file, [this](std::uint64_t done) { tally_.at(done); });
    const std::string temp = store_.temporary_file();
    std::string got = layer.digest;
    if (layer.media_type.ends_with("gzip")) got = gunzip("pull: layer " + layer.digest, file, temp).value();
    else if (::rename(file.c_str(), temp.c_str()) != 0) throw errno_error(errno, "pull: move " + file);
    if (got != plain) ::unlink(temp.c_str());
    check(got == plain, Code::data_loss, "pull: layer {} unpacks to {}, its image's configuration says {}; it was damaged or tampered with",
          layer.digest, got, plain);
    store_.take_file(Shelf::blobs, temp, plain).value();
    ::unlink(file.c_str());
    tally_.finished(layer.size);
    ++moved_.blobs;
  }

  void bring(Shelf shelf, const std::string& digest) {
    if (digest == manifest_.digest) {
      store_.put(shelf, manifest_.bytes).value();
      return;
    }
    const std::string file = store_.root() + "/temp/pull-" + digest.substr(7);
    const Fd held = hold(shelf, digest, file);
    if (!held) return;  // another pull brought it meanwhile
    const auto told = sizes_.find(digest);
    const std::uint64_t size = told == sizes_.end() ? 0 : told->second;
    moved_.bytes += client_.get_blob(digest, size, file, [this](std::uint64_t done) { tally_.at(done); });
    const std::uint64_t bytes = file_size("pull", file);
    store_.take_file(shelf, file, digest).value();
    tally_.finished(bytes);
    ++moved_.blobs;
  }

  // Two pulls of one blob are one: the second waits, and finds it there.
  Fd hold(Shelf shelf, const std::string& digest, const std::string& file) const {
    for (;;) {
      Fd held = open_file("pull", file, O_RDWR | O_CREAT, 0644).value();
      while (::flock(held.get(), LOCK_EX) != 0)
        if (errno != EINTR) throw errno_error(errno, "pull: lock " + file);
      struct stat ours {}, named {};
      const bool same = ::fstat(held.get(), &ours) == 0 && ::stat(file.c_str(), &named) == 0 && ours.st_ino == named.st_ino;
      if (store_.has(shelf, digest)) {
        if (same) ::unlink(file.c_str());
        return Fd();
      }
      if (same) return held;
    }
  }

  Store& store_;
  Client& client_;
  Tally tally_;
  Moved moved_;
  Lease lease_;
  Fd entered_;
  registry::Manifest manifest_;
  std::map<std::string, std::uint64_t> sizes_;
};

}  // namespace

Result<Moved> pull(Store& store, Client& client, const std::string& name, bool inputs, const OnMoved& moved) {
  return told<Moved>("pull", [&] { return Puller(store, client, moved).run(name, inputs); });
}

}  // namespace ninefold::env::image
