// In: how the program was called. Out: one of its three parts: PID 1, the supervisor, a launch.
#include <cstdio>
#include <cstring>

#include "env/supervise/init/small.h"

int main(int count, char** values) {
  using namespace ninefold::env::supervise;
  if (count == 1) return pid1();
  if (count == 2 && std::strcmp(values[1], "supervise") == 0) return supervise();
  if (count == 4 && std::strcmp(values[1], "launch") == 0) return launch(values[2], values[3]);
  std::fputs("ninefold-init: the first process of an environment; `ninefold up` starts it\n", stderr);
  return 2;
}
