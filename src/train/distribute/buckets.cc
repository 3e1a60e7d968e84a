// In: sizes of gradients. Out: buckets, from the gradient that the backward pass computes first.
#include "train/distribute/buckets.h"

#include <algorithm>
#include <map>

namespace ninefold::distribute {
namespace {

struct Filling {
  int64_t total = 0, before = 0;             // elements of this dtype: of all, of those that have a bucket
  int64_t pack = -1;                         // the number of the open bucket, if packs are counted
  int open = -1;
};

bool fits(const Filling& f, const Bucket& b, const Part& part, const Packing& how, int64_t pack) {
  if (how.packs == 0) return false;
  if (how.packs > 0) return f.pack == pack;
  return (b.elements + part.elements) * static_cast<int64_t>(size_of(part.dtype)) <= how.bytes;
}

}  // namespace

std::vector<Bucket> buckets_of(std::span<const Part> parts, const Packing& how) {
  std::map<DType, Filling> filling;
  for (const Part& p : parts) filling[p.dtype].total += p.elements;
  std::vector<Bucket> all;
  for (size_t i = parts.size(); i-- > 0;) {
    const Part& part = parts[i];
    Filling& f = filling[part.dtype];
    // Of n packs, the one in whose share of all elements the part begins.
    const int64_t pack = how.packs > 0 && f.total > 0 ? std::min<int64_t>(how.packs - 1, f.before / ((f.total + how.packs - 1) / how.packs)) : 0;
    if (f.open < 0 || !fits(f, all[static_cast<size_t>(f.open)], part, how, pack)) {
      f.open = static_cast<int>(all.size());
      f.pack = pack;
      all.push_back({part.dtype, {}, {}});
    }
    Bucket& b = all[static_cast<size_t>(f.open)];
    b.tensors.push_back(i);
    b.offsets.push_back(b.elements);
    b.elements += part.elements;
    b.ready = parts.size() - i;
    f.before += part.elements;
  }
  std::stable_sort(all.begin(), all.end(), [](const Bucket& a, const Bucket& b) { return a.ready < b.ready; });
  return all;
}

}  // namespace ninefold::distribute
