// In: the text of a ninefold.toml. Out: the text with a package more or less; everything else, comments
// too, stays as it was written.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ninefold::env {

// `key` is "pip" or "apt". An item that names the same package ("pandas", "pandas==2.0") is replaced.
Result<std::string> add_packages(const std::string& text, const std::string& key, const std::vector<std::string>& items);
// An item that is not there is an error that names those that are.
Result<std::string> remove_packages(const std::string& text, const std::string& key, const std::vector<std::string>& names);

// "scikit-learn" of "Scikit_Learn[all] >= 1.5"; Debian's "git" of "git=1:2.39".
std::string package_name(const std::string& requirement);

}  // namespace ninefold::env
