// In: functions. Out: whether their GraphDefs say what TensorFlow reads: names, inputs, order, library.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "../engine/op_rows.h"
#include "base/wire.h"
#include "ninefold/function.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

using namespace testing;

const wire::NodeDef* node(const wire::GraphDef& g, const std::string& name) {
  for (const wire::NodeDef& n : g.node)
    if (n.name == name) return &n;
  return nullptr;
}

TEST(GraphDef, NodesInputsAndTheLibrary) {
  const FunctionRef f = trace("f", std::vector<TensorSpec>{{{-1, 2}, DType::f32, "x"}, {{}, DType::boolean, "p"}}, [](const Tensors& a) {
    const Tensor y = a[0] * Tensor(2.0f);
    return Tensors{cond(a[1], [&] { return Tensors{y + Tensor(1.0f)}; }, [&] { return Tensors{y}; })[0], y};
  });
  const std::string bytes = f->graph_def();
  if (const char* to = std::getenv("NINEFOLD_WRITE_GRAPH")) std::ofstream(to, std::ios::binary) << bytes;
  const wire::GraphDef g = wire::decode_graph(bytes);
  ASSERT_TRUE(node(g, "x"));
  EXPECT_EQ(node(g, "x")->op, "Placeholder");
  ASSERT_TRUE(node(g, "mul"));
  EXPECT_EQ(node(g, "mul")->input, (std::vector<std::string>{"x", "Const"}));
  ASSERT_TRUE(node(g, "cond"));
  EXPECT_EQ(node(g, "cond")->input, (std::vector<std::string>{"p", "mul"}));
  ASSERT_TRUE(node(g, "Identity_1"));
  EXPECT_EQ(node(g, "Identity_1")->input, (std::vector<std::string>{"mul"}));
  ASSERT_EQ(g.function.size(), 2u);
  const wire::FunctionDef& then = g.function[0];
  EXPECT_EQ(then.signature.input_arg.size(), 1u);
  EXPECT_EQ(then.ret.at(then.signature.output_arg[0].name), "add:z:0");
}

TEST(GraphDef, WritesStayInOrder) {
  const Variable v(Tensor(1.0f));
  const FunctionRef f = trace("f", {}, [&](const Tensors&) {
    v.assign_add(Tensor(1.0f));
    const Tensor y = v.read();
    v.assign(y * y);
    return Tensors{y};
  });
  const wire::GraphDef g = wire::decode_graph(f->graph_def());
  EXPECT_EQ(node(g, "ReadVariableOp")->input, (std::vector<std::string>{"capture", "^AssignAddVariableOp"}));
  const std::vector<std::string>& last = node(g, "AssignVariableOp")->input;
  ASSERT_EQ(last.size(), 4u);
  EXPECT_EQ(std::set<std::string>(last.begin() + 2, last.end()), (std::set<std::string>{"^AssignAddVariableOp", "^ReadVariableOp"}));
  EXPECT_EQ(node(g, "Identity")->input, (std::vector<std::string>{"ReadVariableOp", "^AssignAddVariableOp", "^AssignVariableOp"}));
}

}  // namespace
}  // namespace ninefold
