// In: sequences, weights, what flows back. Out: the steps of LSTM and GRU: products around row loops.
#include "engine/device/cpu/recurrent.h"

#include <algorithm>
#include <cstring>

#include "base/simd/isa.h"
#include "base/threads.h"
#include "engine/device/cpu/gemm.h"
#include "engine/device/cpu/recurrent_loops.h"

namespace ninefold::cpu {

#if defined(__x86_64__)
namespace sse4 { void add_recurrent(RecurrentTable&); }
namespace avx2 { void add_recurrent(RecurrentTable&); }
namespace avx512 { void add_recurrent(RecurrentTable&); }
#else
namespace generic { void add_recurrent(RecurrentTable&); }
#endif

namespace {

const RecurrentTable& loops() {
  static const RecurrentTable table = [] {
    RecurrentTable t{};
#if defined(__x86_64__)
    switch (simd::best_isa()) {
      case simd::Isa::avx512: avx512::add_recurrent(t); break;
      case simd::Isa::avx2: avx2::add_recurrent(t); break;
      default: sse4::add_recurrent(t);
    }
#else
    generic::add_recurrent(t);
#endif
    return t;
  }();
  return table;
}

constexpr int64_t kRows = 32;   // of the batch that one task takes through all steps

// Where rows lie: the row of sample b at time t is t * by_time + b * by_sample.
struct Places {
  explicit Places(const SequenceSpec& s)
      : steps(s.steps), by_time(s.time_major ? s.batch : 1), by_sample(s.time_major ? 1 : s.steps), backwards(s.backwards) {}
  int64_t time(int64_t step) const { return backwards ? steps - 1 - step : step; }
  int64_t row(int64_t time, int64_t sample) const { return time * by_time + sample * by_sample; }
  int64_t steps, by_time, by_sample;
  bool backwards;
};

int64_t aligned(int64_t floats) { return (floats + 15) / 16 * 16; }
int64_t tasks(const SequenceSpec& s) { return (s.batch + kRows - 1) / kRows; }

// C = alpha A B for whole sequences, in scratch of its own.
void product(const GemmSpec& spec, const float* a, const float* b, float* c, float* scratch, const float* bias = nullptr) {
  GemmEpilogue<float> e;
  e.bias = bias;
  GemmPlan<float>(spec).run(a, b, c, scratch, e);
}
// The products of whole sequences, of `gates` columns with rows `row` apart, in the order they are made.
GemmSpec inputs_product(const SequenceSpec& s, int64_t gates, int64_t row) {
  return {.m = s.batch * s.steps, .n = gates, .k = s.in, .row_c = row};
}
GemmSpec dx_product(const SequenceSpec& s, int64_t gates, int64_t row) {
  return {.m = s.batch * s.steps, .n = s.in, .k = gates, .transpose_b = true, .row_a = row};
}
GemmSpec dw_product(const SequenceSpec& s, int64_t gates, int64_t row) {
  return {.m = s.in, .n = gates, .k = s.batch * s.steps, .transpose_a = true, .row_b = row};
}
GemmSpec du_product(const SequenceSpec& s, int64_t columns, int64_t row_a, int64_t row_b, int64_t row_c) {
  return {.m = s.units, .n = columns, .k = s.batch * s.steps, .transpose_a = true, .row_a = row_a, .row_b = row_b, .row_c = row_c};
}
int64_t floats_of(const GemmSpec& spec) { return aligned(static_cast<int64_t>(GemmPlan<float>(spec).scratch() / sizeof(float))); }

// The output of a step from the new output of the cell, masked; `last` is the output before and after.
void give(const SequenceSpec& s, const Places& at, int64_t step, int64_t sample, bool counts, const float* h, float* last, float* outputs) {
  const size_t bytes = static_cast<size_t>(s.units) * sizeof(float);
  if (counts) std::memcpy(last, h, bytes);
  else if (s.zero_masked) std::memset(last, 0, bytes);
  if (s.all_outputs) std::memcpy(outputs + at.row(step, sample) * s.units, last, bytes);
  else if (step + 1 == s.steps) std::memcpy(outputs + sample * s.units, last, bytes);
}
// What flows into the output of a step, with what later masked steps hand down in `carried`.
void gather(const SequenceSpec& s, const SequenceBackward& b, const Places& at, int64_t step, int64_t sample, float* carried) {
  const auto add = [&](const float* from) {
    for (int64_t j = 0; j < s.units; ++j) carried[j] += from[j];
  };
  const bool last = step + 1 == s.steps;
  if (b.d_outputs && s.all_outputs) add(b.d_outputs + at.row(step, sample) * s.units);
  else if (b.d_outputs && last) add(b.d_outputs + sample * s.units);
  if (b.d_last && last) add(b.d_last + sample * s.units);
}

// Every row of a task through all steps, forward. `products` of the state with `u` come before each step's rows.
template <class Products, class Row>
void forward(const SequenceSpec& s, const SequenceForward& f, bool carries, const Products& products, const Row& row) {
  const int64_t n = s.units;
  const Places at(s);
  const size_t state = static_cast<size_t>(s.batch * n) * sizeof(float);
  std::memcpy(f.h, f.h0, state);
  if (carries) std::memcpy(f.c, f.c0, state);
  std::memset(f.last, 0, state);
  parallel_for(s.batch, kRows, [&](int64_t from, int64_t to) {
    for (int64_t step = 0; step < s.steps; ++step) {
      const int64_t t = at.time(step);
      products(from, to - from, t);
      for (int64_t b = from; b < to; ++b) {
        const int64_t place = at.row(t, b);
        const bool counts = !s.mask || s.mask[place];
        row(place, b, counts);
        give(s, at, step, b, counts, f.h + b * n, f.last + b * n, f.outputs);
      }
    }
  });
}

// Backwards: `row` turns what flows into a row's output into what flows into its gates and leaves in `next` what goes
// past the products; `product` adds gates times the turned recurrent kernel.
template <class Row, class Product>
void backward(const SequenceSpec& s, const SequenceBackward& b, float* carried, float* next, const Row& row, const Product& product) {
  const int64_t n = s.units;
  const Places at(s);
  const size_t state = static_cast<size_t>(s.batch * n) * sizeof(float), bytes = static_cast<size_t>(n) * sizeof(float);
  std::memset(carried, 0, state);
  if (b.d_h) std::memcpy(b.dh0, b.d_h, state);
  else std::memset(b.dh0, 0, state);
  parallel_for(s.batch, kRows, [&](int64_t from, int64_t to) {
    for (int64_t step = s.steps - 1; step >= 0; --step) {
      const int64_t t = at.time(step);
      for (int64_t i = from; i < to; ++i) {
        const int64_t place = at.row(t, i);
        float *dh = b.dh0 + i * n, *held = carried + i * n, *rest = next + i * n;
        gather(s, b, at, step, i, held);
        if (!s.mask || s.mask[place]) {
          for (int64_t j = 0; j < n; ++j) dh[j] += held[j];
          std::memset(held, 0, bytes);
          row(place, i, from / kRows, dh, rest, true);
        } else {
          if (s.zero_masked) std::memset(held, 0, bytes);
          std::memcpy(rest, dh, bytes);
          row(place, i, from / kRows, dh, rest, false);
        }
      }
      product(from, to - from, t);
      std::memcpy(b.dh0 + from * n, next + from * n, static_cast<size_t>(to - from) * bytes);
    }
  });
}

// Partial sums of the tasks, one after another, so that they do not depend on threads.
void sum_tasks(const float* partial, int64_t tasks, int64_t columns, float* into) {
  std::memset(into, 0, static_cast<size_t>(columns) * sizeof(float));
  for (int64_t t = 0; t < tasks; ++t)
    for (int64_t j = 0; j < columns; ++j) into[j] += partial[t * columns + j];
}
// to[r, :] = the column that `order` names of from [rows, columns].
void turned(const float* from, int64_t rows, int64_t columns, int64_t first, int64_t count, float* to) {
  for (int64_t c = 0; c < count; ++c)
    for (int64_t r = 0; r < rows; ++r) to[c * rows + r] = from[r * columns + first + c];
}

}  // namespace

// ---- LSTM ----

size_t lstm_scratch(const SequenceSpec& s) {
  return static_cast<size_t>(floats_of(inputs_product(s, 4 * s.units, 6 * s.units))) * sizeof(float);
}
void lstm_forward(const SequenceSpec& s, const SequenceForward& f, void* scratch) {
  const int64_t n = s.units, wide = 6 * n;
  const Places at(s);
  product(inputs_product(s, 4 * n, wide), f.x, f.w, f.kept, static_cast<float*>(scratch), f.b);
  const auto state_product = [&](int64_t rows) {
    return GemmPlan<float>({.m = rows, .n = 4 * n, .k = n, .row_c = at.by_sample * wide});
  };
  const GemmPlan<float> whole = state_product(std::min(kRows, s.batch)), rest = state_product(s.batch % kRows);
  GemmEpilogue<float> more;
  more.accumulate = true;
  forward(s, f, true,
          [&](int64_t first, int64_t rows, int64_t t) {
            const GemmPlan<float>& plan = rows == std::min(kRows, s.batch) ? whole : rest;
            plan.run(f.h + first * n, f.u, f.kept + at.row(t, first) * wide, nullptr, more);
          },
          [&](int64_t place, int64_t b, bool counts) {
            float *z = f.kept + place * wide, *old = z + 4 * n;
            if (counts) return loops().lstm(n, z, f.c + b * n, f.h + b * n, old);
            std::memcpy(old, f.c + b * n, static_cast<size_t>(n) * sizeof(float));
            std::memcpy(old + n, f.h + b * n, static_cast<size_t>(n) * sizeof(float));
          });
}

size_t lstm_backward_scratch(const SequenceSpec& s) {
  const int64_t n = s.units, rows = s.batch * s.steps;
  const int64_t most = std::max({floats_of(dx_product(s, 4 * n, 4 * n)), floats_of(dw_product(s, 4 * n, 4 * n)),
                                 floats_of(du_product(s, 4 * n, 6 * n, 4 * n, 4 * n))});
  return static_cast<size_t>(aligned(rows * 4 * n) + aligned(4 * n * n) + 2 * aligned(s.batch * n) + aligned(tasks(s) * 4 * n) + most) *
         sizeof(float);
}
void lstm_backward(const SequenceSpec& s, const SequenceBackward& b, void* scratch) {
  const int64_t n = s.units, wide = 6 * n;
  const Places at(s);
  float* dz = static_cast<float*>(scratch);
  float* ut = dz + aligned(s.batch * s.steps * 4 * n);
  float* carried = ut + aligned(4 * n * n);
  float* next = carried + aligned(s.batch * n);
  float* db = next + aligned(s.batch * n);
  float* rest = db + aligned(tasks(s) * 4 * n);
  turned(b.u, n, 4 * n, 0, 4 * n, ut);
  std::memset(db, 0, static_cast<size_t>(tasks(s) * 4 * n) * sizeof(float));
  if (b.d_c) std::memcpy(b.dc0, b.d_c, static_cast<size_t>(s.batch * n) * sizeof(float));
  else std::memset(b.dc0, 0, static_cast<size_t>(s.batch * n) * sizeof(float));
  const auto back_product = [&](int64_t rows) {
    return GemmPlan<float>({.m = rows, .n = n, .k = 4 * n, .row_a = at.by_sample * 4 * n});
  };
  const GemmPlan<float> whole = back_product(std::min(kRows, s.batch)), part = back_product(s.batch % kRows);
  GemmEpilogue<float> more;
  more.accumulate = true;
  backward(s, b, carried, next,
           [&](int64_t place, int64_t i, int64_t task, const float* dh, float* past, bool counts) {
             float* d = dz + place * 4 * n;
             if (!counts) return void(std::memset(d, 0, static_cast<size_t>(4 * n) * sizeof(float)));
             const float* gates = b.kept + place * wide;
             loops().lstm_back(n, gates, gates + 4 * n, dh, b.dc0 + i * n, d, db + task * 4 * n);
             std::memset(past, 0, static_cast<size_t>(n) * sizeof(float));
           },
           [&](int64_t first, int64_t rows, int64_t t) {
             const GemmPlan<float>& plan = rows == std::min(kRows, s.batch) ? whole : part;
             plan.run(dz + at.row(t, first) * 4 * n, ut, next + first * n, nullptr, more);
           });
  sum_tasks(db, tasks(s), 4 * n, b.db);
  if (b.dx) product(dx_product(s, 4 * n, 4 * n), dz, b.w, b.dx, rest);
  product(dw_product(s, 4 * n, 4 * n), b.x, dz, b.dw, rest);
  product(du_product(s, 4 * n, wide, 4 * n, 4 * n), b.kept + 5 * n, dz, b.du, rest);
}

// ---- GRU ----

size_t gru_scratch(const SequenceSpec& s) {
  return static_cast<size_t>(floats_of(inputs_product(s, 3 * s.units, 5 * s.units)) + aligned(s.batch * 3 * s.units)) * sizeof(float);
}
void gru_forward(const SequenceSpec& s, const SequenceForward& f, void* scratch) {
  const int64_t n = s.units, wide = 5 * n;
  float* from_state = static_cast<float*>(scratch);
  product(inputs_product(s, 3 * n, wide), f.x, f.w, f.kept, from_state + aligned(s.batch * 3 * n), f.b);
  const auto state_product = [&](int64_t rows) { return GemmPlan<float>({.m = rows, .n = 3 * n, .k = n}); };
  const GemmPlan<float> whole = state_product(std::min(kRows, s.batch)), part = state_product(s.batch % kRows);
  GemmEpilogue<float> biased;
  biased.bias = f.b + 3 * n;
  forward(s, f, false,
          [&](int64_t first, int64_t rows, int64_t) {
            const GemmPlan<float>& plan = rows == std::min(kRows, s.batch) ? whole : part;
            plan.run(f.h + first * n, f.u, from_state + first * 3 * n, nullptr, biased);
          },
          [&](int64_t place, int64_t b, bool counts) {
            float *gates = f.kept + place * wide, *q = gates + 3 * n, *old = gates + 4 * n;
            if (counts) loops().gru(n, gates, from_state + b * 3 * n, q, f.h + b * n, old);
            else std::memcpy(old, f.h + b * n, static_cast<size_t>(n) * sizeof(float));
          });
}

size_t gru_backward_scratch(const SequenceSpec& s) {
  const int64_t n = s.units, rows = s.batch * s.steps;
  const int64_t most = std::max({floats_of(dx_product(s, 3 * n, 4 * n)), floats_of(dw_product(s, 3 * n, 4 * n)),
                                 floats_of(du_product(s, 2 * n, 5 * n, 4 * n, 3 * n)), floats_of(du_product(s, n, 5 * n, 4 * n, 3 * n))});
  return static_cast<size_t>(aligned(rows * 4 * n) + aligned(3 * n * n) + 2 * aligned(s.batch * n) + aligned(tasks(s) * 4 * n) +
                             aligned(4 * n) + most) * sizeof(float);
}
void gru_backward(const SequenceSpec& s, const SequenceBackward& b, void* scratch) {
  const int64_t n = s.units, wide = 5 * n;
  const Places at(s);
  float* d = static_cast<float*>(scratch);                       // [candidate from the state, z, r, candidate]
  float* ut = d + aligned(s.batch * s.steps * 4 * n);
  float* carried = ut + aligned(3 * n * n);
  float* next = carried + aligned(s.batch * n);
  float* db = next + aligned(s.batch * n);
  float* sums = db + aligned(tasks(s) * 4 * n);
  float* rest = sums + aligned(4 * n);
  turned(b.u, n, 3 * n, 2 * n, n, ut);
  turned(b.u, n, 3 * n, 0, 2 * n, ut + n * n);
  std::memset(db, 0, static_cast<size_t>(tasks(s) * 4 * n) * sizeof(float));
  const auto back_product = [&](int64_t rows) {
    return GemmPlan<float>({.m = rows, .n = n, .k = 3 * n, .row_a = at.by_sample * 4 * n});
  };
  const GemmPlan<float> whole = back_product(std::min(kRows, s.batch)), part = back_product(s.batch % kRows);
  GemmEpilogue<float> more;
  more.accumulate = true;
  backward(s, b, carried, next,
           [&](int64_t place, int64_t, int64_t task, const float* dh, float* past, bool counts) {
             float* own = d + place * 4 * n;
             if (!counts) return void(std::memset(own, 0, static_cast<size_t>(4 * n) * sizeof(float)));
             const float* gates = b.kept + place * wide;
             loops().gru_back(n, gates, gates + 3 * n, gates + 4 * n, dh, past, own, db + task * 4 * n);
           },
           [&](int64_t first, int64_t rows, int64_t t) {
             const GemmPlan<float>& plan = rows == std::min(kRows, s.batch) ? whole : part;
             plan.run(d + at.row(t, first) * 4 * n, ut, next + first * n, nullptr, more);
           });
  sum_tasks(db, tasks(s), 4 * n, sums);
  const size_t column = static_cast<size_t>(n) * sizeof(float);
  std::memcpy(b.db, sums + n, 3 * column);                       // of the inputs: z, r, candidate
  std::memcpy(b.db + 3 * n, sums + n, 2 * column);               // of the state
  std::memcpy(b.db + 5 * n, sums, column);
  if (b.dx) product(dx_product(s, 3 * n, 4 * n), d + n, b.w, b.dx, rest);
  product(dw_product(s, 3 * n, 4 * n), b.x, d + n, b.dw, rest);
  product(du_product(s, 2 * n, wide, 4 * n, 3 * n), b.kept + 4 * n, d + n, b.du, rest);
  product(du_product(s, n, wide, 4 * n, 3 * n), b.kept + 4 * n, d, b.du + 2 * n, rest);
}

}  // namespace ninefold::cpu
