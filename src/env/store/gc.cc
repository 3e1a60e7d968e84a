// In: refs and leases. Out: the set of what they reach; everything else may go. Exclusive entry keeps
// builds out between looking and removing.
#include "env/store/gc.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <set>

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

using Inodes = std::set<std::pair<dev_t, ino_t>>;

// Trees share files by hard links: `seen` counts each of them once.
std::uint64_t folder_bytes(const std::string& path, Inodes& seen) {
  std::uint64_t total = 0;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, error); !error && entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    struct stat status {};
    if (::lstat(entry->path().c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        (status.st_nlink < 2 || seen.emplace(status.st_dev, status.st_ino).second))
      total += static_cast<std::uint64_t>(status.st_size);
  }
  return total;
}

struct Kept {
  std::set<std::string> blobs, inputs, compiled, chains, trees;
};

Result<Kept> reach(const Store& store, const ReadNeeds& read, std::vector<std::string>& faults) {
  Kept kept;
  const auto add = [&](const std::string& what, const std::string& image, const std::string& lock) {
    kept.blobs.insert(image);
    if (!lock.empty()) kept.blobs.insert(lock);
    Result<Needs> needs = read(store, image, lock);
    if (!needs) return faults.push_back(what + ": " + needs.error().message());
    kept.blobs.insert(needs.value().blobs.begin(), needs.value().blobs.end());
    kept.inputs.insert(needs.value().inputs.begin(), needs.value().inputs.end());
    for (const std::string& key : needs.value().wheels) kept.compiled.insert(store.cached(Cache::wheels, key));
    kept.chains.insert(needs.value().chain);
  };
  Result<std::vector<Ref>> refs = store.refs();
  if (!refs) return refs.error();
  for (const Ref& ref : refs.value()) add(ref.name, ref.image, ref.lock);
  Result<std::vector<std::string>> leased = store.leased();
  if (!leased) return leased.error();
  for (const std::string& name : leased.value()) {
    if (!is_digest(name)) {
      kept.trees.insert(name);
    } else {
      kept.blobs.insert(name);
      kept.inputs.insert(name);
      // A leased image keeps its parts; a leased layer is no image, and that is no fault.
      std::vector<std::string> ignored;
      if (Result<Needs> needs = read(store, name, ""); needs) add(name, name, "");
    }
  }
  return kept;
}

}  // namespace

Result<std::vector<StoreItem>> survey(const Store& store, const ReadNeeds& read, std::vector<std::string>& faults) {
  Result<Kept> kept = reach(store, read, faults);
  if (!kept) return kept.error();
  std::vector<StoreItem> items;
  std::error_code error;
  for (auto [folder, kind, names] : {std::tuple{"blobs", "blob", &kept.value().blobs}, {"inputs", "input", &kept.value().inputs},
                                     {"compiled", "compiled", &kept.value().compiled}})
    for (const auto& entry : fs::directory_iterator(store.root() + "/" + folder + "/sha256", error)) {
      const std::string digest = "sha256:" + entry.path().filename().string();
      items.push_back({kind, digest, entry.file_size(error), names->count(digest) != 0});
    }
  Inodes seen;
  for (const bool wanted : {true, false})  // a file in both kinds of tree is needed
    for (const auto& entry : fs::directory_iterator(store.root() + "/trees", error)) {
      const std::string name = entry.path().filename();
      const bool needed = kept.value().trees.count(name) || kept.value().chains.count(name.substr(0, name.find('@')));
      if (needed == wanted) items.push_back({"tree", name, folder_bytes(entry.path(), seen), needed});
    }
  for (const auto& entry : fs::directory_iterator(store.root() + "/temp", error)) {
    const std::string name = entry.path().filename();
    items.push_back({"temp", name, entry.is_directory(error) ? folder_bytes(entry.path(), seen) : entry.file_size(error), false});
  }
  std::sort(items.begin(), items.end(), [](const StoreItem& a, const StoreItem& b) { return std::tie(a.kind, a.name) < std::tie(b.kind, b.name); });
  return items;
}

Result<Collected> collect(const Store& store, const ReadNeeds& read, const RemoveFolder& remove_folder, bool keep_inputs, bool dry_run) {
  Result<Fd> entered = store.enter(true);
  if (!entered) return entered.error();
  std::vector<std::string> faults;
  Result<std::vector<StoreItem>> items = survey(store, read, faults);
  if (!items) return items.error();
  if (!faults.empty())
    return Error(Code::data_loss, fmt::format("store gc: what {} needs cannot be told; `ninefold verify` names what is damaged", faults[0]));
  Collected collected;
  for (const StoreItem& item : items.value()) {
    if (item.kept || (keep_inputs && (item.kind == "input" || item.kind == "compiled"))) continue;
    ++collected.items;
    collected.bytes += item.bytes;
    if (dry_run) continue;
    Result<void> removed;
    if (item.kind == "tree") {
      removed = remove_folder(store, "trees/" + item.name);
    } else if (item.kind == "temp") {
      const std::string path = store.root() + "/temp/" + item.name;
      std::error_code error;
      fs::remove_all(path, error);
      if (error) removed = remove_folder(store, "temp/" + item.name);
    } else {
      const std::string path = store.path(item.kind == "blob" ? Shelf::blobs : item.kind == "input" ? Shelf::inputs : Shelf::compiled, item.name);
      if (::unlink(path.c_str()) != 0 && errno != ENOENT) removed = errno_error(errno, "store gc: remove " + path);
    }
    if (!removed) return removed.error();
  }
  if (dry_run) return collected;
  // Cache entries of what is gone
  std::error_code error;
  for (auto [folder, cache] : {std::pair{"/layers", Cache::layers}, {"/wheels", Cache::wheels}})
    for (const auto& entry : fs::directory_iterator(store.root() + folder, error))
      if (store.cached(cache, entry.path().filename()).empty()) ::unlink(entry.path().c_str());
  return collected;
}

}  // namespace ninefold::env
