// In: what trainings inside write of themselves (src/train/fit/witness.cc). Out: how each that runs now spends its time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/text.h"
#include "env/doctor/gather.h"

namespace ninefold::env::doctor {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
constexpr std::int64_t kFresh = 60;   // seconds: a step may be long, and a stopped program writes nothing
constexpr std::uintmax_t kLargest = 4096;

// "train.py" of "python train.py --epochs 3"; else what runs notebooks, else the program.
std::string program_of(const std::string& commands) {
  std::string first;
  for (const std::string_view word : split(commands, '\0')) {
    const std::string name = fs::path(word).filename();
    if (first.empty()) first = name;
    if (name.size() > 3 && name.ends_with(".py") && name != "ipykernel_launcher.py") return name;
    if (name.rfind("ipykernel", 0) == 0) return "a notebook";
  }
  return first;
}

}  // namespace

Result<TrainingFacts> parse_training(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto number = [&](const char* key) { return json.is_object() && json.contains(key) && json[key].is_number() ? json[key].get<double>() : NAN; };
  TrainingFacts facts;
  for (auto [key, into] : {std::pair{"waiting", &facts.waiting}, {"denormals", &facts.denormals}, {"step_ms", &facts.step_ms}}) *into = number(key);
  const double written = number("written"), threads = number("threads"), processors = number("processors");
  if (number("version") != 1 || !(written >= 0 && written < 1e12) || !json.contains("device") || !json["device"].is_string() || !(facts.waiting >= 0 && facts.waiting <= 1) ||
      !(facts.denormals >= 0 && facts.denormals <= 1) || !(facts.step_ms >= 0) || !(threads >= 1 && threads < 1e6) || !(processors >= 1 && processors < 1e6))
    return Error(Code::data_loss, "doctor: a training's facts are not of this version");
  facts.device = json["device"].get<std::string>();
  facts.written = static_cast<std::int64_t>(written);
  facts.threads = static_cast<int>(threads), facts.processors = static_cast<int>(processors);
  return facts;
}

std::vector<TrainingFacts> training_facts(const std::string& root, const std::string& folder, double cpus, std::int64_t now) {
  std::vector<TrainingFacts> all;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(root + folder, ignored)) {
    const std::string pid = file.path().stem();
    if (file.path().extension() != ".json" || pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) continue;
    // It lies where programs inside may write: a plain small file, or none.
    std::error_code odd;
    if (!fs::is_regular_file(fs::symlink_status(file, odd)) || fs::file_size(file, odd) > kLargest) continue;
    const Result<std::string> text = read_file("doctor", file.path());
    const Result<std::string> commands = read_file("doctor", fmt::format("{}/proc/{}/cmdline", root, pid));
    if (!text || !commands || commands.value().empty()) continue;   // it has ended
    Result<TrainingFacts> facts = parse_training(text.value());
    if (!facts || std::abs(now - facts.value().written) > kFresh) continue;
    TrainingFacts& one = facts.value();
    one.program = program_of(commands.value());
    one.allowed = cpus > 0 ? std::min(one.processors, static_cast<int>(std::ceil(cpus))) : one.processors;
    all.push_back(one);
  }
  std::sort(all.begin(), all.end(), [](const TrainingFacts& a, const TrainingFacts& b) { return a.program < b.program; });
  return all;
}

}  // namespace ninefold::env::doctor
