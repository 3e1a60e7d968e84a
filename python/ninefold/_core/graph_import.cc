// In: bytes of GraphDefs and of the messages around a SavedModel. Out: what Python's tf.saved_model is made of.
#include <nanobind/stl/map.h>
#include <nanobind/stl/vector.h>

#include "graph.h"
#include "ninefold/saved_model.h"

namespace ninefold::python {
namespace {

std::string_view bytes_of(const nb::bytes& b) { return {b.c_str(), b.size()}; }

std::map<std::string, Tensor> fed(nb::dict feeds) {
  std::map<std::string, Tensor> out;
  for (auto [name, value] : feeds) out[nb::cast<std::string>(name)] = to_tensor_object(value.ptr());
  return out;
}
// Names in a file may be any bytes: what is no UTF-8 is shown as such.
nb::object text(const std::string& s) {
  return checked(PyUnicode_DecodeUTF8(s.data(), static_cast<Py_ssize_t>(s.size()), "backslashreplace"));
}
nb::list texts(const std::vector<std::string>& all) {
  nb::list out;
  for (const std::string& s : all) out.append(text(s));
  return out;
}
nb::list specs(const std::vector<TensorSpec>& all) {
  nb::list out;
  for (const TensorSpec& s : all) out.append(spec_object(s));
  return out;
}

}  // namespace

void add_graph_import(nb::module_& m) {
  using Names = std::vector<std::string>;
  nb::class_<ImportedGraph>(m, "ImportedGraph")
      .def("__init__", [](ImportedGraph* self, nb::bytes data) { new (self) ImportedGraph(bytes_of(data)); })
      .def("functions", [](const ImportedGraph& g) { return texts(g.functions()); })
      .def("rules", [](const ImportedGraph& g) {
        nb::list out;
        for (const auto& [type, function] : g.rules()) out.append(nb::make_tuple(text(type), text(function)));
        return out;
      })
      .def("describe_rule", [](ImportedGraph& g, const std::string& type, nb::list bound, const std::vector<int>& results) {
        std::vector<ImportedGraph::Bound> all;
        for (nb::handle b : bound) {
          if (nb::isinstance<nb::tuple>(b)) all.push_back({{}, nb::cast<std::string>(b[0]), nb::cast<std::string>(b[1])});
          else all.push_back({to_tensor_object(b.ptr()), {}, {}});
        }
        g.describe_rule(type, std::move(all), results);
      })
      .def("without_rules", [](const ImportedGraph& g) { return texts(g.without_rules()); })
      .def("on_unknown_rule", [](ImportedGraph& g, nb::object find) {
        auto held = std::make_shared<PyForeign>(find.ptr());
        g.on_unknown_rule([held](const std::string& name) -> ImportedGraph::RuleOfNode {
          WithGil gil;
          try {
            const nb::object rule = held->object()(name);
            if (rule.is_none()) return nullptr;
            auto kept = std::make_shared<PyForeign>(rule.ptr());
            return [kept](const Tensors& out, const Tensors& dy) -> Tensors {
              WithGil inner;
              try {
                const nb::object found = kept->object()(wrap(out), wrap(dy));
                return to_tensors(found.ptr());
              } catch (nb::python_error& e) {
                e.restore();
                throw PythonFault();
              }
            };
          } catch (nb::python_error& e) {
            e.restore();
            throw PythonFault();
          }
        });
      })
      .def("on_missing_rule", [](ImportedGraph& g, nb::object fail) {
        const auto held = std::shared_ptr<PyObject>(fail.release().ptr(), [](PyObject* f) {
          if (!Py_IsInitialized()) return;
          WithGil gil;
          Py_DECREF(f);
        });
        g.on_missing_rule([held](const std::string& node, const std::string& op) {
          WithGil gil;
          PyObject* result = PyObject_CallFunction(held.get(), "ss", node.c_str(), op.c_str());
          if (!result) throw PythonFault();
          Py_DECREF(result);
        });
      })
      .def("signature", [](const ImportedGraph& g, const std::string& name) {
        const ImportedGraph::Signature s = g.signature(name);
        return nb::make_tuple(specs(s.inputs), specs(s.outputs));
      })
      .def("function", [](const ImportedGraph& g, const std::string& name, nb::list captures) {
        return Concrete{g.function(name, to_tensors(captures.ptr()))};
      })
      .def("nodes", [](const ImportedGraph& g) {
        nb::list out;
        for (const ImportedGraph::Node& n : g.nodes()) out.append(nb::make_tuple(text(n.name), text(n.op), texts(n.inputs), text(n.device)));
        return out;
      })
      .def("spec_of", [](const ImportedGraph& g, const std::string& tensor) { return spec_object(g.spec_of(tensor)); })
      .def("add", [](const ImportedGraph& g, nb::dict feeds, const Names& fetches, const Names& targets) {
        return wrap(g.add(fed(feeds), fetches, targets));
      })
      .def("prune", [](const ImportedGraph& g, const Names& feeds, const Names& fetches, const Names& targets) {
        return Concrete{g.prune(feeds, fetches, targets)};
      });
  nb::class_<GraphWriter>(m, "GraphWriter")
      .def(nb::init<bool>(), nb::arg("rules") = true)
      .def("rules", [](const GraphWriter& w) {
        nb::list out;
        for (const GraphWriter::Rule& r : w.rules()) {
          nb::list gradients, captures;
          for (const TensorSpec& s : r.gradients) gradients.append(s.dtype == DType::invalid ? nb::none() : spec_object(s));
          for (const auto& c : r.captures) captures.append(nb::make_tuple(text(c.tensor), c.argument, c.dtype == DType::resource));
          out.append(nb::make_tuple(text(r.function), text(r.of), specs(r.flows), gradients, captures));
        }
        return out;
      })
      .def("function", [](GraphWriter& w, Concrete& c, const std::string& digits) { return w.function(c.f, digits); })
      .def("constant", [](GraphWriter& w, const std::string& name, nb::handle value) {
        return w.constant(name, to_tensor_object(value.ptr()));
      })
      .def("placeholder", [](GraphWriter& w, nb::handle spec) { return w.placeholder(to_spec(spec)); })
      .def("variable", [](GraphWriter& w, nb::handle spec) { return w.variable(to_spec(spec)); })
      .def("call", [](GraphWriter& w, const std::string& name, const std::string& function, const Names& inputs, nb::list in,
                      nb::list out) {
        std::vector<DType> tin, tout;
        for (nb::handle d : in) tin.push_back(to_dtype(d.ptr()));
        for (nb::handle d : out) tout.push_back(to_dtype(d.ptr()));
        return w.call(name, function, inputs, tin, tout);
      })
      .def("node", [](GraphWriter& w, const std::string& op, const std::string& name, const Names& inputs, nb::dict types,
                      nb::list dtypes) {
        std::map<std::string, DType> by_name;
        for (auto [key, d] : types) by_name[nb::cast<std::string>(key)] = to_dtype(d.ptr());
        std::vector<DType> list;
        for (nb::handle d : dtypes) list.push_back(to_dtype(d.ptr()));
        return w.node(op, name, inputs, by_name, list);
      }, nb::arg("op"), nb::arg("name"), nb::arg("inputs"), nb::arg("types") = nb::dict(), nb::arg("dtypes") = nb::list())
      .def("bytes", [](GraphWriter& w) {
        const std::string all = w.bytes();
        return nb::bytes(all.data(), all.size());
      });
  m.def("exchange_directories", &exchange_directories);
  m.def("decode_message", [](const std::string& kind, nb::bytes data) {
    return nb::steal(from_value(decode_message(kind, bytes_of(data))));
  });
  m.def("encode_message", [](const std::string& kind, nb::handle message) {
    const std::string bytes = encode_message(kind, to_value(message.ptr()));
    return nb::bytes(bytes.data(), bytes.size());
  });
}

}  // namespace ninefold::python
