// In: attention in functions, on a GPU (emulated, or a card). Out: one call of cuDNN forward and one back, whose numbers are those of the
// ops one by one but for rounding; what keeps its ops; what runs where cuDNN has no engine, or fails; what cuDNN itself says of it.
#include "cudnn_itself.h"
#include "engine/device/cuda/dnn.h"
#include "engine/graph/fuse.h"
#include "engine/graph/lying.h"
#include "ninefold/grad.h"
#include "ninefold/keras.h"
#include "ninefold/layers.h"
#include "step_runs.h"

namespace ninefold {
namespace {

using Sizes = std::vector<int64_t>;
using cuda::DnnCall;

// ---- decisions ----

TEST(GpuPlans, StridesOfAnotherShape) {
  struct Row { const char* what; Sizes size, stride, to, strides; };
  const Row rows[] = {
      {"heads apart", {6, 4}, {4, 1}, {2, 3, 4}, {12, 4, 1}},
      {"heads together", {2, 3, 4}, {12, 4, 1}, {6, 4}, {4, 1}},
      {"one head", {2, 5, 4}, {20, 4, 1}, {2, 1, 5, 4}, {20, 20, 4, 1}},
      {"turned, apart", {4, 6}, {1, 4}, {4, 2, 3}, {1, 12, 4}},
      {"turned, together: no strides", {2, 4, 3}, {12, 1, 4}, {8, 3}, {}},
      {"across dimensions: no strides", {2, 3}, {1, 2}, {3, 2}, {}},
  };
  for (const Row& r : rows) {
    const auto got = graph::reshaped({0, r.size, r.stride}, r.to);
    ASSERT_EQ(got.has_value(), !r.strides.empty()) << r.what;
    for (size_t i = 0; got && i < r.to.size(); ++i)
      if (r.to[i] != 1) { EXPECT_EQ(got->stride[i], r.strides[i]) << r.what << " " << i; }
  }
}

// ---- what is joined ----

Tensor small_of(DType d, const Shape& s, int seed = 0) {
  std::vector<double> v(static_cast<size_t>(s.size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(static_cast<int>((i * 37 + static_cast<size_t>(seed) * 11) % 23) - 11) / 12;
  const device::Within cpu("/device:CPU:0");
  return op("Cast", {Tensor::of<double>(s, v)}, {{"DstT", d}});
}
Tensor product(const Tensor& a, const Tensor& b, bool adj_x = false, bool adj_y = false) {
  return op("BatchMatMulV2", {a, b}, {{"adj_x", adj_x}, {"adj_y", adj_y}});
}
Tensor number_of(double x, const Tensor& like) { return op("Cast", {Tensor(static_cast<float>(x))}, {{"DstT", like.dtype()}}); }
Tensor softmax_of(const Tensor& x) { return op("Softmax", {x}); }
Tensor moved(const Tensor& x, const Sizes& order) {
  std::vector<int32_t> o(order.begin(), order.end());
  return op("Transpose", {x, Tensor::of<int32_t>({static_cast<int64_t>(o.size())}, o)});
}
Tensor shaped(const Tensor& x, const Sizes& shape) {
  std::vector<int32_t> s(shape.begin(), shape.end());
  return op("Reshape", {x, Tensor::of<int32_t>({static_cast<int64_t>(s.size())}, s)});
}
// What is left out gets a score far below the others.
Tensor mask_of(DType d, const Shape& s) {
  const device::Within cpu("/device:CPU:0");
  std::vector<double> v(static_cast<size_t>(s.size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = i % 3 == 1 ? -1000 : 0;
  return op("Cast", {Tensor::of<double>(s, v)}, {{"DstT", d}});
}

struct AttentionRow {
  const char* what;
  Tensors arguments;                         // the first three are differentiated by
  std::function<Tensor(const Tensors&)> body;
  const char* asked;                         // of cuDNN forward; "" where the ops stay
};
std::vector<AttentionRow> attention_rows() {
  std::vector<AttentionRow> rows;
  for (const DType t : {DType::f16, DType::bf16}) {
    const Tensor q = small_of(t, {2, 3, 5, 8}), k = small_of(t, {2, 3, 7, 8}, 1), v = small_of(t, {2, 3, 7, 16}, 2);
    rows.push_back({"four dimensions", {q, k, v},
                    [](const Tensors& a) { return product(softmax_of(product(a[0], a[1], false, true) * number_of(0.35, a[0])), a[2]); }, "2,3,5,8"});
    rows.push_back({"no scale", {q, k, v}, [](const Tensors& a) { return product(softmax_of(product(a[0], a[1], false, true)), a[2]); }, "2,3,5,8"});
    rows.push_back({"a scale that divides, a mask for all heads", {q, k, v, mask_of(t, {2, 1, 1, 7})}, [](const Tensors& a) {
                      return product(softmax_of(op("RealDiv", {product(a[0], a[1], false, true), number_of(3, a[0])}) + a[3]), a[2]);
                    }, "2,3,5,8"});
    rows.push_back({"a mask that is taken off, before the other operand", {q, k, v, mask_of(t, {5, 7})}, [](const Tensors& a) {
                      return product(softmax_of(product(a[0], a[1], false, true) - op("Neg", {a[3]})), a[2]);
                    }, "2,3,5,8"});
    rows.push_back({"a mask in front", {q, k, v, mask_of(t, {2, 3, 5, 7})},
                    [](const Tensors& a) { return product(softmax_of(a[3] + product(a[0], a[1], false, true)), a[2]); }, "2,3,5,8"});
    rows.push_back({"three dimensions", {small_of(t, {2, 5, 8}), small_of(t, {2, 7, 8}, 1), small_of(t, {2, 7, 8}, 2), mask_of(t, {1, 5, 7})},
                    [](const Tensors& a) { return product(softmax_of(product(a[0], a[1], false, true) + a[3]), a[2]); }, "2,1,5,8"});
    rows.push_back({"steps before heads, keys transposed", {small_of(t, {2, 5, 3, 8}), small_of(t, {2, 7, 3, 8}, 1), small_of(t, {2, 7, 3, 16}, 2)},
                    [](const Tensors& a) {
                      const Tensor s = product(moved(a[0], {0, 2, 1, 3}), moved(a[1], {0, 2, 3, 1}));
                      return shaped(moved(product(softmax_of(s), moved(a[2], {0, 2, 1, 3})), {0, 2, 1, 3}), {2, 5, 48});
                    }, "2,3,5,8"});
    rows.push_back({"scores transposed, as einsum makes them", {small_of(t, {2, 5, 3, 8}), small_of(t, {2, 7, 3, 8}, 1), small_of(t, {2, 7, 3, 16}, 2)},
                    [](const Tensors& a) {
                      const Tensor s = product(moved(a[1], {0, 2, 1, 3}), moved(a[0], {0, 2, 3, 1}));
                      return moved(product(softmax_of(moved(s, {0, 1, 3, 2})), moved(a[2], {0, 2, 1, 3})), {0, 2, 1, 3});
                    }, "2,3,5,8"});
    rows.push_back({"heads in one dimension of the products", {small_of(t, {6, 5, 8}), small_of(t, {6, 7, 8}, 1), v, mask_of(t, {2, 1, 5, 7})},
                    [](const Tensors& a) { return product(softmax_of(shaped(product(a[0], a[1], false, true), {2, 3, 5, 7}) + a[3]), a[2]); }, "2,3,5,8"});
    rows.push_back({"values whose features lie apart", {small_of(t, {2, 5, 8}), small_of(t, {2, 7, 8}, 1), small_of(t, {2, 8, 7}, 2)},
                    [](const Tensors& a) { return product(softmax_of(product(a[0], a[1], false, true)), moved(a[2], {0, 2, 1})); }, ""});
  }
  const DType t = DType::f16;
  const Tensor q = small_of(t, {2, 3, 5, 8}), k = small_of(t, {2, 3, 7, 8}, 1), v = small_of(t, {2, 3, 7, 16}, 2);
  const auto plain = [](const Tensors& a) { return product(softmax_of(product(a[0], a[1], false, true)), a[2]); };
  rows.push_back({"float32", {small_of(DType::f32, {2, 3, 5, 8}), small_of(DType::f32, {2, 3, 7, 8}), small_of(DType::f32, {2, 3, 7, 8})}, plain, ""});
  rows.push_back({"features that are no multiple of 8", {small_of(t, {2, 3, 5, 6}), small_of(t, {2, 3, 7, 6}), small_of(t, {2, 3, 7, 8})}, plain, ""});
  rows.push_back({"heads that broadcast", {q, small_of(t, {2, 1, 7, 8}), v}, plain, ""});
  rows.push_back({"a scale behind the mask", {q, k, v, mask_of(t, {5, 7})},
                  [](const Tensors& a) { return product(softmax_of((product(a[0], a[1], false, true) + a[3]) * number_of(0.5, a[0])), a[2]); }, ""});
  rows.push_back({"scores that are also read", {q, k, v}, [](const Tensors& a) {
                    const Tensor s = softmax_of(product(a[0], a[1], false, true));
                    return product(s, a[2]) + op("Max", {s, Tensor::of<int32_t>({1}, {3})}, {{"keep_dims", true}});
                  }, ""});
  rows.push_back({"weights that are dropped from", {q, k, v, mask_of(t, {5, 7})},
                  [](const Tensors& a) { return product(softmax_of(product(a[0], a[1], false, true)) * a[3], a[2]); }, ""});
  return rows;
}

bool emulated_dnn() { return device::build().targets.starts_with("emulated"); }
std::string dnn_was_asked(int fail = 0, bool lacks = false) {
  void* const library = ::dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
  const auto told = library ? reinterpret_cast<const char* (*)(int, bool)>(::dlsym(library, "ninefold_emulated_dnn")) : nullptr;
  return told ? told(fail, lacks) : "";
}
// The row's result, and what flows into its factors from the sum of the result times numbers.
Body trained(const AttentionRow& r) {
  return [&r](const Tensors& a) {
    GradientTape tape;
    const Tensors x(a.begin(), a.begin() + 3);
    for (const Tensor& t : x) tape.watch(t);
    const Tensor y = r.body(a);
    Tensors out = tape.gradient({y}, x, {y * number_of(0.5, y) + number_of(0.25, y)});
    out.insert(out.begin(), y);
    return out;
  };
}
std::string ops_of(const graph::Plan& plan) {
  std::string text;
  for (const graph::Thunk& t : plan.thunks()) text += (text.empty() ? "" : ", ") + (t.fused ? "(" + t.fused->formula + ")" : t.op->name);
  return text;
}
void runs_as_ops(const AttentionRow& r, const Body& body, const std::string& asked, double ulps) {
  graph::set_fusion(false);
  Runs apart(r.arguments, body);
  graph::set_fusion(true);
  Runs joined(r.arguments, body);
  const Tensors want = apart(r.arguments);
  for (int run = 0; run < 5; ++run) {        // op by op, measured, captured, replayed
    dnn_was_asked();
    const Tensors got = joined(r.arguments);
    if (emulated_dnn()) { ASSERT_EQ(dnn_was_asked(), asked) << r.what << ", run " << run << " of " << ops_of(joined.plan); }
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i)
      expect_near(got[i], want[i], ulps, std::string(r.what) + " " + name_of(r.arguments[0].dtype()) + ", result " + std::to_string(i));
  }
  EXPECT_EQ(joined.state(), "captured") << r.what;
}
std::string forth(const AttentionRow& r) { return *r.asked ? std::string("attend ") + r.asked + "\n" : ""; }
std::string back(const AttentionRow& r, const char* how = "attend back") {
  if (!*r.asked) return "";
  const Shape y = r.arguments[2].shape();
  const std::string text = r.asked;
  return forth(r) + how + " " + text.substr(0, text.rfind(',') + 1) + std::to_string(y.dim(-1))   // of what flows into the result
         + "\n";
}

TEST_F(Gpu, AttentionIsOneCallOfCudnn) {
  for (const AttentionRow& r : attention_rows()) {
    const double ulps = r.arguments[0].dtype() == DType::f32 ? 64 : 4;
    runs_as_ops(r, [&r](const Tensors& a) { return Tensors{r.body(a)}; }, forth(r), ulps);
    if (HasFatalFailure()) return;
  }
}

TEST_F(Gpu, WhatFlowsBackThroughAttentionIsOneCallOfCudnn) {
  for (const bool same_bits : {false, true}) {
    device::set_deterministic(same_bits);
    for (const AttentionRow& r : attention_rows()) {
      const double ulps = r.arguments[0].dtype() == DType::f32 ? 64 : 12;
      runs_as_ops(r, trained(r), back(r, same_bits ? "attend back, the same bits" : "attend back"), ulps);
      if (HasFatalFailure()) break;
    }
  }
  device::set_deterministic(false);
}

// Keras' layers under mixed precision, forward and back; dropout of the weights keeps the ops.
struct KerasRow { const char* what; DType dtype; std::function<keras::LayerPtr()> make; bool heads, masked; double dropped; const char* asked; };
TEST_F(Gpu, KerasAttentionIsCudnns) {
  using keras::LayerPtr;
  const char* const forward = "attend 2,2,5,8\nattend back 2,2,5,8\n";
  const char* const one = "attend 2,1,5,16\nattend back 2,1,5,16\n";
  for (const char* policy : {"mixed_float16", "mixed_bfloat16", "float32"}) {
    const bool narrow = std::string(policy) != "float32";
    const DType t = std::string(policy) == "mixed_float16" ? DType::f16 : narrow ? DType::bf16 : DType::f32;
    const auto heads = [&](double dropout) {
      return [dropout] { return keras::MultiHeadAttention(2, 8, {.dropout = dropout}); };
    };
    const KerasRow rows[] = {
        {"MultiHeadAttention", t, heads(0), true, false, 0, forward},
        {"with a mask", t, heads(0), true, true, 0, forward},
        {"with dropout", t, heads(0.5), true, false, 0.5, ""},
        {"Attention", t, [] { return keras::Attention(); }, false, false, 0, one},
        {"causal", t, [] { return keras::Attention({.causal = true}); }, false, false, 0, one},
    };
    for (const KerasRow& r : rows) {
      keras::set_global_policy(policy);
      const LayerPtr layer = r.make();
      const Tensor x = small_of(t, {2, 5, 16}), y = small_of(t, {2, 7, 16}, 3);
      const device::Within cpu("/device:CPU:0");
      std::vector<int64_t> shown(2 * 5 * 7);
      for (size_t i = 0; i < shown.size(); ++i) shown[i] = i % 3 != 1;
      const Shape of_mask{2, 5, 7};
      const Tensor mask = numbers(shown, DType::boolean, &of_mask);
      const device::Within gpu("/device:GPU:0");
      const Body body = [&](const Tensors& a) {
        GradientTape tape;
        tape.watch(a[0]);
        tape.watch(a[1]);
        keras::CallArgs args;
        args.training = true;
        if (r.heads) args.further = {a[1]};
        if (r.masked) args.named = {{"attention_mask", a[2]}};
        const Tensor out = *(*layer)(r.heads ? Value(a[0]) : Value(ValueList{a[0], a[1]}), args).get<Tensor>();
        Tensors all = tape.gradient({out}, {a[0], a[1]}, {out});
        all.insert(all.begin(), out);
        return all;
      };
      body({x, y, mask});                        // makes its weights, and layers within, under the policy
      keras::set_global_policy("float32");
      if (r.dropped > 0) {
        Runs run({x, y, mask}, body);
        dnn_was_asked();
        run({x, y, mask});
        if (emulated_dnn()) { EXPECT_EQ(dnn_was_asked(), "") << r.what; }
        continue;
      }
      runs_as_ops({r.what, {x, y, mask}, {}, ""}, body, narrow ? r.asked : "", narrow ? 16 : 64);
      if (HasFatalFailure()) return;
    }
  }
}

// Op by op where cuDNN has no engine; so is what flows back where the forward call, or the one back, fails.
TEST_F(Gpu, AttentionRunsOpByOpWhereCudnnDoesNot) {
  if (!emulated_dnn()) GTEST_SKIP() << "a card's cuDNN does not fail when asked to";
  const auto row = [](int64_t keys) {
    const DType t = DType::f16;
    return AttentionRow{"fault", {small_of(t, {2, 2, 5, 8}), small_of(t, {2, 2, keys, 8}, 1), small_of(t, {2, 2, keys, 8}, 2), mask_of(t, {5, keys})},
                        [](const Tensors& a) { return product(softmax_of(product(a[0], a[1], false, true) + a[3]), a[2]); }, "2,2,5,8"};
  };
  const auto expect = [](const AttentionRow& r, Runs& run, const std::string& asked, int fail) {
    graph::set_fusion(false);
    const Tensors want = Runs(r.arguments, trained(r))(r.arguments);
    graph::set_fusion(true);
    dnn_was_asked(fail);
    const Tensors got = run(r.arguments);
    EXPECT_EQ(dnn_was_asked(), asked);
    for (size_t i = 0; i < got.size(); ++i) expect_near(got[i], want[i], 12, "result " + std::to_string(i));
  };
  AttentionRow r = row(9);
  dnn_was_asked(0, true);
  Runs none(r.arguments, trained(r));
  expect(r, none, "", 0);
  r = row(10);
  Runs second(r.arguments, trained(r));
  expect(r, second, "attend 2,2,5,8\nfault\n", 2);
  expect(r, second, "attend 2,2,5,8\n", 0);
  r = row(11);
  Runs first(r.arguments, trained(r));
  expect(r, first, "fault\n", 1);
  expect(r, first, "", 0);
  r = row(12);
  Runs off(r.arguments, trained(r));
  cuda::use_dnn(false);
  expect(r, off, "", 0);
  cuda::use_dnn(true);
  expect(r, off, "attend 2,2,5,8\nattend back 2,2,5,8\n", 0);
}

// ---- cuDNN itself ----

DnnCall call_for(DnnCall::Kind kind, DType d, int64_t queries, int64_t keys, int64_t depth, int64_t value_depth, bool biased, bool same_bits) {
  const DType f = DType::f32;
  DnnCall c{};
  c.kind = kind, c.biased = biased, c.deterministic = same_bits, c.scale = 0.125;
  const auto add = [&](DType t, int64_t rows, int64_t columns, bool across = false) {
    cuda::DnnTensor& to = c.tensor[c.tensors++];
    to = {static_cast<int64_t>(t), 4, {4, 8, rows, columns}, {8 * rows * columns, rows * columns, across ? 1 : columns, across ? rows : 1}, 16};
  };
  add(d, queries, depth);
  add(d, depth, keys, true);
  if (kind == DnnCall::attend) add(d, keys, value_depth);
  else add(d, value_depth, keys, true);
  add(d, queries, value_depth);
  add(f, queries, 1);
  if (kind == DnnCall::attend_back) {
    add(d, queries, value_depth);
    add(f, queries, 1);
    add(d, queries, depth);
    add(d, keys, depth);
    add(d, keys, value_depth);
  }
  if (biased) add(d, queries, keys);
  if (kind == DnnCall::attend_back && !same_bits) add(f, queries, depth);
  return c;
}
TEST_F(Cudnn, TakesTheGraphOfEveryAttention) {
  for (const DnnCall::Kind kind : {DnnCall::attend, DnnCall::attend_back})
    for (DType d : {DType::f16, DType::bf16})
      for (bool biased : {false, true})
        for (bool same_bits : {false, true})
          for (const Sizes& s : {Sizes{128, 128, 64, 64}, {7, 13, 40, 8}, {1, 65, 128, 64}}) {
            const DnnCall call = call_for(kind, d, s[0], s[1], s[2], s[3], biased, same_bits);
            cuda::dnn::Plan plan;
            EXPECT_EQ(cuda::dnn::described(functions_, call, &plan), 0) << kind << name_of(d) << biased << same_bits;
            EXPECT_EQ(cuda::dnn::graph_of(functions_, {}, plan).status(), 0) << kind << name_of(d) << biased << same_bits;
          }
}

}  // namespace
}  // namespace ninefold
