// In: questions about this machine's GPUs, and wishes. Out: what there is, how it is split, where ops run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ninefold/error.h"

namespace ninefold {
class Device;
}

namespace ninefold::device {

struct Gpu {
  int ordinal;
  std::string name;
  int major, minor;         // compute capability
  uint64_t memory;          // bytes
};
// The GPUs that this process may use: those of CUDA_VISIBLE_DEVICES. Takes no memory on them.
NINEFOLD_API std::vector<Gpu> gpus();
// Empty iff there are some; else what is missing and the remedy.
NINEFOLD_API std::string why_no_gpu();
// Empty iff chains of element-wise ops in functions become kernels of their own; else what that lacks and the remedy.
NINEFOLD_API std::string why_not_joined();
// Empty iff cuDNN convolves and runs recurrent layers; else why it does not, with the remedy.
NINEFOLD_API std::string why_not_dnn();

// What the GPU library was built with and finds; CUDA versions as 13000 for 13.0, zeros where it is not there.
struct Build {
  int toolkit, driver, least_driver;
  std::string driver_series;   // the lowest driver: "580"
  std::string targets;         // "sm_90"
};
NINEFOLD_API Build build();

// Each plan of a function that ran three times with a GPU, and whether its runs are one CUDA graph.
struct Step {
  std::string function;
  std::string state;        // "captured", or why its ops run one by one
};
NINEFOLD_API std::vector<Step> steps();

struct LogicalGpu {
  int ordinal;
  int64_t memory_limit;     // bytes; 0: what the card has
};
// Which logical GPUs there will be; none: computing stays on the CPU. RuntimeError once the first op has run.
NINEFOLD_API void set_logical_gpus(std::vector<LogicalGpu>);
NINEFOLD_API int logical_gpus();          // decides it
NINEFOLD_API bool initialised();

struct MemoryUse { int64_t current, peak; };   // bytes
NINEFOLD_API MemoryUse memory_of_gpu(int index);
NINEFOLD_API void reset_peak_of_gpu(int index);

// May an op run elsewhere than it was told, where it has no kernel or the device is missing? True at first.
NINEFOLD_API void set_soft_placement(bool);
NINEFOLD_API bool soft_placement();
// Does each eager op say on stderr where it runs? TF_CPP_MIN_LOG_LEVEL of 1 and more hides it. False at first.
NINEFOLD_API void set_log_placement(bool);
NINEFOLD_API bool log_placement();
NINEFOLD_API void tell_placement(std::string_view line);   // one line more, as of a node of a function
// float32 products in TensorFloat-32 on cards that have it. True at first.
NINEFOLD_API void set_tensor_float_32(bool);
NINEFOLD_API bool tensor_float_32();
// Kernels whose sums meet in no fixed order take one, at the cost of time: scatters and unsorted segments on a GPU.
NINEFOLD_API void set_deterministic(bool);
NINEFOLD_API bool deterministic();

// Ops of this thread run on `device` ("/GPU:1", "/job:localhost/.../device:CPU:0"; "": wherever is best) while this
// lives. A device that is missing raises at the first op, unless placement is soft.
class NINEFOLD_API Within {
 public:
  explicit Within(const std::string& device);
  ~Within();
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;

 private:
  Device* before_;
};

}  // namespace ninefold::device
