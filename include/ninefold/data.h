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
// A list of the new state and of what is given for the element.
using ScanFunction = std::function<Value(const Value& state, const Value& element)>;
// What folds the elements of one key into one.
struct Reducer {
  ElementFunction init;                                                          // of the key, an int64 scalar
  std::function<Value(const Value& state, const Value& element)> reduce;
  ElementFunction finalize;                                                      // of the state
};
struct LinesOptions {
  std::string compression = {};    // "", "GZIP", "ZLIB"
  bool quoted = false;             // as in CSV: no line ends within double quotes
  bool skip_first = false;         // of each file
};
struct FixedLengthOptions {
  int64_t header_bytes = 0, footer_bytes = 0;
  std::string compression = {};
};

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
  // What f gives of a state and an element; the state goes on to the next element.
  DatasetPtr scan(const Value& initial, const ScanFunction& f);
  // Without what came before: one component of int32, int64 or strings.
  DatasetPtr unique();
  // One element for each key that there is, in the order of the keys.
  DatasetPtr group_by_reducer(const ElementFunction& key, const Reducer& reducer);
  DatasetPtr assert_cardinality(int64_t count);     // FailedPreconditionError where it is wrong
  // Without the elements whose computation raises a TensorFlow error; `told` gets the text of each.
  DatasetPtr ignore_errors(std::function<void(const std::string&)> told = {});
  // InvalidArgumentError if there is none, or more than one.
  Tensors single_element();
  DatasetPtr take(int64_t count);                   // -1: all
  DatasetPtr skip(int64_t count);
  DatasetPtr repeat(int64_t count = -1);            // -1: for ever
  DatasetPtr shard(int64_t shards, int64_t index);
  DatasetPtr concatenate(const DatasetPtr& other);
  DatasetPtr enumerate(int64_t start = 0);
  DatasetPtr cache();                               // in memory
  DatasetPtr prefetch(int64_t buffer_size);         // a thread reads ahead; -1: two elements
  DatasetPtr to_device(const std::string& device);  // elements on the device of this name, if it is there
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
// The next element of the dataset whose number `choice` gives, int64 scalars; of one that has ended none.
NINEFOLD_API DatasetPtr choose_from(const std::vector<DatasetPtr>& datasets, const DatasetPtr& choice, bool stop_on_empty = true);
// The same, chosen at random: `weights` are elements of shape [1, datasets], or one tensor of all datasets' weights.
NINEFOLD_API DatasetPtr sample_from(const std::vector<DatasetPtr>& datasets, const DatasetPtr& weights, std::optional<int64_t> seed = {},
                                    bool stop_on_empty = false);
NINEFOLD_API DatasetPtr sample_from(const std::vector<DatasetPtr>& datasets, const Tensor& weights, std::optional<int64_t> seed = {},
                                    bool stop_on_empty = false);
// Lines of text files, and records of files all of whose records have one length. `names`: elements are names of files.
NINEFOLD_API DatasetPtr lines(const DatasetPtr& names, const LinesOptions& options = {});
NINEFOLD_API DatasetPtr fixed_length_records(const DatasetPtr& names, int64_t bytes, const FixedLengthOptions& options = {});
// A dataset that is known only when a pipeline over it begins: what a traced function builds its pipeline on. `bound` is
// that pipeline with what the late one is in truth.
NINEFOLD_API DatasetPtr late(const Structure& form);
NINEFOLD_API DatasetPtr bound(const DatasetPtr& pipeline, const std::vector<DatasetPtr>& late, const std::vector<DatasetPtr>& truth);
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
