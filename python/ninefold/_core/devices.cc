// In: questions about GPUs and where ops shall run. Out: what tf.config and tf.device are made of.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "convert.h"
#include "ninefold/device.h"

namespace ninefold::python {
namespace {

struct Place {
  explicit Place(const std::string& name) : held(std::make_unique<device::Within>(name)) {}
  std::unique_ptr<device::Within> held;
};

}  // namespace

void add_devices(nb::module_& m) {
  nb::module_ d = m.def_submodule("device", "This machine's GPUs.");
  nb::class_<Place>(d, "Place").def("leave", [](Place& p) { p.held.reset(); });
  d.def("enter", [](const std::string& name) { return Place(name); });
  // (ordinal, name, (major, minor), bytes) of each
  d.def("gpus", [] {
    nb::list all;
    for (const device::Gpu& g : device::gpus())
      all.append(nb::make_tuple(g.ordinal, g.name, nb::make_tuple(g.major, g.minor), g.memory));
    return all;
  });
  d.def("why_no_gpu", &device::why_no_gpu);
  d.def("why_not_joined", &device::why_not_joined);
  d.def("why_not_dnn", &device::why_not_dnn);
  d.def("steps", [] {
    std::vector<std::pair<std::string, std::string>> all;
    for (device::Step& s : device::steps()) all.emplace_back(std::move(s.function), std::move(s.state));
    return all;
  });
  d.def("build", [] {
    const device::Build b = device::build();
    nb::dict out;
    out["toolkit"] = b.toolkit;
    out["driver"] = b.driver;
    out["least_driver"] = b.least_driver;
    out["driver_series"] = b.driver_series;
    out["targets"] = b.targets;
    return out;
  });
  d.def("set_logical_gpus", [](const std::vector<std::pair<int, int64_t>>& wanted) {
    std::vector<device::LogicalGpu> all;
    for (const auto& [ordinal, limit] : wanted) all.push_back({ordinal, limit});
    device::set_logical_gpus(std::move(all));
  });
  d.def("logical_gpus", &device::logical_gpus);
  d.def("initialised", &device::initialised);
  d.def("memory", [](int index) {
    const device::MemoryUse use = device::memory_of_gpu(index);
    return std::pair(use.current, use.peak);
  });
  d.def("reset_peak", &device::reset_peak_of_gpu);
  d.def("set_soft_placement", &device::set_soft_placement);
  d.def("soft_placement", &device::soft_placement);
  d.def("set_log_placement", &device::set_log_placement);
  d.def("log_placement", &device::log_placement);
  d.def("tell_placement", [](const std::string& text) { device::tell_placement(text); });
  d.def("set_tensor_float_32", &device::set_tensor_float_32);
  d.def("tensor_float_32", &device::tensor_float_32);
  d.def("set_deterministic", &device::set_deterministic);
}

}  // namespace ninefold::python
