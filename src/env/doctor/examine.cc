// In: Facts. Out: the findings that hold, in words.
#include <algorithm>

#include "base/check.h"
#include "env/doctor/finding.h"

namespace ninefold::env::doctor {
namespace {

// Puts words into a text; `form` gives each its form there.
std::string filled(const char* text, const Words& words, std::string (*form)(const std::string&)) {
  std::string out;
  for (const char* at = text; *at; ++at) {
    if (*at != '{' || at[1] == '{') {
      out += *at;
      at += (*at == '{' || *at == '}') && at[1] == *at;   // "{{" and "}}" are braces
      continue;
    }
    std::string name;
    while (*++at && *at != '}') name += *at;
    const auto word = words.find(name);
    NINEFOLD_INVARIANT(word != words.end());
    out += name == "sudo" || name == "again" ? word->second : form(word->second);
  }
  return out;
}

std::string plain(const std::string& word) { return word; }

}  // namespace

std::string quoted(const std::string& word) {
  const auto safe = [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || std::string("/._-+:=,@%").find(c) != std::string::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), safe)) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

namespace {

// What `up` and `restart` must be told to start the same again.
std::string again(const Running& running) {
  if (!running.tree.empty()) return " --tree " + quoted(running.tree);
  return running.image.empty() ? "" : " --image " + quoted(running.image);
}

}  // namespace

std::vector<Findings> all_findings() {
  return {machine_findings(), storage_findings(), project_findings(), running_findings(), training_findings(), gpu_findings()};
}

std::vector<Diagnosis> examine(const Facts& facts) {
  std::vector<Diagnosis> all;
  for (const Findings& part : all_findings())
    for (const Finding& finding : part)
      for (Words words : finding.probe(facts)) {
        words.emplace("sudo", facts.run.uid == 0 ? "" : "sudo ");
        words.emplace("user", facts.run.user);
        words.emplace("again", again(facts.running));
        all.push_back({finding.id, finding.severity, filled(finding.says, words, plain), filled(finding.consequence, words, plain),
                       filled(finding.remedy, words, quoted), finding.safe});
      }
  std::stable_sort(all.begin(), all.end(), [](const Diagnosis& a, const Diagnosis& b) { return a.severity < b.severity; });
  return all;
}

}  // namespace ninefold::env::doctor
