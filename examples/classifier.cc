// In: 1,000 random rows. Out: the classifier of classifier.py trained on them, without Python.
#include <ninefold/keras.h>
#include <ninefold/ops.h>

namespace nf = ninefold;

int main() {
  const nf::Tensor x = nf::random::uniform({1000, 20});
  const nf::Tensor y = nf::random::uniform({1000, 1}, 0, 2, nf::int32);
  nf::keras::Sequential model({nf::keras::Dense(64, {.activation = "relu", .input_shape = {20}}),
                               nf::keras::Dropout(0.5), nf::keras::Dense(64, {.activation = "relu"}),
                               nf::keras::Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit(x, y, {.epochs = 5, .batch_size = 32});
}
