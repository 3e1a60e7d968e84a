// In: calls for cuDNN. Out: each call's engine, found once, with memory to work in; or that there is none.
#include "engine/device/cuda/dnn.h"

#include <atomic>
#include <map>
#include <mutex>

#include "base/check.h"
#include "engine/device/cuda/capture.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold::cuda {
namespace {

// What was found for calls, or that nothing was; engines stay for good, as captured graphs hold their kernels.
template <class Found>
class Remembered {
 public:
  template <class Call, class Find>
  std::optional<Found> find(Device& device, const Call& call, const Find& make) {
    {
      std::lock_guard hold(mutex_);
      if (const auto at = all_.find({&device, key_of(call)}); at != all_.end()) return at->second;
    }
    // Engines are compiled and loaded when they are made, which a capture may not do.
    if (const Session::Share* s = Session::of(device); s && s->capturing()) Session::blocked("asks cuDNN for something for the first time");
    return put(device, call, make());
  }
  template <class Call>
  std::optional<Found> put(Device& device, const Call& call, const std::optional<Found>& found) {
    std::lock_guard hold(mutex_);
    return all_.insert_or_assign({&device, key_of(call)}, found).first->second;
  }

 private:
  std::mutex mutex_;                             // guards the map
  std::map<std::pair<const Device*, std::string>, std::optional<Found>> all_;
};
Remembered<DnnEngine>& engines() {
  static auto* const e = new Remembered<DnnEngine>();
  return *e;
}
Remembered<DnnLayer>& layers() {
  static auto* const l = new Remembered<DnnLayer>();
  return *l;
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

// Memory to work in; false where there is not so much, which is no reason for the op to fail: it has other ways.
bool workspace_on(Device& device, uint64_t n, Tensor* to) {
  if (n == 0) return true;
  try {
    *to = empty_on(device, DType::u8, Shape{static_cast<int64_t>(n)});
    return true;
  } catch (const Error& e) {
    if (e.code() != Code::resource_exhausted) throw;
    return false;
  }
}
void* memory_of(const Tensor& t) { return t.defined() ? t.impl()->data : nullptr; }

}  // namespace

std::string key_of(const DnnCall& call) { return {reinterpret_cast<const char*>(&call), sizeof call}; }
std::string key_of(const DnnRecurrent& what) { return {reinterpret_cast<const char*>(&what), sizeof what}; }

std::optional<DnnEngine> dnn_engine(Device& device, const DnnCall& call) {
  if (!dnn_there()) return {};
  return engines().find(device, call, [&]() -> std::optional<DnnEngine> {
    void* plan = nullptr;
    size_t workspace = 0;
    if (plan_dnn(device, call, &plan, &workspace) != 0) return {};
    return DnnEngine{plan, workspace};
  });
}

bool dnn_run(Device& device, const DnnCall& call, const DnnEngine& engine, std::span<void* const> memory) {
  Tensor workspace;
  if (!workspace_on(device, engine.workspace, &workspace)) return false;
  if (run_dnn(device, engine.plan, memory, memory_of(workspace)) == 0) return true;
  engines().put(device, call, {});
  return false;
}

std::optional<DnnLayer> dnn_layer(Device& device, const DnnRecurrent& what) {
  if (!dnn_there()) return {};
  return layers().find(device, what, [&]() -> std::optional<DnnLayer> {
    void* plan = nullptr;
    DnnRecurrentSizes sizes{};
    if (plan_recurrent(device, what, &plan, &sizes) != 0) return {};
    return DnnLayer{plan, sizes};
  });
}

bool dnn_run(Device& device, const DnnRecurrent& what, const DnnLayer& layer, DnnRecurrentRun run) {
  Tensor workspace;
  if (!workspace_on(device, layer.sizes.workspace, &workspace)) return false;
  run.workspace = memory_of(workspace);
  if (run_recurrent(device, layer.plan, run) == 0) return true;
  layers().put(device, what, {});
  return false;
}

bool dnn_there() { return in_use && there(); }
void use_dnn(bool on) { in_use = on; }
std::string why_no_dnn() {
  DnnLibrary l{};
  if (table()) table()->dnn_library(&l);
  return l.missing ? l.missing : "";
}

}  // namespace ninefold::cuda
