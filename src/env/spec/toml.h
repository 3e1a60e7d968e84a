// In: nothing. Out: toml++, its parser compiled once (toml.cc) instead of in every file. Private to its readers.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 0
#define TOML_ENABLE_FORMATTERS 0
// Its assertions doubt what a stranger's file may hold ("[[."), and come before the error that says so.
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>
