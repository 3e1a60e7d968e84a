// Out: the report of a broken invariant.
#include "base/check.h"

namespace ninefold {

void invariant_failed(const char* what, const char* file, int line) {
  throw Error(Code::internal, fmt::format("ninefold bug: {} does not hold ({}:{}); please report it with "
                                          "the program that shows it", what, file, line));
}

}  // namespace ninefold
