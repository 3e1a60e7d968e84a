// In: HDF5 files of every manner that h5py and Keras 2.9.0 wrote (tests/referee/record_hdf5.py). Out: what h5py reads in them;
// typed errors for files that are damaged on purpose.
#include "train/io/hdf5/reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>

#include "base/check.h"
#include "base/fd.h"
#include "base/hash.h"
#include "temp_folder.h"
#include "train/io/hdf5/source.h"
#include "train/io/keras_weights.h"

namespace ninefold::io {
namespace {

const std::string kFolder = NINEFOLD_TEST_DATA "/io/hdf5/";

std::string row(const std::string& file, const H5Layer& layer, const H5Weight& weight) {
  std::string shape;
  for (const std::int64_t dim : weight.dims) shape += (shape.empty() ? "" : ",") + std::to_string(dim);
  return fmt::format("{} {} {} {} {} {}\n", file, layer.name, weight.name, weight.dtype, shape.empty() ? "-" : shape,
                     sha256_hex(weight.bytes).substr(0, 16));
}

TEST(Hdf5Reader, ReadsWhatH5pyReads) {
  std::map<std::string, std::string> expected;
  std::ifstream table(kFolder + "contents.txt");
  for (std::string line; std::getline(table, line);) expected[line.substr(0, line.find(' '))] += line + "\n";
  expected["keras_no_weights.h5"];
  ASSERT_EQ(expected.size(), 22u);
  for (const auto& [name, rows] : expected) {
    std::string got;
    for (const H5Layer& layer : load_weights_h5(kFolder + name).layers) {
      for (const H5Weight& weight : layer.weights) got += row(name, layer, weight);
    }
    EXPECT_EQ(got, rows) << name;
  }
}

TEST(Hdf5Reader, AttributesOfEveryManner) {
  for (const std::string version : {"earliest", "latest"}) {
    const Hdf5Reader file("test", kFolder + "attributes_" + version + ".h5");
    for (int i = 0; i < 60; ++i) {
      const std::string name = "note" + std::to_string(i);
      ASSERT_TRUE(file.has("/all", name)) << version;
      EXPECT_EQ(file.get_strings("/all", name), std::vector<std::string>{"text " + std::to_string(i)});
    }
    EXPECT_FALSE(file.has("/all", "note60"));
    EXPECT_FALSE(file.has("/all/none"));
    EXPECT_FALSE(file.has("/all/w/none", "x"));
    EXPECT_TRUE(file.has("//all/./w/"));
  }
  const Hdf5Data large = Hdf5Reader("test", kFolder + "attributes_latest.h5").get("/all", "large");
  EXPECT_EQ(large.dims, std::vector<std::int64_t>{20000});
  EXPECT_EQ(large.bytes, std::string(80000, '\0'));
}

TEST(Hdf5Reader, WholeModels) {
  const H5ModelFile model = load_model_h5(kFolder + "keras_model.h5");
  EXPECT_TRUE(model.model_config.starts_with("{\"class_name\": \"Sequential\""));
  EXPECT_TRUE(model.training_config.find("\"Adam\"") != std::string::npos);
  ASSERT_EQ(model.optimizer_weights.size(), 9u);      // a counter, and two slots of four weights
  EXPECT_EQ(model.optimizer_weights[0].dtype, 9);
  EXPECT_EQ(load_model_h5(kFolder + "keras_recurrent_weights.h5").model_config, "");
}

TEST(Hdf5Reader, Lookup3) {
  // The value of no bytes, and of "Four score and seven years ago" with seed 0, as lookup3.c's author gives them.
  EXPECT_EQ(hdf5::lookup3(""), 0xdeadbeefu);
  EXPECT_EQ(hdf5::lookup3("Four score and seven years ago"), 0x17770551u);
}

struct Damage {
  std::string file, at;   // the first place where these bytes stand
  int offset;             // from there
  std::string bytes;      // put there
  std::string says;
  Code code = Code::os;
};

std::string eight(std::uint64_t value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  return bytes;
}

TEST(Hdf5Reader, DamageIsToldByWhatItIs) {
  const test::TempFolder folder;
  const std::string path = folder / "x.h5";
  const std::vector<Damage> table = {
      {"layers_earliest.h5", "TREE", 6, "\xff\x7f", "is not inside the file"},
      {"layers_earliest.h5", "TREE", 32, eight(0), "there is no list of links where one is named ('SNOD')"},
      {"layers_earliest.h5", "HEAP", 8, eight(1ull << 40), "a heap of names of 1099511627776 bytes"},
      {"layers_earliest.h5", "SNOD", 8, eight(99999), "a name is at byte 99999 of a heap"},
      {"layers_earliest.h5", "GCOL", 8, eight(1ull << 62), "is not inside the file"},
      {"layers_earliest.h5", "GCOL", 24, eight(~0ull), "is not inside its heap"},
      {"layers_earliest.h5", "\x89HDF", 13, "\x03", "its addresses have 3 bytes"},
      {"layers_earliest.h5", "\x89HDF", 8, "\x09", "a superblock of version 9 is not supported", Code::not_implemented},
      {"layers_latest.h5", "OHDR", 12, "\xff", "the checksum of a header of an object is wrong"},
      {"layers_latest.h5", "FRHP", 20, "\xff", "the checksum of a heap of links or attributes is wrong"},
      {"layers_latest.h5", "BTHD", 10, "\xff", "the checksum of a tree is wrong"},
      {"many_chunks_latest.h5", "FAHD", 10, "\xff", "the checksum of an array of chunks is wrong"},
      {"many_chunks_latest.h5", "EASB", 30, "\xff", "the checksum of an array of chunks is wrong"},
      {"gzip_earliest.h5", "x\x5e", 2, "\xff\xff\xff\xff", "a chunk cannot be inflated"},
  };
  for (const Damage& row : table) {
    std::string bytes = read_file("test", kFolder + row.file).value();
    const std::size_t at = bytes.find(row.at);
    ASSERT_NE(at, std::string::npos) << row.file << " " << row.at;
    bytes.replace(at + static_cast<std::size_t>(row.offset), row.bytes.size(), row.bytes);
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      load_weights_h5(path);
      ADD_FAILURE() << row.file << " is read; expected: " << row.says;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), row.code) << error.message();
      EXPECT_NE(error.message().find(row.says), std::string::npos) << error.message() << "\nexpected: " << row.says;
    }
  }
}

// Bytes of small files in turn, set to what is likely to break numbers: an error or a value, soon. Every third one comes by
// every byte of eight.
TEST(Hdf5Reader, EveryThirdByteOfSmallFiles) {
  const test::TempFolder folder;
  const std::string path = folder / "x.h5";
  int errors = 0, values = 0;
  for (const std::string name : {"gzip_latest.h5", "keras_no_weights.h5"}) {
    const std::string whole = read_file("test", kFolder + name).value();
    for (std::size_t at = 0; at < whole.size(); at += 3) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] == '\xff' ? 0 : '\xff');
      std::ofstream(path, std::ios::binary) << bytes;
      try {
        load_weights_h5(path);
        ++values;
      } catch (const Error& error) {
        ASSERT_TRUE(error.message().starts_with("load_weights: " + path)) << error.message();
        ++errors;
      }
    }
  }
  EXPECT_GT(errors, 500);
  EXPECT_GT(values, 500);      // data, and what is between structures
}

}  // namespace
}  // namespace ninefold::io
