// In: values of Python's extension types, and their specs. Out: composites and forms, as the engine's layers and pipelines
// take them. What such a value is made of, its Python class says (_framework/extension_type.py).
#include "convert.h"
#include "ninefold/composite.h"
#include "sparse.h"

namespace ninefold::python {
namespace {

PyTypeObject *value_type = nullptr, *spec_type = nullptr;   // ExtensionType and the base of its specs, once installed

// What `f` gives, asked from C++ on any thread.
template <class F>
auto asked(const F& f) {
  WithGil gil;
  try {
    return f();
  } catch (nb::python_error& e) {
    e.restore();
    throw PythonFault();
  }
}

class PyForm final : public FormOfValues {
 public:
  explicit PyForm(PyObject* spec) : spec_(std::make_shared<PyForeign>(spec)) {}
  nb::object object() const { return spec_->object(); }
  std::optional<Shape> shape() const override {
    return asked([&]() -> std::optional<Shape> {
      const nb::object found = nb::getattr(object(), "shape", nb::none());
      if (found.is_none()) return std::nullopt;
      return to_shape(found.ptr());
    });
  }
  DType dtype() const override {
    return asked([&] { return to_dtype(nb::object(nb::getattr(object(), "dtype", nb::none())).ptr()); });
  }
  std::vector<TensorSpec> parts() const override {
    return asked([&] {
      std::vector<TensorSpec> out;
      for (nb::handle s : nb::list(object().attr("_flat_specs_")()))
        out.push_back({to_shape(nb::object(s.attr("shape")).ptr()), to_dtype(nb::object(s.attr("dtype")).ptr()), ""});
      return out;
    });
  }
  Value value(std::span<const Tensor> parts) const override {
    return asked([&] { return to_value(nb::object(object().attr("_of_flat_")(wrap(Tensors(parts.begin(), parts.end())))).ptr()); });
  }
  Value cast(const Value& v, DType to) const override {
    return asked([&] {
      const nb::object as = nb::module_::import_("ninefold").attr("cast");
      return to_value(nb::object(as(checked(from_value(v)), dtype_object(to))).ptr());
    });
  }
  std::vector<std::optional<CompositeSpec>> fields() const override {
    return asked([&] { return forms_of(object().attr("_row_forms_")()); });
  }
  std::shared_ptr<const FormOfValues> any_batch() const override {
    return asked([&] { return std::make_shared<PyForm>(nb::object(object().attr("_any_batch_")()).ptr()); });
  }
  bool same_form(const FormOfValues& other) const override {
    const auto* o = dynamic_cast<const PyForm*>(&other);
    return o && asked([&] { return nb::cast<bool>(object().attr("_same_form_")(o->object())); });
  }
  std::string str() const override { return spec_->describe(); }

 private:
  std::shared_ptr<PyForeign> spec_;
};

class PyFormValue final : public ValueOfForm {
 public:
  explicit PyFormValue(PyObject* spec) : form_(std::make_shared<PyForm>(spec)) {}
  std::shared_ptr<const FormOfValues> form() const override { return form_; }
  nb::object object() const { return form_->object(); }
  std::string describe() const override { return form_->str(); }

 private:
  std::shared_ptr<PyForm> form_;
};

class PyComposite final : public Composite {
 public:
  explicit PyComposite(PyObject* value) : value_(std::make_shared<PyForeign>(value)) {}
  nb::object object() const { return value_->object(); }
  bool takes_calls() const override { return false; }   // functions ask the Python object itself (__tf_dispatch__)
  std::string describe() const override { return value_->describe(); }
  Tensors parts() const override {
    return asked([&] { return to_tensors(nb::object(object().attr("_flat_parts_")()).ptr()); });
  }
  std::vector<TensorSpec> part_specs() const override { return form().parts(); }
  std::shared_ptr<Composite> with_parts(std::span<const Tensor> parts) const override {
    return std::dynamic_pointer_cast<Composite>(*form().value(parts).get<std::shared_ptr<Foreign>>());
  }
  CompositeSpec form() const override {
    return CompositeSpec::of(asked([&] { return std::make_shared<const PyForm>(nb::object(object().attr("_type_spec")).ptr()); }));
  }

 private:
  std::shared_ptr<PyForeign> value_;
};

}  // namespace

std::shared_ptr<Foreign> extension_of(PyObject* o) {
  if (value_type && PyObject_TypeCheck(o, value_type)) return std::make_shared<PyComposite>(o);
  if (spec_type && PyObject_TypeCheck(o, spec_type)) return std::make_shared<PyFormValue>(o);
  return nullptr;
}
nb::object extension_object(const std::shared_ptr<Foreign>& v) {
  if (const auto* c = dynamic_cast<const PyComposite*>(v.get())) return c->object();
  if (const auto* f = dynamic_cast<const PyFormValue*>(v.get())) return f->object();
  return {};
}
nb::object form_object(const FormOfValues& form) {
  const auto* f = dynamic_cast<const PyForm*>(&form);
  return f ? f->object() : nb::object(nb::none());
}

std::vector<std::optional<CompositeSpec>> forms_of(nb::handle list) {
  std::vector<std::optional<CompositeSpec>> out;
  for (nb::handle item : nb::borrow<nb::list>(list)) {
    if (item.is_none()) {
      out.emplace_back();
    } else if (spec_type && PyObject_TypeCheck(item.ptr(), spec_type)) {
      out.push_back(CompositeSpec::of(std::make_shared<const PyForm>(item.ptr())));
    } else {
      out.push_back(CompositeSpec{nb::cast<bool>(item[0]), {to_shape(nb::object(item[1]).ptr()), to_dtype(nb::object(item[2]).ptr()),
                                                            nb::cast<int>(item[3]), to_dtype(nb::object(item[4]).ptr())}});
    }
  }
  return out;
}

void add_extension_types(nb::module_& m) {
  m.def("install_extension_types", [](nb::handle value, nb::handle spec) {
    value_type = reinterpret_cast<PyTypeObject*>(nb::object(nb::borrow(value)).release().ptr());
    spec_type = reinterpret_cast<PyTypeObject*>(nb::object(nb::borrow(spec)).release().ptr());
  });
}

}  // namespace ninefold::python
