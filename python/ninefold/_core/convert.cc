// In: any Python object. Out: the engine's Value, dtype, shape or tensor, and the way back.
#include "convert.h"
#include "ninefold/saving.h"
#include "slots.h"

namespace ninefold::python {

Shell shell;

nb::object dtype_object(DType d) {
  PyObject* o = shell.dtypes[static_cast<int>(d)];
  return o ? nb::borrow(o) : nb::none();
}
DType to_dtype(PyObject* o) {
  for (int i = 0; i < kDTypes; ++i)
    if (shell.dtypes[i] == o) return static_cast<DType>(i);
  if (o == Py_None) return DType::invalid;
  const nb::object d = checked(PyObject_CallFunctionObjArgs(shell.as_dtype, o, nullptr));
  return static_cast<DType>(nb::cast<int>(d.attr("as_datatype_enum")) % 100);
}

nb::object shape_object(const Shape& s) {
  if (!s.known_rank()) return checked(PyObject_CallFunctionObjArgs(shell.shape_type, Py_None, nullptr));
  nb::object dims = checked(PyTuple_New(s.rank()));
  for (int i = 0; i < s.rank(); ++i)
    PyTuple_SetItem(dims.ptr(), i, s[i] < 0 ? Py_NewRef(Py_None) : PyLong_FromLongLong(s[i]));
  return checked(PyObject_CallFunctionObjArgs(shell.shape_type, dims.ptr(), nullptr));
}
Shape to_shape(PyObject* o) {
  nb::object shape = nb::borrow(o);
  if (Py_TYPE(o) != reinterpret_cast<PyTypeObject*>(shell.shape_type))
    shape = checked(PyObject_CallFunctionObjArgs(shell.shape_type, o, nullptr));
  const nb::object dims = shape.attr("_dims");
  if (dims.is_none()) return Shape::unknown();
  std::vector<int64_t> out;
  for (nb::handle d : nb::borrow<nb::tuple>(dims)) out.push_back(d.is_none() ? -1 : nb::cast<int64_t>(d));
  return Shape(out);
}

// ---- tensors ----------------------------------------------------------------------------------------

namespace {

std::string repr_of(PyObject* o) { return nb::cast<std::string>(nb::repr(nb::handle(o))); }
bool is_type(PyObject* o, PyObject* type) { return type && PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(type)); }
bool is_numpy(PyObject* o) { return is_type(o, shell.ndarray) || is_type(o, shell.generic); }

// The items of such a sequence. It has to say how many they are: one of the user's may have no end.
nb::object items_of(PyObject* o) {
  const Py_ssize_t size = PyObject_Size(o);
  if (size < 0) {
    const nb::python_error fault;
    throw Error(Code::value, nb::cast<std::string>(nb::str(fault.type().attr("__name__"))) + ": " + nb::cast<std::string>(nb::str(fault.value())) + "\n");
  }
  const nb::object each = checked(PyObject_GetIter(o));
  nb::list out;
  while (PyObject* item = PyIter_Next(each.ptr())) {
    if (static_cast<Py_ssize_t>(out.size()) == size) {
      Py_DECREF(item);
      throw Error(Code::value, "Can't convert non-rectangular Python sequence to Tensor.");
    }
    out.append(nb::steal(item));
  }
  if (PyErr_Occurred()) throw nb::python_error();
  if (static_cast<Py_ssize_t>(out.size()) != size) throw Error(Code::value, "Can't convert non-rectangular Python sequence to Tensor.");
  return out;
}

// Whether Python counts it as a sequence without its being a list: ranges, deques, arrays, buffers, the user's own classes.
bool is_other_sequence(PyObject* o) {
  return PySequence_Check(o) && !PyDict_Check(o) && !PyType_Check(o) && !PyUnicode_Check(o) && !PyBytes_Check(o);
}
// Of these, what is one for sure, as nothing else of its class is asked for: the standard library's, and views of dicts.
bool is_plain_sequence(PyObject* o) {
  static PyObject* kinds = [] {
    const nb::module_ abc = nb::module_::import_("collections.abc"), array = nb::module_::import_("array");
    const nb::object deque = nb::module_::import_("collections").attr("deque");
    return nb::object(nb::make_tuple(nb::handle(reinterpret_cast<PyObject*>(&PyRange_Type)), deque, array.attr("array"),
                                     abc.attr("MappingView"))).release().ptr();
  }();
  return PyRange_Check(o) || PyObject_IsInstance(o, kinds) == 1;
}

// Of a long range NumPy makes the numbers: as a list each would be an object. A short one, and one for a dtype that may refuse
// some of its numbers, is a list.
Tensor from_range(PyObject* o, DType dtype) {
  const nb::handle range(o);
  const auto fits = [](const nb::object& i) { return i >= nb::int_(INT32_MIN) && i <= nb::int_(INT32_MAX); };
  const bool narrow = PySequence_Size(o) > 1024 && fits(range.attr("start")) && fits(range.attr("stop")) && fits(range.attr("step"));
  if (!narrow || (dtype != DType::invalid && dtype != DType::i32 && dtype != DType::i64 && dtype != DType::f32 && dtype != DType::f64))
    return from_sequence(checked(PySequence_List(o)).ptr(), dtype);
  return from_array(nb::object(nb::handle(shell.numpy).attr("arange")(range.attr("start"), range.attr("stop"), range.attr("step"),
                                                                      "int32")).ptr(), dtype);
}

Tensor keep_dtype(Tensor t, DType dtype, PyObject* o) {
  if (dtype != DType::invalid && t.dtype() != dtype)
    throw Error(Code::value, std::string("Tensor conversion requested dtype ") + name_of(dtype) + " for Tensor with dtype " +
                                 name_of(t.dtype()) + ": " + repr_of(o));
  return t;
}

// An object that only Python knows how to convert; undefined if it does not either.
Tensor by_python(PyObject* o, DType dtype) {
  if (shell.convert) {
    const nb::object made = checked(PyObject_CallFunctionObjArgs(shell.convert, o, dtype_object(dtype).ptr(), nullptr));
    if (is_tensor(made.ptr())) return keep_dtype(tensor_of(made.ptr()), dtype, o);
  }
  if (PyObject_HasAttrString(o, "__array__") && !PyType_Check(o)) {
    const nb::object array = nb::handle(shell.numpy).attr("asarray")(nb::handle(o));
    return from_array(array.ptr(), dtype);
  }
  return {};
}

}  // namespace

void not_a(const char* expected, PyObject* got) {
  throw Error(Code::type, std::string("expected a ") + expected + ", got " + repr_of(got) + " of " +
                              repr_of(reinterpret_cast<PyObject*>(Py_TYPE(got))));
}

DType read_dtype(PyObject* v) {
  const DType wanted = autocast_of(v) ? keras::autocast_dtype() : DType::invalid;
  return wanted == DType::invalid ? variable_of(v).dtype() : wanted;
}
Tensor read_variable(PyObject* v) {
  const Tensor value = variable_of(v).read();
  const DType wanted = read_dtype(v);
  return value.dtype() == wanted ? value : op("Cast", {value}, {{"DstT", wanted}});
}

Tensor to_tensor_object(PyObject* o, DType dtype, DType hint) {
  if (is_tensor(o)) return keep_dtype(tensor_of(o), dtype, o);
  if (is_variable(o)) return keep_dtype(read_variable(o), dtype, o);
  if (dtype == DType::invalid && hint != DType::invalid) {
    try {
      return to_tensor_object(o, hint);
    } catch (const Error& e) {
      if (e.code() != Code::type && e.code() != Code::value) throw;
    }
  }
  if (is_numpy(o)) {
    if (is_type(o, shell.ndarray)) return from_array(o, dtype);
    return from_array(nb::object(nb::handle(shell.numpy).attr("asarray")(nb::handle(o))).ptr(), dtype);
  }
  if (Tensor t = from_scalar(o, dtype); t.defined()) return t;
  if (PyList_Check(o) || (PyTuple_Check(o) && !PyObject_HasAttrString(o, "_tf_convert_"))) return from_sequence(o, dtype);
  if (is_type(o, shell.shape_type)) {
    const Shape s = to_shape(o);
    if (!s.fully_known())
      throw Error(Code::value, "Cannot convert a partially known TensorShape " + s.tuple() + " to a Tensor.");
    return from_sequence(nb::object(nb::list(nb::handle(o).attr("_dims"))).ptr(), dtype == DType::invalid ? DType::i32 : dtype);
  }
  if (PyFloat_Check(o) || PyLong_Check(o) || PyUnicode_Check(o) || PyBytes_Check(o) || PyComplex_Check(o))
    throw Error(Code::type, "Cannot convert " + repr_of(o) + " to EagerTensor of dtype " + short_name(dtype));
  if (o != Py_None)
    if (Tensor t = by_python(o, dtype); t.defined()) return t;
  if (PyRange_Check(o)) return from_range(o, dtype);
  if (is_other_sequence(o)) return from_sequence(items_of(o).ptr(), dtype);
  throw Error(Code::value, "Attempt to convert a value (" + repr_of(o) + ") with an unsupported type (" +
                               repr_of(reinterpret_cast<PyObject*>(Py_TYPE(o))) + ") to a Tensor.");
}

Tensors to_tensors(PyObject* sequence) {
  const nb::object fast = checked(PySequence_List(sequence));
  Tensors out;
  for (Py_ssize_t i = 0; i < PyList_Size(fast.ptr()); ++i) {
    PyObject* o = PyList_GetItem(fast.ptr(), i);
    out.push_back(o == Py_None ? Tensor() : to_tensor_object(o));
  }
  return out;
}

// ---- values -----------------------------------------------------------------------------------------

Value to_value(PyObject* o) {
  if (o == Py_None) return {};
  if (is_tensor(o)) return tensor_of(o);
  if (is_variable(o)) return variable_of(o);
  if (PyBool_Check(o)) return o == Py_True;
  if (PyLong_CheckExact(o)) {
    int overflow = 0;
    const long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow) return from_scalar(o, DType::u64);
    return static_cast<int64_t>(v);
  }
  if (PyFloat_CheckExact(o)) return PyFloat_AsDouble(o);
  if (PyUnicode_Check(o)) {
    Py_ssize_t n = 0;
    const char* p = PyUnicode_AsUTF8AndSize(o, &n);
    if (!p) throw nb::python_error();
    return std::string(p, static_cast<size_t>(n));
  }
  if (PyBytes_Check(o)) {
    char* p = nullptr;
    Py_ssize_t n = 0;
    PyBytes_AsStringAndSize(o, &p, &n);
    return std::string(p, static_cast<size_t>(n));
  }
  if (PyList_Check(o) || PyTuple_Check(o)) {
    const Deeper within;
    const Py_ssize_t n = PyList_Check(o) ? PyList_Size(o) : PyTuple_Size(o);
    ValueList list;
    list.reserve(static_cast<size_t>(n));
    for (Py_ssize_t i = 0; i < n; ++i) list.push_back(to_value(PyList_Check(o) ? PyList_GetItem(o, i) : PyTuple_GetItem(o, i)));
    return list;
  }
  if (is_numpy(o)) return to_tensor_object(o);
  if (is_type(o, shell.shape_type)) return to_shape(o);
  for (int i = 0; i < kDTypes; ++i)
    if (shell.dtypes[i] == o) return static_cast<DType>(i);
  if (PyDict_Check(o)) {
    const Deeper within;
    ValueDict dict;
    PyObject *key, *value;
    Py_ssize_t at = 0;
    bool named = true;
    while (PyDict_Next(o, &at, &key, &value)) named &= PyUnicode_Check(key) != 0;
    at = 0;
    while (named && PyDict_Next(o, &at, &key, &value)) dict.push_back({nb::cast<std::string>(nb::handle(key)), to_value(value)});
    if (named) return dict;
  }
  if (PyComplex_Check(o)) return from_scalar(o, DType::c128);
  if (PyLong_Check(o) || PyFloat_Check(o)) {   // enums, subclasses of numbers
    if (PyLong_Check(o)) return static_cast<int64_t>(PyLong_AsLongLong(o));
    return PyFloat_AsDouble(o);
  }
  if (auto composite = composite_of(o)) return composite;
  if (handle_types && PyObject_IsInstance(o, handle_types) == 1) return held_by(o);
  if (PyRange_Check(o) && PySequence_Size(o) > 1024) return from_range(o, DType::invalid);     // too long for an axis or a shape
  if (is_plain_sequence(o)) return to_value(checked(PySequence_List(o)).ptr());
  if (!PyCallable_Check(o))
    if (Tensor t = by_python(o, DType::invalid); t.defined()) return t;
  return foreign(o);
}

namespace {
struct ToPython {
  PyObject* operator()(std::monostate) const { return Py_NewRef(Py_None); }
  PyObject* operator()(bool v) const { return PyBool_FromLong(v); }
  PyObject* operator()(int64_t v) const { return PyLong_FromLongLong(v); }
  PyObject* operator()(double v) const { return PyFloat_FromDouble(v); }
  PyObject* operator()(const std::string& v) const {
    PyObject* s = PyUnicode_DecodeUTF8(v.data(), static_cast<Py_ssize_t>(v.size()), nullptr);
    if (s) return s;
    PyErr_Clear();
    return PyBytes_FromStringAndSize(v.data(), static_cast<Py_ssize_t>(v.size()));
  }
  PyObject* operator()(DType v) const { return dtype_object(v).release().ptr(); }
  PyObject* operator()(const Shape& v) const { return shape_object(v).release().ptr(); }
  PyObject* operator()(const Tensor& v) const { return wrap(v).release().ptr(); }
  PyObject* operator()(const Variable& v) const { return variable_object(v).release().ptr(); }
  PyObject* operator()(const ValueList& v) const {
    nb::object list = checked(PyList_New(static_cast<Py_ssize_t>(v.size())));
    for (size_t i = 0; i < v.size(); ++i) PyList_SetItem(list.ptr(), static_cast<Py_ssize_t>(i), from_value(v[i]));
    return list.release().ptr();
  }
  PyObject* operator()(const ValueDict& v) const {
    nb::dict dict;
    for (const Entry& e : v) dict[nb::str(e.key.c_str(), e.key.size())] = checked(from_value(e.value));
    return dict.release().ptr();
  }
  PyObject* operator()(const std::shared_ptr<Foreign>& v) const {
    if (const auto* p = dynamic_cast<const PyForeign*>(v.get())) return p->object().release().ptr();
    if (!v) return Py_NewRef(Py_None);
    if (nb::object composite = composite_object(v); composite.is_valid()) return composite.release().ptr();
    return shell_of(v).release().ptr();
  }
};
}  // namespace

PyObject* from_value(const Value& v) {
  PyObject* o = std::visit(ToPython{}, static_cast<const std::variant<std::monostate, bool, int64_t, double, std::string, DType, Shape,
                           Tensor, Variable, ValueList, std::shared_ptr<Foreign>, ValueDict>&>(v));
  if (!o) throw nb::python_error();
  return o;
}

bool worth_releasing(std::span<const Tensor> inputs) {
  constexpr size_t kSmall = 64 << 10;   // below, the switch costs more than the op
  for (const Tensor& t : inputs)
    if (t.defined() && !t.symbolic() && is_plain(t.dtype()) && t.bytes() > kSmall) return true;
  return false;
}
Tensors run(const Op& op, std::span<const Tensor> inputs, Attrs attrs) {
  WithoutGil gil(worth_releasing(inputs));
  return dispatch(op, inputs, std::move(attrs));
}

}  // namespace ninefold::python
