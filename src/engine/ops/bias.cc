// In: a tensor and one number a channel. Out: their sum (BiasAdd), and the sum over all but the channels.
// Channels are the last dimension, with data_format NCHW the second one.
#include <algorithm>

#include "base/threads.h"
#include "engine/device/cpu/elementwise.h"
#include "engine/device/cpu/reduce.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/nn_common.h"

namespace ninefold::ops {
namespace {

constexpr const char* kFormats = "data_format: {'NHWC', 'NCHW'} = 'NHWC'";

struct Layout { int64_t outer, channels, inner; };
Layout layout(const Shape& s, bool channels_first) {
  const int at = channels_first ? 1 : s.rank() - 1;
  return {s.slice(0, at).size(), s[at], s.slice(at + 1, s.rank()).size()};
}

const Op bias_add = {
    .name = "BiasAdd", .inputs = {"value: T", "bias: T"}, .outputs = {"output: T"},
    .attrs = {"T: numeric", kFormats}, .doc = "value + bias, one bias a channel.",
    .shape = [](ShapeCtx& c) {
      const Shape &value = c.shape(0), &bias = c.shape(1);
      c.check(!value.known_rank() || value.rank() >= 2, "Input tensor must be at least 2D: {}", value.str());
      c.check(!bias.known_rank() || bias.rank() == 1, "Biases must be 1D: {}", bias.str());
      Shape out = value;
      if (value.known_rank() && bias.known_rank()) {
        const int at = c.text("data_format") == "NCHW" ? 1 : value.rank() - 1;
        c.check(value[at] < 0 || bias[0] < 0 || value[at] == bias[0],
                "Must provide as many biases as the last dimension of the input tensor: {} vs. {}", bias.str(), value.str());
        if (out[at] < 0) out.set(at, bias[0]);
      }
      c.output(out);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, g.dy());
      if (g.needs(1)) g.to(1, op("BiasAddGrad", {g.dy()}, {{"data_format", g.text("data_format")}}));
    },
    .in_place = true, .grad_reads = {},
};
NINEFOLD_REGISTER(bias_add);

struct Prepared : KernelState {
  explicit Prepared(cpu::Broadcast p) : plan(std::move(p)) {}
  cpu::Broadcast plan;
};
std::unique_ptr<KernelState> prepare_add(KernelCtx& k) {
  const Layout l = layout(k.shape(0), k.text("data_format") == "NCHW");
  const int64_t value[] = {l.outer, l.channels, l.inner}, bias[] = {1, l.channels, 1};
  return std::make_unique<Prepared>(cpu::Broadcast(value, {value, bias}));
}
void add_cpu(KernelCtx& k) {
  static const elementwise::Body& add = elementwise::body("AddV2");
  const cpu::Broadcast& plan = k.state<Prepared>().plan;
  const int dtype = static_cast<int>(k.dtype(0));
  const size_t size = size_of(k.dtype(0));
  const void* in[] = {k.in<void>(0), k.in<void>(1)};
  void* out = k.out<void>(0);
  const int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, plan.unit_elements()));
  parallel_for(plan.units(), grain, [&](int64_t begin, int64_t end) {
    plan.run(begin, end, size, {size, size}, out, in,
             [&](void* o, const void* const* i, int64_t n, const uint8_t* step) { add.run(dtype, o, i, n, step); });
  });
}
NINEFOLD_KERNEL(bias_add, "CPU", (Kernel{add_cpu, prepare_add}));

const Op bias_add_grad = {
    .name = "BiasAddGrad", .inputs = {"out_backprop: T"}, .outputs = {"output: T"},
    .attrs = {"T: numeric", kFormats}, .doc = "The sum over all dimensions but the channels.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      c.check(!s.known_rank() || s.rank() >= 2, "Input tensor must be at least 2D: {}", s.str());
      c.output({s.known_rank() ? s[c.text("data_format") == "NCHW" ? 1 : s.rank() - 1] : -1});
    },
    .grad = [](GradCtx& g) {
      g.to(0, op("BiasAdd", {op("ZerosLike", {g.in(0)}), g.dy()}, {{"data_format", g.text("data_format")}}));
    },
};
NINEFOLD_REGISTER(bias_add_grad);
void add_grad_cpu(KernelCtx& k) {
  const Layout l = layout(k.shape(0), k.text("data_format") == "NCHW");
  const int64_t dims[] = {l.outer, l.channels, l.inner};
  const bool reduced[] = {true, false, true};
  cpu::reduce_axes(cpu::Reduction::sum, static_cast<int>(k.dtype(0)), k.in<void>(0), k.out<void>(0), dims, reduced);
}
NINEFOLD_KERNEL(bias_add_grad, "CPU", Kernel{add_grad_cpu});

const Function add_function = {
    .names = {"tf.nn.bias_add"},
    .signature = "(value: tensor, bias: tensor, data_format: str = None, name: str = None)",
    .doc = "value + bias. bias has one element a channel: the last dimension of value, or the second one where "
           "data_format begins with NC.",
    .body = [](Args& a) -> Value {
      std::string format = "NHWC";
      if (!a.none("data_format")) {
        const std::string given = a.text("data_format");
        if (given.starts_with("NC")) format = "NCHW";
        else
          check(given.starts_with("N") && given.ends_with("C"), Code::value,
                "`data_format` must be of the form `N...C` or `NC...`. Received: data_format={}", given);
      }
      const Tensor value = a.tensor("value");
      return op("BiasAdd", {value, a.tensor("bias", value.dtype())}, {{"data_format", format}});
    },
};
NINEFOLD_REGISTER(add_function);

}  // namespace
}  // namespace ninefold::ops
