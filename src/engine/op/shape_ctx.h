// In: what is known of a node's inputs. Out: what is known of its outputs, or TensorFlow's error.
#pragma once

#include <fmt/core.h>

#include "base/check.h"
#include "engine/op/op.h"

namespace ninefold {

// Seen by shape rules. Input shapes may be partial (in traces) or whole (eagerly, in plans).
class ShapeCtx {
 public:
  ShapeCtx(const Op& op, const Attrs& attrs, std::span<const Tensor> inputs);

  const Op& op() const { return op_; }
  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  const Shape& shape(int i) const { return inputs_[static_cast<size_t>(i)].shape(); }
  const Shape& shape(std::string_view input) const { return shape(index(input)); }
  DType dtype(int i) const { return inputs_[static_cast<size_t>(i)].dtype(); }
  // The value of an input, if it is known now: always eagerly, constants in traces. Null otherwise.
  const Tensor* value(int i) const;
  const Tensor* value(std::string_view input) const { return value(index(input)); }
  int index(std::string_view input) const;     // of the first tensor of that argument
  int count(std::string_view input) const;     // how many tensors that argument has

  const Attr& attr(std::string_view name) const { return attrs_.at(op_, name); }
  bool flag(std::string_view name) const { return std::get<bool>(attr(name)); }
  int64_t integer(std::string_view name) const { return std::get<int64_t>(attr(name)); }
  const std::string& text(std::string_view name) const { return std::get<std::string>(attr(name)); }
  const std::vector<int64_t>& ints(std::string_view name) const { return std::get<std::vector<int64_t>>(attr(name)); }
  DType type(std::string_view name) const { return std::get<DType>(attr(name)); }

  // Raises InvalidArgumentError "... [Op:Name]".
  template <class... A>
  void check(bool holds, fmt::format_string<A...> form, A&&... args) const {
    if (!holds) [[unlikely]] raise(fmt::format(form, std::forward<A>(args)...));
  }
  // Known rank, or unknown; raises TensorFlow's "Shape must be rank 2 but is rank 3".
  void rank(int input, int rank) const;
  void rank_at_least(int input, int rank) const;
  // [rows, columns] of a matrix input, swapped if asked; unknown is -1.
  std::pair<int64_t, int64_t> matrix(std::string_view input, bool transposed) const;
  // NumPy broadcast of two shapes; "Incompatible shapes: [2,3] vs. [3,2]".
  Shape broadcast(const Shape& a, const Shape& b) const;
  // A shape given as a 1-D integer tensor; -1 kept where allowed; unknown if its value is.
  Shape shape_value(int input, bool allow_minus_one = false) const;
  // A normalised axis; raises if it is out of range.
  int axis(int64_t axis, int rank) const;
  bool whole() const;   // all input shapes fully known

  void output(Shape s) { output(0, std::move(s)); }
  void output(int i, Shape s);
  void same_as_input() { output(0, shape(0)); }
  void unknown();                               // every output without a shape yet: nothing known
  [[noreturn]] void raise(const std::string& what) const;

  std::vector<Shape>& outputs() { return outputs_; }
  std::span<const Tensor> inputs() const { return inputs_; }
  const Attrs& attrs() const { return attrs_; }

 private:
  const Op& op_;
  const Attrs& attrs_;
  std::span<const Tensor> inputs_;
  std::vector<Shape> outputs_;
};

// The rules that many ops share.
namespace shapes {
void same(ShapeCtx&);         // output 0 like input 0
void broadcast(ShapeCtx&);    // NumPy broadcast of inputs 0 and 1
void scalar(ShapeCtx&);
void none(ShapeCtx&);         // no outputs
void unknown(ShapeCtx&);
}

// Number and dtypes of the outputs, from the record and its attributes.
std::vector<DType> output_dtypes(const Op&, const Attrs&);

}  // namespace ninefold
