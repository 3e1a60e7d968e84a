// In: tensors one after another. Out: TensorList, what a variant holds where TensorFlow keeps lists of tensors.
#pragma once

#include <memory>
#include <vector>

#include "engine/tensor/resource.h"

namespace ninefold::ops {

// Immutable: each op makes a new list that shares what it can. Pushing and popping are O(1), as the loops of
// gradients need them; random access flattens the list once.
class TensorList : public Resource {
 public:
  struct Cell {
    Tensor item;
    std::shared_ptr<Cell> below;
    ~Cell();
  };
  TensorList(DType d, Shape s) : dtype(d), element_shape(std::move(s)) {}
  const char* kind() const override { return "TensorList"; }
  int64_t size() const { return base_size_ + pushed_; }
  std::vector<Tensor> items() const;            // undefined where nothing was set
  const Tensor& item(int64_t i) const;
  std::shared_ptr<TensorList> pushed(Tensor item) const;
  std::shared_ptr<TensorList> popped(Tensor* item) const;
  std::shared_ptr<TensorList> with_items(std::vector<Tensor> items) const;

  const DType dtype;
  const Shape element_shape;

 private:
  std::shared_ptr<const std::vector<Tensor>> base_;
  int64_t base_size_ = 0;                       // how much of base_ belongs to the list
  std::shared_ptr<Cell> top_;
  int64_t pushed_ = 0;
};

// Element by element, of two lists of one length; and a list of as many zeros. Variants in, variants out.
Tensor add_lists(const Tensor& a, const Tensor& b);
Tensor zeros_of_list(const Tensor& list);

}  // namespace ninefold::ops
