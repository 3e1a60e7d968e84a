// In: elements in order. Out: the same in tf.data's random order: tf29-random's section on shuffle.
#include <mutex>

#include "base/timeline.h"
#include "engine/ops/random/seeds.h"
#include "engine/ops/random/shuffle_buffer.h"
#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

template <class T>
using Buffer = rng::ShuffleBuffer<T>;

struct Shuffled : Choosing {
  Shuffled(std::unique_ptr<DataIterator> i, DatasetPtr h, uint64_t size, const rng::Philox& base)
      : Choosing(std::move(i), std::move(h)), elements(size, base), numbers(size, base) {}
  Buffer<Tensors> elements;
  Buffer<int64_t> numbers;
  bool ended = false;
  bool next_row(int64_t& row) override {
    int64_t more;
    while (!ended && !numbers.full()) {
      if (input->next_row(more)) numbers.push(more);
      else ended = true;
    }
    if (numbers.empty()) return false;
    row = numbers.pop();
    return true;
  }
  bool next(Tensors& out) override {
    if (const Tensors* all = rows()) {
      int64_t row;
      if (!next_row(row)) return false;
      out.clear();
      for (const Tensor& t : *all) out.push_back(row_of(t, row));
      return true;
    }
    const timeline::Span span(timeline::info, timeline::Kind::input, "Iterator::Shuffle");
    Tensors more;
    while (!ended && !elements.full()) {
      if (input->next(more)) elements.push(std::move(more));
      else ended = true;
    }
    if (elements.empty()) return false;
    out = elements.pop();
    return true;
  }
};

class ShuffleDataset : public Stage {
 public:
  ShuffleDataset(DatasetPtr input, int64_t size, std::pair<int64_t, int64_t> seeds, bool reshuffles)
      : Stage(std::move(input)), size_(static_cast<uint64_t>(size)), reshuffles_(reshuffles),
        base_(rng::state_of({seeds.first, seeds.second})), iterators_(base_) {}
  const char* stage() const override { return "ShuffleDataset"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    std::unique_lock hold(mutex_);
    if (const auto to = place->begin({base_.key, base_.low, base_.high, iterators_.drawn()})) {
      base_ = {to->key, to->low, to->high};
      iterators_ = rng::IteratorSeeds(base_, to->drawn);
    }
    rng::Philox base = base_;
    if (reshuffles_) {
      const auto [a, b] = iterators_.next();
      base = rng::state_of({a, b});
    }
    hold.unlock();
    return std::make_unique<Shuffled>(input_->pass(place->below()), shared_from_this(), size_, base);
  }

 private:
  uint64_t size_;
  bool reshuffles_;
  std::mutex mutex_;              // guards what follows, which a restored iterator puts back
  rng::Philox base_;
  rng::IteratorSeeds iterators_;  // the seeds of the iterators to come
};

}  // namespace
}  // namespace data

DatasetPtr Dataset::shuffle(int64_t buffer_size, std::optional<int64_t> seed, bool reshuffle_each_iteration) {
  check(buffer_size > 0, "buffer_size must be greater than zero. [Op:ShuffleDatasetV3]");
  return std::make_shared<data::ShuffleDataset>(shared_from_this(), buffer_size, op_seeds(seed),
                                                reshuffle_each_iteration);
}

}  // namespace ninefold
