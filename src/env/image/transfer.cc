// In: manifests from registries. Out: what they name, each digest and size checked.
#include "env/image/transfer.h"

#include "base/check.h"
#include "base/json_text.h"
#include "env/image/transfer_parts.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMostParts = 20000;

}  // namespace

Result<std::string> choose_platform(const std::string& index, const std::string& architecture) {
  return told<std::string>("image index", [&]() -> Result<std::string> {
    std::string known;
    const Json json = parse_json(index, "image index");
    for (const Json& one : json.at("manifests")) {
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

}  // namespace ninefold::env::image
