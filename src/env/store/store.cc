// In: bytes and files. Out: entries that are whole or not there: temporary file, fsync, rename, fsync of
// the folder. Two processes that put the same bytes both succeed, since the name is the content.
#include "env/store/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/text.h"

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

constexpr off_t kLargestText = 64 << 20;

const char* folder_of(Shelf shelf) { return shelf == Shelf::blobs ? "blobs" : shelf == Shelf::inputs ? "inputs" : "compiled"; }
const char* folder_of(Cache cache) { return cache == Cache::layers ? "layers" : "wheels"; }
Shelf shelf_of(Cache cache) { return cache == Cache::layers ? Shelf::blobs : Shelf::compiled; }

std::string unique_name() {
  static std::atomic<unsigned> count{0};
  return fmt::format("{}.{}.{}", ::getpid(), ::time(nullptr), count++);
}

// Copies and hashes at once. Reflinks are not tried: the bytes must be read for the digest anyway.
Result<std::string> copy_hashed(const std::string& from, int into, const std::string& path) {
  Result<Fd> in = open_file("store", from, O_RDONLY);
  if (!in) return in.error();
  Sha256 hash;
  std::vector<char> bytes(1 << 20);
  for (;;) {
    Result<std::size_t> got = read_some("store", from, in.value().get(), bytes.data(), bytes.size());
    if (!got) return got.error();
    const std::string_view piece(bytes.data(), got.value());
    hash.update(piece);
    if (into >= 0)
      if (Result<void> written = write_all("store", path, into, piece); !written) return written.error();
    if (got.value() < bytes.size()) break;
  }
  const Sha256::Digest digest = hash.finish();
  return "sha256:" + to_hex(digest.data(), digest.size());
}

void sync_folder(const std::string& path) {
  if (Result<Fd> folder = open_file("store", path, O_RDONLY | O_DIRECTORY)) (void)::fsync(folder.value().get());
}

bool is_ref_name(const std::string& name) {
  if (name.empty() || name.size() > 200 || name[0] == '.') return false;
  for (char c : name)
    if (!(std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-')) return false;
  return true;
}

}  // namespace

bool is_hex256(std::string_view text) {
  if (text.size() != 64) return false;
  for (char c : text)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  return true;
}

bool is_digest(std::string_view text) { return text.substr(0, 7) == "sha256:" && is_hex256(text.substr(7)); }

std::string Store::default_root() {
  if (const char* named = std::getenv("NINEFOLD_STORE"); named && *named) return named;
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data && *data == '/') return std::string(data) + "/ninefold/store";
  const char* home = std::getenv("HOME");
  return std::string(home && *home ? home : "/tmp") + "/.local/share/ninefold/store";
}

Result<Store> Store::open(const std::string& root) {
  for (const char* part : {"blobs/sha256", "inputs/sha256", "compiled/sha256", "trees", "layers", "wheels", "refs", "leases", "temp"})
    if (Result<void> made = make_folders("store", root + "/" + part); !made) return made.error();
  // Namespaced helpers run under other ids of this user: the way down to the trees must be open to them.
  for (const char* part : {"", "/trees", "/temp", "/inputs", "/inputs/sha256", "/blobs", "/blobs/sha256", "/compiled", "/compiled/sha256"})
    (void)::chmod((root + part).c_str(), 0755);
  std::error_code error;
  const fs::path real = fs::canonical(root, error);
  return Store(error ? root : real.string());
}

std::string Store::path(Shelf shelf, const std::string& digest) const {
  return fmt::format("{}/{}/sha256/{}", root_, folder_of(shelf), digest.substr(digest.find(':') + 1));
}

bool Store::has(Shelf shelf, const std::string& digest) const {
  return is_digest(digest) && ::access(path(shelf, digest).c_str(), R_OK) == 0;
}

Result<std::string> Store::put(Shelf shelf, std::string_view bytes) {
  const std::string digest = "sha256:" + sha256_hex(bytes);
  if (has(shelf, digest)) return digest;
  const std::string temp = temporary_file();
  Result<Fd> file = open_file("store", temp, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!file) return file.error();
  if (Result<void> written = write_all("store", temp, file.value().get(), bytes); !written) {
    ::unlink(temp.c_str());
    return written.error();
  }
  file.value().close();
  return take_file(shelf, temp, digest);
}

Result<std::string> Store::put_file(Shelf shelf, const std::string& file, const std::string& expected) {
  if (!expected.empty() && has(shelf, expected)) return expected;
  const std::string temp = temporary_file();
  Result<Fd> out = open_file("store", temp, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!out) return out.error();
  Result<std::string> digest = copy_hashed(file, out.value().get(), temp);
  out.value().close();
  if (digest && !expected.empty() && digest.value() != expected)
    digest = Error(Code::data_loss, fmt::format("store: {} has digest {}, expected {}; it was damaged or replaced, fetch it again",
                                                file, digest.value(), expected));
  if (!digest) {
    ::unlink(temp.c_str());
    return digest;
  }
  return take_file(shelf, temp, digest.value());
}

Result<std::string> Store::take_file(Shelf shelf, const std::string& file, const std::string& digest) {
  const std::string target = path(shelf, digest);
  {
    Result<Fd> opened = open_file("store", file, O_RDONLY);
    if (!opened) return opened.error();
    if (shelf != Shelf::compiled && ::fsync(opened.value().get()) != 0 && errno != EINVAL && errno != ENOTSUP)
      return errno_error(errno, "store: write " + file);
    (void)::fchmod(opened.value().get(), 0644);
  }
  if (::rename(file.c_str(), target.c_str()) != 0) return errno_error(errno, "store: put " + target);
  if (shelf != Shelf::compiled) sync_folder(target.substr(0, target.rfind('/')));
  return digest;
}

Result<void> Store::share(Shelf from, Shelf to, const std::string& digest) {
  const std::string old = path(from, digest), fresh = path(to, digest);
  if (::link(old.c_str(), fresh.c_str()) == 0) return sync_folder(fresh.substr(0, fresh.rfind('/'))), Result<void>();
  if (errno == EEXIST) return {};
  const int number = errno;
  if (number == ENOENT) return errno_error(number, "store: put " + fresh);
  Result<std::string> copied = put_file(to, old, digest);  // a file system without links, or with all that it allows
  return copied ? Result<void>() : Result<void>(copied.error());
}

Result<std::string> Store::get(Shelf shelf, const std::string& digest) const {
  if (!is_digest(digest)) return Error(Code::invalid_argument, "store: '" + digest + "' is no digest; it reads sha256:<64 hex digits>");
  // Manifests, configurations and locks are texts; a stranger's manifest may call a layer one.
  struct stat status {};
  if (shelf == Shelf::blobs && ::stat(path(shelf, digest).c_str(), &status) == 0 && status.st_size > kLargestText)
    return Error(Code::data_loss, fmt::format("store: {} has {} bytes and is no manifest, configuration or lock", path(shelf, digest), status.st_size));
  Result<std::string> bytes = read_file("store", path(shelf, digest));
  if (bytes && "sha256:" + sha256_hex(bytes.value()) != digest)
    return Error(Code::data_loss, fmt::format("store: {} is corrupted: its bytes have another digest; remove it, then build or pull again",
                                              path(shelf, digest)));
  return bytes;
}

namespace {
std::mutex verified_mutex;
std::set<std::string> verified;  // paths that this process has read against their digest; locked by verified_mutex
}  // namespace

Result<void> Store::verify(Shelf shelf, const std::string& digest) const {
  const std::string file = path(shelf, digest);
  {
    std::lock_guard lock(verified_mutex);
    if (verified.count(file)) return {};
  }
  Result<std::string> found = copy_hashed(file, -1, file);
  if (!found) return found.error();
  if (found.value() != digest)
    return Error(Code::data_loss, fmt::format("store: {} is corrupted: its digest is {}; remove it, then build or pull again",
                                              file, found.value()));
  std::lock_guard lock(verified_mutex);
  verified.insert(file);
  return {};
}

void Store::trust(Shelf shelf, const std::string& digest) const {
  std::lock_guard lock(verified_mutex);
  verified.insert(path(shelf, digest));
}

std::string Store::temporary_file() const { return fmt::format("{}/temp/{}", root_, unique_name()); }

namespace {

// ext4 puts what stands in a marked folder into parts of the disk of its own. Without that a tree's files are made
// where the last tree's were removed, and for every new inode the kernel asks each of theirs whether it may be taken
// again (not within minutes): a sixth of a build's processor time. Other file systems know no such mark, or need none.
void spread(const std::string& folder) {
  const Result<Fd> opened = open_file("store", folder, O_RDONLY | O_DIRECTORY);
  int flags = 0;
  if (!opened || ::ioctl(opened.value().get(), FS_IOC_GETFLAGS, &flags) != 0 || (flags & FS_TOPDIR_FL) != 0) return;
  flags |= FS_TOPDIR_FL;
  (void)::ioctl(opened.value().get(), FS_IOC_SETFLAGS, &flags);
}

}  // namespace

Result<std::string> Store::temporary_folder() const {
  spread(root_ + "/temp");
  const std::string path = temporary_file();
  if (::mkdir(path.c_str(), 0755) != 0) return errno_error(errno, "store: make folder " + path);
  return path;
}

Result<void> Store::set_ref(const Ref& ref) {
  if (!is_ref_name(ref.name))
    return Error(Code::invalid_argument, "store: '" + ref.name + "' is no name for an image; use letters, digits, '.', '_' and '-'");
  nlohmann::ordered_json json = {{"image", ref.image}, {"lock", ref.lock}};
  if (!ref.from.empty()) json["from"] = ref.from, json["from_digest"] = ref.from_digest;
  std::string remote = ref.remote;
  // The same image, made again, is still where it was sent.
  if (const Result<Ref> before = this->ref(ref.name); remote.empty() && before && before.value().image == ref.image) remote = before.value().remote;
  if (!remote.empty()) json["remote"] = remote;
  return write_atomically("store", root_ + "/refs/" + ref.name, json.dump() + "\n");
}

Result<Ref> Store::ref(const std::string& name) const {
  if (is_ref_name(name) && ::access((root_ + "/refs/" + name).c_str(), F_OK) == 0) {
    Result<std::string> text = read_file("store", root_ + "/refs/" + name);
    if (!text) return text.error();
    try {
      const nlohmann::ordered_json json = parse_json(text.value(), "store: ref " + name);
      Ref ref{name, json.at("image").get<std::string>(), json.at("lock").get<std::string>(), json.value("from", ""), json.value("from_digest", "")};
      if (json.contains("remote")) ref.remote = json["remote"].get<std::string>();
      if (is_digest(ref.image) && (ref.lock.empty() || is_digest(ref.lock)) && (ref.from.empty() || is_digest(ref.from_digest))) return ref;
    } catch (const std::exception&) {  // told below
    }
    return Error(Code::data_loss, fmt::format("store: {}/refs/{} is corrupted; build or pull the image again", root_, name));
  }
  std::string known;
  if (Result<std::vector<Ref>> all = refs())
    for (const Ref& one : all.value()) known += (known.empty() ? "" : ", ") + one.name;
  return Error(Code::not_found, fmt::format("there is no image '{}' in the store; {}", name,
                                            known.empty() ? "it is empty: run ninefold build" : "there are: " + known));
}

Result<std::vector<Ref>> Store::refs() const {
  std::vector<Ref> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ + "/refs", error)) {
    const std::string name = entry.path().filename();
    if (!is_ref_name(name)) continue;  // an AtomicFile's temporary name begins with a dot
    Result<Ref> one = ref(name);
    if (one) all.push_back(std::move(one).value());
    else if (one.error().code() != Code::not_found) return one.error();  // removed meanwhile is no fault
  }
  std::sort(all.begin(), all.end(), [](const Ref& a, const Ref& b) { return a.name < b.name; });
  return all;
}

Result<void> Store::remove_ref(const std::string& name) {
  Result<Ref> found = ref(name);
  if (!found && found.error().code() == Code::not_found) return found.error();
  if (::unlink((root_ + "/refs/" + name).c_str()) != 0 && errno != ENOENT) return errno_error(errno, "store: remove ref " + name);
  sync_folder(root_ + "/refs");
  return {};
}

std::string Store::cached(Cache cache, const std::string& key) const {
  if (!is_hex256(key)) return {};
  Result<std::string> text = read_file("store", fmt::format("{}/{}/{}", root_, folder_of(cache), key));
  if (!text) return {};
  const std::string digest(strip(text.value()));
  return has(shelf_of(cache), digest) ? digest : std::string();
}

Result<void> Store::cache(Cache cache, const std::string& key, const std::string& digest) {
  const std::string path = fmt::format("{}/{}/{}", root_, folder_of(cache), key);
  if (cache == Cache::layers) return write_atomically("store", path, digest + "\n");
  // Not synced: a line that is no digest is no entry.
  const std::string temp = temporary_file();
  Result<Fd> file = open_file("store", temp, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!file) return file.error();
  if (Result<void> written = write_all("store", temp, file.value().get(), digest + "\n"); !written) return written;
  return ::rename(temp.c_str(), path.c_str()) == 0 ? Result<void>() : Result<void>(errno_error(errno, "store: put " + path));
}

Result<Fd> Store::enter(bool exclusive) const {
  // The turnstile: who waits for the others to leave stands in it, and whoever comes later waits behind him. Without
  // it builds that follow each other would keep gc out for ever.
  Result<Fd> turn = open_file("store", root_ + "/turn", O_RDWR | O_CREAT, 0644);
  if (!turn) return turn;
  while (::flock(turn.value().get(), LOCK_EX) != 0)
    if (errno != EINTR) return errno_error(errno, "store: wait for a turn in " + root_);
  Result<Fd> file = open_file("store", root_ + "/lock", O_RDWR | O_CREAT, 0644);
  if (!file) return file;
  while (::flock(file.value().get(), exclusive ? LOCK_EX : LOCK_SH) != 0)
    if (errno != EINTR) return errno_error(errno, "store: lock " + root_);
  return file;
}

}  // namespace ninefold::env
