// In: rows of array ops. Out: whether values, gradients and errors are those that TensorFlow 2.9.0 gives.
#include <gtest/gtest.h>

#include <cmath>

#include "ninefold/function.h"
#include "ninefold/grad.h"
#include "ninefold/ops.h"
#include "op_rows.h"

namespace ninefold {
namespace {

using namespace testing;

Tensor count(const Shape& s) {   // 0, 1, 2, ...
  std::vector<float> v(static_cast<size_t>(s.size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i);
  return f32(s, v);
}
Tensor count64(const Shape& s) {
  std::vector<double> v(static_cast<size_t>(s.size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = 0.5 + static_cast<double>(i);
  return f64(s, v);
}
Tensor ids(std::vector<int32_t> v) { return i32({static_cast<int64_t>(v.size())}, v); }
const Tensor zero = i32({}, {0}), one = i32({}, {1}), last = i32({}, {-1});

TEST(ArrayOps, Values) {
  const Tensor x = count({2, 3});
  const std::vector<ValueRow> rows = {
      {"ExpandDims", {x, zero}, {}, {1, 2, 3}, {0, 1, 2, 3, 4, 5}},
      {"ExpandDims", {x, last}, {}, {2, 3, 1}, {0, 1, 2, 3, 4, 5}},
      {"Squeeze", {count({1, 2, 1})}, {}, {2}, {0, 1}},
      {"Squeeze", {count({1, 2, 1})}, {{"squeeze_dims", std::vector<int64_t>{-1}}}, {1, 2}, {0, 1}},
      {"Size", {x}, {}, {}, {6}},
      {"Rank", {x}, {}, {}, {2}},
      {"BroadcastArgs", {ids({2, 1}), ids({3})}, {}, {2}, {2, 3}},
      {"BroadcastGradientArgs", {ids({2, 1, 1}), ids({1, 1})}, {}, {2}, {1, 2}},
      {"BroadcastGradientArgs", {ids({1, 1}), ids({1, 1})}, {}, {0}, {}},
      {"ConcatV2", {x, count({1, 3}), zero}, {}, {3, 3}, {0, 1, 2, 3, 4, 5, 0, 1, 2}},
      {"ConcatV2", {x, count({2, 1}), last}, {}, {2, 4}, {0, 1, 2, 0, 3, 4, 5, 1}},
      {"ConcatV2", {count({}), count({}), zero}, {}, {2}, {0, 0}},
      {"ConcatV2", {count({0, 3}), x, zero}, {}, {2, 3}, {0, 1, 2, 3, 4, 5}},
      {"Split", {one, count({2, 4})}, {{"num_split", 2}}, {2, 2}, {0, 1, 4, 5}},
      {"SplitV", {x, ids({2, -1}), one}, {{"num_split", 2}}, {2, 2}, {0, 1, 3, 4}},
      {"Slice", {x, ids({0, 1}), ids({-1, 2})}, {}, {2, 2}, {1, 2, 4, 5}},
      {"Slice", {x, ids({0, 1}), ids({2, 0})}, {}, {2, 0}, {}},
      {"StridedSlice", {x, ids({0, 2}), ids({2, 0}), ids({1, -1})}, {}, {2, 2}, {2, 1, 5, 4}},
      {"StridedSlice", {x, ids({1}), ids({2}), ids({1})}, {{"shrink_axis_mask", 1}}, {3}, {3, 4, 5}},
      {"StridedSlice", {x, ids({0, 0}), ids({0, 0}), ids({1, -1})}, {{"begin_mask", 2}, {"end_mask", 2}, {"ellipsis_mask", 1}},
       {2, 3}, {2, 1, 0, 5, 4, 3}},
      {"StridedSlice", {x, ids({0, 1}), ids({0, 2}), ids({1, 1})}, {{"new_axis_mask", 1}}, {1, 1, 3}, {3, 4, 5}},
      {"StridedSlice", {x, ids({0, 0}), ids({0, -1}), ids({1, 1})}, {{"ellipsis_mask", 1}, {"shrink_axis_mask", 2}}, {2}, {0, 3}},
      {"StridedSlice", {x, ids({-100}), ids({100}), ids({1})}, {}, {2, 3}, {0, 1, 2, 3, 4, 5}},
      {"StridedSliceGrad", {ids({2, 3}), ids({0, 1}), ids({2, 3}), ids({1, 2}), f32({2, 1}, {7, 8})}, {}, {2, 3}, {0, 7, 0, 0, 8, 0}},
      {"Transpose", {x, ids({1, 0})}, {}, {3, 2}, {0, 3, 1, 4, 2, 5}},
      {"Transpose", {count({2, 1, 2, 2}), ids({3, 1, 0, 2})}, {}, {2, 1, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7}},
      {"Transpose", {count({0, 3}), ids({1, 0})}, {}, {3, 0}, {}},
      {"Transpose", {Tensor::of<bool>({2, 2}, {true, false, true, true}), ids({1, 0})}, {}, {2, 2}, {1, 1, 0, 1}},
      {"InvertPermutation", {ids({2, 0, 1})}, {}, {3}, {1, 2, 0}},
      {"GatherV2", {x, ids({1, 0, 1}), zero}, {}, {3, 3}, {3, 4, 5, 0, 1, 2, 3, 4, 5}},
      {"GatherV2", {x, i32({2, 1}, {2, 0}), one}, {}, {2, 2, 1}, {2, 0, 5, 3}},
      {"GatherV2", {x, i32({2, 1}, {2, 0}), one}, {{"batch_dims", 1}}, {2, 1}, {2, 3}},
      {"GatherV2", {x, i32({2, 1}, {2, 0}), one}, {{"batch_dims", -1}}, {2, 1}, {2, 3}},
      {"GatherV2", {x, one, zero}, {}, {3}, {3, 4, 5}},
      {"GatherV2", {x, i32({0}, {}), zero}, {}, {0, 3}, {}},
      {"Tile", {x, ids({1, 2})}, {}, {2, 6}, {0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5}},
      {"Tile", {count({2}), ids({0})}, {}, {0}, {}},
      {"BroadcastTo", {count({2, 1}), ids({2, 2, 2})}, {}, {2, 2, 2}, {0, 0, 1, 1, 0, 0, 1, 1}},
      {"BroadcastTo", {f32({}, {4}), ids({2})}, {}, {2}, {4, 4}},
      {"Range", {i32({}, {3}), i32({}, {10}), i32({}, {3})}, {}, {3}, {3, 6, 9}},
      {"Range", {i32({}, {3}), i32({}, {-1}), i32({}, {-2})}, {}, {2}, {3, 1}},
      {"Range", {f32({}, {3}), f32({}, {18}), f32({}, {3.5})}, {}, {5}, {3, 6.5, 10, 13.5, 17}},
      {"OneHot", {ids({1, -1, 0}), i32({}, {2}), f32({}, {5}), f32({}, {-1})}, {}, {3, 2}, {-1, 5, -1, -1, 5, -1}},
      {"OneHot", {ids({1, 0}), i32({}, {3}), f32({}, {1}), f32({}, {0})}, {{"axis", 0}}, {3, 2}, {0, 1, 1, 0, 0, 0}},
      {"Pad", {x, i32({2, 2}, {1, 0, 0, 1})}, {}, {3, 4}, {0, 0, 0, 0, 0, 1, 2, 0, 3, 4, 5, 0}},
      {"PadV2", {count({1}), i32({1, 2}, {1, 1}), f32({}, {9})}, {}, {3}, {9, 0, 9}},
      {"Cumsum", {x, one}, {}, {2, 3}, {0, 1, 3, 3, 7, 12}},
      {"Cumsum", {x, zero}, {{"reverse", true}}, {2, 3}, {3, 5, 7, 3, 4, 5}},
      {"Cumsum", {x, one}, {{"exclusive", true}, {"reverse", true}}, {2, 3}, {3, 2, 0, 9, 5, 0}},
      {"Cumprod", {f32({3}, {2, 3, 4}), zero}, {{"exclusive", true}}, {3}, {1, 2, 6}},
      {"CumulativeLogsumexp", {f32({3}, {1, 2, 3}), zero}, {}, {3}, {1, 2.3132617, 3.4076061}, 1e-6},
      {"CumulativeLogsumexp", {f32({3}, {1, 2, 3}), zero}, {{"exclusive", true}}, {3}, {-INFINITY, 1, 2.3132617}, 1e-6},
      {"UnsortedSegmentSum", {f32({3}, {0, 1, 2}), ids({0, -1, 1}), i32({}, {2})}, {}, {2}, {0, 2}},
      {"UnsortedSegmentMax", {f32({3}, {0, 1, 2}), ids({0, 0, 1}), i32({}, {3})}, {}, {3}, {1, 2, -3.4028234663852886e38}},
      {"UnsortedSegmentMin", {i32({2}, {1, 2}), ids({0, 0}), i32({}, {2})}, {}, {2}, {1, 2147483647}},
      {"UnsortedSegmentProd", {f32({3}, {5, 1, 2}), ids({0, 0, 1}), i32({}, {3})}, {}, {3}, {5, 2, 1}},
      {"SegmentSum", {x, ids({0, 2})}, {}, {3, 3}, {0, 1, 2, 0, 0, 0, 3, 4, 5}},
      {"SegmentMean", {i32({3}, {1, 2, 3}), ids({0, 2, 2})}, {}, {3}, {1, 0, 2}},
      {"SegmentProd", {f32({3}, {0, 1, 2}), ids({0, 2, 2})}, {}, {3}, {0, 1, 2}},
      {"SegmentMax", {f32({3}, {-4, 1, 2}), ids({0, 2, 2})}, {}, {3}, {-4, 0, 2}},
      {"SegmentSum", {f32({0}, {}), ids({})}, {}, {0}, {}},
  };
  check_values(rows);
}

TEST(Reductions, Values) {
  const Tensor x = count({2, 3});
  const std::vector<ValueRow> rows = {
      {"Sum", {x, ids({})}, {}, {2, 3}, {0, 1, 2, 3, 4, 5}},
      {"Sum", {count({2, 2, 2}), ids({0, 2})}, {}, {2}, {10, 18}},
      {"Prod", {f32({3}, {2, 3, 4}), ids({0})}, {}, {}, {24}},
      {"Prod", {f32({0}, {}), ids({0})}, {}, {}, {1}},
      {"Max", {x, ids({0})}, {}, {3}, {3, 4, 5}},
      {"Max", {f32({3}, {1, NAN, 2}), ids({0})}, {}, {}, {NAN}},
      {"Max", {f32({0}, {}), ids({0})}, {}, {}, {-INFINITY}},
      {"Max", {i32({0}, {}), ids({0})}, {}, {}, {-2147483648.0}},
      {"Min", {x, ids({-1})}, {{"keep_dims", true}}, {2, 1}, {0, 3}},
      {"All", {Tensor::of<bool>({2, 2}, {true, true, false, true}), ids({1})}, {}, {2}, {1, 0}},
      {"Any", {Tensor::of<bool>({2, 2}, {false, false, false, true}), ids({1})}, {}, {2}, {0, 1}},
      {"ArgMax", {x, one}, {}, {2}, {2, 2}},
      {"ArgMax", {x, zero}, {{"output_type", DType::i32}}, {3}, {1, 1, 1}},
      {"ArgMax", {f32({3}, {NAN, 2, 3}), zero}, {}, {}, {2}},
      {"ArgMax", {Tensor::of<bool>({3}, {false, true, true}), zero}, {}, {}, {1}},
      {"ArgMin", {f32({3}, {3, 1, 1}), zero}, {}, {}, {1}},
      {"ArgMax", {count({0, 2}), one}, {}, {0}, {}},
  };
  check_values(rows);
  // Long enough to be cut into chunks, along a row, along columns, and both.
  for (const Shape& s : {Shape{300000}, Shape{3, 100001}, Shape{40000, 7}}) {
    const Tensor ones = op("OnesLike", {Tensor::zeros(DType::f32, s)});
    std::vector<int32_t> all;
    for (int i = 0; i < s.rank(); ++i) all.push_back(i);
    EXPECT_EQ(op("Sum", {ones, ids(all)}).item<float>(), static_cast<float>(s.size()));
    EXPECT_EQ(op("Mean", {ones, ids(all)}).item<float>(), 1);
    EXPECT_EQ(op("Sum", {ones, zero}).float_at(0), static_cast<double>(s[0]));
  }
}

TEST(ArrayOps, Strings) {
  const Tensor s = Tensor::of_strings({2, 2}, {"a", "b", "c", "d"});
  auto text = [](const Tensor& t) {
    std::string all;
    for (int64_t i = 0; i < t.size(); ++i) all += t.as<std::string>()[i] + ".";
    return all;
  };
  EXPECT_EQ(text(op("Transpose", {s, ids({1, 0})})), "a.c.b.d.");
  EXPECT_EQ(text(op("GatherV2", {s, ids({1}), zero})), "c.d.");
  EXPECT_EQ(text(op("ConcatV2", {s, s, one})), "a.b.a.b.c.d.c.d.");
  EXPECT_EQ(text(op("Slice", {s, ids({1, 0}), ids({1, 2})})), "c.d.");
  EXPECT_EQ(text(op("Pad", {Tensor::of_strings({1}, {"x"}), i32({1, 2}, {1, 1})})), ".x..");
  EXPECT_EQ(text(op("Tile", {Tensor::of_strings({1}, {"x"}), ids({3})})), "x.x.x.");
  EXPECT_EQ(text(op("OneHot", {ids({1}), i32({}, {2}), Tensor::of_string("y"), Tensor::of_string("n")})), "n.y.");
}

TEST(ArrayOps, ErrorsAreTensorFlows) {
  const Tensor x = count({2, 3});
  const Code bad = Code::invalid_argument;
  const std::vector<ErrorRow> rows = {
      {"ExpandDims", {x, i32({}, {5})}, {}, bad, "Tried to expand dim index 5 for tensor with 2 dimensions. [Op:ExpandDims]"},
      {"ExpandDims", {x, ids({1, 2})}, {}, bad, "'dim' must be a tensor with a single value [Op:ExpandDims]"},
      {"Squeeze", {x}, {{"squeeze_dims", std::vector<int64_t>{0}}}, bad,
       "Can not squeeze dim[0], expected a dimension of 1, got 2 [Op:Squeeze]"},
      {"ConcatV2", {x, count({3, 4}), zero}, {}, bad,
       "ConcatOp : Dimension 1 in both shapes must be equal: shape[0] = [2,3] vs. shape[1] = [3,4] [Op:ConcatV2]"},
      {"ConcatV2", {x, count({3}), zero}, {}, bad,
       "ConcatOp : Ranks of all input tensors should match: shape[0] = [2,3] vs. shape[1] = [3] [Op:ConcatV2]"},
      {"ConcatV2", {x, x, i32({}, {4})}, {}, bad,
       "ConcatOp : Expected concatenating dimensions in the range [-2, 2), but got 4 [Op:ConcatV2]"},
      {"ConcatV2", {x, x, ids({0, 0})}, {}, bad, "axis tensor should be a scalar integer, but got shape [2] [Op:ConcatV2]"},
      {"Split", {one, x}, {{"num_split", 2}}, bad,
       "Number of ways to split should evenly divide the split dimension, but got split_dim 1 (size = 3) and num_split 2 [Op:Split]"},
      {"Split", {i32({}, {5}), x}, {{"num_split", 3}}, bad, "-input rank(-2) <= split_dim < input rank (2), but got 5 [Op:Split]"},
      {"SplitV", {x, ids({1, 1}), one}, {{"num_split", 2}}, bad,
       "Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the size of "
       "the input along split_dim if not fully specified.  Got: 2 [Op:SplitV]"},
      {"SplitV", {x, ids({-1, -1}), one}, {{"num_split", 2}}, bad, "There can only be one -1 in the input. [Op:SplitV]"},
      {"Slice", {x, ids({0, 1}), ids({2, 3})}, {}, bad, "Expected size[1] in [0, 2], but got 3 [Op:Slice]"},
      {"Slice", {x, ids({0, 5}), ids({2, 1})}, {}, bad, "Expected begin[1] in [0, 3], but got 5 [Op:Slice]"},
      {"Slice", {x, ids({0}), ids({2})}, {}, bad,
       "Expected begin and size arguments to be 1-D tensors of size 2, but got shapes [1] and [1] instead. [Op:Slice]"},
      {"StridedSlice", {x, ids({5}), ids({6}), ids({1})}, {{"shrink_axis_mask", 1}}, bad,
       "slice index 5 of dimension 0 out of bounds. [Op:StridedSlice]"},
      {"StridedSlice", {x, ids({0, 0, 0}), ids({1, 1, 1}), ids({1, 1, 1})}, {}, bad,
       "Index out of range using input dim 2; input has only 2 dims [Op:StridedSlice]"},
      {"StridedSlice", {x, ids({0}), ids({1}), ids({0})}, {}, bad, "strides[0] must be non-zero [Op:StridedSlice]"},
      {"StridedSlice", {x, ids({0}), ids({-1}), ids({-1})}, {{"shrink_axis_mask", 1}}, bad,
       "only stride 1 allowed on non-range indexing. [Op:StridedSlice]"},
      {"StridedSlice", {x, ids({0, 0}), ids({1}), ids({1})}, {}, bad,
       "Expected begin, end, and strides to be 1D equal size tensors, but got shapes [2], [1], and [1] instead. [Op:StridedSlice]"},
      {"Transpose", {x, ids({0})}, {}, bad, "transpose expects a vector of size 2. But input(1) is a vector of size 1 [Op:Transpose]"},
      {"Transpose", {x, ids({0, 0})}, {}, bad, "1 is missing from {0,0}. [Op:Transpose]"},
      {"Transpose", {x, ids({0, 2})}, {}, bad, "2 is out of range [0 .. 2) [Op:Transpose]"},
      {"InvertPermutation", {ids({0, 0, 1})}, {}, bad, "0 is duplicated in the input. [Op:InvertPermutation]"},
      {"InvertPermutation", {ids({0, 3, 1})}, {}, bad, "3 is not between 0 and 3 [Op:InvertPermutation]"},
      {"GatherV2", {x, ids({2}), zero}, {}, bad, "indices[0] = 2 is not in [0, 2) [Op:GatherV2]"},
      {"GatherV2", {x, i32({2, 2}, {0, 1, 7, 1}), one}, {}, bad, "indices[1,0] = 7 is not in [0, 3) [Op:GatherV2]"},
      {"GatherV2", {x, ids({0}), i32({}, {3})}, {}, bad, "Shape must be at least rank 4 but is rank 2 [Op:GatherV2]"},
      {"GatherV2", {x, i32({3, 1}, {0, 1, 0}), one}, {{"batch_dims", 1}}, bad,
       "params.shape[0]: 2 should be equal to indices.shape[0]: 3 [Op:GatherV2]"},
      {"Tile", {x, ids({2})}, {}, bad, "Expected multiples argument to be a vector of length 2 but got length 1 [Op:Tile]"},
      {"Tile", {x, ids({2, -1})}, {}, bad, "Expected multiples[1] >= 0, but got -1 [Op:Tile]"},
      {"BroadcastTo", {x, ids({3, 2})}, {}, bad, "Incompatible shapes: [2,3] vs. [3,2] [Op:BroadcastTo]"},
      {"BroadcastTo", {x, ids({3})}, {}, bad,
       "Rank of input (2) must be no greater than rank of output shape (1). [Op:BroadcastTo]"},
      {"BroadcastArgs", {ids({2, 3}), ids({3, 2})}, {}, bad, "Incompatible shapes: [2,3] vs. [3,2] [Op:BroadcastArgs]"},
      {"Range", {zero, i32({}, {9}), zero}, {}, bad, "Requires delta != 0: 0 [Op:Range]"},
      {"Range", {i32({}, {5}), zero, one}, {}, bad, "Requires start <= limit when delta > 0: 5/0 [Op:Range]"},
      {"Range", {zero, ids({1, 2}), one}, {}, bad, "limit must be a scalar, not shape [2] [Op:Range]"},
      {"OneHot", {ids({0, 1}), last, f32({}, {1}), f32({}, {0})}, {}, bad, "depth must be non-negative, got: -1 [Op:OneHot]"},
      {"OneHot", {ids({0, 1}), one, f32({}, {1}), f32({}, {0})}, {{"axis", 4}}, bad,
       "Expected axis to be -1 or between [0, 2).  But received: 4 [Op:OneHot]"},
      {"Pad", {x, i32({1, 2}, {1, 1})}, {}, bad,
       "The first dimension of paddings must be the rank of inputs[1,2] [2,3] [Op:Pad]"},
      {"Pad", {x, i32({2, 2}, {1, -1, 0, 0})}, {}, bad, "Paddings must be non-negative: 1 -1 [Op:Pad]"},
      {"Cumsum", {x, i32({}, {2})}, {}, bad, "ScanOp: Expected scan axis in the range [-2, 2), but got 2 [Op:Cumsum]"},
      {"Max", {x, i32({}, {2})}, {}, bad, "Invalid reduction dimension (2 for input with 2 dimension(s) [Op:Max]"},
      {"Max", {x, ids({0, 0})}, {}, bad, "Invalid reduction arguments: Axes contains duplicate dimension: 0 [Op:Max]"},
      {"All", {x, zero}, {}, bad,
       "cannot compute All as input #0(zero-based) was expected to be a bool tensor but is a float tensor [Op:All]"},
      {"ArgMax", {x, i32({}, {2})}, {}, bad, "Expected dimension in the range [-2, 2), but got 2 [Op:ArgMax]"},
      {"ArgMax", {count({2, 0}), one}, {}, bad, "Reduction axis 1 is empty in shape [2,0] [Op:ArgMax]"},
      {"UnsortedSegmentSum", {count({3}), ids({0, 3, 1}), i32({}, {2})}, {}, bad,
       "segment_ids[1] = 3 is out of range [0, 2) [Op:UnsortedSegmentSum]"},
      {"UnsortedSegmentSum", {count({3}), ids({0, 1}), i32({}, {2})}, {}, bad,
       "data.shape = [3] does not start with segment_ids.shape = [2] [Op:UnsortedSegmentSum]"},
      {"SegmentSum", {count({3}), ids({0, 2, 1})}, {}, bad,
       "segment ids are not increasing [Op:SegmentSum]"},
      {"SegmentSum", {count({3}), ids({0, 2})}, {}, bad,
       "segment_ids should be the same size as dimension 0 of input. [Op:SegmentSum]"},
  };
  check_errors(rows);
}

TEST(ArrayOps, GradientsAgainstFiniteDifferences) {
  const Tensor x = count64({2, 3});
  const std::vector<GradRow> rows = {
      {"ExpandDims", {x, one}},
      {"Squeeze", {count64({1, 2, 1})}},
      {"ConcatV2", {x, count64({2, 1}), one}, 2},
      {"ConcatV2", {count64({}), count64({}), zero}, 2},
      {"Slice", {x, ids({0, 1}), ids({1, 2})}},
      {"StridedSlice", {x, ids({0, 2}), ids({2, 0}), ids({1, -1})}},
      {"StridedSlice", {x, ids({0, -1}), ids({0, 0}), ids({1, 1})}, 1, {{"ellipsis_mask", 1}, {"shrink_axis_mask", 2}}},
      {"Transpose", {count64({2, 3, 2}), ids({2, 0, 1})}},
      {"GatherV2", {x, ids({1, 0, 1}), zero}},
      {"GatherV2", {x, i32({2, 2}, {2, 0, 0, 0}), one}},
      {"GatherV2", {x, i32({2, 2}, {2, 0, 1, 1}), one}, 1, {{"batch_dims", 1}}},
      {"GatherV2", {count64({2, 2, 3, 2}), i32({2, 2}, {2, 0, 1, 1}), i32({}, {2})}, 1, {{"batch_dims", 1}}},
      {"Tile", {x, ids({3, 2})}},
      {"BroadcastTo", {count64({2, 1}), ids({3, 2, 4})}},
      {"Pad", {x, i32({2, 2}, {1, 0, 0, 1})}},
      {"Cumsum", {x, one}, 1, {{"exclusive", true}}},
      {"Cumprod", {x, one}, 1, {{"reverse", true}}},
      {"CumulativeLogsumexp", {x, one}},
      {"UnsortedSegmentSum", {x, ids({1, -1}), i32({}, {3})}},
      {"UnsortedSegmentProd", {f64({4}, {2, 0, 3, 4}), ids({0, 0, 1, 1}), i32({}, {2})}},
      {"UnsortedSegmentMax", {x, ids({0, 0}), i32({}, {1})}},
      {"SegmentSum", {x, ids({1, 1})}},
      {"SegmentMean", {x, ids({1, 1})}},
      {"SegmentMin", {x, ids({0, 1})}},
      {"Sum", {count64({2, 2, 2}), ids({0, 2})}},
      {"Sum", {x, one}, 1, {{"keep_dims", true}}},
      {"Max", {x, one}},
      {"Min", {x, ids({0, 1})}},
      {"Prod", {f64({2, 3}, {1, 2, 3, 4, 0, 6}), one}},
      {"Prod", {f64({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), ids({0, 2})}},
  };
  check_gradients(rows);
}

}  // namespace
}  // namespace ninefold
