// In: contexts on several cards, buffers on each. Out: their sums and copies by NCCL, in grouped calls on streams beside those of
// the contexts. NCCL is opened at the first group: NVIDIA's wheel, a toolkit or the system brings it.
#if __has_include(<nccl.h>)
#include <nccl.h>
#endif

#include <memory>
#include <string>
#include <vector>

#include "engine/device/cuda/context.h"
#include "engine/device/cuda/open_library.h"

namespace ninefold::cuda {

#if !__has_include(<nccl.h>)
int connect(void* const*, int, void**) { return kNoCollective; }
int collect(void*, const Collective*, int) { return kNoCollective; }
int progress(void*) { return kNoCollective; }
int join(void*) { return kNoCollective; }
int fault(void*) { return kNoCollective; }
int disconnect(void*, bool) { return kNoCollective; }
const char* collective_text(int) {
  return "this ninefold-cuda was built without NCCL's header; install the one that pip brings: pip install ninefold-cuda";
}
#else
namespace {

#define NF_NCCL(visit)                                                                                                \
  visit(ncclCommInitAll) visit(ncclCommDestroy) visit(ncclCommAbort) visit(ncclCommGetAsyncError) visit(ncclGroupStart) \
  visit(ncclGroupEnd) visit(ncclAllReduce) visit(ncclReduce) visit(ncclBroadcast) visit(ncclGetErrorString)

struct Library {
#define NF_MEMBER(f) decltype(&::f) f = nullptr;
  NF_NCCL(NF_MEMBER)
#undef NF_MEMBER
  std::string missing;

  Library() {
    const std::string major = std::to_string(NCCL_MAJOR), name = "libnccl.so." + major;
    std::string reason;
    void* const opened = open_library(name, "nccl", std::to_string(CUDART_VERSION / 1000), &reason);
    if (!opened) {
      missing = "sums over several GPUs need NCCL " + major + " (" + reason + "); install it: pip install 'ninefold-cuda[libraries]', "
                "or your system's libnccl" + major + ", and let LD_LIBRARY_PATH name its folder";
      return;
    }
#define NF_FIND(f)                                                                  \
    f = reinterpret_cast<decltype(f)>(dlsym(opened, #f));                           \
    if (!f && missing.empty()) missing = name + " has no " #f;
    NF_NCCL(NF_FIND)
#undef NF_FIND
  }
};
const Library& library() {
  static const Library* const l = new Library();
  return *l;
}

struct Member {
  Context* context;
  ncclComm_t communicator = nullptr;
  cudaStream_t stream = nullptr;             // of its communication
  cudaEvent_t before = nullptr, after = nullptr;
};
using Group = std::vector<Member>;
Group& of(void* group) { return *static_cast<Group*>(group); }

// NCCL's errors go below the numbers of missing libraries.
int told(ncclResult_t r) { return r == ncclSuccess || r == ncclInProgress ? 0 : kNoCollective - static_cast<int>(r); }

int release(Group& g, bool abort) {
  int status = 0;
  const auto first = [&](int s) { if (!status) status = s; };
  const Library& l = library();
  for (Member& m : g) {
    first(cudaSetDevice(m.context->ordinal));
    if (m.communicator && !abort && m.stream) first(cudaStreamSynchronize(m.stream));
    if (m.communicator) first(told(abort ? l.ncclCommAbort(m.communicator) : l.ncclCommDestroy(m.communicator)));
    if (m.before) cudaEventDestroy(m.before);
    if (m.after) cudaEventDestroy(m.after);
    if (m.stream) cudaStreamDestroy(m.stream);
  }
  return status;
}

// NCCL may let one card read another's buffers where it can.
int open_pools(const Group& g) {
  for (const Member& owner : g)
    for (const Member& other : g)
      if (&owner != &other)
        if (const int s = let_in(*owner.context, *other.context)) return s;
  return 0;
}

int begin(Group& g) {
  if (const int s = open_pools(g)) return s;
  std::vector<int> ordinals;
  for (Member& m : g) ordinals.push_back(m.context->ordinal);
  std::vector<ncclComm_t> made(g.size());
  if (const int s = told(library().ncclCommInitAll(made.data(), static_cast<int>(g.size()), ordinals.data()))) return s;
  for (size_t i = 0; i < g.size(); ++i) g[i].communicator = made[i];
  for (Member& m : g) {
    if (const int s = cudaSetDevice(m.context->ordinal)) return s;
    if (const int s = cudaStreamCreateWithFlags(&m.stream, cudaStreamNonBlocking)) return s;
    if (const int s = cudaEventCreateWithFlags(&m.before, cudaEventDisableTiming)) return s;
    if (const int s = cudaEventCreateWithFlags(&m.after, cudaEventDisableTiming)) return s;
  }
  return 0;
}

bool type_of(int dtype, ncclDataType_t* t) {
  switch (dtype) {
    case 1: *t = ncclFloat32; return true;
    case 2: *t = ncclFloat64; return true;
    case 3: *t = ncclInt32; return true;
    case 9: *t = ncclInt64; return true;
    case 19: *t = ncclFloat16; return true;
    default: return false;
  }
}

ncclResult_t ask(const Library& l, const Member& m, size_t member, const Collective& c, ncclDataType_t type) {
  const auto n = static_cast<size_t>(c.count);
  const void* const from = c.from[member];
  void* const to = c.to[member];
  switch (c.kind) {
    case Collective::all_reduce: return l.ncclAllReduce(from, to, n, type, ncclSum, m.communicator, m.stream);
    case Collective::reduce: return l.ncclReduce(from, to, n, type, ncclSum, c.root, m.communicator, m.stream);
    default: return l.ncclBroadcast(from, to, n, type, c.root, m.communicator, m.stream);
  }
}

}  // namespace

const char* collective_text(int status) {
  return status == kNoCollective ? library().missing.c_str() : library().ncclGetErrorString(static_cast<ncclResult_t>(kNoCollective - status));
}

int connect(void* const* contexts, int members, void** group) {
  if (!library().missing.empty()) return kNoCollective;
  auto made = std::make_unique<Group>();
  for (int i = 0; i < members; ++i) made->push_back({static_cast<Context*>(contexts[i])});
  if (const int s = begin(*made)) {
    release(*made, true);
    return s;
  }
  *group = made.release();
  return 0;
}

int collect(void* group, const Collective* all, int count) {
  const Library& l = library();
  Group& g = of(group);
  for (Member& m : g) {
    if (const int s = cudaSetDevice(m.context->ordinal)) return s;
    if (const int s = cudaEventRecord(m.before, m.context->stream)) return s;
    if (const int s = cudaStreamWaitEvent(m.stream, m.before, 0)) return s;
  }
  for (int i = 0; i < count; ++i)
    if (ncclDataType_t type; !type_of(all[i].dtype, &type)) return cudaErrorNotSupported;
  ncclResult_t status = l.ncclGroupStart();
  if (status != ncclSuccess) return told(status);
  // The same order on every member, and each call is made for all of them.
  for (int i = 0; i < count && status == ncclSuccess; ++i) {
    ncclDataType_t type{};
    type_of(all[i].dtype, &type);
    for (size_t m = 0; m < g.size() && status == ncclSuccess; ++m) status = ask(l, g[m], m, all[i], type);
  }
  const ncclResult_t ended = l.ncclGroupEnd();
  if (const int s = told(status != ncclSuccess ? status : ended)) return s;
  for (Member& m : g) {
    if (const int s = cudaSetDevice(m.context->ordinal)) return s;
    if (const int s = cudaEventRecord(m.after, m.stream)) return s;
  }
  return 0;
}

// Without a wait of the host: events were recorded by the last `collect`, which is behind all before it.
int progress(void* group) {
  if (const int s = fault(group)) return s;
  int status = 0;
  for (const Member& m : of(group)) {
    if (!status) status = cudaEventQuery(m.before);
    if (status == cudaErrorNotReady) status = kNotBegun;
  }
  for (const Member& m : of(group))
    if (!status) status = cudaEventQuery(m.after);
  cudaGetLastError();                            // that an event is not there yet is no error of a later call's
  return status;
}

int join(void* group) {
  for (Member& m : of(group)) {
    if (const int s = cudaSetDevice(m.context->ordinal)) return s;
    if (const int s = cudaStreamWaitEvent(m.context->stream, m.after, 0)) return s;
  }
  return 0;
}

int fault(void* group) {
  for (Member& m : of(group)) {
    ncclResult_t now = ncclSuccess;
    if (const int s = told(library().ncclCommGetAsyncError(m.communicator, &now))) return s;
    if (const int s = told(now)) return s;
  }
  return 0;
}

int disconnect(void* group, bool abort) {
  const std::unique_ptr<Group> g(&of(group));
  return release(*g, abort);
}
#endif

}  // namespace ninefold::cuda
