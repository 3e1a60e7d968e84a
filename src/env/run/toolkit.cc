// In: names and versions of packages. Out: a CUDA version, and drivers by NVIDIA's tables (the release notes' "CUDA
// Toolkit and Corresponding Driver Versions" and "CUDA Compatibility", for Linux).
#include "env/run/toolkit.h"

#include <regex>

#include "env/run/driver.h"

namespace ninefold::env::run {
namespace {

struct CudaRow {
  const char* cuda;
  const char* driver;  // that came with it
};
constexpr CudaRow kCudas[] = {
    {"10.0", "410.48"},     {"10.1", "418.39"},    {"10.2", "440.33"},     {"11.0", "450.51.05"}, {"11.1", "455.23"},    {"11.2", "460.27.03"},
    {"11.3", "465.19.01"},  {"11.4", "470.42.01"}, {"11.5", "495.29.05"},  {"11.6", "510.39.01"}, {"11.7", "515.43.04"}, {"11.8", "520.61.05"},
    {"12.0", "525.60.13"},  {"12.1", "530.30.02"}, {"12.2", "535.54.03"},  {"12.3", "545.23.06"}, {"12.4", "550.54.14"}, {"12.5", "555.42.02"},
    {"12.6", "560.28.03"},  {"12.8", "570.26"},    {"12.9", "575.51.03"},  {"13.0", "580.65.06"},
};
// From CUDA 11 on, one driver serves all minor versions of a major one.
constexpr CudaRow kFamilies[] = {{"11", "450.80.02"}, {"12", "525.60.13"}, {"13", "580.65.06"}};

// "12.4" of "12.4.127".
std::string first_two(const std::string& version) {
  const std::size_t dot = version.find('.');
  return dot == std::string::npos ? version : version.substr(0, version.find('.', dot + 1));
}

}  // namespace

std::optional<Toolkit> toolkit_of(const Lock& lock) {
  static const std::regex runtime("nvidia[-_]cuda[-_]runtime([-_]cu[0-9]+)?"), part("nvidia[-_].*[-_]cu([0-9]{2})"), local(".*\\+cu([0-9]{2})([0-9]).*"),
      debian("libcudart[0-9.]+"), nvidias("cuda-cudart-([0-9]+)-([0-9]+)");
  std::optional<Toolkit> found;
  int weight = 0;  // the runtime's own package says it best
  const auto note = [&](int how, const std::string& cuda, const Input& input) {
    if (how <= weight) return;
    weight = how;
    found = Toolkit{cuda, input.name + " " + input.version};
  };
  std::smatch match;
  for (const Input& input : lock.packages) {
    if (std::regex_match(input.name, runtime)) note(4, first_two(input.version), input);
    else if (std::regex_match(input.version, match, local)) note(3, match[1].str() + "." + match[2].str(), input);
    else if (std::regex_match(input.name, match, part)) note(1, match[1].str(), input);
  }
  for (const std::vector<Input>* list : {&lock.os, &lock.apt})
    for (const Input& input : *list)
      if (std::regex_match(input.name, debian)) note(2, first_two(input.version), input);
      else if (std::regex_match(input.name, match, nvidias)) note(2, match[1].str() + "." + match[2].str(), input);
  return found;
}

std::optional<Toolkit> toolkit_of(const std::vector<std::string>& environment) {
  for (const std::string& variable : environment)
    if (variable.rfind("CUDA_VERSION=", 0) == 0 && variable.size() > 13 && variable.size() < 40)
      return Toolkit{first_two(variable.substr(13)), "the image's " + variable};
  return std::nullopt;
}

NeededDriver needed_driver(const std::string& cuda) {
  NeededDriver needed;
  for (const CudaRow& row : kCudas)
    if (cuda == row.cuda) needed.own = row.driver;
  needed.oldest = needed.own;
  for (const CudaRow& row : kFamilies)
    if (cuda.substr(0, cuda.find('.')) == row.cuda && (needed.own.empty() || compare_versions(row.driver, needed.own) < 0)) needed.oldest = row.driver;
  return needed;
}

}  // namespace ninefold::env::run
