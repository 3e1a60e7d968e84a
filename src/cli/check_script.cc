// In: Python scripts; or --gpu. Out: the symbols of TensorFlow they use that are missing here, none is run; or what keeps
// this machine's GPU from being used.
#include "base/check.h"
#include "cli/interpreter.h"
#include "cli/verb.h"

namespace ninefold::cli {

extern const Verb check_script;
const Verb check_script = {
    .name = "check",
    .usage = "[--json] SCRIPT... | --gpu",
    .brief = "List the TensorFlow symbols that a script uses and Ninefold lacks, without running it; or look at the GPU.",
    .flags = {{"--json", "one JSON document instead of lines"},
              {"--gpu", "say which GPUs are used, or what is missing, with the remedy"}},
    .examples = {"ninefold check train.py", "ninefold check --json src/*.py", "ninefold check --gpu"},
    .exits = "0: nothing is missing; 1: something is; 2: a file cannot be read or parsed; 127: no Python",
    .run = [](const Args& args, Io&) -> int {
      if (args.has("--gpu")) {
        check(args.rest.empty() && !args.has("--json"), "check: --gpu stands alone; see ninefold check --help");
        become(interpreter(), {"-m", "ninefold.check_gpu"});
      }
      check(!args.rest.empty(), "check: expected at least one script, got none; see ninefold check --help");
      std::vector<std::string> all = {"-m", "ninefold.check_script"};
      if (args.has("--json")) all.push_back("--json");
      all.push_back("--");
      all.insert(all.end(), args.rest.begin(), args.rest.end());
      become(interpreter(), all);
    }};

}  // namespace ninefold::cli
