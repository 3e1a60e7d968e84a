// In: weights by layer. Out: the flat HDF5 file of Keras 2.9's model.save_weights("x.h5"); and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ninefold::io {

struct H5Weight {
  std::string name;  // "dense/kernel:0"
  int dtype = 1;     // TensorFlow's number
  std::vector<std::int64_t> dims;
  std::string bytes;  // little-endian, row-major
  std::shared_ptr<void> place{};  // read with an H5Placer: what holds the bytes instead
};
// Gives a weight that is being read a place for so many bytes: sets `place`, returns where they go.
using H5Placer = std::function<char*(H5Weight& weight, std::size_t bytes)>;
struct H5Layer {
  std::string name;
  std::vector<H5Weight> weights;  // in Keras' order: trainable, then non-trainable
};
struct H5WeightsFile {
  std::vector<H5Layer> layers;      // in the model's order, with those that have no weights
  std::vector<H5Weight> top_level;  // weights of the model itself
  std::string backend = "tensorflow";
  std::string keras_version = "2.9.0";
};

// Raises OSError (full disk, rights, no folder; the old file survives), TypeError (a dtype that HDF5 lacks).
void save_weights_h5(const std::string& path, const H5WeightsFile& file,
                     const std::string& operation = "save_weights");
// Reads a weights file or the weights inside a whole-model file. Raises OSError for a missing, truncated or alien
// file, ValueError for an HDF5 file that holds no Keras weights.
H5WeightsFile load_weights_h5(const std::string& path, const std::string& operation = "load_weights",
                              const H5Placer& placer = {});

// A whole model: its weights one group deeper, and beside them what else Keras' model.save("m.h5") writes.
struct H5ModelFile {
  H5WeightsFile weights;
  std::string model_config, training_config;  // JSON; empty: none
  std::vector<H5Weight> optimizer_weights;    // in the optimizer's order
};
void save_model_h5(const std::string& path, const H5ModelFile& file, const std::string& operation = "save_model");
// All but the weights, which load_weights_h5 reads.
H5ModelFile load_model_h5(const std::string& path, const std::string& operation = "load_model",
                          const H5Placer& placer = {});

}  // namespace ninefold::io
