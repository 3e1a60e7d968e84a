// In: tensors that belong together. Out: values made of several tensors: the ragged and the sparse tensor. Public
// functions take and return them as they take tensors: what a function means for them, they say themselves.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ninefold/ops.h"

namespace ninefold {

// What a ragged tensor will be. Of `shape`, dimension 0 and those behind ragged_rank may be known; one between
// is known only if all its rows have that length.
struct NINEFOLD_API RaggedSpec {
  Shape shape;
  DType dtype = DType::f32;
  int ragged_rank = 1;
  DType splits_dtype = DType::i64;
  std::vector<TensorSpec> parts() const;
};

class FormOfValues;

// What a composite will be: enough to make one of parts that come later.
struct NINEFOLD_API CompositeSpec {
  bool sparse = false;       // else ragged, unless `made` says more
  RaggedSpec rows;           // of others than ragged tensors only shape and dtype count
  std::shared_ptr<const FormOfValues> made = nullptr;
  std::vector<TensorSpec> parts() const;
  Value value(std::span<const Tensor> parts) const;
  std::string str() const;   // "RaggedTensorSpec(TensorShape([None, None]), tf.int64, 1, tf.int64)"
  static std::optional<CompositeSpec> of(const Value& v);   // none of a value that is no composite
  static CompositeSpec of(std::shared_ptr<const FormOfValues> made);
};

// What the values of a class will be that the engine does not know: of an extension type.
class NINEFOLD_API FormOfValues {
 public:
  virtual ~FormOfValues() = default;
  virtual std::optional<Shape> shape() const = 0;   // none where such values have no shape; likewise the dtype
  virtual DType dtype() const = 0;
  virtual std::vector<TensorSpec> parts() const = 0;
  virtual Value value(std::span<const Tensor> parts) const = 0;
  virtual Value cast(const Value& value, DType) const = 0;
  // What each part is, or several together, as batches are made of rows. Raises where such values have none.
  virtual std::vector<std::optional<CompositeSpec>> fields() const = 0;
  virtual std::shared_ptr<const FormOfValues> any_batch() const = 0;   // the same with an open first dimension
  virtual bool same_form(const FormOfValues&) const = 0;               // but for the sizes of its tensors
  virtual std::string str() const = 0;
};
// Such a form as a value, as keras.Input takes it.
class NINEFOLD_API ValueOfForm : public Foreign {
 public:
  virtual std::shared_ptr<const FormOfValues> form() const = 0;
};

// A value that crosses traces, control flow and nests as its parts.
class NINEFOLD_API Composite : public Foreign {
 public:
  bool takes_calls() const override { return true; }
  virtual Tensors parts() const = 0;
  // What the parts of all values of this form share: a function traced for them takes every one.
  virtual std::vector<TensorSpec> part_specs() const = 0;
  // A value of this form from such parts.
  virtual std::shared_ptr<Composite> with_parts(std::span<const Tensor>) const = 0;
  virtual CompositeSpec form() const = 0;
};

// One place of an index: an integer, a slice whose omitted bounds are undefined, a new axis, an ellipsis.
struct RaggedIndex {
  enum Kind { at, slice, new_axis, ellipsis } kind = at;
  Tensor start, stop, step;   // scalars; `at` has a start only
};

class Ragged;
// A ragged tensor that is held, or none: what Ragged::of() finds in a value. Looking into none is a TypeError.
class NINEFOLD_API RaggedRef : public std::shared_ptr<const Ragged> {
 public:
  using std::shared_ptr<const Ragged>::shared_ptr;
  RaggedRef(std::shared_ptr<const Ragged> held) : std::shared_ptr<const Ragged>(std::move(held)) {}
  const Ragged* operator->() const { return get() ? get() : none(); }
  const Ragged& operator*() const { return *operator->(); }

 private:
  [[noreturn]] static const Ragged* none();
};
class Sparse;
using SparseRef = std::shared_ptr<const Sparse>;

// A tensor whose rows differ in length. Row i is values[row_splits[i] : row_splits[i + 1]]; the values may be
// ragged again. Immutable, as tensors are; ops on it are ops on its parts, so tapes and traces follow them.
//   RaggedRef r = Ragged::from_row_lengths(Tensor::of<int>({3}, {1, 2, 3}), Tensor::of<int64_t>({2}, {2, 1}));
//   Value sums = call("tf.reduce_sum", {{"input_tensor", Ragged::value(r)}, {"axis", 1}});   // [3, 3]
class NINEFOLD_API Ragged final : public Composite, public std::enable_shared_from_this<Ragged> {
 public:
  // `values` is a tensor of rank 1 or more, or holds a Ragged. With `validate`, splits that do not begin at 0,
  // rise and end at the number of values raise InvalidArgumentError, in a trace when it runs.
  static RaggedRef from_row_splits(Value values, Tensor row_splits, bool validate = true);
  static RaggedRef from_row_lengths(Value values, Tensor row_lengths, bool validate = true);
  static RaggedRef from_row_starts(Value values, Tensor row_starts, bool validate = true);
  static RaggedRef from_row_limits(Value values, Tensor row_limits, bool validate = true);
  // nrows undefined: one more than the last id.
  static RaggedRef from_value_rowids(Value values, Tensor rowids, Tensor nrows = {}, bool validate = true);
  // nrows undefined: the number of values divided by the length.
  static RaggedRef from_uniform_row_length(Value values, int64_t length, Tensor nrows = {}, bool validate = true);
  // `lengths`: of each row, or undefined; `padding`: what ends the rows, or undefined.
  static RaggedRef from_tensor(const Tensor& t, const Tensor& lengths = {}, const Tensor& padding = {},
                               int ragged_rank = 1, DType splits_dtype = DType::i64);
  // Nested lists whose lengths differ, as tf.ragged.constant takes them; a tensor if no level can be ragged.
  static Value constant(const Value& nested, DType dtype = DType::invalid, int ragged_rank = -1,
                        std::optional<Shape> inner_shape = {}, DType splits_dtype = DType::i64);
  // Of a matrix whose rows begin at column 0 and leave none out; others raise InvalidArgumentError, other ranks ValueError.
  static RaggedRef from_sparse(const Sparse& s, DType splits_dtype = DType::i64);
  static RaggedRef from_parts(const RaggedSpec&, std::span<const Tensor> parts);
  // Without a check: of a partition that is known to fit. `uniform`: the length of all rows, -1 if they differ.
  Ragged(Value values, Tensor row_splits, int64_t uniform = -1);

  const Value& values() const { return values_; }
  const Tensor& row_splits() const { return row_splits_; }
  int64_t uniform_row_length() const { return uniform_; }
  const Ragged* inner() const;           // the values, if they are ragged
  const Tensor& flat_values() const;
  Tensors nested_row_splits() const;     // the outermost first
  int ragged_rank() const;
  DType dtype() const { return flat_values().dtype(); }
  DType splits_dtype() const { return row_splits_.dtype(); }
  Shape shape() const;
  int rank() const { return ragged_rank() + flat_values().rank(); }
  RaggedSpec spec() const { return {shape(), dtype(), ragged_rank(), splits_dtype()}; }

  Tensor nrows() const;
  Tensor row_starts() const;
  Tensor row_limits() const;
  Tensor row_lengths() const;
  Tensor value_rowids() const;
  Tensor bounding_shape() const;         // the sizes of the smallest tensor that holds it
  RaggedRef with_values(Value values) const;
  RaggedRef with_flat_values(const Tensor&) const;
  RaggedRef with_splits_dtype(DType) const;
  // Padded with `fill` (undefined: zeros, "") to the bounding shape, or to the sizes of `shape` that are known.
  Tensor to_tensor(const Tensor& fill = {}, const Shape& shape = Shape::unknown()) const;
  SparseRef to_sparse() const;           // of the bounding shape; every element of each row is written down
  Value index(std::vector<RaggedIndex> keys) const;
  Value merge_dims(int outer, int inner) const;

  // As the argument of a public function.
  static Value value(const RaggedRef& r) { return std::const_pointer_cast<Ragged>(r); }
  static RaggedRef of(const Value& v);   // null if it holds none

  std::string describe() const override;
  Value call(const Function& f, std::vector<Value> values) override;
  Tensors parts() const override;        // the flat values, then the splits, the outermost first
  std::vector<TensorSpec> part_specs() const override { return spec().parts(); }
  CompositeSpec form() const override { return {false, spec()}; }
  std::shared_ptr<Composite> with_parts(std::span<const Tensor>) const override;

 private:
  Value values_;
  Tensor row_splits_;
  int64_t uniform_;
};

// A tensor of which only some elements are written down: values[i] stands at indices[i] of a tensor of `dense_shape`.
//   SparseRef s = Sparse::from_dense(t);
//   Tensor again = s->to_dense();
class NINEFOLD_API Sparse final : public Composite, public std::enable_shared_from_this<Sparse> {
 public:
  // indices int64 [n, rank], values [n], dense_shape int64 [rank]; raises ValueError where these do not fit each other.
  // `known`: what is known of the shape where dense_shape is computed only later.
  static SparseRef of(Tensor indices, Tensor values, Tensor dense_shape, const Shape& known = Shape::unknown());
  static SparseRef of(const Value& v);   // null if it holds none
  static SparseRef from_dense(const Tensor& t);   // the elements that are not 0, "" or false
  const Tensor& indices() const { return indices_; }
  const Tensor& values() const { return values_; }
  const Tensor& dense_shape() const { return dense_shape_; }
  DType dtype() const { return values_.dtype(); }
  Shape shape() const;                   // as far as it is known now
  SparseRef with_values(const Tensor&) const;
  // `fill` (undefined: 0, "") where nothing is written. With `validate`, indices that are out of order, out of range or
  // that stand twice raise InvalidArgumentError.
  Tensor to_dense(const Tensor& fill = {}, bool validate = true) const;

  static Value value(const SparseRef& s) { return std::const_pointer_cast<Sparse>(s); }
  std::string describe() const override;
  Value call(const Function& f, std::vector<Value> values) override;
  Tensors parts() const override { return {indices_, values_, dense_shape_}; }
  std::vector<TensorSpec> part_specs() const override;
  CompositeSpec form() const override { return {true, {shape(), dtype(), 0, DType::i64}}; }
  std::shared_ptr<Composite> with_parts(std::span<const Tensor>) const override;

 private:
  Sparse(Tensor indices, Tensor values, Tensor dense_shape, Shape known)
      : indices_(std::move(indices)), values_(std::move(values)), dense_shape_(std::move(dense_shape)), known_(std::move(known)) {}
  Tensor indices_, values_, dense_shape_;
  Shape known_;
};

}  // namespace ninefold
