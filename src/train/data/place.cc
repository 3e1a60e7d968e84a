// In: a dataset. Out: its iterator, and the random streams that begin with it.
#include "train/data/place.h"

namespace ninefold {
namespace data {

PlacePtr Place::below(size_t i) {
  std::lock_guard hold(mutex_);
  if (below_.size() <= i) below_.resize(i + 1);
  if (!below_[i]) below_[i] = std::make_shared<Place>();
  return below_[i];
}

FunctionRef Place::function(const FunctionRef& f) {
  const graph::Concrete& c = graph::concrete(f);
  if (!c.draws()) return f;
  std::lock_guard hold(mutex_);
  // set_seed changes nothing in an iterator that lives.
  if (!streams_) streams_ = std::make_shared<graph::Streams>(false);
  return c.with_streams(streams_);
}

}  // namespace data

std::unique_ptr<DataIterator> Dataset::iterator() { return pass(std::make_shared<data::Place>()); }

}  // namespace ninefold
