// In: notebooks as texts. Out: without outputs, byte for byte otherwise; scripts; secrets by cell and line.
#include <gtest/gtest.h>

#include "env/notebook/notebook.h"
#include "env/notebook/run.h"

namespace ninefold::env::notebook {
namespace {

Notebook book(const std::string& text) { return parse(text, "a.ipynb").value(); }
std::string code_cell(const std::string& source, const std::string& outputs = "[]", const std::string& count = "null") {
  return R"({"cells": [{"cell_type": "code", "execution_count": )" + count + R"(, "metadata": {}, "outputs": )" + outputs +
         R"(, "source": )" + nlohmann::json(source).dump() + R"(}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})";
}

const std::string kRun = R"j({
 "cells": [
  {
   "cell_type": "markdown",
   "metadata": {"collapsed": true},
   "source": ["# 标题 \u4e2d\n", "text \"outputs\": [1]"]
  },
  {
   "cell_type": "code",
   "execution_count": 7,
   "id": "a1",
   "metadata": {
    "ExecuteTime": {"end_time": "x"},
    "tags": ["plot"],
    "collapsed": false
   },
   "outputs": [
    {"name": "stdout", "output_type": "stream", "text": ["1 ] } \\\" \n"]}
   ],
   "source": "print(1)"
  },
  {
   "cell_type": "code",
   "execution_count": 8,
   "metadata": {"tags": ["keep_output"]},
   "outputs": [{"output_type": "stream", "name": "stdout", "text": "kept"}],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {"language": "python", "name": "python3"},
  "widgets": {"x": 1e-05}
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
)j";
const std::string kStripped = R"j({
 "cells": [
  {
   "cell_type": "markdown",
   "metadata": {"collapsed": true},
   "source": ["# 标题 \u4e2d\n", "text \"outputs\": [1]"]
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "a1",
   "metadata": {
    "tags": ["plot"]
   },
   "outputs": [],
   "source": "print(1)"
  },
  {
   "cell_type": "code",
   "execution_count": 8,
   "metadata": {"tags": ["keep_output"]},
   "outputs": [{"output_type": "stream", "name": "stdout", "text": "kept"}],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {"language": "python", "name": "python3"}
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
)j";

TEST(Notebook, IsStrippedAndElseUntouched) {
  EXPECT_EQ(stripped(book(kRun)), kStripped);
  EXPECT_EQ(stripped(book(kStripped)), kStripped);
  const std::string tight = R"({"cells":[{"metadata":{"scrolled":true,"execution":{}},"cell_type":"code","outputs":[{}],"source":""}],"metadata":{},"nbformat":4})";
  EXPECT_EQ(stripped(book(tight)), R"({"cells":[{"metadata":{},"cell_type":"code","outputs":[],"source":""}],"metadata":{},"nbformat":4})");
}

struct Bad {
  std::string text, says;
};
TEST(Notebook, ThatIsNoneIsRefused) {
  const Bad bad[] = {{"", "it is no notebook"}, {"{", "it is no notebook"}, {"[]", "expected an object"}, {"{}", "nbformat is missing"},
                     {R"({"nbformat": 3, "worksheets": []})", "format 4, got 3"}, {R"({"nbformat": 4})", "expected a list of cells"},
                     {R"({"nbformat": 4, "cells": [3]})", "cell 1 has no type"}, {R"({"nbformat": 4, "cells": [{"cell_type": 1}]})", "cell 1 has no type"},
                     {std::string(3000, '['), "it is no notebook"}, {R"({"nbformat": "4", "cells": []})", "nbformat is missing"}};
  for (const Bad& one : bad) {
    const Result<Notebook> got = parse(one.text, "a.ipynb");
    ASSERT_FALSE(got.ok()) << one.text;
    EXPECT_NE(got.error().message().find(one.says), std::string::npos) << got.error().message();
    EXPECT_EQ(got.error().message().rfind("a.ipynb: ", 0), 0u) << got.error().message();
  }
}

TEST(Notebook, OfMistakenPartsIsReadAsFarAsItGoes) {
  const Notebook odd = book(R"({"nbformat": 4, "metadata": 3, "cells": [{"cell_type": "code", "source": 5, "outputs": 7, "metadata": [], "execution_count": "x"}]})");
  EXPECT_EQ(odd.cells[0].source, "");
  EXPECT_TRUE(secrets(odd).empty());
  EXPECT_EQ(stripped(odd), R"({"nbformat": 4, "metadata": 3, "cells": [{"cell_type": "code", "source": 5, "outputs": 7, "metadata": [], "execution_count": null}]})");
}

struct Lines {
  std::string source, script;
};
TEST(Notebook, BecomesAScript) {
  const Lines rows[] = {
      {"x = 1\ny = x", "# %%\nx = 1\ny = x\n"},
      {"%matplotlib inline\nimport a", "# %%\n# %matplotlib inline\nimport a\n"},
      {"!pip install x\n?print\nprint?", "# %%\n# !pip install x\n# ?print\n# print?\n"},
      {"if a:\n    !ls\nelse:\n    b()", "# %%\nif a:\n    pass  # !ls\nelse:\n    b()\n"},
      {"files = !ls\nt = %timeit -o f()", "# %%\n# files = !ls\n# t = %timeit -o f()\n"},
      {"%%bash\nls\n", "# %%\n# %%bash\n# ls\n#\n"},
      {"%%time\nfit()\n%magic", "# %%\n# %%time\nfit()\n# %magic\n"},
      {"a = b % c\nif a != b: d = '!x'", "# %%\na = b % c\nif a != b: d = '!x'\n"},
      {"s = \"\"\"\n%s\n!not a command\n\"\"\"\n!ls", "# %%\ns = \"\"\"\n%s\n!not a command\n\"\"\"\n# !ls\n"},
      {"x = 5 \\\n  % 3", "# %%\nx = 5 \\\n  % 3\n"},
  };
  for (const Lines& row : rows) EXPECT_EQ(script(book(code_cell(row.source))), row.script) << row.source;
  EXPECT_EQ(script_file(book(kStripped), "a b.ipynb").substr(0, 90), "# Made by `ninefold notebook export` from a b.ipynb: what is changed here is lost.\n\n# %% [");
  EXPECT_TRUE(is_script_file(script_file(book(kStripped), "x")));
  EXPECT_FALSE(is_script_file(script(book(kStripped))));
  EXPECT_EQ(script(book(kStripped)).substr(0, 60), "# %% [markdown]\n# # 标题 中\n# text \"outputs\": [1]\n\n# %%\np");
}

TEST(Notebook, TakesParameters) {
  const Lines rows[] = {{"rate=0.1", "0.1"}, {"n=3", "3"}, {"name=sgd", "'sgd'"}, {"on=True", "True"}, {"x=None", "None"}, {"xs=[1, 2]", "[1, 2]"},
                        {"j=true", "'true'"}, {"js=[true]", "'[true]'"}, {"t=it's", "'it\\'s'"}, {"e=", "''"}, {"s=\"a\"", "\"a\""}, {"b=a=b", "'a=b'"},
                        {"n_=a\\n\n", "'a\\\\n\\n'"}};
  for (const Lines& row : rows) EXPECT_EQ(parse_parameter(row.source).value().value, row.script) << row.source;
  for (const char* bad : {"", "x", "=1", "1x=2", "a b=1", "a-b=1"}) EXPECT_FALSE(parse_parameter(bad).ok()) << bad;

  const auto sources = [](const std::string& text) {
    std::vector<std::string> all;
    for (const Cell& cell : book(text).cells) all.push_back(cell.source);
    return all;
  };
  using Sources = std::vector<std::string>;
  const std::string plain = code_cell("x"), tagged = R"({"cells": [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "n = 1"},
      {"cell_type": "code", "metadata": {}, "source": "n"}], "nbformat": 4})", none = R"({"cells": [], "nbformat": 4})";
  const std::vector<Parameter> two = {{"n", "5"}, {"m", "'a'"}};
  EXPECT_EQ(sources(with_parameters(book(plain), two)), (Sources{"# Parameters\nn = 5\nm = 'a'", "x"}));
  EXPECT_EQ(sources(with_parameters(book(none), two)), (Sources{"# Parameters\nn = 5\nm = 'a'"}));
  const std::string once = with_parameters(book(tagged), two);
  EXPECT_EQ(sources(once), (Sources{"n = 1", "# Parameters\nn = 5\nm = 'a'", "n"}));
  EXPECT_EQ(sources(with_parameters(book(once), {{"n", "6"}})), (Sources{"n = 1", "# Parameters\nn = 6", "n"}));
  EXPECT_EQ(with_parameters(book(plain), {}), plain);
}

struct Sample {
  std::string line, kind;  // kind empty: nothing is found
};
TEST(Notebook, IsSearchedForSecrets) {
  const std::string hex(40, 'a');
  const Sample rows[] = {
      {"key = 'AKIAIOSFODNN7EXAMPLE'", "AWS"}, {"t = 'ghp_" + hex + "'", "GitHub"}, {"hf = \"hf_" + hex + "\"", "Hugging Face"},
      {"open('http://localhost:8888/?token=" + hex + "')", "Jupyter"}, {"-----BEGIN OPENSSH PRIVATE KEY-----", "private key"},
      {"password = 'hunter2hunter'", "password"}, {"login(user, api_key=\"0123456789abc\")", "password or key"}, {"conf['db_password'] = 'tr0ub4dor&3'", "password"},
      {"{\"secret\": \"s3cr3ts3cr3t\"}", "password or key"}, {"url = 'postgres://anna:s3cr3t@db/x'", "address"}, {"sk-" + hex, "AI service"},
      {"xoxb-123456789012-abcdefghijk", "Slack"}, {"glpat-abcdefghijklmnopqrst", "GitLab"}, {"AIza" + std::string(35, 'b'), "Google"},
      // Nearly:
      {"password = getpass()", ""}, {"password = os.environ['DB_PASSWORD']", ""}, {"password = ''", ""}, {"password = 'your-password'", ""},
      {"api_key = '<your key>'", ""}, {"token = 'xxxxxxxxxxxx'", ""}, {"if password == 'hunter2hunter':", ""}, {"sha = '" + hex + "'", ""},
      {"AKIASHORT", ""}, {"https://example.org:8080/a@b", ""}, {"f'postgres://{user}:{password}@db'", ""}, {"task-" + hex, ""}, {"print('secret')", ""},
  };
  for (const Sample& row : rows) {
    const auto found = secrets(book(code_cell("x = 1\n" + row.line)));
    ASSERT_EQ(found.size(), row.kind.empty() ? 0u : 1u) << row.line;
    if (row.kind.empty()) continue;
    EXPECT_NE(found[0].kind.find(row.kind), std::string::npos) << row.line << ": " << found[0].kind;
    EXPECT_EQ(found[0].line, 2u);
    EXPECT_LE(found[0].shown.size(), 9u);
  }
  const auto out = secrets(book(code_cell("print(url)", R"([{"output_type": "stream", "text": ["http://h/lab?token=)" + hex + R"(\n"]}])")));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].line, 0u);
  EXPECT_TRUE(secrets(book(code_cell("x", R"([{"output_type": "display_data", "data": {"image/png": "hf_)" + hex + R"("}}])"))).empty());
}

}  // namespace
}  // namespace ninefold::env::notebook
