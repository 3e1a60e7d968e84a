// In: models, layers, optimizers. Out: what savers, loaders and Python's classes need of them beside Keras' own interface:
// whole models in Keras' HDF5 files, slots before the first step, masks of tensors, additions to a graph.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ninefold/keras.h"

namespace ninefold::keras {

// Makes the hyperparameters, `iterations` and slots that the first step on these variables would make.
NINEFOLD_API void create_slots(Optimizer& optimizer, const std::vector<Variable>& variables);

// The count of steps and the slots of `from`, for an optimizer of the same class that has none. Raises TypeError where `from` has
// weights besides.
NINEFOLD_API void copy_state(const Optimizer& from, Optimizer& to);

// Updates variables along their gradients, without clipping them and without counting a step. Raises TypeError where the optimizer
// is none of the engine's.
NINEFOLD_API void update_only(Optimizer& optimizer, const Gradients& gradients, const std::vector<Weight>& variables);

// What a whole-model file says besides the layers' weights, which Model::load_weights reads from the same file.
struct ModelFile {
  std::string model_config;      // JSON: {"class_name": .., "config": ..}; empty: the file has none
  std::string training_config;   // JSON: loss, metrics, optimizer_config; empty: the model was not compiled
  std::vector<std::pair<std::string, Tensor>> optimizer_weights;   // by name, in the optimizer's order
};
// Writes the model's weights with these, whole or not at all. Raises what Model::save_weights raises.
NINEFOLD_API void save_model_file(const Model& model, const std::string& path, const ModelFile& about);
// Raises OSError for a missing, truncated or alien file.
NINEFOLD_API ModelFile read_model_file(const std::string& path);

// The mask that layers attach to a tensor (Keras' `_keras_mask`): a tensor, or None. A ragged tensor's is ragged.
NINEFOLD_API Value mask_of(const Value& leaf);
NINEFOLD_API void set_mask(const Value& leaf, const Value& mask);
// The model also computes these symbolic tensors, which none of its outputs needs: losses and metrics of its own. Raises
// ValueError if its inputs do not tell them.
NINEFOLD_API void extend_graph(Functional& model, const Value& tensors);
// What variables that cast themselves (Weight::autocast) are read as on this thread: the compute_dtype of the layer whose
// overridden `call` runs; invalid: as they are.
NINEFOLD_API DType autocast_dtype();
class NINEFOLD_API Autocast {
 public:
  explicit Autocast(DType);
  ~Autocast();
  Autocast(const Autocast&) = delete;

 private:
  DType before_;
};
// Whether the steps of a compiled model run without a trace, from now on.
NINEFOLD_API void set_run_eagerly(Model& model, bool eagerly);

}  // namespace ninefold::keras
