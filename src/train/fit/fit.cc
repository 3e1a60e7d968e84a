// In: a compiled model and data. Out: the trained model and its history; losses; predictions.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "base/timeline.h"
#include "train/fit/array_source.h"
#include "train/fit/callback_list.h"
#include "train/fit/handler.h"
#include "train/layers/schema.h"
#include "train/model/training.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

void expect_compiled(Model& model) {
  check(model.training().compiled, Code::runtime,
        "You must compile your model before training/testing. Use `model.compile(optimizer, loss)`.");
}

constexpr const char* kNothingCame = "Unexpected result of `{}` ({}). Please use `Model.compile(..., run_eagerly=True)`, "
    "or `tf.config.run_functions_eagerly(True)` for more information of where went wrong, or file a issue/bug to "
    "`tf.keras`.";

// Steps of one epoch; batch hooks see groups of steps_per_execution.
bool run_epoch(Model& model, Handler& data, CallbackList& callbacks, Phase phase, StepResult& last,
               const std::function<void(const StepResult&)>& each = {}, Witness* witness = nullptr) {
  Model::Training& t = model.training();
  StepFunction& function = phase == Phase::train ? t.train : phase == Phase::test ? t.test : t.predict;
  const int64_t group = t.compiled ? t.options.steps_per_execution : 1;
  bool any = false;
  data.run([&](int64_t step, const Batch& batch) {
    if (step % group == 0) callbacks.batch_begin(phase, step);
    {
      timeline::Span span(timeline::critical, timeline::Kind::step, phase == Phase::train ? "train" : phase == Phase::test ? "test" : "predict");
      if (span) {
        span.fact("step_num", step);
        span.fact("_r", 1);
      }
      function.run(model, batch, last);
    }
    any = true;
    if (each) each(last);
    if (step % group == group - 1 || step + 1 == data.steps()) callbacks.batch_end(phase, step, last);
    return phase != Phase::train || !model.stop_training;
  }, witness);
  if (witness) witness->pauses();
  return any;
}

ValueDict run_evaluation(Model& model, Handler& data, CallbackList& callbacks) {
  callbacks.on("on_test_begin");
  StepResult last;
  data.begin();
  data.begin_epoch();
  model.reset_metrics();
  const bool any = run_epoch(model, data, callbacks, Phase::test, last);
  data.end_epoch();
  ValueDict logs = any ? numbers_of(last, "evaluate") : ValueDict();   // of nothing, nothing
  callbacks.on("on_test_end", 0, logs);
  return logs;
}

// A list in the order of metrics_names, further keys behind; one number alone.
Value in_metric_order(const ValueDict& logs, const std::vector<std::string>& names) {
  ValueList out;
  for (const std::string& name : names)
    if (const Value* v = nest::find(logs, name)) out.push_back(*v);
  for (const Entry* e : nest::sorted(logs))
    if (std::find(names.begin(), names.end(), e->key) == names.end()) out.push_back(e->value);
  return out.size() == 1 ? out[0] : Value(out);
}

bool validates(const FitOptions& o, int64_t epoch) {
  if (o.validation_epochs.empty()) {
    check(o.validation_freq > 0, Code::value, "fit: validation_freq must be positive, got {}", o.validation_freq);
    return (epoch + 1) % o.validation_freq == 0;
  }
  return std::any_of(o.validation_epochs.begin(), o.validation_epochs.end(),
                     [&](const Value& v) { return As<int64_t>::from(v, "validation_freq") == epoch + 1; });
}

void note(History& history, int64_t epoch, const ValueDict& logs) {
  history.epoch.push_back(epoch);
  for (const Entry& e : logs) {
    const auto [at, fresh] = history.history.try_emplace(e.key);
    if (fresh) history.keys.push_back(e.key);
    if (const double* v = e.value.get<double>()) at->second.push_back(*v);
    else if (const int64_t* i = e.value.get<int64_t>()) at->second.push_back(static_cast<double>(*i));
    else if (const Tensor* t = e.value.get<Tensor>(); t && t->size() == 1) at->second.push_back(t->float_at(0));
  }
}

// Batches of one output under each other.
Tensor joined(const Tensors& parts, int64_t rows) {
  if (parts.size() == 1) return parts[0];
  const Tensor& first = parts[0];
  const bool plain = is_plain(first.dtype()) && first.rank() > 0 &&
                     std::all_of(parts.begin(), parts.end(), [&](const Tensor& t) {
                       return t.rank() == first.rank() && t.shape().slice(1, t.rank()) == first.shape().slice(1, first.rank());
                     });
  if (!plain) {
    Tensors inputs = {Tensor(int32_t{0})};
    inputs[0] = parts[0];
    for (size_t i = 1; i < parts.size(); ++i) inputs.push_back(parts[i]);
    inputs.push_back(Tensor(int32_t{0}));
    return op_all("ConcatV2", inputs)[0];
  }
  Shape shape = first.shape();
  shape.set(0, rows);
  Tensor out = Tensor::empty(first.dtype(), shape);
  char* at = static_cast<char*>(out.writable());
  for (const Tensor& t : parts) {
    std::memcpy(at, t.data(), t.bytes());
    at += t.bytes();
  }
  return out;
}

// The same of results whose leaves may be ragged or sparse, or of an extension type.
Value under_each_other(const ValueList& results) {
  std::vector<ValueList> leaves;
  for (const Value& r : results) leaves.push_back(nest::flatten(r));
  size_t at = 0;
  return nest::map(results[0], [&](const Value&) -> Value {
    ValueList parts;
    for (const ValueList& each : leaves) parts.push_back(each.at(at));
    ++at;
    if (parts.size() == 1) return parts[0];
    const auto spec = CompositeSpec::of(parts[0]);
    check(!spec || !spec->made, Code::value, "Attempt to convert a value ({}) with an unsupported type to a Tensor: the results of "
          "several batches are of an extension type; predict them in one batch, or one by one", spec ? spec->str() : "");
    if (Sparse::of(parts[0])) return call("tf.sparse.concat", {{"axis", 0}, {"sp_inputs", parts}});
    return call("tf.concat", {{"values", parts}, {"axis", 0}});
  });
}

}  // namespace

History Model::fit(const Value& x, const Value& y, const FitOptions& options) {
  expect_compiled(*this);
  const AsCompiled flags(*this, training_->trainable);
  const int verbose = verbosity(options.verbose, "fit");
  Value train_x = x, train_y = y, train_w = options.sample_weight, val_x, val_y, val_w;
  if (options.validation_split != 0) {
    const double share = options.validation_split;
    check(share > 0 && share <= 1, Code::value, "`validation_split` must be between 0 and 1, received: {}", share);
    for (const Value& leaf : nest::flatten(ValueList{x, y, options.sample_weight})) {
      const auto* object = leaf.get<std::shared_ptr<Foreign>>();
      check(!object, Code::value, "`validation_split` is only supported for Tensors or NumPy arrays, found following types "
            "in the input: [{}]", object ? (*object)->describe() : "");
    }
    train_x = as_arrays(x, "fit");
    train_y = as_arrays(y, "fit");
    train_w = as_arrays(train_w, "fit");
    const int64_t rows = rows_of(train_x);
    const auto at = static_cast<int64_t>(std::floor(static_cast<double>(rows) * (1.0 - share)));
    check(at != 0 && at != rows, Code::value, "Training data contains {} samples, which is not sufficient to split it "
          "into a validation and training set as specified by `validation_split={}`. Either provide more data, or a "
          "different value for the `validation_split` argument.", rows, nest::python_text(share));
    check_cardinality(train_x, train_y, train_w);
    val_x = sliced(train_x, at, rows);
    val_y = sliced(train_y, at, rows);
    val_w = sliced(train_w, at, rows);
    train_x = sliced(train_x, 0, at);
    train_y = sliced(train_y, 0, at);
    train_w = sliced(train_w, 0, at);
  }
  if (!options.validation_data.none()) {
    const Batch given = unpacked_data(options.validation_data);
    val_x = given.x;
    val_y = given.y;
    val_w = given.sample_weight;
  }
  Handler data(train_x, train_y, train_w,
               {.who = "fit", .batch_size = options.batch_size, .steps = options.steps_per_epoch,
                .initial_epoch = options.initial_epoch, .epochs = options.epochs, .shuffle = options.shuffle,
                .class_weight = options.class_weight});
  CallbackList callbacks(*this, options.callbacks, verbose, options.epochs, data.steps());
  std::optional<Handler> validation;
  stop_training = false;
  const std::unique_ptr<Witness> witness = Witness::of(*this);
  History history;
  callbacks.on("on_train_begin");
  ValueDict logs;
  data.begin();
  for (int64_t epoch = options.initial_epoch; epoch < options.epochs && !data.ran_out(); ++epoch) {
    data.begin_epoch();
    reset_metrics();
    ValueDict none;
    callbacks.on("on_epoch_begin", epoch, none);
    StepResult last;
    const bool any = run_epoch(*this, data, callbacks, Phase::train, last, {}, witness.get());
    if (any) logs = numbers_of(last, "fit");
    check(!logs.empty() || any, Code::value, fmt::runtime(kNothingCame), "train_function", "Empty logs");
    ValueDict epoch_logs = logs;
    if (!val_x.none() && validates(options, epoch)) {
      if (!validation)
        validation.emplace(val_x, val_y, val_w,
                           HandlerOptions{.who = "fit", .batch_size = options.validation_batch_size.none()
                                              ? options.batch_size : options.validation_batch_size,
                                          .steps = options.validation_steps});
      for (Entry& e : run_evaluation(*this, *validation, callbacks))
        put(epoch_logs, "val_" + e.key, std::move(e.value));
    }
    callbacks.on("on_epoch_end", epoch, epoch_logs);
    note(history, epoch, epoch_logs);
    logs = std::move(epoch_logs);
    data.end_epoch();
    if (stop_training) break;
  }
  callbacks.on("on_train_end", 0, logs);
  return history;
}

Value Model::evaluate(const Value& x, const Value& y, const EvaluateOptions& options) {
  expect_compiled(*this);
  Handler data(x, y, options.sample_weight,
               {.who = "evaluate", .batch_size = options.batch_size, .steps = options.steps});
  CallbackList callbacks(*this, options.callbacks, verbosity(options.verbose, "evaluate"), 1, data.steps());
  const ValueDict logs = run_evaluation(*this, data, callbacks);
  return options.return_dict ? Value(logs) : in_metric_order(logs, metrics_names());
}

Value Model::predict(const Value& x, const PredictOptions& options) {
  Handler data(x, {}, {}, {.who = "predict", .batch_size = options.batch_size, .steps = options.steps});
  CallbackList callbacks(*this, options.callbacks, verbosity(options.verbose, "predict"), 1, data.steps());
  callbacks.on("on_predict_begin");
  StepResult last;
  std::vector<Tensors> outputs;   // by leaf of the result
  std::vector<int64_t> rows;
  ValueList composites;           // whole results some leaves of which are ragged or sparse
  data.begin();
  data.begin_epoch();
  const bool any = run_epoch(*this, data, callbacks, Phase::predict, last, [&](const StepResult& r) {
    if (outputs.empty()) {
      outputs.resize(r.flat.size());
      rows.resize(r.flat.size());
    }
    if (any_composite(r.value())) {
      composites.push_back(r.value());
      return;
    }
    for (size_t i = 0; i < r.flat.size(); ++i) {
      outputs[i].push_back(r.flat[i]);
      rows[i] += r.flat[i].rank() > 0 ? r.flat[i].dim(0) : 0;
    }
  });
  data.end_epoch();
  check(any, Code::value, fmt::runtime(kNothingCame), "predict_function", "Empty batch_outputs");
  callbacks.on("on_predict_end");
  if (!composites.empty()) return under_each_other(composites);
  Tensors whole;
  for (size_t i = 0; i < outputs.size(); ++i) whole.push_back(joined(outputs[i], rows[i]));
  return StepResult::nest_of(*last.form, whole);
}

// ---- one batch ----

namespace {

Batch one_batch(const Value& x, const Value& y, const Value& sample_weight, const Value& class_weight, const char* who) {
  Batch b{as_arrays(x, who), as_arrays(y, who), as_arrays(sample_weight, who)};
  check_cardinality(b.x, b.y, b.sample_weight);
  if (!class_weight.none()) b.sample_weight = class_weighted(b.y, b.sample_weight, class_weight);
  return b;
}

}  // namespace

Value Model::train_on_batch(const Value& x, const Value& y, const Value& sample_weight, const Value& class_weight,
                            bool reset_after, bool return_dict) {
  expect_compiled(*this);
  const AsCompiled flags(*this, training_->trainable);
  StepResult r;
  training_->train.run(*this, one_batch(x, y, sample_weight, class_weight, "train_on_batch"), r);
  const ValueDict logs = numbers_of(r, "train_on_batch");
  if (reset_after) reset_metrics();
  return return_dict ? Value(logs) : in_metric_order(logs, metrics_names());
}

Value Model::test_on_batch(const Value& x, const Value& y, const Value& sample_weight, bool reset_after,
                           bool return_dict) {
  expect_compiled(*this);
  StepResult r;
  training_->test.run(*this, one_batch(x, y, sample_weight, {}, "test_on_batch"), r);
  const ValueDict logs = numbers_of(r, "test_on_batch");
  if (reset_after) reset_metrics();
  return return_dict ? Value(logs) : in_metric_order(logs, metrics_names());
}

Value Model::predict_on_batch(const Value& x) {
  StepResult r;
  training_->predict.run(*this, one_batch(x, {}, {}, {}, "predict_on_batch"), r);
  return r.value();
}

}  // namespace ninefold::keras
