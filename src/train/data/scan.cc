// In: elements one after the other. Out: what depends on those before: scan, unique, group_by_reducer; and checks of their number.
#include <map>
#include <unordered_set>

#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

// f of a state and what follows it, traced until the state's sizes hold for what f gives, too.
struct Step {
  Traced f;
  Structure state;     // with open sizes where they change
  Tensors operator()(const FunctionRef& run, const Tensors& now, const Tensors& element) const {
    Tensors arguments = now;
    arguments.insert(arguments.end(), element.begin(), element.end());
    return run->call(arguments);
  }
};

// `apart`: f gives a list of the new state and a result; else the new state alone. `who` and `what` are for its faults.
Step step_of(const char* name, const char* what, Structure state, const Structure& element, bool apart,
             const std::function<Value(const Value&, const Value&)>& f) {
  const size_t n = state.leaves.size();
  for (;;) {
    Structure both;
    both.nest = ValueList{state.nest, nest::map(element.nest, [&](const Value& i) -> Value { return static_cast<int64_t>(n) + *i.get<int64_t>(); })};
    both.leaves = state.leaves;
    both.leaves.insert(both.leaves.end(), element.leaves.begin(), element.leaves.end());
    Step step{trace_element(name, both, [&](const Value& v) {
      const ValueList& parts = *v.get<ValueList>();
      const Value given = f(parts[0], parts[1]);
      const ValueList* pair = given.get<ValueList>();
      if (apart) check(pair && pair->size() == 2, Code::type, "Invalid `{0}`. `{0}` should return a pair consisting of new state and the output "
                       "value.", what);
      const size_t states = nest::flatten(apart ? (*pair)[0] : given).size();
      check(states == n, Code::type, "Invalid `{}`. The structure of the new state does not match that of the initial one: it has {} components, "
            "not {}.", what, states, n);
      return given;
    }), state};
    bool holds = true;
    for (size_t i = 0; i < n; ++i) {
      const TensorSpec& made = step.f.result.leaves[i];
      TensorSpec& known = state.leaves[i];
      check(made.dtype == known.dtype, Code::type, "Invalid `{}`. The element types for the new state must match the initial state. Expected "
            "<dtype: '{}'>; got <dtype: '{}'>.", what, name_of(known.dtype), name_of(made.dtype));
      const Shape wider = known.shape.relax(made.shape);
      holds = holds && wider == known.shape;
      known.shape = wider;
    }
    if (holds) return step;
  }
}

class ScanDataset : public Stage {
 public:
  ScanDataset(DatasetPtr input, Structure s, Step step, Tensors initial)
      : Stage(std::move(input), std::move(s)), step_(std::move(step)), initial_(std::move(initial)) {}
  const char* stage() const override { return "_ScanDataset"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Scanned : Over {
      using Over::Over;
      const Step* step = nullptr;
      FunctionRef f;
      Tensors state;
      bool next(Tensors& out) override {
        Tensors element;
        if (!input->next(element)) return false;
        Tensors made = (*step)(f, state, element);
        const auto split = made.begin() + static_cast<std::ptrdiff_t>(state.size());
        out.assign(split, made.end());
        made.erase(split, made.end());
        state = std::move(made);
        return true;
      }
    };
    auto it = std::make_unique<Scanned>(input_->pass(place->below()), shared_from_this());
    it->step = &step_;
    it->f = place->function(step_.f.function);
    it->state = initial_;
    return it;
  }

 private:
  Step step_;
  Tensors initial_;
};

// What an element is told apart by: its sizes and its contents.
std::string key_of(const Tensor& t) {
  std::string key = t.shape().str();
  if (t.dtype() != DType::string) return key.append(static_cast<const char*>(t.data()), t.bytes());
  for (int64_t i = 0; i < t.size(); ++i) {
    const std::string& text = t.as<std::string>()[i];
    key += std::to_string(text.size()) + ":" + text;
  }
  return key;
}

class UniqueDataset : public Stage {
 public:
  using Stage::Stage;
  const char* stage() const override { return "_UniqueDataset"; }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Fresh : Over {
      using Over::Over;
      std::unordered_set<std::string> seen;
      bool next(Tensors& out) override {
        while (input->next(out))
          if (seen.insert(key_of(out.at(0))).second) return true;
        return false;
      }
    };
    return std::make_unique<Fresh>(input_->pass(place->below()), shared_from_this());
  }
};

class GroupByReducerDataset : public Stage {
 public:
  GroupByReducerDataset(DatasetPtr input, Traced key, Traced init, Step step, Traced finalize)
      : Stage(std::move(input), finalize.result), key_(std::move(key)), init_(std::move(init)), step_(std::move(step)),
        finalize_(std::move(finalize)) {}
  const char* stage() const override { return "_GroupByReducerDataset"; }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Reduced : Over {
      using Over::Over;
      FunctionRef key, init, reduce, finalize;
      const Step* step = nullptr;
      std::map<int64_t, Tensors> states;
      bool read = false;
      bool next(Tensors& out) override {
        Tensors element;
        while (!read && input->next(element)) {
          const Tensor number = key->call(element).at(0);
          const auto [at, fresh] = states.try_emplace(number.item<int64_t>());
          if (fresh) at->second = init->call(Tensors{number});
          at->second = (*step)(reduce, at->second, element);
        }
        read = true;
        if (states.empty()) return false;
        out = finalize->call(states.begin()->second);
        states.erase(states.begin());
        return true;
      }
    };
    auto it = std::make_unique<Reduced>(input_->pass(place->below()), shared_from_this());
    it->key = place->function(key_.function);
    it->init = place->function(init_.function);
    it->reduce = place->function(step_.f.function);
    it->finalize = place->function(finalize_.function);
    it->step = &step_;
    return it;
  }

 private:
  Traced key_, init_;
  Step step_;
  Traced finalize_;
};

class AssertCardinalityDataset : public Stage {
 public:
  AssertCardinalityDataset(DatasetPtr input, int64_t count) : Stage(std::move(input)), count_(count) {}
  const char* stage() const override { return "_AssertCardinalityDataset"; }
  int64_t cardinality() const override { return count_; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Counted : Over {
      using Over::Over;
      int64_t wanted = 0, seen = 0;
      bool next(Tensors& out) override {
        const auto elements = [](int64_t n) { return std::to_string(n) + (n == 1 ? " element" : " elements"); };
        const bool more = input->next(out);
        if (more) ++seen;
        check(more || seen == wanted || wanted == kInfinite, Code::failed_precondition,
              "Input dataset was expected to contain {} but contained only {}.", elements(wanted), elements(seen));
        check(more || wanted != kInfinite, Code::failed_precondition,
              "Input dataset was expected to contain an infinite number of elements but contained only {}.", elements(seen));
        check(!more || wanted == kInfinite || seen <= wanted, Code::failed_precondition,
              "Input dataset was expected to contain {} but contained at least {}.", elements(wanted), elements(seen));
        return more;
      }
    };
    auto it = std::make_unique<Counted>(input_->pass(place->below()), shared_from_this());
    it->wanted = count_;
    return it;
  }

 private:
  int64_t count_;
};

class IgnoreErrorsDataset : public Stage {
 public:
  IgnoreErrorsDataset(DatasetPtr input, std::function<void(const std::string&)> told) : Stage(std::move(input)), told_(std::move(told)) {}
  const char* stage() const override { return "_IgnoreErrorsDataset"; }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Sound : Over {
      using Over::Over;
      const IgnoreErrorsDataset* of = nullptr;
      bool next(Tensors& out) override {
        for (;;) {
          try {
            return input->next(out);
          } catch (const Error& e) {
            if (of->told_) of->told_(e.message());
          }
        }
      }
    };
    auto it = std::make_unique<Sound>(input_->pass(place->below()), shared_from_this());
    it->of = this;
    return it;
  }

 private:
  std::function<void(const std::string&)> told_;
};

}  // namespace
}  // namespace data

DatasetPtr Dataset::scan(const Value& initial, const ScanFunction& f) {
  Tensors state = data::flat(initial, "scan");
  data::Step step = data::step_of("Dataset_scan", "scan_func", data::structure_of(initial, state), structure_, true, f);
  // The result's nest is [state, output]; the output's leaves begin after the state's.
  const auto n = static_cast<int64_t>(state.size());
  Structure s;
  s.nest = nest::map((*step.f.result.nest.get<ValueList>()).at(1), [&](const Value& i) -> Value { return *i.get<int64_t>() - n; });
  s.leaves.assign(step.f.result.leaves.begin() + n, step.f.result.leaves.end());
  return std::make_shared<data::ScanDataset>(shared_from_this(), std::move(s), std::move(step), std::move(state));
}

DatasetPtr Dataset::unique() {
  check(structure_.leaves.size() == 1, Code::invalid_argument, "UniqueDataset only supports inputs with a single component. [Op:UniqueDataset]");
  const DType t = structure_.leaves[0].dtype;
  check(t == DType::i32 || t == DType::i64 || t == DType::string, Code::type,
        "`unique()` does not support type <dtype: '{}'>, only `tf.int32`, `tf.int64`, and `tf.string` are supported.", name_of(t));
  return std::make_shared<data::UniqueDataset>(shared_from_this());
}

DatasetPtr Dataset::group_by_reducer(const ElementFunction& key, const Reducer& reducer) {
  data::Traced number = data::trace_element("Dataset_group_by_reducer_key", structure_, key);
  const std::vector<TensorSpec>& found = number.result.leaves;
  check(found.size() == 1 && found[0].dtype == DType::i64 && found[0].shape.rank() <= 0, Code::value, "Invalid `key_func`. Expected `key_func` to "
        "return a scalar `tf.int64` tensor, but instead `key_func` has output types={} and shapes={}.",
        found.empty() ? "none" : name_of(found[0].dtype), found.empty() ? "()" : found[0].shape.tuple());
  Structure one;
  one.leaves.push_back({{}, DType::i64, ""});
  data::Traced init = data::trace_element("Dataset_group_by_reducer_init", one, reducer.init);
  data::Step step = data::step_of("Dataset_group_by_reducer_reduce", "reduce_func", init.result, structure_, false, reducer.reduce);
  data::Traced finalize = data::trace_element("Dataset_group_by_reducer_finalize", step.state, reducer.finalize);
  return std::make_shared<data::GroupByReducerDataset>(shared_from_this(), std::move(number), std::move(init), std::move(step), std::move(finalize));
}

DatasetPtr Dataset::assert_cardinality(int64_t count) { return std::make_shared<data::AssertCardinalityDataset>(shared_from_this(), count); }
DatasetPtr Dataset::ignore_errors(std::function<void(const std::string&)> told) {
  return std::make_shared<data::IgnoreErrorsDataset>(shared_from_this(), std::move(told));
}

Tensors Dataset::single_element() {
  const std::unique_ptr<DataIterator> it = iterator();
  Tensors element, second;
  check(it->next(element), Code::invalid_argument, "Dataset was empty. [Op:DatasetToSingleElement]");
  check(!it->next(second), Code::invalid_argument, "Dataset had more than one element. [Op:DatasetToSingleElement]");
  return element;
}

}  // namespace ninefold
