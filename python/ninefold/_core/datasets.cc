// In: pipelines of C++. Out: handles for tf.data.Dataset; elements cross as flat lists of tensors, the form
// of an element (tuples, dicts, ...) is kept by Python.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "keras_handles.h"
#include "ninefold/data.h"
#include "ninefold/resume.h"
#include "sparse.h"

namespace ninefold::python {
namespace {

// An iterator of Python's. Stages may have threads of their own, which its end waits for; one of these may be about to call
// a Python function, so it ends without the GIL.
struct Pass {
  explicit Pass(const DatasetPtr& from) : of(std::make_unique<data::ResumablePass>(from)) {}
  ~Pass() {
    nb::gil_scoped_release release;
    of.reset();
  }
  std::unique_ptr<data::ResumablePass> of;
};

DatasetPtr dataset(const Handle& h) {
  auto d = std::dynamic_pointer_cast<Dataset>(h.object);
  if (!d) raise(PyExc_TypeError, h.object->describe() + " is no dataset");
  return d;
}
DatasetPtr dataset(nb::handle o) { return dataset(nb::cast<const Handle&>(o)); }
Handle handle(DatasetPtr d) { return Handle{std::move(d)}; }

ValueList list_of(const Tensors& ts) { return ValueList(ts.begin(), ts.end()); }
Tensors leaves(const Value& element) {
  // Elements of datasets that Python made are flat lists; a single component may stand alone.
  if (const Tensor* t = element.get<Tensor>()) return {*t};
  Tensors out;
  if (const ValueList* list = element.get<ValueList>())
    for (const Value& v : *list) {
      const Tensors inner = leaves(v);
      out.insert(out.end(), inner.begin(), inner.end());
    }
  return out;
}
// The next element. Faults of the pipeline name the op that asked for it, as in TensorFlow.
bool next_of(Pass& p, Tensors& element) {
  try {
    return p.of->next(element);
  } catch (const PythonFault&) {
    throw;
  } catch (const Error& e) {
    const bool plain = e.code() == Code::invalid_argument || e.code() == Code::data_loss || e.code() == Code::not_found ||
                       e.code() == Code::failed_precondition;
    if (!plain || e.message().find("[Op:") != std::string::npos) throw;
    throw Error(e.code(), e.message() + " [Op:IteratorGetNext]");
  }
}
// A Python function of flat lists of tensors, as a function of elements.
ElementFunction element_function(nb::object f) {
  auto held = std::make_shared<PyForeign>(f.ptr());
  return [held](const Value& element) -> Value {
    WithGil gil;
    nb::object result = nb::steal(PyObject_CallFunctionObjArgs(held->object().ptr(), wrap(leaves(element)).ptr(), nullptr));
    if (!result.is_valid()) throw PythonFault();
    try {
      return list_of(to_tensors(result.ptr()));
    } catch (nb::python_error& e) {
      e.restore();
      throw PythonFault();
    }
  };
}
Structure flat_structure(nb::handle specs) {
  Structure s;
  ValueList nest;
  for (nb::handle pair : specs) {
    nest.push_back(static_cast<int64_t>(s.leaves.size()));
    s.leaves.push_back({to_shape(nb::object(pair[0]).ptr()), to_dtype(nb::object(pair[1]).ptr()), ""});
  }
  s.nest = std::move(nest);
  return s;
}

// start() gives a callable; each call of that gives the next element as a flat list, or None.
std::function<std::function<bool(Tensors&)>()> generator_of(nb::object start) {
  auto held = std::make_shared<PyForeign>(start.ptr());
  return [held]() -> std::function<bool(Tensors&)> {
    WithGil gil;
    nb::object step = nb::steal(PyObject_CallNoArgs(held->object().ptr()));
    if (!step.is_valid()) throw PythonFault();
    auto next = std::make_shared<PyForeign>(step.ptr());
    return [next](Tensors& out) {
      WithGil gil_again;
      nb::object element = nb::steal(PyObject_CallNoArgs(next->object().ptr()));
      if (!element.is_valid()) throw PythonFault();
      if (element.is_none()) return false;
      try {
        out = to_tensors(element.ptr());
      } catch (nb::python_error& e) {
        e.restore();
        throw PythonFault();
      }
      return true;
    };
  };
}

// What a Python function of flat arguments gives; a PythonFault if it raises.
nb::object called(const PyForeign& f, std::initializer_list<nb::object> arguments) {
  nb::list list;
  for (const nb::object& a : arguments) list.append(a);
  nb::object made = nb::steal(PyObject_CallObject(f.object().ptr(), nb::tuple(list).ptr()));
  if (!made.is_valid()) throw PythonFault();
  return made;
}
// A Python function of two flat lists that gives a flat list, or a list of `parts` of them.
std::function<Value(const Value&, const Value&)> fold_function(nb::object f, bool parts) {
  auto held = std::make_shared<PyForeign>(f.ptr());
  return [held, parts](const Value& state, const Value& element) -> Value {
    WithGil gil;
    const nb::object made = called(*held, {wrap(leaves(state)), wrap(leaves(element))});
    if (!parts) return list_of(to_tensors(made.ptr()));
    ValueList out;
    for (nb::handle part : made) out.push_back(list_of(to_tensors(part.ptr())));
    return out;
  };
}
std::vector<DatasetPtr> datasets_of(nb::handle list) {
  std::vector<DatasetPtr> out;
  for (nb::handle d : list) out.push_back(dataset(d));
  return out;
}
std::function<DatasetPtr(const Value&)> dataset_function(nb::object f) {
  auto held = std::make_shared<PyForeign>(f.ptr());
  return [held](const Value& element) {
    WithGil gil;
    return dataset(called(*held, {wrap(leaves(element))}));
  };
}

}  // namespace

void add_datasets(nb::module_& m) {
  nb::module_ d = m.def_submodule("data", "Handles of datasets.");
  nb::class_<Pass>(d, "Pass").def("next", [](Pass& p) -> nb::object {
    Tensors element;
    bool more;
    {
      nb::gil_scoped_release release;
      more = next_of(p, element);
    }
    return more ? wrap(element) : nb::none();
  })
      .def("state", [](Pass& p) { return p.of->state(); })
      .def("restore", [](Pass& p, const std::vector<std::string>& state) {
        nb::gil_scoped_release release;
        p.of->restore(state);
      });
  d.def("from_tensors", [](nb::handle list) { return handle(data::from_tensors(list_of(to_tensors(list.ptr())))); });
  d.def("from_tensor_slices", [](nb::handle list) {
    return handle(data::from_tensor_slices(list_of(to_tensors(list.ptr()))));
  });
  d.def("range", [](int64_t start, int64_t stop, int64_t step, nb::handle dtype) {
    return handle(data::range(start, stop, step, to_dtype(dtype.ptr())));
  });
  d.def("random", [](std::optional<int64_t> seed) { return handle(data::random(seed)); }, nb::arg().none());
  d.def("from_generator", [](nb::handle specs, nb::object start) {
    return handle(data::from_generator(flat_structure(specs), generator_of(std::move(start))));
  });
  d.def("zip", [](nb::list parts) {
    ValueList all;
    for (nb::handle p : parts) all.push_back(std::shared_ptr<Foreign>(dataset(p)));
    return handle(data::zip(Value(std::move(all))));
  });
  d.def("shuffle", [](const Handle& h, int64_t size, std::optional<int64_t> seed, bool again) {
    return handle(dataset(h)->shuffle(size, seed, again));
  }, nb::arg(), nb::arg(), nb::arg().none(), nb::arg());
  d.def("batch", [](const Handle& h, int64_t n, bool drop) { return handle(dataset(h)->batch(n, drop)); });
  d.def("batch_composites", [](const Handle& h, nb::handle forms, int64_t n, bool drop) {
    return handle(data::batch_composites(dataset(h), forms_of(forms), n, drop));
  });
  d.def("unbatch_composites", [](const Handle& h, nb::handle forms, int64_t rows) {
    return handle(data::unbatch_composites(dataset(h), forms_of(forms), rows));
  });
  d.def("unbatch", [](const Handle& h) { return handle(dataset(h)->unbatch()); });
  d.def("map", [](const Handle& h, nb::object f, int64_t parallel, bool deterministic) {
    return handle(dataset(h)->map(element_function(std::move(f)), {parallel, deterministic}));
  });
  d.def("filter", [](const Handle& h, nb::object f) { return handle(dataset(h)->filter(element_function(std::move(f)))); });
  d.def("flat_map", [](const Handle& h, nb::object f) { return handle(dataset(h)->flat_map(dataset_function(std::move(f)))); });
  d.def("interleave", [](const Handle& h, nb::object f, int64_t cycle, int64_t block) {
    return handle(dataset(h)->interleave(dataset_function(std::move(f)), cycle, block));
  });
  d.def("take_while", [](const Handle& h, nb::object f) { return handle(dataset(h)->take_while(element_function(std::move(f)))); });
  d.def("padded_batch", [](const Handle& h, int64_t n, bool drop, nb::list shapes, nb::list values) {
    PaddedBatchOptions o{drop, {}, {}};
    for (nb::handle s : shapes) o.shapes.push_back(to_shape(s.ptr()));
    o.values = to_tensors(values.ptr());
    return handle(dataset(h)->padded_batch(n, o));
  });
  d.def("window", [](const Handle& h, int64_t size, int64_t shift, int64_t stride, bool drop, const std::vector<size_t>& parts) {
    return handle(dataset(h)->window(size, {shift, stride, drop}, parts));
  });
  d.def("group_by_window", [](const Handle& h, nb::object key, nb::object reduce, nb::object size) {
    auto reducer = std::make_shared<PyForeign>(reduce.ptr()), sizer = std::make_shared<PyForeign>(size.ptr());
    return handle(dataset(h)->group_by_window(
        element_function(std::move(key)),
        [reducer](const Tensor& k, const DatasetPtr& window) {
          WithGil gil;
          return dataset(called(*reducer, {wrap(k), nb::cast(handle(window))}));
        },
        [sizer](const Tensor& k) {
          WithGil gil;
          return nb::cast<int64_t>(called(*sizer, {wrap(k)}));
        }));
  });
  d.def("scan", [](const Handle& h, nb::handle initial, nb::object f) {
    return handle(dataset(h)->scan(list_of(to_tensors(initial.ptr())), fold_function(std::move(f), true)));
  });
  d.def("unique", [](const Handle& h) { return handle(dataset(h)->unique()); });
  d.def("group_by_reducer", [](const Handle& h, nb::object key, nb::object init, nb::object reduce, nb::object finalize) {
    return handle(dataset(h)->group_by_reducer(element_function(std::move(key)),
                                               {element_function(std::move(init)), fold_function(std::move(reduce), false),
                                                element_function(std::move(finalize))}));
  });
  d.def("assert_cardinality", [](const Handle& h, int64_t n) { return handle(dataset(h)->assert_cardinality(n)); });
  d.def("ignore_errors", [](const Handle& h, nb::object told) {
    if (told.is_none()) return handle(dataset(h)->ignore_errors());
    auto held = std::make_shared<PyForeign>(told.ptr());
    return handle(dataset(h)->ignore_errors([held](const std::string& text) {
      WithGil gil;
      called(*held, {nb::str(text.c_str())});
    }));
  }, nb::arg(), nb::arg().none());
  d.def("single_element", [](const Handle& h) {
    const DatasetPtr from = dataset(h);
    Tensors element;
    {
      nb::gil_scoped_release release;
      element = from->single_element();
    }
    return wrap(element);
  });
  d.def("choose_from", [](nb::handle parts, const Handle& choice, bool stop) {
    return handle(data::choose_from(datasets_of(parts), dataset(choice), stop));
  });
  d.def("sample_from", [](nb::handle parts, nb::handle weights, std::optional<int64_t> seed, bool stop) {
    if (nb::isinstance<Handle>(weights)) return handle(data::sample_from(datasets_of(parts), dataset(weights), seed, stop));
    return handle(data::sample_from(datasets_of(parts), tensor_of(weights.ptr()), seed, stop));
  }, nb::arg(), nb::arg(), nb::arg().none(), nb::arg());
  d.def("lines", [](const Handle& names, const std::string& compression, bool quoted, bool skip_first) {
    return handle(data::lines(dataset(names), {compression, quoted, skip_first}));
  });
  d.def("fixed_length_records", [](const Handle& names, int64_t bytes, int64_t header, int64_t footer, const std::string& compression) {
    return handle(data::fixed_length_records(dataset(names), bytes, {header, footer, compression}));
  });
  d.def("late", [](nb::handle specs) { return handle(data::late(flat_structure(specs))); });
  d.def("bound", [](const Handle& pipeline, nb::handle late, nb::handle truth) {
    return handle(data::bound(dataset(pipeline), datasets_of(late), datasets_of(truth)));
  });
  d.def("from_variant", [](nb::handle t) { return handle(data::from_variant(tensor_of(t.ptr()))); });
  d.def("to_variant", [](const Handle& h) { return wrap(data::to_variant(dataset(h))); });
  d.def("take", [](const Handle& h, int64_t n) { return handle(dataset(h)->take(n)); });
  d.def("skip", [](const Handle& h, int64_t n) { return handle(dataset(h)->skip(n)); });
  d.def("repeat", [](const Handle& h, int64_t n) { return handle(dataset(h)->repeat(n)); });
  d.def("shard", [](const Handle& h, int64_t n, int64_t i) { return handle(dataset(h)->shard(n, i)); });
  d.def("concatenate", [](const Handle& a, const Handle& b) { return handle(dataset(a)->concatenate(dataset(b))); });
  d.def("enumerate", [](const Handle& h, int64_t start) { return handle(dataset(h)->enumerate(start)); });
  d.def("cache", [](const Handle& h) { return handle(dataset(h)->cache()); });
  d.def("prefetch", [](const Handle& h, int64_t n) { return handle(dataset(h)->prefetch(n)); });
  d.def("to_device", [](const Handle& h, const std::string& name) { return handle(dataset(h)->to_device(name)); });
  d.def("reduce", [](const Handle& h, nb::handle initial, nb::object f) {
    const Tensors state = to_tensors(initial.ptr());
    auto held = std::make_shared<PyForeign>(f.ptr());
    const Value folded = dataset(h)->reduce(list_of(state), [held](const Value& s, const Value& e) -> Value {
      WithGil gil;
      nb::object args = nb::make_tuple(wrap(leaves(s)), wrap(leaves(e)));
      nb::object result = nb::steal(PyObject_CallObject(held->object().ptr(), args.ptr()));
      if (!result.is_valid()) throw PythonFault();
      return list_of(to_tensors(result.ptr()));
    });
    return wrap(leaves(folded));
  });
  d.def("iterator", [](const Handle& h) {
    const DatasetPtr from = dataset(h);
    nb::gil_scoped_release release;
    return std::make_unique<Pass>(from);
  });
  d.def("with_nest", [](const Handle& h, nb::handle nest) { return handle(dataset(h)->with_nest(to_value(nest.ptr()))); });
  d.def("with_forms", [](const Handle& h, nb::handle nest, nb::handle forms) {
    return handle(data::with_forms(dataset(h), to_value(nest.ptr()), forms_of(forms)));
  });
  d.def("cardinality", [](const Handle& h) { return dataset(h)->cardinality(); });
  d.def("stage", [](const Handle& h) { return std::string(dataset(h)->stage()); });
  d.def("specs", [](const Handle& h) {
    nb::list out;
    for (const TensorSpec& s : dataset(h)->structure().leaves)
      out.append(nb::make_tuple(shape_object(s.shape), dtype_object(s.dtype)));
    return out;
  });
}

}  // namespace ninefold::python
