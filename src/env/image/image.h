// In: a store and an image's digest or name. Out: its OCI manifest and configuration, read and checked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/store/store.h"

namespace ninefold::env::image {

struct Descriptor {
  std::string media_type;
  std::string digest;
  std::uint64_t size = 0;
  std::map<std::string, std::string> annotations;
};

// The part of the OCI image configuration that running needs.
struct Config {
  std::string architecture, os;
  std::vector<std::string> environment;  // "PATH=/usr/bin"
  std::vector<std::string> entrypoint, command;
  std::string user, working_folder, created;
  std::map<std::string, std::string> labels;  // ninefold.python, ninefold.epoch, ninefold.lock, ...
  std::vector<std::string> diff_ids;
};

struct Image {
  std::string digest;  // of the manifest
  Descriptor config_descriptor;
  Config config;
  std::vector<Descriptor> layers;  // lowest first; plain tar, so digest == diff id
  std::string chain;               // OCI chain id of all layers: names the extracted tree
};

// `name` is a ref ("tf29") or "sha256:...". Manifest and configuration are verified by digest.
Result<Image> open_image(const Store& store, const std::string& name);

// The OCI chain id of layers: "sha256:..."; one name for all that lies in them.
std::string chain_of(const std::vector<std::string>& diff_ids);

// Pure parsers of untrusted bytes, for open_image, load and pull.
Result<Config> parse_config(const std::string& text);
Result<Image> parse_manifest(const std::string& text);  // without config and chain

}  // namespace ninefold::env::image
