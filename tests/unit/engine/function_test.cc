// In: function records and calls with all kinds of values. Out: what the body sees, and the errors of a wrong call.
#include <gtest/gtest.h>

#include "engine/op/op.h"
#include "ninefold/ops.h"

namespace ninefold {
namespace {

const Function scale = {
    .names = {"test.scale", "test.aliases.scale"},
    .signature = "(x: T, by: T = 2, axis: ints = None, mode: str = 'same', rate: float = 0.5, keep: bool = False)",
    .doc = "For these tests.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("x");
      return x * a.tensor("by", x.dtype());
    },
};
NINEFOLD_REGISTER(scale);

TEST(Functions, ParametersAreThoseOfTheSignature) {
  const Function* f = find_function("test.aliases.scale");
  ASSERT_EQ(f, &scale);
  const auto& p = parameters_of(*f);
  ASSERT_EQ(p.size(), 6u);
  EXPECT_TRUE(p[0].required);
  EXPECT_EQ(p[3].fallback_text, "'same'");
  EXPECT_EQ(*p[3].fallback.get<std::string>(), "same");
  EXPECT_EQ(*p[4].fallback.get<double>(), 0.5);
}

TEST(Functions, NumbersTakeTheTensorsDtype) {
  const Value y = call("test.scale", {{"x", Tensor(3.0)}, {"by", 4}});
  ASSERT_EQ(y.get<Tensor>()->dtype(), DType::f64);
  EXPECT_EQ(y.get<Tensor>()->item<double>(), 12);
  EXPECT_EQ(call(scale, {Value(5)}).get<Tensor>()->item<int32_t>(), 10);
}

struct BadCall { std::string name; std::vector<std::pair<std::string, Value>> named; Code code; const char* says; };
TEST(Functions, AWrongCallIsNamed) {
  const std::vector<BadCall> rows = {
      {"test.scale", {}, Code::type, "test.scale() missing required argument 'x'"},
      {"test.scale", {{"x", 1}, {"z", 1}}, Code::type, "test.scale() got an unexpected keyword argument 'z'"},
      {"test.scale", {{"x", 1}, {"x", 1}}, Code::type, "test.scale() got multiple values for argument 'x'"},
      {"test.scale", {{"x", Value()}}, Code::type, "test.scale: argument 'x': expected a tensor, got None"},
      {"test.nothing", {}, Code::attribute, "module has no attribute 'test.nothing'"},
      {"test.scale", {{"x", Tensor(int32_t{1})}, {"by", 1.5}}, Code::type,
       "Cannot convert 1.5 to EagerTensor of dtype int32"},
  };
  for (const BadCall& r : rows) {
    try {
      call(r.name, r.named);
      ADD_FAILURE() << r.says;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), r.code);
      EXPECT_EQ(e.message(), r.says);
    }
  }
}

struct Conversion { Value v; DType asked, want; Shape shape; };
TEST(Functions, ValuesBecomeTensorsAsConstantMakesThem) {
  using L = ValueList;
  const std::vector<Conversion> rows = {
      {1, DType::invalid, DType::i32, {}},
      {int64_t{1} << 40, DType::invalid, DType::i64, {}},
      {1.5, DType::invalid, DType::f32, {}},
      {true, DType::invalid, DType::boolean, {}},
      {"a", DType::invalid, DType::string, {}},
      {L{1, 2.5}, DType::invalid, DType::f32, {2}},
      {L{L{1, 2}, L{3, 4}}, DType::f64, DType::f64, {2, 2}},
      {L{}, DType::invalid, DType::f32, {0}},
      {L{1.5, 2}, DType::f16, DType::f16, {2}},
      {L{Tensor(1.5), 2}, DType::invalid, DType::f64, {2}},
      {Shape{2, 3}, DType::invalid, DType::i32, {2}},
  };
  for (const Conversion& r : rows) {
    const Tensor t = to_tensor(r.v, r.asked);
    EXPECT_EQ(t.dtype(), r.want);
    EXPECT_TRUE(t.shape() == r.shape) << t.shape().str();
  }
  const std::vector<Value> ragged = {L{L{1}, L{2, 3}}, L{1, L{2}}, L{L{}, 1}};
  for (const Value& v : ragged) EXPECT_THROW(to_tensor(v), Error);
  EXPECT_EQ(to_tensor(300, DType::u8).item<uint8_t>(), 44);
}

}  // namespace
}  // namespace ninefold
