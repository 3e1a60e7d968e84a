// In: wishes. Out: what apt's resolver answers, and its files.
#include "env/lock/apt.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "base/atomic_file.h"
#include "base/process.h"
#include "base/text.h"

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(code);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// What is installed counts 100: below that nothing takes its place. apt takes the first record that fits.
constexpr const char* kOnlySecurity =
    "Package: *\nPin: release n=*-security\nPin-Priority: 990\n\nPackage: *\nPin: release a=*-security\nPin-Priority: 990\n\n"
    "Package: *\nPin: release l=Debian-Security\nPin-Priority: 990\n\nPackage: *\nPin: release n=*\nPin-Priority: 50\n";

}  // namespace

std::string stanza_field(std::string_view stanza, std::string_view name) {
  for (std::string_view line : split(stanza, '\n'))
    if (line.substr(0, name.size()) == name && line.size() > name.size() && line[name.size()] == ':')
      return std::string(strip(line.substr(name.size() + 1)));
  return {};
}

std::vector<std::string_view> stanzas_of(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", start), text.size());
    if (const std::string_view stanza = strip(text.substr(start, end - start)); !stanza.empty()) all.push_back(stanza);
    start = end + 2;
  }
  return all;
}

std::map<std::string, std::vector<std::string>> security_versions(const std::string& policy) {
  std::map<std::string, std::vector<std::string>> all;
  std::string name, version;
  for (std::string_view line : split(policy, '\n')) {
    if (line.empty()) continue;
    if (line[0] != ' ') {
      name = line.substr(0, line.rfind(':'));
      version.clear();
      continue;
    }
    const bool of_version = line.substr(0, 5) == "     " || line.substr(0, 5) == " *** ";
    if (!of_version) continue;
    std::vector<std::string_view> words;
    for (std::string_view word : split(line.substr(5), ' '))
      if (!word.empty()) words.push_back(word);
    if (line[5] != ' ') {
      if (!words.empty()) version = words[0];  // "     1.2-3 500": then where it is, a line each
    } else if (words.size() > 2 && words[2].substr(0, words[2].find('/')).ends_with("-security")) {
      all[name].push_back(version);
    }
  }
  return all;
}

std::string status_of(const std::string& stanzas) {
  std::string status;
  for (std::string_view stanza : stanzas_of(stanzas)) status += std::string(stanza) + "\nStatus: install ok installed\n\n";
  return status;
}

Result<std::vector<Input>> parse_stanzas(const std::string& text) {
  std::vector<Input> all;
  for (std::string_view stanza : stanzas_of(text)) {
    Input input{stanza_field(stanza, "Package"), stanza_field(stanza, "Version"), stanza_field(stanza, "Filename"), 0, "sha256:" + stanza_field(stanza, "SHA256")};
    const std::string size = stanza_field(stanza, "Size");
    std::from_chars(size.data(), size.data() + size.size(), input.size);
    if (input.name.empty() || input.file.empty() || !is_digest(input.digest))
      return Error(Code::data_loss, fmt::format("lock: apt's index has no file or no SHA-256 for '{}'", input.name));
    all.push_back(std::move(input));
  }
  return all;
}

Result<std::string> Apt::apt(const std::string& program, const std::vector<std::string>& arguments) const {
  Program run;
  run.arguments = {program};
  run.arguments.insert(run.arguments.end(), arguments.begin(), arguments.end());
  run.environment = std::vector<std::string>{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "APT_CONFIG=" + folder_ + "/apt.conf"};
  for (const char* name : {"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE"})
    if (const char* value = ::getenv(name)) run.environment->push_back(fmt::format("{}={}", name, value));
  Result<Finished> done = run_or_fail("lock", run);
  if (!done) return done.error();
  return std::move(done).value().output;
}

Result<void> Apt::update(const std::vector<AptSource>& sources, bool expired, const std::string& proxy) {
  for (const char* part : {"state/lists/partial", "cache/archives/partial", "none/partial"})
    if (Result<void> made = make_folders("lock", folder_ + "/" + part); !made) return made;
  std::string list;
  for (const AptSource& source : sources) {
    list += "deb [arch=" + architecture_ + (source.signed_by.empty() ? "" : " signed-by=" + source.signed_by) + "] " + source.address + " " + source.suite;
    for (const std::string& component : source.components) list += " " + component;
    list += "\n";
  }
  std::string conf = fmt::format(
      "Dir::Etc::sourcelist \"{0}/sources.list\";\nDir::Etc::sourceparts \"/dev/null\";\nDir::Etc::preferences \"{0}/preferences\";\n"
      "Dir::Etc::preferencesparts \"/dev/null\";\nDir::State \"{0}/state\";\nDir::State::status \"{0}/status\";\n"
      "Dir::Cache \"{0}/cache\";\nAPT::Architecture \"{1}\";\nAPT::Architectures {{ \"{1}\"; }};\nAPT::Install-Recommends \"false\";\n"
      "Acquire::Languages \"none\";\nAPT::Sandbox::User \"root\";\nAcquire::Retries \"3\";\nAPT::Get::Assume-Yes \"true\";\n"
      "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled \"false\";\nquiet \"2\";\n",
      folder_, architecture_);
  if (expired) conf += "Acquire::Check-Valid-Until \"false\";\n";
  if (!proxy.empty()) conf += fmt::format("Acquire::http::Proxy \"{0}\";\nAcquire::https::Proxy \"{0}\";\n", proxy);
  for (auto [name, text] : {std::pair{"/sources.list", list}, {"/apt.conf", conf}, {"/status", status_}, {"/preferences", std::string(only_security_ ? kOnlySecurity : "")}})
    if (Result<void> written = write_atomically("lock", folder_ + name, text); !written) return written;
  Result<std::string> done = apt("apt-get", {"-o", "APT::Update::Error-Mode=any", "update"});
  if (done) return {};
  const std::string remedy = done.error().message().find("expired") != std::string::npos
                                 ? "; an archived release: write [sources] expired = true"
                                 : "; check the network, and the addresses in /etc/apt or [sources]";
  return Error(Code::unavailable, "lock: the package index cannot be fetched: " + done.error().message() + remedy);
}

Result<std::vector<Release>> Apt::releases(Store& store, std::int64_t& epoch) const {
  std::vector<Release> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_ + "/state/lists", error)) {
    const std::string name = entry.path().filename();
    if (name.size() < 9 || name.compare(name.size() - 9, 9, "InRelease") != 0) continue;
    Result<std::string> text = read_file("lock", entry.path());
    if (!text) return text.error();
    // Codename and not Suite: "stable" will mean another release one day.
    std::string suite = stanza_field(text.value(), "Codename");
    const std::string date = stanza_field(text.value(), "Date");
    if (const auto dists = name.find("_dists_"); dists != std::string::npos) {
      suite = name.substr(dists + 7, name.size() - dists - 7 - 10);
      std::replace(suite.begin(), suite.end(), '_', '/');
    }
    tm parts{};
    if (!::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S", &parts))
      return Error(Code::data_loss, fmt::format("lock: the release file of {} has the date '{}'", suite, date));
    epoch = std::max<std::int64_t>(epoch, ::timegm(&parts));
    Result<std::string> digest = store.put(Shelf::inputs, text.value());
    if (!digest) return digest.error();
    all.push_back({suite, digest.value()});
  }
  std::sort(all.begin(), all.end(), [](const Release& a, const Release& b) { return a.suite < b.suite; });
  return all;
}

// Files already fetched would be left out of the answer: an archive folder that is always empty.
std::vector<std::string> Apt::print_uris(const std::string& verb) const {
  return {"-o", "Dir::Cache::archives=" + folder_ + "/none/", "-o", "APT::Get::Upgrade-Allow-New=true", "--print-uris", verb};
}

Result<std::vector<Input>> Apt::resolve(const std::vector<std::string>& wishes, std::string& stanzas) const {
  std::vector<std::string> arguments = print_uris("install");
  arguments.insert(arguments.end(), wishes.begin(), wishes.end());
  Result<std::string> answer = apt("apt-get", arguments);
  if (!answer) {
    const std::string& said = answer.error().message();
    const auto unable = said.find("Unable to locate package ");
    if (unable == std::string::npos) return Error(Code::not_found, "lock: apt finds no solution: " + said);
    const std::string name = said.substr(unable + 25, said.find('\n', unable) - unable - 25);
    return Error(Code::not_found, fmt::format("lock: no Debian package is called '{}' in this release; see `apt-cache search {}`, and "
                                              "[packages] apt in ninefold.toml", name, name));
  }
  return shown(answer.value(), stanzas);
}

Result<std::vector<Input>> Apt::upgrade(std::string& stanzas) const {
  Result<std::string> answer = apt("apt-get", print_uris("upgrade"));
  if (!answer) return Error(Code::not_found, "lock: apt finds no way to upgrade: " + answer.error().message());
  return shown(answer.value(), stanzas);
}

Result<std::set<std::string>> Apt::behind_security(const std::vector<Input>& locked) const {
  std::set<std::string> behind;
  if (locked.empty()) return behind;
  std::vector<std::string> arguments = {"policy"};
  for (const Input& one : locked) arguments.push_back(one.name);
  Result<std::string> policy = apt("apt-cache", arguments);
  if (!policy) return policy.error();
  const auto versions = security_versions(policy.value());
  for (const Input& one : locked) {
    const auto found = versions.find(one.name);
    if (found == versions.end()) continue;
    for (const std::string& version : found->second) {
      Program run;
      run.arguments = {"dpkg", "--compare-versions", one.version, "lt", version};
      if (run_or_fail("lock", run)) behind.insert(one.name);  // dpkg says no with a status, as for a failure
    }
  }
  return behind;
}

// `uris` as apt prints them: the packages, each with what the index says of it.
Result<std::vector<Input>> Apt::shown(const std::string& uris, std::string& stanzas) const {
  std::vector<std::string> versions = {"show"};
  for (std::string_view line : split(uris, '\n')) {
    const auto parts = split(line, ' ');
    if (parts.size() < 4 || parts[0].empty() || parts[0][0] != '\'') continue;
    const std::string file = unescape(std::string(parts[1]));
    const auto first = file.find('_'), last = file.rfind('_');
    if (first == std::string::npos || first == last) continue;
    versions.push_back(file.substr(0, first) + "=" + file.substr(first + 1, last - first - 1));
  }
  std::sort(versions.begin() + 1, versions.end());
  if (versions.size() == 1) return std::vector<Input>();
  Result<std::string> told = apt("apt-cache", versions);
  if (!told) return told.error();
  // One stanza a package: a version that two suites carry is shown twice.
  std::map<std::string, std::string> unique;
  for (std::string_view stanza : stanzas_of(told.value())) unique.emplace(stanza_field(stanza, "Package"), stanza);
  for (const auto& [name, stanza] : unique) stanzas += stanza + "\n\n";
  return parse_stanzas(stanzas);
}

Result<void> Apt::fetch(Store& store, const std::vector<Input>& packages, const Say& say) const {
  std::vector<std::string> wanted = {"-d", "download"};
  std::uint64_t bytes = 0;
  for (const Input& package : packages)
    if (!store.has(Shelf::inputs, package.digest)) wanted.push_back(package.name + "=" + package.version), bytes += package.size;
  if (wanted.size() == 2) return {};
  say(fmt::format("fetching {} Debian packages, {:.1f} MB", wanted.size() - 2, static_cast<double>(bytes) / 1e6));
  const std::string folder = folder_ + "/fetched";
  if (Result<void> made = make_folders("lock", folder); !made) return made;
  Program run;
  run.arguments = {"apt-get"};
  run.arguments.insert(run.arguments.end(), wanted.begin() + 1, wanted.end());
  run.folder = folder;
  run.environment = std::vector<std::string>{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "APT_CONFIG=" + folder_ + "/apt.conf"};
  for (const char* name : {"http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE"})
    if (const char* value = ::getenv(name)) run.environment->push_back(fmt::format("{}={}", name, value));
  Result<Finished> done = [&] {
    const Pace pace("Debian packages", folder, bytes, say);
    return run_or_fail("lock: fetch packages", run);
  }();
  if (!done) return Error(Code::unavailable, done.error().message() + "; what was fetched is lost, run it again");
  std::map<std::string, std::string> by_name;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) by_name[unescape(entry.path().filename())] = entry.path();
  for (const Input& package : packages) {
    if (store.has(Shelf::inputs, package.digest)) continue;
    std::string path;
    for (const std::string& architecture : {architecture_, std::string("all")})
      if (const auto found = by_name.find(fmt::format("{}_{}_{}.deb", package.name, package.version, architecture)); found != by_name.end())
        path = found->second;
    if (path.empty()) return Error(Code::unavailable, fmt::format("lock: apt fetched no file for {} {}", package.name, package.version));
    if (Result<std::string> put = store.put_file(Shelf::inputs, path, package.digest); !put) return put.error();
    ::unlink(path.c_str());
  }
  return {};
}

}  // namespace ninefold::env
