// In: two numbers, bools or texts an element. Out: how they compare; one of two, as a condition says.
#include <algorithm>
#include <cmath>

#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/string_pairs.h"

namespace ninefold::ops {
namespace {

const std::vector<std::string> x_y = {"x: T", "y: T"};

// ---- equality: of strings too, and, if asked, of tensors whose shapes do not broadcast ----

bool unlike(const ShapeCtx& c) {
  const Shape &a = c.shape(0), &b = c.shape(1);
  for (int back = 1; back <= std::min(a.rank(), b.rank()); ++back) {
    const int64_t x = a[a.rank() - back], y = b[b.rank() - back];
    if (x != y && x != 1 && y != 1 && x >= 0 && y >= 0) return true;
  }
  return false;
}
Op equality_record(const char* name) {
  Op r = elementwise_record(name, x_y, nullptr);
  r.attrs.front().insert(r.attrs.front().size() - 1, ", string");
  r.attrs.push_back("incompatible_shape_error: bool = true");
  r.shape = [](ShapeCtx& c) {
    if (!c.flag("incompatible_shape_error") && unlike(c)) c.output(Shape{});
    else shapes::broadcast(c);
  };
  return r;
}
// A scalar made of anything else: the shapes do not broadcast, nothing is equal.
bool nothing_equal(KernelCtx& k) { return k.out(0).rank() == 0 && (k.shape(0).rank() > 0 || k.shape(1).rank() > 0); }
std::unique_ptr<KernelState> prepare_equality(KernelCtx& k) {
  return nothing_equal(k) ? std::make_unique<KernelState>() : elementwise_kernel().prepare(k);
}
template <bool differ>
void equality(KernelCtx& k) {
  if (nothing_equal(k)) *k.out<bool>(0) = differ;
  else elementwise_kernel().run(k);
}
template <bool differ>
void string_equality(KernelCtx& k) {
  if (nothing_equal(k)) { *k.out<bool>(0) = differ; return; }
  bool* out = k.out<bool>(0);
  each_string_pair(k, [&](const std::string& a, const std::string& b) { *out++ = (a == b) != differ; });
}
const Elementwise equal(equality_record("Equal"));
NINEFOLD_KERNEL(equal.op, "CPU", (Kernel{equality<false>, prepare_equality}));
NINEFOLD_KERNEL(equal.op, "CPU", Kernel{string_equality<false>}, DType::string);
const Elementwise not_equal(equality_record("NotEqual"));
NINEFOLD_KERNEL(not_equal.op, "CPU", (Kernel{equality<true>, prepare_equality}));
NINEFOLD_KERNEL(not_equal.op, "CPU", Kernel{string_equality<true>}, DType::string);

// ---- order, logic, choice ----

const Elementwise less("Less", x_y);
const Elementwise less_equal("LessEqual", x_y);
const Elementwise greater("Greater", x_y);
const Elementwise greater_equal("GreaterEqual", x_y);
// tolerance is an attribute here, a third operand of the expression: a kernel of its own.
const Op approximate = {
    .name = "ApproximateEqual", .inputs = {"x: T", "y: T"}, .outputs = {"z: bool"},
    .attrs = {"T: {half, bfloat16, float, double, int8, int16, int32, int64, uint8, uint16, uint32, uint64}", "tolerance: float = 9.999999747378752e-06"},
    .doc = "Where |x - y| < tolerance; both have one shape.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(0).compatible(c.shape(1)), "x and y must be of the same shape. x shape: {}. y shape: {}", c.shape(0).str(), c.shape(1).str());
      c.same_as_input();
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(approximate);
NINEFOLD_KERNEL(approximate, "CPU", (Kernel{[](KernelCtx& k) {
  const double tolerance = k.number("tolerance");
  for (int64_t i = 0; i < k.shape(0).size(); ++i) k.out<bool>(0)[i] = std::abs(k.in(0).float_at(i) - k.in(1).float_at(i)) < tolerance;
}}));
const Elementwise logical_and("LogicalAnd", {"x: bool", "y: bool"});
const Elementwise logical_or("LogicalOr", {"x: bool", "y: bool"});
const Elementwise logical_not("LogicalNot", {"x: bool"});


Op select_record() {
  Op s = elementwise_record("SelectV2", {"condition: bool", "t: T", "e: T"}, [](GradCtx& g) {
    const Tensor none = op("ZerosLike", {g.dy()});
    if (g.needs(1)) g.to_broadcast(1, op("SelectV2", {g.in(0), g.dy(), none}));
    if (g.needs(2)) g.to_broadcast(2, op("SelectV2", {g.in(0), none, g.dy()}));
  });
  s.shape = [](ShapeCtx& c) {
    try {
      c.output(c.broadcast(c.shape(0), c.broadcast(c.shape(1), c.shape(2))));
    } catch (const Error&) {
      c.check(false, "condition {}, then {}, and else {} must be broadcastable", c.shape(0).str(), c.shape(1).str(), c.shape(2).str());
    }
  };
  for (std::string& a : s.attrs)
    if (a.starts_with("T: {")) a.insert(a.size() - 1, ", string");
  return s;
}
const Elementwise select(select_record());
// Texts are chosen one by one: the loops of the other dtypes copy bytes.
NINEFOLD_KERNEL(select.op, "CPU", (Kernel{[](KernelCtx& k) {
  const Shape& out = k.out(0).shape();
  const auto at = [&](int input, int64_t flat) {
    const Shape& s = k.shape(input);
    int64_t index = 0, stride = 1;
    for (int d = out.rank(), e = s.rank(); d-- > 0 && e > 0;) {
      --e;
      if (s[e] != 1) index += flat % out[d] * stride;
      stride *= s[e];
      flat /= out[d];
    }
    return index;
  };
  for (int64_t i = 0; i < out.size(); ++i)
    k.out<std::string>(0)[i] = k.in<bool>(0)[at(0, i)] ? k.in<std::string>(1)[at(1, i)] : k.in<std::string>(2)[at(2, i)];
}}), DType::string);

}  // namespace
}  // namespace ninefold::ops
