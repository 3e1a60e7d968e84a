// In: configuration files of apt and pip. Out: sources.
#include "env/lock/machine.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "base/fd.h"
#include "base/text.h"

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

constexpr const char* kKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  std::string word;
  for (const char c : std::string(text) + " ") {
    if (c != ' ' && c != '\t' && c != '\n') word += c;
    else if (!word.empty()) all.push_back(std::exchange(word, {}));
  }
  return all;
}

std::string value_of(const std::map<std::string, std::string>& all, const char* key) {
  const auto found = all.find(key);
  return found == all.end() ? "" : found->second;
}

// KEY=value lines of an ini file below [global] and others alike; pip reads `key = value`.
std::map<std::string, std::string> ini(const std::string& text) {
  std::map<std::string, std::string> all;
  std::string key;
  for (std::string_view line : split(text, '\n')) {
    if (line.empty() || line[0] == '#' || line[0] == ';' || line[0] == '[') continue;
    const auto equals = line.find('=');
    if ((line[0] == ' ' || line[0] == '\t') && !key.empty()) {
      all[key] += " " + std::string(strip(line));  // a value goes on
    } else if (equals != std::string_view::npos) {
      key = strip(line.substr(0, equals));
      all[key] = strip(line.substr(equals + 1));
    }
  }
  return all;
}

}  // namespace

std::vector<AptSource> parse_source_lines(const std::string& text) {
  std::vector<AptSource> all;
  for (std::string_view line : split(text, '\n')) {
    line = strip(line.substr(0, line.find('#')));
    if (line.substr(0, 4) != "deb " && line.substr(0, 4) != "deb\t") continue;
    AptSource source;
    std::string_view rest = strip(line.substr(4));
    if (!rest.empty() && rest[0] == '[') {
      const auto end = rest.find(']');
      if (end == std::string_view::npos) continue;
      for (const std::string& option : words(rest.substr(1, end - 1)))
        if (option.rfind("signed-by=", 0) == 0) source.signed_by = option.substr(10);
      rest = strip(rest.substr(end + 1));
    }
    std::vector<std::string> parts = words(rest);
    if (parts.size() < 2) continue;
    source.address = parts[0], source.suite = parts[1];
    source.components.assign(parts.begin() + 2, parts.end());
    all.push_back(std::move(source));
  }
  return all;
}

std::vector<AptSource> parse_source_stanzas(const std::string& text) {
  std::vector<AptSource> all;
  std::map<std::string, std::string> fields;
  std::string key;
  const auto finish = [&] {
    const std::string enabled = value_of(fields, "enabled");
    const std::vector<std::string> types = words(value_of(fields, "types"));
    if (enabled != "no" && enabled != "false" && std::find(types.begin(), types.end(), "deb") != types.end())
      for (const std::string& address : words(value_of(fields, "uris")))
        for (const std::string& suite : words(value_of(fields, "suites"))) {
          AptSource source{address, suite, words(value_of(fields, "components")), value_of(fields, "signed-by")};
          if (source.signed_by.empty() || source.signed_by[0] != '/') source.signed_by.clear();  // a key written inline
          all.push_back(std::move(source));
        }
    fields.clear();
  };
  for (std::string_view line : split(text, '\n')) {
    if (!line.empty() && line[0] == '#') continue;
    if (strip(line).empty()) {
      finish();
      continue;
    }
    if (line[0] == ' ' || line[0] == '\t') {
      fields[key] += " " + std::string(strip(line));
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    key = line.substr(0, colon);
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    fields[key] = strip(line.substr(colon + 1));
  }
  finish();
  return all;
}

Result<std::vector<AptSource>> choose_sources(const std::vector<AptSource>& machine, const std::string& host,
                                              const std::string& codename, const Sources& own) {
  std::vector<AptSource> chosen;
  if (!own.apt.empty()) {
    chosen.push_back({own.apt, codename, {"main"}, kKeyring});
    if (!own.apt_security.empty()) chosen.push_back({own.apt_security, codename + "-security", {"main"}, kKeyring});
    return chosen;
  }
  std::set<std::string> seen;
  for (const AptSource& source : machine) {
    if (host.empty() || source.suite.substr(0, host.size()) != host) continue;
    const std::string part = source.suite.substr(host.size());
    if (part != "" && part != "-updates" && part != "-security") continue;
    if (std::find(source.components.begin(), source.components.end(), "main") == source.components.end()) continue;
    AptSource one = source;
    one.suite = codename + part;
    one.components = {"main"};
    if (one.signed_by.empty() || host != codename) one.signed_by = kKeyring;
    if (seen.insert(one.suite).second) chosen.push_back(one);
  }
  if (!seen.count(codename))
    return Error(Code::not_found, fmt::format("lock: this machine's apt has no source of Debian's {} to derive those of {} from; "
                                              "write [sources] apt = \"...\" (a Debian mirror's address) into ninefold.toml",
                                              host.empty() ? "releases" : host, codename));
  return chosen;
}

std::vector<AptSource> machine_sources() {
  std::vector<AptSource> all;
  std::vector<std::string> files = {"/etc/apt/sources.list"};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/etc/apt/sources.list.d", error)) files.push_back(entry.path());
  std::sort(files.begin() + 1, files.end());
  for (const std::string& file : files) {
    const Result<std::string> text = read_file("lock", file);
    if (!text) continue;
    const std::string ending = fs::path(file).extension();
    const auto found = ending == ".list" ? parse_source_lines(text.value())
                       : ending == ".sources" ? parse_source_stanzas(text.value()) : std::vector<AptSource>();
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

std::string machine_codename() {
  const Result<std::string> text = read_file("lock", "/etc/os-release");
  return text ? value_of(ini(text.value()), "VERSION_CODENAME") : "";
}

std::string machine_architecture() {
  utsname name{};
  ::uname(&name);
  const std::string machine = name.machine;
  return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
}

PipSource pip_source(const Sources& own) {
  std::map<std::string, std::string> all;
  std::vector<std::string> files = {"/etc/pip.conf"};
  if (const char* home = std::getenv("HOME"); home && *home)
    files.insert(files.end(), {std::string(home) + "/.pip/pip.conf", std::string(home) + "/.config/pip/pip.conf"});
  if (const char* named = std::getenv("PIP_CONFIG_FILE"); named && *named) files.push_back(named);
  for (const std::string& file : files)
    if (const Result<std::string> text = read_file("lock", file))
      for (const auto& [key, value] : ini(text.value())) all[key] = value;
  for (auto [variable, key] : {std::pair{"PIP_INDEX_URL", "index-url"}, {"PIP_EXTRA_INDEX_URL", "extra-index-url"},
                               {"PIP_FIND_LINKS", "find-links"}, {"PIP_CERT", "cert"}, {"PIP_PROXY", "proxy"}})
    if (const char* value = std::getenv(variable); value && *value) all[key] = value;
  PipSource source;
  const std::string index = own.pip.empty() ? value_of(all, "index-url") : own.pip;
  if (!index.empty()) source.arguments.insert(source.arguments.end(), {"--default-index", index});
  std::vector<std::string> extra = own.pip_extra, links = own.pip_links;
  if (own.pip.empty())
    for (std::string& one : words(value_of(all, "extra-index-url"))) extra.push_back(std::move(one));
  for (std::string& one : words(value_of(all, "find-links"))) links.push_back(std::move(one));
  for (const std::string& one : extra) source.arguments.insert(source.arguments.end(), {"--index", one});
  for (const std::string& one : links) {
    std::error_code error;
    if (one.find("://") == std::string::npos && !fs::is_directory(one, error)) continue;
    source.arguments.insert(source.arguments.end(), {"--find-links", one});
  }
  if (const std::string cert = value_of(all, "cert"); !cert.empty()) source.environment.push_back("SSL_CERT_FILE=" + cert);
  const std::string proxy = own.proxy.empty() ? value_of(all, "proxy") : own.proxy;
  if (!proxy.empty())
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY"}) source.environment.push_back(fmt::format("{}={}", name, proxy));
  return source;
}

}  // namespace ninefold::env
