// In: a verb's record (name, flags, examples, body). Out: one command line tool made of them: dispatch,
// --help, --json, exit statuses, shell completion and man pages all read the same record.
// A file of this folder defines one record (or a family's, as store list|gc|remove); verbs.cc lists them
// in the order that --help shows.
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
  std::string name() const { return form.substr(0, form.find(' ')); }
  bool takes_value() const { return form.find(' ') != std::string::npos; }
};

struct Args {
  std::map<std::string, std::string> flags;  // by name, dashes included; absent: not given
  std::vector<std::pair<std::string, std::string>> all;  // every flag given, in order: --env A=1 --env B=2
  std::vector<std::string> rest;
  bool has(const std::string& name) const { return flags.count(name) != 0; }
  // The value of a flag, or `otherwise`.
  std::string get(const std::string& name, const std::string& otherwise = {}) const;
  // The values of a flag that may be given several times.
  std::vector<std::string> every(const std::string& name) const;
};

struct Io {
  std::ostream& out;
  std::ostream& err;
};

// What the process ends with. A verb that runs a program ends with that program's own status.
enum Exit { ok = 0, found_something = 1, bad_usage = 2, cannot_run = 127 };

// How much of the arguments is the body's own.
enum class Parsing {
  everywhere,    // options may stand anywhere; "--" ends them
  leading,       // the first argument that is no option ends them: exec ENV PROGRAM --its-option
};

struct Verb {
  std::string name;   // "up", or a family's member: "job run"
  std::string usage;  // what follows the name
  std::string brief;  // one sentence
  std::vector<Flag> flags = {};
  std::vector<std::string> examples = {};
  std::string exits = {};  // what the exit status says, for --help
  bool verbatim = false;   // every argument is the body's, --help in first place excepted
  std::function<int(const Args&, Io&)> run;
  std::string details = {};  // paragraphs below the brief
  Parsing parsing = Parsing::everywhere;
  // What completes an argument: "file", "folder", "environment", "image", "job", or words; empty: nothing.
  std::string completes = {};
  bool hidden = false;  // plumbing: runs, and is listed nowhere
};

const std::vector<const Verb*>& verbs();

// argv without the program's name. Never throws: an error is printed to io.err.
int run_command(const std::vector<std::string>& arguments, Io& io);

std::string help(const Verb& verb);
std::string help();
// Shell is bash, zsh or fish.
std::string completion(const std::string& shell);
// A man page in roff: of the whole command (no name) or of one verb.
std::string man_page(const std::string& verb_name);

}  // namespace ninefold::cli
