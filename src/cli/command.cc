// In: arguments and the verbs' records. Out: the verb's run, its help, or a clear usage error.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/check.h"
#include "cli/verb.h"
#include "env/spec/parse.h"

namespace ninefold::cli {
namespace {

Args parse(const Verb& verb, const std::vector<std::string>& arguments) {
  Args args;
  for (const Flag& flag : verb.flags)
    if (!flag.initial.empty()) args.flags[flag.name()] = flag.initial;
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
      if (verb.parsing == Parsing::leading) {
        args.rest.assign(arguments.begin() + i, arguments.end());
        // "exec tf29 -- ls" and "exec tf29 ls" are the same
        if (args.rest.size() > 1 && args.rest[1] == "--") args.rest.erase(args.rest.begin() + 1);
        break;
      }
      args.rest.push_back(given);
      continue;
    }
    const std::string name = given.substr(0, given.find('='));
    const auto flag = std::find_if(verb.flags.begin(), verb.flags.end(),
                                   [&](const Flag& f) { return f.name() == name; });
    if (flag == verb.flags.end()) {
      std::vector<std::string> names;
      for (const Flag& known : verb.flags) names.push_back(known.name());
      const std::string meant = env::nearest(name, names);
      fail(Code::invalid_argument, "{}: unknown option {}{}; see ninefold {} --help", verb.name, name,
           meant.empty() ? "" : "; did you mean " + meant + "?", verb.name);
    }
    const bool has_value = name.size() != given.size();
    check(flag->takes_value() || !has_value, "{}: {} takes no value, got {}", verb.name, name, given);
    check(!flag->takes_value() || has_value || i + 1 < arguments.size(), "{}: {} needs a value: {}", verb.name,
          name, flag->form);
    const std::string value =
        !flag->takes_value() ? "" : has_value ? given.substr(name.size() + 1) : arguments[++i];
    args.flags[name] = value;
    args.all.emplace_back(name, value);
  }
  return args;
}

// The members of a family ("store": "store list", ...).
std::vector<const Verb*> family(const std::string& name) {
  std::vector<const Verb*> members;
  for (const Verb* verb : verbs())
    if (!verb->hidden && verb->name.rfind(name + " ", 0) == 0) members.push_back(verb);
  return members;
}

std::string family_help(const std::string& name) {
  std::string text = fmt::format("ninefold {} VERB [ARGUMENTS]\n\n", name);
  for (const Verb* verb : family(name)) text += fmt::format("  {:<16} {}\n", verb->name, verb->brief);
  return text + fmt::format("\nninefold {} VERB --help tells more about one, with examples.\n", name);
}

// The verb that the first one or two arguments name; how many they were.
std::pair<const Verb*, size_t> find(const std::vector<std::string>& arguments) {
  for (size_t words : {size_t{2}, size_t{1}}) {
    if (arguments.size() < words) continue;
    const std::string name = words == 2 ? arguments[0] + " " + arguments[1]
                                        : (arguments[0] == "--version" ? "version" : arguments[0]);
    for (const Verb* verb : verbs())
      if (verb->name == name) return {verb, words};
  }
  return {nullptr, 0};
}

int unknown(const std::vector<std::string>& arguments, Io& io) {
  const std::string& name = arguments[0];
  if (!family(name).empty()) {
    const bool asked = arguments.size() > 1 && (arguments[1] == "--help" || arguments[1] == "-h");
    if (arguments.size() > 1 && !asked)
      io.err << fmt::format("ninefold: unknown verb '{} {}'\n\n", name, arguments[1]);
    (asked ? io.out : io.err) << family_help(name);
    return asked ? ok : bad_usage;
  }
  std::vector<std::string> names;
  for (const Verb* verb : verbs())
    if (!verb->hidden) names.push_back(verb->name.substr(0, verb->name.find(' ')));
  const std::string meant = env::nearest(name, names);
  io.err << fmt::format("ninefold: unknown verb '{}'{}\n\n{}", name,
                        meant.empty() ? "" : "; did you mean '" + meant + "'?", help());
  return bad_usage;
}

}  // namespace

std::string Args::get(const std::string& name, const std::string& otherwise) const {
  const auto found = flags.find(name);
  return found == flags.end() ? otherwise : found->second;
}

std::vector<std::string> Args::every(const std::string& name) const {
  std::vector<std::string> values;
  for (const auto& [given, value] : all)
    if (given == name) values.push_back(value);
  return values;
}

std::string help(const Verb& verb) {
  std::string text = fmt::format("ninefold {} {}\n\n{}\n", verb.name, verb.usage, verb.brief);
  if (!verb.details.empty()) text += "\n" + verb.details + "\n";
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
  for (const Verb* verb : verbs())
    if (!verb->hidden) text += fmt::format("  {:<14} {}\n", verb->name, verb->brief);
  return text + "\nninefold VERB --help tells more about one, with examples.\n";
}

int run_command(const std::vector<std::string>& arguments, Io& io) {
  const std::string name = arguments.empty() ? "--help" : arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    io.out << help();
    return arguments.empty() ? bad_usage : ok;
  }
  const auto [verb, words] = find(arguments);
  if (!verb) return unknown(arguments, io);
  const std::vector<std::string> rest(arguments.begin() + words, arguments.end());
  if (!rest.empty() && (rest[0] == "--help" || rest[0] == "-h")) {
    io.out << help(*verb);
    return ok;
  }
  try {
    return verb->run(parse(*verb, rest), io);
  } catch (const Error& error) {
    io.err << "ninefold " << error.message() << "\n";
    return error.code() == Code::invalid_argument ? bad_usage : cannot_run;
  } catch (const std::exception& error) {
    io.err << "ninefold " << verb->name << ": " << error.what() << "\n";
    return cannot_run;
  }
}

}  // namespace ninefold::cli
