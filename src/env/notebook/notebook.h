// In: the text of a notebook. Out: its cells, each with its place in the text, so that what changes one part of the
// file leaves every other byte as it was.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ninefold::env::notebook {

// A value in a JSON text: where it stands, and the values in it.
struct Span {
  std::size_t begin = 0, end = 0;
  std::size_t start = 0;             // of the key where it is a member, else `begin`
  std::string key;
  std::vector<Span> items;           // of objects and arrays
  const Span* member(std::string_view name) const;
};
// `text` must be valid JSON.
Span spans_of(std::string_view text);

struct Cell {
  std::string kind;                  // "code", "markdown", "raw"
  std::string source;                // its lines joined
  nlohmann::ordered_json json;       // all of it
  long count = 0;                    // execution_count; 0: it was not run
};

struct Notebook {
  std::string text;
  Span span;
  std::string language = "python";
  std::vector<Cell> cells;
};

// nbformat 4; others are an error that says how to convert them. `name` stands in messages.
Result<Notebook> parse(std::string text, const std::string& name);

// "a\n" + "b" of ["a\n", "b"], or the text itself.
std::string joined(const nlohmann::ordered_json& lines);

// Without outputs, counts and what programs note of a run. A cell with keep_output in its metadata or among its tags
// keeps its outputs. Stripped again it is the same, byte for byte.
std::string stripped(const Notebook& notebook);

// A script in the percent format, which editors show as cells; what only IPython understands becomes a comment.
std::string script(const Notebook& notebook);
// The script of a notebook `name` as a file: its first line says what it was made from.
std::string script_file(const Notebook& notebook, const std::string& name);
// False where a script is somebody's own work.
bool is_script_file(std::string_view text);

struct Secret {
  std::size_t cell = 0;              // from 1
  std::size_t line = 0;              // of its source, from 1; 0: in its output
  std::string kind;                  // "a token of GitHub"
  std::string shown;                 // its first characters
};
// What looks like a secret in sources and outputs. Pictures are not read.
std::vector<Secret> secrets(const Notebook& notebook);

}  // namespace ninefold::env::notebook
