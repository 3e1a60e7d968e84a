// In: bytes of protobuf messages, lists of Python numbers. Out: the messages' fields, lists; and back: for messages.py.
#include "convert.h"
#include "ninefold/example.h"
#include "sparse.h"

namespace ninefold::python {
namespace {

[[noreturn]] void malformed() { raise(PyExc_ValueError, "Error parsing message"); }

nb::object bytes_object(std::string_view s) { return checked(PyBytes_FromStringAndSize(s.data(), static_cast<Py_ssize_t>(s.size()))); }
std::string_view bytes_of(nb::handle o) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(o.ptr(), &data, &size) < 0) throw nb::python_error();
  return {data, static_cast<size_t>(size)};
}

[[noreturn]] void wrong_type(PyObject* o, const char* allowed) {
  raise(PyExc_TypeError, nb::cast<std::string>(nb::repr(nb::handle(o))) + " has type " +
                             nb::cast<std::string>(nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(o))).attr("__name__")) +
                             ", but expected one of: " + allowed);
}
nb::object checked_bytes(PyObject* o) {
  if (!PyBytes_Check(o)) wrong_type(o, "bytes");
  return nb::borrow(o);
}
// A number of any kind, as float32 keeps it.
nb::object checked_float(PyObject* o) {
  const bool number = PyFloat_Check(o) || PyIndex_Check(o) || PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(shell.generic)) ||
                      PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "__float__");
  if (!number || PyUnicode_Check(o) || PyBytes_Check(o)) wrong_type(o, "int, long, float");
  const double v = PyFloat_AsDouble(o);
  if (v == -1.0 && PyErr_Occurred()) throw nb::python_error();
  return nb::float_(static_cast<double>(static_cast<float>(v)));
}
nb::object checked_int(PyObject* o) {
  if (!PyIndex_Check(o)) wrong_type(o, "int, long");
  nb::object whole = checked(PyNumber_Index(o));
  int overflow = 0;
  const long long v = PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow);
  if (v == -1 && PyErr_Occurred()) throw nb::python_error();
  if (overflow) raise(PyExc_ValueError, "Value out of range: " + nb::cast<std::string>(nb::str(whole)));
  return nb::int_(v);  // plain: Python 3.9 hands True on as it is
}
using Check = nb::object (*)(PyObject*);
Check check_of(const std::string& kind) { return kind == "bytes" ? checked_bytes : kind == "float" ? checked_float : checked_int; }

}  // namespace

void add_messages(nb::module_& m) {
  // The values as a list of this kind keeps them; TypeError or ValueError for one that it cannot.
  m.def("message_value", [](const std::string& kind, nb::handle value) { return check_of(kind)(value.ptr()); }, nb::arg(), nb::arg().none());
  m.def("message_values", [](const std::string& kind, nb::handle values) {
    const Check check = check_of(kind);
    const nb::object items = checked(PySequence_List(values.ptr()));
    for (Py_ssize_t i = 0; i < PyList_Size(items.ptr()); ++i) PyList_SetItem(items.ptr(), i, check(PyList_GetItem(items.ptr(), i)).release().ptr());
    return items;
  });
  // [(field, its bytes, or its number)]
  m.def("message_fields", [](nb::handle message) {
    nb::list out;
    wire::Fields f(bytes_of(message));
    while (f.next()) out.append(nb::make_tuple(f.number(), f.type() == 2 ? bytes_object(f.bytes()) : nb::object(nb::int_(f.integer()))));
    if (!f.good()) malformed();
    return out;
  });
  // The values of a BytesList ("bytes"), a FloatList ("float") or an Int64List ("int64").
  m.def("message_list", [](const std::string& kind, nb::handle list) {
    nb::list out;
    const std::string_view from = bytes_of(list);
    bool good = false;
    if (kind == "bytes") {
      std::vector<std::string_view> values;
      good = wire::read_list(from, values);
      for (std::string_view s : values) out.append(bytes_object(s));
    } else if (kind == "float") {
      std::vector<float> values;
      good = wire::read_list(from, values);
      for (float v : values) out.append(nb::float_(static_cast<double>(v)));
    } else {
      std::vector<int64_t> values;
      good = wire::read_list(from, values);
      for (int64_t v : values) out.append(nb::int_(v));
    }
    if (!good) malformed();
    return out;
  });
  m.def("message_list_bytes", [](const std::string& kind, nb::list values) {
    std::string out;
    if (kind == "bytes") {
      for (nb::handle v : values) wire::append_bytes(out, 1, bytes_of(v));
    } else if (kind == "float") {
      std::vector<float> all;
      for (nb::handle v : values) all.push_back(static_cast<float>(nb::cast<double>(v)));
      out = wire::list_bytes(all);
    } else {
      std::vector<int64_t> all;
      for (nb::handle v : values) all.push_back(nb::cast<int64_t>(v));
      out = wire::list_bytes(all);
    }
    return bytes_object(out);
  });
  // Messages as fields of another: [(number, bytes)].
  m.def("message_bytes", [](nb::list fields) {
    std::string out;
    for (nb::handle f : fields) wire::append_bytes(out, nb::cast<uint32_t>(f[0]), bytes_of(f[1]));
    return bytes_object(out);
  });
}

}  // namespace ninefold::python
