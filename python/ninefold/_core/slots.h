// In: tensors and variables as operands. Out: the number, comparison and subscript slots both types share.
#pragma once


#include <vector>

#include "convert.h"
#include "ninefold/function.h"

#if PY_VERSION_HEX < 0x030A0000
inline PyObject* Py_NewRef(PyObject* o) { Py_INCREF(o); return o; }
#endif

namespace ninefold::python {

void add_operator_slots(std::vector<PyType_Slot>&);
PyObject* subscript(PyObject* self, PyObject* key);     // subscript.cc
void set_static_shape(Tensor&, const Shape&);           // of a symbolic tensor; ValueError if they clash
nb::object variable_object(const Variable&);             // the tf.Variable that stands for it, made if need be

}  // namespace ninefold::python
