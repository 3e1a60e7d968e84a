// In: an image's digest in a registry. Out: its signatures there, one more of them, or whether one of them is trusted.
#include <unistd.h>

#include <optional>
#include <set>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "env/image/image.h"
#include "env/image/signature.h"
#include "env/image/transfer_parts.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSignatureLayer = "application/vnd.dev.cosign.simplesigning.v1+json";
constexpr const char* kSignatureNote = "dev.cosignproject.cosign/signature";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr std::uint64_t kMostPayload = 1 << 20;  // bytes; real ones have three hundred
constexpr std::size_t kMostSignatures = 200;

struct Found {
  Json layer;  // the descriptor, whole: what others wrote into it stays
  std::string digest, signature;
  std::uint64_t size = 0;
};

// The signatures of a manifest; what is none is left out.
std::vector<Found> parse_signatures(const std::string& bytes) {
  const Json json = parse_json(bytes, "signatures");
  std::vector<Found> all;
  if (!json.is_object() || !json.contains("layers") || !json["layers"].is_array()) return all;
  for (const Json& layer : json["layers"]) {
    if (!layer.is_object() || layer.value("mediaType", "") != kSignatureLayer || !is_digest(layer.value("digest", ""))) continue;
    if (!layer.contains("annotations") || !layer["annotations"].is_object() || all.size() == kMostSignatures) continue;
    all.push_back({layer, layer["digest"], layer["annotations"].value(kSignatureNote, ""), layer.value("size", std::uint64_t{0})});
  }
  return all;
}

// The client checks the bytes against their digest.
std::string payload_of(Store& store, registry::Client& client, const Found& found) {
  check(found.size <= kMostPayload, Code::data_loss, "the signature {} has {} bytes, too many for one", found.digest, found.size);
  const std::string file = store.temporary_file();
  client.get_blob(found.digest, found.size, file, {});
  const Result<std::string> bytes = read_file("signature", file);
  ::unlink(file.c_str());
  return bytes.value();
}

void check_one(Store& store, registry::Client& client, const std::string& digest, const Trusted& trusted) {
  const registry::Reference& from = client.reference();
  const std::string image = fmt::format("{}/{}@{}", from.host, from.repository, digest);
  std::string keys;
  for (const std::string& file : trusted.files) keys += (keys.empty() ? "" : ", ") + file;
  const auto manifest = client.manifest(signature_tag(digest));
  const std::vector<Found> all = manifest ? parse_signatures(manifest->bytes) : std::vector<Found>();
  check(!all.empty(), Code::unauthenticated, "{} is not signed; nothing of it was taken. Its owner signs it with: ninefold push --sign KEY", image);
  std::string why;
  for (const Found& one : all) {
    const std::string payload = payload_of(store, client, one);
    const bool ours = std::any_of(trusted.keys.begin(), trusted.keys.end(), [&](const Key& key) { return is_signed(key, payload, one.signature); });
    if (!ours) continue;
    const Result<std::string> names = signed_digest(payload);
    if (names && names.value() == digest) return;
    why = names ? "a signature of " + names.value() + " was put in its place" : names.error().message();
  }
  fail(Code::unauthenticated, "{} is not signed by {}: {}; nothing of it was taken", image, keys,
       !why.empty() ? why : all.size() == 1 ? "its signature is by another key, or does not fit what was signed"
                                            : fmt::format("its {} signatures are by other keys, or do not fit what was signed", all.size()));
}

}  // namespace

std::string signature_tag(const std::string& digest) { return "sha256-" + digest.substr(7) + ".sig"; }

Result<bool> push_signature(Store& store, registry::Client& client, const std::string& digest, const Key& key) {
  return told<bool>("push: sign", [&] {
    const registry::Reference& to = client.reference();
    std::vector<Found> all;
    if (const auto before = client.manifest(signature_tag(digest))) all = parse_signatures(before->bytes);
    const std::string payload = signing_payload(to.host + "/" + to.repository, digest), payload_digest = "sha256:" + sha256_hex(payload);
    for (const Found& one : all)
      if (one.digest == payload_digest && is_signed(key, payload, one.signature)) return true;
    Json layer = descriptor_json(kSignatureLayer, payload_digest, payload.size());
    layer["annotations"] = {{kSignatureNote, sign(key, payload).value()}};
    all.push_back({layer, payload_digest, "", payload.size()});
    Json layers = Json::array(), ids = Json::array();
    for (const Found& one : all) layers.push_back(one.layer), ids.push_back(one.digest);
    const Json config = {{"architecture", ""}, {"created", "0001-01-01T00:00:00Z"}, {"os", ""}, {"rootfs", {{"type", "layers"}, {"diff_ids", ids}}}, {"config", Json::object()}};
    const std::string config_text = config.dump();
    const auto put = [&](const std::string& bytes) {
      const std::string file = store.temporary_file(), name = "sha256:" + sha256_hex(bytes);
      write_atomically("push: sign", file, bytes).value();
      if (!client.has_blob(name)) client.put_blob(name, file, bytes.size(), {});
      ::unlink(file.c_str());
    };
    put(payload);
    put(config_text);
    const Json manifest = {{"schemaVersion", 2},
                           {"mediaType", registry::kManifestType},
                           {"config", descriptor_json(kConfigType, "sha256:" + sha256_hex(config_text), config_text.size())},
                           {"layers", layers}};
    const std::string text = manifest.dump();
    client.put_manifest(signature_tag(digest), {registry::kManifestType, "sha256:" + sha256_hex(text), text});
    return false;
  });
}

Result<Trusted> read_trusted(const std::vector<std::string>& files) {
  Trusted trusted;
  for (const std::string& file : files) {
    Result<Key> key = read_public_key(file);
    if (!key) return key.error();
    trusted.files.push_back(file);
    trusted.keys.push_back(std::move(key).value());
  }
  return trusted;
}

Result<void> check_signed(Store& store, registry::Client& client, const std::vector<std::string>& digests, const Trusted& trusted) {
  std::optional<Error> first;
  for (const std::string& digest : std::set<std::string>(digests.begin(), digests.end())) {
    const Result<bool> done = told<bool>("the signatures of " + digest, [&] {
      check_one(store, client, digest, trusted);
      return true;
    });
    if (done) return {};
    if (!first || digest == digests[0]) first = done.error();
  }
  return *first;
}

}  // namespace ninefold::env::image
