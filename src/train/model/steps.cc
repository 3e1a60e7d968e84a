// In: a model's step and batches. Out: the step's results, eagerly or from its trace.
#include "train/model/steps.h"

#include <set>

#include "base/check.h"
#include "engine/op/scope.h"
#include "ninefold/saving.h"
#include "train/model/training.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

// Stands in a form for a composite, whose parts are arguments of the trace.
class CompositeForm : public Foreign {
 public:
  explicit CompositeForm(CompositeSpec s) : spec(std::move(s)) {
    if (spec.rows.shape.rank() > 0) spec.rows.shape.set(0, -1);   // the last batch may be a smaller one
    if (spec.made) spec.made = spec.made->any_batch();
  }
  std::string describe() const override { return spec.str(); }
  CompositeSpec spec;
};
const CompositeForm* composite_form(const Value& leaf) {
  const auto* object = leaf.get<std::shared_ptr<Foreign>>();
  return object ? dynamic_cast<const CompositeForm*>(object->get()) : nullptr;
}
std::shared_ptr<Composite> composite(const Value& leaf) {
  const auto* object = leaf.get<std::shared_ptr<Foreign>>();
  return object ? std::dynamic_pointer_cast<Composite>(*object) : nullptr;
}

void append(const Value& v, Tensors& out) {
  if (const Tensor* t = v.get<Tensor>()) {
    out.push_back(*t);
  } else if (const std::shared_ptr<Composite> c = composite(v)) {
    for (Tensor& part : c->parts()) out.push_back(std::move(part));
  } else if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& item : *list) append(item, out);
  } else if (v.get<ValueDict>()) {
    for (const Entry* e : nest::sorted(*v.get<ValueDict>())) append(e->value, out);
  } else if (!v.none()) {
    out.push_back(to_tensor(v, DType::invalid, "fit"));
  }
}

// The same nest around other tensors; None stays.
Value refill(const Value& form, const Tensors& flat, size_t& at) {
  if (const ValueList* list = form.get<ValueList>()) {
    ValueList out;
    for (const Value& item : *list) out.push_back(refill(item, flat, at));
    return out;
  }
  if (const ValueDict* dict = form.get<ValueDict>()) {
    ValueDict out = *dict;
    for (const Entry* e : nest::sorted(*dict))
      for (Entry& o : out)
        if (o.key == e->key) o.value = refill(e->value, flat, at);
    return out;
  }
  if (form.none()) return {};
  if (const CompositeForm* c = composite_form(form)) {
    const size_t count = c->spec.parts().size();
    at += count;
    return c->spec.value(std::span(flat).subspan(at - count, count));
  }
  return flat[at++];
}

// Leaves are only placeholders: a form must not keep tensors of a trace alive.
Value form_of(const Value& v) {
  return nest::map(v, [](const Value& leaf) -> Value {
    if (const auto spec = CompositeSpec::of(leaf)) return std::shared_ptr<Foreign>(std::make_shared<CompositeForm>(*spec));
    return leaf.none() ? Value() : Value(true);
  });
}

// Rows [r c, (r + 1) c) of every tensor, where c is an even share of the batch: what replica r trains on. A
// last partial batch may leave the last replicas less, or nothing.
Value share_of(const Value& data, int replica, int replicas, int64_t batch_rows) {
  return nest::map(data, [&](const Value& leaf) -> Value {
    if (leaf.none()) return {};
    const Tensor t = leaf.get<Tensor>() ? *leaf.get<Tensor>() : to_tensor(leaf, DType::invalid, "fit");
    const Tensor one = Tensor::of<int32_t>({1}, {1});
    Tensor share = Tensor::of<int32_t>({1}, {static_cast<int32_t>((batch_rows + replicas - 1) / replicas)});
    if (batch_rows == 0) {
      const Tensor rows = op("StridedSlice", {op("Shape", {t}), Tensor::of<int32_t>({1}, {0}), one, one});
      share = op("FloorDiv", {rows + Tensor(int32_t{replicas - 1}), Tensor(int32_t{replicas})});
    }
    const Tensor from = share * Tensor(int32_t{replica}), to = share * Tensor(int32_t{replica + 1});
    return op("StridedSlice", {t, from, to, one});
  });
}

// The predictions of all replicas under each other.
Value joined(const std::vector<Value>& parts) {
  std::vector<ValueList> leaves;
  for (const Value& p : parts) leaves.push_back(nest::flatten(p));
  size_t at = 0;
  return nest::map(parts[0], [&](const Value&) -> Value {
    Tensors rows;
    for (const ValueList& l : leaves) rows.push_back(*l.at(at).get<Tensor>());
    ++at;
    rows.push_back(Tensor(int32_t{0}));
    return op_all("ConcatV2", rows).at(0);
  });
}

// Variables that a step may bring into being: Keras traces again once there are more of them, and runs the
// second trace; a seeded Dropout has then drawn twice.
size_t state_of(Model& model) {
  size_t n = model.weights().size();
  for (const MetricPtr& m : model.metrics()) n += m->weights().size();
  if (model.training().optimizer) n += model.training().optimizer->weights().size();
  return n;
}

bool fits(const Value& form, const Value& v) {
  if (const ValueList* list = form.get<ValueList>()) {
    const ValueList* other = v.get<ValueList>();
    if (!other || list->size() != other->size()) return false;
    for (size_t i = 0; i < list->size(); ++i)
      if (!fits((*list)[i], (*other)[i])) return false;
    return true;
  }
  if (form.get<ValueDict>()) return nest::same_form(form, v);
  const auto spec = CompositeSpec::of(v);
  const CompositeForm* c = composite_form(form);
  if (!spec || !c) return !spec && !c && nest::is_leaf(v) && form.none() == v.none();
  if (spec->made || c->spec.made) return spec->made && c->spec.made && c->spec.made->same_form(*spec->made->any_batch());
  return spec->sparse == c->spec.sparse && spec->rows.dtype == c->spec.rows.dtype && spec->rows.ragged_rank == c->spec.rows.ragged_rank &&
         spec->rows.splits_dtype == c->spec.rows.splits_dtype && c->spec.rows.shape.compatible(spec->rows.shape);
}

}  // namespace

Value StepResult::nest_of(const Value& form, const Tensors& flat) {
  size_t at = 0;
  return refill(form, flat, at);
}

Value packed_data(const Batch& b) {
  if (b.y.none() && b.sample_weight.none()) return nest::nested(b.x) ? Value(ValueList{b.x}) : b.x;
  if (b.sample_weight.none()) return ValueList{b.x, b.y};
  return ValueList{b.x, b.y, b.sample_weight};
}
Batch unpacked_data(const Value& data) {
  const ValueList* list = data.get<ValueList>();
  if (!list) return {data, {}, {}};
  check(!list->empty() && list->size() <= 3, Code::value, "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or "
        "`(x, y, sample_weight)`, found: {}", nest::python_text(data));
  const auto at = [&](size_t i) { return i < list->size() ? (*list)[i] : Value(); };
  return {at(0), at(1), at(2)};
}

Value StepFunction::one_step(Model& model, const Value& data) const {
  static constexpr const char* names[] = {"train_step", "test_step", "predict_step"};
  if (const Object::Method* own = model.overridden(names[static_cast<int>(phase_)])) return (*own)({data}, {});
  switch (phase_) {
    case Phase::train: return model.train_step(data);
    case Phase::test: return model.test_step(data);
    case Phase::predict: break;
  }
  return model.predict_step(data);
}

Value StepFunction::call_step(Model& model, const Value& data) const {
  const distribute::StrategyPtr& strategy = model.training().strategy;
  if (!strategy) return one_step(model, data);
  const int n = strategy->replicas();
  const std::vector<Value> results = strategy->run([&](int replica) {
    return one_step(model, n == 1 ? data : share_of(data, replica, n, batch_rows_));
  });
  // Metrics are read after all replicas have counted: the first one's say it for all.
  return phase_ == Phase::predict && n > 1 ? joined(results) : results[0];
}

void StepFunction::set_batch_rows(int64_t rows) {
  if (rows == batch_rows_) return;
  batch_rows_ = rows;
  entries_.clear();
}

StepFunction::Entry& StepFunction::entry_for(Model& model, const Batch& batch) {
  const auto same = [&](const Entry& e) {
    return e.specs.size() == arguments_.size() && fits(e.x, batch.x) && fits(e.y, batch.y) &&
           fits(e.sample_weight, batch.sample_weight);
  };
  Entry* widen = nullptr;
  for (Entry& e : entries_) {
    if (!same(e)) continue;
    bool match = true, near = true;
    for (size_t i = 0; i < arguments_.size(); ++i) {
      const bool typed = e.specs[i].dtype == arguments_[i].dtype() && e.specs[i].shape.rank() == arguments_[i].rank();
      near = near && typed;
      match = match && typed && e.specs[i].shape.compatible(arguments_[i].shape());
    }
    if (match) return e;
    if (near) widen = &e;
  }
  // Of a sparse tensor the vector of its sizes has one length: its rank.
  std::set<size_t> fixed;
  size_t place = 0;
  for (const Value* part : {&batch.x, &batch.y, &batch.sample_weight})
    for (const Value& leaf : nest::flatten(*part)) {
      if (const auto spec = CompositeSpec::of(leaf)) {
        place += spec->parts().size();
        if (spec->sparse) fixed.insert(place - 1);
      } else if (!leaf.none()) {
        ++place;
      }
    }
  Entry fresh{form_of(batch.x), form_of(batch.y), form_of(batch.sample_weight), {}, nullptr, nullptr};
  for (size_t i = 0; i < arguments_.size(); ++i) {
    Shape shape = arguments_[i].shape();
    if (shape.rank() > 0 && !fixed.contains(i)) shape.set(0, -1);
    if (widen) shape = shape.relax(widen->specs[i].shape);
    fresh.specs.push_back({shape, arguments_[i].dtype(), {}});
  }
  const auto trace_once = [&] {
    ++traces_;
    static constexpr const char* names[] = {"train_function", "test_function", "predict_function"};
    auto form = std::make_shared<Value>();
    fresh.function = trace(names[static_cast<int>(phase_)], fresh.specs, [&](const Tensors& in) {
      size_t at = 0;
      Batch b;
      b.x = refill(fresh.x, in, at);
      b.y = refill(fresh.y, in, at);
      b.sample_weight = refill(fresh.sample_weight, in, at);
      const Value result = call_step(model, packed_data(b));
      Tensors out;
      append(result, out);
      *form = form_of(result);
      return out;
    });
    fresh.form = form;
  };
  const size_t before = state_of(model);
  trace_once();
  if (state_of(model) != before) trace_once();
  if (widen) {
    *widen = std::move(fresh);
    return *widen;
  }
  entries_.push_back(std::move(fresh));
  return entries_.back();
}

void StepFunction::run(Model& model, const Batch& batch, StepResult& out) {
  if (model.training().options.run_eagerly) {
    const Value result = call_step(model, packed_data(batch));
    out.flat.clear();
    append(result, out.flat);
    out.form = std::make_shared<const Value>(form_of(result));
    return;
  }
  arguments_.clear();
  append(batch.x, arguments_);
  append(batch.y, arguments_);
  append(batch.sample_weight, arguments_);
  Entry& e = entry_for(model, batch);
  out.flat = e.function->call(arguments_);
  out.form = e.form;
  arguments_.clear();   // a source may fill the same memory again
}

void set_run_eagerly(Model& model, bool eagerly) { model.training().options.run_eagerly = eagerly; }

}  // namespace ninefold::keras
