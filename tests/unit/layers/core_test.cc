// In: layers called eagerly and symbolically. Out: whether shapes, values, configs and errors are Keras'.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "ninefold/layers.h"
#include "train/layers/nest.h"

namespace ninefold::keras {
namespace {

Tensor f32(const Shape& s, std::vector<float> v) { return Tensor::of<float>(s, v); }
std::vector<double> values(const Tensor& t) {
  std::vector<double> out;
  for (int64_t i = 0; i < t.size(); ++i) out.push_back(t.float_at(i));
  return out;
}
void expect_near(const Tensor& got, const std::vector<double>& want, double tolerance, const std::string& what) {
  ASSERT_EQ(static_cast<size_t>(got.size()), want.size()) << what;
  const std::vector<double> v = values(got);
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(v[i], want[i], tolerance) << what << " [" << i << "]";
}
// A value as Python would print it, for comparing configs.
std::string text(const Value& v) {
  if (v.none()) return "None";
  if (const bool* b = v.get<bool>()) return *b ? "True" : "False";
  if (const int64_t* i = v.get<int64_t>()) return std::to_string(*i);
  if (const double* d = v.get<double>()) return fmt::format("{}", *d);
  if (const std::string* s = v.get<std::string>()) return "'" + *s + "'";
  std::string out;
  if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& x : *list) out += (out.empty() ? "" : ", ") + text(x);
    return "[" + out + "]";
  }
  if (const ValueDict* dict = v.get<ValueDict>()) {
    for (const Entry& e : *dict) out += (out.empty() ? "'" : ", '") + e.key + "': " + text(e.value);
    return "{" + out + "}";
  }
  return "?";
}

// Keras 2.9 after set_random_seed(7).
struct InitializerRow { const char* name; ValueDict config; Shape shape; std::vector<double> want; double tolerance; };
TEST(Initializers, DrawTensorFlowsNumbers) {
  const std::vector<InitializerRow> rows = {
      {"glorot_uniform", {}, {2, 3}, {.7327516, -.5841645, .83177567, -.99324185, .6649283, .968395}, 1e-7},
      {"HeNormal", {}, {2, 3}, {.6802268, .071350895, .16634056, .55116487, 1.1319505, -1.4199303}, 2e-7},
      {"orthogonal", {}, {3, 3}, {.7235035, .40796074, -.556876, .5862305, .06287241, .807701, -.3645224, .9108321, .19367057}, 2e-6},
      {"GlorotUniform", {{"seed", 5}}, {2, 3}, {}, 0},
      {"identity", {{"gain", 2.0}}, {2, 3}, {2, 0, 0, 0, 2, 0}, 0},
      {"constant", {{"value", 3}}, {2}, {3, 3}, 0},
      {"ones", {}, {2}, {1, 1}, 0},
      {"zeros", {}, {3}, {0, 0, 0}, 0},
  };
  for (const InitializerRow& r : rows) {
    set_seed(7);
    const auto i = std::dynamic_pointer_cast<Initializer>(make_object("initializer", r.name, r.config));
    ASSERT_TRUE(i) << r.name;
    const Tensor t = (*i)(r.shape, DType::f32);
    EXPECT_TRUE(t.shape() == r.shape) << r.name;
    if (!r.want.empty()) expect_near(t, r.want, r.tolerance, r.name);
  }
}

struct ActivationRow { const char* name; std::vector<double> want; };
TEST(Activations, AreKeras) {
  const Tensor x = f32({1, 4}, {-3, -0.5, 0, 2});
  const std::vector<ActivationRow> rows = {
      {"linear", {-3, -0.5, 0, 2}},
      {"relu", {0, 0, 0, 2}},
      {"tanh", {-0.9950548, -0.46211717, 0, 0.9640276}},
      {"sigmoid", {0.04742587, 0.37754068, 0.5, 0.8807971}},
      {"hard_sigmoid", {0, 0.4, 0.5, 0.9}},
      {"swish", {-0.14227763, -0.18877034, 0, 1.7615942}},
      {"exponential", {0.04978707, 0.60653067, 1, 7.389056}},
  };
  for (const ActivationRow& r : rows) expect_near((*Given<Activation>(r.name))(x), r.want, 1e-6, r.name);
}

TEST(Layers, ConfigIsKeras) {
  clear_session();
  const LayerPtr layer = Dense(4, {.activation = "relu", .kernel_regularizer = "l2"});
  EXPECT_EQ(text(layer->config()),
            "{'name': 'dense', 'trainable': True, 'dtype': 'float32', 'units': 4, 'activation': 'relu', 'use_bias': True, "
            "'kernel_initializer': {'class_name': 'GlorotUniform', 'config': {'seed': None}}, "
            "'bias_initializer': {'class_name': 'Zeros', 'config': {}}, "
            "'kernel_regularizer': {'class_name': 'L2', 'config': {'l2': 0.009999999776482582}}, "
            "'bias_regularizer': None, 'activity_regularizer': None, 'kernel_constraint': None, 'bias_constraint': None}");
  EXPECT_EQ(text(Dense(4, {.input_shape = {3}})->config()).substr(0, 101),
            "{'name': 'dense_1', 'trainable': True, 'batch_input_shape': [None, 3], 'dtype': 'float32', 'units': 4");
  EXPECT_EQ(text(Reshape({-1, 2})->config()), "{'name': 'reshape', 'trainable': True, 'dtype': 'float32', 'target_shape': [-1, 2]}");
  // A config makes the layer again.
  const LayerPtr again = make_layer("Dense", layer->config());
  EXPECT_EQ(text(again->config()), text(layer->config()));
}

TEST(Layers, DenseMultipliesTheLastAxis) {
  clear_session();
  const LayerPtr layer = make_layer("Dense", {{"units", 2}, {"kernel_initializer", "ones"}, {"bias_initializer", "ones"},
                                              {"kernel_regularizer", "l1"}, {"activity_regularizer", "l2"}});
  const Tensor y = (*layer)(f32({2, 3}, {1, 2, 3, 4, 5, 6}));
  expect_near(y, {7, 7, 16, 16}, 0, "dense");
  ASSERT_EQ(layer->weights().size(), 2u);
  EXPECT_EQ(layer->weights()[0].variable.name(), "dense/kernel:0");
  const Tensors losses = layer->losses();
  ASSERT_EQ(losses.size(), 2u);
  EXPECT_NEAR(losses[0].float_at(0), 0.01 * (49 + 49 + 256 + 256) / 2, 1e-5);
  EXPECT_NEAR(losses[1].float_at(0), 0.06, 1e-7);
  const Tensor z = (*Dense(2))(f32({1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(z.shape() == (Shape{1, 2, 2}));
}

TEST(Layers, DropoutActsWhileTraining) {
  const LayerPtr layer = Dropout(0.5);
  const Tensor x = Tensor::of<float>({4, 3}, std::vector<float>(12, 1));
  expect_near((*layer)(x), std::vector<double>(12, 1), 0, "inference");
  set_seed(7);
  const Tensor y = *(*layer)(Value(x), CallArgs{.training = true}).get<Tensor>();
  for (double v : values(y)) EXPECT_TRUE(v == 0 || v == 2);
}

TEST(Layers, CallsLiveAsLongAsTheirTensors) {
  const LayerPtr layer = Dense(2);
  std::weak_ptr<Layer> dropped;
  {
    KerasTensorPtr y;
    {
      const KerasTensorPtr x = Input({3});
      y = nest::keras_tensor((*layer)(Value(std::shared_ptr<Foreign>(x))));
    }
    const LayerPtr second = Dense(4);
    dropped = second;
    y = nest::keras_tensor((*second)(Value(std::shared_ptr<Foreign>(y))));
    EXPECT_EQ(layer->calls().size(), 1u);
    Functional model(Value(std::shared_ptr<Foreign>(nest::keras_tensor(layer->calls()[0]->inputs))), Value(std::shared_ptr<Foreign>(y)));
    y = nullptr;
    EXPECT_EQ(layer->calls().size(), 1u);   // the model holds it
    EXPECT_EQ(model.layers().size(), 3u);
  }
  EXPECT_TRUE(layer->calls().empty());
  EXPECT_EQ(layer->inbound.size(), 1u);     // numbers of calls stay
  EXPECT_TRUE(dropped.expired());
}

TEST(Layers, SymbolicCallsMakeNodes) {
  clear_session();
  const KerasTensorPtr x = Input({3});
  EXPECT_EQ(x->describe(), "<KerasTensor: shape=(None, 3) dtype=float32 (created by layer 'input_1')>");
  const LayerPtr layer = Dense(2);
  const KerasTensorPtr y = nest::keras_tensor((*layer)(Value(std::shared_ptr<Foreign>(x))));
  ASSERT_TRUE(y);
  EXPECT_EQ(y->describe(), "<KerasTensor: shape=(None, 2) dtype=float32 (created by layer 'dense')>");
  EXPECT_EQ(y->node->layer, layer);
  EXPECT_EQ(layer->inbound.size(), 1u);
  EXPECT_EQ(layer->weights()[0].variable.name(), "dense/kernel:0");
  const KerasTensorPtr w = Input({3, 4, 5}), flat = nest::keras_tensor((*Flatten())(Value(std::shared_ptr<Foreign>(w))));
  EXPECT_EQ(flat->spec.shape.tuple(), "(None, 60)");
  const KerasTensorPtr shaped = nest::keras_tensor((*Reshape({6, -1}))(Value(std::shared_ptr<Foreign>(w))));
  EXPECT_EQ(shaped->spec.shape.tuple(), "(None, 6, 10)");
  // A public function becomes a layer.
  const Value sum = call("tf.math.add", {{"x", Value(std::shared_ptr<Foreign>(y))}, {"y", 1.5}});
  EXPECT_EQ(nest::keras_tensor(sum)->describe(), "<KerasTensor: shape=(None, 2) dtype=float32 (created by layer 'tf.math.add')>");
}

struct ErrorRow { std::function<void()> run; Code code; const char* says; };
TEST(Layers, ErrorsAreKeras) {
  clear_session();
  const std::vector<ErrorRow> rows = {
      {[] { make_layer("Dense", {{"units", 1}, {"x", 1}}); }, Code::type, "('Keyword argument not understood:', 'x')"},
      {[] { make_layer("Dense", {}); }, Code::type, "Dense.__init__() missing 1 required positional argument: 'units'"},
      {[] { make_layer("Dense", {{"units", -1}}); }, Code::value,
       "Received an invalid value for `units`, expected a positive integer. Received: units=-1"},
      {[] { make_layer("Activation", {{"activation", "nope"}}); }, Code::value,
       "Unknown activation function: nope. Please ensure this object is passed to the `custom_objects` argument. See "
       "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details."},
      {[] { (*Dense(1, {.name = "d"}))(f32({3}, {1, 2, 3})); }, Code::value,
       "Input 0 of layer \"d\" is incompatible with the layer: expected min_ndim=2, found ndim=1. Full shape received: (3,)"},
      {[] {
         const LayerPtr d = Dense(1, {.name = "d"});
         (*d)(f32({1, 3}, {1, 2, 3}));
         (*d)(f32({1, 2}, {1, 2}));
       }, Code::value,
       "Input 0 of layer \"d\" is incompatible with the layer: expected axis -1 of input shape to have value 3, but received "
       "input with shape (1, 2)"},
      {[] { (*Reshape({3}, {.name = "reshape"}))(Tensor::zeros(DType::f32, {2, 4})); }, Code::invalid_argument,
       "Exception encountered when calling layer \"reshape\" (type Reshape).\n\nInput to reshape is a tensor with 8 values, but "
       "the requested shape has 6 [Op:Reshape]\n\nCall arguments received by layer \"reshape\" (type Reshape):\n  • "
       "inputs=tf.Tensor(shape=(2, 4), dtype=float32)"},
      {[] { Dropout(1.5); }, Code::value, "Invalid value 1.5 received for `rate`, expected a value between 0 and 1."},
      {[] { Dense(2, {.name = "s"})->set_weights({f32({1}, {0})}); }, Code::value,
       "You called `set_weights(weights)` on layer \"s\" with a weight list of length 1, but the layer was expecting 0 weights."},
  };
  for (const ErrorRow& r : rows) {
    try {
      r.run();
      ADD_FAILURE() << r.says;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), r.code) << r.says;
      EXPECT_EQ(e.message(), r.says);
    }
  }
}

}  // namespace
}  // namespace ninefold::keras
