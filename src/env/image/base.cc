// In: an image of a registry. Out: its parts on the shelf of inputs, read as a base: its Python, its packages,
// its sources. What is fetched is checked by digest; what it says of itself is checked here.
#include "env/image/base.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "base/check.h"
#include "base/text.h"
#include "env/image/incoming.h"
#include "env/image/merged.h"
#include "env/image/packed.h"
#include "env/image/transfer_parts.h"
#include "env/lock/machine.h"

namespace ninefold::env::image {
namespace {

using registry::Client;
constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t kLargestStatus = 64 << 20, kLargestFile = 4 << 20;

Input input_of(const std::string& name, const std::string& file, const std::string& digest, std::uint64_t size) {
  return {name, digest.substr(7, 12), file, size, digest};
}

std::string variable(const std::vector<std::string>& environment, const std::string& name) {
  for (const std::string& one : environment)
    if (one.rfind(name + "=", 0) == 0) return one.substr(name.size() + 1);
  return {};
}

class Fetcher {
 public:
  Fetcher(Store& store, Client& client, const Trusted& trusted, const OnMoved& moved) : store_(store), client_(client), trusted_(trusted), tally_(moved) {}

  // Manifest, configuration and layers; the status comes from inspect_base().
  std::vector<Input> run(const std::string& target) {
    const registry::Reference& from = client_.reference();
    client_.greet();
    registry::Manifest manifest = fetch(target);
    const std::string pointed_to = manifest.digest;
    if (is_index("lock", manifest.bytes)) manifest = fetch(choose_platform(manifest.bytes, machine_architecture()).within("lock: base " + from.text()).value());
    if (!trusted_.keys.empty()) check_signed(store_, client_, {pointed_to, manifest.digest}, trusted_).within("lock: base").value();
    const Image image = parse_packed_manifest(manifest.bytes).within("lock: base " + from.text()).value();
    const std::string name = from.repository + (from.tag.empty() ? "" : ":" + from.tag);
    std::vector<Input> all = {input_of(name, "manifest.json", store_.put(Shelf::inputs, manifest.bytes).value(), manifest.bytes.size())};
    const std::string& config_digest = image.config_descriptor.digest;
    bring_config(image.config_descriptor);
    const std::string text = store_.get(Shelf::inputs, config_digest).value();
    all.push_back(input_of("config", "config.json", config_digest, text.size()));
    const Config config = parse_config(text).within("lock: base " + from.text()).value();
    check(config.diff_ids.size() == image.layers.size() && !image.layers.empty(), Code::data_loss,
          "lock: base {} has {} layers, and its configuration {}; it is damaged or no image", from.text(), image.layers.size(), config.diff_ids.size());
    check(config.os == "linux" && config.architecture == machine_architecture(), Code::failed_precondition,
          "lock: base {} is for {}/{}; this machine is linux/{}", from.text(), config.os, config.architecture, machine_architecture());
    for (std::size_t i = 0; i < image.layers.size(); ++i)
      if (!store_.has(Shelf::inputs, config.diff_ids[i])) tally_.expect(image.layers[i].size);
    for (std::size_t i = 0; i < image.layers.size(); ++i) {
      const std::string& plain = config.diff_ids[i];
      if (!store_.has(Shelf::inputs, plain) && store_.has(Shelf::blobs, plain)) store_.share(Shelf::blobs, Shelf::inputs, plain).value();
      if (!store_.has(Shelf::inputs, plain)) {
        bring_layer(store_, client_, "lock", Shelf::inputs, image.layers[i], plain, [this](std::uint64_t done) { tally_.at(done); });
        tally_.finished(image.layers[i].size);
      }
      const std::string part = fmt::format("layer-{:02}", i + 1);
      all.push_back(input_of(part, part + ".tar", plain, file_size("lock", store_.path(Shelf::inputs, plain))));
    }
    return all;
  }

 private:
  registry::Manifest fetch(const std::string& target) {
    const registry::Reference& from = client_.reference();
    std::optional<registry::Manifest> found = client_.manifest(target);
    check(found.has_value(), Code::not_found, "lock: {} has no image {}{}{}; check `base` in ninefold.toml", from.host, from.repository,
          is_digest(target) ? "@" : ":", target);
    return *found;
  }

  void bring_config(const Descriptor& config) {
    if (store_.has(Shelf::inputs, config.digest)) return;
    const std::string file = store_.root() + "/temp/pull-" + config.digest.substr(7);
    const Fd held = hold_incoming(store_, "lock", Shelf::inputs, config.digest, file);
    if (!held) return;
    client_.get_blob(config.digest, config.size, file, {});
    store_.take_file(Shelf::inputs, file, config.digest).value();
  }

  Store& store_;
  Client& client_;
  const Trusted& trusted_;
  Tally tally_;
};

// Programs called python3 or python3.N in the folders of PATH, by what their links lead to.
std::vector<FoundPython> pythons(const Merged& tree, const std::string& path) {
  std::vector<FoundPython> all;
  std::set<std::string> known;
  for (std::string_view folder : split(path, ':')) {
    if (folder.empty() || folder[0] != '/') continue;
    std::vector<std::string> names = {"python3"};
    for (int minor = 9; minor < 30; ++minor) names.push_back(fmt::format("python3.{}", minor));
    for (const std::string& name : names) {
      std::string real;
      const Entry* entry = tree.find(std::string(folder.substr(1)) + "/" + name, &real);
      if (!entry || entry->kind != Kind::file || !(entry->mode & 0111)) continue;
      std::string program = real.substr(real.rfind('/') + 1);
      if (program.rfind("python3.", 0) != 0) program = name;  // a file of that very name
      const std::string version = program.substr(6);
      // It becomes part of a lock, and of commands.
      const bool plain = std::all_of(real.begin(), real.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("/._+-").find(c) != std::string_view::npos; });
      const bool told = plain && version.size() > 2 && version.size() < 5 && version.find_first_not_of("0123456789", 2) == std::string::npos;
      if (told && known.insert(version).second) all.push_back({version, "/" + real});
    }
  }
  return all;
}

void refuse_what_is_no_base(const Merged& tree, const std::string& base, const std::string& os_release) {
  std::string is = os_release_value(os_release, "PRETTY_NAME");
  for (char& c : is) c = static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
  const std::string what = is.empty() ? "it does not say what it is" : "it is " + is.substr(0, 100);
  for (const char* program : {"dpkg", "apt-get"}) {
    const Entry* found = tree.find(std::string("usr/bin/") + program);
    check(found && found->kind == Kind::file && tree.find("var/lib/dpkg/status"), Code::failed_precondition,
          "lock: base {} has no {} ({}), so that its packages cannot be locked; take an image of Debian or Ubuntu, "
          "as \"oci:docker.io/library/debian:bookworm\"", base, program, what);
  }
  // Folders that a build writes into as they are.
  for (const char* folder : {"dev", "etc", "etc/apt", "opt", "proc", "run", "tmp", "usr", "usr/sbin", "var", "var/lib", "var/lib/dpkg"}) {
    const auto found = tree.all().find(folder);
    check(found == tree.all().end() || found->second.kind == Kind::folder, Code::failed_precondition, "lock: base {}: /{} is a {}; a folder is expected",
          base, folder, found == tree.all().end() ? "" : kind_name(found->second.kind));
  }
}

}  // namespace

std::int64_t seconds_of(const std::string& time) {
  tm parts{};
  if (!::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts)) return 0;
  const std::int64_t seconds = ::timegm(&parts);
  return seconds < 0 || seconds >= (1ll << 33) ? 0 : seconds;
}

std::vector<std::string> merged_environment(const std::vector<std::string>& base, const std::vector<std::string>& ours) {
  const std::string path = variable(base, "PATH");
  std::vector<std::string> all;
  const auto name_of = [](const std::string& one) { return one.substr(0, one.find('=')); };
  for (const std::string& one : base) {
    const std::string name = name_of(one);
    if (name.empty() || name == one || one.find('\n') != std::string::npos) continue;
    const bool replaced = std::any_of(ours.begin(), ours.end(), [&](const std::string& own) { return name_of(own) == name; });
    const bool again = std::any_of(all.begin(), all.end(), [&](const std::string& old) { return name_of(old) == name; });
    if (!replaced && !again) all.push_back(one);
  }
  for (std::string one : ours) {
    // What lies between our two ends of PATH is the base's.
    if (const auto at = one.find(kDefaultPath); !path.empty() && name_of(one) == "PATH" && at != std::string::npos) {
      std::string kept;
      for (std::string_view folder : split(path, ':'))
        if (!folder.empty() && folder.rfind("/opt/env/", 0) != 0 && folder.rfind("/opt/ninefold/", 0) != 0) kept += (kept.empty() ? "" : ":") + std::string(folder);
      if (!kept.empty()) one.replace(at, std::string_view(kDefaultPath).size(), kept);
    }
    all.push_back(std::move(one));
  }
  return all;
}

Result<BaseFacts> inspect_base(Store& store, const std::string& base, std::vector<Input> image, const Config& config) {
  try {
    BaseFacts facts;
    Merged tree;
    for (const Input& part : image)
      if (part.name.rfind("layer-", 0) == 0)
        tree.layer(store.path(Shelf::inputs, part.digest)).within(fmt::format("lock: base {}, {} ({})", base, part.name, part.digest)).value();
    if (const Result<std::string> text = tree.read("etc/os-release", kLargestFile)) facts.os_release = text.value();
    refuse_what_is_no_base(tree, base, facts.os_release);
    facts.status = tree.read("var/lib/dpkg/status", kLargestStatus).within("lock: base " + base).value();
    for (const char* folder : {"etc/apt/sources.list", "etc/apt/keyrings/", "etc/apt/trusted.gpg.d/", "usr/share/keyrings/"})
      for (const std::string& path : tree.below(folder))
        if (const Result<std::string> text = tree.read(path, kLargestFile)) facts.files[path] = text.value();
    const std::string path = variable(config.environment, "PATH");
    facts.pythons = pythons(tree, path.empty() ? kDefaultPath : path);
    facts.created = seconds_of(config.created);
    const Input status = input_of("dpkg-status", "status", store.put(Shelf::inputs, facts.status).value(), facts.status.size());
    image.insert(image.begin() + static_cast<long>(kImageStatus), status);
    facts.image = std::move(image);
    return facts;
  } catch (const Error& error) {
    return error;
  }
}

Result<BaseFacts> read_base(Store& store, const Spec& spec, const std::vector<Input>* known, const registry::Access& access, const OnMoved& moved) {
  return told<BaseFacts>("lock: base", [&]() -> Result<BaseFacts> {
    std::vector<Input> image;
    const bool stored = known && std::all_of(known->begin(), known->end(), [&](const Input& one) { return store.has(Shelf::inputs, one.digest); });
    if (stored) {
      image = *known;
      image.erase(image.begin() + static_cast<long>(kImageStatus));
    } else {
      const registry::Reference from = registry::parse_reference(spec.base_reference()).within("lock: base").value();
      Client client("lock", from, access, false);
      // What is locked is held to its digest; only what a lock takes anew must be signed.
      const Trusted trusted = read_trusted(known ? std::vector<std::string>() : spec.sources.verify_key).within("lock: [sources] verify_key").value();
      image = Fetcher(store, client, trusted, moved).run(known ? known->at(kImageManifest).digest : from.target());
    }
    const Config config = parse_config(store.get(Shelf::inputs, image[kImageConfig].digest).value()).within("lock: base " + spec.base).value();
    return inspect_base(store, spec.base, std::move(image), config);
  });
}

}  // namespace ninefold::env::image
