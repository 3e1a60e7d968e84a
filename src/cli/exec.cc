// In: a program's arguments. Out: it runs inside, with the caller's own descriptors or terminal.
#include <unistd.h>

#include <ostream>

#include "base/check.h"
#include "cli/bring_up.h"
#include "cli/environment.h"

namespace ninefold::cli {
namespace supervise = env::supervise;
namespace {

const Flag folder_flag = {"--folder FOLDER", "the working folder inside; default: the user's home"};
const Flag env_flag = {"--env NAME=VALUE", "set a variable; may be given several times"};
const Flag tty_flag = {"--no-tty", "no terminal, even where the caller has one"};

supervise::Call call(const supervise::Environment& environment, const Args& args,
                     const std::vector<std::string>& arguments) {
  return {.arguments = arguments,
          .environment = args.every("--env"),
          .folder = args.get("--folder", environment.plan.home),
          .terminal = !args.has("--no-tty") && ::isatty(0) && ::isatty(1)};
}

}  // namespace

extern const Verb exec_verb, shell, run_verb;
const Verb exec_verb = {
    .name = "exec",
    .usage = "[OPTIONS] PROGRAM [ARGUMENTS]",
    .brief = "Run a program inside the running environment.",
    .flags = {name_flag, folder_flag, env_flag, tty_flag},
    .examples = {"ninefold exec python train.py", "ninefold exec --folder /tf ls -l", "ninefold exec nvidia-smi"},
    .exits = "the program's own; 128 + N where signal N ended it; 127: it could not be started",
    .run = [](const Args& args, Io&) -> int {
      check(!args.rest.empty(), "exec: expected a program, got none; see ninefold exec --help");
      const supervise::Environment environment = running("exec", args);
      return supervise::execute(environment, call(environment, args, args.rest), 0, 1, 2).within("exec").value();
    },
    .parsing = Parsing::leading};

const Verb shell = {
    .name = "shell",
    .usage = "[OPTIONS]",
    .brief = "Open a shell inside the running environment.",
    .flags = {name_flag, folder_flag, env_flag},
    .examples = {"ninefold shell", "ninefold shell --folder /tf"},
    .exits = "the shell's own",
    .run = [](const Args& args, Io&) -> int {
      check(args.rest.empty(), "shell: expected no arguments, got {}; ninefold exec runs a program",
            args.rest.empty() ? "" : args.rest[0]);
      const supervise::Environment environment = running("shell", args);
      return supervise::execute(environment, call(environment, args, {"/bin/bash", "-l"}), 0, 1, 2)
          .within("shell").value();
    }};

const Verb run_verb = {
    .name = "run",
    .usage = "[OPTIONS] PROGRAM [ARGUMENTS]",
    .brief = "Start the environment, run one program in it, and take it down again; for scripts and CI.",
    .flags = {{"--file FILE", "the ninefold.toml; without it, the one here or above"}, folder_flag, env_flag, tty_flag,
              {"--tree FOLDER", "use this root file system instead of the built image"}},
    .examples = {"ninefold run python train.py", "ninefold run --env EPOCHS=3 -- python train.py"},
    .exits = "the program's own; 128 + N where signal N ended it; 127: it could not be started",
    .run = [](const Args& args, Io& io) -> int {
      check(!args.rest.empty(), "run: expected a program, got none; see ninefold run --help");
      const supervise::Environment environment =
          bring_up({.file = args.get("--file"), .tree = args.get("--tree"), .image = {}, .wait = 0.0}, io);
      Result<int> status =
          supervise::execute(environment, call(environment, args, args.rest), 0, 1, 2).within("run");
      const Fd lock = supervise::lock_environment(environment.name).value();
      supervise::bring_down(environment, 12000).value();
      ::unlink((supervise::environments_folder() + "/.lock-" + environment.name).c_str());
      return status.value();
    },
    .details = "An environment of this name that is up already is used, and taken down, too.",
    .parsing = Parsing::leading};

}  // namespace ninefold::cli
