// In: the engine's tensors. Out: tf.Tensor and its subclass EagerTensor: types of CPython's own kind, with
// a __dict__, weak references, the buffer protocol and NumPy's manners. Operators stand in operators.cc.
#include <cstddef>
#include <cstring>

#include "ninefold/saving.h"
#include "ninefold/trace.h"
#include "slots.h"

namespace ninefold::python {

PyTypeObject* tensor_type = nullptr;
PyTypeObject* eager_type = nullptr;

PyObject* wrap_new(Tensor t) {
  PyTypeObject* type = t.symbolic() ? tensor_type : eager_type;
  auto alloc = reinterpret_cast<allocfunc>(PyType_GetSlot(type, Py_tp_alloc));
  PyObject* o = alloc(type, 0);
  if (!o) return nullptr;
  new (&tensor_of(o)) Tensor(std::move(t));
  return o;
}
nb::object wrap(Tensor t) {
  if (!t.defined()) return nb::none();
  return checked(wrap_new(std::move(t)));
}
nb::object wrap(const Tensors& ts) {
  nb::list out;
  for (const Tensor& t : ts) out.append(wrap(t));
  return out;
}

namespace {

int traverse(PyObject* self, visitproc visit, void* arg) {
  auto* o = reinterpret_cast<TensorObject*>(self);
  Py_VISIT(o->dict);
  Py_VISIT(Py_TYPE(self));
  return 0;
}
int clear(PyObject* self) {
  Py_CLEAR(reinterpret_cast<TensorObject*>(self)->dict);
  return 0;
}
void dealloc(PyObject* self) {
  auto* o = reinterpret_cast<TensorObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (o->weak) PyObject_ClearWeakRefs(self);
  Py_CLEAR(o->dict);
  o->value.~Tensor();
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

[[noreturn]] void not_allowed(const char* what) {
  throw Error(Code::operator_not_allowed, nb::cast<std::string>(nb::handle(shell.symbolic_text)(what)));
}
void no_values(const Tensor& t, PyObject* self) {
  if (!t.symbolic()) return;
  const auto name = nb::cast<std::string>(nb::str(nb::handle(self).attr("name")));
  throw Error(Code::not_implemented, "Cannot convert a symbolic tf.Tensor (" + name + ") to a numpy array. This error "
              "may indicate that you're trying to pass a Tensor to a NumPy call, which is not supported.");
}

// ---- one element as Python's own number --------------------------------------------------------------

PyObject* element(const Tensor& t) {
  switch (t.dtype()) {
    case DType::f32: return PyFloat_FromDouble(*t.as<float>());
    case DType::f64: return PyFloat_FromDouble(*t.as<double>());
    case DType::f16: case DType::bf16: return PyFloat_FromDouble(t.float_at(0));
    case DType::boolean: return PyBool_FromLong(*t.as<bool>());
    case DType::u64: return PyLong_FromUnsignedLongLong(*t.as<uint64_t>());
    case DType::c64: return PyComplex_FromDoubles(t.as<float>()[0], t.as<float>()[1]);
    case DType::c128: return PyComplex_FromDoubles(t.as<double>()[0], t.as<double>()[1]);
    case DType::string: {
      const std::string& s = *t.as<std::string>();
      return PyBytes_FromStringAndSize(s.data(), static_cast<Py_ssize_t>(s.size()));
    }
    default: return PyLong_FromLongLong(t.int_at(0));
  }
}
nb::object only_element(PyObject* self, const char* too_many = "only size-1 arrays can be converted to Python scalars") {
  const Tensor& t = tensor_of(self);
  if (t.symbolic()) raise(PyExc_TypeError, "__" + std::string("index__ is not defined for a symbolic tensor"));
  if (!is_numeric(t.dtype()) && t.dtype() != DType::boolean && t.dtype() != DType::string)
    raise(PyExc_TypeError, std::string("a tensor of dtype ") + name_of(t.dtype()) + " is no number");
  if (t.size() != 1) raise(PyExc_TypeError, too_many);
  return checked(element(t));
}

PyObject* as_int(PyObject* self) {
  return guarded([&] {
    if (tensor_of(self).symbolic())
      raise(PyExc_TypeError, "int() argument must be a string, a bytes-like object or a number, not 'Tensor'");
    nb::object e = only_element(self);
    return PyNumber_Long(e.ptr());
  });
}
PyObject* as_float(PyObject* self) {
  return guarded([&] {
    if (tensor_of(self).symbolic())
      raise(PyExc_TypeError, "float() argument must be a string or a number, not 'Tensor'");
    nb::object e = only_element(self);
    return PyNumber_Float(e.ptr());
  });
}
PyObject* as_index(PyObject* self) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    if (t.symbolic()) raise(PyExc_TypeError, "'Tensor' object cannot be interpreted as an integer");
    if (!is_integer(t.dtype()) || t.size() != 1)
      raise(PyExc_TypeError, "only integer scalar arrays can be converted to a scalar index");
    return element(t);
  });
}
int as_bool(PyObject* self) {
  return guarded([&]() -> int {
    const Tensor& t = tensor_of(self);
    if (t.symbolic()) not_allowed("bool");
    if (t.size() == 0) return 0;
    if (t.size() > 1)
      raise(PyExc_ValueError, "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()");
    if (t.dtype() == DType::boolean) return *t.as<bool>();
    nb::object e = only_element(self);
    return PyObject_IsTrue(e.ptr());
  });
}

Py_ssize_t length(PyObject* self) {
  return guarded([&]() -> Py_ssize_t {
    const Tensor& t = tensor_of(self);
    if (t.symbolic()) {
      const auto name = nb::cast<std::string>(nb::str(nb::handle(self).attr("name")));
      raise(PyExc_TypeError, "len is not well defined for a symbolic Tensor (" + name +
                                 "). Please call `x.shape` rather than `len(x)` for shape information.");
    }
    if (t.rank() == 0) raise(PyExc_TypeError, "Scalar tensor has no `len()`");
    return static_cast<Py_ssize_t>(t.dim(0));
  });
}

PyObject* iterate(PyObject* self) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    if (t.symbolic() && executing_eagerly() == false) {
      const Shape& s = t.shape();
      if (s.rank() == 0) raise(PyExc_TypeError, "Cannot iterate over a scalar tensor.");
      not_allowed("iter");
    }
    if (t.rank() == 0) raise(PyExc_TypeError, "Cannot iterate over a scalar tensor.");
    static const Op& unpack = find_op("Unpack");
    const NamedAttr attrs[] = {{"num", t.dim(0)}, {"axis", 0}};
    nb::object items = t.dim(0) == 0 ? nb::object(nb::list()) : wrap(dispatch(unpack, {&t, 1}, Attrs(unpack, attrs)));
    return PyObject_GetIter(items.ptr());
  });
}

// ---- text -------------------------------------------------------------------------------------------------

PyObject* repr(PyObject* self) { return PyObject_CallFunctionObjArgs(shell.tensor_repr, self, nullptr); }
PyObject* str(PyObject* self) { return PyObject_CallFunctionObjArgs(shell.tensor_str, self, nullptr); }
Py_hash_t hash(PyObject* self) {
  return guarded([&]() -> Py_hash_t {
    if (tensor_of(self).symbolic() && false) return 0;
    raise(PyExc_TypeError, "Tensor is unhashable. Instead, use tensor.ref() as the key.");
  });
}
PyObject* format(PyObject* self, PyObject* spec) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    // A format of nothing is str(); otherwise the NumPy value formats itself, as in TensorFlow.
    if (t.symbolic()) {
      if (PyUnicode_GetLength(spec) == 0) return PyObject_Str(self);
      raise(PyExc_TypeError, "unsupported format string passed to Tensor.__format__");
    }
    nb::object value = to_numpy(t, false);
    return PyObject_Format(value.ptr(), spec);
  });
}

// ---- attributes ----------------------------------------------------------------------------------------------

PyObject* get_shape(PyObject* self, void*) { return guarded([&] { return shape_object(tensor_of(self).shape()).release().ptr(); }); }
PyObject* get_dtype(PyObject* self, void*) { return guarded([&] { return dtype_object(tensor_of(self).dtype()).release().ptr(); }); }
// Keras' mask of a tensor: there only if a layer, or somebody, has attached one.
PyObject* get_keras_mask(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const Value mask = keras::mask_of(Value(tensor_of(self)));
    if (!mask.none()) return from_value(mask);
    PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '_keras_mask'", Py_TYPE(self)->tp_name);
    return nullptr;
  });
}
int set_keras_mask(PyObject* self, PyObject* mask, void*) {
  PyObject* done = guarded([&]() -> PyObject* {
    keras::set_mask(Value(tensor_of(self)), mask ? to_value(mask) : Value());
    return Py_NewRef(Py_None);
  });
  Py_XDECREF(done);
  return done ? 0 : -1;
}
PyObject* get_device(PyObject* self, void*) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    const std::string name = t.symbolic() ? "" : t.device_name();
    return PyUnicode_FromStringAndSize(name.data(), static_cast<Py_ssize_t>(name.size()));
  });
}
PyObject* get_ndim(PyObject* self, void*) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    if (!t.shape().known_rank()) Py_RETURN_NONE;
    return PyLong_FromLong(t.rank());
  });
}
PyObject* get_symbol_name(PyObject* self, void*) {
  return guarded([&] { const std::string n = symbol_name(tensor_of(self)); return PyUnicode_FromStringAndSize(n.data(), static_cast<Py_ssize_t>(n.size())); });
}
PyObject* get_eager_name(PyObject*, void* what) {
  return guarded([&]() -> PyObject* {
    raise(PyExc_AttributeError, "Tensor." + std::string(static_cast<const char*>(what)) +
                                    " is undefined when eager execution is enabled.");
  });
}
// What NumPy's arrays have and tensors have not. Descriptors, so that the attributes that there are stay as fast as they are.
[[noreturn]] void only_numpy(PyObject* self, const char* name) {
  const std::string type = nb::cast<std::string>(nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(self))).attr("__name__"));
  raise(PyExc_AttributeError, type + " object has no attribute '" + name + "'. \n"
        "        If you are looking for numpy-related methods, please run the following:\n"
        "        from tensorflow.python.ops.numpy_ops import np_config\n"
        "        np_config.enable_numpy_behavior()\n      ");
}
PyObject* get_only_numpy(PyObject* self, void* name) {
  return guarded([&]() -> PyObject* { only_numpy(self, static_cast<const char*>(name)); });
}
// round(t) goes through astype in TensorFlow, and so says the same.
PyObject* round_method(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* { only_numpy(self, "astype"); });
}
PyObject* get_id(PyObject* self, void*) { return PyLong_FromUnsignedLongLong(tensor_of(self).id()); }
PyObject* get_symbolic(PyObject* self, void*) { return PyBool_FromLong(tensor_of(self).symbolic()); }

PyObject* numpy_method(PyObject* self, PyObject*) {
  return guarded([&] {
    const Tensor& t = tensor_of(self);
    no_values(t, self);
    return to_numpy(t, true).release().ptr();
  });
}
PyObject* array_method(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&] {
    static const char* names[] = {"dtype", "copy", nullptr};
    PyObject *dtype = Py_None, *copy = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO", const_cast<char**>(names), &dtype, &copy)) throw nb::python_error();
    no_values(tensor_of(self), self);
    nb::object array = to_numpy(tensor_of(self), copy == Py_True);
    array = nb::handle(shell.numpy).attr("asarray")(array);
    if (dtype != Py_None) array = array.attr("astype")(nb::handle(dtype), nb::arg("copy") = false);
    return array.release().ptr();
  });
}
PyObject* get_shape_method(PyObject* self, PyObject*) { return get_shape(self, nullptr); }
PyObject* set_shape_method(PyObject* self, PyObject* arg) {
  return guarded([&] {
    const Shape wanted = to_shape(arg);
    Tensor& t = tensor_of(self);
    if (t.symbolic()) set_static_shape(t, wanted);
    else if (!t.shape().compatible(wanted))
      raise(PyExc_ValueError, "Tensor's shape " + t.shape().tuple() + " is not compatible with supplied shape " +
                                  nb::cast<std::string>(nb::str(nb::handle(arg))));
    Py_RETURN_NONE;
  });
}
PyObject* eval_method(PyObject* self, PyObject*, PyObject*) {
  return guarded([&]() -> PyObject* {
    if (tensor_of(self).symbolic())
      raise(PyExc_ValueError, "Cannot evaluate tensor using `eval()`: No default session is registered. Use `with sess.as_default()` or "
            "pass an explicit session to `eval(session=sess)`");
    raise(PyExc_NotImplementedError, "eval is not supported when eager execution is enabled, is .numpy() what you're looking for?");
  });
}
PyObject* copy_method(PyObject* self, PyObject*) { return Py_NewRef(self); }
PyObject* reduce_method(PyObject* self, PyObject*) {
  return guarded([&] {
    no_values(tensor_of(self), self);
    nb::object make = nb::module_::import_("ninefold").attr("constant");
    nb::object value = to_numpy(tensor_of(self), false);
    return nb::make_tuple(make, nb::make_tuple(value, dtype_object(tensor_of(self).dtype()).attr("name"))).release().ptr();
  });
}
PyObject* complex_method(PyObject* self, PyObject*) {
  return guarded([&] {
    nb::object e = only_element(self);
    return nb::handle(reinterpret_cast<PyObject*>(&PyComplex_Type))(e).release().ptr();
  });
}
PyObject* cpu_method(PyObject* self, PyObject*) { return Py_NewRef(self); }

// ---- the buffer protocol: read-only, in place -------------------------------------------------------------------

const char* format_of(DType d) {
  switch (d) {
    case DType::f32: return "f";
    case DType::f64: return "d";
    case DType::f16: return "e";
    case DType::i8: case DType::qi8: return "b";
    case DType::u8: case DType::qu8: return "B";
    case DType::i16: case DType::qi16: return "h";
    case DType::u16: case DType::qu16: return "H";
    case DType::i32: case DType::qi32: return "i";
    case DType::u32: return "I";
    case DType::i64: return "l";
    case DType::u64: return "L";
    case DType::boolean: return "?";
    case DType::c64: return "Zf";
    case DType::c128: return "Zd";
    default: return nullptr;
  }
}
int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  view->obj = nullptr;
  const Tensor& t = tensor_of(self);
  const char* format = t.symbolic() ? nullptr : format_of(t.dtype());
  if (!format || (flags & PyBUF_WRITABLE) == PyBUF_WRITABLE) {
    PyErr_SetString(PyExc_BufferError, format ? "a tensor is read-only" : "a tensor of this dtype has no buffer");
    return -1;
  }
  return guarded([&]() -> int {
    const Shape& s = t.shape();
    const auto item = static_cast<Py_ssize_t>(size_of(t.dtype()));
    auto* strides = new Py_ssize_t[static_cast<size_t>(s.rank()) + 1];
    Py_ssize_t step = item;
    for (int i = s.rank() - 1; i >= 0; --i) strides[i] = step, step *= s[i];
    *view = Py_buffer{const_cast<void*>(t.data()), Py_NewRef(self), static_cast<Py_ssize_t>(t.bytes()), item, 1, s.rank(),
                      const_cast<char*>(flags & PyBUF_FORMAT ? format : nullptr),
                      (flags & PyBUF_ND) ? const_cast<Py_ssize_t*>(reinterpret_cast<const Py_ssize_t*>(s.begin())) : nullptr,
                      (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? strides : nullptr, nullptr, strides};
    return 0;
  });
}
void release_buffer(PyObject*, Py_buffer* view) { delete[] static_cast<Py_ssize_t*>(view->internal); }

PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(TensorObject, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(TensorObject, weak), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"shape", get_shape, nullptr, "The tensor's shape, partial if symbolic.", nullptr},
    {"dtype", get_dtype, nullptr, "The DType of its elements.", nullptr},
    {"device", get_device, nullptr, "The name of the device it lives on.", nullptr},
    {"backing_device", get_device, nullptr, "The device that holds its memory: the one it lives on.", nullptr},
    {"ndim", get_ndim, nullptr, "How many dimensions it has.", nullptr},
    {"name", get_symbol_name, nullptr, "Its name in the function that is being traced.", nullptr},
    {"T", get_only_numpy, nullptr, nullptr, const_cast<char*>("T")},
    {"astype", get_only_numpy, nullptr, nullptr, const_cast<char*>("astype")},
    {"ravel", get_only_numpy, nullptr, nullptr, const_cast<char*>("ravel")},
    {"transpose", get_only_numpy, nullptr, nullptr, const_cast<char*>("transpose")},
    {"reshape", get_only_numpy, nullptr, nullptr, const_cast<char*>("reshape")},
    {"clip", get_only_numpy, nullptr, nullptr, const_cast<char*>("clip")},
    {"size", get_only_numpy, nullptr, nullptr, const_cast<char*>("size")},
    {"tolist", get_only_numpy, nullptr, nullptr, const_cast<char*>("tolist")},
    {"data", get_only_numpy, nullptr, nullptr, const_cast<char*>("data")},
    {"_id", get_id, nullptr, nullptr, nullptr},
    {"_keras_mask", get_keras_mask, set_keras_mask, "The mask that Keras' layers attach.", nullptr},
    {"_symbolic", get_symbolic, nullptr, nullptr, nullptr},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMethodDef methods[] = {
    {"get_shape", get_shape_method, METH_NOARGS, "The tensor's shape."},
    {"set_shape", set_shape_method, METH_O, "Refines what is known of the shape."},
    {"eval", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(eval_method)), METH_VARARGS | METH_KEYWORDS, nullptr},
    {"__array__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(array_method)), METH_VARARGS | METH_KEYWORDS, nullptr},
    {"__format__", format, METH_O, nullptr},
    {"__copy__", copy_method, METH_NOARGS, nullptr},
    {"__deepcopy__", copy_method, METH_O, nullptr},
    {"__complex__", complex_method, METH_NOARGS, nullptr},
    {"__round__", round_method, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef eager_attributes[] = {
    {"name", get_eager_name, nullptr, nullptr, const_cast<char*>("name")},
    {"op", get_eager_name, nullptr, nullptr, const_cast<char*>("op")},
    {"graph", get_eager_name, nullptr, nullptr, const_cast<char*>("graph")},
    {"value_index", get_eager_name, nullptr, nullptr, const_cast<char*>("value_index")},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef eager_methods[] = {
    {"numpy", numpy_method, METH_NOARGS, "A copy of the value as a NumPy array, or a NumPy scalar."},
    {"_numpy", numpy_method, METH_NOARGS, nullptr},
    {"cpu", cpu_method, METH_NOARGS, "The same tensor on the host."},
    {"__reduce__", reduce_method, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyObject* no_new(PyTypeObject*, PyObject*, PyObject*) {
  PyErr_SetString(PyExc_TypeError, "tf.Tensor: tensors are made by ops; for values use tf.constant or tf.convert_to_tensor");
  return nullptr;
}

}  // namespace

void set_static_shape(Tensor& t, const Shape& wanted) {
  // A handle with the merged shape: the node itself keeps what its shape rule said.
  static const Op& ensure = find_op("EnsureShape");
  const Shape merged = t.shape().merge(wanted);
  if (merged == t.shape()) return;
  const NamedAttr shape("shape", merged);
  t = dispatch(ensure, {&t, 1}, Attrs(ensure, {&shape, 1})).at(0);
}

void add_tensor_types(nb::module_& m) {
  std::vector<PyType_Slot> slots = {
      {Py_tp_members, members}, {Py_tp_getset, attributes}, {Py_tp_methods, methods},
      {Py_tp_traverse, reinterpret_cast<void*>(traverse)}, {Py_tp_clear, reinterpret_cast<void*>(clear)},
      {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)}, {Py_tp_new, reinterpret_cast<void*>(no_new)},
      {Py_tp_repr, reinterpret_cast<void*>(repr)}, {Py_tp_str, reinterpret_cast<void*>(str)},
      {Py_tp_hash, reinterpret_cast<void*>(hash)}, {Py_tp_iter, reinterpret_cast<void*>(iterate)},
      {Py_mp_length, reinterpret_cast<void*>(length)}, {Py_nb_int, reinterpret_cast<void*>(as_int)},
      {Py_nb_float, reinterpret_cast<void*>(as_float)}, {Py_nb_bool, reinterpret_cast<void*>(as_bool)}};
  add_operator_slots(slots);
  slots.push_back({0, nullptr});
  PyType_Spec spec = {"tensorflow.python.framework.ops.Tensor", sizeof(TensorObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots.data()};
  tensor_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!tensor_type) throw nb::python_error();
  PyType_Slot eager[] = {
      {Py_tp_getset, eager_attributes}, {Py_tp_methods, eager_methods}, {Py_nb_index, reinterpret_cast<void*>(as_index)},
      {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)}, {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
      {0, nullptr}};
  PyType_Spec eager_spec = {"tensorflow.python.framework.ops.EagerTensor", sizeof(TensorObject), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, eager};
  nb::tuple bases = nb::make_tuple(nb::handle(reinterpret_cast<PyObject*>(tensor_type)));
  eager_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpecWithBases(&eager_spec, bases.ptr()));
  if (!eager_type) throw nb::python_error();
  m.attr("Tensor") = nb::handle(reinterpret_cast<PyObject*>(tensor_type));
  m.attr("EagerTensor") = nb::handle(reinterpret_cast<PyObject*>(eager_type));
  nb::handle(reinterpret_cast<PyObject*>(tensor_type)).attr("__array_priority__") = 100;
}

}  // namespace ninefold::python
