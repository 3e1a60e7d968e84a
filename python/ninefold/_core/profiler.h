// In: the extension module. Out: its part for profiles.
#pragma once

#include <nanobind/nanobind.h>

namespace ninefold::python {

void add_profiler(nanobind::module_& core);

}  // namespace ninefold::python
