// In: sources and wishes. Out: the packages that fulfil them, by digest, in the store. apt itself does the
// work, with a private root: the machine's own state is neither read nor changed.
#pragma once

#include <string>
#include <vector>

#include "env/lock/lock.h"
#include "env/lock/machine.h"
#include "env/lock/pace.h"
#include "env/store/store.h"

namespace ninefold::env {

class Apt {
 public:
  // `folder`: an empty one, of the caller's.
  Apt(std::string folder, std::string architecture) : folder_(std::move(folder)), architecture_(std::move(architecture)) {}

  // What is installed already, as dpkg's status tells it; else nothing. Before update().
  void installed(std::string status) { status_ = std::move(status); }
  // Fetches and verifies the indexes. Releases with their dates come out.
  Result<void> update(const std::vector<AptSource>& sources, bool expired, const std::string& proxy);
  // Puts the signed files into the store.
  Result<std::vector<Release>> releases(Store& store, std::int64_t& epoch) const;

  // Everything that installing `wishes` takes beyond what is installed. `stanza` gets the archive's text of each.
  Result<std::vector<Input>> resolve(const std::vector<std::string>& wishes, std::string& stanzas) const;
  // Downloads what the store lacks; apt checks it against the index, and the store against the digest.
  Result<void> fetch(Store& store, const std::vector<Input>& packages, const Say& say) const;

 private:
  Result<std::string> apt(const std::string& program, const std::vector<std::string>& arguments) const;
  std::string folder_, architecture_, status_;
};

// Pure: the packages of stanzas (Package, Version, Filename, Size, SHA256), in their order.
Result<std::vector<Input>> parse_stanzas(const std::string& text);

}  // namespace ninefold::env
