// In: wrong data and models. Out: Keras' errors, by class and text.
#include <gtest/gtest.h>

#include "fit_data.h"

namespace ninefold::keras {
namespace {

Tensor zeros(Shape s) { return Tensor::zeros(DType::f32, s); }

struct Row {
  const char* name;
  std::function<void(Model&)> act;
  Code code;
  std::string text;
  bool compiled = true;
};

const Row rows[] = {
    {"not compiled", [](Model& m) { m.fit(zeros({4, 2}), zeros({4, 1})); }, Code::runtime,
     "You must compile your model before training/testing. Use `model.compile(optimizer, loss)`.", false},
    {"cardinality", [](Model& m) { m.fit(zeros({4, 2}), zeros({3, 1})); }, Code::value,
     "Data cardinality is ambiguous:\n  x sizes: 4\n  y sizes: 3\nMake sure all arrays contain the same number of samples."},
    {"no target", [](Model& m) { m.fit(zeros({4, 2})); }, Code::value,
     "Target data is missing. Your model was compiled with loss=mse, and therefore expects target data to be provided in "
     "`fit()`."},
    {"split of all", [](Model& m) { m.fit(zeros({1, 2}), zeros({1, 1}), {.verbose = 0, .validation_split = 0.5}); },
     Code::value, "Training data contains 1 samples, which is not sufficient to split it into a validation and training set "
                  "as specified by `validation_split=0.5`. Either provide more data, or a different value for the "
                  "`validation_split` argument."},
    {"class weight gap",
     [](Model& m) {
       m.fit(zeros({4, 2}), zeros({4, 1}), {.verbose = 0, .class_weight = ValueDict{{"0", 1.0}, {"2", 1.0}}});
     },
     Code::value, "Expected `class_weight` to be a dict with keys from 0 to one less than the number of classes, found "
                  "{0: 1.0, 2: 1.0}"},
    {"input shape", [](Model& m) { m.predict(zeros({2, 3}), {.verbose = 0}); }, Code::value,
     "Input 0 of layer \"sequential\" is incompatible with the layer: expected shape=(None, 2), found shape=(None, 3)"},
    {"unknown layer", [](Model& m) { m.get_layer("nope"); }, Code::value,
     "No such layer: nope. Existing layers are: ['dense']."},
    {"same name", [](Model& m) { static_cast<Sequential&>(m).add(Dense(1, {.name = "dense"})); }, Code::value,
     "All layers added to a Sequential model should have unique names. Name \"dense\" is already the name of a layer in "
     "this model. Update the `name` argument to pass a unique name."},
    {"skip without name", [](Model& m) { m.load_weights("/nonexistent.h5", false, true); }, Code::value,
     "When calling model.load_weights, skip_mismatch can only be set to True when by_name is True."},
};

TEST(FitErrors, AreKeras) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    clear_session();
    Sequential model({Dense(1, {.input_shape = {2}})});
    if (row.compiled) model.compile({.optimizer = "sgd", .loss = "mse"});
    try {
      row.act(model);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), row.code) << e.what();
      EXPECT_EQ(e.message(), row.text);
    }
  }
}

TEST(FitErrors, NanInTheDataIsNoCrash) {
  Sequential model({Dense(1, {.input_shape = {2}})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x = Tensor::of<float>({2, 2}, {NAN, 1, 2, 3});
  const History h = model.fit(x, zeros({2, 1}), {.epochs = 2, .verbose = 0});
  EXPECT_TRUE(std::isnan(h.history.at("loss")[0]));
}

TEST(FitErrors, AnInterruptLeavesAUsableModel) {
  Sequential model({Dense(1, {.input_shape = {2}})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  set_interrupt_hook([] { throw Error(Code::cancelled, "stop"); });
  EXPECT_THROW(model.fit(zeros({64, 2}), zeros({64, 1}), {.epochs = 1000000, .batch_size = 1, .verbose = 0}), Error);
  set_interrupt_hook({});
  const History h = model.fit(zeros({4, 2}), zeros({4, 1}), {.verbose = 0});
  EXPECT_EQ(h.history.at("loss").size(), 1u);
}

}  // namespace
}  // namespace ninefold::keras
