// In: a connection on loopback. Out: the user at its other end, as the kernel knows him.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fd.h"

namespace ninefold::env::supervise {

class Peers {
 public:
  Peers();
  std::optional<std::uint32_t> user_of(int connection) const;

 private:
  Fd socket_;
};

}  // namespace ninefold::env::supervise
