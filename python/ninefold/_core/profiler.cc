// In: a folder, names of spans. Out: a profile of what the program did: _core.profiler, what _framework/profiler.py stands on.
#include "ninefold/profiler.h"

#include <nanobind/stl/string.h>

#include "profiler.h"

namespace ninefold::python {

void add_profiler(nanobind::module_& core) {
  namespace nb = nanobind;
  nb::module_ m = core.def_submodule("profiler");
  m.def("start", [](const std::string& logdir, int host, int device, int64_t delay) { profiler::start(logdir, {host, device, delay}); });
  m.def("stop", &profiler::stop);
  m.def("stop_to", &profiler::stop_to);
  m.def("active", &profiler::active);
  nb::class_<profiler::Trace>(m, "Trace")
      .def(nb::init<const std::string&>())
      .def("set", &profiler::Trace::set)
      .def("end", &profiler::Trace::end);
}

}  // namespace ninefold::python
