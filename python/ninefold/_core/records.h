// In: the extension module. Out: its part for TFRecords and event files.
#pragma once

#include <nanobind/nanobind.h>

namespace ninefold::python {

void add_records(nanobind::module_& core);

}  // namespace ninefold::python
