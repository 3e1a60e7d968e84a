// In: rows of calls of public functions. Out: whether values and errors are as the rows say.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "op_rows.h"

namespace ninefold::testing {

using Named = std::vector<std::pair<std::string, Value>>;
struct NamedCall {
  const char* function;
  Named named;
  std::vector<double> want;
  double tolerance = 0;   // absolute; 0: equal
};
inline void check_named_calls(const std::vector<NamedCall>& rows) {
  for (const NamedCall& r : rows) {
    SCOPED_TRACE(r.function);
    const Value v = call(r.function, r.named);
    const Tensor* y = v.get<Tensor>();
    if (!y) y = v.get<ValueList>()->front().get<Tensor>();
    ASSERT_NE(y, nullptr);
    const std::vector<double> got = values(*y);
    ASSERT_EQ(got.size(), r.want.size());
    for (size_t i = 0; i < got.size(); ++i)
      if (r.tolerance == 0) EXPECT_EQ(got[i], r.want[i]) << "element " << i;
      else EXPECT_NEAR(got[i], r.want[i], r.tolerance) << "element " << i;
  }
}

struct BadNamedCall {
  const char* function;
  Named named;
  Code code;
  const char* says;
};
inline void check_bad_named_calls(const std::vector<BadNamedCall>& rows) {
  for (const BadNamedCall& r : rows) {
    SCOPED_TRACE(r.function);
    try {
      call(r.function, r.named);
      ADD_FAILURE() << "no error: " << r.says;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), r.code);
      EXPECT_EQ(e.message(), r.says);
    }
  }
}

}  // namespace ninefold::testing
