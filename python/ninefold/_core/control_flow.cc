// In: Python's branches and loop bodies. Out: the engine's If and While, or the branch and the loop run at once.
#include "graph.h"

namespace ninefold::python {
namespace {

nb::object cond_python(nb::handle predicate, nb::object if_true, nb::object if_false) {
  const auto branch = [](const nb::object& f) { return [&f] { return called(f, {}); }; };
  return wrap(cond(to_tensor_object(predicate.ptr()), branch(if_true), branch(if_false)));
}

nb::object while_python(nb::object test, nb::object body, nb::list initial, int64_t maximum, nb::list invariants) {
  WhileOptions options;
  options.maximum_iterations = maximum;
  for (nb::handle s : invariants) options.shape_invariants.push_back(to_shape(s.ptr()));
  return wrap(while_loop([&](const Tensors& t) { return called(test, t).at(0); },
                         [&](const Tensors& t) { return called(body, t); }, to_tensors(initial.ptr()), options));
}

}  // namespace

void add_control_flow(nb::module_& m) {
  m.def("cond", &cond_python);
  m.def("while_loop", &while_python);
}

}  // namespace ninefold::python
