// In: x[...] with integers, slices, ..., tf.newaxis and scalar tensors. Out: one StridedSlice.
#include "slots.h"

namespace ninefold::python {
namespace {

// One of begin, end, strides: numbers as long as no index is a tensor.
struct Bounds {
  std::vector<int32_t> numbers;
  Tensors parts;   // used once a tensor came
  bool dynamic = false;

  void push(int64_t v) {
    if (v > INT32_MAX || v < INT32_MIN) v = v > 0 ? INT32_MAX : INT32_MIN;
    numbers.push_back(static_cast<int32_t>(v));
    parts.emplace_back();
  }
  void push(Tensor t) {
    numbers.push_back(0);
    parts.push_back(std::move(t));
    dynamic = true;
  }
  Tensor tensor(DType dtype) {
    const auto n = static_cast<int64_t>(numbers.size());
    static const Op& cast = find_op("Cast");
    const NamedAttr to("DstT", dtype);
    if (!dynamic) {
      Tensor t = Tensor::of<int32_t>({n}, numbers);
      return dtype == DType::i32 ? t : dispatch(cast, {&t, 1}, Attrs(cast, {&to, 1})).at(0);
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].defined()) parts[i] = Tensor(numbers[i]);
      if (parts[i].dtype() != dtype) parts[i] = dispatch(cast, {&parts[i], 1}, Attrs(cast, {&to, 1})).at(0);
    }
    static const Op& pack = find_op("Pack");
    const NamedAttr axis("axis", 0);
    return dispatch(pack, parts, Attrs(pack, {&axis, 1})).at(0);
  }
};

[[noreturn]] void bad_index(PyObject* item) {
  raise(PyExc_TypeError, "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 "
        "tensors are valid indices, got " + nb::cast<std::string>(nb::repr(nb::handle(item))));
}

// An index that is a number of Python's or NumPy's.
Py_ssize_t number(PyObject* item) {
  if (!PyIndex_Check(item)) bad_index(item);
  const Py_ssize_t v = PyNumber_AsSsize_t(item, nullptr);
  if (v == -1 && PyErr_Occurred()) {
    if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw nb::python_error();
    PyErr_Clear();
    bad_index(item);          // an array of several numbers
  }
  return v;
}

// An index that is a tensor or a variable; undefined if it is neither.
Tensor tensor_index(PyObject* item) {
  Tensor t = is_tensor(item) ? tensor_of(item) : is_variable(item) ? read_variable(item) : Tensor();
  if (t.defined() && (!(t.dtype() == DType::i32 || t.dtype() == DType::i64 || t.dtype() == DType::i16) || t.rank() > 0)) bad_index(item);
  return t;
}

struct Slice {
  Bounds begin, end, strides;
  int64_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_mask = 0;
  DType dtype = DType::i32;

  void bound(Bounds& to, PyObject* item, int64_t& mask, int at, int fallback) {
    if (item == Py_None) {
      mask |= int64_t{1} << at;
      return to.push(fallback);
    }
    if (Tensor t = tensor_index(item); t.defined()) {
      if (t.dtype() == DType::i64) dtype = DType::i64;
      return to.push(std::move(t));
    }
    to.push(number(item));
  }
  void add(PyObject* item, int at) {
    const int64_t bit = int64_t{1} << at;
    if (PySlice_Check(item)) {
      int64_t none = 0;
      bound(begin, checked(PyObject_GetAttrString(item, "start")).ptr(), begin_mask, at, 0);
      bound(end, checked(PyObject_GetAttrString(item, "stop")).ptr(), end_mask, at, 0);
      bound(strides, checked(PyObject_GetAttrString(item, "step")).ptr(), none, at, 1);
    } else if (item == Py_Ellipsis) {
      begin.push(0), end.push(0), strides.push(1);
      ellipsis_mask |= bit;
    } else if (item == Py_None) {
      begin.push(0), end.push(0), strides.push(1);
      new_axis_mask |= bit;
    } else if (Tensor t = tensor_index(item); t.defined()) {
      if (t.dtype() == DType::i64) dtype = DType::i64;
      begin.push(t);
      Tensor next;
      static const Op& plus = find_op("AddV2");
      const Tensor pair[2] = {t, from_scalar(nb::int_(1).ptr(), t.dtype())};
      end.push(dispatch(plus, pair, Attrs(plus, {})).at(0));
      strides.push(1);
      shrink_mask |= bit;
    } else {
      if (PyBool_Check(item)) bad_index(item);
      const Py_ssize_t v = number(item);
      begin.push(v), end.push(v + 1), strides.push(1);
      shrink_mask |= bit;
    }
  }
};

}  // namespace

PyObject* subscript(PyObject* self, PyObject* key) {
  return guarded([&]() -> PyObject* {
    const Tensor x = is_tensor(self) ? tensor_of(self) : read_variable(self);
    if (is_tensor(key) && tensor_of(key).dtype() == DType::boolean)
      return from_value(call("tf.boolean_mask", {{"tensor", x}, {"mask", tensor_of(key)}}));
    if (PyBool_Check(key)) throw Error(Code::value, "mask cannot be scalar.");
    if (shell.ndarray && PyObject_TypeCheck(key, reinterpret_cast<PyTypeObject*>(shell.ndarray)) &&
        nb::cast<std::string>(nb::handle(key).attr("dtype").attr("name")) == "bool")
      return from_value(call("tf.boolean_mask", {{"tensor", x}, {"mask", to_tensor_object(key)}}));
    Slice s;
    if (PyTuple_Check(key)) {
      for (Py_ssize_t i = 0; i < PyTuple_Size(key); ++i) s.add(PyTuple_GetItem(key, i), static_cast<int>(i));
    } else if (PyList_Check(key)) {
      for (Py_ssize_t i = 0; i < PyList_Size(key); ++i) s.add(PyList_GetItem(key, i), static_cast<int>(i));
    } else {
      s.add(key, 0);
    }
    static const Op& op = find_op("StridedSlice");
    const Tensor inputs[4] = {x, s.begin.tensor(s.dtype), s.end.tensor(s.dtype), s.strides.tensor(s.dtype)};
    const NamedAttr attrs[] = {{"begin_mask", s.begin_mask}, {"end_mask", s.end_mask}, {"ellipsis_mask", s.ellipsis_mask},
                               {"new_axis_mask", s.new_axis_mask}, {"shrink_axis_mask", s.shrink_mask}};
    try {
      return wrap_new(run(op, inputs, Attrs(op, attrs)).at(0));
    } catch (const Error& e) {
      set_error(!executing_eagerly() ? e : Error(e.code(), e.message() + " name: strided_slice/"), "StridedSlice");
      return nullptr;
    }
  });
}

}  // namespace ninefold::python
