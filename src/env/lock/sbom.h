// In: a lock. Out: the software bill of materials of its image, as SPDX 2.3 JSON: what auditors' scanners read.
#pragma once

#include <string>

#include "env/lock/lock.h"

namespace ninefold::env {

// Pure, and the same bytes for the same lock: its date is the lock's epoch. `image`: the manifest's digest.
// `status`: of the dpkg of a base that is an image, whose packages are told without checksums.
std::string spdx(const Lock& lock, const std::string& name, const std::string& image, const std::string& status = {});

// The package URL that scanners look up: "pkg:deb/debian/git@1%3A2.39.5-0?arch=amd64&distro=bookworm".
std::string package_url(const Lock& lock, const std::string& part, const Input& input);

}  // namespace ninefold::env
