// In: weights by layer. Out: Keras' flat weights file. Layout: a group a layer with the attribute weight_names,
// the data sets named by the weights inside it; layer_names, backend, keras_version at the root.
#include "train/io/keras_weights.h"

#include <algorithm>

#include "base/check.h"
#include "train/io/hdf5/reader.h"
#include "train/io/hdf5/writer.h"

namespace ninefold::io {
namespace {

constexpr std::size_t kAttributeLimit = 64512;  // Keras' HDF5_OBJECT_HEADER_LIMIT; HDF5's own is 64 KB

// A list of names is one attribute, or name0, name1, ... where one would be too long. Lengths are counted as NumPy
// does: every name as long as the longest. Keras splits as numpy.array_split: the first pieces get one more.
void put_names(Hdf5Writer& file, const std::string& path, const std::string& attribute,
               const std::vector<std::string>& names) {
  if (names.empty()) return file.put(path, attribute, 2, {0}, nullptr);  // NumPy's empty list is float64
  std::size_t longest = 1;
  for (const std::string& name : names) {
    check(name.size() <= kAttributeLimit, Code::runtime, "the name {}... of {} bytes is too long for HDF5, at most "
          "{}; choose a shorter one", name.substr(0, 40), name.size(), kAttributeLimit);
    longest = std::max(longest, name.size());
  }
  const std::size_t most = kAttributeLimit / longest;  // names in one piece
  const std::size_t pieces = (names.size() + most - 1) / most;
  if (pieces == 1) return file.put_strings(path, attribute, names);
  auto next = names.begin();
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    const std::size_t count = names.size() / pieces + (piece < names.size() % pieces ? 1 : 0);
    const std::vector<std::string> some(next, next + static_cast<std::ptrdiff_t>(count));
    next += static_cast<std::ptrdiff_t>(count);
    file.put_strings(path, fmt::format("{}{}", attribute, piece), some, longest);
  }
}

std::vector<std::string> get_names(const Hdf5Reader& file, const std::string& path, const std::string& attribute) {
  const auto one = [&](const std::string& name) -> std::vector<std::string> {
    // An empty list was saved as an empty array of float64.
    if (!file.is_text(path, name) && file.get(path, name).bytes.empty()) return {};
    return file.get_strings(path, name);
  };
  if (file.has(path, attribute)) return one(attribute);
  std::vector<std::string> names;
  for (int piece = 0;; ++piece) {
    const std::string name = fmt::format("{}{}", attribute, piece);
    if (!file.has(path, name)) return names;
    const std::vector<std::string> some = one(name);
    names.insert(names.end(), some.begin(), some.end());
  }
}

void put_weights(Hdf5Writer& file, const std::string& group, const std::vector<H5Weight>& weights) {
  file.put_group(group);
  std::vector<std::string> names;
  for (const H5Weight& weight : weights) names.push_back(weight.name);
  put_names(file, group, "weight_names", names);
  for (const H5Weight& weight : weights) {
    const std::string path = group + "/" + weight.name;
    check(!file.has(path), Code::value, "two weights of layer '{}' are named '{}'; name them apart", group.substr(1),
          weight.name);
    file.put(path, "", weight.dtype, weight.dims, weight.bytes.data());
  }
}

std::vector<H5Weight> get_weights(const Hdf5Reader& file, const std::string& group, const H5Placer& placer) {
  std::vector<H5Weight> weights;
  for (const std::string& name : get_names(file, group, "weight_names")) {
    const std::string path = group + "/" + name;
    H5Weight weight;
    weight.name = name;
    const auto place = [&](const Hdf5Data& data, std::size_t bytes) {
      weight.dtype = data.dtype, weight.dims = data.dims;
      return placer(weight, bytes);
    };
    Hdf5Data data = placer ? file.get_into(path, place) : file.get(path);
    weight.dtype = data.dtype, weight.dims = std::move(data.dims), weight.bytes = std::move(data.bytes);
    weights.push_back(std::move(weight));
  }
  return weights;
}

std::string text_of(const Hdf5Reader& file, const std::string& root, const std::string& attribute) {
  if (!file.has(root, attribute)) return "";
  const std::vector<std::string> texts = file.get_strings(root, attribute);
  return texts.empty() ? "" : texts.front();
}

}  // namespace

namespace {

// The weights below `root`, which is "/" or a group of its own.
void put_all(Hdf5Writer& file, const std::string& root, const H5WeightsFile& weights) {
  std::vector<std::string> names;
  std::vector<const H5Layer*> sorted;
  for (const H5Layer& layer : weights.layers) {
    check(!layer.name.empty(), Code::value, "a layer has no name; name it");
    names.push_back(layer.name);
    sorted.push_back(&layer);
  }
  put_names(file, root, "layer_names", names);
  file.put_string(root, "backend", weights.backend);
  file.put_string(root, "keras_version", weights.keras_version);
  // By name, as Keras does: the group "a" is there before "a/b" is asked for.
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->name < b->name; });
  const std::string inside = root == "/" ? root : root + "/";
  for (const H5Layer* layer : sorted) put_weights(file, inside + layer->name, layer->weights);
  put_weights(file, inside + "top_level_model_weights", weights.top_level);
}

// Runs `fill` on a new file and saves it; errors begin with the operation and the path.
template <class F>
void write_file(const std::string& path, const std::string& operation, F&& fill) {
  Hdf5Writer file = Hdf5Writer::create(operation, path);
  try {
    fill(file);
  } catch (const Error& error) {
    if (error.message().starts_with(operation)) throw;
    throw error.within(operation + ": " + path);
  }
  file.save();
}

}  // namespace

void save_weights_h5(const std::string& path, const H5WeightsFile& weights, const std::string& operation) {
  write_file(path, operation, [&](Hdf5Writer& file) { put_all(file, "/", weights); });
}

void save_model_h5(const std::string& path, const H5ModelFile& model, const std::string& operation) {
  write_file(path, operation, [&](Hdf5Writer& file) {
    file.put_string("/", "keras_version", model.weights.keras_version);
    file.put_string("/", "backend", model.weights.backend);
    if (!model.model_config.empty()) file.put_string("/", "model_config", model.model_config);
    if (!model.training_config.empty()) file.put_string("/", "training_config", model.training_config);
    file.put_group("/model_weights");
    put_all(file, "/model_weights", model.weights);
    if (!model.optimizer_weights.empty()) put_weights(file, "/optimizer_weights", model.optimizer_weights);
  });
}

H5ModelFile load_model_h5(const std::string& path, const std::string& operation, const H5Placer& placer) {
  const Hdf5Reader file(operation, path);
  H5ModelFile model;
  model.model_config = text_of(file, "/", "model_config");
  model.training_config = text_of(file, "/", "training_config");
  model.weights.keras_version = text_of(file, "/", "keras_version");
  if (file.has("/optimizer_weights")) model.optimizer_weights = get_weights(file, "/optimizer_weights", placer);
  return model;
}

H5WeightsFile load_weights_h5(const std::string& path, const std::string& operation, const H5Placer& placer) {
  const Hdf5Reader file(operation, path);
  const auto has_layers = [&](const std::string& root) {
    return file.has(root, "layer_names") || file.has(root, "layer_names0");
  };
  // A whole-model file keeps its weights one group deeper.
  const std::string root = !has_layers("/") && file.has("/model_weights") ? "/model_weights" : "/";
  check(has_layers(root), Code::value, "{}: {} is an HDF5 file, but holds no Keras weights: expected an attribute "
        "'layer_names'; save it with save_weights", operation, path);
  const std::string inside = root == "/" ? "/" : root + "/";
  H5WeightsFile weights;
  weights.backend = text_of(file, root, "backend");
  weights.keras_version = text_of(file, root, "keras_version");
  for (const std::string& name : get_names(file, root, "layer_names")) {
    check(file.has(inside + name), Code::value, "{}: {} names the layer '{}', but has no group for it; it is damaged",
          operation, path, name);
    weights.layers.push_back({name, get_weights(file, inside + name, placer)});
  }
  const std::string top = inside + "top_level_model_weights";
  if (file.has(top)) weights.top_level = get_weights(file, top, placer);
  return weights;
}

}  // namespace ninefold::io
