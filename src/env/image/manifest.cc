// In: two manifests. Out: the layer between them, or the words that tell them apart.
#include "env/image/manifest.h"

#include <fmt/format.h>

namespace ninefold::env::image {
namespace {

std::string parent(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string whiteout(const std::string& path) {
  const std::string folder = parent(path);
  return (folder.empty() ? "" : folder + "/") + ".wh." + path.substr(folder.empty() ? 0 : folder.size() + 1);
}

}  // namespace

std::string difference(const Entry& a, const Entry& b) {
  if (a.kind != b.kind) return fmt::format("kind {} and {}", kind_name(a.kind), kind_name(b.kind));
  if (a.mode != b.mode) return fmt::format("mode {:04o} and {:04o}", a.mode, b.mode);
  if (a.uid != b.uid) return fmt::format("uid {} and {}", a.uid, b.uid);
  if (a.gid != b.gid) return fmt::format("gid {} and {}", a.gid, b.gid);
  if (a.link != b.link) return fmt::format("link {} and {}", a.link, b.link);
  if (a.kind == Kind::file && a.size != b.size) return fmt::format("size {} and {}", a.size, b.size);
  if (a.mtime != b.mtime) return fmt::format("mtime {} and {}", a.mtime, b.mtime);
  if (a.major != b.major || a.minor != b.minor)
    return fmt::format("device {}:{} and {}:{}", a.major, a.minor, b.major, b.minor);
  if (a.xattrs != b.xattrs) return fmt::format("extended attributes ({} and {})", a.xattrs.size(), b.xattrs.size());
  if (a.digest != b.digest) return fmt::format("bytes (sha256 {} and {})", a.digest, b.digest);
  return {};
}

bool same(const Entry& a, const Entry& b) { return difference(a, b).empty(); }

Manifest layer_between(const Manifest& below, const Manifest& above) {
  Manifest layer;
  const auto add = [&](const std::string& path, const Entry& entry) {
    for (std::string folder = parent(path); !folder.empty(); folder = parent(folder)) {
      const auto found = above.find(folder);
      if (found == above.end() || !layer.emplace(folder, found->second).second) break;
    }
    layer[path] = entry;
  };
  for (const auto& [path, entry] : above) {
    const auto old = below.find(path);
    if (old == below.end() || !same(old->second, entry)) add(path, entry);
  }
  // Names of one file travel together: whoever unpacks a layer by itself finds no target below, and a new
  // target would leave the old bytes under its other names.
  for (const auto& [path, entry] : above) {
    if (entry.kind != Kind::hardlink) continue;
    const auto target = above.find(entry.link);
    if (target == above.end() || layer.count(path) == layer.count(entry.link)) continue;
    add(entry.link, target->second);
    for (const auto& [other, link] : above)
      if (link.kind == Kind::hardlink && link.link == entry.link) add(other, link);
  }
  for (const auto& [path, entry] : below) {
    if (above.count(path)) continue;
    // One whiteout hides a folder with all that is in it.
    const std::string folder = parent(path);
    if (!folder.empty() && !above.count(folder)) continue;
    Entry gone;
    gone.mtime = folder.empty() ? entry.mtime : above.at(folder).mtime;
    gone.digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";  // of no bytes
    add(whiteout(path), gone);
  }
  return layer;
}

std::string explain(const Manifest& a, const Manifest& b, std::size_t most) {
  std::string text;
  std::size_t count = 0;
  const auto line = [&](const std::string& path, const std::string& what) {
    if (count++ < most) text += fmt::format("{}: {}\n", path, what);
  };
  for (const auto& [path, entry] : a) {
    const auto other = b.find(path);
    if (other == b.end()) line(path, "only in the first");
    else if (const std::string what = difference(entry, other->second); !what.empty()) line(path, what);
  }
  for (const auto& [path, entry] : b)
    if (!a.count(path)) line(path, "only in the second");
  if (count > most) text += fmt::format("and {} more\n", count - most);
  return text;
}

}  // namespace ninefold::env::image
