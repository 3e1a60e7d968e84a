// In: tf.sparse.SparseTensor and what it is asked. Out: the engine's Sparse.
#include "ninefold/composite.h"
#include "sparse.h"

namespace ninefold::python {
namespace {

// What a SparseTensor of Python holds, in its slot `_sparse`.
struct SparseHandle {
  SparseRef sparse;
};
PyTypeObject* sparse_type = nullptr;   // tf.sparse.SparseTensor, once it is installed
PyObject* slot_name = nullptr;

}  // namespace

std::shared_ptr<Foreign> sparse_of(PyObject* o) {
  if (!sparse_type || !PyObject_TypeCheck(o, sparse_type)) return nullptr;
  const nb::object handle = checked(PyObject_GetAttr(o, slot_name));
  return std::const_pointer_cast<Sparse>(nb::cast<SparseHandle&>(handle).sparse);
}
nb::object sparse_object(const std::shared_ptr<Foreign>& v) {
  const auto s = std::dynamic_pointer_cast<Sparse>(v);
  if (!s) return {};
  return nb::handle(reinterpret_cast<PyObject*>(sparse_type)).attr("_of")(SparseHandle{s});
}

void add_sparse(nb::module_& m) {
  using H = SparseHandle;
  nb::class_<H>(m, "Sparse")
      .def_prop_ro("indices", [](H& h) { return wrap(h.sparse->indices()); })
      .def_prop_ro("values", [](H& h) { return wrap(h.sparse->values()); })
      .def_prop_ro("dense_shape", [](H& h) { return wrap(h.sparse->dense_shape()); })
      .def_prop_ro("dtype", [](H& h) { return dtype_object(h.sparse->dtype()); })
      .def_prop_ro("shape", [](H& h) { return shape_object(h.sparse->shape()); });
  m.def("sparse", [](nb::handle indices, nb::handle values, nb::handle dense_shape) {
    return H{Sparse::of(to_tensor_object(indices.ptr(), DType::i64), to_tensor_object(values.ptr()),
                        to_tensor_object(dense_shape.ptr(), DType::i64))};
  });
  m.def("install_sparse", [](nb::handle type) {
    sparse_type = reinterpret_cast<PyTypeObject*>(nb::object(nb::borrow(type)).release().ptr());
    slot_name = PyUnicode_InternFromString("_sparse");
  });
}

}  // namespace ninefold::python
