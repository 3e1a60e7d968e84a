// In: JSON of an OCI manifest and configuration, perhaps a stranger's. Out: Image; nothing is believed
// that is not checked.
#include "env/image/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_text.h"
#include "env/image/packed.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMostLayers = 500;
constexpr const char* kPlain = "application/vnd.oci.image.layer.v1.tar";
constexpr const char* kPacked[] = {"application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.docker.image.rootfs.diff.tar.gzip",
                                   "application/vnd.docker.image.rootfs.diff.tar"};

Error bad(const std::string& what) { return Error(Code::data_loss, "image: " + what + "; it is damaged or no OCI image"); }

std::vector<std::string> texts(const Json& json, const char* key) {
  std::vector<std::string> all;
  if (json.contains(key) && json[key].is_array())
    for (const Json& item : json[key])
      if (item.is_string()) all.push_back(item.get<std::string>());
  return all;
}

std::string text(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

std::map<std::string, std::string> map_of(const Json& json, const char* key) {
  std::map<std::string, std::string> all;
  if (json.contains(key) && json[key].is_object())
    for (const auto& [name, value] : json[key].items())
      if (value.is_string()) all[name] = value.get<std::string>();
  return all;
}

Descriptor descriptor(const Json& json) {
  Descriptor one;
  one.media_type = text(json, "mediaType");
  one.digest = text(json, "digest");
  if (json.contains("size") && json["size"].is_number_unsigned()) one.size = json["size"].get<std::uint64_t>();
  one.annotations = map_of(json, "annotations");
  return one;
}

Result<Image> read_manifest(const std::string& bytes, bool may_be_packed) {
  try {
    const Json json = parse_json(bytes, "image manifest");
    if (!json.is_object() || !json.contains("config") || !json.contains("layers") || !json["layers"].is_array())
      return bad("the manifest has no config or no layers");
    Image image;
    image.digest = "sha256:" + sha256_hex(bytes);
    image.config_descriptor = descriptor(json["config"]);
    if (json["layers"].size() > kMostLayers) return bad("the manifest has too many layers");
    for (const Json& layer : json["layers"]) image.layers.push_back(descriptor(layer));
    if (!is_digest(image.config_descriptor.digest)) return bad("the manifest's config has no digest");
    for (const Descriptor& layer : image.layers) {
      if (!is_digest(layer.digest)) return bad("a layer has no digest");
      if (layer.media_type == kPlain) continue;
      const bool known = std::find(std::begin(kPacked), std::end(kPacked), layer.media_type) != std::end(kPacked);
      if (!may_be_packed || !known)
        return Error(Code::unimplemented, fmt::format("image: layer {} is of type {}; {}", layer.digest, layer.media_type.substr(0, 100),
                                                      known ? "only plain tar layers are kept in a store" : "tar layers, plain or with gzip, can be read"));
    }
    return image;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return bad(std::string("the manifest cannot be read: ") + error.what());
  }
}

}  // namespace

Result<Config> parse_config(const std::string& bytes) {
  try {
    const Json json = parse_json(bytes, "image configuration");
    if (!json.is_object() || !json.contains("rootfs")) return bad("the configuration has no rootfs");
    Config config;
    config.architecture = text(json, "architecture");
    config.os = text(json, "os");
    config.created = text(json, "created");
    config.diff_ids = texts(json["rootfs"], "diff_ids");
    for (const std::string& id : config.diff_ids)
      if (!is_digest(id)) return bad("the configuration holds '" + id + "' as a digest");
    if (json.contains("config") && json["config"].is_object()) {
      const Json& inner = json["config"];
      config.environment = texts(inner, "Env");
      config.entrypoint = texts(inner, "Entrypoint");
      config.command = texts(inner, "Cmd");
      config.user = text(inner, "User");
      config.working_folder = text(inner, "WorkingDir");
      config.labels = map_of(inner, "Labels");
    }
    return config;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return bad(std::string("the configuration cannot be read: ") + error.what());
  }
}

Result<Image> parse_manifest(const std::string& bytes) { return read_manifest(bytes, false); }

Result<Image> parse_packed_manifest(const std::string& bytes) { return read_manifest(bytes, true); }

std::string chain_of(const std::vector<std::string>& diff_ids) {
  std::string chain;
  for (const std::string& id : diff_ids) chain = chain.empty() ? id : "sha256:" + sha256_hex(chain + " " + id);
  return chain;
}

Result<Image> open_image(const Store& store, const std::string& name) {
  std::string digest = name;
  if (!is_digest(name)) {
    Result<Ref> ref = store.ref(name);
    if (!ref) return ref.error();
    digest = ref.value().image;
  }
  Result<std::string> manifest = store.get(Shelf::blobs, digest);
  if (!manifest) return manifest.error().within("image " + name);
  Result<Image> image = parse_manifest(manifest.value());
  if (!image) return image.error().within(store.path(Shelf::blobs, digest));
  Result<std::string> bytes = store.get(Shelf::blobs, image.value().config_descriptor.digest);
  if (!bytes) return bytes.error().within("image " + name);
  Result<Config> config = parse_config(bytes.value());
  if (!config) return config.error().within(store.path(Shelf::blobs, image.value().config_descriptor.digest));
  image.value().config = std::move(config).value();
  const auto& ids = image.value().config.diff_ids;
  const std::string file = store.path(Shelf::blobs, digest);
  if (ids.size() != image.value().layers.size()) return bad("manifest and configuration name different numbers of layers").within(file);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != image.value().layers[i].digest) return bad("a plain layer's digest is not its diff id").within(file);
  }
  image.value().chain = chain_of(ids);
  return image;
}

}  // namespace ninefold::env::image
