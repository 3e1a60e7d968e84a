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
  elementwise::Loop whole = nullptr;   // where one call of it is all there is to do: few elements, none repeated
  int64_t elements = 0;
};

constexpr int64_t kGrain = 32768;   // elements a piece: below this a second thread costs more than it brings

std::unique_ptr<KernelState> prepare(KernelCtx& k) {
  const Body& body = elementwise::body(k.op().name);
  std::span<const int64_t> shapes[elementwise::max_operands];
  for (int i = 0; i < body.operands; ++i) shapes[i] = k.shape(i).dims();
  auto p = std::make_unique<Prepared>(
      body, cpu::Broadcast(k.out(0).shape().dims(), std::span(shapes, static_cast<size_t>(body.operands))),
      k.dtype(body.operands - 1));
  p->elements = p->plan.elements();
  const int dtype = static_cast<int>(k.dtype(body.operands - 1));
  bool all = p->elements > 0 && p->elements <= kGrain && !body.fault[dtype];
  for (int i = 0; i < body.operands; ++i) all = all && k.shape(i).size() == p->elements;
  if (all) p->whole = body.loop[dtype];
  return p;
}

void run(KernelCtx& k) {
  Prepared& p = k.state<Prepared>();
  const int operands = p.body.operands;
  const int dtype = static_cast<int>(k.dtype(operands - 1));
  const void* in[elementwise::max_operands];
  for (int i = 0; i < operands; ++i) in[i] = k.in<void>(i);
  void* out = k.out<void>(0);
  if (p.whole) return p.whole(out, in, p.elements);
  const size_t out_size = size_of(k.out(0).dtype());
  std::atomic<bool> fault{false};
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

// What TensorFlow calls the output of such an op: written graphs name it.
std::string output_name(const std::vector<std::string>& inputs) {
  const std::string first = inputs[0].substr(0, inputs[0].find(':'));
  if (first == "features") return "activations";
  if (first == "gradients") return "backprops";
  if (first == "x" && inputs.size() == 1) return "y";
  return first == "t" || first == "input" || first == "x1" || first == "condition" ? "output" : "z";
}

}  // namespace

Op elementwise_record(const char* name, std::vector<std::string> inputs, Elementwise::Gradient grad) {
  const Body& b = elementwise::body(name);
  Op op{.name = name, .inputs = std::move(inputs), .outputs = {}, .attrs = {}, .doc = b.formula};
  int first = 0;
  while (!b.defined[first]) ++first;
  const bool typed = std::any_of(op.inputs.begin(), op.inputs.end(), [](const auto& i) { return i.ends_with(": T"); });
  if (typed) op.attrs = {"T: " + allowed(b)};
  // A comparison makes a bool whatever it compares.
  const bool makes_bool = b.out_dtype(first) == elementwise::dt_bool && (first != elementwise::dt_bool || !typed);
  op.outputs = {output_name(op.inputs) + (makes_bool ? ": bool" : ": T")};
  op.shape = b.operands == 1 ? shapes::same : shapes::broadcast;
  op.grad = grad;
  op.elementwise = true;
  op.in_place = true;
  op.stops_gradient = grad == nullptr;
  return op;
}

Elementwise::Elementwise(const char* name, std::vector<std::string> inputs, Gradient gradient, std::vector<std::string> grad_reads)
    : Elementwise([&] {
        Op record = elementwise_record(name, std::move(inputs), gradient);
        record.grad_reads = std::move(grad_reads);
        return record;
      }()) {}
Kernel elementwise_kernel() { return {run, prepare}; }
Elementwise::Elementwise(Op record)
    : op(std::move(record)), known(op), kernel(op, "CPU", Kernel{run, prepare}, {}) {}

}  // namespace ninefold::ops
