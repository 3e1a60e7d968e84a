// In: rows of neural-network ops and functions. Out: TensorFlow's values, derivatives and errors.
#include "named_rows.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

using namespace testing;

TEST(NeuralNet, Values) {
  const std::vector<ValueRow> rows = {
      {"Relu6", {f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5}, {0, 0, 0, 1.5, 6}},
      {"Elu", {f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5}, {-0.864664733, -0.393469334, 0, 1.5, 7}, 2e-07},
      {"Selu", {f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5}, {-1.52016652, -0.691758156, 0, 1.57605147,
       7.35490704}, 2e-07},
      {"Softsign", {f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5}, {-0.666666687, -0.333333343, 0,
       0.600000024, 0.875}, 2e-07},
      {"LeakyRelu", {f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5}, {-0.400000006, -0.100000001, 0, 1.5, 7},
       2e-07},
      {"LeakyRelu", {f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {{"alpha", 1.5}}, {5}, {-3, -0.75, 0, 1.5, 7}},
      {"Relu6", {i32({3}, {-1, 3, 9})}, {}, {3}, {0, 3, 6}},
      {"Relu6Grad", {f32({5}, {1, 2, 3, 4, 5}), f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5}, {0, 0, 0, 4,
       0}, 1e-06},
      {"SoftsignGrad", {f32({5}, {1, 2, 3, 4, 5}), f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5},
       {0.111111112, 0.888888896, 3, 0.639999986, 0.078125}, 1e-06},
      {"LeakyReluGrad", {f32({5}, {1, 2, 3, 4, 5}), f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5},
       {0.200000003, 0.400000006, 0.600000024, 4, 5}, 1e-06},
      {"EluGrad", {f32({5}, {1, 2, 3, 4, 5}), f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5}, {-1, 1, 3, 4,
       5}, 1e-06},
      {"SeluGrad", {f32({5}, {1, 2, 3, 4, 5}), f32({5}, {-2, -0.5f, 0, 1.5f, 7})}, {}, {5}, {-0.241900682,
       2.51619864, 3.15210295, 4.20280409, 5.25350523}, 1e-06},
      {"BiasAdd", {f32({2, 2}, {1, 2, 3, 4}), f32({2}, {10, 20})}, {}, {2, 2}, {11, 22, 13, 24}},
      {"BiasAdd", {f32({1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}), f32({2}, {10, 20})}, {{"data_format",
       "NCHW"}}, {1, 2, 2, 2}, {10, 11, 12, 13, 24, 25, 26, 27}},
      {"BiasAdd", {i32({2, 2}, {0, 1, 2, 3}), i32({2}, {10, 20})}, {}, {2, 2}, {10, 21, 12, 23}},
      {"BiasAdd", {f32({0, 2}, {}), f32({2}, {10, 20})}, {}, {0, 2}, {}},
      {"BiasAddGrad", {f32({2, 2}, {1, 2, 3, 4})}, {}, {2}, {4, 6}},
      {"BiasAddGrad", {f32({1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})}, {{"data_format", "NCHW"}}, {2}, {6, 22}},
      {"BiasAddGrad", {f32({0, 2}, {})}, {}, {2}, {0, 0}},
      {"Softmax", {f32({2, 3}, {1, 2, 3, -1, 0, 1000})}, {}, {2, 3}, {0.0900305733, 0.244728476,
       0.665240943, 0, 0, 1}, 1e-07},
      {"LogSoftmax", {f32({2, 3}, {1, 2, 3, -1, 0, 1000})}, {}, {2, 3}, {-2.40760589, -1.40760589,
       -0.407605946, -1001, -1000, 0}, 1e-06},
      {"Softmax", {f32({2, 0}, {})}, {}, {2, 0}, {}},
      {"Softmax", {f32({2, 2}, {1, INFINITY, 3, NAN})}, {}, {2, 2}, {NAN, NAN, NAN, NAN}},
      {"Softmax", {f64({2}, {0.5, -0.25})}, {}, {2}, {0.679178699, 0.320821301}, 1e-9},
      {"SoftmaxCrossEntropyWithLogits", {f32({2, 3}, {1, 2, 3, -1, 0, 1}), f32({2, 3}, {0, 0.5f, 0.5f, 1,
       0, 0})}, {}, {2}, {0.907605886, 2.40760589}, 1e-06},
      {"SoftmaxCrossEntropyWithLogits", {f32({2, 3}, {1, 2, 3, -1, 0, 1}), f32({1, 3}, {0, 0.5f, 0.5f})},
       {}, {2}, {0.907605886, 0.907605886}, 1e-06},
      {"SoftmaxCrossEntropyWithLogits", {f32({0, 3}, {}), f32({0, 3}, {})}, {}, {0}, {}},
      {"SparseSoftmaxCrossEntropyWithLogits", {f32({2, 3}, {1, 2, 3, -1, 0, 1}), i32({2}, {2, 0})}, {},
       {2}, {0.407605946, 2.40760589}, 1e-06},
      {"BatchMatMulV2", {f32({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}), f32({2, 2}, {0, 1, 2, 3})}, {}, {2, 2,
       2}, {2, 3, 6, 11, 10, 19, 14, 27}},
      {"BatchMatMulV2", {f32({2, 1, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}), f32({1, 3, 2, 2}, {0, 1, 2, 3, 4, 5,
       6, 7, 8, 9, 10, 11})}, {{"adj_x", true}, {"adj_y", true}}, {2, 3, 2, 2}, {2, 6, 3, 11, 10, 14, 19,
       27, 18, 22, 35, 43, 6, 26, 7, 31, 46, 66, 55, 79, 86, 106, 103, 127}},
      {"BatchMatMulV2", {i32({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}), i32({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6,
       7})}, {}, {2, 2, 2}, {2, 3, 6, 11, 46, 55, 66, 79}},
      {"BatchMatMulV2", {f32({2, 2, 0}, {}), f32({1, 0, 1}, {})}, {}, {2, 2, 1}, {0, 0, 0, 0}},
      {"L2Loss", {f32({2}, {3, 4})}, {}, {}, {12.5}},
      {"L2Loss", {f32({0}, {})}, {}, {}, {0}},
      {"TopKV2", {f32({2, 4}, {1, 5, 3, 5, 2, 0, 2, 1}), i32({}, {3})}, {}, {2, 3}, {5, 5, 3, 2, 2, 1}},
      {"TopKV2", {f32({4}, {1, NAN, 3, 5}), i32({}, {2})}, {}, {2}, {NAN, 5}},
      {"InTopKV2", {f32({3, 4}, {0.1f, 0.5f, 0.5f, 0.2f, 1, 2, 3, NAN, 1, 2, 3, 4}), i32({3}, {2, 1, 7}),
       i32({}, {2})}, {}, {3}, {1, 0, 0}},
  };
  check_values(rows);
}

TEST(NeuralNet, Gradients) {
  const std::vector<GradRow> rows = {
      {"Relu6", {f64({4}, {-2, 0.5, 3, 7})}},
      {"Elu", {f64({4}, {-2, -0.5, 0.5, 7})}},
      {"EluGrad", {f64({4}, {1, 2, 3, 4}), f64({4}, {-0.9, -0.5, 0.5, 7})}, 2},
      {"Selu", {f64({4}, {-2, -0.5, 0.5, 7})}},
      {"SeluGrad", {f64({4}, {1, 2, 3, 4}), f64({4}, {-0.9, -0.5, 0.5, 7})}, 2},
      {"Softsign", {f64({4}, {-2, -0.5, 0.5, 7})}},
      {"SoftsignGrad", {f64({4}, {1, 2, 3, 4}), f64({4}, {-0.9, -0.5, 0.5, 7})}, 2},
      {"LeakyRelu", {f64({4}, {-2, -0.5, 0.5, 7})}},
      {"LeakyReluGrad", {f64({2}, {1, 2}), f64({2}, {-2, 5})}, 1, {{"alpha", 0.3}}},
      {"BiasAdd", {f64({2, 2}, {1, 2, 3, 4}), f64({2}, {5, 6})}, 2},
      {"BiasAdd", {f64({1, 2, 1, 2}, {1, 2, 3, 4}), f64({2}, {5, 6})}, 2, {{"data_format", "NCHW"}}},
      {"BiasAddGrad", {f64({2, 2}, {1, 2, 3, 4})}},
      {"BiasAddGrad", {f64({1, 2, 1, 2}, {1, 2, 3, 4})}, 1, {{"data_format", "NCHW"}}},
      {"Softmax", {f64({2, 3}, {1, 2, 3, -1, 0.5, 0})}},
      {"LogSoftmax", {f64({2, 3}, {1, 2, 3, -1, 0.5, 0})}},
      {"SoftmaxCrossEntropyWithLogits", {f64({2, 3}, {1, 2, 3, -1, 0.5, 0}), f64({2, 3}, {0.1, 0.2, 0.7, 1, 0, 0})}, 2},
      {"SparseSoftmaxCrossEntropyWithLogits", {f64({2, 3}, {1, 2, 3, -1, 0.5, 0}), i32({2}, {2, 0})}},
      {"BatchMatMulV2", {f64({2, 1, 2}, {1, 2, 3, 4}), f64({2, 3}, {1, -1, 2, -2, 3, -3})}, 2},
      {"BatchMatMulV2", {f64({2, 2, 1}, {1, 2, 3, 4}), f64({1, 3, 2}, {1, -1, 2, -2, 3, -3})}, 2, {{"adj_x", true}, {"adj_y", true}}},
      {"BatchMatMulV2", {f64({1, 2, 1}, {1, 2}), f64({2, 2, 3}, {1, -1, 2, -2, 3, -3, 1, 2, 3, 4, 5, 6})}, 2, {{"adj_x", true}}},
      {"BatchMatMulV2", {f64({1, 1, 2}, {1, 2}), f64({2, 3, 2}, {1, -1, 2, -2, 3, -3, 1, 2, 3, 4, 5, 6})}, 2, {{"adj_y", true}}},
      {"L2Loss", {f64({3}, {1, -2, 3})}},
      {"TopKV2", {f64({2, 4}, {1, 5, 3, 4, 2, 0, 8, 1}), i32({}, {2})}},
  };
  check_gradients(rows);
}

// Of a cross-entropy by its logits: through the second output, which is the first derivative.
TEST(NeuralNet, CrossEntropyTwiceDifferentiated) {
  const Tensor x = f64({1, 2}, {0.5, -0.25}), labels = f64({1, 2}, {1, 0});
  GradientTape outer, inner;
  outer.watch(x);
  inner.watch(x);
  const Tensor y = op("SoftmaxCrossEntropyWithLogits", {x, labels});
  const Tensor dx = inner.gradient({y}, {x})[0];
  const Tensor ddx = outer.gradient({dx}, {x}, {f64({1, 2}, {1, 0})})[0];
  const double p = 1 / (1 + std::exp(-0.75));
  EXPECT_NEAR(ddx.float_at(0), p * (1 - p), 1e-12);
  EXPECT_NEAR(ddx.float_at(1), -p * (1 - p), 1e-12);
}

// Labels of zero among many classes: lanes of vector loops that a mask leaves out.
TEST(NeuralNet, CrossEntropyOfManyClassesIsTheSumOfItsDefinition) {
  for (DType d : {DType::f32, DType::f64})
    for (int64_t n : {15, 16, 17, 64, 255, 1000})
      for (int64_t wanted : {int64_t{0}, n / 2, n - 1}) {
        std::vector<double> x(static_cast<size_t>(n)), p(static_cast<size_t>(n));
        double total = 0;
        for (size_t i = 0; i < x.size(); ++i) total += std::exp(x[i] = static_cast<double>(i * 37 % 101) / 25 - 2);
        p[static_cast<size_t>(wanted)] = 1;
        const Tensor logits = op("Cast", {Tensor::of<double>({1, n}, x)}, {{"DstT", d}}), labels = op("Cast", {Tensor::of<double>({1, n}, p)}, {{"DstT", d}});
        const double loss = op("SoftmaxCrossEntropyWithLogits", {logits, labels}).float_at(0);
        EXPECT_NEAR(loss, std::log(total) - x[static_cast<size_t>(wanted)], d == DType::f64 ? 1e-12 : 1e-5) << name_of(d) << " " << n << " " << wanted;
      }
}

TEST(NeuralNet, ErrorsAreTensorFlows) {
  const Tensor z23 = Tensor::zeros(DType::f32, {2, 3});
  auto zeros = [](const Shape& s) { return Tensor::zeros(DType::f32, s); };
  const std::vector<ErrorRow> rows = {
      {"BiasAdd", {z23, zeros({4})}, {}, Code::invalid_argument,
       "Must provide as many biases as the last dimension of the input tensor: [4] vs. [2,3] [Op:BiasAdd]"},
      {"BiasAdd", {zeros({3}), zeros({3})}, {}, Code::invalid_argument, "Input tensor must be at least 2D: [3] [Op:BiasAdd]"},
      {"BiasAdd", {z23, zeros({2, 4})}, {}, Code::invalid_argument, "Biases must be 1D: [2,4] [Op:BiasAdd]"},
      {"BiasAddGrad", {zeros({3})}, {}, Code::invalid_argument, "Input tensor must be at least 2D: [3] [Op:BiasAddGrad]"},
      {"Softmax", {zeros({})}, {}, Code::invalid_argument, "logits must have >= 1 dimension, got [] [Op:Softmax]"},
      {"LogSoftmax", {zeros({})}, {}, Code::invalid_argument, "logits must have >= 1 dimension, got [] [Op:LogSoftmax]"},
      {"SoftmaxCrossEntropyWithLogits", {z23, zeros({2, 4})}, {}, Code::invalid_argument,
       "logits and labels must be broadcastable: logits_size=[2,3] labels_size=[2,4] [Op:SoftmaxCrossEntropyWithLogits]"},
      {"SoftmaxCrossEntropyWithLogits", {zeros({3}), zeros({3})}, {}, Code::invalid_argument,
       "logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional [Op:SoftmaxCrossEntropyWithLogits]"},
      {"SparseSoftmaxCrossEntropyWithLogits", {z23, i32({2}, {0, 3})}, {}, Code::invalid_argument,
       "Received a label value of 3 which is outside the valid range of [0, 3).  Label values: 0 3 [Op:SparseSoftmaxCrossEntropyWithLogits]"},
      {"SparseSoftmaxCrossEntropyWithLogits", {z23, i32({3}, {0, 3, 1})}, {}, Code::invalid_argument,
       "logits and labels must have the same first dimension, got logits shape [2,3] and labels shape [3] [Op:SparseSoftmaxCrossEntropyWithLogits]"},
      {"SparseSoftmaxCrossEntropyWithLogits", {zeros({2}), i32({2}, {0, 3})}, {}, Code::invalid_argument,
       "logits must be 2-D, but got shape [2] [Op:SparseSoftmaxCrossEntropyWithLogits]"},
      {"SparseSoftmaxCrossEntropyWithLogits", {z23, i32({1, 2}, {0, 1})}, {}, Code::invalid_argument,
       "labels must be 1-D, but got shape [1,2] [Op:SparseSoftmaxCrossEntropyWithLogits]"},
      {"SparseSoftmaxCrossEntropyWithLogits", {zeros({2, 0}), i32({2}, {0, 0})}, {}, Code::invalid_argument,
       "Must have at least one class, but got logits shape [2,0] [Op:SparseSoftmaxCrossEntropyWithLogits]"},
      {"BatchMatMulV2", {zeros({2}), z23}, {}, Code::invalid_argument, "In[0] ndims must be >= 2: 1 [Op:BatchMatMulV2]"},
      {"BatchMatMulV2", {z23, z23}, {}, Code::invalid_argument, "lhs mismatch rhs shape: 3 vs. 2: [2,3] [2,3] 0 0 [Op:BatchMatMulV2]"},
      {"BatchMatMulV2", {zeros({2, 2, 3}), zeros({3, 3, 2})}, {}, Code::invalid_argument,
       "In[0] and In[1] must have compatible batch dimensions: [2,2,3] vs. [3,3,2] [Op:BatchMatMulV2]"},
      {"MatMul", {zeros({3}), z23}, {}, Code::invalid_argument, "In[0] ndims must be >= 2 [Op:MatMul]"},
      {"TopKV2", {zeros({4}), i32({}, {5})}, {}, Code::invalid_argument, "input must have at least k columns. Had 4, needed 5 [Op:TopKV2]"},
      {"TopKV2", {zeros({}), i32({}, {1})}, {}, Code::invalid_argument, "input must be >= 1-D, got shape [] [Op:TopKV2]"},
      {"TopKV2", {zeros({2}), i32({}, {-1})}, {}, Code::invalid_argument, "Need k >= 0, got -1 [Op:TopKV2]"},
      {"InTopKV2", {zeros({1, 2}), i32({2}, {1, 2}), i32({}, {1})}, {}, Code::invalid_argument,
       "First dimension of predictions 1 must match length of targets 2 [Op:InTopKV2]"},
      {"InTopKV2", {zeros({2}), i32({2}, {1, 2}), i32({}, {1})}, {}, Code::invalid_argument, "predictions must be 2-dimensional [Op:InTopKV2]"},
      {"InTopKV2", {zeros({1, 2}), i32({1, 2}, {1, 2}), i32({}, {1})}, {}, Code::invalid_argument, "targets must be 1-dimensional [Op:InTopKV2]"},
  };
  check_errors(rows);
}

TEST(NeuralNet, Functions) {
  const ValueList two = {-1.0, 2.0};
  const Tensor six = Tensor::of<float>({6}, {0, 1, 2, 3, 4, 5});
  const Tensor m = six.with_shape({2, 3}), n = six.with_shape({3, 2});
  const std::vector<NamedCall> rows = {
      {"tf.nn.gelu", {{"features", two}}, {-0.158655286, 1.95449972}, 2e-7},
      {"tf.nn.gelu", {{"features", two}, {"approximate", true}}, {-0.158807963, 1.95459771}, 2e-7},
      {"tf.nn.crelu", {{"features", ValueList{-1., 8.}}}, {0, 8, 1, 0}},
      {"tf.nn.log_poisson_loss", {{"targets", ValueList{1., 0., 3.}}, {"log_input", ValueList{.5, .2, 1.}}, {"compute_full_loss", true}},
       {1.14872122, 1.22140276, 1.48236334}, 2e-7},
      {"tf.nn.weighted_cross_entropy_with_logits", {{"labels", ValueList{0., 1., .5}}, {"logits", ValueList{-1., 2., .3}}, {"pos_weight", 2.}},
       {0.313261747, 0.253856003, 0.981532931}, 2e-7},
      {"tf.nn.softmax", {{"logits", ValueList{ValueList{1., 2.}, ValueList{3., 5.}}}, {"axis", 0}},
       {0.119202912, 0.0474258736, 0.880797029, 0.952574134}, 1e-7},
      {"tf.tensordot", {{"a", m}, {"b", n}, {"axes", ValueList{ValueList{0, 1}, ValueList{1, 0}}}}, {50}},
      {"tf.nn.silu", {{"features", two}}, {-0.268941432, 1.76159418}, 2e-7},
      {"tf.nn.swish", {{"features", two}, {"beta", 2.0}}, {-0.119202919, 1.96402752}, 2e-7},
      {"tf.nn.leaky_relu", {{"features", ValueList{-1, 2}}}, {-0.2, 2}, 1e-7},
      {"tf.nn.softsign", {{"features", ValueList{-1., 3.}}}, {-.5, .75}},
      {"tf.nn.relu6", {{"features", ValueList{-1, 8}}}, {0, 6}},
      {"tf.nn.bias_add", {{"value", m}, {"bias", ValueList{1, 2, 3}}, {"data_format", "NC"}}, {1, 3, 5, 4, 6, 8}},
      {"tf.nn.softmax_cross_entropy_with_logits",
       {{"labels", ValueList{ValueList{ValueList{1, 0}, ValueList{0, 1}}}},
        {"logits", ValueList{ValueList{ValueList{1., 2.}, ValueList{3., 5.}}}}}, {1.31326163, 0.126928046}, 1e-6},
      {"tf.nn.sparse_softmax_cross_entropy_with_logits", {{"labels", 1}, {"logits", Tensor::zeros(DType::f32, {3})}}, {1.0986123}, 1e-6},
      {"tf.nn.sigmoid_cross_entropy_with_logits", {{"labels", ValueList{0., 1., .5}}, {"logits", ValueList{-1., 2., .3}}},
       {0.313261688, 0.126928002, 0.70435524}, 2e-7},
      {"tf.matmul", {{"a", ValueList{ValueList{1, 2}}}, {"b", ValueList{ValueList{1}, ValueList{2}}}}, {5}},
      {"tf.linalg.matmul", {{"a", m}, {"b", m}, {"adjoint_b", true}}, {5, 14, 14, 50}},
      {"tf.tensordot", {{"a", m}, {"b", n}, {"axes", 1}}, {10, 13, 28, 40}},
      {"tf.math.top_k", {{"input", ValueList{1., 5., 3., 5.}}, {"k", 2}}, {5, 5}},
      {"tf.nn.in_top_k", {{"targets", ValueList{1}}, {"predictions", ValueList{ValueList{.1, .5, .5}}}, {"k", 1}}, {1}},
      {"tf.nn.l2_loss", {{"t", ValueList{3., 4.}}}, {12.5}},
  };
  check_named_calls(rows);
}

TEST(NeuralNet, DropoutDrawsTensorFlowsNumbers) {
  const Tensor ones = f32({6}, {1, 1, 1, 1, 1, 1});
  const double kept = static_cast<double>(1.42857146f);
  set_seed(7);
  check_named_calls({{"tf.nn.dropout", {{"x", ones}, {"rate", 0.3}}, {kept, 0, kept, 0, kept, kept}}});
  set_seed(7);
  check_named_calls({{"tf.nn.dropout", {{"x", f32({4}, {1, 2, 3, 4})}, {"rate", 0.5}, {"seed", 5}}, {2, 0, 6, 0}}});
  set_seed(7);   // a rate of 0 draws a seed as well
  check_named_calls({{"tf.nn.dropout", {{"x", ones}, {"rate", 0}}, {1, 1, 1, 1, 1, 1}},
               {"tf.nn.dropout", {{"x", ones}, {"rate", 0.3}}, {0, kept, kept, kept, kept, 0}}});
  set_seed(7);
  check_named_calls({{"tf.nn.dropout", {{"x", ones.with_shape({2, 3})}, {"rate", Tensor(0.3f)}, {"noise_shape", ValueList{2, 1}}},
                {kept, kept, kept, 0, 0, 0}}});
}

TEST(NeuralNet, FunctionsErrors) {
  const Tensor z23 = Tensor::zeros(DType::f32, {2, 3}), z2 = Tensor::zeros(DType::f32, {2});
  const std::vector<BadNamedCall> rows = {
      {"tf.nn.softmax", {{"logits", Tensor::zeros(DType::f32, {2, 2})}, {"axis", 3}}, Code::invalid_argument,
       "`dim` must be in the range [-2, 2) where 2 is the number of dimensions in the input. Received: dim=3"},
      {"tf.nn.bias_add", {{"value", z23}, {"bias", Tensor::zeros(DType::f32, {3})}, {"data_format", "XX"}}, Code::value,
       "`data_format` must be of the form `N...C` or `NC...`. Received: data_format=XX"},
      {"tf.nn.sparse_softmax_cross_entropy_with_logits", {{"labels", ValueList{0, 1}}, {"logits", Tensor::zeros(DType::f32, {3, 4})}}, Code::value,
       "`labels.shape` must equal `logits.shape` except for the last dimension. Received: labels.shape=(2,) and logits.shape=(3, 4)"},
      {"tf.nn.sparse_softmax_cross_entropy_with_logits", {{"labels", 0}, {"logits", Tensor(0.0f)}}, Code::value,
       "`logits` cannot be a scalar. Received logits=0.0`"},
      {"tf.nn.sigmoid_cross_entropy_with_logits", {{"labels", z23}, {"logits", Tensor::zeros(DType::f32, {2, 4})}}, Code::value,
       "`logits` and `labels` must have the same shape, received ((2, 4) vs (2, 3))."},
      {"tf.nn.dropout", {{"x", z2}, {"rate", 1.5}}, Code::value,
       "`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate=1.5"},
      {"tf.nn.dropout", {{"x", z2}, {"rate", 1}}, Code::value,
       "`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate=1"},
      {"tf.nn.dropout", {{"x", ValueList{1, 2}}, {"rate", 0.5}}, Code::value,
       "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype=<dtype: 'int32'>"},
      {"tf.nn.dropout", {{"x", z2}, {"rate", "a"}}, Code::value, "`rate` must be a scalar or scalar tensor. Received: rate=a"},
      {"tf.nn.dropout", {{"x", z2}, {"rate", Tensor(0.5)}}, Code::value,
       "`x.dtype` must be compatible with `rate.dtype`. Received: x.dtype=<dtype: 'float32'> and rate.dtype=<dtype: 'float64'>"},
      {"tf.matmul", {{"a", z23}, {"b", z23}, {"transpose_a", true}, {"adjoint_a", true}}, Code::value,
       "Only one of `transpose_a` and `adjoint_a` can be True. Received `transpose_a`=True, `adjoint_a`=True."},
      {"tf.matmul", {{"a", ValueList{ValueList{1, 2}}}, {"b", ValueList{ValueList{1.}, ValueList{2.}}}}, Code::invalid_argument,
       "cannot compute MatMul as input #1(zero-based) was expected to be a int32 tensor but is a float tensor [Op:MatMul]"},
      {"tf.tensordot", {{"a", z23}, {"b", z23}, {"axes", -1}}, Code::value, "`axes` must be at least 0. Received: -1."},
      {"tf.nn.gelu", {{"features", ValueList{-1, 2}}}, Code::value,
       "`features.dtype` must be a floating point tensor.Received:features.dtype=<dtype: 'int32'>"},
  };
  check_bad_named_calls(rows);
}

}  // namespace
}  // namespace ninefold
