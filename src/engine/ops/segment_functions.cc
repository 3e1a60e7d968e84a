// In: names and signatures of tf's functions over segments, partitions, bins and distinct values. Out: function records.
#include "engine/ops/array_args.h"
#include "engine/ops/count_rows.h"

namespace ninefold::ops {
namespace {

struct Sorted {
  struct Record : Function { const char* op; };
  Sorted(const char* op, const char* name, const char* doc)
      : record{{{name}, "(data: T, segment_ids: ints, name: str = None)", doc,
                [](Args& a) -> Value { return ninefold::op(static_cast<const Record&>(a.function()).op, {operand(a, "data"), int_operand(a, "segment_ids")}); }},
               op},
        known(record) {}
  const Record record;
  const Registrar known;
};
const Sorted sorted_segments[] = {
    {"SegmentSum", "tf.math.segment_sum", "Row i is the sum of the rows of data whose id is i; ids are sorted."},
    {"SegmentMean", "tf.math.segment_mean", "Row i is the mean of the rows of data whose id is i, 0 of none; ids are sorted."},
    {"SegmentProd", "tf.math.segment_prod", "Row i is the product of the rows of data whose id is i, 1 of none; ids are sorted."},
    {"SegmentMax", "tf.math.segment_max", "Row i is the maximum of the rows of data whose id is i, 0 of none; ids are sorted."},
    {"SegmentMin", "tf.math.segment_min", "Row i is the minimum of the rows of data whose id is i, 0 of none; ids are sorted."},
};
const std::string unsorted_signature = "(data: T, segment_ids: ints, num_segments: ints, name: str = None)";
struct Unsorted {
  struct Record : Function { const char* op; };
  Unsorted(const char* op, const char* name, const char* doc)
      : record{{{name}, unsorted_signature, doc,
                [](Args& a) -> Value {
                  return ninefold::op(static_cast<const Record&>(a.function()).op,
                                      {operand(a, "data"), int_operand(a, "segment_ids"), int_operand(a, "num_segments")});
                }},
               op},
        known(record) {}
  const Record record;
  const Registrar known;
};
const Unsorted unsorted_segments[] = {
    {"UnsortedSegmentSum", "tf.math.unsorted_segment_sum", "Row i is the sum of the rows of data whose id is i; negative ids are left out."},
    {"UnsortedSegmentProd", "tf.math.unsorted_segment_prod", "Row i is the product of the rows of data whose id is i, 1 of none."},
    {"UnsortedSegmentMax", "tf.math.unsorted_segment_max", "Row i is the maximum of the rows of data whose id is i, the lowest number of none."},
    {"UnsortedSegmentMin", "tf.math.unsorted_segment_min", "Row i is the minimum of the rows of data whose id is i, the greatest number of none."},
};
// Sums over segments and how many rows each has, at least 1, broadcastable against the sums.
std::pair<Tensor, Tensor> sums_and_counts(Args& a) {
  const Tensor data = operand(a, "data"), ids = int_operand(a, "segment_ids"), n = int_operand(a, "num_segments");
  const Tensor one = scalar(1, data.dtype());
  Tensor count = op("UnsortedSegmentSum", {op("Fill", {shape_tensor(ids), one}), ids, n});
  count = op("Maximum", {count, one});
  for (int i = ids.rank(); i < data.rank(); ++i) count = op("ExpandDims", {count, int_scalar(-1)});
  return {op("UnsortedSegmentSum", {data, ids, n}), count};
}
const Function unsorted_mean = {
    .names = {"tf.math.unsorted_segment_mean"}, .signature = unsorted_signature, .doc = "Row i is the mean of the rows of data whose id is i, 0 of none.",
    .body = [](Args& a) -> Value {
      const auto [sum, n] = sums_and_counts(a);
      return sum / n;
    },
};
NINEFOLD_REGISTER(unsorted_mean);
const Function unsorted_sqrt_n = {
    .names = {"tf.math.unsorted_segment_sqrt_n"}, .signature = unsorted_signature,
    .doc = "Row i is the sum of the rows of data whose id is i, divided by the root of their number.",
    .body = [](Args& a) -> Value {
      const auto [sum, n] = sums_and_counts(a);
      return sum / op("Sqrt", {n});
    },
};
NINEFOLD_REGISTER(unsorted_sqrt_n);

Value uniques(const char* name, Args& a) {
  const Tensor x = operand(a, "x");
  const NamedAttr index("out_idx", a.dtype("out_idx"));
  return op_all(name, {&x, 1}, {&index, 1});
}
const std::string unique_signature = "(x: T, out_idx: dtype = tf.int32, name: str = None)";
const Function unique = {
    .names = {"tf.unique"}, .signature = unique_signature,
    .doc = "(y, idx): the distinct elements of a vector in the order in which they appear, and for each element which it is.",
    .body = [](Args& a) { return uniques("Unique", a); }, .result = "tensors",
};
NINEFOLD_REGISTER(unique);
const Function unique_with_counts = {
    .names = {"tf.unique_with_counts"}, .signature = unique_signature,
    .doc = "(y, idx, count): the distinct elements of a vector, for each element which it is, and how often each occurs.",
    .body = [](Args& a) { return uniques("UniqueWithCounts", a); }, .result = "tensors",
};
NINEFOLD_REGISTER(unique_with_counts);

const Function dynamic_partition = {
    .names = {"tf.dynamic_partition"}, .signature = "(data: T, partitions: ints, num_partitions: int, name: str = None)",
    .doc = "Output i has the rows of data whose partition is i, in order.",
    .body = [](Args& a) -> Value {
      const Tensor in[] = {operand(a, "data"), int_operand(a, "partitions")};
      const NamedAttr n("num_partitions", a.integer("num_partitions"));
      return op_all("DynamicPartition", in, {&n, 1});
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(dynamic_partition);
const Function dynamic_stitch = {
    .names = {"tf.dynamic_stitch"}, .signature = "(indices: value, data: tensors, name: str = None)",
    .doc = "Row indices[m][i] of the result is row i of data[m]; of several the last.",
    .body = [](Args& a) -> Value {
      const ValueList* indices = a["indices"].get<ValueList>();
      check(indices, Code::type, "Expected list for 'indices' argument to 'DynamicStitch' Op, not {}.", "a tensor");
      Tensors all;
      for (const Value& v : *indices) all.push_back(int_operand(v, "tf.dynamic_stitch"));
      const Tensors data = a.tensors("data");
      check(data.size() == all.size(), Code::value, "List argument 'data' to 'dynamic_stitch' Op with length {} must match length {} of argument 'indices'.",
            data.size(), all.size());
      const NamedAttr n("N", static_cast<int64_t>(data.size()));
      all.insert(all.end(), data.begin(), data.end());
      return op_all("DynamicStitch", all, {&n, 1}).at(0);
    },
};
NINEFOLD_REGISTER(dynamic_stitch);

const Function invert_permutation = {
    .names = {"tf.math.invert_permutation"}, .signature = "(x: ints, name: str = None)", .doc = "y[x[i]] = i.",
    .body = [](Args& a) -> Value { return op("InvertPermutation", {int_operand(a, "x")}); },
};
NINEFOLD_REGISTER(invert_permutation);
const Function unravel_index = {
    .names = {"tf.unravel_index"}, .signature = "(indices: ints, dims: ints, name: str = None)",
    .doc = "The coordinates of flat indices into a shape: a row for each dimension.",
    .body = [](Args& a) -> Value {
      const DType d = index_type(a, {"indices", "dims"});
      return op("UnravelIndex", {int_operand(a, "indices", d), int_operand(a, "dims", d)});
    },
};
NINEFOLD_REGISTER(unravel_index);

// ---- counting ----

const Function bincount = {
    .names = {"tf.math.bincount"},
    .signature = "(arr: ints, weights: tensor = None, minlength: ints = None, maxlength: ints = None, dtype: dtype = tf.int32, "
                 "name: str = None, axis: int = None, binary_output: bool = False)",
    .doc = "How often each of 0 ... max(arr) occurs, or the sums of their weights; with axis -1 in each row of a matrix; with "
           "binary_output, whether it occurs. At least minlength and at most maxlength bins.",
    .body = [](Args& a) -> Value {
      if (Ragged::of(a["arr"]) || Sparse::of(a["arr"])) return bincount_of_rows(a);
      const bool binary = a.flag("binary_output"), rows = !a.none("axis") && a.integer("axis") != 0;
      check(a.none("axis") || a.integer("axis") == 0 || a.integer("axis") == -1, Code::value,
            "Unsupported value for argument axis={}. Only 0 and -1 are currently supported.", a.none("axis") ? 0 : a.integer("axis"));
      check(!binary || a.none("weights"), Code::value, "Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.");
      Tensor x = int_operand(a, "arr");
      if (a.none("axis") && !binary) x = cast(x, DType::i32);
      if (!rows && x.shape().known_rank() && x.rank() != 1) x = op("Reshape", {x, int_vector({-1})});
      const Tensor size = bin_count(a, x);
      Tensor weights = a.none("weights") ? Tensor::zeros(a.dtype("dtype"), {0}) : operand(a, "weights");
      if (!a.none("weights") && !rows && weights.shape().known_rank() && weights.rank() != 1) weights = op("Reshape", {weights, int_vector({-1})});
      if (a.none("axis") && !binary) return op("Bincount", {x, size, weights});
      return op("DenseBincount", {x, size, weights}, {{"binary_output", binary}});
    },
};
NINEFOLD_REGISTER(bincount);
const std::string histogram_signature = "(values: T, value_range: T, nbins: ints = 100, dtype: dtype = tf.int32, name: str = None)";
const Function histogram = {
    .names = {"tf.histogram_fixed_width"}, .signature = histogram_signature,
    .doc = "How many values fall into each of nbins equal parts of the range; those outside count in the first and the last.",
    .body = [](Args& a) -> Value {
      const Tensors in = operands(a, {"values", "value_range"});
      return op("HistogramFixedWidth", {in[0], in[1], cast(int_operand(a, "nbins"), DType::i32)}, {{"dtype", a.dtype("dtype")}});
    },
};
NINEFOLD_REGISTER(histogram);
const Function histogram_bins = {
    .names = {"tf.histogram_fixed_width_bins"}, .signature = histogram_signature,
    .doc = "Into which of nbins equal parts of the range each value falls; those outside into the first or the last.",
    .body = [](Args& a) -> Value {
      const Tensors in = operands(a, {"values", "value_range"});
      const Tensor x = in[0], n = int_operand(a, "nbins");
      auto end = [&](int64_t i) { return op("GatherV2", {in[1], int_scalar(i), int_scalar(0)}); };
      const DType wide = is_integer(x.dtype()) ? DType::f64 : x.dtype();
      const Tensor scaled = cast(x - end(0), wide) / cast(end(1) - end(0), wide);
      const Tensor bins = cast(n, wide);
      const Tensor at = op("Minimum", {op("Maximum", {op("Floor", {bins * scaled}), scalar(0, wide)}), bins - scalar(1, wide)});
      return cast(at, a.dtype("dtype"));
    },
};
NINEFOLD_REGISTER(histogram_bins);
const Function confusion_matrix = {
    .names = {"tf.math.confusion_matrix"},
    .signature = "(labels: ints, predictions: ints, num_classes: ints = None, weights: tensor = None, dtype: dtype = tf.int32, name: str = None)",
    .doc = "Row l, column p: how often label l met prediction p, or the sum of the weights where it did.",
    .body = [](Args& a) -> Value {
      const Tensor labels = cast(int_operand(a, "labels"), DType::i64), predictions = cast(int_operand(a, "predictions"), DType::i64);
      const DType dtype = a.dtype("dtype");
      Tensor classes;
      if (a.none("num_classes")) {
        auto top = [](const Tensor& t) { return op("Max", {t, all_axes(t)}); };
        classes = op("Maximum", {top(labels), top(predictions)}) + int_scalar(1, DType::i64);
      } else {
        classes = cast(int_operand(a, "num_classes"), DType::i64);
        for (const Tensor& t : {labels, predictions})
          if (const Tensor *v = known_value(t), *n = known_value(classes); v && n)
            for (int64_t i = 0; i < v->size(); ++i)
              check(v->int_at(i) >= 0 && v->int_at(i) < n->int_at(0), "`{}` out of bound", t.id() == labels.id() ? "labels" : "predictions");
      }
      const Tensor places = op("Pack", {labels, predictions}, {{"axis", 1}});
      const Tensor values = a.none("weights") ? op("Fill", {shape_tensor(predictions), scalar(1, dtype)}) : cast(operand(a, "weights"), dtype);
      return op("ScatterNd", {places, values, op("Pack", {classes, classes})});
    },
};
NINEFOLD_REGISTER(confusion_matrix);

}  // namespace
}  // namespace ninefold::ops
