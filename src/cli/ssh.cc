// In: an environment with [ssh]. Out: an OpenSSH session in it, and an entry that other programs use.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/text.h"
#include "cli/environment.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace supervise = env::supervise;
namespace {

struct Login {
  std::string alias, user, known_hosts, identity;
  int port = 0;
};

Login login_of(const supervise::Environment& environment) {
  const env::run::Port* port = find_port(environment.plan, "ssh");
  check(port, Code::failed_precondition, "ssh: {} has no [ssh] in its file; add it and: ninefold restart",
        environment.name);
  Login login{.alias = environment.name + ".ninefold", .user = environment.plan.user, .known_hosts = {},
              .identity = {}, .port = port->outside};
  const std::string keys = fs::path(environment.folder + "/../../hostkeys/" + environment.name).lexically_normal();
  login.known_hosts = keys + "/known_hosts";
  const std::string key = read_file("ssh", keys + "/ssh_host_ed25519_key.pub").value();
  write_atomically("ssh", login.known_hosts, fmt::format("{} {}", login.alias, key)).value();
  for (const std::string& file : environment.plan.keys)
    if (file.size() > 4 && file.ends_with(".pub") && fs::exists(file.substr(0, file.size() - 4)))
      login.identity = file.substr(0, file.size() - 4);
  struct stat status {};
  if (!login.identity.empty() && ::stat(login.identity.c_str(), &status) == 0)
    check((status.st_mode & 077) == 0, Code::failed_precondition,
          "ssh: the private key {0} is open to others (mode {1:04o}), and OpenSSH refuses such a key: chmod 600 {0}",
          login.identity, status.st_mode & 07777);
  return login;
}

std::string entry(const Login& login) {
  std::string text = fmt::format(
      "Host {0}\n  HostName 127.0.0.1\n  Port {1}\n  User {2}\n  HostKeyAlias {0}\n  UserKnownHostsFile {3}\n",
      login.alias, login.port, login.user, login.known_hosts);
  if (!login.identity.empty()) text += fmt::format("  IdentityFile {}\n", login.identity);
  return text;
}

// Replaces our block or puts it first, where no `Host *` of the user's comes before it.
void write_entry(const Login& login) {
  const char* home = std::getenv("HOME");
  check(home, Code::failed_precondition, "ssh: HOME is not set");
  const std::string folder = std::string(home) + "/.ssh", path = folder + "/config";
  ::mkdir(folder.c_str(), 0700);
  const std::string begin = "# ninefold " + login.alias + " begins\n", end = "# ninefold " + login.alias + " ends\n";
  std::string text;
  if (Result<std::string> before = read_file("ssh", path)) text = before.value();
  const std::string fresh = begin + entry(login) + end;
  const std::size_t from = text.find(begin), to = text.find(end);
  const std::string old = text;
  if (from != std::string::npos && to != std::string::npos && to > from)
    text.replace(from, to + end.size() - from, fresh);
  else
    text = fresh + (text.empty() ? "" : "\n") + text;
  if (text == old) return;
  const bool is_new = !fs::exists(path);
  write_atomically("ssh", path, text).value();
  if (is_new) ::chmod(path.c_str(), 0600);
}

}  // namespace

extern const Verb ssh_verb;
const Verb ssh_verb = {
    .name = "ssh",
    .usage = "[COMMAND]",
    .brief = "Log in with OpenSSH; also writes ~/.ssh/config's entry, so that VS Code, scp and git find it.",
    .flags = {name_flag, {"--config", "print the entry for ~/.ssh/config, and write nothing"}},
    .examples = {"ninefold ssh", "ninefold ssh tmux attach", "ninefold ssh --config"},
    .exits = "ssh's own",
    .run = [](const Args& args, Io& io) -> int {
      const supervise::Environment environment = running("ssh", args);
      const Login login = login_of(environment);
      if (args.has("--config")) {
        io.out << entry(login);
        return ok;
      }
      write_entry(login);
      std::vector<std::string> words = {"ssh", "-p", std::to_string(login.port), "-o", "HostKeyAlias=" + login.alias,
                                        "-o", "UserKnownHostsFile=" + login.known_hosts};
      if (!login.identity.empty()) words.insert(words.end(), {"-i", login.identity});
      if (::isatty(0) && !args.rest.empty()) words.push_back("-t");
      words.push_back(login.user + "@127.0.0.1");
      words.insert(words.end(), args.rest.begin(), args.rest.end());
      std::vector<char*> pointers;
      for (std::string& word : words) pointers.push_back(word.data());
      pointers.push_back(nullptr);
      ::execvp("ssh", pointers.data());
      throw errno_error(errno, "ssh: start ssh (package openssh-client)");
    },
    .details = "Afterwards scp, rsync, git and VS Code reach it as NAME.ninefold: scp data.csv tf29.ninefold:/tf/",
    .parsing = Parsing::leading};

}  // namespace ninefold::cli
