// In: layers. Out: dpkg's packages and Python's, found by the files that each leaves.
#include "env/image/contents.h"

#include "env/image/merged.h"
#include "env/lock/base.h"

namespace ninefold::env::image {
namespace {

constexpr std::size_t kStatus = 64 << 20, kText = 4 << 20;  // bytes; of a stranger's image, too

// A place's folder of metadata, where the path is the file in it that names the package.
std::string metadata_folder(const std::string& path, const Entry& entry) {
  if (entry.kind != Kind::file) return {};
  for (const char* file : {".dist-info/METADATA", ".egg-info/PKG-INFO"})
    if (path.ends_with(file)) return path.substr(0, path.rfind('/'));
  return path.ends_with(".egg-info") ? path : "";
}

}  // namespace

Result<Contents> read_contents(const Store& store, const Image& image) {
  Merged merged;
  for (const Descriptor& layer : image.layers)
    if (Result<void> put = merged.layer(store.path(Shelf::blobs, layer.digest)); !put) return put.error();
  Contents contents;
  if (merged.find("var/lib/dpkg/status")) {
    const Result<std::string> status = merged.read("var/lib/dpkg/status", kStatus);
    if (!status) return status.error();
    contents.packages = installed_packages(status.value());
  }
  for (const auto& [name, version] : contents.packages) {
    const Result<std::string> copyright = merged.read("usr/share/doc/" + name + "/copyright", kText);
    if (!copyright) continue;  // an image may have left it out
    auto declared = debian_licences(copyright.value());
    if (!declared.empty()) contents.licences[name] = std::move(declared);
  }
  for (const auto& [path, entry] : merged.all()) {
    const std::string place = metadata_folder(path, entry);
    if (place.empty()) continue;
    const Result<std::string> metadata = merged.read(path, kText);
    if (!metadata) return metadata.error();
    const auto names = header_values(metadata.value(), "Name"), versions = header_values(metadata.value(), "Version");
    if (names.empty() || versions.empty()) continue;  // leftovers without a name are no package
    contents.distributions.push_back({names[0], versions[0], place, python_licences(metadata.value())});
  }
  return contents;
}

}  // namespace ninefold::env::image
