// In: a buffer, or a place in a trace. Out: what a Tensor points to.
#pragma once

#include <atomic>

#include "engine/tensor/buffer.h"
#include "ninefold/tensor.h"

namespace ninefold {

// Where a symbolic tensor comes from; the graph room gives it meaning.
struct Symbol {
  void* graph = nullptr;   // graph::Graph
  void* node = nullptr;    // graph::Node
  int index = 0;
};

struct TensorImpl {
  std::atomic<int> refs{1};
  DType dtype = DType::invalid;
  Shape shape;
  Buffer* buffer = nullptr;   // null if symbolic
  void* data = nullptr;       // inside buffer
  mutable std::atomic<uint64_t> id{0};  // given at the first question
  Symbol symbol;
  // A symbolic tensor whose value is known while tracing (shapes mostly): what shape rules may read.
  std::shared_ptr<const Tensor> known;
  // What a room above attaches to a value it made (masks, logits); nothing down here reads it.
  std::shared_ptr<void> notes;

  ~TensorImpl() { if (buffer) buffer->drop(); }
};

// A tensor in the given memory; adopts one reference of `buffer`.
Tensor tensor_in(Buffer* buffer, void* data, DType, Shape);
Tensor symbolic_tensor(Symbol, DType, Shape);
Tensor empty_on(Device&, DType, const Shape&);

uint64_t fresh_id();

// True if this handle is the only one to the memory: a kernel may write its result there.
bool sole_owner(const Tensor&);

}  // namespace ninefold
