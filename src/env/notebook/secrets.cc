// In: a notebook. Out: what in it looks like a secret. Patterns are those that the issuers of keys publish.
#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "env/notebook/notebook.h"

namespace ninefold::env::notebook {
namespace {

using Text = std::string_view;

bool word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; }
bool hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)); }
bool upper(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)); }

// A prefix and so many characters of a kind behind it.
struct Pattern {
  Text kind, prefix;
  bool (*of)(char);
  std::size_t least;
};
constexpr Pattern kPatterns[] = {
    {"an access key of AWS", "AKIA", upper, 16},       {"an access key of AWS", "ASIA", upper, 16},
    {"a token of GitHub", "ghp_", alnum, 36},          {"a token of GitHub", "gho_", alnum, 36},
    {"a token of GitHub", "ghs_", alnum, 36},          {"a token of GitHub", "ghu_", alnum, 36},
    {"a token of GitHub", "github_pat_", word, 60},    {"a token of GitLab", "glpat-", word, 20},
    {"a token of Hugging Face", "hf_", alnum, 30},     {"a key of an AI service", "sk-", word, 32},
    {"a key of Google", "AIza", word, 35},             {"a token of Google", "ya29.", word, 30},
    {"a token of Slack", "xoxb-", word, 20},           {"a token of Slack", "xoxp-", word, 20},
    {"a token of a package index", "pypi-AgEI", word, 50}, {"a token of npm", "npm_", alnum, 36},
    {"a token of Jupyter", "?token=", hex, 32},        {"a token of Jupyter", "&token=", hex, 32},
    {"a token of a web service", "eyJhbGciOi", word, 20}, {"a private key", "-----BEGIN OPENSSH PRIVATE KEY", word, 0},
    {"a private key", "-----BEGIN RSA PRIVATE KEY", word, 0}, {"a private key", "-----BEGIN EC PRIVATE KEY", word, 0},
    {"a private key", "-----BEGIN PRIVATE KEY", word, 0},
};

// Names that are given secrets: "db_password", "API-KEY".
constexpr Text kNames[] = {"password", "passwd", "secret", "api_key", "apikey", "api-key", "access_token", "auth_token", "private_key"};

std::string lower(Text text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// `name = "text"`, `name: "text"`, `"name", "text"` with a text of eight characters that is no placeholder.
Text assigned(Text line) {
  const std::string low = lower(line);
  for (const Text name : kNames) {
    for (std::size_t at = low.find(name); at != std::string::npos; at = low.find(name, at + 1)) {
      std::size_t i = at + name.size();
      if (i < line.size() && (line[i] == '"' || line[i] == '\'')) ++i;
      if (i < line.size() && line[i] == ']') ++i;
      while (i < line.size() && line[i] == ' ') ++i;
      if (i >= line.size() || (line[i] != '=' && line[i] != ':' && line[i] != ',')) continue;
      if (line.substr(i, 2) == "==") continue;
      for (++i; i < line.size() && line[i] == ' ';) ++i;
      if (i >= line.size() || (line[i] != '"' && line[i] != '\'')) continue;
      const std::size_t end = line.find(line[i], i + 1);
      if (end == Text::npos) continue;
      const Text value = line.substr(i + 1, end - i - 1);
      const bool holder = value.find_first_of(" <>{}$*") != Text::npos || lower(value).find("your") == 0 || lower(value).find("xxx") == 0 ||
                          std::all_of(value.begin(), value.end(), [&](char c) { return c == value.front(); });
      if (value.size() >= 8 && !holder) return value;
    }
  }
  return {};
}

// https://user:password@host
Text in_url(Text line) {
  for (std::size_t at = line.find("://"); at != Text::npos; at = line.find("://", at + 3)) {
    const Text rest = line.substr(at + 3, line.find_first_of("/ \"'", at + 3) - at - 3);
    const std::size_t colon = rest.find(':'), sign = rest.rfind('@');
    if (colon == Text::npos || sign == Text::npos || colon > sign) continue;
    const Text password = rest.substr(colon + 1, sign - colon - 1);
    if (!password.empty() && password.find_first_of("<>{}$*") == Text::npos) return password;
  }
  return {};
}

void look(Text text, std::size_t cell, bool output, std::vector<Secret>& found) {
  std::size_t number = 0;
  const auto note = [&](Text kind, Text value) {
    Secret secret{cell, output ? 0 : number, std::string(kind), std::string(value.substr(0, 6)) + "..."};
    for (const Secret& one : found)
      if (one.cell == cell && one.line == secret.line && one.shown == secret.shown) return;
    found.push_back(std::move(secret));
  };
  for (const Text line : split(text, '\n')) {
    ++number;
    for (const Pattern& p : kPatterns) {
      for (std::size_t at = line.find(p.prefix); at != Text::npos; at = line.find(p.prefix, at + 1)) {
        if (at > 0 && alnum(line[at - 1]) && alnum(p.prefix.front())) continue;   // within a longer word
        std::size_t end = at + p.prefix.size();
        while (end < line.size() && p.of(line[end])) ++end;
        if (end - at - p.prefix.size() >= p.least) note(p.kind, line.substr(at, end - at));
      }
    }
    if (const Text value = assigned(line); !value.empty()) note("a password or key in the text", value);
    if (const Text value = in_url(line); !value.empty()) note("a password in an address", value);
  }
}

}  // namespace

std::vector<Secret> secrets(const Notebook& notebook) {
  std::vector<Secret> found;
  for (std::size_t i = 0; i < notebook.cells.size(); ++i) {
    const Cell& cell = notebook.cells[i];
    look(cell.source, i + 1, false, found);
    const auto outputs = cell.json.find("outputs");
    if (outputs == cell.json.end() || !outputs->is_array()) continue;
    for (const auto& output : *outputs) {
      if (!output.is_object()) continue;
      if (output.contains("text")) look(joined(output["text"]), i + 1, true, found);
      if (output.contains("traceback")) look(joined(output["traceback"]), i + 1, true, found);
      if (!output.contains("data") || !output["data"].is_object()) continue;
      for (const auto& [kind, data] : output["data"].items())
        if (kind.rfind("image/", 0) != 0 || kind == "image/svg+xml") look(data.is_object() ? data.dump() : joined(data), i + 1, true, found);
    }
  }
  return found;
}

}  // namespace ninefold::env::notebook
