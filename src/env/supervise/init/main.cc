// In: how the program was called. Out: one of its parts: PID 1, the supervisor, a launch; a container of others, its probe; sockets.
#include <cstdio>
#include <cstring>

#include "env/supervise/init/places.h"
#include "env/supervise/init/small.h"
#include "env/supervise/sockets.h"

int main(int count, char** values) {
  using namespace ninefold::env::supervise;
  if (count == 1) return pid1();
  if (count == 2 && std::strcmp(values[1], "supervise") == 0) return supervise();
  if (count == 4 && std::strcmp(values[1], "launch") == 0) return launch(values[2], values[3]);
  if (count == 2 && std::strcmp(values[1], "sockets") == 0) {
    const int line = connect_to(kState, kInsideSocket);
    if (line >= 0) hand_out_sockets(line);
    return 1;
  }
  const std::vector<std::string> rest(values + (count > 1 ? 2 : 1), values + count);
  if (std::strcmp(values[1], "container") == 0) return container(rest);
  if (std::strcmp(values[1], "probe") == 0) return probe(rest);
  std::fputs(kUsage, stderr);
  return 2;
}
