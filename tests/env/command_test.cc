// In: rows of arguments. Out: what the command prints and its exit status; no verb with effects runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/process.h"
#include "base/text.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "env/lock/pace.h"

namespace ninefold::cli {
namespace {

struct Row {
  std::vector<std::string> arguments;
  int status;
  std::string out, err;  // a part of what is printed there
};

class Command : public testing::TestWithParam<Row> {};

TEST_P(Command, Prints) {
  std::ostringstream out, err;
  Io io{out, err};
  EXPECT_EQ(run_command(GetParam().arguments, io), GetParam().status) << out.str() << err.str();
  EXPECT_NE(out.str().find(GetParam().out), std::string::npos) << out.str();
  EXPECT_NE(err.str().find(GetParam().err), std::string::npos) << err.str();
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Command,
    testing::Values(Row{{}, 2, "ninefold VERB", ""}, Row{{"--help"}, 0, "ninefold VERB", ""},
                    Row{{"versoin"}, 2, "", "unknown verb 'versoin'; did you mean 'version'?"},
                    Row{{"version", "--jsn"}, 2, "", "version: unknown option --jsn; did you mean --json?"},
                    Row{{"version", "--json=1"}, 2, "", "version: --json takes no value, got --json=1"},
                    Row{{"completion", "bash"}, 0, "complete -F _ninefold ninefold", ""},
                    Row{{"completion", "fish"}, 0, "complete -c ninefold", ""},
                    Row{{"names", "houses"}, 2, "", "expected environment, image or job, got 'houses'"},
                    Row{{"completion", "csh"}, 2, "", "expected bash, zsh or fish, got 'csh'"},
                    Row{{"man", "nothing"}, 2, "", "there is no verb 'nothing'"}));

// Every record is complete: a newcomer reads nothing else.
TEST(Records, HaveBriefExamplesAndAPage) {
  for (const Verb* verb : verbs()) {
    EXPECT_FALSE(verb->brief.empty()) << verb->name;
    EXPECT_EQ(verb->brief.back(), '.') << verb->name;
    EXPECT_FALSE(verb->examples.empty()) << verb->name;
    for (const Flag& flag : verb->flags) {
      EXPECT_EQ(flag.form.rfind("--", 0), 0u) << verb->name << " " << flag.form;
      EXPECT_FALSE(flag.brief.empty()) << verb->name << " " << flag.form;
    }
    for (const std::string& example : verb->examples)
      EXPECT_NE(example.find("ninefold " + verb->name), std::string::npos) << example;
    if (!verb->hidden) {
      EXPECT_NE(man_page(verb->name).find(".SH EXAMPLES"), std::string::npos) << verb->name;
    }
  }
}

struct Typed {
  std::string line;                     // what stands before the tabulator
  std::vector<std::string> offered;     // among what bash then offers
  std::vector<std::string> not_offered = {};
};

// A real bash reads the script; `ninefold` itself is a function here, so that names are known.
TEST(Completion, BashOffersWhatTheRecordsSay) {
  std::vector<Typed> rows = {
      {"", {"init", "up", "job", "store", "--help"}, {"keeper", "names", "list"}},
      {"st", {"status", "store"}, {"up"}},
      {"job ", {"run", "list", "wait"}, {"gc"}},
      {"status ", {"tf29", "--watch"}},
      {"job wait ", {"tf29", "--json"}},
      {"store remove ", {"tf29", "--json"}},
      {"down --name ", {"tf29"}, {"--force"}},
      {"logs j", {"jupyter"}, {"ssh"}},
      {"restart ", {"jupyter", "--force"}},
      {"completion ", {"bash", "zsh", "fish"}},
  };
  for (const Verb* verb : verbs()) {
    if (verb->hidden || verb->verbatim) continue;
    std::vector<std::string> flags = {"--help"};
    for (const Flag& flag : verb->flags) flags.push_back(flag.name());
    rows.push_back({verb->name + " -", flags});
  }
  std::string script = completion("bash") + "ninefold() { echo tf29; }\n";
  for (const Typed& row : rows)
    script += "COMP_WORDS=(ninefold " + row.line + (row.line.empty() || row.line.back() == ' ' ? " ''" : "") +
              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _ninefold; echo \" ${COMPREPLY[*]} \"\n";
  Program bash;
  bash.arguments = {"bash", "-c", script};
  const Finished done = run_program("test", bash).value();
  EXPECT_EQ(done.status, 0) << done.errors;
  EXPECT_EQ(done.errors, "");
  const auto answers = split(done.output, '\n');
  ASSERT_EQ(answers.size(), rows.size() + 1);
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const std::string& word : rows[i].offered)
      EXPECT_NE(answers[i].find(" " + word + " "), std::string::npos) << rows[i].line << "|" << word << ": " << answers[i];
    for (const std::string& word : rows[i].not_offered)
      EXPECT_EQ(answers[i].find(" " + word + " "), std::string::npos) << rows[i].line << "|" << word << ": " << answers[i];
  }
}

// What other shells would read as a quote's end.
TEST(Completion, FishQuotesWhatItSays) {
  const std::string script = completion("fish");
  for (const std::string_view line : split(script, '\n')) {
    int quotes = 0;
    for (size_t i = 0; i < line.size(); ++i) quotes += line[i] == '\'' && (i == 0 || line[i - 1] != '\\');
    if (line.substr(0, 1) != "#") {
      EXPECT_EQ(quotes % 2, 0) << line;
    }
  }
}

// Roff: a line that begins with a dot is a macro; these are all that the pages use.
TEST(ManPages, TellEveryFlagAndHoldOnlyMacrosThatAreMeant) {
  const std::vector<std::string_view> macros = {".TH", ".SH", ".TP", ".B", ".PP", ".nf", ".fi"};
  for (const Verb* verb : verbs()) {
    if (verb->hidden) continue;
    const std::string page = man_page(verb->name);
    for (const std::string_view line : split(page, '\n'))
      if (!line.empty() && (line[0] == '.' || line[0] == '\'')) {
        EXPECT_NE(std::find(macros.begin(), macros.end(), line.substr(0, line.find(' '))), macros.end()) << verb->name << ": " << line;
      }
    for (const Flag& flag : verb->flags) {
      std::string written;
      for (const char c : flag.form) written += c == '-' ? std::string("\\-") : std::string(1, c);
      EXPECT_NE(page.find(".TP\n.B " + written + "\n"), std::string::npos) << verb->name << " " << flag.form;
    }
    EXPECT_NE(page.find(".SH DESCRIPTION\n"), std::string::npos) << verb->name;
  }
}

// Every verb that tells something tells it to programs, too.
TEST(Records, ThoseThatTellHaveJson) {
  for (const char* name : {"init", "add", "remove", "lock", "refresh", "push", "pull", "build", "save", "load", "verify", "store list", "store gc", "store remove",
                           "up", "status", "job run", "job list", "job wait", "version"}) {
    bool found = false;
    for (const Verb* verb : verbs())
      if (verb->name == name)
        for (const Flag& flag : verb->flags) found = found || flag.name() == "--json";
    EXPECT_TRUE(found) << name;
  }
}

TEST(Progress, TellsSizesAndTheTimeLeft) {
  using env::pace_text;
  EXPECT_EQ(pace_text("wheels", 10'000'000, 40'000'000, 5), "\rwheels: [######..................] 10.0 of 40.0 MB, 15 s left");
  EXPECT_EQ(pace_text("wheels", 1'000'000, 200'000'000, 5), "\rwheels: [........................] 1.0 of 200.0 MB");  // too early to tell
  EXPECT_EQ(pace_text("wheels", 10'000'000, 400'000'000, 5), "\rwheels: [........................] 10.0 of 400.0 MB, 3 min 15 s left");
  EXPECT_EQ(pace_text("wheels", 50'000'000, 40'000'000, 5), "\rwheels: [########################] 40.0 of 40.0 MB");
  EXPECT_EQ(pace_text("wheels", 5'000'000, 0, 5), "\rwheels: 5.0 MB");
}

TEST(Progress, PassingLinesGiveWay) {
  std::ostringstream out, err;
  Io io{out, err};
  const auto say = progress(io, true);
  for (const char* line : {"one", "\rtwo", "\rthree", "four", "\rfive", "\r"}) say(line);
  // Each wipes the line that it finds: another process may have left one.
  const std::string wiped = "\r\033[K";
  EXPECT_EQ(err.str(), wiped + "[   0 s] one\n" + wiped + "[   0 s] two" + wiped + "[   0 s] three" + wiped + "[   0 s] four\n" + wiped +
                           "[   0 s] five" + wiped);
}

}  // namespace
}  // namespace ninefold::cli
