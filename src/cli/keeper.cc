// In: an environment's folder. Out: its keeper; a port inside as standard input and output. Plumbing.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "base/check.h"
#include "cli/environment.h"
#include "env/supervise/connector.h"
#include "env/supervise/keeper.h"

namespace ninefold::cli {

extern const Verb keeper, connect_verb;
const Verb keeper = {
    .name = "keeper",
    .usage = "--start|--adopt FOLDER",
    .brief = "Keep an environment; `ninefold up` starts this.",
    .flags = {{"--start", "start it"}, {"--adopt", "it runs already"}},
    .examples = {"ninefold keeper --adopt ~/.local/state/ninefold/environments/tf29"},
    .run = [](const Args& args, Io&) -> int {
      check(args.rest.size() == 1 && args.has("--start") != args.has("--adopt"),
            "keeper: expected --start or --adopt, and a folder");
      return env::supervise::keep(args.rest[0], args.has("--adopt"));
    },
    .hidden = true};

const Verb connect_verb = {
    .name = "connect",
    .usage = "NAME PORT",
    .brief = "Join standard input and output to a port inside; for ssh's ProxyCommand.",
    .flags = {},
    .examples = {"ssh -o ProxyCommand='ninefold connect tf29 2222' devuser@tf29"},
    .run = [](const Args& args, Io&) -> int {
      check(args.rest.size() == 2, "connect: expected a name and a port");
      const auto environment = env::supervise::find_running("connect", args.rest[0]).value();
      const Fd line = env::supervise::connect_inside(environment.folder, std::atoi(args.rest[1].c_str())).value();
      bool sending = true;
      for (char piece[65536];;) {
        pollfd watch[2] = {{sending ? 0 : -1, POLLIN, 0}, {line.get(), POLLIN, 0}};
        if (::poll(watch, 2, -1) < 0) continue;
        if (watch[0].revents) {
          const ssize_t got = ::read(0, piece, sizeof piece);
          sending = got > 0 && write_all("connect", "port", line.get(), {piece, static_cast<size_t>(got)}).ok();
          if (!sending) ::shutdown(line.get(), SHUT_WR);
        }
        if (watch[1].revents) {
          const ssize_t got = ::read(line.get(), piece, sizeof piece);
          if (got <= 0 || !write_all("connect", "output", 1, {piece, static_cast<size_t>(got)})) return ok;
        }
      }
    },
    .hidden = true};

}  // namespace ninefold::cli
