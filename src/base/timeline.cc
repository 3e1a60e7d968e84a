// In: spans of time, from any thread. Out: what each thread did while somebody recorded.
#include "base/timeline.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace ninefold::timeline {
namespace {

// Memory of one thread: events, and the bytes of their texts.
struct Chunk {
  struct Row {
    int64_t begin, end;
    Kind kind;
    uint32_t text, name, type, facts;   // where the bytes lie, and how many are whose
  };
  static constexpr uint32_t kRows = 1024, kText = 48 << 10;
  Row rows[kRows];
  char text[kText];
  uint32_t used = 0, bytes = 0;
};
constexpr int64_t kMostChunks = 1024;                  // about a million spans, of all threads

// `writing` is raised before a writer asks again whether somebody records, and whoever stops waits until it is down:
// then the chunks are his. Both sides use sequentially consistent stores and loads, so that one of them sees the other.
struct Log {
  std::atomic<bool> writing{false};
  std::atomic<bool> gone{false};                       // its thread has ended
  std::vector<std::unique_ptr<Chunk>> chunks;          // the writer's while `writing`, else of him who stops
  int64_t dropped = 0;                                 // likewise
  int64_t id = 0;
  std::string name;
};

struct Logs {
  std::mutex mutex;                                    // guards `all`, and one session against the next
  std::vector<std::shared_ptr<Log>> all;
  std::atomic<int64_t> begun{0};                       // spans that began earlier belong to nobody
  std::atomic<int64_t> chunks{0};
};
Logs& logs() {
  static Logs* const l = new Logs();                   // threads may outlive static objects
  return *l;
}

struct Own {
  std::shared_ptr<Log> log = std::make_shared<Log>();
  Own() {
    char name[32] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    log->id = ::syscall(SYS_gettid);
    log->name = name;
    const std::lock_guard hold(logs().mutex);
    logs().all.push_back(log);
  }
  ~Own() { log->gone.store(true, std::memory_order_release); }
};

// A child has its parent's memory and none of its writers: nobody records there until it starts to.
void forked_child() {
  level.store(0);
  logs().begun.store(0);
  new (&logs().mutex) std::mutex;
}

Chunk* room_for(Log& log, size_t bytes) {
  if (!log.chunks.empty()) {
    Chunk& last = *log.chunks.back();
    if (last.used < Chunk::kRows && last.bytes + bytes <= Chunk::kText) return &last;
  }
  if (bytes > Chunk::kText || logs().chunks.fetch_add(1, std::memory_order_relaxed) >= kMostChunks) return nullptr;
  log.chunks.emplace_back(new Chunk);                  // its bytes are written before they are read
  return log.chunks.back().get();
}

void write(Log& log, int64_t begin, int64_t end, Kind kind, std::string_view name, std::string_view type, std::string_view facts) {
  Chunk* chunk = room_for(log, name.size() + type.size() + facts.size());
  if (!chunk) {
    ++log.dropped;
    return;
  }
  chunk->rows[chunk->used++] = {begin, end, kind, chunk->bytes, static_cast<uint32_t>(name.size()), static_cast<uint32_t>(type.size()),
                                static_cast<uint32_t>(facts.size())};
  for (const std::string_view part : {name, type, facts}) {
    if (!part.empty()) std::memcpy(chunk->text + chunk->bytes, part.data(), part.size());
    chunk->bytes += static_cast<uint32_t>(part.size());
  }
}

Thread taken(Log& log, int64_t& dropped) {
  Thread thread{log.id, log.name, {}};
  for (const auto& chunk : log.chunks)
    for (uint32_t i = 0; i < chunk->used; ++i) {
      const Chunk::Row& r = chunk->rows[i];
      const char* at = chunk->text + r.text;
      thread.events.push_back({r.begin, r.end, r.kind, std::string(at, r.name), std::string(at + r.name, r.type),
                               std::string(at + r.name + r.type, r.facts)});
    }
  log.chunks.clear();
  dropped += std::exchange(log.dropped, 0);
  return thread;
}

}  // namespace

int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Span::fact(std::string_view key, std::string_view value) {
  if (begin_ == 0) return;
  if (!facts_.empty()) facts_ += kBetween;
  facts_.append(key).append("=").append(value);
}
void Span::fact(std::string_view key, int64_t value) {
  if (begin_ != 0) fact(key, std::to_string(value));
}

void Span::keep() noexcept {
  const int64_t end = now(), begin = std::exchange(begin_, 0);
  try {
    thread_local Own own;
    Log& log = *own.log;
    log.writing.store(true);
    if (level.load() != 0 && begin >= logs().begun.load()) write(log, begin, end, kind_, name_, type_, facts_);
    log.writing.store(false, std::memory_order_release);
  } catch (const std::bad_alloc&) {
    // A program that has no memory left is not stopped by being watched.
  }
}

bool start(int most, int64_t delay) {
  Logs& l = logs();
  static const int hooked = pthread_atfork(nullptr, nullptr, forked_child);
  (void)hooked;
  const std::lock_guard hold(l.mutex);
  if (l.begun.load() != 0) return false;
  l.chunks.store(0);
  l.begun.store(now() + std::max<int64_t>(delay, 0));
  level.store(most);
  return true;
}

Recording stop() {
  Logs& l = logs();
  const std::lock_guard hold(l.mutex);
  level.store(0);
  const int64_t begun = l.begun.exchange(0), ended = now();
  Recording out{begun ? std::min(begun, ended) : ended, ended, {}, 0};   // none began in a forked child
  for (const std::shared_ptr<Log>& log : l.all) {
    while (log->writing.load()) std::this_thread::yield();
    Thread thread = taken(*log, out.dropped);
    if (!thread.events.empty()) out.threads.push_back(std::move(thread));
  }
  std::erase_if(l.all, [](const auto& log) { return log->gone.load(std::memory_order_acquire); });
  return out;
}

}  // namespace ninefold::timeline
