// In: Keras objects of C++. Out: handles that Python's class shells hold, and the calls they make.
// A shell (python/ninefold/keras) owns its handle; C++ knows the shell weakly: overrides find it through
// a weak reference that Python made, and `shells` (in keras/shell.py) finds it by the object's address.
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <functional>
#include <set>

#include "convert.h"
#include "keras_foreign.h"
#include "keras_handles.h"
#include "ninefold/distribute.h"
#include "ninefold/layers.h"
#include "ninefold/saved_model.h"
#include "ninefold/saving.h"
#include "sparse.h"

namespace ninefold::python {
namespace {

// Replicas take turns: one that waits in a merge for the others leaves them the GIL. Values are Python's before and after.
template <class F>
auto in_turn(F&& body) {
  const WithoutGil gil(distribute::replicas() > 1);
  return body();
}

using namespace keras;

ValueDict to_dict(nb::handle o) {
  if (o.is_none()) return {};
  const Value v = to_value(o.ptr());
  const ValueDict* d = v.get<ValueDict>();
  if (!d) raise(PyExc_TypeError, "expected a dict of options");
  return *d;
}
nb::object give(const Value& v) { return checked(from_value(v)); }
nb::object give(const ValueDict& v) { return give(Value(v)); }

template <class T>
T& as(const Handle& h, const char* what) {
  T* t = dynamic_cast<T*>(h.object.get());
  if (!t) raise(PyExc_TypeError, h.object->describe() + " is no " + what);
  return *t;
}
Object& object(const Handle& h) { return as<Object>(h, "Keras object"); }
Layer& layer(const Handle& h) { return as<Layer>(h, "layer"); }
Model& model(const Handle& h) { return as<Model>(h, "model"); }
template <class T>
std::shared_ptr<T> shared(nb::handle o, const char* what) {
  if (o.is_none()) return nullptr;
  const Value v = to_value(o.ptr());
  const auto* f = v.get<std::shared_ptr<Foreign>>();
  auto t = f ? std::dynamic_pointer_cast<T>(*f) : nullptr;
  if (!t) raise(PyExc_TypeError, std::string("expected a ") + what);
  return t;
}

// A Python callable as an override. It holds its shell weakly (the shell made it so).
Object::Method method_of(nb::object callable) {
  auto held = std::make_shared<PyForeign>(callable.ptr());
  return [held](ValueList positional, ValueDict named) -> Value {
    WithGil gil;
    try {
      nb::object args = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(positional.size())));
      for (size_t i = 0; i < positional.size(); ++i)
        PyTuple_SetItem(args.ptr(), static_cast<Py_ssize_t>(i), give(positional[i]).release().ptr());
      nb::dict kwargs;
      for (const Entry& e : named) kwargs[nb::str(e.key.c_str())] = give(e.value);
      nb::object result = checked(PyObject_Call(held->object().ptr(), args.ptr(), kwargs.ptr()));
      return to_value(result.ptr());
    } catch (nb::python_error& e) {
      e.restore();
      throw PythonFault();
    }
  };
}

CallArgs call_args(nb::handle training, nb::handle mask, nb::handle further, nb::handle named) {
  CallArgs a;
  a.training = to_value(training.ptr());
  a.mask = to_value(mask.ptr());
  if (!further.is_none()) {
    const Value v = to_value(further.ptr());
    if (const ValueList* list = v.get<ValueList>()) a.further = *list;
  }
  a.named = to_dict(named);
  return a;
}

// A part as Python knows it: the function that it was made of, or its shell.
template <class T>
nb::object give_part(const std::shared_ptr<T>& part) {
  if (!part) return nb::none();
  nb::object shell = give(Value(std::shared_ptr<Foreign>(part)));
  return nb::getattr(shell, "_function", shell);
}
// Variables know their constraints: `_constraint` is what the user gave, `_kept_constraint` what optimizers apply.
nb::object variables(const std::vector<Weight>& weights) {
  nb::list out;
  for (const Weight& w : weights) {
    nb::object v = give(Value(w.variable));
    if (w.autocast) autocast_of(v.ptr()) = true;
    if (w.constraint && !nb::hasattr(v, "_kept_constraint")) {
      v.attr("_kept_constraint") = give(Value(std::shared_ptr<Foreign>(w.constraint)));
      v.attr("_constraint") = give_part(w.constraint);
    }
    out.append(v);
  }
  return out;
}
std::vector<Weight> weights_from(nb::handle list) {
  std::vector<Weight> out;
  for (nb::handle item : list) {
    if (!is_variable(item.ptr())) raise(PyExc_TypeError, "expected a list of variables");
    const Variable& v = variable_of(item.ptr());
    Weight w{v, nullptr, nullptr, v.trainable()};
    if (nb::hasattr(item, "_kept_constraint"))
      w.constraint = shared<Constraint>(item.attr("_kept_constraint"), "constraint");
    out.push_back(std::move(w));
  }
  return out;
}

void bind_objects(nb::module_& m) {
  nb::class_<Handle>(m, "Handle", nb::is_weak_referenceable())
      .def_prop_ro("address", [](const Handle& h) { return reinterpret_cast<uintptr_t>(h.object.get()); })
      .def_prop_ro("class_name", [](const Handle& h) { return object(h).class_name(); })
      .def_prop_ro("kind", [](const Handle& h) { return kind_of(*h.object); })
      .def("config", [](const Handle& h) { return give(object(h).config()); })
      .def("override", [](const Handle& h, const std::string& name, nb::object callable) {
        object(h).override_method(name, callable.is_none() ? Object::Method() : method_of(std::move(callable)));
      }, nb::arg("name"), nb::arg("callable").none())
      .def("__eq__", [](const Handle& a, nb::handle b) {
        return nb::isinstance<Handle>(b) && a.object == nb::cast<Handle&>(b).object;
      }, nb::arg().none())
      .def("__hash__", [](const Handle& h) { return reinterpret_cast<intptr_t>(h.object.get()) >> 4; });

  m.def("records", [] {
    nb::list out;
    for (const ObjectRecord* r : all_records()) {
      nb::list fields;
      for (const Field& f : r->fields)
        fields.append(nb::make_tuple(f.name, give(f.fallback), f.required, f.type));
      nb::dict d;
      d["kind"] = r->kind;
      d["names"] = r->names;
      d["module"] = r->module;
      d["fields"] = fields;
      d["doc"] = r->doc;
      d["base"] = r->base;
      out.append(d);
    }
    return out;
  });
  m.def("make", [](const std::string& kind, const std::string& name, nb::handle config) {
    return Handle{make_object(kind, name, to_dict(config))};
  });
  m.def("foreign", [](const std::string& kind, const std::string& class_name, nb::handle config) {
    return Handle{foreign_object(kind, class_name, to_dict(config))};
  }, nb::arg(), nb::arg(), nb::arg().none());
  m.def("get", [](const std::string& kind, nb::handle identifier) -> nb::object {
    ObjectPtr o = get_object(kind, to_value(identifier.ptr()));
    return o ? give(Value(std::shared_ptr<Foreign>(o))) : nb::none();
  }, nb::arg(), nb::arg().none());
  m.def("unique_name", &unique_name);
  m.def("snake_case", [](const std::string& name) { return snake_case(name); });
  m.def("clear_session", &clear_session);
  m.def("set_random_seed", &set_random_seed);
  m.def("set_seed_source", [](nb::handle source) {
    PyObject* const draw = source.inc_ref().ptr();   // lives as long as the interpreter
    set_seed_source([draw] {
      const nb::gil_scoped_acquire hold;
      return nb::cast<int64_t>(nb::handle(draw)());
    });
  });
  m.def("floatx", [] { return std::string(name_of(floatx())); });
  m.def("set_floatx", [](const std::string& name) { set_floatx(dtype_named(name)); });
  m.def("global_policy", &global_policy);
  m.def("set_global_policy", [](const std::string& name) { set_global_policy(name); });
  m.def("learning_phase", [] { return give(learning_phase()); });
  m.def("set_learning_phase", [](nb::handle phase) { set_learning_phase(to_value(phase.ptr())); });
  m.def("epsilon", &epsilon);
  m.def("set_epsilon", &set_epsilon);
}

void bind_parts(nb::module_& m) {
  m.def("initialize", [](const Handle& h, nb::handle shape, nb::handle dtype) {
    return wrap(as<Initializer>(h, "initializer")(to_shape(shape.ptr()), to_dtype(dtype.ptr())));
  });
  // The callable parts: activation, regularizer, constraint, schedule.
  m.def("apply", [](const Handle& h, nb::handle x) {
    const Tensor t = to_tensor_object(x.ptr());
    Foreign* f = h.object.get();
    if (auto* a = dynamic_cast<Activation*>(f)) return wrap((*a)(t));
    if (auto* r = dynamic_cast<Regularizer*>(f)) return wrap((*r)(t));
    if (auto* c = dynamic_cast<Constraint*>(f)) return wrap((*c)(t));
    return wrap(as<Schedule>(h, "function of one tensor").at(t));
  });
  m.def("loss", [](const Handle& h, nb::handle y_true, nb::handle y_pred, nb::handle sample_weight) {
    return nb::steal(from_value(as<Loss>(h, "loss").weighted(to_value(y_true.ptr()), to_value(y_pred.ptr()), to_value(sample_weight.ptr()))));
  }, nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
  m.def("loss_call", [](const Handle& h, nb::handle y_true, nb::handle y_pred) {
    return wrap(as<Loss>(h, "loss").call(to_tensor_object(y_true.ptr()), to_tensor_object(y_pred.ptr())));
  });
  m.def("loss_get", [](const Handle& h) {
    const Loss& l = as<Loss>(h, "loss");
    return nb::make_tuple(l.reduction, l.name);
  });
  m.def("loss_set", [](const Handle& h, const std::string& reduction, const std::string& name) {
    Loss& l = as<Loss>(h, "loss");
    auto* fields = dynamic_cast<OptionFields*>(&l);
    if (fields && fields->set_field("reduction", reduction) && fields->set_field("name", name)) return;
    l.reduction = reduction;
    l.name = name;
  });
  m.def("metric_update", [](const Handle& h, nb::handle values, nb::handle sample_weight) {
    const Value v = to_value(values.ptr());
    const ValueList* list = v.get<ValueList>();
    as<Metric>(h, "metric").update_state(list ? *list : ValueList{v}, to_value(sample_weight.ptr()));
  }, nb::arg(), nb::arg(), nb::arg().none());
  m.def("metric_result", [](const Handle& h) { return give(as<Metric>(h, "metric").result()); });
  m.def("metric_reset", [](const Handle& h) { as<Metric>(h, "metric").reset_state(); });

  m.def("apply_gradients", [](const Handle& h, nb::handle gradients, nb::handle vars) {
    auto& optimizer = as<Optimizer>(h, "optimizer");
    const auto given = to_gradients(gradients.ptr());
    const auto weights = weights_from(vars);
    in_turn([&] { optimizer.apply_gradients(given, weights); });
  });
  m.def("update_only", [](const Handle& h, nb::handle gradients, nb::handle vars) {
    update_only(as<Optimizer>(h, "optimizer"), to_gradients(gradients.ptr()), weights_from(vars));
  });
  // Of an optimizer that scales losses.
  m.def("loss_scaled", [](const Handle& h, nb::handle loss) {
    return wrap(as<LossScaleOptimizer>(h, "LossScaleOptimizer").scaled(to_tensor_object(loss.ptr())));
  });
  m.def("gradients_unscaled", [](const Handle& h, nb::handle gradients) {
    return wrap(as<LossScaleOptimizer>(h, "LossScaleOptimizer").unscaled(to_gradients(gradients.ptr())));
  });
  // {inner, scale as a tensor, scale and counter as variables or None}
  m.def("loss_scale_parts", [](const Handle& h) {
    const auto& o = as<LossScaleOptimizer>(h, "LossScaleOptimizer");
    const auto variable = [](const Variable& v) { return v.defined() ? give(Value(v)) : nb::none(); };
    return nb::make_tuple(give(Value(std::shared_ptr<Foreign>(o.inner()))), wrap(o.loss_scale()), variable(o.scale()), variable(o.counter()));
  });
  m.def("optimizer_weights", [](const Handle& h) {
    nb::list out;
    for (const Variable& v : as<Optimizer>(h, "optimizer").weights()) out.append(give(Value(v)));
    return out;
  });
  m.def("hyper", [](const Handle& h, const std::string& name) {
    return give(as<Optimizer>(h, "optimizer").hyper(name));
  });
  m.def("set_hyper", [](const Handle& h, const std::string& name, nb::handle value) {
    as<Optimizer>(h, "optimizer").set_hyper(name, to_value(value.ptr()));
  }, nb::arg(), nb::arg(), nb::arg().none());
  m.def("iterations", [](const Handle& h) { return give(Value(as<Optimizer>(h, "optimizer").iterations())); });
  m.def("slot_names", [](const Handle& h) { return as<Optimizer>(h, "optimizer").slot_names(); });
  m.def("slot", [](const Handle& h, nb::handle of, const std::string& name) {
    if (!is_variable(of.ptr())) raise(PyExc_TypeError, "get_slot: expected a variable");
    return give(Value(as<Optimizer>(h, "optimizer").slot(variable_of(of.ptr()), name)));
  });
  m.def("optimizer_name", [](const Handle& h) { return as<Optimizer>(h, "optimizer").name; });

  m.def("callback_on", [](const Handle& h, const std::string& hook, int64_t index, nb::handle logs) {
    ValueDict values = to_dict(logs);
    as<Callback>(h, "callback").on(hook, index, values);
    return give(values);
  }, nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
  m.def("callback_attribute", [](const Handle& h, const std::string& name) {
    return give(as<Callback>(h, "callback").attribute(name));
  });
  m.def("callback_set_model", [](const Handle& h, nb::handle model_or_none) {
    as<Callback>(h, "callback").set_model(model_or_none.is_none() ? nullptr : shared<Model>(model_or_none, "model").get());
  }, nb::arg(), nb::arg().none());
}

// Of a layer's losses those that its last call, and the calls of the layers within, have added: no regularizers.
struct Added : Layer {
  static constexpr ValueList Layer::*losses = &Added::losses_;
};
Tensors added_losses(const Layer& layer) {
  Tensors out;
  std::set<const Layer*> seen;
  const std::function<void(const Layer&)> walk = [&](const Layer& l) {
    if (!seen.insert(&l).second) return;
    for (const Value& v : l.*Added::losses)
      if (const Tensor* t = v.get<Tensor>()) out.push_back(*t);
    for (const LayerPtr& child : l.sublayers()) walk(*child);
  };
  walk(layer);
  return out;
}

void bind_layers(nb::module_& m) {
  m.def("layer_call", [](const Handle& h, nb::handle inputs, nb::handle training, nb::handle mask, nb::handle further,
                         nb::handle named) {
    Layer& called = layer(h);
    const Value given = to_value(inputs.ptr());
    const CallArgs args = call_args(training, mask, further, named);
    return give(in_turn([&] { return called(given, args); }));
  }, nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg().none());
  // The C++ methods themselves, for super().call(...): overrides are not asked.
  m.def("base_call", [](const Handle& h, nb::handle inputs, nb::handle training, nb::handle mask, nb::handle further,
                        nb::handle named) {
    Layer& called = layer(h);
    const Value given = to_value(inputs.ptr());
    const CallArgs args = call_args(training, mask, further, named);
    return give(in_turn([&] { return called.own_call(given, args); }));
  }, nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg().none());
  m.def("base_build", [](const Handle& h, nb::handle shape) {
    Layer& l = layer(h);
    l.build(to_value(shape.ptr()));
    if (!dynamic_cast<Model*>(&l)) l.set_built(true);
  }, nb::arg(), nb::arg().none());
  m.def("base_compute_mask", [](const Handle& h, nb::handle inputs, nb::handle mask) {
    return give(layer(h).compute_mask(to_value(inputs.ptr()), to_value(mask.ptr())));
  }, nb::arg(), nb::arg().none(), nb::arg().none());
  m.def("base_compute_output_shape", [](const Handle& h, nb::handle shape) {
    return give(layer(h).compute_output_shape(to_value(shape.ptr())));
  });
  m.def("add_weight", [](const Handle& h, nb::dict o) {
    auto given = [&](const char* key) { return o.contains(key) && !o[key].is_none(); };
    WeightOptions w;
    if (given("name")) w.name = nb::cast<std::string>(o["name"]);
    if (given("shape")) w.shape = to_shape(nb::object(o["shape"]).ptr());
    if (given("dtype")) w.dtype = to_dtype(nb::object(o["dtype"]).ptr());
    if (given("initializer")) w.initializer = shared<Initializer>(o["initializer"], "initializer");
    if (given("regularizer")) w.regularizer = shared<Regularizer>(o["regularizer"], "regularizer");
    if (given("constraint")) w.constraint = shared<Constraint>(o["constraint"], "constraint");
    if (given("trainable")) w.trainable = nb::cast<bool>(o["trainable"]);
    if (given("autocast")) w.autocast = nb::cast<bool>(o["autocast"]);
    const Variable made = layer(h).add_weight(w);
    nb::object out = give(Value(made));
    autocast_of(out.ptr()) = layer(h).own_weights().back().autocast;
    return out;
  });
  m.def("track_variable", [](const Handle& h, nb::handle variable, bool trainable) {
    layer(h).track(Weight{variable_of(variable.ptr()), nullptr, nullptr, trainable});
  });
  m.def("track_layer", [](const Handle& h, nb::handle child) { layer(h).track(shared<Layer>(child, "layer")); });
  m.def("add_loss", [](const Handle& h, nb::handle loss) { layer(h).add_loss(to_value(loss.ptr())); });
  m.def("layer_weights", [](const Handle& h, const std::string& which) {
    const Layer& l = layer(h);
    return variables(which == "trainable" ? l.trainable_weights()
                     : which == "non_trainable" ? l.non_trainable_weights()
                     : which == "own" ? l.own_weights() : l.weights());
  });
  m.def("stand_in", [](const Handle& h, const std::string& name, nb::handle value) {
    layer(h).stand_in(name, to_value(value.ptr()));
  }, nb::arg(), nb::arg(), nb::arg().none());
  m.def("layer_losses", [](const Handle& h) { return wrap(layer(h).losses()); });
  m.def("added_losses", [](const Handle& h) { return wrap(added_losses(layer(h))); });
  // [(weight, its regularizer)] of the layer's own weights.
  m.def("regularized", [](const Handle& h) {
    nb::list out;
    for (const Weight& w : layer(h).own_weights())
      if (w.regularizer) out.append(nb::make_tuple(give(Value(w.variable)), give(Value(std::shared_ptr<Foreign>(w.regularizer)))));
    return out;
  });
  m.def("sublayers", [](const Handle& h) {
    ValueList out;
    for (const LayerPtr& l : layer(h).sublayers()) out.push_back(std::shared_ptr<Foreign>(l));
    return give(Value(std::move(out)));
  });
  m.def("vocabulary", [](const Handle& h, bool include_special_tokens) {
    return give(Value(as<VocabularyLayer>(h, "layer with a vocabulary").get_vocabulary(include_special_tokens)));
  });
  m.def("vocabulary_size", [](const Handle& h) { return as<VocabularyLayer>(h, "layer with a vocabulary").vocabulary_size(); });
  m.def("vocabulary_table", [](const Handle& h) {
    const VocabularyTable t = vocabulary_table(layer(h));
    return wrap(Tensors{t.handle, t.keys, t.values, t.fallback});
  });
  m.def("set_vocabulary", [](const Handle& h, nb::handle terms, nb::handle idf_weights) {
    as<VocabularyLayer>(h, "layer with a vocabulary").set_vocabulary(to_value(terms.ptr()), to_value(idf_weights.ptr()));
  }, nb::arg(), nb::arg(), nb::arg().none());
  m.def("set_field", [](const Handle& h, const std::string& name, nb::handle value) {
    auto* fields = dynamic_cast<OptionFields*>(h.object.get());
    return fields && fields->set_field(name, to_value(value.ptr()));
  }, nb::arg(), nb::arg(), nb::arg().none());
  // The variable that a layer's own generator is kept in; None for layers without one.
  m.def("generator_state", [](const Handle& h) -> nb::object {
    auto* drawing = dynamic_cast<DrawingLayer*>(h.object.get());
    return drawing ? give(Value(drawing->generator_state())) : nb::none();
  });
  m.def("layer_states", [](const Handle& h) { return give(as<RecurrentLayer>(h, "recurrent layer").states()); });
  m.def("reset_states", [](const Handle& h, nb::handle states) {
    as<RecurrentLayer>(h, "recurrent layer").reset_states(to_value(states.ptr()));
  }, nb::arg(), nb::arg().none());
  m.def("initial_state", [](const Handle& h, nb::handle inputs) {
    return give(as<RecurrentLayer>(h, "recurrent layer").initial_state(to_tensor_object(inputs.ptr())));
  });
  m.def("adapt", [](const Handle& h, nb::handle data, nb::handle batch_size, nb::handle steps) {
    as<PreprocessingLayer>(h, "layer that adapts").adapt(to_value(data.ptr()), to_value(batch_size.ptr()), to_value(steps.ptr()));
  }, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none());
  m.def("adapt_step", [](const Handle& h, const std::string& what, nb::handle batch) {
    PreprocessingLayer& l = as<PreprocessingLayer>(h, "layer that adapts");
    if (what == "reset") l.reset_state();
    else if (what == "update") l.update_state(to_value(batch.ptr()));
    else l.finalize_state();
  }, nb::arg(), nb::arg(), nb::arg().none());
  m.def("layer_name", [](const Handle& h) { return layer(h).name(); });
  m.def("set_layer_name", [](const Handle& h, const std::string& n) { layer(h).set_name(n); });
  m.def("layer_get", [](const Handle& h, const std::string& what) -> nb::object {
    const Layer& l = layer(h);
    if (what == "trainable") return nb::bool_(l.trainable());
    if (what == "built") return nb::bool_(l.built());
    if (what == "stateful") return nb::bool_(l.stateful);
    if (what == "supports_masking") return nb::bool_(l.supports_masking);
    if (what == "dynamic") return nb::bool_(l.dynamic());
    if (what == "dtype") return nb::str(name_of(l.dtype()));
    if (what == "compute_dtype") return nb::str(name_of(l.compute_dtype()));
    if (what == "input_spec") return give(l.input_spec);
    if (what == "policy") return nb::str(l.dtype_policy().c_str());
    if (what == "activity_regularizer") return give_part(l.activity_regularizer());
    if (what == "batch_input_shape") return l.batch_input_shape.given ? shape_object(l.batch_input_shape.shape) : nb::none();
    raise(PyExc_AttributeError, "layers have no " + what);
  });
  m.def("layer_set", [](const Handle& h, const std::string& what, nb::handle value) {
    Layer& l = layer(h);
    if (what == "trainable") l.set_trainable(nb::cast<bool>(value));
    else if (what == "built") l.say_built(nb::cast<bool>(value));
    else if (what == "stateful") {
      l.stateful = nb::cast<bool>(value);
      if (auto* fields = dynamic_cast<OptionFields*>(&l)) fields->set_field(what, l.stateful);
    }
    else if (what == "supports_masking") l.supports_masking = nb::cast<bool>(value);
    else if (what == "input_spec") l.input_spec = to_value(value.ptr());
    else if (what == "activity_regularizer") l.set_activity_regularizer(shared<Regularizer>(value, "regularizer"));
    else raise(PyExc_AttributeError, "layers have no " + what);
  }, nb::arg(), nb::arg(), nb::arg().none());
  // [(inputs, outputs)]: the layer's calls on symbolic tensors.
  m.def("inbound", [](const Handle& h) {
    nb::list out;
    if (layer(h).class_name() == "InputLayer") {
      const nb::object t = give(Value(std::static_pointer_cast<Foreign>(input_tensor(std::dynamic_pointer_cast<Layer>(h.object)))));
      out.append(nb::make_tuple(t, t));
      return out;
    }
    for (const auto& node : layer(h).calls()) out.append(nb::make_tuple(give(node->inputs), give(node->outputs())));
    return out;
  });
  // [(layer, inputs, outputs)]: calls of layers on what came out of this one's calls.
  m.def("outbound", [](const Handle& h) {
    nb::list out;
    for (const std::weak_ptr<Node>& w : layer(h).outbound)
      if (const auto node = w.lock())
        out.append(nb::make_tuple(give(Value(std::shared_ptr<Foreign>(node->layer))), give(node->inputs), give(node->outputs())));
    return out;
  });
  m.def("input", [](nb::handle shape, nb::handle batch, nb::handle dtype, const std::string& name, bool sparse, bool ragged,
                    nb::handle type_spec) {
    const int64_t rows = batch.is_none() ? -1 : nb::cast<int64_t>(batch);
    const Shape each = to_shape(shape.ptr());
    ValueDict given = {{"batch_input_shape", each.known_rank() ? Shape{rows}.concat(each) : each},
                       {"dtype", name_of(dtype.is_none() ? floatx() : to_dtype(dtype.ptr()))}, {"sparse", sparse}, {"ragged", ragged}};
    if (!type_spec.is_none()) given = {{"type_spec", to_value(type_spec.ptr())}};
    if (!name.empty()) given.push_back({"name", name});
    return give(Value(std::shared_ptr<Foreign>(input_tensor(make_layer("InputLayer", given)))));
  }, nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg(), nb::arg("sparse") = false, nb::arg("ragged") = false,
        nb::arg("type_spec") = nb::none());
  m.def("symbolic", [](const Handle& h) {
    const KerasTensor& t = as<KerasTensor>(h, "KerasTensor");
    nb::dict d;
    d["shape"] = shape_object(t.spec.shape);
    d["dtype"] = dtype_object(t.spec.dtype);
    d["name"] = t.name;
    d["repr"] = t.describe();
    if (t.composite && t.composite->made) {
      d["composite"] = form_object(*t.composite->made);
    } else if (t.composite) {
      const RaggedSpec& rows = t.composite->rows;
      d["composite"] = nb::make_tuple(t.composite->sparse, rows.ragged_rank, dtype_object(rows.splits_dtype));
    } else {
      d["composite"] = nb::none();
    }
    d["layer"] = t.node ? give(Value(std::shared_ptr<Foreign>(t.node->layer))) : nb::none();
    d["index"] = t.index;
    return d;
  });
  m.def("set_symbolic_shape", [](const Handle& h, nb::handle shape) {
    std::dynamic_pointer_cast<KerasTensor>(h.object)->spec.shape = to_shape(shape.ptr());
  });
  m.def("symbolic_mask", [](const Handle& h) { return give(as<KerasTensor>(h, "KerasTensor").mask); });
}

// ---- models ----

template <class T>
void take(nb::dict o, const char* key, T& into) {
  if (!o.contains(key)) return;
  nb::object v = o[key];
  if constexpr (std::is_same_v<T, Value>) into = to_value(v.ptr());
  else if (!v.is_none()) into = nb::cast<T>(v);
}
void take_callbacks(nb::dict o, std::vector<CallbackPtr>& into) {
  if (!o.contains("callbacks")) return;
  for (nb::handle c : nb::object(o["callbacks"])) into.push_back(shared<Callback>(c, "callback"));
}
// Runs a long call of C++ with the GIL released: overrides, callbacks and the sink take it when needed.
template <class F>
auto without_gil(F&& body) {
  nb::gil_scoped_release release;
  return body();
}

Batch batch_from(const Value& v) {
  const ValueList* parts = v.get<ValueList>();
  Batch b;
  if (!parts) {
    b.x = v;
    return b;
  }
  if (parts->size() > 0) b.x = (*parts)[0];
  if (parts->size() > 1) b.y = (*parts)[1];
  if (parts->size() > 2) b.sample_weight = (*parts)[2];
  return b;
}
// A Python object with next(), restart(), end_epoch(), size() and restarts(steps) (keras/data.py).
class PyBatchSource : public BatchSource {
 public:
  explicit PyBatchSource(nb::object o) : held_(std::make_shared<PyForeign>(o.ptr())) {}
  bool next(Batch& out) override {
    WithGil gil;
    const nb::object found = ask("next");
    if (found.is_none()) return false;
    out = batch_from(to_value(found.ptr()));
    return true;
  }
  void restart() override {
    WithGil gil;
    ask("restart");
  }
  void end_epoch() override {
    WithGil gil;
    ask("end_epoch");
  }
  int64_t size() const override {
    WithGil gil;
    return nb::cast<int64_t>(ask("size"));
  }
  bool restarts(int64_t steps) const override {
    WithGil gil;
    return nb::cast<bool>(checked_call(held_->object().attr("restarts"), nb::int_(steps)));
  }
  std::string describe() const override {
    WithGil gil;
    return nb::cast<std::string>(held_->object().attr("kind"));
  }

 private:
  static nb::object checked_call(const nb::object& f, const nb::object& argument = nb::object()) {
    PyObject* o = argument.is_valid() ? PyObject_CallFunctionObjArgs(f.ptr(), argument.ptr(), nullptr) : PyObject_CallNoArgs(f.ptr());
    if (!o) throw PythonFault();
    return nb::steal(o);
  }
  nb::object ask(const char* method) const { return checked_call(held_->object().attr(method)); }
  std::shared_ptr<PyForeign> held_;
};

void bind_models(nb::module_& m) {
  m.def("batch_source", [](nb::object o) { return Handle{std::make_shared<PyBatchSource>(std::move(o))}; });
  // Ctrl-C ends fit, evaluate and predict between two steps, with the model as it then is, and a loop of a function
  // between two iterations. Signals are the main thread's: others need not wait for the interpreter to learn that.
  const auto main_thread = nb::cast<unsigned long>(nb::module_::import_("threading").attr("main_thread")().attr("ident"));
  set_interrupt_hook([main_thread] {
    if (PyThread_get_thread_ident() != main_thread) return;
    WithGil gil;
    if (PyErr_CheckSignals() != 0) throw PythonFault();
  });
  m.def("sequential", [](nb::handle layers, const std::string& name) {
    std::vector<LayerPtr> all;
    for (nb::handle l : layers) all.push_back(shared<Layer>(l, "layer"));
    return Handle{std::make_shared<Sequential>(std::move(all), name)};
  });
  m.def("sequential_add", [](const Handle& h, nb::handle l) {
    as<Sequential>(h, "Sequential model").add(shared<Layer>(l, "layer"));
  });
  m.def("sequential_pop", [](const Handle& h) { as<Sequential>(h, "Sequential model").pop(); });
  // (inputs, outputs) of a config whose layers are made already.
  m.def("connect", [](nb::handle config, nb::handle layers) {
    std::vector<LayerPtr> made;
    for (nb::handle l : layers) made.push_back(std::dynamic_pointer_cast<Layer>(held_by(l.ptr())));
    const Value described = to_value(config.ptr());
    const Functional::Connected found = Functional::connect(*described.get<ValueDict>(), made);
    return nb::make_tuple(give(found.inputs), give(found.outputs), give(Value(found.all)));
  });
  m.def("functional", [](nb::handle inputs, nb::handle outputs, const std::string& name) {
    return Handle{std::make_shared<Functional>(to_value(inputs.ptr()), to_value(outputs.ptr()), name)};
  });
  m.def("extend_graph", [](const Handle& h, nb::handle tensors) {
    extend_graph(as<Functional>(h, "functional model"), to_value(tensors.ptr()));
  });
  m.def("layers", [](const Handle& h) {
    ValueList out;
    for (const LayerPtr& l : model(h).layers()) out.push_back(std::shared_ptr<Foreign>(l));
    return give(Value(std::move(out)));
  });
  m.def("model_get", [](const Handle& h, const std::string& what) -> nb::object {
    Model& x = model(h);
    if (what == "input_names") return nb::cast(x.input_names);
    if (what == "output_names") return nb::cast(x.output_names);
    if (what == "inputs") return give(Value(x.input_tensors));
    if (what == "outputs") return give(Value(x.output_tensors));
    if (what == "input") return give(x.input_structure);
    if (what == "output") return give(x.output_structure);
    if (what == "stop_training") return nb::bool_(x.stop_training);
    if (what == "metrics_names") return nb::cast(x.metrics_names());
    if (what == "optimizer") {
      OptimizerPtr o = x.optimizer();
      return o ? give(Value(std::shared_ptr<Foreign>(o))) : nb::none();
    }
    if (what == "metrics") {
      ValueList out;
      for (const MetricPtr& metric : x.metrics()) out.push_back(std::shared_ptr<Foreign>(metric));
      return give(Value(std::move(out)));
    }
    raise(PyExc_AttributeError, "models have no " + what);
  });
  // "input_names" or "output_names": what compile() goes by from now on.
  m.def("set_names", [](const Handle& h, const std::string& what, const std::vector<std::string>& names) {
    (what == "input_names" ? model(h).input_names : model(h).output_names) = names;
  });
  m.def("set_stop_training", [](const Handle& h, bool stop) { model(h).stop_training = stop; });
  m.def("compile", [](const Handle& h, nb::dict o) {
    CompileOptions c;
    take(o, "optimizer", c.optimizer);
    take(o, "loss", c.loss);
    take(o, "metrics", c.metrics);
    take(o, "loss_weights", c.loss_weights);
    take(o, "weighted_metrics", c.weighted_metrics);
    take(o, "run_eagerly", c.run_eagerly);
    take(o, "steps_per_execution", c.steps_per_execution);
    take(o, "jit_compile", c.jit_compile);
    model(h).compile(c);
  });
  m.def("set_run_eagerly", [](const Handle& h, bool eagerly) { set_run_eagerly(model(h), eagerly); });
  m.def("fit", [](const Handle& h, nb::handle x, nb::handle y, nb::dict o) {
    FitOptions f;
    take(o, "epochs", f.epochs);
    take(o, "batch_size", f.batch_size);
    take(o, "verbose", f.verbose);
    take_callbacks(o, f.callbacks);
    take(o, "validation_split", f.validation_split);
    take(o, "validation_data", f.validation_data);
    take(o, "shuffle", f.shuffle);
    take(o, "class_weight", f.class_weight);
    take(o, "sample_weight", f.sample_weight);
    take(o, "initial_epoch", f.initial_epoch);
    take(o, "steps_per_epoch", f.steps_per_epoch);
    take(o, "validation_steps", f.validation_steps);
    take(o, "validation_batch_size", f.validation_batch_size);
    Value freq = int64_t{1};
    take(o, "validation_freq", freq);
    if (const int64_t* every = freq.get<int64_t>()) f.validation_freq = *every;
    else if (const ValueList* epochs = freq.get<ValueList>()) f.validation_epochs = *epochs;
    const Value xs = to_value(x.ptr()), ys = to_value(y.ptr());
    Model& trained = model(h);
    const History history = without_gil([&] { return trained.fit(xs, ys, f); });
    nb::dict out;
    for (const std::string& key : history.keys) {
      const auto at = history.history.find(key);
      if (at != history.history.end()) out[nb::str(key.c_str())] = nb::cast(at->second);
    }
    return nb::make_tuple(nb::cast(history.epoch), out);
  }, nb::arg(), nb::arg(), nb::arg().none(), nb::arg());
  m.def("evaluate", [](const Handle& h, nb::handle x, nb::handle y, nb::dict o) {
    EvaluateOptions e;
    take(o, "batch_size", e.batch_size);
    take(o, "verbose", e.verbose);
    take(o, "sample_weight", e.sample_weight);
    take(o, "steps", e.steps);
    take(o, "return_dict", e.return_dict);
    take_callbacks(o, e.callbacks);
    const Value xs = to_value(x.ptr()), ys = to_value(y.ptr());
    Model& tested = model(h);
    return give(without_gil([&] { return tested.evaluate(xs, ys, e); }));
  }, nb::arg(), nb::arg(), nb::arg().none(), nb::arg());
  m.def("predict", [](const Handle& h, nb::handle x, nb::dict o) {
    PredictOptions p;
    take(o, "batch_size", p.batch_size);
    take(o, "verbose", p.verbose);
    take(o, "steps", p.steps);
    take_callbacks(o, p.callbacks);
    const Value xs = to_value(x.ptr());
    Model& asked = model(h);
    return give(without_gil([&] { return asked.predict(xs, p); }));
  });
  m.def("train_on_batch", [](const Handle& h, nb::handle x, nb::handle y, nb::handle w, nb::handle cw, bool reset,
                             bool return_dict) {
    const Value xs = to_value(x.ptr()), ys = to_value(y.ptr()), ws = to_value(w.ptr()), cws = to_value(cw.ptr());
    Model& trained = model(h);
    return give(without_gil([&] { return trained.train_on_batch(xs, ys, ws, cws, reset, return_dict); }));
  }, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg(), nb::arg());
  m.def("test_on_batch", [](const Handle& h, nb::handle x, nb::handle y, nb::handle w, bool reset, bool return_dict) {
    const Value xs = to_value(x.ptr()), ys = to_value(y.ptr()), ws = to_value(w.ptr());
    Model& tested = model(h);
    return give(without_gil([&] { return tested.test_on_batch(xs, ys, ws, reset, return_dict); }));
  }, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg(), nb::arg());
  m.def("predict_on_batch", [](const Handle& h, nb::handle x) {
    const Value xs = to_value(x.ptr());
    Model& asked = model(h);
    return give(without_gil([&] { return asked.predict_on_batch(xs); }));
  });
  // The steps themselves, for super().train_step(data).
  m.def("base_step", [](const Handle& h, const std::string& which, nb::handle data) {
    Model& x = model(h);
    const Value v = to_value(data.ptr());
    return give(in_turn([&] { return which == "train_step" ? x.train_step(v) : which == "test_step" ? x.test_step(v) : x.predict_step(v); }));
  });
  m.def("compiled_loss", [](const Handle& h, nb::handle y, nb::handle y_pred, nb::handle w, nb::handle further) {
    return wrap(model(h).compiled_loss(to_value(y.ptr()), to_value(y_pred.ptr()), to_value(w.ptr()), to_tensors(further.ptr())));
  }, nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg());
  m.def("update_compiled_metrics", [](const Handle& h, nb::handle y, nb::handle y_pred, nb::handle w) {
    model(h).update_compiled_metrics(to_value(y.ptr()), to_value(y_pred.ptr()), to_value(w.ptr()));
  }, nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
  m.def("compute_loss", [](const Handle& h, nb::handle x, nb::handle y, nb::handle y_pred, nb::handle w) {
    return wrap(model(h).compute_loss(to_value(x.ptr()), to_value(y.ptr()), to_value(y_pred.ptr()), to_value(w.ptr())));
  }, nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg().none());
  m.def("compute_metrics", [](const Handle& h, nb::handle x, nb::handle y, nb::handle y_pred, nb::handle w) {
    Model& asked = model(h);
    const Value xs = to_value(x.ptr()), ys = to_value(y.ptr()), given = to_value(y_pred.ptr()), weights = to_value(w.ptr());
    return give(in_turn([&] { return asked.compute_metrics(xs, ys, given, weights); }));
  }, nb::arg(), nb::arg().none(), nb::arg().none(), nb::arg().none(), nb::arg().none());
  m.def("summary", [](const Handle& h, int64_t line_length, bool expand_nested, bool show_trainable) {
    return model(h).summary(line_length, expand_nested, show_trainable);
  });
  m.def("save_weights", [](const Handle& h, const std::string& path, bool overwrite) {
    model(h).save_weights(path, overwrite);
  });
  m.def("load_weights", [](const Handle& h, const std::string& path, bool by_name, bool skip_mismatch) {
    model(h).load_weights(path, by_name, skip_mismatch);
  });
  m.def("set_text_sink", [](nb::object sink) {
    auto held = std::make_shared<PyForeign>(sink.ptr());
    set_text_sink([held](std::string_view text) {
      WithGil gil;
      nb::object piece = nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
      nb::object done = nb::steal(PyObject_CallFunctionObjArgs(held->object().ptr(), piece.ptr(), nullptr));
      if (!done.is_valid()) throw PythonFault();
    });
  });
}

}  // namespace

PyObject* handle_types = nullptr;
PyObject* wrap_handle = nullptr;
std::shared_ptr<Foreign> held_by(PyObject* o) {
  return nb::cast<const Handle&>(nb::handle(o).attr("_engine_handle")).object;
}
nb::object shell_of(const std::shared_ptr<Foreign>& object) {
  if (!wrap_handle) raise(PyExc_TypeError, "an object of the engine has no Python form: " + object->describe());
  return nb::handle(wrap_handle)(Handle{object});
}

const char* kind_of(const Foreign& f) {
  if (dynamic_cast<const KerasTensor*>(&f)) return "tensor";
  if (dynamic_cast<const Sequential*>(&f)) return "sequential";
  if (dynamic_cast<const Functional*>(&f)) return "functional";
  if (dynamic_cast<const Model*>(&f)) return "model";
  if (dynamic_cast<const Metric*>(&f)) return "metric";
  if (dynamic_cast<const Layer*>(&f)) return "layer";
  if (dynamic_cast<const Loss*>(&f)) return "loss";
  if (dynamic_cast<const Optimizer*>(&f)) return "optimizer";
  if (dynamic_cast<const Schedule*>(&f)) return "schedule";
  if (dynamic_cast<const Callback*>(&f)) return "callback";
  if (dynamic_cast<const Initializer*>(&f)) return "initializer";
  if (dynamic_cast<const Regularizer*>(&f)) return "regularizer";
  if (dynamic_cast<const Constraint*>(&f)) return "constraint";
  if (dynamic_cast<const Activation*>(&f)) return "activation";
  return "object";
}

void add_keras(nb::module_& m) {
  nb::module_ k = m.def_submodule("keras", "Handles of Keras objects.");
  k.def("install", [](nb::object types, nb::object wrap) {
    handle_types = types.release().ptr();
    wrap_handle = wrap.release().ptr();
  });
  bind_objects(k);
  bind_parts(k);
  bind_layers(k);
  bind_models(k);
}

}  // namespace ninefold::python
