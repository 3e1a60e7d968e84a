// In: a layer with moving averages under a strategy. Out: averages stepped once, by the mean of the replicas.
#include <gtest/gtest.h>

#include "ninefold/distribute.h"
#include "ninefold/keras.h"

namespace ninefold::keras {
namespace {

TEST(Replicas, MovingAveragesTakeTheMeanOfWhatEachSaw) {
  const LayerPtr layer = make_layer("BatchNormalization", {{"momentum", 0.5}});
  const distribute::StrategyPtr two = distribute::mirrored({"/device:CPU:0", "/device:CPU:1"});
  two->run([&](int replica) -> Value {
    // Replica 0 sees 0 and 2 (mean 1), replica 1 sees 4 and 6 (mean 5).
    const auto first = static_cast<float>(4 * replica);
    CallArgs training;
    training.training = true;
    return (*layer)(Value(Tensor::of<float>({2, 1}, {first, first + 2})), training);
  });
  for (const Weight& w : layer->weights())
    if (w.variable.name().find("moving_mean") != std::string::npos) {
      EXPECT_FLOAT_EQ(w.variable.value().item<float>(), 0.5f * (0.5f * 1 + 0.5f * 5));
    }
}

}  // namespace
}  // namespace ninefold::keras
