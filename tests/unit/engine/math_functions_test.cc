// In: rows of calls of tf.math's functions. Out: TensorFlow 2.9.0's values, dtypes and errors.
#include <gtest/gtest.h>

#include <cmath>

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
