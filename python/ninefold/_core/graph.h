// In: traced functions. Out: the handle that Python holds of one, shared by graph.cc and dispatcher.cc.
#pragma once

#include "convert.h"
#include "slots.h"

namespace ninefold::python {

struct Concrete {
  FunctionRef f;
};
nb::object spec_object(const TensorSpec&);
TensorSpec to_spec(nb::handle);
Tensors called(const nb::object& f, const Tensors& arguments);   // a Python callback of the engine: list in, list out
void add_dispatcher(nb::module_&);
void add_control_flow(nb::module_&);
void add_graph_import(nb::module_&);

}  // namespace ninefold::python
