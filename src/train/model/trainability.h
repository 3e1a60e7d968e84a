// In: a model. Out: which of its layers were trainable when it was compiled, and that state while it trains.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "ninefold/keras.h"

namespace ninefold::keras {

// The model and all layers below, parents first, each with its flag.
class Trainability {
 public:
  Trainability() = default;
  explicit Trainability(Model& model);
  bool holds() const;      // whether all are as they were
  void restore() const;    // of those that are still there

 private:
  Layer* model_ = nullptr;
  bool own_ = true;
  std::vector<std::pair<std::weak_ptr<Layer>, bool>> below_;
};

// While one lives, layers are as trainable as when the model was compiled: what changed since takes effect by compile() only, so
// that a discriminator goes on learning when it is frozen for a second model.
class AsCompiled {
 public:
  AsCompiled(Model& model, const Trainability& compiled);
  ~AsCompiled();
  AsCompiled(const AsCompiled&) = delete;

 private:
  std::unique_ptr<const Trainability> before_;   // null: nothing was changed
};

}  // namespace ninefold::keras
