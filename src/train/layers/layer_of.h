// In: a layer's options struct. Out: the base class that holds it, and the layer's record.
#pragma once

#include "ninefold/layers.h"
#include "train/layers/schema.h"

namespace ninefold::keras {

// A layer whose config is `C`, which ends with NINEFOLD_LAYER_OPTIONS. A layer's file defines
//   class DenseLayer : public LayerOf<DenseOptions> { ... };
//   const LayerClass<DenseLayer> dense = {{"Dense"}, "doc", [] { return Schema<DenseOptions>()...; }};
//   LayerPtr Dense(int64_t units, DenseOptions o) { o.units = units; return dense(std::move(o)); }
template <class C>
class LayerOf : public Layer {
 public:
  using Options = C;
  const std::string& class_name() const override { return *class_name_; }
  ValueDict config() const override {
    ValueDict out = Layer::config();
    schema_->write(options, out);
    return out;
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
    ValueDict common;
    if (!options.name.empty()) common.push_back({"name", options.name});
    if (options.input_shape.given) common.push_back({"input_shape", options.input_shape.shape});
    if (!options.trainable) common.push_back({"trainable", false});
    if (options.dtype != DType::invalid) common.push_back({"dtype", options.dtype});
    finish(common);
  }
  C options;

 protected:
  virtual void ready() {}        // options are set, the base class is not: check them here
  virtual void configured() {}   // both are set

 private:
  void finish(const ValueDict& common) {
    ready();
    init_common(common);
    if constexpr (requires { options.activity_regularizer; }) activity_regularizer_ = options.activity_regularizer;
    configured();
  }
  const std::string* class_name_ = nullptr;   // of the class' record, which is static
  const Schema<C>* schema_ = nullptr;
};

// A layer's class: its names, documentation and fields. The schema is made at its first use, because its
// defaults are parts that have records of their own.
template <class L>
class LayerClass {
 public:
  using Options = typename L::Options;
  LayerClass(std::vector<std::string> names, std::string doc, Schema<Options> (*fields)(), std::string base = "Layer")
      : names_(std::move(names)), doc_(std::move(doc)), base_(std::move(base)), make_schema_(fields) {
    self_ = this;
    static const ObjectRegistrar registrar(+[] { return self_->record(); });
  }
  LayerPtr operator()(Options options) const {
    auto layer = std::make_shared<L>();
    layer->configure(names_.front(), schema(), std::move(options));
    return layer;
  }

 private:
  const Schema<Options>& schema() const {
    static const Schema<Options> made = make_schema_();
    return made;
  }
  ObjectRecord record() const {
    return {.kind = "layer", .names = names_, .module = "tf.keras.layers", .fields = schema().fields(), .doc = doc_,
            .make = [](const ValueDict& given) -> ObjectPtr {
              auto layer = std::make_shared<L>();
              layer->configure(self_->names_.front(), self_->schema(), given);
              return layer;
            },
            .base = base_};
  }
  static inline const LayerClass* self_ = nullptr;
  std::vector<std::string> names_;
  std::string doc_, base_;
  Schema<Options> (*make_schema_)();
};

}  // namespace ninefold::keras
