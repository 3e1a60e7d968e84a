// In: a folder. Out: a commented ninefold.toml in it that works as it is.
#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "base/fd.h"
#include "cli/verb.h"
#include "env/spec/parse.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace {

// The folder's name, as far as it can be an environment's.
std::string name_of(const fs::path& folder) {
  std::string name;
  for (char c : folder.filename().string()) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter || (!name.empty() && (c == '-' || c == '_' || c == '.'))) name += c;
  }
  return name.empty() ? "tf29" : name.substr(0, 40);
}

}  // namespace

extern const Verb init;
const Verb init = {
    .name = "init",
    .usage = "[--name NAME] [--json] [FOLDER]",
    .brief = "Write a commented ninefold.toml that works as it is.",
    .flags = {{"--name NAME", "the environment's name; else the folder's"}, {"--json", "as JSON"}},
    .examples = {"ninefold init", "ninefold init --name tf29 ~/project"},
    .exits = "0; 2: a bad name; 127: the file is there already, or cannot be written",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "init: expected one folder, got {}", args.rest.size());
      std::error_code error;
      const fs::path folder = fs::absolute(args.rest.empty() ? "." : args.rest[0], error).lexically_normal();
      const fs::path plain = folder.filename().empty() ? folder.parent_path() : folder;
      const std::string name = args.get("--name", name_of(plain));
      const std::string text = env::initial_file(name);
      const env::Surroundings around{plain, "/", [](const std::string&) -> Result<std::string> { return std::string(); }};
      const env::Parsed parsed = env::parse_spec(text, "ninefold.toml", around);
      check(parsed.findings.empty(), "init: {}", parsed.findings.empty() ? "" : parsed.findings[0].text);
      make_folders("init", plain).value();
      const std::string path = plain / "ninefold.toml";
      Result<Fd> file = open_file("init", path, O_WRONLY | O_CREAT | O_EXCL, 0644);
      if (!file && file.error().code() == Code::already_exists)
        fail(Code::already_exists, "init: {} is there already; edit it, or remove it first", path);
      write_all("init", path, file.value().get(), text).value();
      if (args.has("--json")) io.out << nlohmann::ordered_json{{"name", name}, {"file", path}}.dump() << "\n";
      else io.out << fmt::format("wrote {}\nnext: ninefold up\n", path);
      return ok;
    },
    .completes = "folder"};

}  // namespace ninefold::cli
