// In: the machine, the store, the project here, its environment. Out: what is wrong, and the command that mends it.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "base/process.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "env/doctor/finding.h"
#include "env/doctor/gather.h"

namespace ninefold::cli {
namespace doctors = env::doctor;
namespace {

using Json = nlohmann::ordered_json;
using Diagnoses = std::vector<doctors::Diagnosis>;

const char* text(doctors::Severity severity) { return severity == doctors::Severity::error ? "error" : "warning"; }

void print(const Diagnoses& all, Io& io) {
  for (const doctors::Diagnosis& one : all)
    io.out << fmt::format("{}: {} [{}]\n  so: {}\n  do: {}\n", text(one.severity), one.says, one.id, one.consequence, one.remedy);
  if (all.empty()) io.out << "nothing is wrong\n";
}

Json as_json(const Diagnoses& all) {
  Json list = Json::array();
  for (const doctors::Diagnosis& one : all)
    list.push_back({{"id", one.id}, {"severity", text(one.severity)}, {"evidence", one.says}, {"consequence", one.consequence},
                    {"remedy", one.remedy}, {"fixable", one.safe}});
  return list;
}

// Runs the remedies that ask for no right and throw nothing away, as they are printed.
int mend(const Diagnoses& all, const std::string& folder, Io& io) {
  int mended = 0;
  for (const doctors::Diagnosis& one : all) {
    if (!one.safe) continue;
    io.err << "doctor: " << one.id << ": " << one.remedy << "\n";
    Program shell;
    shell.arguments = {"/bin/sh", "-c", one.remedy};
    shell.folder = folder;
    shell.merge = true;
    const Finished done = run_program("doctor --fix", shell).value();
    if (done.status == 0) ++mended;
    else io.err << fmt::format("doctor: {} ended with {}: {}\n", one.id, done.status, done.output);
  }
  return mended;
}

}  // namespace

extern const Verb doctor;
const Verb doctor = {
    .name = "doctor",
    .usage = "[--fix] [--verify] [--json] [FILE]",
    .brief = "Find what is wrong with this machine, the store, the project here and its environment, and how to mend it.",
    .flags = {{"--fix", "run the remedies that ask for no right and throw nothing away, then look again"},
              {"--verify", "read every byte of the store's images, too"},
              {"--json", "as JSON: a list of id, severity, evidence, consequence, remedy, fixable"}},
    .examples = {"ninefold doctor", "ninefold doctor --fix", "ninefold doctor --verify --json"},
    .exits = "0: nothing is wrong, or there are warnings only; 1: an error was found",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "doctor: expected one file at most, got {}", args.rest.size());
      const doctors::Request request{args.rest.empty() ? "" : args.rest[0], args.has("--verify"), progress(io)};
      doctors::Facts facts = doctors::gather(request);
      Diagnoses all = doctors::examine(facts);
      const std::string folder = std::filesystem::path(facts.project.file).parent_path();
      if (args.has("--fix") && mend(all, folder, io) > 0) all = doctors::examine(doctors::gather(request));
      if (args.has("--json")) io.out << as_json(all).dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
      else print(all, io);
      const bool error = !all.empty() && all.front().severity == doctors::Severity::error;
      return error ? found_something : ok;
    },
    .details = "A remedy is a line for sh, to be run in the project's folder. Errors keep a verb from working or lose work; "
               "warnings tell what could be better.",
    .completes = "file"};

}  // namespace ninefold::cli
