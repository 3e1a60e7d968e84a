// In: nothing. Out: toml++, its parser compiled once (toml.cc) instead of in every file. Private to this room.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>
