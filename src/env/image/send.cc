// In: an image of the store. Out: its blobs in a registry, then its manifest, then the one with lock and inputs
// beside it: nothing that is half there has a name.
#include <set>

#include "base/check.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "env/image/image.h"
#include "env/image/needs.h"
#include "env/image/transfer_parts.h"
#include "env/lock/lock.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;
using registry::Client;
constexpr const char* kEmptyType = "application/vnd.oci.empty.v1+json";

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
    if (!ref.lock.empty()) know_base(parse_lock(store_.get(Shelf::blobs, ref.lock).value()).value());
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
    tally_.expect(file_size("push", store_.path(shelf, digest)));
  }

  // Where the registry may have a base's layers already.
  void know_base(const Lock& lock) {
    if (lock.image.empty()) return;
    const std::string& name = lock.image[kImageManifest].name;
    base_ = name.substr(0, name.find_first_of(":@"));
    for (const Input& part : lock.image) of_base_.insert(part.digest);
  }

  void send_all() {
    for (const auto& [shelf, digest] : missing_) {
      store_.verify(shelf, digest).within("push").value();  // damage is not spread
      const std::string file = store_.path(shelf, digest);
      const std::uint64_t size = file_size("push", file);
      const bool sent = client_.put_blob(digest, file, size, [this](std::uint64_t done) { tally_.at(done); }, of_base_.count(digest) ? base_ : "");
      tally_.finished(size);
      if (!sent) {
        ++moved_.there;
        continue;
      }
      ++moved_.blobs;
      moved_.bytes += size;
    }
  }

  // The manifest of lock and inputs; its blobs are sent with the others.
  std::string beside_text(const Ref& ref, bool inputs) {
    const std::string empty = store_.put(Shelf::blobs, "{}").value();
    want(Shelf::blobs, empty);
    Json layers = Json::array({descriptor_json(kLockType, ref.lock, file_size("push", store_.path(Shelf::blobs, ref.lock)))});
    const Lock lock = parse_lock(store_.get(Shelf::blobs, ref.lock).value()).value();
    std::set<std::string> known;
    if (inputs)
      for (const Input& input : all_inputs(lock)) {
        if (!known.insert(input.digest).second) continue;
        check(store_.has(Shelf::inputs, input.digest), Code::not_found,
              "push: the input {} is not in the store; `ninefold lock` fetches what is missing", input.file);
        want(Shelf::inputs, input.digest);
        Json one = descriptor_json(kInputType, input.digest, input.size);
        one["annotations"] = {{"org.opencontainers.image.title", input.file}};
        layers.push_back(one);
      }
    const Json json = {{"schemaVersion", 2},
                       {"mediaType", registry::kManifestType},
                       {"artifactType", kBesideType},
                       {"config", descriptor_json(kEmptyType, empty, 2)},
                       {"layers", layers},
                       {"subject", descriptor_json(registry::kManifestType, ref.image, file_size("push", store_.path(Shelf::blobs, ref.image)))}};
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
    Json entry = descriptor_json(registry::kManifestType, beside.digest, text.size());
    entry["artifactType"] = kBesideType;
    index["manifests"].push_back(entry);
    const std::string bytes = index.dump();
    client_.put_manifest(tag, {registry::kIndexType, "sha256:" + sha256_hex(bytes), bytes});
  }

  Store& store_;
  Client& client_;
  Tally tally_;
  Moved moved_;
  std::set<std::string> wanted_, of_base_;
  std::string base_;  // its repository
  std::vector<std::pair<Shelf, std::string>> missing_;
};

}  // namespace

Result<Moved> push(Store& store, const std::string& name, Client& client, bool inputs, const OnMoved& moved) {
  return told<Moved>("push", [&] { return Pusher(store, client, moved).run(name, inputs); });
}

}  // namespace ninefold::env::image
