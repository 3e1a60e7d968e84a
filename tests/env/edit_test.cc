// In: a ninefold.toml and packages. Out: the file with one array changed and every other byte as it was.
#include <gtest/gtest.h>

#include "env/spec/edit.h"
#include "env/spec/parse.h"

namespace ninefold::env {
namespace {

struct Row {
  std::string text, key;
  std::vector<std::string> items;
  bool add;
  std::string expected;  // the text, or what the error says
};

class Edit : public testing::TestWithParam<Row> {};

TEST_P(Edit, ChangesOneArray) {
  const Row& row = GetParam();
  const auto got = row.add ? add_packages(row.text, row.key, row.items) : remove_packages(row.text, row.key, row.items);
  EXPECT_EQ(got ? got.value() : got.error().message(), row.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Edit,
    testing::Values(
        Row{"[packages]\npip = []  # mine\n", "pip", {"pandas"}, true, "[packages]\npip = [\"pandas\"]  # mine\n"},
        Row{"# \xe4\xbd\xa0\n[packages]\npip = [\"a\", \"Pan_das==1\"] # \xe5\xa5\xbd\nx = 1\n", "pip", {"pan-das>=2", "b"}, true,
            "# \xe4\xbd\xa0\n[packages]\npip = [\"a\", \"pan-das>=2\", \"b\"] # \xe5\xa5\xbd\nx = 1\n"},
        Row{"[packages]\npip = [\n  \"a\",\n]\n", "pip", {"b"}, true, "[packages]\npip = [\n  \"a\",\n  \"b\",\n]\n"},
        Row{"[packages]\npip = [\"a\"]\n", "apt", {"git"}, true, "[packages]\napt = [\"git\"]\npip = [\"a\"]\n"},
        Row{"name = \"x\"", "pip", {"a"}, true, "name = \"x\"\n\n[packages]\npip = [\"a\"]\n"},
        Row{"[packages]\npip = [\"a\", \"b\"]\n", "pip", {"a"}, false, "[packages]\npip = [\"b\"]\n"},
        Row{"[packages]\npip = [\"pandas\"]\n", "pip", {"panads"}, false, "packages.pip has no 'panads'; did you mean 'pandas'?"},
        Row{"[packages]\npip = []\n", "pip", {"a"}, false, "packages.pip has no 'a'; it is empty"},
        Row{"[packages]\npip = [\n  \"a\", # why\n]\n", "pip", {"b"}, true,
            "packages.pip has comments between its items, which would be lost; edit the file by hand"},
        Row{"packages = { pip = [] }\n", "pip", {"b"}, true, "[packages] is not written as a table of its own; edit the file by hand"}));

TEST(Edit, TheFirstFileTakesPackages) {
  const std::string text = add_packages(initial_file("a"), "pip", {"pandas"}).value();
  const Surroundings around{"/p", "/h", [](const std::string&) -> Result<std::string> { return std::string(); }};
  const Parsed parsed = parse_spec(text, "f", around);
  EXPECT_EQ(findings_text(parsed.findings), "");
  EXPECT_EQ(parsed.spec.packages.pip, std::vector<std::string>{"pandas"});
  EXPECT_EQ(remove_packages(text, "pip", {"pandas"}).value(), initial_file("a"));
}

}  // namespace
}  // namespace ninefold::env
