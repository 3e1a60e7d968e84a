// In: 1,797 hand-written digits of 8 x 8 pixels (data/LICENSE says whose). Out: the two networks of digits.py
// trained on 1,500 of them without Python, and how many of the other 297 each one reads.
#include <ninefold/keras.h>
#include <ninefold/layers.h>
#include <ninefold/ops.h>
#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace nf = ninefold;
namespace keras = nf::keras;

// One line a digit: 64 numbers from 0 to 16, then the digit itself.
struct Digits {
  std::vector<float> pixels;
  std::vector<int64_t> labels;
};
static Digits read(const char* path) {
  Digits all;
  gzFile file = gzopen(path, "rb");
  if (!file) {
    std::fprintf(stderr, "digits: cannot open %s\n", path);
    std::exit(2);
  }
  char line[1024];
  while (gzgets(file, line, sizeof line)) {
    char* at = line;
    for (int i = 0; i < 64; ++i, ++at) all.pixels.push_back(std::strtof(at, &at) / 16);
    all.labels.push_back(std::strtol(at, nullptr, 10));
  }
  gzclose(file);
  return all;
}

int main(int count, char** arguments) {
  const Digits all = read(count > 1 ? arguments[1] : NINEFOLD_DIGITS);
  constexpr int64_t train = 1500;
  const auto total = static_cast<int64_t>(all.labels.size());
  const auto rows = [&](int64_t from, int64_t to) {
    const std::vector<float> x(all.pixels.begin() + from * 64, all.pixels.begin() + to * 64);
    const std::vector<int64_t> y(all.labels.begin() + from, all.labels.begin() + to);
    return std::pair{nf::Tensor::of<float>({to - from, 8, 8, 1}, x), nf::Tensor::of<int64_t>({to - from}, y)};
  };
  const auto [x, y] = rows(0, train);
  const auto [unseen_x, unseen_y] = rows(train, total);

  keras::set_random_seed(7);
  keras::Sequential dense({keras::Flatten({.input_shape = {8, 8, 1}}), keras::Dense(64, {.activation = "relu"}),
                           keras::Dropout(0.2), keras::Dense(10, {.activation = "softmax"})});
  keras::Sequential conv({keras::Conv2D(8, {3}, {.padding = "same", .input_shape = {8, 8, 1}}),
                          keras::BatchNormalization(), keras::Activate("relu"), keras::MaxPooling2D(),
                          keras::Conv2D(16, {3}, {.activation = "relu"}), keras::Flatten(), keras::Dropout(0.25),
                          keras::Dense(10, {.activation = "softmax"})});
  // What TensorFlow 2.9.0 reads of the unseen digits with the same seed; one digit is 0.34 percent.
  const struct { const char* name; keras::Model& model; double tensorflow; } nets[] = {
      {"dense", dense, 0.8923}, {"convolutional", conv, 0.9259}};
  for (const auto& [name, model, tensorflow] : nets) {
    model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    model.fit(x, y, {.epochs = 20, .verbose = 0});
    const nf::Value scores = model.evaluate(unseen_x, unseen_y, {.verbose = 0, .return_dict = true});
    const auto score = [&](const char* key) {
      const nf::Value& v = *scores.find(key);
      return v.get<nf::Tensor>() ? v.get<nf::Tensor>()->float_at(0) : *v.get<double>();
    };
    const double accuracy = score("accuracy");
    std::printf("%s: %.1f%% of the unseen digits are read right (loss %.3f)\n", name, 100 * accuracy, score("loss"));
    if (accuracy < tensorflow - 0.01) {
      std::fprintf(stderr, "digits: %s: TensorFlow 2.9.0 reaches %.1f%%\n", name, 100 * tensorflow);
      return 1;
    }
  }
}
