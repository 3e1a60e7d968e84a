// In: archives that NumPy wrote, and ours. Out: equal arrays; typed errors for truncated and damaged ones.
#include "train/io/npz.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/fd.h"
#include "temp_folder.h"

namespace ninefold::io {
namespace {

std::string recorded(const std::string& name) {
  return read_file("test", std::string(NINEFOLD_TEST_DATA "/io/") + name).value();
}

template <class T>
std::vector<T> values(const NpyArray& array) {
  std::vector<T> result(array.bytes.size() / sizeof(T));
  if (!result.empty()) std::memcpy(result.data(), array.bytes.data(), array.bytes.size());
  return result;
}

void expect_equal(const NpzArrays& a, const NpzArrays& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].first, b[i].first);
    EXPECT_EQ(a[i].second.dtype, b[i].second.dtype) << a[i].first;
    EXPECT_EQ(a[i].second.dims, b[i].second.dims) << a[i].first;
    EXPECT_EQ(a[i].second.bytes, b[i].second.bytes) << a[i].first;
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

TEST(Npz, ReadsWhatNumpyWrote) {
  const NpzArrays stored = parse_npz(recorded("numpy_stored.npz"), "test");
  expect_equal(parse_npz(recorded("numpy_deflated.npz"), "test"), stored);
  ASSERT_EQ(stored.size(), 9u);
  const auto get = [&](const std::string& name) {
    return load_npz_array(NINEFOLD_TEST_DATA "/io/numpy_deflated.npz", name);
  };
  EXPECT_EQ(get("f32").dims, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(values<float>(get("f32")), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(values<std::uint8_t>(get("u8")), (std::vector<std::uint8_t>{0, 1, 2, 3}));
  EXPECT_TRUE(get("i64_scalar").dims.empty());
  EXPECT_EQ(values<std::int64_t>(get("i64_scalar")), std::vector<std::int64_t>{-7});
  EXPECT_EQ(get("empty").dims, (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(values<std::int32_t>(get("fortran")), (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(values<float>(get("big_endian")), (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(get("flags").dtype, 10);
  EXPECT_EQ(values<float>(get("c64")), (std::vector<float>{1, 2}));
  EXPECT_EQ(get("f16").dtype, 19);
  expect_error([&] { get("x_train"); }, Code::key, "there is no array 'x_train' in the archive; it holds 'f32', 'u8'");
}

TEST(Npz, WritesNumpysBytes) {
  const NpyArray array = load_npy(NINEFOLD_TEST_DATA "/io/numpy_f32.npy");
  EXPECT_EQ(encode_npy(array), recorded("numpy_f32.npy"));
}

TEST(Npz, RoundTrip) {
  const test::TempFolder folder;
  NpzArrays arrays = parse_npz(recorded("numpy_stored.npz"), "test");
  arrays.emplace_back("large", NpyArray{4, {1000, 1000}, std::string(1000000, 'x')});
  for (const bool compressed : {false, true}) {
    save_npz(folder / "a.npz", arrays, compressed);
    expect_equal(load_npz(folder / "a.npz"), arrays);
  }
  save_npz(folder / "none.npz", {});
  EXPECT_TRUE(load_npz(folder / "none.npz").empty());
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a.npz", "none.npz"}));
}

TEST(Npz, Refusals) {
  const std::string whole = recorded("numpy_deflated.npz"), npy = recorded("numpy_f32.npy");
  const auto with = [](std::string bytes, const std::string& from, const std::string& to) {
    const std::size_t at = bytes.find(from);
    return bytes.replace(at, from.size(), to);
  };
  struct Row {
    std::string bytes;
    Code code;
    const char* says;
  };
  const Row archives[] = {{"", Code::value, "does not begin with PK"},
                          {"<html>", Code::value, "does not begin with PK"},
                          {whole.substr(0, whole.size() / 2), Code::data_loss, "the file is truncated"}};
  for (const Row& row : archives) expect_error([&] { parse_npz(row.bytes, "load: x.npz"); }, row.code, row.says);
  const Row arrays[] = {{npy.substr(0, 5), Code::data_loss, "too few for a NumPy array"},
                        {npy.substr(0, 60), Code::data_loss, "the header of the array is cut off"},
                        {npy.substr(0, npy.size() - 1), Code::data_loss, "needs 6 elements of 4 bytes, but only 23"},
                        {"no array at all", Code::value, "this is no NumPy array"},
                        {with(npy, "<f4", "|O8"), Code::unimplemented, "NumPy dtype |O8 cannot be read"},
                        {with(npy, "(2, 3)", "(-2,3)"), Code::value, "no tuple of sizes"},
                        {with(npy, "(2, 3), }         ", "(99999999999, 99),"), Code::data_loss, "needs"}};
  for (const Row& row : arrays) expect_error([&] { parse_npy(row.bytes, "load: x.npy"); }, row.code, row.says);
  expect_error([] { load_npz("/nowhere/mnist.npz", "load_data"); }, Code::not_found,
               "load_data: open /nowhere/mnist.npz: no such file or folder (ENOENT)");
}

TEST(Npz, EveryTruncationAndManyDamagesAreTyped) {
  for (const char* name : {"numpy_stored.npz", "numpy_deflated.npz"}) {
    const std::string bytes = recorded(name);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THROW(parse_npz(std::string_view(bytes).substr(0, size), "test"), Error) << size;
    }
    std::uint64_t random = 7;
    for (int i = 0; i < 3000; ++i) {
      std::string damaged = bytes;
      random = random * 6364136223846793005u + 1442695040888963407u;
      damaged[(random >> 33) % damaged.size()] ^= static_cast<char>((random >> 20) | 1);
      try {
        (void)parse_npz(damaged, "test");
      } catch (const Error& error) {
        EXPECT_NE(error.code(), Code::internal) << error.message();
      }
    }
  }
}

}  // namespace
}  // namespace ninefold::io
