// In: [..., n]. Out: activation(x W + b), [..., units].
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class DenseLayer : public LayerOf<DenseOptions> {
 public:
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    check(is_floating(dtype()) || is_complex(dtype()), Code::type,
          "A Dense layer can only be built with a floating-point dtype. Received: dtype=<dtype: '{}'>", name_of(dtype()));
    const int64_t last = in.rank() > 0 ? in.dim(-1) : -1;
    check(last >= 0, Code::value, "The last dimension of the inputs to a Dense layer should be defined. Found None. "
          "Full input shape received: {}", in.tuple());
    input_spec = ValueDict{{"min_ndim", 2}, {"axes", ValueDict{{"-1", last}}}};
    kernel_ = add_weight({.name = "kernel", .shape = {last, options.units}, .initializer = options.kernel_initializer,
                          .regularizer = options.kernel_regularizer, .constraint = options.kernel_constraint});
    if (options.use_bias)
      bias_ = add_weight({.name = "bias", .shape = {options.units}, .initializer = options.bias_initializer,
                          .regularizer = options.bias_regularizer, .constraint = options.bias_constraint});
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    if (const RaggedRef rows = nest::ragged(inputs)) {
      check(rows->shape().dim(-1) >= 0, Code::value, "The last dimension of the inputs to a Dense layer should be defined. "
            "Found None. Full input shape received: {}", rows->shape().tuple());
      if (rows->flat_values().rank() > 1) return Ragged::value(rows->with_flat_values(of(rows->flat_values())));
      // The last partition is uniform: its rows, dense, are what the kernel multiplies.
      return Ragged::value(Ragged::from_tensor(of(rows->to_tensor()), {}, {}, rows->ragged_rank(), rows->splits_dtype()));
    }
    if (const SparseRef s = nest::sparse(inputs); s && s->shape().rank() == 2) return of_rows(*s);
    return of(nest::tensor(inputs, name()));
  }
  // The elements written down times their rows of the kernel, added up row by row.
  Tensor of_rows(const Sparse& s) {
    const Value rows = Sparse::value(s.with_values(cast(s.values(), compute_dtype())));
    return finished(function("tf.sparse.sparse_dense_matmul", {{"sp_a", rows}, {"b", read(kernel_)}}));
  }
  Tensor of(const Tensor& inputs) {
    const Tensor x = cast(inputs, compute_dtype());
    const Tensor w = read(kernel_);
    Tensor y;
    if (x.rank() == 2 || !x.shape().known_rank()) {
      y = op("MatMul", {x, w});
    } else {
      // The leading axes become one; the sizes that are unknown are taken from the input as it runs.
      const int64_t n = kernel_.shape()[0];
      Tensors sizes;
      for (int i = 0; i + 1 < x.rank(); ++i) sizes.push_back(dim_of(x, i));
      sizes.push_back(Tensor(static_cast<int32_t>(options.units)));
      y = op("Reshape", {op("MatMul", {reshape(x, {-1, n}), w}), pack_ints(sizes)});
    }
    return finished(y);
  }
  Tensor finished(Tensor y) {
    if (options.use_bias) y = op("BiasAdd", {y, read(bias_)});
    return options.activation ? (*options.activation)(y) : y;
  }
  Value compute_output_shape(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    check(in.rank() >= 2, Code::value, "Shape {} must have rank at least 2", in.tuple());
    check(in.dim(-1) >= 0, Code::value, "The last dimension of the input shape of a Dense layer should be defined. "
          "Found None. Received: input_shape={}", in.tuple());
    return in.slice(0, in.rank() - 1).concat({options.units});
  }

 protected:
  void ready() override {
    check(options.units >= 0, Code::value, "Received an invalid value for `units`, expected a positive integer. Received: units={}",
          options.units);
    input_spec = ValueDict{{"min_ndim", 2}};
    supports_masking = true;
  }

 private:
  Variable kernel_, bias_;
};

const LayerClass<DenseLayer> dense = {{"Dense"}, "y = activation(x W + b) over the last axis: [..., n] -> [..., units].", [] {
  using O = DenseOptions;
  return Schema<O>().required("units", &O::units).field("activation", &O::activation).field("use_bias", &O::use_bias)
      .field("kernel_initializer", &O::kernel_initializer).field("bias_initializer", &O::bias_initializer)
      .field("kernel_regularizer", &O::kernel_regularizer).field("bias_regularizer", &O::bias_regularizer)
      .field("activity_regularizer", &O::activity_regularizer).field("kernel_constraint", &O::kernel_constraint)
      .field("bias_constraint", &O::bias_constraint);
}};

}  // namespace

LayerPtr Dense(int64_t units, DenseOptions options) {
  options.units = units;
  return dense(std::move(options));
}

}  // namespace ninefold::keras
