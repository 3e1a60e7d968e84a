// In: shapes. Out: merged dimensions, and runs over them.
// Short innermost rows ([1000, 10] + [10]) are gathered into tiles of many rows, so that a loop's call is
// paid once a tile and not once a row.
#include "engine/device/cpu/elementwise.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace ninefold::cpu {

namespace {

constexpr int64_t short_row = 128;    // elements below which rows are gathered
constexpr int64_t tile_elements = 512;

void copy_repeated(char* to, const char* from, size_t bytes, int64_t times) {
  for (int64_t i = 0; i < times; ++i) std::memcpy(to + i * bytes, from, bytes);
}
template <class T>
void fill_as(char* to, const char* from, int64_t n) {
  T value;
  std::memcpy(&value, from, sizeof value);
  auto* p = reinterpret_cast<T*>(to);
  for (int64_t i = 0; i < n; ++i) p[i] = value;
}
void fill(char* to, const char* from, size_t size, int64_t n) {
  switch (size) {
    case 1: return fill_as<uint8_t>(to, from, n);
    case 2: return fill_as<uint16_t>(to, from, n);
    case 4: return fill_as<uint32_t>(to, from, n);
    case 8: return fill_as<uint64_t>(to, from, n);
    default: return copy_repeated(to, from, size, n);
  }
}

}  // namespace

Broadcast::Broadcast(Shape out, std::span<const Shape> shapes) : operands_(static_cast<int>(shapes.size())) {
  NINEFOLD_INVARIANT(operands_ >= 1 && operands_ <= max_broadcast_operands);
  elements_ = 1;
  for (int64_t d : out) elements_ *= d;
  std::vector<Dim> all(out.size());
  for (int k = 0; k < operands_; ++k) {
    int64_t stride = 1;
    const Shape s = shapes[k];
    NINEFOLD_INVARIANT(s.size() <= out.size());
    for (size_t i = 0; i < out.size(); ++i) {  // from the right
      Dim& d = all[out.size() - 1 - i];
      d.size = out[out.size() - 1 - i];
      const int64_t own = i < s.size() ? s[s.size() - 1 - i] : 1;
      NINEFOLD_INVARIANT(own == d.size || own == 1);
      d.stride[k] = own == 1 ? 0 : stride;
      stride *= own;
    }
  }
  for (const Dim& d : all) {  // merge what every operand walks alike
    if (d.size == 1) continue;
    const bool merge = !dims_.empty() && std::all_of(d.stride, d.stride + operands_, [&](const int64_t& s) {
      const int64_t outer = dims_.back().stride[&s - d.stride];
      return s == 0 ? outer == 0 : outer == s * d.size;
    });
    if (merge) {
      const int64_t size = dims_.back().size * d.size;
      dims_.back() = d;
      dims_.back().size = size;
    } else {
      dims_.push_back(d);
    }
  }
  if (dims_.empty()) dims_.push_back({1, {1, 1, 1}});
  if (elements_ > 0) units_ = flat() ? elements_ : elements_ / dims_.back().size;
}

// Where outer index `outer`, counted over all dimensions but the last `skip`, begins in each operand.
void Broadcast::offsets(int64_t outer, size_t skip, int64_t* offset) const {
  std::fill(offset, offset + operands_, 0);
  for (size_t i = dims_.size() - skip; i-- > 0;) {
    const int64_t at = outer % dims_[i].size;
    outer /= dims_[i].size;
    for (int k = 0; k < operands_; ++k) offset[k] += at * dims_[i].stride[k];
  }
}

void Broadcast::run(int64_t begin, int64_t end, size_t out_size, std::span<const size_t> in_size, void* to,
                    const void* const* in, const Run& loop) const {
  if (begin >= end) return;
  char* out = static_cast<char*>(to);
  const Dim& inner = dims_.back();
  uint8_t step[max_broadcast_operands];
  for (int k = 0; k < operands_; ++k) step[k] = inner.stride[k] != 0;
  const void* at[max_broadcast_operands];
  if (flat()) {
    for (int k = 0; k < operands_; ++k)
      at[k] = static_cast<const char*>(in[k]) + begin * static_cast<int64_t>(in_size[k]) * step[k];
    return loop(out + begin * out_size, at, end - begin, step);
  }
  if (inner.size < short_row) return run_short_rows(begin, end, out_size, in_size, out, in, loop);
  int64_t offset[max_broadcast_operands];
  for (int64_t row = begin; row < end; ++row) {
    offsets(row, 1, offset);
    for (int k = 0; k < operands_; ++k) at[k] = static_cast<const char*>(in[k]) + offset[k] * in_size[k];
    loop(out + row * inner.size * out_size, at, inner.size, step);
  }
}

void Broadcast::run_short_rows(int64_t begin, int64_t end, size_t out_size, std::span<const size_t> in_size,
                               char* out, const void* const* in, const Run& loop) const {
  const Dim& inner = dims_.back();
  const Dim& outer = dims_[dims_.size() - 2];
  const int64_t width = inner.size, rows_a_tile = tile_elements / width;
  alignas(64) char buffer[max_broadcast_operands][tile_elements * 16];
  const uint8_t step[max_broadcast_operands] = {1, 1, 1};
  const char* filled[max_broadcast_operands] = {};  // the row a buffer repeats
  int64_t filled_rows[max_broadcast_operands] = {};
  for (int64_t row = begin; row < end;) {
    // Rows of one block of the outer dimension: their offsets go up by its stride.
    const int64_t rows = std::min({rows_a_tile, end - row, outer.size - row % outer.size});
    int64_t offset[max_broadcast_operands];
    offsets(row, 1, offset);
    const void* at[max_broadcast_operands];
    for (int k = 0; k < operands_; ++k) {
      const size_t size = in_size[k];
      const char* from = static_cast<const char*>(in[k]) + offset[k] * size;
      at[k] = buffer[k];
      if (inner.stride[k] && outer.stride[k] == width) {
        at[k] = from;  // contiguous over both dimensions
      } else if (inner.stride[k] && outer.stride[k] == 0) {
        if (filled[k] != from) filled_rows[k] = 0;
        if (filled_rows[k] < rows) copy_repeated(buffer[k], from, width * size, rows);
        filled[k] = from, filled_rows[k] = std::max(filled_rows[k], rows);
      } else if (inner.stride[k]) {
        for (int64_t r = 0; r < rows; ++r)
          std::memcpy(buffer[k] + r * width * size, from + r * outer.stride[k] * size, width * size);
      } else {
        for (int64_t r = 0; r < rows; ++r)
          fill(buffer[k] + r * width * size, from + r * outer.stride[k] * size, size, width);
      }
    }
    loop(out + row * width * out_size, at, rows * width, step);
    row += rows;
  }
}

}  // namespace ninefold::cpu
