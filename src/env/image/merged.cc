// In: tar entries of layers, lowest first. Out: one manifest with links still in it.
#include "env/image/merged.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <list>

#include "base/fd.h"
#include "base/text.h"
#include "env/image/tar.h"

namespace ninefold::env::image {
namespace {

constexpr int kMostLinks = 40;  // as the kernel
constexpr std::uint32_t kMostIds = 65535;
constexpr std::size_t kMostInTree = 4'000'000;

std::string above_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string leaf_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Error refused(const std::string& path, const std::string& why) { return Error(Code::data_loss, fmt::format("/{} {}", path.substr(0, 300), why)); }

}  // namespace

bool Merged::real_path(const std::string& path, bool follow_last, std::string& real) const {
  std::list<std::string> open;
  for (std::string_view part : split(path, '/'))
    if (!part.empty()) open.emplace_back(part);
  real.clear();
  for (int links = 0; !open.empty();) {
    const std::string part = std::move(open.front());
    open.pop_front();
    if (part == ".") continue;
    if (part == "..") {
      real = above_of(real);
      continue;
    }
    const std::string here = real.empty() ? part : real + "/" + part;
    const auto found = all_.find(here);
    if (found != all_.end() && found->second.kind == Kind::symlink && (follow_last || !open.empty())) {
      if (++links > kMostLinks) return false;
      const std::string& to = found->second.link;
      if (!to.empty() && to[0] == '/') real.clear();
      auto at = open.begin();
      for (std::string_view one : split(to, '/'))
        if (!one.empty()) open.insert(at, std::string(one));
      continue;
    }
    if (found != all_.end() && found->second.kind != Kind::folder && !open.empty()) return false;
    real = here;
  }
  return true;
}

void Merged::erase(const std::string& path, bool itself) {
  if (path.empty()) return all_.clear();
  if (itself) all_.erase(path);
  all_.erase(all_.lower_bound(path + "/"), all_.lower_bound(path + "0"));  // '0' follows '/'
}

Result<void> Merged::hide(const std::string& path) {
  std::string folder;
  const std::string name = leaf_of(path);
  if (!real_path(above_of(path), true, folder)) return {};  // nothing lies there
  if (name == ".wh..wh..opq") return erase(folder, false), Result<void>();
  const std::string hidden = name.substr(4);
  if (hidden.empty() || hidden == "." || hidden == "..") return refused(path, "is a whiteout of nothing that can be");
  erase(folder.empty() ? hidden : folder + "/" + hidden, true);
  return {};
}

Result<void> Merged::put(const std::string& path, const Entry& entry) {
  std::string real;
  if (!real_path(path, false, real) || real.empty()) return refused(path, "lies below what is no folder");
  if ((entry.kind == Kind::character || entry.kind == Kind::block) && real.rfind("dev/", 0) != 0)
    return refused(path, fmt::format("is a {} outside of /dev", kind_name(entry.kind)));
  if (entry.uid > kMostIds || entry.gid > kMostIds)
    return refused(path, fmt::format("belongs to {}:{}; environments have the ids up to {}", entry.uid, entry.gid, kMostIds));
  if (entry.kind == Kind::hardlink) {
    std::string from;
    const auto target = real_path(above_of(entry.link), true, from) ? all_.find(from.empty() ? leaf_of(entry.link) : from + "/" + leaf_of(entry.link)) : all_.end();
    if (target == all_.end() || target->second.kind == Kind::folder) return refused(path, fmt::format("is a hard link to /{}, which is no file", entry.link));
    const Entry copy = target->second;  // it stays what it is when its other name goes
    erase(real, true);
    all_[real] = copy;
    return {};
  }
  if (entry.kind != Kind::folder) erase(real, true);
  all_[real] = entry;
  if (all_.size() > kMostInTree) return refused(path, fmt::format("is entry number {}; that is too many", kMostInTree + 1));
  return {};
}

Result<void> Merged::layer(const std::string& file) {
  const auto is_whiteout = [](const std::string& path) { return leaf_of(path).rfind(".wh.", 0) == 0; };
  const Result<void> hidden = read_tar(file, [&](const std::string& path, Entry&) { return is_whiteout(path) ? hide(path) : Result<void>(); });
  if (!hidden) return hidden;
  return read_tar(file, [&](const std::string& path, Entry& entry) { return is_whiteout(path) ? Result<void>() : put(path, entry); });
}

const Entry* Merged::find(const std::string& path, std::string* real) const {
  std::string here;
  if (!real_path(path, true, here)) return nullptr;
  const auto found = all_.find(here);
  if (found == all_.end()) return nullptr;
  if (real) *real = here;
  return &found->second;
}

Result<std::string> Merged::read(const std::string& path, std::size_t most) const {
  const Entry* entry = find(path);
  if (!entry || entry->kind != Kind::file) return Error(Code::not_found, fmt::format("/{} is not there, or no file", path));
  if (entry->size > most) return refused(path, fmt::format("has {} bytes; {} are expected at most", entry->size, most));
  Result<Fd> file = open_file("read a layer", entry->source, O_RDONLY);
  if (!file) return file.error();
  std::string bytes(entry->size, '\0');
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got = ::pread(file.value().get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(entry->offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return errno_error(got < 0 ? errno : EIO, "read " + entry->source);
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::vector<std::string> Merged::below(const std::string& folder) const {
  std::vector<std::string> all;
  for (auto at = all_.lower_bound(folder); at != all_.end() && at->first.rfind(folder, 0) == 0; ++at) all.push_back(at->first);
  return all;
}

}  // namespace ninefold::env::image
