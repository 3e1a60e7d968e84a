// In: a kernel's text and a device. Out: the kernel: from this process, from disk, or from the compiler, in that order.
#include "engine/device/cuda/text_kernel.h"

#include <atomic>
#include <map>

#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"
#include "engine/device/cuda/kernel_cache.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"

namespace ninefold::cuda {
namespace {

struct Loaded {
  std::mutex mutex;                          // guards `all`; compiling is done under it, one text at a time
  std::map<std::pair<const Device*, std::string>, const void*> all;
};
Loaded& loaded() {
  static auto* const l = new Loaded();
  return *l;
}

// Everything that machine code depends on.
std::string key_of(const std::string& text, const Compiler& c, const std::string& architecture) {
  const Machine& m = machine();
  return sha256_hex(fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", text, c.words, architecture, c.version, m.driver, m.toolkit, m.targets));
}

void tell_once(const std::string& what) {
  static std::atomic<bool> told{false};
  if (!told.exchange(true)) warn("element-wise ops of functions run one by one on the GPU: {}", what);
}

const void* compiled(Device& device, const std::string& text) {
  const Compiler c = compiler();
  if (c.missing) return tell_once(c.missing), nullptr;
  const KernelCache cache(kernel_cache_folder());
  const std::string key = key_of(text, c, architecture_of(device));
  const void* kernel = nullptr;
  if (const std::string kept = cache.find(key); !kept.empty() && load_code(device, kept, &kernel) == 0) return kernel;
  std::string code;
  if (compile_text(device, text, &code) != 0) return tell_once("a kernel does not compile: " + code), nullptr;
  if (const int status = load_code(device, code, &kernel)) return tell_once(table()->text(status)), nullptr;
  cache.keep(key, code);
  return kernel;
}

}  // namespace

const void* TextKernel::on(Device& device) const {
  std::lock_guard hold(mutex_);
  for (const auto& [where, kernel] : kernels_)
    if (where == &device) return kernel;
  const void* kernel;
  {
    Loaded& l = loaded();
    std::lock_guard others(l.mutex);
    auto [at, fresh] = l.all.try_emplace({&device, text_}, nullptr);
    if (fresh) at->second = compiled(device, text_);
    kernel = at->second;
  }
  kernels_.emplace_back(&device, kernel);
  return kernel;
}

std::string why_no_compiler() {
  if (!table()) return why_not();
  const Compiler c = compiler();
  return c.missing ? c.missing : "";
}

}  // namespace ninefold::cuda
