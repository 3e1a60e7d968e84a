// In: a wish to know what cards do. Out: kernels, copies and fills with their times and the marks of who asked, by CUPTI, which is
// opened at the first wish.
#if __has_include(<cupti.h>)
#include <cupti.h>
#endif

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/device/cuda/context.h"
#include "engine/device/cuda/open_library.h"

namespace ninefold::cuda {

#if !__has_include(<cupti.h>)
const char* record() { return "this ninefold-cuda was built without CUPTI's header; install the one that pip brings: pip install ninefold-cuda"; }
void recorded(void*, void (*)(void*, const Activity*)) {}
void mark(uint64_t) {}
#else
namespace {

#define NF_CUPTI(visit)                                                                                                  \
  visit(cuptiActivityRegisterCallbacks) visit(cuptiActivityEnable) visit(cuptiActivityDisable) visit(cuptiActivityFlushAll) \
  visit(cuptiActivityGetNextRecord) visit(cuptiActivityPushExternalCorrelationId)                                        \
  visit(cuptiActivityPopExternalCorrelationId) visit(cuptiGetTimestamp) visit(cuptiGetResultString)

// Spans come with the number of a call, marks with the same number, in any order.
struct Records {
  struct Row { Activity what; std::string name; uint32_t call; };
  std::mutex mutex;                          // guards what follows: CUPTI hands buffers over on a thread of its own
  std::vector<Row> rows;
  std::unordered_map<uint32_t, uint64_t> marks;
  int64_t ahead = 0;                         // of the steady clock before CUPTI's
};
Records& records() {
  static Records* const r = new Records();
  return *r;
}

void CUPTIAPI give_buffer(uint8_t** buffer, size_t* size, size_t* most) {
  *size = size_t{4} << 20;
  *buffer = static_cast<uint8_t*>(std::aligned_alloc(8, *size));
  *most = 0;
  if (!*buffer) *size = 0;
}
void CUPTIAPI take_buffer(CUcontext, uint32_t, uint8_t* buffer, size_t size, size_t used);

struct Library {
#define NF_MEMBER(f) decltype(&::f) f = nullptr;
  NF_CUPTI(NF_MEMBER)
#undef NF_MEMBER
  std::string missing;

  Library() {
    const std::string major = std::to_string(CUDART_VERSION / 1000), name = "libcupti.so." + major;
    std::string reason;
    void* const opened = open_library(name, "cuda_cupti", major, &reason);
    if (!opened) {
      missing = "profiles of the GPU need CUPTI " + major + " (" + reason + "); install it: pip install 'ninefold-cuda[libraries]', or the "
                "CUDA toolkit, and let LD_LIBRARY_PATH name its folder";
      return;
    }
#define NF_FIND(f)                                                                  \
    f = reinterpret_cast<decltype(f)>(dlsym(opened, #f));                           \
    if (!f && missing.empty()) missing = name + " has no " #f;
    NF_CUPTI(NF_FIND)
#undef NF_FIND
    if (missing.empty()) say(cuptiActivityRegisterCallbacks(give_buffer, take_buffer), "registering with CUPTI");
  }
  // What failed stays in `missing`.
  bool say(CUptiResult status, const char* what) {
    if (status == CUPTI_SUCCESS) return true;
    const char* text = nullptr;
    cuptiGetResultString(status, &text);
    missing = std::string(what) + ": " + (text ? text : "error " + std::to_string(status)) +
              (status == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES
                   ? "; let the driver's module have NVreg_RestrictProfilingToAdminUsers=0, or profile as root" : "");
    return false;
  }
};
Library& opened() {
  static Library* const l = new Library();
  return *l;
}

constexpr CUpti_ActivityKind kKinds[] = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMSET,
                                         CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION,
                                         // CUPTI tells marks of calls of these kinds only.
                                         CUPTI_ACTIVITY_KIND_RUNTIME, CUPTI_ACTIVITY_KIND_DRIVER};

template <class R>
Records::Row row_of(const R& r, Activity::Kind kind, int64_t ahead, uint64_t bytes, const char* name) {
  const Activity what{kind, static_cast<int>(r.deviceId), r.streamId, static_cast<int64_t>(r.start) + ahead, static_cast<int64_t>(r.end) + ahead,
                      0, bytes, nullptr};
  return {what, name, r.correlationId};
}

void take(Records& all, const CUpti_Activity& a) {
  switch (a.kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: {
      const auto& k = reinterpret_cast<const CUpti_ActivityKernel10&>(a);
      all.rows.push_back(row_of(k, Activity::kernel, all.ahead, 0, k.name ? k.name : "kernel"));
      break;
    }
    case CUPTI_ACTIVITY_KIND_MEMCPY: {
      const auto& m = reinterpret_cast<const CUpti_ActivityMemcpy6&>(a);
      all.rows.push_back(row_of(m, m.copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_HTOD ? Activity::upload
                                : m.copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_DTOH ? Activity::download : Activity::copy, all.ahead, m.bytes, ""));
      break;
    }
    case CUPTI_ACTIVITY_KIND_MEMSET: {
      const auto& m = reinterpret_cast<const CUpti_ActivityMemset4&>(a);
      all.rows.push_back(row_of(m, Activity::fill, all.ahead, m.bytes, ""));
      break;
    }
    case CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION: {
      const auto& e = reinterpret_cast<const CUpti_ActivityExternalCorrelation&>(a);
      all.marks[e.correlationId] = e.externalId;
      break;
    }
    default: break;
  }
}

void CUPTIAPI take_buffer(CUcontext, uint32_t, uint8_t* buffer, size_t, size_t used) {
  {
    Records& all = records();
    const std::lock_guard hold(all.mutex);
    for (CUpti_Activity* a = nullptr; used && opened().cuptiActivityGetNextRecord(buffer, used, &a) == CUPTI_SUCCESS;) take(all, *a);
  }
  std::free(buffer);
}

}  // namespace

const char* record() {
  Library& l = opened();
  if (!l.missing.empty()) return l.missing.c_str();
  uint64_t there = 0;
  if (!l.say(l.cuptiGetTimestamp(&there), "asking CUPTI for the time")) return l.missing.c_str();
  const auto here = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  {
    Records& all = records();
    const std::lock_guard hold(all.mutex);
    all.rows.clear();
    all.marks.clear();
    all.ahead = here - static_cast<int64_t>(there);
  }
  for (const CUpti_ActivityKind kind : kKinds)
    if (!l.say(l.cuptiActivityEnable(kind), "recording the GPU")) return l.missing.c_str();
  return nullptr;
}

void recorded(void* to, void (*take_one)(void* to, const Activity*)) {
  Library& l = opened();
  l.cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  for (const CUpti_ActivityKind kind : kKinds) l.cuptiActivityDisable(kind);
  Records& all = records();
  const std::lock_guard hold(all.mutex);
  for (Records::Row& r : all.rows) {
    const auto mark = all.marks.find(r.call);
    r.what.mark = mark == all.marks.end() ? 0 : mark->second;
    r.what.name = r.name.c_str();
    take_one(to, &r.what);
  }
  all.rows.clear();
  all.marks.clear();
}

void mark(uint64_t number) {
  thread_local bool pushed = false;
  uint64_t before;
  if (pushed) opened().cuptiActivityPopExternalCorrelationId(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0, &before);
  pushed = number != 0;
  if (pushed) opened().cuptiActivityPushExternalCorrelationId(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0, number);
}
#endif

}  // namespace ninefold::cuda
