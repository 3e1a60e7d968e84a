// In: pipelines of the stages that depend on what came before, on chance or on files. Out: the elements that TensorFlow 2.9.0 gave.
#include <gtest/gtest.h>

#include <fstream>

#include "ninefold/ops.h"
#include "ninefold/data.h"

namespace ninefold {
namespace {

std::vector<int64_t> numbers(const DatasetPtr& d) {
  std::vector<int64_t> out;
  Tensors element;
  for (const auto it = d->iterator(); it->next(element);) out.push_back(element.at(0).item<int64_t>());
  return out;
}
std::vector<std::string> texts(const DatasetPtr& d) {
  std::vector<std::string> out;
  Tensors element;
  for (const auto it = d->iterator(); it->next(element);) out.push_back(*element.at(0).as<std::string>());
  return out;
}
template <class F>
std::string fault(const F& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.message();
  }
  return "nothing raised";
}
using Numbers = std::vector<int64_t>;

TEST(DataStages, ScanCarriesAState) {
  const auto sums = data::range(0, 5)->scan(Tensor(int64_t{0}), [](const Value& state, const Value& x) -> Value {
    const Tensor s = *state.get<Tensor>(), e = *x.get<Tensor>();
    return ValueList{op("AddV2", {s, e}), op("AddV2", {op("Mul", {s, Tensor(int64_t{10})}), e})};
  });
  EXPECT_EQ(numbers(sums), (Numbers{0, 1, 12, 33, 64}));
  EXPECT_EQ(numbers(sums), (Numbers{0, 1, 12, 33, 64}));   // every pass begins anew
  EXPECT_EQ(sums->cardinality(), 5);
}

TEST(DataStages, UniqueAndCounts) {
  const auto some = data::from_tensor_slices(Tensor::of<int64_t>({6}, {1, 37, 2, 37, 2, 1}));
  EXPECT_EQ(numbers(some->unique()), (Numbers{1, 37, 2}));
  EXPECT_EQ(numbers(data::range(0, 3)->assert_cardinality(3)), (Numbers{0, 1, 2}));
  EXPECT_EQ(fault([] { numbers(data::range(0, 3)->assert_cardinality(2)); }),
            "Input dataset was expected to contain 2 elements but contained at least 3 elements.");
  EXPECT_EQ(fault([] { numbers(data::range(0, 3)->assert_cardinality(5)); }),
            "Input dataset was expected to contain 5 elements but contained only 3 elements.");
  EXPECT_EQ(data::range(3, 4)->single_element().at(0).item<int64_t>(), 3);
  EXPECT_EQ(fault([] { data::range(0, 0)->single_element(); }), "Dataset was empty. [Op:DatasetToSingleElement]");
}

TEST(DataStages, ChoosesAmongDatasets) {
  const std::vector<DatasetPtr> two = {data::range(0, 2), data::range(10, 12)};
  const auto order = data::from_tensor_slices(Tensor::of<int64_t>({6}, {0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(numbers(data::choose_from(two, order)), (Numbers{0, 1}));
  EXPECT_EQ(numbers(data::choose_from(two, order, false)), (Numbers{0, 1, 10, 11}));
  EXPECT_EQ(fault([&] { numbers(data::choose_from(two, data::range(2, 3))); }), "Selector index out of range: 2 >= 2");
  set_seed(11);
  const auto mixed = data::sample_from({data::range(0, 3), data::range(10, 13)}, Tensor::of<float>({2}, {0.5f, 0.5f}), 1);
  const Numbers first = numbers(mixed);
  EXPECT_EQ(first.size(), 6u);
  EXPECT_EQ(numbers(mixed), first);
}

TEST(DataStages, GroupsByKeyIntoOne) {
  const auto sum = [](const Value& a, const Value& b) -> Value { return op("AddV2", {*a.get<Tensor>(), *b.get<Tensor>()}); };
  const auto parity = [](const Value& x) -> Value { return op("FloorMod", {*x.get<Tensor>(), Tensor(int64_t{2})}); };
  const auto zero = [](const Value&) -> Value { return Tensor(int64_t{0}); };
  const auto same = [](const Value& s) { return s; };
  EXPECT_EQ(numbers(data::range(0, 10)->group_by_reducer(parity, {zero, sum, same})), (Numbers{20, 25}));
}

TEST(DataStages, LinesAndRecords) {
  const std::string path = ::testing::TempDir() + "ninefold_lines.txt";
  std::ofstream(path, std::ios::binary) << "one\ntwo\r\n\n\"a\nb\",3";
  const auto names = data::from_tensors(Tensor::of_string(path));
  EXPECT_EQ(texts(data::lines(names)), (std::vector<std::string>{"one", "two", "", "\"a", "b\",3"}));
  EXPECT_EQ(texts(data::lines(names, {.quoted = true, .skip_first = true})), (std::vector<std::string>{"two", "", "\"a\nb\",3"}));
  EXPECT_EQ(fault([] { texts(data::lines(data::from_tensors(Tensor::of_string("/nonexistent.txt")))); }),
            "/nonexistent.txt; No such file or directory");
  std::ofstream(path, std::ios::binary | std::ios::trunc) << "hhaabbbccf";
  EXPECT_EQ(texts(data::fixed_length_records(names, 3, {.header_bytes = 2, .footer_bytes = 2})), (std::vector<std::string>{"aab", "bbc"}));
}

TEST(DataStages, LateDatasetsAreBound) {
  Structure form;
  form.leaves.push_back({{}, DType::i64, ""});
  const auto late = data::late(form);
  const auto twice = late->map([](const Value& x) -> Value { return op("Mul", {*x.get<Tensor>(), Tensor(int64_t{2})}); })->batch(2)->unbatch();
  EXPECT_EQ(numbers(data::bound(twice, {late}, {data::range(0, 3)})), (Numbers{0, 2, 4}));
  EXPECT_EQ(numbers(data::bound(twice, {late}, {data::range(5, 6)})), (Numbers{10}));
  EXPECT_EQ(fault([&] { numbers(twice); }), "tf.data: a dataset of a traced function is read outside of it; it is known only while the "
            "function runs");
}

}  // namespace
}  // namespace ninefold
