// In: a profile. Out: what TensorBoard's profile plugin, Perfetto and people read: logdir/plugins/profile/<time>/<host>.*
#include "train/io/profile_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <protozero/pbf_writer.hpp>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/log.h"
#include "ninefold/profiler.h"
#include "train/io/compressed.h"
#include "train/io/event_file.h"

namespace ninefold::io {
namespace {

constexpr const char* kProfiler = "profiler";
// Field numbers of xplane.proto.
enum : protozero::pbf_tag_type {
  kPlanes = 1, kWarnings = 3, kHostnames = 4,
  kPlaneId = 1, kPlaneName = 2, kLines = 3, kEventMetadata = 4, kStatMetadata = 5, kPlaneStats = 6,
  kLineId = 1, kLineName = 2, kTimestamp = 3, kEvents = 4, kLineLength = 9,
  kMetadataId = 1, kOffset = 2, kLength = 3, kStats = 4,
  kDouble = 2, kInt64 = 4, kText = 5,
  kNamedId = 1, kNamedName = 2, kNamedDisplay = 4, kMapKey = 1, kMapValue = 2,
};
constexpr int64_t kPicoseconds = 1000;           // a nanosecond

// TensorFlow's names of ops' events: the node's name and the op's.
std::string full_name(const profile::Event& e) { return e.type.empty() ? e.name : e.name + ":" + e.type; }

// Names by number, from 1 on, as they come.
class Numbers {
 public:
  int64_t of(const std::string& name) { return all_.try_emplace(name, static_cast<int64_t>(all_.size()) + 1).first->second; }
  const std::map<std::string, int64_t>& all() const { return all_; }

 private:
  std::map<std::string, int64_t> all_;
};

void add_stats(std::string& into, protozero::pbf_tag_type tag, const std::vector<profile::Stat>& stats, Numbers& names) {
  for (const profile::Stat& s : stats) {
    std::string bytes;
    protozero::pbf_writer message(bytes);
    message.add_int64(kMetadataId, names.of(s.name));
    if (const auto* whole = std::get_if<int64_t>(&s.value)) message.add_int64(kInt64, *whole);
    else if (const auto* number = std::get_if<double>(&s.value)) message.add_double(kDouble, *number);
    else message.add_string(kText, std::get<std::string>(s.value));
    protozero::pbf_writer(into).add_message(tag, bytes);
  }
}

void add_named(protozero::pbf_writer& plane, protozero::pbf_tag_type tag, int64_t id, const std::string& name, const std::string& shown) {
  std::string value, entry;
  protozero::pbf_writer message(value);
  message.add_int64(kNamedId, id);
  message.add_string(kNamedName, name);
  if (!shown.empty()) message.add_string(kNamedDisplay, shown);
  protozero::pbf_writer pair(entry);
  pair.add_int64(kMapKey, id);
  pair.add_message(kMapValue, value);
  plane.add_message(tag, entry);
}

std::string encode_line(const profile::Line& line, const profile::Space& space, Numbers& events, Numbers& stats,
                        std::map<int64_t, std::string>& types) {
  std::string bytes;
  protozero::pbf_writer message(bytes);
  message.add_int64(kLineId, line.id);
  message.add_string(kLineName, line.name);
  message.add_int64(kTimestamp, space.began);
  message.add_int64(kLineLength, space.length * kPicoseconds);
  for (const profile::Event& e : line.events) {
    const int64_t id = events.of(full_name(e));
    if (!e.type.empty()) types[id] = e.type;
    std::string event;
    protozero::pbf_writer one(event);
    one.add_int64(kMetadataId, id);
    one.add_int64(kOffset, e.begin * kPicoseconds);
    one.add_int64(kLength, e.length * kPicoseconds);
    add_stats(event, kStats, e.stats, stats);
    message.add_message(kEvents, event);
  }
  return bytes;
}

std::string encode_plane(const profile::Plane& plane, int64_t id, const profile::Space& space) {
  std::string bytes;
  protozero::pbf_writer message(bytes);
  message.add_int64(kPlaneId, id);
  message.add_string(kPlaneName, plane.name);
  Numbers events, stats;
  std::map<int64_t, std::string> types;
  for (const profile::Line& line : plane.lines) message.add_message(kLines, encode_line(line, space, events, stats, types));
  add_stats(bytes, kPlaneStats, plane.stats, stats);
  for (const auto& [name, number] : events.all()) add_named(message, kEventMetadata, number, name, types.contains(number) ? types[number] : "");
  for (const auto& [name, number] : stats.all()) add_named(message, kStatMetadata, number, name, "");
  return bytes;
}

// Bytes that are no text stay readable: names come from programs.
std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\', out += c;
    else if (byte < 0x20) out += fmt::format("\\u{:04x}", byte);
    else out += c;
  }
  return out + '"';
}
std::string json_value(const profile::Stat& s) {   // text, as TensorFlow writes them
  if (const auto* whole = std::get_if<int64_t>(&s.value)) return json_text(std::to_string(*whole));
  if (const auto* number = std::get_if<double>(&s.value)) return json_text(fmt::format("{:.3f}", *number));
  return json_text(std::get<std::string>(s.value));
}

void name_row(std::string& out, const char* what, int pid, int64_t tid, const std::string& name) {
  out += fmt::format("{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"{}\",\"args\":{{\"name\":{}}}}},\n", pid, tid, what, json_text(name));
}

}  // namespace

std::string encode_space(const profile::Space& space, const std::string& host) {
  std::string bytes;
  protozero::pbf_writer message(bytes);
  for (size_t i = 0; i < space.planes.size(); ++i)
    message.add_message(kPlanes, encode_plane(space.planes[i], static_cast<int64_t>(i), space));
  for (const std::string& w : space.warnings) message.add_string(kWarnings, w);
  message.add_string(kHostnames, host);
  return bytes;
}

std::string trace_json(const profile::Space& space, size_t most) {
  std::vector<int64_t> lengths;
  for (const profile::Plane& plane : space.planes)
    for (const profile::Line& line : plane.lines)
      for (const profile::Event& e : line.events) lengths.push_back(e.length);
  int64_t shortest = 0;
  if (lengths.size() > most) {
    std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(most), lengths.end(), std::greater<>());
    shortest = lengths[most] + 1;
  }
  std::string out = "{\"displayTimeUnit\":\"ns\",\"metadata\":{\"highres-ticks\":true},\"traceEvents\":[\n";
  int device = 0;
  for (const profile::Plane& plane : space.planes) {
    const int pid = profile::is_device(plane) ? ++device : 501;   // TensorFlow's number of a host
    name_row(out, "process_name", pid, 0, plane.name);
    for (const profile::Line& line : plane.lines) {
      name_row(out, "thread_name", pid, line.id, line.name);
      for (const profile::Event& e : line.events) {
        if (e.length < shortest) continue;
        out += fmt::format("{{\"ph\":\"X\",\"pid\":{},\"tid\":{},\"ts\":{:.3f},\"dur\":{:.3f},\"name\":{}", pid, line.id,
                           static_cast<double>(e.begin) / 1e3, static_cast<double>(e.length) / 1e3, json_text(full_name(e)));
        std::string args;
        for (const profile::Stat& s : e.stats) args += (args.empty() ? "" : ",") + json_text(s.name) + ":" + json_value(s);
        out += args.empty() ? "},\n" : ",\"args\":{" + args + "}},\n";
      }
    }
  }
  return out + "{}]}\n";                         // an empty event ends the list, as in TensorFlow's files
}

}  // namespace ninefold::io

namespace ninefold::profiler {
namespace {

// Of the session that is open. Set by start and read by stop, both of which profile::start and stop let in one at a time.
std::string& folder() {
  static std::string* const f = new std::string();
  return *f;
}

std::string this_host() {
  char name[256] = "";
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

std::string write(const profile::Space& space, const std::string& logdir) {
  for (const std::string& w : space.warnings) warn("profiler: {}", w);
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  char run[32];
  std::strftime(run, sizeof run, "%Y_%m_%d_%H_%M_%S", &local);
  const std::string to = fmt::format("{}{}plugins/profile/{}", logdir, logdir.back() == '/' ? "" : "/", run), host = this_host();
  make_folders(io::kProfiler, to).value();
  std::string zipped;
  io::Deflater deflater("GZIP", -1);
  deflater.add(io::trace_json(space), zipped);
  deflater.finish(zipped);
  for (const auto& [kind, bytes] : {std::pair<const char*, std::string>{"xplane.pb", io::encode_space(space, host)},
                                    {"trace.json.gz", std::move(zipped)},
                                    {"steps.txt", profile::told(profile::steps(space))}})
    write_atomically(io::kProfiler, fmt::format("{}/{}.{}", to, host, kind), bytes).value();
  // TensorBoard lists a run only if there is a file of events.
  io::EventWriter(logdir, {.suffix = ".profile-empty"}).close();
  return to;
}

}  // namespace

void start(const std::string& logdir, const Options& o) {
  profile::start({o.host_tracer_level, o.device_tracer_level, o.delay_ms});
  folder() = logdir;
}

std::string stop_to(const std::string& logdir) {
  const profile::Space space = profile::stop();
  return logdir.empty() ? "" : write(space, logdir);
}
std::string stop(bool save) { return stop_to(save ? std::string(folder()) : ""); }
bool active() { return profile::active(); }

struct Trace::Impl {
  std::string name;
  timeline::Span span;
  explicit Impl(const std::string& n) : name(n), span(timeline::critical, timeline::Kind::step, name) {}
};
Trace::Trace(const std::string& name)
    : impl_(timeline::records(timeline::critical) ? std::make_unique<Impl>(name) : nullptr) {}
Trace::~Trace() = default;
void Trace::set(const std::string& key, const std::string& value) {
  if (impl_) impl_->span.fact(key, value);
}
void Trace::end() { impl_.reset(); }

}  // namespace ninefold::profiler
