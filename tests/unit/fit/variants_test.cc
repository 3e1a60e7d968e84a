// In: what TensorFlow 2.9.0 gave for fit's options on 200 rows (seed 7, CPU). Out: the same from C++.
#include <gtest/gtest.h>

#include "ninefold/data.h"
#include "fit_data.h"

namespace ninefold::keras {
namespace {

constexpr double kTolerance = 1e-4;
using Numbers = std::map<std::string, std::vector<double>>;
using ModelPtr = std::shared_ptr<Model>;

ModelPtr small() {
  return std::make_shared<Sequential>(std::vector<LayerPtr>{Dense(8, {.activation = "relu", .input_shape = {20}}),
                                                            Dense(1, {.activation = "sigmoid"})});
}
LayerPtr seeded() { return Dropout(0.5, {.seed = 3}); }
LayerPtr head() { return Dense(1, {.activation = "sigmoid"}); }
ModelPtr with_seed() {
  return std::make_shared<Sequential>(
      std::vector<LayerPtr>{Dense(8, {.activation = "relu", .input_shape = {20}}), seeded(), head()});
}
ModelPtr built_by_data() {
  return std::make_shared<Sequential>(std::vector<LayerPtr>{Dense(8, {.activation = "relu"}), seeded(), head()});
}
CallbackPtr callback(const char* name, const ValueDict& options) {
  return std::dynamic_pointer_cast<Callback>(make_object("callback", name, options));
}
Tensor x() { return testing::randn(200); }
Tensor y() { return testing::signs(x()); }
Tensor first(const Tensor& t, int64_t rows) {
  Shape s = t.shape();
  s.set(0, rows);
  return Tensor::copy_of(t.dtype(), s, t.data(), static_cast<size_t>(s.size()));
}
Value ramp() {
  std::vector<float> w;
  for (int i = 0; i < 200; ++i) w.push_back(static_cast<float>(2.0 * i / 199));
  return Tensor::of<float>({200}, w);
}

struct Row {
  const char* name;
  ModelPtr (*model)();
  std::function<CompileOptions()> compile;
  std::function<History(Model&)> fit;
  Numbers expected;
};

CompileOptions plain() { return {.optimizer = "adam", .loss = "binary_crossentropy"}; }

const Row rows[] = {
    // Its op seed is 4: TensorFlow traces twice, as the first trace makes the optimizer's slots.
    {"seeded_dropout", with_seed, plain, [](Model& m) { return m.fit(x(), y(), {.epochs = 2, .verbose = 0}); },
     {{"loss", {0.9239078760147095, 0.9409798979759216}}}},
    {"seeded_dropout_compiled_again", with_seed, plain,
     [](Model& m) {
       m.fit(x(), y(), {.epochs = 2, .verbose = 0});
       m.compile(plain());
       return m.fit(x(), y(), {.verbose = 0});
     },
     {{"loss", {0.9397274851799011}}}},
    {"seeded_dropout_built_by_data", built_by_data, plain,
     [](Model& m) { return m.fit(x(), y(), {.epochs = 2, .verbose = 0}); },
     {{"loss", {0.9734639525413513, 0.9493054151535034}}}},
    {"shuffled_batches", small, plain,
     [](Model& m) { return m.fit(x(), y(), {.epochs = 2, .verbose = 0, .shuffle = "batch"}); },
     {{"loss", {0.7523220777511597, 0.7779639959335327}}}},
    {"initial_epoch", small, plain,
     [](Model& m) { return m.fit(x(), y(), {.epochs = 4, .verbose = 0, .initial_epoch = 2}); },
     {{"loss", {0.8946475982666016, 0.8745636940002441}}}},
    {"validation_freq", small, plain,
     [](Model& m) {
       return m.fit(x(), y(), {.epochs = 4, .verbose = 0, .validation_data = ValueList{first(x(), 50), first(y(), 50)},
                               .validation_freq = 2});
     },
     {{"loss", {0.8946475982666016, 0.8745636940002441, 0.8562275767326355, 0.8394064903259277}},
      {"val_loss", {0.8759105205535889, 0.8407834768295288}}}},
    {"dataset", small, plain,
     [](Model& m) {
       return m.fit(std::static_pointer_cast<Foreign>(data::from_tensor_slices(ValueList{x(), y()})->shuffle(100)->batch(32)),
                    {}, {.epochs = 3, .verbose = 0});
     },
     {{"loss", {0.895456850528717, 0.8750596046447754, 0.857835590839386}}}},
    {"weights", small,
     [] {
       return CompileOptions{.optimizer = "adam", .loss = "binary_crossentropy", .metrics = ValueList{"mae"},
                             .weighted_metrics = ValueList{"accuracy"}};
     },
     [](Model& m) {
       return m.fit(x(), y(), {.epochs = 2, .verbose = 0, .class_weight = ValueDict{{"0", 0.5}, {"1", 2.0}},
                               .sample_weight = ramp()});
     },
     {{"loss", {1.296675682067871, 1.2534288167953491}},
      {"mae", {0.5476779341697693, 0.5443266034126282}},
      {"accuracy", {0.168400838971138, 0.21026593446731567}}}},
    {"more_steps_than_batches", small, plain,
     [](Model& m) { return m.fit(x(), y(), {.epochs = 2, .verbose = 0, .steps_per_epoch = 10}); },
     {{"loss", {0.8924204111099243, 0.8664247989654541}}}},
    {"plateau", small,
     [] {
       return CompileOptions{.optimizer = ValueDict{{"class_name", "SGD"}, {"config", ValueDict{{"learning_rate", 0.5}}}},
                             .loss = "binary_crossentropy", .metrics = ValueList{"accuracy"}};
     },
     [](Model& m) {
       return m.fit(x(), y(), {.epochs = 4, .verbose = 0, .callbacks = {callback("ReduceLROnPlateau",
           {{"monitor", "loss"}, {"factor", 0.1}, {"patience", 1}, {"min_delta", 0.5}})}});
     },
     {{"loss", {0.7495673298835754, 0.5377796292304993, 0.4076840877532959, 0.3971124291419983}},
      {"lr", {0.5, 0.5, 0.05000000074505806, 0.004999999888241291}}}},
    {"steps_per_execution", small,
     [] {
       return CompileOptions{.optimizer = "adam", .loss = "binary_crossentropy", .steps_per_execution = 3};
     },
     [](Model& m) { return m.fit(x(), y(), {.epochs = 2, .verbose = 0}); },
     {{"loss", {0.8946475982666016, 0.8745636940002441}}}},
    {"names_of_metrics", small,
     [] {
       return CompileOptions{.optimizer = "adam", .loss = "mse",
                             .metrics = ValueList{"mse", std::static_pointer_cast<Foreign>(
                                 make_object("metric", "MeanAbsoluteError", {{"name", "m"}}))}};
     },
     [](Model& m) { return m.fit(x(), y(), {.verbose = 0}); },
     {{"loss", {0.3321496248245239}}, {"mse", {0.3321496248245239}}, {"m", {0.546961784362793}}}},
};

TEST(FitOptions, GiveTensorFlowsHistory) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    testing::start();
    try {
      const ModelPtr model = row.model();
      model->compile(row.compile());
      const History h = row.fit(*model);
      EXPECT_EQ(h.history.size(), h.keys.size());
      for (const auto& [key, values] : row.expected) {
        const auto at = h.history.find(key);
        if (at == h.history.end() || at->second.size() != values.size()) {
          ADD_FAILURE() << key << ": " << (at == h.history.end() ? 0 : at->second.size()) << " values";
          continue;
        }
        for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(at->second[i], values[i], kTolerance) << key << " " << i;
      }
    } catch (const Error& e) {
      ADD_FAILURE() << e.what();
    }
  }
}

TEST(Fit, TakesDictsAndSharedLayers) {
  testing::start();
  const auto symbolic = [](const KerasTensorPtr& t) { return Value(std::static_pointer_cast<Foreign>(t)); };
  const KerasTensorPtr a = Input({20}, -1, DType::f32, "a"), b = Input({20}, -1, DType::f32, "b");
  const LayerPtr shared = Dense(4, {.activation = "tanh"});
  const Value h = (*Dense(3))((*shared)(symbolic(a)));
  const Value h2 = (*Dense(3))((*shared)(symbolic(b)));
  const Value o = (*Dense(1, {.activation = "sigmoid"}))(h);
  const Value p = (*Dense(2, {.name = "p"}))(h2);
  Functional model(ValueDict{{"a", symbolic(a)}, {"b", symbolic(b)}}, ValueList{o, p});
  std::vector<std::string> names;
  for (const LayerPtr& l : model.layers()) names.push_back(l->name());
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "dense", "dense_1", "dense_2", "dense_3", "p"}));
  EXPECT_NE(model.summary().find(" dense (Dense)                  (None, 4)            84          ['a[0][0]',"
                                 "                      \n"
                                 "                                                                  'b[0][0]']  "),
            std::string::npos) << model.summary();
  model.compile({.optimizer = "adam", .loss = ValueList{"binary_crossentropy", {}},
                 .metrics = ValueList{ValueList{"accuracy"}, ValueList{}}});
  const History history = model.fit(ValueDict{{"a", x()}, {"b", x()}},
                                    ValueList{y(), Tensor::zeros(DType::f32, {200, 2})}, {.epochs = 2, .verbose = 0});
  EXPECT_EQ(history.keys, (std::vector<std::string>{"loss", "dense_3_loss", "dense_3_accuracy"}));
  EXPECT_NEAR(history.history.at("loss")[1], 0.7566993832588196, kTolerance);
  EXPECT_NEAR(history.history.at("dense_3_accuracy")[1], 0.5, kTolerance);
}

TEST(Callbacks, OverridesSeeEachBatchAndMayChangeLogs) {
  testing::start();
  const ModelPtr model = small();
  model->compile(plain());
  const CallbackPtr c = callback("LambdaCallback", {});
  std::vector<int64_t> batches;
  c->override_method("on_train_batch_end", [&](ValueList args, ValueDict) -> Value {
    batches.push_back(*args[0].get<int64_t>());
    EXPECT_NE(args[1].find("loss"), nullptr);
    return {};
  });
  c->override_method("on_epoch_end", [&](ValueList args, ValueDict) -> Value {
    ValueDict logs = *args[1].get<ValueDict>();
    logs.push_back({"own", 5.0});
    return logs;
  });
  const History h = model->fit(x(), y(), {.epochs = 2, .batch_size = 100, .verbose = 0, .callbacks = {c}});
  EXPECT_EQ(batches, (std::vector<int64_t>{0, 1, 0, 1}));
  EXPECT_EQ(h.history.at("own"), (std::vector<double>{5, 5}));
}

TEST(Model, StepsMayBeOverridden) {
  testing::start();
  const ModelPtr model = small();
  model->compile({.optimizer = "sgd"});
  int calls = 0;
  model->override_method("train_step", [&](ValueList args, ValueDict) -> Value {
    ++calls;
    const ValueList& data = *args[0].get<ValueList>();
    return ValueDict{{"mean", op("Mean", {*data[0].get<Tensor>(), Tensor::of<int32_t>({2}, {0, 1})})}};
  });
  const History h = model->fit(x(), y(), {.epochs = 3, .batch_size = 200, .verbose = 0});
  EXPECT_LE(calls, 2);   // traced, not run at each step
  EXPECT_EQ(h.history.at("mean").size(), 3u);
}

}  // namespace
}  // namespace ninefold::keras
