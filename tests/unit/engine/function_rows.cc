// In: rows of calls of public functions. Out: comparisons with TensorFlow's values, dtypes and errors.
#include "function_rows.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ninefold::testing {

void check_calls(const std::vector<CallRow>& rows) {
  int at = 0;
  for (const CallRow& r : rows) {
    SCOPED_TRACE(std::string(r.function) + ", row " + std::to_string(at++));
    const Function* f = find_function(r.function);
    ASSERT_NE(f, nullptr);
    Value v;
    ASSERT_NO_THROW(v = call(*f, r.arguments));
    const Tensor* t = v.get<Tensor>();
    ASSERT_NE(t, nullptr);
    EXPECT_STREQ(name_of(t->dtype()), name_of(r.dtype));
    EXPECT_TRUE(t->shape() == r.shape) << t->shape().str();
    const std::vector<double> got = values(*t);
    ASSERT_EQ(got.size(), r.want.size());
    for (size_t i = 0; i < got.size(); ++i) {
      if (std::isnan(r.want[i])) EXPECT_TRUE(std::isnan(got[i])) << "element " << i;
      else if (std::isinf(r.want[i])) EXPECT_EQ(got[i], r.want[i]) << "element " << i;
      else EXPECT_NEAR(got[i], r.want[i], r.tolerance) << "element " << i;
    }
  }
}

void check_bad_calls(const std::vector<BadCallRow>& rows) {
  for (const BadCallRow& r : rows) {
    SCOPED_TRACE(r.function);
    const Function* f = find_function(r.function);
    ASSERT_NE(f, nullptr);
    try {
      call(*f, r.arguments);
      ADD_FAILURE() << "no error";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), r.code) << e.message();
      EXPECT_EQ(e.message(), r.says);
    }
  }
}

}  // namespace ninefold::testing
