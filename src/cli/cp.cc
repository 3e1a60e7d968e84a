// In: a path here and a path inside. Out: the file or folder on the other side, by tar through exec.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/environment.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace supervise = env::supervise;
namespace {

// Runs tar here with one end of a pipe; the other is the command's inside.
int between(const supervise::Environment& environment, std::vector<std::string> here, bool sends,
            const std::vector<std::string>& inside) {
  int ends[2];
  if (::pipe(ends) != 0) throw errno_error(errno, "cp: make a pipe");
  Fd reading(ends[0]), writing(ends[1]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(sends ? writing.get() : reading.get(), sends ? 1 : 0);
    ::close_range(3, ~0u, 0);
    std::vector<char*> pointers;
    for (std::string& word : here) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  (sends ? writing : reading).close();
  const int status = supervise::execute(environment, {.arguments = inside}, sends ? reading.get() : 0,
                                        sends ? 1 : writing.get(), 2).within("cp").value();
  reading.close();
  writing.close();
  int own = 0;
  while (::waitpid(pid, &own, 0) < 0 && errno == EINTR) {}
  return status != 0 ? status : WIFEXITED(own) ? WEXITSTATUS(own) : 1;
}

// tar takes a folder and a name; --transform would misread names with special characters.
std::pair<std::string, std::string> parts(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const fs::path whole(path);
  const std::string folder = whole.parent_path();
  return {folder.empty() ? "." : folder, whole.filename()};
}

}  // namespace

extern const Verb cp;
const Verb cp = {
    .name = "cp",
    .usage = "FROM TO",
    .brief = "Copy a file or folder into the environment or out of it; a path inside begins with a colon.",
    .flags = {name_flag, {"--json", "as JSON: what was copied, and tar's status"}},
    .examples = {"ninefold cp data.csv :/tf/outputs/", "ninefold cp :/tf/outputs/model ."},
    .exits = "0; that of tar otherwise",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 2, "cp: expected FROM and TO, got {} arguments", args.rest.size());
      const bool in = args.rest[1].rfind(":", 0) == 0, out = args.rest[0].rfind(":", 0) == 0;
      check(in != out, "cp: exactly one of {} and {} must begin with a colon: that one lies inside", args.rest[0],
            args.rest[1]);
      const supervise::Environment environment = running("cp", args);
      const std::string from = out ? args.rest[0].substr(1) : args.rest[0];
      const std::string to = in ? args.rest[1].substr(1) : args.rest[1];
      const auto [folder, name] = parts(from);
      check(!name.empty() && name != ".", "cp: {} has no name of its own; name a file or folder", from);
      int status = 0;
      if (in) {
        check(fs::exists(from), Code::not_found, "cp: {}: no such file or folder; check the path", from);
        status = between(environment, {"tar", "-C", folder, "-cf", "-", "--", name}, true,
                         {"tar", "-C", to.empty() ? environment.plan.home : to, "--no-same-owner", "-xf", "-"});
      } else {
        check(fs::is_directory(to), Code::not_found, "cp: {} is not a folder; name one to copy into", to);
        status = between(environment, {"tar", "-C", to, "--no-same-owner", "-xf", "-"}, false,
                         {"tar", "-C", folder == "." ? environment.plan.home : folder, "-cf", "-", "--", name});
      }
      if (args.has("--json"))
        io.out << nlohmann::ordered_json{{"from", args.rest[0]}, {"to", args.rest[1]}, {"exit", status}}.dump() << "\n";
      return status;
    },
    .details = "The target is a folder that exists.",
    .completes = "file"};

}  // namespace ninefold::cli
