// In: Python objects that the engine only carries, callables that it calls. Out: Foreign, Callable.
#include "convert.h"

namespace ninefold::python {

PyForeign::PyForeign(PyObject* strong) : object_(strong) { Py_INCREF(strong); }
PyForeign::~PyForeign() {
  if (!object_ || !Py_IsInitialized()) return;
  WithGil gil;
  Py_DECREF(object_);
}
nb::object PyForeign::object() const { return nb::borrow(object_); }
std::string PyForeign::describe() const {
  WithGil gil;
  try {
    return nb::cast<std::string>(nb::repr(object()));
  } catch (...) {
    return "a Python object";
  }
}

namespace {
class WeakForeign final : public PyForeign {
 public:
  explicit WeakForeign(PyObject* o) {
    object_ = PyWeakref_NewRef(o, nullptr);
    if (!object_) throw nb::python_error();
  }
  nb::object object() const override { return nb::handle(object_)(); }
};
}  // namespace

std::shared_ptr<Foreign> foreign(PyObject* o) { return std::make_shared<PyForeign>(o); }
std::shared_ptr<Foreign> weak_foreign(PyObject* o) { return std::make_shared<WeakForeign>(o); }

Callable::Callable(nb::object f) : held_(std::make_shared<PyForeign>(f.ptr())) {}
nb::object Callable::object() const { return held_->object(); }
Tensors Callable::operator()(const Tensors& arguments) const {
  WithGil gil;
  try {
    nb::object f = held_->object();
    nb::list args;
    for (const Tensor& t : arguments) args.append(wrap(t));
    nb::object result = checked(PyObject_CallObject(f.ptr(), checked(PyList_AsTuple(args.ptr())).ptr()));
    if (result.is_none()) return {};
    if (PyList_Check(result.ptr()) || PyTuple_Check(result.ptr())) return to_tensors(result.ptr());
    return {to_tensor_object(result.ptr())};
  } catch (nb::python_error& e) {
    e.restore();
    throw PythonFault();
  }
}

}  // namespace ninefold::python
