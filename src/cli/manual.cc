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

// What follows a flag that takes a value: FILE and FOLDER of this machine, the name of an environment.
std::string value_kind(const Flag& flag) {
  const std::string value = flag.takes_value() ? flag.form.substr(flag.form.find(' ') + 1) : "";
  if (value == "FILE") return "file";
  if (value == "FOLDER" && flag.name() != "--folder") return "folder";  // --folder is one inside
  return value == "NAME" && flag.name() == "--name" ? "environment" : "";
}

bool is_dynamic(const std::string& kind) { return kind == "environment" || kind == "image" || kind == "job"; }

std::string bash() {
  std::set<std::string> first;
  std::string seconds, singles, pairs, values;
  for (const auto& [word, second] : words()) {
    first.insert(word);
    if (!second.empty()) seconds += fmt::format("    {}) words=\"{}\" ;;\n", word, joined(second));
  }
  std::map<std::string, std::string> kinds;  // of values, by flag
  for (const Verb* verb : verbs()) {
    if (verb->hidden) continue;
    const std::string& kind = verb->completes;
    const bool fixed = !kind.empty() && kind != "file" && kind != "folder" && !is_dynamic(kind);
    const std::string more = kind == "file" || kind == "folder" || is_dynamic(kind) ? " kind=" + kind : "";
    const bool pair = verb->name.find(' ') != std::string::npos;
    (pair ? pairs : singles) += fmt::format("    \"{}\") words=\"{}{}\"{} ;;\n", verb->name, joined(flag_names(*verb)),
                                            fixed ? " " + kind : "", more);
    for (const Flag& flag : verb->flags)
      if (flag.takes_value()) kinds[flag.name()] = value_kind(flag);
  }
  for (const auto& [flag, kind] : kinds) values += fmt::format("    {}) words= kind={} ;;\n", flag, kind);
  return fmt::format(R"sh(# ninefold completion for bash: source <(ninefold completion bash)
_ninefold() {{
  local words= kind= previous=${{COMP_WORDS[COMP_CWORD-1]}} current=${{COMP_WORDS[COMP_CWORD]}}
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "{} --help" -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{}  esac
  if [ "$COMP_CWORD" = 2 ]; then case "${{COMP_WORDS[1]}}" in
{}  esac; else case "${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}" in
{}  esac; fi
  case "$previous" in
{}  esac
  case "$kind" in
    environment | image | job) words="$words $(ninefold names "$kind" 2>/dev/null)" ;;
    file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -W "$words" -- "$current")); return ;;
    folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -W "$words" -- "$current")); return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _ninefold ninefold
)sh",
                     joined(first), singles, seconds, pairs, values);
}

std::string quoted(const std::string& text) {
  std::string safe = "'";
  for (const char c : text) safe += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return safe + "'";
}

std::string fish() {
  std::string text = "# ninefold completion for fish: ninefold completion fish | source\ncomplete -c ninefold -f\n";
  std::set<std::string> families;
  for (const Verb* verb : verbs()) {
    if (verb->hidden) continue;
    const size_t space = verb->name.find(' ');
    const std::string first = verb->name.substr(0, space);
    std::string here = "__fish_seen_subcommand_from " + first;
    if (space == std::string::npos) {
      text += fmt::format("complete -c ninefold -n __fish_use_subcommand -a {} -d {}\n", first, quoted(verb->brief));
    } else {
      const std::string second = verb->name.substr(space + 1), others = joined(words()[first]);
      if (families.insert(first).second)
        text += fmt::format("complete -c ninefold -n __fish_use_subcommand -a {}\n", first);
      text += fmt::format("complete -c ninefold -n '{}; and not __fish_seen_subcommand_from {}' -a {} -d {}\n", here, others,
                          second, quoted(verb->brief));
      here += "; and __fish_seen_subcommand_from " + second;
    }
    const auto names = [](const std::string& kind) { return "'(ninefold names " + kind + " 2>/dev/null)'"; };
    for (const Flag& flag : verb->flags) {
      const std::string kind = value_kind(flag);
      text += fmt::format("complete -c ninefold -n '{}' -l {}{}{} -d {}\n", here, flag.name().substr(2),
                          flag.takes_value() ? " -r" : "",
                          kind.empty() ? "" : is_dynamic(kind) ? " -a " + names(kind) : " -F", quoted(flag.brief));
    }
    if (verb->completes == "file" || verb->completes == "folder")
      text += fmt::format("complete -c ninefold -n '{}' -F\n", here);
    else if (!verb->completes.empty())
      text += fmt::format("complete -c ninefold -n '{}' -a {}\n", here,
                          is_dynamic(verb->completes) ? names(verb->completes) : quoted(verb->completes));
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
    page += ".SH DESCRIPTION\n" + roff(verb->brief) + "\n";
    if (!verb->details.empty()) page += ".PP\n" + roff(verb->details) + "\n";
    if (!verb->flags.empty()) page += ".SH OPTIONS\n";
    for (const Flag& flag : verb->flags)
      page += fmt::format(".TP\n.B {}\n{}{}\n", roff(flag.form), roff(flag.brief),
                          flag.initial.empty() ? "" : " (default " + roff(flag.initial) + ")");
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
    },
    .completes = "bash zsh fish"};

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
