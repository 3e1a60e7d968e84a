// In: integers. Out: operations on their bits.
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

const std::vector<std::string> x_y = {"x: T", "y: T"};

const Elementwise bitwise_and("BitwiseAnd", x_y);
const Elementwise bitwise_or("BitwiseOr", x_y);
const Elementwise bitwise_xor("BitwiseXor", x_y);
const Elementwise left_shift("LeftShift", x_y);
const Elementwise right_shift("RightShift", x_y);
const Elementwise invert("Invert", {"x: T"});

}  // namespace
}  // namespace ninefold::ops
