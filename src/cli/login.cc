// In: a registry's host, a user's name and password. Out: they work, and podman, docker and push find them.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/atomic_file.h"
#include "base/check.h"
#include "cli/ask.h"
#include "cli/registry.h"

namespace ninefold::cli {
namespace {

void keep(const std::string& host, const env::registry::Login& login) {
  const std::string file = env::registry::login_file();
  const std::string folder = std::filesystem::path(file).parent_path();
  const mode_t before = ::umask(077);
  const auto write = [&]() -> Result<void> {
    if (Result<void> made = folder.empty() ? Result<void>() : make_folders("login", folder); !made) return made;
    std::string text;
    if (::access(file.c_str(), F_OK) == 0) {
      Result<std::string> read = read_file("login", file);
      if (!read) return read.error();
      text = read.value();
    }
    Result<std::string> with = env::registry::with_login(text, file, host, login);
    if (!with) return with.error();
    return write_atomically("login", file, with.value());
  };
  const Result<void> written = write();
  ::umask(before);
  written.value();
}

}  // namespace

extern const Verb login, logout;
const Verb login = {
    .name = "login",
    .usage = "[--user NAME] [--password-stdin] HOST[:PORT]",
    .brief = "Try a login at a registry and keep it where push, pull, docker and podman look.",
    .flags = {{"--user NAME", "else it is asked for"}, {"--password-stdin", "read the password from standard input, for scripts"},
              plain_http_flag, ca_flag},
    .examples = {"ninefold login registry.example", "ninefold login --user ci --password-stdin registry.example:5000 < token"},
    .exits = "0: it works and is kept; 2: bad arguments; 127: the registry refused it, or cannot be reached; nothing is kept then",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 1, "login: expected one host, got {} arguments", args.rest.size());
      // Any name will do to see whether this is a host.
      env::registry::Reference reference = env::registry::parse_reference(args.rest[0] + "/any").within("login").value();
      check(reference.host == args.rest[0], "login: '{}' is no host", args.rest[0]);
      reference.repository.clear();
      env::registry::Login login{args.get("--user"), "", "", "what you typed"};
      if (login.user.empty()) login.user = ask("login", io, "user: ", true, "--user and --password-stdin");
      check(!login.user.empty() && login.user.find(':') == std::string::npos, "login: a user's name is not empty and has no colon");
      if (args.has("--password-stdin")) {
        login.from = "standard input";
        std::getline(std::cin, login.password);
        if (login.password.ends_with('\r')) login.password.pop_back();
      } else {
        login.password = ask("login", io, "password: ", false, "--user and --password-stdin");
      }
      check(!login.password.empty(), "login: the password is empty");
      env::registry::Access access = access_of(args);
      access.login = login;
      const bool asked = env::registry::Client("login", reference, access, false).greet();
      keep(reference.host, login);
      io.err << fmt::format("login: {} in {}\n", asked ? "works; kept" : "not tried, since " + reference.host + " asks nobody at first; kept",
                            env::registry::login_file());
      return ok;
    }};

const Verb logout = {
    .name = "logout",
    .usage = "[--json] HOST[:PORT]",
    .brief = "Forget a registry's login: its entries are taken out of the files in which push, pull, docker and podman look.",
    .flags = {{"--json", "as JSON: the files that had one"}},
    .examples = {"ninefold logout registry.example"},
    .exits = "0: no file holds one any more, also where none did; 2: bad arguments; 127: a file cannot be read or written, or a helper keeps the login",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 1, "logout: expected one host, got {} arguments", args.rest.size());
      const std::string host = env::registry::parse_reference(args.rest[0] + "/any").within("logout").value().host;
      check(host == args.rest[0], "logout: '{}' is no host", args.rest[0]);
      std::vector<std::string> changed;
      std::string helper;
      for (const std::string& file : env::registry::login_files()) {
        if (::access(file.c_str(), F_OK) != 0) continue;
        const std::string text = read_file("logout", file).value();
        const std::optional<std::string> rest = env::registry::without_login(text, file, host).within("logout").value();
        if (rest) {
          const mode_t before = ::umask(077);
          const Result<void> written = write_atomically("logout", file, *rest);
          ::umask(before);
          written.value();
          changed.push_back(file);
        }
        const auto told = env::registry::read_logins(rest ? *rest : text, file, host, "").within("logout").value();
        if (helper.empty()) helper = told.helper;
      }
      if (args.has("--json")) io.out << nlohmann::ordered_json{{"host", host}, {"files", changed}}.dump() << "\n";
      for (const std::string& file : changed) io.err << fmt::format("logout: the login of {} is no longer in {}\n", host, file);
      check(helper.empty(), Code::failed_precondition, "logout: docker-credential-{0} may keep a login of {1}; `echo {1} | docker-credential-{0} erase` forgets it",
            helper, host);
      if (changed.empty() && !args.has("--json")) io.err << fmt::format("logout: no file holds a login of {}\n", host);
      return ok;
    }};

}  // namespace ninefold::cli
