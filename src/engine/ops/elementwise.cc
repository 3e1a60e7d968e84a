// In: element-wise expressions (op/elementwise). Out: ops with shape rule, gradient and one kernel for all.
#include <algorithm>
#include <atomic>

#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/elementwise.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

using elementwise::Body;

// ---- the kernel ----

struct Prepared : KernelState {
  Prepared(const Body& b, cpu::Broadcast p, DType dtype) : body(b), plan(std::move(p)) {
    for (int i = 0; i < b.operands; ++i)
      size[i] = size_of(static_cast<DType>(b.operand_dtype(i, static_cast<int>(dtype))));
  }
  const Body& body;
  cpu::Broadcast plan;
  size_t size[elementwise::max_operands] = {};
};

std::unique_ptr<KernelState> prepare(KernelCtx& k) {
  const Body& body = elementwise::body(k.op().name);
  std::span<const int64_t> shapes[elementwise::max_operands];
  for (int i = 0; i < body.operands; ++i) shapes[i] = k.shape(i).dims();
  return std::make_unique<Prepared>(
      body, cpu::Broadcast(k.out(0).shape().dims(), std::span(shapes, static_cast<size_t>(body.operands))),
      k.dtype(body.operands - 1));
}

void run(KernelCtx& k) {
  Prepared& p = k.state<Prepared>();
  const int operands = p.body.operands;
  const int dtype = static_cast<int>(k.dtype(operands - 1));
  const void* in[elementwise::max_operands];
  for (int i = 0; i < operands; ++i) in[i] = k.in<void>(i);
  void* out = k.out<void>(0);
  const size_t out_size = size_of(k.out(0).dtype());
  std::atomic<bool> fault{false};
  constexpr int64_t kGrain = 32768;   // elements a piece: below this a second thread costs more than it brings
  const int64_t unit = std::max<int64_t>(1, p.plan.unit_elements());
  parallel_for(p.plan.units(), std::max<int64_t>(1, kGrain / unit), [&](int64_t begin, int64_t end) {
    p.plan.run(begin, end, out_size, std::span<const size_t>(p.size, static_cast<size_t>(operands)), out, in,
               [&](void* o, const void* const* i, int64_t n, const uint8_t* step) {
                 if (p.body.run(dtype, o, i, n, step)) fault.store(true, std::memory_order_relaxed);
               });
  });
  k.check(!fault, "{}", p.body.fault_text);
}

// ---- records from bodies ----

std::string allowed(const Body& b) {
  std::string all;
  for (int d = 0; d < elementwise::dtype_count; ++d)
    if (b.defined[d]) all += (all.empty() ? "{" : ", ") + std::string(name_of(static_cast<DType>(d)));
  return all + "}";
}

Op record(const char* name, std::vector<std::string> inputs, Elementwise::Gradient grad) {
  const Body& b = elementwise::body(name);
  Op op{.name = name, .inputs = std::move(inputs), .outputs = {}, .attrs = {}, .doc = b.formula};
  int first = 0;
  while (!b.defined[first]) ++first;
  const bool typed = std::any_of(op.inputs.begin(), op.inputs.end(), [](const auto& i) { return i.ends_with(": T"); });
  if (typed) op.attrs = {"T: " + allowed(b)};
  // A comparison makes a bool whatever it compares.
  const bool makes_bool = b.out_dtype(first) == elementwise::dt_bool && (first != elementwise::dt_bool || !typed);
  op.outputs = {makes_bool ? "z: bool" : "z: T"};
  op.shape = b.operands == 1 ? shapes::same : shapes::broadcast;
  op.grad = grad;
  op.elementwise = true;
  op.in_place = true;
  op.stops_gradient = grad == nullptr;
  return op;
}

}  // namespace

Elementwise::Elementwise(const char* name, std::vector<std::string> inputs, Gradient gradient)
    : op(record(name, std::move(inputs), gradient)), known(op), kernel(op, "CPU", Kernel{run, prepare}, {}) {}

namespace {

const std::vector<std::string> x = {"x: T"}, x_y = {"x: T", "y: T"}, y_dy = {"y: T", "dy: T"};

// Complex gradients carry the conjugate of the derivative, as TensorFlow's do.
Tensor conj(const Tensor& t) { return is_complex(t.dtype()) ? op("Conj", {t}) : t; }
Tensor like(const Tensor& t, double value) {
  const Tensor one = op("OnesLike", {t});
  if (value == 1) return one;
  Tensor sum = one;
  for (int i = 1; i < static_cast<int>(value); ++i) sum = sum + one;
  return sum;
}
Tensor where(const Tensor& condition, const Tensor& a) {
  return op("SelectV2", {condition, a, op("ZerosLike", {a})});
}

// ---- arithmetic ----

const Elementwise add_v2("AddV2", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy());
  if (g.needs(1)) g.to_broadcast(1, g.dy());
});
const Elementwise sub("Sub", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy());
  if (g.needs(1)) g.to_broadcast(1, -g.dy());
});
const Elementwise mul("Mul", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy() * conj(g.in(1)));
  if (g.needs(1)) g.to_broadcast(1, conj(g.in(0)) * g.dy());
});
const Elementwise real_div("RealDiv", x_y, [](GradCtx& g) {
  const Tensor y = conj(g.in(1));
  if (g.needs(0)) g.to_broadcast(0, g.dy() / y);
  if (g.needs(1)) g.to_broadcast(1, g.dy() * (-conj(g.in(0)) / y / y));
});
const Elementwise floor_div("FloorDiv", x_y);
const Elementwise floor_mod("FloorMod", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy());
  if (g.needs(1)) g.to_broadcast(1, -(g.dy() * op("FloorDiv", {g.in(0), g.in(1)})));
});
const Elementwise maximum("Maximum", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, where(op("GreaterEqual", {g.in(0), g.in(1)}), g.dy()));
  if (g.needs(1)) g.to_broadcast(1, where(op("Less", {g.in(0), g.in(1)}), g.dy()));
});
const Elementwise minimum("Minimum", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, where(op("LessEqual", {g.in(0), g.in(1)}), g.dy()));
  if (g.needs(1)) g.to_broadcast(1, where(op("Greater", {g.in(0), g.in(1)}), g.dy()));
});
const Elementwise squared_difference("SquaredDifference", x_y, [](GradCtx& g) {
  const Tensor d = g.dy() * (g.in(0) - g.in(1));
  if (g.needs(0)) g.to_broadcast(0, d + d);
  if (g.needs(1)) g.to_broadcast(1, -(d + d));
});

// ---- functions of one number ----

const Elementwise neg("Neg", x, [](GradCtx& g) { g.to(0, -g.dy()); });
const Elementwise abs("Abs", x, [](GradCtx& g) { g.to(0, g.dy() * op("Sign", {g.in(0)})); });
const Elementwise sign("Sign", x);
const Elementwise conjugate("Conj", {"input: T"}, [](GradCtx& g) { g.to(0, conj(g.dy())); });
const Elementwise square("Square", x, [](GradCtx& g) {
  const Tensor d = g.dy() * conj(g.in(0));
  g.to(0, d + d);
});
const Elementwise sqrt("Sqrt", x, [](GradCtx& g) { g.to(0, op("SqrtGrad", {g.out(), g.dy()})); });
const Elementwise sqrt_grad("SqrtGrad", y_dy, [](GradCtx& g) {
  const Tensor a = g.dy() / conj(g.in(0));
  const Tensor dz = g.out();
  if (g.needs(0)) g.to(0, -(conj(a) * dz));
  if (g.needs(1)) g.to(1, a / like(a, 2));
});
const Elementwise rsqrt("Rsqrt", x, [](GradCtx& g) { g.to(0, op("RsqrtGrad", {g.out(), g.dy()})); });
const Elementwise rsqrt_grad("RsqrtGrad", y_dy, [](GradCtx& g) {
  const Tensor y = conj(g.in(0)), half = g.dy() / like(g.dy(), 2);
  if (g.needs(0)) g.to(0, -(half * conj(g.in(1)) * like(y, 3) * y * y));
  if (g.needs(1)) g.to(1, -(half * y * y * y));
});
const Elementwise exp("Exp", x, [](GradCtx& g) { g.to(0, g.dy() * conj(g.out())); });
const Elementwise log("Log", x, [](GradCtx& g) { g.to(0, g.dy() / conj(g.in(0))); });
const Elementwise log1p("Log1p", x, [](GradCtx& g) { g.to(0, g.dy() / (like(g.in(0), 1) + conj(g.in(0)))); });
const Elementwise sin("Sin", x, [](GradCtx& g) { g.to(0, g.dy() * op("Cos", {conj(g.in(0))})); });
const Elementwise cos("Cos", x, [](GradCtx& g) { g.to(0, -(g.dy() * op("Sin", {conj(g.in(0))}))); });
const Elementwise floor("Floor", x);
const Elementwise ceil("Ceil", x);
const Elementwise round("Round", x);

// ---- activations ----

const Elementwise tanh("Tanh", x, [](GradCtx& g) { g.to(0, op("TanhGrad", {conj(g.out()), g.dy()})); });
const Elementwise tanh_grad("TanhGrad", y_dy, [](GradCtx& g) {
  const Tensor y = conj(g.in(0)), w = g.dy() * conj(g.in(1));
  if (g.needs(0)) g.to(0, -((y + y) * w));
  if (g.needs(1)) g.to(1, op("TanhGrad", {y, g.dy()}));
});
const Elementwise sigmoid("Sigmoid", x, [](GradCtx& g) { g.to(0, op("SigmoidGrad", {conj(g.out()), g.dy()})); });
const Elementwise sigmoid_grad("SigmoidGrad", y_dy, [](GradCtx& g) {
  const Tensor y = conj(g.in(0)), w = g.dy() * conj(g.in(1));
  if (g.needs(0)) g.to(0, w - (y + y) * w);
  if (g.needs(1)) g.to(1, op("SigmoidGrad", {y, g.dy()}));
});
const std::vector<std::string> from_features = {"gradients: T", "features: T"};
const Elementwise relu("Relu", {"features: T"}, [](GradCtx& g) { g.to(0, op("ReluGrad", {g.dy(), g.out()})); });
const Elementwise relu_grad("ReluGrad", from_features, [](GradCtx& g) {
  if (g.needs(0)) g.to(0, op("ReluGrad", {g.dy(), g.in(1)}));
  if (g.needs(1)) g.to(1, op("ZerosLike", {g.in(1)}));
});
const Elementwise softplus("Softplus", {"features: T"},
                           [](GradCtx& g) { g.to(0, op("SoftplusGrad", {g.dy(), g.in(0)})); });
const Elementwise softplus_grad("SoftplusGrad", from_features, [](GradCtx& g) {
  const Tensor s = op("Sigmoid", {g.in(1)});
  if (g.needs(0)) g.to(0, op("SoftplusGrad", {g.dy(), g.in(1)}));
  if (g.needs(1)) g.to(1, g.dy() * g.in(0) * op("SigmoidGrad", {s, op("OnesLike", {s})}));
});

// ---- comparison, logic, choice ----

const Elementwise equal("Equal", x_y);
const Elementwise not_equal("NotEqual", x_y);
const Elementwise less("Less", x_y);
const Elementwise less_equal("LessEqual", x_y);
const Elementwise greater("Greater", x_y);
const Elementwise greater_equal("GreaterEqual", x_y);
const Elementwise logical_and("LogicalAnd", {"x: bool", "y: bool"});
const Elementwise logical_or("LogicalOr", {"x: bool", "y: bool"});
const Elementwise logical_not("LogicalNot", {"x: bool"});

const Op select = [] {
  Op s = record("SelectV2", {"condition: bool", "t: T", "e: T"}, [](GradCtx& g) {
    const Tensor none = op("ZerosLike", {g.dy()});
    if (g.needs(1)) g.to_broadcast(1, op("SelectV2", {g.in(0), g.dy(), none}));
    if (g.needs(2)) g.to_broadcast(2, op("SelectV2", {g.in(0), none, g.dy()}));
  });
  s.shape = [](ShapeCtx& c) { c.output(c.broadcast(c.shape(0), c.broadcast(c.shape(1), c.shape(2)))); };
  return s;
}();
NINEFOLD_REGISTER(select);
NINEFOLD_KERNEL(select, "CPU", (Kernel{run, prepare}));

}  // namespace
}  // namespace ninefold::ops
