// In: arguments and the verbs' records. Out: the verb's run, its help, or a clear usage error.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/check.h"
#include "cli/verb.h"

namespace ninefold::cli {
namespace {

std::string help(const Verb& verb) {
  std::string text = fmt::format("ninefold {} {}\n\n{}\n", verb.name, verb.usage, verb.brief);
  if (!verb.flags.empty()) text += "\n";
  for (const Flag& flag : verb.flags) {
    text += fmt::format("  {:<20} {}", flag.form, flag.brief);
    text += flag.initial.empty() ? "\n" : fmt::format(" (default {})\n", flag.initial);
  }
  text += "\nexamples:\n";
  for (const std::string& example : verb.examples) text += "  " + example + "\n";
  if (!verb.exits.empty()) text += "\nexit status: " + verb.exits + "\n";
  return text;
}

std::string help() {
  std::string text = "ninefold VERB [ARGUMENTS]\n\n";
  for (const Verb* verb : verbs()) text += fmt::format("  {:<10} {}\n", verb->name, verb->brief);
  return text + "\nninefold VERB --help tells more about one, with examples.\n";
}

Args parse(const Verb& verb, const std::vector<std::string>& arguments) {
  Args args;
  for (const Flag& flag : verb.flags)
    if (!flag.initial.empty()) args.flags[flag.form.substr(0, flag.form.find(' '))] = flag.initial;
  if (verb.verbatim) {
    args.rest = arguments;
    return args;
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& given = arguments[i];
    if (given == "--") {
      args.rest.insert(args.rest.end(), arguments.begin() + i + 1, arguments.end());
      break;
    }
    if (given.size() < 2 || given[0] != '-') {
      args.rest.push_back(given);
      continue;
    }
    const std::string name = given.substr(0, given.find('='));
    const auto flag = std::find_if(verb.flags.begin(), verb.flags.end(), [&](const Flag& f) {
      return f.form.substr(0, f.form.find(' ')) == name;
    });
    check(flag != verb.flags.end(), "{}: unknown option {}; see ninefold {} --help", verb.name, name,
          verb.name);
    const bool takes_value = flag->form.find(' ') != std::string::npos;
    const bool has_value = name.size() != given.size();
    check(takes_value || !has_value, "{}: {} takes no value, got {}", verb.name, name, given);
    check(!takes_value || has_value || i + 1 < arguments.size(), "{}: {} needs a value: {}", verb.name,
          name, flag->form);
    args.flags[name] = !takes_value ? "" : has_value ? given.substr(name.size() + 1) : arguments[++i];
  }
  return args;
}

}  // namespace

int run_command(const std::vector<std::string>& arguments, Io& io) {
  const std::string name = arguments.empty() ? "--help" : arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    io.out << help();
    return arguments.empty() ? bad_usage : ok;
  }
  const std::string wanted = name == "--version" ? "version" : name;
  const auto found = std::find_if(verbs().begin(), verbs().end(),
                                  [&](const Verb* verb) { return verb->name == wanted; });
  if (found == verbs().end()) {
    io.err << fmt::format("ninefold: unknown verb '{}'\n\n{}", name, help());
    return bad_usage;
  }
  const Verb& verb = **found;
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (!rest.empty() && (rest[0] == "--help" || rest[0] == "-h")) {
    io.out << help(verb);
    return ok;
  }
  try {
    return verb.run(parse(verb, rest), io);
  } catch (const Error& error) {
    io.err << "ninefold " << error.message() << "\n";
    return error.code() == Code::invalid_argument ? bad_usage : cannot_run;
  }
}

}  // namespace ninefold::cli
