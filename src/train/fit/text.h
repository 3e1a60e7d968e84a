// In: text for the user. Out: the same at the one place where it is shown: Python's sys.stdout, or ours.
#pragma once

#include <string_view>

namespace ninefold::keras {

void show(std::string_view text);   // as it is, at once

}  // namespace ninefold::keras
