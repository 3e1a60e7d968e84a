// In: the logs of epochs and batches, and the model's weights. Out: event files in Keras' layout: <log_dir>/train and
// <log_dir>/validation, with scalars, histograms and pictures of weights, the model's graph; embeddings for the projector.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <tuple>

#include "base/log.h"
#include "ninefold/io.h"
#include "ninefold/profiler.h"
#include "train/fit/monitor.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

struct TensorBoardOptions {
  std::string log_dir = "logs";
  int64_t histogram_freq = 0;
  bool write_graph = true, write_images = false, write_steps_per_second = false;
  Value update_freq = "epoch", profile_batch = int64_t{0};
  int64_t embeddings_freq = 0;
  Value embeddings_metadata;   // the file of all embeddings, or a dict by the layers' names
};

using Clock = std::chrono::steady_clock;
double per_second(double count, Clock::time_point since) {
  return count / std::max(1e-9, std::chrono::duration<double>(Clock::now() - since).count());
}

// The first and the last batch to profile: a number, a pair, or either as text.
std::pair<int64_t, int64_t> profiled(const Value& given) {
  const auto wrong = [&] {
    fail(Code::value, "profile_batch must be a non-negative integer or 2-tuple of positive integers. A pair of positive "
         "integers signifies a range of batches to profile. Found: {}", nest::python_text(given));
  };
  std::vector<int64_t> numbers;
  if (const std::string* text = given.get<std::string>()) {
    for (size_t at = 0; at <= text->size();) {
      const size_t comma = std::min(text->find(',', at), text->size());
      const std::string part = text->substr(at, comma - at);
      char* end = nullptr;
      numbers.push_back(std::strtoll(part.c_str(), &end, 10));
      check(!part.empty() && *end == 0, Code::value, "invalid literal for int() with base 10: '{}'", part);
      at = comma + 1;
    }
  } else if (const ValueList* list = given.get<ValueList>()) {
    for (const Value& v : *list) numbers.push_back(As<int64_t>::from(v, "profile_batch"));
  } else if (const int64_t* one = given.get<int64_t>()) {
    numbers = {*one, *one};
  }
  if (numbers.size() != 2 || numbers[0] < 0 || numbers[1] < numbers[0]) wrong();
  return {numbers[0], numbers[1]};
}

// A weight as pictures [k, height, width, channels], as Keras lays them out; nothing for what has no such form.
std::optional<Tensor> picture_of(const Tensor& weight) {
  Tensor t = op("Squeeze", {weight});
  const auto shaped = [&](std::vector<int64_t> to) {
    return op("Reshape", {t, Tensor::of<int64_t>({static_cast<int64_t>(to.size())}, to)});
  };
  const auto turned = [&](std::vector<int32_t> order) {
    t = op("Transpose", {t, Tensor::of<int32_t>({static_cast<int64_t>(order.size())}, order)});
  };
  if (t.rank() == 1) return shaped({1, t.shape()[0], 1, 1});
  if (t.rank() == 2) {
    if (t.shape()[0] > t.shape()[1]) turned({1, 0});
    return shaped({1, t.shape()[0], t.shape()[1], 1});
  }
  if (t.rank() == 3) {   // every kernel is a picture of its own
    turned({2, 0, 1});
    return shaped({t.shape()[0], t.shape()[1], t.shape()[2], 1});
  }
  const bool drawn = t.rank() == 4 && (t.shape()[3] == 1 || t.shape()[3] == 3 || t.shape()[3] == 4);
  return drawn ? std::optional<Tensor>(t) : std::nullopt;
}

// A string of a text-format message.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + '"';
}

// What TensorFlow 1 took besides, and what Keras says of it.
struct Old {
  const char *name, *why;
};
constexpr Old kOld[] = {
    {"write_grads", "will be ignored in TensorFlow 2.0 for the `TensorBoard` Callback."},
    {"batch_size", "is no longer needed in the `TensorBoard` Callback and will be ignored in TensorFlow 2.0."},
    {"embeddings_layer_names", "is not supported in TensorFlow 2.0. Instead, all `Embedding` layers will be visualized."},
    {"embeddings_data", "is not supported in TensorFlow 2.0. Instead, all `Embedding` variables will be visualized."}};

class TensorBoard : public CallbackOf<TensorBoardOptions> {
 public:
  static const Schema<Options>& schema() {
    static const Schema<Options> s = Schema<Options>().field("log_dir", &Options::log_dir)
        .field("histogram_freq", &Options::histogram_freq).field("write_graph", &Options::write_graph)
        .field("write_images", &Options::write_images)
        .field("write_steps_per_second", &Options::write_steps_per_second)
        .field("update_freq", &Options::update_freq).field("profile_batch", &Options::profile_batch)
        .field("embeddings_freq", &Options::embeddings_freq)
        .field("embeddings_metadata", &Options::embeddings_metadata);
    return s;
  }
  static ObjectPtr make(const ValueDict& config) {
    auto made = std::make_shared<TensorBoard>();
    made->name_ = "TensorBoard";
    made->schema_ = &schema();
    for (const Entry& e : schema().read(config, made->options, made->name_)) {
      const auto* old = std::find_if(std::begin(kOld), std::end(kOld), [&](const Old& one) { return e.key == one.name; });
      check(old != std::end(kOld), Code::value, "Unrecognized arguments in `TensorBoard` Callback: {{'{}'}}. Supported kwargs are: "
            "{{'write_grads', 'embeddings_data', 'embeddings_layer_names', 'batch_size'}}", e.key);
      if (!e.value.none() && !(e.value.get<bool>() && !*e.value.get<bool>())) warn("WARNING:tensorflow:`{}` {}", old->name, old->why);
    }
    made->ready();
    return made;
  }
  void ready() override {
    if (const std::string* word = options.update_freq.get<std::string>(); word && *word == "batch") options.update_freq = int64_t{1};
    every_ = options.update_freq.get<std::string>() ? 0 : As<int64_t>::from(options.update_freq, "update_freq");
    std::tie(first_profiled_, last_profiled_) = profiled(options.profile_batch);
  }
  bool wants(std::string_view hook) const override {
    const bool batches = hook == "on_train_batch_end" || hook == "on_train_batch_begin";
    if (batches && first_profiled_ > 0) return true;
    return (batches && every_ > 0 && (hook == "on_train_batch_end" || options.write_steps_per_second)) || Callback::wants(hook);
  }
  void set_model(Model* model) override {
    if (model == model_ && begun_) return;
    Callback::set_model(model);
    writers_.clear();
    begun_ = model != nullptr;
    if (!model) return;
    if (options.write_graph) write_graph();
    if (options.embeddings_freq != 0) configure_embeddings();
  }
  void on(std::string_view hook, int64_t index, ValueDict& logs) override {
    if (hook == "on_train_begin") {
      step_ = batch_ = 0;
    } else if (hook == "on_train_batch_begin") {
      batch_began_ = Clock::now();
      if (++batch_ == first_profiled_) start_profiler();
    } else if (hook == "on_train_batch_end") {
      on_batch_end(logs);
      if (batch_ >= last_profiled_) stop_profiler();
    } else if (hook == "on_epoch_begin" && options.write_steps_per_second) {
      epoch_began_ = Clock::now();
      before_ = iterations();
    } else if (hook == "on_epoch_end") {
      on_epoch_end(index, logs);
    } else if (hook == "on_test_end" && model_ && model_->optimizer()) {
      for (const Entry& e : logs)
        scalar("validation", "evaluation_" + e.key + "_vs_iterations", logs, e.key, iterations());
      flush();   // no training may follow
    } else if (hook == "on_train_end") {
      stop_profiler();
      for (auto& [run, writer] : writers_) writer->close();
      writers_.clear();
      begun_ = false;
    }
  }

 private:
  SummaryWriter& writer(const std::string& run) {
    auto& made = writers_[run];
    if (!made) made = std::make_unique<SummaryWriter>(options.log_dir + "/" + run);
    return *made;
  }
  void flush() {
    for (auto& [run, writer] : writers_) writer->flush();
  }
  void scalar(const std::string& run, const std::string& tag, const ValueDict& logs, const std::string& key, int64_t step) {
    if (const std::optional<double> value = logged(logs, key)) writer(run).scalar(tag, static_cast<float>(*value), step);
  }
  Model& model(const char* what) {
    check(model_ != nullptr, Code::failed_precondition, "TensorBoard: {} needs the model; call set_model(model) first", what);
    return *model_;
  }
  int64_t iterations() { return model("steps per second").optimizer()->iterations().value().int_at(0); }

  // A profiler that somebody else started is left alone; that there is one ends no training.
  void start_profiler() {
    try {
      profiler::start(options.log_dir);
      profiles_ = true;
    } catch (const Error& e) {
      if (e.code() != Code::already_exists) throw;
      warn("ERROR:tensorflow:Failed to start profiler: {}", e.message());
    }
  }
  void stop_profiler() {
    if (!std::exchange(profiles_, false)) return;
    try {
      profiler::stop();
    } catch (const Error& e) {
      if (e.code() != Code::unavailable) throw;
      warn("ERROR:tensorflow:Failed to stop profiler: {}", e.message());
    }
  }

  void on_batch_end(const ValueDict& logs) {
    if (every_ <= 0) return;   // other callbacks' wishes bring this hook here, too
    if (step_ % every_ == 0)
      for (const Entry& e : logs) scalar("train", "batch_" + e.key, logs, e.key, step_);
    ++step_;
    if (options.write_steps_per_second && step_ % every_ == 0)
      writer("train").scalar("batch_steps_per_second", static_cast<float>(per_second(1, batch_began_)), step_);
  }

  void on_epoch_end(int64_t epoch, const ValueDict& logs) {
    for (const Entry& e : logs) {
      const bool validation = e.key.starts_with("val_");
      scalar(validation ? "validation" : "train", "epoch_" + (validation ? e.key.substr(4) : e.key), logs, e.key, epoch);
    }
    if (const OptimizerPtr optimizer = model_ ? model_->optimizer() : nullptr; optimizer && !logs.empty()) {
      const Value rate = optimizer->hyper("learning_rate");
      const auto* object = rate.get<std::shared_ptr<Foreign>>();
      if (auto* schedule = object ? dynamic_cast<Schedule*>(object->get()) : nullptr)
        writer("train").scalar("epoch_learning_rate", static_cast<float>(schedule->at(optimizer->iterations().value()).float_at(0)), epoch);
    }
    if (options.write_steps_per_second && !logs.empty())
      writer("train").scalar("epoch_steps_per_second", static_cast<float>(per_second(static_cast<double>(iterations() - before_), epoch_began_)), epoch);
    if (options.histogram_freq != 0 && epoch % options.histogram_freq == 0) write_weights(epoch);
    if (options.embeddings_freq != 0 && epoch % options.embeddings_freq == 0) {
      const std::string path = options.log_dir + "/train/keras_embedding.ckpt-" + std::to_string(epoch);
      // TensorFlow's checkpoints are written by Python's save_weights.
      const Method* save = model("embeddings_freq").overridden("save_weights");
      check(save, Code::not_implemented, "TensorBoard: embeddings cannot be written from C++ yet; use embeddings_freq=0");
      (*save)({path}, {});
    }
    flush();
  }

  void write_weights(int64_t epoch) {
    SummaryWriter& out = writer("train");
    for (const LayerPtr& layer : model("histogram_freq").layers())
      for (const Weight& weight : layer->weights()) {
        std::string tag = weight.variable.name();
        std::replace(tag.begin(), tag.end(), ':', '_');
        const Tensor value = weight.variable.value();
        out.histogram(tag, value, epoch);
        if (!options.write_images) continue;
        if (const std::optional<Tensor> picture = picture_of(value)) out.image(tag, *picture, epoch);
      }
  }

  // The layers of a model that is a graph of them, as JSON: TensorBoard draws it.
  void write_graph() {
    if (!model_ || (model_->input_tensors.empty() && !dynamic_cast<Sequential*>(model_))) return;
    std::string json;
    try {
      json = model_->to_json();
    } catch (const std::exception& error) {
      return warn("WARNING:tensorflow:Model failed to serialize as JSON. Ignoring... {}", error.what());
    }
    writer("train").write("keras", Tensor::of_strings({}, {json}), 0, {.name = "graph_keras_model", .content = "1", .display_name = {}, .description = {}});
  }

  // What TensorBoard's projector reads beside the checkpoints.
  void configure_embeddings() {
    const std::string* all = options.embeddings_metadata.get<std::string>();
    ValueDict by_name;
    if (const ValueDict* given = options.embeddings_metadata.get<ValueDict>()) by_name = *given;
    std::string text;
    for (const LayerPtr& layer : told(model_, "layers").layers()) {
      if (layer->class_name() != "Embedding") continue;
      text += "embeddings {\n  tensor_name: \"layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE\"\n";
      const auto named = std::find_if(by_name.begin(), by_name.end(), [&](const Entry& e) { return e.key == layer->name(); });
      if (all) text += "  metadata_path: " + quoted(*all) + "\n";
      if (named != by_name.end()) {
        text += "  metadata_path: " + quoted(As<std::string>::from(named->value, "embeddings_metadata")) + "\n";
        by_name.erase(named);
      }
      text += "}\n";
    }
    std::string left;
    for (const Entry& e : by_name) left += (left.empty() ? "'" : ", '") + e.key + "'";
    check(left.empty(), Code::value, "Unrecognized `Embedding` layer names passed to `keras.callbacks.TensorBoard` "
          "`embeddings_metadata` argument: dict_keys([{}])", left);
    std::filesystem::create_directories(options.log_dir);
    const std::string path = options.log_dir + "/projector_config.pbtxt";
    std::ofstream file(path);
    file << text;
    file.close();
    check(file.good(), Code::unavailable, "TensorBoard: {} cannot be written; is there room, and is the folder yours?", path);
  }

  std::map<std::string, std::unique_ptr<SummaryWriter>> writers_;
  bool begun_ = false;   // set_model came, on_train_end not yet
  int64_t every_ = 0, step_ = 0, before_ = 0;
  int64_t first_profiled_ = 0, last_profiled_ = 0, batch_ = 0;   // counted from 1; 0: none is profiled
  bool profiles_ = false;   // this callback's profiler runs
  Clock::time_point epoch_began_, batch_began_;
};

ObjectRecord tensorboard() {
  ObjectRecord record = callback_record<TensorBoard>("TensorBoard", "Writes scalars, histograms, pictures and graphs for TensorBoard.");
  record.make = TensorBoard::make;
  return record;
}
const ObjectRecord tensorboard_record = tensorboard();
NINEFOLD_OBJECT(tensorboard_record);

}  // namespace
}  // namespace ninefold::keras
