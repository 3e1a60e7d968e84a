// In: an op, its inputs, the device that is wished for. Out: where it runs, by which kernel, with its inputs there.
#include "engine/op/place.h"

#include <charconv>
#include <map>
#include <mutex>
#include <unordered_set>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/op/run.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"
#include "ninefold/device.h"

namespace ninefold {
namespace {

std::atomic<bool> soft{true}, tf32{true}, ordered{false};

// Stands for a device that a program names and that is not there: the first op that is to run on it says so.
class MissingDevice final : public Device {
 public:
  MissingDevice(const std::string& type, int index) : Device(type, index) {}
  void* allocate(size_t) override { complain(); }
  void release(void*, size_t) noexcept override {}
  bool host() const override { return true; }
  [[noreturn]] void complain() const {
    std::string all = cpu_device().name(), types = "CPU";
    for (int i = 0; i < find_gpus(); ++i) all += ", " + gpu_device(i)->name(), types = "GPU, CPU";
    fail(Code::invalid_argument, "Could not satisfy device specification '{}'. enable_soft_placement=0. Supported device "
         "types [{}]. All available devices [{}].", name(), types, all);
  }
};

std::unordered_set<const Op*>& anywhere() {
  static auto* const ops = new std::unordered_set<const Op*>();
  return *ops;
}

// "/job:localhost/device:GPU:1", "GPU:1", "/gpu:1" -> type and index; an empty type where none is named.
std::pair<std::string, int> parsed(const std::string& name) {
  std::string type;
  int index = 0;
  for (std::string_view part : split(name, '/')) {
    std::vector<std::string_view> words = split(part, ':');
    if (!words.empty() && words[0] == "device") words.erase(words.begin());
    if (words.empty() || words[0].empty()) continue;
    std::string kind(words[0]);
    for (char& c : kind) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (kind == "JOB" || kind == "REPLICA" || kind == "TASK") continue;
    type = kind;
    if (words.size() > 1) std::from_chars(words[1].data(), words[1].data() + words[1].size(), index);
  }
  return {type, index};
}

// One a name, never freed: a scope may outlive whoever named the device.
Device* missing(const std::string& type, int index) {
  static std::mutex mutex;                   // guards the map
  static auto* const all = new std::map<std::pair<std::string, int>, MissingDevice*>();
  std::lock_guard hold(mutex);
  auto& device = (*all)[{type, index}];
  if (!device) device = new MissingDevice(type, index);
  return device;
}

Device* wished(const std::string& name) {
  const auto [type, index] = parsed(name);
  if (type.empty()) return nullptr;
  if (type == "GPU") {
    if (Device* d = gpu_device(index)) return d;
  } else if (type == "CPU" && index < logical_cpus()) {
    return accelerated() ? &cpu_device() : nullptr;
  }
  return device::soft_placement() ? nullptr : missing(type, index);
}

// Which argument input i belongs to; one of them may be a list.
const ArgDef& argument(const OpDef& d, size_t inputs, size_t i) {
  if (d.plain) return d.inputs[i];
  const size_t others = d.inputs.size() - 1, several = inputs - others;
  size_t at = 0;
  for (const ArgDef& a : d.inputs) {
    at += a.count_attr >= 0 || a.list_attr >= 0 ? several : 1;
    if (i < at) return a;
  }
  return d.inputs.back();
}

}  // namespace

Device* preferred_device() {
  Device* const wish = scope().device;
  return wish ? wish : home_device() ? home_device() : gpu_device();
}
Device*& home_device() {
  thread_local Device* home = nullptr;
  return home;
}

AtHome::AtHome(const std::string& name) : wish_(scope().device), home_(home_device()) {
  Device* const d = name.empty() ? nullptr : wished(name);
  if (!d) return;
  scope().device = nullptr;                  // the strategy's wish is the inner one
  home_device() = d;
}
AtHome::~AtHome() {
  scope().device = wish_;
  home_device() = home_;
}

namespace {
// The GPU that the first variable among the inputs lies on; null: none of several.
Device* device_of_variable(std::span<const Tensor> inputs) {
  if (find_gpus() < 2) return nullptr;
  for (const Tensor& t : inputs) {
    if (t.dtype() != DType::resource || !t.impl()->buffer) continue;
    for (int64_t e = 0; e < t.size(); ++e) {
      auto* const v = dynamic_cast<VariableResource*>(resource_of(t, e).get());
      if (!v) continue;
      const std::lock_guard hold(v->mutex);
      if (!v->initialised() || !is_plain(v->dtype)) continue;
      Device& there = v->read().impl()->buffer->device();
      return there.host() ? nullptr : &there;
    }
  }
  return nullptr;
}
}  // namespace

Place place(const Op& op, const Attrs& attrs, std::span<const Tensor> inputs) {
  Device* const wish = scope().device;
  if (auto* gone = dynamic_cast<MissingDevice*>(wish)) gone->complain();
  if (op.view || is_anywhere(op)) return {&cpu_device(), &kernel_for(op, attrs, cpu_device()), false};
  Device* first = preferred_device();
  if (!wish && first && !first->host())
    if (Device* const there = device_of_variable(inputs)) first = there;
  if (first && !first->host()) {
    const DType key = kernel_key(op, attrs);
    const Kernel* k = find_kernel(op, key, first->type());
    if (k && !wish && key == DType::i32) {
      bool all = true;
      for (const Tensor& t : inputs) all = all && on_host(t);
      if (all) k = nullptr;
    }
    if (k) return {first, k, true};
    if (wish && !soft.load(std::memory_order_relaxed)) kernel_for(op, attrs, *first);   // says that there is none
  }
  return {&cpu_device(), &kernel_for(op, attrs, cpu_device()), true};
}

void move_variable(VariableResource& v, Device& device) {
  std::lock_guard hold(v.mutex);
  if (!v.initialised() || !is_plain(v.dtype)) return;
  const Tensor value = v.read();
  if (&value.impl()->buffer->device() == &device || (device.host() && on_host(value))) return;
  Tensor moved = empty_on(device, value.dtype(), value.shape());
  copy_bytes(moved, value);
  v.move_in(std::move(moved));
}

Tensors placed_inputs(const Op& op, const Place& p, std::span<const Tensor> inputs) {
  Tensors placed;
  placed.reserve(inputs.size());
  const OpDef& d = def(op);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& t = inputs[i];
    if (p.device->host() && t.dtype() == DType::resource && t.impl()->buffer)
      for (int64_t e = 0; e < t.size(); ++e)
        if (auto* v = dynamic_cast<VariableResource*>(resource_of(t, e).get())) move_variable(*v, *p.device);
    const bool stays = op.elementwise && !p.device->host() && on_host(t) && t.impl()->shape.size() == 1;
    const bool host = p.device->host() || stays || argument(d, inputs.size(), i).host;
    Device& there = host ? cpu_device() : *p.device;
    // What several inputs are is brought once: MatMul(a, a).
    size_t same = 0;
    while (same < i && !(inputs[same].impl() == t.impl() && on_host(placed[same]) == there.host())) ++same;
    placed.push_back(!t.impl()->buffer ? t : same < i ? placed[same] : on_device(t, there));
  }
  return placed;
}

Tensor first_value(const Tensor& t) {
  if (!accelerated() || (!is_floating(t.dtype()) && !is_complex(t.dtype()))) return t;
  return on_device(t, *preferred_device());
}

void add_gpu_kernel(std::string_view name, Kernel kernel, std::span<const DType> keys) {
  const Op& op = find_op(name);
  const OpDef& d = def(op);
  if (d.key_attr < 0) {
    Registrar(op, "GPU", kernel, {});
    return;
  }
  const std::vector<DType>& allowed = d.attrs[static_cast<size_t>(d.key_attr)].allowed;
  for (DType key : keys)
    if (allowed.empty() || std::find(allowed.begin(), allowed.end(), key) != allowed.end()) Registrar(op, "GPU", kernel, {key});
}
void runs_anywhere(std::string_view name) { anywhere().insert(&find_op(name)); }
bool is_anywhere(const Op& op) { return anywhere().contains(&op); }

std::atomic<bool> placement_is_told{false};
void tell_placement(const Op& op, const Device& device) {
  log_line(Level::info, fmt::format("Executing op {} in device {}", op.name, device.name()));
}

namespace device {

void set_log_placement(bool on) { placement_is_told.store(on); }
void tell_placement(std::string_view line) { log_line(Level::info, line); }
bool log_placement() { return placement_is_told.load(std::memory_order_relaxed); }
void set_soft_placement(bool on) { soft.store(on); }
bool soft_placement() { return soft.load(std::memory_order_relaxed); }
void set_tensor_float_32(bool on) { tf32.store(on); }
bool tensor_float_32() { return tf32.load(std::memory_order_relaxed); }
void set_deterministic(bool on) { ordered.store(on); }
bool deterministic() { return ordered.load(std::memory_order_relaxed); }

Within::Within(const std::string& name) : before_(scope().device) { scope().device = wished(name); }
Within::~Within() { scope().device = before_; }

}  // namespace device
}  // namespace ninefold
