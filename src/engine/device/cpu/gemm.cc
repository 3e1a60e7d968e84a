// In: a GemmSpec. Out: the way to compute it, then the product itself, block by block.
// Small products read their operands in place; large ones first pack B in panels (and turn A^T).
#include "engine/device/cpu/gemm.h"

#include <algorithm>

#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/gemm_tile.h"

namespace ninefold::cpu {
namespace {

constexpr int64_t kDepth = 256;      // k of a pass: a panel of B then just fits the first cache
constexpr int64_t kRows = 96;        // rows of a task: eight tiles, A's block fits the second cache
constexpr int64_t kCols = 512;       // columns of a task
constexpr int64_t kParallel = 1 << 20;  // multiply-adds below which waking a thread costs more than it gives
constexpr int64_t kTask = 1 << 19;      // multiply-adds of the smallest task
constexpr int64_t kTasks = 12;          // with fewer, threads wait for the one that has the last
constexpr int64_t kPacked = 1 << 21;    // multiply-adds from which packing B pays, given enough rows

int64_t ceil_to(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

}  // namespace

template <class T>
GemmPlan<T>::GemmPlan(const GemmSpec& spec) : s_(spec) {
  GemmSpec& s = s_;
  NINEFOLD_INVARIANT(s.m >= 0 && s.n >= 0 && s.k >= 0 && s.batch >= 0);
  if (!s.row_a) s.row_a = s.transpose_a ? s.m : s.k;
  if (!s.row_b) s.row_b = s.transpose_b ? s.k : s.n;
  if (!s.row_c) s.row_c = s.n;
  if (s.step_a < 0) s.step_a = (s.transpose_a ? s.k : s.m) * s.row_a;
  if (s.step_b < 0) s.step_b = (s.transpose_b ? s.n : s.k) * s.row_b;
  if (s.step_c < 0) s.step_c = s.m * s.row_c;
  if (s.m == 0 || s.n == 0 || s.batch == 0) return;
  // One B for all and rows of A and C that run on: a single taller product.
  if (s.batch > 1 && s.step_b == 0 && !s.transpose_a && s.step_a == s.m * s.row_a &&
      s.step_c == s.m * s.row_c) {
    s.m *= s.batch;
    s.batch = 1;
  }
  // A transposed operand of one column or row is the plain one.
  if (s.transpose_b && s.k == 1 && s.row_b == 1) s.transpose_b = false, s.row_b = s.n;
  if (s.transpose_a && s.k == 1 && s.m > 1) s.transpose_a = false, s.row_a = 1;

  const TileKernels<T>& kernels = tile_kernels<T>();
  const int64_t work = s.m * s.n * std::max<int64_t>(s.k, 1), panel = kernels.panel;
  parallel_ = work >= kParallel;
  row_a_ = s.transpose_a ? 1 : s.row_a;
  col_a_ = s.transpose_a ? s.row_a : 1;
  rows_ = parallel_ ? std::min(s.m, kRows) : s.m;
  cols_ = parallel_ ? std::min(s.n, kCols) : s.n;
  depth_ = std::max<int64_t>(s.k, 1);

  const bool b_is_vector = s.n == 1 && (s.transpose_b || s.row_b == 1);
  if (b_is_vector && !s.transpose_a && s.k > 1) {
    way_ = Way::row_dots;
  } else if (s.m == 1 && s.transpose_b && col_a_ == 1) {
    way_ = Way::column_dots;
  } else if (s.n == 1 && s.transpose_a && s.row_c == 1) {
    way_ = Way::outer_row;
  } else if (work >= kPacked && s.m >= 48 && s.n >= panel) {
    way_ = Way::packed;
    depth_ = kDepth;
    // Rows a multiple of 2 KB apart share few cache sets: twelve of them would evict each other.
    turn_a_ = s.transpose_a || (s.row_a * int64_t(sizeof(T)) % 2048 == 0 && s.n > 4 * panel);
    row_b_ = panel;
    panel_b_ = s.k * panel;
    one_scratch_ = size_t(ceil_to(s.n, panel) * s.k);
    if (turn_a_) {
      row_a_ = s.k + 16, col_a_ = 1;  // off the power of two, where rows would share a cache set
      one_scratch_ = size_t(ceil_to(int64_t(one_scratch_), 16) + s.m * row_a_);
    }
  } else {
    way_ = Way::direct;
    turn_b_ = s.transpose_b;
    row_b_ = turn_b_ ? s.n : s.row_b;
    panel_b_ = panel;
    if (turn_b_) one_scratch_ = size_t(s.n * s.k);
    if (s.k > 2 * kDepth) depth_ = kDepth;
  }
  // Enough narrow tasks where rows alone do not make them; from the shape only, so sums stay the same.
  if (parallel_ && way_ != Way::packed) cols_ = std::min(s.n, ceil_to(256, panel));
  // Few blocks are cut smaller: in two columns while a row of C is wide, then by whole tiles of rows.
  if (way_ == Way::packed || way_ == Way::direct) {
    auto few = [&] {
      const int64_t tasks = ((s.m + rows_ - 1) / rows_) * ((s.n + cols_ - 1) / cols_);
      return parallel_ && tasks < kTasks && rows_ * cols_ * s.k >= 2 * kTask;
    };
    while (few() && cols_ > 4 * panel) cols_ = ceil_to(cols_ / 2, panel);
    while (few() && rows_ > 24) rows_ = ceil_to(rows_ / 2, 12);
    while (few() && cols_ > panel) cols_ = ceil_to(cols_ / 2, panel);
  }
  one_scratch_ = size_t(ceil_to(int64_t(one_scratch_), 16));
  if (s.batch > 1 && !parallel_) groups_ = std::min<int64_t>(s.batch, 16);
  scratch_ = one_scratch_ * size_t(groups_) * sizeof(T);
}

// One task: C's block from a and b that point to the block's first row and column.
template <class T>
void GemmPlan<T>::block(int64_t row, int64_t rows, int64_t col, int64_t cols, const T* a, const T* b, T* c,
                        const GemmEpilogue<T>& e) const {
  const TileKernels<T>& kernels = tile_kernels<T>();
  TileJob<T> j;
  j.m = rows;
  j.n = cols;
  j.row_a = row_a_;
  j.col_a = col_a_;
  j.row_b = row_b_;
  j.panel_b = panel_b_;
  j.c = c + row * s_.row_c + col;
  j.row_c = s_.row_c;
  j.alpha = e.alpha;
  for (int64_t p = 0; p == 0 || p < s_.k; p += depth_) {
    const bool last = p + depth_ >= s_.k;
    j.k = std::min(depth_, s_.k - p);
    j.a = a + row * row_a_ + p * col_a_;
    j.b = b + col / kernels.panel * panel_b_ + p * row_b_;
    j.accumulate = p > 0 || e.accumulate;
    j.bias = last && e.bias ? e.bias + col : nullptr;
    j.relu = last && e.relu;
    kernels.product(j);
  }
  if (e.finish) e.finish(e.context, j.c, rows, cols, s_.row_c);
}

template <class T>
void GemmPlan<T>::one(const T* a, const T* b, T* c, T* scratch, const GemmEpilogue<T>& e) const {
  const TileKernels<T>& kernels = tile_kernels<T>();
  const GemmSpec& s = s_;
  switch (way_) {
    case Way::nothing:
      return;
    case Way::row_dots:
      parallel_for(s.m, parallel_ ? kRows : s.m, [&](int64_t from, int64_t to) {
        T* y = c + from * s.row_c;
        kernels.dots(to - from, s.k, a + from * s.row_a, s.row_a, b, y, s.row_c, e.alpha, e.accumulate,
                     e.bias, 0, e.relu);
        if (e.finish) e.finish(e.context, y, to - from, 1, s.row_c);
      });
      return;
    case Way::column_dots:
      parallel_for(s.n, parallel_ ? kRows : s.n, [&](int64_t from, int64_t to) {
        kernels.dots(to - from, s.k, b + from * s.row_b, s.row_b, a, c + from, 1, e.alpha, e.accumulate,
                     e.bias ? e.bias + from : nullptr, 1, e.relu);
        if (e.finish) e.finish(e.context, c + from, 1, to - from, s.row_c);
      });
      return;
    case Way::outer_row: {
      // C^T [1, m] = b^T [1, k] A [k, m]: columns of the kernel run along m.
      parallel_for(s.m, parallel_ ? kCols : s.m, [&](int64_t from, int64_t to) {
        TileJob<T> j;
        j.m = 1, j.n = to - from, j.k = s.k;
        j.a = b, j.row_a = 0, j.col_a = s.transpose_b ? 1 : s.row_b;
        j.b = a + from, j.row_b = s.row_a, j.panel_b = kernels.panel;
        j.c = c + from, j.row_c = 0;
        j.alpha = e.alpha, j.accumulate = e.accumulate, j.relu = e.relu && !e.bias;
        kernels.product(j);
        if (e.bias)
          for (int64_t i = from; i < to; ++i) {
            c[i] += *e.bias;
            if (e.relu && c[i] < 0) c[i] = 0;
          }
        if (e.finish) e.finish(e.context, c + from, to - from, 1, s.row_c);
      });
      return;
    }
    case Way::direct:
      if (turn_b_) {
        kernels.transpose(s.n, s.k, b, s.row_b, scratch, s.n);
        b = scratch;
      }
      break;
    case Way::packed: {
      const int64_t panel = kernels.panel, panels = (s.n + panel - 1) / panel;
      T* turned = scratch + ceil_to(panels * panel * s.k, 16);
      const int64_t strips = turn_a_ ? (s.m + kRows - 1) / kRows : 0;
      parallel_for(panels + strips, 1, [&](int64_t from, int64_t to) {
        for (int64_t i = from; i < to; ++i) {
          if (i >= panels) {
            const int64_t row = (i - panels) * kRows;
            const int64_t rows = std::min(kRows, s.m - row);
            if (s.transpose_a)
              kernels.transpose(s.k, rows, a + row, s.row_a, turned + row * row_a_, row_a_);
            else
              for (int64_t r = row; r < row + rows; ++r) std::copy_n(a + r * s.row_a, s.k, turned + r * row_a_);
            continue;
          }
          const int64_t col = i * panel, width = std::min(panel, s.n - col);
          T* to_panel = scratch + i * panel_b_;
          if (s.transpose_b) {
            kernels.transpose(width, s.k, b + col * s.row_b, s.row_b, to_panel, panel);
          } else {
            for (int64_t p = 0; p < s.k; ++p)
              std::copy_n(b + p * s.row_b + col, width, to_panel + p * panel);
          }
        }
      });
      b = scratch;
      if (turn_a_) a = turned;
      break;
    }
  }
  if (!parallel_) return block(0, s.m, 0, s.n, a, b, c, e);
  const int64_t down = (s.m + rows_ - 1) / rows_, across = (s.n + cols_ - 1) / cols_;
  parallel_for(down * across, 1, [&](int64_t from, int64_t to) {
    for (int64_t t = from; t < to; ++t) {
      const int64_t row = t / across * rows_, col = t % across * cols_;
      block(row, std::min(rows_, s.m - row), col, std::min(cols_, s.n - col), a, b, c, e);
    }
  });
}

template <class T>
void GemmPlan<T>::run(const T* a, const T* b, T* c, void* scratch, const GemmEpilogue<T>& e) const {
  if (s_.batch == 1 || way_ == Way::nothing) return one(a, b, c, static_cast<T*>(scratch), e);
  const int64_t each = (s_.batch + groups_ - 1) / groups_;
  auto group = [&](int64_t from, int64_t to) {
    for (int64_t g = from; g < to; ++g)
      for (int64_t i = g * each; i < std::min(s_.batch, (g + 1) * each); ++i)
        one(a + i * s_.step_a, b + i * s_.step_b, c + i * s_.step_c,
            static_cast<T*>(scratch) + size_t(g) * one_scratch_, e);
  };
  const bool worth = s_.m * s_.n * std::max<int64_t>(s_.k, 1) * s_.batch >= kParallel;
  if (parallel_ || !worth) group(0, groups_);
  else parallel_for(groups_, 1, group);
}

template class GemmPlan<float>;
template class GemmPlan<double>;

}  // namespace ninefold::cpu
