// In: a tf.data pipeline. Out: its elements as batches: x, (x, y) or (x, y, sample_weight).
#include "train/fit/dataset_source.h"

#include "train/data/element.h"
#include "train/fit/array_source.h"
#include "train/layers/nest.h"
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

BatchSourcePtr rows_of_composites(const Value& x, const Value& y, const Value& sample_weight, int64_t batch_size, bool shuffle) {
  Tensors parts;
  data::ElementForms forms, fields;   // what each leaf is; what batches are made of, which of an extension type are its fields
  const auto numbered = [&](const Value& v) {
    return nest::map(v, [&](const Value& leaf) -> Value {
      if (leaf.none()) return {};
      const auto spec = CompositeSpec::of(leaf);
      if (spec)
        for (Tensor& part : dynamic_cast<const Composite&>(**leaf.get<std::shared_ptr<Foreign>>()).parts()) parts.push_back(std::move(part));
      else
        parts.push_back(*leaf.get<Tensor>());
      forms.push_back(spec);
      if (!spec || !spec->made) fields.push_back(spec);
      else for (auto& field : spec->made->fields()) fields.push_back(std::move(field));
      return static_cast<int64_t>(forms.size()) - 1;
    });
  };
  const Value nested = packed_data({numbered(x), numbered(y), numbered(sample_weight)});
  // The rows of the composites are elements like any; what is known of a batch is known of each.
  data::ElementForms of_rows = fields, of_batches = forms;
  for (auto& f : of_rows) {
    if (!f) continue;
    f->rows.shape = f->rows.shape.slice(1, f->rows.shape.rank());
    if (!f->sparse) --f->rows.ragged_rank;
  }
  for (auto& f : of_batches)
    if (f && f->made) f = CompositeSpec::of(f->made->any_batch());
    else if (f) f->rows.shape.set(0, -1);
  DatasetPtr rows = data::unbatch_composites(data::from_tensors(ValueList(parts.begin(), parts.end())), fields, rows_of(x));
  if (shuffle) rows = rows->shuffle(std::max<int64_t>(1, rows_of(x)));
  return batches_of(data::with_forms(data::batch_composites(rows, of_rows, batch_size, false), nested, of_batches));
}

BatchSourcePtr batches_of(DatasetPtr dataset) { return std::make_shared<DatasetSource>(std::move(dataset)); }

}  // namespace ninefold::keras
