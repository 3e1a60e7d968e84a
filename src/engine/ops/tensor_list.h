// In: tensors one after another. Out: TensorList, what a variant holds where TensorFlow keeps lists of tensors.
#pragma once

#include <memory>
#include <vector>

#include "engine/op/kernel_ctx.h"
#include "engine/tensor/accelerator.h"
#include "engine/tensor/resource.h"

namespace ninefold::ops {

// A value: ops change the list that they are given if nobody else holds it, else a copy. Elements of one small shape
// lie in one block, row by row, which a copy shares until either is changed; others are tensors one by one.
// Lists are not locked: who may change one is its only holder. They are the host's; elements stay on the device where they
// were made, and a block lies where its first element did.
class TensorList : public Resource {
 public:
  TensorList(DType d, Shape s, int64_t size = 0) : dtype(d), element_shape(std::move(s)), size_(size) {}
  // The rows of a tensor, whose memory is shared unless it is a plan's slab.
  TensorList(const Tensor& rows, Shape element_shape);
  const char* kind() const override { return "TensorList"; }

  int64_t size() const { return size_; }
  bool has(int64_t i) const { return block_ ? set_[static_cast<size_t>(i)] : !items_.empty() && items_[static_cast<size_t>(i)]; }
  int64_t next(int64_t i) const;                // the first element from i on that is set; or size()
  // Element i, undefined where nothing was set. It may share the block, which is then copied by the next change.
  Tensor item(int64_t i) const;
  // The device of the elements that are set; of none, where ops on such numbers run.
  Device& home() const;
  Tensor copied(int64_t i) const;               // element i of a block in memory of its own, where the block lies
  // Where element i lies in the block; null if it does not, or was not set.
  const void* row(int64_t i) const { return block_ && set_[static_cast<size_t>(i)] ? at(i) : nullptr; }
  const Shape& row_shape() const { return row_; }
  size_t row_bytes() const { return row_bytes_; }
  // The block as it is, if it is just the elements; else undefined.
  Tensor block() const;

  void set(int64_t i, const Tensor&);
  void add(int64_t i, const Tensor&);           // to element i; sets it where nothing was set
  bool add_whole(const TensorList& other);      // all at once, if both are blocks without gaps; else false
  void push(const Tensor&);
  void drop_last();
  void resize(int64_t);
  TensorList zeros() const;                     // of the elements that are set

  const DType dtype;
  const Shape element_shape;

 private:
  char* at(int64_t i) const { return static_cast<char*>(block_.impl()->data) + static_cast<size_t>(i) * row_bytes_; }
  bool in_block(const Shape& row) const;        // whether elements of this shape are to lie in a block
  void begin_block(const Shape& row, int64_t capacity, Device&);
  Device& place() const { return block_.impl()->buffer->device(); }
  void put_row(int64_t i, const Tensor&);
  void own_block(int64_t capacity);             // nobody else reads it afterwards, and it has so many rows
  void take_apart();                            // from now on tensors one by one

  int64_t size_ = 0;
  Tensor block_;                                // [rows, row...]; undefined: items_, or nothing was set yet
  Shape row_;
  size_t row_bytes_ = 0;
  std::vector<uint8_t> set_;                    // of a block, an element each
  Tensors items_;                               // empty or one each
};

// A tensor's bytes, or zeros, into memory of a device.
void put_bytes(Device& there, void* to, const Tensor& from);
Tensor zeros_on(Device&, DType, const Shape&);

// Element by element, of two lists that end together, as an op's result; a list of as many zeros.
void add_lists(KernelCtx& k);                   // of all inputs, to output 0
Tensor zeros_of_list(const Tensor& list);

// The list that an op with `changes_input` (op/plan_forms.h) makes of input 0: that one itself, or a copy.
TensorList& changed_list(KernelCtx& k);

}  // namespace ninefold::ops
