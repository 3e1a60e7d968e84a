// In: images. Out: their blobs, moved to or from a registry in the order that leaves nothing half named.
#include "env/image/transfer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/check.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "env/image/image.h"
#include "env/image/needs.h"
#include "env/image/receive.h"
#include "env/lock/lock.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;
using registry::Client;
constexpr const char* kBesideType = "application/vnd.ninefold.lock.v1";
constexpr const char* kLockType = "application/vnd.ninefold.lock.v1+json";
constexpr const char* kInputType = "application/vnd.ninefold.input.v1";
constexpr const char* kEmptyType = "application/vnd.oci.empty.v1+json";
constexpr std::size_t kMostParts = 20000;

std::uint64_t size_of(const std::string& path) {
  struct stat status {};
  check(::stat(path.c_str(), &status) == 0, Code::not_found, "push: {} is missing; `ninefold verify` tells what else", path);
  return static_cast<std::uint64_t>(status.st_size);
}

std::string architecture() {
  utsname name{};
  ::uname(&name);
  const std::string machine = name.machine;
  return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
}

Json descriptor(const char* type, const std::string& digest, std::uint64_t size) {
  return {{"mediaType", type}, {"digest", digest}, {"size", size}};
}

// What is to be moved, and how far it has come.
class Tally {
 public:
  explicit Tally(const OnMoved& moved) : moved_(moved) {}
  void expect(std::uint64_t bytes) { total_ += bytes; }
  void at(std::uint64_t of_this_blob) const {
    if (moved_) moved_(std::min(done_ + of_this_blob, total_), total_);
  }
  void finished(std::uint64_t bytes) {
    done_ += bytes;
    at(0);
  }

 private:
  const OnMoved& moved_;
  std::uint64_t total_ = 0, done_ = 0;
};

class Pusher {
 public:
  Pusher(Store& store, Client& client, const OnMoved& moved) : store_(store), client_(client), tally_(moved) {}

  Moved run(const std::string& name, bool inputs) {
    const Ref ref = store_.ref(name).within("push").value();
    const registry::Reference& to = client_.reference();
    check(to.digest.empty() || to.digest == ref.image, "push: {} is {}, and not what {} asks for; leave the digest out", name, ref.image, to.text());
    const Needs all = needs(store_, ref.image, ref.lock).within("push").value();
    Lease lease = store_.lease().value();
    lease.hold(all.blobs).value();
    if (inputs) lease.hold(all.inputs).value();
    moved_.ref = ref;
    client_.greet();
    for (const std::string& digest : all.blobs)
      if (digest != ref.image) want(Shelf::blobs, digest);
    const std::string beside = ref.lock.empty() ? "" : beside_text(ref, inputs);
    send_all();
    const registry::Manifest manifest{registry::kManifestType, ref.image, store_.get(Shelf::blobs, ref.image).value()};
    client_.put_manifest(to.target(), manifest);
    if (!beside.empty()) put_beside(ref.image, beside);
    return moved_;
  }

 private:
  void want(Shelf shelf, const std::string& digest) {
    if (!wanted_.insert(digest).second) return;
    if (client_.has_blob(digest)) {
      ++moved_.there;
      return;
    }
    missing_.push_back({shelf, digest});
    tally_.expect(size_of(store_.path(shelf, digest)));
  }

  void send_all() {
    for (const auto& [shelf, digest] : missing_) {
      store_.verify(shelf, digest).within("push").value();  // damage is not spread
      const std::string file = store_.path(shelf, digest);
      const std::uint64_t size = size_of(file);
      client_.put_blob(digest, file, size, [this](std::uint64_t done) { tally_.at(done); });
      tally_.finished(size);
      ++moved_.blobs;
      moved_.bytes += size;
    }
  }

  // The manifest of lock and inputs; its blobs are sent with the others.
  std::string beside_text(const Ref& ref, bool inputs) {
    const std::string empty = store_.put(Shelf::blobs, "{}").value();
    want(Shelf::blobs, empty);
    Json layers = Json::array({descriptor(kLockType, ref.lock, size_of(store_.path(Shelf::blobs, ref.lock)))});
    const Lock lock = parse_lock(store_.get(Shelf::blobs, ref.lock).value()).value();
    std::set<std::string> known;
    if (inputs)
      for (const Input& input : all_inputs(lock)) {
        if (!known.insert(input.digest).second) continue;
        check(store_.has(Shelf::inputs, input.digest), Code::not_found,
              "push: the input {} is not in the store; `ninefold lock` fetches what is missing", input.file);
        want(Shelf::inputs, input.digest);
        Json one = descriptor(kInputType, input.digest, input.size);
        one["annotations"] = {{"org.opencontainers.image.title", input.file}};
        layers.push_back(one);
      }
    const Json json = {{"schemaVersion", 2},
                       {"mediaType", registry::kManifestType},
                       {"artifactType", kBesideType},
                       {"config", descriptor(kEmptyType, empty, 2)},
                       {"layers", layers},
                       {"subject", descriptor(registry::kManifestType, ref.image, size_of(store_.path(Shelf::blobs, ref.image)))}};
    return json.dump();
  }

  void put_beside(const std::string& image, const std::string& text) {
    const registry::Manifest beside{registry::kManifestType, "sha256:" + sha256_hex(text), text};
    if (client_.put_manifest(beside.digest, beside)) return;
    // The registry keeps no lists of referrers: the specification's tag does.
    Json index = {{"schemaVersion", 2}, {"mediaType", registry::kIndexType}, {"manifests", Json::array()}};
    const std::string tag = Client::referrers_tag(image);
    if (const auto before = client_.manifest(tag)) {
      try {
        const Json old = parse_json(before->bytes, "push");
        if (old.is_object() && old.contains("manifests") && old["manifests"].is_array()) index["manifests"] = old["manifests"];
      } catch (const Error&) {  // nothing in it can be kept
      }
    }
    for (const Json& one : index["manifests"])
      if (one.is_object() && one.value("digest", "") == beside.digest) return;
    Json entry = descriptor(registry::kManifestType, beside.digest, text.size());
    entry["artifactType"] = kBesideType;
    index["manifests"].push_back(entry);
    const std::string bytes = index.dump();
    client_.put_manifest(tag, {registry::kIndexType, "sha256:" + sha256_hex(bytes), bytes});
  }

  Store& store_;
  Client& client_;
  Tally tally_;
  Moved moved_;
  std::set<std::string> wanted_;
  std::vector<std::pair<Shelf, std::string>> missing_;
};

class Puller {
 public:
  Puller(Store& store, Client& client, const OnMoved& moved) : store_(store), client_(client), tally_(moved) {}

  Moved run(const std::string& name, bool inputs) {
    const registry::Reference& from = client_.reference();
    client_.greet();
    manifest_ = fetch_manifest(from.target());
    if (is_index(manifest_.bytes)) manifest_ = fetch_manifest(choose_platform(manifest_.bytes, architecture()).within("pull").value());
    const Image image = parse_manifest(manifest_.bytes).within("pull " + from.text()).value();
    sizes_[image.config_descriptor.digest] = image.config_descriptor.size;
    for (const Descriptor& layer : image.layers) sizes_[layer.digest] = layer.size;
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
    for (const auto& [digest, size] : sizes_) {
      if (store_.has(offered.count(digest) ? Shelf::inputs : Shelf::blobs, digest)) ++moved_.there;
      else tally_.expect(size);
    }
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
    const std::uint64_t bytes = size_of(file);
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
  registry::Manifest manifest_;
  std::map<std::string, std::uint64_t> sizes_;
};

template <class T, class Body>
Result<T> told(const std::string& operation, Body body) {
  try {
    return body();
  } catch (const Error& error) {
    return error;
  } catch (const nlohmann::json::exception& error) {
    return Error(Code::data_loss, fmt::format("{}: the registry's answer is malformed: {}", operation, error.what()));
  }
}

}  // namespace

Result<std::string> choose_platform(const std::string& index, const std::string& architecture) {
  return told<std::string>("image index", [&]() -> Result<std::string> {
    std::string known;
    for (const Json& one : parse_json(index, "image index").at("manifests")) {
      const Json& platform = one.at("platform");
      const std::string os = platform.at("os").get<std::string>(), machine = platform.at("architecture").get<std::string>();
      const std::string digest = one.at("digest").get<std::string>();
      if (os == "linux" && machine == architecture && is_digest(digest)) return digest;
      known += (known.empty() ? "" : ", ") + os + "/" + machine;
    }
    return Error(Code::not_found, fmt::format("the image is for {}, not for linux/{}", known.empty() ? "no machine" : known.substr(0, 300), architecture));
  });
}

Result<Beside> parse_beside(const std::string& manifest, const std::string& image) {
  return told<Beside>("lock of the image", [&]() -> Result<Beside> {
    const Json json = parse_json(manifest, "lock of the image");
    check(json.at("subject").at("digest") == image, Code::data_loss, "lock of the image: it belongs to another image than {}", image);
    Beside beside;
    const Json& layers = json.at("layers");
    check(layers.is_array() && !layers.empty() && layers.size() <= kMostParts, Code::data_loss, "lock of the image: it has no layers, or too many");
    for (const Json& layer : layers) {
      const std::string digest = layer.at("digest").get<std::string>();
      check(is_digest(digest) && layer.at("size").is_number_unsigned(), Code::data_loss, "lock of the image: a part has no digest or no size");
      beside.blobs.emplace_back(digest, layer.at("size").get<std::uint64_t>());
    }
    check(layers[0].at("mediaType") == kLockType, Code::data_loss, "lock of the image: it does not begin with a lock");
    beside.lock = beside.blobs[0].first;
    return beside;
  });
}

Result<Moved> push(Store& store, const std::string& name, Client& client, bool inputs, const OnMoved& moved) {
  return told<Moved>("push", [&] { return Pusher(store, client, moved).run(name, inputs); });
}

Result<Moved> pull(Store& store, Client& client, const std::string& name, bool inputs, const OnMoved& moved) {
  return told<Moved>("pull", [&] { return Puller(store, client, moved).run(name, inputs); });
}

}  // namespace ninefold::env::image
