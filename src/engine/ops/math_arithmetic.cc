// In: two numbers an element. Out: their sums, products, quotients, remainders and powers.
#include <cstring>

#include "base/threads.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/plan_forms.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/string_pairs.h"
#include "engine/ops/tensor_list.h"

namespace ninefold::ops {
namespace {

const std::vector<std::string> x_y = {"x: T", "y: T"};

void sum_gradient(GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy());
  if (g.needs(1)) g.to_broadcast(1, g.dy());
}
const Elementwise add_v2("AddV2", x_y, sum_gradient, {});
// The older name, which also joins strings.
Op add_record() {
  Op r = elementwise_record("Add", x_y, sum_gradient);
  r.attrs.front().insert(r.attrs.front().size() - 1, ", string");
  return r;
}
const Elementwise add(add_record());
NINEFOLD_KERNEL(add.op, "CPU", (Kernel{[](KernelCtx& k) {
  std::string* out = k.out<std::string>(0);
  each_string_pair(k, [&](const std::string& a, const std::string& b) { *out++ = a + b; });
}}), DType::string);
const Elementwise sub("Sub", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy());
  if (g.needs(1)) g.to_broadcast(1, -g.dy());
}, {});
const Elementwise mul("Mul", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy() * conj(g.in(1)));
  if (g.needs(1)) g.to_broadcast(1, conj(g.in(0)) * g.dy());
}, {"x", "y"});
const Elementwise real_div("RealDiv", x_y, [](GradCtx& g) {
  const Tensor y = conj(g.in(1));
  if (g.needs(0)) g.to_broadcast(0, g.dy() / y);
  if (g.needs(1)) g.to_broadcast(1, g.dy() * (-conj(g.in(0)) / y / y));
}, {"x", "y"});
const Elementwise floor_div("FloorDiv", x_y);
const Elementwise floor_mod("FloorMod", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy());
  if (g.needs(1)) g.to_broadcast(1, -(g.dy() * op("FloorDiv", {g.in(0), g.in(1)})));
}, {"x", "y"});
// Where both are equal, or one is NaN, one side alone gets the gradient.
Tensor where_not(const Tensor& condition, const Tensor& a) {
  return op("SelectV2", {condition, op("ZerosLike", {a}), a});
}
const Elementwise maximum("Maximum", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, where(op("GreaterEqual", {g.in(0), g.in(1)}), g.dy()));
  if (g.needs(1)) g.to_broadcast(1, where_not(op("GreaterEqual", {g.in(0), g.in(1)}), g.dy()));
}, {"x", "y"});
const Elementwise minimum("Minimum", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, where(op("LessEqual", {g.in(0), g.in(1)}), g.dy()));
  if (g.needs(1)) g.to_broadcast(1, where_not(op("LessEqual", {g.in(0), g.in(1)}), g.dy()));
}, {"x", "y"});
const Elementwise squared_difference("SquaredDifference", x_y, [](GradCtx& g) {
  const Tensor d = g.dy() * (g.in(0) - g.in(1));
  if (g.needs(0)) g.to_broadcast(0, d + d);
  if (g.needs(1)) g.to_broadcast(1, -(d + d));
}, {"x", "y"});

const Elementwise div("Div", x_y, [](GradCtx& g) {
  const Tensor y = conj(g.in(1));
  if (g.needs(0)) g.to_broadcast(0, op("Div", {g.dy(), y}));
  if (g.needs(1)) g.to_broadcast(1, g.dy() * op("Div", {op("Div", {-conj(g.in(0)), y}), y}));
}, {"x", "y"});
const Elementwise truncate_div("TruncateDiv", x_y);
const Elementwise truncate_mod("TruncateMod", x_y);
const Elementwise mod("Mod", x_y);

// ---- quotients and products that are 0 where 0 meets infinity ----

// x's gradient where x is 0 would be NaN: 1 there becomes 0, so that the op's own rule gives 0.
Tensor not_zero(const Tensor& x) {
  return op("Cast", {op("NotEqual", {x, op("ZerosLike", {x})})}, {{"DstT", x.dtype()}});
}
const Elementwise div_no_nan("DivNoNan", x_y, [](GradCtx& g) {
  const Tensor x = conj(g.in(0)), y = conj(g.in(1));
  if (g.needs(0)) g.to_broadcast(0, op("DivNoNan", {g.dy(), y}));
  if (g.needs(1)) g.to_broadcast(1, g.dy() * op("DivNoNan", {op("DivNoNan", {-x, y}), y}));
}, {"x", "y"});
const Elementwise mul_no_nan("MulNoNan", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, op("MulNoNan", {g.dy(), g.in(1)}));
  if (g.needs(1)) g.to_broadcast(1, op("MulNoNan", {g.in(0), g.dy()}));
}, {"x", "y"});
const Elementwise xdivy("Xdivy", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, op("Xdivy", {not_zero(g.in(0)), g.in(1)}) * g.dy());
  if (g.needs(1)) g.to_broadcast(1, op("Xdivy", {-g.in(0), op("Square", {g.in(1)})}) * g.dy());
}, {"x", "y"});
const Elementwise xlogy("Xlogy", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, op("Xlogy", {not_zero(g.in(0)), g.in(1)}) * g.dy());
  if (g.needs(1)) g.to_broadcast(1, op("Xdivy", {g.in(0), g.in(1)}) * g.dy());
}, {"x", "y"});
const Elementwise xlog1py("Xlog1py", x_y, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, op("Xlog1py", {not_zero(g.in(0)), g.in(1)}) * g.dy());
  if (g.needs(1)) g.to_broadcast(1, op("Xdivy", {g.in(0), g.in(1) + number_like(g.in(1), 1)}) * g.dy());
}, {"x", "y"});

// ---- powers and angles ----

const Elementwise pow("Pow", x_y, [](GradCtx& g) {
  const Tensor x = conj(g.in(0)), y = conj(g.in(1)), z = conj(g.out());
  if (g.needs(0)) g.to_broadcast(0, g.dy() * y * op("Pow", {x, y - number_like(y, 1)}));
  if (g.needs(1)) {
    // log(x) counts as 0 where it is no number, so that 0^y has the gradient 0 and not NaN.
    const Tensor zero = op("ZerosLike", {x});
    const Tensor valid = is_complex(x.dtype()) ? op("NotEqual", {x, zero}) : op("Greater", {x, zero});
    const Tensor safe = op("SelectV2", {valid, x, op("OnesLike", {x})});
    g.to_broadcast(1, g.dy() * z * op("SelectV2", {valid, op("Log", {safe}), zero}));
  }
}, {"x", "y", "z"});
const Elementwise atan2("Atan2", {"y: T", "x: T"}, [](GradCtx& g) {
  const Tensor y = g.in(0), x = g.in(1), d = g.dy() / (op("Square", {x}) + op("Square", {y}));
  if (g.needs(0)) g.to_broadcast(0, x * d);
  if (g.needs(1)) g.to_broadcast(1, -y * d);
}, {"y", "x"});
const Elementwise next_after("NextAfter", {"x1: T", "x2: T"}, [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy());
  if (g.needs(1)) g.to_broadcast(1, op("ZerosLike", {g.dy()}));
}, {});

// ---- clipping ----

Op clip_record() {
  Op r = elementwise_record("ClipByValue", {"t: T", "clip_value_min: T", "clip_value_max: T"}, [](GradCtx& g) {
    const Tensor low = op("Less", {g.in(0), g.in(1)}), high = op("Greater", {g.in(0), g.in(2)});
    const Tensor none = op("ZerosLike", {g.dy()});
    if (g.needs(0)) g.to(0, op("SelectV2", {op("LogicalOr", {low, high}), none, g.dy()}));
    if (g.needs(1)) g.to_broadcast(1, op("SelectV2", {low, g.dy(), none}));
    if (g.needs(2)) g.to_broadcast(2, op("SelectV2", {high, g.dy(), none}));
  });
  r.shape = [](ShapeCtx& c) {
    for (int i = 1; i < 3; ++i)
      c.check(c.shape(i).rank() <= 0 || c.shape(i).compatible(c.shape(0)),
              "clip_value_min and clip_value_max must be either of the same shape as input, or a scalar. "
              "input shape: {} clip_value_min shape: {} clip_value_max shape: {}",
              c.shape(0).str(), c.shape(1).str(), c.shape(2).str());
    c.same_as_input();
  };
  return r;
}
const Elementwise clip_by_value(clip_record());

// ---- sums of many ----

const Op add_n = {
    .name = "AddN", .inputs = {"inputs: N * T"}, .outputs = {"sum: T"}, .attrs = {"N: int >= 1", "T: {float, double, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, half, uint32, uint64, variant}"},
    .doc = "The sum of tensors of one shape; of lists, element by element.",
    .shape = [](ShapeCtx& c) {
      Shape all = c.shape(0);
      for (int i = 1; i < c.num_inputs(); ++i) {
        c.check(all.compatible(c.shape(i)),
                "Inputs to operation AddN of type AddN must have the same size and shape.  Input 0: {} != input {}: {}",
                c.shape(0).str(), i, c.shape(i).str());
        all = all.merge(c.shape(i));
      }
      c.output(all);
    },
    .grad = [](GradCtx& g) {
      for (int i = 0; i < g.num_inputs(); ++i) g.to(i, g.flow());
    },
    .grad_reads = {},
};
NINEFOLD_REGISTER(add_n);
void add_n_cpu(KernelCtx& k) {
  if (k.type("T") == DType::variant) return add_lists(k);
  const elementwise::Body& add = elementwise::body("AddV2");
  const size_t size = size_of(k.dtype(0));
  char* out = k.out<char>(0);
  parallel_for(k.out(0).size(), 32768, [&](int64_t begin, int64_t end) {
    const size_t at = static_cast<size_t>(begin) * size;
    std::memcpy(out + at, k.in<char>(0) + at, static_cast<size_t>(end - begin) * size);
    for (int i = 1; i < k.num_inputs(); ++i) {
      const void* in[] = {out + at, k.in<char>(i) + at};
      add.run(static_cast<int>(k.dtype(0)), out + at, in, end - begin);
    }
  });
}
NINEFOLD_KERNEL(add_n, "CPU", Kernel{add_n_cpu});
const PlanForm add_n_forms(add_n, {.changes_input = true});

}  // namespace
}  // namespace ninefold::ops
