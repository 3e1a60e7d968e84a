// In: tensors, ranges, generators. Out: datasets that begin a pipeline.
#include "engine/ops/random/seeds.h"
#include "engine/ops/random/philox.h"
#include "train/data/element.h"
#include "train/data/place.h"

namespace ninefold {

bool DataIterator::next_row(int64_t&) { fail(Code::internal, "tf.data: this iterator has no rows"); }

namespace data {
namespace {

class TensorsDataset : public Dataset {
 public:
  TensorsDataset(Structure s, Tensors element) : Dataset(std::move(s)), element_(std::move(element)) {}
  const char* stage() const override { return "TensorDataset"; }
  int64_t cardinality() const override { return 1; }
  std::unique_ptr<DataIterator> pass(const PlacePtr&) override {
    struct Once : DataIterator {
      Tensors element;
      bool done = false;
      bool next(Tensors& out) override {
        if (done) return false;
        out = element;
        return done = true;
      }
    };
    auto it = std::make_unique<Once>();
    it->element = element_;
    return it;
  }

 private:
  Tensors element_;
};

class SlicesDataset : public Dataset {
 public:
  SlicesDataset(Structure s, std::shared_ptr<const Tensors> rows, int64_t count)
      : Dataset(std::move(s)), rows_(std::move(rows)), count_(count) {}
  const char* stage() const override { return "TensorSliceDataset"; }
  int64_t cardinality() const override { return count_; }
  std::unique_ptr<DataIterator> pass(const PlacePtr&) override {
    struct Rows : DataIterator {
      std::shared_ptr<const Tensors> from;
      int64_t count = 0, at = 0;
      const Tensors* rows() const override { return from.get(); }
      bool next_row(int64_t& row) override {
        if (at >= count) return false;
        row = at++;
        return true;
      }
      bool next(Tensors& out) override {
        int64_t row;
        if (!next_row(row)) return false;
        out.clear();
        for (const Tensor& t : *from) out.push_back(row_of(t, row));
        return true;
      }
    };
    auto it = std::make_unique<Rows>();
    it->from = rows_;
    it->count = count_;
    return it;
  }

 private:
  std::shared_ptr<const Tensors> rows_;
  int64_t count_;
};

class RangeDataset : public Dataset {
 public:
  RangeDataset(int64_t start, int64_t stop, int64_t step, DType dtype)
      : Dataset({int64_t{0}, {TensorSpec{{}, dtype, ""}}}), start_(start), step_(step), dtype_(dtype) {
    // In doubles first: the difference of two int64 may not be one.
    const double span = (static_cast<double>(stop) - static_cast<double>(start)) / static_cast<double>(step);
    count_ = span <= 0 ? 0 : (stop - start + step - (step > 0 ? 1 : -1)) / step;
  }
  const char* stage() const override { return "RangeDataset"; }
  int64_t cardinality() const override { return count_; }
  std::unique_ptr<DataIterator> pass(const PlacePtr&) override {
    struct Numbers : DataIterator {
      int64_t value = 0, step = 1, left = 0;
      DType dtype = DType::i64;
      bool next(Tensors& out) override {
        if (left <= 0) return false;
        --left;
        const Tensor t(value);
        out.assign(1, dtype == DType::i64 ? t : op("Cast", {t}, {{"DstT", dtype}}));
        value += step;
        return true;
      }
    };
    auto it = std::make_unique<Numbers>();
    it->value = start_;
    it->step = step_;
    it->left = count_;
    it->dtype = dtype_;
    return it;
  }

 private:
  int64_t start_, step_, count_ = 0;
  DType dtype_;
};

// The words of one random stream; every pass begins it anew.
class RandomDataset : public Dataset {
 public:
  explicit RandomDataset(const rng::Philox& base) : Dataset({int64_t{0}, {TensorSpec{{}, DType::i64, ""}}}), base_(base) {}
  const char* stage() const override { return "RandomDataset"; }
  int64_t cardinality() const override { return kInfinite; }
  std::unique_ptr<DataIterator> pass(const PlacePtr&) override {
    struct Stream : DataIterator {
      explicit Stream(const rng::Philox& base) : words(base) {}
      rng::Words words;
      bool next(Tensors& out) override {
        out.assign(1, Tensor(static_cast<int64_t>(words())));
        return true;
      }
    };
    return std::make_unique<Stream>(base_);
  }

 private:
  rng::Philox base_;
};

class GeneratorDataset : public Dataset {
 public:
  GeneratorDataset(Structure s, std::function<std::function<bool(Tensors&)>()> start)
      : Dataset(std::move(s)), start_(std::move(start)) {}
  const char* stage() const override { return "FlatMapDataset"; }   // what TensorFlow builds it from
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    place->stateful("PyFunc");
    struct Pass : DataIterator {
      std::function<bool(Tensors&)> step;
      const Structure* structure;
      DatasetPtr keep;
      bool done = false;
      bool next(Tensors& out) override {
        if (done || !step(out)) {
          done = true;
          return false;
        }
        for (size_t i = 0; i < out.size(); ++i) {
          const TensorSpec& spec = structure->leaves.at(i);
          check(out[i].dtype() == spec.dtype && spec.shape.compatible(out[i].shape()), Code::invalid_argument,
                "TypeError: `generator` yielded an element of shape {} where an element of shape {} was expected.",
                out[i].shape().tuple(), spec.shape.tuple());
        }
        return true;
      }
    };
    auto it = std::make_unique<Pass>();
    it->step = start_();
    it->structure = &structure_;
    it->keep = shared_from_this();
    return it;
  }

 private:
  std::function<std::function<bool(Tensors&)>()> start_;
};

class ZipDataset : public Dataset {
 public:
  ZipDataset(Structure s, std::vector<DatasetPtr> parts) : Dataset(std::move(s)), parts_(std::move(parts)) {}
  const char* stage() const override { return "ZipDataset"; }
  int64_t cardinality() const override {
    int64_t least = kInfinite;
    for (const DatasetPtr& p : parts_) {
      const int64_t n = p->cardinality();
      if (n == kUnknown) return kUnknown;
      if (n != kInfinite) least = least == kInfinite ? n : std::min(least, n);
    }
    return least;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Zipped : DataIterator {
      std::vector<std::unique_ptr<DataIterator>> parts;
      bool next(Tensors& out) override {
        out.clear();
        Tensors part;
        for (const auto& p : parts) {
          if (!p->next(part)) return false;
          out.insert(out.end(), part.begin(), part.end());
        }
        return true;
      }
    };
    auto it = std::make_unique<Zipped>();
    for (const DatasetPtr& p : parts_) it->parts.push_back(p->pass(place->below(it->parts.size())));
    return it;
  }

 private:
  std::vector<DatasetPtr> parts_;
};

}  // namespace

DatasetPtr from_tensors(const Value& element) {
  Tensors leaves = flat(element, "from_tensors");
  Structure s = structure_of(element, leaves);
  return std::make_shared<TensorsDataset>(std::move(s), std::move(leaves));
}

DatasetPtr from_tensor_slices(const Value& tensors) {
  auto rows = std::make_shared<Tensors>(flat(tensors, "from_tensor_slices"));
  check(!rows->empty(), Code::value, "Invalid `tensors`. `tensors` should not be empty.");
  Structure s = structure_of(tensors, *rows);
  int64_t count = -1;
  for (size_t i = 0; i < rows->size(); ++i) {
    const Shape& shape = (*rows)[i].shape();
    check(shape.rank() > 0, Code::value, "Unbatching a tensor is only supported for rank >= 1");
    check(count < 0 || shape[0] == count, Code::value, "Dimensions {} and {} are not compatible", count, shape[0]);
    count = shape[0];
    s.leaves[i].shape = shape.slice(1, shape.rank());
  }
  return std::make_shared<SlicesDataset>(std::move(s), std::move(rows), count);
}

DatasetPtr range(int64_t start, int64_t stop, int64_t step, DType dtype) {
  check(step != 0, "step must be a non-zero integer. [Op:RangeDataset]");
  return std::make_shared<RangeDataset>(start, stop, step, dtype);
}

DatasetPtr random(std::optional<int64_t> seed) {
  const auto [a, b] = op_seeds(seed);
  return std::make_shared<RandomDataset>(rng::state_of({a, b}));
}

DatasetPtr from_generator(Structure structure, std::function<std::function<bool(Tensors&)>()> start) {
  return std::make_shared<GeneratorDataset>(std::move(structure), std::move(start));
}

DatasetPtr zip(const Value& datasets) {
  std::vector<DatasetPtr> parts;
  Structure s;
  s.nest = nest::map(datasets, [&](const Value& leaf) -> Value {
    const auto* f = leaf.get<std::shared_ptr<Foreign>>();
    DatasetPtr d = f ? std::dynamic_pointer_cast<Dataset>(*f) : nullptr;
    check(d != nullptr, Code::type, "The argument to `Dataset.zip()` must be a (nested) structure of `Dataset` objects.");
    const auto first = static_cast<int64_t>(s.leaves.size());
    s.leaves.insert(s.leaves.end(), d->structure().leaves.begin(), d->structure().leaves.end());
    parts.push_back(d);
    return nest::map(d->structure().nest, [first](const Value& i) -> Value { return first + *i.get<int64_t>(); });
  });
  return std::make_shared<ZipDataset>(std::move(s), std::move(parts));
}

}  // namespace data
}  // namespace ninefold
