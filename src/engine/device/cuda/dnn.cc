// In: calls for cuDNN. Out: each call's engine, found once, with memory to work in; or that there is none.
#include "engine/device/cuda/dnn.h"

#include <atomic>
#include <map>
#include <mutex>

#include "engine/device/cuda/capture.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold::cuda {
namespace {

struct Engines {
  std::mutex mutex;                              // guards the map; plans stay for good, as captured graphs hold their kernels
  std::map<std::pair<const Device*, std::string>, std::optional<DnnEngine>> all;
};
Engines& engines() {
  static auto* const e = new Engines();
  return *e;
}
std::atomic<bool> in_use{true};

bool there() {
  static const bool found = [] {
    DnnLibrary l{};
    if (table()) table()->dnn_library(&l);
    return l.version != 0;
  }();
  return found;
}

void remember(Device& device, const DnnCall& call, const std::optional<DnnEngine>& engine) {
  std::lock_guard hold(engines().mutex);
  engines().all.insert_or_assign({&device, key_of(call)}, engine);
}

}  // namespace

std::string key_of(const DnnCall& call) { return {reinterpret_cast<const char*>(&call), sizeof call}; }

std::optional<DnnEngine> dnn_engine(Device& device, const DnnCall& call) {
  if (!in_use || !there()) return {};
  {
    std::lock_guard hold(engines().mutex);
    if (const auto at = engines().all.find({&device, key_of(call)}); at != engines().all.end()) return at->second;
  }
  // Engines are compiled and loaded when they are made, which a capture may not do.
  if (const Session* s = Session::of(device); s && s->capturing()) Session::blocked("meets a convolution for the first time");
  void* plan = nullptr;
  size_t workspace = 0;
  std::optional<DnnEngine> engine;
  if (plan_dnn(device, call, &plan, &workspace) == 0) engine = DnnEngine{plan, workspace};
  remember(device, call, engine);
  return engine;
}

bool dnn_run(Device& device, const DnnCall& call, const DnnEngine& engine, std::span<void* const> memory) {
  Tensor workspace;
  if (engine.workspace) workspace = empty_on(device, DType::u8, Shape{static_cast<int64_t>(engine.workspace)});
  if (run_dnn(device, engine.plan, memory, engine.workspace ? workspace.impl()->data : nullptr) == 0) return true;
  remember(device, call, {});
  return false;
}

void use_dnn(bool on) { in_use = on; }
std::string why_no_dnn() {
  DnnLibrary l{};
  if (table()) table()->dnn_library(&l);
  return l.missing ? l.missing : "";
}

}  // namespace ninefold::cuda
