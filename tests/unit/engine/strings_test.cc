// In: strings, tables, Examples made in C++. Out: what public functions and ops make of them, on several threads too.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "ninefold/composite.h"
#include "ninefold/example.h"
#include "ninefold/ops.h"

namespace ninefold {
namespace {

Tensor texts(std::vector<std::string> values) {
  const auto n = static_cast<int64_t>(values.size());
  return Tensor::of_strings({n}, std::move(values));
}
std::vector<std::string> strings_of(const Tensor& t) { return {t.as<std::string>(), t.as<std::string>() + t.size()}; }
std::string raised(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.message();
  }
  return "nothing raised";
}

TEST(Strings, SplitIsRagged) {
  const Value v = call("tf.strings.split", {{"input", texts({"a b", "", "c"})}});
  const RaggedRef r = Ragged::of(v);
  ASSERT_TRUE(r);
  EXPECT_EQ(strings_of(r->flat_values()), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(r->row_splits().ints(), (std::vector<int64_t>{0, 2, 2, 3}));
}

TEST(Strings, PatternsRunOnManyThreads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {   // more patterns than are kept
        const std::string pattern = "[" + std::string(1, static_cast<char>('a' + (i + t) % 26)) + "x]{" + std::to_string(i % 9 + 1) + "}";
        const Value v = call("tf.strings.regex_full_match", {{"input", Tensor::of_string(std::string(static_cast<size_t>(i % 9 + 1), 'x'))}, {"pattern", pattern}});
        wrong += !v.get<Tensor>()->item<bool>();
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(raised([] { call("tf.strings.regex_replace", {{"input", "a"}, {"pattern", "("}, {"rewrite", ""}}); }),
            "Invalid pattern: (, error: missing ): ( [Op:StaticRegexReplace]");
}

TEST(Strings, TablesAreReadWhileTheyGrow) {
  const Tensor table = op("MutableHashTableV2", {}, {{"key_dtype", DType::string}, {"value_dtype", DType::i64}});
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::thread reader([&] {
    while (!done) {
      const Tensor found = op("LookupTableFindV2", {table, texts({"k7", "none"}), Tensor(int64_t{-1})});
      const int64_t v = found.int_at(0);
      wrong += !(v == -1 || v == 7) || found.int_at(1) != -1;
    }
  });
  for (int64_t i = 0; i < 2000; ++i) {
    const Tensor in[] = {table, texts({"k" + std::to_string(i)}), Tensor::of<int64_t>({1}, {i})};
    op_all("LookupTableInsertV2", in);
  }
  done = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(op("LookupTableSizeV2", {table}).int_at(0), 2000);
}

TEST(Strings, BytesOfAnExampleComeBack) {
  std::string feature, entry, features, example;
  wire::append_bytes(feature, 3, wire::list_bytes(std::vector<int64_t>{1, -2, 300}));
  wire::append_bytes(entry, 1, "key");
  wire::append_bytes(entry, 2, feature);
  wire::append_bytes(features, 1, entry);
  wire::append_bytes(example, 1, features);
  wire::FeatureBytes found;
  ASSERT_TRUE(wire::read_example(example, found));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].first, "key");
  wire::FeatureView view;
  ASSERT_TRUE(wire::read_feature(found[0].second, view));
  std::vector<int64_t> values;
  ASSERT_TRUE(wire::read_list(view.list, values));
  EXPECT_EQ(values, (std::vector<int64_t>{1, -2, 300}));
}

// Whatever bytes there are: an answer or "no", and no read outside of them (the address sanitizer looks on).
TEST(Strings, AnyBytesAreReadSafely) {
  std::mt19937 random(7);
  std::string whole = {"\n3\n\x14\n\x01i\x12\x0f\x1a\r\n\x0b\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\n\r\n\x01" "f\x12\x08\x12\x06\n\x04\0\0\xc0?\n\x0c\n\x01s\x12\x07\n\x05\n\x01x\n\0", 53};
  int read = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = whole.substr(0, random() % (whole.size() + 1));
    for (unsigned i = random() % 4; i > 0 && !bytes.empty(); --i) bytes[random() % bytes.size()] = static_cast<char>(random());
    const std::string copy(bytes.data(), bytes.size());   // of exactly this size, so that one byte more is seen
    wire::FeatureBytes found;
    if (!wire::read_example(copy, found)) continue;
    ++read;
    for (const auto& [key, feature] : found) {
      wire::FeatureView view;
      if (!wire::read_feature(feature, view)) continue;
      std::vector<std::string_view> a;
      std::vector<float> b;
      std::vector<int64_t> c;
      wire::read_list(view.list, a), wire::read_list(view.list, b), wire::read_list(view.list, c);
    }
  }
  EXPECT_GT(read, 100);
}

TEST(Strings, SparseToDenseAndBack) {
  const Tensor dense = Tensor::of<int32_t>({2, 2}, {0, 5, 6, 0});
  const SparseRef s = Sparse::from_dense(dense);
  EXPECT_EQ(s->indices().ints(), (std::vector<int64_t>{0, 1, 1, 0}));
  EXPECT_EQ(s->to_dense().ints(), dense.ints());
  EXPECT_EQ(raised([] {
    Sparse::of(Tensor::of<int64_t>({1, 2}, {0, 0}), Tensor::of<int32_t>({2}, {1, 2}), Tensor::of<int64_t>({2}, {3, 4}));
  }), "Dimensions 1 and 2 are not compatible");
}

}  // namespace
}  // namespace ninefold
