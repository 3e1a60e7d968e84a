// In: nests of whole arrays. Out: batches of their rows, in order or in TensorFlow's shuffled one.
#pragma once

#include <optional>
#include <vector>

#include "engine/ops/random/seeds.h"
#include "ninefold/keras.h"

namespace ninefold::keras {

enum class Shuffle { none, rows, batches };

// Rows are gathered straight from the arrays' memory. One stream of `passes` passes over the rows: a pass
// that is cut short by steps_per_epoch goes on in the next epoch.
class ArraySource : public BatchSource {
 public:
  // The arrays must have equally many rows (ValueError "Data cardinality is ambiguous: ...").
  ArraySource(const Value& x, const Value& y, const Value& sample_weight, int64_t batch_size, int64_t passes,
              Shuffle shuffle);
  bool next(Batch& out) override;
  void restart() override;
  int64_t size() const override { return (rows_ + batch_ - 1) / batch_; }
  bool restarts(int64_t) const override { return false; }
  int64_t rows() const { return rows_; }

 private:
  void begin_pass();
  rng::Philox stream(int64_t op_seed, uint64_t skipped) const;
  Tensor take(size_t array, const int64_t* rows, int64_t from, int64_t count);
  Value form_x_, form_y_, form_weight_;
  Tensors arrays_, spare_;              // spare_: memory of the last batch, filled again if nobody holds it
  int64_t rows_ = 0, batch_, passes_, pass_ = 0, at_ = 0;
  Shuffle shuffle_;
  std::optional<int64_t> global_;       // the seed as it was when fit began
  uint64_t blocks_ = 0;                 // how far the permutations' stream has moved
  std::vector<int64_t> order_;          // of rows; empty: as they are
  std::vector<int64_t> ends_;           // where batches end in order_, if these are shuffled
  std::vector<uint64_t> component_blocks_;
};

// As fit takes them: numbers and lists become tensors, floats become floatx.
Value as_arrays(const Value& v, const char* who);
void check_cardinality(const Value& x, const Value& y, const Value& sample_weight);
bool any_composite(const Value& v);      // True iff a leaf is ragged, sparse or of an extension type
int64_t rows_of(const Value& v);        // of the first array; -1 if there is none
Value sliced(const Value& v, int64_t from, int64_t to);   // rows [from, to) of every array
// Keras' class_weight as sample weights, times those that are given.
Value class_weighted(const Value& y, const Value& sample_weight, const Value& class_weight);

}  // namespace ninefold::keras
