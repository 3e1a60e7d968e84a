// In: state with identity. Out: what a tensor of dtype resource or variant holds.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <typeinfo>
#include <utility>

#include "engine/tensor/buffer.h"
#include "ninefold/tensor.h"

namespace ninefold {

// The element of a resource or variant tensor: variables, iterators, tables; lists, optionals, ragged parts.
class Resource {
 public:
  virtual ~Resource() = default;
  virtual const char* kind() const = 0;   // "Variable", "Iterator", "TensorList", ...
};

Tensor resource_tensor(std::shared_ptr<Resource>, DType = DType::resource);
// A handle to a variable: all handles of one variable have one id.
class VariableResource;
Tensor handle_of(std::shared_ptr<VariableResource>);
const std::shared_ptr<Resource>& resource_of(const Tensor& handle, int64_t at = 0);

// As a class, typed; fails with what was expected and what was found.
template <class R>
R& resource_as(const Tensor& handle, const char* operation);

// A variable's state. A read shares the memory; a write goes in place if nobody else holds it, else into
// fresh memory, so that a read outlives the write as in TensorFlow. Plans compare `generation` at each run.
class VariableResource : public Resource {
 public:
  VariableResource(std::string name, DType, Shape, bool trainable);
  const char* kind() const override { return "Variable"; }
  Tensor read() const;                       // shares memory; raises failed_precondition if uninitialised
  bool initialised() const;
  void assign(const Tensor& value);          // checks dtype and shape; copies
  void move_in(Tensor value);                // takes a value nobody else holds, without a copy
  void* writable(uint64_t* generation);      // memory that no reader holds; bumps generation if it moved
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  uint64_t version() const { return version_.load(std::memory_order_acquire); }  // counts writes
  void wrote() { version_.fetch_add(1, std::memory_order_acq_rel); }

  const uint64_t id;                         // of every handle tensor: what tapes and traces know it by
  const std::string name, full_name;         // "w", and "w:0" as TensorFlow shows it
  const DType dtype;
  const Shape shape;                         // what it is bound to; may be partial
  const bool trainable;
  mutable std::recursive_mutex mutex;        // guards value_; held by a run for the variables it writes

 private:
  Tensor value_;
  std::atomic<uint64_t> generation_{1};      // changes when the memory moves
  std::atomic<uint64_t> version_{1};         // changes when the contents do
};

// While one lives, this thread's writes go where variables lie, or raise: what is captured finds them there.
class VariablesStay {
 public:
  VariablesStay() : before_(std::exchange(now(), true)) {}
  ~VariablesStay() { now() = before_; }
  VariablesStay(const VariablesStay&) = delete;
  static bool& now() {
    thread_local bool stay = false;
    return stay;
  }

 private:
  const bool before_;
};

[[noreturn]] void wrong_resource(const Tensor& handle, const char* operation);

template <class R>
R& resource_as(const Tensor& handle, const char* operation) {
  if (handle.defined() && !handle.symbolic() &&
      (handle.dtype() == DType::resource || handle.dtype() == DType::variant) && handle.size() == 1) {
    Resource* const held = resource_of(handle).get();
    if (held && typeid(*held) == typeid(R)) return static_cast<R&>(*held);   // mostly; a cast costs ten times as much
    if (auto* r = dynamic_cast<R*>(held)) return *r;
  }
  wrong_resource(handle, operation);
}

}  // namespace ninefold
