// In: what happens in a loop. Out: the hooks of all callbacks, with logs read only if somebody wants them.
#pragma once

#include <set>

#include "ninefold/keras.h"
#include "train/fit/progbar.h"
#include "train/model/steps.h"

namespace ninefold::keras {

ValueDict numbers_of(const StepResult& step, const char* who);   // scalars as doubles; raises if it is no dict

// The progress bar, as keras.callbacks.ProgbarLogger.
class ProgbarLogger : public Callback {
 public:
  explicit ProgbarLogger(bool steps = true, std::set<std::string> stateful = {})
      : steps_(steps), stateful_(std::move(stateful)) {}
  const std::string& class_name() const override;
  ValueDict config() const override { return {}; }
  void on(std::string_view hook, int64_t index, ValueDict& logs) override;
  bool wants(std::string_view) const override { return verbose_ == 1; }
  void set_params(const ValueDict& params) override;
  // A step ended of which nothing need be shown yet: true if so.
  bool skips(int64_t index, const std::set<std::string>& names);

 private:
  void begin();
  void finish(const ValueDict& logs);
  bool steps_;
  std::set<std::string> stateful_;
  std::unique_ptr<Progbar> bar_;
  int verbose_ = 1;
  int64_t epochs_ = 1, target_ = -1, seen_ = 0;
  bool in_fit_ = false;
};

class CallbackList {
 public:
  CallbackList(Model& model, std::vector<CallbackPtr> callbacks, int verbose, int64_t epochs, int64_t steps);
  void on(std::string_view hook, int64_t index, ValueDict& logs);
  void on(std::string_view hook) {
    ValueDict none;
    on(hook, 0, none);
  }
  void batch_begin(Phase phase, int64_t step);
  void batch_end(Phase phase, int64_t step, const StepResult& result);

 private:
  std::vector<CallbackPtr> callbacks_;
  ProgbarLogger* logger_ = nullptr;
  struct Wanted { bool begin = false, end = false, end_by_others = false; } wanted_[3];
};

}  // namespace ninefold::keras
