// In: NumPy arrays, Python numbers and nested lists. Out: tensors, and tensors as NumPy arrays. NumPy is met
// through the buffer protocol and its Python names only, so that one binary serves 1.19 to 2.x.
#include <cmath>
#include <cstring>

#include "convert.h"

namespace ninefold::python {
namespace {

std::string repr_of(PyObject* o) { return nb::cast<std::string>(nb::repr(nb::handle(o))); }

// A NumPy dtype's kind and size as ours.
DType array_dtype(nb::handle array) {
  const nb::object d = array.attr("dtype");
  const auto kind = nb::cast<std::string>(d.attr("kind"));
  const auto size = nb::cast<int>(d.attr("itemsize"));
  switch (kind[0]) {
    case 'f': return size == 4 ? DType::f32 : size == 8 ? DType::f64 : size == 2 ? DType::f16 : DType::invalid;
    case 'i': return size == 4 ? DType::i32 : size == 8 ? DType::i64 : size == 2 ? DType::i16 : DType::i8;
    case 'u': return size == 4 ? DType::u32 : size == 8 ? DType::u64 : size == 2 ? DType::u16 : DType::u8;
    case 'b': return DType::boolean;
    case 'c': return size == 8 ? DType::c64 : size == 16 ? DType::c128 : DType::invalid;
    case 'S': case 'U': case 'O': return DType::string;
    case 'V':
      if (size == 2 && nb::cast<std::string>(d.attr("name")) == "bfloat16") return DType::bf16;
      // tf.qint8.as_numpy_dtype and the like have one field, of the dtype's name.
      if (const nb::object fields = d.attr("names"); nb::len(fields.is_none() ? nb::object(nb::tuple()) : fields) == 1) {
        const DType named = dtype_named(nb::cast<std::string>(fields[nb::int_(0)]));
        if (static_cast<int>(size_of(named)) == size && nb::cast<std::string>(nb::str(d)).find("'q") != std::string::npos) return named;
      }
      return DType::invalid;
    default: return DType::invalid;
  }
}

std::string text_of(PyObject* o) {
  if (PyUnicode_Check(o)) {
    Py_ssize_t n = 0;
    const char* p = PyUnicode_AsUTF8AndSize(o, &n);
    if (!p) throw nb::python_error();
    return {p, static_cast<size_t>(n)};
  }
  char* p = nullptr;
  Py_ssize_t n = 0;
  if (PyBytes_AsStringAndSize(o, &p, &n) < 0) throw nb::python_error();
  return {p, static_cast<size_t>(n)};
}

Shape array_shape(nb::handle array) {
  std::vector<int64_t> dims;
  for (nb::handle d : nb::borrow<nb::tuple>(array.attr("shape"))) dims.push_back(nb::cast<int64_t>(d));
  return Shape(dims);
}

// Arrays of strings or objects: through a flat Python list.
Tensor from_objects(nb::handle array, DType dtype) {
  const nb::object flat = array.attr("ravel")().attr("tolist")();
  const auto n = static_cast<size_t>(PyList_Size(flat.ptr()));
  std::vector<std::string> texts;
  for (size_t i = 0; i < n; ++i) {
    PyObject* item = PyList_GetItem(flat.ptr(), static_cast<Py_ssize_t>(i));
    if (PyUnicode_Check(item) || PyBytes_Check(item)) {
      texts.push_back(text_of(item));
      continue;
    }
    if (!texts.empty() || dtype == DType::string || item == Py_None || PyList_Check(item) || PyTuple_Check(item) || PyDict_Check(item))
      throw Error(Code::value, std::string("Failed to convert a NumPy array to a Tensor (Unsupported object type ") +
                                   nb::cast<std::string>(nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(item))).attr("__name__")) + ").");
    // An object array of numbers: as the list of them.
    return from_sequence(nb::object(array.attr("tolist")()).ptr(), dtype);
  }
  return Tensor::of_strings(array_shape(array), std::move(texts));
}

}  // namespace

Tensor from_array(PyObject* ndarray, DType dtype) {
  nb::object array = nb::borrow(ndarray);
  const DType own = array_dtype(array);
  if (own == DType::invalid)
    throw Error(Code::value, "Failed to convert a NumPy array to a Tensor (Unsupported numpy type: " +
                                 nb::cast<std::string>(nb::str(array.attr("dtype"))) + ").");
  if (own == DType::string) return from_objects(array, dtype);
  if (dtype != DType::invalid && dtype != own) {
    if (!is_plain(dtype)) throw Error(Code::type, "Cannot convert " + repr_of(ndarray) + " to EagerTensor of dtype " + short_name(dtype));
    Tensor t = from_array(ndarray, own);
    const Op& cast = find_op("Cast");
    const NamedAttr to("DstT", dtype);
    return dispatch(cast, {&t, 1}, Attrs(cast, {&to, 1})).at(0);
  }
  if (own == DType::bf16) array = array.attr("view")("uint16");
  if (!nb::cast<bool>(array.attr("dtype").attr("isnative")))
    array = array.attr("astype")(array.attr("dtype").attr("newbyteorder")("="));
  const Shape shape = array_shape(array);
  Tensor t = Tensor::empty(own, shape);
  Py_buffer view;
  if (PyObject_GetBuffer(array.ptr(), &view, PyBUF_STRIDES) < 0) throw nb::python_error();
  const int copied = t.bytes() == 0 ? 0 : PyBuffer_ToContiguous(t.writable(), &view, view.len, 'C');
  PyBuffer_Release(&view);
  if (copied < 0) throw nb::python_error();
  return t;
}

nb::object to_numpy(const Tensor& t, bool copy) {
  const nb::handle numpy = shell.numpy;
  if (t.dtype() == DType::string) {
    const std::string* from = t.as<std::string>();
    if (t.rank() == 0) return nb::bytes(from->data(), from->size());
    nb::object flat = numpy.attr("empty")(t.size(), nb::arg("dtype") = nb::handle(reinterpret_cast<PyObject*>(&PyBaseObject_Type)));
    for (int64_t i = 0; i < t.size(); ++i) flat[nb::int_(i)] = nb::bytes(from[i].data(), from[i].size());
    return flat.attr("reshape")(shape_object(t.shape()).attr("_dims"));
  }
  if (!is_plain(t.dtype()))
    throw Error(Code::not_implemented, std::string("a tensor of dtype ") + name_of(t.dtype()) + " has no NumPy value");
  if (t.dtype() == DType::bf16) {
    const Op& cast = find_op("Cast");
    const NamedAttr to("DstT", DType::f32);
    return to_numpy(dispatch(cast, {&t, 1}, Attrs(cast, {&to, 1})).at(0), copy);
  }
  static PyObject* array = nb::object(numpy.attr("array")).release().ptr();
  static PyObject* asarray = nb::object(numpy.attr("asarray")).release().ptr();
  const nb::object o = wrap(t);
  nb::object made = checked(PyObject_CallFunctionObjArgs(copy && t.rank() > 0 ? array : asarray, o.ptr(), nullptr));
  return t.rank() == 0 ? nb::object(made[nb::make_tuple()]) : made;
}

// ---- Python numbers -----------------------------------------------------------------------------------

namespace {

template <class T> Tensor scalar(T v) { return Tensor(v); }
Tensor through(DType via, DType to, Tensor t) {
  (void)via;
  const Op& cast = find_op("Cast");
  const NamedAttr attr("DstT", to);
  return dispatch(cast, {&t, 1}, Attrs(cast, {&attr, 1})).at(0);
}

// Python's integer as 64 bits; those beyond int64 only for uint64 and floats.
int64_t integer(PyObject* o, DType dtype) {
  int overflow = 0;
  const long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
  if (v == -1 && PyErr_Occurred()) throw nb::python_error();
  if (!overflow) return v;
  if (dtype == DType::u64) {
    const unsigned long long u = PyLong_AsUnsignedLongLong(o);
    if (u == static_cast<unsigned long long>(-1) && PyErr_Occurred()) throw nb::python_error();
    return static_cast<int64_t>(u);
  }
  throw Error(Code::value, "Can't convert Python sequence with out-of-range integer to Tensor.");
}

[[noreturn]] void no_fit(PyObject* o, DType dtype) {
  throw Error(Code::type, "Cannot convert " + repr_of(o) + " to EagerTensor of dtype " + short_name(dtype));
}

// Writes one Python value at `to`; false if it does not fit the dtype.
bool put(PyObject* o, DType dtype, void* to, int64_t i) {
  const bool is_bool = PyBool_Check(o);
  const bool is_int = PyLong_Check(o) && !is_bool;
  const bool is_float = PyFloat_Check(o);
  const auto whole = [&](auto zero) {
    using T = decltype(zero);
    if (!is_int && !is_bool) {
      if (is_float || PyComplex_Check(o) || !PyIndex_Check(o)) return false;
      nb::object index = checked(PyNumber_Index(o));
      static_cast<T*>(to)[i] = static_cast<T>(integer(index.ptr(), dtype));
      return true;
    }
    static_cast<T*>(to)[i] = static_cast<T>(is_bool ? o == Py_True : integer(o, dtype));
    return true;
  };
  const auto real = [&](auto zero) {
    using T = decltype(zero);
    if (PyComplex_Check(o)) return false;
    if (!is_int && !is_float && !is_bool && !PyObject_HasAttrString(o, "__float__")) return false;
    const double v = PyFloat_AsDouble(o);
    if (v == -1 && PyErr_Occurred()) throw nb::python_error();
    static_cast<T*>(to)[i] = static_cast<T>(v);
    return true;
  };
  const auto complex = [&](auto zero) {
    using T = decltype(zero);
    if (!is_int && !is_float && !PyComplex_Check(o)) return false;
    static_cast<T*>(to)[2 * i] = static_cast<T>(PyComplex_RealAsDouble(o));
    static_cast<T*>(to)[2 * i + 1] = static_cast<T>(PyComplex_ImagAsDouble(o));
    return true;
  };
  switch (dtype) {
    case DType::f32: return real(float{});
    case DType::f64: return real(double{});
    case DType::i8: case DType::qi8: return whole(int8_t{});
    case DType::u8: case DType::qu8: return whole(uint8_t{});
    case DType::i16: case DType::qi16: return whole(int16_t{});
    case DType::u16: case DType::qu16: return whole(uint16_t{});
    case DType::i32: case DType::qi32: return whole(int32_t{});
    case DType::u32: return whole(uint32_t{});
    case DType::i64: return whole(int64_t{});
    case DType::u64: return whole(uint64_t{});
    case DType::c64: return complex(float{});
    case DType::c128: return complex(double{});
    case DType::boolean: {
      if (!is_bool && !(PyObject_HasAttrString(o, "dtype") && !is_int && !is_float)) return false;
      const int truth = PyObject_IsTrue(o);
      if (truth < 0) return PyErr_Clear(), false;
      static_cast<bool*>(to)[i] = truth == 1;
      return true;
    }
    case DType::string:
      if (!PyUnicode_Check(o) && !PyBytes_Check(o)) return false;
      static_cast<std::string*>(to)[i] = text_of(o);
      return true;
    default: return false;
  }
}

bool is_list(PyObject* o) { return PyList_Check(o) || PyTuple_Check(o); }
Py_ssize_t count(PyObject* o) { return PyList_Check(o) ? PyList_Size(o) : PyTuple_Size(o); }
PyObject* item(PyObject* o, Py_ssize_t i) { return PyList_Check(o) ? PyList_GetItem(o, i) : PyTuple_GetItem(o, i); }

struct Survey {   // of the leaves of a nested list
  bool any_bool = false, any_int = false, any_float = false, any_complex = false, any_text = false, wide = false, other = false;
  PyObject* odd = nullptr;
  void see(PyObject* o) {
    if (PyBool_Check(o)) any_bool = true;
    else if (PyLong_Check(o)) {
      any_int = true;
      int overflow = 0;
      const long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
      wide |= overflow != 0 || v > INT32_MAX || v < INT32_MIN;
    } else if (PyFloat_Check(o)) any_float = true;
    else if (PyComplex_Check(o)) any_complex = true;
    else if (PyUnicode_Check(o) || PyBytes_Check(o)) any_text = true;
    else other = true, odd = odd ? odd : o;
  }
};

void survey(PyObject* o, std::span<const int64_t> dims, Survey& s) {
  if (!is_list(o)) {
    if (!dims.empty() && !is_tensor(o) && Py_TYPE(o) != reinterpret_cast<PyTypeObject*>(shell.ndarray))
      throw Error(Code::value, "Can't convert non-rectangular Python sequence to Tensor.");
    return s.see(o);
  }
  if (dims.empty() || dims[0] != count(o)) throw Error(Code::value, "Can't convert non-rectangular Python sequence to Tensor.");
  for (Py_ssize_t i = 0; i < count(o); ++i) survey(item(o, i), dims.subspan(1), s);
}
bool fill(PyObject* o, Tensor& t, void* to, int64_t& at) {   // false if an item does not fit the dtype
  if (!is_list(o)) return put(o, t.dtype(), to, at++);
  for (Py_ssize_t i = 0; i < count(o); ++i)
    if (!fill(item(o, i), t, to, at)) return false;
  return true;
}

// Lists that hold tensors, arrays or objects: each item converted, then packed.
Tensor packed(PyObject* list, DType dtype) {
  for (Py_ssize_t i = 0; i < count(list) && dtype == DType::invalid; ++i)
    if (PyObject* o = item(list, i); is_tensor(o)) dtype = tensor_of(o).dtype();
    else if (is_variable(o)) dtype = read_dtype(o);
  Tensors parts;
  for (Py_ssize_t i = 0; i < count(list); ++i) parts.push_back(to_tensor_object(item(list, i), DType::invalid, dtype));
  static const Op& pack = find_op("Pack");
  const NamedAttr axis("axis", 0);
  return dispatch(pack, parts, Attrs(pack, {&axis, 1})).at(0);
}

}  // namespace

Tensor from_scalar(PyObject* o, DType dtype) {
  if (dtype == DType::invalid) {
    if (PyBool_Check(o)) dtype = DType::boolean;
    else if (PyFloat_Check(o)) dtype = DType::f32;
    else if (PyComplex_Check(o)) dtype = DType::c128;
    else if (PyLong_Check(o)) {
      const int64_t v = integer(o, DType::invalid);
      dtype = v > INT32_MAX || v < INT32_MIN ? DType::i64 : DType::i32;
    } else if (PyUnicode_Check(o) || PyBytes_Check(o)) dtype = DType::string;
    else return {};
  }
  if (dtype == DType::f16 || dtype == DType::bf16) {
    const Tensor t = from_scalar(o, DType::f32);
    return t.defined() ? through(DType::f32, dtype, t) : t;
  }
  if (dtype == DType::string)
    return PyUnicode_Check(o) || PyBytes_Check(o) ? Tensor::of_string(text_of(o)) : Tensor();
  const bool quantised = dtype == DType::qi8 || dtype == DType::qu8 || dtype == DType::qi16 || dtype == DType::qu16 || dtype == DType::qi32;
  if (!is_numeric(dtype) && dtype != DType::boolean && !quantised) return {};
  Tensor t = Tensor::empty(dtype, Shape{});
  return put(o, dtype, t.writable(), 0) ? t : Tensor();
}

Tensor from_sequence(PyObject* o, DType dtype) {
  std::vector<int64_t> dims;
  for (PyObject* at = o; is_list(at); at = item(at, 0)) {
    dims.push_back(count(at));
    if (count(at) == 0) break;
    if (dims.size() > 254)      // a list within itself goes on for ever
      throw Error(Code::value, "Expected a sequence of at most 254 lists within each other, as many as a tensor has dimensions, got more");
  }
  Survey s;
  try {
    survey(o, dims, s);
  } catch (const Error&) {
    if (!s.other) throw;
  }
  if (s.other) {
    // None after a number or a text is a type of its own, as in TensorFlow; None that comes first is no value at all.
    if (dtype == DType::invalid && count(o) > 1 && from_scalar(item(o, 0), DType::invalid).defined())
      for (Py_ssize_t i = 1; i < static_cast<Py_ssize_t>(count(o)); ++i)
        if (item(o, i) == Py_None) throw Error(Code::value, "Can't convert Python sequence with mixed types to Tensor.");
    return packed(o, dtype);
  }
  if (dtype == DType::invalid) {
    const int kinds = (s.any_bool ? 1 : 0) + (s.any_text ? 1 : 0) + (s.any_int || s.any_float || s.any_complex ? 1 : 0);
    if (kinds > 1) throw Error(Code::value, "Can't convert Python sequence with mixed types to Tensor.");
    dtype = s.any_text ? DType::string : s.any_bool ? DType::boolean : s.any_complex ? DType::c128
            : s.any_float || !s.any_int ? DType::f32 : s.wide ? DType::i64 : DType::i32;
  }
  if (dtype == DType::f16 || dtype == DType::bf16) return through(DType::f32, dtype, from_sequence(o, DType::f32));
  Tensor t = Tensor::empty(dtype, Shape(dims));
  int64_t at = 0;
  if (!fill(o, t, t.writable(), at)) no_fit(o, dtype);
  return t;
}

}  // namespace ninefold::python
