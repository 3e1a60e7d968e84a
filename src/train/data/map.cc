// In: elements and functions of them. Out: what the functions give: map, filter, take_while, flat_map, interleave, reduce.
#include "base/threads.h"
#include "base/timeline.h"
#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

// One element after the other, or groups of elements on the threads of the pool, in order either way.
class MapDataset : public Stage {
 public:
  MapDataset(DatasetPtr input, Traced f, int64_t group)
      : Stage(std::move(input), f.result), f_(std::move(f)), group_(group) {}
  const char* stage() const override { return group_ > 1 ? "ParallelMapDataset" : "MapDataset"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Mapped : Over {
      using Over::Over;
      FunctionRef f;
      size_t group = 1, at = 0;
      std::vector<Tensors> ready;
      bool next(Tensors& out) override {
        const timeline::Span span(timeline::info, timeline::Kind::input, group > 1 ? "Iterator::ParallelMap" : "Iterator::Map");
        if (group == 1) {
          Tensors element;
          if (!input->next(element)) return false;
          out = f->call(element);
          return true;
        }
        if (at == ready.size()) refill();
        if (ready.empty()) return false;
        out = std::move(ready[at++]);
        return true;
      }
      void refill() {
        ready.clear();
        at = 0;
        Tensors element;
        while (ready.size() < group && input->next(element)) ready.push_back(std::move(element));
        parallel_for(static_cast<int64_t>(ready.size()), 1, [&](int64_t from, int64_t to) {
          for (int64_t i = from; i < to; ++i) ready[static_cast<size_t>(i)] = f->call(ready[static_cast<size_t>(i)]);
        });
      }
    };
    auto it = std::make_unique<Mapped>(input_->pass(place->below()), shared_from_this());
    it->f = place->function(f_.function);
    // Numbers are drawn in the order of the elements: one after the other, though TensorFlow leaves that open.
    it->group = graph::concrete(f_.function).draws() ? 1 : static_cast<size_t>(group_);
    return it;
  }

 private:
  Traced f_;
  int64_t group_;
};

class FilterDataset : public Stage {
 public:
  FilterDataset(DatasetPtr input, Traced f) : Stage(std::move(input)), f_(std::move(f)) {}
  const char* stage() const override { return "FilterDataset"; }
  int64_t cardinality() const override { return input_->cardinality() == kInfinite ? kInfinite : kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Kept : Over {
      using Over::Over;
      FunctionRef f;
      bool next(Tensors& out) override {
        while (input->next(out))
          if (f->call(out).at(0).item<bool>()) return true;
        return false;
      }
    };
    auto it = std::make_unique<Kept>(input_->pass(place->below()), shared_from_this());
    it->f = place->function(f_.function);
    return it;
  }

 private:
  Traced f_;
};

class FlatMapDataset : public Stage {
 public:
  FlatMapDataset(DatasetPtr input, Structure s, std::function<DatasetPtr(const Value&)> f)
      : Stage(std::move(input), std::move(s)), f_(std::move(f)) {}
  const char* stage() const override { return "FlatMapDataset"; }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Flat : Over {
      using Over::Over;
      const std::function<DatasetPtr(const Value&)>* f = nullptr;
      const Structure* structure = nullptr;
      PlacePtr place;                 // of every dataset that f makes
      std::unique_ptr<DataIterator> inner;
      bool next(Tensors& out) override {
        for (;;) {
          if (inner && inner->next(out)) return true;
          inner.reset();
          Tensors element;
          if (!input->next(element)) return false;
          inner = (*f)(packed(*structure, element))->pass(place);
        }
      }
    };
    auto it = std::make_unique<Flat>(input_->pass(place->below()), shared_from_this());
    it->f = &f_;
    it->structure = &input_->structure();
    it->place = place->below(1);
    return it;
  }

 private:
  std::function<DatasetPtr(const Value&)> f_;
};

class InterleaveDataset : public Stage {
 public:
  InterleaveDataset(DatasetPtr input, Structure s, std::function<DatasetPtr(const Value&)> f, size_t cycle, int64_t block)
      : Stage(std::move(input), std::move(s)), f_(std::move(f)), cycle_(cycle), block_(block) {}
  const char* stage() const override { return "InterleaveDataset"; }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct InTurn : Over {
      using Over::Over;
      const InterleaveDataset* of = nullptr;
      PlacePtr place;
      std::vector<std::unique_ptr<DataIterator>> open;   // a slot of the cycle each; null: free
      size_t at = 0, running = 0;
      int64_t given = 0;                                 // of the block
      bool ended = false;
      void turn() {
        at = (at + 1) % open.size();
        given = 0;
      }
      bool next(Tensors& out) override {
        while (!ended || running > 0) {
          if (open[at]) {
            if (open[at]->next(out)) {
              if (++given == of->block_) turn();
              return true;
            }
            open[at].reset();
            --running;
            turn();
          } else if (ended) {
            turn();
          } else if (Tensors element; input->next(element)) {
            open[at] = of->f_(packed(of->input_->structure(), element))->pass(place);
            ++running;
          } else {
            ended = true;
          }
        }
        return false;
      }
    };
    auto it = std::make_unique<InTurn>(input_->pass(place->below()), shared_from_this());
    it->of = this;
    it->place = place->below(1);
    it->open.resize(cycle_);
    return it;
  }

 private:
  std::function<DatasetPtr(const Value&)> f_;
  size_t cycle_;
  int64_t block_;
};

class TakeWhileDataset : public Stage {
 public:
  TakeWhileDataset(DatasetPtr input, Traced f) : Stage(std::move(input)), f_(std::move(f)) {}
  const char* stage() const override { return "_TakeWhileDataset"; }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Until : Over {
      using Over::Over;
      FunctionRef f;
      bool ended = false;
      bool next(Tensors& out) override {
        ended = ended || !input->next(out) || !f->call(out).at(0).item<bool>();
        return !ended;
      }
    };
    auto it = std::make_unique<Until>(input_->pass(place->below()), shared_from_this());
    it->f = place->function(f_.function);
    return it;
  }

 private:
  Traced f_;
};

// The form of the datasets that f gives: that of the first element's.
Structure form_of(Dataset& input, const std::function<DatasetPtr(const Value&)>& f, const char* who) {
  Tensors element;
  check(input.iterator()->next(element), Code::invalid_argument, "{}: the dataset is empty, so the form of its elements is unknown", who);
  return f(packed(input.structure(), element))->structure();
}
// The predicate, traced; `bool` scalars only. `but`: how TensorFlow goes on about another one.
Traced predicate_of(const char* name, const char* but, const Structure& structure, const ElementFunction& predicate) {
  Traced f = trace_element(name, structure, predicate);
  const bool fits = f.result.leaves.size() == 1 && f.result.leaves[0].dtype == DType::boolean && f.result.leaves[0].shape.rank() <= 0;
  check(fits, Code::value, "Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor{}"
        "TensorSpec(shape={}, dtype=tf.{}, name=None).", but, f.result.leaves.empty() ? "()" : f.result.leaves[0].shape.tuple(),
        f.result.leaves.empty() ? "none" : name_of(f.result.leaves[0].dtype));
  return f;
}

}  // namespace
}  // namespace data

DatasetPtr Dataset::map(const ElementFunction& f, MapOptions options) {
  check(options.parallel_calls != 0 && options.parallel_calls >= -1, Code::value,
        "map: num_parallel_calls must be positive or tf.data.AUTOTUNE, got {}", options.parallel_calls);
  const int64_t group = options.parallel_calls < 0 ? 4 * thread_count() : options.parallel_calls;
  return std::make_shared<data::MapDataset>(shared_from_this(), data::trace_element("Dataset_map", structure_, f), group);
}

DatasetPtr Dataset::filter(const ElementFunction& predicate) {
  return std::make_shared<data::FilterDataset>(shared_from_this(), data::predicate_of("Dataset_filter", ", but its return type is ", structure_, predicate));
}
DatasetPtr Dataset::take_while(const ElementFunction& predicate) {
  return std::make_shared<data::TakeWhileDataset>(shared_from_this(), data::predicate_of("Dataset_take_while", " but its return type is", structure_, predicate));
}

DatasetPtr Dataset::flat_map(const std::function<DatasetPtr(const Value& element)>& f) {
  return std::make_shared<data::FlatMapDataset>(shared_from_this(), data::form_of(*this, f, "flat_map"), f);
}
DatasetPtr Dataset::interleave(const std::function<DatasetPtr(const Value& element)>& f, int64_t cycle, int64_t block) {
  check(cycle > 0, Code::invalid_argument, "cycle_length must be greater than zero. [Op:InterleaveDataset]");
  check(block > 0, Code::invalid_argument, "block_length must be greater than zero. [Op:InterleaveDataset]");
  return std::make_shared<data::InterleaveDataset>(shared_from_this(), data::form_of(*this, f, "interleave"), f,
                                                   static_cast<size_t>(cycle), block);
}

namespace {
// What both shapes have in common; sizes that differ are open.
Shape common(const Shape& a, const Shape& b) {
  if (!a.known_rank() || !b.known_rank() || a.rank() != b.rank()) return Shape::unknown();
  std::vector<int64_t> sizes;
  for (int i = 0; i < a.rank(); ++i) sizes.push_back(a[i] == b[i] ? a[i] : -1);
  return Shape(sizes);
}
}  // namespace

Value Dataset::reduce(const Value& initial, const std::function<Value(const Value& state, const Value& element)>& f) {
  Tensors state = data::flat(initial, "reduce");
  const Structure form = data::structure_of(initial, state);
  Structure both;
  both.nest = ValueList{form.nest, nest::map(structure_.nest, [&](const Value& i) -> Value {
                return static_cast<int64_t>(form.leaves.size()) + *i.get<int64_t>();
              })};
  both.leaves = form.leaves;
  both.leaves.insert(both.leaves.end(), structure_.leaves.begin(), structure_.leaves.end());
  data::Traced step;
  for (bool settled = false; !settled;) {   // sizes that the function changes stay open; it is traced anew with them
    step = data::trace_element("Dataset_reduce", both, [&](const Value& v) {
      const ValueList& parts = *v.get<ValueList>();
      return f(parts[0], parts[1]);
    });
    check(step.result.leaves.size() == state.size(), Code::invalid_argument, "The number of components of the initial state and the "
          "reduce function output does not match. (initial_state={}, output={}). [Op:ReduceDataset]", state.size(),
          step.result.leaves.size());
    settled = true;
    for (size_t i = 0; i < state.size(); ++i) {
      Shape& before = both.leaves[i].shape;
      const Shape open = common(before, step.result.leaves[i].shape);
      settled &= open == before;
      before = open;
    }
  }
  const std::unique_ptr<DataIterator> it = iterator();
  Tensors element;
  while (it->next(element)) {
    Tensors arguments = state;
    arguments.insert(arguments.end(), element.begin(), element.end());
    state = step(arguments);
  }
  return data::packed(form, state);
}

}  // namespace ninefold
