// In: models. Out: their summaries, configs and weight files, as Keras writes them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "fit_data.h"

namespace ninefold::keras {
namespace {

Value symbolic(const KerasTensorPtr& t) { return std::static_pointer_cast<Foreign>(t); }

TEST(Summary, OfTheClassifier) {
  testing::start();
  EXPECT_EQ(testing::classifier()->summary(),
            "Model: \"sequential\"\n"
            "_________________________________________________________________\n"
            " Layer (type)                Output Shape              Param #   \n"
            "=================================================================\n"
            " dense (Dense)               (None, 64)                1344      \n"
            "                                                                 \n"
            " dropout (Dropout)           (None, 64)                0         \n"
            "                                                                 \n"
            " dense_1 (Dense)             (None, 64)                4160      \n"
            "                                                                 \n"
            " dense_2 (Dense)             (None, 1)                 65        \n"
            "                                                                 \n"
            "=================================================================\n"
            "Total params: 5,569\n"
            "Trainable params: 5,569\n"
            "Non-trainable params: 0\n"
            "_________________________________________________________________\n");
}

TEST(Summary, FramesNestedModels) {
  testing::start();
  const auto inner = std::make_shared<Sequential>(std::vector<LayerPtr>{Dense(3, {.input_shape = {4}}), Dense(2)}, "inner");
  const KerasTensorPtr x = Input({4});
  Functional model(symbolic(x), (*Dense(1))((*inner)(symbolic(x))));
  EXPECT_EQ(model.summary(0, true),
            "Model: \"model\"\n"
            "_________________________________________________________________\n"
            " Layer (type)                Output Shape              Param #   \n"
            "=================================================================\n"
            " input_1 (InputLayer)        [(None, 4)]               0         \n"
            "                                                                 \n"
            " inner (Sequential)          (None, 2)                 23        \n"
            "|¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯|\n"
            "| dense (Dense)             (None, 3)                 15        |\n"
            "|                                                               |\n"
            "| dense_1 (Dense)           (None, 2)                 8         |\n"
            "¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯¯\n"
            " dense_2 (Dense)             (None, 1)                 3         \n"
            "                                                                 \n"
            "=================================================================\n"
            "Total params: 26\n"
            "Trainable params: 26\n"
            "Non-trainable params: 0\n"
            "_________________________________________________________________\n");
}

TEST(Config, OfASequentialModelIsKeras) {
  testing::start();
  Sequential model({Dense(3, {.input_shape = {4}}), Dropout(0.5)});
  EXPECT_EQ(model.to_json(),
            R"({"class_name": "Sequential", "config": {"name": "sequential", "layers": [{"class_name": "InputLayer", )"
            R"("config": {"batch_input_shape": [null, 4], "dtype": "float32", "sparse": false, "ragged": false, "name": )"
            R"("dense_input"}}, {"class_name": "Dense", "config": {"name": "dense", "trainable": true, )"
            R"("batch_input_shape": [null, 4], "dtype": "float32", "units": 3, "activation": "linear", "use_bias": true, )"
            R"("kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}, "bias_initializer": )"
            R"({"class_name": "Zeros", "config": {}}, "kernel_regularizer": null, "bias_regularizer": null, )"
            R"("activity_regularizer": null, "kernel_constraint": null, "bias_constraint": null}}, {"class_name": )"
            R"("Dropout", "config": {"name": "dropout", "trainable": true, "dtype": "float32", "rate": 0.5, )"
            R"("noise_shape": null, "seed": null}}]}, "keras_version": "2.9.0", "backend": "tensorflow"})");
}

TEST(Config, RebuildsAGraphOfLayers) {
  testing::start();
  const KerasTensorPtr x = Input({4}, -1, DType::f32, "x");
  const LayerPtr shared = Dense(4, {.name = "shared"});
  const Value once = (*shared)(symbolic(x)), twice = (*shared)(once);
  Functional model(symbolic(x), ValueList{twice, (*Dense(1, {.name = "head"}))(once)}, "graph");
  const auto again = Functional::from_config(model.config());
  EXPECT_EQ(again->to_json(), model.to_json());
  EXPECT_EQ(again->weights().size(), 4u);
}

TEST(Weights, GoToAFileAndBack) {
  testing::start();
  const std::string path = (std::filesystem::temp_directory_path() / "ninefold_models_test.h5").string();
  const auto model = testing::classifier();
  const Tensor x = testing::randn(8);
  const Value before = model->predict(x, {.verbose = 0});
  model->save_weights(path);
  const auto other = testing::classifier();
  other->load_weights(path);
  const Value after = other->predict(x, {.verbose = 0});
  for (int i = 0; i < 8; ++i) EXPECT_EQ(before.get<Tensor>()->as<float>()[i], after.get<Tensor>()->as<float>()[i]);
  Sequential wrong({Dense(2, {.name = "w", .input_shape = {20}}), Dense(2), Dense(2)});
  const Tensor kept = wrong.weights()[0].variable.value();
  try {
    wrong.load_weights(path);
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.message(), "Cannot assign value to variable ' w/kernel:0': Shape mismatch.The variable shape (20, 2), and "
                           "the assigned value shape (20, 64) are incompatible.");
  }
  std::filesystem::remove(path);
}

TEST(Sequential, IsBuiltByItsFirstBatch) {
  testing::start();
  Sequential model({Dense(2), Dense(1)});
  EXPECT_FALSE(model.built());
  EXPECT_THROW(model.summary(), Error);
  model(testing::randn(3));
  EXPECT_TRUE(model.built());
  EXPECT_EQ(model.weights()[0].variable.name(), "dense/kernel:0");
  EXPECT_NE(model.summary().find(" dense (Dense)               (3, 2)                    42"), std::string::npos);
  model(testing::randn(5));   // another batch widens the graph
  EXPECT_NE(model.summary().find(" dense (Dense)               (None, 2)                 42"), std::string::npos);
}

TEST(Sequential, PopsItsLastLayer) {
  testing::start();
  Sequential model({Dense(2, {.input_shape = {20}}), Dense(1)});
  model.pop();
  EXPECT_EQ(model.predict(testing::randn(3), {.verbose = 0}).get<Tensor>()->shape(), (Shape{3, 2}));
  model.pop();
  EXPECT_THROW(model.pop(), Error);
}

}  // namespace
}  // namespace ninefold::keras
