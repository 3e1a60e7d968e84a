// In: a folder. Out: what the program did between start and stop, for TensorBoard, Perfetto and people: tf.profiler.experimental.
//   profiler::start("logs"); ... profiler::stop();
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ninefold/error.h"

namespace ninefold::profiler {

struct Options {
  int host_tracer_level = 2;       // 1: steps, functions, waits; 2: also ops; 3: also their shapes; 0: nothing of the host
  int device_tracer_level = 1;     // 0: nothing of GPUs
  int64_t delay_ms = 0;            // from when on something is kept
};

// AlreadyExistsError if a profiler is running.
NINEFOLD_API void start(const std::string& logdir, const Options& options = {});
// Writes logdir/plugins/profile/<time>/<host>.xplane.pb (TensorFlow's XSpace), .trace.json.gz (for Perfetto or
// chrome://tracing) and .steps.txt (where each step's time went), unless `save` is false or the folder is "".
// Out: that folder, or "". UnavailableError if no profiler is running; errors of files.
NINEFOLD_API std::string stop(bool save = true);
// The same into another folder than start was given.
NINEFOLD_API std::string stop_to(const std::string& logdir);
NINEFOLD_API bool active();

// A span of the calling thread, from here to end(): recorded if a profiler runs when it begins.
class NINEFOLD_API Trace {
 public:
  explicit Trace(const std::string& name);
  ~Trace();
  Trace(const Trace&) = delete;
  // "step_num" and "_r" = 1 make it a step.
  void set(const std::string& key, const std::string& value);
  void end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;     // null where nobody records
};

}  // namespace ninefold::profiler
