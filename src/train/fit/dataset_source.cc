// In: a tf.data pipeline. Out: its elements as batches: x, (x, y) or (x, y, sample_weight).
#include "train/fit/dataset_source.h"

#include "train/data/element.h"
#include "train/model/steps.h"

namespace ninefold::keras {
namespace {

class DatasetSource : public BatchSource {
 public:
  explicit DatasetSource(DatasetPtr dataset) : dataset_(std::move(dataset)) {}
  bool next(Batch& out) override {
    if (!iterator_) restart();
    if (!iterator_->next(flat_)) return false;
    out = unpacked_data(data::packed(dataset_->structure(), flat_));
    flat_.clear();
    return true;
  }
  void restart() override {
    iterator_.reset();   // its threads end before others begin
    iterator_ = dataset_->iterator();
  }
  int64_t size() const override {
    const int64_t n = dataset_->cardinality();
    return n == kInfinite ? -2 : n == kUnknown ? -1 : n;
  }
  std::string describe() const override { return "dataset"; }

 private:
  DatasetPtr dataset_;
  std::unique_ptr<DataIterator> iterator_;
  Tensors flat_;
};

}  // namespace

BatchSourcePtr batches_of(DatasetPtr dataset) { return std::make_shared<DatasetSource>(std::move(dataset)); }

}  // namespace ninefold::keras
