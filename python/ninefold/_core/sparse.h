// In: Python's sparse tensors, extension types, protobuf messages. Out: the engine's, and back: what composites.cc asks for and adds.
#pragma once

#include "convert.h"
#include "ninefold/composite.h"

namespace ninefold::python {

std::shared_ptr<Foreign> sparse_of(PyObject*);                       // null if the object is none
nb::object sparse_object(const std::shared_ptr<Foreign>&);           // an invalid handle if it is none
std::shared_ptr<Foreign> extension_of(PyObject*);                    // of an extension type or of a spec of one, else null
nb::object extension_object(const std::shared_ptr<Foreign>&);        // an invalid handle if it is neither
nb::object form_object(const FormOfValues&);                         // the spec
// A list of: None for a tensor; (sparse, shape, dtype, ragged_rank, splits_dtype); the spec of an extension type.
std::vector<std::optional<CompositeSpec>> forms_of(nb::handle list);
void add_sparse(nb::module_&);
void add_extension_types(nb::module_&);
void add_messages(nb::module_&);

}  // namespace ninefold::python
