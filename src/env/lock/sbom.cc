// In: a lock. Out: SPDX: one package an input, with its file's SHA-256; what tools made the image.
#include "env/lock/sbom.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "env/lock/base.h"

namespace ninefold::env {
namespace {

using Json = nlohmann::ordered_json;

// Package URLs and SPDX identifiers allow few characters.
std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string iso_time(std::int64_t epoch) {
  const time_t seconds = static_cast<time_t>(epoch);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  ::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// The digest as a UUID of version 8 (RFC 9562): every document has a name of its own, without a host in it.
std::string uuid(const std::string& digest) {
  std::string hex = digest.substr(7, 32);
  hex[12] = '8';
  hex[16] = '8';
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

Json package(const std::string& id, const std::string& name, const std::string& version, const std::string& digest) {
  Json json = {{"SPDXID", id}, {"name", name}};
  if (!version.empty()) json["versionInfo"] = version;
  json["downloadLocation"] = "NOASSERTION";  // it depends on the machine that fetches; the checksum does not
  json["filesAnalyzed"] = false;
  if (!digest.empty()) json["checksums"] = Json::array({{{"algorithm", "SHA256"}, {"checksumValue", digest.substr(7)}}});
  for (const char* unknown : {"licenseConcluded", "licenseDeclared", "copyrightText"}) json[unknown] = "NOASSERTION";
  return json;
}

}  // namespace

std::string package_url(const Lock& lock, const std::string& part, const Input& input) {
  if (part == "os" || part == "apt" || part == "base") {
    const bool on_image = !lock.image.empty();
    const std::string distribution = on_image ? lock.distribution : lock.base.substr(0, lock.base.find(':'));
    const std::string codename = on_image ? lock.codename : lock.base.substr(lock.base.find(':') + 1);
    const std::string architecture = input.file.ends_with("_all.deb") ? "all" : lock.architecture;
    return fmt::format("pkg:deb/{}/{}@{}?arch={}&distro={}", escaped(distribution), escaped(input.name), escaped(input.version),
                       escaped(architecture), escaped(codename));
  }
  if (part == "image") {
    const std::string name = input.name.substr(input.name.rfind('/') + 1);
    return fmt::format("pkg:oci/{}@{}", escaped(name.substr(0, name.find(':'))), escaped(input.digest));
  }
  if (part == "base-layer") return fmt::format("pkg:generic/{}@{}", escaped(input.name), escaped(input.digest));
  if (part == "programs") return fmt::format("pkg:generic/{}@{}", escaped(input.name), escaped(input.version));
  std::string name = input.name;
  for (char& c : name) c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return fmt::format("pkg:pypi/{}@{}", escaped(name), escaped(input.version));
}

std::string spdx(const Lock& lock, const std::string& name, const std::string& image, const std::string& status) {
  Json all = Json::array(), relations = Json::array();
  Json whole = package("SPDXRef-Image", name, image, image);
  whole["primaryPackagePurpose"] = "CONTAINER";
  all.push_back(whole);
  relations.push_back({{"spdxElementId", "SPDXRef-DOCUMENT"}, {"relationshipType", "DESCRIBES"}, {"relatedSpdxElement", "SPDXRef-Image"}});
  const auto add = [&](const std::string& part, const std::vector<Input>& inputs, const char* relation) {
    std::size_t number = 0;
    for (const Input& input : inputs) {
      const std::string id = fmt::format("SPDXRef-{}-{}", part, ++number);
      Json one = package(id, input.name, input.version, input.digest);
      if (!input.file.empty()) one["packageFileName"] = input.file;
      one["externalRefs"] = Json::array({{{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", package_url(lock, part, input)}}});
      all.push_back(one);
      const bool contained = relation == std::string("CONTAINS");
      relations.push_back({{"spdxElementId", contained ? "SPDXRef-Image" : id}, {"relationshipType", relation},
                           {"relatedSpdxElement", contained ? id : "SPDXRef-Image"}});
    }
  };
  if (!lock.image.empty()) {
    std::vector<Input> layers(lock.image.begin() + static_cast<long>(kImageLayers), lock.image.end());
    add("image", {lock.image[kImageManifest]}, "CONTAINS");
    add("base-layer", layers, "CONTAINS");
    std::vector<Input> packages;
    const auto replaced = [&](const std::string& package) {
      const auto is = [&](const Input& one) { return one.name == package; };
      return std::any_of(lock.os.begin(), lock.os.end(), is) || std::any_of(lock.apt.begin(), lock.apt.end(), is);
    };
    for (const auto& [package, version] : installed_packages(status))
      if (!replaced(package)) packages.push_back({package, version, "", 0, ""});
    add("base", packages, "CONTAINS");
  }
  add("os", lock.os, "CONTAINS");
  add("apt", lock.apt, "CONTAINS");
  add("tools", lock.tools, "CONTAINS");
  add("python", lock.packages, "CONTAINS");
  add("ninefold", lock.ninefold, "CONTAINS");
  add("programs", lock.programs, "CONTAINS");
  add("uv", {lock.uv}, "BUILD_TOOL_OF");
  const Json json = {{"spdxVersion", "SPDX-2.3"},
                     {"dataLicense", "CC0-1.0"},
                     {"SPDXID", "SPDXRef-DOCUMENT"},
                     {"name", name},
                     {"documentNamespace", "urn:uuid:" + uuid(image)},
                     {"creationInfo", {{"created", iso_time(lock.epoch)}, {"creators", Json::array({"Tool: ninefold-" NINEFOLD_VERSION})}}},
                     {"packages", all},
                     {"relationships", relations}};
  return json.dump(1) + "\n";
}

}  // namespace ninefold::env
