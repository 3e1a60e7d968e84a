// In: rows of string ops, formats and assertions. Out: TensorFlow 2.9.0's strings and errors.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "base/log.h"
#include "function_rows.h"

namespace ninefold {
namespace {

using namespace testing;

struct TextRow {
  const char* function;
  std::vector<Value> arguments;
  Shape shape;
  std::vector<std::string> want;
};
void check_texts(const std::vector<TextRow>& rows) {
  int at = 0;
  for (const TextRow& r : rows) {
    SCOPED_TRACE(std::string(r.function) + ", row " + std::to_string(at++));
    const Function* f = find_function(r.function);
    ASSERT_NE(f, nullptr);
    Value v;
    ASSERT_NO_THROW(v = call(*f, r.arguments));
    const Tensor& t = *v.get<Tensor>();
    ASSERT_EQ(t.dtype(), DType::string);
    EXPECT_TRUE(t.shape() == r.shape) << t.shape().str();
    EXPECT_EQ(std::vector<std::string>(t.as<std::string>(), t.as<std::string>() + t.size()), r.want);
  }
}
Tensor range(int n) {
  std::vector<int32_t> v(static_cast<size_t>(n));
  for (int i = 0; i < n; ++i) v[static_cast<size_t>(i)] = i;
  return i32({n}, v);
}

TEST(Strings, AreTensorFlows) {
  const L words = {"hello", "abc"};
  check_texts({
      {"tf.strings.join", {L{"a", "b"}}, {}, {"ab"}},
      {"tf.strings.join", {L{L{"a", "b"}, "c"}, "-"}, {2}, {"a-c", "b-c"}},
      {"tf.strings.substr", {"hello", 1, 3}, {}, {"ell"}},
      {"tf.strings.substr", {"hello", -3, 2}, {}, {"ll"}},
      {"tf.strings.substr", {words, L{1, 2}, L{2, 9}}, {2}, {"el", "c"}},
      {"tf.strings.substr", {words, 1, 2}, {2}, {"el", "bc"}},
      {"tf.strings.substr", {"hello", 5, 1}, {}, {""}},
      {"tf.strings.substr", {"hello", 1, -1}, {}, {"ello"}},
      {"tf.strings.substr", {"h\xc3\xa4l", 1, 1, "UTF8_CHAR"}, {}, {"\xc3\xa4"}},
      {"tf.strings.upper", {L{"abC", "\xc3\xa4"}}, {2}, {"ABC", "\xc3\xa4"}},
      {"tf.strings.upper", {L{"\xc3\xa4z"}, "utf-8"}, {1}, {"\xc3\x84Z"}},
      {"tf.strings.lower", {"ABC"}, {}, {"abc"}},
      {"tf.strings.strip", {L{"  a b \n", "", "   "}}, {3}, {"a b", "", ""}},
      {"tf.strings.reduce_join", {L{"a", "b"}}, {}, {"ab"}},
      {"tf.strings.reduce_join", {L{L{"a", "b"}, L{"c", "d"}}, 0}, {2}, {"ac", "bd"}},
      {"tf.strings.reduce_join", {L{L{"a", "b"}, L{"c", "d"}}, 1, true, "-"}, {2, 1}, {"a-b", "c-d"}},
      {"tf.strings.reduce_join", {L{L{"a", "b"}, L{"c", "d"}}, L{0, 1}}, {}, {"acbd"}},
      {"tf.strings.reduce_join", {L{L{"a", "b"}, L{"c", "d"}}, L{1, 0}}, {}, {"abcd"}},
      {"tf.strings.reduce_join", {"a"}, {}, {"a"}},
      {"tf.io.encode_base64", {"hello"}, {}, {"aGVsbG8"}},
      {"tf.io.encode_base64", {"hello", true}, {}, {"aGVsbG8="}},
      {"tf.io.decode_base64", {"aGVsbG8"}, {}, {"hello"}},
  });
  check_calls({
      {"tf.strings.length", {L{"abc", "\xc3\xa4"}}, DType::i32, {2}, {3, 2}},
      {"tf.strings.length", {L{"abc", "\xc3\xa4"}, "UTF8_CHAR"}, DType::i32, {2}, {3, 1}},
      {"tf.strings.to_number", {"1.5"}, DType::f32, {}, {1.5}},
      {"tf.strings.to_number", {L{"1", "+2"}, DType::i32}, DType::i32, {2}, {1, 2}},
      {"tf.strings.to_number", {" 12 ", DType::i64}, DType::i64, {}, {12}},
      {"tf.strings.to_number", {L{"1e400", "inf", "1e-400"}, DType::f64}, DType::f64, {3}, {INFINITY, INFINITY, 0}},
      {"tf.io.decode_raw", {L{"ab", "cd"}, DType::u8}, DType::u8, {2, 2}, {97, 98, 99, 100}},
      {"tf.io.decode_raw", {L{"abcd"}, DType::i16}, DType::i16, {1, 2}, {25185, 25699}},
      {"tf.io.decode_raw", {L{"abcd"}, DType::i16, false}, DType::i16, {1, 2}, {24930, 25444}},
      {"tf.io.decode_raw", {L{"abcd", "x"}, DType::u8, true, 2}, DType::u8, {2, 2}, {97, 98, 120, 0}},
  });
}

TEST(Strings, NumbersAsTextAreTensorFlows) {
  check_texts({
      {"tf.as_string", {3}, {}, {"3"}},
      {"tf.as_string", {L{1.5, 1.0 / 3, 1e10}}, {3}, {"1.500000", "0.333333", "10000000000.000000"}},
      {"tf.as_string", {L{1.5}, 2}, {1}, {"1.50"}},
      {"tf.as_string", {L{1.5}, -1, true}, {1}, {"1.500000e+00"}},
      {"tf.as_string", {L{1.5, 1e-10}, 3, false, true}, {2}, {"1.5", "1e-10"}},
      {"tf.as_string", {L{true, false}}, {2}, {"true", "false"}},
      {"tf.as_string", {Tensor::of<std::complex<double>>({1}, {{1, 2}})}, {1}, {"(1.000000,2.000000)"}},
      {"tf.as_string", {L{3}, -1, false, false, 5}, {1}, {"    3"}},
      {"tf.as_string", {L{3}, -1, false, false, 5, "0"}, {1}, {"00003"}},
      {"tf.as_string", {L{3}, -1, false, false, 5, "-"}, {1}, {"3    "}},
      {"tf.as_string", {L{NAN, INFINITY}}, {2}, {"nan", "inf"}},
      {"tf.as_string", {Tensor::of<uint64_t>({1}, {UINT64_MAX})}, {1}, {"18446744073709551615"}},
  });
}

TEST(Strings, TensorsAsTextAreTensorFlows) {
  const Tensor cube = range(12).with_shape({2, 2, 3});
  check_texts({
      {"tf.strings.format", {"x {} y {}", L{range(3), Tensor(1.5f)}}, {}, {"x [0 1 2] y 1.5"}},
      {"tf.strings.format", {"{}", Tensor::of_strings({1, 2}, {"a\"b", "c\n"})}, {}, {"[[\"a\\\"b\" \"c\\n\"]]"}},
      {"tf.strings.format", {"{}", Tensor::of_string("\xc3\xa4")}, {}, {"\"\\303\\244\""}},
      {"tf.strings.format", {"{}", range(10)}, {}, {"[0 1 2 ... 7 8 9]"}},
      {"tf.strings.format", {"{}", range(5), "{}", -1}, {}, {"[0 1 2 3 4]"}},
      {"tf.strings.format", {"x %s", range(10), "%s", 1}, {}, {"x [0 ... 9]"}},
      {"tf.strings.format", {"{}", cube}, {}, {"[[[0 1 2]\n  [3 4 5]]\n\n [[6 7 8]\n  [9 10 11]]]"}},
      {"tf.strings.format", {"{}", f32({6}, {1.0f / 3, 1e-7f, 1e10f, -0.0f, NAN, INFINITY}), "{}", -1}, {},
       {"[0.333333343 1e-07 1e+10 -0 nan inf]"}},
      {"tf.strings.format", {"{}", f64({3}, {1.0 / 3, 0.1, 1e22})}, {}, {"[0.33333333333333331 0.1 1e+22]"}},
      {"tf.strings.format", {"{}", Tensor::of<bool>({2}, {true, false})}, {}, {"[1 0]"}},
      {"tf.strings.format", {"{}", Tensor::of<int8_t>({2}, {1, -2})}, {}, {"[1 -2]"}},
      {"tf.strings.format", {"{}", f32({0, 3}, {})}, {}, {"[]"}},
      {"tf.strings.format", {"a", L{}}, {}, {"a"}},
  });
}

TEST(Strings, SplitIntoASparseMatrix) {
  const Tensor inputs[] = {Tensor::of_strings({2}, {"a b  c", " d"}), Tensor::of_string("")};
  const Tensors parts = op_all("StringSplitV2", inputs);
  EXPECT_EQ(parts[0].ints(), (std::vector<int64_t>{0, 0, 0, 1, 0, 2, 1, 0}));
  EXPECT_EQ(std::vector<std::string>(parts[1].as<std::string>(), parts[1].as<std::string>() + 4),
            (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(parts[2].ints(), (std::vector<int64_t>{2, 3}));
  const Tensor commas[] = {Tensor::of_strings({2}, {"a,b,,c", ",d"}), Tensor::of_string(",")};
  const NamedAttr one("maxsplit", 1);
  const Tensors two = op_all("StringSplitV2", commas, {&one, 1});
  EXPECT_EQ(std::vector<std::string>(two[1].as<std::string>(), two[1].as<std::string>() + two[1].size()),
            (std::vector<std::string>{"a", "b,,c", "", "d"}));
}

TEST(Strings, ErrorsAreTensorFlows) {
  constexpr auto IA = Code::invalid_argument;
  check_bad_calls({
      {"tf.strings.join", {L{L{"a", "b"}, L{"c"}}}, IA, "Input shapes do not match: [2] vs. [1] [Op:StringJoin]"},
      {"tf.strings.substr", {"hello", 6, 1}, IA, "pos 6 out of range for string b'hello' at index 0 [Op:Substr]"},
      {"tf.strings.substr", {L{"hello", "abc"}, 1, L{2, 2}}, IA, "pos and len should have the same shape, got: [] vs. [2] [Op:Substr]"},
      {"tf.strings.lower", {"ABC", "x"}, IA, "only utf-8 or '' (no encoding) is supported, received x [Op:StringLower]"},
      {"tf.strings.to_number", {"abc"}, IA, "StringToNumberOp could not correctly convert string: abc [Op:StringToNumber]"},
      {"tf.strings.to_number", {"1.5", DType::i32}, IA, "StringToNumberOp could not correctly convert string: 1.5 [Op:StringToNumber]"},
      {"tf.strings.to_number", {""}, IA, "StringToNumberOp could not correctly convert string:  [Op:StringToNumber]"},
      {"tf.as_string", {L{3}, 2}, IA, "precision not supported for datatype int32 [Op:AsString]"},
      {"tf.as_string", {L{3}, -1, false, false, 5, "x"}, IA, "Fill argument not supported: \"x\" [Op:AsString]"},
      {"tf.as_string", {L{1.5}, -1, true, true}, IA, "Cannot select both scientific and shortest notation [Op:AsString]"},
      {"tf.strings.reduce_join", {L{"a"}, 3}, Code::out_of_range,
       "Invalid reduction dimension 3 for input with 1 dimension(s) [Op:ReduceJoin]"},
      {"tf.strings.format", {"{} {}", Tensor(1)}, Code::value,
       "The template expects 2 tensors, but the inputs only has 1. Please ensure the number of placeholders in template "
       "matches inputs length."},
      {"tf.io.decode_base64", {"a!"}, IA, "Invalid character found in base64. [Op:DecodeBase64]"},
      {"tf.io.decode_raw", {L{"abc"}, DType::i16}, IA,
       "Input to DecodeRaw has length 3 that is not a multiple of 2, the size of int16 [Op:DecodeRaw]"},
      {"tf.debugging.check_numerics", {f32({2}, {1, NAN}), "msg"}, IA, "msg : Tensor had NaN values [Op:CheckNumerics]"},
      {"tf.debugging.check_numerics", {f32({2}, {INFINITY, NAN}), "msg"}, IA,
       "msg : Tensor had Inf and NaN values [Op:CheckNumerics]"},
  });
  const Tensor no(false);
  check_errors({{"Assert", {no, Tensor::of_string("x"), range(4), Tensor(1.5f), range(4).with_shape({2, 2})}, {}, IA,
                 "assertion failed: [x] [0 1 2...] [1.5] [[0 1][2...]...] [Op:Assert]"},
                {"Assert", {no, Tensor::of_strings({2}, {"a", "b"}), Tensor(true)}, {}, IA, "assertion failed: [a b] [1] [Op:Assert]"}});
  const Tensor holds[] = {Tensor(true), range(2)};
  EXPECT_NO_THROW(op_all("Assert", holds));
}

TEST(Print, WritesToTheSinkAsTensorFlowDoes) {
  static std::string seen;
  set_user_sink([](std::string_view s) { seen += s; });
  const auto print = [](ValueList inputs, std::vector<std::pair<std::string, Value>> more = {}) {
    seen.clear();
    more.insert(more.end(), {{"inputs", Value(std::move(inputs))}, {"output_stream", "stdout"}});
    call("tf.print", more);
    return seen;
  };
  const Tensor one(1), s = Tensor::of_string("s");
  EXPECT_EQ(print({1, 2.5, "a", one, s, L{one, 2, "q"}, ValueDict{{"b", one}, {"a", 2}}, Value(), true, Tensor(true)}),
            "1 2.5 a 1 \"s\" [1, 2, 'q'] {'a': 2, 'b': 1} None True 1\n");
  EXPECT_EQ(print({s}), "s\n");
  EXPECT_EQ(print({"hello"}), "hello\n");
  EXPECT_EQ(print({}), "\n");
  EXPECT_EQ(print({range(3), "x"}, {{"sep", "|"}, {"end", "E\n"}}), "[0 1 2]|xE\n");
  EXPECT_EQ(print({range(20)}, {{"summarize", 2}}), "[0 1 ... 18 19]\n");
  EXPECT_EQ(print({"{}", one}), "{} 1\n");
  set_user_sink(nullptr);
  EXPECT_GT(call("tf.timestamp", {}).get<Tensor>()->item<double>(), 1.7e9);
}

}  // namespace
}  // namespace ninefold
