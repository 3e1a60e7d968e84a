// In: functions with inputs. Out: their runs by one plan on a GPU, as a graph and op by op: what tests of captured steps share.
#pragma once

#include "engine/graph/plan.h"
#include "engine/graph/step_graph.h"
#include "ninefold/function.h"
#include "same_on_both.h"

namespace ninefold {

using Body = std::function<Tensors(const Tensors&)>;
inline Tensors everything(const FunctionRef& f, const Tensors& arguments) {
  Tensors all = arguments;
  all.insert(all.end(), f->captures().begin(), f->captures().end());
  return all;
}
inline FunctionRef traced(const Tensors& arguments, const Body& body) {
  std::vector<TensorSpec> specs;
  for (const Tensor& t : arguments) specs.push_back({t.shape(), t.dtype(), {}});
  return trace("f", specs, body);
}
struct Runs {
  Runs(FunctionRef function, const Tensors& arguments) : f(std::move(function)), plan(graph::concrete(f), everything(f, arguments)) {}
  Runs(const Tensors& arguments, const Body& body) : Runs(traced(arguments, body), arguments) {}
  Tensors operator()(const Tensors& arguments) { return plan.run(everything(f, arguments)); }
  std::string state() const { return plan.step()->state(); }
  FunctionRef f;
  graph::Plan plan;
};

// The same steps as a graph and op by op, each from the same beginning; step by step the same results.
inline void same_steps(const char* what, const Tensors& first, const std::function<Body()>& make, int steps = 7, double ulp = 0) {
  std::vector<Tensors> batches;
  for (int i = 0; i < steps; ++i) {
    batches.emplace_back();
    for (const Tensor& t : first) batches.back().push_back(whole(t.dtype(), t.shape()));
  }
  std::vector<Tensors> want;
  graph::set_step_graphs(false);
  set_seed(5);
  {
    random_bits.seed(7);                     // both make the same
    Runs run(first, make());
    for (const Tensors& b : batches) want.push_back(run(b));
  }
  graph::set_step_graphs(true);
  set_seed(5);
  random_bits.seed(7);
  Runs run(first, make());
  for (int i = 0; i < steps; ++i) {
    const Tensors got = run(batches[static_cast<size_t>(i)]);
    ASSERT_EQ(got.size(), want[static_cast<size_t>(i)].size());
    for (size_t k = 0; k < got.size(); ++k) expect_near(got[k], want[static_cast<size_t>(i)][k], ulp, std::string(what) + ", step " + std::to_string(i));
  }
  EXPECT_EQ(run.state(), "captured") << what;
}

}  // namespace ninefold
