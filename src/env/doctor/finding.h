// In: Facts. Out: what is wrong, by which evidence, what follows from it, and the command that mends it.
// A finding is a record; findings_*.cc hold them, a file for each part of the world.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "env/doctor/facts.h"

namespace ninefold::env::doctor {

// error: a verb fails, or work is lost. warning: everything runs, but less well than it could.
enum class Severity { error, warning };

// What stands for {name} in a finding's texts.
using Words = std::map<std::string, std::string>;
// Where a finding holds: once, nowhere, or at each of several mounts, keys, ports.
using Places = std::vector<Words>;
inline Places when(bool holds, Words words = {}) { return holds ? Places{std::move(words)} : Places{}; }

struct Finding {
  const char* id;
  Severity severity;
  const char* says;          // the evidence
  const char* consequence;
  // A line for sh, to be run in the project's folder; {words} are quoted for it. {sudo} is "sudo " for an ordinary user,
  // {again} what `up` was told of the image.
  const char* remedy;
  bool safe = false;         // `doctor --fix` may run it: it asks for no right and throws nothing away
  std::function<Places(const Facts&)> probe;
};

using Findings = std::vector<Finding>;
Findings machine_findings();
Findings storage_findings();
Findings project_findings();
Findings running_findings();
Findings training_findings();
Findings gpu_findings();

// All of them, in the order in which they are told.
std::vector<Findings> all_findings();

struct Diagnosis {
  std::string id;
  Severity severity;
  std::string says, consequence, remedy;
  bool safe = false;
};

// Every finding that holds: errors first, each part in the order of its file.
std::vector<Diagnosis> examine(const Facts& facts);

// For sh: as it is where that is safe, else in single quotes.
std::string quoted(const std::string& word);

}  // namespace ninefold::env::doctor
