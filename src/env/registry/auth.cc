// In: headers and JSON from strangers and from the user's own files. Out: challenges and logins.
#include "env/registry/auth.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/json_text.h"
#include "base/process.h"

namespace ninefold::env::registry {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMostChallenges = 16;
constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// RFC 9110's tokens; '=' and '/' end them.
bool token_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool done() const { return at_ >= text_.size(); }
  void skip(std::string_view any) {
    while (!done() && any.find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string token() {
    const std::size_t begin = at_;
    while (!done() && token_char(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  std::optional<std::string> quoted() {  // after the opening mark
    std::string out;
    while (!done()) {
      char c = text_[at_++];
      if (c == '"') return out;
      if (c == '\\' && !done()) c = text_[at_++];
      out += c;
    }
    return std::nullopt;
  }
  void past_comma() {
    while (!done() && text_[at_] != ',') ++at_;
  }
  std::size_t at() const { return at_; }
  void back_to(std::size_t at) { at_ = at; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string docker_file() {
  const std::string folder = variable("DOCKER_CONFIG");
  return folder.empty() ? variable("HOME") + "/.docker/config.json" : folder + "/config.json";
}

// "https://registry.example/v1/" and "registry.example" are the same key.
std::string plain_key(std::string key) {
  if (const std::size_t scheme = key.find("://"); scheme != std::string::npos) key.erase(0, scheme + 3);
  while (!key.empty() && key.back() == '/') key.pop_back();
  for (const std::string version : {"/v1", "/v2"})
    if (key.size() > version.size() && key.ends_with(version)) key.resize(key.size() - version.size());
  return key == "index.docker.io" || key == "registry-1.docker.io" ? "docker.io" : key;
}

bool fits(const std::string& key, const std::string& full) {
  return full == key || (full.size() > key.size() && full.rfind(key, 0) == 0 && full[key.size()] == '/');
}

Error bad(const std::string& file, const std::string& what) {
  return Error(Code::data_loss, fmt::format("login file {}: {}; mend it or log in again", file, what));
}

std::string text_of(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

bool is_helper(const std::string& name) {
  return !name.empty() && name.size() < 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

Result<std::optional<Login>> ask_helper(const std::string& name, const std::string& host) {
  Program program;
  program.arguments = {"docker-credential-" + name, "get"};
  program.input = host == "docker.io" ? "https://index.docker.io/v1/" : host;
  Result<Finished> finished = run_program("login", program);
  if (!finished) return finished.error();
  if (finished.value().status != 0) {  // that is how helpers say that they know nothing
    if (finished.value().output.find("not found") != std::string::npos) return std::optional<Login>();
    return Error(Code::unauthenticated, fmt::format("login: docker-credential-{} ended with status {}", name, finished.value().status));
  }
  try {
    const Json json = parse_json(finished.value().output, "login: docker-credential-" + name);
    Login login{text_of(json, "Username"), text_of(json, "Secret"), "", "docker-credential-" + name};
    if (login.user == "<token>") login.identity_token = login.password, login.user.clear(), login.password.clear();
    return std::optional<Login>(login);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace

std::string Challenge::get(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> all;
  Reader reader(header);
  while (all.size() < kMostChallenges) {
    reader.skip(" \t,");
    if (reader.done()) break;
    const std::size_t begin = reader.at();
    std::string name = reader.token();
    if (name.empty()) {
      reader.past_comma();
      continue;
    }
    reader.skip(" \t");
    if (!reader.take('=')) {  // no parameter, so a new scheme; its first parameter follows without a comma
      all.push_back({lower(name), {}});
      continue;
    }
    reader.skip(" \t");
    std::optional<std::string> value = reader.take('"') ? reader.quoted() : std::optional<std::string>(reader.token());
    if (!value) break;  // the quotation never ends: nothing after it can be trusted
    if (!all.empty()) all.back().parameters.emplace(lower(name), *value);
    reader.skip(" \t");
    if (!reader.done() && !reader.take(',')) reader.past_comma();
    if (reader.at() == begin) reader.past_comma();
  }
  return all;
}

std::string base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j) three = three << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += i + j <= bytes.size() ? kDigits[three >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    const char* digit = c ? std::char_traits<char>::find(kDigits, 64, c) : nullptr;
    if (!digit) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit - kDigits);
    if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8) & 255);
  }
  return out;
}

Result<Told> read_logins(const std::string& text, const std::string& file, const std::string& host, const std::string& repository) {
  try {
    const Json json = parse_json(text, "login file " + file);
    if (!json.is_object()) return bad(file, "it holds no JSON object");
    const std::string full = plain_key(host) + "/" + repository;
    Told told;
    std::string best;
    for (const char* part : {"credHelpers", "auths"}) {  // an entry of its own beats a helper's for the same key
      if (!json.contains(part) || !json[part].is_object()) continue;
      for (const auto& [name, entry] : json[part].items()) {
        const std::string key = plain_key(name);
        if (!fits(key, full) || key.size() < best.size()) continue;
        if (part == std::string_view("credHelpers")) {
          if (entry.is_string()) best = key, told = {std::nullopt, entry.get<std::string>()};
          continue;
        }
        Login login{text_of(entry, "username"), text_of(entry, "password"), text_of(entry, "identitytoken"), file};
        if (const std::string auth = text_of(entry, "auth"); !auth.empty()) {
          const std::optional<std::string> both = from_base64(auth);
          const std::size_t colon = both ? both->find(':') : std::string::npos;
          if (colon == std::string::npos) return bad(file, fmt::format("the login of {} cannot be read", key));
          login.user = both->substr(0, colon);
          login.password = both->substr(colon + 1);
          while (!login.password.empty() && login.password.back() == '\0') login.password.pop_back();
        }
        if (login.user.empty() && login.identity_token.empty()) continue;  // a helper keeps it
        best = key, told = {login, ""};
      }
    }
    if (!told.login && told.helper.empty()) told.helper = text_of(json, "credsStore");
    if (!told.helper.empty() && !is_helper(told.helper)) return bad(file, fmt::format("'{}' cannot be a helper's name", told.helper.substr(0, 100)));
    return told;
  } catch (const Error& error) {
    return bad(file, error.message());
  }
}

std::vector<std::string> login_files() {
  if (const std::string named = variable("REGISTRY_AUTH_FILE"); !named.empty()) return {named};
  std::vector<std::string> files;
  if (const std::string run = variable("XDG_RUNTIME_DIR"); !run.empty()) files.push_back(run + "/containers/auth.json");
  const std::string config = variable("XDG_CONFIG_HOME");
  files.push_back((config.empty() ? variable("HOME") + "/.config" : config) + "/containers/auth.json");
  files.push_back(docker_file());
  return files;
}

Result<std::optional<Login>> find_login(const std::string& host, const std::string& repository) {
  if (const std::string named = variable("REGISTRY_AUTH_FILE"); !named.empty() && ::access(named.c_str(), R_OK) != 0)
    return errno_error(errno, "login: read REGISTRY_AUTH_FILE " + named);
  for (const std::string& file : login_files()) {
    if (::access(file.c_str(), F_OK) != 0) continue;
    Result<std::string> text = read_file("login", file);
    if (!text) return text.error();
    Result<Told> told = read_logins(text.value(), file, host, repository);
    if (!told) return told.error();
    if (told.value().login) return told.value().login;
    if (told.value().helper.empty()) continue;
    Result<std::optional<Login>> login = ask_helper(told.value().helper, host);
    if (!login || login.value()) return login;
  }
  return std::optional<Login>();
}

std::string login_file() {
  const std::string named = variable("REGISTRY_AUTH_FILE");
  return named.empty() ? docker_file() : named;
}

Result<std::string> with_login(const std::string& text, const std::string& file, const std::string& host, const Login& login) {
  try {
    Json json = text.empty() ? Json::object() : parse_json(text, "login file " + file);
    if (!json.is_object() || (json.contains("auths") && !json["auths"].is_object())) return bad(file, "it holds no table of logins");
    const std::string key = host == "docker.io" ? "https://index.docker.io/v1/" : host;
    json["auths"][key] = {{"auth", base64(login.user + ":" + login.password)}};
    return json.dump(2) + "\n";
  } catch (const Error& error) {
    return bad(file, error.message());
  }
}

Result<std::optional<std::string>> without_login(const std::string& text, const std::string& file, const std::string& host) {
  try {
    Json json = parse_json(text, "login file " + file);
    if (!json.is_object() || !json.contains("auths") || !json["auths"].is_object()) return std::optional<std::string>();
    Json& logins = json["auths"];
    const std::size_t before = logins.size();
    for (auto entry = logins.begin(); entry != logins.end();) entry = plain_key(entry.key()) == plain_key(host) ? logins.erase(entry) : std::next(entry);
    if (logins.size() == before) return std::optional<std::string>();
    return std::optional<std::string>(json.dump(2) + "\n");
  } catch (const Error& error) {
    return bad(file, error.message());
  }
}

}  // namespace ninefold::env::registry
