// In: sequences, masks, weights. Out: whether all steps at once are the loop's, forward and backward, in a graph as in
// memory; and whether recurrent layers work from C++.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "ninefold/layers.h"
#include "train/layers/recurrent/whole.h"

namespace ninefold::keras {
namespace {

Tensor numbers(const Shape& s, int64_t seed, double scale = 0.5) {
  return call("tf.random.stateless_normal", {{"shape", s}, {"seed", ValueList{seed, int64_t{1}}}, {"stddev", scale}}).get<Tensor>()[0];
}
double farthest(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.shape().str(), b.shape().str());
  double most = 0;
  for (int64_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a.float_at(i) - b.float_at(i)));
  return most;
}
// Every third of the steps and the whole second row do not count.
Tensor some_mask(int64_t rows, int64_t columns) {
  Tensor m = Tensor::empty(DType::boolean, {rows, columns});
  for (int64_t i = 0; i < rows * columns; ++i) static_cast<bool*>(m.writable())[i] = i % 3 != 1 && i / columns != 1;
  return m;
}

struct WholeRow { bool lstm, time_major, backwards, zero, all, masked; };
std::string described(const WholeRow& r) {
  return fmt::format("{}{}{}{}{}{}", r.lstm ? "LSTM" : "GRU", r.time_major ? " time-major" : "", r.backwards ? " backwards" : "",
                     r.zero ? " zero" : "", r.all ? " all" : "", r.masked ? " masked" : "");
}
// Outputs, then gradients of a weighted sum of all of them.
Tensors ran(const WholeRow& r, bool at_once, const Tensors& in, LoopOptions o) {
  GradientTape tape;
  for (const Tensor& t : in) tape.watch(t);
  const Looped out = r.lstm ? (at_once ? whole::lstm : whole::lstm_steps)(in, o) : (at_once ? whole::gru : whole::gru_steps)(in, o);
  Tensors all = {*out.last.get<Tensor>(), *out.outputs.get<Tensor>()};
  for (const Value& s : out.states) all.push_back(*s.get<Tensor>());
  Tensors weights;
  for (size_t i = 0; i < all.size(); ++i) weights.push_back(numbers(all[i].shape(), 40 + static_cast<int64_t>(i)));
  const Tensors dx = tape.gradient(all, in, weights);
  all.insert(all.end(), dx.begin(), dx.end());
  return all;
}

TEST(Recurrent, AllStepsAtOnceAreTheLoops) {
  for (int bits = 0; bits < 64; ++bits) {
    const WholeRow r = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0};
    if (r.zero && !r.masked) continue;
    const int64_t batch = 35, steps = 4, n = 3, units = 5, gates = r.lstm ? 4 : 3;   // more rows than one task has
    Tensors in = {numbers(r.time_major ? Shape{steps, batch, n} : Shape{batch, steps, n}, 1), numbers({batch, units}, 2)};
    if (r.lstm) in.push_back(numbers({batch, units}, 3));
    in.push_back(numbers({n, gates * units}, 4));
    in.push_back(numbers({units, gates * units}, 5));
    in.push_back(numbers(r.lstm ? Shape{gates * units} : Shape{2, gates * units}, 6));
    const LoopOptions o{r.backwards, r.time_major, false, r.zero, r.all, false,
                        r.masked ? (r.time_major ? some_mask(steps, batch) : some_mask(batch, steps)) : Tensor()};
    const Tensors loop = ran(r, false, in, o), whole = ran(r, true, in, o);
    ASSERT_EQ(loop.size(), whole.size());
    for (size_t i = 0; i < loop.size(); ++i) EXPECT_LT(farthest(loop[i], whole[i]), 2e-5) << described(r) << ", value " << i;
  }
}

TEST(Recurrent, AGraphHoldsTensorFlowsLoops) {
  const LayerPtr layer = LSTM(4, {.return_sequences = true});
  (*layer)(numbers({2, 3, 5}, 1));
  const TensorSpec spec{{-1, -1, 5}, DType::f32, "x"};
  const FunctionRef f = trace("f", {&spec, 1}, [&](const Tensors& in) { return Tensors{(*layer)(in[0])}; });
  const std::string graph = f->graph_def();
  EXPECT_EQ(graph.find("\x12\x0c" "NinefoldLSTM"), std::string::npos);   // as a node's op; a function is named after it
  for (const char* op : {"PartitionedCall", "StatelessWhile", "TensorListSetItem", "Sigmoid"})
    EXPECT_NE(graph.find(op), std::string::npos) << op;
}

TEST(Recurrent, ModelsTrain) {
  set_random_seed(3);
  clear_session();
  Sequential model({Bidirectional(LSTM(4, {.return_sequences = true, .input_shape = {6, 3}})), GRU(3, {.dropout = 0.25}), Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  const Tensor x = numbers({16, 6, 3}, 7), y = numbers({16, 1}, 8);
  const History h = model.fit(x, y, {.epochs = 4, .batch_size = 5, .verbose = 0});
  EXPECT_LT(h.history.at("loss").back(), h.history.at("loss").front());
  EXPECT_EQ(model.weights().front().variable.name(), "bidirectional/forward_lstm/lstm_cell_1/kernel:0");
}

TEST(Recurrent, StatesStayAndAreReset) {
  const auto layer = std::dynamic_pointer_cast<RecurrentLayer>(GRU(2, {.stateful = true}));
  const Tensor x = numbers({3, 4, 2}, 1);
  const Tensor first = (*layer)(x), second = (*layer)(x);
  EXPECT_GT(farthest(first, second), 1e-4);
  layer->reset_states();
  EXPECT_EQ(farthest(first, (*layer)(x)), 0);
  EXPECT_TRUE(layer->weights().size() == 3);
}

struct ShapeRow { const char* what; LayerPtr layer; std::vector<Shape> in; Shape out; };
TEST(Factories, MakeLayers) {
  const std::vector<ShapeRow> rows = {
      {"SimpleRNN", SimpleRNN(3), {{2, 4, 5}}, {2, 3}},
      {"RNN", RNN(LSTMCell(3), {.return_sequences = true}), {{2, 4, 5}}, {2, 4, 3}},
      {"RNN of cells", RNN(std::vector<LayerPtr>{GRUCell(3), SimpleRNNCell(2)}), {{2, 4, 5}}, {2, 2}},
      {"TimeDistributed", TimeDistributed(Dense(2)), {{2, 4, 5}}, {2, 4, 2}},
      {"Attention", Attention(), {{2, 4, 5}, {2, 3, 5}}, {2, 4, 5}},
      {"AdditiveAttention", AdditiveAttention(), {{2, 4, 5}, {2, 3, 5}}, {2, 4, 5}},
      {"EinsumDense", EinsumDense("abc,cd->abd", ValueList{{}, 7}), {{2, 4, 5}}, {2, 4, 7}},
      {"Dot", Dot(1), {{2, 4}, {2, 4}}, {2, 1}},
      {"MaxPooling3D", MaxPooling3D(), {{1, 4, 4, 4, 2}}, {1, 2, 2, 2, 2}},
      {"AveragePooling3D", AveragePooling3D(), {{1, 4, 4, 4, 2}}, {1, 2, 2, 2, 2}},
      {"Conv3DTranspose", Conv3DTranspose(3, {2}, {.strides = {2}}), {{1, 2, 2, 2, 1}}, {1, 4, 4, 4, 3}},
      {"SeparableConv1D", SeparableConv1D(3, {2}), {{1, 5, 2}}, {1, 4, 3}},
      {"CategoryEncoding", CategoryEncoding(4), {{2, 3}}, {2, 4}},
  };
  for (const ShapeRow& r : rows) {
    ValueList xs;
    for (const Shape& s : r.in) xs.push_back(r.what == std::string("CategoryEncoding") ? Tensor::zeros(DType::i64, s) : numbers(s, 1));
    const Value y = (*r.layer)(xs.size() == 1 ? xs[0] : Value(xs));
    EXPECT_EQ(y.get<Tensor>()->shape().str(), r.out.str()) << r.what;
  }
  const LayerPtr heads = MultiHeadAttention(2, 3);
  const Tensor x = numbers({2, 4, 5}, 1);
  EXPECT_EQ((*heads)(x, {.further = {x}}).get<Tensor>()->shape().str(), "[2,4,5]");
}

TEST(Preprocessing, NormalizationLearns) {
  const auto layer = std::dynamic_pointer_cast<PreprocessingLayer>(Normalization());
  const Tensor data = Tensor::of<float>({4, 2}, {1, 10, 2, 20, 3, 30, 4, 40});
  layer->adapt(data, 2);
  const Tensor y = *(*layer)(Value(data)).get<Tensor>();
  EXPECT_NEAR(y.float_at(0), -1.3416407, 1e-5);
  EXPECT_NEAR(y.float_at(7), 1.3416407, 1e-5);
}

}  // namespace
}  // namespace ninefold::keras
