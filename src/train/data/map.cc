// In: elements and functions of them. Out: what the functions give: map, filter, flat_map, reduce.
#include "base/threads.h"
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

}  // namespace
}  // namespace data

DatasetPtr Dataset::map(const ElementFunction& f, MapOptions options) {
  check(options.parallel_calls != 0 && options.parallel_calls >= -1, Code::value,
        "map: num_parallel_calls must be positive or tf.data.AUTOTUNE, got {}", options.parallel_calls);
  const int64_t group = options.parallel_calls < 0 ? 4 * thread_count() : options.parallel_calls;
  return std::make_shared<data::MapDataset>(shared_from_this(), data::trace_element("Dataset_map", structure_, f), group);
}

DatasetPtr Dataset::filter(const ElementFunction& predicate) {
  data::Traced f = data::trace_element("Dataset_filter", structure_, predicate);
  const bool fits = f.result.leaves.size() == 1 && f.result.leaves[0].dtype == DType::boolean && f.result.leaves[0].shape.rank() <= 0;
  check(fits, Code::value, "Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its return type is "
        "TensorSpec(shape={}, dtype=tf.{}, name=None).", f.result.leaves.empty() ? "()" : f.result.leaves[0].shape.tuple(),
        f.result.leaves.empty() ? "none" : name_of(f.result.leaves[0].dtype));
  return std::make_shared<data::FilterDataset>(shared_from_this(), std::move(f));
}

DatasetPtr Dataset::flat_map(const std::function<DatasetPtr(const Value& element)>& f) {
  // The form of the result is that of the first element's dataset.
  Tensors element;
  check(iterator()->next(element), Code::invalid_argument, "flat_map: the dataset is empty, so the form of its elements is unknown");
  const DatasetPtr first = f(data::packed(structure_, element));
  return std::make_shared<data::FlatMapDataset>(shared_from_this(), first->structure(), f);
}

Value Dataset::reduce(const Value& initial, const std::function<Value(const Value& state, const Value& element)>& f) {
  Tensors state = data::flat(initial, "reduce");
  const Structure form = data::structure_of(initial, state);
  Structure both;
  both.nest = ValueList{form.nest, nest::map(structure_.nest, [&](const Value& i) -> Value {
                return static_cast<int64_t>(form.leaves.size()) + *i.get<int64_t>();
              })};
  both.leaves = form.leaves;
  both.leaves.insert(both.leaves.end(), structure_.leaves.begin(), structure_.leaves.end());
  const data::Traced step = data::trace_element("Dataset_reduce", both, [&](const Value& v) {
    const ValueList& parts = *v.get<ValueList>();
    return f(parts[0], parts[1]);
  });
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
