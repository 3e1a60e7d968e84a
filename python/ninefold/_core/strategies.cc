// In: strategies of C++. Out: handles for tf.distribute; functions of Python run once a replica.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "convert.h"
#include "keras_handles.h"
#include "ninefold/distribute.h"

namespace ninefold::python {
namespace {

distribute::StrategyPtr strategy(const Handle& h) {
  auto s = std::dynamic_pointer_cast<distribute::Strategy>(h.object);
  if (!s) raise(PyExc_TypeError, h.object->describe() + " is no strategy");
  return s;
}
struct ScopeOf {
  explicit ScopeOf(distribute::StrategyPtr s) : held(std::make_unique<distribute::Scope>(std::move(s))) {}
  std::unique_ptr<distribute::Scope> held;
};

distribute::Communication way(const std::string& how, int num_packs, const std::string& device) {
  using C = distribute::Communication;
  const C::How known = how == "nccl" ? C::nccl : how == "hierarchical" ? C::hierarchical : how == "one_device" ? C::one_device
                       : how == "own" ? C::own : C::automatic;
  return {.how = known, .num_packs = num_packs, .device = device};
}
// What _framework's options say (distribute/options.py).
distribute::CommunicationOptions options(int64_t bytes_per_pack, double timeout_seconds, const std::string& implementation) {
  using O = distribute::CommunicationOptions;
  return {bytes_per_pack, timeout_seconds, implementation == "RING" ? O::ring : implementation == "NCCL" ? O::nccl : O::automatic};
}
const char* name_of(distribute::CommunicationOptions::Implementation i) {
  using O = distribute::CommunicationOptions;
  return i == O::ring ? "RING" : i == O::nccl ? "NCCL" : "AUTO";
}
Tensors called(PyObject* function, PyObject* arguments) {
  nb::object result = nb::steal(PyObject_Call(function, arguments, nullptr));
  if (!result.is_valid()) throw PythonFault();
  try {
    return to_tensors(result.ptr());
  } catch (nb::python_error& e) {
    e.restore();
    throw PythonFault();
  }
}
nb::list lists_of(const std::vector<Tensors>& all) {
  nb::list lists;
  for (const Tensors& ts : all) lists.append(wrap(ts));
  return lists;
}

}  // namespace

void add_strategies(nb::module_& m) {
  nb::module_ d = m.def_submodule("distribute", "Handles of strategies.");
  nb::class_<ScopeOf>(d, "Scope").def("leave", [](ScopeOf& s) { s.held.reset(); });
  // how: a name of distribute::Communication's; of "own" by(lists of what each replica brought, mean, *options) is the function.
  d.def("mirrored", [](std::vector<std::string> devices, const std::string& how, int num_packs, const std::string& device, nb::object by) {
    distribute::Communication c = way(how, num_packs, device);
    if (c.how == distribute::Communication::own)
      c.function = [held = std::make_shared<PyForeign>(by.ptr())](const std::vector<Tensors>& all, distribute::Reduce reduce,
                                                                 const distribute::CommunicationOptions& o) {
        WithGil gil;
        const nb::tuple arguments = nb::make_tuple(lists_of(all), reduce == distribute::Reduce::mean, o.bytes_per_pack, o.timeout_seconds,
                                                   name_of(o.implementation));
        return called(held->object().ptr(), arguments.ptr());
      };
    return Handle{distribute::mirrored(std::move(devices), std::move(c))};
  }, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
  d.def("one_device", [](const std::string& device) { return Handle{distribute::one_device(device)}; });
  d.def("default_strategy", [] { return Handle{distribute::default_strategy()}; });
  d.def("current", [] { return Handle{distribute::current()}; });
  d.def("in_scope", &distribute::in_scope);
  d.def("replica", &distribute::replica);
  d.def("replicas", &distribute::replicas);
  d.def("name", [](const Handle& h) { return strategy(h)->describe(); });
  d.def("devices", [](const Handle& h) { return strategy(h)->devices(); });
  d.def("enter", [](const Handle& h) { return ScopeOf(strategy(h)); });
  // f(replica) for each replica; a list of what they gave.
  d.def("run", [](const Handle& h, nb::object f) {
    std::vector<nb::object> results(static_cast<size_t>(strategy(h)->replicas()));
    auto held = std::make_shared<PyForeign>(f.ptr());
    {
      nb::gil_scoped_release release;
      strategy(h)->run([&](int replica) -> Value {
        WithGil gil;
        nb::object index = nb::int_(replica);
        PyObject* result = PyObject_CallFunctionObjArgs(held->object().ptr(), index.ptr(), nullptr);
        if (!result) throw PythonFault();
        results[static_cast<size_t>(replica)] = nb::steal(result);
        return {};
      });
    }
    nb::list out;
    for (nb::object& o : results) out.append(std::move(o));
    return out;
  });
  // merge(list of what each replica brought) -> tensors, once; all replicas get them.
  d.def("merge_call", [](nb::handle own, nb::object merge) {
    const Tensors brought = to_tensors(own.ptr());
    auto held = std::make_shared<PyForeign>(merge.ptr());
    Tensors merged;
    {
      nb::gil_scoped_release release;
      merged = distribute::merge_call(brought, [&](const std::vector<Tensors>& all) {
        WithGil gil;
        return called(held->object().ptr(), nb::make_tuple(lists_of(all)).ptr());
      });
    }
    return wrap(merged);
  });
  d.def("all_reduce", [](nb::handle own, bool mean, int64_t bytes_per_pack, double timeout_seconds, const std::string& implementation) {
    const Tensors brought = to_tensors(own.ptr());
    const distribute::CommunicationOptions o = options(bytes_per_pack, timeout_seconds, implementation);
    Tensors reduced;
    {
      nb::gil_scoped_release release;
      reduced = distribute::all_reduce(brought, mean ? distribute::Reduce::mean : distribute::Reduce::sum, o);
    }
    return wrap(reduced);
  });
  // The sums of what each replica has, a list each, by the way of that name.
  d.def("summed", [](nb::list of_replicas, const std::string& how, int num_packs, const std::string& device, int64_t bytes_per_pack,
                     double timeout_seconds, const std::string& implementation) {
    std::vector<Tensors> all;
    for (nb::handle one : of_replicas) all.push_back(to_tensors(one.ptr()));
    const distribute::CommunicationOptions o = options(bytes_per_pack, timeout_seconds, implementation);
    Tensors sums;
    {
      nb::gil_scoped_release release;
      sums = distribute::summed_by(way(how, num_packs, device), all, o);
    }
    return wrap(sums);
  });
}

}  // namespace ninefold::python
