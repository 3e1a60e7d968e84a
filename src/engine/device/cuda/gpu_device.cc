// In: the GPUs of the library and how they are to be split. Out: logical devices with memory that is counted by holder.
#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "engine/device/cuda/capture.h"
#include "engine/device/cuda/dnn.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/device/cuda/timeline.h"
#include "engine/device/cuda/text_kernel.h"
#include "engine/tensor/accelerator.h"
#include "ninefold/device.h"

namespace ninefold {
namespace {

void need(int status, const char* what, const std::string& where) {
  if (status == 0) return;
  const cuda::Table& t = *cuda::table();
  fail(Code::internal, "{}: {} on {}", what, t.text(status), where);
}

// A context for one call. While another thread captures, its stream takes nobody else's work.
struct Entered {
  void* context;
  std::shared_lock<std::shared_mutex> turn;
  operator void*() const { return context; }
};

class GpuDevice final : public Accelerator {
 public:
  GpuDevice(int index, const device::LogicalGpu& how) : Accelerator("GPU", index), ordinal_(how.ordinal), limit_(how.memory_limit) {
    need(t_.open(how.ordinal, &context_), "opening the GPU", name());
  }
  Entered enter() {
    if (captured()) {
      cuda::Session::check_body(*this);
      return {context_, {}};
    }
    return {context_, std::shared_lock(gate_)};
  }
  void* context() const { return context_; }
  int ordinal() const { return ordinal_; }

  void* allocate(size_t bytes) override {
    const auto size = static_cast<int64_t>(std::max<size_t>(bytes, 1));
    cuda::Session::Share* const share = cuda::Session::of(*this);
    if (share && share->capturing()) return share->give(static_cast<size_t>(size));
    std::lock_guard hold(mutex_);
    void* memory = nullptr;
    int status = limit_ > 0 && current_ + size > limit_ ? cuda::kOutOfMemory
                                                        : t_.allocate(enter(), static_cast<size_t>(size), &memory);
    if (status == cuda::kOutOfMemory && !(limit_ > 0 && current_ + size > limit_)) {
      t_.wait(enter());   // what was given back is free once the work before it is done
      t_.trim(enter());
      status = t_.allocate(enter(), static_cast<size_t>(size), &memory);
    }
    if (status == cuda::kOutOfMemory) exhausted(size);
    need(status, "allocating memory", name());
    hold_memory(memory, size);
    if (share) share->note(memory, static_cast<size_t>(size));
    return memory;
  }
  void* bring(const void* from, size_t bytes) override {
    void* memory = nullptr;
    if (!cuda::Session::of(*this)) {
      const cuda::Asks asks("MemcpyH2D");
      std::lock_guard hold(mutex_);
      const auto size = static_cast<int64_t>(bytes);
      const int status = limit_ > 0 && current_ + size > limit_ ? cuda::kOutOfMemory : t_.stage(enter(), from, bytes, &memory);
      if (status == 0) {
        hold_memory(memory, size);
        return memory;
      }
      if (status != cuda::kNotSupported && status != cuda::kOutOfMemory) need(status, "copying to the GPU", name());
    }
    memory = allocate(bytes);                // which makes room, or says who holds what
    try {
      upload(memory, from, bytes);
    } catch (...) {
      release(memory, bytes);
      throw;
    }
    return memory;
  }
  void release(void* memory, size_t) noexcept override {
    if (cuda::Session::Share* s = cuda::Session::of(*this); s && s->take_back(memory)) return;
    std::lock_guard hold(mutex_);
    const auto it = held_.find(memory);
    if (it == held_.end()) return;
    current_ -= it->second.bytes;
    held_.erase(it);
    t_.release(enter(), memory);   // at the end of a process the driver may be gone already
  }
  void upload(void* to, const void* from, size_t n) override {
    if (captured()) return cuda::Session::of(*this)->put(to, from, n);
    const cuda::Asks asks("MemcpyH2D");
    need(t_.upload(enter(), to, from, n), "copying to the GPU", name());
  }
  void download(void* to, const void* from, size_t n) override {
    if (captured()) cuda::Session::blocked("reads on the host what the card computes");
    const cuda::Asks asks("MemcpyD2H", true);
    need(t_.download(enter(), to, from, n), "copying from the GPU", name());
  }
  void copy(void* to, const void* from, size_t n) override {
    const cuda::Asks asks("MemcpyD2D");
    need(t_.copy(enter(), to, from, n), "copying", name());
  }
  void copy_from(Accelerator& other, void* to, const void* from, size_t n) override {
    auto& here = static_cast<GpuDevice&>(other);
    if (captured() != here.captured()) cuda::Session::blocked("copies from or to a GPU that is no part of it");
    const cuda::Asks asks("MemcpyP2P");
    // In the order of their numbers, as everybody takes two.
    const Entered first = (index() < here.index() ? *this : here).enter(), second = (index() < here.index() ? here : *this).enter();
    need(t_.peer(context_, to, here.context_, from, n), "copying from another GPU", name());
  }
  void fill(void* to, int byte, size_t n) override {
    const cuda::Asks asks("Memset");
    need(t_.fill(enter(), to, byte, n), "filling memory", name());
  }

  std::shared_mutex& gate() { return gate_; }
  bool captured() const {
    const cuda::Session::Share* const share = cuda::Session::of(*this);
    return share && share->capturing();
  }
  void finish() { need(t_.wait(enter()), "waiting for the GPU", name()); }

  device::MemoryUse use() {
    std::lock_guard hold(mutex_);
    return {current_, peak_};
  }
  void reset_peak() {
    std::lock_guard hold(mutex_);
    peak_ = current_;
  }

 private:
  struct Held { int64_t bytes; const char* holder; };

  // Called with the lock held.
  void hold_memory(void* memory, int64_t size) {
    held_.emplace(memory, Held{size, Holder::now() ? Holder::now() : "constants and results"});
    current_ += size;
    peak_ = std::max(peak_, current_);
  }
  // Called with the lock held. TensorFlow's words, then who holds what, the largest first.
  [[noreturn]] void exhausted(int64_t bytes) {
    std::map<std::string, std::pair<int64_t, int64_t>> by_holder;   // bytes, buffers
    for (const auto& [memory, h] : held_) {
      by_holder[h.holder].first += h.bytes;
      ++by_holder[h.holder].second;
    }
    std::vector<std::pair<std::string, std::pair<int64_t, int64_t>>> rows(by_holder.begin(), by_holder.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
    std::string lines;
    for (size_t i = 0; i < rows.size() && i < 10; ++i)
      lines += fmt::format("\n{:>16} {:>8}  {}", rows[i].second.first, rows[i].second.second, rows[i].first);
    uint64_t free = 0, total = 0;
    t_.memory(enter(), &free, &total);
    fail(Code::resource_exhausted,
         "OOM when allocating {} bytes on {}: {} bytes are held{}, the card has {} of {} free; use smaller batches, or drop "
         "tensors that are still held. Who holds what:\n{:>16} {:>8}  made by{}", bytes, name(), current_,
         limit_ > 0 ? fmt::format(" of a limit of {}", limit_) : "", free, total, "bytes", "buffers", lines);
  }

  const cuda::Table& t_ = *cuda::table();
  void* context_ = nullptr;
  const int ordinal_;
  const int64_t limit_;
  std::shared_mutex gate_;                    // taken after any other lock; alone by whoever captures
  std::mutex mutex_;                          // guards what follows
  std::unordered_map<void*, Held> held_;
  int64_t current_ = 0, peak_ = 0;
};

struct Devices {
  std::mutex mutex;                           // guards what follows, until the devices are made
  std::optional<std::vector<device::LogicalGpu>> wanted;
  std::vector<GpuDevice*> made;               // never freed: tensors may outlive static objects
  std::vector<void (*)()> at_start;
};
Devices& devices() {
  static Devices* const d = new Devices();
  return *d;
}
GpuDevice& gpu(int index) {
  const int n = find_gpus();
  check(index >= 0 && index < n, Code::value, "GPU:{}: there are {} logical GPUs", index, n);
  return *devices().made[static_cast<size_t>(index)];
}
Entered context_of(Device& d) { return static_cast<GpuDevice&>(d).enter(); }

std::vector<GpuDevice*> in_order(std::span<Device* const> members) {
  std::vector<GpuDevice*> order;
  for (Device* d : members) order.push_back(static_cast<GpuDevice*>(d));
  std::sort(order.begin(), order.end(), [](GpuDevice* a, GpuDevice* b) { return a->index() < b->index(); });
  return order;
}
void* context_in(Device* d) { return static_cast<GpuDevice*>(d)->context(); }

// All of several devices, taken in the order of their numbers.
class AllEntered {
 public:
  explicit AllEntered(std::span<Device* const> members) {
    size_t captured = 0;
    for (Device* d : members) {
      contexts_.push_back(context_in(d));
      captured += static_cast<GpuDevice*>(d)->captured();
    }
    if (captured && captured < members.size()) cuda::Session::blocked("communicates with GPUs that are no part of it");
    for (GpuDevice* d : in_order(members)) entered_.push_back(d->enter());
  }
  void* const* contexts() const { return contexts_.data(); }

 private:
  std::vector<void*> contexts_;
  std::vector<Entered> entered_;
};

}  // namespace

std::atomic<int> known_gpus{-1};

const char*& Holder::now() {
  thread_local const char* name = nullptr;
  return name;
}

int find_gpus() {
  Devices& d = devices();
  std::lock_guard hold(d.mutex);
  if (const int n = known_gpus.load(); n >= 0) return n;
  if (d.wanted && d.wanted->empty()) {        // hidden: the driver is left alone
    known_gpus.store(0, std::memory_order_release);
    return 0;
  }
  if (cuda::table()) {
    if (!d.wanted) {
      d.wanted.emplace();
      for (int i = 0; i < cuda::machine().devices; ++i) d.wanted->push_back({i, 0});
    }
    for (const device::LogicalGpu& how : *d.wanted) d.made.push_back(new GpuDevice(static_cast<int>(d.made.size()), how));
    for (auto start : d.at_start) start();
  }
  const int n = static_cast<int>(d.made.size());
  known_gpus.store(n, std::memory_order_release);
  return n;
}

Accelerator* gpu_device(int index) {
  return index >= 0 && index < find_gpus() ? devices().made[static_cast<size_t>(index)] : nullptr;
}

namespace cuda {

void finish_all() {
  for (int i = 0; i < known_gpus.load(); ++i) gpu(i).finish();
}

AtStart::AtStart(void (*start)()) { devices().at_start.push_back(start); }

void launch(Device& device, const void* kernel, const Launch& how, const void* parameters) {
  const Asks asks("LaunchKernel");
  need(table()->launch(context_of(device), kernel, &how, parameters), "starting a kernel", device.name());
}

void gemm(Device& device, const Gemm& g) {
  const Asks asks("LaunchMatMul");
  const int status = table()->gemm(context_of(device), &g);
  check(status != kNoGemm, Code::failed_precondition, "MatMul: {}", table()->text(kNoGemm));
  need(status, "multiplying matrices", device.name());
}

bool try_gemm(Device& device, const Gemm& g) {
  const Asks asks("LaunchMatMul");
  const int status = table()->gemm(context_of(device), &g);
  if (status == kNoGemm || status == kNotSupported) return false;
  need(status, "multiplying matrices", device.name());
  return true;
}

bool try_solve(Device& device, const Solver& s) {
  const Asks asks("LaunchSolver");
  const int status = table()->solve(context_of(device), &s);
  if (status == kNotSupported) return false;
  need(status, "factoring a matrix", device.name());
  return true;
}

void fourier(Device& device, const char* op, const Fourier& f) {
  const Asks asks("LaunchFourier");
  const int status = table()->fourier(context_of(device), &f);
  check(status != kNoFourier, Code::failed_precondition, "{}: {}", op, table()->text(kNoFourier));
  need(status, "transforming numbers", device.name());
}

int plan_dnn(Device& d, const DnnCall& call, void** plan, size_t* workspace) {
  const timeline::Span span(timeline::critical, timeline::Kind::make, "FindEngine");
  return table()->dnn_plan(context_of(d), &call, plan, workspace);
}
int run_dnn(Device& d, const void* plan, std::span<void* const> memory, void* workspace) {
  const Asks asks("LaunchDnn");
  return table()->dnn_run(context_of(d), plan, memory.data(), workspace);
}

int plan_recurrent(Device& d, const DnnRecurrent& what, void** plan, DnnRecurrentSizes* sizes) {
  const timeline::Span span(timeline::critical, timeline::Kind::make, "FindEngine");
  return table()->recurrent_plan(context_of(d), &what, plan, sizes);
}
int run_recurrent(Device& d, const void* plan, const DnnRecurrentRun& run) {
  const Asks asks("LaunchDnn");
  return table()->recurrent_run(context_of(d), plan, &run);
}

Compiler compiler() {
  Compiler c{};
  table()->compiler(&c);
  return c;
}
std::string architecture_of(const Device& d) {
  Properties p{};
  need(table()->properties(static_cast<const GpuDevice&>(d).ordinal(), &p), "reading a GPU's properties", d.name());
  return fmt::format("sm_{}{}", p.major, p.minor);
}
int compile_text(Device& d, const std::string& text, std::string* code) {
  const timeline::Span span(timeline::critical, timeline::Kind::make, "CompileKernel");
  return table()->compile(static_cast<GpuDevice&>(d).context(), text.c_str(), code, [](void* to, const char* bytes, size_t n) {
    static_cast<std::string*>(to)->assign(bytes, n);
  });
}
int load_code(Device& d, const std::string& code, const void** kernel) {
  return table()->load(static_cast<GpuDevice&>(d).context(), code.data(), code.size(), kernel);
}

int ordinal_of(const Device& d) { return static_cast<const GpuDevice&>(d).ordinal(); }
std::string error_text(int status) { return table()->text(status); }
int connect(std::span<Device* const> members, void** group) {
  const AllEntered all(members);
  return table()->connect(all.contexts(), static_cast<int>(members.size()), group);
}
int collect(std::span<Device* const> members, void* group, std::span<const Collective> what) {
  const Asks asks("LaunchCollective");
  const AllEntered all(members);
  return table()->collect(group, what.data(), static_cast<int>(what.size()));
}
int progress(std::span<Device* const> members, void* group) {
  const AllEntered all(members);
  return table()->progress(group);
}
int join(std::span<Device* const> members, void* group) {
  const AllEntered all(members);
  return table()->join(group);
}
int fault_of(std::span<Device* const> members, void* group) {
  const AllEntered all(members);
  return table()->fault(group);
}
// Whoever holds a device's turn does not wait for the communicators: they end in any case.
int disconnect(std::span<Device* const>, void* group, bool abort) noexcept { return table()->disconnect(group, abort); }

namespace {
// What members but the first do is behind what that one was asked so far; or it is behind what they were asked.
int fork(std::span<Device* const> members) {
  int status = 0;
  for (Device* d : members.subspan(1))
    if (!status) status = table()->follow(context_in(d), context_in(members[0]));
  return status;
}
int meet(std::span<Device* const> members) {
  int status = 0;
  for (Device* d : members.subspan(1))
    if (!status) status = table()->follow(context_in(members[0]), context_in(d));
  return status;
}
}  // namespace

void begin_capture(std::span<Device* const> members) {
  const std::vector<GpuDevice*> order = in_order(members);
  for (GpuDevice* d : order) d->gate().lock();
  int status = table()->begin(context_in(members[0]));
  if (!status && (status = fork(members))) {
    void* none = nullptr;
    table()->end(context_in(members[0]), false, &none);
  }
  if (!status) return;
  for (GpuDevice* d : order) d->gate().unlock();
  need(status, "beginning a graph", members[0]->name());
}
void* end_capture(std::span<Device* const> members, bool keep) {
  void* graph = nullptr;
  int status = meet(members);
  const int ended = table()->end(context_in(members[0]), keep && !status, &graph);
  if (!status) status = ended;
  for (GpuDevice* d : in_order(members)) d->gate().unlock();
  if (keep) need(status, "capturing a graph", members[0]->name());
  return graph;
}
void replay(std::span<Device* const> members, void* graph) {
  const Asks asks("LaunchGraph");
  std::vector<std::unique_lock<std::shared_mutex>> alone;   // nobody's work comes in between
  for (GpuDevice* d : in_order(members)) alone.emplace_back(d->gate());
  int status = meet(members);
  if (!status) status = table()->replay(context_in(members[0]), graph);
  if (!status) status = fork(members);
  need(status, "starting a graph", members[0]->name());
}
void drop_graph(Device& d, void* graph) noexcept { table()->drop(context_of(d), graph); }
bool conditional() { return table() && table()->conditional(); }
uint64_t condition(Device& d) {
  uint64_t made = 0;
  need(table()->condition(context_of(d), &made), "making a condition", d.name());
  return made;
}
void begin_body(Device& d, uint64_t condition, bool loop) {
  need(table()->begin_body(context_of(d), condition, loop), "beginning a branch or loop", d.name());
}
void end_body(Device& d) { need(table()->end_body(context_of(d)), "ending a branch or loop", d.name()); }

}  // namespace cuda

namespace device {

std::vector<Gpu> gpus() {
  std::vector<Gpu> all;
  if (!cuda::table()) return all;
  for (int i = 0; i < cuda::machine().devices; ++i) {
    cuda::Properties p{};
    need(cuda::table()->properties(i, &p), "reading a GPU's properties", std::to_string(i));
    all.push_back({i, p.name, p.major, p.minor, p.memory});
  }
  return all;
}

std::string why_no_gpu() { return cuda::why_not(); }
std::string why_not_dnn() { return cuda::why_no_dnn(); }
std::string why_not_joined() { return cuda::why_no_compiler(); }

Build build() {
  const cuda::Machine& m = cuda::machine();
  return {m.toolkit, m.driver, m.least_driver, cuda::driver_series(m.least_driver), m.targets ? m.targets : ""};
}

void set_logical_gpus(std::vector<LogicalGpu> wanted) {
  Devices& d = devices();
  std::lock_guard hold(d.mutex);
  check(known_gpus.load() < 0, Code::runtime, "Physical devices cannot be modified after being initialized");
  d.wanted = std::move(wanted);
}
int logical_gpus() { return find_gpus(); }
bool initialised() { return known_gpus.load() >= 0; }

MemoryUse memory_of_gpu(int index) { return gpu(index).use(); }
void reset_peak_of_gpu(int index) { gpu(index).reset_peak(); }

}  // namespace device
}  // namespace ninefold
