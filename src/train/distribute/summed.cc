// In: tensors of each replica. Out: their sums: tensor by tensor, or in buckets over several GPUs.
#include "base/check.h"
#include "engine/op/place.h"
#include "engine/ops/array_args.h"
#include "engine/ops/moves.h"
#include "ninefold/distribute.h"
#include "train/distribute/buckets.h"

namespace ninefold::distribute {
namespace {

// Whether each replica has a GPU of its own.
bool on_gpus(const Strategy& s) {
  for (const std::string& name : s.devices()) {
    const AtHome there(name);
    if (!home_device() || home_device()->host()) return false;
  }
  return true;
}

// What can lie in a bucket: numbers that NCCL adds and that lie on a GPU, of a size that the trace knows.
bool packs(const std::vector<Tensors>& all, size_t i) {
  const Tensor& first = all[0][i];
  for (const Tensors& of : all) {
    const Tensor& t = of[i];
    if (!t.defined() || t.dtype() != first.dtype() || !t.shape().fully_known() || !(t.shape() == first.shape())) return false;
  }
  const DType d = first.dtype();
  return d == DType::f16 || d == DType::f32 || d == DType::f64;
}

Tensor flat(const Tensor& t) { return t.rank() == 1 ? t : op("Reshape", {t, ops::int_vector({-1})}); }
Tensor packed(const Bucket& b, const Tensors& of) {
  if (b.tensors.size() == 1) return flat(of[b.tensors[0]]);
  Tensors parts;
  for (size_t i : b.tensors) parts.push_back(flat(of[i]));
  parts.push_back(ops::int_scalar(0));
  return op_all("ConcatV2", parts).at(0);
}
void unpack(const Bucket& b, const Tensor& sum, const Tensors& like, Tensors& out) {
  for (size_t k = 0; k < b.tensors.size(); ++k) {
    const Shape& shape = like[b.tensors[k]].shape();
    const Tensor part = b.tensors.size() == 1 ? sum : op("Slice", {sum, ops::int_vector({b.offsets[k]}), ops::int_vector({shape.size()})});
    out[b.tensors[k]] = shape.rank() == 1 ? part : op("Reshape", {part, ops::int_vector(shape.vector())});
  }
}

Tensor added(std::span<const Tensor> terms) {
  Tensor sum = terms[0];
  for (const Tensor& t : terms.subspan(1)) sum = sum + t;
  return sum;
}
// Of each half on its first device, then across.
Tensor added_by_halves(const Strategy& s, const Tensors& terms) {
  const size_t half = (terms.size() + 1) / 2;
  const Tensor near = added(std::span(terms).first(half));
  Tensor far;
  {
    const AtHome there(s.devices()[half]);
    far = added(std::span(terms).subspan(half));
  }
  return near + far;
}

}  // namespace

Tensors summed(const std::vector<Tensors>& all) {
  for (size_t r = 1; r < all.size(); ++r)
    check(all[r].size() == all[0].size(), Code::runtime, "all_reduce: replica 0 brought {} tensors, replica {} {}", all[0].size(), r,
          all[r].size());
  const StrategyPtr strategy = current();
  const Communication& how = strategy->communication();
  Tensors out(all.at(0).size());
  std::vector<Part> parts;
  std::vector<size_t> which;
  std::vector<bool> in_bucket(out.size());
  if (all.size() > 1 && all.size() == strategy->devices().size() && how.how != Communication::one_device && on_gpus(*strategy))
    for (size_t i = 0; i < out.size(); ++i)
      if (packs(all, i)) {
        parts.push_back({all[0][i].dtype(), all[0][i].shape().size()});
        which.push_back(i);
        in_bucket[i] = true;
      }
  Packing packing{.bytes = how.bytes};
  if (how.how != Communication::automatic) packing.packs = how.num_packs;
  for (Bucket& b : buckets_of(parts, packing)) {
    for (size_t& t : b.tensors) t = which[t];
    Tensors terms;
    for (size_t r = 0; r < all.size(); ++r) {
      const AtHome own(strategy->devices()[r]);
      terms.push_back(packed(b, all[r]));
    }
    const NamedAttr sum("reduction", "sum");
    unpack(b, how.how == Communication::hierarchical ? added_by_halves(*strategy, terms) : op_all("NcclReduce", terms, {&sum, 1}).at(0), all[0], out);
  }
  for (size_t i = 0; i < out.size(); ++i)
    for (size_t r = 0; r < all.size() && !in_bucket[i]; ++r)
      if (all[r][i].defined()) out[i] = out[i].defined() ? out[i] + all[r][i] : all[r][i];
  return out;
}

}  // namespace ninefold::distribute
