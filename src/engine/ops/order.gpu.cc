// In: TopKV2, Where, Unique, DynamicPartition, DynamicStitch on a GPU. Out: launches of order.cu; results whose size the
// card finds are allocated once the host has read it.
#include "engine/ops/order.gpu.h"

#include <bit>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/op/run.h"
#include "engine/ops/elementwise.gpu.h"
#include "engine/ops/nn_rows.h"
#include "engine/ops/scan_launch.h"
#include "engine/ops/unique_rows.h"
#include "ninefold/device.h"

namespace ninefold::ops {

namespace {

// The byte that a bool is.
DType as_number(DType d) { return d == DType::boolean ? DType::u8 : d; }
template <class T>
T* memory_of(const Tensor& t) { return static_cast<T*>(t.impl()->data); }
Tensor room(const KernelCtx& k, DType d, int64_t n) { return empty_on(k.device(), d, {n}); }
cuda::Launch blocks_for(int64_t blocks) { return cuda::threads_for(blocks * cuda::kBlockThreads, cuda::kBlockThreads); }

}  // namespace

int key_bits(DType d) {
  const int computed = elementwise::cuda_compute_dtype(static_cast<int>(as_number(d)));
  return 8 * static_cast<int>(size_of(static_cast<DType>(computed)));
}
cuda::DigitPass digit_pass(int64_t rows, int64_t columns) {
  cuda::DigitPass p{};
  p.rows = rows;
  p.columns = columns;
  p.tiles = (columns + cuda::kOrderTile - 1) / cuda::kOrderTile;
  return p;
}

void sums_before(const KernelCtx& k, int64_t* counts, int64_t rows, int64_t columns) {
  const cuda::Scan scan{rows, columns, 1, counts, counts, static_cast<int32_t>(DType::i64), cuda::Join::sum, true, false};
  cuda::launch(k.device(), "scan_blocks_int64", blocks_for(rows), scan);
}

Sorted sorted_rows(const KernelCtx& k, const Tensor& x, int64_t rows, int64_t columns, bool falling, int bits) {
  const int64_t n = rows * columns;
  k.check(columns <= INT32_MAX, "rows of {} elements are for the CPU", columns);
  Sorted now{room(k, DType::u64, n), room(k, DType::i32, n)}, next{room(k, DType::u64, n), room(k, DType::i32, n)};
  if (n == 0) return now;
  const DType d = as_number(x.dtype());
  const cuda::Keys keys{n, columns, memory_of<uint64_t>(now.keys), memory_of<int32_t>(now.places), x.impl()->data,
                        static_cast<int32_t>(d), falling};
  cuda::launch(k.device(), elementwise::cuda_kernel("sort_keys", static_cast<int>(d)), cuda::threads_for(n), keys);
  cuda::DigitPass p = digit_pass(rows, columns);
  const Tensor counts = room(k, DType::i64, rows * cuda::kDigits * p.tiles);
  p.counts = memory_of<int64_t>(counts);
  for (p.shift = 0; p.shift < (bits ? bits : key_bits(d)); p.shift += cuda::kDigitBits) {
    p.keys = memory_of<uint64_t>(now.keys), p.places = memory_of<int32_t>(now.places);
    p.keys_to = memory_of<uint64_t>(next.keys), p.places_to = memory_of<int32_t>(next.places);
    cuda::launch(k.device(), "sort_count", blocks_for(rows * p.tiles), p);
    sums_before(k, p.counts, rows, cuda::kDigits * p.tiles);
    cuda::launch(k.device(), "sort_move", blocks_for(rows * p.tiles), p);
    std::swap(now, next);
  }
  return now;
}

namespace {

void top_k_gpu(KernelCtx& c) {
  give_outputs(c);
  const nn::Rows m = nn::rows_of(c.shape(0));
  const int64_t k = c.in(1).int_at(0), rows = m.columns ? m.rows : 0;
  if (rows == 0 || k == 0) return;
  const Sorted sorted = sorted_rows(c, c.in(0), rows, m.columns, true);
  const cuda::Pick p{rows, m.columns, k, c.out<void>(0), c.out<int32_t>(1), c.in<void>(0), memory_of<int32_t>(sorted.places)};
  cuda::launch(c.device(), fmt::format("pick_{}", size_of(c.dtype(0))), cuda::threads_for(rows * k), p);
}

// Where the tiles of what is not zero begin.
void begin_tiles(const KernelCtx& k, cuda::Flags& f, Tensor& counts) {
  f.tiles = (f.elements + cuda::kOrderTile - 1) / cuda::kOrderTile;
  counts = room(k, DType::i64, f.tiles + 1);
  f.counts = memory_of<int64_t>(counts);
  cuda::launch(k.device(), "flag_count", blocks_for(f.tiles + 1), f);
  sums_before(k, f.counts, 1, f.tiles + 1);
}
// The same, and how many there are in all.
int64_t begin_flags(const KernelCtx& k, cuda::Flags& f, Tensor& counts) {
  begin_tiles(k, f, counts);
  int64_t all = 0;
  static_cast<Accelerator&>(k.device()).download(&all, f.counts + f.tiles, sizeof all);
  return all;
}

void where_gpu(KernelCtx& k) {
  const Shape& s = k.shape(0);
  if (s.size() == 0) return void(k.allocate(0, DType::i64, {0, s.rank()}));
  cuda::Flags f{};
  f.elements = s.size();
  f.from = k.in<void>(0);
  f.dtype = static_cast<int32_t>(k.dtype(0));
  f.rank = s.rank();
  for (int d = 0; d < s.rank(); ++d) f.size[d] = s[d];
  Tensor counts;
  const int64_t hits = begin_flags(k, f, counts);
  f.to = memory_of<int64_t>(k.allocate(0, DType::i64, {hits, s.rank()}));
  if (hits > 0) cuda::launch(k.device(), "flag_coordinates", blocks_for(f.tiles), f);
}

// For each of n flags how many are set before it; and how many are set, if the host asks for that.
std::pair<Tensor, int64_t> set_before(const KernelCtx& k, const Tensor& flags, bool asks = true) {
  cuda::Flags f{};
  f.elements = flags.size();
  f.from = flags.impl()->data;
  f.dtype = static_cast<int32_t>(flags.dtype());
  Tensor counts, before = room(k, DType::i64, f.elements);
  int64_t all = f.elements;
  if (asks) all = begin_flags(k, f, counts);
  else begin_tiles(k, f, counts);
  f.to = memory_of<int64_t>(before);
  cuda::launch(k.device(), "flag_before", blocks_for(f.tiles), f);
  return {before, all};
}

// Whole: as many as there are elements, the last ones -1, without asking the card how many there are.
void distinct_gpu(KernelCtx& k, DType index, bool whole) {
  const int64_t n = k.in(0).size();
  const DType d = k.in(0).dtype();
  k.allocate(1, index, {n});
  if (n == 0) {
    k.allocate(0, d, {0});
    if (k.num_outputs() > 2) k.allocate(2, index, {0});
    return;
  }
  const Sorted sorted = sorted_rows(k, k.in(0), 1, n, false);
  const Tensor heads = room(k, DType::i32, n), firsts = room(k, DType::i32, n);
  cuda::Distinct p{};
  p.elements = n;
  p.keys = memory_of<uint64_t>(sorted.keys), p.places = memory_of<int32_t>(sorted.places);
  p.heads = memory_of<int32_t>(heads), p.firsts = memory_of<int32_t>(firsts);
  p.has_nan = is_floating(d) ? key_bits(d) / 8 : 0;
  cuda::launch(k.device(), "distinct_heads", cuda::threads_for(n), p);
  const auto [heads_before, groups] = set_before(k, heads, !whole);
  const Tensor firsts_before = set_before(k, firsts, !whole).first, rank = room(k, DType::i64, groups), start = room(k, DType::i64, groups);
  p.groups = groups;
  p.heads_before = memory_of<int64_t>(heads_before), p.firsts_before = memory_of<int64_t>(firsts_before);
  p.rank = memory_of<int64_t>(rank), p.start = memory_of<int64_t>(start);
  cuda::launch(k.device(), "distinct_groups", cuda::threads_for(n), p);
  p.from = k.in<void>(0);
  p.values = k.allocate(0, d, {groups}).impl()->data;
  if (whole) static_cast<Accelerator&>(k.device()).fill(p.values, 0xff, static_cast<size_t>(n) * size_of(d));
  p.which = k.out<void>(1);
  if (k.num_outputs() > 2) p.counts = k.allocate(2, index, {groups}).impl()->data;
  p.bytes = static_cast<int32_t>(size_of(d));
  p.wide = index == DType::i64;
  cuda::launch(k.device(), "distinct_values", cuda::threads_for(n), p);
}
void unique_gpu(KernelCtx& k) { distinct_gpu(k, k.type("out_idx"), false); }
void unique_rows_gpu(KernelCtx& k) { distinct_gpu(k, DType::i32, true); }

// What a card finds wrong the CPU puts into words.
[[noreturn]] void complain(KernelCtx& k) {
  const device::Within cpu("/device:CPU:0");
  Tensors in;
  for (int i = 0; i < k.num_inputs(); ++i) in.push_back(k.in(i));
  run_now(k.op(), in, k.attrs());
  k.raise("an input is out of range");
}

// The rows' places sorted by partition: each output takes its part of them.
void dynamic_partition_gpu(KernelCtx& k) {
  const int64_t n = k.in(1).size(), parts = k.num_outputs();
  const Shape rest = k.shape(0).slice(k.shape(1).rank(), k.shape(0).rank());
  const DType d = k.dtype(0);
  const Tensor counts = counted(k, bins_of(k, k.in(1), std::max<int64_t>(n, 1), parts), parts, DType::i64);
  int64_t all = 0;
  for (int64_t c : counts.ints()) all += c;
  if (all != n) complain(k);
  const Sorted sorted = sorted_rows(k, k.in(1), 1, n, false, std::max(1, static_cast<int>(std::bit_width(static_cast<uint64_t>(parts - 1)))));
  int64_t at = 0;
  for (int p = 0; p < parts; ++p) {
    const int64_t rows = counts.ints()[static_cast<size_t>(p)];
    cuda::Take t{};
    t.outer = 1, t.rows = n, t.inner = rest.size(), t.count = t.elements = rows;
    t.to = k.allocate(p, d, Shape{rows}.concat(rest)).impl()->data;
    t.from = k.in<void>(0);
    t.index = memory_of<int32_t>(sorted.places) + at;
    at += rows;
    if (rows * t.inner > 0) cuda::launch(k.device(), fmt::format("take_{}", size_of(d)), cuda::threads_for(rows * t.inner), t);
  }
}

Tensor joined_rows(const Tensors& rows) {
  if (rows.size() == 1) return rows[0];
  Tensors in = rows;
  in.push_back(Tensor(int32_t{0}));
  return ran("ConcatV2", in);
}
// For each row of the result the last of those that are to be there; where none is, zeros.
void dynamic_stitch_gpu(KernelCtx& k) {
  const int n = k.num_inputs() / 2;
  const Shape rest = k.shape(n).slice(k.shape(0).rank(), k.shape(n).rank());
  Tensors places, parts;
  for (int m = 0; m < n; ++m) {
    const int64_t rows = k.in(m).size();
    if (rows == 0) continue;
    places.push_back(k.in(m).with_shape({rows}));
    parts.push_back(k.in(n + m).with_shape({rows, rest.size()}));
  }
  if (places.empty()) return void(k.allocate(0, k.dtype(n), Shape{0}.concat(rest)));
  const Tensor at = joined_rows(places), axis = int_vector({0});
  if (ran("Min", {at, axis}).int_at(0) < 0) complain(k);
  const int64_t size = ran("Max", {at, axis}).int_at(0) + 1;
  if (rest.size() == 0) return void(k.allocate(0, k.dtype(n), Shape{size}.concat(rest)));
  const Tensor order = ran("Range", {Tensor(int64_t{0}), Tensor(at.size()), Tensor(int64_t{1})});
  const Tensor last = ran("UnsortedSegmentMax", {order, at, Tensor(size)});
  k.set_output(0, ran("GatherV2", {joined_rows(parts), last, Tensor(int32_t{0})}).with_shape(Shape{size}.concat(rest)));
}

const cuda::AtStart order_gpu([] {
  add_gpu_kernel("TopKV2", Kernel{top_k_gpu}, kComputed);
  add_gpu_kernel("Where", Kernel{where_gpu}, kPlain);
  for (const char* name : {"Unique", "UniqueWithCounts"}) {
    add_gpu_kernel(name, Kernel{unique_gpu}, kComputed);
    add_gpu_kernel(name, Kernel{unique_gpu}, {&kBool, 1});
  }
  for (DType index : {DType::i32, DType::i64}) Registrar(unique_rows_op(index), "GPU", Kernel{unique_rows_gpu}, {});
  add_gpu_kernel("DynamicPartition", Kernel{dynamic_partition_gpu}, kPlain);
  add_gpu_kernel("DynamicStitch", Kernel{dynamic_stitch_gpu}, kPlain);
});

}  // namespace
}  // namespace ninefold::ops
