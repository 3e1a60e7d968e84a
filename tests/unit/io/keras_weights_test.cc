// In: weights files that Keras 2.9.0 wrote, and ours. Out: equal contents; typed errors; the old file survives.
#include "train/io/keras_weights.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "temp_folder.h"
#include "train/io/hdf5/reader.h"
#include "train/io/hdf5/writer.h"

namespace ninefold::io {
namespace {

const std::string kRecorded = NINEFOLD_TEST_DATA "/io/keras_weights.h5";

template <class T>
std::vector<T> values(const H5Weight& weight) {
  std::vector<T> result(weight.bytes.size() / sizeof(T));
  std::memcpy(result.data(), weight.bytes.data(), weight.bytes.size());
  return result;
}

void expect_equal(const H5WeightsFile& a, const H5WeightsFile& b) {
  EXPECT_EQ(a.backend, b.backend);
  EXPECT_EQ(a.keras_version, b.keras_version);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    EXPECT_EQ(a.layers[i].name, b.layers[i].name);
    ASSERT_EQ(a.layers[i].weights.size(), b.layers[i].weights.size());
    for (std::size_t k = 0; k < a.layers[i].weights.size(); ++k) {
      const H5Weight &x = a.layers[i].weights[k], &y = b.layers[i].weights[k];
      EXPECT_EQ(x.name, y.name);
      EXPECT_EQ(x.dtype, y.dtype);
      EXPECT_EQ(x.dims, y.dims);
      EXPECT_EQ(x.bytes, y.bytes);
    }
  }
}

template <class F>
void expect_error(F&& call, Code code, const std::string& says) {
  try {
    call();
    ADD_FAILURE() << "no error: " << says;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.message();
    EXPECT_NE(error.message().find(says), std::string::npos) << error.message();
  }
}

TEST(KerasWeights, ReadsWhatKerasWrote) {
  const H5WeightsFile file = load_weights_h5(kRecorded);
  EXPECT_EQ(file.backend, "tensorflow");
  EXPECT_EQ(file.keras_version, "2.9.0");
  std::vector<std::string> names;
  for (const H5Layer& layer : file.layers) names.push_back(layer.name);
  EXPECT_EQ(names, (std::vector<std::string>{"dense", "dropout", "batch_normalization", "gain", "head"}));
  ASSERT_EQ(file.layers[0].weights.size(), 2u);
  const H5Weight& kernel = file.layers[0].weights[0];
  EXPECT_EQ(kernel.name, "dense/kernel:0");
  EXPECT_EQ(kernel.dims, (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(values<float>(kernel), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_TRUE(file.layers[1].weights.empty());
  EXPECT_EQ(file.layers[3].weights[0].dims.size(), 0u);  // a scalar
  EXPECT_EQ(file.layers[3].weights[1].dtype, 9);
  EXPECT_EQ(file.layers[4].weights[0].dtype, 19);
  EXPECT_EQ(values<std::uint16_t>(file.layers[4].weights[1]), std::vector<std::uint16_t>{0xc000});  // -2
}

TEST(KerasWeights, RoundTripAndSameBytesTwice) {
  const test::TempFolder folder;
  const H5WeightsFile file = load_weights_h5(kRecorded);
  save_weights_h5(folder / "a.h5", file);
  save_weights_h5(folder / "b.h5", file);
  expect_equal(load_weights_h5(folder / "a.h5"), file);
  EXPECT_EQ(read_file("test", folder / "a.h5").value(), read_file("test", folder / "b.h5").value());
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a.h5", "b.h5"}));
  // For tests/referee/load_weights.py, which lets Keras and h5py read what we wrote.
  if (const char* keep = std::getenv("NINEFOLD_KEEP_WEIGHTS")) save_weights_h5(keep, file);
}

TEST(KerasWeights, LongListsOfNamesAreSplitAsKerasSplitsThem) {
  std::vector<std::string> first, second;
  {
    const Hdf5Reader keras("test", NINEFOLD_TEST_DATA "/io/keras_chunked_names.h5");
    first = keras.get_strings("/", "layer_names0");
    second = keras.get_strings("/", "layer_names1");
    EXPECT_FALSE(keras.has("/", "layer_names"));
    EXPECT_FALSE(keras.has("/", "layer_names2"));
  }
  H5WeightsFile file;
  for (const auto* some : {&first, &second}) {
    for (const std::string& name : *some) file.layers.push_back({name, {}});
  }
  ASSERT_EQ(file.layers.size(), 700u);
  const test::TempFolder folder;
  save_weights_h5(folder / "a.h5", file);
  {
    const Hdf5Reader ours("test", folder / "a.h5");
    EXPECT_EQ(ours.get_strings("/", "layer_names0"), first);
    EXPECT_EQ(ours.get_strings("/", "layer_names1"), second);
    EXPECT_FALSE(ours.has("/", "layer_names"));
  }
  expect_equal(load_weights_h5(folder / "a.h5"), file);
}

TEST(KerasWeights, EveryDtype) {
  const test::TempFolder folder;
  H5WeightsFile file{{{"all", {}}}, {{"top:0", 1, {1}, "abcd"}}};
  for (const auto& [dtype, size] : {std::pair{1, 4}, {2, 8}, {3, 4}, {4, 1}, {5, 2}, {6, 1}, {9, 8}, {10, 1},
                                    {17, 2}, {19, 2}, {22, 4}, {23, 8}}) {
    const auto bytes = static_cast<std::size_t>(3 * size);
    file.layers[0].weights.push_back({"all/w" + std::to_string(dtype), dtype, {3, 1}, std::string(bytes, '\1')});
  }
  file.layers[0].weights.push_back({"all/empty", 1, {0, 4}, ""});
  save_weights_h5(folder / "a.h5", file);
  const H5WeightsFile back = load_weights_h5(folder / "a.h5");
  expect_equal(back, file);
  ASSERT_EQ(back.top_level.size(), 1u);
  EXPECT_EQ(back.top_level[0].bytes, "abcd");
}

TEST(KerasWeights, DamagedMissingAndAlienFiles) {
  const test::TempFolder folder;
  const std::string whole = read_file("test", kRecorded).value();
  const auto put = [&](const std::string& bytes) { std::ofstream(folder / "x.h5", std::ios::binary) << bytes; };
  expect_error([&] { load_weights_h5(folder / "none.h5"); }, Code::os,
               "load_weights: open " + (folder / "none.h5") + ": no such file or folder (ENOENT); check the path");
  expect_error([&] { load_weights_h5(folder.path()); }, Code::os, "no regular file");
  put("");
  expect_error([&] { load_weights_h5(folder / "x.h5"); }, Code::os, "is damaged or no HDF5 file");
  put("PK\3\4 a zip archive, by its first bytes");
  expect_error([&] { load_weights_h5(folder / "x.h5"); }, Code::os, "is damaged or no HDF5 file");
  for (std::size_t size = 8; size < whole.size(); size += 997) {
    put(whole.substr(0, size));
    expect_error([&] { load_weights_h5(folder / "x.h5"); }, Code::os, "is damaged or no HDF5 file");
  }
  {
    Hdf5Writer other = Hdf5Writer::create("test", folder / "other.h5");
    other.put_group("/images");
    other.save();
  }
  expect_error([&] { load_weights_h5(folder / "other.h5"); }, Code::value, "holds no Keras weights");
}

TEST(KerasWeights, RefusalsKeepTheOldFile) {
  const test::TempFolder folder;
  const H5WeightsFile good = load_weights_h5(kRecorded);
  save_weights_h5(folder / "a.h5", good);
  const std::string before = read_file("test", folder / "a.h5").value();
  H5WeightsFile bad = good;
  bad.layers[0].weights[0].dtype = 14;
  expect_error([&] { save_weights_h5(folder / "a.h5", bad); }, Code::type, "cast it first");
  bad = good;
  bad.layers[0].weights[1].name = bad.layers[0].weights[0].name;
  expect_error([&] { save_weights_h5(folder / "a.h5", bad); }, Code::value, "two weights of layer 'dense'");
  expect_error([&] { save_weights_h5(folder / "no/a.h5", good); }, Code::os, "does not exist (ENOENT); make it first");
  EXPECT_EQ(read_file("test", folder / "a.h5").value(), before);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.h5"});
}

TEST(KerasWeights, NothingOfHdf5IsVisible) {
  const test::TempFolder folder;
  save_weights_h5(folder / "a.h5", load_weights_h5(kRecorded));
  EXPECT_EQ(::dlsym(RTLD_DEFAULT, "H5open"), nullptr);
}

}  // namespace
}  // namespace ninefold::io
