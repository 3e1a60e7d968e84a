// In: arrays or sources of batches with their options. Out: epochs of batches.
#include "train/fit/handler.h"

#include <cmath>

#include "base/check.h"
#include "base/interrupts.h"
#include "base/log.h"
#include "base/timeline.h"
#include "train/fit/array_source.h"
#include "train/fit/dataset_source.h"
#include "train/layers/schema.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

Shuffle shuffle_of(const Value& v) {
  if (const std::string* s = v.get<std::string>()) return *s == "batch" ? Shuffle::batches : Shuffle::rows;
  return As<bool>::from(v, "shuffle") ? Shuffle::rows : Shuffle::none;
}

// Adds class weights to what another source gives.
class ClassWeighted : public BatchSource {
 public:
  ClassWeighted(BatchSourcePtr from, Value weights) : from_(std::move(from)), weights_(std::move(weights)) {}
  bool next(Batch& out) override {
    if (!from_->next(out)) return false;
    out.sample_weight = class_weighted(out.y, out.sample_weight, weights_);
    return true;
  }
  void restart() override { from_->restart(); }
  void end_epoch() override { from_->end_epoch(); }
  int64_t size() const override { return from_->size(); }
  bool restarts(int64_t steps) const override { return from_->restarts(steps); }

 private:
  BatchSourcePtr from_;
  Value weights_;
};

}  // namespace

int verbosity(const Value& verbose, const char* who) {
  if (const std::string* s = verbose.get<std::string>()) {
    check(*s == "auto", Code::value, "{}: verbose must be 0, 1, 2 or \"auto\", got \"{}\"", who, *s);
    return 1;
  }
  return static_cast<int>(As<int64_t>::from(verbose.none() ? Value(1) : verbose, "verbose"));
}

Handler::Handler(const Value& x, const Value& y, const Value& sample_weight, const HandlerOptions& options)
    : options_(options) {
  asked_ = options.steps.none() ? -1 : As<int64_t>::from(options.steps, "steps");
  const auto* object = x.get<std::shared_ptr<Foreign>>();
  source_ = object ? std::dynamic_pointer_cast<BatchSource>(*object) : nullptr;
  if (object && !source_)
    if (DatasetPtr dataset = std::dynamic_pointer_cast<Dataset>(*object)) source_ = batches_of(std::move(dataset));
  if (source_) {
    // A batch_size is let pass, as Keras does: validation data may be arrays beside a dataset.
    const std::string kind = source_->describe();
    check(y.none(), Code::value, "`y` argument is not supported when using {} as input.", kind);
    check(sample_weight.none(), Code::value, "`sample_weight` argument is not supported when using {} as input.", kind);
    if (!options.class_weight.none()) source_ = std::make_shared<ClassWeighted>(source_, options.class_weight);
  } else {
    const Value xs = as_arrays(x, options.who), ys = as_arrays(y, options.who);
    Value ws = as_arrays(sample_weight, options.who);
    const int64_t rows = rows_of(xs);
    check(rows >= 0, Code::value, "Failed to find data adapter that can handle input: {}, {}", nest::python_text(x),
          nest::python_text(y));
    check_cardinality(xs, ys, ws);
    if (!options.class_weight.none()) ws = class_weighted(ys, ws, options.class_weight);
    int64_t batch = options.batch_size.none() ? 0 : As<int64_t>::from(options.batch_size, "batch_size");
    check(batch >= 0, Code::value, "{}: batch_size must be positive, got {}", options.who, batch);
    if (batch == 0) batch = asked_ > 0 ? std::max<int64_t>(1, (rows + asked_ - 1) / asked_) : 32;
    if (any_composite(xs) || any_composite(ys) || any_composite(ws))
      source_ = rows_of_composites(xs, ys, ws, batch, shuffle_of(options.shuffle) != Shuffle::none);
    else
      source_ = std::make_shared<ArraySource>(xs, ys, ws, batch, options.epochs - options.initial_epoch, shuffle_of(options.shuffle));
  }
  steps_ = asked_ >= 0 ? asked_ : source_->size();
  check(steps_ != -2 || asked_ == -1, Code::value, "{}: an infinite dataset needs a number of steps", options.who);
  const bool without_end = !options.steps.none() && asked_ == -1;   // -1: until a callback stops it
  check(steps_ != -2 || without_end, Code::value,
        "When passing an infinitely repeating dataset, please specify a `steps_per_epoch` value so that epoch level "
        "callbacks continue to work. The value can be arbitrary, or a number that you think correctly defines the size "
        "of an epoch. Epoch-level callbacks will then be called at this interval.");
  if (without_end) steps_ = -1;
}

void Handler::begin() {
  ran_out_ = false;
  source_->restart();
}
void Handler::begin_epoch() {
  if (source_->restarts(asked_)) source_->restart();
}

void Handler::run(const std::function<bool(int64_t, const Batch&)>& step, Witness* witness) {
  Batch batch;
  for (int64_t i = 0; steps_ < 0 || i < steps_; ++i) {
    poll_interrupts();
    if (witness) witness->asks();
    batch = {};
    timeline::Span input(timeline::critical, timeline::Kind::input, "IteratorGetNext");
    const bool came = source_->next(batch);
    input.end();
    if (!came) {
      if (steps_ < 0) {
        steps_ = i;
        return;
      }
      ran_out_ = true;
      warn("WARNING:tensorflow:Your input ran out of data; interrupting training. Make sure that your dataset or "
           "generator can generate at least `steps_per_epoch * epochs` batches (in this case, {} batches). You may "
           "need to use the repeat() function when building your dataset.",
           (options_.epochs - options_.initial_epoch) * steps_);
      return;
    }
    if (witness) witness->has(batch);
    if (!step(i, batch)) return;
  }
}

}  // namespace ninefold::keras
