// In: functions with random ops and effects. Out: what those saw among their results, and the functions run again on that.
#include "engine/graph/seen.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "engine/graph/expansion.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/plan_forms.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {
namespace {

// ---- an op that is not done again ----

// Which op gave the values that a node NinefoldRecalled hands on.
struct Origin : Resource {
  Origin(const Op& o, Attrs a) : op(&o), attrs(std::move(a)) {}
  const char* kind() const override { return "Origin"; }
  const Op* op;
  Attrs attrs;
};
const Origin& origin(const Attr& attr) { return resource_as<Origin>(std::get<Tensor>(attr), "NinefoldRecalled"); }

void recalled_grad(GradCtx& g) {
  const Origin& from = origin(g.attr("of"));
  check(from.op->grad, Code::key, "gradient registry has no entry for: {}", from.op->name);
  const int n = g.num_outputs();
  Tensors in, out;
  Gradients dy;
  std::vector<bool> needed;
  for (int i = 0; i < n; ++i) out.push_back(g.in(i)), dy.push_back(g.has_dy(i) ? g.flow(i) : Gradient());
  for (int i = n; i < g.num_inputs(); ++i) in.push_back(g.in(i)), needed.push_back(g.needs(i));
  GradCtx inner(*from.op, from.attrs, in, out, dy, needed);
  from.op->grad(inner);
  for (size_t i = 0; i < in.size(); ++i)
    if (inner.results()[i].defined()) g.to(n + static_cast<int>(i), inner.results()[i]);
}

const Op recalled = {
    .name = "NinefoldRecalled", .inputs = {"values: Tout", "input: Tin"}, .outputs = {"output: Tout"},
    .attrs = {"Tout: list(type)", "Tin: list(type)", "of: tensor"},
    .doc = "The values, which an op that is not done again gave for the inputs; what flows back goes to those.",
    .shape = [](ShapeCtx& c) {
      for (size_t i = 0; i < std::get<std::vector<DType>>(c.attr("Tout")).size(); ++i)
        c.output(static_cast<int>(i), c.shape(static_cast<int>(i)));
    },
    .grad = recalled_grad, .foldable = false,
};
NINEFOLD_REGISTER(recalled);
void recalled_cpu(KernelCtx& k) {
  for (int i = 0; i < k.num_outputs(); ++i) {
    const Tensor& t = k.in(i);   // a plan's slab lends no memory
    k.set_output(i, t.impl()->buffer->borrowed() ? Tensor::copy_of(t.dtype(), t.shape(), t.data(), static_cast<size_t>(t.size())) : t);
  }
}
NINEFOLD_KERNEL(recalled, "CPU", Kernel{recalled_cpu});
const PlanForm recalled_form(recalled, [](const Attrs&, std::span<const Tensor* const>) { return true; });
// What is read again carries the gradient only: it takes off what it adds.
const Expands in_files(recalled, [](const Op& o, const Attrs& attrs, std::span<const Tensor> in) {
  const Origin& from = origin(attrs.at(o, "of"));
  const size_t n = std::get<std::vector<DType>>(attrs.at(o, "Tout")).size();
  Tensors out(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(n));
  if (from.op->effect != Effect::reads || !from.op->grad || !is_floating(out[0].dtype()))
    return out;
  const Tensor read = dispatch(*from.op, in.subspan(n), from.attrs)[0];
  return Tensors{op("StopGradient", {out[0]}) + (read - op("StopGradient", {read}))};
});

Tensors as_before(const Node& n, const Tensors& in, const Tensors& values) {
  if (n.op->stops_gradient || !n.op->grad || in.empty() ||
      std::none_of(values.begin(), values.end(), [](const Tensor& t) { return carries_gradient(t.dtype()); })) return values;
  const auto dtypes = [](const Tensors& ts) {
    std::vector<DType> all;
    for (const Tensor& t : ts) all.push_back(t.dtype());
    return all;
  };
  Tensors all = values;
  all.insert(all.end(), in.begin(), in.end());
  const NamedAttr named[] = {{"Tout", dtypes(values)}, {"Tin", dtypes(in)},
                             {"of", resource_tensor(std::make_shared<Origin>(*n.op, n.attrs))}};
  return dispatch(recalled, all, Attrs(recalled, named));
}

// ---- what nodes saw ----

bool calls(const Node& n) {
  for (size_t i = 0; i < n.attrs.size(); ++i)
    if (std::holds_alternative<FunctionRef>(n.attrs[i]) || std::holds_alternative<std::vector<FunctionRef>>(n.attrs[i])) return true;
  return false;
}

// True iff what the node gives may be otherwise when it runs again. Handles say where, and are got again.
bool sees(const Node& n) {
  return n.op->effect != Effect::none && !n.out.empty() && !calls(n) &&
         std::none_of(n.out.begin(), n.out.end(), [](const Tensor& t) { return t.dtype() == DType::resource; });
}

// The outputs of a node that its functions saw.
std::vector<int> told_by(const Node& n) {
  std::vector<int> all;
  for (const char* attr : {"then_branch", "else_branch", "body"})
    if (const auto f = function_at(n, attr)) all.insert(all.end(), f->seen.begin(), f->seen.end());
  return all;
}

std::vector<TensorSpec> specs_of(std::span<const Tensor> ts) {
  std::vector<TensorSpec> specs;
  for (const Tensor& t : ts) specs.push_back({t.shape(), t.dtype(), {}});
  return specs;
}
std::vector<TensorSpec> inputs_of(const Concrete& f) {   // arguments and captures
  std::vector<TensorSpec> specs;
  for (const Node* n : f.graph().inputs) specs.push_back({n->out[0].shape(), n->out[0].dtype(), {}});
  return specs;
}

// A value of a branch that was not taken: nobody reads it.
Tensor nothing(const TensorSpec& s) {
  if (s.dtype == DType::variant)
    return op("EmptyTensorList", {Tensor(-1), Tensor(-1)}, {{"element_dtype", DType::f32}});
  return Tensor::zeros(s.dtype, {0});
}

std::shared_ptr<Concrete> with_seen(const Concrete& f, const Tensors& seen) {
  Tensors results = f.results();
  results.insert(results.end(), seen.begin(), seen.end());
  return std::make_shared<Concrete>(f.name(), f.shared_body(), std::move(results), f.inputs(), f.captures(), f.streams());
}

// What stands for outputs of the nodes of a graph that runs again.
using Given = std::map<std::pair<const Node*, int>, Tensor>;

// A node's outputs when it runs again: what it saw is given, control flow runs on that, what only acts is left out.
// Nothing for nodes that are simply there again.
std::optional<Tensors> instead_of(const Node& n, const Tensors& in, const Given& given) {
  const Acts acts = acts_of(*n.op, n.attrs);
  if (acts == Acts::nothing) return std::nullopt;
  Tensors out(n.out.size());
  const auto take = [&](int i) {
    const auto at = given.find({&n, i});
    NINEFOLD_INVARIANT(at != given.end());
    out[static_cast<size_t>(i)] = at->second;
  };
  if (given.contains({&n, 0}) && sees(n)) {
    for (size_t i = 0; i < out.size(); ++i) take(static_cast<int>(i));
    return as_before(n, in, out);
  }
  const std::vector<int> told = told_by(n);
  const auto then = function_at(n, "then_branch"), body = function_at(n, "body");
  if (told.empty() && !(then && acts == Acts::more))
    return acts == Acts::more && n.out.empty() ? std::optional(Tensors()) : std::nullopt;
  for (int i : told) take(i);
  Tensors made;
  if (then) {
    const Again a = if_again({in.begin() + 1, in.end()}, *then, *function_at(n, "else_branch"), out);
    made = dispatch_if(in[0], a.inputs, a.f[0], a.f[1]);
  } else {
    const Again a = while_again(in, *function_at(n, "cond"), *body, out);
    std::vector<Shape> shapes;
    for (const TensorSpec& s : a.f[1]->inputs()) shapes.push_back(s.shape);
    made = dispatch_while(a.inputs, a.f[0], a.f[1], shapes);
  }
  for (size_t i = 0; i < out.size(); ++i)
    if (!out[i].defined()) out[i] = made[i];
  return out;
}

std::pair<const Node*, int> place_of(const Tensor& t) { return {&node_of(t), index_of(t)}; }

Tensors replayed(const Concrete& f, std::span<const Tensor> in, const Given& given) {
  return joined(f, in, [&](const Node& n, const Tensors& inputs) { return instead_of(n, inputs, given); });
}

// The function with what it saw among its arguments, from `first` on.
std::shared_ptr<Concrete> given_seen(const Concrete& f, const std::vector<TensorSpec>& specs, size_t first) {
  Traced t = trace_body(f.name(), specs, [&](const Tensors& in) {
    Given given;
    for (size_t i = 0; i < f.seen.size(); ++i)
      given[place_of(f.results()[static_cast<size_t>(f.seen[i])])] = in[first + i];
    return replayed(f, {in.data(), f.graph().inputs.size()}, given);
  });
  NINEFOLD_INVARIANT(t.captures.empty());
  return std::make_shared<Concrete>(f.name(), t.body, t.results, specs, Tensors());
}

}  // namespace

Acts acts_of(const Op& op, const Attrs& attrs) {
  Acts all = Acts::nothing;
  bool function = false;
  const auto look_into = [&](const FunctionRef& f) {
    function = true;
    if (f) all = std::max(all, acts_in(concrete(f).graph()));
  };
  for (size_t i = 0; i < attrs.size(); ++i) {
    if (const auto* f = std::get_if<FunctionRef>(&attrs[i])) look_into(*f);
    else if (const auto* fs = std::get_if<std::vector<FunctionRef>>(&attrs[i])) std::for_each(fs->begin(), fs->end(), look_into);
  }
  if (function) return all;
  return op.effect == Effect::none ? Acts::nothing : op.effect == Effect::reads ? Acts::reads : Acts::more;
}
Acts acts_in(const Graph& g) {
  Acts all = Acts::nothing;
  for (const Node& n : g.nodes)
    if (all = std::max(all, acts_of(*n.op, n.attrs)); all == Acts::more) break;
  return all;
}

std::shared_ptr<Concrete> function_at(const Node& n, std::string_view attr) {
  const int slot = def(*n.op).slot(attr);
  const auto* f = slot < 0 ? nullptr : std::get_if<FunctionRef>(&n.attrs[static_cast<size_t>(slot)]);
  return f ? std::dynamic_pointer_cast<Concrete>(*f) : nullptr;
}

Tensors seen_in(const Graph& g) {
  Tensors all;
  for (const Node& n : g.nodes) {
    if (sees(n)) all.insert(all.end(), n.out.begin(), n.out.end());
    else
      for (int i : told_by(n)) all.push_back(n.out[static_cast<size_t>(i)]);
  }
  return all;
}

std::shared_ptr<Concrete> rebuilt(const Concrete& f, const Concrete::Instead& instead) {
  std::map<int, int> places;   // of random nodes, in the function as it was
  std::vector<TensorSpec> specs = inputs_of(f);
  for (size_t i = 0; i < specs.size(); ++i) specs[i].name = f.graph().stem_of(*f.graph().inputs[i]);
  Traced t = trace_body(f.name(), specs, [&](const Tensors& in) {
    struct Named {
      std::string was = scope().name_scope;
      ~Named() { scope().name_scope = was; }
    } named;
    return joined(f, in, [&](const Node& n, const Tensors& given) -> std::optional<Tensors> {
      const std::string stem = f.graph().stem_of(n);
      const size_t slash = stem.rfind('/');
      scope().name_scope = slash == std::string::npos ? "" : stem.substr(0, slash + 1);
      if (auto out = instead(n, given)) return out;
      if (n.op->effect != Effect::random || calls(n)) return std::nullopt;
      Tensors out = dispatch(*n.op, given, n.attrs);
      places[node_of(out[0]).id] = n.id;
      return out;
    });
  });
  NINEFOLD_INVARIANT(t.captures.empty());
  auto c = std::make_shared<Concrete>(f.name(), t.body, t.results, f.inputs(), f.captures(),
                                      std::make_shared<Streams>(f.streams(), std::move(places)));
  c->seen = f.seen;
  return c;
}

std::shared_ptr<Concrete> telling_throughout(const std::shared_ptr<Concrete>& f) {
  const auto silent = [](const Node& n) {
    const auto then = function_at(n, "then_branch"), body = function_at(n, "body");
    return (then && !then->backward && told_by(n).empty() && acts_of(*n.op, n.attrs) != Acts::nothing) ||
           (body && told_by(n).empty() && acts_of(*n.op, n.attrs) != Acts::nothing);
  };
  if (std::none_of(f->graph().nodes.begin(), f->graph().nodes.end(), silent)) return f;
  return rebuilt(*f, [&](const Node& n, const Tensors& in) -> std::optional<Tensors> {
    if (!silent(n)) return std::nullopt;
    Tensors out;
    if (auto then = function_at(n, "then_branch")) {
      auto other = function_at(n, "else_branch");
      tell_seen(then, other, true);
      out = dispatch_if(in[0], {in.begin() + 1, in.end()}, then, other);
    } else {
      auto condition = function_at(n, "cond"), body = function_at(n, "body");
      Tensors inputs = in;
      tell_seen(condition, body, inputs, true);
      std::vector<Shape> shapes;
      for (const TensorSpec& s : body->inputs()) shapes.push_back(s.shape);
      out = dispatch_while(inputs, condition, body, shapes);
    }
    out.resize(n.out.size());
    return out;
  });
}

Tensors joined(const Concrete& f, std::span<const Tensor> in, const Concrete::Instead& instead) {
  for (size_t i = 0; i < in.size(); ++i)
    if (in[i].dtype() == DType::resource) in[i].impl()->known = f.graph().inputs[i]->out[0].impl()->known;
  return f.replay(in, instead);
}

std::shared_ptr<Concrete> among(const std::shared_ptr<Concrete>& f, const std::vector<TensorSpec>& specs, size_t first) {
  Traced t = trace_body(f->name(), specs, [&](const Tensors& in) { return joined(*f, {in.data() + first, f->inputs().size()}); });
  return std::make_shared<Concrete>(f->name(), t.body, t.results, specs, Tensors());
}

std::shared_ptr<Concrete> padded(const std::shared_ptr<Concrete>& f, size_t own, const std::vector<TensorSpec>& before,
                                 const std::vector<TensorSpec>& after) {
  Traced t = trace_body(f->name(), f->inputs(), [&](const Tensors& in) {
    const Tensors all = joined(*f, in);
    Tensors out(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(own));
    for (const TensorSpec& s : before) out.push_back(nothing(s));
    out.insert(out.end(), all.begin() + static_cast<std::ptrdiff_t>(own), all.end());
    for (const TensorSpec& s : after) out.push_back(nothing(s));
    return out;
  });
  NINEFOLD_INVARIANT(t.captures.empty());
  auto c = std::make_shared<Concrete>(f->name(), t.body, t.results, f->inputs(), Tensors());
  c->seen = f->seen;   // among its own outputs
  const bool marked = f->stand_ins.size() == f->results().size();
  for (size_t i = 0; i < own; ++i) c->stand_ins.push_back(marked && f->stand_ins[i]);
  c->stand_ins.resize(own + before.size(), true);
  for (size_t i = own; i < f->results().size(); ++i) c->stand_ins.push_back(marked && f->stand_ins[i]);
  c->stand_ins.resize(c->results().size(), true);
  if (!f->backward) return c;
  auto b = std::make_unique<Backward>(*f->backward);
  for (int& s : b->saved)
    if (s < 0) s -= static_cast<int>(before.size());
  c->backward = std::move(b);
  return c;
}

void tell_seen(std::shared_ptr<Concrete>& then, std::shared_ptr<Concrete>& other, bool needed) {
  const Acts acts = std::max(acts_in(then->graph()), acts_in(other->graph()));
  if (acts == Acts::nothing || (acts == Acts::reads && !needed)) return;
  std::shared_ptr<Concrete>* const branches[] = {&then, &other};
  for (auto* b : branches) *b = telling_throughout(*b);
  const Tensors seen[] = {seen_in(then->graph()), seen_in(other->graph())};
  if (seen[0].empty() && seen[1].empty()) return;
  const size_t own = then->outputs().size();
  for (size_t k = 0; k < 2; ++k) {
    const std::vector<TensorSpec> others = specs_of(seen[1 - k]), none;
    auto told = padded(with_seen(**branches[k], seen[k]), own, k ? others : none, k ? none : others);
    for (size_t i = 0; i < seen[k].size(); ++i)
      told->seen.push_back(static_cast<int>(own + (k ? others.size() : 0) + i));
    *branches[k] = std::move(told);
  }
}

void tell_seen(std::shared_ptr<Concrete>& condition, std::shared_ptr<Concrete>& body, Tensors& inputs, bool needed) {
  const Acts acts = std::max(acts_in(condition->graph()), acts_in(body->graph()));
  if (acts == Acts::nothing || (acts == Acts::reads && !needed)) return;
  body = telling_throughout(body);
  const Tensors seen = seen_in(body->graph());
  const size_t n = inputs.size();
  std::vector<TensorSpec> specs = body->inputs();
  specs.push_back({{}, DType::i32, {}});
  specs.resize(specs.size() + seen.size(), {{}, DType::variant, {}});
  const auto step = with_seen(*body, seen);
  Traced t = trace_body(body->name(), specs, [&](const Tensors& in) {
    const Tensors all = joined(*step, {in.data(), n});
    Tensors out(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
    out.push_back(in[n] + Tensor(1));
    for (size_t i = 0; i < seen.size(); ++i) out.push_back(op("TensorListPushBack", {in[n + 1 + i], all[n + i]}));
    return out;
  });
  NINEFOLD_INVARIANT(t.captures.empty());
  condition = among(condition, specs, 0);
  body = std::make_shared<Concrete>(body->name(), t.body, t.results, specs, Tensors());
  for (size_t i = 0; i <= seen.size(); ++i) body->seen.push_back(static_cast<int>(n + i));
  inputs.push_back(Tensor(0));
  for (const TensorSpec& s : specs_of(seen)) inputs.push_back(empty_list(s));
}

Again if_again(const Tensors& inputs, const Concrete& then, const Concrete& other, const Tensors& out) {
  Again a{{}, inputs};
  for (const Concrete* f : {&then, &other})
    for (int i : f->seen) a.inputs.push_back(out[static_cast<size_t>(i)]);
  const std::vector<TensorSpec> specs = specs_of(a.inputs);
  a.f[0] = given_seen(then, specs, inputs.size());
  a.f[1] = given_seen(other, specs, inputs.size() + then.seen.size());
  return a;
}

Again while_again(Tensors inputs, const Concrete& condition, const Concrete& body, const Tensors& out) {
  const size_t n = inputs.size();
  for (int i : body.seen) inputs[static_cast<size_t>(i)] = out[static_cast<size_t>(i)];
  inputs.push_back(Tensor(0));
  std::vector<TensorSpec> specs = body.inputs();
  specs.push_back({{}, DType::i32, {}});
  const auto count = static_cast<size_t>(body.seen[0]);
  Traced until = trace_body(condition.name(), specs, [&](const Tensors& in) { return Tensors{op("Less", {in[n], in[count]})}; });
  Traced t = trace_body(body.name(), specs, [&](const Tensors& in) {
    Given given;
    for (size_t i = 1; i < body.seen.size(); ++i) {
      const auto list = static_cast<size_t>(body.seen[i]);
      const Tensor& number = node_of(body.results()[list]).in[1];   // what is pushed there
      Tensor value = op("TensorListGetItem", {in[list], in[n], list_shape(number.shape())}, {{"element_dtype", number.dtype()}});
      if (value.shape().compatible(number.shape())) value.impl()->shape = value.shape().merge(number.shape());
      given[place_of(number)] = value;
    }
    Tensors next = replayed(body, {in.data(), n}, given);
    for (int i : body.seen) next[static_cast<size_t>(i)] = in[static_cast<size_t>(i)];
    next.push_back(in[n] + Tensor(1));
    return next;
  });
  NINEFOLD_INVARIANT(until.captures.empty() && t.captures.empty());
  const auto function = [&](const Concrete& f, Traced& traced) {
    return std::make_shared<Concrete>(f.name(), traced.body, traced.results, specs, Tensors());
  };
  return {{function(condition, until), function(body, t)}, std::move(inputs)};
}

std::shared_ptr<Concrete> on_seen(const Concrete& f) {
  std::vector<TensorSpec> specs = inputs_of(f);
  const size_t own = specs.size();
  for (int i : f.seen) specs.push_back(f.outputs()[static_cast<size_t>(i)]);
  return given_seen(f, specs, own);
}

Tensor list_shape(const Shape& s) {
  const std::vector<int32_t> dims(s.begin(), s.end());
  return s.known_rank() ? Tensor::of<int32_t>({s.rank()}, dims) : Tensor(-1);
}
Tensor empty_list(const TensorSpec& element) {
  return op("EmptyTensorList", {list_shape(element.shape), Tensor(-1)}, {{"element_dtype", element.dtype}});
}

}  // namespace ninefold::graph
