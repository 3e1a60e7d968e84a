// In: conditions that hold and that do not. Out: the typed error with its text, or nothing.
#include "base/check.h"

#include <gtest/gtest.h>

namespace ninefold {
namespace {


TEST(Check, a_fault_of_the_user_is_typed_and_says_what_was_expected_and_got) {
  for (Code code : {Code::invalid_argument, Code::value, Code::type, Code::not_found}) {
    try {
      check(false, code, "concat: input {} has shape {}; expected {}", 2, "[3, 4]", "[3, 5]");
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      EXPECT_EQ(error.message(), "concat: input 2 has shape [3, 4]; expected [3, 5]");
      EXPECT_STREQ(error.what(), error.message().c_str());
    }
  }
}

TEST(Check, without_a_code_it_is_an_invalid_argument) {
  try {
    check(1 > 2, "matmul: {}", "no");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
  }
}

TEST(Check, what_holds_passes) {
  EXPECT_NO_THROW(check(true, Code::internal, "never"));
  EXPECT_NO_THROW(NINEFOLD_INVARIANT(2 > 1));
}

TEST(Check, a_fault_of_ours_says_so_and_where_and_is_an_exception_too) {
  try {
    NINEFOLD_INVARIANT(1 > 2);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::internal);
    EXPECT_NE(error.message().find("1 > 2"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find("check_test.cc"), std::string::npos) << error.message();
  }
}

TEST(Error, each_layer_adds_one_phrase) {
  const Error inner(Code::value, "expected 2, got 3");
  const Error outer = inner.within("layer dense_1").within("fit");
  EXPECT_EQ(outer.message(), "fit: layer dense_1: expected 2, got 3");
  EXPECT_EQ(outer.code(), Code::value);
}

}  // namespace
}  // namespace ninefold
