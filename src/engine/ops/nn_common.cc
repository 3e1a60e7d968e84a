// In: numbers, axes, dimensions. Out: constants and the small ops that composites are made of.
#include "engine/ops/nn_common.h"

#include <cmath>

#include "base/check.h"
#include "engine/device/cpu/cast.h"

namespace ninefold::ops::nn {

Tensor constant(DType dtype, double value) {
  Tensor t = Tensor::empty(dtype, {});
  cpu::cast(static_cast<int>(DType::f64), &value, static_cast<int>(dtype), t.writable(), 1);
  return t;
}

Tensor int_vector(const std::vector<int64_t>& values) {
  return Tensor::of<int32_t>({static_cast<int64_t>(values.size())}, std::vector<int32_t>(values.begin(), values.end()));
}

Tensor shape_of(const Tensor& t) {
  return t.shape().fully_known() ? int_vector(t.shape().vector()) : op("Shape", {t});
}

Tensor reshape(const Tensor& t, const std::vector<int64_t>& dims) {
  if (t.shape().fully_known() && t.shape().vector() == dims) return t;
  return op("Reshape", {t, int_vector(dims)});
}
Tensor reshape_to(const Tensor& t, const Tensor& dims) { return op("Reshape", {t, dims}); }

Tensor transpose(const Tensor& t, const std::vector<int64_t>& permutation) {
  return op("Transpose", {t, int_vector(permutation)});
}
Tensor sum(const Tensor& t, const std::vector<int64_t>& axes, bool keep) {
  return op("Sum", {t, int_vector(axes)}, {{"keep_dims", keep}});
}
Tensor mean(const Tensor& t, const std::vector<int64_t>& axes, bool keep) {
  return op("Mean", {t, int_vector(axes)}, {{"keep_dims", keep}});
}
Tensor cast(const Tensor& t, DType to) { return t.dtype() == to ? t : op("Cast", {t}, {{"DstT", to}}); }
Tensor conj(const Tensor& t) { return is_complex(t.dtype()) ? op("Conj", {t}) : t; }

Tensor dim_of(const Tensor& shape_vector, int64_t at) {
  return op("StridedSlice", {shape_vector, int_vector({at}), int_vector({at + 1}), int_vector({1})}, {{"shrink_axis_mask", 1}});
}

namespace {
bool holds_float(const Value& v) {
  if (v.get<double>()) return true;
  if (const ValueList* list = v.get<ValueList>())
    for (const Value& item : *list)
      if (holds_float(item)) return true;
  return false;
}
}  // namespace

Tensor hinted(const Args& a, std::string_view name, DType like) {
  return a.tensor(name, is_integer(like) && holds_float(a[name]) ? DType::invalid : like);
}

std::string repr(DType d) { return fmt::format("<dtype: '{}'>", name_of(d)); }

std::string python_text(const Value& v) {
  if (v.none()) return "None";
  if (const bool* b = v.get<bool>()) return *b ? "True" : "False";
  if (const int64_t* i = v.get<int64_t>()) return std::to_string(*i);
  if (const std::string* s = v.get<std::string>()) return *s;
  if (const double* d = v.get<double>()) {
    const std::string text = fmt::format("{}", *d);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  if (const ValueList* list = v.get<ValueList>()) {
    std::string all = "[";
    for (const Value& item : *list) all += (all.size() > 1 ? ", " : "") + python_text(item);
    return all + "]";
  }
  return "an object";
}

}  // namespace ninefold::ops::nn
