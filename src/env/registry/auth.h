// In: a registry's challenge; the login files of podman and docker. Out: what to answer with. Pure but for
// find_login and write_login.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ninefold::env::registry {

// One of a WWW-Authenticate header: `Bearer realm="https://auth.example/token",service="..."`.
struct Challenge {
  std::string scheme;                             // lower-case: "bearer", "basic"
  std::map<std::string, std::string> parameters;  // names lower-case
  std::string get(const std::string& name) const;
};

// Any bytes. What cannot be read is left out.
std::vector<Challenge> parse_challenges(std::string_view header);

struct Login {
  std::string user, password;
  std::string identity_token;  // of a former login, instead of user and password
  std::string from;            // the file or helper that told it, for messages
};

// What a login file says about a host or the repository of it: the longest key that fits wins.
struct Told {
  std::optional<Login> login;
  std::string helper;  // "pass": the program docker-credential-pass knows it
};
Result<Told> read_logins(const std::string& text, const std::string& file, const std::string& host, const std::string& repository);

// REGISTRY_AUTH_FILE, if it is set, else containers/auth.json below XDG_RUNTIME_DIR and XDG_CONFIG_HOME, else
// docker's config.json. Nothing found is no error.
Result<std::optional<Login>> find_login(const std::string& host, const std::string& repository);

// The file that `login` writes: REGISTRY_AUTH_FILE, else docker's config.json.
std::string login_file();
// Adds or replaces a host's entry in a login file's text (empty: a new one). Everything else stays.
Result<std::string> with_login(const std::string& text, const std::string& file, const std::string& host, const Login& login);

// The files in which find_login looks, in its order.
std::vector<std::string> login_files();
// A login file's text without a host's own entries; nothing where it has none.
Result<std::optional<std::string>> without_login(const std::string& text, const std::string& file, const std::string& host);

std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace ninefold::env::registry
