// In: requests for memory. Out: buffers, and their orderly end.
#include "engine/tensor/buffer.h"

#include <new>
#include <string>

#include "engine/tensor/accelerator.h"
#include "engine/tensor/resource.h"

namespace ninefold {
namespace {

template <class T>
void construct(void* memory, int64_t count) { for (int64_t i = 0; i < count; ++i) new (static_cast<T*>(memory) + i) T(); }
template <class T>
void destruct(void* memory, int64_t count) { for (int64_t i = 0; i < count; ++i) (static_cast<T*>(memory) + i)->~T(); }

}  // namespace

Buffer* Buffer::allocate(Device& device, size_t bytes) {
  Buffer* b = new Buffer();
  b->device_ = &device;
  b->bytes_ = bytes;
  try {
    b->data_ = device.allocate(bytes);
  } catch (...) {
    delete b;
    throw;
  }
  return b;
}

Buffer* Buffer::brought(Accelerator& device, const void* from, size_t bytes) {
  Buffer* b = new Buffer();
  b->device_ = &device;
  b->bytes_ = bytes;
  try {
    b->data_ = device.bring(from, bytes);
  } catch (...) {
    delete b;
    throw;
  }
  return b;
}

Buffer* Buffer::of_elements(DType dtype, int64_t count) {
  Buffer* b = allocate(cpu_device(), static_cast<size_t>(count) * size_of(dtype));
  b->kind_ = elements_;
  b->dtype_ = dtype;
  b->count_ = count;
  if (dtype == DType::string) construct<std::string>(b->data_, count);
  else construct<std::shared_ptr<Resource>>(b->data_, count);
  return b;
}

Buffer* Buffer::wrap(void* data, size_t bytes, std::function<void()> release) {
  Buffer* b = new Buffer();
  b->kind_ = foreign_;
  b->device_ = &cpu_device();
  b->data_ = data;
  b->bytes_ = bytes;
  b->release_ = std::move(release);
  return b;
}

Buffer* Buffer::borrow(void* data, size_t bytes) {
  Buffer* b = wrap(data, bytes, {});
  b->kind_ = borrowed_;
  return b;
}

void Buffer::destroy() noexcept {
  if (kind_ == elements_) {
    if (dtype_ == DType::string) destruct<std::string>(data_, count_);
    else destruct<std::shared_ptr<Resource>>(data_, count_);
  }
  if (kind_ == owned_ || kind_ == elements_) device_->release(data_, bytes_);
  if (release_) release_();
  delete this;
}

}  // namespace ninefold
