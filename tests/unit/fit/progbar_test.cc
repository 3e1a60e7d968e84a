// In: steps at given times. Out: the bytes that Keras' Progbar writes.
#include <gtest/gtest.h>

#include "train/fit/progbar.h"
#include "fit_data.h"

namespace ninefold::keras {
namespace {

TEST(Progbar, WritesKerasBytes) {
  std::string out;
  double now = 100;
  Progbar bar(32, 1, {"loss", "accuracy"}, "step", [&](const std::string& s) { out += s; }, [&] { return now; });
  now = 100.45;
  bar.update(1, {{"loss", 0.70614}, {"accuracy", 0.53125}}, false);
  const std::string first = "\r 1/32 [..............................] - ETA: 13s - loss: 0.7061 - accuracy: 0.5312";
  EXPECT_EQ(out, first);
  now = 100.46;
  bar.update(2, {{"loss", 0.7}, {"accuracy", 0.5}}, false);   // too early to show
  EXPECT_EQ(out, first);
  out.clear();
  now = 100.488;
  bar.update(32, {{"loss", 0.6296}, {"accuracy", 0.636}}, true);
  const std::string last = "32/32 [==============================] - 0s 1ms/step - loss: 0.6296 - accuracy: 0.6360";
  EXPECT_EQ(out, std::string(first.size() - 1, '\b') + "\r" + last + std::string(first.size() - 1 > last.size() ? first.size() - 1 - last.size() : 0, ' ') + "\n");
}

TEST(Progbar, ShowsSmallNumbersAndUnknownSizes) {
  std::string out;
  double now = 0;
  Progbar bar(-1, 1, {}, "step", [&](const std::string& s) { out += s; }, [&] { return now; });
  now = 0.002;
  bar.update(1, {{"loss", 4.2469e-05}}, false);
  EXPECT_EQ(out, "");   // within the first 50 ms of the clock
  now = 1;
  bar.update(3, {{"loss", 4.2469e-05}}, false);
  EXPECT_EQ(out, "\r      3/Unknown - 1s 333ms/step - loss: 4.2469e-05");
}

TEST(Progbar, OneLineAnEpoch) {
  std::string out;
  double now = 10;
  Progbar bar(25, 2, {"loss"}, "step", [&](const std::string& s) { out += s; }, [&] { return now; });
  now = 10.052;
  bar.update(25, {{"loss", 0.3563}}, true);
  EXPECT_EQ(out, "25/25 - 0s - loss: 0.3563 - 52ms/epoch - 2ms/step\n");
}

TEST(Fit, PrintsEpochsThroughTheSink) {
  std::string out;
  set_text_sink([&](std::string_view s) { out += s; });
  testing::start();
  const auto model = testing::classifier();
  model->compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = ValueList{"accuracy"}});
  const Tensor x = testing::randn(1000), y = testing::signs(x);
  model->fit(x, y, {.epochs = 2});
  set_text_sink({});
  EXPECT_EQ(out.rfind("Epoch 1/2\n\r 1/32 [", 0), 0u) << out;
  EXPECT_NE(out.find("Epoch 2/2\n"), std::string::npos);
  EXPECT_NE(out.find("32/32 [==============================] - "), std::string::npos);
  EXPECT_NE(out.find("/step - loss: 0.6296 - accuracy: 0.6360"), std::string::npos);
  EXPECT_NE(out.find("/step - loss: 0.5208 - accuracy: 0.7710"), std::string::npos);
}

}  // namespace
}  // namespace ninefold::keras
