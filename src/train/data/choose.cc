// In: several datasets. Out: their elements in the order that another dataset, or chance, says.
#include "ninefold/functions/random.h"
#include "train/data/stage.h"

namespace ninefold::data {
namespace {

class ChosenDataset : public Stage {
 public:
  ChosenDataset(DatasetPtr choice, Structure s, std::vector<DatasetPtr> parts, bool stop)
      : Stage(std::move(choice), std::move(s)), parts_(std::move(parts)), stop_(stop) {}
  const char* stage() const override { return "_DirectedInterleaveDataset"; }
  int64_t cardinality() const override {
    for (const DatasetPtr& p : parts_)
      if (p->cardinality() == kInfinite) return kInfinite;
    return kUnknown;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct InOrder : Over {
      using Over::Over;
      std::vector<std::unique_ptr<DataIterator>> parts;   // null: ended
      size_t running = 0;
      bool stop = false, ended = false;
      bool next(Tensors& out) override {
        Tensors number;
        while (!ended && running > 0 && input->next(number)) {
          const int64_t i = number.at(0).item<int64_t>();
          const auto n = static_cast<int64_t>(parts.size());
          check(i >= 0 && i < n, Code::invalid_argument, "Selector index out of range: {} >= {}", i, n);
          auto& part = parts[static_cast<size_t>(i)];
          if (!part) continue;
          if (part->next(out)) return true;
          part.reset();
          --running;
          ended = stop;
        }
        ended = true;
        return false;
      }
    };
    auto it = std::make_unique<InOrder>(input_->pass(place->below()), shared_from_this());
    for (const DatasetPtr& p : parts_) it->parts.push_back(p->pass(place->below(it->parts.size() + 1)));
    it->running = parts_.size();
    it->stop = stop_;
    return it;
  }

 private:
  std::vector<DatasetPtr> parts_;
  bool stop_;
};

// What all of them give: dtypes are one, sizes that differ stay open.
Structure joined(const std::vector<DatasetPtr>& datasets) {
  check(!datasets.empty(), Code::value, "Invalid `datasets`. `datasets` should not be empty.");
  Structure s = datasets[0]->structure();
  for (const DatasetPtr& d : datasets) {
    const std::vector<TensorSpec>& other = d->structure().leaves;
    bool fits = other.size() == s.leaves.size();
    for (size_t i = 0; fits && i < other.size(); ++i) {
      fits = other[i].dtype == s.leaves[i].dtype;
      s.leaves[i].shape = s.leaves[i].shape.relax(other[i].shape);
    }
    check(fits, Code::type, "Invalid `datasets`. `datasets` must have compatible element specs.");
  }
  return s;
}

// The number of a dataset for logits of shape [1, datasets] and two words of a generator.
Value drawn(const Tensor& logits, const Tensor& words) {
  const Tensor number = op("StatelessMultinomial", {logits, Tensor(int32_t{1}), words}, {{"output_dtype", DType::i64}});
  return op("Squeeze", {number}, {{"squeeze_dims", std::vector<int64_t>{0, 1}}});
}

}  // namespace

DatasetPtr choose_from(const std::vector<DatasetPtr>& datasets, const DatasetPtr& choice, bool stop_on_empty) {
  Structure s = joined(datasets);
  const std::vector<TensorSpec>& leaves = choice->structure().leaves;
  check(leaves.size() == 1 && leaves[0].dtype == DType::i64 && leaves[0].shape.rank() == 0, Code::type,
        "Invalid `choice_dataset`. Elements of `choice_dataset` must be scalar `tf.int64` tensors but are TensorSpec(shape={}, dtype=tf.{}, "
        "name=None).", leaves.empty() ? "()" : leaves[0].shape.tuple(), leaves.empty() ? "none" : name_of(leaves[0].dtype));
  return std::make_shared<ChosenDataset>(choice, std::move(s), datasets, stop_on_empty);
}

DatasetPtr sample_from(const std::vector<DatasetPtr>& datasets, const DatasetPtr& weights, std::optional<int64_t> seed, bool stop_on_empty) {
  const auto words = random(seed)->batch(2, true);
  const auto choice = zip(ValueList{std::shared_ptr<Foreign>(weights), std::shared_ptr<Foreign>(words)})->map([](const Value& both) {
    const ValueList flat = nest::flatten(both);
    return drawn(op("Log", {*flat.at(0).get<Tensor>()}), *flat.at(1).get<Tensor>());
  });
  return choose_from(datasets, choice, stop_on_empty);
}

DatasetPtr sample_from(const std::vector<DatasetPtr>& datasets, const Tensor& weights, std::optional<int64_t> seed, bool stop_on_empty) {
  check(!datasets.empty(), Code::value, "Invalid `datasets`. `datasets` should not be empty.");
  check(weights.dtype() == DType::f32 || weights.dtype() == DType::f64, Code::type,
        "Invalid `weights`. `weights` type must be either `tf.float32` or `tf.float64` but is <dtype: '{}'>.", name_of(weights.dtype()));
  check(weights.rank() == 1 && weights.size() == static_cast<int64_t>(datasets.size()), Code::value,
        "Invalid `weights`. The shape of `weights` should be compatible with `[len(datasets)]` but is {}.", weights.shape().tuple());
  if (datasets.size() == 1) return datasets[0];
  const Tensor logits = op("ExpandDims", {op("Log", {weights}), Tensor(int32_t{0})});
  const auto choice = random(seed)->batch(2, true)->map([logits](const Value& words) {
    return drawn(logits, *nest::flatten(words).at(0).get<Tensor>());
  });
  return choose_from(datasets, choice, stop_on_empty);
}

}  // namespace ninefold::data
