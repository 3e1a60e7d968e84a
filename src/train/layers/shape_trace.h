// In: a layer's ops on placeholders. Out: shapes and dtypes of what it would give; nothing is kept or run.
#pragma once

#include "engine/op/scope.h"

namespace ninefold::keras {

// The tracer of symbolic calls. Nobody runs what it sees, so it keeps no graph.
class ShapeTrace : public Tracer {
 public:
  Tensor placeholder(const TensorSpec& spec);
  Tensors emit(const Op&, std::span<const Tensor> inputs, Attrs, std::vector<DType> dtypes,
               std::vector<Shape> shapes) override;
  Tensor capture(const Tensor& t) override;
  bool owns(const Tensor& t) const override { return t.dtype() != DType::resource || t.symbolic(); }
  int64_t next_op_seed() override { return op_seeds_++; }
  int64_t graph_seed(bool* set) override { *set = false; return 0; }
  virtual void set_graph_seed(int64_t) {}

 private:
  int64_t op_seeds_ = 0;
};

// The size of one axis as an int32 scalar: a constant where it is known.
Tensor dim_of(const Tensor& x, int axis);
// The shape of x as an int32 vector: a constant where it is known.
Tensor shape_of(const Tensor& x);

}  // namespace ninefold::keras
