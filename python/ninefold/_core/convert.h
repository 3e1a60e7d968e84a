// In: Python objects. Out: the engine's values, and back; errors as exceptions, either way.
//
// For every file of the binding:
//   Value v = to_value(obj);            any Python object; throws (ninefold::Error, nb::python_error)
//   PyObject* o = from_value(v);        a new reference; never null (throws)
//   nb::object t = wrap(tensor);        a tf.Tensor: an EagerTensor, or a symbolic one
//   return guarded([&] { ... });        a C slot's body: exceptions become Python's, the result nullptr
// In nb::class_ and m.def bodies throw as you like: translate() is registered with nanobind.
// Strong references run Python -> C++ only. A Foreign that C++ keeps for long (in a model, a layer)
// is made by weak_foreign(); one that lives for the duration of a call may be strong (foreign()).
#pragma once

#include <Python.h>
#include <structmember.h>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <exception>
#include <memory>
#include <string>
#include <type_traits>

#include "ninefold/function.h"
#include "ninefold/grad.h"
#include "ninefold/ops.h"

namespace ninefold::python {

namespace nb = nanobind;

// ---- objects -------------------------------------------------------------------------------------

// tf.Tensor. A subclass may add what it likes: these fields come first.
struct TensorObject {
  PyObject_HEAD
  Tensor value;
  PyObject* dict;
  PyObject* weak;
};
// The base of tf.Variable: what operators and the parser read without asking Python.
struct VariableObject {
  PyObject_HEAD
  Variable value;
  PyObject* dict;
  PyObject* weak;
  bool autocast;   // within a layer's call it is read in the layer's compute dtype (Keras' AutoCastVariable)
};

extern PyTypeObject* tensor_type;    // tf.Tensor
extern PyTypeObject* eager_type;     // EagerTensor, a subclass
extern PyTypeObject* variable_type;  // _core.VariableBase

inline bool is_tensor(PyObject* o) {
  return Py_TYPE(o) == eager_type || Py_TYPE(o) == tensor_type || PyObject_TypeCheck(o, tensor_type);
}
inline bool is_variable(PyObject* o) { return PyObject_TypeCheck(o, variable_type); }
// Held while a structure within another is gone through: one that holds itself gives Python's RecursionError.
struct Deeper {
  Deeper() {
    if (Py_EnterRecursiveCall(" in a nested structure")) throw nb::python_error();
  }
  ~Deeper() { Py_LeaveRecursiveCall(); }
};

// Python may hand over anything where the binding asks for one of these: a TypeError then.
[[noreturn]] void not_a(const char* expected, PyObject* got);
inline Tensor& tensor_of(PyObject* o) {
  if (!is_tensor(o)) [[unlikely]] not_a("Tensor", o);
  return reinterpret_cast<TensorObject*>(o)->value;
}
inline Variable& variable_of(PyObject* o) {
  if (!is_variable(o)) [[unlikely]] not_a("Variable", o);
  return reinterpret_cast<VariableObject*>(o)->value;
}
inline bool& autocast_of(PyObject* o) { return reinterpret_cast<VariableObject*>(o)->autocast; }
// As Python code reads a variable here and now: its value, cast where that is due.
DType read_dtype(PyObject* variable);
Tensor read_variable(PyObject* variable);

PyObject* wrap_new(Tensor);                              // a new reference; null with an exception set
nb::object wrap(Tensor);
nb::object wrap(const Tensors&);                         // a list; an undefined tensor is None
nb::object wrap(const Gradients&);                       // the same; rows are tf.IndexedSlices
nb::object shape_object(const Shape&);                   // tf.TensorShape
nb::object dtype_object(DType);                          // tf.float32, ...

// ---- values ----------------------------------------------------------------------------------------

Value to_value(PyObject*);
PyObject* from_value(const Value&);
DType to_dtype(PyObject*);                               // tf.DType, name, NumPy dtype, Python type
Shape to_shape(PyObject*);                               // TensorShape, sequence of ints and None, None
// tf.convert_to_tensor: `dtype` must hold, `hint` is tried; invalid: inferred.
Tensor to_tensor_object(PyObject*, DType dtype = DType::invalid, DType hint = DType::invalid);
Tensor from_array(PyObject* ndarray, DType dtype = DType::invalid);  // copied; cast if a dtype is asked
Tensor from_sequence(PyObject* list, DType dtype = DType::invalid);  // nested Python lists of numbers
Tensor from_scalar(PyObject* number, DType dtype);       // undefined if it does not fit the dtype
nb::object to_numpy(const Tensor&, bool copy);
Tensors to_tensors(PyObject* sequence);                  // each item converted; None: undefined
Gradients to_gradients(PyObject* sequence);              // the same; tf.IndexedSlices stay rows

// A Python object on its way through C++.
class PyForeign : public Foreign {
 public:
  explicit PyForeign(PyObject* strong);                  // takes a reference of its own
  ~PyForeign() override;
  std::string describe() const override;
  virtual nb::object object() const;                     // a new reference; None if it is gone
 protected:
  PyForeign() = default;
  PyObject* object_ = nullptr;
};
std::shared_ptr<Foreign> foreign(PyObject*);
std::shared_ptr<Foreign> weak_foreign(PyObject*);        // the object may die; describe() then says so

// A Python callable that C++ may call from any thread: takes the GIL, passes exceptions through.
class Callable {
 public:
  explicit Callable(nb::object f);
  Tensors operator()(const Tensors& arguments) const;    // positional tensors in, a tensor or a list out
  nb::object object() const;
 private:
  std::shared_ptr<PyForeign> held_;
};

// ---- errors ------------------------------------------------------------------------------------------

// A Python exception on its way through the engine, which knows it by Code::foreign only.
class PythonFault : public Error {
 public:
  PythonFault();                                         // takes the exception that is set
  void restore() const;
 private:
  std::shared_ptr<void> held_;
};
// Runs Python's part of a callback: what it raises becomes a PythonFault.
void set_error(const std::exception_ptr&) noexcept;      // any C++ exception becomes Python's
void set_error(const Error&, const std::string& op_name = "") noexcept;
[[noreturn]] void raise(PyObject* type, const std::string& text);   // throws nb::python_error

template <class F>
auto guarded(F&& body) noexcept -> decltype(body()) {
  using R = decltype(body());
  try {
    return body();
  } catch (...) {
    set_error(std::current_exception());
    if constexpr (std::is_pointer_v<R>) return nullptr;
    else if constexpr (!std::is_void_v<R>) return static_cast<R>(-1);
  }
}
inline nb::object checked(PyObject* o) {                 // steals; throws if null
  if (!o) throw nb::python_error();
  return nb::steal(o);
}

// Lets other threads run Python while an op works, if it is big enough to be worth it.
class WithoutGil {
 public:
  explicit WithoutGil(bool release) : state_(release ? PyEval_SaveThread() : nullptr) {}
  ~WithoutGil() { if (state_) PyEval_RestoreThread(state_); }
  WithoutGil(const WithoutGil&) = delete;
 private:
  PyThreadState* state_;
};
class WithGil {
 public:
  WithGil() : state_(PyGILState_Ensure()) {}
  ~WithGil() { PyGILState_Release(state_); }
  WithGil(const WithGil&) = delete;
 private:
  PyGILState_STATE state_;
};
bool worth_releasing(std::span<const Tensor>);
Tensors run(const Op&, std::span<const Tensor> inputs, Attrs attrs);  // dispatch, without the GIL if big

// ---- what the package's Python files hand over (_core.install) -----------------------------------------
struct Shell {
  PyObject* dtypes[kDTypes] = {};
  PyObject* as_dtype = nullptr;       // as_dtype(anything) -> DType
  PyObject* shape_type = nullptr;     // TensorShape, with a tuple or None in _dims
  PyObject* errors = nullptr;         // dict: code -> exception class
  PyObject* tensor_repr = nullptr;
  PyObject* tensor_str = nullptr;
  PyObject* convert = nullptr;        // objects nobody knows: -> a tensor, or NotImplemented
  PyObject* symbolic_text = nullptr;  // what(tensor) -> text for OperatorNotAllowedInGraphError
  PyObject* variable_type = nullptr;  // tf.Variable
  PyObject* slices_type = nullptr;    // tf.IndexedSlices(values, indices, dense_shape)
  PyObject* results = nullptr;        // dict: function name -> what makes its result (tuple, namedtuple)
  PyObject* numpy = nullptr;
  PyObject* ndarray = nullptr;
  PyObject* generic = nullptr;        // numpy.generic
};
extern Shell shell;

// ---- objects of the engine that Python holds by a handle (keras_handles.h) --------------------------------
// Null until the package's Python files install them: the types that have a `_handle`, and what makes one
// of them from a handle.
extern PyObject* handle_types;
extern PyObject* wrap_handle;
std::shared_ptr<Foreign> held_by(PyObject*);             // of an instance of handle_types
nb::object shell_of(const std::shared_ptr<Foreign>&);

// ---- values made of several tensors (composites.cc) -------------------------------------------------------
std::shared_ptr<Foreign> composite_of(PyObject*);        // null if the object is none
nb::object composite_object(const std::shared_ptr<Foreign>&);   // an invalid handle if it is none

// ---- parts of the module ---------------------------------------------------------------------------------
void add_tensor_types(nb::module_&);
void add_variable_type(nb::module_&);
void add_functions(nb::module_&);
void add_tapes(nb::module_&);
void add_graphs(nb::module_&);
void add_composites(nb::module_&);
void add_keras(nb::module_&);
void add_datasets(nb::module_&);
void add_strategies(nb::module_&);
void add_checkpoints(nb::module_&);

}  // namespace ninefold::python
