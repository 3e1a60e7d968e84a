// In: a verb's record (name, flags, examples, body). Out: one command line tool made of them.
// A file of this folder defines one record; verbs.cc lists them in the order that --help shows.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace ninefold::cli {

// "--timeout SECONDS" takes a value, "--force" none; `initial` is the value when it is not given.
struct Flag {
  std::string form;
  std::string brief;
  std::string initial = {};
};

struct Args {
  std::map<std::string, std::string> flags;  // by name, dashes included; absent: not given
  std::vector<std::string> rest;
  bool has(const std::string& name) const { return flags.count(name) != 0; }
};

struct Io {
  std::ostream& out;
  std::ostream& err;
};

// What the process ends with. A verb that runs a program ends with that program's own status.
enum Exit { ok = 0, found_something = 1, bad_usage = 2, cannot_run = 127 };

struct Verb {
  std::string name;
  std::string usage;  // what follows the name
  std::string brief;
  std::vector<Flag> flags = {};
  std::vector<std::string> examples = {};
  std::string exits = {};  // what the exit status says, for --help
  bool verbatim = false;   // every argument is the body's, --help in first place excepted
  std::function<int(const Args&, Io&)> run;
};

const std::vector<const Verb*>& verbs();

// argv without the program's name. Never throws: an error is printed to io.err.
int run_command(const std::vector<std::string>& arguments, Io& io);

}  // namespace ninefold::cli
