// In: rows of calls of tf.math's functions. Out: TensorFlow 2.9.0's values, dtypes and errors.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "function_rows.h"

namespace ninefold {
namespace {

using namespace testing;
constexpr DType F = DType::f32, D = DType::f64, I = DType::i32, B = DType::boolean, U8 = DType::u8;
Tensor ints() { return i32({2}, {1, 2}); }
Tensor floats() { return f32({2}, {1, 2}); }
Tensor doubles() { return f64({2}, {1, 2}); }
Tensor bools() { return Tensor::of<bool>({2}, {true, false}); }
Tensor bytes() { return Tensor::of<uint8_t>({2}, {3, 4}); }

TEST(MathFunctions, NumbersTakeTheDtypeOfTensors) {
  check_calls({
      {"tf.add", {1.5, 2}, F, {}, {3.5}},
      {"tf.math.add", {ints(), true}, I, {2}, {2, 3}},
      {"tf.add", {doubles(), 1}, D, {2}, {2, 3}},
      {"tf.add", {bytes(), 300}, U8, {2}, {47, 48}},
      {"tf.add", {floats(), L{1, 2}}, F, {2}, {2, 4}},
      {"tf.minimum", {floats(), 0}, F, {2}, {0, 0}},
      {"tf.pow", {2.5, 2}, F, {}, {6.25}},
      {"tf.pow", {2, 3}, I, {}, {8}},
      {"tf.pow", {2, floats()}, F, {2}, {2, 4}},
      {"tf.math.subtract", {1, doubles()}, D, {2}, {0, -1}},
      {"tf.equal", {ints(), 1}, B, {2}, {1, 0}},
      {"tf.less", {1, 2}, B, {}, {1}},
      {"tf.math.floordiv", {7.5, 2}, F, {}, {3}},
      {"tf.math.mod", {-7.5, 2}, F, {}, {0.5}},
      {"tf.truncatediv", {-7, 2}, I, {}, {-3}},
      {"tf.truncatemod", {-7, 2}, I, {}, {-1}},
      {"tf.clip_by_value", {floats(), L{0, 1}, 1.5}, F, {2}, {1, 1.5}},
      {"tf.clip_by_value", {floats(), 2.0, 1.0}, F, {2}, {2, 2}},
      {"tf.logical_and", {bools(), true}, B, {2}, {1, 0}},
      {"tf.math.logical_xor", {bools(), true}, B, {2}, {0, 1}},
      {"tf.abs", {L{-1.5, 2}}, F, {2}, {1.5, 2}},
      {"tf.round", {2.5}, F, {}, {2}},
      {"tf.round", {3}, I, {}, {3}},
      {"tf.bitwise.left_shift", {ints(), 40}, I, {2}, {-2147483648.0, 0}},
      {"tf.bitwise.invert", {bytes()}, U8, {2}, {252, 251}},
  });
}

TEST(MathFunctions, IntegersDivideIntoFloats) {
  check_calls({
      {"tf.divide", {1, 2}, D, {}, {0.5}},
      {"tf.divide", {ints(), 2}, D, {2}, {0.5, 1}},
      {"tf.divide", {1, floats()}, F, {2}, {1, 0.5}},
      {"tf.truediv", {bytes(), bytes()}, F, {2}, {1, 1}},
      {"tf.truediv", {Tensor(int64_t{1}), 2}, D, {}, {0.5}},
      {"tf.truediv", {Tensor::of<uint64_t>({1}, {1}), 2}, D, {1}, {0.5}},
      {"tf.realdiv", {7.0, 2.0}, F, {}, {3.5}},
  });
}

TEST(MathFunctions, Composites) {
  const double inf = INFINITY;
  check_calls({
      {"tf.clip_by_norm", {L{3.0, 4.0}, 1}, F, {2}, {0.6, 0.8}, 1e-7},
      {"tf.clip_by_norm", {L{0.0, 0.0}, 1.0}, F, {2}, {0, 0}},
      {"tf.clip_by_norm", {L{L{3.0, 4.0}, L{0.3, 0.4}}, 1.0, 1}, F, {2, 2}, {0.6, 0.8, 0.3, 0.4}, 1e-7},
      {"tf.linalg.global_norm", {L{floats(), Value(), L{2.0}}}, F, {}, {3}},
      {"tf.linalg.global_norm", {L{}}, F, {}, {0}},
      {"tf.add_n", {L{floats(), floats(), floats()}}, F, {2}, {3, 6}},
      {"tf.add_n", {floats()}, F, {}, {3}},
      {"tf.math.accumulate_n", {L{floats(), floats()}}, F, {2}, {2, 4}},
      {"tf.saturate_cast", {L{-1.0, 300.0, 2.7}, U8}, U8, {3}, {0, 255, 2}},
      {"tf.saturate_cast", {L{70000.0}, DType::f16}, DType::f16, {1}, {65504}},
      {"tf.scalar_mul", {2, floats()}, F, {2}, {2, 4}},
      {"tf.math.reciprocal_no_nan", {L{0.0, 2.0}}, F, {2}, {0, 0.5}},
      {"tf.math.divide_no_nan", {1.0, 0.0}, F, {}, {0}},
      {"tf.math.multiply_no_nan", {L{inf, 2.0}, 0}, F, {2}, {0, 0}},
      {"tf.math.xlogy", {0.0, 0.0}, F, {}, {0}},
      {"tf.math.polyval", {L{1.0, 2.0, 3.0}, 2.0}, F, {}, {11}},
      {"tf.math.polyval", {L{}, 2.0}, F, {}, {0}},
      {"tf.math.log_sigmoid", {1.0}, F, {}, {-0.3132616877555847}, 1e-7},
      {"tf.math.lbeta", {L{1.0, 2.0, 3.0}}, F, {}, {-4.094344615936279}, 1e-6},
  });
  const Value both = call("tf.clip_by_global_norm", {{"t_list", L{L{3.0, 4.0}, Value(), L{0.0}}}, {"clip_norm", 1.0}});
  const ValueList& pair = *both.get<ValueList>();
  EXPECT_EQ(pair.at(1).get<Tensor>()->item<float>(), 5);
  const ValueList& clipped = *pair.at(0).get<ValueList>();
  EXPECT_FLOAT_EQ(clipped.at(0).get<Tensor>()->as<float>()[1], 0.8f);
  EXPECT_TRUE(clipped.at(1).none());
}

TEST(MathFunctions, FunctionsOfRealNumbers) {
  check_calls({
      {"tf.sin", {L{-3.0, 0.5, 1e6}}, F, {3}, {-0.14112000167369843, 0.4794255495071411, -0.349993497133255}, 1e-6},
      {"tf.tan", {L{-3.0, 0.5}}, F, {2}, {0.14254654943943024, 0.5463024973869324}, 1e-6},
      {"tf.asin", {L{-0.5, 2.0}}, F, {2}, {-0.5235987901687622, NAN}, 1e-6},
      {"tf.acos", {L{-0.5, 0.9}}, F, {2}, {2.094395160675049, 0.4510268568992615}, 1e-6},
      {"tf.atan", {L{-0.5, 9.0}}, F, {2}, {-0.46364760398864746, 1.4601391553878784}, 1e-6},
      {"tf.sinh", {L{-0.5, 9.0}}, F, {2}, {-0.5210952758789062, 4051.5419921875}, 1e-6},
      {"tf.cosh", {L{-0.5, 1.0}}, F, {2}, {1.1276259422302246, 1.5430805683135986}, 1e-6},
      {"tf.asinh", {L{-0.5, 9.0}}, F, {2}, {-0.4812118411064148, 2.893444061279297}, 1e-6},
      {"tf.acosh", {L{0.5, 9.0}}, F, {2}, {NAN, 2.887270927429199}, 1e-6},
      {"tf.atanh", {L{-0.5, 2.0, 1.0}}, F, {3}, {-0.5493061542510986, NAN, INFINITY}, 1e-6},
      {"tf.math.expm1", {L{-0.5, 1e-6}}, F, {2}, {-0.39346933364868164, 1.0000004522225936e-06}, 1e-6},
      {"tf.math.log1p", {L{-0.5, 1e-6, -1.0}}, F, {3}, {-0.6931471824645996, 9.999995427278918e-07, -INFINITY}, 1e-6},
      {"tf.math.rsqrt", {L{4.0, 0.0}}, F, {2}, {0.5, INFINITY}, 1e-6},
      {"tf.math.reciprocal", {L{4.0, 0.0}}, F, {2}, {0.25, INFINITY}, 1e-6},
      {"tf.math.rint", {L{2.5, -2.5, 0.5}}, F, {3}, {2.0, -2.0, 0.0}, 1e-6},
      {"tf.sign", {L{0.0, -0.0, NAN, -3.0}}, F, {4}, {0.0, 0.0, NAN, -1.0}, 1e-6},
      {"tf.math.atan2", {L{1.0, -1.0, 0.0}, L{2.0, -2.0, -1.0}}, F, {3}, {0.46364760398864746, -2.677945137023926, 3.1415927410125732}, 1e-6},
      {"tf.math.nextafter", {1.0, 2.0}, F, {}, {1.0000001192092896}, 1e-6},
      {"tf.math.softplus", {L{-100.0, 0.0, 3.0}}, F, {3}, {0.0, 0.6931471824645996, 3.0485873222351074}, 1e-6},
      {"tf.sigmoid", {L{-100.0, 0.0, 3.0}}, F, {3}, {0.0, 0.5, 0.9525741338729858}, 1e-6},
      {"tf.tanh", {L{-100.0, 0.0, 0.3}}, F, {3}, {-1.0, 0.0, 0.2913126051425934}, 1e-6},
      {"tf.math.xlog1py", {L{0.0, 2.0}, L{-1.0, 3.0}}, F, {2}, {0.0, 2.7725887298583984}, 1e-6},
      {"tf.math.xdivy", {L{0.0, 2.0}, L{0.0, 3.0}}, F, {2}, {0.0, 0.6666666865348816}, 1e-6},
      {"tf.math.angle", {L{-1.0, 1.0, 0.0}}, F, {3}, {3.1415927410125732, 0.0, 0.0}, 1e-6},
      {"tf.pow", {L{-8.0, 0.0, 2.0, 0.0}, L{3.0, 0.0, 0.5, -1.0}}, F, {4}, {-512.0, 1.0, 1.4142135381698608, INFINITY}, 1e-6},
      {"tf.maximum", {L{1.0, NAN, 2.0}, L{NAN, 1.0, 3.0}}, F, {3}, {NAN, NAN, 3.0}, 1e-6},
  });
}

TEST(MathFunctions, SpecialFunctions) {
  check_calls({
      {"tf.math.erfinv", {L{-0.9,-0.3,0.0,1e-3,0.5,0.99}}, F, {6}, {-1.1630871295928955, -0.27246272563934326, 0.0, 0.0008862685062922537, 0.47693631052970886, 1.821386456489563}, 2e-6},
      {"tf.math.erfcinv", {L{0.1,0.5,1.5}}, F, {3}, {1.1630871295928955, 0.47693631052970886, -0.47693631052970886}, 2e-6},
      {"tf.math.ndtri", {L{0.0,1e-4,0.3,0.5,0.9,1.0}}, F, {6}, {-INFINITY, -3.7190165519714355, -0.5244004726409912, 0.0, 1.2815511226654053, INFINITY}, 2e-6},
      {"tf.math.digamma", {L{-1.5,0.1,1.0,3.5,20.0}}, F, {5}, {0.7031568288803101, -10.423754692077637, -0.5772159099578857, 1.1031568050384521, 2.9705238342285156}, 2e-6},
      {"tf.math.lgamma", {L{-1.5,0.1,1.0,3.5,20.0}}, F, {5}, {0.8600470423698425, 2.2527127265930176, 0.0, 1.200973629951477, 39.339881896972656}, 2e-6},
      {"tf.math.erf", {L{-2.0,-0.5,0.0,0.5,2.0}}, F, {5}, {-0.9953222870826721, -0.5204998850822449, 0.0, 0.5204998850822449, 0.9953222870826721}, 2e-6},
      {"tf.math.erfc", {L{-2.0,-0.5,0.0,0.5,2.0}}, F, {5}, {1.9953222274780273, 1.5204999446868896, 1.0, 0.4795001149177551, 0.004677734803408384}, 2e-6},
      {"tf.math.bessel_i0", {L{-2.0,0.0,0.5,3.0}}, F, {4}, {2.279585361480713, 1.0, 1.063483476638794, 4.88079309463501}, 2e-6},
      {"tf.math.bessel_i0e", {L{-2.0,0.0,0.5,30.0,300.0}}, F, {5}, {0.30850833654403687, 1.0, 0.6450353860855103, 0.07314594089984894, 0.023042555898427963}, 2e-6},
      {"tf.math.bessel_i1", {L{-2.0,0.0,0.5,3.0}}, F, {4}, {-1.59063720703125, 0.0, 0.2578943371772766, 3.953371047973633}, 2e-6},
      {"tf.math.bessel_i1e", {L{-2.0,0.0,0.5,30.0,300.0}}, F, {5}, {-0.2152693271636963, 0.0, 0.15642082691192627, 0.07191632688045502, 0.02300412207841873}, 2e-6},
      {"tf.math.special.bessel_j0", {L{0.5,3.0,20.0}}, F, {3}, {0.9384698867797852, -0.2600519061088562, 0.1670246124267578}, 2e-6},
      {"tf.math.special.bessel_j1", {L{0.5,3.0,20.0}}, F, {3}, {0.24226847290992737, 0.3390589654445648, 0.06683305650949478}, 2e-6},
      {"tf.math.special.bessel_y0", {L{0.5,3.0,20.0}}, F, {3}, {-0.44451871514320374, 0.37685003876686096, 0.0626407191157341}, 2e-6},
      {"tf.math.special.bessel_y1", {L{0.5,3.0,20.0}}, F, {3}, {-1.4714723825454712, 0.3246743977069855, -0.16551163792610168}, 2e-6},
      {"tf.math.special.bessel_k0", {L{0.5,3.0,20.0}}, F, {3}, {0.924419105052948, 0.034739505499601364, 5.741237485423767e-10}, 2e-6},
      {"tf.math.special.bessel_k0e", {L{0.5,3.0,100.0}}, F, {3}, {1.5241093635559082, 0.6977616548538208, 0.12517563998699188}, 2e-6},
      {"tf.math.special.bessel_k1", {L{0.5,3.0,20.0}}, F, {3}, {1.6564409732818604, 0.04015643149614334, 5.883057929700897e-10}, 2e-6},
      {"tf.math.special.bessel_k1e", {L{0.5,3.0,100.0}}, F, {3}, {2.7310094833374023, 0.8065634965896606, 0.12579995393753052}, 2e-6},
      {"tf.math.special.dawsn", {L{-2.0,0.0,0.1,0.5,3.0,40.0}}, F, {6}, {-0.30134040117263794, 0.0, 0.09933599084615707, 0.42443639039993286, 0.17827101051807404, 0.01250390987843275}, 2e-6},
      {"tf.math.special.expint", {L{0.1,1.0,3.0}}, F, {3}, {-1.6228128671646118, 1.8951178789138794, 9.933833122253418}, 2e-6},
      {"tf.math.special.spence", {L{0.0,0.2,1.0,1.4,3.0}}, F, {5}, {1.644934058189392, 1.0747945308685303, 0.0, -0.36583253741264343, -1.43674635887146}, 2e-6},
      {"tf.math.polygamma", {L{0.0, 1.0, 2.0, 3.0}, L{2.5, 2.5, 0.5, 7.0}}, F, {4}, {0.7031568288803101, 0.49035772681236267, -16.828794479370117, 0.00719819962978363}, 2e-6},
      {"tf.math.zeta", {L{2.0, 3.5, 1.5}, L{1.0, 0.5, 10.0}}, F, {3}, {1.644934058189392, 11.620805740356445, 0.6486616134643555}, 2e-6},
      {"tf.math.igamma", {L{0.5, 2.0, 10.0, 3.0}, L{0.1, 3.0, 2.0, 30.0}}, F, {4}, {0.34527915716171265, 0.8008517026901245, 4.6498080337187275e-05, 1.0}, 2e-6},
      {"tf.math.igammac", {L{0.5, 2.0, 10.0}, L{0.1, 3.0, 2.0}}, F, {3}, {0.6547208428382874, 0.1991482824087143, 0.9999535083770752}, 2e-6},
      {"tf.math.betainc", {L{0.5, 2.0, 10.0}, L{1.5, 2.0, 3.0}, L{0.1, 0.5, 0.9}}, F, {3}, {0.39581868052482605, 0.5, 0.8891299962997437}, 2e-6},
  });
}

TEST(MathFunctions, ComplexNumbersHaveParts) {
  using C = std::complex<double>;
  const Tensor c = Tensor::of<C>({2}, {C(3, -4), C(0, 0)});
  check_calls({
      {"tf.abs", {c}, D, {2}, {5, 0}},
      {"tf.math.real", {c}, D, {2}, {3, 0}},
      {"tf.math.imag", {c}, D, {2}, {-4, 0}},
      {"tf.math.angle", {c}, D, {2}, {-0.9272952180016122, 0}, 1e-15},
      {"tf.math.real", {floats()}, F, {2}, {1, 2}},
      {"tf.math.imag", {floats()}, F, {2}, {0, 0}},
      {"tf.math.conj", {floats()}, F, {2}, {1, 2}},
  });
  const Tensor s = *call("tf.sign", {{"x", c}}).get<Tensor>();
  EXPECT_DOUBLE_EQ(s.as<C>()[0].real(), 0.6);
  EXPECT_DOUBLE_EQ(s.as<C>()[0].imag(), -0.8);
  EXPECT_EQ(s.as<C>()[1], C(0, 0));
  const Tensor made = *call("tf.complex", {{"real", doubles()}, {"imag", Tensor(2.0)}}).get<Tensor>();
  ASSERT_EQ(made.dtype(), DType::c128);
  EXPECT_EQ(made.as<C>()[1], C(2, 2));
  check_bad_calls({{"tf.complex", {1, 2}, Code::type,
                    "The `real` and `imag` components have incorrect types: int32 int32. They must be consistent, and one of "
                    "[tf.float32, tf.float64]"}});
}

TEST(MathFunctions, EqualityOfStringsAndOfShapesThatDoNotBroadcast) {
  const Tensor text = Tensor::of_strings({2}, {"a", "b"}), one = Tensor::of_string("a");
  check_calls({{"tf.equal", {text, one}, B, {2}, {1, 0}}, {"tf.not_equal", {text, "b"}, B, {2}, {1, 0}}});
  const std::vector<NamedAttr> lenient = {{"incompatible_shape_error", false}};
  check_values({{"Equal", {f32({2}, {0, 0}), f32({3}, {0, 0, 0})}, lenient, {}, {0}},
                {"NotEqual", {f32({2}, {0, 0}), f32({3}, {0, 0, 0})}, lenient, {}, {1}},
                {"NotEqual", {text, Tensor::of_strings({3}, {"a", "b", "c"})}, lenient, {}, {1}},
                {"Equal", {f32({2}, {0, 1}), f32({1}, {0})}, lenient, {2}, {1, 0}},
                {"ApproximateEqual", {f32({2}, {0, 1}), f32({2}, {1e-6f, 1.1f})}, {}, {2}, {1, 0}}});
  const Tensor sum = *call("tf.add", {{"x", text}, {"y", "c"}}).get<Tensor>();
  EXPECT_EQ(sum.as<std::string>()[1], "bc");
  check_errors({{"Equal", {f32({2}, {0, 0}), f32({3}, {0, 0, 0})}, {}, Code::invalid_argument,
                 "Incompatible shapes: [2] vs. [3] [Op:Equal]"}});
}

TEST(MathFunctions, GradientsAreThoseOfFiniteDifferences) {
  auto d = [](std::vector<double> v) { return Tensor::of<double>({static_cast<int64_t>(v.size())}, v); };
  const std::vector<double> inner = {-0.7, 0.2, 0.6}, positive = {0.3, 1.5, 4};
  std::vector<GradRow> rows = {
      {"Pow", {d({0.5, 2, 3}), d({2, -1, 0.5})}, 2},
      {"Pow", {Tensor::of<double>({2, 1}, {0.5, 2}), d({2, -1, 0.5})}, 2},
      {"Div", {d({1, 2}), d({3, -4})}, 2},
      {"DivNoNan", {d({1, 2}), d({3, -4})}, 2},
      {"MulNoNan", {d({1, 2}), d({3, -4})}, 2},
      {"Xdivy", {d({1, 2}), d({3, -4})}, 2},
      {"Xlogy", {d({1, 2}), d({3, 4})}, 2},
      {"Xlog1py", {d({1, 2}), d({3, 4})}, 2},
      {"Atan2", {d({1, -2}), d({3, -4})}, 2},
      {"ClipByValue", {d({-1, 0.5, 3}), Tensor(0.1), Tensor(2.0)}, 3},
      {"AddN", {d({1, 2}), d({3, 4}), d({5, 6})}, 3},
      {"Add", {d({1, 2}), Tensor(3.0)}, 2},
      {"Igamma", {d(positive), d({0.5, 2, 3})}, 2},
      {"Igammac", {d(positive), d({0.5, 2, 3})}, 2},
      {"Tan", {d(inner)}}, {"Asin", {d(inner)}}, {"Acos", {d(inner)}}, {"Atan", {d(inner)}},
      {"Sinh", {d(inner)}}, {"Cosh", {d(inner)}}, {"Asinh", {d(inner)}}, {"Acosh", {d({1.5, 3})}}, {"Atanh", {d(inner)}},
      {"Expm1", {d(inner)}}, {"Reciprocal", {d(inner)}}, {"ReciprocalGrad", {d(inner), d(positive)}, 2},
      {"Erf", {d(inner)}}, {"Erfc", {d(inner)}}, {"Erfinv", {d(inner)}}, {"Ndtri", {d({0.2, 0.7})}},
      {"Lgamma", {d(positive)}}, {"Digamma", {d(positive)}},
      {"BesselI0", {d(inner)}}, {"BesselI0e", {d(inner)}}, {"BesselI1", {d(inner)}}, {"BesselI1e", {d(inner)}},
      {"BesselK0", {d(positive)}}, {"BesselK0e", {d(positive)}}, {"BesselK1", {d(positive)}}, {"BesselK1e", {d(positive)}},
      {"BesselJ0", {d(positive)}}, {"BesselJ1", {d(positive)}}, {"BesselY0", {d(positive)}}, {"BesselY1", {d(positive)}},
      {"Dawsn", {d(inner)}}, {"Expint", {d(positive)}}, {"Spence", {d(positive)}},
  };
  check_gradients(rows);
}

TEST(MathFunctions, ErrorsAreTensorFlows) {
  constexpr auto IA = Code::invalid_argument;
  check_bad_calls({
      {"tf.add", {1, 2.5}, IA,
       "cannot compute AddV2 as input #1(zero-based) was expected to be a int32 tensor but is a float tensor [Op:AddV2]"},
      {"tf.add", {ints(), 1.5}, IA,
       "cannot compute AddV2 as input #1(zero-based) was expected to be a int32 tensor but is a float tensor [Op:AddV2]"},
      {"tf.multiply", {ints(), 1.5}, Code::type, "Cannot convert 1.5 to EagerTensor of dtype int32"},
      {"tf.multiply", {1.5, ints()}, Code::type, "Cannot convert 1.5 to EagerTensor of dtype int32"},
      {"tf.maximum", {1, 2.5}, Code::type, "Cannot convert 2.5 to EagerTensor of dtype int32"},
      {"tf.pow", {2, -1}, IA, "Integers to negative integer powers are not allowed [Op:Pow]"},
      {"tf.divide", {ints(), 2.5}, Code::type, "`x` and `y` must have the same dtype, got tf.int32 != tf.float32."},
      {"tf.logical_and", {1, true}, Code::type, "Cannot convert 1 to EagerTensor of dtype bool"},
      {"tf.abs", {Value()}, Code::value,
       "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."},
      {"tf.add_n", {L{}}, Code::value,
       "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape."},
      {"tf.add_n", {L{floats(), f32({3}, {0, 0, 0})}}, IA,
       "Inputs to operation AddN of type AddN must have the same size and shape.  Input 0: [2] != input 1: [3] [Op:AddN]"},
      {"tf.scalar_mul", {floats(), floats()}, Code::value, "The input scalar must be a 0-D value. Received shape (2,)."},
      {"tf.clip_by_value", {floats(), f32({3, 2}, {1, 1, 1, 1, 1, 1}), 3.0}, Code::value,
       "Shapes (2,) and (3, 2) are incompatible"},
  });
}

}  // namespace
}  // namespace ninefold
