// In: reads and writes of a variable. Out: values that outlive later writes.
#include "base/check.h"
#include "engine/tensor/accelerator.h"
#include "engine/tensor/resource.h"
#include "engine/tensor/variable_making.h"

namespace ninefold {

VariableResource::VariableResource(std::string n, DType d, Shape s, bool t)
    : id(fresh_id()), name(n), full_name(n + ":0"), dtype(d), shape(std::move(s)), trainable(t) {
  check(!variable_making().forbidden, Code::value,
        "tf.function only supports singleton tf.Variables created on the first call. Make sure the tf.Variable is only created once or "
        "created outside tf.function. See https://www.tensorflow.org/guide/function#creating_tfvariables for more information.");
  ++variable_making().made;
}

VariableMaking& variable_making() {
  thread_local VariableMaking mine;
  return mine;
}

Tensor handle_of(std::shared_ptr<VariableResource> v) {
  const uint64_t id = v->id;
  Tensor handle = resource_tensor(std::move(v));
  handle.impl()->id.store(id, std::memory_order_relaxed);
  return handle;
}

bool VariableResource::initialised() const {
  std::lock_guard hold(mutex);
  return value_.defined();
}

Tensor VariableResource::read() const {
  std::lock_guard hold(mutex);
  check(value_.defined(), Code::failed_precondition,
        "Could not find variable {}. This could mean that the variable has been deleted. "
        "In TF1, it can also mean the variable is uninitialized.", name);
  TensorImpl* i = value_.impl();
  i->buffer->retain();   // a new handle to the memory: identity of a read is its own
  return tensor_in(i->buffer, i->data, i->dtype, i->shape);
}

namespace {
void may_move() {
  if (VariablesStay::now()) fail(Code::failed_precondition, "a variable is written while its old value is read");
}
}  // namespace

void VariableResource::assign(const Tensor& value) {
  check(value.dtype() == dtype, "Trying to assign variable with wrong dtype. Expected {} got {}",
        short_name(dtype), short_name(value.dtype()));
  check(shape.compatible(value.shape()), Code::value,
        "Cannot assign value to variable '{}': Shape mismatch.The variable shape {}, and the assigned "
        "value shape {} are incompatible.", name + ":0", shape.tuple(), value.shape().tuple());
  std::lock_guard hold(mutex);
  if (value_.defined() && value_.impl()->buffer->unique() && is_plain(dtype) &&
      value_.shape() == value.shape()) {
    if (value_.impl()->data != value.impl()->data) copy_bytes(value_, value);
  } else {
    may_move();
    // Where it lies once it has a value; a first one decides.
    Tensor fresh = empty_on((value_.defined() ? value_ : value).impl()->buffer->device(), dtype, value.shape());
    if (is_plain(dtype)) {
      copy_bytes(fresh, value);
    } else if (dtype == DType::string) {
      std::copy_n(value.as<std::string>(), value.size(), static_cast<std::string*>(fresh.writable()));
    } else {
      std::copy_n(value.as<std::shared_ptr<Resource>>(), value.size(),
                  static_cast<std::shared_ptr<Resource>*>(fresh.writable()));
    }
    value_ = std::move(fresh);
    generation_.fetch_add(1, std::memory_order_acq_rel);
  }
  wrote();
}

void VariableResource::move_in(Tensor value) {
  if (VariablesStay::now() || !sole_owner(value)) return assign(value);
  std::lock_guard hold(mutex);
  check(value.dtype() == dtype && shape.compatible(value.shape()), Code::value,
        "Cannot assign value to variable '{}': Shape mismatch.The variable shape {}, and the assigned "
        "value shape {} are incompatible.", name + ":0", shape.tuple(), value.shape().tuple());
  value_ = std::move(value);
  generation_.fetch_add(1, std::memory_order_acq_rel);
  wrote();
}

void* VariableResource::writable(uint64_t* generation) {
  std::lock_guard hold(mutex);
  check(value_.defined(), Code::failed_precondition, "variable {} is not initialised", name);
  if (!value_.impl()->buffer->unique()) {
    may_move();
    Tensor fresh = empty_on(value_.impl()->buffer->device(), dtype, value_.shape());
    copy_bytes(fresh, value_);
    value_ = std::move(fresh);
    generation_.fetch_add(1, std::memory_order_acq_rel);
  }
  if (generation) *generation = this->generation();
  return value_.impl()->data;
}

}  // namespace ninefold
