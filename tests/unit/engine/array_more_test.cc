// In: rows of ops that scatter, mask, sort, count and rearrange. Out: TensorFlow 2.9.0's values, gradients, errors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "function_rows.h"

namespace ninefold {
namespace {

using namespace testing;
constexpr DType F = DType::f32, I = DType::i32, I64 = DType::i64, B = DType::boolean, U8 = DType::u8;

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
std::vector<int64_t> list(std::initializer_list<int64_t> v) { return v; }
const Tensor zero = i32({}, {0}), one = i32({}, {1});

TEST(MoreArrayOps, Values) {
  const Tensor x = count({2, 3});
  check_values({
      {"GatherNd", {x, i32({2, 2}, {1, 0, 0, 2})}, {}, {2}, {3, 2}},
      {"GatherNd", {x, i32({1, 1}, {1})}, {}, {1, 3}, {3, 4, 5}},
      {"GatherNd", {x, i32({2, 0}, {})}, {}, {2, 2, 3}, {0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5}},
      {"ScatterNd", {i32({2, 1}, {1, 1}), f32({2}, {1, 2}), ids({3})}, {}, {3}, {0, 3, 0}},
      {"ScatterNd", {i32({2, 1}, {1, 1}), Tensor::of<bool>({2}, {true, true}), ids({3})}, {}, {3}, {0, 1, 0}},
      {"TensorScatterUpdate", {x, i32({1, 1}, {1}), f32({1, 3}, {7, 8, 9})}, {}, {2, 3}, {0, 1, 2, 7, 8, 9}},
      {"TensorScatterAdd", {count({3}), i32({2, 1}, {1, 1}), f32({2}, {5, 6})}, {}, {3}, {0, 12, 2}},
      {"TensorScatterSub", {count({3}), i32({1, 1}, {1}), f32({1}, {5})}, {}, {3}, {0, -4, 2}},
      {"TensorScatterMax", {count({3}), i32({2, 1}, {1, 1}), f32({2}, {5, 2})}, {}, {3}, {0, 5, 2}},
      {"TensorScatterMin", {count({3}), i32({2, 1}, {1, 2}), f32({2}, {5, -2})}, {}, {3}, {0, 1, -2}},
      {"ReverseV2", {x, ids({0, -1})}, {}, {2, 3}, {5, 4, 3, 2, 1, 0}},
      {"Roll", {x, ids({1, 2}), ids({0, 0})}, {}, {2, 3}, {3, 4, 5, 0, 1, 2}},
      {"Roll", {x, ids({1, -1}), ids({0, 1})}, {}, {2, 3}, {4, 5, 3, 1, 2, 0}},
      {"ReverseSequence", {x, ids({2, 1})}, {{"seq_dim", 1}}, {2, 3}, {1, 0, 2, 3, 4, 5}},
      {"MirrorPad", {x, i32({2, 2}, {1, 1, 2, 2})}, {{"mode", "REFLECT"}}, {4, 7},
       {5, 4, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 1, 0, 5, 4, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 1, 0}},
      {"MirrorPad", {count({3}), i32({1, 2}, {2, 1})}, {{"mode", "SYMMETRIC"}}, {6}, {1, 0, 0, 1, 2, 2}},
      {"Where", {Tensor::of<bool>({2, 2}, {true, false, true, true})}, {}, {3, 2}, {0, 0, 1, 0, 1, 1}},
      {"Where", {count({3})}, {}, {2, 1}, {1, 2}},
      {"Unique", {ids({1, 1, 2, 3, 2})}, {}, {3}, {1, 2, 3}},
      {"DynamicPartition", {ids({1, 2, 3}), ids({0, 1, 0})}, {{"num_partitions", 2}}, {2}, {1, 3}},
      {"DynamicStitch", {ids({0, 2}), ids({1}), ids({1, 3}), ids({2})}, {{"N", 2}}, {3}, {1, 2, 3}},
      {"MatrixBandPart", {count({3, 3}), one, zero}, {}, {3, 3}, {0, 0, 0, 3, 4, 0, 0, 7, 8}},
      {"MatrixDiagV3", {x, ids({0, 1}), i32({}, {-1}), i32({}, {-1}), f32({}, {0})}, {}, {3, 3}, {3, 1, 0, 0, 4, 2, 0, 0, 5}},
      {"MatrixDiagPartV3", {count({3, 4}), ids({-1, 1}), f32({}, {0})}, {}, {3, 3}, {1, 6, 11, 0, 5, 10, 4, 9, 0}},
      {"MatrixSetDiagV3", {count({2, 2}), f32({2}, {8, 9}), zero}, {}, {2, 2}, {8, 1, 2, 9}},
      {"Diag", {count({2})}, {}, {2, 2}, {0, 0, 0, 1}},
      {"DiagPart", {count({2, 2})}, {}, {2}, {0, 3}},
      {"SpaceToBatchND", {count({1, 2, 2, 1}), ids({2, 2}), i32({2, 2}, {0, 0, 0, 0})}, {}, {4, 1, 1, 1}, {0, 1, 2, 3}},
      {"SpaceToBatchND", {count({1, 3}), ids({2}), i32({1, 2}, {1, 0})}, {}, {2, 2}, {0, 1, 0, 2}},
      {"BatchToSpaceND", {count({4, 1, 1, 1}), ids({2, 2}), i32({2, 2}, {0, 0, 1, 0})}, {}, {1, 2, 1, 1}, {1, 3}},
      {"SpaceToDepth", {count({1, 2, 4, 1})}, {{"block_size", 2}}, {1, 1, 2, 4}, {0, 1, 4, 5, 2, 3, 6, 7}},
      {"DepthToSpace", {count({1, 1, 2, 4})}, {{"block_size", 2}}, {1, 2, 4, 1}, {0, 1, 4, 5, 2, 3, 6, 7}},
      {"ExtractImagePatches", {count({1, 3, 3, 1})}, {{"ksizes", list({1, 2, 2, 1})}, {"strides", list({1, 1, 1, 1})},
       {"rates", list({1, 1, 1, 1})}, {"padding", "VALID"}}, {1, 2, 2, 4}, {0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8}},
      {"Bincount", {ids({1, 1, 3}), i32({}, {4}), f32({3}, {0.5, 1, 2})}, {}, {4}, {0, 1.5, 0, 2}},
      {"DenseBincount", {i32({2, 3}, {1, 1, 3, 0, 0, 0}), i32({}, {4}), ids({})}, {}, {2, 4}, {0, 2, 0, 1, 3, 0, 0, 0}},
      {"HistogramFixedWidth", {f32({4}, {0, 1, 5, 9}), f32({2}, {0, 5}), i32({}, {5})}, {}, {5}, {1, 1, 0, 0, 2}},
      {"Bucketize", {f32({3}, {1, 5, 10})}, {{"boundaries", std::vector<double>{1, 5}}}, {3}, {1, 2, 2}},
      {"LowerBound", {f32({1, 3}, {1, 3, 5}), f32({1, 3}, {0, 3, 6})}, {}, {1, 3}, {0, 1, 3}},
      {"UpperBound", {f32({1, 3}, {1, 3, 5}), f32({1, 3}, {0, 3, 6})}, {}, {1, 3}, {0, 2, 3}},
      {"UnravelIndex", {ids({5, 7}), ids({3, 3})}, {}, {2, 2}, {1, 2, 2, 1}},
      {"EnsureShape", {x}, {{"shape", Shape{-1, 3}}}, {2, 3}, {0, 1, 2, 3, 4, 5}},
      {"Bitcast", {f32({2}, {0, 1})}, {{"type", U8}}, {2, 4}, {0, 0, 0, 0, 0, 0, 128, 63}},
  });
}

TEST(MoreArrayOps, GradientsAgainstFiniteDifferences) {
  const Tensor x = count64({2, 3});
  check_gradients({
      {"GatherNd", {x, i32({2, 2}, {1, 0, 1, 0})}},
      {"TensorScatterUpdate", {count64({3}), i32({2, 1}, {2, 1}), f64({2}, {5, 6})}, 1},
      {"TensorScatterAdd", {count64({3}), i32({2, 1}, {1, 1}), f64({2}, {5, 6})}, 1},
      {"TensorScatterMax", {count64({3}), i32({1, 1}, {1}), f64({1}, {5})}, 1},
      {"ReverseV2", {x, ids({1})}},
      {"Roll", {x, ids({1}), ids({1})}},
      {"ReverseSequence", {x, ids({2, 1})}, 1, {{"seq_dim", 1}}},
      {"MirrorPad", {x, i32({2, 2}, {1, 1, 2, 2})}, 1, {{"mode", "REFLECT"}}},
      {"MirrorPad", {x, i32({2, 2}, {1, 1, 2, 2})}, 1, {{"mode", "SYMMETRIC"}}},
      {"DynamicPartition", {x, ids({1, 0})}, 1, {{"num_partitions", 2}}},
      {"MatrixBandPart", {count64({3, 3}), one, zero}},
      {"MatrixDiagV3", {x, ids({0, 1}), i32({}, {-1}), i32({}, {-1}), f64({}, {0})}},
      {"MatrixDiagPartV3", {count64({3, 4}), ids({-1, 1}), f64({}, {0})}},
      {"MatrixSetDiagV3", {count64({2, 2}), f64({2}, {8, 9}), zero}, 2},
      {"Diag", {count64({2})}},
      {"SpaceToBatchND", {count64({1, 3}), ids({2}), i32({1, 2}, {1, 0})}},
      {"BatchToSpaceND", {count64({4, 1, 1, 1}), ids({2, 2}), i32({2, 2}, {0, 0, 1, 0})}},
      {"SpaceToDepth", {count64({1, 2, 4, 1})}, 1, {{"block_size", 2}}},
      {"DepthToSpace", {count64({1, 1, 2, 4})}, 1, {{"block_size", 2}}},
      {"EnsureShape", {x}, 1, {{"shape", Shape{-1, 3}}}},
  });
}

TEST(MoreArrayOps, ErrorsAreTensorFlows) {
  const Tensor x = count({2, 3});
  const Code bad = Code::invalid_argument;
  check_errors({
      {"GatherNd", {x, i32({1, 2}, {2, 0})}, {}, bad, "indices[0] = [2, 0] does not index into param shape [2,3], node name: GatherNd [Op:GatherNd]"},
      {"GatherNd", {x, i32({1, 3}, {0, 0, 0})}, {}, bad, "index innermost dimension length must be <= params rank; saw: 3 vs. 2 [Op:GatherNd]"},
      {"GatherNd", {x, zero}, {}, bad, "indices must be at least a vector [Op:GatherNd]"},
      {"ScatterNd", {i32({1, 1}, {4}), f32({1}, {1}), ids({3})}, {}, bad, "indices[0] = [4] does not index into shape [3] [Op:ScatterNd]"},
      {"ScatterNd", {i32({2, 1}, {1, 1}), f32({3}, {1, 2, 3}), ids({3})}, {}, bad,
       "Dimensions [0,1) of indices[shape=[2,1]] must match dimensions [0,1) of updates[shape=[3]] [Op:ScatterNd]"},
      {"TensorScatterAdd", {count({3}), i32({1, 1}, {4}), f32({1}, {1})}, {}, bad, "indices[0] = [4] does not index into shape [3] [Op:TensorScatterAdd]"},
      {"TensorScatterUpdate", {count({3}), i32({1, 1}, {1}), f32({2}, {1, 2})}, {}, bad,
       "Outer dimensions of indices and update must match. Indices shape: [1,1], updates shape:[2] [Op:TensorScatterUpdate]"},
      {"Where", {count({})}, {}, bad, "WhereOp : Unhandled input dimensions: 0 [Op:Where]"},
      {"ReverseV2", {x, ids({2})}, {}, bad, "'axis'[0] = 2 is out of valid range [0, 1 [Op:ReverseV2]"},
      {"ReverseV2", {x, ids({0, 0})}, {}, bad, "axis 0 specified more than once. [Op:ReverseV2]"},
      {"Roll", {x, one, i32({}, {5})}, {}, bad, "axis 5 is out of range [Op:Roll]"},
      {"ReverseSequence", {x, ids({4, 1})}, {{"seq_dim", 1}}, bad, "seq_lens(0) > input.dims(1) [Op:ReverseSequence]"},
      {"MirrorPad", {x, i32({2, 2}, {2, 1, 3, 3})}, {{"mode", "REFLECT"}}, bad,
       "paddings must be less than the dimension size: 2, 1 not less than 2 [Op:MirrorPad]"},
      {"Unique", {x}, {}, bad, "unique expects a 1D vector. [Op:Unique]"},
      {"DynamicPartition", {ids({1, 2, 3}), ids({0, 2, 0})}, {{"num_partitions", 2}}, bad, "partitions[1] = 2 is not in [0, 2) [Op:DynamicPartition]"},
      {"DynamicStitch", {ids({0, -2}), ids({1}), ids({1, 3}), ids({2})}, {{"N", 2}}, bad, "indices[1] is out of range [Op:DynamicStitch]"},
      {"MatrixBandPart", {count({3}), zero, zero}, {}, bad, "input must be at least 2-dim, received shape: [3] [Op:MatrixBandPart]"},
      {"MatrixBandPart", {count({3, 3}), i32({}, {4}), zero}, {}, bad,
       "num_lower must be negative or less or equal to number of rows (3) got: 4 [Op:MatrixBandPart]"},
      {"MatrixDiagV3", {count({2}), ids({1, 0}), i32({}, {-1}), i32({}, {-1}), f32({}, {0})}, {}, bad,
       "lower_diag_index must not be larger than upper_diag_index: 1 > 0 [Op:MatrixDiagV3]"},
      {"MatrixDiagPartV3", {count({3, 4}), i32({}, {5}), f32({}, {0})}, {}, bad,
       "lower_diag_index is out of bound: 5. It must be between -3 and 4 [Op:MatrixDiagPartV3]"},
      {"DiagPart", {count({3, 4})}, {}, bad, "Invalid shape [3,4]: dimensions 0 and 1 do not match. [Op:DiagPart]"},
      {"SpaceToBatchND", {count({1, 3, 2, 1}), ids({2, 2}), i32({2, 2}, {0, 0, 0, 0})}, {}, bad,
       "padded_shape[0]=3 is not divisible by block_shape[0]=2 [Op:SpaceToBatchND]"},
      {"BatchToSpaceND", {count({3, 1, 1, 1}), ids({2, 2}), i32({2, 2}, {0, 0, 0, 0})}, {}, bad,
       "Input batch dimension (3) is not divisible by product of block sizes (4) [Op:BatchToSpaceND]"},
      {"SpaceToDepth", {count({1, 3, 2, 1})}, {{"block_size", 2}}, bad, "Image width 2 and height 3 should be divisible by block_size: 2 [Op:SpaceToDepth]"},
      {"DepthToSpace", {count({1, 2, 2, 3})}, {{"block_size", 2}}, bad, "Input depth dimension 3 should be divisible by: 4 [Op:DepthToSpace]"},
      {"Bincount", {ids({-1}), i32({}, {4}), ids({})}, {}, bad, "Input arr must be non-negative! [Op:Bincount]"},
      {"UnravelIndex", {ids({9}), ids({3, 3})}, {}, bad, "index is out of bound as with dims [Op:UnravelIndex]"},
      {"EnsureShape", {x}, {{"shape", Shape{2, 4}}}, bad, "Shape of tensor dummy_input [2,3] is not compatible with expected shape [2,4]. [Op:EnsureShape]"},
      {"Bitcast", {count({3})}, {{"type", DType::f64}}, bad, "Cannot bitcast from 1 to 2 [Op:Bitcast]"},
      {"CheckNumerics", {f32({2}, {1, NAN})}, {{"message", "oops"}}, bad, "oops : Tensor had NaN values [Op:CheckNumerics]"},
      {"CheckNumerics", {f32({2}, {-INFINITY, NAN})}, {{"message", "oops"}}, bad, "oops : Tensor had Inf and NaN values [Op:CheckNumerics]"},
      {"HistogramFixedWidth", {f32({1}, {0}), f32({2}, {5, 0}), i32({}, {5})}, {}, bad,
       "value_range should satisfy value_range[0] < value_range[1], but got '[5, 0]' [Op:HistogramFixedWidth]"},
  });
}

TEST(MoreArrayFunctions, Values) {
  const Value x = L{L{0.0, 1.0, 2.0}, L{3.0, 4.0, 5.0}};
  const Value n22 = L{L{1, 2}, L{3, 4}};
  check_calls({
      {"tf.gather_nd", {x, L{L{1, 0}}}, F, {1}, {3}},
      {"tf.gather_nd", {count({2, 2, 3}), L{L{0}, L{1}}, 1}, F, {2, 3}, {0, 1, 2, 9, 10, 11}},
      {"tf.scatter_nd", {L{L{1}, L{1}}, L{1.0, 2.0}, L{3}}, F, {3}, {0, 3, 0}},
      {"tf.tensor_scatter_nd_update", {L{1, 2}, L{L{1}}, L{9}}, I, {2}, {1, 9}},
      {"tf.where", {L{L{true, false}, L{true, true}}}, I64, {3, 2}, {0, 0, 1, 0, 1, 1}},
      {"tf.where", {L{true, false}, L{1, 2}, 3}, I, {2}, {1, 3}},
      {"tf.boolean_mask", {x, L{false, true}}, F, {1, 3}, {3, 4, 5}},
      {"tf.boolean_mask", {x, L{L{true, false, true}, L{true, true, false}}}, F, {4}, {0, 2, 3, 4}},
      {"tf.boolean_mask", {x, L{true, false, true}, 1}, F, {2, 2}, {0, 2, 3, 5}},
      {"tf.pad", {L{1}, L{L{1, 1}}}, I, {3}, {0, 1, 0}},
      {"tf.pad", {L{1}, L{L{1, 1}}, "constant", 5}, I, {3}, {5, 1, 5}},
      {"tf.pad", {L{1, 2, 3}, L{L{2, 0}}, "reflect"}, I, {5}, {3, 2, 1, 2, 3}},
      {"tf.reverse", {L{1, 2, 3}, L{0}}, I, {3}, {3, 2, 1}},
      {"tf.reverse_sequence", {x, L{2, 1}, 1, 0}, F, {2, 3}, {1, 0, 2, 3, 4, 5}},
      {"tf.roll", {L{1, 2, 3}, 1, 0}, I, {3}, {3, 1, 2}},
      {"tf.cumsum", {L{1, 2, 3}}, I, {3}, {1, 3, 6}},
      {"tf.math.cumprod", {L{1, 2, 3}, 0, true}, I, {3}, {1, 1, 2}},
      {"tf.math.cumulative_logsumexp", {L{1.0, 2.0, 3.0}, 0, false, true}, F, {3}, {3.4076061, 3.3132617, 3}, 1e-6},
      {"tf.repeat", {L{1, 2, 3}, 2}, I, {6}, {1, 1, 2, 2, 3, 3}},
      {"tf.repeat", {n22, L{1, 2}, 0}, I, {3, 2}, {1, 2, 3, 4, 3, 4}},
      {"tf.sequence_mask", {L{1, 3}, 2}, B, {2, 2}, {1, 0, 1, 1}},
      {"tf.sequence_mask", {L{1, 3}, {}, F}, F, {2, 3}, {1, 0, 0, 1, 1, 1}},
      {"tf.sort", {L{3, 1, 2}}, I, {3}, {1, 2, 3}},
      {"tf.sort", {L{3, 1, 2}, -1, "DESCENDING"}, I, {3}, {3, 2, 1}},
      {"tf.sort", {L{L{3, 1}, L{2, 4}}, 0}, I, {2, 2}, {2, 1, 3, 4}},
      {"tf.sort", {L{-2147483648.0, 5.0, 0.0}}, F, {3}, {-2147483648.0, 0, 5}},
      {"tf.sort", {Tensor::of<int32_t>({2}, {5, INT32_MIN})}, I, {2}, {-2147483648.0, 5}},
      {"tf.sort", {Tensor::of<uint8_t>({5}, {3, 1, 2, 1, 3})}, U8, {5}, {1, 1, 2, 3, 3}},
      {"tf.argsort", {L{3, 1, 2, 1}}, I, {4}, {1, 3, 2, 0}},
      {"tf.argsort", {L{3, 1, 2, 1, 3}, -1, "DESCENDING"}, I, {5}, {0, 4, 2, 1, 3}},
      {"tf.searchsorted", {L{1, 3, 5}, L{0, 3, 6}}, I, {3}, {0, 1, 3}},
      {"tf.searchsorted", {L{1, 3, 5}, L{0, 3, 6}, "right", I64}, I64, {3}, {0, 2, 3}},
      {"tf.math.segment_sum", {L{1.0, 2.0}, L{0, 2}}, F, {3}, {1, 0, 2}},
      {"tf.math.unsorted_segment_sum", {L{1.0, 2.0}, L{1, 1}, 2}, F, {2}, {0, 3}},
      {"tf.math.unsorted_segment_mean", {L{0.0, 1.0, 2.0}, L{0, 0, 1}, 4}, F, {4}, {0.5, 2, 0, 0}},
      {"tf.math.unsorted_segment_sqrt_n", {L{0.0, 1.0, 2.0}, L{0, 0, 1}, 3}, F, {3}, {0.70710677, 2, 0}, 1e-6},
      {"tf.dynamic_stitch", {L{L{0, 2}, L{1}}, L{L{1, 3}, L{2}}}, I, {3}, {1, 2, 3}},
      {"tf.math.invert_permutation", {L{2, 0, 1}}, I, {3}, {1, 2, 0}},
      {"tf.unravel_index", {L{5, 7}, L{3, 3}}, I, {2, 2}, {1, 2, 2, 1}},
      {"tf.math.bincount", {L{1, 1, 3}}, I, {4}, {0, 2, 0, 1}},
      {"tf.math.bincount", {L{1, 1, 3}, L{0.5, 1.0, 2.0}}, F, {4}, {0, 1.5, 0, 2}},
      {"tf.math.bincount", {L{L{1, 1, 3}, L{0, 0, 0}}, {}, {}, {}, I, {}, -1}, I, {2, 4}, {0, 2, 0, 1, 3, 0, 0, 0}},
      {"tf.math.bincount", {L{1, 1, 3}, {}, 6, 2, I, {}, {}, true}, I, {2}, {0, 1}},
      {"tf.math.bincount", {L{}}, I, {0}, {}},
      {"tf.histogram_fixed_width", {L{0.0, 1.0, 5.0, 9.0}, L{0.0, 5.0}, 5}, I, {5}, {1, 1, 0, 0, 2}},
      {"tf.histogram_fixed_width_bins", {L{0.0, 1.0, 5.0, 9.0}, L{0.0, 5.0}, 5}, I, {4}, {0, 1, 4, 4}},
      {"tf.math.confusion_matrix", {L{0, 1, 1}, L{0, 1, 0}}, I, {2, 2}, {1, 0, 1, 1}},
      {"tf.linalg.band_part", {n22, 0, 0}, I, {2, 2}, {1, 0, 0, 4}},
      {"tf.linalg.diag", {L{1, 2}}, I, {2, 2}, {1, 0, 0, 2}},
      {"tf.linalg.diag", {L{1, 2}, {}, 1}, I, {3, 3}, {0, 1, 0, 0, 0, 2, 0, 0, 0}},
      {"tf.linalg.diag_part", {n22}, I, {2}, {1, 4}},
      {"tf.linalg.set_diag", {n22, L{8, 9}}, I, {2, 2}, {8, 2, 3, 9}},
      {"tf.linalg.tensor_diag", {L{1, 2}}, I, {2, 2}, {1, 0, 0, 2}},
      {"tf.linalg.tensor_diag_part", {n22}, I, {2}, {1, 4}},
      {"tf.linalg.trace", {count({2, 3, 3})}, F, {2}, {12, 39}},
      {"tf.space_to_batch", {count({1, 2, 2, 1}), L{2, 2}, L{L{0, 0}, L{0, 0}}}, F, {4, 1, 1, 1}, {0, 1, 2, 3}},
      {"tf.batch_to_space", {count({4, 1, 1, 1}), L{2, 2}, L{L{0, 0}, L{0, 0}}}, F, {1, 2, 2, 1}, {0, 1, 2, 3}},
      {"tf.nn.space_to_depth", {count({1, 2, 2, 1}), 2}, F, {1, 1, 1, 4}, {0, 1, 2, 3}},
      {"tf.nn.depth_to_space", {count({1, 1, 1, 4}), 2}, F, {1, 2, 2, 1}, {0, 1, 2, 3}},
      {"tf.bitcast", {1.0, I}, I, {}, {1065353216}},
      {"tf.debugging.check_numerics", {L{1.0}, "fine"}, F, {1}, {1}},
      {"tf.ensure_shape", {L{1, 2}, L{Value()}}, I, {2}, {1, 2}},
  });
}

TEST(MoreArrayFunctions, LongRowsSortAsShortOnes) {
  // Long enough for the other algorithm; with ties, both zeros, infinities and NaN.
  std::vector<float> v(5000);
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(static_cast<int>(i * 7919 % 1000) - 500);
  v[17] = -0.0f, v[18] = INFINITY, v[19] = -INFINITY;
  std::vector<int32_t> order(v.size());
  for (size_t i = 0; i < v.size(); ++i) order[i] = static_cast<int32_t>(i);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return v[static_cast<size_t>(a)] < v[static_cast<size_t>(b)]; });
  const Tensor x = f32({5000}, v);
  const Tensor at = *call("tf.argsort", {{"values", x}}).get<Tensor>(), y = *call("tf.sort", {{"values", x}}).get<Tensor>();
  for (int64_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(at.int_at(i), order[static_cast<size_t>(i)]) << i;
    ASSERT_EQ(y.float_at(i), v[static_cast<size_t>(order[static_cast<size_t>(i)])]) << i;
  }
}

TEST(MoreArrayFunctions, ErrorsAreTensorFlows) {
  const Value x = L{L{0.0, 1.0, 2.0}, L{3.0, 4.0, 5.0}};
  check_bad_calls({
      {"tf.where", {L{true, false}, 1}, Code::value, "x and y must both be non-None or both be None."},
      {"tf.boolean_mask", {x, L{true}}, Code::value, "Shapes (2,) and (1,) are incompatible"},
      {"tf.boolean_mask", {x, true}, Code::value, "mask cannot be scalar."},
      {"tf.pad", {x, L{L{2, 1}, L{4, 3}}, "FOO"}, Code::value,
       "Value of argument `mode` expected to be one of \"CONSTANT\", \"REFLECT\", or \"SYMMETRIC\". Received `mode` = FOO"},
      {"tf.sort", {L{3, 1}, -1, "UP"}, Code::value, "Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction=UP"},
      {"tf.searchsorted", {L{1, 3}, L{0}, "foo"}, Code::value, "Argument `side` must be either 'right' or 'left'. Received: `side` = 'foo'."},
      {"tf.repeat", {L{1, 2, 3}, L{1, 2}}, Code::value, "Dimensions 3 and 2 are not compatible"},
      {"tf.debugging.check_numerics", {L{INFINITY}, "oops"}, Code::invalid_argument, "oops : Tensor had Inf values [Op:CheckNumerics]"},
  });
}

TEST(MoreArrayFunctions, Lists) {
  auto shown = [](const char* name, std::vector<Value> arguments) {
    std::string all;
    const Value v = call(*find_function(name), std::move(arguments));
    for (const Value& part : *v.get<ValueList>()) {
      const Tensor& t = *part.get<Tensor>();
      all += t.shape().str() + ":";
      for (double d : values(t)) all += " " + std::to_string(static_cast<int>(d));
      all += "; ";
    }
    return all;
  };
  EXPECT_EQ(shown("tf.unique_with_counts", {L{1, 1, 2, 3, 2}}), "[3]: 1 2 3; [5]: 0 0 1 2 1; [3]: 2 2 1; ");
  const Value words = call("tf.unique", {{"x", L{"b", "a", "b"}}, {"out_idx", I64}});
  EXPECT_EQ(words.get<ValueList>()->at(0).get<Tensor>()->as<std::string>()[1], "a");
  EXPECT_EQ(values(*words.get<ValueList>()->at(1).get<Tensor>()), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(shown("tf.dynamic_partition", {L{1, 2, 3}, L{0, 1, 0}, 2}), "[2]: 1 3; [1]: 2; ");
  EXPECT_EQ(shown("tf.meshgrid", {L{L{1, 2}, L{3, 4, 5}}, "ij"}), "[2,3]: 1 1 1 2 2 2; [2,3]: 3 4 5 3 4 5; ");
  EXPECT_EQ(shown("tf.meshgrid", {L{L{1, 2}, L{3, 4, 5}}}), "[3,2]: 1 2 1 2 1 2; [3,2]: 3 3 4 4 5 5; ");
}

}  // namespace
}  // namespace ninefold
