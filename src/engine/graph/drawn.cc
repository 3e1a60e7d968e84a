// In: functions whose random ops draw numbers. Out: those numbers among their results, and the functions run again on them.
#include "engine/graph/drawn.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "engine/op/scope.h"

namespace ninefold::graph {
namespace {

// A random op, of TensorFlow's streams or of a tf.random.Generator.
bool draws_numbers(const Node& n) {
  return n.op->effect == Effect::random || (n.op->effect == Effect::writes && n.op->stops_gradient && !n.out.empty());
}

const Concrete* function_at(const Node& n, std::string_view attr) {
  const int slot = def(*n.op).slot(attr);
  const auto* f = slot < 0 ? nullptr : std::get_if<FunctionRef>(&n.attrs[static_cast<size_t>(slot)]);
  return f && *f ? &concrete(*f) : nullptr;
}

// The outputs of a node that its functions drew.
std::vector<int> told_by(const Node& n) {
  std::vector<int> all;
  for (const char* attr : {"then_branch", "else_branch", "body"})
    if (const Concrete* f = function_at(n, attr)) all.insert(all.end(), f->drawn.begin(), f->drawn.end());
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

std::shared_ptr<Concrete> with_drawn(const Concrete& f, const Tensors& drawn) {
  Tensors results = f.results();
  results.insert(results.end(), drawn.begin(), drawn.end());
  return std::make_shared<Concrete>(f.name(), f.shared_body(), std::move(results), f.inputs(), f.captures(), f.streams());
}

// What stands for outputs of the nodes of a graph that runs again.
using Given = std::map<std::pair<const Node*, int>, Tensor>;

// A node's outputs, of what is given: a random op's are those, control flow runs on them. Nothing for other nodes.
Tensors instead_of(const Node& n, const Tensors& in, const Given& given) {
  Tensors out(n.out.size());
  const auto take = [&](int i) {
    const auto at = given.find({&n, i});
    NINEFOLD_INVARIANT(at != given.end());
    out[static_cast<size_t>(i)] = at->second;
  };
  if (draws_numbers(n)) {
    for (size_t i = 0; i < out.size(); ++i) take(static_cast<int>(i));
    return out;
  }
  const std::vector<int> told = told_by(n);
  if (told.empty()) return {};
  for (int i : told) take(i);
  Tensors made;
  if (const Concrete* then = function_at(n, "then_branch")) {
    const Again a = if_again({in.begin() + 1, in.end()}, *then, *function_at(n, "else_branch"), out);
    made = dispatch_if(in[0], a.inputs, a.f[0], a.f[1]);
  } else {
    const Again a = while_again(in, *function_at(n, "cond"), *function_at(n, "body"), out);
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

// The function with the numbers that it drew among its arguments, from `first` on.
std::shared_ptr<Concrete> given_numbers(const Concrete& f, const std::vector<TensorSpec>& specs, size_t first) {
  Traced t = trace_body(f.name(), specs, [&](const Tensors& in) {
    Given given;
    for (size_t i = 0; i < f.drawn.size(); ++i)
      given[place_of(f.results()[static_cast<size_t>(f.drawn[i])])] = in[first + i];
    return replayed(f, {in.data(), f.graph().inputs.size()}, given);
  });
  NINEFOLD_INVARIANT(t.captures.empty());
  return std::make_shared<Concrete>(f.name(), t.body, t.results, specs, Tensors());
}

}  // namespace

Tensors drawn_in(const Graph& g) {
  Tensors all;
  for (const Node& n : g.nodes) {
    if (draws_numbers(n)) all.insert(all.end(), n.out.begin(), n.out.end());
    else
      for (int i : told_by(n)) all.push_back(n.out[static_cast<size_t>(i)]);
  }
  return all;
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
  c->drawn = f->drawn;   // among its own outputs
  if (!f->backward) return c;
  auto b = std::make_unique<Backward>(*f->backward);
  for (int& s : b->saved)
    if (s < 0) s -= static_cast<int>(before.size());
  c->backward = std::move(b);
  return c;
}

void tell_drawn(std::shared_ptr<Concrete>& then, std::shared_ptr<Concrete>& other) {
  std::shared_ptr<Concrete>* const branches[] = {&then, &other};
  const Tensors drawn[] = {drawn_in(then->graph()), drawn_in(other->graph())};
  if (drawn[0].empty() && drawn[1].empty()) return;
  const size_t own = then->outputs().size();
  for (size_t k = 0; k < 2; ++k) {
    const std::vector<TensorSpec> others = specs_of(drawn[1 - k]), none;
    auto told = padded(with_drawn(**branches[k], drawn[k]), own, k ? others : none, k ? none : others);
    for (size_t i = 0; i < drawn[k].size(); ++i)
      told->drawn.push_back(static_cast<int>(own + (k ? others.size() : 0) + i));
    *branches[k] = std::move(told);
  }
}

void tell_drawn(std::shared_ptr<Concrete>& condition, std::shared_ptr<Concrete>& body, Tensors& inputs) {
  const Tensors drawn = drawn_in(body->graph());
  if (drawn.empty() && drawn_in(condition->graph()).empty()) return;
  const size_t n = inputs.size();
  std::vector<TensorSpec> specs = body->inputs();
  specs.push_back({{}, DType::i32, {}});
  specs.resize(specs.size() + drawn.size(), {{}, DType::variant, {}});
  const auto step = with_drawn(*body, drawn);
  Traced t = trace_body(body->name(), specs, [&](const Tensors& in) {
    const Tensors all = joined(*step, {in.data(), n});
    Tensors out(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
    out.push_back(in[n] + Tensor(1));
    for (size_t i = 0; i < drawn.size(); ++i) out.push_back(op("TensorListPushBack", {in[n + 1 + i], all[n + i]}));
    return out;
  });
  NINEFOLD_INVARIANT(t.captures.empty());
  condition = among(condition, specs, 0);
  body = std::make_shared<Concrete>(body->name(), t.body, t.results, specs, Tensors());
  for (size_t i = 0; i <= drawn.size(); ++i) body->drawn.push_back(static_cast<int>(n + i));
  inputs.push_back(Tensor(0));
  for (const TensorSpec& s : specs_of(drawn)) inputs.push_back(empty_list(s));
}

Again if_again(const Tensors& inputs, const Concrete& then, const Concrete& other, const Tensors& out) {
  Again a{{}, inputs};
  for (const Concrete* f : {&then, &other})
    for (int i : f->drawn) a.inputs.push_back(out[static_cast<size_t>(i)]);
  const std::vector<TensorSpec> specs = specs_of(a.inputs);
  a.f[0] = given_numbers(then, specs, inputs.size());
  a.f[1] = given_numbers(other, specs, inputs.size() + then.drawn.size());
  return a;
}

Again while_again(Tensors inputs, const Concrete& condition, const Concrete& body, const Tensors& out) {
  const size_t n = inputs.size();
  for (int i : body.drawn) inputs[static_cast<size_t>(i)] = out[static_cast<size_t>(i)];
  inputs.push_back(Tensor(0));
  std::vector<TensorSpec> specs = body.inputs();
  specs.push_back({{}, DType::i32, {}});
  const auto count = static_cast<size_t>(body.drawn[0]);
  Traced until = trace_body(condition.name(), specs, [&](const Tensors& in) { return Tensors{op("Less", {in[n], in[count]})}; });
  Traced t = trace_body(body.name(), specs, [&](const Tensors& in) {
    Given given;
    for (size_t i = 1; i < body.drawn.size(); ++i) {
      const auto list = static_cast<size_t>(body.drawn[i]);
      const Tensor& number = node_of(body.results()[list]).in[1];   // what is pushed there
      Tensor value = op("TensorListGetItem", {in[list], in[n], list_shape(number.shape())}, {{"element_dtype", number.dtype()}});
      if (value.shape().compatible(number.shape())) value.impl()->shape = value.shape().merge(number.shape());
      given[place_of(number)] = value;
    }
    Tensors next = replayed(body, {in.data(), n}, given);
    for (int i : body.drawn) next[static_cast<size_t>(i)] = in[static_cast<size_t>(i)];
    next.push_back(in[n] + Tensor(1));
    return next;
  });
  NINEFOLD_INVARIANT(until.captures.empty() && t.captures.empty());
  const auto function = [&](const Concrete& f, Traced& traced) {
    return std::make_shared<Concrete>(f.name(), traced.body, traced.results, specs, Tensors());
  };
  return {{function(condition, until), function(body, t)}, std::move(inputs)};
}

std::shared_ptr<Concrete> on_numbers(const Concrete& f) {
  std::vector<TensorSpec> specs = inputs_of(f);
  const size_t own = specs.size();
  for (int i : f.drawn) specs.push_back(f.outputs()[static_cast<size_t>(i)]);
  return given_numbers(f, specs, own);
}

Tensor list_shape(const Shape& s) {
  const std::vector<int32_t> dims(s.begin(), s.end());
  return s.known_rank() ? Tensor::of<int32_t>({s.rank()}, dims) : Tensor(-1);
}
Tensor empty_list(const TensorSpec& element) {
  return op("EmptyTensorList", {list_shape(element.shape), Tensor(-1)}, {{"element_dtype", element.dtype}});
}

}  // namespace ninefold::graph
