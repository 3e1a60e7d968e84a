// In: sources and wishes. Out: the packages that fulfil them, by digest, in the store. apt itself does the
// work, with a private root: the machine's own state is neither read nor changed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
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
  // Of what is installed, only security suites may replace anything. Before update().
  void prefer_security() { only_security_ = true; }
  // Fetches and verifies the indexes. Releases with their dates come out.
  Result<void> update(const std::vector<AptSource>& sources, bool expired, const std::string& proxy);
  // Puts the signed files into the store.
  Result<std::vector<Release>> releases(Store& store, std::int64_t& epoch) const;

  // Everything that installing `wishes` takes beyond what is installed. `stanza` gets the archive's text of each.
  Result<std::vector<Input>> resolve(const std::vector<std::string>& wishes, std::string& stanzas) const;
  // The same for new versions of what is installed, with what these need; nothing is ever removed.
  Result<std::vector<Input>> upgrade(std::string& stanzas) const;
  // Those of `locked` that a security suite has a newer version of.
  Result<std::set<std::string>> behind_security(const std::vector<Input>& locked) const;
  // Downloads what the store lacks; apt checks it against the index, and the store against the digest.
  Result<void> fetch(Store& store, const std::vector<Input>& packages, const Say& say) const;

 private:
  Result<std::string> apt(const std::string& program, const std::vector<std::string>& arguments) const;
  std::vector<std::string> print_uris(const std::string& verb) const;
  Result<std::vector<Input>> shown(const std::string& uris, std::string& stanzas) const;
  std::string folder_, architecture_, status_;
  bool only_security_ = false;
};

// Pure: the packages of stanzas (Package, Version, Filename, Size, SHA256), in their order.
Result<std::vector<Input>> parse_stanzas(const std::string& text);
// Pure: the paragraphs of a control file; a field's value on its first line, or empty.
std::vector<std::string_view> stanzas_of(std::string_view text);
std::string stanza_field(std::string_view stanza, std::string_view name);
// Pure: by package, the versions that `apt-cache policy` names a security suite for.
std::map<std::string, std::vector<std::string>> security_versions(const std::string& policy);
// Pure: dpkg's status of a machine that has the packages of these stanzas.
std::string status_of(const std::string& stanzas);

}  // namespace ninefold::env
