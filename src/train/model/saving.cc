// In: a model and a path; a config. Out: weights in Keras' HDF5 files and back.
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "base/log.h"
#include "ninefold/layers.h"
#include "ninefold/saving.h"
#include "train/io/keras_weights.h"
#include "train/layers/schema.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

bool is_h5(const std::string& path) {
  return path.ends_with(".h5") || path.ends_with(".keras") || path.ends_with(".hdf5");
}

io::H5Weight stored(const std::string& name, const Tensor& t) {
  return {name, static_cast<int>(t.dtype()), t.shape().vector(), std::string(static_cast<const char*>(t.data()), t.bytes())};
}
io::H5Weight stored(const Weight& w) { return stored(w.variable.name(), w.variable.value()); }
// A layer's weights in the order of its file: trainable ones first.
std::vector<Weight> ordered(const Layer& layer) { return layer.weights(); }

io::H5WeightsFile weights_of(const Model& model) {
  io::H5WeightsFile file;
  for (const LayerPtr& l : model.layers()) {
    io::H5Layer entry{l->name(), {}};
    for (const Weight& w : ordered(*l)) entry.weights.push_back(stored(w));
    file.layers.push_back(std::move(entry));
  }
  for (const Weight& w : model.own_weights()) file.top_level.push_back(stored(w));
  return file;
}

struct Assignment { Variable to; Tensor value; };

// What is read from a file goes straight into tensors.
char* as_tensor(io::H5Weight& w, size_t bytes) {
  const auto dtype = static_cast<DType>(w.dtype);
  const Shape shape(w.dims);
  check(is_plain(dtype) && bytes == static_cast<size_t>(shape.size()) * size_of(dtype), Code::data_loss,
        "load_weights: weight {} holds {} bytes, its shape {} needs {}", w.name, bytes, shape.tuple(),
        static_cast<size_t>(shape.size()) * size_of(dtype));
  const auto t = std::make_shared<Tensor>(Tensor::empty(dtype, shape));
  w.place = t;
  return static_cast<char*>(t->writable());
}
const Tensor& tensor_of(const io::H5Weight& w) { return *static_cast<const Tensor*>(w.place.get()); }

// All or nothing: what does not fit raises before the first variable changes.
void assign(const std::vector<Assignment>& all) {
  for (const Assignment& a : all)
    check(a.to.shape().compatible(a.value.shape()), Code::value, "Cannot assign value to variable ' {}': Shape mismatch."
          "The variable shape {}, and the assigned value shape {} are incompatible.", a.to.name(), a.to.shape().tuple(),
          a.value.shape().tuple());
  for (const Assignment& a : all)
    a.to.assign(a.value.dtype() == a.to.dtype() ? a.value : op("Cast", {a.value}, {{"DstT", a.to.dtype()}}));
}

// What layers make of the numbers that they learnt, of the new ones. A vocabulary is no weight of such files.
void finalize(const Layer& layer) {
  for (const LayerPtr& l : layer.sublayers()) {
    auto* learns = dynamic_cast<PreprocessingLayer*>(l.get());
    if (learns && !dynamic_cast<VocabularyLayer*>(l.get())) learns->finalize_state();
    finalize(*l);
  }
}

std::vector<Assignment> paired(const std::vector<Weight>& weights, const std::vector<io::H5Weight>& values) {
  std::vector<Assignment> out;
  for (size_t i = 0; i < weights.size(); ++i) out.push_back({weights[i].variable, tensor_of(values[i])});
  return out;
}

std::vector<Assignment> by_position(const Model& model, const io::H5WeightsFile& file) {
  std::vector<LayerPtr> layers;
  for (const LayerPtr& l : model.layers())
    if (!ordered(*l).empty()) layers.push_back(l);
  std::vector<const io::H5Layer*> saved;
  for (const io::H5Layer& l : file.layers)
    if (!l.weights.empty()) saved.push_back(&l);
  check(layers.size() == saved.size(), Code::value, "Layer count mismatch when loading weights from file. Model expected "
        "{} layers, found {} saved layers.", layers.size(), saved.size());
  std::vector<Assignment> out;
  for (size_t k = 0; k < layers.size(); ++k) {
    const std::vector<Weight> weights = ordered(*layers[k]);
    check(weights.size() == saved[k]->weights.size(), Code::value, "Weight count mismatch for layer #{} (named {} in the "
          "current model, {} in the save file). Layer expects {} weight(s). Received {} saved weight(s)", k,
          layers[k]->name(), saved[k]->name, weights.size(), saved[k]->weights.size());
    for (Assignment& a : paired(weights, saved[k]->weights)) out.push_back(std::move(a));
  }
  const std::vector<Weight> own = model.own_weights();
  check(file.top_level.empty() || own.size() == file.top_level.size(), Code::value, "Weight count mismatch for top-level "
        "weights when loading weights from file. Model expects {} top-level weight(s). Received {} saved top-level "
        "weight(s)", own.size(), file.top_level.size());
  if (!file.top_level.empty())
    for (Assignment& a : paired(own, file.top_level)) out.push_back(std::move(a));
  return out;
}

std::vector<Assignment> by_layer_name(const Model& model, const io::H5WeightsFile& file, bool skip_mismatch) {
  std::vector<Assignment> out;
  for (size_t k = 0; k < file.layers.size(); ++k) {
    const io::H5Layer& saved = file.layers[k];
    for (const LayerPtr& layer : model.layers()) {
      if (layer->name() != saved.name) continue;
      const std::vector<Weight> weights = ordered(*layer);
      if (weights.size() != saved.weights.size()) {
        const std::string what = fmt::format("Layer expects {} weight(s). Received {} saved weight(s)", weights.size(),
                                             saved.weights.size());
        check(skip_mismatch, Code::value, "Weight count mismatch for layer #{} (named {}). {}", k, layer->name(), what);
        warn("WARNING:tensorflow:Skipping loading of weights for layer #{} (named {}) due to mismatch in number of "
             "weights. {}", k, layer->name(), what);
        continue;
      }
      for (Assignment& a : paired(weights, saved.weights)) {
        if (a.to.shape() == a.value.shape()) {
          out.push_back(std::move(a));
          continue;
        }
        const std::string what = fmt::format("for weight {}. Weight expects shape {}. Received saved weight with shape {}",
                                             a.to.name(), a.to.shape().tuple(), a.value.shape().tuple());
        check(skip_mismatch, Code::value, "Shape mismatch in layer #{} (named {}) {}", k, layer->name(), what);
        warn("WARNING:tensorflow:Skipping loading weights for layer #{} (named {}) due to mismatch in shape {}", k,
             layer->name(), what);
      }
    }
  }
  return out;
}

// Whatever its name: Keras, too, looks into the file.
bool begins_as_h5(const std::string& path) {
  char begin[8] = {};
  if (std::FILE* f = std::fopen(path.c_str(), "rb")) {
    const size_t n = std::fread(begin, 1, sizeof begin, f);
    std::fclose(f);
    return n == sizeof begin && std::memcmp(begin, "\x89HDF\r\n\x1a\n", sizeof begin) == 0;
  }
  return false;
}

}  // namespace

void Model::save_weights(const std::string& path, bool overwrite) const {
  check(built(), Code::value, "Weights for model {} have not yet been created. Weights are created when the Model is "
        "first called on inputs or `build()` is called with an `input_shape`.", name());
  check(is_h5(path), Code::not_implemented, "save_weights: {} is no HDF5 file; TensorFlow's checkpoint format is not "
        "there yet: use a path that ends in .h5", path);
  if (!overwrite) {
    std::FILE* f = std::fopen(path.c_str(), "rb");
    if (f) std::fclose(f);
    check(f == nullptr, Code::already_exists, "save_weights: {} exists and overwrite is false", path);
  }
  io::save_weights_h5(path, weights_of(*this));
}

void save_model_file(const Model& model, const std::string& path, const ModelFile& about) {
  io::H5ModelFile file;
  file.weights = weights_of(model);
  file.model_config = about.model_config;
  file.training_config = about.training_config;
  for (const auto& [name, value] : about.optimizer_weights) file.optimizer_weights.push_back(stored(name, value));
  io::save_model_h5(path, file);
}

ModelFile read_model_file(const std::string& path) {
  const io::H5ModelFile file = io::load_model_h5(path, "load_model", as_tensor);
  ModelFile about{file.model_config, file.training_config, {}};
  for (const io::H5Weight& w : file.optimizer_weights) about.optimizer_weights.emplace_back(w.name, tensor_of(w));
  return about;
}

void Model::load_weights(const std::string& path, bool by_name, bool skip_mismatch) {
  check(!skip_mismatch || by_name, Code::value,
        "When calling model.load_weights, skip_mismatch can only be set to True when by_name is True.");
  check(is_h5(path) || begins_as_h5(path), Code::not_implemented, "load_weights: {} is no HDF5 file; TensorFlow's checkpoint "
        "format is not there yet: use a path that ends in .h5", path);
  check(built(), Code::value, "Unable to load weights saved in HDF5 format into a subclassed Model which has not created "
        "its variables yet. Call the Model first, then load the weights.");
  const io::H5WeightsFile file = io::load_weights_h5(path, "load_weights", as_tensor);
  assign(by_name ? by_layer_name(*this, file, skip_mismatch) : by_position(*this, file));
  finalize(*this);
}

}  // namespace ninefold::keras
