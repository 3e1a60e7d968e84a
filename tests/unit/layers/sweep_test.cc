// In: one row a layer: config, input shapes, what TensorFlow 2.9.0 gave after set_random_seed(7). Out: whether ours
// gives the same shapes, values and weight names, and whether its config makes the same layer again.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "ninefold/layers.h"

namespace ninefold::keras {
namespace {

using L = ValueList;
struct Row {
  const char* name;
  ValueDict config;
  std::vector<Shape> in;
  Value training;
  Shape out;
  std::vector<double> first;   // up to twelve values
  const char* weights;
};

// Input i is ((37 i) mod 23 - 11) / 7, or five small ids; a second input is half of that minus a quarter.
Tensor input(const Shape& s, bool ids, bool second) {
  std::vector<float> v;
  for (int64_t i = 0; i < s.size(); ++i) {
    const int64_t n = (i * 37) % 23 - 11;
    const float x = static_cast<float>(n) / 7;
    v.push_back(ids ? static_cast<float>(std::abs(n) % 5) : second ? x * 0.5f - 0.25f : x);
  }
  const Tensor t = Tensor::of<float>(s, v);
  return ids ? op("Cast", {t}, {{"DstT", DType::i32}}) : t;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"Conv2D", {{"filters", 2}, {"kernel_size", 3}, {"activation", "relu"}}, {{1, 5, 5,
       2}}, {}, {1, 3, 3, 2}, {0.31105521, 1.4130448, 0, 0, 0, 0, 0.075062729, 0.37260696,
       0, 0, 0, 0.013050174}, "conv2d/kernel:0 conv2d/bias:0"},
      {"Conv2D", {{"filters", 2}, {"kernel_size", L{3, 2}}, {"strides", 2}, {"padding",
       "same"}}, {{1, 5, 4, 1}}, {}, {1, 3, 2, 2}, {-0.46842933, -0.6820395, -0.15679143,
       -0.1721295, -0.45124531, 1.8749473, -0.43622357, -0.28009048, 0.71308875,
       -0.36189479, 0.10011466, 1.5079703}, "conv2d/kernel:0 conv2d/bias:0"},
      {"Conv1D", {{"filters", 2}, {"kernel_size", 2}, {"padding", "causal"},
       {"dilation_rate", 2}}, {{1, 6, 2}}, {}, {1, 6, 2}, {-0.83674151, -0.86185676,
       -0.47907108, 0.25366005, -0.6679731, -0.85751665, 0.57317418, -0.6327492,
       -0.34628689, 2.1720486, -0.83234733, -0.11867253}, "conv1d/kernel:0 conv1d/bias:0"},
      {"Conv2DTranspose", {{"filters", 2}, {"kernel_size", 3}, {"strides", 2}, {"padding",
       "same"}}, {{1, 2, 2, 1}}, {}, {1, 4, 4, 2}, {-0.49551237, 0.39503258, -0.56247598,
       0.67166501, -0.31450814, -0.76259893, 0.15340255, -0.18318138, 0.021327347,
       -0.68100017, -0.23529458, 0.57381958},
       "conv2d_transpose/kernel:0 conv2d_transpose/bias:0"},
      {"DepthwiseConv2D", {{"kernel_size", 2}, {"depth_multiplier", 2}}, {{1, 3, 3, 2}}, {},
       {1, 2, 2, 4}, {-1.490561, -0.87960923, 0.24043074, 0.31454265, 0.48529258,
       0.25038591, 0.88472736, -1.0367175, 0.52978301, 0.70739782, -0.97975671,
       -0.064951457}, "depthwise_conv2d/depthwise_kernel:0 depthwise_conv2d/bias:0"},
      {"SeparableConv2D", {{"filters", 2}, {"kernel_size", 2}}, {{1, 3, 3, 2}}, {}, {1, 2,
       2, 2}, {0.51527113, -0.52531868, 0.34325999, 0.15158954, -0.63770443, 0.31260389,
       -0.65219229, -0.19201511},
       "separable_conv2d/depthwise_kernel:0 separable_conv2d/pointwise_kernel:0 separable_conv2d/bias:0"},
      {"MaxPooling2D", {}, {{1, 4, 4, 1}}, {}, {1, 2, 2, 1}, {0.42857143, 1.1428572,
       1.4285715, 0.71428573}, ""},
      {"AveragePooling2D", {{"pool_size", 2}, {"strides", 1}, {"padding", "same"}}, {{1, 3,
       3, 1}}, {}, {1, 3, 3, 1}, {-0.035714258, -0.5, -1.1428572, 0.2142857, -0.25000003,
       -0.071428597, -0.071428567, 0.28571427, 1.2857143}, ""},
      {"MaxPooling1D", {{"pool_size", 2}}, {{1, 5, 2}}, {}, {1, 2, 2}, {-0.85714287,
       1.1428572, 0.5714286, -0.71428573}, ""},
      {"AveragePooling1D", {{"pool_size", 2}, {"padding", "same"}}, {{1, 5, 2}}, {}, {1, 3,
       2}, {-1.2142857, 0.78571433, 0.21428573, -1.0714285, 1.2857143, 0}, ""},
      {"GlobalMaxPooling1D", {}, {{2, 3, 2}}, {}, {2, 2}, {-0.14285715, 1.1428572,
       1.2857143, 0.71428573}, ""},
      {"GlobalAveragePooling2D", {}, {{2, 2, 2, 2}}, {}, {2, 2}, {-0.5, -0.14285713,
       -0.10714287, 0.24999997}, ""},
      {"GlobalAveragePooling2D", {{"keepdims", true}}, {{2, 2, 2, 2}}, {}, {2, 1, 1, 2},
       {-0.5, -0.14285713, -0.10714287, 0.24999997}, ""},
      {"BatchNormalization", {}, {{4, 3}}, true, {4, 3}, {-1.5872407, 1.3400004,
       -0.70828426, 1.0934325, 0.44666678, -1.2234001, 0.52908021, -0.44666684, 1.2234001,
       -0.035272043, -1.3400003, 0.70828432},
       "batch_normalization/gamma:0 batch_normalization/beta:0 batch_normalization/moving_mean:0 batch_normalization/moving_variance:0"},
      {"BatchNormalization", {}, {{4, 3}}, false, {4, 3}, {-1.5706434, 0.4283573,
       -0.85671461, 1.1422862, -0.14278577, -1.4278578, 0.57114309, -0.71392888, 1.285072,
       0, -1.285072, 0.71392888},
       "batch_normalization/gamma:0 batch_normalization/beta:0 batch_normalization/moving_mean:0 batch_normalization/moving_variance:0"},
      {"BatchNormalization", {}, {{2, 2, 2, 2}}, true, {2, 2, 2, 2}, {-1.4092916,
       0.37777263, -0.61532462, 1.0973396, 0.17864262, -1.4931015, 0.97260976, -0.77353448,
       1.766577, -0.053967509, -1.0917048, 0.66559947},
       "batch_normalization/gamma:0 batch_normalization/beta:0 batch_normalization/moving_mean:0 batch_normalization/moving_variance:0"},
      {"BatchNormalization", {{"axis", 1}, {"scale", false}}, {{2, 3, 2}}, true, {2, 3, 2},
       {-1.4243846, 0.85463071, -1.4243846, 0.85463077, 0.44766369, -1.0174176, 1.0174176,
       -0.44766372, 1.0174174, -0.44766372, -0.85463071, 1.4243846},
       "batch_normalization/beta:0 batch_normalization/moving_mean:0 batch_normalization/moving_variance:0"},
      {"LayerNormalization", {}, {{2, 4}}, {}, {2, 4}, {-1.2775118, 0.60513717, -0.60513723,
       1.277512, 0.38815564, -1.3585448, 1.3585448, -0.38815567},
       "layer_normalization/gamma:0 layer_normalization/beta:0"},
      {"LayerNormalization", {{"axis", L{1, 2}}}, {{2, 2, 3}}, {}, {2, 2, 3}, {-1.1888568,
       0.84918356, -0.46098533, 1.5770551, 0.26688626, -1.0432826, 0.5435738, -0.92407542,
       1.3589344, -0.10871474, -1.5763638, 0.70664591},
       "layer_normalization/gamma:0 layer_normalization/beta:0"},
      {"Embedding", {{"input_dim", 5}, {"output_dim", 2}}, {{2, 3}}, {}, {2, 3, 2},
       {0.03796519, -0.04533508, -0.001439523, 0.045965169, 0.03796519, -0.04533508,
       -0.001439523, 0.045965169, 0.03796519, -0.04533508, 0.033445384, -0.026663339},
       "embedding/embeddings:0"},
      {"Add", {}, {{2, 3}, {2, 3}}, {}, {2, 3}, {-2.6071429, 0.39285713, -1.5357144,
       1.4642859, -0.46428573, -2.3928571}, ""},
      {"Subtract", {}, {{2, 3}, {2, 3}}, {}, {2, 3}, {-0.53571427, 0.46428573, -0.1785714,
       0.8214286, 0.17857142, -0.46428573}, ""},
      {"Multiply", {}, {{2, 3}, {2, 1}}, {}, {2, 3}, {1.627551, -0.44387755, 0.8877551,
       -0.040816326, 0.0051020407, 0.051020406}, ""},
      {"Average", {}, {{2, 3}, {2, 3}}, {}, {2, 3}, {-1.3035715, 0.19642857, -0.76785719,
       0.73214293, -0.23214287, -1.1964285}, ""},
      {"Maximum", {}, {{2, 3}, {2, 3}}, {}, {2, 3}, {-1.0357143, 0.42857143, -0.67857146,
       1.1428572, -0.14285715, -0.96428573}, ""},
      {"Minimum", {}, {{2, 3}, {2, 3}}, {}, {2, 3}, {-1.5714285, -0.035714284, -0.85714287,
       0.3214286, -0.32142857, -1.4285715}, ""},
      {"Concatenate", {{"axis", 1}}, {{2, 3}, {2, 2}}, {}, {2, 5}, {-1.5714285, 0.42857143,
       -0.85714287, -1.0357143, -0.035714284, 1.1428572, -0.14285715, -1.4285715,
       -0.67857146, 0.3214286}, ""},
      {"Permute", {{"dims", L{2, 1}}}, {{1, 2, 3}}, {}, {1, 3, 2}, {-1.5714285, 1.1428572,
       0.42857143, -0.14285715, -0.85714287, -1.4285715}, ""},
      {"RepeatVector", {{"n", 2}}, {{2, 2}}, {}, {2, 2, 2}, {-1.5714285, 0.42857143,
       -1.5714285, 0.42857143, -0.85714287, 1.1428572, -0.85714287, 1.1428572}, ""},
      {"ZeroPadding2D", {{"padding", L{L{1, 0}, L{0, 1}}}}, {{1, 2, 2, 1}}, {}, {1, 3, 3,
       1}, {0, 0, 0, -1.5714285, 0.42857143, 0, -0.85714287, 1.1428572, 0}, ""},
      {"ZeroPadding1D", {{"padding", 2}}, {{1, 2, 1}}, {}, {1, 6, 1}, {0, 0, -1.5714285,
       0.42857143, 0, 0}, ""},
      {"Cropping1D", {{"cropping", L{1, 0}}}, {{1, 3, 1}}, {}, {1, 2, 1}, {0.42857143,
       -0.85714287}, ""},
      {"Cropping2D", {{"cropping", L{L{1, 0}, L{0, 1}}}}, {{1, 3, 3, 1}}, {}, {1, 2, 2, 1},
       {1.1428572, -0.14285715, 0.5714286, -0.71428573}, ""},
      {"UpSampling1D", {}, {{1, 2, 2}}, {}, {1, 4, 2}, {-1.5714285, 0.42857143, -1.5714285,
       0.42857143, -0.85714287, 1.1428572, -0.85714287, 1.1428572}, ""},
      {"UpSampling2D", {}, {{1, 2, 2, 1}}, {}, {1, 4, 4, 1}, {-1.5714285, -1.5714285,
       0.42857143, 0.42857143, -1.5714285, -1.5714285, 0.42857143, 0.42857143, -0.85714287,
       -0.85714287, 1.1428572, 1.1428572}, ""},
      {"LeakyReLU", {}, {{1, 4}}, {}, {1, 4}, {-0.47142857, 0.42857143, -0.25714287,
       1.1428572}, ""},
      {"ReLU", {{"max_value", 1.0}, {"negative_slope", 0.1}, {"threshold", 0.25}}, {{1, 6}},
       {}, {1, 6}, {-0.18214285, 0.42857143, -0.11071429, 1, -0.039285716, -0.16785716},
       ""},
      {"ELU", {{"alpha", 0.5}}, {{1, 4}}, {}, {1, 4}, {-0.39612591, 0.42857143, -0.28781357,
       1.1428572}, ""},
      {"ThresholdedReLU", {{"theta", 0.5}}, {{1, 5}}, {}, {1, 5}, {-0, 0, -0, 1.1428572,
       -0}, ""},
      {"Softmax", {}, {{1, 4}}, {}, {1, 4}, {0.039176337, 0.28947619, 0.080026574,
       0.59132087}, ""},
      {"PReLU", {{"alpha_initializer", "ones"}}, {{1, 4}}, {}, {1, 4}, {-1.5714285,
       0.42857143, -0.85714287, 1.1428572}, "p_re_lu/alpha:0"},
      {"GaussianNoise", {{"stddev", 0.5}}, {{1, 4}}, true, {1, 4}, {-1.2722561, 0.45995247,
       -0.78398418, 1.3852665}, ""},
      {"GaussianDropout", {{"rate", 0.5}}, {{1, 4}}, true, {1, 4}, {-2.5116849, 0.45546943,
       -0.98255783, 1.6969358}, ""},
      {"SpatialDropout1D", {{"rate", 0.5}}, {{2, 2, 3}}, true, {2, 2, 3}, {-3.1428571, 0,
       -1.7142857, 2.2857144, -0, -2.8571429, 0, -1.4285715, 2.5714285, 0, -2.5714285,
       1.4285715}, ""},
      {"SpatialDropout2D", {{"rate", 0.5}}, {{2, 2, 1, 3}}, true, {2, 2, 1, 3}, {-3.1428571,
       0, -1.7142857, 2.2857144, -0, -2.8571429, 0, -1.4285715, 2.5714285, 0, -2.5714285,
       1.4285715}, ""},
      {"AlphaDropout", {{"rate", 0.5}}, {{2, 4}}, true, {2, 4}, {-0.61372799, -0.77919382,
       0.019418299, -0.77919382, 0.65256464, -0.48709875, -0.77919382, 0.14604759}, ""},
      {"Masking", {{"mask_value", 0.0}}, {{1, 2, 2}}, {}, {1, 2, 2}, {-1.5714285,
       0.42857143, -0.85714287, 1.1428572}, ""},
      {"Dropout", {{"rate", 0.5}}, {{2, 4}}, true, {2, 4}, {-3.1428571, 0, -1.7142857, 0,
       -0.2857143, -2.8571429, 0, -1.4285715}, ""},
  };
  return all;
}

TEST(LayerSweep, IsTensorFlow) {
  for (const Row& r : rows()) {
    SCOPED_TRACE(r.name);
    clear_session();
    set_seed(7);
    try {
      const LayerPtr layer = make_layer(r.name, r.config);
      ValueList in;
      for (size_t i = 0; i < r.in.size(); ++i) in.push_back(input(r.in[i], std::string(r.name) == "Embedding", i > 0));
      const Value given = in.size() == 1 ? in[0] : Value(in);
      const Value out = (*layer)(given, CallArgs{.training = r.training});
      const Tensor y = *out.get<Tensor>();
      EXPECT_EQ(y.shape().tuple(), r.out.tuple());
      for (size_t i = 0; i < r.first.size() && i < static_cast<size_t>(y.size()); ++i)
        EXPECT_NEAR(y.float_at(static_cast<int64_t>(i)), r.first[i], 2e-6 * (1 + std::abs(r.first[i]))) << i;
      std::string names;
      for (const Weight& w : layer->weights()) names += (names.empty() ? "" : " ") + w.variable.name();
      EXPECT_EQ(names, r.weights);
      // The same of symbolic inputs: shapes only, with an unknown batch.
      ValueList symbolic;
      for (const Shape& s : r.in) symbolic.push_back(std::shared_ptr<Foreign>(Input(s.slice(1, s.rank()), -1, std::string(r.name) == "Embedding" ? DType::i32 : DType::f32)));
      const Value k = (*make_layer(r.name, r.config))(symbolic.size() == 1 ? symbolic[0] : Value(symbolic));
      const auto kt = std::dynamic_pointer_cast<KerasTensor>(*k.get<std::shared_ptr<Foreign>>());
      EXPECT_EQ(kt->spec.shape.tuple(), (Shape{-1}.concat(r.out.slice(1, r.out.rank()))).tuple());
    } catch (const Error& e) {
      ADD_FAILURE() << e.message();
    }
  }
}

}  // namespace
}  // namespace ninefold::keras
