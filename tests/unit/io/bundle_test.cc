// In: tensors by name; checkpoints that TensorFlow 2.9.0 wrote. Out: the same bytes, the same tensors; typed errors for
// damaged files, whatever byte is damaged.
#include <gtest/gtest.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <complex>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/fd.h"
#include "ninefold/io.h"
#include "temp_folder.h"
#include "train/io/ordered_code.h"
#include "train/io/snappy.h"
#include "train/io/sorted_table.h"

namespace ninefold {
namespace {

namespace fs = std::filesystem;

std::string recorded(const std::string& name) { return std::string(NINEFOLD_TEST_DATA "/checkpoints/") + name; }
std::string content(const std::string& path) { return read_file("test", path).value(); }
void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

// The error's code of a read of everything; ok if there is none.
Code read_all(const std::string& prefix) {
  try {
    const BundleReader reader(prefix);
    for (const std::string& name : reader.names()) (void)reader.read(name);
  } catch (const Error& e) {
    return e.code();
  }
  return Code::ok;
}

TEST(Bundle, WritesTensorFlowsBytes) {
  const BundleReader theirs(recorded("kinds"));
  const test::TempFolder folder;
  BundleWriter writer(folder / "deep/er/mine");
  for (const char* name : {"float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16",
                           "uint32", "uint64", "bool", "complex64", "complex128", "string", "empty", "scalar"})
    writer.add(name, theirs.read(name));   // in the order of the recording
  writer.finish();
  EXPECT_EQ(content(folder / "deep/er/mine.index"), content(recorded("kinds.index")));
  EXPECT_EQ(content(folder / "deep/er/mine.data-00000-of-00001"), content(recorded("kinds.data-00000-of-00001")));
}

TEST(Bundle, ReadsEveryDtype) {
  const BundleReader reader(recorded("kinds"));
  struct Row { const char* name; DType dtype; double second; };
  const Row rows[] = {{"float32", DType::f32, -1.5}, {"float64", DType::f64, -1.5}, {"float16", DType::f16, -1.5},
                      {"bfloat16", DType::bf16, -1.5}, {"int8", DType::i8, -2}, {"int16", DType::i16, -2},
                      {"int32", DType::i32, -2}, {"int64", DType::i64, -2}, {"uint8", DType::u8, 2},
                      {"uint16", DType::u16, 2}, {"uint32", DType::u32, 2}, {"uint64", DType::u64, 2},
                      {"bool", DType::boolean, 1}};
  for (const Row& row : rows) {
    EXPECT_EQ(reader.dtype(row.name), row.dtype) << row.name;
    EXPECT_EQ(reader.shape(row.name), (Shape{3})) << row.name;
    const Tensor t = reader.read(row.name);
    EXPECT_EQ(is_floating(t.dtype()) ? t.float_at(1) : static_cast<double>(t.int_at(1)), row.second) << row.name;
  }
  EXPECT_EQ(reader.read("complex64").as<std::complex<float>>()[1], std::complex<float>(3, -4));
  EXPECT_EQ(reader.read("complex128").as<std::complex<double>>()[1], std::complex<double>(3, -4));
  const Tensor text = reader.read("string");
  EXPECT_EQ(text.shape(), (Shape{2, 2}));
  EXPECT_EQ(text.as<std::string>()[2], std::string(300, 'x'));
  EXPECT_EQ(text.as<std::string>()[3], std::string("a\0b", 3));
  EXPECT_EQ(reader.read("empty").size(), 0);
  EXPECT_EQ(reader.read("scalar").item<float>(), 7);
}

TEST(Bundle, JoinsPartitionedVariables) {
  const BundleReader reader(recorded("partitioned"));
  EXPECT_EQ(reader.names(), (std::vector<std::string>{"columns", "rows"}));
  for (const char* name : {"rows", "columns"}) {
    const Tensor t = reader.read(name);
    ASSERT_EQ(t.shape(), (Shape{5, 4})) << name;
    for (int i = 0; i < 20; ++i) EXPECT_EQ(t.float_at(i), i) << name << " " << i;
  }
}

TEST(Bundle, NamesWhatIsMissing) {
  try {
    BundleReader("/nowhere/ckpt");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::not_found);
    EXPECT_EQ(e.message(), "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for /nowhere/ckpt");
  }
  try {
    (void)BundleReader(recorded("kinds")).read("nothing");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::not_found);
    EXPECT_EQ(e.message(), "Key nothing not found in checkpoint");
  }
}

// Each byte of both files flipped, and each length: what is read is right, or the error is typed. Of the index every
// byte is under a checksum but the footer's padding; of the data every byte.
TEST(Bundle, RefusesEveryDamage) {
  const test::TempFolder folder;
  const std::string index = content(recorded("partitioned.index")), data = content(recorded("partitioned.data-00000-of-00001"));
  const auto with = [&](const std::string& i, const std::string& d) {
    put(folder / "x.index", i);
    put(folder / "x.data-00000-of-00001", d);
    return read_all(folder / "x");
  };
  EXPECT_EQ(with(index, data), Code::ok);
  for (size_t at = 0; at < index.size(); ++at) {
    std::string damaged = index;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    const Code code = with(damaged, data);
    if (at + 48 < index.size()) EXPECT_EQ(code, Code::data_loss) << at;
    else EXPECT_TRUE(code == Code::data_loss || code == Code::ok) << at;
    EXPECT_EQ(with(index.substr(0, at), data), Code::data_loss) << at;
  }
  for (size_t at = 0; at < data.size(); ++at) {
    std::string damaged = data;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    EXPECT_EQ(with(index, damaged), Code::data_loss) << at;
    EXPECT_EQ(with(index, data.substr(0, at)), Code::data_loss) << at;
  }
}

// Past the checksums: a forged index with checksums of its own.
TEST(Bundle, RefusesForgedEntries) {
  const test::TempFolder folder;
  const io::TableEntries table = io::read_table(content(recorded("kinds.index")), "kinds");
  fs::copy(recorded("kinds.data-00000-of-00001"), folder / "x.data-00000-of-00001");
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    io::TableEntries forged = table;
    std::string& value = forged[random() % forged.size()].second;
    for (unsigned n = 1 + random() % 3; n > 0 && !value.empty(); --n) value[random() % value.size()] = static_cast<char>(random());
    put(folder / "x.index", io::table_bytes(forged));
    refused += read_all(folder / "x") != Code::ok;
  }
  EXPECT_GT(refused, 500);
}

TEST(Bundle, RefusesWhatIsNoData) {
  const test::TempFolder folder;
  BundleWriter writer(folder / "x");
  writer.add("a", Tensor(1.f));
  EXPECT_THROW(writer.add("a", Tensor(1.f)), Error);
  EXPECT_THROW(writer.add("", Tensor(1.f)), Error);
  EXPECT_THROW(writer.add("v", Variable(Tensor(1.f)).handle()), Error);
  EXPECT_THROW(BundleWriter(""), Error);
}

// Saves over one prefix again and again while it is killed: the reader finds one save's tensors, never a mixture.
TEST(Bundle, KilledAtAnyMomentIsOldOrNew) {
  const test::TempFolder folder;
  const std::string prefix = folder / "ckpt";
  const auto save = [&](float value) {
    BundleWriter writer(prefix);
    writer.add("a", Tensor::of<float>({2000}, std::vector<float>(2000, value)));
    writer.add("b", Tensor::of_string(std::string(3000, static_cast<char>('a' + static_cast<int>(value) % 26))));
    writer.finish();
  };
  save(0);
  std::mt19937 random(11);
  float last = 0;
  int changed = 0;
  for (int round = 0; round < 150; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (float v = last + 1;; v += 1) save(v);
    }
    ::usleep(500 + random() % 30000);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const BundleReader reader(prefix);
    const Tensor a = reader.read("a"), b = reader.read("b");
    const float now = a.as<float>()[0];
    ASSERT_GE(now, last);
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(a.as<float>()[i], now);
    ASSERT_EQ(b.as<std::string>()[0], std::string(3000, static_cast<char>('a' + static_cast<int>(now) % 26)));
    changed += now > last;
    last = now;
  }
  EXPECT_GT(changed, 5);
  save(last + 1);   // what the kills left aside is cleared away
  EXPECT_TRUE(fs::exists(prefix + ".data-00000-of-00001"));
  EXPECT_FALSE(fs::exists(prefix + ".data-00000-of-00002"));
}

TEST(SortedTable, ManyBlocksComeBack) {
  io::TableEntries entries;
  for (int i = 0; i < 20000; ++i) {
    std::string key = fmt::format("layer/{:06}/kernel", i);
    entries.emplace_back(std::move(key), std::string(static_cast<size_t>(i % 90), static_cast<char>(i)));
  }
  const std::string bytes = io::table_bytes(entries);
  EXPECT_GT(bytes.size(), 2u * 262144);
  EXPECT_EQ(io::read_table(bytes, "x"), entries);
  EXPECT_TRUE(io::read_table(io::table_bytes({}), "x").empty());
}

TEST(Snappy, ReadsLiteralsAndCopies) {
  EXPECT_EQ(io::unsnappy(std::string("\x05\x10hello", 7)), "hello");
  EXPECT_EQ(io::unsnappy(std::string("\x0a\x04" "ab\x11\x02", 6)), "ababababab");        // 8 bytes, 2 back
  EXPECT_EQ(io::unsnappy(std::string("\x06\x04" "ab\x0e\x02\x00", 7)), "ababab");         // a two-byte offset
  for (const char* bad : {"", "\x05\x10hell", "\x0a\x04" "ab\x11\x03", "\xff\xff\xff\xff\x0f\x10hello", "\x05\x08" "abc"})
    EXPECT_FALSE(io::unsnappy(bad).has_value()) << bad;
}

TEST(ObjectGraphMessage, ComesBackAndRefusesStrangers) {
  ObjectGraph graph;
  graph.nodes.resize(2);
  graph.nodes[0].children = {{1, "a"}};
  graph.nodes[0].slots = {{1, "m", 1}};
  graph.nodes[0].has_checkpoint_values = true;
  graph.nodes[1].attributes = {{"VARIABLE_VALUE", "a", "a/.ATTRIBUTES/VARIABLE_VALUE"}};
  const std::string bytes = object_graph_bytes(graph);
  const ObjectGraph again = read_object_graph(bytes);
  EXPECT_EQ(object_graph_bytes(again), bytes);
  EXPECT_EQ(again.nodes[1].attributes[0].key, "a/.ATTRIBUTES/VARIABLE_VALUE");
  graph.nodes[0].children[0].node = 2;
  EXPECT_THROW(read_object_graph(object_graph_bytes(graph)), Error);
  EXPECT_THROW(read_object_graph("\x0a\x05"), Error);
}

}  // namespace
}  // namespace ninefold
