// In: gathers, scatters, segments on a GPU, of tensors and of variables. Out: launches of scatter.cu.
#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/scatter.gpu.h"
#include "engine/ops/written_variables.h"
#include "ninefold/device.h"

namespace ninefold::ops {

using cuda::Join;

cuda::Points points_of(const Shape& indices, DType dtype, const Shape& into, bool single) {
  cuda::Points p{};
  p.depth = single ? 1 : static_cast<int32_t>(indices.dim(-1));
  p.count = single ? indices.size() : indices.slice(0, indices.rank() - 1).size();
  p.bytes = static_cast<int32_t>(size_of(dtype));
  check(p.depth <= cuda::kPointRank, Code::unimplemented, "indexing on a GPU: more than {} axes", cuda::kPointRank);
  for (int i = 0; i < p.depth; ++i) {
    p.size[i] = into[i];
    p.stride[i] = into.slice(i + 1, into.rank()).size();
  }
  return p;
}

namespace {

std::string sized(const char* kernel, DType d) { return fmt::format("{}_{}", kernel, size_of(d)); }

// The least or the greatest finite number, as its bytes.
void extreme(DType d, bool greatest, unsigned char (&bytes)[16]) {
  uint64_t bits = 0;
  switch (d) {
    case DType::f16: bits = greatest ? 0x7bff : 0xfbff; break;
    case DType::bf16: bits = greatest ? 0x7f7f : 0xff7f; break;
    case DType::f32: bits = greatest ? 0x7f7fffff : 0xff7fffff; break;
    case DType::f64: bits = greatest ? 0x7fefffffffffffff : 0xffefffffffffffff; break;
    default: {
      const uint64_t sign = uint64_t{1} << (size_of(d) * 8 - 1);
      bits = is_unsigned(d) ? (greatest ? ~uint64_t{0} : 0) : (greatest ? sign - 1 : sign);
    }
  }
  std::memcpy(bytes, &bits, 8);
}
void fill_start(const KernelCtx& k, Join join, DType d, void* to, int64_t n) {
  unsigned char bytes[16] = {};
  if (join == Join::max || join == Join::min) extreme(d, join == Join::min, bytes);
  if (join == Join::prod) return fill_number(k, d, to, 1, n);
  fill_bytes(k, d, to, bytes, n);
}

// Sums and differences of complex numbers are those of their parts, which are neighbours.
DType by_parts(cuda::Scatter& p, DType d) {
  if (!is_complex(d)) return d;
  for (int i = 0; i < p.at.depth; ++i) p.at.stride[i] *= 2;
  p.inner *= 2;
  return d == DType::c64 ? DType::f32 : DType::f64;
}
void launch_scatter(KernelCtx& k, cuda::Scatter p, Join join, DType d) {
  if (join != Join::set) {
    k.check(!is_complex(d) || !p.one, "one complex number for all is for the CPU");
    d = by_parts(p, d);
  }
  if (p.at.count * p.inner == 0) return;
  p.join = join;
  p.dtype = static_cast<int32_t>(d);
  p.ordered = device::deterministic();
  const std::string kernel = join == Join::set ? sized("scatter_set", d) : elementwise::cuda_kernel("scatter_join", p.dtype);
  cuda::launch(k.device(), kernel, cuda::threads_for(p.ordered ? p.inner : p.at.count * p.inner), p);
}

// ---- tensors ----

void gather_nd_gpu(KernelCtx& k) {
  give_outputs(k);
  cuda::GatherPoints p{points_of(k.shape(1), k.dtype(1), k.shape(0), false), 0, k.out<void>(0), k.in<void>(0)};
  p.inner = k.shape(0).slice(p.at.depth, k.shape(0).rank()).size();
  p.at.index = k.in<void>(1);
  if (k.out(0).size() == 0) return;
  k.check(k.shape(0).size() > 0, "Requested more than 0 entries, but params is empty.  Params shape: {}", k.shape(0).str());
  cuda::launch(k.device(), sized("gather_points", k.dtype(0)), cuda::threads_for(p.at.count * p.inner), p);
}
void scatter_tensor(KernelCtx& k, Join join, int indices, int updates) {
  const Shape& s = k.out(0).shape();
  cuda::Scatter p{};
  p.at = points_of(k.shape(indices), k.dtype(indices), s, false);
  p.at.index = k.in<void>(indices);
  p.inner = s.slice(p.at.depth, s.rank()).size();
  p.to = k.out<void>(0);
  p.from = k.in<void>(updates);
  if (k.shape(indices).size() == 0 || k.shape(updates).size() == 0) return;
  k.check(s.size() > 0, "Indices and updates specified for empty output.  indices shape: {}", k.shape(indices).str());
  launch_scatter(k, p, join, k.dtype(updates));
}
void scatter_nd_gpu(KernelCtx& k) {
  give_outputs(k);
  fill_run(k, k.dtype(1), k.out<void>(0), nullptr, k.out(0).size());
  scatter_tensor(k, Join::sum, 0, 1);
}
template <Join join>
void tensor_scatter_gpu(KernelCtx& k) {
  give_outputs(k);
  move_run(k, k.dtype(0), k.out<void>(0), k.in<void>(0), k.shape(0).size());
  scatter_tensor(k, join, 1, 2);
}

// ---- segments ----

template <Join join>
void unsorted_segment_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& out = k.out(0).shape();
  fill_start(k, join, k.dtype(0), k.out<void>(0), out.size());
  cuda::Scatter p{};
  p.at = points_of(k.shape(1), k.dtype(1), out, true);
  p.at.index = k.in<void>(1);
  p.inner = out.slice(1, out.rank()).size();
  p.to = k.out<void>(0);
  p.from = k.in<void>(0);
  if (out.size() > 0) launch_scatter(k, p, join, k.dtype(0));
}
template <Join join, bool mean = false>
void segment_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& out = k.out(0).shape();
  if (out.size() == 0) return;
  const cuda::Segments p{out[0], k.shape(1)[0], out.slice(1, out.rank()).size(), k.out<void>(0), k.in<void>(0), k.in<void>(1),
                         static_cast<int32_t>(size_of(k.dtype(1))), static_cast<int32_t>(k.dtype(0)), join, mean};
  cuda::launch(k.device(), elementwise::cuda_kernel("segment", p.dtype), cuda::threads_for(out.size()), p);
}

// ---- variables ----

VariableResource& there(KernelCtx& k) {
  VariableResource& v = resource_as<VariableResource>(k.in(0), k.op().name.c_str());
  move_variable(v, k.device());
  return v;
}
void resource_gather_gpu(KernelCtx& k) {
  const Tensor params = there(k).read();
  const Shape &p = params.shape(), &n = k.shape(1);
  const auto batch = static_cast<int>(k.integer("batch_dims"));
  k.check(params.dtype() == k.type("dtype"), "Trying to read variable with wrong dtype. Expected {} got {}",
          short_name(k.type("dtype")), short_name(params.dtype()));
  k.check(p.rank() > 0, "params must be at least 1 dimensional");
  k.check(batch >= 0 && batch <= n.rank() && batch < p.rank(), "batch_dims ({}) must be less than rank(params) ({}).", batch, p.rank());
  k.allocate(0, params.dtype(), p.slice(0, batch).concat(n.slice(batch, n.rank())).concat(p.slice(batch + 1, p.rank())));
  take_rows(k, params, k.in(1), batch, batch);
}
template <Join join>
void resource_scatter(KernelCtx& k, bool single) {
  there(k);
  WrittenVariables v(k, 1);
  const Shape &p = v.shape(0), &n = k.shape(1), &u = k.shape(2);
  const DType d = k.dtype(2);
  k.check(v.variable(0).dtype == d, "Trying to update a variable of dtype {} with values of dtype {}", name_of(v.variable(0).dtype), name_of(d));
  const int depth = single ? 1 : static_cast<int>(n.rank() > 0 ? n.dim(-1) : 0);
  k.check(single || n.rank() >= 1, "Indices shape must have rank at least one. Found:{}", n.str());
  k.check(depth <= p.rank(), "params must be at least {} dimensional", depth);
  const Shape heads = single ? n : n.slice(0, n.rank() - 1);
  const bool one = single && u.rank() == 0;
  k.check(one || u == heads.concat(p.slice(depth, p.rank())),
          "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape {}, indices.shape {}, params.shape {}",
          u.str(), n.str(), p.str());
  cuda::Scatter s{};
  s.at = points_of(n, k.dtype(1), p, single);
  s.at.index = k.in<void>(1);
  s.inner = p.slice(depth, p.rank()).size();
  s.from = k.in<void>(2);
  s.one = one;
  if (s.at.count * s.inner == 0) return;
  s.to = v.memory(0);
  launch_scatter(k, s, join, d);
}
template <Join join>
void resource_scatter_gpu(KernelCtx& k) { resource_scatter<join>(k, true); }
template <Join join>
void resource_scatter_nd_gpu(KernelCtx& k) { resource_scatter<join>(k, false); }

struct Row { const char* op; KernelFn run; };
const cuda::AtStart scatter_gpu([] {
  for (const Row& r : {Row{"GatherNd", gather_nd_gpu}, {"TensorScatterUpdate", tensor_scatter_gpu<Join::set>},
                       {"ResourceGather", resource_gather_gpu}, {"ResourceScatterUpdate", resource_scatter_gpu<Join::set>},
                       {"ResourceScatterNdUpdate", resource_scatter_nd_gpu<Join::set>}})
    add_gpu_kernel(r.op, Kernel{r.run}, kPlain);
  for (const Row& r : {Row{"ScatterNd", scatter_nd_gpu},
                       {"TensorScatterAdd", tensor_scatter_gpu<Join::sum>},
                       {"TensorScatterSub", tensor_scatter_gpu<Join::sub>},
                       {"TensorScatterMin", tensor_scatter_gpu<Join::min>},
                       {"TensorScatterMax", tensor_scatter_gpu<Join::max>},
                       {"ResourceScatterAdd", resource_scatter_gpu<Join::sum>},
                       {"ResourceScatterSub", resource_scatter_gpu<Join::sub>},
                       {"ResourceScatterMul", resource_scatter_gpu<Join::prod>},
                       {"ResourceScatterDiv", resource_scatter_gpu<Join::div>},
                       {"ResourceScatterMin", resource_scatter_gpu<Join::min>},
                       {"ResourceScatterMax", resource_scatter_gpu<Join::max>},
                       {"ResourceScatterNdAdd", resource_scatter_nd_gpu<Join::sum>},
                       {"ResourceScatterNdSub", resource_scatter_nd_gpu<Join::sub>},
                       {"ResourceScatterNdMin", resource_scatter_nd_gpu<Join::min>},
                       {"ResourceScatterNdMax", resource_scatter_nd_gpu<Join::max>},
                       {"UnsortedSegmentSum", unsorted_segment_gpu<Join::sum>},
                       {"UnsortedSegmentProd", unsorted_segment_gpu<Join::prod>},
                       {"UnsortedSegmentMin", unsorted_segment_gpu<Join::min>},
                       {"UnsortedSegmentMax", unsorted_segment_gpu<Join::max>},
                       {"SegmentSum", segment_gpu<Join::sum>}, {"SegmentMean", segment_gpu<Join::sum, true>},
                       {"SegmentProd", segment_gpu<Join::prod>}, {"SegmentMin", segment_gpu<Join::min>},
                       {"SegmentMax", segment_gpu<Join::max>}})
    add_gpu_kernel(r.op, Kernel{r.run}, kComputed);
  for (const Row& r : {Row{"ScatterNd", scatter_nd_gpu}, {"TensorScatterAdd", tensor_scatter_gpu<Join::sum>},
                       {"TensorScatterSub", tensor_scatter_gpu<Join::sub>}, {"UnsortedSegmentSum", unsorted_segment_gpu<Join::sum>},
                       {"ResourceScatterNdAdd", resource_scatter_nd_gpu<Join::sum>}, {"ResourceScatterNdSub", resource_scatter_nd_gpu<Join::sub>}})
    add_gpu_kernel(r.op, Kernel{r.run}, kComplex);
});

}  // namespace
}  // namespace ninefold::ops
