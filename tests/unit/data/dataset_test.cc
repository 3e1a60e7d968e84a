// In: pipelines. Out: their elements, in TensorFlow's order for TensorFlow's seeds.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "ninefold/data.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

std::vector<int64_t> numbers(const DatasetPtr& d, int64_t most = 100) {
  std::vector<int64_t> out;
  const auto it = d->iterator();
  Tensors element;
  while (most-- > 0 && it->next(element))
    for (int64_t i = 0; i < element.at(0).size(); ++i) out.push_back(element[0].int_at(i));
  return out;
}
std::vector<int64_t> up_to(int64_t n) {
  std::vector<int64_t> out;
  for (int64_t i = 0; i < n; ++i) out.push_back(i);
  return out;
}

struct Row {
  const char* what;
  DatasetPtr dataset;
  std::vector<int64_t> want;
  int64_t cardinality;
};

TEST(Data, StagesGiveTheseElements) {
  const DatasetPtr ten = data::range(0, 10);
  const Value twice_seven = ValueList{int64_t{7}, int64_t{7}};
  const std::vector<Row> rows = {
      {"range", data::range(3, -4, -3), {3, 0, -3}, 3},
      {"range, empty", data::range(3, 3), {}, 0},
      {"from_tensors", data::from_tensors(twice_seven), {7}, 1},
      {"slices", data::from_tensor_slices(Tensor::of<int32_t>({3}, {4, 5, 6})), {4, 5, 6}, 3},
      {"take", ten->take(3), {0, 1, 2}, 3},
      {"take all", ten->take(-1), up_to(10), 10},
      {"skip", ten->skip(8), {8, 9}, 2},
      {"skip all", ten->skip(-1), {}, 0},
      {"shard", ten->shard(4, 1), {1, 5, 9}, 3},
      {"repeat", data::range(0, 2)->repeat(2), {0, 1, 0, 1}, 4},
      {"repeat for ever", data::range(0, 2)->repeat()->take(5), {0, 1, 0, 1, 0}, 5},
      {"repeat nothing", data::range(0, 0)->repeat(), {}, 0},
      {"concatenate", data::range(0, 2)->concatenate(data::range(5, 7)), {0, 1, 5, 6}, 4},
      {"enumerate", data::range(5, 7)->enumerate(3), {3, 4}, 2},
      {"batch", ten->batch(4), up_to(10), 3},
      {"batch, whole ones only", ten->batch(4, true), up_to(8), 2},
      {"unbatch", ten->batch(4)->unbatch(), up_to(10), kUnknown},
      {"cache", ten->cache()->repeat(2)->take(12), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1}, 12},
      {"prefetch", ten->prefetch(2), up_to(10), 10},
      {"map", ten->map([](const Value& v) -> Value { return *v.get<Tensor>() * *v.get<Tensor>(); }),
       {0, 1, 4, 9, 16, 25, 36, 49, 64, 81}, 10},
      {"map on threads", ten->map([](const Value& v) -> Value { return *v.get<Tensor>() + Tensor(int64_t{1}); }, {3}),
       {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10},
      {"filter", ten->filter([](const Value& v) -> Value { return op("Less", {*v.get<Tensor>(), Tensor(int64_t{3})}); }),
       {0, 1, 2}, kUnknown},
      {"zip", data::zip(ValueList{std::shared_ptr<Foreign>(ten), std::shared_ptr<Foreign>(ten->take(2))}), {0, 1}, 2},
      {"flat_map", data::range(1, 4)->flat_map([](const Value& v) { return data::range(0, v.get<Tensor>()->int_at(0)); }),
       {0, 0, 1, 0, 1, 2}, kUnknown},
  };
  for (const Row& r : rows) {
    SCOPED_TRACE(r.what);
    EXPECT_EQ(numbers(r.dataset), r.want);
    EXPECT_EQ(numbers(r.dataset), r.want) << "a second pass";
    EXPECT_EQ(r.dataset->cardinality(), r.cardinality);
  }
}

// The vectors of TensorFlow 2.9.0 for set_seed(7).
TEST(Data, ShufflesAsTensorFlowDoes) {
  set_seed(7);
  const DatasetPtr seeded = data::range(0, 20)->shuffle(6, 3);
  EXPECT_EQ(numbers(seeded), (std::vector<int64_t>{5, 1, 0, 4, 6, 9, 7, 8, 13, 11, 12, 10, 3, 17, 18, 2, 19, 14, 15, 16}));
  EXPECT_EQ(numbers(seeded), (std::vector<int64_t>{4, 2, 7, 1, 3, 0, 5, 8, 6, 12, 14, 15, 17, 10, 18, 19, 9, 13, 16, 11}));
  const DatasetPtr fixed = data::range(0, 20)->shuffle(6, 3, false);
  for (int pass = 0; pass < 2; ++pass)
    EXPECT_EQ(numbers(fixed), (std::vector<int64_t>{3, 1, 4, 0, 8, 5, 6, 11, 10, 13, 2, 16, 7, 18, 9, 12, 17, 19, 14, 15}));
  set_seed(7);
  EXPECT_EQ(numbers(data::range(0, 20)->shuffle(100)),
            (std::vector<int64_t>{8, 19, 12, 1, 7, 5, 13, 15, 11, 17, 0, 14, 6, 2, 3, 9, 4, 18, 10, 16}));
}

// Rows of tensors are moved as numbers; the elements are the same.
TEST(Data, RowsShuffleLikeElements) {
  std::vector<int64_t> all = up_to(20);
  set_seed(7);
  const DatasetPtr rows = data::from_tensor_slices(ValueList{Tensor::of<int64_t>({20}, all), Tensor::of<int64_t>({20}, all)});
  const DatasetPtr batches = rows->shuffle(6, 3)->batch(7);
  EXPECT_EQ(numbers(batches), (std::vector<int64_t>{5, 1, 0, 4, 6, 9, 7, 8, 13, 11, 12, 10, 3, 17, 18, 2, 19, 14, 15, 16}));
}

TEST(Data, ReduceFoldsElementsIntoAState) {
  const Value sum = data::range(0, 10)->reduce(Tensor(int64_t{100}), [](const Value& s, const Value& e) -> Value {
    return *s.get<Tensor>() + *e.get<Tensor>();
  });
  EXPECT_EQ(sum.get<Tensor>()->item<int64_t>(), 145);
}

struct ErrorRow {
  const char* what;
  DatasetPtr (*make)();
  Code code;
  const char* says;
};
TEST(Data, MistakesAreNamed) {
  const std::vector<ErrorRow> rows = {
      {"slices", [] { return data::from_tensor_slices(ValueList{Tensor::of<int32_t>({2}, {1, 2}), Tensor::of<int32_t>({3}, {1, 2, 3})}); },
       Code::value, "Dimensions 2 and 3 are not compatible"},
      {"scalar", [] { return data::from_tensor_slices(Tensor(1)); }, Code::value,
       "Unbatching a tensor is only supported for rank >= 1"},
      {"shuffle", [] { return data::range(0, 2)->shuffle(0); }, Code::invalid_argument,
       "buffer_size must be greater than zero. [Op:ShuffleDatasetV3]"},
      {"batch", [] { return data::range(0, 2)->batch(0); }, Code::invalid_argument,
       "Batch size must be greater than zero. [Op:BatchDatasetV2]"},
      {"shard", [] { return data::range(0, 2)->shard(2, 2); }, Code::invalid_argument,
       "Index must be between 0 and 1 (currently index = 2). [Op:ShardDataset]"},
      {"step", [] { return data::range(0, 2, 0); }, Code::invalid_argument,
       "step must be a non-zero integer. [Op:RangeDataset]"},
  };
  for (const ErrorRow& r : rows) {
    SCOPED_TRACE(r.what);
    try {
      r.make();
      ADD_FAILURE() << "no error";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), r.code);
      EXPECT_EQ(e.message(), r.says);
    }
  }
}

// TensorFlow's: the streams begin with the iterator of the whole pipeline and go on below a repeat.
TEST(Data, RandomOpsBeginAnewWithEveryIterator) {
  set_seed(7);
  const auto draw = [](const Value&) -> Value {
    return op("RandomUniform", {Tensor::of<int32_t>({0}, {})}, {{"dtype", DType::f32}, {"seed", 7}, {"seed2", 0}});
  };
  const auto drawn = [](const DatasetPtr& d) {
    std::vector<float> out;
    Tensors element;
    for (const auto it = d->iterator(); it->next(element);)
      for (const Tensor& t : element) out.push_back(t.item<float>());
    return out;
  };
  const DatasetPtr three = data::range(0, 3)->map(draw);
  const std::vector<float> all = drawn(data::range(0, 6)->map(draw));
  ASSERT_EQ(all.size(), 6u);
  EXPECT_NE(all[0], all[3]);
  const std::vector<float> first(all.begin(), all.begin() + 3);
  const auto twice = [&](size_t times) {   // each number so many times in a row
    std::vector<float> out;
    for (float x : first) out.insert(out.end(), times, x);
    return out;
  };
  const std::vector<float> again = {all[0], all[1], all[2], all[0], all[1], all[2]};
  EXPECT_EQ(drawn(three), first);
  EXPECT_EQ(drawn(three), first) << "a second iterator";
  EXPECT_EQ(drawn(three->repeat(2)), all) << "one iterator, two rounds";
  EXPECT_EQ(drawn(data::range(0, 6)->map(draw, {4})), all) << "on threads, in order";
  EXPECT_EQ(drawn(three->concatenate(three)), again) << "two stages";
  const Value both = ValueList{std::shared_ptr<Foreign>(three), std::shared_ptr<Foreign>(three)};
  EXPECT_EQ(drawn(data::zip(both)), twice(2)) << "two stages side by side";
  EXPECT_EQ(drawn(data::range(0, 2)->flat_map([&](const Value&) { return data::range(0, 3)->map(draw); })), all);
  EXPECT_EQ(drawn(three->cache()->repeat(2)), again);
  const auto one = three->iterator();
  Tensors element;
  std::vector<float> seen;
  while (one->next(element)) {
    seen.push_back(element[0].item<float>());
    set_seed(8);   // changes nothing for an iterator that lives
  }
  EXPECT_EQ(seen, first);
}

TEST(Data, APrefetchingThreadHandsItsErrorOver) {
  const DatasetPtr bad = data::from_generator({int64_t{0}, {TensorSpec{{}, DType::f32, ""}}}, [] {
    return [](Tensors& out) {
      out.assign(1, Tensor(1));
      return true;
    };
  })->prefetch(1);
  Tensors element;
  const auto it = bad->iterator();
  EXPECT_THROW(it->next(element), Error);
  EXPECT_FALSE(it->next(element));
}

// A loop, a table, a random op and a function of the host language in one function on eight threads, while the table
// grows and further passes begin: for the thread sanitizer as well as for the numbers.
TEST(Data, AParallelMapOfALoopATableARandomOpAndAHostFunction) {
  const int64_t count = 10000;
  const Tensor table = op("MutableHashTableV2", {}, {{"key_dtype", DType::i64}, {"value_dtype", DType::i64}});
  const auto insert = [&](int64_t key, int64_t value) {
    const Tensor in[] = {table, Tensor::of<int64_t>({1}, {key}), Tensor::of<int64_t>({1}, {value})};
    op_all("LookupTableInsertV2", in);
  };
  for (int64_t i = 0; i < 10; ++i) insert(i, 100 * i);
  const DatasetPtr mapped = data::range(0, count)->map([&](const Value& v) -> Value {
    const Tensor i = *v.get<Tensor>(), zero(int64_t{0}), one(int64_t{1});
    const Tensor end = op("FloorMod", {i, Tensor(int64_t{5})});
    const Tensor sum = while_loop([&](const Tensors& s) { return op("Less", {s[0], end}); },
                                  [&](const Tensors& s) { return Tensors{s[0] + one, s[1] + s[0]}; }, {zero, zero}).at(1);
    const Tensor found = op("LookupTableFindV2", {table, op("FloorMod", {i, Tensor(int64_t{12})}), Tensor(int64_t{-1})});
    const Tensor noise = *call("tf.random.uniform", {{"shape", Value(ValueList{})}, {"seed", int64_t{3}}}).get<Tensor>();
    const Tensor twice = host_function({i}, {DType::i64}, [](const Tensors& in) { return Tensors{Tensor(in[0].int_at(0) * 2)}; }, {}).at(0);
    return ValueList{i, sum, found, noise, twice};
  }, {8, true});
  std::atomic<bool> done{false};
  std::thread other([&] {
    Tensors element;
    for (int64_t key = 100; !done; ++key) {
      insert(key, key);
      const auto pass = mapped->iterator();
      for (int n = 0; n < 20 && pass->next(element); ++n) EXPECT_EQ(element[4].int_at(0), 2 * n);
    }
  });
  std::set<float> drawn;
  Tensors e;
  int64_t n = 0, wrong = 0;
  for (const auto it = mapped->iterator(); it->next(e); ++n) {
    const int64_t key = n % 12;
    wrong += e[0].int_at(0) != n || e[1].int_at(0) != (n % 5) * (n % 5 - 1) / 2 || e[2].int_at(0) != (key < 10 ? 100 * key : -1) ||
             e[4].int_at(0) != 2 * n;
    drawn.insert(e[3].item<float>());
  }
  done = true;
  other.join();
  EXPECT_EQ(n, count);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(static_cast<int64_t>(drawn.size()), count * 99 / 100);
}

}  // namespace
}  // namespace ninefold
