// In: rows of calls of public functions. Out: whether values, dtypes and errors are as the rows say.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "op_rows.h"

namespace ninefold::testing {

using L = ValueList;
struct CallRow {
  const char* function;
  std::vector<Value> arguments;     // in the order of the signature
  DType dtype;
  Shape shape;
  std::vector<double> want;
  double tolerance = 0;             // absolute; 0: equal
};
void check_calls(const std::vector<CallRow>& rows);

struct BadCallRow {
  const char* function;
  std::vector<Value> arguments;
  Code code;
  const char* says;
};
void check_bad_calls(const std::vector<BadCallRow>& rows);

}  // namespace ninefold::testing
