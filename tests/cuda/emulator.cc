// In: calls through the table (device/cuda/abi.h). Out: what a card would do, done on the host: the kernels of the GPU
// library, compiled by g++, run as loops over blocks and threads.
//
// Its memory can be read and written only while a kernel or a copy is at work: a host that reads a tensor of the
// device, or a kernel that leaves the arena, ends in a signal instead of in a right answer. Freed memory is filled.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <complex>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/float16.h"
#include "engine/device/cuda/abi.h"
#include "engine/device/cuda/kernel.cuh"
#include "emulated_dnn.h"
#include "emulated_solver.h"

namespace ninefold::cuda {

Where where;
const Entry*& Entry::first() {
  static const Entry* entry = nullptr;
  return entry;
}

namespace {

constexpr size_t kArena = size_t{512} << 20;
constexpr size_t kAlign = 256;               // what cudaMalloc promises
constexpr size_t kPage = 4096;
constexpr size_t kGuard = 256;               // between two blocks, watched
constexpr int kDevices = 2;                    // unless CUDA_VISIBLE_DEVICES names more

class Arena {
 public:
  Arena() : base_(static_cast<char*>(mmap(nullptr, kArena, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
    free_[0] = kArena;
  }
  int allocate(size_t bytes, int ordinal, void** out) {
    const size_t size = (bytes + kGuard + kAlign - 1) / kAlign * kAlign;
    for (auto& [at, room] : free_) {
      if (room < size) continue;
      const size_t rest = room - size, from = at;
      free_.erase(from);
      if (rest) free_[from + size] = rest;
      used_[from] = {size, bytes, ordinal};
      *out = base_ + from;
      reach();
      std::memset(base_ + from, 0xcd, size);
      return 0;
    }
    return kOutOfMemory;
  }
  int release(void* memory) {
    const auto it = used_.find(static_cast<size_t>(static_cast<char*>(memory) - base_));
    if (it == used_.end()) return 1;
    watch(it->first, it->second);
    std::memset(memory, 0xdd, it->second.size);
    auto [at, fresh] = free_.emplace(it->first, it->second.size);
    used_.erase(it);
    if (auto next = std::next(at); next != free_.end() && at->first + at->second == next->first) {
      at->second += next->second;
      free_.erase(next);
    }
    if (at != free_.begin())
      if (auto before = std::prev(at); before->first + before->second == at->first) {
        before->second += at->second;
        free_.erase(at);
      }
    reach();
    return 0;
  }
  void open() { protect(PROT_READ | PROT_WRITE); }
  void close() { protect(PROT_NONE); }
  uint64_t free_bytes() const {
    uint64_t n = 0;
    for (const auto& [at, room] : free_) n += room;
    return n;
  }
  bool holds(const void* p) const { return p >= base_ && p < base_ + kArena; }
  // Whether so many bytes are in one block of that card: others' cannot be reached.
  bool holds(const void* p, size_t bytes, int ordinal) const {
    if (!holds(p)) return false;
    const size_t at = static_cast<size_t>(static_cast<const char*>(p) - base_);
    auto it = used_.upper_bound(at);
    return it != used_.begin() && (--it, it->second.ordinal == ordinal) && at + bytes <= it->first + it->second.bytes;
  }
  void watch_all(const char* kernel) {
    now_ = kernel;
    for (const auto& [at, block] : used_) watch(at, block);
  }

 private:
  struct Block { size_t size, bytes; int ordinal; };
  // Only what reaches to the last block in use is ever opened, and what lies behind is given back: opening costs time a page.
  void reach() {
    const size_t now = used_.empty() ? 0 : used_.rbegin()->first + used_.rbegin()->second.size;
    const size_t pages = (now + kPage - 1) / kPage * kPage;
    if (pages < reach_) {
      madvise(base_ + pages, reach_ - pages, MADV_DONTNEED);
      mprotect(base_ + pages, reach_ - pages, PROT_NONE);
    }
    if (pages > reach_) mprotect(base_ + reach_, pages - reach_, PROT_READ | PROT_WRITE);
    reach_ = pages;
  }
  void protect(int how) {
    if (reach_) mprotect(base_, reach_, how);
  }
  // Bytes behind a block are nobody's: a kernel that wrote there wrote too far.
  void watch(size_t at, const Block& b) const {
    for (size_t i = b.bytes; i < b.size; ++i)
      if (base_[at + i] != static_cast<char>(0xcd)) {
        std::fprintf(stderr, "emulated GPU: %s wrote %zu bytes behind a block of %zu\n", now_, i - b.bytes + 1, b.bytes);
        std::abort();
      }
  }
  char* const base_;
  size_t reach_ = 0;
  const char* now_ = "a kernel";
  std::map<size_t, size_t> free_;
  std::map<size_t, Block> used_;
};

// What a captured graph does when it is replayed: with the addresses and parameters of the capture.
struct Context;
struct Graph {
  std::vector<std::function<int()>> steps = {};
  std::vector<Context*> contexts = {};       // that it works on, the one that starts it first
};
// Whoever is captured together: the context that began it, and those that follow it. What breaks CUDA's rules breaks the capture.
struct Capture {
  std::vector<Context*> contexts;
  std::vector<const void*> collecting = {};  // groups whose streams nobody has joined
  bool broken = false;
};
struct Context {
  int ordinal;
  Graph* capture;                            // null: calls are carried out
  struct Body { Graph* around; uint64_t condition; bool loop; };
  std::vector<Body> bodies = {};             // that `capture` is within, the outermost first
  std::vector<uint64_t> conditions = {};     // made for this capture, which no body has asked yet
  std::shared_ptr<Capture> whole = nullptr;
  // Guarded by `orders`.
  uint64_t asked = 0;                        // how much work
  std::map<const Context*, uint64_t> seen = {};   // what of others' work its own is behind
  const Context* behind = nullptr;           // a graph that works on this one was started there, and this one does not wait for it
};
Context& of(void* context) { return *static_cast<Context*>(context); }
constexpr int kCaptureUnsupported = 900, kUnjoined = 904, kIsolation = 905;   // CUDA's own
std::mutex orders;
// Whoever asks a context for work comes here first. On a card work that is in no order gives wrong numbers now and then.
int ask(void* c) {
  std::lock_guard hold(orders);
  ++of(c).asked;
  return of(c).behind ? kIsolation : 0;
}
constexpr int kGroupFault = kNoCollective - 1;

std::mutex mutex;                            // one call at a time: a stream's order
Arena& arena() {
  static Arena* const a = new Arena();
  return *a;
}
struct Open {
  Open() : hold(mutex) { arena().open(); }
  ~Open() { arena().close(); }
  std::lock_guard<std::mutex> hold;
};

// In place of CUPTI. The first two are guarded by `mutex`.
bool recording = false;
std::vector<Activity> done;
thread_local uint64_t marked = 0;
int64_t clock_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
// Made where a call begins its work, with the lock held.
struct Doing {
  Doing(void* context, Activity::Kind kind, size_t bytes, const char* name = nullptr)
      : a{kind, of(context).ordinal, 7, recording ? clock_now() : 0, 0, marked, bytes, name} {}
  ~Doing() {
    if (!recording) return;
    a.end = clock_now();
    done.push_back(a);
  }
  Activity a;
};

int machine(Machine* m) {
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  *m = {visible ? (*visible && *visible != '-') + static_cast<int>(std::count(visible, visible + std::strlen(visible), ',')) : kDevices, 13000, 13000, 13000, "emulated"};
  if (const char* driver = std::getenv("NINEFOLD_EMULATED_DRIVER")) m->driver = std::atoi(driver);
  return m->devices ? 0 : 100;
}
int properties(int ordinal, Properties* p) {
  std::snprintf(p->name, sizeof p->name, "Emulated GPU %d", ordinal);
  p->major = 9, p->minor = 0, p->processors = 4, p->memory = kArena;
  return 0;
}
const char* text(int status) { return status == kNoFourier ? "transforms on the GPU need cuFFT" : status == kNoCollective ? "sums over several GPUs need NCCL" :
                                                 status == kGroupFault ? "unhandled system error" : status == kUnjoined ? "the capture has work that was not joined" :
                                                 status == kIsolation ? "work of a capture and other work are in no order" : status == kOutOfMemory ? "out of memory" : status == 100 ? "no CUDA-capable device is detected" : "emulated error"; }
int open(int ordinal, void** context) {
  *context = new Context{ordinal, nullptr};
  arena().close();
  return 0;
}
int allocate(void* c, size_t bytes, void** out) {
  if (of(c).capture) return kCaptureUnsupported;
  if (const int status = ask(c)) return status;
  Open o;
  return arena().allocate(bytes, of(c).ordinal, out);
}
int release(void* c, void* memory) {
  if (of(c).capture) return kCaptureUnsupported;
  if (const int status = ask(c)) return status;
  Open o;
  return arena().release(memory);
}
int nothing(void* c) { return of(c).capture ? kCaptureUnsupported : 0; }
int memory(void*, uint64_t* free, uint64_t* total) {
  std::lock_guard hold(mutex);
  *free = arena().free_bytes();
  *total = kArena;
  return 0;
}
int copied(void* context, bool to_card, bool from_card, void* to, const void* from, size_t bytes) {
  Open o;
  const Doing doing(context, from_card ? to_card ? Activity::copy : Activity::download : Activity::upload, bytes);
  if (arena().holds(to) != to_card || arena().holds(from) != from_card) return 1;   // cudaErrorInvalidValue
  std::memmove(to, from, bytes);
  return 0;
}
int upload(void* c, void* to, const void* from, size_t n) {
  if (of(c).capture) return kCaptureUnsupported;
  const int status = ask(c);
  return status ? status : copied(c, true, false, to, from, n);
}
int download(void* c, void* to, const void* from, size_t n) {
  if (of(c).capture) return kCaptureUnsupported;
  const int status = ask(c);
  return status ? status : copied(c, false, true, to, from, n);
}
int carried_out(void* c, std::function<int()> what) {
  if (const int status = ask(c)) return status;
  if (!of(c).capture) return what();
  of(c).capture->steps.push_back(std::move(what));
  return 0;
}
int copy(void* c, void* to, const void* from, size_t n) { return carried_out(c, [=] { return copied(c, true, true, to, from, n); }); }
int fill(void* c, void* to, int byte, size_t n) {
  return carried_out(c, [=] {
    Open o;
    const Doing doing(c, Activity::fill, n);
    std::memset(to, byte, n);
    return 0;
  });
}

const void* kernel(const char* name, size_t parameters) {
  for (const Entry* e = Entry::first(); e; e = e->next)
    if (std::strcmp(e->name, name) == 0) return e->parameters == parameters ? e : nullptr;
  return nullptr;
}
// Kernels from text have a place of their own to say where they are.
std::map<const void*, Where*> own_where;

int run(void* context, const void* kernel, const Launch* how, const void* parameters);
int launch(void* c, const void* kernel, const Launch* how, const void* parameters) {
  if (!of(c).capture) {
    const int status = ask(c);
    return status ? status : run(c, kernel, how, parameters);
  }
  const auto* const bytes = static_cast<const char*>(parameters);
  std::vector<char> kept(bytes, bytes + static_cast<const Entry*>(kernel)->parameters);
  return carried_out(c, [c, kernel, how = *how, kept = std::move(kept)] {
    alignas(16) char aligned[4096];
    std::memcpy(aligned, kept.data(), kept.size());
    return run(c, kernel, &how, aligned);
  });
}
int run(void* context, const void* kernel, const Launch* how, const void* parameters) {
  const auto& e = *static_cast<const Entry*>(kernel);
  // What a card would refuse.
  if (how->threads < 1 || how->threads > 1024 || how->blocks[0] < 1 || how->blocks[0] > 0x7fffffffu || how->blocks[1] < 1 ||
      how->blocks[1] > 65535 || how->blocks[2] < 1 || how->blocks[2] > 65535)
    return 9;                                // cudaErrorInvalidConfiguration
  if (e.parameters > 4096) return 1;
  Open o;
  const Doing doing(context, Activity::kernel, 0, e.name);
  const auto own = own_where.find(kernel);
  Where& where = own == own_where.end() ? cuda::where : *own->second;
  const auto run = reinterpret_cast<void (*)(const void*)>(const_cast<void*>(e.function));
  for (int axis = 0; axis < 3; ++axis) where.blocks[axis] = how->blocks[axis];
  where.block_size = static_cast<int>(how->threads);
  for (where.block[2] = 0; where.block[2] < where.blocks[2]; ++where.block[2])
    for (where.block[1] = 0; where.block[1] < where.blocks[1]; ++where.block[1])
      for (where.block[0] = 0; where.block[0] < where.blocks[0]; ++where.block[0]) {
        where.in_block = 0;
        if (e.block) run(parameters);
        else
          for (; where.in_block < where.block_size; ++where.in_block) run(parameters);
      }
  arena().watch_all(e.name);
  return 0;
}

// Numbers of 16 bits: what is computed with them is computed in double, and rounded once.
struct Half {
  uint16_t bits = 0;
  Half() = default;
  explicit Half(double f) : bits(float_to_half(static_cast<float>(f))) {}
  explicit operator double() const { return half_to_float(bits); }
  float operator+(Half h) const { return half_to_float(bits) + half_to_float(h.bits); }
};
struct Bfloat {
  uint16_t bits = 0;
  Bfloat() = default;
  explicit Bfloat(double f) : bits(float_to_bfloat16(static_cast<float>(f))) {}
  explicit operator double() const { return bfloat16_to_float(bits); }
};
bool has_more(const Gemm& g) { return g.bias || g.sums || g.after; }
int products_with_more = 0;                  // that came with a bias, an activation or sums; guarded by `mutex`

template <class T> struct Wide { typedef double type; };
template <class T> struct Wide<std::complex<T>> { typedef std::complex<double> type; };
double flipped(double x, bool) { return x; }
std::complex<double> flipped(std::complex<double> x, bool conjugate) { return conjugate ? std::conj(x) : x; }
// As a card does what follows a product: in float, and rounded once.
double finished(const Gemm& g, double sum, double bias) {
  const auto x = static_cast<float>(sum + bias);
  if (g.after == Gemm::relu) return std::max(x, 0.0f);
  return g.after == Gemm::gelu ? 0.5 * x * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))) : sum + bias;
}
std::complex<double> finished(const Gemm&, std::complex<double> sum, std::complex<double>) { return sum; }

template <class T>
void multiply(const Gemm& g) {
  typedef typename Wide<T>::type W;
  const auto* bias = static_cast<const T*>(g.bias);
  const auto *a = static_cast<const T*>(g.a), *b = static_cast<const T*>(g.b);
  auto* c = static_cast<T*>(g.c);
  for (int64_t s = 0; s < g.batch; ++s)
    for (int64_t i = 0; i < g.m; ++i)
      for (int64_t j = 0; j < g.n; ++j) {
        W sum = 0;
        for (int64_t k = 0; k < g.k; ++k)
          sum += flipped(W(a[s * g.stride_a + (g.transpose_a ? k * g.m + i : i * g.k + k)]), g.transpose_a && g.conjugate) *
                 flipped(W(b[s * g.stride_b + (g.transpose_b ? j * g.k + k : k * g.n + j)]), g.transpose_b && g.conjugate);
        c[s * g.stride_c + i * g.n + j] = static_cast<T>(finished(g, sum, bias ? W(bias[j]) : W(0)));
      }
  for (int64_t j = 0; g.sums && j < g.n; ++j) {
    W sum = 0;
    for (int64_t k = 0; k < g.k; ++k) sum += W(b[g.transpose_b ? j * g.k + k : k * g.n + j]);
    static_cast<T*>(g.sums)[j] = static_cast<T>(sum);
  }
}
// cuBLASLt cannot be emulated; this says what the engine asks of it.
int multiplied(void* context, const Gemm* g) {
  Open o;
  const Doing doing(context, Activity::kernel, 0, "gemm");
  const bool more = has_more(*g);
  if (more && (g->batch != 1 || (g->sums && (g->bias || g->after)))) return kNotSupported;
  products_with_more += more;
  if (g->dtype == 1) multiply<float>(*g);
  else if (g->dtype == 14) multiply<Bfloat>(*g);
  else if (g->dtype == 19) multiply<Half>(*g);
  else if (more) return kNotSupported;
  else if (g->dtype == 2) multiply<double>(*g);
  else if (g->dtype == 8) multiply<std::complex<float>>(*g);
  else if (g->dtype == 18) multiply<std::complex<double>>(*g);
  else return kNotSupported;
  arena().watch_all("a product");
  return 0;
}

int gemm(void* c, const Gemm* g) {
  if (has_more(*g) && std::getenv("NINEFOLD_EMULATED_WITHOUT_EPILOGUES")) return kNotSupported;   // a capture hears it, too
  return carried_out(c, [c, g = *g] { return multiplied(c, &g); });
}

int begin(void* c) {
  if (of(c).capture) return kCaptureUnsupported;
  of(c).capture = new Graph();
  of(c).whole = std::make_shared<Capture>(Capture{{&of(c)}});
  return 0;
}
int follow(void* c, void* other) {
  Context &own = of(c), &its = of(other);
  std::lock_guard hold(orders);
  if (its.whole && !own.whole && its.bodies.empty()) {             // what follows a capture belongs to it
    own.whole = its.whole;
    own.capture = own.whole->contexts[0]->capture;
    own.whole->contexts.push_back(&own);
  } else if (own.whole != its.whole || !own.bodies.empty() || !its.bodies.empty()) {   // a body's stream is captured by itself
    for (Context* one : {&own, &its})
      if (one->whole) one->whole->broken = true;
    return kIsolation;
  }
  own.seen[&its] = its.asked;
  if (own.behind == &its) own.behind = nullptr;
  return 0;
}
// A condition is what the kernel "set_condition" said last; before that, in each replay, false.
std::map<uint64_t, bool> conditions;         // guarded by `mutex`
uint64_t conditions_made = 0;                // guarded by `mutex`
bool conditional() { return !std::getenv("NINEFOLD_EMULATED_WITHOUT_CONDITIONS"); }
int condition(void* c, uint64_t* made) {
  if (!of(c).capture || !conditional()) return kNotSupported;
  std::lock_guard hold(mutex);
  conditions[*made = ++conditions_made] = false;
  of(c).conditions.push_back(*made);
  return 0;
}
int begin_body(void* c, uint64_t condition, bool loop) {
  auto& unasked = of(c).conditions;
  const auto at = std::find(unasked.begin(), unasked.end(), condition);
  if (!of(c).capture || at == unasked.end()) return 1;   // cudaErrorInvalidValue: made for another capture, or asked already
  unasked.erase(at);
  of(c).bodies.push_back({of(c).capture, condition, loop});
  of(c).capture = new Graph();
  return 0;
}
int replayed(const Graph& graph) {
  for (const auto& step : graph.steps)
    if (const int status = step()) return status;
  return 0;
}
bool holds(uint64_t condition) {             // and whoever asks again without an answer is told no
  std::lock_guard hold(mutex);
  return std::exchange(conditions.at(condition), false);
}
int end_body(void* c) {
  if (of(c).bodies.empty()) return 1;
  const Context::Body body = of(c).bodies.back();
  of(c).bodies.pop_back();
  const std::shared_ptr<const Graph> inner(std::exchange(of(c).capture, body.around));
  of(c).capture->steps.push_back([inner, condition = body.condition, loop = body.loop] {
    if (!loop) return holds(condition) ? replayed(*inner) : 0;
    while (holds(condition))
      if (const int status = replayed(*inner)) return status;
    return 0;
  });
  return 0;
}

int end(void* c, bool keep, void** graph) {
  *graph = nullptr;
  const std::shared_ptr<Capture> whole = of(c).whole;
  if (!whole || whole->contexts[0] != &of(c)) return kCaptureUnsupported;
  Graph* const captured = of(c).bodies.empty() ? of(c).capture : of(c).bodies[0].around;
  int status = whole->broken ? 901 : 0;      // cudaErrorStreamCaptureInvalidated
  if (!whole->collecting.empty()) status = kUnjoined;
  for (Context* member : whole->contexts) {
    if (!member->bodies.empty() || !member->conditions.empty()) status = 1;   // as CUDA refuses to make such a graph ready
    if (member != &of(c) && of(c).seen[member] != member->asked) status = kUnjoined;
    member->bodies.clear();
    member->conditions.clear();
    member->capture = nullptr;
    member->whole = nullptr;
  }
  captured->contexts = whole->contexts;
  if (keep && !status) *graph = captured;
  else delete captured;
  return keep ? status : 0;
}
// It begins behind what the context that starts it was asked: that one waited for the others, and those wait for it before they go on.
int replay(void* c, void* graph) {
  const Graph& g = *static_cast<Graph*>(graph);
  if (of(c).capture || g.contexts[0] != &of(c)) return kCaptureUnsupported;
  if (const int status = ask(c)) return status;
  {
    std::lock_guard hold(orders);
    for (Context* member : g.contexts)
      if (member != &of(c) && of(c).seen[member] != member->asked) return kIsolation;
    for (Context* member : g.contexts)
      if (member != &of(c)) member->behind = &of(c);
  }
  return replayed(g);
}
int drop(void*, void* graph) {
  delete static_cast<Graph*>(graph);
  return 0;
}

// In place of NVRTC: the compiler that built this, which makes the text's loops a library of its own.
void compiler(Compiler* c) {
  const char* const named = std::getenv("NINEFOLD_EMULATED_COMPILER");
  const bool there = ::access(named ? named : NINEFOLD_EMULATED_COMPILER, X_OK) == 0 && ::access(NINEFOLD_EMULATED_SOURCE, R_OK) == 0;
  *c = {13000, "emulated", there ? nullptr : "there is no compiler to emulate NVRTC with"};
}
std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
struct Scratch {
  std::string path = (std::filesystem::temp_directory_path() / "ninefold-emulated-XXXXXX").string();
  Scratch() { if (!::mkdtemp(path.data())) std::abort(); }
  ~Scratch() { std::filesystem::remove_all(path); }
};
int compile(void*, const char* text, void* to, void (*take)(void* to, const char* bytes, size_t size)) {
  const Scratch s;
  std::ofstream(s.path + "/fused.cc") << text << R"(
namespace ninefold::cuda {
Where where;
const Entry*& Entry::first() { static const Entry* entry = nullptr; return entry; }
}
extern "C" const void* nf_entry() { return ninefold::cuda::Entry::first(); }
extern "C" void* nf_where() { return &ninefold::cuda::where; }
)";
  const char* const named = std::getenv("NINEFOLD_EMULATED_COMPILER");
  const std::string command = std::string(named ? named : NINEFOLD_EMULATED_COMPILER) + " -std=c++20 -O1 -w -shared -fPIC -ffp-contract=off -I " +
                              NINEFOLD_EMULATED_SOURCE " -o " + s.path + "/fused.so " + s.path + "/fused.cc 2> " + s.path + "/log";
  const int status = std::system(command.c_str());
  const std::string bytes = bytes_of(s.path + (status ? "/log" : "/fused.so"));
  take(to, bytes.data(), bytes.size());
  return status ? 300 : 0;                   // cudaErrorInvalidSource
}
int load(void*, const void* code, size_t bytes, const void** kernel) {
  const Scratch s;
  std::ofstream(s.path + "/fused.so", std::ios::binary).write(static_cast<const char*>(code), static_cast<std::streamsize>(bytes));
  void* const module = ::dlopen((s.path + "/fused.so").c_str(), RTLD_NOW | RTLD_LOCAL);   // stays, without its file
  if (!module) return 209;                   // cudaErrorNoKernelImageForDevice
  std::lock_guard hold(mutex);
  *kernel = reinterpret_cast<const void* (*)()>(::dlsym(module, "nf_entry"))();
  own_where[*kernel] = static_cast<Where*>(reinterpret_cast<void* (*)()>(::dlsym(module, "nf_where"))());
  return 0;
}

// What cuFFT is asked, from the definition, in double.
using Numbers = std::vector<std::complex<double>>;
Numbers transformed(const Numbers& x, double sign) {
  Numbers y(x.size());
  for (size_t k = 0; k < x.size(); ++k)
    for (size_t j = 0; j < x.size(); ++j)
      y[k] += x[j] * std::polar(1.0, sign * 2 * 3.14159265358979323846 * static_cast<double>(j * k % x.size()) / static_cast<double>(x.size()));
  return y;
}
template <class T>
void transform_all(const Fourier& f) {
  const double sign = f.kind == Fourier::forward || f.kind == Fourier::from_real ? -1 : 1;
  const auto n = static_cast<size_t>(f.size[f.rank - 1]), half = n / 2 + 1;
  const size_t rows = static_cast<size_t>(f.batch) * (f.rank == 2 ? static_cast<size_t>(f.size[0]) : 1);
  auto *real_from = static_cast<T*>(f.from), *real_to = static_cast<T*>(f.to);
  auto *from = static_cast<std::complex<T>*>(f.from), *to = static_cast<std::complex<T>*>(f.to);
  for (size_t r = 0; r < rows; ++r) {
    Numbers x(n);
    for (size_t i = 0; i < n; ++i)
      x[i] = f.kind == Fourier::from_real ? std::complex<double>(static_cast<double>(real_from[r * n + i]))
             : f.kind != Fourier::to_real ? std::complex<double>(from[r * n + i])
             : i < half ? std::complex<double>(from[r * half + i]) : std::conj(std::complex<double>(from[r * half + n - i]));
    const Numbers y = transformed(x, sign);
    if (f.kind == Fourier::to_real) for (size_t i = 0; i < n; ++i) real_to[r * n + i] = static_cast<T>(y[i].real());
    else for (size_t i = 0, count = f.kind == Fourier::from_real ? half : n; i < count; ++i) to[r * count + i] = std::complex<T>(y[i]);
  }
  const auto height = static_cast<size_t>(f.size[0]);
  for (size_t image = 0; f.rank == 2 && image < static_cast<size_t>(f.batch); ++image)
    for (size_t c = 0; c < n; ++c) {
      Numbers x(height);
      for (size_t i = 0; i < height; ++i) x[i] = std::complex<double>(to[(image * height + i) * n + c]);
      const Numbers y = transformed(x, sign);
      for (size_t i = 0; i < height; ++i) to[(image * height + i) * n + c] = std::complex<T>(y[i]);
    }
  // cuFFT may leave anything where it read.
  if (f.kind == Fourier::to_real) std::memset(f.from, 0xcd, rows * half * sizeof(std::complex<T>));
}
int transformed(void* context, const Fourier* f) {
  Open o;
  const Doing doing(context, Activity::kernel, 0, "fourier");
  if (!arena().holds(f->from) || !arena().holds(f->to)) return 1;
  if (f->wide) transform_all<double>(*f);
  else transform_all<float>(*f);
  arena().watch_all("a Fourier transform");
  return 0;
}
int fourier(void* c, const Fourier* f) {
  if (std::getenv("NINEFOLD_EMULATED_WITHOUT_FFT")) return kNoFourier;
  return carried_out(c, [c, f = *f] { return transformed(c, &f); });
}

const char* record() {
  if (const char* missing = std::getenv("NINEFOLD_EMULATED_NO_CUPTI")) return missing;
  std::lock_guard hold(mutex);
  done.clear();
  recording = true;
  return nullptr;
}
void recorded(void* to, void (*take)(void* to, const Activity*)) {
  std::lock_guard hold(mutex);
  recording = false;
  for (const Activity& a : done) take(to, &a);
  done.clear();
}
void mark(uint64_t number) { marked = number; }

int peer(void* to_context, void* to, void* from_context, const void* from, size_t bytes) {
  if (const int status = follow(to_context, from_context)) return status;
  const int status = carried_out(to_context, [=] {
    Open o;
    const Doing doing(to_context, Activity::copy, bytes, "peer");
    if (!arena().holds(to, bytes, of(to_context).ordinal) || !arena().holds(from, bytes, of(from_context).ordinal)) return 1;
    std::memmove(to, from, bytes);
    return 0;
  });
  return status ? status : follow(from_context, to_context);
}

// In place of NCCL: what is collected is computed when it is joined, so that whoever reads too early reads what memory held before.
// Groups write down what is asked of them; tests read it (ninefold_emulated_collectives), and say which call is to fail.
struct Group {
  struct Call {
    Collective what;
    std::vector<const void*> from;
    std::vector<void*> to;
  };
  std::vector<void*> members;
  std::vector<Call> waiting;
  int number;
  bool hangs = false;                        // no `progress` from now on
  bool failed = false;                       // in a graph, which does not tell
  std::chrono::steady_clock::time_point hung = {};
  std::shared_ptr<int> in_graphs = std::make_shared<int>();   // graphs that have calls of this group hold it, too
};
std::string log_of_groups;                   // guarded by `mutex`, as the next two are
int groups_made = 0;
int calls_to_failure = 0;                    // 0: none is to fail; below 0: the call of that number hangs

int connect(void* const* contexts, int members, void** group) {
  if (std::getenv("NINEFOLD_EMULATED_WITHOUT_NCCL")) return kNoCollective;
  for (int i = 0; i < members; ++i)
    if (of(contexts[i]).capture) return kCaptureUnsupported;
  std::lock_guard hold(mutex);
  auto* const g = new Group{{contexts, contexts + members}, {}, ++groups_made};
  log_of_groups += "connect " + std::to_string(g->number) + ":";
  for (void* c : g->members) log_of_groups += " " + std::to_string(of(c).ordinal);
  log_of_groups += "\n";
  *group = g;
  return 0;
}
// The capture that all members are in, null where none is; not where some are.
bool captured_together(const Group& g, Capture** whole) {
  *whole = of(g.members[0]).whole.get();
  bool together = true;
  for (void* m : g.members) together = together && of(m).whole.get() == *whole && of(m).bodies.empty();
  if (!together)
    for (void* m : g.members)
      if (of(m).whole) of(m).whole->broken = true;
  return together;
}
size_t bytes_of(const Collective& c) { return static_cast<size_t>(c.count) * (c.dtype == 2 || c.dtype == 9 ? 8 : c.dtype == 19 ? 2 : 4); }
std::string told(const std::vector<Group::Call>& calls) {
  static const char* const kinds[] = {"all_reduce", "reduce", "broadcast"};
  std::string line;
  for (const Group::Call& c : calls)
    line += std::string(" ") + kinds[c.what.kind] + " " + std::to_string(bytes_of(c.what)) + " to " + std::to_string(c.what.root);
  return line + "\n";
}
int collected(Group& g, const std::vector<Group::Call>& calls, bool by_graph) {
  std::lock_guard hold(mutex);
  if (calls_to_failure > 0 && --calls_to_failure == 0) {
    log_of_groups += "fault " + std::to_string(g.number) + "\n";
    g.failed = by_graph;
    return by_graph ? 0 : kGroupFault;
  }
  if (calls_to_failure < 0 && ++calls_to_failure == 0) g.hangs = true, g.hung = std::chrono::steady_clock::now();
  log_of_groups += "collect " + std::to_string(g.number) + ":" + told(calls);
  g.waiting.insert(g.waiting.end(), calls.begin(), calls.end());
  return 0;
}
int collect(void* group, const Collective* all, int count) {
  auto& g = *static_cast<Group*>(group);
  Capture* whole = nullptr;
  if (!captured_together(g, &whole)) return kIsolation;
  std::vector<Group::Call> calls;
  for (void* m : g.members)
    if (const int status = ask(m)) return status;
  for (int i = 0; i < count; ++i) {
    std::lock_guard hold(mutex);
    const Collective& c = all[i];
    const size_t bytes = bytes_of(c);
    Group::Call call{c, {}, {}};
    for (size_t m = 0; m < g.members.size(); ++m) {
      const int ordinal = of(g.members[m]).ordinal;
      const bool reads = c.kind != Collective::broadcast || c.root == static_cast<int>(m);
      const bool writes = c.kind != Collective::reduce || c.root == static_cast<int>(m);
      if ((reads && !arena().holds(c.from[m], bytes, ordinal)) || (writes && !arena().holds(c.to[m], bytes, ordinal))) return 1;
      call.from.push_back(reads ? c.from[m] : nullptr);
      call.to.push_back(writes ? c.to[m] : nullptr);
    }
    calls.push_back(std::move(call));
  }
  if (!whole) return collected(g, calls, false);
  whole->collecting.push_back(group);
  std::lock_guard hold(mutex);
  log_of_groups += "capture " + std::to_string(g.number) + ":" + told(calls);
  of(g.members[0]).capture->steps.push_back([&g, calls = std::move(calls), held = g.in_graphs] { return collected(g, calls, true); });
  return 0;
}
// Halves are rounded after each addition, as a ring does it.
template <class T>
void carry_out(const Group::Call& c) {
  const auto n = static_cast<size_t>(c.what.count);
  std::vector<T> sum(n);
  for (const void* from : c.from)
    for (size_t i = 0; from && i < n; ++i) sum[i] = static_cast<T>(sum[i] + static_cast<const T*>(from)[i]);
  for (void* to : c.to)
    if (to) std::memcpy(to, sum.data(), n * sizeof(T));
}
// One that hangs has members that are busy with work of their own for a tenth of a second, and then nothing.
int progress(void* group) {
  const auto& g = *static_cast<Group*>(group);
  std::lock_guard hold(mutex);
  if (!g.hangs) return 0;
  return std::chrono::steady_clock::now() - g.hung < std::chrono::milliseconds(100) ? kNotBegun : kUnderWay;
}
int joined(Group& g) {
  Open o;
  if (g.hangs) {                             // on a card the devices would wait for ever
    log_of_groups += "hang " + std::to_string(g.number) + "\n";
    return kGroupFault;
  }
  log_of_groups += "join " + std::to_string(g.number) + "\n";
  for (const Group::Call& c : g.waiting) {
    if (c.what.dtype == 1) carry_out<float>(c);
    else if (c.what.dtype == 2) carry_out<double>(c);
    else if (c.what.dtype == 3) carry_out<int32_t>(c);
    else if (c.what.dtype == 9) carry_out<int64_t>(c);
    else if (c.what.dtype == 19) carry_out<Half>(c);
    else return kNotSupported;
  }
  g.waiting.clear();
  arena().watch_all("a collective");
  return 0;
}
int join(void* group) {
  auto& g = *static_cast<Group*>(group);
  Capture* whole = nullptr;
  if (!captured_together(g, &whole)) return kIsolation;
  for (void* m : g.members)
    if (const int status = ask(m)) return status;
  if (!whole) return joined(g);
  const bool known = std::erase(whole->collecting, group) > 0;
  if (!known) whole->broken = true;          // its events were recorded outside
  of(g.members[0]).capture->steps.push_back([&g, held = g.in_graphs] { return joined(g); });
  return known ? 0 : kIsolation;
}
int fault(void* group) { return static_cast<const Group*>(group)->failed ? kGroupFault : 0; }
int disconnect(void* group, bool abort) {
  std::lock_guard hold(mutex);
  auto* const g = static_cast<Group*>(group);
  if (g->in_graphs.use_count() > 1) {
    std::fprintf(stderr, "emulated GPU: communicators end before the graphs that use them: NCCL would wait for ever\n");
    std::abort();
  }
  log_of_groups += (abort ? "abort " : "disconnect ") + std::to_string(g->number) + "\n";
  delete g;
  return 0;
}

// cuDNN by tests/cuda/dnn.cc, which keeps to its manners.
int planned(void* c, const DnnCall* call, void** plan, size_t* workspace) {
  if (of(c).capture) return kCaptureUnsupported;
  std::lock_guard hold(mutex);
  return emulated_dnn_plan(*call, plan, workspace);
}
int ran(void* c, const void* plan, void* const* memory, void* workspace) {
  const int tensors = emulated_dnn_tensors(plan);
  return carried_out(c, [c, plan, workspace, kept = std::vector<void*>(memory, memory + tensors)] {
    Open o;
    const Doing doing(c, Activity::kernel, 0, "cudnn");
    for (const void* m : kept)
      if (!arena().holds(m)) return 1;
    const int status = emulated_dnn_run(plan, kept.data(), workspace);
    arena().watch_all("cuDNN");
    return status;
  });
}

int recurrent_planned(void* c, const DnnRecurrent* what, void** plan, DnnRecurrentSizes* sizes) {
  if (of(c).capture) return kCaptureUnsupported;
  return emulated_recurrent_plan(*what, plan, sizes);
}
int recurrent_ran(void* c, const void* plan, const DnnRecurrentRun* run) {
  return carried_out(c, [c, plan, run = *run] {
    Open o;
    const Doing doing(c, Activity::kernel, 0, "cudnn");
    const int status = emulated_recurrent_run(plan, run);
    arena().watch_all("cuDNN");
    return status;
  });
}

int solved_matrices = 0;                     // guarded by `mutex`
int staged_copies = 0;                       // guarded by `mutex`
int stage(void* c, const void* from, size_t bytes, void** memory) {
  if (of(c).capture) return kCaptureUnsupported;
  if (std::getenv("NINEFOLD_EMULATED_WITHOUT_PINNED")) return kNotSupported;
  if (const int status = allocate(c, bytes, memory)) return status;
  {
    std::lock_guard hold(mutex);
    ++staged_copies;
  }
  return copied(c, true, false, *memory, from, bytes);
}

int solve(void* c, const Solver* s) {
  if (of(c).capture) return kCaptureUnsupported;
  if (std::getenv("NINEFOLD_EMULATED_WITHOUT_SOLVER")) return kNotSupported;
  if (const int status = ask(c)) return status;
  Open o;
  const Doing doing(c, Activity::kernel, 0, "solver");
  ++solved_matrices;
  const int status = emulated_solver(*s);
  arena().watch_all("cuSOLVER");
  return status;
}

const Table table = {kAbiVersion, machine, properties, text, open, allocate, release, nothing, memory, upload, download,
                     copy, fill, nothing, kernel, launch, gemm, compiler, compile, load, fourier,
                     begin, end, replay, drop, record, recorded, mark, peer, connect, collect, progress, join, fault, disconnect,
                     emulated_dnn_library, planned, ran, recurrent_planned, recurrent_ran, stage, solve,
                     conditional, condition, begin_body, end_body, follow};

}  // namespace

void set_condition(uint64_t condition, bool holds) { conditions.at(condition) = holds; }   // a kernel does: the lock is held

}  // namespace ninefold::cuda

extern "C" __attribute__((visibility("default"))) const ninefold::cuda::Table* ninefold_cuda_table() {
  return &ninefold::cuda::table;
}

// How many matrices cuSOLVER was asked for.
extern "C" __attribute__((visibility("default"))) int ninefold_emulated_solved() {
  std::lock_guard hold(ninefold::cuda::mutex);
  return ninefold::cuda::solved_matrices;
}

// How many copies went through memory that a card reads by itself.
extern "C" __attribute__((visibility("default"))) int ninefold_emulated_staged() {
  std::lock_guard hold(ninefold::cuda::mutex);
  return ninefold::cuda::staged_copies;
}

// How many products came with a bias, an activation or sums.
extern "C" __attribute__((visibility("default"))) int ninefold_emulated_products() {
  std::lock_guard hold(ninefold::cuda::mutex);
  return ninefold::cuda::products_with_more;
}

// What groups were asked for since the last question; the call of that number from now on will fail (0: none), or, of a
// negative number, hang.
extern "C" __attribute__((visibility("default"))) const char* ninefold_emulated_collectives(int fail) {
  using namespace ninefold::cuda;
  static std::string told;
  std::lock_guard hold(mutex);
  told = std::exchange(log_of_groups, {});
  calls_to_failure = fail;
  return told.c_str();
}
