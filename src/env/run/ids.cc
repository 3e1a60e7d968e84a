// In: facts. Out: id maps; pure.
#include "env/run/ids.h"

#include <fmt/format.h>

#include <algorithm>

namespace ninefold::env::run {
namespace {

// 0..999 and 1001..65535 from the ranges in order, 1000 is the user himself.
std::vector<image::IdRange> around(std::uint32_t user, const std::vector<image::IdRange>& ranges) {
  std::vector<image::IdRange> map;
  std::uint32_t inside = 0;
  for (image::IdRange range : ranges) {
    while (range.count > 0 && inside < kIds) {
      if (inside == kUser) {
        map.push_back({kUser, user, 1});
        ++inside;
        continue;
      }
      const std::uint32_t end = inside < kUser ? kUser : kIds;
      const std::uint32_t count = std::min(range.count, end - inside);
      map.push_back({inside, range.outside, count});
      inside += count;
      range.outside += count;
      range.count -= count;
    }
  }
  return map;
}

std::uint64_t total(const std::vector<image::IdRange>& ranges) {
  std::uint64_t sum = 0;
  for (const image::IdRange& range : ranges) sum += range.count;
  return sum;
}

}  // namespace

Result<Ids> choose_ids(const Facts& facts) {
  Ids ids;
  if (facts.uid == 0) {
    ids.groups = facts.owner_groups;
    ids.user = facts.owner_uid;
    ids.group = facts.owner_gid;
    if (facts.owner_uid == 0) {  // host root is never mapped in
      ids.map.uids = ids.map.gids = {{0, kRootsRange, kIds}};
      ids.user = ids.group = kRootsRange + kUser;
      ids.root_files = true;
      ids.groups.clear();
      return ids;
    }
    const std::vector<image::IdRange> range = {{0, kRootsRange, kIds - 1}};
    ids.map.uids = around(ids.user, range);
    ids.map.gids = around(ids.group == 0 ? kRootsRange + kIds : ids.group, range);
    if (ids.group == 0) ids.group = kRootsRange + kIds;
    return ids;
  }
  if (!facts.user_namespaces)
    return Error(Code::failed_precondition, "up: this machine refuses user namespaces: " +
                                                facts.why_no_user_namespaces);
  for (const auto& [ranges, file, option] :
       {std::tuple{&facts.subuids, "/etc/subuid", "--add-subuids"},
        std::tuple{&facts.subgids, "/etc/subgid", "--add-subgids"}}) {
    if (total(*ranges) >= kIds - 1) continue;
    return Error(Code::failed_precondition,
                 fmt::format("up: {} needs {} subordinate ids in {} and has {}; ask an administrator for: "
                             "usermod {} 100000-165535 {} (choose a range that no other user has)",
                             facts.user, kIds - 1, file, total(*ranges), option, facts.user));
  }
  if (facts.newuidmap.empty())
    return Error(Code::failed_precondition,
                 "up: newuidmap is missing; install the package uidmap");
  ids.keeps_caller = true;
  ids.user = facts.uid;
  ids.group = facts.gid;
  ids.groups = facts.groups;
  ids.map.uids = around(facts.uid, facts.subuids);
  ids.map.gids = around(facts.gid, facts.subgids);
  return ids;
}

}  // namespace ninefold::env::run
