// In: nothing. Out: which Ninefold this is, whose API it has, and which Python it would run.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/interpreter.h"
#include "cli/verb.h"

namespace ninefold::cli {

extern const Verb version;
const Verb version = {
    .name = "version",
    .usage = "[--json]",
    .brief = "Tell the version, and which Python `ninefold python` runs.",
    .flags = {{"--json", "as JSON"}},
    .examples = {"ninefold version", "ninefold version --json"},
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.empty(), "version: expected no arguments, got '{}'",
            args.rest.empty() ? "" : args.rest[0]);
      std::string python;
      try {
        python = interpreter();
      } catch (const Error&) {  // a C++ install has none; `ninefold python` tells what to do
      }
      if (args.has("--json")) {
        nlohmann::ordered_json facts = {{"ninefold", NINEFOLD_VERSION}, {"tensorflow_api", "2.9.0"}};
        facts["python"] = python.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(python);
        io.out << facts.dump() << "\n";
      } else {
        io.out << fmt::format("ninefold {} (the API of TensorFlow 2.9.0)\npython: {}\n", NINEFOLD_VERSION,
                              python.empty() ? "none beside this command" : python);
      }
      return ok;
    }};

}  // namespace ninefold::cli
