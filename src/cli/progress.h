// In: what long work says. Out: lines with the time passed on a terminal; nothing elsewhere.
#pragma once

#include <functional>
#include <string>

#include "cli/verb.h"

namespace ninefold::cli {

// Prints "[  12 s] line" to io.err where it is a terminal, or with `always`.
std::function<void(const std::string&)> progress(Io& io, bool always = false);

// The folder that the ninefold command lies in.
std::string program_folder();

}  // namespace ninefold::cli
