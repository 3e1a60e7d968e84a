// In: memory or symbols. Out: tensors.
#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "base/float16.h"
#include "engine/tensor/accelerator.h"
#include "engine/tensor/resource.h"

namespace ninefold {
namespace {

int64_t elements(DType dtype, const Shape& shape) {
  check(shape.fully_known(), Code::value, "Tensor: shape {} is not fully known", shape.tuple());
  int64_t n = 1;
  bool overflow = false, empty = false;
  for (int64_t d : shape) {
    if (d == 0) empty = true;
    else overflow |= __builtin_mul_overflow(n, d, &n);
  }
  if (empty) return 0;
  int64_t bytes = 0;
  overflow |= __builtin_mul_overflow(n, static_cast<int64_t>(size_of(dtype)), &bytes);
  check(!overflow, "Encountered overflow when multiplying the dimensions of shape {}", shape.str());
  return n;
}

// Of a tensor whose memory the host cannot read; made once, while the handle lives. Values do not change.
const Tensor& host_copy(TensorImpl& t) {
  static std::mutex mutex;   // guards `known` of all such tensors
  std::lock_guard hold(mutex);
  if (!t.known) {
    Tensor copy = empty_on(cpu_device(), t.dtype, t.shape);
    static_cast<Accelerator&>(t.buffer->device()).download(copy.impl()->data, t.data, copy.bytes());
    t.known = std::make_shared<const Tensor>(std::move(copy));
  }
  return *t.known;
}

}  // namespace

// Ids are handed out in blocks, so that threads do not meet at the counter.
uint64_t fresh_id() {
  static std::atomic<uint64_t> blocks{1};
  thread_local uint64_t next = 0, end = 0;
  if (next == end) {
    next = blocks.fetch_add(1, std::memory_order_relaxed) << 20;
    end = next + (1 << 20);
  }
  return next++;
}

void Tensor::retain() const { if (impl_) impl_->refs.fetch_add(1, std::memory_order_relaxed); }
void Tensor::release() const {
  if (impl_ && impl_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete impl_;
}

Tensor tensor_in(Buffer* buffer, void* data, DType dtype, Shape shape) {
  auto* impl = new TensorImpl();
  impl->dtype = dtype;
  impl->shape = std::move(shape);
  impl->buffer = buffer;
  impl->data = data;
  return Tensor(impl);
}

Tensor symbolic_tensor(Symbol symbol, DType dtype, Shape shape) {
  auto* impl = new TensorImpl();
  impl->dtype = dtype;
  impl->shape = std::move(shape);
  impl->symbol = symbol;
  return Tensor(impl);
}

Tensor empty_on(Device& device, DType dtype, const Shape& shape) {
  const int64_t n = elements(dtype, shape);
  Buffer* b = is_plain(dtype) ? Buffer::allocate(device, static_cast<size_t>(n) * size_of(dtype))
                              : Buffer::of_elements(dtype, n);
  return tensor_in(b, b->data(), dtype, shape);
}

Tensor on_device(const Tensor& t, Device& device) {
  Device& here = t.impl()->buffer->device();
  t.impl()->buffer->wait();
  if (&here == &device || !is_plain(t.dtype()) || (here.host() && device.host())) return t;
  if (device.host()) {
    t.data();
    return *t.impl()->known;
  }
  if (here.host() && t.bytes() >= Accelerator::kStaged) {
    Buffer* const brought = Buffer::brought(static_cast<Accelerator&>(device), t.data(), t.bytes());
    return tensor_in(brought, brought->data(), t.dtype(), t.shape());
  }
  Tensor copy = empty_on(device, t.dtype(), t.shape());
  copy_bytes(copy, t);
  return copy;
}

void copy_bytes(const Tensor& to, const Tensor& from) {
  Device &there = to.impl()->buffer->device(), &here = from.impl()->buffer->device();
  const size_t bytes = from.bytes();
  if (bytes == 0) return;
  from.impl()->buffer->wait();
  void* const data = to.impl()->data;
  if (there.host() && here.host()) std::memcpy(data, from.data(), bytes);
  else if (there.host()) static_cast<Accelerator&>(here).download(data, from.impl()->data, bytes);
  else if (&there == &here) static_cast<Accelerator&>(there).copy(data, from.impl()->data, bytes);
  else if (here.host()) static_cast<Accelerator&>(there).upload(data, from.data(), bytes);
  else static_cast<Accelerator&>(there).copy_from(static_cast<Accelerator&>(here), data, from.impl()->data, bytes);
  to.impl()->known.reset();
}

bool sole_owner(const Tensor& t) {
  const TensorImpl* i = t.impl();
  return i && i->refs.load(std::memory_order_acquire) == 1 && i->buffer && i->buffer->unique() &&
         !i->buffer->borrowed();
}

Tensor Tensor::empty(DType dtype, const Shape& shape) { return empty_on(cpu_device(), dtype, shape); }

Tensor Tensor::zeros(DType dtype, const Shape& shape) {
  Tensor t = empty(dtype, shape);
  if (is_plain(dtype)) std::memset(t.writable(), 0, t.bytes());
  return t;
}

Tensor Tensor::copy_of(DType dtype, const Shape& shape, const void* values, size_t count) {
  Tensor t = empty(dtype, shape);
  check(static_cast<int64_t>(count) == t.size(), Code::value,
        "Tensor: {} values given for shape {}, which has {}", count, shape.tuple(), t.size());
  check(is_plain(dtype), Code::type, "Tensor: {} elements cannot be copied as bytes", name_of(dtype));
  if (count) std::memcpy(t.writable(), values, t.bytes());
  return t;
}

Tensor Tensor::of_strings(const Shape& shape, std::vector<std::string> values) {
  Tensor t = empty(DType::string, shape);
  check(static_cast<int64_t>(values.size()) == t.size(), Code::value,
        "Tensor: {} strings given for shape {}, which has {}", values.size(), shape.tuple(), t.size());
  std::move(values.begin(), values.end(), static_cast<std::string*>(t.writable()));
  return t;
}

Tensor Tensor::wrap(DType dtype, const Shape& shape, void* data, std::function<void()> release) {
  const int64_t n = elements(dtype, shape);
  Buffer* b = Buffer::wrap(data, static_cast<size_t>(n) * size_of(dtype), std::move(release));
  return tensor_in(b, data, dtype, shape);
}

bool Tensor::symbolic() const { return impl_ && impl_->symbol.node; }
DType Tensor::dtype() const { return impl_ ? impl_->dtype : DType::invalid; }
const Shape& Tensor::shape() const {
  NINEFOLD_INVARIANT(impl_);
  return impl_->shape;
}
const std::string& Tensor::device_name() const {
  static const std::string nowhere;
  return impl_ && impl_->buffer ? impl_->buffer->device().name() : nowhere;
}
uint64_t Tensor::id() const {
  uint64_t id = impl_->id.load(std::memory_order_relaxed);
  if (id == 0) {
    const uint64_t fresh = fresh_id();
    if (impl_->id.compare_exchange_strong(id, fresh)) id = fresh;
  }
  return id;
}

const void* Tensor::data() const {
  // A constant of a trace may be read: gradients look at axes and shapes.
  if (impl_ && !impl_->buffer && impl_->known) return impl_->known->data();
  check(impl_ && impl_->buffer, Code::value,
        "a symbolic tensor has no value while a function is traced; use tf operations on it");
  impl_->buffer->wait();
  if (impl_->buffer->device().host()) [[likely]] return impl_->data;
  return host_copy(*impl_).data();
}
void* Tensor::writable() const {
  NINEFOLD_INVARIANT(impl_ && (!impl_->buffer || impl_->buffer->device().host()));
  return const_cast<void*>(data());
}

int64_t Tensor::int_at(int64_t i) const {
  switch (dtype()) {
    case DType::i32: return as<int32_t>()[i];
    case DType::i64: return as<int64_t>()[i];
    case DType::u8: return as<uint8_t>()[i];
    case DType::i8: return as<int8_t>()[i];
    case DType::i16: return as<int16_t>()[i];
    case DType::u16: return as<uint16_t>()[i];
    case DType::u32: return as<uint32_t>()[i];
    case DType::u64: return static_cast<int64_t>(as<uint64_t>()[i]);
    case DType::boolean: return as<bool>()[i];
    case DType::f32: return static_cast<int64_t>(as<float>()[i]);
    case DType::f64: return static_cast<int64_t>(as<double>()[i]);
    default: fail(Code::type, "expected an integer tensor, got {}", name_of(dtype()));
  }
}

double Tensor::float_at(int64_t i) const {
  switch (dtype()) {
    case DType::f32: return as<float>()[i];
    case DType::f64: return as<double>()[i];
    case DType::f16: return half_to_float(as<uint16_t>()[i]);
    case DType::bf16: return bfloat16_to_float(as<uint16_t>()[i]);
    default: return static_cast<double>(int_at(i));
  }
}

std::vector<int64_t> Tensor::ints() const {
  std::vector<int64_t> v(static_cast<size_t>(size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = int_at(static_cast<int64_t>(i));
  return v;
}

Tensor Tensor::with_shape(const Shape& shape) const {
  NINEFOLD_INVARIANT(impl_ && impl_->buffer && shape.size() == size());
  impl_->buffer->retain();
  return tensor_in(impl_->buffer, impl_->data, impl_->dtype, shape);
}

Tensor resource_tensor(std::shared_ptr<Resource> r, DType dtype) {
  Tensor t = Tensor::empty(dtype, {});
  *static_cast<std::shared_ptr<Resource>*>(t.writable()) = std::move(r);
  return t;
}

const std::shared_ptr<Resource>& resource_of(const Tensor& handle, int64_t at) {
  return handle.as<std::shared_ptr<Resource>>()[at];
}

void wrong_resource(const Tensor& handle, const char* operation) {
  std::string found = !handle.defined() ? "nothing" : name_of(handle.dtype());
  if (handle.defined() && !handle.symbolic() && !is_plain(handle.dtype()) &&
      handle.dtype() != DType::string && handle.size() == 1)
    found = resource_of(handle) ? resource_of(handle)->kind() : "an empty handle";
  fail(Code::invalid_argument, "{}: the handle is of another kind; got {}", operation, found);
}

}  // namespace ninefold
