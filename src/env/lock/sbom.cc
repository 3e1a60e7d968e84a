// In: a lock and what an image's files tell. Out: its components: every input with its file's SHA-256, and what the
// files name besides.
#include "env/lock/sbom.h"

#include <fmt/format.h>

#include <cctype>
#include <set>

namespace ninefold::env {
namespace {

// Package URLs allow few characters.
std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string at_version(const std::string& version) { return version.empty() ? "" : "@" + escaped(version); }

// The prefix of a part's Python packages, as image/layers.h lays them out.
const std::map<std::string, std::string> kPrefixes = {{"tools", "opt/ninefold/tools/"}, {"python", "opt/env/"}, {"ninefold", "opt/ninefold/python/"}};

class Maker {
 public:
  Maker(const Lock& lock, const Contents& contents, Bill& bill) : lock_(lock), contents_(contents), bill_(bill) {}

  void add(std::vector<Component>& to, const std::string& part, const std::vector<Input>& inputs) {
    std::size_t number = 0;
    const auto prefix = kPrefixes.find(part);
    for (const Input& input : inputs) {
      Component one{fmt::format("{}-{}", part, ++number), input.name, input.version, package_url(lock_, part, input), input.file, input.digest, "", ""};
      if (prefix != kPrefixes.end()) {
        if (const Distribution* found = find(prefix->second, input)) {
          one.place = found->place;
          one.licence = licence_expression(found->licences, bill_.words);
          told_.insert(found->place);
        }
      } else if (part == "os" || part == "apt" || part == "base") {
        if (const auto declared = contents_.licences.find(input.name); declared != contents_.licences.end())
          one.licence = licence_expression(declared->second, bill_.words);
        packages_.insert(input.name);
      }
      to.push_back(std::move(one));
    }
  }

  void run() {
    auto& parts = bill_.parts;
    if (!lock_.image.empty()) {
      add(parts, "image", {lock_.image[kImageManifest]});
      add(parts, "base-layer", {lock_.image.begin() + static_cast<long>(kImageLayers), lock_.image.end()});
    }
    add(parts, "os", lock_.os);
    add(parts, "apt", lock_.apt);
    std::vector<Input> rest;  // of a base that is an image
    for (const auto& [name, version] : contents_.packages)
      if (!packages_.count(name)) rest.push_back({name, version, "", 0, ""});
    add(parts, "base", rest);
    add(parts, "tools", lock_.tools);
    add(parts, "python", lock_.packages);
    add(parts, "ninefold", lock_.ninefold);
    add(parts, "programs", lock_.programs);
    std::size_t number = 0;  // Debian's own Python packages, a base's, and copies inside of others
    for (const Distribution& one : contents_.distributions) {
      if (told_.count(one.place)) continue;
      parts.push_back({fmt::format("found-{}", ++number), one.name, one.version, "pkg:pypi/" + escaped(python_name(one.name)) + at_version(one.version), "", "",
                       one.place, licence_expression(one.licences, bill_.words)});
    }
    add(bill_.tools, "uv", {lock_.uv});
  }

 private:
  const Distribution* find(const std::string& prefix, const Input& input) const {
    for (const Distribution& one : contents_.distributions) {
      if (one.place.rfind(prefix, 0) != 0 || told_.count(one.place)) continue;
      if (python_name(one.name) == python_name(input.name) && one.version == input.version) return &one;
    }
    return nullptr;
  }

  const Lock& lock_;
  const Contents& contents_;
  Bill& bill_;
  std::set<std::string> told_, packages_;
};

}  // namespace

std::string python_name(const std::string& name) {
  std::string out;
  for (char c : name) {
    const bool parts = c == '_' || c == '.' || c == '-';
    if (!parts) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  return out;
}

std::string package_url(const Lock& lock, const std::string& part, const Input& input) {
  if (part == "os" || part == "apt" || part == "base") {
    const bool on_image = !lock.image.empty();
    const std::string distribution = on_image ? lock.distribution : lock.base.substr(0, lock.base.find(':'));
    const std::string codename = on_image ? lock.codename : lock.base.substr(lock.base.find(':') + 1);
    const std::string architecture = input.file.ends_with("_all.deb") ? "all" : lock.architecture;
    return fmt::format("pkg:deb/{}/{}{}?arch={}&distro={}", escaped(distribution), escaped(input.name), at_version(input.version),
                       escaped(architecture), escaped(codename));
  }
  if (part == "image") {
    const std::string name = input.name.substr(input.name.rfind('/') + 1);
    return fmt::format("pkg:oci/{}@{}", escaped(name.substr(0, name.find(':'))), escaped(input.digest));
  }
  if (part == "base-layer") return fmt::format("pkg:generic/{}@{}", escaped(input.name), escaped(input.digest));
  // Ninefold's own, and its stand-in for TensorFlow, are not the index's packages of these names.
  if (part == "programs" || part == "ninefold") return fmt::format("pkg:generic/{}{}", escaped(input.name), at_version(input.version));
  return "pkg:pypi/" + escaped(python_name(input.name)) + at_version(input.version);
}

Bill make_bill(const Lock& lock, const std::string& name, const std::string& image, const Contents& contents) {
  Bill bill;
  bill.image = {"Image", name, image, fmt::format("pkg:oci/{}@{}", escaped(name), escaped(image)), "", image, "", ""};
  bill.epoch = lock.epoch;
  Maker(lock, contents, bill).run();
  return bill;
}

}  // namespace ninefold::env
