// In: "registry.example:5000/team/tf29:week-47@sha256:..." as a user types it. Out: its parts, or what is
// wrong with it. Pure.
#pragma once

#include <string>

#include "base/result.h"

namespace ninefold::env::registry {

struct Reference {
  std::string host;        // with the port, as typed: "registry.example:5000", "[::1]:5000"
  std::string repository;  // "team/tf29"
  std::string tag;         // "latest" where neither tag nor digest was given
  std::string digest;      // empty, or "sha256:..."
  // What is asked for: the digest where there is one.
  const std::string& target() const { return digest.empty() ? tag : digest; }
  std::string name() const;  // the repository's last part: "tf29"
  std::string text() const;
};

// No registry is ever guessed: the host must be written.
Result<Reference> parse_reference(const std::string& text);

// True iff `text` can only be meant as a reference: it holds a slash, which no name in the store does.
bool is_reference(const std::string& text);

// True iff nothing sent to this host ("localhost:5000", "127.0.0.1", "[::1]:80") leaves the machine.
bool is_loopback(const std::string& host);

}  // namespace ninefold::env::registry
