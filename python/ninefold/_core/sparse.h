// In: Python's sparse tensors, protobuf messages. Out: the engine's, and back: what composites.cc asks for and adds.
#pragma once

#include "convert.h"

namespace ninefold::python {

std::shared_ptr<Foreign> sparse_of(PyObject*);                       // null if the object is none
nb::object sparse_object(const std::shared_ptr<Foreign>&);           // an invalid handle if it is none
void add_sparse(nb::module_&);
void add_messages(nb::module_&);

}  // namespace ninefold::python
