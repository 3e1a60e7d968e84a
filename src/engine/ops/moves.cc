// In: shapes, strides, elements. Out: copies in pieces over the threads; strings and handles one by one.
#include "engine/ops/moves.h"

#include <algorithm>
#include <cstring>

#include "base/threads.h"
#include "engine/device/cpu/copy.h"
#include "engine/op/shape_ctx.h"
#include "engine/tensor/resource.h"

namespace ninefold::ops {
namespace {

constexpr int64_t kPieceBytes = 1 << 18;   // below this a second thread costs more than it brings

template <class T>
void walk(Dims shape, T* to, Dims to_strides, const T* from, Dims from_strides) {
  if (shape.empty()) {
    *to = *from;
    return;
  }
  for (int64_t i = 0; i < shape[0]; ++i)
    walk(shape.subspan(1), to + i * to_strides[0], to_strides.subspan(1), from + i * from_strides[0],
         from_strides.subspan(1));
}

using Handle = std::shared_ptr<Resource>;

}  // namespace

std::vector<int64_t> strides_of(Dims shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= shape[i]) strides[i] = stride;
  return strides;
}

void move_strided(DType dtype, Dims shape, void* to, Dims to_strides, const void* from, Dims from_strides) {
  if (dtype == DType::string)
    return walk(shape, static_cast<std::string*>(to), to_strides, static_cast<const std::string*>(from), from_strides);
  if (!is_plain(dtype))
    return walk(shape, static_cast<Handle*>(to), to_strides, static_cast<const Handle*>(from), from_strides);
  const size_t size = size_of(dtype);
  int64_t total = static_cast<int64_t>(size);
  for (int64_t d : shape) total *= d;
  // The first dimension that gives enough pieces is split; else the whole is one piece.
  size_t split = 0;
  while (split < shape.size() && shape[split] < 2) ++split;
  for (size_t i = split + 1; i < shape.size() && shape[split] < 8; ++i)
    if (shape[i] > shape[split]) split = i;
  if (total < 2 * kPieceBytes || split >= shape.size())
    return cpu::strided_copy(size, shape, to, to_strides, from, from_strides);
  const int64_t grain = std::max<int64_t>(1, shape[split] * kPieceBytes / total);
  // Whole blocks of the transposing loop where possible.
  const int64_t even = grain > 16 ? grain / 16 * 16 : grain;
  parallel_for(shape[split], even, [&](int64_t begin, int64_t end) {
    std::vector<int64_t> part(shape.begin(), shape.end());
    part[split] = end - begin;
    cpu::strided_copy(size, part, element(dtype, to, begin * to_strides[split]), to_strides,
                      element(dtype, from, begin * from_strides[split]), from_strides);
  });
}

void move_run(DType dtype, void* to, const void* from, int64_t n) {
  if (is_plain(dtype)) std::memcpy(to, from, static_cast<size_t>(n) * size_of(dtype));
  else if (dtype == DType::string) std::copy_n(static_cast<const std::string*>(from), n, static_cast<std::string*>(to));
  else std::copy_n(static_cast<const Handle*>(from), n, static_cast<Handle*>(to));
}

void fill_run(DType dtype, void* to, const void* value, int64_t n) {
  if (dtype == DType::string) {
    std::fill_n(static_cast<std::string*>(to), n, value ? *static_cast<const std::string*>(value) : std::string());
  } else if (!is_plain(dtype)) {
    std::fill_n(static_cast<Handle*>(to), n, value ? *static_cast<const Handle*>(value) : Handle());
  } else {
    const size_t size = size_of(dtype);
    const auto* bytes = static_cast<const unsigned char*>(value);
    const bool zero = !value || std::all_of(bytes, bytes + size, [](unsigned char b) { return b == 0; });
    parallel_for(n, kPieceBytes, [&](int64_t begin, int64_t end) {
      if (zero) std::memset(element(dtype, to, begin), 0, static_cast<size_t>(end - begin) * size);
      else cpu::fill(size, value, element(dtype, to, begin), end - begin);
    });
  }
}

Tensor int_vector(const std::vector<int64_t>& values, DType dtype) {
  const Shape shape{static_cast<int64_t>(values.size())};
  if (dtype == DType::i64) return Tensor::of<int64_t>(shape, values);
  return Tensor::of<int32_t>(shape, std::vector<int32_t>(values.begin(), values.end()));
}
Tensor int_scalar(int64_t value, DType dtype) {
  if (dtype == DType::i64) return Tensor(value);
  return Tensor(static_cast<int32_t>(value));
}
Tensor shape_tensor(const Tensor& t, DType dtype) {
  if (t.shape().fully_known()) return int_vector(t.shape().vector(), dtype);
  return op("Shape", {t}, {{"out_type", dtype}});
}
IndexedSlices taken_rows(const Tensor& dy, const Tensor& indices, const Shape& whole, const Tensor& shape) {
  const Tensor dense_shape = whole.fully_known() ? int_vector(whole.vector()) : shape;
  const Shape &n = indices.shape(), tail = whole.known_rank() ? whole.slice(1, whole.rank()) : Shape::unknown();
  if (n.known_rank() && n.rank() == 1) return {dy, indices, dense_shape};
  if (n.fully_known() && tail.fully_known())
    return {op("Reshape", {dy, int_vector(Shape{n.size()}.concat(tail).vector())}), op("Reshape", {indices, int_vector({n.size()})}),
            dense_shape};
  const Tensor count = op("ExpandDims", {op("Size", {indices}), int_scalar(0)});
  const Tensor rest = tail.fully_known() ? int_vector(tail.vector()) : op("Slice", {shape, int_vector({1}), int_vector({-1})});
  return {op("Reshape", {dy, op("ConcatV2", {count, rest, int_scalar(0)})}), op("Reshape", {indices, count}), dense_shape};
}
const Tensor* known_value(const Tensor& t) {
  return t.symbolic() ? t.impl()->known.get() : &t;
}

void give_outputs(KernelCtx& k) {
  bool all = true;
  for (int i = 0; i < k.num_outputs(); ++i) all = all && k.has_output(i);
  if (all) return;
  Tensors inputs;
  for (int i = 0; i < k.num_inputs(); ++i) inputs.push_back(k.in(i));
  ShapeCtx c(k.op(), k.attrs(), inputs);
  const std::vector<DType> dtypes = output_dtypes(k.op(), k.attrs());
  k.op().shape(c);
  for (int i = 0; i < k.num_outputs(); ++i)
    k.allocate(i, dtypes[static_cast<size_t>(i)], c.outputs().at(static_cast<size_t>(i)));
}

void share_input(KernelCtx& k, const Shape& shape) {
  if (!k.in(0).impl()->buffer->borrowed()) return k.set_output(0, k.in(0).with_shape(shape));
  k.allocate(0, k.dtype(0), shape);
  move_run(k.dtype(0), k.out<void>(0), k.in<void>(0), k.in(0).size());
}

}  // namespace ninefold::ops
