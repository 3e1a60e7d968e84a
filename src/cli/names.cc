// In: a kind. Out: the names that complete an argument of it, one a line; nothing where there are none.
#include <filesystem>
#include <ostream>

#include "base/check.h"
#include "cli/environment.h"
#include "cli/verb.h"
#include "env/store/store.h"

namespace ninefold::cli {

extern const Verb names;
const Verb names = {
    .name = "names",
    .usage = "environment|image|job",
    .brief = "Print what completes an argument; the completion of shells asks.",
    .examples = {"ninefold names environment"},
    .run = [](const Args& args, Io& io) -> int {
      const std::string kind = args.rest.size() == 1 ? args.rest[0] : "";
      if (kind == "environment") {
        for (const std::string& name : env::supervise::environment_names()) io.out << name << "\n";
      } else if (kind == "image") {
        for (const env::Ref& ref : env::Store::open().value().refs().value()) io.out << ref.name << "\n";
      } else if (kind == "job") {
        const std::string folder = env::supervise::environment_folder(environment_name({})) + "/shared/jobs";
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
          io.out << entry.path().filename().string() << "\n";
      } else {
        fail(Code::invalid_argument, "names: expected environment, image or job, got '{}'", kind);
      }
      return ok;
    },
    .hidden = true};

}  // namespace ninefold::cli
