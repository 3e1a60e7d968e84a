// In: a trace and concrete inputs. Out: a program with whole shapes as far as they follow, constants folded.
#include "engine/graph/program.h"

#include <algorithm>

#include "base/check.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/fuse.h"
#include "engine/op/run.h"
#include "engine/op/shape_ctx.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {
namespace {

constexpr int64_t kFolded = 4096;   // elements: larger constants are computed in each run, in the slab

bool has_function(const Attrs& attrs) {
  for (size_t i = 0; i < attrs.size(); ++i)
    if (std::holds_alternative<FunctionRef>(attrs[i]) || std::holds_alternative<std::vector<FunctionRef>>(attrs[i])) return true;
  return false;
}

// What a shape rule sees of a value.
Tensor seen(const Value& v) {
  static Node nobody;
  Tensor t = symbolic_tensor({&nobody, &nobody, 0}, v.dtype, v.shape);
  if (v.known.defined()) t.impl()->known = std::make_shared<const Tensor>(v.known);
  return t;
}

void infer(const Instruction& c, Program& p, const Node& node) {
  Tensors in;
  for (int v : c.in) in.push_back(seen(p.values[static_cast<size_t>(v)]));
  ShapeCtx shape(*c.op, c.attrs, in);
  c.op->shape(shape);
  shape.outputs().resize(c.out.size(), Shape::unknown());
  std::vector<Shape> set_aside = shape.outputs();
  // A rule that leaves the shape open when it holds the resource itself: the kernel brings the memory.
  bool resources = false;
  for (size_t i = 0; i < in.size(); ++i)
    if (in[i].dtype() == DType::resource && in[i].impl()->known) in[i] = *in[i].impl()->known, resources = true;
  if (resources) {
    ShapeCtx at_run(*c.op, c.attrs, in);
    c.op->shape(at_run);
    at_run.outputs().resize(c.out.size(), Shape::unknown());
    set_aside = at_run.outputs();
  }
  const bool calls = has_function(c.attrs);
  for (size_t i = 0; i < c.out.size(); ++i) {
    Value& v = p.values[static_cast<size_t>(c.out[i])];
    v.dtype = node.out[i].dtype();
    // The trace may know more than the rule: shapes that a call or a loop was declared with.
    const Shape& traced = node.out[i].shape();
    const Shape& ruled = shape.outputs()[i];
    v.shape = ruled.compatible(traced) ? ruled.merge(traced) : ruled;
    // Where a value tells the shape, the rule tells it again when that value is there: memory is given then.
    if (!c.op->host.empty() && !calls && !resources && !ruled.fully_known() && v.shape.fully_known()) v.shape = ruled;
    v.by_kernel = calls || (v.shape.fully_known() && !set_aside[i].fully_known());
  }
}

bool fold(const Instruction& c, Program& p) {
  if (!c.op->foldable || c.must_run || c.op->effect != Effect::none || c.out.empty()) return false;
  for (int o : c.out) {
    const Value& v = p.values[static_cast<size_t>(o)];
    if (!v.shape.fully_known() || v.shape.size() > kFolded || !(is_plain(v.dtype) || v.dtype == DType::string)) return false;
  }
  Tensors in;
  for (int i : c.in) {
    const Value& v = p.values[static_cast<size_t>(i)];
    if (v.known.defined() && v.known.size() <= kFolded && v.dtype != DType::resource) {
      in.push_back(v.known);
    } else if (c.op->shape_only && v.shape.fully_known() && is_plain(v.dtype)) {
      static std::byte nothing[16];
      in.push_back(Tensor::wrap(v.dtype, v.shape, nothing, {}));   // its elements are not read
    } else {
      return false;
    }
  }
  try {
    Tensors out = run_now(*c.op, in, c.attrs);
    for (size_t i = 0; i < out.size(); ++i) p.values[static_cast<size_t>(c.out[i])].known = std::move(out[i]);
    return true;
  } catch (const Error&) {
    return false;   // it raises when it runs
  }
}

}  // namespace

Program lower(const Concrete& f, std::vector<Value> inputs) {
  Program p;
  const Graph& g = f.graph();
  NINEFOLD_INVARIANT(inputs.size() == g.inputs.size());
  std::vector<int> first(g.nodes.size());   // the value of a node's output 0
  for (const Node& n : g.nodes) {
    first[static_cast<size_t>(n.id)] = static_cast<int>(p.values.size());
    p.values.resize(p.values.size() + n.out.size());
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const int at = first[static_cast<size_t>(g.inputs[i]->id)];
    p.values[static_cast<size_t>(at)] = std::move(inputs[i]);
    p.inputs.push_back(at);
  }
  auto value = [&](const Tensor& t) { return first[static_cast<size_t>(node_of(t).id)] + index_of(t); };
  for (const Node& n : g.nodes) {
    const int at = first[static_cast<size_t>(n.id)];
    if (n.op == &placeholder_op()) continue;
    if (n.op == &const_op()) {
      Value& v = p.values[static_cast<size_t>(at)];
      v.known = *n.out[0].impl()->known;
      v.dtype = v.known.dtype();
      v.shape = v.known.shape();
      continue;
    }
    Instruction c{n.op, n.attrs, {}, {}, &n, must_run(*n.op, n.attrs)};
    if (n.op->effect == Effect::random) c.counter = f.streams()->at(n);
    for (const Tensor& t : n.in) c.in.push_back(value(t));
    for (size_t i = 0; i < n.out.size(); ++i) c.out.push_back(at + static_cast<int>(i));
    try {
      infer(c, p, n);
    } catch (const Error& e) {   // the shapes of this call do not fit
      name_node(e, g, n);
      throw;
    }
    if (!fold(c, p)) p.code.push_back(std::move(c));
  }
  for (const Tensor& t : f.results()) p.outputs.push_back(value(t));
  return p;
}

std::vector<int> inlined(Program& p, const Concrete& f, std::span<const int> inputs, std::vector<Instruction>& code) {
  std::vector<Value> given;
  for (int v : inputs) given.push_back(p.values[static_cast<size_t>(v)]);
  Program more = lower(f, std::move(given));
  p.graphs.push_back(&f.graph());
  std::vector<int> number(more.values.size(), -1);   // that each of its values has in p
  for (size_t i = 0; i < more.inputs.size(); ++i) number[static_cast<size_t>(more.inputs[i])] = inputs[i];
  for (size_t v = 0; v < number.size(); ++v) {
    if (number[v] >= 0) continue;
    number[v] = static_cast<int>(p.values.size());
    p.values.push_back(std::move(more.values[v]));
  }
  auto rename = [&](int& v) { v = number[static_cast<size_t>(v)]; };
  for (Instruction& c : more.code) {
    std::for_each(c.in.begin(), c.in.end(), rename);
    std::for_each(c.out.begin(), c.out.end(), rename);
    code.push_back(std::move(c));
  }
  std::vector<int> results;
  for (int v : more.outputs) results.push_back(number[static_cast<size_t>(v)]);
  return results;
}
void append(Program& p, const Concrete& f) {
  const std::vector<int> results = inlined(p, f, std::vector<int>(p.outputs), p.code);
  p.outputs.insert(p.outputs.end(), results.begin(), results.end());
}

std::vector<Shape> result_shapes(const Concrete& f, std::span<const Tensor> inputs) {
  std::vector<Value> values;
  for (const Tensor& t : inputs) {
    const Tensor* known = t.symbolic() ? t.impl()->known.get() : t.impl()->buffer ? &t : nullptr;
    values.push_back({t.dtype(), t.shape(), known && t.dtype() == DType::resource ? *known : Tensor()});
  }
  const Program p = lower(f, std::move(values));
  std::vector<Shape> shapes;
  for (int v : p.outputs) shapes.push_back(p.values[static_cast<size_t>(v)].shape);
  return shapes;
}

void drop_unread(Program& p) {
  std::vector<bool> read(p.values.size());
  for (int o : p.outputs) read[static_cast<size_t>(o)] = true;
  std::vector<Instruction> kept;
  for (size_t i = p.code.size(); i-- > 0;) {
    Instruction& c = p.code[i];
    const bool needed = c.must_run || std::any_of(c.out.begin(), c.out.end(), [&](int o) { return read[static_cast<size_t>(o)]; });
    if (!needed) continue;
    for (int v : c.in) read[static_cast<size_t>(v)] = true;
    kept.push_back(std::move(c));
  }
  std::reverse(kept.begin(), kept.end());
  p.code = std::move(kept);
}

void optimise(Program& p) {
  void (*const passes[])(Program&) = {inline_calls, guard_branches, drop_identities, merge_equal, drop_unread, narrow_control_flow, pad_rows, fuse_attention, fuse_products,
                                     fuse_elementwise, begin_collectives_early};
  for (auto pass : passes) {
    pass(p);
#ifndef NDEBUG
    verify(p);
#endif
  }
}

void verify(const Program& p) {
  std::vector<bool> written(p.values.size());
  auto bad = [](const Instruction& c, const char* what, int v) {
    fail(Code::internal, "plan: {}: value {} {}", c.op->name, v, what);
  };
  for (int v : p.inputs) written[static_cast<size_t>(v)] = true;
  for (size_t v = 0; v < p.values.size(); ++v) written[v] = written[v] || p.values[v].known.defined();
  for (const Instruction& c : p.code) {
    for (int v : c.in) {
      if (v < 0 || static_cast<size_t>(v) >= p.values.size()) bad(c, "does not exist", v);
      if (!written[static_cast<size_t>(v)]) bad(c, "is read before it is written", v);
    }
    for (int v : c.out) {
      if (written[static_cast<size_t>(v)]) bad(c, "is written twice", v);
      if (p.values[static_cast<size_t>(v)].dtype == DType::invalid) bad(c, "has no dtype", v);
      written[static_cast<size_t>(v)] = true;
    }
  }
  for (int v : p.outputs)
    if (!written[static_cast<size_t>(v)]) fail(Code::internal, "plan: output value {} is never written", v);
}

}  // namespace ninefold::graph
