// In: data to learn from. Out: a preprocessing layer that has seen all its batches.
#include "base/check.h"
#include "ninefold/data.h"
#include "train/layers/nest.h"
#include "train/layers/schema.h"

namespace ninefold::keras {

void PreprocessingLayer::adapt(const Value& data, const Value& batch_size, const Value& steps) {
  if (built_) reset_state();
  const int64_t most = steps.none() ? -1 : As<int64_t>::from(steps, "steps");
  int64_t seen = 0;
  const auto take = [&](const Value& batch) {
    if (!built_) {
      Shape shape = nest::shape(nest::shapes(batch), name_);
      if (shape.rank() > 0) shape.set(0, -1);   // batches differ in length
      if (!batch_input_shape.given) batch_input_shape = InputShape(Shape(std::vector<int64_t>(static_cast<size_t>(shape.rank()), -1)));
      build(shape);
      built_ = true;
    }
    update_state(batch);
    return ++seen != most;
  };
  const auto* object = data.get<std::shared_ptr<Foreign>>();
  if (const DatasetPtr dataset = object ? std::dynamic_pointer_cast<Dataset>(*object) : nullptr) {
    check(batch_size.none(), Code::value, "The `batch_size` argument must not be specified for the given input type. Received input: {}, "
          "batch_size: {}", dataset->describe(), batch_size.none() ? 0 : As<int64_t>::from(batch_size, "batch_size"));
    const auto batches = dataset->iterator();
    for (Tensors element; batches->next(element);)
      if (!take(element.at(0))) break;
  } else if (CompositeSpec::of(data)) {
    take(data);
  } else {
    const Tensor all = data.get<Tensor>() ? *data.get<Tensor>() : to_tensor(data, DType::invalid, name_);
    check(all.rank() > 0, Code::value, "{}: adapt() expects data of rank 1 or more, got a scalar", name_);
    const int64_t size = batch_size.none() ? 32 : As<int64_t>::from(batch_size, "batch_size"), rows = all.dim(0);
    check(size > 0, Code::value, "{}: adapt() expects a positive batch_size, got {}", name_, size);
    std::vector<int32_t> begin(static_cast<size_t>(all.rank())), count(begin.size(), -1);
    for (int64_t row = 0; row < rows; row += size) {
      begin[0] = static_cast<int32_t>(row);
      count[0] = static_cast<int32_t>(std::min(size, rows - row));
      if (!take(op("Slice", {all, Tensor::of<int32_t>({all.rank()}, begin), Tensor::of<int32_t>({all.rank()}, count)}))) break;
    }
  }
  finalize_state();
}

}  // namespace ninefold::keras
