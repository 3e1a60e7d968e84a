// In: the arguments of a tf.function. Out: the trace that is kept for such arguments, run; without one, Python
// makes it (method _miss). Tensors and variables count by dtype and shape, Python values by value, objects whose class says
// so (__tf_tracing_type__) by their TraceType, those that know when they are equal by that, and others by identity.
#include <cstddef>
#include <unordered_map>

#include "graph.h"

namespace ninefold::python {
namespace {

struct Entry {
  FunctionRef f;
  nb::object pack;                // None: the one tensor; 1: a list; 2: a tuple; else called with the list
  std::vector<nb::object> held;   // of each object in the key: a weak reference, or itself where it has none
};
struct Parameter {
  nb::object name, fallback;      // fallback: a null handle where it is required
  bool keyword_only;
};
struct State {
  std::vector<Parameter> parameters;
  bool more = false, named = false;   // *args, **kwargs
  std::unordered_map<std::string, Entry> entries;
  nb::object types;               // dict: TraceTypes and objects that compare themselves -> their number in keys
  nb::object special;             // takes all calls: an input_signature, a function that runs eagerly
};
struct DispatcherObject {
  PyObject_HEAD
  vectorcallfunc call;
  State* state;
  PyObject* dict;
  PyObject* weak;
};
DispatcherObject* of(PyObject* o) { return reinterpret_cast<DispatcherObject*>(o); }
bool run_eagerly = false;         // tf.config.run_functions_eagerly; guarded by the GIL

// ---- the key ----------------------------------------------------------------------------------------------

struct Key {
  std::string text;
  Tensors inputs;
  std::vector<PyObject*> objects;
  std::vector<nb::object> made;   // keeps what conversion made alive
  struct Known {
    const VariableResource* variable;
    bool given;                   // among `inputs`
  };
  std::vector<Known> variables;   // in the order in which they appear, so that their numbers tell which are the same
  PyObject* self;                 // the Dispatcher
  nb::object context;             // what all TraceTypes of a call share

  explicit Key(PyObject* dispatcher) : self(dispatcher) {}

  template <class T> void put(char tag, T v) {
    text += tag;
    text.append(reinterpret_cast<const char*>(&v), sizeof(v));
  }
  void put_text(char tag, PyObject* o) {
    const nb::object s = PyUnicode_Check(o) ? nb::borrow(o) : nb::object(nb::repr(nb::handle(o)));
    Py_ssize_t n = 0;
    const char* p = PyUnicode_AsUTF8AndSize(s.ptr(), &n);
    if (!p) throw nb::python_error();
    put(tag, n);
    text.append(p, static_cast<size_t>(n));
  }
  void tensor(Tensor t) {
    put('T', static_cast<uint16_t>(static_cast<uint16_t>(t.dtype()) << 8 | static_cast<uint8_t>(t.shape().rank())));
    text.append(reinterpret_cast<const char*>(t.shape().begin()), t.shape().dims().size_bytes());
    inputs.push_back(std::move(t));
  }
  // Equal types have one number. What serves a type besides its own trace, Python finds.
  void numbered(char tag, nb::object type) {
    nb::object& known = of(self)->state->types;
    if (!known.is_valid()) known = nb::dict();
    PyObject* at = PyDict_GetItemWithError(known.ptr(), type.ptr());
    if (!at && PyErr_Occurred()) {
      PyErr_Clear();
      nb::handle(self).attr("_refuse_unhashable")(type);
    }
    const Py_ssize_t n = at ? PyLong_AsSsize_t(at) : PyDict_Size(known.ptr());
    if (!at) nb::borrow<nb::dict>(known)[type] = n;
    put(tag, n);
  }
  bool typed(PyObject* o) {
    if (!PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "__tf_tracing_type__")) return false;
    if (!context.is_valid()) context = nb::handle(self).attr("_tracing_context")();
    numbered('X', nb::handle(o).attr("__tf_tracing_type__")(context));
    return true;
  }
  size_t number(PyObject* o) {
    const VariableResource* v = variable_of(o).resource().get();
    size_t i = 0;
    while (i < variables.size() && variables[i].variable != v) ++i;
    if (i == variables.size()) variables.push_back({v, false});
    return i;
  }
  // A dict's variables appear in its own order, though its items are taken in that of their keys.
  void number_all(PyObject* o) {
    if (is_variable(o)) {
      number(o);
    } else if (PyDict_Check(o)) {
      const Deeper within;
      PyObject *key, *value;
      for (Py_ssize_t at = 0; PyDict_Next(o, &at, &key, &value);) number_all(value);
    } else if (PyList_Check(o) || PyTuple_Check(o)) {
      const Deeper within;
      const bool list = PyList_Check(o) != 0;
      const Py_ssize_t n = list ? PyList_Size(o) : PyTuple_Size(o);
      for (Py_ssize_t i = 0; i < n; ++i) number_all(list ? PyList_GetItem(o, i) : PyTuple_GetItem(o, i));
    }
  }
  // A variable counts by dtype, shape and which of the arguments it is also.
  void variable(PyObject* o) {
    const Variable& v = variable_of(o);
    Known& known = variables[number(o)];
    put('V', static_cast<uint32_t>(&known - variables.data()));
    if (known.given) return;
    known.given = true;
    const Shape& shape = v.shape();
    put('v', static_cast<uint16_t>(static_cast<uint16_t>(v.dtype()) << 8 | static_cast<uint8_t>(shape.known_rank() ? shape.rank() : 255)));
    if (shape.known_rank()) text.append(reinterpret_cast<const char*>(shape.begin()), shape.dims().size_bytes());
    inputs.push_back(v.handle());
  }
  void walk(PyObject* o) {
    if (is_tensor(o)) return tensor(tensor_of(o));
    if (o == Py_None) return text.push_back('N');
    if (PyBool_Check(o)) return text.push_back(o == Py_True ? 't' : 'f');
    if (PyLong_CheckExact(o)) {
      int overflow = 0;
      const long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
      return overflow ? put_text('I', o) : put('i', v);
    }
    if (PyFloat_CheckExact(o)) return put('F', PyFloat_AsDouble(o));
    if (PyUnicode_Check(o)) return put_text('S', o);
    if (is_variable(o)) return variable(o);
    const bool plain = PyList_CheckExact(o) || PyTuple_CheckExact(o) || PyDict_CheckExact(o);
    if (!plain && !PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "_is_composite_tensor_") && typed(o)) return;
    if (PyList_Check(o) || PyTuple_Check(o)) {
      const Deeper within;
      const bool list = PyList_Check(o) != 0;
      const Py_ssize_t n = list ? PyList_Size(o) : PyTuple_Size(o);
      put(list ? 'L' : 'P', n);
      if (!PyList_CheckExact(o) && !PyTuple_CheckExact(o)) put('M', Py_TYPE(o));
      for (Py_ssize_t i = 0; i < n; ++i) walk(list ? PyList_GetItem(o, i) : PyTuple_GetItem(o, i));
      return;
    }
    if (PyDict_Check(o)) {
      const Deeper within;
      number_all(o);
      nb::object keys = checked(PyDict_Keys(o));
      if (PyList_Sort(keys.ptr()) < 0) throw nb::python_error();
      put('D', PyList_Size(keys.ptr()));
      for (Py_ssize_t i = 0; i < PyList_Size(keys.ptr()); ++i) {
        walk(PyList_GetItem(keys.ptr(), i));
        walk(PyDict_GetItem(o, PyList_GetItem(keys.ptr(), i)));
      }
      return;
    }
    if (PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(shell.ndarray)) ||
        PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(shell.generic)))
      return tensor(to_tensor_object(o));
    if (PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "_is_composite_tensor_")) {
      const nb::object spec = nb::handle(o).attr("_type_spec");
      put_text('C', spec.ptr());
      made.push_back(nb::handle(o).attr("_composite_parts_")());
      if (!PyObject_HasAttrString(spec.ptr(), "_component_specs_")) return walk(made.back().ptr());
      for (nb::handle part : made.back()) inputs.push_back(tensor_of(part.ptr()));   // any that fit the spec
      return;
    }
    if (PyBytes_Check(o) || PyComplex_Check(o) || PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(shell.shape_type)))
      return put_text('R', o);
    PyObject* type = reinterpret_cast<PyObject*>(Py_TYPE(o));
    if (PyObject_HasAttrString(type, "__attrs_attrs__")) {   // a class of attrs: a nest, as a namedtuple is
      put('A', type);
      for (nb::handle field : nb::handle(type).attr("__attrs_attrs__")) {
        made.push_back(nb::getattr(nb::handle(o), nb::str(field.attr("name"))));
        walk(made.back().ptr());
      }
      return;
    }
    if (nb::object(nb::handle(type).attr("__eq__")).ptr() != nb::object(nb::handle(reinterpret_cast<PyObject*>(&PyBaseObject_Type)).attr("__eq__")).ptr())
      return numbered('E', nb::handle(self).attr("_counted_object")(nb::handle(o)));
    put('O', o);
    objects.push_back(o);
  }
};

bool holds(const Entry& e, const std::vector<PyObject*>& objects) {
  for (size_t i = 0; i < objects.size(); ++i) {
    PyObject* held = e.held[i].ptr();
    if ((PyWeakref_Check(held) ? PyWeakref_GetObject(held) : held) != objects[i]) return false;
  }
  return true;
}

// ---- the call -----------------------------------------------------------------------------------------------

struct Bound {
  std::vector<PyObject*> values;   // a parameter each, borrowed
  std::vector<PyObject*> more;
  std::vector<std::pair<PyObject*, PyObject*>> named;
};

// False where the call does not fit the signature; Python then says why.
bool bind(const State& s, PyObject* const* args, size_t n, PyObject* names, Bound& out) {
  const size_t all = s.parameters.size();
  out.values.assign(all, nullptr);
  for (size_t i = 0; i < n; ++i) {
    if (i < all && !s.parameters[i].keyword_only) out.values[i] = args[i];
    else if (s.more) out.more.push_back(args[i]);
    else return false;
  }
  for (Py_ssize_t k = 0, count = names ? PyTuple_Size(names) : 0; k < count; ++k) {
    PyObject* name = PyTuple_GetItem(names, k);
    PyObject* value = args[n + static_cast<size_t>(k)];
    size_t at = 0;
    while (at < all && s.parameters[at].name.ptr() != name && PyUnicode_Compare(s.parameters[at].name.ptr(), name) != 0) ++at;
    if (at < all) {
      if (out.values[at]) return false;
      out.values[at] = value;
    } else if (s.named) {
      out.named.emplace_back(name, value);
    } else {
      return false;
    }
  }
  for (size_t i = 0; i < all; ++i) {
    if (!out.values[i]) out.values[i] = s.parameters[i].fallback.ptr();
    if (!out.values[i]) return false;
  }
  return true;
}

nb::object tuple_of(const std::vector<PyObject*>& items) {
  nb::object t = checked(PyTuple_New(static_cast<Py_ssize_t>(items.size())));
  for (size_t i = 0; i < items.size(); ++i) PyTuple_SetItem(t.ptr(), static_cast<Py_ssize_t>(i), Py_NewRef(items[i]));
  return t;
}

PyObject* finish(const Entry& e, const Tensors& out) {
  if (e.pack.is_none()) return wrap_new(out.at(0));
  const nb::object list = wrap(out);
  if (!PyLong_Check(e.pack.ptr())) return PyObject_CallFunctionObjArgs(e.pack.ptr(), list.ptr(), nullptr);
  return PyLong_AsLong(e.pack.ptr()) == 1 ? nb::object(list).release().ptr() : PyList_AsTuple(list.ptr());
}

PyObject* forwarded(nb::object target, PyObject* const* args, size_t n, PyObject* names) {
  return PyObject_Vectorcall(target.ptr(), args, n, names);
}

PyObject* vectorcall(PyObject* self, PyObject* const* args, size_t nargsf, PyObject* names) {
  return guarded([&]() -> PyObject* {
    State& s = *of(self)->state;
    const auto n = static_cast<size_t>(PyVectorcall_NARGS(nargsf));
    if (run_eagerly) return forwarded(nb::handle(self).attr("_call_python"), args, n, names);
    if (s.special.is_valid() && !s.special.is_none()) return forwarded(nb::handle(self).attr("_call_specially"), args, n, names);
    Bound b;
    if (!bind(s, args, n, names, b)) return forwarded(nb::handle(self).attr("_call_wrongly"), args, n, names);
    Key key(self);
    for (PyObject* o : b.values) key.walk(o);
    for (PyObject* o : b.more) key.walk(o);
    for (auto [name, value] : b.named) key.put_text('K', name), key.walk(value);
    auto at = s.entries.find(key.text);
    if (at == s.entries.end() || !holds(at->second, key.objects)) {
      nb::dict named;
      for (auto [name, value] : b.named) named[nb::handle(name)] = nb::handle(value);
      const nb::object made = nb::handle(self).attr("_miss")(tuple_of(b.values), tuple_of(b.more), named, wrap(key.inputs));
      Entry e{nb::cast<Concrete&>(made[0]).f, made[1], {}};
      for (PyObject* o : key.objects) {
        PyObject* weak = PyWeakref_NewRef(o, nullptr);
        if (!weak) PyErr_Clear();
        e.held.push_back(weak ? nb::steal(weak) : nb::borrow(o));
      }
      at = s.entries.insert_or_assign(key.text, std::move(e)).first;
    }
    const FunctionRef f = at->second.f;
    const Entry entry = at->second;
    Tensors out;
    {
      WithoutGil gil(true);
      out = f->call(key.inputs);
    }
    return finish(entry, out);
  });
}

// _setup(names, defaults, keyword_only, more, named): defaults is a dict.
PyObject* setup(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *names, *defaults, *keyword_only;
    int more, named;
    if (!PyArg_ParseTuple(args, "OOOpp", &names, &defaults, &keyword_only, &more, &named)) return nullptr;
    State& s = *of(self)->state;
    s.parameters.clear();
    for (nb::handle name : nb::handle(names)) {
      PyObject* fallback = PyDict_GetItem(defaults, name.ptr());
      s.parameters.push_back({nb::borrow(name), fallback ? nb::borrow(fallback) : nb::object(), PySequence_Contains(keyword_only, name.ptr()) == 1});
    }
    s.more = more, s.named = named;
    Py_RETURN_NONE;
  });
}
PyObject* set_special(PyObject* self, PyObject* what) {
  of(self)->state->special = nb::borrow(what);
  Py_RETURN_NONE;
}
PyObject* forget(PyObject* self, PyObject*) {
  of(self)->state->entries.clear();
  of(self)->state->types.reset();
  Py_RETURN_NONE;
}

PyObject* make(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* o = reinterpret_cast<allocfunc>(PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (!o) return nullptr;
  of(o)->call = vectorcall;
  of(o)->state = new State();
  return o;
}
int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(of(self)->dict);
  Py_VISIT(Py_TYPE(self));
  if (const State* s = of(self)->state) {
    for (const Parameter& p : s->parameters) Py_VISIT(p.fallback.ptr());
    for (const auto& [key, e] : s->entries) {
      Py_VISIT(e.pack.ptr());
      for (const nb::object& o : e.held) Py_VISIT(o.ptr());
    }
    Py_VISIT(s->types.ptr());
    Py_VISIT(s->special.ptr());
  }
  return 0;
}
int clear(PyObject* self) {
  Py_CLEAR(of(self)->dict);
  if (State* s = of(self)->state) *s = State();
  return 0;
}
void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (of(self)->weak) PyObject_ClearWeakRefs(self);
  Py_CLEAR(of(self)->dict);
  delete of(self)->state;
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(DispatcherObject, call), READONLY, nullptr},
    {"__dictoffset__", T_PYSSIZET, offsetof(DispatcherObject, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(DispatcherObject, weak), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};
PyGetSetDef attributes[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef methods[] = {{"_setup", setup, METH_VARARGS, nullptr}, {"_set_special", set_special, METH_O, nullptr},
                         {"_forget", forget, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

}  // namespace

void add_dispatcher(nb::module_& m) {
  PyType_Slot slots[] = {
      {Py_tp_members, members}, {Py_tp_getset, attributes}, {Py_tp_methods, methods},
      {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)}, {Py_tp_new, reinterpret_cast<void*>(make)},
      {Py_tp_traverse, reinterpret_cast<void*>(traverse)}, {Py_tp_clear, reinterpret_cast<void*>(clear)},
      {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)}, {0, nullptr}};
  PyType_Spec spec = {"ninefold._core.Dispatcher", sizeof(DispatcherObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_HAVE_GC, slots};
  PyObject* type = PyType_FromSpec(&spec);
  if (!type) throw nb::python_error();
  m.attr("Dispatcher") = nb::handle(type);
  m.def("run_functions_eagerly", [](bool on) { run_eagerly = on; });
  m.def("functions_run_eagerly", [] { return run_eagerly; });
}

}  // namespace ninefold::python
