// In: several GPUs (emulated, or cards). Out: what tests of replicas share: the devices, what was asked of the collective library, a model.
#pragma once

#include <dlfcn.h>

#include "ninefold/distribute.h"
#include "ninefold/grad.h"
#include "same_on_both.h"

namespace ninefold::distribute {

class GpuReplicas : public Gpu {
 protected:
  void SetUp() override {
    Gpu::SetUp();
    if (IsSkipped()) return;
    if (find_gpus() < 2) GTEST_SKIP() << "there is one GPU";
    for (int i = 0; i < find_gpus(); ++i) all_.push_back("/device:GPU:" + std::to_string(i));
    two_ = {all_[0], all_[1]};
    asked();
  }
  // What the emulated library wrote down since the last question; on cards nothing.
  static std::string asked(int fail = 0) {
    void* const library = ::dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
    const auto told = library ? reinterpret_cast<const char* (*)(int)>(::dlsym(library, "ninefold_emulated_collectives")) : nullptr;
    return told ? told(fail) : "";
  }
  static bool emulated() { return device::build().targets.starts_with("emulated"); }
  // Without the lines that say which communicators were made, and their numbers.
  static std::string sums(const std::string& log) {
    std::string out;
    for (size_t at = 0; at < log.size();) {
      const size_t end = log.find('\n', at);
      const std::string line = log.substr(at, end - at);
      if (line.starts_with("collect")) out += line.substr(line.find(':') + 2) + "\n";
      at = end + 1;
    }
    return out;
  }
  std::vector<std::string> all_, two_;
};

// Two layers, their gradients summed, one update: the numbers of one device that sees the whole batch; as a plan, many times.
struct TwoLayers {
  Variable a{Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6})}, b{Tensor::of<float>({3, 1}, {1, -1, 2})};
  Tensors gradients(const Tensor& x) const {
    GradientTape tape;
    const Tensor y = op("MatMul", {op("Relu", {op("MatMul", {x, a.read()})}), b.read()});
    return tape.gradient({op("Sum", {y, Tensor::of<int32_t>({2}, {0, 1})})}, {a.handle(), b.handle()});
  }
  void step(const Tensors& g) const {
    a.assign_sub(g[0] * Tensor(0.125f));
    b.assign_sub(g[1] * Tensor(0.125f));
  }
};
}  // namespace ninefold::distribute
