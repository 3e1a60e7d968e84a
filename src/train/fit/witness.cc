// In: when a training asks for a batch, when it has one. Out: a file of facts about it, for `ninefold doctor`.
#include "train/fit/witness.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <utility>

#include "base/fd.h"
#include "base/threads.h"
#include "train/layers/nest.h"
#include "train/model/training.h"

namespace ninefold::keras {
namespace {

constexpr auto kEvery = std::chrono::seconds(1);
constexpr std::int64_t kLooks = 256;   // numbers of a variable

int allowed_processors() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

// Of processes that are gone. A folder has a file a process, so there are few.
void sweep(const std::string& folder) {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
    const int pid = std::atoi(file.path().filename().c_str());
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) ::unlink(file.path().c_str());
  }
}

std::int64_t rows_in(const Batch& batch) {
  for (const Value& leaf : nest::flatten(batch.x))
    if (const Tensor* t = leaf.get<Tensor>(); t && t->rank() > 0) return t->dim(0);
  return 0;
}

// "CPU:0": where the weights are.
std::string device_of(Model& model) {
  const std::vector<Weight> weights = model.weights();
  const std::string name = weights.empty() ? "/device:CPU:0" : weights[0].variable.value().device_name();
  return name.substr(name.find("/device:") + 8);
}

// Smaller than the smallest normal float32, and not zero.
bool is_denormal(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return (bits & 0x7f800000u) == 0 && (bits & 0x007fffffu) != 0;
}

}  // namespace

std::unique_ptr<Witness> Witness::of(Model& model) {
  const char* folder = std::getenv("NINEFOLD_TRAINING_FACTS");
  if (!folder || !*folder) return nullptr;
  ::mkdir(folder, 0700);   // that it is there, or cannot be, shows when a file is written
  sweep(folder);
  return std::unique_ptr<Witness>(new Witness(model, fmt::format("{}/{}.json", folder, ::getpid())));
}

Witness::Witness(Model& model, std::string path) : model_(model), path_(std::move(path)), next_(Clock::now() + kEvery) {}

// What a training that has ended took is nobody's trouble any more.
Witness::~Witness() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

double Witness::denormals() const {
  std::int64_t seen = 0, found = 0;
  const auto look = [&](const Variable& variable) {
    if (variable.dtype() != DType::f32) return;
    const Tensor value = variable.value();
    if (value.device_name().find("/device:CPU:") == std::string::npos) return;   // others flush them
    const float* numbers = value.as<float>();
    const std::int64_t size = value.size(), stride = std::max<std::int64_t>(1, size / kLooks);
    for (std::int64_t i = 0; i < size; i += stride, ++seen) found += is_denormal(numbers[i]);
  };
  for (const Weight& weight : model_.weights()) look(weight.variable);
  if (const OptimizerPtr& optimizer = model_.training().optimizer)
    for (const Variable& variable : optimizer->weights()) look(variable);
  return seen ? static_cast<double>(found) / static_cast<double>(seen) : 0;
}

void Witness::tell(const Batch& batch, Clock::time_point now) {
  const double waited = std::chrono::duration<double>(waited_).count(), computed = std::chrono::duration<double>(computed_).count();
  const std::int64_t steps = std::exchange(steps_, 0);
  waited_ = computed_ = {};
  next_ = now + kEvery;
  if (!std::exchange(warm_, true) || path_.empty() || waited + computed <= 0) return;
  // No fsync: after a crash nobody asks. A reader sees the old file or the new one.
  const std::string text = fmt::format("{{\"version\": 1, \"written\": {}, \"steps\": {}, \"step_ms\": {:.6f}, \"waiting\": {:.4f}, \"batch\": {}, "
                                       "\"device\": \"{}\", \"threads\": {}, \"processors\": {}, \"denormals\": {:.4f}}}\n",
                                       static_cast<long long>(::time(nullptr)), steps, 1e3 * computed / static_cast<double>(steps), waited / (waited + computed),
                                       rows_in(batch), device_of(model_), thread_count(), allowed_processors(), denormals());
  const std::string fresh = path_ + ".new";
  const Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool whole = file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (whole && ::rename(fresh.c_str(), path_.c_str()) == 0) return;
  ::unlink(fresh.c_str());
  path_.clear();   // no such folder, no room: the training is not held up by that
}

}  // namespace ninefold::keras
