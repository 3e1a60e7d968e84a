// In: tensors of each replica. Out: their sums: tensor by tensor, or in buckets over several GPUs.
#include <algorithm>
#include <optional>

#include "base/check.h"
#include "engine/op/place.h"
#include "engine/ops/array_args.h"
#include "engine/ops/moves.h"
#include "ninefold/distribute.h"
#include "train/distribute/buckets.h"

namespace ninefold::distribute {
namespace {

// Where each replica is at home; none where that is not known.
std::vector<std::string> homes_of(const std::vector<Tensors>& all) {
  const StrategyPtr strategy = current();
  if (strategy->devices().size() == all.size()) return strategy->devices();
  std::vector<std::string> homes;
  for (const Tensors& of : all)
    for (const Tensor& t : of) {
      if (!t.defined()) continue;
      if (t.symbolic()) return {};
      homes.push_back(t.device_name().substr(t.device_name().rfind("/device:")));
      break;
    }
  if (homes.size() != all.size()) return {};
  return homes;
}
// Whether each replica has a GPU of its own.
bool on_gpus(const std::vector<std::string>& homes) {
  for (const std::string& name : homes) {
    const AtHome there(name);
    if (!home_device() || home_device()->host()) return false;
  }
  return !homes.empty();
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
Tensor added_by_halves(const std::vector<std::string>& homes, const Tensors& terms) {
  const size_t half = (terms.size() + 1) / 2;
  const Tensor near = added(std::span(terms).first(half));
  Tensor far;
  {
    const AtHome there(homes[half]);
    far = added(std::span(terms).subspan(half));
  }
  return near + far;
}

// Undefined where nobody brought anything.
Tensor sum_of(const std::vector<Tensors>& all, size_t i) {
  Tensor sum;
  for (const Tensors& of : all)
    if (of[i].defined()) sum = sum.defined() ? sum + of[i] : of[i];
  return sum;
}
Tensor averaged(const Tensor& sum, size_t replicas) {
  if (!sum.defined() || replicas < 2) return sum;
  return sum / op("Cast", {Tensor(static_cast<float>(replicas))}, {{"DstT", sum.dtype()}});
}

// By the strategy's own function, except what some replica lacks.
Tensors by_function(const Communication& way, const std::vector<Tensors>& all, Reduce how, const CommunicationOptions& options) {
  std::vector<size_t> whole;
  for (size_t i = 0; i < all[0].size(); ++i)
    if (std::all_of(all.begin(), all.end(), [&](const Tensors& of) { return of[i].defined(); })) whole.push_back(i);
  std::vector<Tensors> given(all.size());
  for (size_t r = 0; r < all.size(); ++r)
    for (size_t i : whole) given[r].push_back(all[r][i]);
  const Tensors got = whole.empty() ? Tensors() : way.function(given, how, options);
  check(got.size() == whole.size(), Code::runtime, "cross_device_ops: batch_reduce was given {} values and gave {}", whole.size(), got.size());
  Tensors out;
  for (size_t i = 0, k = 0; i < all[0].size(); ++i) {
    const bool there = k < whole.size() && whole[k] == i;
    out.push_back(there ? got[k++] : how == Reduce::mean ? averaged(sum_of(all, i), all.size()) : sum_of(all, i));
  }
  return out;
}
void check_counts(const std::vector<Tensors>& all) {
  for (size_t r = 1; r < all.size(); ++r)
    check(all[r].size() == all[0].size(), Code::runtime, "all_reduce: replica 0 brought {} tensors, replica {} {}", all[0].size(), r,
          all[r].size());
}

}  // namespace

Tensors summed_by(const Communication& how, const std::vector<Tensors>& all, const CommunicationOptions& options) {
  check_counts(all);
  if (how.how == Communication::own && all.size() > 1) return by_function(how, all, Reduce::sum, options);
  std::optional<AtHome> there;
  if (!how.device.empty()) there.emplace(how.device);
  Tensors out(all.at(0).size());
  std::vector<Part> parts;
  std::vector<size_t> which;
  std::vector<bool> in_bucket(out.size());
  const std::vector<std::string> homes = all.size() > 1 && how.how != Communication::one_device ? homes_of(all) : std::vector<std::string>();
  if (on_gpus(homes))
    for (size_t i = 0; i < out.size(); ++i)
      if (packs(all, i)) {
        parts.push_back({all[0][i].dtype(), all[0][i].shape().size()});
        which.push_back(i);
        in_bucket[i] = true;
      }
  Packing packing{.bytes = how.bytes};
  if (options.bytes_per_pack > 0) packing.bytes = options.bytes_per_pack;
  else if (how.how != Communication::automatic) packing.packs = how.num_packs;
  const bool ring = how.how == Communication::automatic && options.implementation == CommunicationOptions::ring;
  for (Bucket& b : buckets_of(parts, packing)) {
    for (size_t& t : b.tensors) t = which[t];
    Tensors terms;
    for (size_t r = 0; r < all.size(); ++r) {
      const AtHome own(homes[r]);
      terms.push_back(packed(b, all[r]));
    }
    const NamedAttr attrs[] = {{"reduction", "sum"}, {"_timeout_seconds", options.timeout_seconds}};
    unpack(b, how.how == Communication::hierarchical ? added_by_halves(homes, terms) : ring ? added(terms) : op_all("NcclReduce", terms, attrs).at(0),
           all[0], out);
  }
  for (size_t i = 0; i < out.size(); ++i)
    if (!in_bucket[i]) out[i] = sum_of(all, i);
  return out;
}

Tensors summed(const std::vector<Tensors>& all, const CommunicationOptions& options) { return summed_by(current()->communication(), all, options); }

Tensors all_reduce(const Tensors& own, Reduce how, const CommunicationOptions& options) {
  return merge_call(own, [how, &options](const std::vector<Tensors>& all) {
    check_counts(all);
    const Communication& way = current()->communication();
    if (way.how == Communication::own && all.size() > 1) return by_function(way, all, how, options);
    Tensors out = summed_by(way, all, options);
    if (how == Reduce::mean)
      for (Tensor& t : out) t = averaged(t, all.size());
    return out;
  });
}

}  // namespace ninefold::distribute
