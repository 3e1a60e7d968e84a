// In: tensors, files, callables. Out: tf.data: pipelines of elements, each a nest of tensors.
//   auto d = data::from_tensor_slices(ValueList{x, y})->shuffle(1000)->batch(32);
//   for (auto it = d->iterator(); it->next(element);) ...
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ninefold/composite.h"
#include "ninefold/function.h"

namespace ninefold {

// The form of an element: a nest whose leaves are 0, 1, ..., and what stands at each of them.
struct Structure {
  Value nest = int64_t{0};
  std::vector<TensorSpec> leaves;
};

inline constexpr int64_t kInfinite = -1, kUnknown = -2;   // cardinalities, as tf.data has them

// One pass over a dataset. One thread at a time.
class NINEFOLD_API DataIterator {
 public:
  virtual ~DataIterator() = default;
  virtual bool next(Tensors& element) = 0;          // flat; false at the end, and ever after
  // Row access, for sources that hold all their rows: the tensors, and the number of the next row. A stage
  // that only reorders or groups rows moves numbers instead of tensors.
  virtual const Tensors* rows() const { return nullptr; }
  virtual bool next_row(int64_t& row);              // only if rows()
};

namespace data {
class Place;   // of a stage in a pipeline that runs (place.h)
using PlacePtr = std::shared_ptr<Place>;
}  // namespace data
class Dataset;
using DatasetPtr = std::shared_ptr<Dataset>;
using ElementFunction = std::function<Value(const Value& element)>;

struct MapOptions {
  int64_t parallel_calls = 1;      // tf.data.AUTOTUNE (-1): as many as there are threads
  bool deterministic = true;
};

struct WindowOptions {
  int64_t shift = 0;               // from one window's first element to the next one's; 0: the size
  int64_t stride = 1;              // between neighbours in a window
  bool drop_remainder = false;     // no windows that end before their size
};
struct PaddedBatchOptions {
  bool drop_remainder = false;
  std::vector<Shape> shapes = {};  // a leaf each; open dimensions grow to the batch's largest. Empty: the leaves' own
  Tensors values = {};             // a scalar for each leaf. Empty: zeros, and empty strings
};
using WindowReducer = std::function<DatasetPtr(const Tensor& key, const DatasetPtr& window)>;
using WindowSize = std::function<int64_t(const Tensor& key)>;

// An immutable description of a pipeline; iterators run it.
class NINEFOLD_API Dataset : public Foreign, public std::enable_shared_from_this<Dataset> {
 public:
  // A new pass. Random ops of functions in the pipeline draw the same numbers in every one.
  std::unique_ptr<DataIterator> iterator();
  // The pass of this stage as part of a pipeline's.
  virtual std::unique_ptr<DataIterator> pass(const data::PlacePtr& place) = 0;
  virtual int64_t cardinality() const { return kUnknown; }
  virtual const char* stage() const = 0;            // "BatchDataset": what Python's repr says
  std::string describe() const override { return stage(); }
  const Structure& structure() const { return structure_; }

  DatasetPtr shuffle(int64_t buffer_size, std::optional<int64_t> seed = {}, bool reshuffle_each_iteration = true);
  DatasetPtr batch(int64_t batch_size, bool drop_remainder = false);
  // Elements of one rank, padded at the ends of their axes to one shape.
  DatasetPtr padded_batch(int64_t batch_size, const PaddedBatchOptions& options = {});
  DatasetPtr unbatch();
  // Elements are nests of datasets (data::from_variant). `leaves`: how many leaves each of the datasets takes; one each if empty.
  DatasetPtr window(int64_t size, WindowOptions options = {}, const std::vector<size_t>& leaves = {});
  // What `reduce` makes of windows of elements that have the same key, an int64 scalar.
  DatasetPtr group_by_window(const ElementFunction& key, const WindowReducer& reduce, const WindowSize& size);
  DatasetPtr map(const ElementFunction& f, MapOptions options = {});
  DatasetPtr filter(const ElementFunction& predicate);
  DatasetPtr flat_map(const std::function<DatasetPtr(const Value& element)>& f);
  // `block` elements in turn of each of `cycle` datasets that f gives.
  DatasetPtr interleave(const std::function<DatasetPtr(const Value& element)>& f, int64_t cycle, int64_t block = 1);
  DatasetPtr take_while(const ElementFunction& predicate);
  DatasetPtr take(int64_t count);                   // -1: all
  DatasetPtr skip(int64_t count);
  DatasetPtr repeat(int64_t count = -1);            // -1: for ever
  DatasetPtr shard(int64_t shards, int64_t index);
  DatasetPtr concatenate(const DatasetPtr& other);
  DatasetPtr enumerate(int64_t start = 0);
  DatasetPtr cache();                               // in memory
  DatasetPtr prefetch(int64_t buffer_size);         // a thread reads ahead; -1: two elements
  DatasetPtr with_nest(Value nest);                 // the same leaves, 0, 1, ..., in another nest
  Value reduce(const Value& initial, const std::function<Value(const Value& state, const Value& element)>& f);

 protected:
  explicit Dataset(Structure structure) : structure_(std::move(structure)) {}
  Structure structure_;
};

namespace data {
NINEFOLD_API DatasetPtr from_tensors(const Value& element);
NINEFOLD_API DatasetPtr from_tensor_slices(const Value& tensors);   // ValueError if first dimensions differ
NINEFOLD_API DatasetPtr range(int64_t start, int64_t stop, int64_t step = 1, DType dtype = DType::i64);
NINEFOLD_API DatasetPtr random(std::optional<int64_t> seed = {});     // int64 of [0, 2^32), without end
// A dataset as an element of another: a scalar of dtype variant, and back.
NINEFOLD_API Tensor to_variant(const DatasetPtr&);
NINEFOLD_API DatasetPtr from_variant(const Tensor&);
NINEFOLD_API DatasetPtr zip(const Value& datasets);                 // a nest of datasets
// What each leaf of an element is: a tensor, or a composite that lies in the flat element as its parts. A spec of ragged
// rank 0 is a row of a ragged tensor: a tensor, of which a batch makes a ragged tensor again.
using ElementForms = std::vector<std::optional<CompositeSpec>>;
NINEFOLD_API DatasetPtr batch_composites(const DatasetPtr& input, const ElementForms& forms, int64_t batch_size, bool drop_remainder);
// `rows`: how many there are in all, where that is known.
NINEFOLD_API DatasetPtr unbatch_composites(const DatasetPtr& input, const ElementForms& forms, int64_t rows = kUnknown);
// The same elements in a nest whose leaves are numbers of `forms`: what a model reads them as.
NINEFOLD_API DatasetPtr with_forms(const DatasetPtr& input, const Value& nest, const ElementForms& forms);
// `start` makes one pass: a function that gives the next element, flat, or false.
NINEFOLD_API DatasetPtr from_generator(Structure structure,
                                       std::function<std::function<bool(Tensors&)>()> start);
}  // namespace data

}  // namespace ninefold
