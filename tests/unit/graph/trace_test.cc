// In: traces, going on and finished. Out: their nodes, derivatives, first values and errors as a host language shows them.
#include "ninefold/trace.h"

#include <gtest/gtest.h>

#include "../engine/op_rows.h"
#include "ninefold/error.h"

namespace ninefold {
namespace {

using namespace testing;

const std::vector<TensorSpec> kScalar = {{{}, DType::f64, "x"}};

std::string fault(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.message();
  }
  return "";
}

TEST(Trace, NodesHaveNamesInputsAndOutputs) {
  const Variable v(f64({2}, {1, 2}), {.name = "v"});
  const FunctionRef f = trace("__inference_f_1", kScalar, [&](const Tensors& a) {
    NameScope scope("inner");
    return Tensors{a[0] * v.read() * a[0]};
  });
  const std::vector<TraceNode> nodes = trace_nodes(f);
  std::vector<std::string> names;
  for (const TraceNode& n : nodes) names.push_back(n.name);
  EXPECT_EQ(names, (std::vector<std::string>{"x", "capture", "inner/ReadVariableOp", "inner/mul", "inner/mul_1", "Identity"}));
  EXPECT_EQ(nodes[4].inputs, (std::vector<std::string>{"inner/mul:0", "x:0"}));
  EXPECT_EQ(nodes[4].outputs[0].shape, Shape({2}));
  EXPECT_EQ(nodes[4].attrs[0].first, "T");
  ASSERT_EQ(captured_variables(f).size(), 1u);
  EXPECT_TRUE(captured_variables(f)[0].same(v));
}

TEST(Trace, SymbolsTellTheirNodeWhileTheTraceGoesOn) {
  Tensor kept;
  const FunctionRef f = trace("__inference_f_1", kScalar, [&](const Tensors& a) {
    kept = a[0] + a[0];
    EXPECT_EQ(symbol_node(kept).name, "add");
    EXPECT_EQ(symbol_node(kept).inputs, (std::vector<std::string>{"x:0", "x:0"}));
    EXPECT_EQ(symbol_inputs(kept).size(), 2u);
    EXPECT_TRUE(symbol_graph(kept).starts_with("FuncGraph(name=f, id="));
    return Tensors{kept};
  });
  EXPECT_TRUE(fault([&] { symbol_node(kept); }).starts_with("<tf.Tensor 'add:0'> is out of scope"));
  EXPECT_TRUE(fault([&] { kept + kept; }).starts_with("<tf.Tensor 'add:0' shape=() dtype=float64> is out of scope"));
  EXPECT_TRUE(fault([&] { f->call(Tensors{kept}); }).starts_with("<tf.Tensor 'add:0' shape=() dtype=float64> is out of scope"));
}

TEST(Trace, Gradients) {
  const Variable v(Tensor(3.0));
  const FunctionRef f = trace("f", kScalar, [&](const Tensors& a) {
    const Tensor x = a[0], cube = x * x * x * v.read();
    const Tensor first = trace_gradients({cube}, {x})[0].dense();
    const Tensor through = while_loop([](const Tensors& s) -> Tensor { return op("Less", {s[0], Tensor(2)}); },
                                      [&](const Tensors& s) { return Tensors{s[0] + Tensor(1), s[1] * x}; },
                                      {Tensor(0), x})[1];
    EXPECT_FALSE(trace_gradients({x * x}, {v.handle()})[0].defined());
    return Tensors{first, trace_gradients({first}, {x})[0].dense(), trace_gradients({cube}, {v.handle()})[0].dense(),
                   trace_gradients({through}, {x}, {Tensor(2.0)})[0].dense(),
                   trace_gradients({cube}, {x}, {}, {x * x})[0].dense(),
                   trace_gradients({x}, {v.handle()}, {}, {}, Unconnected::zero)[0].dense()};
  });
  std::vector<double> got;
  for (const Tensor& t : f->call(Tensors{Tensor(2.0)})) got.push_back(t.float_at(0));
  EXPECT_EQ(got, (std::vector<double>{36, 36, 8, 24, 36, 0}));
  EXPECT_TRUE(fault([&] { trace_gradients({Tensor(1.0)}, {Tensor(1.0)}); }).find("when eager execution is enabled") != std::string::npos);
}

TEST(Trace, FirstValuesOfVariables) {
  trace("f", kScalar, [&](const Tensors& a) {
    const Tensor y = a[0] * a[0] + Tensor(1.0);
    EXPECT_EQ(evaluate(y, {a[0]}, {Tensor(3.0)}).float_at(0), 10);
    EXPECT_NE(fault([&] { evaluate(y, {}, {}); }), "");
    return Tensors{y};
  });
  const Variable any = variable_of_any_shape(f64({1}, {1}), {.name = "any"});
  any.assign(f64({2, 1}, {1, 2}));
  EXPECT_EQ(any.read().shape(), Shape({2, 1}));
}

TEST(Trace, ErrorsNameTheNode) {
  const FunctionRef f = trace("__inference_f_7", std::vector<TensorSpec>{{{-1}, DType::f64, "x"}, {{-1}, DType::f64, "y"}},
                              [](const Tensors& a) { return Tensors{a[0] * a[1]}; });
  const std::string text = fault([&] { f->call(Tensors{f64({2}, {1, 2}), f64({3}, {1, 2, 3})}); });
  EXPECT_TRUE(text.starts_with("Graph execution error:\n\nDetected at node 'mul' defined at")) << text;
  EXPECT_TRUE(text.ends_with("[[{{node mul}}]] [Op:__inference_f_7]")) << text;
}

}  // namespace
}  // namespace ninefold
