// In: toml++'s headers. Out: the one copy of its parser.
#define TOML_IMPLEMENTATION
#include "env/spec/toml.h"
