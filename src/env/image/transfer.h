// In: an image of the store, or one of a registry. Out: it is at the other side, too, under the same digest.
//
// Beside the image lies a manifest whose `subject` is the image, found through the registry's list of
// referrers: its layers are the lock and, with `inputs`, every package, so that a colleague can build the
// image again after the mirrors moved on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/image/signature.h"
#include "env/registry/client.h"
#include "env/store/store.h"

namespace ninefold::env::image {

using OnMoved = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct Moved {
  Ref ref;
  std::uint64_t bytes = 0;        // sent or fetched
  std::size_t blobs = 0, there = 0;  // moved; not moved, since the other side has them
  bool refused = false;           // may_move said no
  std::string unpacked_from;      // what the registry calls an image whose layers are packed there; else empty
};

// Blobs that the registry has are not sent. The image gets its name there last.
Result<Moved> push(Store& store, const std::string& name, registry::Client& client, bool inputs, const OnMoved& moved);

// A tag that the store follows points to another image now.
struct TagMove {
  std::string from, before, after;    // the reference; what it pointed to when it was last taken, and now
  std::string old_lock, new_lock;     // their text; empty where an image came without one
};

struct PullOptions {
  std::string name;                   // the ref that the image gets, set last; empty: the last part of the repository's name
  bool inputs = false;
  const Trusted* trusted = nullptr;   // whose signature it must have; nullptr: anybody's or none
  // Whether a moved tag may be taken; without it, it is. Nothing but the new lock has been fetched then.
  std::function<bool(const TagMove& move)> may_move = {};
  bool look = false;                  // end there also where nothing moved
};

// Blobs that the store has are not fetched; an interrupted pull goes on where it stopped. Where the tag may not move, what
// comes back is what the store has.
Result<Moved> pull(Store& store, registry::Client& client, const PullOptions& options, const OnMoved& moved);

// Pure parsers of what registries say. The manifest for `architecture` ("amd64") of an index, by digest.
Result<std::string> choose_platform(const std::string& index, const std::string& architecture);

// The lock of an image and its inputs, by digest, as the manifest beside it tells.
struct Beside {
  std::string lock;
  std::vector<std::pair<std::string, std::uint64_t>> blobs;  // lock first
};
Result<Beside> parse_beside(const std::string& manifest, const std::string& image);

}  // namespace ninefold::env::image
