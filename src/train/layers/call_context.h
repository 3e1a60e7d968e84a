// In: a call of a layer. Out: what calls inside it inherit: training, and that there is a call at all.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// One a thread, as Keras' call_context(): entered by each Layer::operator().
struct CallContext {
  const Layer* layer = nullptr;   // the innermost layer that is being called; null outside of calls
  Value training;                 // as the layers around say it; None: nobody did
};
CallContext& call_context();

class EnterCall {
 public:
  EnterCall(const Layer* layer, Value training) : before_(call_context()) {
    call_context() = {layer, std::move(training)};
  }
  ~EnterCall() { call_context() = std::move(before_); }
  EnterCall(const EnterCall&) = delete;

 private:
  CallContext before_;
};

// What `training` is where a layer's own argument does not say: a bool, a tensor, or None.
Value resolved_training(const Value& given);
// For layers that behave differently while training. A tensor chooses within the trace.
Tensor if_training(const CallArgs& args, const std::function<Tensor()>& yes, const std::function<Tensor()>& no);
bool is_training(const Value& training);   // of a value known now

}  // namespace ninefold::keras
