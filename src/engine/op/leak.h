// In: a symbolic tensor that is used where no function is traced. Out: what is said about it.
#pragma once

#include <string>

#include "ninefold/tensor.h"

namespace ninefold {

// Of a symbol that is used in `here`, although its trace is over (graph/names.cc).
std::string out_of_scope(const Tensor& symbol, const std::string& here);
// Only traces know their symbols' names: they set the text once, when the library is loaded.
void set_leak_text(std::string (*text)(const Tensor& symbol));

}  // namespace ninefold
