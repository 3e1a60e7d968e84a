// In: this machine's own configuration of apt and pip. Out: where packages come from. Nothing of it
// enters a lock.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "env/spec/spec.h"

namespace ninefold::env {

struct AptSource {
  std::string address, suite;
  std::vector<std::string> components;
  std::string signed_by;  // a keyring's path, or empty
};

// The two formats of apt: sources.list lines, and deb822 stanzas (*.sources). Disabled and source
// entries are left out; what cannot be read is skipped, as other programs' entries are none of ours.
std::vector<AptSource> parse_source_lines(const std::string& text);
std::vector<AptSource> parse_source_stanzas(const std::string& text);

// The sources of a release: those of `machine` that carry `host`'s suites, with `codename` in their
// place, or those of [sources]. `keyring` is used where an entry names none.
Result<std::vector<AptSource>> choose_sources(const std::vector<AptSource>& machine, const std::string& host,
                                              const std::string& codename, const Sources& own);

std::vector<AptSource> machine_sources();   // of /etc/apt
std::string machine_codename();             // of /etc/os-release
std::string machine_architecture();         // "amd64"

// What pip is configured to use, in uv's words: --default-index, --index, --find-links and the
// certificate's path. [sources] wins.
struct PipSource {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "SSL_CERT_FILE=..."
};
PipSource pip_source(const Sources& own);

}  // namespace ninefold::env
