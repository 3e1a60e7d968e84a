// In: a container that something else than `up` started (Kubernetes, podman, Docker), and the file that says what runs in
// it, which `ninefold export` wrote. Out: the folders that `up` would have mounted; then this process becomes PID 1 of an
// environment, or watches one program and ends with its status.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "env/run/plan.h"
#include "env/spec/parse.h"
#include "env/supervise/init/places.h"
#include "env/supervise/init/small.h"

extern char** environ;

namespace ninefold::env::supervise {
namespace {
namespace fs = std::filesystem;

const std::string kOwn = "/run/ninefold";

[[noreturn]] void refuse(const std::string& text) {
  std::fprintf(stderr, "container: %s\n", text.c_str());
  std::exit(2);
}

void folder(const std::string& path, mode_t mode) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || ::access(path.c_str(), W_OK) != 0)
    refuse(path + " cannot be written by user " + std::to_string(::getuid()) + ": " + (error ? error.message() : std::strerror(errno)) +
           "; give the container an empty folder in memory at " + kOwn + ", as what `ninefold export` writes does");
  ::chmod(path.c_str(), mode);
}

void put(const std::string& path, const std::string& text, mode_t mode) {
  ::unlink(path.c_str());
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const bool done = fd >= 0 && write_whole(fd, text) && ::fchmod(fd, mode) == 0;
  if (!done) refuse("write " + path + ": " + std::strerror(errno));
  ::close(fd);
}

// A variable's value; the programs inside need not see it.
std::string taken(const char* name) {
  const char* value = std::getenv(name);
  const std::string text = value ? value : "";
  ::unsetenv(name);
  return text;
}

Spec given_spec() {
  const std::string path = std::string(kGiven) + "/ninefold.toml";
  const std::string variable = taken("NINEFOLD_TOML"), file = slurp(path);
  const std::string text = !file.empty() ? file : !variable.empty() ? variable : "name = \"container\"\n";
  const Surroundings around{"/", "/", [](const std::string&) { return Result<std::string>(Error(Code::unimplemented, "extends is not followed inside a container")); }};
  Parsed parsed = parse_spec(text, file.empty() ? "NINEFOLD_TOML" : path, around);
  if (!parsed.findings.empty()) refuse(findings_text(parsed.findings));
  return parsed.spec;
}

// The name and the home that the image has for this process's user.
void find_user(std::string& name, std::string& home) {
  const std::string users = slurp("/etc/passwd");
  for (const std::string_view line : split(users, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() < 7 || fields[2] != std::to_string(::getuid())) continue;
    name = fields[0], home = fields[5];
    return;
  }
  refuse("the image has no user of id " + std::to_string(::getuid()) + "; run it as 1000:1000, or build it again with this Ninefold");
}

std::string random_token() {
  unsigned char bytes[24];
  if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) refuse("no random numbers for a token");
  std::string text;
  for (const unsigned char byte : bytes) text += "0123456789abcdef"[byte >> 4], text += "0123456789abcdef"[byte & 15];
  return text;
}

std::string from_base64(const std::string& text) {
  const std::string_view signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    const std::size_t value = signs.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<unsigned>(value), count += 6;
    if (count >= 8) out += static_cast<char>(bits >> (count -= 8) & 255);
  }
  return out;
}

// A secret whose first bytes are known. podman 4.3 hands Kubernetes' Secrets over as they are written, in base64.
std::string secret(const std::string& name, const std::string& encoded_start) {
  const std::string text = slurp("/run/secrets/" + name);
  if (text.rfind(encoded_start, 0) != 0) return text;
  std::fprintf(stderr, "container: /run/secrets/%s came in base64, as podman 4.3 hands it over; those of [secrets] are in base64, too\n", name.c_str());
  return from_base64(text);
}

void make_host_key() {
  const std::string path = kOwn + "/hostkey/ssh_host_ed25519_key", given = secret("ssh_host_ed25519_key", "LS0tLS1CRUdJ");
  if (!given.empty()) return put(path, given.back() == '\n' ? given : given + "\n", 0600);
  std::fputs("container: no secret ssh_host_ed25519_key was given: this container's host key is new\n", stderr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execlp("ssh-keygen", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (status != 0) refuse("ssh-keygen made no host key");
}

// A home folder that a volume begins with is empty.
void fill_home(const std::string& home) {
  std::error_code error;
  if (::access((home + "/.profile").c_str(), F_OK) == 0 || ::access(home.c_str(), W_OK) != 0) return;
  for (const auto& entry : fs::directory_iterator("/etc/skel", error))
    if (entry.is_regular_file(error)) fs::copy_file(entry.path(), home + "/" + entry.path().filename().string(), fs::copy_options::skip_existing, error);
  if (::access("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", F_OK) != 0) return;
  const std::string settings = home + "/.config/matplotlib";
  fs::create_directories(settings, error);
  if (!error && ::access((settings + "/matplotlibrc").c_str(), F_OK) != 0) put(settings + "/matplotlibrc", run::matplotlib_words(), 0644);
}

void prepare(Spec& spec, bool services) {
  std::string name, home;
  find_user(name, home);
  if (spec.ssh) spec.ssh->user = name;
  for (const char* path : {"/boot", "/boot/bin", "/boot/etc", "/boot/services", "/boot/labconfig"}) folder(kOwn + path, 0755);
  for (const char* path : {"/state", "/keys", "/hostkey"}) folder(kOwn + path, 0700);
  const char* path = std::getenv("PATH");
  for (const auto& [key, value] : run::own_environment(spec, home, path ? path : "/usr/local/bin:/usr/bin:/bin"))
    ::setenv(key.c_str(), key == "USER" || key == "LOGNAME" ? name.c_str() : value.c_str(), 1);
  // Whoever has no supplement to his id has files of his own only; what a cluster gave (TF_CONFIG) stays as it is.
  run::Doors doors{.open = true, .keys = kOwn + "/keys/authorized_keys " + kGiven + "/authorized_keys"};
  put(kOwn + "/keys/authorized_keys", taken("NINEFOLD_AUTHORIZED_KEYS"), 0600);
  if (services && spec.jupyter) {
    std::string token = secret("jupyter_token", "bmluZWZvbGQt");  // "ninefold-", as `ninefold export` makes them
    doors.token = kOwn + "/state/jupyter_token";
    if (token.empty()) std::fprintf(stderr, "container: no secret jupyter_token was given: a new one lies in %s\n", doors.token.c_str());
    put(doors.token, token.empty() ? random_token() : token, 0600);
  }
  if (services && spec.ssh) make_host_key();
  fill_home(home);
  std::vector<std::string> variables;
  for (char** one = environ; *one; ++one) variables.push_back(*one);
  std::vector<run::Bind> binds;
  for (const Volume& volume : spec.volumes) binds.push_back({.from = volume.name, .to = volume.to});
  for (const run::File& file : run::boot_files(spec, variables, binds, true, doors)) put(kOwn + "/boot/" + file.name, file.text, file.program ? 0755 : 0644);
  if (!services) return;
  for (const run::Service& service : run::services_of(spec, home)) {
    Fields fields = {{"cwd", service.folder}, {"restart", service.restart}};
    for (const std::string& argument : service.arguments) fields.emplace_back("arg", argument);
    for (const auto& [key, value] : service.environment) fields.emplace_back("env", key + "=" + value);
    put(kOwn + "/boot/services/" + service.name, pack(fields), 0644);
  }
  put(kOwn + "/boot/settings", pack({{"session", "container"}, {"grace_ms", "8000"}, {"output", "shared"}}), 0644);
}

// Reaps what ends, hands signals on, and ends as the program did.
int watch(const std::vector<std::string>& command) {
  static volatile pid_t child = 0;
  sigset_t held, before;
  sigemptyset(&held);
  constexpr int kPassed[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
  for (const int number : kPassed) sigaddset(&held, number);
  sigprocmask(SIG_BLOCK, &held, &before);
  child = ::fork();
  if (child < 0) refuse(std::string("start a process: ") + std::strerror(errno));
  if (child == 0) {
    default_signals();
    ::setpgid(0, 0);
    std::vector<std::string> words = command;
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execvp(pointers[0], pointers.data());
    const int failed = errno;
    std::fprintf(stderr, "container: start %s: %s\n", pointers[0], std::strerror(failed));
    ::_exit(failed == ENOENT ? 127 : 126);
  }
  ::setpgid(child, child);
  for (const int number : kPassed) ::signal(number, [](int n) { ::kill(-child, n); });
  sigprocmask(SIG_SETMASK, &before, nullptr);
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    if (ended < 0 && errno != EINTR) return 125;
    if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

}  // namespace

int container(const std::vector<std::string>& command) {
  ::umask(022);
  Spec spec = given_spec();
  prepare(spec, command.empty());
  if (!command.empty()) return watch(command);
  ::execl("/proc/self/exe", "ninefold-init", nullptr);
  refuse(std::string("start the first process: ") + std::strerror(errno));
}

}  // namespace ninefold::env::supervise
