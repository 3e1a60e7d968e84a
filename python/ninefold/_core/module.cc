// In: the parts of the binding. Out: the extension module _core, and how its C++ exceptions reach Python.
#include "records.h"
#include "profiler.h"
#include "slots.h"

namespace ninefold::python {

void add_devices(nb::module_&);   // devices.cc

namespace {

PyObject* kept(nb::handle from, const char* name) { return nb::object(from.attr(name)).release().ptr(); }

void install(nb::handle s) {
  nb::list dtypes = nb::borrow<nb::list>(s.attr("dtypes"));
  for (size_t i = 0; i < kDTypes; ++i) shell.dtypes[i] = dtypes[i].is_none() ? nullptr : nb::object(dtypes[i]).release().ptr();
  shell.as_dtype = kept(s, "as_dtype");
  shell.shape_type = kept(s, "shape_type");
  shell.errors = kept(s, "errors");
  shell.tensor_repr = kept(s, "tensor_repr");
  shell.tensor_str = kept(s, "tensor_str");
  shell.convert = kept(s, "convert");
  shell.symbolic_text = kept(s, "symbolic_text");
  shell.variable_type = kept(s, "variable_type");
  shell.slices_type = kept(s, "slices_type");
  shell.results = kept(s, "results");
  shell.numpy = kept(s, "numpy");
  shell.ndarray = kept(nb::handle(shell.numpy), "ndarray");
  shell.generic = kept(nb::handle(shell.numpy), "generic");
}

// Python's sys.stdout, as it is at the moment.
void write_out(std::string_view text) {
  WithGil gil;
  nb::object piece = nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
  nb::object out = nb::borrow(PySys_GetObject("stdout"));
  if (piece.is_valid() && out.is_valid()) nb::object done = nb::steal(PyObject_CallMethod(out.ptr(), "write", "O", piece.ptr()));
  if (PyErr_Occurred()) throw PythonFault();
}

}  // namespace
}  // namespace ninefold::python

NB_MODULE(_core, m) {
  using namespace ninefold;
  using namespace ninefold::python;
  m.doc() = "Ninefold's engine, as the package's Python files see it.";
  // An interpreter that ends leaves alive what cycles through globals hold. Memory is watched while programs run
  // (tests/python/keras/test_memory.py); a user need not read of its end.
  nb::set_leak_warnings(false);
  nb::register_exception_translator([](const std::exception_ptr& p, void*) {
    try {
      std::rethrow_exception(p);
    } catch (const Error& e) {
      set_error(e);
    }
  });
  m.attr("version") = NINEFOLD_PACKAGE_VERSION;
  add_tensor_types(m);
  add_variable_type(m);
  add_functions(m);
  add_tapes(m);
  add_graphs(m);
  add_composites(m);
  add_keras(m);
  add_datasets(m);
  add_strategies(m);
  add_devices(m);
  add_checkpoints(m);
  add_records(m);
  add_profiler(m);
  m.def("install", &install);
  m.def("convert", [](nb::handle value, nb::handle dtype, nb::handle hint) {
    return wrap(to_tensor_object(value.ptr(), to_dtype(dtype.ptr()), to_dtype(hint.ptr())));
  }, nb::arg("value").none(), nb::arg("dtype").none() = nb::none(), nb::arg("hint").none() = nb::none());
  m.def("is_tensor", [](nb::handle o) { return is_tensor(o.ptr()); }, nb::arg().none());
  m.def("is_symbolic", [](nb::handle o) { return is_tensor(o.ptr()) && tensor_of(o.ptr()).symbolic(); }, nb::arg().none());
  m.def("print_to_python", [](bool on) { set_print_sink(on ? &write_out : nullptr); });
  m.def("set_seed", [](int64_t seed) { set_seed(seed); });
  m.def("dtype_names", [] {
    nb::list out;
    for (int i = 0; i < kDTypes; ++i) out.append(nb::str(name_of(static_cast<DType>(i))));
    return out;
  });
}
