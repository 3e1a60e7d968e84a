// In: calls through the table (abi.h). Out: the CUDA runtime's answers. The runtime is linked statically and opens the
// driver itself; cuBLASLt is opened when the first product asks for it (gemm.cu), NVRTC by the first text (compile.cu).
#include <cuda_runtime.h>

#include <cstring>
#include <mutex>
#include <string>

#include "engine/device/cuda/abi.h"
#include "engine/device/cuda/context.h"
#include "engine/device/cuda/kernel.cuh"

#ifndef NINEFOLD_CUDA_TARGETS
#error "the build names its targets"
#endif

namespace ninefold::cuda {

const Entry*& Entry::first() {
  static const Entry* entry = nullptr;
  return entry;
}

namespace {

Context& of(void* context) { return *static_cast<Context*>(context); }
// Devices are a thread's own setting in CUDA: each call names its own.
int enter(void* context) { return cudaSetDevice(of(context).ordinal); }

int machine(Machine* m) {
  *m = {0, 0, CUDART_VERSION / 1000 * 1000, CUDART_VERSION, NINEFOLD_CUDA_TARGETS};
  if (const int status = cudaDriverGetVersion(&m->driver)) return status;
  if (m->driver < m->least_driver) return cudaErrorInsufficientDriver;
  return cudaGetDeviceCount(&m->devices);
}

int properties(int ordinal, Properties* p) {
  cudaDeviceProp found;
  if (const int status = cudaGetDeviceProperties(&found, ordinal)) return status;
  std::memcpy(p->name, found.name, sizeof p->name - 1);   // the end stays zero
  p->major = found.major;
  p->minor = found.minor;
  p->processors = found.multiProcessorCount;
  p->memory = found.totalGlobalMem;
  return 0;
}

const char* text(int status) {
  if (status == kNoFourier) return fourier_missing();
  if (status == kNoDnn) return dnn_missing();
  if (status == kNoEngine) return "cuDNN has no engine for it";
  if (status <= kNoCollective) return collective_text(status);
  return status < 0 ? gemm_missing() : cudaGetErrorString(static_cast<cudaError_t>(status));
}

int open(int ordinal, void** context) {
  auto* c = new Context{ordinal};
  int status = cudaSetDevice(ordinal);
  if (!status) status = cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking);
  if (!status) status = cudaDeviceGetDefaultMemPool(&c->pool, ordinal);
  // What is given back stays with the pool: memory of one step serves the next without a call of the driver.
  uint64_t keep = UINT64_MAX;
  if (!status) status = cudaMemPoolSetAttribute(c->pool, cudaMemPoolAttrReleaseThreshold, &keep);
  *context = c;
  return status;
}

int allocate(void* c, size_t bytes, void** memory) {
  if (const int s = enter(c)) return s;
  // Whole words: elements of one byte are joined by the word that they lie in (ops/scatter.cu).
  const int status = cudaMallocAsync(memory, (bytes + 3) / 4 * 4, of(c).stream);
  if (status) cudaGetLastError();   // it was told; later launches shall not report it again
  return status;
}
int release(void* c, void* memory) {
  if (const int s = enter(c)) return s;
  return cudaFreeAsync(memory, of(c).stream);
}
int trim(void* c) {
  if (const int s = enter(c)) return s;
  return cudaMemPoolTrimTo(of(c).pool, 0);
}
int memory(void* c, uint64_t* free, uint64_t* total) {
  if (const int s = enter(c)) return s;
  size_t f = 0, t = 0;
  const int status = cudaMemGetInfo(&f, &t);
  *free = f;
  *total = t;
  return status;
}

// Pageable memory is staged before the call returns, so the caller may change it.
int upload(void* c, void* to, const void* from, size_t bytes) {
  if (const int s = enter(c)) return s;
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, of(c).stream);
}
int wait(void* c) {
  if (const int s = enter(c)) return s;
  return cudaStreamSynchronize(of(c).stream);
}
int download(void* c, void* to, const void* from, size_t bytes) {
  if (const int s = enter(c)) return s;
  const int status = cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, of(c).stream);
  return status ? status : wait(c);
}
int copy(void* c, void* to, const void* from, size_t bytes) {
  if (const int s = enter(c)) return s;
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, of(c).stream);
}
int follow(void* c, void* other) {
  cudaEvent_t reached = nullptr;
  int status = enter(other);
  if (!status) status = cudaEventCreateWithFlags(&reached, cudaEventDisableTiming);
  if (!status) status = cudaEventRecord(reached, of(other).stream);
  if (!status) status = enter(c);
  if (!status) status = cudaStreamWaitEvent(of(c).stream, reached, 0);
  if (reached) cudaEventDestroy(reached);    // what waits for it still finds it
  return status;
}
// The copy waits for what the other card was asked to write; that card goes on once it was read.
int peer(void* to_context, void* to, void* from_context, const void* from, size_t bytes) {
  const Context &there = of(to_context), &here = of(from_context);
  int status = follow(to_context, from_context);
  if (!status) status = enter(to_context);
  // A graph's copies know addresses, not cards.
  if (!status && capturing(there)) {
    status = let_in(here, there);
    if (!status) status = cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, there.stream);
  } else if (!status) {
    status = cudaMemcpyPeerAsync(to, there.ordinal, from, here.ordinal, bytes, there.stream);
  }
  return status ? status : follow(from_context, to_context);
}
int fill(void* c, void* to, int byte, size_t bytes) {
  if (const int s = enter(c)) return s;
  return cudaMemsetAsync(to, byte, bytes, of(c).stream);
}

const void* kernel(const char* name, size_t parameters) {
  for (const Entry* e = Entry::first(); e; e = e->next)
    if (std::strcmp(e->name, name) == 0) return e->parameters == parameters ? e->function : nullptr;
  return nullptr;
}
int launch(void* c, const void* function, const Launch* how, const void* parameters) {
  if (const int s = enter(c)) return s;
  void* arguments[] = {const_cast<void*>(parameters)};
  const dim3 grid(how->blocks[0], how->blocks[1], how->blocks[2]), block(how->threads);
  const int status = cudaLaunchKernel(function, grid, block, arguments, 0, of(c).stream);
  if (status) cudaGetLastError();
  return status;
}

int transform(void* c, const Fourier* f) {
  if (const int s = enter(c)) return s;
  return fourier(of(c), *f);
}
int product(void* c, const Gemm* g) {
  if (const int s = enter(c)) return s;
  return gemm(of(c), *g);
}

int planned(void* c, const DnnCall* call, void** plan, size_t* workspace) {
  if (const int s = enter(c)) return s;
  return dnn_plan(of(c), *call, plan, workspace);
}
int ran(void* c, const void* plan, void* const* memory, void* workspace) {
  if (const int s = enter(c)) return s;
  return dnn_run(of(c), plan, memory, workspace);
}
int recurrent_planned(void* c, const DnnRecurrent* what, void** plan, DnnRecurrentSizes* sizes) {
  if (const int s = enter(c)) return s;
  return recurrent_plan(of(c), *what, plan, sizes);
}
int recurrent_ran(void* c, const void* plan, const DnnRecurrentRun* run) {
  if (const int s = enter(c)) return s;
  return recurrent_run(of(c), plan, *run);
}

int compiled(void* c, const char* text, void* to, void (*take)(void* to, const char* bytes, size_t size)) {
  return compile(of(c), text, to, take);
}
int load(void* c, const void* code, size_t, const void** kernel) {
  if (const int s = enter(c)) return s;
  cudaLibrary_t library;                     // never unloaded: plans hold its kernel
  if (const int s = cudaLibraryLoadData(&library, code, nullptr, nullptr, 0, nullptr, nullptr, 0)) return cudaGetLastError(), s;
  cudaKernel_t found;
  if (const int s = cudaLibraryGetKernel(&found, library, "nf_fused")) return cudaGetLastError(), s;
  *kernel = found;
  return 0;
}

// Relaxed: a kernel that a branch starts for the first time is loaded then.
int begin(void* c) {
  if (const int s = enter(c)) return s;
  return cudaStreamBeginCapture(of(c).stream, cudaStreamCaptureModeRelaxed);
}

// Conditional nodes, since CUDA 12.4. Each body is captured on a stream of its own, into the graph that its node has for it.
#if CUDART_VERSION >= 12040
bool conditional() {
  int driver = 0;
  return cudaDriverGetVersion(&driver) == 0 && driver >= 12040;
}
int captured_so_far(cudaStream_t stream, cudaGraph_t* graph, const cudaGraphNode_t** last, size_t* count) {
  cudaStreamCaptureStatus state;
#if CUDART_VERSION >= 13000
  return cudaStreamGetCaptureInfo(stream, &state, nullptr, graph, last, nullptr, count);
#else
  return cudaStreamGetCaptureInfo_v2(stream, &state, nullptr, graph, last, count);
#endif
}
int condition(void* c, uint64_t* made) {
  if (const int s = enter(c)) return s;
  cudaGraph_t graph = nullptr;
  const cudaGraphNode_t* last = nullptr;
  size_t count = 0;
  int status = captured_so_far(of(c).stream, &graph, &last, &count);
  cudaGraphConditionalHandle handle = 0;
  if (!status) status = cudaGraphConditionalHandleCreate(&handle, graph, 0, cudaGraphCondAssignDefault);
  *made = handle;
  return status;
}
int begin_body(void* c, uint64_t condition, bool loop) {
  if (const int s = enter(c)) return s;
  Context& context = of(c);
  cudaGraph_t graph = nullptr;
  const cudaGraphNode_t* last = nullptr;
  size_t count = 0;
  int status = captured_so_far(context.stream, &graph, &last, &count);
  cudaGraphNodeParams how = {};
  how.type = cudaGraphNodeTypeConditional;
  how.conditional.handle = condition;
  how.conditional.type = loop ? cudaGraphCondTypeWhile : cudaGraphCondTypeIf;
  how.conditional.size = 1;
  cudaGraphNode_t node = nullptr;
#if CUDART_VERSION >= 13000
  if (!status) status = cudaGraphAddNode(&node, graph, last, nullptr, count, &how);
  if (!status) status = cudaStreamUpdateCaptureDependencies(context.stream, &node, nullptr, 1, cudaStreamSetCaptureDependencies);
#else
  if (!status) status = cudaGraphAddNode(&node, graph, last, count, &how);
  if (!status) status = cudaStreamUpdateCaptureDependencies(context.stream, &node, 1, cudaStreamSetCaptureDependencies);
#endif
  cudaStream_t inner = nullptr;
  if (!status && context.spare.empty()) status = cudaStreamCreateWithFlags(&inner, cudaStreamNonBlocking);
  else if (!status) inner = context.spare.back(), context.spare.pop_back();
  if (!status) status = cudaStreamBeginCaptureToGraph(inner, how.conditional.phGraph_out[0], nullptr, nullptr, 0, cudaStreamCaptureModeRelaxed);
  if (status) {
    if (inner) context.spare.push_back(inner);
    return cudaGetLastError(), status;
  }
  context.outer.push_back(context.stream);
  context.stream = inner;
  dnn_follow(context);
  return 0;
}
int end_body(void* c) {
  if (const int s = enter(c)) return s;
  Context& context = of(c);
  if (context.outer.empty()) return cudaErrorInvalidValue;
  cudaGraph_t body = nullptr;                // the node's
  const int status = cudaStreamEndCapture(context.stream, &body);
  context.spare.push_back(context.stream);
  context.stream = context.outer.back();
  context.outer.pop_back();
  dnn_follow(context);
  return status;
}
#else
bool conditional() { return false; }
int condition(void*, uint64_t*) { return kNotSupported; }
int begin_body(void*, uint64_t, bool) { return kNotSupported; }
int end_body(void*) { return kNotSupported; }
#endif

int end(void* c, bool keep, void** graph) {
  if (const int s = enter(c)) return s;
  cudaGraph_t captured = nullptr;
  cudaGraphExec_t ready = nullptr;
  int status = cudaStreamEndCapture(of(c).stream, &captured);
  if (!status && keep) status = cudaGraphInstantiate(&ready, captured, 0);
  if (captured) cudaGraphDestroy(captured);
  if (status) cudaGetLastError();   // it was told; later launches shall not report it again
  *graph = ready;
  return status;
}
int replay(void* c, void* graph) {
  if (const int s = enter(c)) return s;
  return cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), of(c).stream);
}
int drop(void* c, void* graph) {
  if (const int s = enter(c)) return s;
  return cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph));
}

int staged(void* c, const void* from, size_t bytes, void** memory) {
  if (const int s = enter(c)) return s;
  return stage(of(c), from, bytes, memory);
}

int solved(void* c, const Solver* s) {
  if (const int status = enter(c)) return status;
  return solve(of(c), *s);
}

const Table table = {kAbiVersion, machine, properties, text, open, allocate, release, trim, memory, upload, download,
                     copy, fill, wait, kernel, launch, product, compiler, compiled, load, transform,
                     begin, end, replay, drop, record, recorded, mark, peer, connect, collect, progress, join, fault, disconnect,
                     dnn_library, planned, ran, recurrent_planned, recurrent_ran, staged, solved,
                     conditional, condition, begin_body, end_body, follow};

}  // namespace

bool capturing(const Context& c) {
  cudaStreamCaptureStatus state = cudaStreamCaptureStatusNone;
  return cudaStreamIsCapturing(c.stream, &state) == 0 && state != cudaStreamCaptureStatusNone;
}

int let_in(const Context& owner, const Context& other) {
  if (owner.ordinal == other.ordinal) return 0;
  int reaches = 0;
  if (const int s = cudaDeviceCanAccessPeer(&reaches, other.ordinal, owner.ordinal)) return s;
  if (!reaches) return 0;
  const cudaMemAccessDesc access{{cudaMemLocationTypeDevice, other.ordinal}, cudaMemAccessFlagsProtReadWrite};
  return cudaMemPoolSetAccess(owner.pool, &access, 1);
}

}  // namespace ninefold::cuda

extern "C" __attribute__((visibility("default"))) const ninefold::cuda::Table* ninefold_cuda_table() {
  return &ninefold::cuda::table;
}
