// In: two tensors. Out: their products summed over an axis of each, sample by sample.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class DotLayer : public LayerOf<DotOptions> {
 public:
  void build(const Value& input_shape) override {
    const auto [a, b] = both(input_shape);
    if (!a.known_rank() || !b.known_rank()) return set_built(true);
    const auto [i, j] = axes(a, b);
    check(a[i] < 0 || b[j] < 0 || a[i] == b[j], Code::value,
          "Incompatible input shapes: axis values {} (at axis {}) != {} (at axis {}). Full input shapes: {}, {}", a[i], i, b[j], j,
          a.tuple(), b.tuple());
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    const ValueList* list = inputs.get<ValueList>();
    check(list && list->size() == 2, Code::value, "A `Dot` layer should be called on exactly 2 inputs. Received: inputs={}",
          list ? std::to_string(list->size()) : "one tensor");
    Tensor x = nest::tensor((*list)[0], name()), y = nest::tensor((*list)[1], name());
    const auto [i, j] = axes(x.shape(), y.shape());
    if (options.normalize) {
      x = function("tf.math.l2_normalize", {{"x", x}, {"axis", i}});
      y = function("tf.math.l2_normalize", {{"x", y}, {"axis", j}});
    }
    // [batch, rows, n] x [batch, n, columns]: what is left of x, then what is left of y.
    Tensors left = {dim_of(x, 0)};
    for (int k = 1; k < x.rank(); ++k)
      if (k != i) left.push_back(dim_of(x, k));
    for (int k = 1; k < y.rank(); ++k)
      if (k != j) left.push_back(dim_of(y, k));
    if (left.size() == 1) left.push_back(Tensor(int32_t{1}));
    const Shape known = nest::shape(compute_output_shape(ValueList{x.shape(), y.shape()}), name());
    x = matrices(x, i, false);
    y = matrices(y, j, true);
    return with_static_shape(op("Reshape", {op("BatchMatMulV2", {x, y}), pack_ints(left)}), known);
  }
  Value compute_output_shape(const Value& input_shape) override {
    const auto [a, b] = both(input_shape);
    const auto [i, j] = axes(a, b);
    std::vector<int64_t> out = {a[0] >= 0 ? a[0] : b[0]};
    for (int k = 1; k < a.rank(); ++k)
      if (k != i) out.push_back(a[k]);
    for (int k = 1; k < b.rank(); ++k)
      if (k != j) out.push_back(b[k]);
    if (out.size() == 1) out.push_back(1);
    return Shape(out);
  }
  Value compute_mask(const Value&, const Value&) override { return {}; }

 protected:
  void ready() override {
    const ValueList* list = options.axes.get<ValueList>();
    check(list || options.axes.get<int64_t>(), Code::type, "Invalid type for argument `axes`: it should be a list or an int.");
    check(!list || list->size() == 2, Code::value, "Invalid format for argument `axes`: it should contain two elements.");
    if (list)
      for (const Value& v : *list)
        check(v.get<int64_t>(), Code::value, "Invalid format for argument `axes`: list elements should be integers.");
    supports_masking = true;
  }

 private:
  std::pair<Shape, Shape> both(const Value& shapes) const {
    const ValueList* list = shapes.get<ValueList>();
    check(list && !nest::is_shape(shapes) && list->size() == 2, Code::value,
          "A `Dot` layer should be called on a list of 2 inputs. Received: input_shape={}",
          nest::is_shape(shapes) ? nest::shape(shapes, name()).tuple() : "another number of shapes");
    return {nest::shape((*list)[0], name()), nest::shape((*list)[1], name())};
  }
  std::pair<int, int> axes(const Shape& a, const Shape& b) const {
    const ValueList* list = options.axes.get<ValueList>();
    const auto in = [&](size_t which, const Shape& s) {
      const int64_t axis = list ? *(*list)[which].get<int64_t>() : *options.axes.get<int64_t>();
      const int at = static_cast<int>(axis < 0 ? axis + s.rank() : axis);
      check(at > 0 && at < s.rank(), Code::value, "Dot: axis {} of input {} with shape {}: expected an axis behind the batch", axis,
            which, s.tuple());
      return at;
    };
    return {in(0, a), in(1, b)};
  }
  // [batch, ..., n, ...] as one matrix a sample, with the axis last, or first where `front`.
  Tensor matrices(const Tensor& x, int axis, bool front) const {
    std::vector<int64_t> perm = {0};
    if (front) perm.push_back(axis);
    for (int k = 1; k < x.rank(); ++k)
      if (k != axis) perm.push_back(k);
    if (!front) perm.push_back(axis);
    const Tensor n = dim_of(x, axis), rest(int32_t{-1});
    const Tensor batch = dim_of(x, 0);
    Tensors sizes = {batch, front ? n : rest, front ? rest : n};
    if (x.rank() == 2) sizes[front ? 2 : 1] = Tensor(int32_t{1});
    return op("Reshape", {transpose(x, perm), pack_ints(sizes)});
  }
};

const LayerClass<DotLayer> dot = {{"Dot"}, "Products of two inputs summed over an axis of each, sample by sample.", [] {
  return Schema<DotOptions>().required("axes", &DotOptions::axes).field("normalize", &DotOptions::normalize);
}};

}  // namespace

LayerPtr Dot(Value axes, DotOptions o) {
  o.axes = std::move(axes);
  return dot(std::move(o));
}

}  // namespace ninefold::keras
