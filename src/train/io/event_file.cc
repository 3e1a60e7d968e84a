// In: scalars and other summaries with their steps. Out: an event file that TensorBoard reads.
#include "train/io/event_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <protozero/pbf_writer.hpp>

#include "base/check.h"
#include "base/log.h"
#include "train/io/record_file.h"

namespace ninefold::io {
namespace {

constexpr const char* kOperation = "summary writer";
// Event and Summary field numbers, from TensorFlow's event.proto and summary.proto.
enum : protozero::pbf_tag_type {
  kWallTime = 1, kStep = 2, kFileVersion = 3, kGraphDef = 4, kSummary = 5,
  kValue = 1, kTag = 1, kTensor = 8, kMetadata = 9,
  kPluginData = 1, kDisplayName = 2, kDescription = 3, kPluginName = 1, kContent = 2,
};

void begin_event(protozero::pbf_writer& event, double wall_time, std::int64_t step) {
  event.add_double(kWallTime, wall_time);
  if (step != 0) event.add_int64(kStep, step);
}

void add_text(protozero::pbf_writer& message, protozero::pbf_tag_type tag, const std::string& text) {
  if (!text.empty()) message.add_bytes(tag, text);
}

std::string host_name() {
  char name[256] = "";
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

}  // namespace

Summary scalar_summary(const std::string& tag, float value, const std::string& description) {
  Summary summary{tag, {}, "scalars", "", "", description};
  summary.tensor.dtype = 1;
  summary.tensor.content.assign(reinterpret_cast<const char*>(&value), sizeof value);
  return summary;
}

std::string encode_event(double wall_time, std::int64_t step, const Summary& summary) {
  std::string plugin, metadata, value, list, bytes;
  {
    protozero::pbf_writer message(plugin);
    add_text(message, kPluginName, summary.plugin);
    add_text(message, kContent, summary.plugin_content);
  }
  {
    protozero::pbf_writer message(metadata);
    message.add_message(kPluginData, plugin);
    add_text(message, kDisplayName, summary.display_name);
    add_text(message, kDescription, summary.description);
  }
  {
    protozero::pbf_writer message(value);
    add_text(message, kTag, summary.tag);
    message.add_message(kTensor, wire::encode(summary.tensor));
    message.add_message(kMetadata, metadata);
  }
  protozero::pbf_writer(list).add_message(kValue, value);
  protozero::pbf_writer event(bytes);
  begin_event(event, wall_time, step);
  event.add_message(kSummary, list);
  return bytes;
}

std::string encode_graph_event(double wall_time, std::int64_t step, const std::string& graph_def) {
  std::string bytes;
  protozero::pbf_writer event(bytes);
  begin_event(event, wall_time, step);
  event.add_bytes(kGraphDef, graph_def);
  return bytes;
}

std::string encode_version_event(double wall_time) {
  std::string bytes;
  protozero::pbf_writer event(bytes);
  begin_event(event, wall_time, 0);
  event.add_string(kFileVersion, "brain.Event:2");
  return bytes;
}

double wall_time_now() {
  using namespace std::chrono;
  return duration<double>(floor<microseconds>(system_clock::now()).time_since_epoch()).count();
}

EventWriter::EventWriter(const std::string& logdir, EventWriterOptions options)
    : logdir_(logdir), options_(std::move(options)), last_flush_(std::chrono::steady_clock::now()) {
  check(!logdir_.empty(), "{}: logdir is empty; name a folder", kOperation);
  const std::lock_guard lock(mutex_);
  open();
  flush_locked();  // the version event stands in the file at once, so TensorBoard shows the run
}

EventWriter::~EventWriter() {
  try {
    close();
  } catch (const Error& error) {
    warn("{}", error.message());
  }
}

void EventWriter::open() {
  static std::atomic<int> count{0};
  make_folders(kOperation, logdir_).value();
  const double now = std::floor(wall_time_now());  // TensorFlow's first event has whole seconds too
  const std::string path = fmt::format("{}{}events.out.tfevents.{:010}.{}.{}.{}{}", logdir_,
                                       logdir_.back() == '/' ? "" : "/", static_cast<std::int64_t>(now),
                                       host_name(), ::getpid(), count.fetch_add(1), options_.suffix);
  file_ = open_file(kOperation, path, O_WRONLY | O_CREAT | O_APPEND).value();
  path_ = path;
  std::string first;
  append_record(first, encode_version_event(now));
  waiting_.insert(0, first);
}

bool EventWriter::file_still_there() const {
  struct stat ours {}, named {};
  return ::fstat(file_.get(), &ours) == 0 && ::stat(path_.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

void EventWriter::flush_locked() {
  last_flush_ = std::chrono::steady_clock::now();
  if (waiting_.empty()) return;
  if (!file_ || !file_still_there()) open();
  // A record cut off by a full disk would hide all later ones from readers: cut the file back to whole records.
  struct stat before {};
  const bool known = ::fstat(file_.get(), &before) == 0;
  const Result<void> written = write_all(kOperation, path_, file_.get(), waiting_);
  if (!written) {
    const bool restored = known && ::ftruncate(file_.get(), before.st_size) == 0;
    if (!restored) file_.close();  // the next flush begins a new file
    throw written.error();
  }
  waiting_.clear();
  waiting_count_ = 0;
}

void EventWriter::scalar(const std::string& tag, float value, std::int64_t step, std::optional<double> wall_time,
                         const std::string& description) {
  summary(scalar_summary(tag, value, description), step, wall_time);
}

void EventWriter::summary(const Summary& summary, std::int64_t step, std::optional<double> wall_time) {
  write_event(encode_event(wall_time ? *wall_time : wall_time_now(), step, summary));
}

void EventWriter::write_event(std::string_view event) {
  const std::lock_guard lock(mutex_);
  check(!closed_, Code::failed_precondition, "{}: {} is closed already; create a new writer", kOperation, path_);
  append_record(waiting_, event);
  ++waiting_count_;
  if (waiting_count_ > options_.max_queue ||
      std::chrono::steady_clock::now() - last_flush_ > options_.flush_every) {
    flush_locked();
  }
}

void EventWriter::flush() {
  const std::lock_guard lock(mutex_);
  check(!closed_, Code::failed_precondition, "{}: {} is closed already; create a new writer", kOperation, path_);
  flush_locked();
}

void EventWriter::close() {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = true;
  flush_locked();
  if (const int number = file_.close()) throw errno_error(number, std::string(kOperation) + ": write " + path_);
}

std::string EventWriter::path() const {
  const std::lock_guard lock(mutex_);
  return path_;
}

}  // namespace ninefold::io
