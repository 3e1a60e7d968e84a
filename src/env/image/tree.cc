// In: layers and an id map. Out: one folder with everything they hold, owned as the map says.
#include "env/image/tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/check.h"
#include "base/fd.h"
#include "base/hash.h"
#include "env/image/chamber.h"
#include "env/image/extract.h"

namespace ninefold::env::image {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kDonors = 3;

// Trees of the same ids, the newest first: most of what a new image holds was in the last one. The working
// folder is the store.
std::vector<Fd> donors(const std::string& target, const std::string& map) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("trees", error)) {
    const std::string name = entry.path().filename();
    struct stat status {};
    if (name == target || name.substr(name.find('@') + 1) != map || ::stat(entry.path().c_str(), &status) != 0) continue;
    found.emplace_back(-static_cast<std::int64_t>(status.st_ctim.tv_sec), entry.path());
  }
  std::sort(found.begin(), found.end());
  std::vector<Fd> all;
  for (std::size_t i = 0; i < std::min(found.size(), kDonors); ++i)
    if (Fd folder(::open(found[i].second.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)); folder) all.push_back(std::move(folder));
  return all;
}

// A tree that another process put there first is as good.
Result<void> place(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0 || errno == EEXIST || errno == ENOTEMPTY) return {};
  return errno_error(errno, "extract: put " + to);
}

}  // namespace

std::string IdMap::name() const {
  std::string text;
  for (const auto* ranges : {&uids, &gids})
    for (const IdRange& r : *ranges) text += fmt::format("{}:{}:{};", r.inside, r.outside, r.count);
  return sha256_hex(text).substr(0, 16);
}

std::string tree_name(const Image& image, const IdMap& map) { return image.chain.substr(7) + "@" + map.name(); }

std::string tree_path(const Store& store, const Image& image, const IdMap& map) {
  return store.root() + "/trees/" + tree_name(image, map);
}

namespace {

Result<Fd> taken(const std::string& folder) {
  Result<Fd> opened = open_file("extract", folder, O_RDONLY | O_DIRECTORY);
  if (opened && ::fchown(opened.value().get(), 0, 0) != 0) return errno_error(errno, "extract: take " + folder);
  return opened;
}

std::string layer_file(const std::string& digest) { return "blobs/sha256/" + digest.substr(7); }

}  // namespace

Result<void> extract_ahead(const Store& store, const Ahead& ahead, const IdMap& map) {
  for (const std::string& digest : ahead.layers)
    if (Result<void> good = store.verify(Shelf::blobs, digest); !good) return good;
  if (Result<void> made = make_owned_folder(store.root() + "/" + ahead.folder, map); !made) return made;
  const Result<std::string> done = in_namespaces("extract", map, store.root(), [&]() -> Result<std::string> {
    Result<Fd> root = taken(ahead.folder);
    if (!root) return root.error();
    Extractor extractor(std::move(root).value(), map, donors("", map.name()));
    for (const std::string& digest : ahead.layers)
      if (Result<void> put = extractor.layer(layer_file(digest)); !put) return put.error();
    return std::string();
  });
  return done ? Result<void>() : Result<void>(done.error());
}

Result<std::string> tree(const Store& store, const Image& image, const IdMap& map, bool has_entered, Course* course, const Ahead& ahead) {
  const std::string target = tree_path(store, image, map);
  if (::access(target.c_str(), F_OK) == 0) return target;
  Result<Fd> entered = has_entered ? Result<Fd>(Fd()) : store.enter(false);
  if (!entered) return entered.error();
  for (const Descriptor& layer : image.layers)
    if (Result<void> good = store.verify(Shelf::blobs, layer.digest); !good) return good.error();
  Result<std::string> temp = store.temporary_folder();
  if (!temp) return temp;
  const std::string root = temp.value() + "/root";
  const std::string inside = root.substr(store.root().size() + 1);  // see in_namespaces
  const bool caller_is_root = ::geteuid() == 0;
  Result<void> made = make_owned_folder(root, map);
  Result<std::string> done = !made ? Result<std::string>(made.error())
                                   : in_namespaces("extract", map, store.root(), [&]() -> Result<std::string> {
    Result<Fd> opened = taken(inside);
    if (!opened) return opened.error();
    Extractor extractor(std::move(opened).value(), map, donors(tree_name(image, map), map.name()));
    std::uint64_t all = 1, done = 0;
    for (const Descriptor& layer : image.layers) all += layer.size;
    const auto at = [&](std::uint64_t offset) {
      if (course) course->at(Stage::tree, static_cast<double>(done + offset) / static_cast<double>(all));
    };
    for (const Descriptor& layer : image.layers) {
      const std::string file = layer_file(layer.digest);
      const bool is_ahead = std::find(ahead.layers.begin(), ahead.layers.end(), layer.digest) != ahead.layers.end();
      if (is_ahead && layer.digest == ahead.layers[0]) {
        const Result<Fd> made = open_file("extract", ahead.folder, O_RDONLY | O_DIRECTORY);
        if (!made) return made.error();
        if (Result<void> moved = extractor.adopt(made.value()); !moved) return moved.error();
      }
      if (Result<void> put = is_ahead ? extractor.folders(file) : extractor.layer(file, at); !put) return put.error();
      done += layer.size;
    }
    if (Result<void> ended = extractor.finish(); !ended) return ended.error();
    // Moving a folder needs the right to write into it: an ordinary caller has it in here only, root
    // has it outside only.
    if (caller_is_root) return std::string();
    if (Result<void> placed = place(inside, "trees/" + tree_name(image, map)); !placed) return placed.error();
    return std::string();
  });
  if (done && caller_is_root)
    if (Result<void> placed = place(root, target); !placed) done = placed.error();
  // What is left is a failed or a second extraction of the same tree.
  if (::access(root.c_str(), F_OK) == 0) (void)remove_folder(store, inside);
  ::rmdir(temp.value().c_str());
  if (!done) return ahead.layers.empty() ? done : tree(store, image, map, true, course);  // all in their order
  return target;
}

Result<void> remove_folder(const Store& store, const std::string& inside) {
  Result<IdMap> map = caller_map();
  if (!map) return map.error();
  const std::string temp = store.temporary_file().substr(store.root().size() + 1);
  Result<std::string> done = in_namespaces("remove a tree", map.value(), store.root(), [&]() -> Result<std::string> {
    // Renamed first: a tree that is in its place is whole.
    const bool move = inside.rfind("temp/", 0) != 0;
    if (move && ::rename(inside.c_str(), temp.c_str()) != 0)
      return errno == ENOENT ? Result<std::string>(std::string()) : errno_error(errno, "remove " + inside);
    const std::string& place = move ? temp : inside;
    const int folder = ::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return errno == ENOENT ? Result<std::string>(std::string()) : errno_error(errno, "remove " + place);
    remove_below(folder);
    if (::rmdir(place.c_str()) != 0) return errno_error(errno, "remove " + place);
    return std::string();
  });
  if (!done) return done.error();
  return {};
}

}  // namespace ninefold::env::image
