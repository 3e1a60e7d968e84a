// In: a layer's options struct. Out: the base class that holds it, and the layer's record.
#pragma once

#include "ninefold/layers.h"
#include "train/layers/schema.h"

namespace ninefold::keras {

// What was given of a layer's common fields, as init_common takes it.
ValueDict common_fields(const std::string& name, const InputShape& input_shape, bool trainable, DType dtype);

// A layer whose config is `C`, which ends with NINEFOLD_LAYER_OPTIONS. A layer's file defines
//   class DenseLayer : public LayerOf<DenseOptions> { ... };
//   const LayerClass<DenseLayer> dense = {{"Dense"}, "doc", [] { return Schema<DenseOptions>()...; }};
//   LayerPtr Dense(int64_t units, DenseOptions o) { o.units = units; return dense(std::move(o)); }
template <class C, class Base = Layer>
class LayerOf : public Base, public OptionFields {
 public:
  using Options = C;
  const std::string& class_name() const override { return *class_name_; }
  ValueDict config() const override {
    ValueDict out = Base::config();
    schema_->write(options, out);
    return out;
  }
  bool set_field(const std::string& name, const Value& value) override {
    if (!schema_->change(name, value, options)) return false;
    if constexpr (requires { this->take_flags(options); }) this->take_flags(options);   // recurrent layers go by a copy
    changed();
    return true;
  }
  // Fields of the schema go to `options`, the rest (name, trainable, dtype, shapes) to the base class.
  void configure(const std::string& class_name, const Schema<C>& schema, const ValueDict& given) {
    class_name_ = &class_name;
    schema_ = &schema;
    finish(schema.read(given, options, class_name));
  }
  // The same from C++ options.
  void configure(const std::string& class_name, const Schema<C>& schema, C given) {
    class_name_ = &class_name;
    schema_ = &schema;
    options = std::move(given);
    const ValueDict common = common_fields(options.name, options.input_shape, options.trainable, options.dtype);
    finish(common);
  }
  C options;

 protected:
  virtual void ready() {}        // options are set, the base class is not: check them here
  virtual void configured() {}   // both are set
  virtual void changed() {}      // an option was set anew: for layers that keep something made of it
  const Schema<C>& schema() const { return *schema_; }

 private:
  void finish(const ValueDict& common) {
    ready();
    this->init_common(common);
    if constexpr (requires { options.activity_regularizer; }) this->activity_regularizer_ = options.activity_regularizer;
    configured();
  }
  const std::string* class_name_ = nullptr;   // of the class' record, which is static
  const Schema<C>* schema_ = nullptr;
};

class LayerClassBase {
 protected:
  LayerClassBase(std::vector<std::string> names, std::string doc, std::string base, ObjectPtr (*make)(const ValueDict&))
      : names_(std::move(names)), doc_(std::move(doc)), base_(std::move(base)), make_(make) {}
  ObjectRecord record(const FieldList& schema) const;
  std::vector<std::string> names_;

 private:
  std::string doc_, base_;
  ObjectPtr (*make_)(const ValueDict& given);
};

// A layer's class: its names, documentation and fields. The schema is made at its first use, because its
// defaults are parts that have records of their own.
template <class L>
class LayerClass : LayerClassBase {
 public:
  using Options = typename L::Options;
  LayerClass(std::vector<std::string> names, std::string doc, Schema<Options> (*fields)(), std::string base = "Layer")
      : LayerClassBase(std::move(names), std::move(doc), std::move(base), make), make_schema_(fields) {
    self_ = this;
    static const ObjectRegistrar registrar(+[] { return self_->record(self_->schema()); });
  }
  LayerPtr operator()(Options options) const {
    auto layer = std::make_shared<L>();
    layer->configure(names_.front(), schema(), std::move(options));
    return layer;
  }

 private:
  static ObjectPtr make(const ValueDict& given) {
    auto layer = std::make_shared<L>();
    layer->configure(self_->names_.front(), self_->schema(), given);
    return layer;
  }
  const Schema<Options>& schema() const {
    static const Schema<Options> made = make_schema_();
    return made;
  }
  static inline const LayerClass* self_ = nullptr;
  Schema<Options> (*make_schema_)();
};

}  // namespace ninefold::keras
