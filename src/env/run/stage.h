// In: a Plan in the keeper's child. Out: the container, made and then started, or one line of error.
#pragma once

#include "base/fd.h"
#include "env/run/apply.h"

namespace ninefold::env::run {

// Never returns. Speaks on `report`: "maps" when it wants its id maps, "made PID" when the first process
// waits, "error TEXT"; and reads one byte from `go` after each of the first two.
[[noreturn]] void stage(const Plan& plan, const SecretValues& secrets, const Fd& report, const Fd& go, int log);

}  // namespace ninefold::env::run
