// In: elements. Out: some of them, more of them, or numbered ones: take, skip, repeat, shard, concatenate,
// enumerate.
#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

struct Some : Choosing {
  using Choosing::Choosing;
  int64_t at = 0, from = 0, to = -1, by = 1;
  template <class Next>
  bool advance(const Next& next) {
    for (;;) {
      if (to >= 0 && at >= to) return false;
      if (!next()) return false;
      const int64_t i = at++;
      if (i >= from && (i - from) % by == 0) return true;
    }
  }
  bool next_row(int64_t& row) override { return advance([&] { return input->next_row(row); }); }
  bool next(Tensors& out) override { return advance([&] { return input->next(out); }); }
};

// Elements from..to of the input, every `by`-th one.
class RangeOfDataset : public Stage {
 public:
  RangeOfDataset(DatasetPtr input, const char* name, int64_t from, int64_t to, int64_t by)
      : Stage(std::move(input)), name_(name), from_(from), to_(to), by_(by) {}
  const char* stage() const override { return name_; }
  int64_t cardinality() const override {
    const int64_t n = input_->cardinality();
    if (n == kUnknown || (n == kInfinite && to_ < 0)) return n;
    const int64_t end = n == kInfinite ? to_ : to_ < 0 ? n : std::min(n, to_);
    return end <= from_ ? 0 : (end - from_ + by_ - 1) / by_;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    auto it = std::make_unique<Some>(input_->pass(place->below()), shared_from_this());
    it->from = from_;
    it->to = to_;
    it->by = by_;
    return it;
  }

 private:
  const char* name_;
  int64_t from_, to_, by_;
};

class RepeatDataset : public Stage {
 public:
  RepeatDataset(DatasetPtr input, int64_t count) : Stage(std::move(input)), count_(count) {}
  const char* stage() const override { return "RepeatDataset"; }
  int64_t cardinality() const override {
    const int64_t n = input_->cardinality();
    if (count_ == 0) return 0;
    return count_ < 0 ? (n == 0 ? 0 : kInfinite) : n < 0 ? n : n * count_;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Again : DataIterator {
      DatasetPtr hold, from;
      PlacePtr place;
      std::unique_ptr<DataIterator> pass;
      int64_t left = 0;              // passes to come; negative: no end
      bool next(Tensors& out) override {
        for (;;) {
          const bool fresh = !pass;
          if (fresh) {
            if (left == 0) return false;
            if (left > 0) --left;
            pass = from->pass(place);
          }
          if (pass->next(out)) return true;
          pass.reset();
          if (fresh && left < 0) left = 0;   // an empty input repeated for ever is empty
        }
      }
    };
    auto it = std::make_unique<Again>();
    it->hold = shared_from_this();
    it->from = input_;
    it->place = place->below();
    it->left = count_;
    return it;
  }

 private:
  int64_t count_;
};

class ConcatenateDataset : public Stage {
 public:
  ConcatenateDataset(DatasetPtr input, DatasetPtr then, Structure s)
      : Stage(std::move(input), std::move(s)), then_(std::move(then)) {}
  const char* stage() const override { return "ConcatenateDataset"; }
  int64_t cardinality() const override {
    const int64_t a = input_->cardinality(), b = then_->cardinality();
    if (a == kInfinite || b == kInfinite) return kInfinite;
    return a == kUnknown || b == kUnknown ? kUnknown : a + b;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Both : DataIterator {
      DatasetPtr hold, second;
      PlacePtr place;
      std::unique_ptr<DataIterator> now;
      bool next(Tensors& out) override {
        if (now->next(out)) return true;
        if (!second) return false;
        now = second->pass(place->below(1));
        second = nullptr;
        return now->next(out);
      }
    };
    auto it = std::make_unique<Both>();
    it->hold = shared_from_this();
    it->second = then_;
    it->place = place;
    it->now = input_->pass(place->below());
    return it;
  }

 private:
  DatasetPtr then_;
};

class EnumerateDataset : public Stage {
 public:
  EnumerateDataset(DatasetPtr input, Structure s, int64_t start) : Stage(std::move(input), std::move(s)), start_(start) {}
  const char* stage() const override { return "ZipDataset"; }   // what TensorFlow builds it from
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Numbered : Over {
      using Over::Over;
      int64_t at = 0;
      bool next(Tensors& out) override {
        Tensors element;
        if (!input->next(element)) return false;
        out.assign(1, Tensor(at++));
        out.insert(out.end(), element.begin(), element.end());
        return true;
      }
    };
    auto it = std::make_unique<Numbered>(input_->pass(place->below()), shared_from_this());
    it->at = start_;
    return it;
  }

 private:
  int64_t start_;
};

class NestedDataset : public Stage {
 public:
  using Stage::Stage;
  const char* stage() const override { return input_->stage(); }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override { return input_->pass(place->below()); }
};

}  // namespace
}  // namespace data

DatasetPtr Dataset::with_nest(Value nest) {
  size_t given = 0;
  for (const Value& leaf : nest::flatten(nest)) given += data::composite_leaf(leaf) ? data::composite_leaf(leaf)->count : !leaf.none();
  check(given == structure_.leaves.size(), Code::value, "with_nest: elements have {} leaves, the nest has {}",
        structure_.leaves.size(), given);
  Structure s = structure_;
  s.nest = std::move(nest);
  return std::make_shared<data::NestedDataset>(shared_from_this(), std::move(s));
}

DatasetPtr Dataset::take(int64_t count) {
  return std::make_shared<data::RangeOfDataset>(shared_from_this(), "TakeDataset", 0, count < 0 ? -1 : count, 1);
}
DatasetPtr Dataset::skip(int64_t count) {
  // A negative count skips all, as in TensorFlow.
  return std::make_shared<data::RangeOfDataset>(shared_from_this(), "SkipDataset", count < 0 ? 0 : count, count < 0 ? 0 : -1, 1);
}
DatasetPtr Dataset::shard(int64_t shards, int64_t index) {
  check(shards > 0, Code::invalid_argument, "Number of shards must be greater than zero (currently num_shards = {}). [Op:ShardDataset]", shards);
  check(index >= 0 && index < shards, Code::invalid_argument, "Index must be between 0 and {} (currently index = {}). [Op:ShardDataset]",
        shards - 1, index);
  return std::make_shared<data::RangeOfDataset>(shared_from_this(), "ShardDataset", index, -1, shards);
}
DatasetPtr Dataset::repeat(int64_t count) {
  return std::make_shared<data::RepeatDataset>(shared_from_this(), count);
}
DatasetPtr Dataset::concatenate(const DatasetPtr& other) {
  Structure s = structure_;
  check(s.leaves.size() == other->structure().leaves.size(), Code::type,
        "concatenate: the two datasets have elements of {} and {} components", s.leaves.size(), other->structure().leaves.size());
  for (size_t i = 0; i < s.leaves.size(); ++i) {
    const TensorSpec& b = other->structure().leaves[i];
    check(s.leaves[i].dtype == b.dtype, Code::type, "Two datasets to concatenate have different types {} and {}",
          name_of(s.leaves[i].dtype), name_of(b.dtype));
    s.leaves[i].shape = s.leaves[i].shape.relax(b.shape);
  }
  return std::make_shared<data::ConcatenateDataset>(shared_from_this(), other, std::move(s));
}
DatasetPtr Dataset::enumerate(int64_t start) {
  Structure s;
  s.leaves.push_back({{}, DType::i64, ""});
  s.leaves.insert(s.leaves.end(), structure_.leaves.begin(), structure_.leaves.end());
  s.nest = ValueList{int64_t{0}, nest::map(structure_.nest, [](const Value& i) -> Value { return 1 + *i.get<int64_t>(); })};
  return std::make_shared<data::EnumerateDataset>(shared_from_this(), std::move(s), start);
}

}  // namespace ninefold
