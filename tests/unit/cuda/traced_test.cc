// In: functions that are traced, and random ops (emulated, or on a card). Out: where their ops run; the CPU's numbers.
#include "ninefold/function.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

TEST_F(Gpu, RandomNumbersAreTheCpus) {
  const std::vector<NamedAttr> seeds = {{"seed", 7}, {"seed2", 11}};
  for (int64_t n : {0, 1, 3, 4, 1023, 1025}) {
    const Tensor shape = numbers({n});
    for (DType d : {DType::f32, DType::f64, DType::f16, DType::bf16}) {
      struct Row { const char* op; double ulps; };
      for (const Row& r : {Row{"StatelessRandomUniform", 0}, {"StatelessRandomNormal", 64}, {"StatelessTruncatedNormal", 64}})
        same_on_both(r.op, {shape, numbers({5, -3}, DType::i64)}, {{"dtype", d}}, d == DType::f32 || d == DType::f64 ? r.ulps : r.ulps / 32);
      const Tensor key = numbers({0x1234567}, DType::u64), counter = numbers({-2, 9}, DType::u64), philox = Tensor(int32_t{1});
      for (const Row& r : {Row{"StatelessRandomUniformV2", 0}, {"StatelessRandomNormalV2", 64}, {"StatelessTruncatedNormalV2", 64}})
        same_on_both(r.op, {shape, key, counter, philox}, {{"dtype", d}}, d == DType::f32 || d == DType::f64 ? r.ulps : r.ulps / 32);
    }
    for (DType d : {DType::i32, DType::i64, DType::u32, DType::u64}) {
      const Tensor seed = numbers({5, -3}, DType::i64);
      same_on_both("StatelessRandomUniformFullInt", {shape, seed}, {{"dtype", d}});
      if (d == DType::i32 || d == DType::i64) same_on_both("StatelessRandomUniformInt", {shape, seed, numbers({-3}, d, std::make_unique<Shape>().get()), numbers({1000}, d, std::make_unique<Shape>().get())});
    }
    if (HasFatalFailure()) return;
  }
  // Streams move on the same way on either device.
  for (const char* name : {"RandomUniform", "RandomStandardNormal", "TruncatedNormal"}) {
    auto drawn = [&](const char* device) {
      set_seed(3);
      const device::Within there(device);
      const std::vector<NamedAttr> attrs = {{"dtype", DType::f32}, {"seed", 1}, {"seed2", 2}};
      dispatch(find_op(name), std::vector<Tensor>{numbers({5})}, Attrs(find_op(name), attrs));
      return dispatch(find_op(name), std::vector<Tensor>{numbers({9})}, Attrs(find_op(name), attrs))[0];
    };
    const Tensor want = drawn("/CPU:0"), got = drawn("/GPU:0");
    EXPECT_FALSE(on_host(got));
    expect_near(got, want, 64, name);
  }
}

// Where each result of a function lies: on the host, or on GPU 0 or 1 ("c", "0", "1").
std::string places(const Tensors& out) {
  std::string all;
  for (const Tensor& t : out) all += on_host(t) ? 'c' : t.device_name().back();
  return all;
}
TEST_F(Gpu, DevicesWithinFunctionsAreHeeded) {
  const auto body = [](const Tensors& in) -> Tensors {
    Tensors out = {in[0] + in[0]};
    {
      const device::Within cpu("/CPU:0");
      out.push_back(in[0] * in[0]);
      const device::Within gpu("/GPU:1");
      out.push_back(in[0] - in[0]);
    }
    out.push_back(out[1] + out[2]);
    return out;
  };
  const Traced f(body);
  const Tensor x = Tensor::of<float>({2}, {3, 4});
  EXPECT_EQ(places(f({x})), "0c10");
  {
    const device::Within gpu("/GPU:1");
    EXPECT_EQ(places(f({x})), "1c11") << "ops without a wish run where the caller wishes";
  }
  {
    const device::Within cpu("/CPU:0");
    const Traced traced_there(body);
    EXPECT_EQ(places(traced_there({x})), "cc1c");
  }
  const Traced outer([&](const Tensors& in) -> Tensors {
    const device::Within gpu("/GPU:1");
    return f(in);
  });
  EXPECT_EQ(places(outer({x})), "1c11") << "a function within a function";
  EXPECT_EQ(f({x})[3].as<float>()[1], 16);
}

}  // namespace
}  // namespace ninefold
