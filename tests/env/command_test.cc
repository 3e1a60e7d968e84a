// In: rows of arguments. Out: what the command prints and its exit status; no verb with effects runs.
#include <gtest/gtest.h>

#include <sstream>

#include "cli/verb.h"

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

}  // namespace
}  // namespace ninefold::cli
