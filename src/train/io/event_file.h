// In: scalars and other summaries with their steps. Out: an event file that TensorBoard reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/wire.h"

namespace ninefold::io {

// One tensor for TensorBoard. `plugin` says who draws it: "scalars", "histograms", "images", "text", ...
struct Summary {
  std::string tag;
  wire::Tensor tensor;
  std::string plugin;
  std::string plugin_content;  // the plugin's own message
  std::string display_name;
  std::string description;
};
// What tf.summary.scalar records: a float32 scalar for the plugin "scalars".
Summary scalar_summary(const std::string& tag, float value, const std::string& description = "");

// Event messages (tensorflow/core/util/event.proto), without frame.
std::string encode_event(double wall_time, std::int64_t step, const Summary& summary);
std::string encode_graph_event(double wall_time, std::int64_t step, const std::string& graph_def);
std::string encode_version_event(double wall_time);
double wall_time_now();  // seconds since 1970

struct EventWriterOptions {  // TensorFlow's names and defaults
  int max_queue = 10;
  std::chrono::milliseconds flush_every = std::chrono::minutes(2);
  std::string suffix = ".v2";
};

// Writes logdir/events.out.tfevents.<seconds>.<host>.<pid>.<n><suffix>; makes the folder. Events wait until more
// than max_queue are there, flush_every passed or flush(). If somebody deleted the folder or the file meanwhile,
// a new file is begun, and what waits goes there. Safe for several threads.
class EventWriter {
 public:
  explicit EventWriter(const std::string& logdir, EventWriterOptions options = {});
  ~EventWriter();  // flushes; a failure here is only logged: call close() to know

  void scalar(const std::string& tag, float value, std::int64_t step,
              std::optional<double> wall_time = std::nullopt, const std::string& description = "");
  void summary(const Summary& summary, std::int64_t step, std::optional<double> wall_time = std::nullopt);
  void write_event(std::string_view event);  // an encoded Event message
  void flush();
  void close();  // further writes raise FailedPreconditionError
  std::string path() const;

 private:
  void open();  // this and the next two: under mutex_
  bool file_still_there() const;
  void flush_locked();
  const std::string logdir_;
  const EventWriterOptions options_;
  mutable std::mutex mutex_;    // guards everything below
  Fd file_;
  std::string path_, waiting_;  // waiting_: framed events that the kernel has not seen
  int waiting_count_ = 0;
  bool closed_ = false;
  std::chrono::steady_clock::time_point last_flush_;
};

}  // namespace ninefold::io
