// In: strides. Out: merged dimensions and the fastest of three inner loops: memcpy, gather, 2-D blocks.
#include "engine/device/cpu/copy.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "engine/device/cpu/gemm_tile.h"

namespace ninefold::cpu {

namespace {

struct Dim { int64_t size, to, from; };
struct Wide { uint64_t a, b; };

template <class T>
void line(int64_t n, char* to, int64_t to_stride, const char* from, int64_t from_stride) {
  auto* y = reinterpret_cast<T*>(to);
  auto* x = reinterpret_cast<const T*>(from);
  if (to_stride == 1 && from_stride == 1) {
    std::memcpy(y, x, n * sizeof(T));
  } else if (to_stride == 1 && from_stride == 0) {
    const T value = *x;
    for (int64_t i = 0; i < n; ++i) y[i] = value;
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * to_stride] = x[i * from_stride];
  }
}

// Rows of to are contiguous, columns of from: in blocks, so that both sides use whole cache lines.
template <class T>
void block(const Dim& rows, const Dim& columns, char* to, const char* from) {
  auto* y = reinterpret_cast<T*>(to);
  auto* x = reinterpret_cast<const T*>(from);
  constexpr int64_t side = sizeof(T) <= 4 ? 16 : 8;
  if constexpr (sizeof(T) == sizeof(float)) {   // whole lines on both sides, turned in registers
    const auto turn = tile_kernels<float>().transpose;
    for (int64_t r = 0; r < rows.size; r += side)
      for (int64_t c = 0; c < columns.size; c += side)
        turn(std::min(side, columns.size - c), std::min(side, rows.size - r),
             reinterpret_cast<const float*>(x + r + c * columns.from), columns.from,
             reinterpret_cast<float*>(y + r * rows.to + c), rows.to);
    return;
  }
  for (int64_t r = 0; r < rows.size; r += side) {
    const int64_t r_end = std::min(r + side, rows.size);
    for (int64_t c = 0; c < columns.size; c += side) {
      const int64_t c_end = std::min(c + side, columns.size);
      for (int64_t i = r; i < r_end; ++i)
        for (int64_t j = c; j < c_end; ++j) y[i * rows.to + j] = x[i + j * columns.from];
    }
  }
}

template <class T>
void walk(const std::vector<Dim>& dims, size_t d, char* to, const char* from) {
  const Dim& dim = dims[d];
  if (d + 1 == dims.size()) return line<T>(dim.size, to, dim.to, from, dim.from);
  if (d + 2 == dims.size() && dim.from == 1 && dims[d + 1].to == 1) return block<T>(dim, dims[d + 1], to, from);
  for (int64_t i = 0; i < dim.size; ++i)
    walk<T>(dims, d + 1, to + i * dim.to * int64_t(sizeof(T)), from + i * dim.from * int64_t(sizeof(T)));
}

std::vector<int64_t> contiguous(Dims shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= shape[i]) strides[i] = stride;
  return strides;
}

}  // namespace

void strided_copy(size_t size, Dims shape, void* to, Dims to_strides, const void* from, Dims from_strides) {
  NINEFOLD_INVARIANT(shape.size() == to_strides.size() && shape.size() == from_strides.size());
  std::vector<Dim> dims;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return;
    if (shape[i] == 1) continue;
    if (!dims.empty() && dims.back().to == to_strides[i] * shape[i] && dims.back().from == from_strides[i] * shape[i])
      dims.back() = {dims.back().size * shape[i], to_strides[i], from_strides[i]};
    else
      dims.push_back({shape[i], to_strides[i], from_strides[i]});
  }
  if (dims.empty()) dims.push_back({1, 1, 1});
  // The dimension that is contiguous in from goes just outside the one contiguous in to: 2-D blocks.
  if (dims.size() > 2 && dims.back().to == 1 && dims.back().from != 1) {
    const auto it = std::find_if(dims.begin(), dims.end(), [](const Dim& d) { return d.from == 1; });
    if (it != dims.end()) std::rotate(it, it + 1, dims.end() - 1);
  }
  auto* y = static_cast<char*>(to);
  auto* x = static_cast<const char*>(from);
  switch (size) {
    case 1: return walk<uint8_t>(dims, 0, y, x);
    case 2: return walk<uint16_t>(dims, 0, y, x);
    case 4: return walk<uint32_t>(dims, 0, y, x);
    case 8: return walk<uint64_t>(dims, 0, y, x);
    case 16: return walk<Wide>(dims, 0, y, x);
    default: NINEFOLD_INVARIANT(!"an element has 1, 2, 4, 8 or 16 bytes");
  }
}

void transpose(size_t size, Dims shape, Dims permutation, const void* from, void* to) {
  const auto strides = contiguous(shape);
  std::vector<int64_t> out_shape, from_strides;
  for (int64_t axis : permutation) out_shape.push_back(shape[axis]), from_strides.push_back(strides[axis]);
  strided_copy(size, out_shape, to, contiguous(out_shape), from, from_strides);
}

static int64_t window(Dims shape, Dims begin, Dims step, std::vector<int64_t>* strides) {
  *strides = contiguous(shape);
  int64_t offset = 0;
  for (size_t i = 0; i < shape.size(); ++i) offset += begin[i] * (*strides)[i], (*strides)[i] *= step[i];
  return offset;
}

void strided_slice(size_t size, Dims shape, Dims begin, Dims step, Dims sizes, const void* from, void* to) {
  std::vector<int64_t> strides;
  const int64_t offset = window(shape, begin, step, &strides);
  strided_copy(size, sizes, to, contiguous(sizes), static_cast<const char*>(from) + offset * int64_t(size), strides);
}

void place(size_t size, Dims shape, Dims begin, Dims step, Dims sizes, const void* from, void* to) {
  std::vector<int64_t> strides;
  const int64_t offset = window(shape, begin, step, &strides);
  strided_copy(size, sizes, static_cast<char*>(to) + offset * int64_t(size), strides, from, contiguous(sizes));
}

void fill(size_t size, const void* value, void* to, int64_t n) {
  const int64_t shape[] = {n}, one[] = {1}, zero[] = {0};
  strided_copy(size, shape, to, one, value, zero);
}

}  // namespace ninefold::cpu
