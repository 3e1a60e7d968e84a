// In: a tensor and a subscript as Keras stores it. Out: one StridedSlice, or a boolean mask.
#include "train/layers/slicing.h"

#include <algorithm>

#include "base/check.h"

namespace ninefold::keras {
namespace {

// One of begin, end and strides: a constant unless an index is a tensor.
class Bounds {
 public:
  void push(int64_t v) { parts_.push_back(Tensor(static_cast<int32_t>(std::clamp<int64_t>(v, INT32_MIN, INT32_MAX)))); }
  void push(const Tensor& t) {
    parts_.push_back(t.dtype() == DType::i32 ? t : op("Cast", {t}, {{"DstT", DType::i32}}));
    dynamic_ = true;
  }
  Tensor tensor() const {
    if (!dynamic_) {
      std::vector<int32_t> numbers;
      for (const Tensor& t : parts_) numbers.push_back(static_cast<int32_t>(t.int_at(0)));
      return Tensor::of<int32_t>({static_cast<int64_t>(numbers.size())}, numbers);
    }
    const NamedAttr axis("axis", 0);
    return op_all("Pack", parts_, {&axis, 1}).at(0);
  }

 private:
  Tensors parts_;
  bool dynamic_ = false;
};

struct Slice {
  Bounds begin, end, strides;
  int64_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_mask = 0;

  // An end of a range; None: open, which `mask` says.
  void bound(Bounds& to, const Value* v, int64_t* mask, int64_t bit, int64_t open) {
    if (!v || v->none()) {
      if (mask) *mask |= bit;
      return to.push(open);
    }
    if (const Tensor* t = v->get<Tensor>()) return to.push(*t);
    const int64_t* i = v->get<int64_t>();
    check(i, Code::type, "SlicingOpLambda: the ends of a slice are ints, scalar tensors or None");
    to.push(*i);
  }
  void whole(int64_t& mask, int64_t bit) {
    begin.push(0), end.push(0), strides.push(1);
    mask |= bit;
  }
  void add(const Value& index, int at) {
    const int64_t bit = int64_t{1} << at;
    if (index.none()) return whole(new_axis_mask, bit);
    if (index.find("class_name")) return whole(ellipsis_mask, bit);
    if (index.get<ValueDict>()) {
      bound(begin, index.find("start"), &begin_mask, bit, 0);
      bound(end, index.find("stop"), &end_mask, bit, 0);
      bound(strides, index.find("step"), nullptr, bit, 1);
      return;
    }
    if (const Tensor* t = index.get<Tensor>()) {
      const Tensor one = op("Cast", {Tensor(int32_t{1})}, {{"DstT", t->dtype()}});
      begin.push(*t), end.push(*t + one), strides.push(1);
    } else {
      const int64_t* i = index.get<int64_t>();
      check(i, Code::type, "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar "
            "tf.int32/tf.int64 tensors are valid indices");
      begin.push(*i), end.push(*i + 1), strides.push(1);
    }
    shrink_mask |= bit;
  }
};

}  // namespace

Tensor sliced(const Tensor& x, const Value& spec) {
  if (const Tensor* mask = spec.get<Tensor>(); mask && mask->dtype() == DType::boolean)
    return *ninefold::call("tf.boolean_mask", {{"tensor", x}, {"mask", *mask}}).get<Tensor>();
  Slice s;
  if (const ValueList* list = spec.get<ValueList>()) {
    for (size_t i = 0; i < list->size(); ++i) s.add((*list)[i], static_cast<int>(i));
  } else {
    s.add(spec, 0);
  }
  return op("StridedSlice", {x, s.begin.tensor(), s.end.tensor(), s.strides.tensor()},
            {{"begin_mask", s.begin_mask}, {"end_mask", s.end_mask}, {"ellipsis_mask", s.ellipsis_mask},
             {"new_axis_mask", s.new_axis_mask}, {"shrink_axis_mask", s.shrink_mask}});
}

}  // namespace ninefold::keras
