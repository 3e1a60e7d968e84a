// In: several cells. Out: one cell that runs them one after another.
#include "train/layers/described.h"
#include "train/layers/nest.h"
#include "train/layers/recurrent/cell.h"

namespace ninefold::keras {
namespace {

class StackedRNNCellsLayer : public LayerOf<StackedCellsOptions>, public Cell {
 public:
  using Base = LayerOf<StackedCellsOptions>;
  void configure(const std::string& class_name, const Schema<StackedCellsOptions>& schema, const ValueDict& given) {
    ValueDict rest;
    for (const Entry& e : given) {
      if (e.key == "reverse_state_order") reversed_ = As<bool>::from(e.value, e.key);
      else rest.push_back(e);
    }
    Base::configure(class_name, schema, rest);
  }
  void configure(const std::string& class_name, const Schema<StackedCellsOptions>& schema, StackedCellsOptions given) {
    Base::configure(class_name, schema, std::move(given));
  }
  ValueDict config() const override {
    ValueDict out = Layer::config();
    ValueList cells;
    for (const LayerPtr& c : cells_) cells.push_back(described(*c));
    out.push_back({"cells", cells});
    return out;
  }
  Value state_size() const override {
    ValueList sizes;
    for (const LayerPtr& c : in_state_order()) sizes.push_back(cell::state_size(*c));
    return sizes;
  }
  Value output_size() const override { return cell::output_size(*cells_.back()); }
  Value initial_state(const Tensor& batch, DType dtype) const override {
    ValueList states;
    for (const LayerPtr& c : in_state_order()) states.push_back(cell::initial_state(*c, batch, dtype));
    return states;
  }
  void reset_masks() override {
    for (const LayerPtr& c : cells_) cell::reset_masks(*c);
  }
  void build(const Value& input_shape) override {
    Value shape = input_shape;
    const Value batch = [&]() -> Value {
      Value first = shape;
      while (!nest::is_shape(first) && first.get<ValueList>()) first = Value((*first.get<ValueList>())[0]);
      return nest::shape(first, name())[0];
    }();
    for (const LayerPtr& c : cells_) {
      if (!c->built()) {
        NameScope scope(c->name());
        c->build_now(shape);
      }
      shape = nest::map(cell::output_size(*c), [&](const Value& size) -> Value {
        const Shape one = size.get<Shape>() ? *size.get<Shape>() : Shape{As<int64_t>::from(size, "output_size")};
        return Shape{*batch.get<int64_t>()}.concat(one);
      });
    }
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    check(!args.further.empty(), Code::type, "call() missing 1 required positional argument: 'states'");
    const ValueList states = cell::listed(nest::pack(state_size(), nest::flatten(args.further[0])));
    const size_t n = cells_.size();
    Value x = inputs;
    ValueList after(n);
    for (size_t i = 0; i < n; ++i) {
      const size_t at = reversed_ ? n - 1 - i : i;
      CallArgs own;
      own.training = args.training;
      own.further = {Value(cell::listed(states[at]))};
      own.named = args.named;   // constants
      const Value both = (*cells_[i])(x, std::move(own));
      const ValueList* list = both.get<ValueList>();
      check(list && list->size() == 2, Code::value, "{}: cell {} returned no pair of output and states", name(), cells_[i]->name());
      x = Value((*list)[0]);
      // In the form of its state_size: a state alone is no list.
      after[at] = nest::pack(cell::state_size(*cells_[i]), nest::flatten((*list)[1]));
    }
    return ValueList{x, after};
  }

 protected:
  std::vector<std::string> call_parameters() const override { return {"inputs", "states", "constants", "training"}; }
  void ready() override {
    for (const Value& v : cell::listed(options.cells)) {
      LayerPtr c;
      if (const Value* kind = v.find("class_name")) {
        const Value* config = v.find("config");
        check(config && config->get<ValueDict>(), Code::value, "StackedRNNCells: a cell's description has no config");
        c = make_layer(As<std::string>::from(*kind, "class_name"), *config->get<ValueDict>());
      } else if (const auto* object = v.get<std::shared_ptr<Foreign>>()) {
        c = std::dynamic_pointer_cast<Layer>(*object);
      }
      check(c != nullptr, Code::value, "All cells must have a `call` method. Received cell without a `call` method: {}",
            v.get<std::string>() ? *v.get<std::string>() : "no layer");
      check(cell::is_cell(*c), Code::value, "All cells must have a `state_size` attribute. Received cell without a `state_size`: {}",
            c->class_name());
      cells_.push_back(c);
      track(c);
    }
    check(!cells_.empty(), Code::value, "StackedRNNCells: expected at least one cell, got none");
  }

 private:
  std::vector<LayerPtr> in_state_order() const {
    return reversed_ ? std::vector<LayerPtr>(cells_.rbegin(), cells_.rend()) : cells_;
  }
  std::vector<LayerPtr> cells_;
  bool reversed_ = false;
};
const LayerClass<StackedRNNCellsLayer> stacked_rnn_cells_layer = {{"StackedRNNCells"}, "Several cells one after another, as one cell.", [] {
  return Schema<StackedCellsOptions>().required("cells", &StackedCellsOptions::cells);
}};

}  // namespace

LayerPtr StackedRNNCells(std::vector<LayerPtr> cells, StackedCellsOptions o) {
  ValueList list;
  for (LayerPtr& c : cells) list.push_back(std::shared_ptr<Foreign>(std::move(c)));
  o.cells = std::move(list);
  return stacked_rnn_cells_layer(std::move(o));
}

}  // namespace ninefold::keras
