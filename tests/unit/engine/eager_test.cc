// In: rows of eager ops and gradients. Out: values that TensorFlow gives, and its errors word for word.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op/op.h"
#include "ninefold/grad.h"
#include "ninefold/ops.h"
#include "op_rows.h"

namespace ninefold {
namespace {

using namespace testing;

TEST(Eager, Values) {
  const std::vector<ValueRow> rows = {
      {"AddV2", {f32({2}, {1, 2}), f32({2}, {3, 4})}, {}, {2}, {4, 6}},
      {"AddV2", {f32({2, 1}, {1, 2}), f32({3}, {10, 20, 30})}, {}, {2, 3}, {11, 21, 31, 12, 22, 32}},
      {"AddV2", {f32({0, 3}, {}), f32({3}, {1, 2, 3})}, {}, {0, 3}, {}},
      {"Sub", {i32({2}, {5, -7}), i32({}, {3})}, {}, {2}, {2, -10}},
      {"Mul", {i32({2}, {1 << 20, 3}), i32({2}, {1 << 12, 5})}, {}, {2}, {0, 15}},
      {"RealDiv", {f32({3}, {1, -1, 0}), f32({3}, {0, 0, 4})}, {}, {3}, {INFINITY, -INFINITY, 0}},
      {"FloorDiv", {i32({2}, {-7, 7}), i32({2}, {2, -2})}, {}, {2}, {-4, -4}},
      {"FloorMod", {i32({2}, {-7, 7}), i32({2}, {3, -3})}, {}, {2}, {2, -2}},
      {"Maximum", {f32({2}, {1, 5}), f32({2}, {3, 4})}, {}, {2}, {3, 5}},
      {"Relu", {f32({3}, {-1, 0, 2})}, {}, {3}, {0, 0, 2}},
      {"Square", {i32({2}, {-3, 4})}, {}, {2}, {9, 16}},
      {"Equal", {f32({2}, {1, NAN}), f32({2}, {1, NAN})}, {}, {2}, {1, 0}},
      {"LogicalNot", {Tensor::of<bool>({2}, {true, false})}, {}, {2}, {0, 1}},
      {"SelectV2", {Tensor::of<bool>({2}, {true, false}), f32({}, {1}), f32({2}, {7, 8})}, {}, {2}, {1, 8}},
      {"MatMul", {f32({2, 2}, {1, 2, 3, 4}), f32({2, 1}, {5, 6})}, {}, {2, 1}, {17, 39}},
      {"MatMul", {f32({2, 2}, {1, 2, 3, 4}), f32({1, 2}, {5, 6})}, {{"transpose_b", true}}, {2, 1}, {17, 39}},
      {"MatMul", {f32({2, 0}, {}), f32({0, 2}, {})}, {}, {2, 2}, {0, 0, 0, 0}},
      {"MatMul", {i32({1, 2}, {2, 3}), i32({2, 1}, {4, 5})}, {}, {1, 1}, {23}},
      {"Sum", {f32({2, 3}, {1, 2, 3, 4, 5, 6}), i32({1}, {0})}, {}, {3}, {5, 7, 9}},
      {"Sum", {f32({2, 3}, {1, 2, 3, 4, 5, 6}), i32({2}, {0, -1})}, {}, {}, {21}},
      {"Sum", {f32({0, 2}, {}), i32({1}, {0})}, {}, {2}, {0, 0}},
      {"Mean", {f32({2, 3}, {1, 2, 3, 4, 5, 6}), i32({1}, {1})}, {{"keep_dims", true}}, {2, 1}, {2, 5}},
      {"Mean", {i32({4}, {1, 2, 3, 5}), i32({1}, {0})}, {}, {}, {2}},
      {"Reshape", {f32({2, 3}, {1, 2, 3, 4, 5, 6}), i32({2}, {3, -1})}, {}, {3, 2}, {1, 2, 3, 4, 5, 6}},
      {"Shape", {f32({2, 3}, {1, 2, 3, 4, 5, 6})}, {}, {2}, {2, 3}},
      {"Fill", {i32({2}, {2, 2}), f32({}, {7})}, {}, {2, 2}, {7, 7, 7, 7}},
      {"OnesLike", {i32({3}, {4, 5, 6})}, {}, {3}, {1, 1, 1}},
      {"Cast", {f32({3}, {-1.9f, 0, 2.5f})}, {{"DstT", DType::i32}}, {3}, {-1, 0, 2}},
      {"Cast", {i32({3}, {300, 0, -1})}, {{"DstT", DType::u8}}, {3}, {44, 0, 255}},
      {"Cast", {f32({2}, {0.5f, 65504})}, {{"DstT", DType::f16}}, {2}, {0.5, 65504}},
      {"Pack", {i32({2}, {1, 2}), i32({2}, {3, 4})}, {}, {2, 2}, {1, 2, 3, 4}},
      {"Pack", {i32({2}, {1, 2}), i32({2}, {3, 4})}, {{"axis", -1}}, {2, 2}, {1, 3, 2, 4}},
      {"Unpack", {i32({2, 2}, {1, 2, 3, 4})}, {{"num", 2}, {"axis", 1}}, {2}, {1, 3}},
  };
  check_values(rows);
}

TEST(Eager, ErrorsAreTensorFlows) {
  const std::vector<ErrorRow> rows = {
      {"AddV2", {f32({2, 3}, {0, 0, 0, 0, 0, 0}), f32({3, 2}, {0, 0, 0, 0, 0, 0})}, {}, Code::invalid_argument,
       "Incompatible shapes: [2,3] vs. [3,2] [Op:AddV2]"},
      {"AddV2", {i32({}, {1}), f32({}, {1})}, {}, Code::invalid_argument,
       "cannot compute AddV2 as input #1(zero-based) was expected to be a int32 tensor but is a float tensor [Op:AddV2]"},
      {"MatMul", {f32({2, 3}, {0, 0, 0, 0, 0, 0}), f32({2, 3}, {0, 0, 0, 0, 0, 0})}, {}, Code::invalid_argument,
       "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3] [Op:MatMul]"},
      {"FloorDiv", {i32({}, {1}), i32({}, {0})}, {}, Code::invalid_argument, "Integer division by zero [Op:FloorDiv]"},
      {"Reshape", {f32({3}, {0, 0, 0}), i32({1}, {2})}, {}, Code::invalid_argument,
       "Input to reshape is a tensor with 3 values, but the requested shape has 2 [Op:Reshape]"},
      {"Sum", {f32({3}, {0, 0, 0}), i32({1}, {1})}, {}, Code::invalid_argument,
       "Invalid reduction dimension (1 for input with 1 dimension(s) [Op:Sum]"},
      {"Fill", {i32({1}, {-1}), f32({}, {0})}, {}, Code::invalid_argument, "Dimension -1 must be >= 0 [Op:Fill]"},
      {"MatMul", {f32({1, 1}, {1}), f32({1, 1}, {1})}, {{"transpose", true}}, Code::type,
       "MatMul: there is no attribute 'transpose'"},
      {"Pack", {f32({1}, {0}), f32({2}, {0, 0})}, {}, Code::invalid_argument,
       "Shapes of all inputs must match: values[0].shape = [1] != values[1].shape = [2] [Op:Pack]"},
      {"Cast", {f32({1}, {0})}, {{"DstT", DType::string}}, Code::unimplemented, "Cast float to string is not supported [Op:Cast]"},
      {"Size", {f32({1}, {0})}, {{"out_type", DType::string}}, Code::invalid_argument,
       "Value for attr 'out_type' of string is not in the list of allowed values: int32, int64\n\t; NodeDef: {{node Size}}; "
       "Op<name=Size; signature=input:T -> output:out_type; attr=T:type; attr=out_type:type,default=DT_INT32,"
       "allowed=[DT_INT32, DT_INT64]> [Op:Size]"},
      {"NoSuchOp", {}, {}, Code::not_found,
       "Op type not registered 'NoSuchOp'; `ninefold.raw_ops` lists those that exist"},
  };
  check_errors(rows);
}

TEST(Eager, EveryRecordParses) {
  for (const Op* o : all_ops()) {
    EXPECT_EQ(def(*o).inputs.size(), o->inputs.size()) << o->name;
    EXPECT_FALSE(o->doc.empty()) << o->name;
    EXPECT_NE(o->shape, nullptr) << o->name;
  }
}

// ---- gradients against finite differences ----

TEST(Gradient, AgainstFiniteDifferences) {
  auto d = [](const Shape& s, std::vector<double> v) { return Tensor::of<double>(s, v); };
  const std::vector<GradRow> rows = {
      {"AddV2", {d({2, 1}, {1, 2}), d({3}, {3, 4, 5})}, 2},
      {"Sub", {d({2}, {1, 2}), d({}, {3})}, 2},
      {"Mul", {d({2, 2}, {1, 2, 3, 4}), d({2}, {-1, 2})}, 2},
      {"RealDiv", {d({2}, {1, 2}), d({2}, {3, -4})}, 2},
      {"Maximum", {d({2}, {1, 5}), d({2}, {3, 4})}, 2},
      {"Minimum", {d({2}, {1, 5}), d({2}, {3, 4})}, 2},
      {"SquaredDifference", {d({2}, {1, 5}), d({1}, {3})}, 2},
      {"FloorMod", {d({2}, {5.5, -2.5}), d({2}, {3, 4})}, 2},
      {"Neg", {d({2}, {1, -2})}},
      {"Abs", {d({2}, {1, -2})}},
      {"Square", {d({2}, {1, -2})}},
      {"Sqrt", {d({2}, {1, 4})}},
      {"SqrtGrad", {d({2}, {1, 4}), d({2}, {2, 3})}, 2},
      {"Rsqrt", {d({2}, {1, 4})}},
      {"RsqrtGrad", {d({2}, {1, 4}), d({2}, {2, 3})}, 2},
      {"Exp", {d({3}, {-1, 0, 2})}},
      {"Log", {d({2}, {0.5, 3})}},
      {"Log1p", {d({2}, {0.5, 3})}},
      {"Sin", {d({2}, {0.5, 3})}},
      {"Cos", {d({2}, {0.5, 3})}},
      {"Tanh", {d({3}, {-1, 0, 2})}},
      {"TanhGrad", {d({2}, {0.5, -0.3}), d({2}, {2, 3})}, 2},
      {"Sigmoid", {d({3}, {-1, 0, 2})}},
      {"SigmoidGrad", {d({2}, {0.5, 0.3}), d({2}, {2, 3})}, 2},
      {"Relu", {d({3}, {-1, 1, 2})}},
      {"ReluGrad", {d({2}, {2, 3}), d({2}, {-1, 1})}},
      {"Softplus", {d({3}, {-1, 0, 2})}},
      {"SoftplusGrad", {d({2}, {2, 3}), d({2}, {-1, 1})}, 2},
      {"MatMul", {d({2, 3}, {1, 2, 3, 4, 5, 6}), d({3, 2}, {1, -1, 2, -2, 3, -3})}, 2},
      {"MatMul", {d({3, 2}, {1, 2, 3, 4, 5, 6}), d({3, 2}, {1, -1, 2, -2, 3, -3})}, 2, {{"transpose_a", true}}},
      {"MatMul", {d({2, 3}, {1, 2, 3, 4, 5, 6}), d({2, 3}, {1, -1, 2, -2, 3, -3})}, 2, {{"transpose_b", true}}},
      {"MatMul", {d({3, 2}, {1, 2, 3, 4, 5, 6}), d({2, 3}, {1, -1, 2, -2, 3, -3})}, 2,
       {{"transpose_a", true}, {"transpose_b", true}}},
      {"Sum", {d({2, 3}, {1, 2, 3, 4, 5, 6}), i32({1}, {1})}},
      {"Mean", {d({2, 3}, {1, 2, 3, 4, 5, 6}), i32({1}, {0})}},
      {"Mean", {d({2, 3}, {1, 2, 3, 4, 5, 6}), i32({2}, {0, 1})}, 1, {{"keep_dims", true}}},
      {"Reshape", {d({2, 3}, {1, 2, 3, 4, 5, 6}), i32({1}, {6})}},
      {"Identity", {d({2}, {1, 2})}},
      {"Cast", {d({2}, {1, 2})}, 1, {{"DstT", DType::f64}}},
      {"Pack", {d({2}, {1, 2}), d({2}, {3, 4})}, 2, {{"axis", 1}}},
      {"Unpack", {d({2, 2}, {1, 2, 3, 4})}, 1, {{"num", 2}}},
  };
  check_gradients(rows);
}

// ---- tapes and variables ----

TEST(Gradient, SecondDerivative) {
  const Tensor x(3.0);
  GradientTape outer;
  outer.watch(x);
  Tensor dy;
  {
    GradientTape inner;
    inner.watch(x);
    const Tensor y = x * x * x;
    dy = inner.gradient({y}, {x})[0];
  }
  EXPECT_DOUBLE_EQ(dy.item<double>(), 27);
  EXPECT_DOUBLE_EQ(outer.gradient({dy}, {x})[0].item<double>(), 18);
}

TEST(Gradient, APersistentTapeAnswersTwiceAnotherOnce) {
  const Tensor x(2.0f);
  GradientTape kept(true), once;
  kept.watch(x);
  once.watch(x);
  const Tensor y = x * x;
  EXPECT_EQ(kept.gradient({y}, {x})[0].item<float>(), 4);
  EXPECT_EQ(kept.gradient({y}, {x})[0].item<float>(), 4);
  EXPECT_EQ(once.gradient({y}, {x})[0].item<float>(), 4);
  try {
    once.gradient({y}, {x});
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::runtime);
    EXPECT_EQ(e.message(), "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)");
  }
}

TEST(Gradient, UnconnectedSourcesGiveNothingOrZeros) {
  const Tensor x(2.0f), z(5.0f);
  GradientTape tape(true);
  tape.watch(x);
  tape.watch(z);
  const Tensor y = x * x;
  EXPECT_FALSE(tape.gradient({y}, {z})[0].defined());
  EXPECT_EQ(tape.gradient({y}, {z}, {}, Unconnected::zero)[0].item<float>(), 0);
}

TEST(Variables, AReadOutlivesTheNextWrite) {
  const Variable v(f32({2}, {1, 2}), {.name = "v"});
  const Tensor before = v.read();
  v.assign(f32({2}, {5, 6}));
  v.assign_add(f32({2}, {1, 1}));
  v.assign_sub(f32({2}, {0, 2}));
  EXPECT_EQ(values(before), (std::vector<double>{1, 2}));
  EXPECT_EQ(values(v.read()), (std::vector<double>{6, 5}));
  EXPECT_EQ(v.name(), "v:0");
}

TEST(Variables, ATapeWatchesWhatItReads) {
  const Variable w(f32({2}, {3, 4})), frozen(f32({2}, {1, 1}), {.trainable = false});
  GradientTape tape;
  const Tensor y = w.read() * w.read() + frozen.read();
  ASSERT_EQ(tape.watched_variables().size(), 1u);
  const Tensors dw = tape.gradient(y, std::vector<Variable>{w, frozen});
  EXPECT_EQ(values(dw[0]), (std::vector<double>{6, 8}));
  EXPECT_FALSE(dw[1].defined());
}

TEST(Variables, AWrongShapeIsRefusedAndNothingIsLost) {
  const Variable v(f32({2}, {1, 2}), {.name = "v"});
  try {
    v.assign(f32({3}, {1, 2, 3}));
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::value);
    EXPECT_EQ(e.message(), "Cannot assign value to variable ' v:0': Shape mismatch.The variable shape (2,), and "
                           "the assigned value shape (3,) are incompatible.");
  }
  EXPECT_EQ(values(v.read()), (std::vector<double>{1, 2}));
}

TEST(Tensors, KnowTheirDeviceAndAreReady) {
  const Tensor t = f32({1}, {1});
  EXPECT_EQ(t.device_name(), "/job:localhost/replica:0/task:0/device:CPU:0");
}

struct ShapeRow { Shape a, b; bool compatible; const char* merged; };
TEST(Shapes, MergeAndPrint) {
  const std::vector<ShapeRow> rows = {
      {{2, -1}, {-1, 3}, true, "[2,3]"}, {{2}, {3}, false, ""}, {Shape::unknown(), {4, 5}, true, "[4,5]"},
      {{}, {}, true, "[]"}, {{1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 5, 6, -1}, true, "[1,2,3,4,5,6,7]"},
  };
  for (const ShapeRow& r : rows) {
    EXPECT_EQ(r.a.compatible(r.b), r.compatible) << r.a.str() << r.b.str();
    if (r.compatible) {
      EXPECT_EQ(r.a.merge(r.b).str(), r.merged);
    }
  }
  EXPECT_EQ(Shape({-1, 3}).tuple(), "(None, 3)");
  EXPECT_EQ(Shape({2}).tuple(), "(2,)");
}

}  // namespace
}  // namespace ninefold
