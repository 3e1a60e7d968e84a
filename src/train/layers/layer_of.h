// In: a layer's options struct. Out: the base class that holds it, and the layer's record.
#pragma once

#include "ninefold/layers.h"
#include "train/layers/schema.h"

namespace ninefold::keras {

// A layer whose config is `C`, which ends with NINEFOLD_LAYER_OPTIONS. A layer's file defines
//   class DenseLayer : public LayerOf<DenseOptions> { ... };
//   const ObjectRecord dense = layer_record<DenseLayer>("Dense", schema(), "doc");
//   NINEFOLD_OBJECT(dense);
template <class C>
class LayerOf : public Layer {
 public:
  const std::string& class_name() const override { return record_->names.front(); }
  ValueDict config() const override {
    ValueDict out = Layer::config();
    schema_->write(options, out);
    return out;
  }
  // Fields of the schema go to `options`, the rest (name, trainable, dtype, shapes) to the base class.
  void configure(const ObjectRecord& record, const Schema<C>& schema, const ValueDict& given) {
    record_ = &record;
    schema_ = &schema;
    init_common(schema.read(given, options, class_name()));
    ready();
  }
  // The same from C++ options.
  void configure(const ObjectRecord& record, const Schema<C>& schema, C given) {
    record_ = &record;
    schema_ = &schema;
    options = std::move(given);
    ValueDict common;
    if (!options.name.empty()) common.push_back({"name", options.name});
    if (options.input_shape.given) common.push_back({"input_shape", options.input_shape.shape});
    if (!options.trainable) common.push_back({"trainable", false});
    if (options.dtype != DType::invalid) common.push_back({"dtype", options.dtype});
    init_common(common);
    ready();
  }
  C options;

 protected:
  virtual void ready() {}   // options are set: check them here

 private:
  const ObjectRecord* record_ = nullptr;
  const Schema<C>* schema_ = nullptr;
};

}  // namespace ninefold::keras
