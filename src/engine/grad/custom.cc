// In: results, what they were computed from, and the caller's own rule for what flows back. Out: the same
// results, differentiated by that rule (tf.custom_gradient). Also functions of the host language as ops.
#include "engine/grad/custom.h"

#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/tensor/resource.h"
#include "engine/tensor/tensor_impl.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {
using grad::RuleTracer;
using grad::TracedRule;

// What an attribute holds of a callback: a resource, so that attributes stay values.
struct Callback : Resource {
  explicit Callback(TracedRule r) : rule(std::move(r)) {}
  const char* kind() const override { return "Callback"; }
  TracedRule rule;
};
const TracedRule& held_in(const Attr& attr) { return resource_as<Callback>(std::get<Tensor>(attr), "callback").rule; }
const HostFunction& callback(const Attr& attr) { return held_in(attr).call; }

const Op custom = {
    .name = "CustomGradient", .inputs = {"outputs: Tout", "sources: Tin", "captures: Tcaptures"}, .outputs = {"results: Tout"},
    .attrs = {"Tout: list(type)", "Tin: list(type)", "Tcaptures: list(type)", "backward: tensor"},
    .doc = "The outputs as they are; `backward` says what flows back into the sources.",
    .shape = [](ShapeCtx& c) {
      const size_t n = std::get<std::vector<DType>>(c.attr("Tout")).size();
      for (size_t i = 0; i < n; ++i) c.output(static_cast<int>(i), c.shape(static_cast<int>(i)));
    },
    .grad = [](GradCtx& g) {
      Tensors dy;
      for (int i = 0; i < g.num_outputs(); ++i) dy.push_back(g.dy(i));
      const int captures = static_cast<int>(std::get<std::vector<DType>>(g.attr("Tcaptures")).size());
      const int sources = g.num_inputs() - g.num_outputs() - captures;
      for (int i = 0; i < captures; ++i) dy.push_back(g.in(g.num_outputs() + sources + i));
      const Tensors dx = callback(g.attr("backward"))(dy);
      check(static_cast<int>(dx.size()) == sources, Code::value,
            "custom_gradient function expected to return {} gradients, but returned {} instead.", sources, dx.size());
      for (int i = 0; i < sources; ++i)
        if (dx[static_cast<size_t>(i)].defined()) g.to(g.num_outputs() + i, dx[static_cast<size_t>(i)]);
    },
    .foldable = false, .grad_reads = {"captures"},
};
NINEFOLD_REGISTER(custom);
void custom_cpu(KernelCtx& k) {
  for (int i = 0; i < k.num_outputs(); ++i) {
    // A handle of its own, so that tapes tell input and output apart; a plan's slab lends no memory.
    if (!k.in(i).impl()->buffer->borrowed()) {
      k.set_output(i, k.in(i).with_shape(k.in(i).shape()));
    } else {
      k.allocate(i, k.in(i).dtype(), k.in(i).shape());
      std::memcpy(k.out<char>(i), k.in<char>(i), k.in(i).bytes());
    }
  }
}
NINEFOLD_KERNEL(custom, "CPU", Kernel{custom_cpu});

const Op host = {
    .name = "EagerPyFunc", .inputs = {"input: Tin"}, .outputs = {"output: Tout"},
    .attrs = {"Tin: list(type)", "Tout: list(type)", "function: tensor", "gradient: tensor"},
    .doc = "What a function of the host language makes of the inputs, each time it runs.",
    .shape = [](ShapeCtx& c) {
      const size_t n = std::get<std::vector<DType>>(c.attr("Tout")).size();
      for (size_t i = 0; i < n; ++i) c.output(static_cast<int>(i), Shape::unknown());
    },
    .grad = [](GradCtx& g) {
      // One more host function, of the inputs and what flows back into the outputs.
      Tensors in;
      std::vector<DType> tout;
      for (int i = 0; i < g.num_inputs(); ++i) in.push_back(g.in(i)), tout.push_back(g.in(i).dtype());
      for (int i = 0; i < g.num_outputs(); ++i) in.push_back(g.dy(i));
      const NamedAttr named[] = {{"Tout", tout}, {"function", std::get<Tensor>(g.attr("gradient"))},
                                 {"gradient", std::get<Tensor>(g.attr("gradient"))}};
      const Tensors dx = op_all("EagerPyFunc", in, named);
      for (int i = 0; i < g.num_inputs(); ++i) g.to(i, dx[static_cast<size_t>(i)]);
    },
    .effect = Effect::world, .foldable = false, .grad_reads = {"input"},
};
NINEFOLD_REGISTER(host);
void host_cpu(KernelCtx& k) {
  Tensors in;
  for (int i = 0; i < k.num_inputs(); ++i) {
    // The function may keep what it gets: memory of a plan's slab is copied.
    const Tensor& t = k.in(i);
    in.push_back(t.impl()->buffer->borrowed() ? Tensor::copy_of(t.dtype(), t.shape(), t.data(), static_cast<size_t>(t.size())) : t);
  }
  const Tensors out = callback(k.attr("function"))(in);
  k.check(static_cast<int>(out.size()) == k.num_outputs(), "pyfunc returned {} values, but expected to see {} values.",
          out.size(), k.num_outputs());
  for (int i = 0; i < k.num_outputs(); ++i) {
    k.check(out[static_cast<size_t>(i)].dtype() == std::get<std::vector<DType>>(k.attr("Tout"))[static_cast<size_t>(i)],
            "{}-th value returned by pyfunc is {}, but expects {}", i, short_name(out[static_cast<size_t>(i)].dtype()),
            short_name(std::get<std::vector<DType>>(k.attr("Tout"))[static_cast<size_t>(i)]));
    k.set_output(i, out[static_cast<size_t>(i)]);
  }
}
NINEFOLD_KERNEL(host, "CPU", Kernel{host_cpu});

std::vector<DType> dtypes_of(const Tensors& ts) {
  std::vector<DType> out;
  for (const Tensor& t : ts) out.push_back(t.dtype());
  return out;
}
RuleTracer rule_tracer = nullptr;

// Within a trace the rule is traced with the results, so that it holds no symbols that copies of the op lack. A
// rule that raises meanwhile raises again when a gradient is asked for, and not if none is.
TracedRule taken_in(const Tensors& outputs, HostFunction backward) {
  if (scope().tracer()) {
    try {
      return rule_tracer(outputs, backward);
    } catch (const std::exception&) {
    }
  }
  return {std::move(backward), {}, {}, {}, false};
}
Tensor held(TracedRule r) { return resource_tensor(std::make_shared<Callback>(std::move(r))); }
Tensor held(HostFunction f) { return held(TracedRule{std::move(f), {}, {}, {}, false}); }

Tensors with_rule(Tensors in, const Tensors& sources, TracedRule rule) {
  const std::vector<DType> tout = dtypes_of(in);
  const Tensors captures = std::move(rule.captures);   // inputs of the op, which copies of it find among theirs
  rule.captures.clear();
  in.insert(in.end(), sources.begin(), sources.end());
  in.insert(in.end(), captures.begin(), captures.end());
  const NamedAttr named[] = {{"Tout", tout}, {"Tin", dtypes_of(sources)}, {"Tcaptures", dtypes_of(captures)},
                             {"backward", held(std::move(rule))}};
  return op_all("CustomGradient", in, named);
}

}  // namespace

void grad::set_rule_tracer(RuleTracer tracer) { rule_tracer = tracer; }
bool grad::is_custom_gradient(const Op& op) { return &op == &custom; }
const TracedRule& grad::rule_of(const Op& op, const Attrs& attrs) { return held_in(attrs.at(op, "backward")); }

Tensors grad::without_gradient(const Tensors& outputs, const Tensors& sources, HostFunction fail) {
  return with_rule(outputs, sources, {std::move(fail), {}, {}, {}, true});
}

Tensors custom_gradient(const Tensors& outputs, const Tensors& sources, HostFunction backward) {
  return with_rule(outputs, sources, taken_in(outputs, std::move(backward)));
}

Tensors host_function(const Tensors& inputs, const std::vector<DType>& outputs, HostFunction f, HostFunction gradient) {
  const NamedAttr named[] = {{"Tin", dtypes_of(inputs)}, {"Tout", outputs}, {"function", held(std::move(f))},
                             {"gradient", held(std::move(gradient))}};
  return op_all("EagerPyFunc", inputs, named);
}

}  // namespace ninefold
