// In: the public function records. Out: one Python callable a record, all parsed by the one routine below
// from the record's parameters: no code is generated or instantiated for a single function.
#include <cstddef>
#include <unordered_map>

#include "slots.h"

namespace ninefold::python {
namespace {

enum class Kind : uint8_t { letter, tensor, tensors, flag, integer, number, text, dtype, shape, ints, value };
struct Slot {
  PyObject* name;      // interned
  Kind kind;
  char letter;
  bool required, variadic;
};
// What a call needs of a record, made at its first call.
struct Plan {
  std::vector<Slot> slots;
  std::string short_name;
  int name_slot = -1;
  PyObject* finish = nullptr;   // what makes the result of a list (a tuple, a namedtuple); null: nothing
};
struct FunctionObject {
  PyObject_HEAD
  vectorcallfunc call;
  const Function* record;
  Plan* plan;
  PyObject* dict;
};
PyTypeObject* function_type = nullptr;

Kind kind_of(const std::string& type) {
  static const std::unordered_map<std::string, Kind> known = {
      {"tensor", Kind::tensor}, {"tensors", Kind::tensors}, {"bool", Kind::flag}, {"int", Kind::integer},
      {"float", Kind::number}, {"str", Kind::text}, {"dtype", Kind::dtype}, {"shape", Kind::shape},
      {"ints", Kind::ints}, {"value", Kind::value}};
  if (type.size() == 1) return Kind::letter;
  if (type.size() == 3 && type[0] == '[') return Kind::tensors;
  auto it = known.find(type);
  return it == known.end() ? Kind::value : it->second;
}

Plan& plan_of(FunctionObject* f) {
  if (f->plan) return *f->plan;
  auto plan = std::make_unique<Plan>();
  for (const Parameter& p : parameters_of(*f->record)) {
    if (p.name == "name") plan->name_slot = static_cast<int>(plan->slots.size());
    const Kind kind = kind_of(p.type);
    plan->slots.push_back({PyUnicode_InternFromString(p.name.c_str()), kind,
                           kind == Kind::letter ? p.type[0] : kind == Kind::tensors && p.type.size() == 3 ? p.type[1] : '\0', p.required, p.variadic});
  }
  const std::string& name = f->record->names.at(0);
  plan->short_name = name.substr(name.rfind('.') + 1);
  for (const std::string& alias : f->record->names)
    if (PyObject* found = PyDict_GetItemString(shell.results, alias.c_str())) plan->finish = found;
  return *(f->plan = plan.release());
}

// ---- objects that decide themselves what a function means for them ------------------------------------

bool plain(PyObject* o) {
  PyTypeObject* t = Py_TYPE(o);
  return o == Py_None || t == eager_type || t == tensor_type || t == &PyFloat_Type || t == &PyLong_Type || t == &PyUnicode_Type || t == &PyBool_Type;
}
PyObject* taker_in(PyObject* o, int depth) {
  if (plain(o)) return nullptr;
  if ((PyList_CheckExact(o) || PyTuple_CheckExact(o)) && depth > 0) {
    const Py_ssize_t n = PyList_Check(o) ? PyList_Size(o) : PyTuple_Size(o);
    for (Py_ssize_t i = 0; i < n; ++i)
      if (PyObject* t = taker_in(PyList_Check(o) ? PyList_GetItem(o, i) : PyTuple_GetItem(o, i), depth - 1)) return t;
    return nullptr;
  }
  return PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "__tf_dispatch__") ? o : nullptr;
}

// ---- one argument ---------------------------------------------------------------------------------------

bool has_unknown(PyObject* o) {
  if (!PyList_Check(o) && !PyTuple_Check(o)) return false;
  const Py_ssize_t n = PyList_Check(o) ? PyList_Size(o) : PyTuple_Size(o);
  for (Py_ssize_t i = 0; i < n; ++i) {
    PyObject* item = PyList_Check(o) ? PyList_GetItem(o, i) : PyTuple_GetItem(o, i);
    if (item == Py_None || PyObject_HasAttrString(item, "value")) return true;
  }
  return false;
}

Value tensor_value(PyObject* o, DType like) {
  if (is_tensor(o)) return tensor_of(o);
  if (is_variable(o)) return read_dtype(o) == variable_of(o).dtype() ? Value(variable_of(o)) : Value(read_variable(o));
  if (o == Py_None || PyFloat_CheckExact(o) || PyLong_CheckExact(o) || PyBool_Check(o) || PyUnicode_Check(o) || PyBytes_Check(o)) return to_value(o);
  if (PyList_Check(o) || PyTuple_Check(o)) return to_value(o);
  if (auto composite = composite_of(o)) return composite;
  if (handle_types && PyObject_IsInstance(o, handle_types) == 1) return held_by(o);
  return to_tensor_object(o, DType::invalid, like);
}

Value argument(const Slot& s, PyObject* o, DType like) {
  if (o == Py_None) return {};
  switch (s.kind) {
    case Kind::letter: case Kind::tensor: return tensor_value(o, like);
    case Kind::tensors: {
      if (!PyList_Check(o) && !PyTuple_Check(o)) {
        if (is_tensor(o) || is_variable(o)) return tensor_value(o, like);
        if (!PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "__iter__") || PyUnicode_Check(o)) return to_value(o);
      }
      const nb::object items = checked(PySequence_List(o));
      ValueList list;
      for (Py_ssize_t i = 0; i < PyList_Size(items.ptr()); ++i) list.push_back(tensor_value(PyList_GetItem(items.ptr(), i), like));
      return list;
    }
    case Kind::dtype: return to_dtype(o);
    case Kind::shape:
      if (is_tensor(o) || is_variable(o)) return to_value(o);
      if (has_unknown(o) || PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(shell.shape_type))) return to_shape(o);
      return to_value(o);
    case Kind::flag:
      if (!is_tensor(o) && !PyBool_Check(o) && !is_variable(o) && !PyUnicode_Check(o)) {
        const int truth = PyObject_IsTrue(o);
        if (truth < 0) throw nb::python_error();
        return truth == 1;
      }
      return to_value(o);
    case Kind::integer:
      if (!is_tensor(o) && PyIndex_Check(o)) return to_value(checked(PyNumber_Index(o)).ptr());
      return to_value(o);
    case Kind::number:
      if (PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(shell.generic))) return to_value(checked(PyNumber_Float(o)).ptr());
      return to_value(o);
    case Kind::ints:
      if (PyObject_TypeCheck(o, reinterpret_cast<PyTypeObject*>(shell.generic))) return to_value(checked(PyNumber_Index(o)).ptr());
      return to_value(o);
    default: return to_value(o);
  }
}

// ---- the call ---------------------------------------------------------------------------------------------

[[noreturn]] void bad_call(const std::string& text) { raise(PyExc_TypeError, text); }

// The arguments by slot, borrowed; null where none was given.
void bind(Plan& plan, PyObject* const* args, size_t n, PyObject* names, std::vector<PyObject*>& given, std::vector<PyObject*>& rest) {
  const size_t slots = plan.slots.size();
  size_t variadic = slots;
  for (size_t i = 0; i < slots; ++i)
    if (plan.slots[i].variadic) variadic = i;
  for (size_t i = 0; i < n; ++i) {
    if (i >= variadic) rest.push_back(args[i]);
    else if (i < slots) given[i] = args[i];
    else bad_call(plan.short_name + "() takes " + std::to_string(slots) + " positional argument" + (slots == 1 ? "" : "s") + " but " +
                  std::to_string(n) + (n == 1 ? " was" : " were") + " given");
  }
  const Py_ssize_t named = names ? PyTuple_Size(names) : 0;
  for (Py_ssize_t k = 0; k < named; ++k) {
    PyObject* name = PyTuple_GetItem(names, k);
    size_t at = 0;
    while (at < slots && plan.slots[at].name != name) ++at;
    if (at == slots) {
      at = 0;
      while (at < slots && PyUnicode_Compare(plan.slots[at].name, name) != 0) ++at;
    }
    if (at == slots) bad_call(plan.short_name + "() got an unexpected keyword argument '" + nb::cast<std::string>(nb::handle(name)) + "'");
    if (given[at]) bad_call(plan.short_name + "() got multiple values for argument '" + nb::cast<std::string>(nb::handle(name)) + "'");
    given[at] = args[n + static_cast<size_t>(k)];
  }
  std::string missing;
  int count = 0;
  for (size_t i = 0; i < slots; ++i)
    if (!given[i] && plan.slots[i].required) {
      missing += (count ? " and '" : "'") + nb::cast<std::string>(nb::handle(plan.slots[i].name)) + "'";
      ++count;
    }
  if (count)
    bad_call(plan.short_name + "() missing " + std::to_string(count) + " required positional argument" + (count > 1 ? "s" : "") + ": " + missing);
}

// The dtype that the tensors among the arguments of one letter have: numbers and arrays follow it. 'D': the one that the
// argument `dtype` names.
DType dtype_of_letter(const Plan& plan, const std::vector<Parameter>& parameters, const std::vector<PyObject*>& given, char letter) {
  if (!letter) return DType::invalid;
  for (size_t i = 0; letter == 'D' && i < plan.slots.size(); ++i) {
    if (plan.slots[i].kind != Kind::dtype) continue;
    const DType* named = parameters[i].fallback.get<DType>();
    return given[i] && given[i] != Py_None ? to_dtype(given[i]) : named ? *named : DType::invalid;
  }
  for (size_t i = 0; i < plan.slots.size(); ++i) {
    if (plan.slots[i].letter != letter || !given[i]) continue;
    if (is_tensor(given[i])) return tensor_of(given[i]).dtype();
    if (is_variable(given[i])) return read_dtype(given[i]);
    if (PyList_Check(given[i]) && plan.slots[i].kind == Kind::tensors)
      for (Py_ssize_t k = 0; k < PyList_Size(given[i]); ++k)
        if (PyObject* o = PyList_GetItem(given[i], k); is_tensor(o)) return tensor_of(o).dtype();
  }
  return DType::invalid;
}

// Does TensorFlow's text of a fault end with the name? A default only where the function hands it to its op;
// tf.add opens a scope of that name instead.
bool names_ops(const Plan& plan, bool given) {
  if (given) return plan.short_name != "add";
  return plan.short_name == "concat" || plan.short_name == "stack" || plan.short_name == "split";
}

PyObject* vectorcall(PyObject* self, PyObject* const* args, size_t nargsf, PyObject* names) {
  auto* f = reinterpret_cast<FunctionObject*>(self);
  const auto n = static_cast<size_t>(PyVectorcall_NARGS(nargsf));
  std::string op_name;
  try {
    Plan& plan = plan_of(f);
    const size_t all = n + static_cast<size_t>(names ? PyTuple_Size(names) : 0);
    for (size_t i = 0; i < all; ++i)
      if (PyObject* taker = taker_in(args[i], 2)) {
        nb::dict kwargs;
        nb::object positional = checked(PyTuple_New(static_cast<Py_ssize_t>(n)));
        for (size_t k = 0; k < n; ++k) PyTuple_SetItem(positional.ptr(), static_cast<Py_ssize_t>(k), Py_NewRef(args[k]));
        for (size_t k = n; k < all; ++k) kwargs[nb::handle(PyTuple_GetItem(names, static_cast<Py_ssize_t>(k - n)))] = nb::handle(args[k]);
        nb::object result = nb::handle(taker).attr("__tf_dispatch__")(nb::handle(self), positional, kwargs);
        if (result.ptr() != Py_NotImplemented) return result.release().ptr();
        break;
      }
    std::vector<PyObject*> given(plan.slots.size()), rest;
    bind(plan, args, n, names, given, rest);
    const auto& parameters = parameters_of(*f->record);
    std::vector<Value> values;
    values.reserve(given.size());
    bool big = false;
    for (size_t i = 0; i < given.size(); ++i) {
      const Slot& s = plan.slots[i];
      if (s.variadic) {
        ValueList list;
        for (PyObject* o : rest) list.push_back(to_value(o));
        values.emplace_back(std::move(list));
      } else if (!given[i]) {
        values.push_back(parameters[i].fallback);
      } else {
        values.push_back(argument(s, given[i], is_tensor(given[i]) ? DType::invalid : dtype_of_letter(plan, parameters, given, s.letter)));
        if (const Tensor* t = values.back().get<Tensor>()) big |= worth_releasing({t, 1});
      }
    }
    if (plan.name_slot >= 0 && names_ops(plan, given[static_cast<size_t>(plan.name_slot)] != nullptr))
      if (const auto* s = values[static_cast<size_t>(plan.name_slot)].get<std::string>()) op_name = *s;
    Value result;
    {
      WithoutGil gil(big);
      result = ninefold::call(*f->record, std::move(values));
    }
    if (const Tensor* t = result.get<Tensor>()) return t->defined() ? wrap_new(*t) : Py_NewRef(Py_None);
    nb::object out = nb::steal(from_value(result));
    return plan.finish ? PyObject_CallFunctionObjArgs(plan.finish, out.ptr(), nullptr) : out.release().ptr();
  } catch (const PythonFault& e) {
    e.restore();
  } catch (const Error& e) {
    const bool op_fault = !op_name.empty() && e.message().find(" [Op:") != std::string::npos && e.message().find(" name: ") == std::string::npos;
    set_error(op_fault ? Error(e.code(), e.message() + " name: " + op_name) : e);
  } catch (...) {
    set_error(std::current_exception());
  }
  return nullptr;
}

// ---- what inspect, help and the interpreter show ------------------------------------------------------------

FunctionObject* fn(PyObject* self) { return reinterpret_cast<FunctionObject*>(self); }
PyObject* get_name(PyObject* self, void*) {
  const std::string& name = fn(self)->record->names.at(0);
  return PyUnicode_FromString(name.c_str() + name.rfind('.') + 1);
}
PyObject* get_doc(PyObject* self, void*) { return PyUnicode_FromString(fn(self)->record->doc.c_str()); }
PyObject* get_names(PyObject* self, void*) {
  return guarded([&] {
    nb::list out;
    for (const std::string& n : fn(self)->record->names) out.append(nb::str(n.c_str()));
    return out.release().ptr();
  });
}
PyObject* get_signature(PyObject* self, void*) {
  return guarded([&] {
    const nb::object inspect = nb::module_::import_("inspect");
    const nb::object make = inspect.attr("Parameter");
    nb::list all;
    bool after_star = false;
    for (const Parameter& p : parameters_of(*fn(self)->record)) {
      const nb::object kind = make.attr(p.variadic ? "VAR_POSITIONAL" : after_star ? "KEYWORD_ONLY" : "POSITIONAL_OR_KEYWORD");
      after_star |= p.variadic;
      if (p.required || p.variadic) all.append(make(nb::str(p.name.c_str()), kind));
      else all.append(make(nb::str(p.name.c_str()), kind, nb::arg("default") = nb::steal(from_value(p.fallback))));
    }
    return inspect.attr("Signature")(all).release().ptr();
  });
}
PyObject* repr(PyObject* self) { return PyUnicode_FromFormat("<function %s>", fn(self)->record->names.at(0).c_str()); }
PyObject* reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    return nb::make_tuple(nb::module_::import_("ninefold._core").attr("function_named"), nb::make_tuple(nb::str(fn(self)->record->names.at(0).c_str())))
        .release().ptr();
  });
}
void dealloc(PyObject* self) {   // records live for ever, and so do their callables; kept for completeness
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_CLEAR(fn(self)->dict);
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}
int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(fn(self)->dict);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(FunctionObject, call), READONLY, nullptr},
    {"__dictoffset__", T_PYSSIZET, offsetof(FunctionObject, dict), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};
PyGetSetDef attributes[] = {
    {"__name__", get_name, nullptr, nullptr, nullptr}, {"__qualname__", get_name, nullptr, nullptr, nullptr},
    {"__doc__", get_doc, nullptr, nullptr, nullptr}, {"__signature__", get_signature, nullptr, nullptr, nullptr},
    {"_names", get_names, nullptr, nullptr, nullptr},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

nb::object callable(const Function* record) {
  static auto* made = new std::unordered_map<const Function*, PyObject*>();   // guarded by the GIL
  if (auto it = made->find(record); it != made->end()) return nb::borrow(it->second);
  PyObject* o = reinterpret_cast<allocfunc>(PyType_GetSlot(function_type, Py_tp_alloc))(function_type, 0);
  if (!o) throw nb::python_error();
  fn(o)->call = vectorcall;
  fn(o)->record = record;
  (*made)[record] = Py_NewRef(o);
  return nb::steal(o);
}

}  // namespace

void add_functions(nb::module_& m) {
  PyType_Slot slots[] = {{Py_tp_members, members}, {Py_tp_getset, attributes}, {Py_tp_methods, methods},
                         {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)}, {Py_tp_repr, reinterpret_cast<void*>(repr)},
                         {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)}, {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                         {0, nullptr}};
  PyType_Spec spec = {"ninefold.Function", sizeof(FunctionObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_HAVE_GC, slots};
  function_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!function_type) throw nb::python_error();
  m.attr("Function") = nb::handle(reinterpret_cast<PyObject*>(function_type));
  // [(name, callable), ...] of every name of every record: what the namespaces are filled with.
  m.def("functions", [] {
    nb::list out;
    for (const Function* f : all_functions()) {
      const nb::object o = callable(f);
      for (const std::string& name : f->names) out.append(nb::make_tuple(nb::str(name.c_str()), o));
    }
    return out;
  });
  m.def("function_named", [](const char* name) {
    const Function* f = find_function(name);
    if (!f) raise(PyExc_AttributeError, std::string("no function is named ") + name);
    return callable(f);
  });
}

}  // namespace ninefold::python
