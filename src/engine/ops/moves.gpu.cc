// In: copies, constants, rows by index, casts on a GPU. Out: launches of moves.cu; which ops run on both devices as they are.
#include <algorithm>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/op/run.h"
#include "engine/ops/elementwise.gpu.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/moves.h"
#include "ninefold/device.h"

namespace ninefold::ops {

cuda::Move laid_out(Dims shape, Dims to_strides, Dims from_strides) {
  cuda::Move m{};
  m.elements = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    m.elements *= shape[i];
    if (shape[i] == 1) continue;
    const int last = m.rank - 1;
    if (m.rank > 0 && m.to_stride[last] == to_strides[i] * shape[i] && m.from_stride[last] == from_strides[i] * shape[i]) {
      m.size[last] *= shape[i];
      m.to_stride[last] = to_strides[i];
      m.from_stride[last] = from_strides[i];
      continue;
    }
    check(m.rank < cuda::kMoveRank, Code::unimplemented, "copying on a GPU: more than {} dimensions that lie apart", cuda::kMoveRank);
    m.size[m.rank] = shape[i];
    m.to_stride[m.rank] = to_strides[i];
    m.from_stride[m.rank++] = from_strides[i];
  }
  return m;
}

namespace {

std::string sized(const char* kernel, DType d) { return fmt::format("{}_{}", kernel, size_of(d)); }
bool on_gpu(const KernelCtx& k, DType d) { return !k.device().host() && is_plain(d); }

}  // namespace

void move_strided(const KernelCtx& k, DType d, Dims shape, void* to, Dims to_strides, const void* from, Dims from_strides) {
  if (!on_gpu(k, d)) return move_strided(d, shape, to, to_strides, from, from_strides);
  cuda::Move m = laid_out(shape, to_strides, from_strides);
  if (m.elements == 0) return;
  m.to = to;
  m.from = from;
  cuda::launch(k.device(), sized("move", d), cuda::threads_for(m.elements), m);
}
void move_run(const KernelCtx& k, DType d, void* to, const void* from, int64_t n) {
  if (!on_gpu(k, d)) return move_run(d, to, from, n);
  if (n > 0) static_cast<Accelerator&>(k.device()).copy(to, from, static_cast<size_t>(n) * size_of(d));
}
void fill_run(const KernelCtx& k, DType d, void* to, const void* value, int64_t n) {
  if (!on_gpu(k, d)) return fill_run(d, to, value, n);
  if (n == 0) return;
  if (!value) return static_cast<Accelerator&>(k.device()).fill(to, 0, static_cast<size_t>(n) * size_of(d));
  cuda::Repeat r{n, to, value, {}};
  cuda::launch(k.device(), sized("repeat", d), cuda::threads_for(n), r);
}

void fill_bytes(const KernelCtx& k, DType d, void* to, const void* element, int64_t n) {
  cuda::Repeat r{n, to, nullptr, {}};
  std::memcpy(r.bytes, element, size_of(d));
  if (n > 0) cuda::launch(k.device(), sized("repeat", d), cuda::threads_for(n), r);
}

void on_both_devices(const char* name, std::span<const DType> keys) {
  const Op& op = find_op(name);
  for (DType d : keys)
    if (const Kernel* k = find_kernel(op, d, "CPU")) add_gpu_kernel(name, *k, {&d, 1});
}

void take_rows(const KernelCtx& k, const Tensor& params, const Tensor& indices, int axis, int batch) {
  const Shape &p = params.shape(), &n = indices.shape();
  cuda::Take t{};
  t.outer = p.slice(batch, axis).size();
  t.rows = p[axis];
  t.inner = p.slice(axis + 1, p.rank()).size();
  t.count = n.slice(batch, n.rank()).size();
  t.elements = p.slice(0, batch).size() * t.outer * t.count;
  t.wide = indices.dtype() == DType::i64;
  if (t.elements * t.inner == 0) return;
  k.check(t.wide || indices.dtype() == DType::i32, "indices of dtype {} are for the CPU", name_of(indices.dtype()));
  const Tensor index = on_device(indices, k.device());
  t.to = k.out<void>(0);
  t.from = params.impl()->data;
  t.index = index.impl()->data;
  cuda::launch(k.device(), sized("take", params.dtype()), cuda::threads_for(t.elements * t.inner), t);
}

namespace {

// A cast by the CPU, whoever listens.
Tensor cast_on_host(const Tensor& x, DType to) {
  const device::Within cpu("/device:CPU:0");
  const Op& cast = find_op("Cast");
  const NamedAttr attrs[] = {{"SrcT", x.dtype()}, {"DstT", to}};
  return run_now(cast, {&x, 1}, Attrs(cast, attrs)).at(0);
}

}  // namespace

Tensor number_as(double number, DType d) { return cast_on_host(Tensor(number), d); }
void fill_number(const KernelCtx& k, DType d, void* to, double number, int64_t n) { fill_bytes(k, d, to, number_as(number, d).data(), n); }

namespace {

void zeros_gpu(KernelCtx& k) { fill_run(k, k.dtype(0), k.out<void>(0), nullptr, k.out(0).size()); }
void ones_gpu(KernelCtx& k) { fill_number(k, k.dtype(0), k.out<void>(0), 1, k.out(0).size()); }
void fill_gpu(KernelCtx& k) { fill_run(k, k.dtype(1), k.out<void>(0), k.in<void>(1), k.out(0).size()); }

// The imaginary part is dropped, or zero.
void cast_complex(KernelCtx& k, DType from, DType to) {
  Tensor part = is_complex(from) ? ran("Real", {k.in(0)}, {{"Tout", real_part_of(from)}}) : k.in(0);
  const DType wanted = is_complex(to) ? real_part_of(to) : to;
  auto cast = [&](const Tensor& x) { return x.dtype() == wanted ? x : ran("Cast", {x}, {{"DstT", wanted}}); };
  part = cast(part);
  if (!is_complex(to)) return k.set_output(0, part);
  const Tensor imaginary = is_complex(from) ? cast(ran("Imag", {k.in(0)}, {{"Tout", real_part_of(from)}})) : ran("ZerosLike", {part});
  k.set_output(0, ran("Complex", {part, imaginary}, {{"Tout", to}}));
}
void cast_gpu(KernelCtx& k) {
  const DType from = k.dtype(0), to = k.out(0).dtype();
  k.check(!k.flag("Truncate") || from == to || !is_floating(to), "Truncate=true is for casts to integers, got {}", name_of(to));
  if (!is_plain(to)) fail(Code::unimplemented, "Cast {} to {} is not supported [Op:Cast]", short_name(from), short_name(to));
  cuda::Convert c{k.out(0).size(), k.out<void>(0), nullptr, static_cast<int32_t>(to), static_cast<int32_t>(from)};
  if (c.elements == 0) return;
  if (from != to && (is_complex(from) || is_complex(to))) return cast_complex(k, from, to);
  // A scalar that the host holds (place.h) is brought along; casts of it are rare.
  const Tensor x = on_device(k.in(0), k.device());
  c.from = x.impl()->data;
  if (from == to) return move_run(k, from, k.out<void>(0), c.from, c.elements);
  const std::string kernel = elementwise::cuda_kernel(elementwise::cuda_kernel("cast", static_cast<int>(from)), static_cast<int>(to));
  cuda::launch(k.device(), kernel, cuda::threads_for(c.elements), c);
}

// [outer, N, inner] a part at a time.
void pack_gpu(KernelCtx& k, bool pack) {
  const Shape& all = pack ? k.out(0).shape() : k.shape(0);
  const int64_t axis = k.integer("axis");
  const int at = static_cast<int>(axis < 0 ? axis + all.rank() : axis);
  const DType d = k.dtype(0);
  const int64_t outer = all.slice(0, at).size(), inner = all.slice(at + 1, all.rank()).size(), n = all[at];
  const int64_t shape[] = {outer, inner}, together[] = {n * inner, 1}, single[] = {inner, 1};
  for (int i = 0; i < n && outer * inner > 0; ++i) {
    if (pack) move_strided(k, d, shape, element(d, k.out<void>(0), i * inner), together, k.in<void>(i), single);
    else move_strided(k, d, shape, k.out<void>(i), single, element(d, k.in<void>(0), i * inner), together);
  }
}
void pack_both(KernelCtx& k) { pack_gpu(k, true); }
void unpack_both(KernelCtx& k) { pack_gpu(k, false); }

void one_hot_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const int64_t axis = k.integer("axis");
  const int at = static_cast<int>(axis < 0 ? s.rank() : axis);
  const cuda::OneHot h{s.slice(0, at).size(), k.out(0).shape()[at], s.slice(at, s.rank()).size(), k.out<void>(0), k.in<void>(0),
                       k.in<void>(2), k.in<void>(3), static_cast<int32_t>(size_of(k.dtype(0)))};
  if (k.out(0).size() > 0) cuda::launch(k.device(), sized("one_hot", k.out(0).dtype()), cuda::threads_for(k.out(0).size()), h);
}
void band_part_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const cuda::BandPart b{s.size(), k.out<void>(0), k.in<void>(0), s.dim(-2), s.dim(-1), k.in(1).int_at(0), k.in(2).int_at(0)};
  if (b.elements > 0) cuda::launch(k.device(), sized("band_part", k.dtype(0)), cuda::threads_for(b.elements), b);
}
void gather_gpu(KernelCtx& k) {
  give_outputs(k);
  const int64_t a = k.in(2).int_at(0);
  int64_t b = k.integer("batch_dims");
  if (b < 0) b += k.shape(1).rank();
  take_rows(k, k.in(0), k.in(1), static_cast<int>(a < 0 ? a + k.shape(0).rank() : a), static_cast<int>(b));
}

void conjugate_transpose_gpu(KernelCtx& k) {
  const Tensor y = ran("Transpose", {k.in(0), k.in(1)});
  k.set_output(0, is_complex(y.dtype()) ? ran("Conj", {y}) : y);
}

const cuda::AtStart moves_gpu([] {
  for (const char* name : {"Transpose", "Slice", "StridedSlice", "StridedSliceGrad", "Pad", "PadV2", "ConcatV2", "Split", "SplitV",
                           "Tile", "BroadcastTo", "ReverseV2", "Roll", "ReverseSequence", "MirrorPad", "Bitcast",
                           "Diag", "DiagPart", "MatrixDiagV3", "MatrixDiagPartV3", "MatrixSetDiagV3", "SpaceToBatchND", "BatchToSpaceND", "SpaceToDepth", "DepthToSpace"})
    on_both_devices(name);
  constexpr DType bytes[] = {DType::qi8};
  for (const char* name : {"SpaceToDepth", "DepthToSpace"}) on_both_devices(name, bytes);
  add_gpu_kernel("ZerosLike", Kernel{zeros_gpu}, kPlain);
  add_gpu_kernel("OnesLike", Kernel{ones_gpu}, kPlain);
  add_gpu_kernel("Fill", Kernel{fill_gpu}, kPlain);
  add_gpu_kernel("Pack", Kernel{pack_both}, kPlain);
  add_gpu_kernel("Unpack", Kernel{unpack_both}, kPlain);
  add_gpu_kernel("OneHot", Kernel{one_hot_gpu}, kPlain);
  add_gpu_kernel("MatrixBandPart", Kernel{band_part_gpu}, kPlain);
  add_gpu_kernel("GatherV2", Kernel{gather_gpu}, kPlain);
  add_gpu_kernel("Cast", Kernel{cast_gpu}, kComputed);
  add_gpu_kernel("Cast", Kernel{cast_gpu}, {&kBool, 1});
  add_gpu_kernel("Cast", Kernel{cast_gpu}, kComplex);
  add_gpu_kernel("ConjugateTranspose", Kernel{conjugate_transpose_gpu}, kPlain);
});

}  // namespace
}  // namespace ninefold::ops
