// In: the engine's variables. Out: VariableBase, what tf.Variable is built on: a handle, reads, writes, operators.
#include <cstddef>
#include <unordered_map>

#include "ninefold/trace.h"
#include "slots.h"

namespace ninefold::python {

PyTypeObject* variable_type = nullptr;

namespace {

// The Python object of each resource, borrowed: entries go when the object does. Guarded by the GIL.
std::unordered_map<const VariableResource*, PyObject*>& shells() {
  static auto* map = new std::unordered_map<const VariableResource*, PyObject*>();
  return *map;
}
void adopt(PyObject* self, Variable v) {
  shells()[v.resource().get()] = self;
  variable_of(self) = std::move(v);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(reinterpret_cast<VariableObject*>(self)->dict);
  Py_VISIT(Py_TYPE(self));
  return 0;
}
int clear(PyObject* self) {
  Py_CLEAR(reinterpret_cast<VariableObject*>(self)->dict);
  return 0;
}
void dealloc(PyObject* self) {
  auto* o = reinterpret_cast<VariableObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (o->weak) PyObject_ClearWeakRefs(self);
  Py_CLEAR(o->dict);
  if (o->value.defined()) {
    auto it = shells().find(o->value.resource().get());
    if (it != shells().end() && it->second == self) shells().erase(it);
  }
  o->value.~Variable();
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}
PyObject* make(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* o = reinterpret_cast<allocfunc>(PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (o) new (&variable_of(o)) Variable();
  return o;
}

// _bind(value, name, trainable, shape): makes the resource; for a shape that is None with the initial value's.
PyObject* bind(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *value, *shape;
    const char* name;
    int trainable;
    if (!PyArg_ParseTuple(args, "OspO", &value, &name, &trainable, &shape)) return nullptr;
    const VariableOptions options{name, trainable != 0, shape == Py_None ? Shape::unknown() : to_shape(shape)};
    const Tensor initial = to_tensor_object(value);
    const bool any = shape != Py_None && !options.shape.known_rank();
    adopt(self, any ? variable_of_any_shape(initial, options) : Variable(initial, options));
    Py_RETURN_NONE;
  });
}
PyObject* read(PyObject* self, PyObject*) {
  return guarded([&] { return wrap_new(read_variable(self)); });
}
PyObject* value(PyObject* self, PyObject*) {
  return guarded([&] { return wrap_new(variable_of(self).value()); });
}
template <void (Variable::*write)(const Tensor&) const>
PyObject* written(PyObject* self, PyObject* to) {
  return guarded([&]() -> PyObject* {
    const Variable v = variable_of(self);
    (v.*write)(to_tensor_object(to, v.dtype()));
    Py_RETURN_NONE;
  });
}
PyObject* get_shape(PyObject* self, void*) { return guarded([&] { return shape_object(variable_of(self).shape()).release().ptr(); }); }
PyObject* get_dtype(PyObject* self, void*) { return guarded([&] { return dtype_object(variable_of(self).dtype()).release().ptr(); }); }
PyObject* get_name(PyObject* self, void*) {
  return guarded([&] { const std::string& n = variable_of(self).name(); return PyUnicode_FromStringAndSize(n.data(), static_cast<Py_ssize_t>(n.size())); });
}
PyObject* get_trainable(PyObject* self, void*) { return guarded([&] { return PyBool_FromLong(variable_of(self).trainable()); }); }
PyObject* get_handle(PyObject* self, void*) { return guarded([&] { return wrap_new(variable_of(self).handle()); }); }
PyObject* get_key(PyObject* self, void*) { return PyLong_FromVoidPtr(variable_of(self).resource().get()); }
PyObject* get_autocast(PyObject* self, void*) { return PyBool_FromLong(autocast_of(self)); }
PyObject* get_read_dtype(PyObject* self, void*) { return guarded([&] { return dtype_object(read_dtype(self)).release().ptr(); }); }
PyObject* get_bound(PyObject* self, void*) { return PyBool_FromLong(variable_of(self).defined()); }

PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(VariableObject, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(VariableObject, weak), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};
PyGetSetDef attributes[] = {
    {"shape", get_shape, nullptr, "The shape it is bound to.", nullptr},
    {"dtype", get_dtype, nullptr, "The DType of its elements.", nullptr},
    {"name", get_name, nullptr, "Its name, with TensorFlow's \":0\".", nullptr},
    {"_trainable", get_trainable, nullptr, nullptr, nullptr},
    {"handle", get_handle, nullptr, "The resource tensor that ops take.", nullptr},
    {"_autocast", get_autocast, nullptr, nullptr, nullptr},
    {"_cast_dtype", get_read_dtype, nullptr, nullptr, nullptr},
    {"_key", get_key, nullptr, nullptr, nullptr},
    {"_bound", get_bound, nullptr, nullptr, nullptr},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef methods[] = {
    {"_bind", bind, METH_VARARGS, nullptr},
    {"read_value", read, METH_NOARGS, "The value, read through an op that tapes and traces see."},
    {"_value", value, METH_NOARGS, nullptr},
    {"_assign", written<&Variable::assign>, METH_O, nullptr},
    {"_assign_add", written<&Variable::assign_add>, METH_O, nullptr},
    {"_assign_sub", written<&Variable::assign_sub>, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

nb::object variable_object(const Variable& v) {
  if (!v.defined()) return nb::none();
  if (auto it = shells().find(v.resource().get()); it != shells().end()) return nb::borrow(it->second);
  auto* type = reinterpret_cast<PyTypeObject*>(shell.variable_type ? shell.variable_type : reinterpret_cast<PyObject*>(variable_type));
  nb::object made = checked(make(type, nullptr, nullptr));
  adopt(made.ptr(), v);
  return made;
}

void add_variable_type(nb::module_& m) {
  std::vector<PyType_Slot> slots = {
      {Py_tp_members, members}, {Py_tp_getset, attributes}, {Py_tp_methods, methods},
      {Py_tp_traverse, reinterpret_cast<void*>(traverse)}, {Py_tp_clear, reinterpret_cast<void*>(clear)},
      {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)}, {Py_tp_new, reinterpret_cast<void*>(make)}};
  add_operator_slots(slots);
  slots.push_back({0, nullptr});
  PyType_Spec spec = {"ninefold._core.VariableBase", sizeof(VariableObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots.data()};
  variable_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!variable_type) throw nb::python_error();
  m.attr("VariableBase") = nb::handle(reinterpret_cast<PyObject*>(variable_type));
}

}  // namespace ninefold::python
