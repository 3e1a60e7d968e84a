// In: a plan. Out: the run state's folders and files, written before anything starts.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "base/atomic_file.h"
#include "base/process.h"
#include "base/text.h"
#include "env/run/apply.h"
#include "env/run/linker_cache.h"

namespace ninefold::env::run {
namespace fs = std::filesystem;
namespace {

// What root makes for somebody else belongs to him; what root makes for himself is mapped by the mount.
void own(const Plan& plan, const std::string& path) {
  if (::geteuid() != 0 || plan.ids.root_files) return;
  if (::lchown(path.c_str(), plan.ids.user, plan.ids.group) != 0) return;
}

Result<void> put(const Plan& plan, const std::string& path, std::string_view text, mode_t mode) {
  Result<void> made = make_folders("up", fs::path(path).parent_path());
  if (!made) return made;
  ::unlink(path.c_str());
  Result<Fd> file = open_file("up", path, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!file) return file.error();
  ::fchmod(file.value().get(), mode);
  Result<void> written = write_all("up", path, file.value().get(), text);
  own(plan, path);
  return written;
}

std::string packed(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string bytes;
  for (const auto& [key, value] : fields) bytes.append(key).append("=").append(value).push_back('\0');
  return bytes;
}

Result<void> skeleton(const Plan& plan, const std::string& home) {
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(plan.tree + "/etc/skel", problem)) {
    if (!entry.is_regular_file()) continue;
    Result<std::string> text = read_file("up", entry.path());
    if (!text) return text.error();
    Result<void> made = put(plan, home + "/" + entry.path().filename().string(), text.value(), 0644);
    if (!made) return made;
  }
  // Matplotlib's own font has no Chinese, Japanese or Korean signs; it looks no further unless told.
  if (!fs::exists(plan.tree + "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", problem)) return {};
  for (const std::string folder : {"/.config", "/.config/matplotlib"}) {
    Result<void> made = make_folders("up", home + folder);
    if (!made) return made;
    own(plan, home + folder);
  }
  return put(plan, home + "/.config/matplotlib/matplotlibrc", matplotlib_words(), 0644);
}

Result<void> host_key(const Plan& plan) {
  // Beside the volumes, so that it outlives `down` and a rebuild.
  const std::string kept = plan.state + "/../../hostkeys/" + plan.name;
  const std::string name = "ssh_host_ed25519_key";
  Result<void> made = make_folders("up", kept);
  if (!made) return made;
  ::chmod(kept.c_str(), 0700);
  if (!fs::exists(kept + "/" + name)) {
    Program keygen;
    keygen.arguments = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ninefold-" + plan.name, "-f",
                        kept + "/" + name};
    Result<Finished> done = run_or_fail("up: make a host key", keygen);
    if (!done) return done.error();
  }
  for (const std::string& file : {name, name + ".pub"}) {
    Result<std::string> text = read_file("up", kept + "/" + file);
    if (!text) return text.error();
    Result<void> copied = put(plan, plan.state + "/hostkey/" + file, text.value(), file == name ? 0600 : 0644);
    if (!copied) return copied;
  }
  return {};
}

// The driver's folder: empty files for mounts to cover, links by the names that programs ask for; and the cache by
// which the loader finds them.
Result<void> driver_folder(const Plan& plan) {
  if (plan.gpu.devices.empty()) return {};
  const std::string place = plan.state + "/boot/driver", inside = kDriverFolder;
  for (const char* name : {"", "/lib", "/bin"}) {
    Result<void> made = make_folders("up", place + name);
    if (!made) return made;
    ::chmod((place + name).c_str(), 0755);
    own(plan, place + name);
  }
  for (const Bind& bind : plan.binds) {
    if (!bind.driver || bind.to.rfind(inside + "/", 0) != 0) continue;
    Result<void> made = put(plan, place + bind.to.substr(inside.size()), "", 0644);
    if (!made) return made;
  }
  std::vector<CacheEntry> libraries;
  for (const auto& [name, file] : plan.gpu.names) {
    const std::string link = place + "/lib/" + name;
    if (name != file) ::unlink(link.c_str());
    if (name != file && ::symlink(file.c_str(), link.c_str()) != 0) return errno_error(errno, "up: make the link " + link);
    own(plan, link);
    libraries.push_back({0, name, inside + "/lib/" + name, 0, 0});
  }
  return put(plan, plan.state + "/boot/etc/ld.so.cache", with_libraries(text_of_tree(plan.tree, "etc/ld.so.cache"), libraries), 0644);
}

}  // namespace

std::string text_of_tree(const std::string& tree, const std::string& path) {
  const Fd root(::open(tree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_IN_ROOT;
  const Fd file(static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  Result<std::string> text = read_file("up", fmt::format("/proc/self/fd/{}", file.get()));
  return text ? text.value() : std::string();
}

Result<bool> refresh_keys(const Plan& plan) {
  std::string keys;
  for (const std::string& file : plan.keys) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 022)) continue;  // anybody's, since `up` looked
    Result<std::string> text = read_file("ssh", file);
    if (!text) continue;  // gone for a moment while an editor saves it
    if (text.value().find("PRIVATE KEY") != std::string::npos)
      return Error(Code::invalid_argument, "up: " + file + " holds a private key; name the .pub file beside it");
    keys += text.value();
    if (!keys.empty() && keys.back() != '\n') keys += '\n';
  }
  const std::string path = plan.state + "/keys/authorized_keys";
  Result<std::string> before = read_file("ssh", path);
  if (before && before.value() == keys) return false;
  const std::string fresh = plan.state + "/keys/.fresh";
  Result<void> written = put(plan, fresh, keys, 0600);
  if (!written) return written.error();
  if (::rename(fresh.c_str(), path.c_str()) != 0) return errno_error(errno, "ssh: replace " + path);
  return true;
}

Result<void> prepare(const Plan& plan, const std::string& session) {
  for (const std::string name : {"", "/boot", "/boot/bin", "/boot/services", "/boot/labconfig", "/shared", "/shared/jobs", "/shared/logs", "/keys",
                                 "/hostkey", "/layer", "/layer/upper", "/layer/work"}) {
    const std::string folder = plan.state + name;
    Result<void> made = make_folders("up", folder);
    if (!made) return made;
    const bool open = name.rfind("/layer", 0) == 0 || name.rfind("/boot", 0) == 0;
    ::chmod(folder.c_str(), open ? 0755 : 0700);
    own(plan, folder);
  }
  if (::geteuid() == 0)  // the root folder inside belongs to root inside
    for (const char* name : {"/layer/upper", "/layer/work"}) {
      const std::uint32_t root = plan.ids.map.uids[0].outside, group = plan.ids.map.gids[0].outside;
      if (::chown((plan.state + name).c_str(), root, group) != 0)
        return errno_error(errno, "up: chown " + plan.state + name);
    }
  Result<std::string> program = read_file("up", plan.init);
  if (!program) return program.error();
  Result<void> done = put(plan, plan.state + "/boot/init", program.value(), 0755);
  if (!done) return done;
  done = put(plan, plan.state + "/boot/settings", packed({{"session", session}, {"grace_ms", "10000"}}), 0644);
  if (!done) return done;
  ::mkdir((plan.state + "/boot/etc").c_str(), 0755);
  for (const File& file : plan.files) {
    done = put(plan, plan.state + "/boot/" + file.name, file.text, file.program ? 0755 : 0644);
    if (!done) return done;
  }
  done = driver_folder(plan);
  if (!done) return done;
  for (const Service& service : plan.services) {
    std::vector<std::pair<std::string, std::string>> fields = {{"cwd", service.folder},
                                                               {"restart", service.restart}};
    for (const std::string& argument : service.arguments) fields.emplace_back("arg", argument);
    for (const auto& [name, value] : service.environment) fields.emplace_back("env", name + "=" + value);
    done = put(plan, plan.state + "/boot/services/" + service.name, packed(fields), 0644);
    if (!done) return done;
  }
  for (const Bind& bind : plan.binds) {
    if (!bind.make || fs::exists(bind.from)) continue;
    done = make_folders("up", bind.from);
    if (!done) return done;
    ::chmod(bind.from.c_str(), bind.skeleton ? 0700 : 0755);
    own(plan, bind.from);
    if (!bind.skeleton) continue;
    done = skeleton(plan, bind.from);
    if (!done) return done;
  }
  bool ssh = false;
  for (const Service& service : plan.services) ssh = ssh || service.name == "ssh";
  if (ssh) {
    done = host_key(plan);
    if (!done) return done;
  }
  Result<bool> keys = refresh_keys(plan);
  return keys ? Result<void>() : keys.error();
}

}  // namespace ninefold::env::run
