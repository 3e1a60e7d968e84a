// In: pipelines over datasets that only a run knows. Out: the same with the datasets that they are.
#include "train/data/stage.h"

namespace ninefold::data {
namespace {

class LateDataset : public Dataset {
 public:
  explicit LateDataset(Structure s) : Dataset(std::move(s)) {}
  const char* stage() const override { return "_VariantDataset"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    const DatasetPtr truth = place->bound(this);
    check(truth != nullptr, Code::failed_precondition, "tf.data: a dataset of a traced function is read outside of it; it is known only "
          "while the function runs");
    return truth->pass(place->below());
  }
};

class BoundDataset : public Stage {
 public:
  BoundDataset(DatasetPtr pipeline, std::vector<DatasetPtr> late, std::vector<DatasetPtr> truth)
      : Stage(std::move(pipeline)), late_(std::move(late)), truth_(std::move(truth)) {}
  const char* stage() const override { return input_->stage(); }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    const PlacePtr own = place->below();
    for (size_t i = 0; i < late_.size(); ++i) own->bind(late_[i].get(), truth_[i]);
    return std::make_unique<Held>(input_->pass(own), shared_from_this());
  }

 private:
  struct Held : Over {
    using Over::Over;
    bool next(Tensors& out) override { return input->next(out); }
  };
  std::vector<DatasetPtr> late_, truth_;
};

}  // namespace

DatasetPtr late(const Structure& form) { return std::make_shared<LateDataset>(form); }

DatasetPtr bound(const DatasetPtr& pipeline, const std::vector<DatasetPtr>& late, const std::vector<DatasetPtr>& truth) {
  check(late.size() == truth.size(), Code::value, "data::bound: {} late datasets, {} true ones", late.size(), truth.size());
  return std::make_shared<BoundDataset>(pipeline, late, truth);
}

}  // namespace ninefold::data
