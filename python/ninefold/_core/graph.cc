// In: what tf.function, tf.cond and tf.while_loop ask. Out: the engine's traces and control flow.
#include "graph.h"
#include "ninefold/trace.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

namespace ninefold::python {

nb::object spec_object(const TensorSpec& s) {
  return nb::module_::import_("ninefold").attr("TensorSpec")(shape_object(s.shape), dtype_object(s.dtype),
                                                             s.name.empty() ? nb::object(nb::none()) : nb::object(nb::str(s.name.c_str())));
}
TensorSpec to_spec(nb::handle o) {
  const nb::object name = o.attr("name");
  return {to_shape(nb::object(o.attr("shape")).ptr()), to_dtype(nb::object(o.attr("dtype")).ptr()),
          name.is_none() ? "" : nb::cast<std::string>(name)};
}

// What a callback returns: a list with one item an output.
Tensors called(const nb::object& f, const Tensors& arguments) {
  WithGil gil;
  try {
    const nb::object result = f(wrap(arguments));
    return to_tensors(result.ptr());
  } catch (nb::python_error& e) {
    e.restore();
    throw PythonFault();
  }
}

namespace {

// init_scope as a with-block of Python's: closed by hand, not by a destructor.
struct Outside {
  std::unique_ptr<InitScope> scope = std::make_unique<InitScope>();
};

struct Names {
  std::unique_ptr<NameScope> scope;
};

struct Aside {
  std::unique_ptr<ScratchScope> scope = std::make_unique<ScratchScope>();
};

// What tf.gradients is of: a variable stands for its handle.
Tensors differentiated(const nb::list& all) {
  Tensors out;
  for (nb::handle o : all) out.push_back(is_variable(o.ptr()) ? variable_of(o.ptr()).handle() : to_tensor_object(o.ptr()));
  return out;
}

// A callback that the engine keeps; it takes the GIL to run and to end.
HostFunction host(const nb::object& f) {
  auto held = std::make_shared<PyForeign>(f.ptr());
  return [held](const Tensors& t) {
    WithGil gil;
    return called(held->object(), t);
  };
}

Concrete trace_python(const std::string& name, nb::list specs, nb::object body) {
  std::vector<TensorSpec> arguments;
  for (nb::handle s : specs) arguments.push_back(to_spec(s));
  return {trace(name, arguments, [&](const Tensors& t) { return called(body, t); })};
}

Attr to_attr(nb::handle v);
template <class T> std::vector<T> all_of(nb::handle v) {
  std::vector<T> out;
  for (nb::handle item : v) out.push_back(std::get<T>(to_attr(item)));
  return out;
}
// A Python value as an attribute: lists by the kind of their first item.
Attr to_attr(nb::handle v) {
  PyObject* o = v.ptr();
  if (nb::isinstance<Concrete>(v)) return nb::cast<Concrete&>(v).f;
  if (PyBool_Check(o)) return o == Py_True;
  if (PyLong_Check(o)) return nb::cast<int64_t>(v);
  if (PyFloat_Check(o)) return nb::cast<double>(v);
  if (is_tensor(o)) return tensor_of(o);
  if (PyUnicode_Check(o) || PyBytes_Check(o)) return std::get<std::string>(to_value(o));
  if (PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(shell.shape_type))) return to_shape(o);
  if (PyList_Check(o) || PyTuple_Check(o)) {
    if (PySequence_Size(o) == 0) return std::vector<int64_t>{};
    const Attr first = to_attr(nb::steal(PySequence_GetItem(o, 0)));
    if (std::holds_alternative<int64_t>(first)) return all_of<int64_t>(v);
    if (std::holds_alternative<double>(first)) return all_of<double>(v);
    if (std::holds_alternative<bool>(first)) return all_of<bool>(v);
    if (std::holds_alternative<DType>(first)) return all_of<DType>(v);
    if (std::holds_alternative<std::string>(first)) return all_of<std::string>(v);
    if (std::holds_alternative<Shape>(first)) return all_of<Shape>(v);
    if (std::holds_alternative<FunctionRef>(first)) return all_of<FunctionRef>(v);
  }
  return to_dtype(o);
}

// An attribute as tf.Operation.get_attr gives it.
nb::object attr_object(const Attr& a) {
  return std::visit([](const auto& v) -> nb::object {
    using V = std::decay_t<decltype(v)>;
    if constexpr (std::is_same_v<V, std::monostate>) return nb::none();
    else if constexpr (std::is_same_v<V, std::string>) return nb::bytes(v.data(), v.size());
    else if constexpr (std::is_same_v<V, DType>) return dtype_object(v);
    else if constexpr (std::is_same_v<V, Shape>) return shape_object(v);
    else if constexpr (std::is_same_v<V, Tensor>) return wrap(v);
    else if constexpr (std::is_same_v<V, FunctionRef>) return v ? nb::object(nb::str(v->name().c_str())) : nb::none();
    else if constexpr (std::is_arithmetic_v<V>) return nb::cast(v);
    else {
      nb::list out;
      for (const auto& item : v) out.append(attr_object(Attr(static_cast<typename V::value_type>(item))));
      return out;
    }
  }, a);
}
// (name, op, inputs, what it waits for, specs of outputs, attributes)
nb::object node_object(const TraceNode& n) {
  const auto texts = [](const std::vector<std::string>& all) {
    nb::list out;
    for (const std::string& s : all) out.append(nb::str(s.c_str()));
    return out;
  };
  nb::list outputs;
  for (const TensorSpec& s : n.outputs) outputs.append(spec_object(s));
  nb::dict attrs;
  for (const auto& [name, value] : n.attrs) attrs[nb::str(name.c_str())] = attr_object(value);
  return nb::make_tuple(n.name, n.op, texts(n.inputs), texts(n.waits), outputs, attrs);
}

// An op by its record's name: inputs in order, attributes by name.
nb::object run_op(const std::string& name, nb::list inputs, nb::dict attributes) {
  const Op& op = find_op(name);
  std::vector<std::string> names;
  names.reserve(nb::len(attributes));
  std::vector<NamedAttr> attrs;
  for (auto [key, value] : attributes) {
    names.push_back(nb::cast<std::string>(key));
    attrs.emplace_back(names.back(), to_attr(value));
  }
  Tensors in;
  for (nb::handle o : inputs) in.push_back(to_tensor_object(o.ptr()));
  return wrap(run(op, in, Attrs(op, attrs)));
}

}  // namespace

void add_graphs(nb::module_& m) {
  m.def("executing_eagerly", &executing_eagerly);
  nb::class_<Outside>(m, "InitScope").def(nb::init<>()).def("close", [](Outside& o) { o.scope.reset(); });
  nb::class_<Aside>(m, "ScratchScope").def(nb::init<>()).def("close", [](Aside& o) { o.scope.reset(); });
  nb::class_<Names>(m, "NameScope")
      .def("__init__", [](Names* self, const std::string& name) { new (self) Names{std::make_unique<NameScope>(name)}; })
      .def("close", [](Names& n) { n.scope.reset(); });
  m.def("scope_name", [] { return NameScope::current(); });
  m.def("symbol_node", [](nb::handle t) { return node_object(symbol_node(tensor_of(t.ptr()))); });
  m.def("symbol_inputs", [](nb::handle t) { return wrap(symbol_inputs(tensor_of(t.ptr()))); });
  m.def("active_graph", &active_graph);
  m.def("after_ops", [](nb::object f) {
    if (f.is_none()) {
      after_ops({});
      return;
    }
    auto held = std::make_shared<PyForeign>(f.ptr());
    after_ops([held](const std::string& op, const Tensors& in, const Tensors& out) -> Tensors {
      WithGil gil;
      try {
        const nb::object other = held->object()(op, wrap(in), wrap(out));
        return other.is_none() ? Tensors() : to_tensors(other.ptr());
      } catch (nb::python_error& e) {
        e.restore();
        throw PythonFault();
      }
    });
  }, nb::arg("listener").none());
  m.def("symbol_graph", [](nb::handle t) { return symbol_graph(tensor_of(t.ptr())); });
  m.def("trace_gradients", [](nb::list targets, nb::list sources, nb::list weights, nb::list constants, bool zeros) {
    return wrap(trace_gradients(differentiated(targets), differentiated(sources), to_tensors(weights.ptr()),
                                differentiated(constants), zeros ? Unconnected::zero : Unconnected::none));
  });
  m.def("symbol_name", [](nb::handle t) { return symbol_name(tensor_of(t.ptr())); });
  m.def("variables_made", variables_made);
  m.def("forbid_variables", forbid_variables);
  m.def("evaluate", [](nb::handle t, nb::list arguments, nb::list values) {
    return wrap(evaluate(tensor_of(t.ptr()), to_tensors(arguments.ptr()), to_tensors(values.ptr())));
  });
  nb::class_<Concrete>(m, "Concrete")
      .def("call", [](Concrete& c, nb::list arguments) {
        const Tensors in = to_tensors(arguments.ptr());
        Tensors out;
        {
          WithoutGil gil(true);
          out = c.f->call(in);
        }
        return wrap(out);
      })
      .def_prop_ro("name", [](Concrete& c) { return c.f->name(); })
      .def_prop_ro("inputs", [](Concrete& c) {
        nb::list out;
        for (const TensorSpec& s : c.f->inputs()) out.append(spec_object(s));
        return out;
      })
      .def_prop_ro("outputs", [](Concrete& c) {
        nb::list out;
        for (const TensorSpec& s : c.f->outputs()) out.append(spec_object(s));
        return out;
      })
      .def_prop_ro("captures", [](Concrete& c) { return wrap(c.f->captures()); })
      .def_prop_ro("variables", [](Concrete& c) {
        nb::list out;
        for (const Variable& v : captured_variables(c.f)) out.append(variable_object(v));
        return out;
      })
      .def("nodes", [](Concrete& c) {
        nb::list out;
        for (const TraceNode& n : trace_nodes(c.f)) out.append(node_object(n));
        return out;
      })
      .def("graph_def", [](Concrete& c) {
        const std::string bytes = c.f->graph_def();
        return nb::bytes(bytes.data(), bytes.size());
      });
  m.def("trace", &trace_python);
  m.def("bind_argument", [](nb::handle argument, nb::handle variable) {
    bind_argument(to_tensor_object(argument.ptr()), variable_of(variable.ptr()));
  });
  m.def("run_op", &run_op);
  m.def("custom_gradient", [](nb::list outputs, nb::list sources, nb::object backward) {
    return wrap(custom_gradient(to_tensors(outputs.ptr()), to_tensors(sources.ptr()), host(backward)));
  });
  m.def("host_function", [](nb::list inputs, nb::list dtypes, nb::object f, nb::object gradient) {
    std::vector<DType> tout;
    for (nb::handle d : dtypes) tout.push_back(to_dtype(d.ptr()));
    return wrap(host_function(to_tensors(inputs.ptr()), tout, host(f), host(gradient)));
  });
  m.def("describe_op", [](const std::string& name) {
    const OpDescription d = describe(find_op(name));
    const auto texts = [](const std::vector<std::string>& all) {
      nb::list out;
      for (const std::string& s : all) out.append(nb::str(s.c_str()));
      return out;
    };
    nb::dict out;
    out["inputs"] = texts(d.inputs);
    out["outputs"] = texts(d.outputs);
    out["attrs"] = texts(d.attrs);
    out["doc"] = nb::str(d.doc.c_str());
    out["effect"] = nb::str(d.effect.c_str());
    out["differentiable"] = d.differentiable;
    out["elementwise"] = d.elementwise;
    nb::list dtypes;
    for (const DType t : d.dtypes) dtypes.append(nb::str(name_of(t)));
    out["dtypes"] = dtypes;
    return out;
  });
  m.def("op_names", [] {
    nb::list out;
    for (const Op* op : all_ops()) out.append(nb::str(op_name(*op).c_str()));
    return out;
  });
  add_dispatcher(m);
  add_control_flow(m);
  add_graph_import(m);
}

}  // namespace ninefold::python
