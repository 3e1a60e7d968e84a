// In: a parsed TOML table. Out: typed values; every fault becomes a finding with its place, and reading
// goes on. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "env/spec/parse.h"
#include "env/spec/toml.h"

namespace ninefold::env {

struct Notes {
  std::vector<Finding> findings;
  std::map<std::string, Position> where;
  static Position of(const toml::source_region& source);
  void add(const toml::source_region& source, std::string text) { at(of(source), std::move(text)); }
  void at(Position position, std::string text) {
    Finding finding;
    finding.position = std::move(position);
    finding.text = std::move(text);
    findings.push_back(std::move(finding));
  }
};

// One table. Asking for a key makes it known; finish() reports the others.
class Section {
 public:
  Section(Notes& notes, const toml::table* table, std::string path) : notes_(notes), table_(table), path_(std::move(path)) {}

  bool present() const { return table_ != nullptr; }
  const toml::table* table() const { return table_; }
  const std::string& path() const { return path_; }
  std::string path_of(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

  const toml::node* node(const std::string& key);
  // Where the value of a key stands (the table's own place when it is not there).
  const toml::source_region& source(const std::string& key) const;
  void note(const toml::node& at, std::string text) { notes_.add(at.source(), std::move(text)); }
  void find(const std::string& key, std::string text) { notes_.add(source(key), std::move(text)); }

  // False: not given, or of a wrong type, which is a finding then.
  bool text(const std::string& key, std::string& into);
  bool integer(const std::string& key, std::int64_t least, std::int64_t most, std::int64_t& into);
  bool number(const std::string& key, double& into);
  bool boolean(const std::string& key, bool& into);
  bool texts(const std::string& key, std::vector<std::string>& into);          // an array
  bool text_or_texts(const std::string& key, std::vector<std::string>& into);  // or a single one
  bool bytes(const std::string& key, std::uint64_t& into);                     // "8g", "512m", 1024
  bool port(const std::string& key, int& into);
  bool choice(const std::string& key, const std::vector<std::string>& among, std::string& into);
  Section table(const std::string& key);

  // A value written directly under this table's key, for tables whose keys are the user's names.
  void know(const std::string& key) { known_.push_back(key); }
  void finish();

 private:
  bool wrong(const std::string& key, const toml::node& node, const std::string& expected);
  Notes& notes_;
  const toml::table* table_;
  std::string path_;
  std::vector<std::string> known_;
};

// "8g", "1.5GiB", "512 m", "1024" as bytes.
std::optional<std::uint64_t> parse_bytes(const std::string& text);

// The tables of the network: parse_network.cc.
void parse_network(Section& top, Spec& spec);
void check_address(Section& publish, const Publish& given);

// What a value of the file is called in a message: "a string".
std::string kind_of(const toml::node& node);

}  // namespace ninefold::env
