// In: the arguments that push, pull, login and up share. Out: how to reach a registry; an image from one.
#pragma once

#include <string>

#include "cli/verb.h"
#include "env/image/transfer.h"
#include "env/lock/base.h"
#include "env/lock/pace.h"
#include "env/image/tree.h"
#include "env/registry/client.h"
#include "env/spec/spec.h"

namespace ninefold::cli {

inline const Flag plain_http_flag = {"--plain-http", "without encryption, where the network can be trusted; this machine's own registries need no flag"};
inline const Flag ca_flag = {"--ca FILE", "a private authority's certificate (PEM), beside the system's; SSL_CERT_FILE does the same"};

env::registry::Access access_of(const Args& args);

// The image in the store, and extracted for this caller as `up` will want it.
env::image::Moved pull_image(const std::string& verb, env::Store& store, const env::registry::Reference& from, const std::string& name, bool inputs,
                             const env::registry::Access& access, Io& io);

// "tf29" or "sha256:..." of the store, or a reference, whose image is fetched unless its digest is here: the digest.
std::string find_image(const std::string& verb, const std::string& image, const env::registry::Access& access, Io& io);

// How make_lock() reads a base that is an image.
env::ReadBase base_reader(const env::registry::Access& access, const env::Say& say);

// The ids of the environment of the ninefold.toml here, or of one that would be.
env::image::IdMap map_here();

}  // namespace ninefold::cli
