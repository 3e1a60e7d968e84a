// In: what packages say of their licences, each in its own words. Out: SPDX expressions; words that SPDX does
// not know become references, beside the words themselves. Nothing is judged.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ninefold::env {

// "LicenseRef-..." -> the words as they were written.
using LicenceWords = std::map<std::string, std::string>;

// One SPDX expression of statements that all hold ("GPL-2+ or Artistic-2.0"); empty for none.
std::string licence_expression(const std::vector<std::string>& statements, LicenceWords& words);

// The statements of a Debian copyright file, where it is a machine-readable one; else none.
std::vector<std::string> debian_licences(const std::string& copyright);

// The statements of a Python package's METADATA: its expression, else its classifiers, else its one line.
std::vector<std::string> python_licences(const std::string& metadata);

// The values of a header field of METADATA or a control file, each on one line; what follows the headers is not read.
std::vector<std::string> header_values(const std::string& text, const std::string& name);

}  // namespace ninefold::env
