// In: a script and its arguments. Out: that script, run by the Python of this command, with
// `import tensorflow` meaning Ninefold.
#include <set>

#include "base/check.h"
#include "cli/interpreter.h"
#include "cli/verb.h"

namespace ninefold::cli {
namespace {

// Python's own options may stand before the script: -u, -X dev, -W error. Those that end option
// parsing (-c, -m) are for the runner, which knows them as Python does.
size_t interpreter_options(const std::vector<std::string>& given) {
  static const std::set<std::string> with_value = {"-W", "-X", "--check-hash-based-pycs"};
  size_t i = 0;
  while (i < given.size() && given[i].size() > 1 && given[i][0] == '-' && given[i] != "-c" &&
         given[i] != "-m" && given[i] != "--")
    i += with_value.count(given[i]) ? 2 : 1;
  return std::min(i, given.size());
}

}  // namespace

extern const Verb python;
const Verb python = {
    .name = "python",
    .usage = "[PYTHON'S OPTIONS] SCRIPT [ARGUMENTS]",
    .brief = "Run a TensorFlow 2.9 script unmodified: `import tensorflow` means Ninefold.",
    .examples = {"ninefold python train.py --epochs 5", "ninefold python -u -m package.train",
                 "ninefold python -c 'import tensorflow as tf; print(tf.__version__)'"},
    .exits = "the script's own; 2: no script given; 127: no Python found",
    .verbatim = true,
    .run = [](const Args& args, Io&) -> int {
      const size_t options = interpreter_options(args.rest);
      check(options < args.rest.size(),
            "python: expected a script, -c TEXT, -m MODULE or - (standard input), got none; see "
            "ninefold python --help");
      std::vector<std::string> all(args.rest.begin(), args.rest.begin() + options);
      all.insert(all.end(), {"-m", "ninefold"});
      all.insert(all.end(), args.rest.begin() + options, args.rest.end());
      become(interpreter(), all);
    }};

}  // namespace ninefold::cli
