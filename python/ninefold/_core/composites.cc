// In: tf.RaggedTensor and what it is asked. Out: the engine's Ragged, which does the work. (sparse.cc: SparseTensor.)
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "ninefold/composite.h"
#include "slots.h"
#include "sparse.h"

namespace ninefold::python {
namespace {

// What a RaggedTensor of Python holds, in its slot `_ragged`.
struct RaggedHandle {
  RaggedRef ragged;
};
PyTypeObject* ragged_type = nullptr;   // tf.RaggedTensor, once it is installed
PyObject* slot_name = nullptr;

nb::object wrapped(const RaggedRef& r) {
  return nb::handle(reinterpret_cast<PyObject*>(ragged_type)).attr("_of")(RaggedHandle{r});
}
nb::object result(const Value& v) { return checked(from_value(v)); }
Tensor optional_tensor(nb::handle o) { return o.is_none() ? Tensor() : to_tensor_object(o.ptr()); }

Tensor bound(PyObject* o) {
  if (o == Py_None) return {};
  if (is_tensor(o)) return tensor_of(o);
  if (is_variable(o)) return read_variable(o);
  if (!PyIndex_Check(o) || PyBool_Check(o))
    raise(PyExc_TypeError, "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 "
          "tensors are valid indices, got " + nb::cast<std::string>(nb::repr(nb::handle(o))));
  const Py_ssize_t v = PyNumber_AsSsize_t(o, nullptr);
  if (v == -1 && PyErr_Occurred()) throw nb::python_error();
  return Tensor(static_cast<int64_t>(v));
}
RaggedIndex to_index(PyObject* o) {
  if (o == Py_None) return {RaggedIndex::new_axis, {}, {}, {}};
  if (o == Py_Ellipsis) return {RaggedIndex::ellipsis, {}, {}, {}};
  if (!PySlice_Check(o)) return {RaggedIndex::at, bound(o), {}, {}};
  auto part = [&](const char* name) { return bound(checked(PyObject_GetAttrString(o, name)).ptr()); };
  return {RaggedIndex::slice, part("start"), part("stop"), part("step")};
}

RaggedSpec to_ragged_spec(nb::handle shape, nb::handle dtype, int ragged_rank, nb::handle splits_dtype) {
  return {to_shape(shape.ptr()), to_dtype(dtype.ptr()), ragged_rank, to_dtype(splits_dtype.ptr())};
}

}  // namespace

std::shared_ptr<Foreign> composite_of(PyObject* o) {
  if (!ragged_type || !PyObject_TypeCheck(o, ragged_type)) {
    auto sparse = sparse_of(o);
    return sparse ? sparse : extension_of(o);
  }
  const nb::object handle = checked(PyObject_GetAttr(o, slot_name));
  return std::const_pointer_cast<Ragged>(nb::cast<RaggedHandle&>(handle).ragged);
}
nb::object composite_object(const std::shared_ptr<Foreign>& v) {
  if (auto r = std::dynamic_pointer_cast<Ragged>(v)) return wrapped(r);
  nb::object sparse = sparse_object(v);
  return sparse.is_valid() ? sparse : extension_object(v);
}

void add_composites(nb::module_& m) {
  add_sparse(m);
  add_extension_types(m);
  add_messages(m);
  using H = RaggedHandle;
  nb::class_<H>(m, "Ragged")
      .def_prop_ro("values", [](H& h) { return result(h.ragged->values()); })
      .def_prop_ro("flat_values", [](H& h) { return wrap(h.ragged->flat_values()); })
      .def_prop_ro("row_splits", [](H& h) { return wrap(h.ragged->row_splits()); })
      .def_prop_ro("nested_row_splits", [](H& h) { return wrap(h.ragged->nested_row_splits()); })
      .def_prop_ro("uniform_row_length", [](H& h) { return h.ragged->uniform_row_length(); })
      .def_prop_ro("ragged_rank", [](H& h) { return h.ragged->ragged_rank(); })
      .def_prop_ro("dtype", [](H& h) { return dtype_object(h.ragged->dtype()); })
      .def_prop_ro("shape", [](H& h) { return shape_object(h.ragged->shape()); })
      .def("parts", [](H& h) { return wrap(h.ragged->parts()); })
      .def("with_parts", [](H& h, nb::list parts) {
        return wrapped(std::static_pointer_cast<Ragged>(h.ragged->with_parts(to_tensors(parts.ptr()))));
      })
      .def("nrows", [](H& h) { return wrap(h.ragged->nrows()); })
      .def("row_starts", [](H& h) { return wrap(h.ragged->row_starts()); })
      .def("row_limits", [](H& h) { return wrap(h.ragged->row_limits()); })
      .def("row_lengths", [](H& h) { return wrap(h.ragged->row_lengths()); })
      .def("value_rowids", [](H& h) { return wrap(h.ragged->value_rowids()); })
      .def("bounding_shape", [](H& h) { return wrap(h.ragged->bounding_shape()); })
      .def("with_values", [](H& h, nb::handle v) { return wrapped(h.ragged->with_values(to_value(v.ptr()))); })
      .def("with_flat_values", [](H& h, nb::handle v) { return wrapped(h.ragged->with_flat_values(to_tensor_object(v.ptr()))); })
      .def("with_splits_dtype", [](H& h, nb::handle d) { return wrapped(h.ragged->with_splits_dtype(to_dtype(d.ptr()))); })
      .def("merge_dims", [](H& h, int outer, int inner) { return result(h.ragged->merge_dims(outer, inner)); })
      .def("to_tensor", [](H& h, nb::handle fill, nb::handle shape) {
        Tensor by;
        if (!fill.is_none()) by = to_tensor_object(fill.ptr(), DType::invalid, h.ragged->dtype());
        return wrap(h.ragged->to_tensor(by, shape.is_none() ? Shape::unknown() : to_shape(shape.ptr())));
      }, nb::arg("fill").none(), nb::arg("shape").none())
      .def("to_sparse", [](H& h) { return result(Sparse::value(h.ragged->to_sparse())); })
      .def("index", [](H& h, nb::handle key) {
        std::vector<RaggedIndex> keys;
        if (PyTuple_Check(key.ptr()))
          for (Py_ssize_t i = 0; i < PyTuple_Size(key.ptr()); ++i) keys.push_back(to_index(PyTuple_GetItem(key.ptr(), i)));
        else
          keys.push_back(to_index(key.ptr()));
        return result(h.ragged->index(std::move(keys)));
      }, nb::arg("key").none());
  // Of values and one partition: how -> the factory.
  m.def("ragged_from", [](const std::string& how, nb::handle values, nb::handle partition, nb::handle nrows, bool validate) {
    const Value v = to_value(values.ptr());
    if (how == "uniform_row_length")
      return wrapped(Ragged::from_uniform_row_length(v, nb::cast<int64_t>(partition), optional_tensor(nrows), validate));
    const Tensor t = to_tensor_object(partition.ptr());
    if (how == "row_splits") return wrapped(Ragged::from_row_splits(v, t, validate));
    if (how == "row_lengths") return wrapped(Ragged::from_row_lengths(v, t, validate));
    if (how == "row_starts") return wrapped(Ragged::from_row_starts(v, t, validate));
    if (how == "row_limits") return wrapped(Ragged::from_row_limits(v, t, validate));
    return wrapped(Ragged::from_value_rowids(v, t, optional_tensor(nrows), validate));
  }, nb::arg("how"), nb::arg("values"), nb::arg("partition"), nb::arg("nrows").none(), nb::arg("validate"));
  m.def("ragged_from_tensor", [](nb::handle tensor, nb::handle lengths, nb::handle padding, int rank, nb::handle dtype) {
    const Tensor t = to_tensor_object(tensor.ptr());
    const Tensor pad = padding.is_none() ? Tensor() : to_tensor_object(padding.ptr(), DType::invalid, t.dtype());
    return wrapped(Ragged::from_tensor(t, optional_tensor(lengths), pad, rank, to_dtype(dtype.ptr())));
  }, nb::arg("tensor"), nb::arg("lengths").none(), nb::arg("padding").none(), nb::arg("ragged_rank"), nb::arg("dtype"));
  m.def("ragged_from_sparse", [](nb::handle sparse, nb::handle dtype) {
    const SparseRef s = Sparse::of(to_value(sparse.ptr()));
    if (!s) {
      const std::string type = Py_TYPE(sparse.ptr())->tp_name;
      raise(PyExc_TypeError, "Argument `st_input` must be of type SparseTensor, but is of type " + type.substr(type.rfind('.') + 1) + ".");
    }
    return wrapped(Ragged::from_sparse(*s, to_dtype(dtype.ptr())));
  });
  m.def("ragged_from_parts", [](nb::handle shape, nb::handle dtype, int rank, nb::handle splits_dtype, nb::list parts) {
    return wrapped(Ragged::from_parts(to_ragged_spec(shape, dtype, rank, splits_dtype), to_tensors(parts.ptr())));
  });
  // [(shape, dtype), ...]: what the parts of such a tensor are.
  m.def("ragged_parts", [](nb::handle shape, nb::handle dtype, int rank, nb::handle splits_dtype) {
    nb::list out;
    for (const TensorSpec& s : to_ragged_spec(shape, dtype, rank, splits_dtype).parts())
      out.append(nb::make_tuple(shape_object(s.shape), dtype_object(s.dtype)));
    return out;
  });
  m.def("install_ragged", [](nb::handle type) {
    ragged_type = reinterpret_cast<PyTypeObject*>(nb::object(nb::borrow(type)).release().ptr());
    slot_name = PyUnicode_InternFromString("_ragged");
  });
}

}  // namespace ninefold::python
