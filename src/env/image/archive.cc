// In: images and archives of them. Out: the other.
#include "env/image/archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "env/image/needs.h"
#include "env/image/receive.h"
#include "env/image/tar.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kLayout = R"({"imageLayoutVersion":"1.0.0"})";
constexpr const char* kName = "org.opencontainers.image.ref.name";
constexpr const char* kLock = "ninefold.lock";
constexpr std::uint64_t kLargestText = 64 << 20;

std::uint64_t size_of(const std::string& path) {
  struct stat status {};
  check(::stat(path.c_str(), &status) == 0, Code::not_found, "save: {} is missing; `ninefold verify` tells what else", path);
  return static_cast<std::uint64_t>(status.st_size);
}

Entry file_entry(const std::string& path, const std::string& digest) {
  Entry entry;
  entry.mode = 0644;
  entry.source = path;
  entry.size = size_of(path);
  entry.digest = digest.substr(7);  // checked while it is read: a damaged store is not spread
  return entry;
}

// A member's bytes into a temporary file of the store, hashed on the way.
std::string take_member(const Fd& archive, const std::string& file, const Entry& entry, const std::string& temp) {
  const Fd out = open_file("load", temp, O_WRONLY | O_CREAT | O_EXCL, 0644).value();
  Sha256 hash;
  std::vector<char> bytes(1 << 20);
  for (std::uint64_t done = 0; done < entry.size;) {
    const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), entry.size - done));
    const ssize_t got = ::pread(archive.get(), bytes.data(), want, static_cast<off_t>(entry.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw errno_error(got < 0 ? errno : EIO, "load: read " + file);
    hash.update({bytes.data(), static_cast<std::size_t>(got)});
    write_all("load", temp, out.get(), {bytes.data(), static_cast<std::size_t>(got)}).value();
    done += static_cast<std::uint64_t>(got);
  }
  const Sha256::Digest digest = hash.finish();
  return "sha256:" + to_hex(digest.data(), digest.size());
}

class Loader {
 public:
  Loader(Store& store, std::string file) : store_(store), file_(std::move(file)), archive_(open_file("load", file_, O_RDONLY).value()) {}

  Ref run(const std::string& name) {
    read_tar(file_, [&](const std::string& path, Entry& entry) -> Result<void> {
      if (entry.kind == Kind::file) members_[path] = entry;
      return {};
    }).value();
    check(members_.count("oci-layout") && members_.count("index.json"), Code::data_loss,
          "load: {} is no OCI image layout; ninefold save and skopeo (oci-archive:) write one", file_);
    const Json index = parse_json(text("index.json"), "load: index.json");
    check(index.is_object() && index.contains("manifests") && index["manifests"].is_array() && index["manifests"].size() == 1, Code::data_loss,
          "load: {} holds {} images; one is expected", file_, index.contains("manifests") ? index["manifests"].size() : 0);
    const Json& manifest = index["manifests"][0];
    Ref ref{name, manifest.value("digest", ""), ""};
    check(is_digest(ref.image), Code::data_loss, "load: index.json names no image");
    if (manifest.contains("annotations")) {
      if (ref.name.empty()) ref.name = manifest["annotations"].value(kName, "");
      ref.lock = manifest["annotations"].value(kLock, "");
    }
    check(!ref.name.empty(), "load: the archive gives the image no name; give one: ninefold load --name NAME {}", file_);
    check(ref.lock.empty() || is_digest(ref.lock), Code::data_loss, "load: index.json names a lock without a digest");
    const Fd entered = store_.enter(false).value();
    receive(store_, "load", ref, [&](Shelf shelf, const std::string& digest) { put(shelf, digest); },
            [&](const std::string& digest) { return members_.count(member(digest)) != 0; });
    return ref;
  }

 private:
  static std::string member(const std::string& digest) { return "blobs/sha256/" + digest.substr(7); }

  std::string text(const std::string& name) {
    const Entry& entry = members_.at(name);
    check(entry.size <= kLargestText, Code::data_loss, "load: {} in {} is too long", name, file_);
    std::string bytes(entry.size, '\0');
    check(::pread(archive_.get(), bytes.data(), bytes.size(), static_cast<off_t>(entry.offset)) == static_cast<ssize_t>(bytes.size()), Code::data_loss,
          "load: {} in {} cannot be read", name, file_);
    return bytes;
  }

  void put(Shelf shelf, const std::string& digest) {
    const auto found = members_.find(member(digest));
    check(found != members_.end(), Code::data_loss, "load: {} lacks {}; it is not whole", file_, digest);
    const std::string temp = store_.temporary_file();
    std::string got;
    try {
      got = take_member(archive_, file_, found->second, temp);
      check(got == digest, Code::data_loss, "load: {} in {} has the bytes of {}; the archive was damaged or tampered with, nothing was loaded", digest, file_, got);
      store_.take_file(shelf, temp, digest).value();
    } catch (const Error&) {
      ::unlink(temp.c_str());
      throw;
    }
  }

  Store& store_;
  std::string file_;
  Fd archive_;
  std::map<std::string, Entry> members_;
};

}  // namespace

Result<Saved> save(const Store& store, const std::string& name, const std::string& file, bool inputs) {
  try {
    const Ref ref = store.ref(name).value();
    const Fd entered = store.enter(false).value();
    const Needs all = needs(store, ref.image, ref.lock).value();
    Manifest members;
    for (const std::string& digest : all.blobs) members["blobs/sha256/" + digest.substr(7)] = file_entry(store.path(Shelf::blobs, digest), digest);
    if (inputs)
      for (const std::string& digest : all.inputs) members["blobs/sha256/" + digest.substr(7)] = file_entry(store.path(Shelf::inputs, digest), digest);
    Json annotations = {{kName, ref.name}};
    if (!ref.lock.empty()) annotations[kLock] = ref.lock;
    const Json index = {{"schemaVersion", 2},
                        {"mediaType", "application/vnd.oci.image.index.v1+json"},
                        {"manifests",
                         Json::array({{{"mediaType", "application/vnd.oci.image.manifest.v1+json"}, {"digest", ref.image},
                                       {"size", size_of(store.path(Shelf::blobs, ref.image))}, {"annotations", annotations}}})}};
    // The two small files lie in the store's temp folder for the time of writing.
    const std::string layout = store.temporary_file(), list = store.temporary_file();
    write_atomically("save", layout, kLayout).value();
    write_atomically("save", list, index.dump()).value();
    members["oci-layout"] = file_entry(layout, "sha256:" + sha256_hex(kLayout));
    members["index.json"] = file_entry(list, "sha256:" + sha256_hex(index.dump()));
    const std::string temp = file + ".part";
    Fd out = open_file("save", temp, O_WRONLY | O_CREAT | O_TRUNC, 0644).value();
    Result<Written> written = write_tar(out.get(), temp, members);
    ::unlink(layout.c_str()), ::unlink(list.c_str());
    if (!written || ::fsync(out.get()) != 0 || ::rename(temp.c_str(), file.c_str()) != 0) {
      const int number = errno;
      ::unlink(temp.c_str());
      return written ? errno_error(number, "save: write " + file) : written.error().within("save");
    }
    return Saved{written.value().size, members.size()};
  } catch (const Error& error) {
    return error;
  }
}

Result<Ref> load(Store& store, const std::string& file, const std::string& name) {
  try {
    return Loader(store, file).run(name);
  } catch (const Error& error) {
    return error.message().find(file) == std::string::npos ? error.within("load: " + file) : error;
  } catch (const nlohmann::json::exception& error) {
    return Error(Code::data_loss, fmt::format("load: index.json of {} is malformed: {}", file, error.what()));
  }
}

}  // namespace ninefold::env::image
