// In: prefixes of checkpoints, tensors, graphs of objects as lists; models and optimizers. Out: _core.checkpoint, what trackable.py stands on.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "convert.h"
#include "keras_handles.h"
#include "ninefold/io.h"
#include "ninefold/saving.h"

namespace ninefold::python {
namespace {

Tensor to_saved(nb::handle o) {
  if (is_variable(o.ptr())) return variable_of(o.ptr()).value();
  return is_tensor(o.ptr()) ? tensor_of(o.ptr()) : to_tensor_object(o.ptr());
}

nb::object bytes_object(const std::string& s) {
  return checked(PyBytes_FromStringAndSize(s.data(), static_cast<Py_ssize_t>(s.size())));
}

// A name of a file, which Python needs as text.
nb::object text(const std::string& s, Code code = Code::data_loss, const char* where = "checkpoint: a name in it") {
  PyObject* made = PyUnicode_DecodeUTF8(s.data(), static_cast<Py_ssize_t>(s.size()), nullptr);
  if (!made) {
    PyErr_Clear();
    throw Error(code, std::string(where) + " is no UTF-8 text; the file is damaged");
  }
  return nb::steal(made);
}

// [(children, attributes, slots, saver, has values)]: tuples in the order of the structs' fields.
nb::object listed(const ObjectGraph& graph) {
  nb::list out;
  for (const ObjectGraph::Node& node : graph.nodes) {
    nb::list children, attributes, slots;
    for (const auto& c : node.children) children.append(nb::make_tuple(c.node, text(c.name)));
    for (const auto& a : node.attributes) attributes.append(nb::make_tuple(text(a.name), text(a.full_name), text(a.key)));
    for (const auto& s : node.slots) slots.append(nb::make_tuple(s.variable, text(s.name), s.slot));
    out.append(nb::make_tuple(children, attributes, slots, text(node.registered_saver), node.has_checkpoint_values));
  }
  return out;
}

ObjectGraph graph_of(nb::handle nodes) {
  ObjectGraph graph;
  for (nb::handle entry : nodes) {
    ObjectGraph::Node node;
    for (nb::handle c : nb::borrow(entry[0])) node.children.push_back({nb::cast<int64_t>(c[0]), nb::cast<std::string>(c[1])});
    for (nb::handle a : nb::borrow(entry[1]))
      node.attributes.push_back({nb::cast<std::string>(a[0]), nb::cast<std::string>(a[1]), nb::cast<std::string>(a[2])});
    for (nb::handle s : nb::borrow(entry[2]))
      node.slots.push_back({nb::cast<int64_t>(s[0]), nb::cast<std::string>(s[1]), nb::cast<int64_t>(s[2])});
    node.registered_saver = nb::cast<std::string>(entry[3]);
    node.has_checkpoint_values = nb::cast<bool>(entry[4]);
    graph.nodes.push_back(std::move(node));
  }
  return graph;
}

}  // namespace

void add_checkpoints(nb::module_& top) {
  nb::module_ m = top.def_submodule("checkpoint");
  nb::class_<BundleReader>(m, "BundleReader")
      .def(nb::init<const std::string&>())
      .def("names", [](const BundleReader& r) {
        nb::list out;
        for (const std::string& name : r.names()) out.append(text(name));
        return out;
      })
      .def("has", &BundleReader::has)
      .def("shape", [](const BundleReader& r, const std::string& name) { return r.shape(name).vector(); })
      .def("dtype", [](const BundleReader& r, const std::string& name) { return dtype_object(r.dtype(name)); })
      .def("read", [](const BundleReader& r, const std::string& name) { return wrap(r.read(name)); })
      .def_prop_ro("prefix", [](const BundleReader& r) { return r.prefix(); });
  nb::class_<BundleWriter>(m, "BundleWriter")
      .def(nb::init<std::string>())
      .def("add", [](BundleWriter& w, const std::string& name, nb::handle value) { w.add(name, to_saved(value)); })
      .def("finish", [](BundleWriter& w) {
        WithoutGil released(true);
        w.finish();
      });
  m.def("create_slots", [](const Handle& h, nb::handle variables) {
    auto* optimizer = dynamic_cast<keras::Optimizer*>(h.object.get());
    if (!optimizer) raise(PyExc_TypeError, h.object->describe() + " is no optimizer");
    std::vector<Variable> all;
    for (nb::handle v : variables) all.push_back(variable_of(v.ptr()));
    keras::create_slots(*optimizer, all);
  });
  m.def("copy_optimizer_state", [](const Handle& from, const Handle& to) {
    auto *source = dynamic_cast<keras::Optimizer*>(from.object.get()), *target = dynamic_cast<keras::Optimizer*>(to.object.get());
    if (!source || !target) raise(PyExc_TypeError, "expected two optimizers");
    keras::copy_state(*source, *target);
  });
  m.def("save_model", [](const Handle& h, const std::string& path, const std::string& model_config,
                         const std::string& training_config, nb::handle optimizer_weights) {
    auto* model = dynamic_cast<keras::Model*>(h.object.get());
    if (!model) raise(PyExc_TypeError, h.object->describe() + " is no model");
    keras::ModelFile about{model_config, training_config, {}};
    for (nb::handle w : optimizer_weights) about.optimizer_weights.emplace_back(nb::cast<std::string>(w[0]), to_saved(w[1]));
    keras::save_model_file(*model, path, about);
  });
  m.def("read_model", [](const std::string& path) {
    const keras::ModelFile file = keras::read_model_file(path);
    const auto said = [](const std::string& s) { return text(s, Code::os, "load_model: what the file says of its model"); };
    nb::list weights;
    for (const auto& [name, value] : file.optimizer_weights) weights.append(nb::make_tuple(said(name), wrap(value)));
    return nb::make_tuple(said(file.model_config), said(file.training_config), weights);
  });
  m.def("object_graph_bytes", [](nb::handle nodes) { return bytes_object(object_graph_bytes(graph_of(nodes))); });
  m.def("read_object_graph", [](nb::bytes bytes) { return listed(read_object_graph({bytes.c_str(), bytes.size()})); });
}

}  // namespace ninefold::python
