// In: the name of one of NVIDIA's libraries. Out: the library, from where the system, a wheel or a toolkit put it.
#pragma once

#include <dlfcn.h>

#include <string>

#include "engine/device/cuda/abi.h"

extern "C" const ninefold::cuda::Table* ninefold_cuda_table();

namespace ninefold::cuda {

// Null where it is in none of these places; `reason` then says what the loader said of the first. `wheel` is the folder that
// wheels of single libraries have below "nvidia"; those of CUDA 13 share one.
inline void* open_library(const std::string& name, const std::string& wheel, const std::string& major, std::string* reason) {
  Dl_info self{};                            // NVIDIA's wheels lie beside the package that this library lies in
  dladdr(reinterpret_cast<const void*>(&ninefold_cuda_table), &self);
  const std::string image = self.dli_fname ? self.dli_fname : "";
  const std::string packages = image.substr(0, image.rfind('/') + 1) + "../../nvidia/";
  for (const std::string& place : {name, packages + "cu" + major + "/lib/" + name, packages + wheel + "/lib/" + name,
                                   "/usr/local/cuda/lib64/" + name}) {
    if (void* const opened = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return opened;
    if (reason->empty()) *reason = dlerror();
  }
  return nullptr;
}

}  // namespace ninefold::cuda
