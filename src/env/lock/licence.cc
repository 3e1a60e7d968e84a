// In: statements about licences. Out: SPDX expressions, as far as the words are known.
#include "env/lock/licence.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "base/hash.h"
#include "base/text.h"

namespace ninefold::env {
namespace {

// Identifiers of SPDX's list that packages of Debian and of Python's index use. The GNU family has a rule below.
const std::set<std::string> kKnown = {
    "0BSD", "AFL-2.1", "AFL-3.0", "Apache-1.1", "Apache-2.0", "Artistic-1.0", "Artistic-1.0-Perl", "Artistic-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause",
    "BSD-4-Clause", "BSD-4-Clause-UC", "BSL-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0", "EPL-1.0", "EPL-2.0", "FSFAP", "FSFUL",
    "FSFULLR", "HPND", "ICU", "IJG", "ISC", "Libpng", "MIT", "MIT-0", "MIT-CMU", "MPL-1.0", "MPL-1.1", "MPL-2.0", "NCSA", "NTP", "OFL-1.1", "OLDAP-2.8", "OpenSSL",
    "PSF-2.0", "PostgreSQL", "Python-2.0", "Ruby", "TCL", "Unicode-DFS-2016", "Unlicense", "Vim", "W3C", "WTFPL", "X11", "ZPL-2.1", "Zlib", "bzip2-1.0.6", "curl", "libtiff"};

const std::set<std::string> kExceptions = {"Autoconf-exception-2.0", "Autoconf-exception-3.0", "Bison-exception-2.2", "Classpath-exception-2.0",
                                           "GCC-exception-2.0", "GCC-exception-3.1", "Libtool-exception", "LLVM-exception"};

// What else they are called, in small letters: by Debian, in classifiers, in the field that is free text.
const std::map<std::string, std::string> kAlso = {
    {"expat", "MIT"}, {"mit license", "MIT"}, {"the mit license", "MIT"}, {"isc license", "ISC"}, {"isc license (iscl)", "ISC"},
    {"apache-2", "Apache-2.0"}, {"apache 2.0", "Apache-2.0"}, {"apache license 2.0", "Apache-2.0"}, {"apache license, version 2.0", "Apache-2.0"},
    {"boost-1.0", "BSL-1.0"}, {"cc0", "CC0-1.0"}, {"bsd 3-clause", "BSD-3-Clause"}, {"bsd 3-clause license", "BSD-3-Clause"}, {"3-clause bsd license", "BSD-3-Clause"},
    {"bsd-3-clauses", "BSD-3-Clause"}, {"bsd 2-clause", "BSD-2-Clause"}, {"psf", "PSF-2.0"}, {"psf-2", "PSF-2.0"}, {"python software foundation license", "PSF-2.0"},
    {"mpl 2.0", "MPL-2.0"}, {"mozilla public license 2.0 (mpl 2.0)", "MPL-2.0"}, {"the unlicense (unlicense)", "Unlicense"}, {"bzip2", "bzip2-1.0.6"},
    {"gnu general public license v2 or later (gplv2+)", "GPL-2.0-or-later"}, {"gnu general public license v3 (gplv3)", "GPL-3.0-only"},
    {"gnu general public license v3 or later (gplv3+)", "GPL-3.0-or-later"}, {"gnu lesser general public license v3 (lgplv3)", "LGPL-3.0-only"}};

std::string small(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// "GPL-2+", "GPL-2.0-or-later", "LGPL-2.1": only versions that there are.
std::optional<std::string> gnu(std::string text) {
  text = small(text);
  bool later = false;
  for (const auto& [end, is_later] : {std::pair{"-or-later", true}, {"-only", false}, {"+", true}})
    if (text.ends_with(end)) {
      text.resize(text.size() - std::string_view(end).size()), later = is_later;
      break;
    }
  const std::map<std::string, std::vector<std::string>> versions = {
      {"GPL", {"1.0", "2.0", "3.0"}}, {"LGPL", {"2.0", "2.1", "3.0"}}, {"AGPL", {"3.0"}}, {"GFDL", {"1.1", "1.2", "1.3"}}};
  for (const auto& [family, all] : versions)
    for (const std::string& version : all)
      for (const std::string& form : {version, version.ends_with(".0") ? version.substr(0, 1) : version})
        if (text == small(family) + "-" + form) return family + "-" + version + (later ? "-or-later" : "-only");
  return std::nullopt;
}

std::optional<std::string> known_licence(const std::string& text) {
  if (const auto found = kAlso.find(small(text)); found != kAlso.end()) return found->second;
  for (const std::string& id : kKnown)
    if (small(id) == small(text)) return id;
  return gnu(text);
}

// A name for words that SPDX does not know; two words that look alike get two.
std::string reference(const std::string& text, LicenceWords& words) {
  constexpr std::size_t kLong = 60;
  std::string slug;
  for (char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '.';
    if (plain) slug += c;
    else if (!slug.empty() && slug.back() != '-') slug += '-';
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  std::string id = "LicenseRef-" + slug;
  const auto taken = words.find(id);
  if (slug.empty() || slug.size() > kLong || (taken != words.end() && taken->second != text))
    id = "LicenseRef-" + slug.substr(0, kLong) + "-" + sha256_hex(text).substr(0, 8);
  words[id] = text;
  return id;
}

// expression := term ((and | or) term)*; term := '(' expression ')' | words [with exception]
class LicenceParser {
 public:
  LicenceParser(const std::string& text, LicenceWords& words) : words_(words) {
    std::string spaced;
    for (char c : text) spaced += c == '(' || c == ')' ? std::string(" ") + c + " " : std::string(1, c);
    for (std::string_view token : split(spaced, ' '))
      if (!token.empty()) tokens_.emplace_back(token);
  }
  // Nothing where the text is no expression.
  std::optional<std::string> run() {
    auto all = expression(0);
    return at_ == tokens_.size() ? all : std::nullopt;
  }

 private:
  std::string next() const { return at_ < tokens_.size() ? small(tokens_[at_]) : ""; }

  std::optional<std::string> expression(int depth) {
    auto all = term(depth);
    while (all && (next() == "and" || next() == "or")) {
      const std::string word = next() == "and" ? " AND " : " OR ";
      ++at_;
      const auto more = term(depth);
      if (!more) return std::nullopt;
      *all += word + *more;
    }
    return all;
  }

  std::optional<std::string> term(int depth) {
    if (next() == "(") {
      if (depth > 20) return std::nullopt;
      ++at_;
      const auto inner = expression(depth + 1);
      if (!inner || next() != ")") return std::nullopt;
      ++at_;
      return "(" + *inner + ")";
    }
    std::string plain, exception;
    bool with = false;
    for (; at_ < tokens_.size() && next() != "and" && next() != "or" && next() != "(" && next() != ")"; ++at_) {
      if (next() == "with" && !with) with = true;
      else (with ? exception : plain) += (with ? exception : plain).empty() ? tokens_[at_] : " " + tokens_[at_];
    }
    if (plain.empty() || plain.find(',') != std::string::npos) return std::nullopt;
    const auto id = known_licence(plain);
    if (!with) return id ? *id : reference(plain, words_);
    if (id && kExceptions.count(exception)) return *id + " WITH " + exception;
    return reference(plain + " with " + exception, words_);
  }

  LicenceWords& words_;
  std::vector<std::string> tokens_;
  std::size_t at_ = 0;
};

std::string one_expression(const std::string& statement, LicenceWords& words) {
  if (const auto id = known_licence(statement)) return *id;
  LicenceWords more = words;
  if (const auto parsed = LicenceParser(statement, more).run()) {
    words = std::move(more);
    return *parsed;
  }
  return reference(statement, words);
}

}  // namespace

std::string licence_expression(const std::vector<std::string>& statements, LicenceWords& words) {
  std::set<std::string> all;
  for (const std::string& one : statements) {
    const std::string plain(strip(one));
    if (!plain.empty() && small(plain) != "unknown") all.insert(one_expression(plain, words));
  }
  std::string text;
  for (const std::string& one : all) {
    const bool choice = all.size() > 1 && one.find(" OR ") != std::string::npos;
    text += (text.empty() ? "" : " AND ") + (choice ? "(" + one + ")" : one);
  }
  return text;
}

std::vector<std::string> debian_licences(const std::string& copyright) {
  if (copyright.substr(0, 2000).find("copyright-format/1") == std::string::npos) return {};
  std::vector<std::string> all;
  for (std::string_view line : split(copyright, '\n'))
    if (line.substr(0, 8) == "License:") all.emplace_back(strip(line.substr(8)));
  return all;
}

std::vector<std::string> header_values(const std::string& text, const std::string& name) {
  std::vector<std::string> all;
  for (std::string_view line : split(text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) break;
    if (line.size() > name.size() && line.substr(0, name.size()) == name && line[name.size()] == ':') all.emplace_back(strip(line.substr(name.size() + 1)));
  }
  return all;
}

std::vector<std::string> python_licences(const std::string& metadata) {
  if (auto expression = header_values(metadata, "License-Expression"); !expression.empty()) return expression;
  std::vector<std::string> all;
  constexpr std::string_view kFamily = "License :: ", kApproved = "OSI Approved :: ";
  for (const std::string& one : header_values(metadata, "Classifier")) {
    if (one.rfind(kFamily, 0) != 0) continue;
    std::string name = one.substr(kFamily.size());
    if (name.rfind(kApproved, 0) == 0) name.erase(0, kApproved.size());
    if (name != "OSI Approved") all.push_back(name);
  }
  if (!all.empty()) return all;
  constexpr std::size_t kName = 80;  // longer ones are a licence's text, the first line of it
  for (const std::string& one : header_values(metadata, "License"))
    if (one.size() <= kName) all.push_back(one);
  return all;
}

}  // namespace ninefold::env
