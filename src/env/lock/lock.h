// In: nothing. Out: Lock: every byte that an image is made of, by digest; its file, and what two of them
// differ in. No host is named in it: sources come from the machine or [sources].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/spec/spec.h"

namespace ninefold::env {

struct Input {
  std::string name, version;
  std::string file;    // pool path of a .deb, name of a wheel or program
  std::uint64_t size = 0;
  std::string digest;  // "sha256:..."
};

struct Release {
  std::string suite;
  std::string digest;  // of the signed InRelease
};

struct Lock {
  std::string spec;  // fingerprint() of what it was made from
  // Hashes of what was asked of apt, for the tools, and of pip: a part is made anew only if its own wishes
  // changed, so that one more Python package leaves every other layer as it is.
  std::string system_wishes, tools_wishes, python_wishes;
  std::string base, python, architecture;
  // Where `base` is an image: its manifest for this platform, its configuration, its dpkg's status and its
  // layers (plain tar, lowest first), in this order; what it says of itself.
  std::vector<Input> image;
  std::string interpreter = "/usr/bin/python3", glibc, distribution, codename;  // the last three of an image only
  std::int64_t epoch = 0;  // SOURCE_DATE_EPOCH: the newest release's date
  std::vector<Release> releases;
  std::vector<std::string> locales;
  Input index;                  // the stanzas of all .debs, as the archive gave them
  std::vector<Input> os;        // .debs of the first layer
  std::vector<Input> apt;       // .debs that [packages] apt adds to them
  Input uv;                     // the wheel of uv, which installs the others
  std::vector<Input> tools;     // wheels of JupyterLab and TensorBoard
  std::vector<Input> packages;  // wheels of [packages] pip, with ipykernel and what Ninefold needs
  std::vector<Input> ninefold;  // Ninefold's wheel and the one that stands for TensorFlow
  std::vector<Input> programs;  // init and supervisor
};

inline constexpr std::size_t kImageManifest = 0, kImageConfig = 1, kImageStatus = 2, kImageLayers = 3;

// Hash of the parts of a spec that an image depends on: mounts, ports and limits do not count.
std::string fingerprint(const Spec& spec);

// JSON, an input a line, so that git shows one changed line a changed package.
std::string to_text(const Lock& lock);
// Any bytes; every digest, name and number is checked.
Result<Lock> parse_lock(const std::string& text);

struct Change {
  std::string part, name, before, after;  // `before` empty: added; `after` empty: removed
};
std::vector<Change> changes(const Lock& before, const Lock& after);
std::string changes_text(const std::vector<Change>& all);  // "python  numpy  1.26.4 -> 2.0.0"

// Every input of a lock, in the order of its layers.
std::vector<Input> all_inputs(const Lock& lock);

// Seconds since 1970 as documents have them: "2026-11-22T10:00:00Z".
std::string iso_time(std::int64_t epoch);

}  // namespace ninefold::env
