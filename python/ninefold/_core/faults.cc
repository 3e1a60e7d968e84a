// In: C++ exceptions. Out: Python's: TensorFlow's classes for the engine's codes, Python's own where
// TensorFlow raises them, and an exception that began in Python as it was.
#include "convert.h"

namespace ninefold::python {

PythonFault::PythonFault() : Error(Code::foreign, "an exception of Python") {
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  if (trace && value) PyException_SetTraceback(value, trace);
  Py_XDECREF(type);
  Py_XDECREF(trace);
  held_ = std::shared_ptr<void>(value, [](void* v) {
    if (!v || !Py_IsInitialized()) return;
    WithGil gil;
    Py_DECREF(static_cast<PyObject*>(v));
  });
}
void PythonFault::restore() const {
  auto* value = static_cast<PyObject*>(held_.get());
  if (!value) return PyErr_SetString(PyExc_RuntimeError, what());
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(value)), value);
}

void raise(PyObject* type, const std::string& text) {
  PyErr_SetString(type, text.c_str());
  throw nb::python_error();
}

void set_error(const Error& e, const std::string& op_name) noexcept {
  if (const auto* fault = dynamic_cast<const PythonFault*>(&e)) return fault->restore();
  (void)op_name;
  const int code = static_cast<int>(e.code());
  PyObject* text = PyUnicode_DecodeUTF8(e.message().data(), static_cast<Py_ssize_t>(e.message().size()), "replace");
  if (!text) return;
  PyObject* type = nullptr;
  switch (e.code()) {
    case Code::value: type = PyExc_ValueError; break;
    case Code::type: type = PyExc_TypeError; break;
    case Code::attribute: type = PyExc_AttributeError; break;
    case Code::key: type = PyExc_KeyError; break;
    case Code::index: type = PyExc_IndexError; break;
    case Code::runtime: type = PyExc_RuntimeError; break;
    case Code::not_implemented: type = PyExc_NotImplementedError; break;
    case Code::os: type = PyExc_OSError; break;
    case Code::stop_iteration: type = PyExc_StopIteration; break;
    default: break;
  }
  if (!type && shell.errors) {
    PyObject* key = PyLong_FromLong(code);
    PyObject* found = key ? PyDict_GetItemWithError(shell.errors, key) : nullptr;
    Py_XDECREF(key);
    if (found) {
      PyObject* made = e.code() == Code::operator_not_allowed ? PyObject_CallFunctionObjArgs(found, text, nullptr)
                                                              : PyObject_CallFunctionObjArgs(found, Py_None, Py_None, text, nullptr);
      if (made) PyErr_SetObject(found, made);
      Py_XDECREF(made);
      Py_DECREF(text);
      return;
    }
  }
  PyErr_SetObject(type ? type : PyExc_RuntimeError, text);
  Py_DECREF(text);
}

void set_error(const std::exception_ptr& p) noexcept {
  try {
    std::rethrow_exception(p);
  } catch (nb::python_error& e) {
    e.restore();
  } catch (const Error& e) {
    set_error(e);
  } catch (const nb::builtin_exception& e) {
    PyErr_SetString(e.type() == nb::exception_type::type_error ? PyExc_TypeError : PyExc_RuntimeError, e.what());
  } catch (const nb::cast_error&) {
    PyErr_SetString(PyExc_TypeError, "an argument has a type that this function does not take");
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  } catch (...) {
    PyErr_SetString(PyExc_RuntimeError, "an unknown exception of C++");
  }
}

}  // namespace ninefold::python
