// In: a boolean on the card. Out: kernels of this thread's ops that write only if it is what was wanted.
#pragma once

namespace ninefold::cuda {

// While one lives, optimizers' kernels ask the boolean (ops/optimizer_ops.gpu.cc).
class Guarded {
 public:
  Guarded(const bool* card, bool wanted) : card(card), wanted(wanted), before_(now()) { now() = this; }
  ~Guarded() { now() = before_; }
  Guarded(const Guarded&) = delete;
  static const Guarded*& now() {             // null: nothing is asked
    thread_local const Guarded* g = nullptr;
    return g;
  }

  const bool* const card;
  const bool wanted;

 private:
  const Guarded* const before_;
};

}  // namespace ninefold::cuda
