// In: what Python's GradientTape asks. Out: the engine's tape, with tensors and variables as Python knows them.
#include "convert.h"
#include "slots.h"

namespace ninefold::python {
nb::object wrap(const Gradients& all) {
  nb::list out;
  for (const Gradient& g : all) {
    if (!g.defined()) {
      out.append(nb::none());
    } else if (!g.sparse()) {
      out.append(wrap(g.slices().values));
    } else {
      const IndexedSlices& s = g.slices();
      out.append(nb::handle(shell.slices_type)(wrap(s.values), wrap(s.indices), s.dense_shape.defined() ? wrap(s.dense_shape) : nb::none()));
    }
  }
  return out;
}
Gradients to_gradients(PyObject* sequence) {
  const nb::object items = checked(PySequence_List(sequence));
  Gradients out;
  for (nb::handle o : nb::borrow<nb::list>(items)) {
    const int rows = PyObject_IsInstance(o.ptr(), shell.slices_type);
    if (rows < 0) throw nb::python_error();
    if (o.is_none()) {
      out.emplace_back();
    } else if (!rows) {
      out.emplace_back(to_tensor_object(o.ptr()));
    } else {
      const auto part = [&](const char* name) {
        const nb::object t = o.attr(name);
        return t.is_none() ? Tensor() : to_tensor_object(t.ptr());
      };
      out.emplace_back(IndexedSlices{part("values"), part("indices"), part("dense_shape")});
    }
  }
  return out;
}

namespace {

// A source or a target: a variable stands for its handle.
Tensor watched(PyObject* o) {
  if (is_variable(o)) return variable_of(o).handle();
  return to_tensor_object(o);
}

struct Tape {
  std::unique_ptr<GradientTape> tape;
  Tape(bool persistent, bool watch_accessed) : tape(std::make_unique<GradientTape>(persistent, watch_accessed)) { tape->stop(); }
  void watch(nb::handle o) {
    if (is_variable(o.ptr())) tape->watch(variable_of(o.ptr()));
    else tape->watch(tensor_of(o.ptr()));
  }
  nb::list variables() const {
    nb::list out;
    for (const Variable& v : tape->watched_variables()) out.append(variable_object(v));
    return out;
  }
  nb::object gradient(nb::list targets, nb::list sources, nb::object weights, bool zeros) {
    Tensors y, x, dy;
    for (nb::handle o : targets) y.push_back(is_variable(o.ptr()) ? variable_of(o.ptr()).handle() : to_tensor_object(o.ptr()));
    for (nb::handle o : sources) x.push_back(watched(o.ptr()));
    if (!weights.is_none()) dy = to_tensors(weights.ptr());
    Gradients out;
    {
      WithoutGil gil(true);
      out = tape->gradients(y, x, dy, zeros ? Unconnected::zero : Unconnected::none);
    }
    return wrap(out);
  }
};

}  // namespace

void add_tapes(nb::module_& m) {
  nb::class_<Tape>(m, "Tape")
      .def(nb::init<bool, bool>())
      .def("watch", &Tape::watch)
      .def("start", [](Tape& t) { t.tape->start(); })
      .def("stop", [](Tape& t) { t.tape->stop(); })
      .def("reset", [](Tape& t) { t.tape->reset(); })
      .def("variables", &Tape::variables)
      .def("gradient", &Tape::gradient, nb::arg(), nb::arg(), nb::arg().none(), nb::arg());
}

}  // namespace ninefold::python
