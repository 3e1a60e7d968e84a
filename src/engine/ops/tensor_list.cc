// In: elements that come and go. Out: lists that keep them in one block where their shape allows.
#include "engine/ops/tensor_list.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"

namespace ninefold::ops {
namespace {

constexpr size_t kCardAlign = 256;            // bytes
constexpr size_t kSmallRow = 4096;            // bytes: rows that are worth copying rather than held one by one
constexpr size_t kLargeBlock = size_t{64} << 20;   // of larger rows: bytes of a list that is in one block

// Within the memory of one device.
void copy_within(Device& d, void* to, const void* from, size_t bytes) {
  if (bytes == 0) return;
  if (d.host()) std::memcpy(to, from, bytes);
  else static_cast<Accelerator&>(d).copy(to, from, bytes);
}

// What a list keeps must not lie in a plan's slab, which is used again.
Tensor kept(const Tensor& t) {
  if (!t.impl()->buffer->borrowed()) return t;
  return Tensor::copy_of(t.dtype(), t.shape(), t.impl()->data, static_cast<size_t>(t.size()));
}

}  // namespace

void put_bytes(Device& there, void* to, const Tensor& from) {
  if (there.host() && on_host(from)) std::memcpy(to, from.impl()->data, from.bytes());
  else if (const Tensor here = on_device(from, there); here.bytes()) copy_within(there, to, here.impl()->data, here.bytes());
}
Tensor zeros_on(Device& there, DType d, const Shape& s) {
  if (there.host() || !is_plain(d)) return Tensor::zeros(d, s);
  Tensor t = empty_on(there, d, s);
  if (t.bytes()) static_cast<Accelerator&>(there).fill(t.impl()->data, 0, t.bytes());
  return t;
}

TensorList::TensorList(const Tensor& rows, Shape element_shape)
    : dtype(rows.dtype()), element_shape(std::move(element_shape)), size_(rows.dim(0)),
      row_(rows.shape().slice(1, rows.rank())) {
  if (is_plain(dtype)) {
    block_ = kept(rows);
    row_bytes_ = static_cast<size_t>(row_.size()) * size_of(dtype);
    set_.assign(static_cast<size_t>(size_), 1);
    return;
  }
  NINEFOLD_INVARIANT(dtype == DType::string);
  const int64_t width = row_.size();
  for (int64_t i = 0; i < size_; ++i) {
    Tensor t = Tensor::empty(dtype, row_);
    std::copy_n(rows.as<std::string>() + i * width, width, static_cast<std::string*>(t.writable()));
    items_.push_back(std::move(t));
  }
}

bool TensorList::in_block(const Shape& row) const {
  if (!is_plain(dtype)) return false;
  const size_t bytes = static_cast<size_t>(row.size()) * size_of(dtype);
  return bytes <= kSmallRow || bytes * static_cast<size_t>(size_) <= kLargeBlock;
}

void TensorList::begin_block(const Shape& row, int64_t capacity, Device& there) {
  row_ = row;
  row_bytes_ = static_cast<size_t>(row.size()) * size_of(dtype);
  block_ = empty_on(there, dtype, Shape{capacity}.concat(row));
  set_.assign(static_cast<size_t>(size_), 0);
}

void TensorList::own_block(int64_t capacity) {
  const int64_t have = block_.dim(0);
  if (capacity <= have && sole_owner(block_)) return;
  // A list that grows doubles, so that each element is copied a few times at most.
  Tensor larger = empty_on(place(), dtype, Shape{capacity > have ? std::max(capacity, 2 * have) : have}.concat(row_));
  copy_within(place(), larger.impl()->data, block_.impl()->data, static_cast<size_t>(std::min(have, size_)) * row_bytes_);
  block_ = std::move(larger);
}

void TensorList::take_apart() {
  Tensors items(static_cast<size_t>(size_));
  for (int64_t i = 0; i < size_ && block_; ++i)
    if (set_[static_cast<size_t>(i)]) items[static_cast<size_t>(i)] = copied(i);
  items_ = std::move(items);
  block_ = Tensor();
  set_.clear();
}

int64_t TensorList::next(int64_t i) const {
  if (block_) {
    const void* found = i < size_ ? std::memchr(set_.data() + i, 1, static_cast<size_t>(size_ - i)) : nullptr;
    return found ? static_cast<const uint8_t*>(found) - set_.data() : size_;
  }
  while (i < size_ && !has(i)) ++i;
  return i;
}

Device& TensorList::home() const {
  if (block_) return place();
  for (const Tensor& t : items_)
    if (t && t.impl()->buffer) return t.impl()->buffer->device();
  if (!accelerated() || (!is_floating(dtype) && !is_complex(dtype))) return cpu_device();
  return *preferred_device();
}

Tensor TensorList::copied(int64_t i) const {
  Tensor t = empty_on(place(), dtype, row_);
  copy_within(place(), t.impl()->data, at(i), row_bytes_);
  return t;
}

void TensorList::put_row(int64_t i, const Tensor& t) {
  if (row_bytes_) put_bytes(place(), at(i), t);
  block_.impl()->known.reset();
}

Tensor TensorList::item(int64_t i) const {
  if (!block_) return items_.empty() ? Tensor() : items_[static_cast<size_t>(i)];
  if (!set_[static_cast<size_t>(i)]) return {};
  // What kernels of a card are given begins where its allocations do.
  if (!place().host() && reinterpret_cast<uintptr_t>(at(i)) % kCardAlign) return copied(i);
  block_.impl()->buffer->retain();
  return tensor_in(block_.impl()->buffer, at(i), dtype, row_);
}

Tensor TensorList::block() const {
  const bool whole = block_ && block_.dim(0) == size_ && !std::memchr(set_.data(), 0, set_.size());
  return whole ? block_.with_shape(block_.shape()) : Tensor();
}

void TensorList::set(int64_t i, const Tensor& t) {
  const Shape& s = t.impl()->shape;
  if (!block_ && items_.empty()) {
    if (in_block(s)) begin_block(s, size_, t.impl()->buffer->device());
    else items_.resize(static_cast<size_t>(size_));
  }
  if (block_ && !(row_ == s)) take_apart();
  if (!block_) {
    items_[static_cast<size_t>(i)] = kept(t);
    return;
  }
  own_block(size_);
  put_row(i, t);
  set_[static_cast<size_t>(i)] = 1;
}

void TensorList::add(int64_t i, const Tensor& t) {
  if (!has(i)) return set(i, t);
  static const elementwise::Body& sum = elementwise::body("AddV2");
  const int d = static_cast<int>(dtype);
  const bool here = block_ && place().host() && on_host(t);
  if (here && row_ == t.shape() && sum.supports(d)) {
    own_block(size_);
    const void* in[] = {at(i), t.impl()->data};
    sum.run(d, at(i), in, row_.size());
    return;
  }
  NoRecording quiet;
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  if (block_ && !here && row_ == t.shape()) return set(i, copied(i) + t);
  if (block_) take_apart();
  Tensor& item = items_[static_cast<size_t>(i)];
  item = dtype == DType::variant ? op("AddN", {item, t}) : item + t;
}

bool TensorList::add_whole(const TensorList& other) {
  static const elementwise::Body& sum = elementwise::body("AddV2");
  const int d = static_cast<int>(dtype);
  const Tensor theirs = other.block();
  if (!theirs || !block_ || size_ != other.size_ || !(row_ == other.row_) || std::memchr(set_.data(), 0, set_.size()) || !sum.supports(d))
    return false;
  if (!place().host() || !on_host(theirs)) {
    NoRecording quiet;
    Pushed<Tracer*> eager(scope().tracers, nullptr);
    block_ = (block_.dim(0) == size_ ? block_ : op("Slice", {block_, Tensor::of<int32_t>({1}, {0}), Tensor::of<int32_t>({1}, {static_cast<int32_t>(size_)})})) + theirs;
    return true;
  }
  own_block(size_);
  const void* in[] = {at(0), theirs.impl()->data};
  sum.run(d, at(0), in, size_ * row_.size());
  return true;
}

void TensorList::push(const Tensor& t) {
  const Shape& s = t.impl()->shape;
  const bool block = is_plain(dtype) && (block_ ? row_ == s : size_ == 0 && in_block(s) &&
                     static_cast<size_t>(s.size()) * size_of(dtype) <= kSmallRow);
  if (!block) {
    if (block_ || items_.empty()) take_apart();
    items_.push_back(kept(t));
    ++size_;
    return;
  }
  if (!block_) begin_block(s, 8, t.impl()->buffer->device());
  own_block(size_ + 1);
  put_row(size_, t);
  set_.push_back(1);
  ++size_;
}

void TensorList::drop_last() {
  --size_;
  if (block_) set_.pop_back();
  else if (!items_.empty()) items_.pop_back();
}

void TensorList::resize(int64_t n) {
  if (block_) {
    if (n > size_) own_block(n);
    set_.resize(static_cast<size_t>(n));
  } else if (!items_.empty()) {
    items_.resize(static_cast<size_t>(n));
  }
  size_ = n;
}

TensorList TensorList::zeros() const {
  // Nothing set is as good: who reads an element that was not set gets zeros of the shape of all.
  if (block_ && !std::memchr(set_.data(), 0, set_.size())) return TensorList(dtype, row_, size_);
  TensorList z = *this;
  if (block_) z.block_ = zeros_on(place(), dtype, Shape{size_}.concat(row_));
  for (Tensor& t : z.items_)
    if (t) t = dtype == DType::variant ? zeros_of_list(t) : zeros_on(t.impl()->buffer->device(), t.dtype(), t.shape());
  return z;
}

TensorList& changed_list(KernelCtx& k) {
  Tensor& out = k.out(0);
  if (!k.in(0)) {
    // Nobody else has the tensor; of the list in it there is another handle only while somebody reads it.
    TensorList& own = resource_as<TensorList>(out, k.op().name.c_str());
    if (resource_of(out).use_count() == 1) return own;
    out = resource_tensor(std::make_shared<TensorList>(own), DType::variant);
  } else {
    out = resource_tensor(std::make_shared<TensorList>(resource_as<TensorList>(k.in(0), k.op().name.c_str())), DType::variant);
  }
  return resource_as<TensorList>(out, k.op().name.c_str());
}

void add_lists(KernelCtx& k) {
  TensorList* sum = &changed_list(k);
  for (int i = 1; i < k.num_inputs(); ++i) {
    const auto& more = resource_as<TensorList>(k.in(i), "AddN");
    // A gradient that lacks the elements below those that were read: they had none.
    Tensor shorter;
    const TensorList* other = &more;
    if (sum->size() < more.size()) {
      shorter = k.out(0);
      other = sum;
      k.set_output(0, resource_tensor(std::make_shared<TensorList>(more), DType::variant));
      sum = &resource_as<TensorList>(k.out(0), "AddN");
    }
    if (sum->add_whole(*other)) continue;
    const int64_t offset = sum->size() - other->size();
    for (int64_t e = other->next(0); e < other->size(); e = other->next(e + 1)) sum->add(offset + e, other->item(e));
  }
}

Tensor zeros_of_list(const Tensor& list) {
  return resource_tensor(std::make_shared<TensorList>(resource_as<TensorList>(list, "ZerosLike").zeros()), DType::variant);
}

}  // namespace ninefold::ops
