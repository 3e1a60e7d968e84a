// In: the verbs' records. Out: shell completion and man pages, and the two verbs that print them.
#include <fmt/format.h>

#include <ostream>
#include <set>

#include "base/check.h"
#include "cli/verb.h"

namespace ninefold::cli {
namespace {

// First words, and the second words of families.
std::map<std::string, std::set<std::string>> words() {
  std::map<std::string, std::set<std::string>> all;
  for (const Verb* verb : verbs()) {
    if (verb->hidden) continue;
    const size_t space = verb->name.find(' ');
    auto& second = all[verb->name.substr(0, space)];
    if (space != std::string::npos) second.insert(verb->name.substr(space + 1));
  }
  return all;
}

std::string joined(const std::set<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

std::set<std::string> flag_names(const Verb& verb) {
  std::set<std::string> names = {"--help"};
  for (const Flag& flag : verb.flags) names.insert(flag.name());
  return names;
}

std::string bash() {
  std::set<std::string> first;
  std::string seconds, flags;
  for (const auto& [word, second] : words()) {
    first.insert(word);
    if (!second.empty()) seconds += fmt::format("    {}) words=\"{}\" ;;\n", word, joined(second));
  }
  for (const Verb* verb : verbs()) {
    if (verb->hidden) continue;
    const std::string files = verb->completes == "file" ? " files=f" : verb->completes == "folder" ? " files=d" : "";
    flags += fmt::format("    \"{}\") words=\"{}\"{} ;;\n", verb->name, joined(flag_names(*verb)), files);
  }
  return fmt::format(R"(# ninefold completion for bash: source <(ninefold completion bash)
_ninefold() {{
  local words= files= current=${{COMP_WORDS[COMP_CWORD]}}
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "{}" -- "$current"))
    return
  fi
  if [ "$COMP_CWORD" = 2 ]; then case ${{COMP_WORDS[1]}} in
{}  esac; fi
  case "${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}" in
{}    *) case "${{COMP_WORDS[1]}}" in
{}    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" ${{files:+-$files}} -- "$current"))
}}
complete -F _ninefold ninefold
)",
                     joined(first), seconds, flags, flags);
}

std::string fish() {
  std::string text = "# ninefold completion for fish: ninefold completion fish | source\ncomplete -c ninefold -f\n";
  for (const Verb* verb : verbs()) {
    if (verb->hidden) continue;
    const size_t space = verb->name.find(' ');
    const std::string first = verb->name.substr(0, space);
    if (space == std::string::npos) {
      text += fmt::format("complete -c ninefold -n __fish_use_subcommand -a {} -d '{}'\n", first, verb->brief);
    } else {
      text += fmt::format("complete -c ninefold -n __fish_use_subcommand -a {}\n", first);
      text += fmt::format("complete -c ninefold -n '__fish_seen_subcommand_from {}' -a {} -d '{}'\n", first,
                          verb->name.substr(space + 1), verb->brief);
    }
    for (const Flag& flag : verb->flags)
      text += fmt::format("complete -c ninefold -n '__fish_seen_subcommand_from {}' -l {}{} -d '{}'\n", first,
                          flag.name().substr(2), flag.takes_value() ? " -r" : "", flag.brief);
    if (verb->completes == "file" || verb->completes == "folder")
      text += fmt::format("complete -c ninefold -n '__fish_seen_subcommand_from {}' -F\n", first);
  }
  return text;
}

// Roff takes a leading dot or quote for a command and a backslash for an escape.
std::string roff(const std::string& text) {
  std::string safe;
  bool start = true;
  for (char c : text) {
    if (start && (c == '.' || c == '\'')) safe += "\\&";
    if (c == '\\') safe += "\\e";
    else if (c == '-') safe += "\\-";
    else safe += c;
    start = c == '\n';
  }
  return safe;
}

}  // namespace

std::string completion(const std::string& shell) {
  if (shell == "bash") return bash();
  // zsh runs bash's completion functions.
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash();
  if (shell == "fish") return fish();
  fail(Code::invalid_argument, "completion: expected bash, zsh or fish, got '{}'", shell);
}

std::string man_page(const std::string& verb_name) {
  if (verb_name.empty()) {
    std::string page = ".TH NINEFOLD 1\n.SH NAME\nninefold \\- a deep\\-learning workstation from one file\n"
                       ".SH SYNOPSIS\n.B ninefold\nVERB [ARGUMENTS]\n.SH VERBS\n";
    for (const Verb* verb : verbs())
      if (!verb->hidden) page += fmt::format(".TP\n.B {}\n{}\n", roff(verb->name), roff(verb->brief));
    return page;
  }
  for (const Verb* verb : verbs()) {
    if (verb->name != verb_name) continue;
    std::string page = fmt::format(".TH \"NINEFOLD {}\" 1\n.SH NAME\nninefold {} \\- {}\n.SH SYNOPSIS\n"
                                   ".B ninefold {}\n{}\n",
                                   verb->name, roff(verb->name), roff(verb->brief), roff(verb->name),
                                   roff(verb->usage));
    if (!verb->details.empty()) page += ".SH DESCRIPTION\n" + roff(verb->details) + "\n";
    if (!verb->flags.empty()) page += ".SH OPTIONS\n";
    for (const Flag& flag : verb->flags)
      page += fmt::format(".TP\n.B {}\n{}\n", roff(flag.form), roff(flag.brief));
    page += ".SH EXAMPLES\n.nf\n";
    for (const std::string& example : verb->examples) page += roff(example) + "\n";
    page += ".fi\n";
    if (!verb->exits.empty()) page += ".SH EXIT STATUS\n" + roff(verb->exits) + "\n";
    return page;
  }
  fail(Code::invalid_argument, "man: there is no verb '{}'; see ninefold --help", verb_name);
}

extern const Verb completion_verb, man_verb;
const Verb completion_verb = {
    .name = "completion",
    .usage = "bash|zsh|fish",
    .brief = "Print the completion of a shell, made from the verbs' own records.",
    .examples = {"source <(ninefold completion bash)", "ninefold completion fish | source"},
    .exits = "0; 2: an unknown shell",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 1, "completion: expected one of bash, zsh and fish, got {} arguments",
            args.rest.size());
      io.out << completion(args.rest[0]);
      return ok;
    }};

const Verb man_verb = {
    .name = "man",
    .usage = "[VERB...]",
    .brief = "Print the man page of the command, or of one verb.",
    .examples = {"ninefold man up | man -l -", "ninefold man job run > ninefold-job-run.1"},
    .exits = "0; 2: an unknown verb",
    .run = [](const Args& args, Io& io) -> int {
      std::string name;
      for (const std::string& word : args.rest) name += (name.empty() ? "" : " ") + word;
      io.out << man_page(name);
      return ok;
    }};

}  // namespace ninefold::cli
