// In: two operands, one of them a tensor or a variable. Out: what TensorFlow's operators give: an op, with
// the other operand converted to the tensor's dtype; NotImplemented where the other type decides itself.
#include "slots.h"

namespace ninefold::python {
namespace {

// An operator's op, looked up once.
struct Named {
  const char* name;
  const Op* op = nullptr;
  const Op& get() {
    if (!op) op = &find_op(name);
    return *op;
  }
};

PyObject* one(Named& op, std::span<const Tensor> inputs, std::span<const NamedAttr> attrs = {}) {
  const Op& record = op.get();
  return wrap_new(std::move(run(record, inputs, Attrs(record, attrs)).at(0)));
}
PyObject* one(const char* name, std::span<const Tensor> inputs) {
  Named op{name};
  return one(op, inputs);
}

// tf.IndexedSlices decides about functions; in an operation with a tensor it is the whole tensor.
bool decides_itself(PyObject* o) {
  if (reinterpret_cast<PyObject*>(Py_TYPE(o)) == shell.slices_type) return false;
  PyObject* type = reinterpret_cast<PyObject*>(Py_TYPE(o));
  return PyObject_HasAttrString(type, "__tf_dispatch__");
}

// What a literal becomes that is not of the tensor's dtype. Sums, quotients and matrix products take it as it is, and
// say then that dtypes differ; the other operators have one dtype, and a literal that does not fit is a TypeError.
enum class Literal { as_it_is, right, left };

std::string repr_of(PyObject* o) { return nb::cast<std::string>(nb::repr(nb::handle(o))); }
bool is_literal(PyObject* o) {
  return PyFloat_CheckExact(o) || PyLong_CheckExact(o) || PyBool_Check(o) || PyUnicode_Check(o) || PyBytes_Check(o) ||
         PyComplex_CheckExact(o);
}
bool is_sequence(PyObject* o) { return PyList_CheckExact(o) || PyTuple_CheckExact(o); }
// Of a list the first number or text in it that does not fit; a literal itself.
nb::object culprit(PyObject* o, DType like) {
  if (is_sequence(o))
    for (nb::handle item : nb::handle(o)) {
      if (is_sequence(item.ptr())) return culprit(item.ptr(), like);
      if (is_literal(item.ptr()) && !from_scalar(item.ptr(), like).defined()) return nb::borrow(item);
    }
  return nb::borrow(o);
}
[[noreturn]] void unfit(PyObject* o, DType like, Literal how, const char* op) {
  if (executing_eagerly()) throw Error(Code::type, "Cannot convert " + repr_of(o) + " to EagerTensor of dtype " + short_name(like));
  const nb::object which = culprit(o, like);
  const std::string dtype = name_of(like), type = Py_TYPE(o)->tp_name;
  const std::string why = "Expected " + dtype + ", but got " + nb::cast<std::string>(nb::str(which)) + " of type '" +
                          Py_TYPE(which.ptr())->tp_name + "'.";
  if (how == Literal::left) throw Error(Code::type, why);
  throw Error(Code::type, "Expected " + dtype + " passed to parameter 'y' of op '" + op + "', got " + repr_of(o) + " of type '" + type +
                              "' instead. Error: " + why);
}
[[noreturn]] void no_value(Literal how) {
  throw Error(Code::value, executing_eagerly() ? "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."
                           : how == Literal::right ? "Tried to convert 'y' to a tensor and failed. Error: None values not supported."
                                                   : "None values not supported.");
}

// What becomes no tensor at all. While tracing TensorFlow says which parameter it was for, and raises TypeError.
[[noreturn]] void unconvertible(PyObject* o, DType like, Literal how, const char* op) {
  if (how != Literal::as_it_is) unfit(o, like, how, op);
  throw Error(Code::type, "Failed to convert elements of " + repr_of(o) + " to Tensor. Consider casting elements to a supported type. "
                          "See https://www.tensorflow.org/api_docs/python/tf/dtypes for supported TF dtypes.");
}

// The other operand in the tensor's dtype where that is possible; false: leave the operation to its type.
bool operand(PyObject* o, DType like, Tensor& out, Literal how = Literal::as_it_is, const char* op = "") {
  if (is_tensor(o)) return out = tensor_of(o), true;
  if (is_variable(o)) return out = read_variable(o), true;
  if (PyFloat_CheckExact(o) || PyLong_CheckExact(o) || PyBool_Check(o)) {
    out = from_scalar(o, like);
    if (!out.defined() && how != Literal::as_it_is) unfit(o, like, how, op);
    if (!out.defined()) out = to_tensor_object(o);
    return true;
  }
  if (o == Py_None) no_value(how);
  if (decides_itself(o)) return false;
  try {
    out = to_tensor_object(o, DType::invalid, like);
  } catch (const Error& e) {
    if (executing_eagerly() || (e.code() != Code::type && e.code() != Code::value)) throw;
    unconvertible(o, like, how, op);
  }
  if (how != Literal::as_it_is && out.dtype() != like && (is_literal(o) || is_sequence(o))) unfit(o, like, how, op);
  return true;
}
DType dtype_of_operand(PyObject* o) {
  if (is_tensor(o)) return tensor_of(o).dtype();
  if (is_variable(o)) return read_dtype(o);
  return DType::invalid;
}

// Both operands as tensors; false: NotImplemented.
bool operands(PyObject* a, PyObject* b, const char* reflected, Tensor (&t)[2], const char* strict = nullptr) {
  DType like = dtype_of_operand(a);
  if (like == DType::invalid) like = dtype_of_operand(b);
  try {
    return operand(a, like, t[0], strict ? Literal::left : Literal::as_it_is, strict) &&
           operand(b, like, t[1], strict ? Literal::right : Literal::as_it_is, strict);
  } catch (const Error& e) {
    PyObject* other = dtype_of_operand(a) == DType::invalid ? a : b;
    if ((e.code() == Code::type || e.code() == Code::value) && PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(other)), reflected) &&
        !is_literal(other) && other != Py_None && !PyList_Check(other) && !PyTuple_Check(other))
      return false;
    throw;
  }
}

[[noreturn]] void same_dtype(const Tensor& x, const Tensor& y) {
  raise(PyExc_TypeError, std::string("`x` and `y` must have the same dtype, got tf.") + name_of(x.dtype()) + " != tf." +
                             name_of(y.dtype()) + ".");
}
Tensor cast(const Tensor& t, DType to) {
  static const Op& record = find_op("Cast");
  const NamedAttr attr("DstT", to);
  return dispatch(record, {&t, 1}, Attrs(record, {&attr, 1})).at(0);
}

using Special = PyObject* (*)(Tensor (&)[2]);
PyObject* add(Tensor (&t)[2]) {
  static Named number{"AddV2"}, text{"Add"};
  return one(t[0].dtype() == DType::string ? text : number, t);
}
PyObject* true_divide(Tensor (&t)[2]) {
  static Named op{"RealDiv"};
  if (t[0].dtype() != t[1].dtype()) same_dtype(t[0], t[1]);
  if (is_integer(t[0].dtype())) {
    const bool narrow = size_of(t[0].dtype()) < 4;
    for (Tensor& x : t) x = cast(x, narrow ? DType::f32 : DType::f64);
  }
  return one(op, t);
}
PyObject* matrix_multiply(Tensor (&t)[2]) {
  static Named plain{"MatMul"}, batched{"BatchMatMulV2"};
  const bool batches = t[0].rank() > 2 || t[1].rank() > 2 || !t[0].shape().known_rank() || !t[1].shape().known_rank();
  return one(batches ? batched : plain, t);
}
PyObject* logical(Tensor (&t)[2], const char* of_bool, const char* of_int) {
  return one(t[0].dtype() == DType::boolean ? of_bool : of_int, t);
}
PyObject* both(Tensor (&t)[2]) { return logical(t, "LogicalAnd", "BitwiseAnd"); }
PyObject* either(Tensor (&t)[2]) { return logical(t, "LogicalOr", "BitwiseOr"); }
PyObject* exclusive(Tensor (&t)[2]) { return logical(t, "NotEqual", "BitwiseXor"); }

struct Binary {
  const char* reflected;
  Named op;
  Special special;
  const char *strict_int = nullptr, *strict_bool = nullptr;   // of a special one: the op that literals have to fit
};
enum { kAdd, kSub, kMul, kDiv, kFloorDiv, kMod, kPow, kMatMul, kAnd, kOr, kXor };
Binary binaries[] = {
    {"__radd__", {""}, add}, {"__rsub__", {"Sub"}, nullptr}, {"__rmul__", {"Mul"}, nullptr},
    {"__rtruediv__", {""}, true_divide}, {"__rfloordiv__", {"FloorDiv"}, nullptr}, {"__rmod__", {"FloorMod"}, nullptr},
    {"__rpow__", {"Pow"}, nullptr}, {"__rmatmul__", {""}, matrix_multiply}, {"__rand__", {""}, both, "BitwiseAnd", "LogicalAnd"},
    {"__ror__", {""}, either, "BitwiseOr", "LogicalOr"}, {"__rxor__", {""}, exclusive, "BitwiseXor", "LogicalOr"}};

template <int which>
PyObject* binary(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    Binary& row = binaries[which];
    Tensor t[2];
    const char* strict = row.special ? row.strict_int : row.op.name;
    if (row.strict_bool && (dtype_of_operand(a) == DType::boolean || dtype_of_operand(b) == DType::boolean)) strict = row.strict_bool;
    if (!operands(a, b, row.reflected, t, strict)) Py_RETURN_NOTIMPLEMENTED;
    return row.special ? row.special(t) : one(row.op, t);
  });
}
PyObject* power(PyObject* a, PyObject* b, PyObject*) { return binary<kPow>(a, b); }

Tensor self_tensor(PyObject* self) { return is_tensor(self) ? tensor_of(self) : read_variable(self); }
PyObject* negative(PyObject* self) {
  return guarded([&] { static Named op{"Neg"}; const Tensor t = self_tensor(self); return one(op, {&t, 1}); });
}
PyObject* absolute(PyObject* self) {
  return guarded([&] { const Tensor t = self_tensor(self); return one(is_complex(t.dtype()) ? "ComplexAbs" : "Abs", {&t, 1}); });
}
PyObject* invert(PyObject* self) {
  return guarded([&] { const Tensor t = self_tensor(self); return one(t.dtype() == DType::boolean ? "LogicalNot" : "Invert", {&t, 1}); });
}
PyObject* positive(PyObject* self) { return guarded([&] { return wrap_new(self_tensor(self)); }); }

bool may_broadcast(const Shape& a, const Shape& b) {
  if (!a.fully_known() || !b.fully_known()) return true;
  for (int i = 1; i <= std::min(a.rank(), b.rank()); ++i)
    if (a.dim(-i) != b.dim(-i) && a.dim(-i) != 1 && b.dim(-i) != 1) return false;
  return true;
}

PyObject* compare(PyObject* self, PyObject* other, int how) {
  static Named ops[] = {{"Less"}, {"LessEqual"}, {"Equal"}, {"NotEqual"}, {"Greater"}, {"GreaterEqual"}};
  static const char* reflected[] = {"__gt__", "__ge__", "__eq__", "__ne__", "__lt__", "__le__"};
  return guarded([&]() -> PyObject* {
    Tensor t[2];
    if (how == Py_EQ || how == Py_NE) {
      if (other == Py_None) return PyBool_FromLong(how == Py_NE);
      if (decides_itself(other)) Py_RETURN_NOTIMPLEMENTED;
      t[0] = self_tensor(self);
      if (!operand(other, t[0].dtype(), t[1], Literal::right, ops[how].name)) Py_RETURN_NOTIMPLEMENTED;
      // Shapes that do not fit are unequal rather than a fault, as in TensorFlow.
      if (!may_broadcast(t[0].shape(), t[1].shape())) return wrap_new(Tensor(how == Py_NE));
      return one(ops[how], t);
    }
    if (!operands(self, other, reflected[how], t, ops[how].name)) Py_RETURN_NOTIMPLEMENTED;
    return one(ops[how], t);
  });
}

}  // namespace

void add_operator_slots(std::vector<PyType_Slot>& slots) {
  const PyType_Slot mine[] = {
      {Py_nb_add, reinterpret_cast<void*>(binary<kAdd>)}, {Py_nb_subtract, reinterpret_cast<void*>(binary<kSub>)},
      {Py_nb_multiply, reinterpret_cast<void*>(binary<kMul>)}, {Py_nb_true_divide, reinterpret_cast<void*>(binary<kDiv>)},
      {Py_nb_floor_divide, reinterpret_cast<void*>(binary<kFloorDiv>)}, {Py_nb_remainder, reinterpret_cast<void*>(binary<kMod>)},
      {Py_nb_power, reinterpret_cast<void*>(power)}, {Py_nb_matrix_multiply, reinterpret_cast<void*>(binary<kMatMul>)},
      {Py_nb_and, reinterpret_cast<void*>(binary<kAnd>)}, {Py_nb_or, reinterpret_cast<void*>(binary<kOr>)},
      {Py_nb_xor, reinterpret_cast<void*>(binary<kXor>)}, {Py_nb_negative, reinterpret_cast<void*>(negative)},
      {Py_nb_absolute, reinterpret_cast<void*>(absolute)}, {Py_nb_invert, reinterpret_cast<void*>(invert)},
      {Py_nb_positive, reinterpret_cast<void*>(positive)},
      {Py_tp_richcompare, reinterpret_cast<void*>(compare)}, {Py_mp_subscript, reinterpret_cast<void*>(subscript)}};
  slots.insert(slots.end(), std::begin(mine), std::end(mine));
}

}  // namespace ninefold::python
