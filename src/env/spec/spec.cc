// In: a Spec. Out: what its fields imply.
#include "env/spec/spec.h"

#include <fmt/format.h>

namespace ninefold::env {

std::string Position::text() const {
  return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
}

Position Spec::position(const std::string& key) const {
  const auto found = where.find(key);
  return found == where.end() ? Position{file, 0, 0} : found->second;
}

std::string Spec::distribution() const { return base.substr(0, base.find(':')); }

std::string Spec::codename() const {
  const auto colon = base.find(':');
  return colon == std::string::npos ? "" : base.substr(colon + 1);
}

std::string Spec::base_reference() const { return base.rfind("oci:", 0) == 0 ? base.substr(4) : std::string(); }

std::string Spec::base_name() const {
  const std::string reference = base_reference();
  return reference.empty() ? base : "oci:" + reference.substr(reference.find('/') + 1);
}

std::string Spec::user() const { return ssh ? ssh->user : Ssh{}.user; }

}  // namespace ninefold::env
