// In: the text of a ninefold.toml. Out: a Spec, or every finding of the file at once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/spec/spec.h"

namespace ninefold::env {

struct Finding {
  Position position;
  std::string text;  // "unknown key 'memroy' in [limits]; did you mean 'memory'?"
};

// What parsing needs to know of the world; tests give their own.
struct Surroundings {
  std::string folder;  // the file's folder, absolute
  std::string home;
  // The text of a file that `extends` names (absolute path).
  std::function<Result<std::string>(const std::string& path)> read;
};

struct Parsed {
  Spec spec;
  std::vector<Finding> findings;  // empty: the spec is valid
};

// Never throws for any text. `file` is what positions name.
Parsed parse_spec(const std::string& text, const std::string& file, const Surroundings& around);

// One line a finding, "ninefold.toml:3:1: ...", in the order of the file.
std::string findings_text(const std::vector<Finding>& findings);

// Reads the file (find it as load_spec does) and parses it; its spec has `file` set even where there are findings.
Result<Parsed> parse_file(const std::string& path);

// Reads and parses; all findings make one error. `path` may be a folder that holds ninefold.toml;
// empty: the one in the current folder or the nearest above it.
Result<Spec> load_spec(const std::string& path);

// The commented file that `ninefold init` writes; it parses without findings.
std::string initial_file(const std::string& name);

// The nearest of `candidates` within two edits (three for long words), empty if none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace ninefold::env
