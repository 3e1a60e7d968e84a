// In: a condition and two functions. Out: the node If, its shapes and its gradient, in which each branch runs its own backward function.
#include <algorithm>
#include <optional>

#include "base/check.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/flow.h"
#include "engine/graph/seen.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::graph {
namespace {

void if_shape(ShapeCtx& c) {
  const auto& a = concrete(std::get<FunctionRef>(c.attr("then_branch")));
  const auto& b = concrete(std::get<FunctionRef>(c.attr("else_branch")));
  const auto in = c.inputs().subspan(1);
  // What a branch that is not taken would have kept for its gradient is empty, and need not fit its ops: such
  // a branch says nothing of shapes. If it is taken nevertheless, its own run raises.
  const auto shapes_of = [&](const Concrete& f) -> std::optional<std::vector<Shape>> {
    try {
      return result_shapes(f, in);
    } catch (const Error&) {
      return std::nullopt;
    }
  };
  const auto x = shapes_of(a), y = shapes_of(b);
  if (!x && !y) result_shapes(a, in);   // raises
  const size_t n = (x ? x : y)->size();
  const auto stands_in = [](const Concrete& f, size_t i) { return i < f.stand_ins.size() && f.stand_ins[i]; };
  const bool placed = ShapesOfPlan::now() && accelerated();
  for (size_t i = 0; i < n; ++i) {
    const Shape* one = !placed || !x || !y ? nullptr : stands_in(a, i) ? &(*y)[i] : stands_in(b, i) ? &(*x)[i] : nullptr;
    c.output(static_cast<int>(i), one ? *one : x && y ? (*x)[i].relax((*y)[i]) : Shape::unknown());
  }
}

}  // namespace

DifferentiableIf differentiable_if(const Tensor& predicate, const Tensors& inputs, Concrete& a, Concrete& b,
                                   const std::vector<bool>& wanted) {
  const size_t own = a.outputs().size();
  const auto fa = a.forward(wanted, true), fb = b.forward(wanted, true);
  const std::vector<TensorSpec> sa(fa->outputs().begin() + static_cast<std::ptrdiff_t>(own), fa->outputs().end());
  const std::vector<TensorSpec> sb(fb->outputs().begin() + static_cast<std::ptrdiff_t>(own), fb->outputs().end());
  DifferentiableIf d{{padded(fa, own, {}, sb), padded(fb, own, sa, {})}, {}};
  d.out = dispatch_if(predicate, inputs, d.branches[0], d.branches[1]);
  return d;
}

namespace {

// Where the gradient by an input stands among the results of a branch's backward function; at < 0: nowhere.
struct Part {
  int at = -1;
  bool rows = false;   // three results: values, indices, dense_shape
};
Part part_of(const Concrete& branch, int input) {
  const Backward& b = *branch.backward;
  int at = 0;
  for (size_t i = 0; i < b.reaches.size(); ++i) {
    if (b.reaches[i] == input) return {at, b.rows[i]};
    at += b.rows[i] ? 3 : 1;
  }
  return {};
}
// What both branches return for one input: rows if all that either of them gives is rows, else a tensor.
struct Joined {
  Joined(int i, std::span<Concrete* const> branches) : input(i) {
    for (const Concrete* c : branches) {
      const Part p = part_of(*c, i);
      if (p.at < 0) continue;
      const auto& specs = c->backward->function->outputs();
      rows = rows && p.rows;
      if (!rows) return;
      if (specs[static_cast<size_t>(p.at) + 1].dtype == DType::i64) index = DType::i64;
    }
  }
  int input;
  bool rows = true;
  DType index = DType::i32;
};

void append(Tensors& out, const Joined& j, const Part& p, const Tensors& dx, const Tensor& input) {
  const auto result = [&](int k) { return dx[static_cast<size_t>(p.at + k)]; };
  const Gradient given = p.at < 0 ? Gradient() : p.rows ? Gradient(IndexedSlices{result(0), result(1), result(2)}) : result(0);
  if (!j.rows) {
    out.push_back(given.defined() ? given.dense() : zeros_for(input));
  } else if (given.defined()) {
    const IndexedSlices& s = given.slices();
    const Tensor indices = s.indices.dtype() == j.index ? s.indices : op("Cast", {s.indices}, {{"DstT", j.index}});
    out.insert(out.end(), {s.values, indices, s.dense_shape});
  } else {
    // Every row, of zeros, as in TensorFlow: an optimizer with moments steps them all.
    const Tensor zeros = zeros_for(input), shape = op("Shape", {zeros});
    const Tensor rows = op("GatherV2", {shape, Tensor(int32_t{0}), Tensor(int32_t{0})});
    const Tensor all = op("Range", {Tensor(int32_t{0}), rows, Tensor(int32_t{1})});
    out.insert(out.end(), {zeros, j.index == DType::i64 ? op("Cast", {all}, {{"DstT", j.index}}) : all, shape});
  }
}

void if_grad(GradCtx& g) {
  auto function = [&](const char* name) { return std::get<FunctionRef>(g.attr(name)); };
  Concrete* f[2] = {&concrete(function("then_branch")), &concrete(function("else_branch"))};
  Tensors out;
  for (int i = 0; i < g.num_outputs(); ++i) out.push_back(g.out(i));
  // If nothing was kept for this gradient, or what was kept is differentiated in its turn, the branch runs again.
  bool again = !f[0]->backward;
  for (size_t o = f[0]->backward ? f[0]->backward->outputs : 0; o < out.size(); ++o)
    again = again || g.has_dy(static_cast<int>(o));
  DifferentiableIf rerun;
  Tensors inputs;
  for (int i = 1; i < g.num_inputs(); ++i) inputs.push_back(g.in(i));
  Again on;        // what was seen, if anything was
  if (again) {
    std::vector<bool> wanted;
    for (int i = 1; i < g.num_inputs(); ++i) wanted.push_back(g.needs(i));
    if (told({f[0], f[1]}, out)) {
      on = if_again(inputs, *f[0], *f[1], out);
      inputs = on.inputs;
      wanted.resize(inputs.size());
      for (int i = 0; i < 2; ++i) f[i] = on.f[i].get();
    }
    rerun = differentiable_if(g.in(0), inputs, *f[0], *f[1], wanted);
    for (int i = 0; i < 2; ++i) f[i] = rerun.branches[i].get();
    out = rerun.out;
  }
  // Both branches give a gradient for each input that either of them reaches.
  std::vector<Joined> reached;
  for (Concrete* b : f)
    for (int i : b->backward->reaches)
      if (std::none_of(reached.begin(), reached.end(), [i](const Joined& j) { return j.input == i; })) reached.emplace_back(i, f);
  if (reached.empty()) return;
  auto branch = [&](Concrete* c) {
    return [&g, &reached, &out, &inputs, c] {
      const Backward& b = *c->backward;
      Tensors arguments;
      for (int o : b.flows) arguments.push_back(g.dy(o));
      for (int s : b.saved) arguments.push_back(s >= 0 ? inputs[static_cast<size_t>(s)] : out[static_cast<size_t>(-1 - s)]);
      const Tensors dx = b.function->call(arguments);
      Tensors out;
      for (const Joined& j : reached) append(out, j, part_of(*c, j.input), dx, g.in(j.input + 1));
      return out;
    };
  };
  const Tensors dx = cond(g.in(0), branch(f[0]), branch(f[1]));
  size_t at = 0;
  for (const Joined& j : reached) {
    if (j.rows) g.to(j.input + 1, IndexedSlices{dx[at], dx[at + 1], dx[at + 2]});
    else g.to(j.input + 1, dx[at]);
    at += j.rows ? 3 : 1;
  }
}

Op if_record(const char* name) {
  return {.name = name, .inputs = {"cond: Tcond", "input: Tin"}, .outputs = {"output: Tout"},
          .attrs = {"Tcond: type", "Tin: list(type)", "Tout: list(type)", "then_branch: func", "else_branch: func",
                    "output_shapes: list(shape) = []"},
          .doc = "The results of one of two functions.", .shape = if_shape, .grad = if_grad, .effect = Effect::reads,
          .host = {"cond"}, .foldable = false};
}
const Op stateful_if = if_record("If"), stateless_if = if_record("StatelessIf");
NINEFOLD_REGISTER(stateful_if);
NINEFOLD_REGISTER(stateless_if);
NINEFOLD_KERNEL(stateful_if, "CPU", Kernel{run_if});
NINEFOLD_KERNEL(stateless_if, "CPU", Kernel{run_if});
const PlanForm if_forms[] = {{stateful_if, flow_abilities()}, {stateless_if, flow_abilities()}};

}  // namespace

Tensors dispatch_if(const Tensor& predicate, const Tensors& inputs, const std::shared_ptr<Concrete>& a,
                    const std::shared_ptr<Concrete>& b) {
  Tensors in = {predicate};
  in.insert(in.end(), inputs.begin(), inputs.end());
  const Op& record = stateful(*a) || stateful(*b) ? stateful_if : stateless_if;
  std::vector<DType> out;
  for (const TensorSpec& s : a->outputs()) out.push_back(s.dtype);
  const NamedAttr named[] = {{"Tin", dtypes_of(inputs)}, {"Tout", out}, {"then_branch", FunctionRef(a)},
                             {"else_branch", FunctionRef(b)}};
  return dispatch(record, in, Attrs(record, named));
}

}  // namespace ninefold::graph
