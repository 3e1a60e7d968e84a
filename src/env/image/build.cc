// In: a lock. Out: its layers, each made only if no layer of the same recipe and inputs is there, and the
// OCI configuration and manifest over them.
#include "env/image/build.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "env/image/aside.h"
#include "env/image/base.h"
#include "env/image/kept.h"
#include "env/image/layers.h"

namespace ninefold::env::image {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kRecipe = "5";  // a change of how layers are made makes them anew
constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar";

struct Layer {
  std::string part, digest;
  std::uint64_t size = 0;
  bool made = false;  // by this build
};

std::string key_of(const Lock& lock, const std::string& part, const std::string& below, const std::vector<Input>& inputs) {
  std::string text = fmt::format("{} {} {} {} {} {} {}\n", kRecipe, part, lock.base, lock.architecture, lock.epoch, below, fmt::join(lock.locales, ","));
  for (const Input& input : inputs) text += input.file + " " + input.digest + "\n";
  for (const Input& input : lock.image) text += input.digest + "\n";
  if (part != "os" && part != "apt" && part != "programs") text += lock.uv.digest;
  return sha256_hex(text);
}

class Builder {
 public:
  Builder(Store& store, const Lock& lock, const BuildOptions& options) : store_(store), lock_(lock), options_(options) {}

  Image run() {
    const std::vector<Input> missing = missing_inputs(store_, lock_);
    check(missing.empty(), Code::not_found, "build: {} of the lock's inputs are not in the store, {} among them; `ninefold lock` fetches them",
          missing.size(), missing.empty() ? "" : missing[0].file);
    lease_ = store_.lease().value();
    const Fd entered = store_.enter(false).value();  // nothing is collected meanwhile
    // Neither half needs the other, so they are made side by side where both have something to make.
    const std::string os_key = key_of(lock_, "os", "", lock_.os);
    expect(os_key);
    loosen(store_, packages_to_install(os_key), options_.fresh);
    std::optional<Workplace> room;
    Ahead ahead;
    if (!lock_.image.empty()) {
      layers_upon_image(os_key);
    } else if (cached(os_key).empty() && !python_is_cached()) {
      // Python's layers lie in folders of their own, so that their part of the tree is made meanwhile, too.
      room.emplace(store_);
      ahead.folder = room->inside + "/root";
      Aside above("build", [&] {
        std::string text;
        for (const Layer& layer : python_layers()) {
          text += fmt::format("{} {} {} {}\n", layer.part, layer.digest, layer.size, layer.made ? "made" : "kept");
          ahead.layers.push_back(layer.digest);
        }
        extract_ahead(store_, ahead, options_.map).value();
        return text;
      });
      system_layers(os_key);
      const std::string text = above.join();
      for (std::string_view line : split(text, '\n')) {
        const auto parts = split(line, ' ');
        if (parts.size() != 4) continue;
        layers_.push_back({std::string(parts[0]), std::string(parts[1]), std::strtoull(std::string(parts[2]).c_str(), nullptr, 10)});
        if (parts[3] == "made") store_.trust(Shelf::blobs, layers_.back().digest);
        ahead.layers.push_back(layers_.back().digest);
      }
    } else {
      system_layers(os_key);
      for (Layer& layer : python_layers()) layers_.push_back(std::move(layer));
    }
    if (!lock_.programs.empty())
      layers_.push_back(layer("programs", key_of(lock_, "programs", "", lock_.programs),
                              [&](int out, const std::string& path) { return write_tar(out, path, program_manifest(store_, lock_)).value(); }));
    const std::string digest = put_image();
    const Ref ref{options_.name, digest, store_.put(Shelf::blobs, to_text(lock_)).value()};
    store_.set_ref(ref).value();
    Image image = open_image(store_, digest).value();
    tree(store_, image, options_.map, true, options_.course, ahead).value();
    return image;
  }

 private:
  struct Part {
    const char* name;
    Stage stage;
    Prefix prefix;
    const std::vector<Input>* inputs;
  };
  std::vector<Part> python_parts() const {
    std::vector<Part> parts;
    for (const Part& part : {Part{"tools", Stage::tools, Prefix::tools, &lock_.tools},
                             {"python", Stage::python, Prefix::python, &lock_.packages},
                             {"ninefold", Stage::ninefold, Prefix::ninefold, &lock_.ninefold}})
      if (!part.inputs->empty()) parts.push_back(part);
    return parts;
  }
  std::string key_of_python(const Part& part) const { return key_of(lock_, part.name, sha256_hex(interpreter_of(lock_)), *part.inputs); }
  bool python_is_cached() const {
    for (const Part& part : python_parts())
      if (cached(key_of_python(part)).empty()) return false;
    return true;
  }

  // Debian packages of the layers that are missing. Python's run in some of them.
  std::vector<Input> packages_to_install(const std::string& os_key) const {
    const bool system = cached(os_key).empty();
    std::vector<Input> packages;
    if (system) packages = lock_.os;
    else if (lock_.image.empty() && !python_is_cached()) packages = Interpreter::packages(store_, lock_);
    if (system || cached(key_of(lock_, "apt", cached(os_key), lock_.apt)).empty()) packages.insert(packages.end(), lock_.apt.begin(), lock_.apt.end());
    return packages;
  }

  // The image's own layers first. Its interpreter runs where it lies, so nothing is made side by side.
  void layers_upon_image(const std::string& os_key) {
    std::vector<std::string> below;
    std::error_code error;
    for (std::size_t i = kImageLayers; i < lock_.image.size(); ++i) {
      const std::string& digest = lock_.image[i].digest;
      lease_.hold({digest}).value();
      store_.share(Shelf::inputs, Shelf::blobs, digest).value();
      below.push_back(digest);
      layers_.push_back({"base", digest, std::filesystem::file_size(store_.path(Shelf::blobs, digest), error), false});
    }
    const auto above = [&](const char* part, const std::string& key, const std::vector<Input>& packages) {
      layers_.push_back(layer(part, key, [&](int out, const std::string& path) {
        return layer_above(store_, lock_, below, packages, part == std::string_view("os"), options_, out, path);
      }));
      below.push_back(layers_.back().digest);
      finished(part == std::string_view("os") ? Stage::system : Stage::packages);
    };
    above("os", os_key, lock_.os);
    if (!python_is_cached()) {
      Image image;
      for (const std::string& digest : below) image.layers.push_back({kLayerType, digest, 0, {}});
      image.chain = chain_of(below);
      tree_ = tree(store_, image, options_.map, true).value().substr(store_.root().size() + 1);
    }
    if (!lock_.apt.empty()) above("apt", key_of(lock_, "apt", below.back(), lock_.apt), lock_.apt);
    for (Layer& layer : python_layers()) layers_.push_back(std::move(layer));
  }

  // What is to be made, and about how long it takes: seconds a megabyte of packages, as two processors took them.
  void expect(const std::string& os_key) const {
    if (!options_.course) return;
    const auto tell = [&](Stage stage, const std::vector<Input>& inputs, double fixed, double a_megabyte) {
      std::uint64_t bytes = 0;
      for (const Input& input : inputs) bytes += input.size;
      options_.course->expect(stage, fixed + a_megabyte * static_cast<double>(bytes) / 1e6, bytes);
    };
    const bool system = cached(os_key).empty();
    if (system) tell(Stage::system, lock_.os, 2, 0.2);
    if (!lock_.apt.empty() && (system || cached(key_of(lock_, "apt", cached(os_key), lock_.apt)).empty())) tell(Stage::packages, lock_.apt, 4, 0.3);
    for (const Part& part : python_parts())
      if (cached(key_of_python(part)).empty()) tell(part.stage, *part.inputs, 1, 0.12);
    options_.course->expect(Stage::tree, 5, 0);
    options_.course->begin();
  }

  void finished(Stage stage) const {
    if (options_.course) options_.course->at(stage, 1);
  }

  void system_layers(const std::string& os_key) {
    std::shared_ptr<Scratch> left;
    layers_.push_back(layer("os", os_key, [&](int out, const std::string& path) { return os_layer(store_, lock_, options_, out, path, left); }));
    finished(Stage::system);
    if (lock_.apt.empty()) return;
    const std::string os = layers_[0].digest;
    layers_.push_back(layer("apt", key_of(lock_, "apt", os, lock_.apt),
                            [&](int out, const std::string& path) { return apt_layer(store_, lock_, os, options_, out, path, left); }));
    finished(Stage::packages);
  }

  std::vector<Layer> python_layers() {
    std::vector<Layer> layers;
    Interpreter interpreter(store_, lock_, options_.map, tree_);
    for (const Part& part : python_parts()) {
      layers.push_back(layer(part.name, key_of_python(part), [&](int out, const std::string& path) {
        return python_layer(store_, lock_, part.prefix, part.stage, interpreter, options_, out, path);
      }));
      finished(part.stage);
    }
    return layers;
  }

  std::string cached(const std::string& key) const { return options_.fresh ? "" : store_.cached(Cache::layers, key); }

  template <class Make>
  Layer layer(const std::string& part, const std::string& key, Make make) {
    std::string digest = cached(key);
    const bool make_it = digest.empty();
    if (make_it) {
      const auto began = std::chrono::steady_clock::now();
      const std::string temp = store_.temporary_file();
      Fd out = open_file("build", temp, O_RDWR | O_CREAT | O_EXCL, 0644).value();
      Written written;
      try {
        written = make(out.get(), temp);
      } catch (const Error& error) {
        ::unlink(temp.c_str());
        throw error.within("layer " + part);
      }
      out.close();
      digest = store_.take_file(Shelf::blobs, temp, written.digest).value();
      store_.trust(Shelf::blobs, digest);
      store_.cache(Cache::layers, key, digest).value();
      options_.say(fmt::format("layer {}: {:.1f} MB in {:.1f} s", part, static_cast<double>(written.size) / 1e6,
                               std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()));
    }
    lease_.hold({digest}).value();
    std::error_code error;
    return {part, digest, std::filesystem::file_size(store_.path(Shelf::blobs, digest), error), make_it};
  }

  std::string put_image() {
    const std::string path = "/opt/env/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/ninefold/python/bin:/opt/ninefold/tools/bin";
    Json ids = Json::array(), history = Json::array(), layers = Json::array();
    for (const Layer& layer : layers_) {
      ids.push_back(layer.digest);
      history.push_back({{"created", iso_time(lock_.epoch)}, {"created_by", "ninefold build: " + layer.part}});
      layers.push_back({{"mediaType", kLayerType}, {"digest", layer.digest}, {"size", layer.size}, {"annotations", {{"ninefold.layer", layer.part}}}});
    }
    std::vector<std::string> environment = {"PATH=" + path, "LANG=" + options_.locale, "TZ=" + options_.timezone, "NINEFOLD_PYTHON=/opt/env/bin/python",
                                            "JUPYTER_PATH=/opt/env/share/jupyter"};
    std::map<std::string, std::string> labels;
    Json annotations;
    if (!lock_.image.empty()) {  // variables and labels stay, as with Docker; user, command and entry point are ours
      const Config base = parse_config(store_.get(Shelf::inputs, lock_.image[kImageConfig].digest).value()).within("build: base " + lock_.base).value();
      environment = merged_environment(base.environment, environment);
      labels = base.labels;
      annotations["org.opencontainers.image.base.digest"] = lock_.image[kImageManifest].digest;
    }
    Json all_labels = {{"ninefold.base", lock_.base}, {"ninefold.python", lock_.python}, {"ninefold.lock", "sha256:" + sha256_hex(to_text(lock_))}};
    for (const auto& [name, value] : labels) all_labels.emplace(name, value);  // ours stay
    const Json config = {
        {"created", iso_time(lock_.epoch)},
        {"architecture", lock_.architecture},
        {"os", "linux"},
        {"config",
         {{"User", "1000:1000"},
          {"Env", environment},
          {"Cmd", Json::array({"/bin/bash"})},
          {"WorkingDir", "/tf"},
          {"Labels", all_labels}}},
        {"rootfs", {{"type", "layers"}, {"diff_ids", ids}}},
        {"history", history}};
    const std::string bytes = config.dump();
    const std::string config_digest = store_.put(Shelf::blobs, bytes).value();
    Json manifest = {{"schemaVersion", 2},
                     {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                     {"config", {{"mediaType", "application/vnd.oci.image.config.v1+json"}, {"digest", config_digest}, {"size", bytes.size()}}},
                     {"layers", layers}};
    if (!annotations.empty()) manifest["annotations"] = annotations;
    return store_.put(Shelf::blobs, manifest.dump()).value();
  }

  Store& store_;
  const Lock& lock_;
  const BuildOptions& options_;
  Lease lease_;
  std::vector<Layer> layers_;
  std::string tree_;  // of base and os layer, where the base is an image
};

}  // namespace

Result<Image> build(Store& store, const Lock& lock, const BuildOptions& options) {
  // Folders that namespaces under other ids must read are made on the way, whatever the caller's umask.
  struct Umask {
    mode_t before = ::umask(022);
    ~Umask() { ::umask(before); }
  } const umask;
  try {
    return Builder(store, lock, options).run();
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ninefold::env::image
