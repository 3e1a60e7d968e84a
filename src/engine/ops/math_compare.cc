// In: two numbers, bools or texts an element. Out: how they compare; one of two, as a condition says.
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

const std::vector<std::string> x_y = {"x: T", "y: T"};

const Elementwise equal("Equal", x_y);
const Elementwise not_equal("NotEqual", x_y);
const Elementwise less("Less", x_y);
const Elementwise less_equal("LessEqual", x_y);
const Elementwise greater("Greater", x_y);
const Elementwise greater_equal("GreaterEqual", x_y);
const Elementwise logical_and("LogicalAnd", {"x: bool", "y: bool"});
const Elementwise logical_or("LogicalOr", {"x: bool", "y: bool"});
const Elementwise logical_not("LogicalNot", {"x: bool"});


Op select_record() {
  Op s = elementwise_record("SelectV2", {"condition: bool", "t: T", "e: T"}, [](GradCtx& g) {
    const Tensor none = op("ZerosLike", {g.dy()});
    if (g.needs(1)) g.to_broadcast(1, op("SelectV2", {g.in(0), g.dy(), none}));
    if (g.needs(2)) g.to_broadcast(2, op("SelectV2", {g.in(0), none, g.dy()}));
  });
  s.shape = [](ShapeCtx& c) { c.output(c.broadcast(c.shape(0), c.broadcast(c.shape(1), c.shape(2)))); };
  return s;
}
const Elementwise select(select_record());

}  // namespace
}  // namespace ninefold::ops
