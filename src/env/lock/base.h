// In: what an image that serves as a base holds. Out: what a lock needs of it: the interpreter, the C library,
// the sources of its packages. Pure, but for the question how the image is read, which the caller answers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/lock/lock.h"
#include "env/lock/machine.h"
#include "env/store/store.h"

namespace ninefold::env {

// A Python found on the image's PATH, links followed.
struct FoundPython {
  std::string version, path;  // "3.11", "/usr/bin/python3.11"
};

struct BaseFacts {
  std::vector<Input> image;                  // as in Lock
  std::string status;                        // dpkg's
  std::string os_release;
  std::vector<FoundPython> pythons;          // in the order of PATH
  std::map<std::string, std::string> files;  // of /etc/apt and its keyrings, by path inside
  std::int64_t created = 0;                  // by its configuration
};

// Brings the image into the store (all of it on the shelf of inputs) and reads it. `known`: what a lock has of
// it, to be taken again, whatever the tag points to now; nullptr: the tag is asked.
using ReadBase = std::function<Result<BaseFacts>(Store& store, const Spec& spec, const std::vector<Input>* known)>;

// KEY=value, quotes taken off; empty where there is none.
std::string os_release_value(const std::string& text, const std::string& key);

// Name -> version of what dpkg's status calls installed.
std::map<std::string, std::string> installed_packages(const std::string& status);

// "2.36" of libc6's version "2.36-9+deb12u7"; failed_precondition where there is none.
Result<std::string> glibc_of(const std::map<std::string, std::string>& installed, const std::string& base);

// The Python that fits what the file asks for ("": any). Nothing found and nothing there: Debian's own will be
// installed, and version and path are empty.
Result<FoundPython> choose_python(const std::vector<FoundPython>& found, const Spec& spec);

// Where packages for the image come from: [sources]; else this machine's own archives of the image's release
// together with what else the image names; else all that the image names. Its keyrings are written to `folder`.
Result<std::vector<AptSource>> base_sources(const BaseFacts& facts, const std::vector<AptSource>& machine, const std::string& machine_release,
                                            const Sources& own, const std::string& folder);

}  // namespace ninefold::env
