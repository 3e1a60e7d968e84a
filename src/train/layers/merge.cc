// In: a list of tensors. Out: one: their sum, product, mean, largest, ..., or one behind the other.
#include <algorithm>
#include <set>

#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

const ValueList& list_of_inputs(const Value& v, const char* what) {
  const ValueList* list = v.get<ValueList>();
  check(list && !list->empty() && !nest::is_shape(v), Code::value, "{} should be called on a list of at least 1 input.", what);
  return *list;
}
std::string listed(const ValueList& shapes) {
  std::string out;
  for (const Value& s : shapes) out += (out.empty() ? "" : ", ") + nest::shape(s, "merge").tuple();
  return "[" + out + "]";
}
// Masks of a list of inputs; empty if nobody has one.
std::vector<Value> given_masks(const Value& mask) {
  if (mask.none()) return {};
  const ValueList* list = mask.get<ValueList>();
  check(list, Code::value, "`mask` should be a list.");
  for (const Value& m : *list)
    if (!m.none()) return *list;
  return {};
}

enum Kind { add, subtract, multiply, average, maximum, minimum };
constexpr const char* functions[] = {"tf.math.add", "tf.math.subtract", "tf.math.multiply", "tf.math.add", "tf.math.maximum",
                                     "tf.math.minimum"};
constexpr const char* signs[] = {"+=", "-", "*=", "+=", "maximum", "minimum"};
constexpr const char* ops[] = {"AddV2", "Sub", "Mul", "AddV2", "Maximum", "Minimum"};

template <Kind kind>
class MergeLayer : public LayerOf<MergeOptions> {
 public:
  void build(const Value& input_shape) override {
    if (nest::is_shape(input_shape) || !input_shape.get<ValueList>())
      fail(Code::value, "A merge layer should be called on a list of inputs. Received: input_shape={} (not a list of shapes)",
           nest::shape(input_shape, name()).tuple());
    const ValueList& shapes = *input_shape.get<ValueList>();
    if (kind == subtract)
      check(shapes.size() == 2, Code::value, "A `Subtract` layer should be called on exactly 2 inputs. Received: input_shape={}",
            listed(shapes));
    std::set<int64_t> batches;
    for (const Value& s : shapes)
      if (const Shape in = nest::shape(s, name()); in.rank() > 0 && in[0] >= 0) batches.insert(in[0]);
    check(batches.size() <= 1, Code::value, "Cannot merge tensors with different batch sizes. Got tensors with shapes {}", listed(shapes));
    compute_output_shape(input_shape);
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    const ValueList& list = list_of_inputs(inputs, "A merge layer");
    if (std::any_of(list.begin(), list.end(), [](const Value& v) { return CompositeSpec::of(v).has_value(); })) return merged(list);
    Tensors xs;
    int rank = 0;
    for (const Value& v : list) {
      xs.push_back(nest::tensor(v, name()));
      rank = std::max(rank, xs.back().rank());
    }
    for (Tensor& x : xs)
      while (x.rank() < rank) x = op("ExpandDims", {x, Tensor(int32_t{1})});
    Tensor y = xs[0];
    for (size_t i = 1; i < xs.size(); ++i) y = op(ops[kind], {y, xs[i]});
    return kind == average ? y / number(static_cast<double>(xs.size()), y.dtype()) : y;
  }
  Value compute_output_shape(const Value& input_shape) override {
    const ValueList& list = list_of_inputs(input_shape, "A merge layer");
    std::vector<int64_t> out;
    int64_t batch = -1;
    for (size_t k = 0; k < list.size(); ++k) {
      const Shape s = nest::shape(list[k], name());
      if (!s.known_rank()) return Shape::unknown();
      if (s.rank() > 0 && s[0] >= 0) batch = s[0];
      std::vector<int64_t> next = s.slice(std::min(1, s.rank()), s.rank()).vector();
      if (k == 0) {
        out = next;
        continue;
      }
      if (out.size() < next.size()) std::swap(out, next);
      const size_t off = out.size() - next.size();
      for (size_t i = 0; i < next.size(); ++i) {
        int64_t& a = out[off + i];
        const int64_t b = next[i];
        if (a < 0 || b < 0) a = -1;
        else if (a == 1) a = b;
        else
          check(b == 1 || a == b, Code::value, "Inputs have incompatible shapes. Received shapes {} and {}",
                nest::shape(list[k - 1], name()).slice(1, nest::shape(list[k - 1], name()).rank()).tuple(), s.slice(1, s.rank()).tuple());
      }
    }
    out.insert(out.begin(), batch);
    return Shape(out);
  }
  // Ragged tensors of the same rows, element by element.
  Value merged(const ValueList& list) {
    Value y = list[0];
    for (size_t i = 0; i < list.size(); ++i) {
      check(!Sparse::of(list[i]), Code::type, "unsupported operand type(s) for {}: 'SparseTensor' and 'SparseTensor'", signs[kind]);
      if (i > 0) y = ninefold::call(functions[kind], {{"x", y}, {"y", list[i]}});
    }
    if (kind != average) return y;
    return ninefold::call("tf.math.divide", {{"x", y}, {"y", static_cast<double>(list.size())}});
  }
  Value compute_mask(const Value&, const Value& mask) override {
    Tensor all;
    for (const Value& m : given_masks(mask))
      if (const Tensor* t = m.get<Tensor>()) all = all ? op("LogicalAnd", {all, *t}) : *t;
    return all ? Value(all) : Value();
  }

 protected:
  void ready() override { supports_masking = true; }
};
Schema<MergeOptions> no_fields() { return {}; }
const LayerClass<MergeLayer<add>> add_layer = {{"Add"}, "The sum of the inputs.", no_fields};
const LayerClass<MergeLayer<subtract>> subtract_layer = {{"Subtract"}, "The first input minus the second.", no_fields};
const LayerClass<MergeLayer<multiply>> multiply_layer = {{"Multiply"}, "The product of the inputs.", no_fields};
const LayerClass<MergeLayer<average>> average_layer = {{"Average"}, "The mean of the inputs.", no_fields};
const LayerClass<MergeLayer<maximum>> maximum_layer = {{"Maximum"}, "The largest of the inputs.", no_fields};
const LayerClass<MergeLayer<minimum>> minimum_layer = {{"Minimum"}, "The smallest of the inputs.", no_fields};

class ConcatenateLayer : public LayerOf<ConcatenateOptions> {
 public:
  void build(const Value& input_shape) override {
    const ValueList& list = list_of_inputs(input_shape, "A `Concatenate` layer");
    const Shape first = nest::shape(list[0], name());
    bool fits = true;
    for (const Value& v : list) {
      const Shape s = nest::shape(v, name());
      fits &= s.rank() == first.rank();
      const int64_t axis = options.axis < 0 ? options.axis + s.rank() : options.axis;
      for (int i = 0; fits && i < s.rank(); ++i) fits &= i == axis || s[i] < 0 || first[i] < 0 || s[i] == first[i];
    }
    check(fits, Code::value, "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. Received: "
          "input_shape={}", listed(list));
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    Tensors xs;
    const ValueList& list = list_of_inputs(inputs, "A `Concatenate` layer");
    const auto is_sparse = [](const Value& v) { return Sparse::of(v) != nullptr; };
    if (std::all_of(list.begin(), list.end(), is_sparse))
      return ninefold::call("tf.sparse.concat", {{"axis", options.axis}, {"sp_inputs", list}});
    if (std::any_of(list.begin(), list.end(), [](const Value& v) { return CompositeSpec::of(v).has_value(); })) {
      ValueList dense;
      for (const Value& v : list) dense.push_back(is_sparse(v) ? Value(Sparse::of(v)->to_dense()) : v);
      return ninefold::call("tf.concat", {{"values", dense}, {"axis", options.axis}});
    }
    for (const Value& v : list) xs.push_back(nest::tensor(v, name()));
    return joined(xs, options.axis);
  }
  Value compute_output_shape(const Value& input_shape) override {
    const ValueList& list = list_of_inputs(input_shape, "A `Concatenate` layer");
    Shape out = nest::shape(list[0], name());
    const int axis = static_cast<int>(options.axis < 0 ? options.axis + out.rank() : options.axis);
    for (size_t i = 1; i < list.size(); ++i) {
      const int64_t n = nest::shape(list[i], name())[axis];
      out.set(axis, out[axis] < 0 || n < 0 ? -1 : out[axis] + n);
    }
    return out;
  }
  Value compute_mask(const Value& inputs, const Value& mask) override {
    const std::vector<Value> masks = given_masks(mask);
    if (masks.empty()) return {};
    const ValueList& list = list_of_inputs(inputs, "A `Concatenate` layer");
    Tensors all;
    for (size_t i = 0; i < list.size(); ++i) {
      const Tensor x = nest::tensor(list[i], name());
      const Tensor* m = masks[i].get<Tensor>();
      if (!m) all.push_back(cast(op("OnesLike", {x}), DType::boolean));
      else all.push_back(m->rank() < x.rank() ? op("ExpandDims", {*m, Tensor(int32_t{-1})}) : *m);
    }
    return op("All", {joined(all, options.axis), ints({-1})});
  }

 protected:
  void ready() override { supports_masking = true; }

 private:
  static Tensor joined(Tensors xs, int64_t axis) {
    if (xs.size() == 1) return op("Identity", {xs[0]});
    if (axis < 0) axis += xs[0].rank();
    xs.push_back(Tensor(static_cast<int32_t>(axis)));
    return op_all("ConcatV2", xs).at(0);
  }
};
const LayerClass<ConcatenateLayer> concatenate = {{"Concatenate"}, "The inputs one behind the other along an axis.", [] {
  return Schema<ConcatenateOptions>().field("axis", &ConcatenateOptions::axis);
}};

}  // namespace

LayerPtr Add(MergeOptions o) { return add_layer(std::move(o)); }
LayerPtr Subtract(MergeOptions o) { return subtract_layer(std::move(o)); }
LayerPtr Multiply(MergeOptions o) { return multiply_layer(std::move(o)); }
LayerPtr Average(MergeOptions o) { return average_layer(std::move(o)); }
LayerPtr Maximum(MergeOptions o) { return maximum_layer(std::move(o)); }
LayerPtr Minimum(MergeOptions o) { return minimum_layer(std::move(o)); }
LayerPtr Concatenate(ConcatenateOptions o) { return concatenate(std::move(o)); }

}  // namespace ninefold::keras
