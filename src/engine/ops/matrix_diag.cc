// In: matrices, or bands of diagonals. Out: the one from the other (MatrixDiagV3, MatrixDiagPartV3, MatrixSetDiagV3),
// triangles and bands (MatrixBandPart), diagonals of tensors (Diag, DiagPart).
#include <algorithm>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// ---- MatrixBandPart ----
const Op band_part = {
    .name = "MatrixBandPart", .inputs = {"input: T", "num_lower: Tindex", "num_upper: Tindex"}, .outputs = {"band: T"},
    .attrs = {"T: type", "Tindex: index = int64"},
    .doc = "Matrices with zeros outside num_lower diagonals below and num_upper above the main one; negative: all of them.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      c.check(!s.known_rank() || s.rank() >= 2, "input must be at least 2-dim, received shape: {}", s.str());
      for (int i = 1; i < 3; ++i) {
        const Tensor* n = c.value(i);
        if (!n || !s.known_rank() || s.dim(-3 + i) < 0) continue;
        c.check(n->int_at(0) <= s.dim(-3 + i), "{} must be negative or less or equal to number of {} ({}) got: {}",
                i == 1 ? "num_lower" : "num_upper", i == 1 ? "rows" : "columns", s.dim(-3 + i), n->int_at(0));
      }
      c.same_as_input();
    },
    .grad = [](GradCtx& g) { g.to(0, op("MatrixBandPart", {g.dy(), g.in(1), g.in(2)})); }, .host = {"num_lower", "num_upper"},
    .grad_reads = {"num_lower", "num_upper"},
};
NINEFOLD_REGISTER(band_part);
void band_part_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const int64_t rows = s.dim(-2), columns = s.dim(-1), lower = k.in(1).int_at(0), upper = k.in(2).int_at(0);
  if (s.size() == 0) return;
  const DType d = k.dtype(0);
  fill_run(d, k.out<void>(0), nullptr, s.size());
  for (int64_t r = 0; r < s.size() / columns; ++r) {
    const int64_t i = r % rows;
    const int64_t from = lower < 0 ? 0 : std::clamp<int64_t>(i - lower, 0, columns);
    const int64_t to = upper < 0 ? columns : std::clamp<int64_t>(i + upper + 1, 0, columns);
    if (from < to) move_run(d, element(d, k.out<void>(0), r * columns + from), element(d, k.in<void>(0), r * columns + from), to - from);
  }
}
NINEFOLD_KERNEL(band_part, "CPU", Kernel{band_part_cpu});

// ---- bands of diagonals ----

// The diagonals of a rows x columns matrix from `lower` to `upper`, the topmost first, each in a row of `length`.
struct Band {
  int64_t lower = 0, upper = 0, rows = 0, columns = 0;
  bool left_above = false, left_below = true;   // aligned to the left above (below) the main diagonal
  int64_t count() const { return upper - lower + 1; }
  int64_t length() const { return std::max<int64_t>(0, std::min(rows + std::min<int64_t>(upper, 0), columns - std::max<int64_t>(lower, 0))); }
  // f(elements, the first's place in the band, in the matrix) for every diagonal: side by side there, columns + 1 apart here.
  template <class F>
  void each(const F& f) const {
    const int64_t width = length();
    for (int64_t m = 0; m < count(); ++m) {
      const int64_t d = upper - m, own = std::max<int64_t>(0, std::min(rows + std::min<int64_t>(d, 0), columns - std::max<int64_t>(d, 0)));
      const bool left = (d >= 0 && left_above) || (d <= 0 && left_below);
      if (own > 0) f(own, m * width + (left ? 0 : width - own), std::max<int64_t>(-d, 0) * columns + std::max<int64_t>(d, 0));
    }
  }
};
// Diagonals of all matrices of a batch, from their bands or into them.
void copy_bands(const KernelCtx& k, DType d, const Band& b, void* to, const void* from, int64_t elements, bool into_matrix) {
  const int64_t matrix = b.rows * b.columns, band = b.count() * b.length(), each = into_matrix ? matrix : band;
  if (elements == 0 || each == 0) return;
  b.each([&](int64_t own, int64_t in_band, int64_t in_matrix) {
    const int64_t size[] = {elements / each, own}, bands[] = {band, 1}, matrices[] = {matrix, b.columns + 1};
    if (into_matrix) move_strided(k, d, size, element(d, to, in_matrix), matrices, element(d, from, in_band), bands);
    else move_strided(k, d, size, element(d, to, in_band), bands, element(d, from, in_matrix), matrices);
  });
}
template <class Ctx>
void align(const Ctx& c, Band& b) {
  const std::string& a = c.text("align");
  b.left_above = a.starts_with("LEFT");
  b.left_below = a.ends_with("LEFT");
}
template <class Ctx>
void range_of(const Ctx& c, const Tensor& k, Band& b) {
  c.check(k.size() == 1 || k.size() == 2, "diag_index must have only one or two elements, received {} elements.", k.size());
  b.lower = k.int_at(0);
  b.upper = k.int_at(k.size() - 1);
  c.check(b.lower <= b.upper, "lower_diag_index must not be larger than upper_diag_index: {} > {}", b.lower, b.upper);
}
// `stop`: the full stop that TensorFlow writes for parts of a diagonal, and not where one is set.
template <class Ctx>
void check_inside(const Ctx& c, const Band& b, const char* stop) {
  c.check((b.lower > -b.rows && b.lower < b.columns) || b.lower == 0,
          "lower_diag_index is out of bound: {}{} It must be between {} and {}", b.lower, stop, -b.rows, b.columns);
  c.check((b.upper > -b.rows && b.upper < b.columns) || b.upper == 0,
          "upper_diag_index is out of bound: {}{} It must be between {} and {}", b.upper, stop, -b.rows, b.columns);
}
const std::string kAlign = "align: {'LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'} = 'RIGHT_LEFT'";

// Of a band alone: how large the matrix is, from what is asked for and what the band needs.
template <class Ctx>
Band band_of(const Ctx& c, const Shape& s, const Tensor& k, int64_t rows, int64_t columns) {
  Band b;
  range_of(c, k, b);
  align(c, b);
  const int64_t length = s.dim(-1), least_rows = length - std::min<int64_t>(b.upper, 0), least_columns = length + std::max<int64_t>(b.lower, 0);
  if (b.count() > 1)
    c.check(s.rank() >= 2 && s.dim(-2) == b.count(), "The number of diagonals provided in the input does not match the lower_diag_index and "
            "upper_diag_index range.");
  c.check(rows == -1 || rows >= least_rows, "The number of rows is too small.");
  c.check(columns == -1 || columns >= least_columns, "The number of columns is too small.");
  if (rows == -1 && columns == -1) rows = columns = std::max(least_rows, least_columns);
  b.rows = rows == -1 ? least_rows : rows;
  b.columns = columns == -1 ? least_columns : columns;
  c.check(b.rows == least_rows || b.columns == least_columns,
          "The number of rows or columns is not consistent with the specified d_lower, d_upper, and diagonal.");
  return b;
}

// ---- MatrixDiagV3 ----
const Op matrix_diag = {
    .name = "MatrixDiagV3", .inputs = {"diagonal: T", "k: int32", "num_rows: int32", "num_cols: int32", "padding_value: T"},
    .outputs = {"output: T"}, .attrs = {"T: type", kAlign}, .doc = "Matrices with the given diagonals and padding_value elsewhere.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      c.check(!s.known_rank() || s.rank() >= 1, "diagonal must be at least 1-dim, received shape: {}", s.str());
      const Tensor *k = c.value(1), *rows = c.value(2), *columns = c.value(3);
      if (!s.known_rank() || !k) return c.unknown();
      const int taken = k->size() == 2 && k->int_at(0) != k->int_at(1) ? 2 : 1;
      Band b{.rows = -1, .columns = -1};
      if (rows && columns && s.dim(-1) >= 0) b = band_of(c, s, *k, rows->int_at(0), columns->int_at(0));
      c.check(s.rank() >= taken, "diagonal must be at least {}-dim, received shape: {}", taken, s.str());
      c.output(s.slice(0, s.rank() - taken).concat({b.rows, b.columns}));
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, op("MatrixDiagPartV3", {g.dy(), g.in(1), op("ZerosLike", {g.in(4)})}, {{"align", g.text("align")}}));
    },
    .host = {"k", "num_rows", "num_cols"}, .grad_reads = {"k", "padding_value"},
};
NINEFOLD_REGISTER(matrix_diag);
void matrix_diag_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& out = k.out(0).shape();
  const Band b = band_of(k, k.shape(0), k.in(1), k.in(2).int_at(0), k.in(3).int_at(0));
  const DType d = k.dtype(0);
  fill_run(k, d, k.out<void>(0), k.in<void>(4), out.size());
  copy_bands(k, d, b, k.out<void>(0), k.in<void>(0), out.size(), true);
}
NINEFOLD_KERNEL(matrix_diag, "CPU", Kernel{matrix_diag_cpu});

// ---- MatrixDiagPartV3 ----
Shape band_shape(const Band& b, const Shape& matrices) {
  const Shape head = matrices.slice(0, matrices.rank() - 2);
  return b.count() == 1 ? head.concat({b.length()}) : head.concat({b.count(), b.length()});
}
template <class Ctx>
Band band_in(const Ctx& c, const Shape& matrices, const Tensor& k, const char* stop) {
  Band b;
  range_of(c, k, b);
  align(c, b);
  b.rows = matrices.dim(-2);
  b.columns = matrices.dim(-1);
  check_inside(c, b, stop);
  return b;
}
const Op diag_part = {
    .name = "MatrixDiagPartV3", .inputs = {"input: T", "k: int32", "padding_value: T"}, .outputs = {"diagonal: T"},
    .attrs = {"T: type", kAlign}, .doc = "The diagonals of matrices; shorter ones are filled up with padding_value.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      c.check(!s.known_rank() || s.rank() >= 2, "input must be at least 2-dim, received shape: {}", s.str());
      const Tensor* k = c.value(1);
      if (!s.known_rank() || !k) return c.unknown();
      if (s.dim(-1) >= 0 && s.dim(-2) >= 0) return c.output(band_shape(band_in(c, s, *k, "."), s));
      const Shape head = s.slice(0, s.rank() - 2);
      const int64_t count = k->int_at(k->size() - 1) - k->int_at(0) + 1;
      c.output(count == 1 ? head.concat({-1}) : head.concat({count, -1}));
    },
    .grad = [](GradCtx& g) {
      const Shape& s = g.in(0).shape();
      const Tensor zero = op("ZerosLike", {g.in(2)});
      if (s.known_rank() && s.dim(-1) >= 0 && s.dim(-2) >= 0)
        g.to(0, op("MatrixDiagV3", {g.dy(), g.in(1), int_scalar(s.dim(-2)), int_scalar(s.dim(-1)), zero}, {{"align", g.text("align")}}));
      else
        g.to(0, op("MatrixSetDiagV3", {op("ZerosLike", {g.in(0)}), g.dy(), g.in(1)}, {{"align", g.text("align")}}));
    },
    .host = {"k"}, .grad_reads = {"input", "k", "padding_value"},
};
NINEFOLD_REGISTER(diag_part);
void diag_part_cpu(KernelCtx& k) {
  give_outputs(k);
  const Band b = band_in(k, k.shape(0), k.in(1), ".");
  const DType d = k.dtype(0);
  fill_run(k, d, k.out<void>(0), k.in<void>(2), k.out(0).size());
  copy_bands(k, d, b, k.out<void>(0), k.in<void>(0), k.out(0).size(), false);
}
NINEFOLD_KERNEL(diag_part, "CPU", Kernel{diag_part_cpu});

// ---- MatrixSetDiagV3 ----
const Op set_diag = {
    .name = "MatrixSetDiagV3", .inputs = {"input: T", "diagonal: T", "k: int32"}, .outputs = {"output: T"},
    .attrs = {"T: type", kAlign}, .doc = "Matrices with other values on the given diagonals.",
    .shape = [](ShapeCtx& c) {
      const Shape &s = c.shape(0), &d = c.shape(1);
      c.check(!s.known_rank() || s.rank() >= 2, "input must be at least 2-dim, received shape: {}", s.str());
      c.check(!d.known_rank() || d.rank() >= 1, "diagonal must be at least 1-dim, received shape: {}", d.str());
      if (const Tensor* k = c.value(2); k && s.fully_known() && d.fully_known()) {
        const Shape want = band_shape(band_in(c, s, *k, ""), s);
        c.check(d == want,
                "Either first dimensions of diagonal don't match input.shape[:-2], or diagonal.shape[:-1] is not equal to the longests "
                "diagonal in range [lower_diag_index:upper_diag_index].\nInput shape: {}\nDiagonal shape: {}\nExpected diagonal shape: {}",
                s.str(), d.str(), want.str());
      }
      c.same_as_input();
    },
    .grad = [](GradCtx& g) {
      const std::string& a = g.text("align");
      if (g.needs(0)) g.to(0, op("MatrixSetDiagV3", {g.dy(), op("ZerosLike", {g.in(1)}), g.in(2)}, {{"align", a}}));
      if (g.needs(1)) g.to(1, op("MatrixDiagPartV3", {g.dy(), g.in(2), op("Cast", {Tensor(0.0)}, {{"DstT", g.in(1).dtype()}})}, {{"align", a}}));
    },
    .host = {"k"}, .grad_reads = {"diagonal", "k"},
};
NINEFOLD_REGISTER(set_diag);
void set_diag_cpu(KernelCtx& k) {
  give_outputs(k);
  const Band b = band_in(k, k.shape(0), k.in(2), "");
  k.check(k.shape(1) == band_shape(b, k.shape(0)), "diagonal has shape {}, expected {}", k.shape(1).str(), band_shape(b, k.shape(0)).str());
  const DType d = k.dtype(0);
  move_run(k, d, k.out<void>(0), k.in<void>(0), k.out(0).size());
  copy_bands(k, d, b, k.out<void>(0), k.in<void>(1), k.out(0).size(), true);
}
NINEFOLD_KERNEL(set_diag, "CPU", Kernel{set_diag_cpu});

// ---- Diag, DiagPart: of a tensor [d..., d...] ----
const Op diag = {
    .name = "Diag", .inputs = {"diagonal: T"}, .outputs = {"output: T"}, .attrs = {"T: numeric"},
    .doc = "A tensor of twice the rank with the elements where both halves of the coordinates agree.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(0).rank() != 0, "Input must be at least rank 1, got 0");
      c.output(c.shape(0).concat(c.shape(0)));
    },
    .grad = [](GradCtx& g) { g.to(0, op("DiagPart", {g.dy()})); }, .grad_reads = {},
};
NINEFOLD_REGISTER(diag);
const Op tensor_diag_part = {
    .name = "DiagPart", .inputs = {"input: T"}, .outputs = {"diagonal: T"}, .attrs = {"T: numeric"},
    .doc = "The elements where both halves of the coordinates agree.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      if (!s.known_rank()) return c.unknown();
      c.check(s.rank() % 2 == 0 && s.rank() > 0,
              "The rank of the tensor should be                                          even and positive, got shape {}", s.str());
      const int half = s.rank() / 2;
      for (int i = 0; i < half; ++i)
        c.check(s[i] < 0 || s[half + i] < 0 || s[i] == s[half + i], "Invalid shape {}: dimensions {} and {} do not match.", s.str(), i, half + i);
      c.output(s.slice(0, half).merge(s.slice(half, s.rank())));
    },
    .grad = [](GradCtx& g) { g.to(0, op("Diag", {g.dy()})); }, .grad_reads = {},
};
NINEFOLD_REGISTER(tensor_diag_part);
void diag_cpu(KernelCtx& k) {
  give_outputs(k);
  const DType d = k.dtype(0);
  const int64_t n = k.in(0).size();
  fill_run(k, d, k.out<void>(0), nullptr, n * n);
  const int64_t apart[] = {n + 1}, together[] = {1};
  move_strided(k, d, {&n, 1}, k.out<void>(0), apart, k.in<void>(0), together);
}
void tensor_diag_part_cpu(KernelCtx& k) {
  give_outputs(k);
  const DType d = k.dtype(0);
  const int64_t n = k.out(0).size();
  const int64_t apart[] = {n + 1}, together[] = {1};
  move_strided(k, d, {&n, 1}, k.out<void>(0), together, k.in<void>(0), apart);
}
NINEFOLD_KERNEL(diag, "CPU", Kernel{diag_cpu});
NINEFOLD_KERNEL(tensor_diag_part, "CPU", Kernel{tensor_diag_part_cpu});

}  // namespace
}  // namespace ninefold::ops
