// In: who calls, and the ids he may use. Out: which id inside is which outside.
#pragma once

#include "env/image/one_user.h"
#include "env/run/facts.h"

namespace ninefold::env::run {

// The one ordinary user inside, in every image and for every caller: images stay the same for all.
inline constexpr std::uint32_t kUser = image::kUserId;
inline constexpr std::uint32_t kIds = 65536;  // ids that exist inside
// Root's environments live here: above what distributions and systemd hand out.
inline constexpr std::uint32_t kRootsRange = 2000000000;

struct Ids {
  image::IdMap map;
  std::uint32_t user = 0, group = 0;  // outside, of the one user
  // Outside ids that mounts shall show as the user's although they are not: root's own files.
  bool root_files = false;
  bool keeps_caller = false;  // an ordinary user's own map: he is himself outside
  std::vector<std::uint32_t> groups;  // supplementary, outside; kept, so that team folders can be read
};

// Without enough subordinate ids: an error with the command that grants them.
Result<Ids> choose_ids(const Facts& facts);

}  // namespace ninefold::env::run
