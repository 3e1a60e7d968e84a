// In: the arguments that push, pull, login and up share. Out: how to reach a registry; an image from one.
#pragma once

#include <string>
#include <vector>

#include "cli/verb.h"
#include "env/image/signature.h"
#include "env/image/transfer.h"
#include "env/lock/base.h"
#include "env/lock/pace.h"
#include "env/image/tree.h"
#include "env/registry/client.h"
#include "env/spec/spec.h"

namespace ninefold::cli {

inline const Flag plain_http_flag = {"--plain-http", "without encryption, where the network can be trusted; this machine's own registries need no flag"};
inline const Flag ca_flag = {"--ca FILE", "a private authority's certificate (PEM), beside the system's; SSL_CERT_FILE does the same"};

inline const Flag verify_key_flag = {"--verify-key FILE", "refuse an image that this public key (PEM) did not sign; may be given again; else [sources] verify_key of the ninefold.toml"};

env::registry::Access access_of(const Args& args);

// --verify-key's files, else [sources] verify_key of this ninefold.toml, or of the one here or above.
env::image::Trusted trusted_of(const std::string& verb, const Args& args, const std::string& file = {});

// The image in the store, and extracted for this caller as `up` will want it.
env::image::Moved pull_image(const std::string& verb, env::Store& store, const env::registry::Reference& from, const env::image::PullOptions& options,
                             const env::registry::Access& access, Io& io);

// "tf29" or "sha256:..." of the store, or a reference: the digest. Of a tag, the image that it pointed to when it was pulled,
// and its image now only where it never was; all of it signed by one of `trusted`, where there are any.
std::string find_image(const std::string& verb, const std::string& image, const env::registry::Access& access, const env::image::Trusted& trusted, Io& io);

// What a moved tag brings: both digests, and the packages that differ.
std::string move_text(const env::image::TagMove& move);
std::vector<env::Change> move_changes(const env::image::TagMove& move);

// How make_lock() reads a base that is an image.
env::ReadBase base_reader(const env::registry::Access& access, const env::Say& say);

// The ids of the environment of the ninefold.toml here, or of one that would be.
env::image::IdMap map_here();

}  // namespace ninefold::cli
