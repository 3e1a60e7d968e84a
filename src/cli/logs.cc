// In: a service's name. Out: what it wrote since `up`.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <ostream>
#include <thread>

#include "base/check.h"
#include "cli/environment.h"

namespace ninefold::cli {
namespace supervise = env::supervise;

extern const Verb logs;
const Verb logs = {
    .name = "logs",
    .usage = "[SERVICE]",
    .brief = "Show what a service of the environment wrote: ssh, jupyter, tensorboard or one of your own.",
    .flags = {name_flag, {"--follow", "go on as it comes"}},
    .examples = {"ninefold logs jupyter", "ninefold logs ssh --follow"},
    .exits = "0",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "logs: expected one service at most, got {}", args.rest.size());
      const supervise::Environment environment = supervise::find(environment_name(args)).within("logs").value();
      std::string names;
      bool known = false;
      for (const env::run::Service& service : environment.plan.services) {
        names += (names.empty() ? "" : ", ") + service.name;
        known = known || (!args.rest.empty() && service.name == args.rest[0]);
      }
      if (args.rest.empty()) {
        io.out << names << "\n";
        return ok;
      }
      check(known, Code::not_found, "logs: no service {}; there are {}", args.rest[0], names.empty() ? "none" : names);
      const std::string path = environment.folder + "/shared/logs/" + args.rest[0];
      const Fd file = open_file("logs", path, O_RDONLY).value();
      for (char piece[65536];;) {
        const ssize_t got = ::read(file.get(), piece, sizeof piece);
        if (got > 0) {
          write_all("logs", "output", 1, {piece, static_cast<size_t>(got)}).value();
          continue;
        }
        if (!args.has("--follow") || !supervise::alive(environment.state)) return ok;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    },
    .completes = "ssh jupyter tensorboard"};

}  // namespace ninefold::cli
