// In: nothing. Out: cuDNN itself, where it is installed: without a card it plans for one of which it is told.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>

#include "engine/device/cuda/dnn_plan.h"

namespace ninefold {

// An H200's properties, in the words of cuDNN 9.19's own text of them.
inline constexpr const char* kCard = R"({"cudaDeviceId": 0, "deviceName": "NVIDIA H200", "deviceVer": 900, "driverVer": 13000, "multiProcessorCount": 132,
  "totalGlobalMem": 150000000000, "l2CacheSize": 62914560, "smClockRateKHz": 1980000, "memClockRateKHz": 3201000, "warpSize": 32,
  "maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64], "maxThreadsPerBlock": 1024, "maxThreadsPerSM": 2048,
  "maxCtasPerSM": 32, "regsPerBlock": 65536, "maxRegistersPerSM": 65536, "maxSharedMemoryPerBlock": 49152,
  "maxSharedMemoryPerBlockOptin": 232448, "reservedSharedMemoryPerBlock": 1024, "pciDeviceId": 0, "isTccDriver": 0, "supportCoopLaunch": 1})";

class Cudnn : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "sanitizers have much to say of cuDNN itself";
#endif
    void* library = ::dlopen("libcudnn.so.9", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = ::dlopen("/usr/local/cuda/lib64/libcudnn.so.9", RTLD_NOW | RTLD_LOCAL);
    if (!library) GTEST_SKIP() << "cuDNN 9 is not installed";
#define NF_FIND(member, symbol, arguments) functions_.member = reinterpret_cast<decltype(functions_.member)>(::dlsym(library, #symbol));
    NF_DNN_FUNCTIONS(NF_FIND)
#undef NF_FIND
    properties_.emplace(functions_, cuda::dnn::kProperties);
    properties_->set(cuda::dnn::kPropertiesText, cuda::dnn::kAChar, kCard, static_cast<int64_t>(std::strlen(kCard)) + 1).finish();
    if (properties_->status()) GTEST_SKIP() << "this cuDNN wants to see a card";
  }
  std::unique_ptr<cuda::dnn::Plan> planned(const cuda::DnnCall& call) const {
    return cuda::dnn::planned(functions_, {nullptr, properties_->get()}, call);
  }
  cuda::dnn::Functions functions_;
  std::optional<cuda::dnn::Owned> properties_;
};

}  // namespace ninefold
