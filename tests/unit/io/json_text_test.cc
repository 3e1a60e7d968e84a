// In: values. Out: the text Python 3 prints for them; typed errors for what is no JSON.
#include "base/json_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/result.h"

namespace ninefold {
namespace {

TEST(JsonText, PythonFloat) {
  const std::pair<double, const char*> rows[] = {
      {0.0, "0.0"}, {-0.0, "-0.0"}, {1.0, "1.0"}, {0.1, "0.1"}, {1e-4, "0.0001"}, {1e-5, "1e-05"},
      {1e15, "1000000000000000.0"}, {1e16, "1e+16"}, {1.5e300, "1.5e+300"}, {5e-324, "5e-324"},
      {0.0010000000474974513, "0.0010000000474974513"}, {123456789.125, "123456789.125"},
      {std::numeric_limits<double>::infinity(), "inf"}};
  for (const auto& [value, text] : rows) EXPECT_EQ(python_float(value), text);
}

TEST(JsonText, AsPythonDumps) {
  const auto value = nlohmann::ordered_json::parse(R"({"b": [1, 2.0, null, true], "a": {}, "é": "x\n\"ü😀"})");
  EXPECT_EQ(python_json(value),
            R"({"b": [1, 2.0, null, true], "a": {}, "\u00e9": "x\n\"\u00fc\ud83d\ude00"})");
  EXPECT_EQ(python_json(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(python_json(parse_json(python_json(value), "test")), python_json(value));
}

TEST(JsonText, Refusals) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "load: expected JSON text"}, {"{\"a\": }", "load: expected JSON text"}, {"[1, 2", "load: expected"},
      {std::string(100000, '['), "load: the JSON text is nested deeper than 200"}};
  for (const auto& [text, says] : rows) {
    try {
      parse_json(text, "load");
      ADD_FAILURE() << text.substr(0, 20);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::value);
      EXPECT_EQ(error.message().substr(0, std::string(says).size()), says);
    }
  }
}

}  // namespace
}  // namespace ninefold
