// In: names and signatures of tf's functions that pick, place, mask and reorder elements. Out: function records.
#include <algorithm>

#include "base/check.h"
#include "engine/op/printed.h"
#include "engine/op/scope.h"
#include "engine/ops/array_args.h"

namespace ninefold::ops {
namespace {

// A public function that calls one op with its arguments in order: tensors, then index tensors.
Value one_op(const char* name, std::initializer_list<Tensor> in) { return op(name, in); }

const Function gather_nd = {
    .names = {"tf.gather_nd"}, .signature = "(params: T, indices: ints, batch_dims: int = 0, name: str = None)",
    .doc = "The slices of params whose leading coordinates are the innermost vectors of indices; the first batch_dims axes "
           "of both belong together.",
    .body = [](Args& a) -> Value {
      const Tensor params = operand(a, "params");
      Tensor indices = int_operand(a, "indices");
      const int64_t batch = a.integer("batch_dims");
      if (batch == 0) return one_op("GatherNd", {params, indices});
      check(params.shape().known_rank() && indices.shape().known_rank(), Code::value, "tf.gather_nd: ranks must be known for batch_dims");
      check(indices.rank() > batch, Code::value, "batch_dims = {} must be less than rank(indices) = {}", batch, indices.rank());
      check(params.rank() >= batch, Code::value, "params - {}, batch_dims - {}: params must have at least that rank", params.rank(), batch);
      // The coordinates within the batch go in front of those that are given.
      const Tensor shape = shape_tensor(indices, indices.dtype());
      const Tensor head = op("Slice", {shape, int_vector({0}), int_vector({indices.rank() - 1})});
      Tensors all;
      for (int64_t d = 0; d < batch; ++d) {
        const Tensor n = op("Cast", {op("GatherV2", {shape, int_scalar(d), int_scalar(0)})}, {{"DstT", indices.dtype()}});
        const Tensor row = op("Range", {int_scalar(0, indices.dtype()), n, int_scalar(1, indices.dtype())});
        std::vector<int64_t> along(static_cast<size_t>(indices.rank()), 1);
        along[static_cast<size_t>(d)] = -1;
        all.push_back(op("BroadcastTo", {op("Reshape", {row, int_vector(along)}),
                                         op("ConcatV2", {head, int_vector({1}, indices.dtype()), int_scalar(0)})}));
      }
      all.push_back(indices);
      all.push_back(int_scalar(-1));
      return one_op("GatherNd", {params, op_all("ConcatV2", all).at(0)});
    },
};
NINEFOLD_REGISTER(gather_nd);
const Function scatter_nd = {
    .names = {"tf.scatter_nd"}, .signature = "(indices: ints, updates: T, shape: ints, name: str = None)",
    .doc = "Zeros of the given shape with the sums of updates where indices point.",
    .body = [](Args& a) -> Value {
      const DType d = index_type(a, {"indices", "shape"});
      return op("ScatterNd", {int_operand(a, "indices", d), operand(a, "updates"), int_operand(a, "shape", d)});
    },
};
NINEFOLD_REGISTER(scatter_nd);

struct TensorScatter {
  struct Record : Function { const char* op; };
  TensorScatter(const char* op, const char* name, const char* doc)
      : record{{{name}, "(tensor: T, indices: ints, updates: T, name: str = None)", doc,
                [](Args& a) -> Value {
                  const Tensor x = operand(a, "tensor");
                  return ninefold::op(static_cast<const Record&>(a.function()).op, {x, int_operand(a, "indices"), operand(a, "updates", x.dtype())});
                }}, op},
        known(record) {}
  const Record record;
  const Registrar known;
};
const TensorScatter tensor_scatters[] = {
    {"TensorScatterUpdate", "tf.tensor_scatter_nd_update", "The tensor with updates where indices point."},
    {"TensorScatterAdd", "tf.tensor_scatter_nd_add", "The tensor with updates added where indices point."},
    {"TensorScatterSub", "tf.tensor_scatter_nd_sub", "The tensor with updates taken off where indices point."},
    {"TensorScatterMin", "tf.tensor_scatter_nd_min", "The tensor with the lesser of its value and the update where indices point."},
    {"TensorScatterMax", "tf.tensor_scatter_nd_max", "The tensor with the greater of its value and the update where indices point."},
};

const Function where = {
    .names = {"tf.where"}, .signature = "(condition: tensor, x: T = None, y: T = None, name: str = None)",
    .doc = "x where condition is true, y elsewhere, broadcast to one shape; without them the coordinates of what is not zero.",
    .body = [](Args& a) -> Value {
      check(a.none("x") == a.none("y"), Code::value, "x and y must both be non-None or both be None.");
      if (a.none("x")) return op("Where", {operand(a, "condition")});
      const Tensor condition = operand(a, "condition", DType::boolean);
      const Tensors values = operands(a, {"x", "y"});
      return op("SelectV2", {condition, values[0], values[1]});
    },
};
NINEFOLD_REGISTER(where);

const Function boolean_mask = {
    .names = {"tf.boolean_mask"}, .signature = "(tensor: T, mask: tensor, axis: int = None, name: str = 'boolean_mask')",
    .doc = "The slices along axis (and the following, if mask has several) at which mask is true.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "tensor"), mask = operand(a, "mask");
      const Shape &s = x.shape(), &m = mask.shape();
      check(m.known_rank(), Code::value, "Number of mask dimensions must be specified, even if some dimensions are None.  E.g. shape=[None] is ok, "
            "but shape=None is not.");
      check(m.rank() > 0, Code::value, "mask cannot be scalar.");
      int64_t axis = a.none("axis") ? 0 : a.integer("axis");
      const Tensor shape = shape_tensor(x), rows = op("Squeeze", {op("Where", {op("Reshape", {mask, int_vector({-1})})})},
                                                      {{"squeeze_dims", std::vector<int64_t>{1}}});
      auto part = [&](int begin, int size) { return op("Slice", {shape, int_vector({begin}), int_vector({size})}); };
      auto kept = [&](int from, int to) {
        const Tensor flat = op("Reshape", {x, op("ConcatV2", {part(0, from), int_vector({-1}), part(to, -1), int_scalar(0)})});
        return op("GatherV2", {flat, rows, int_scalar(axis)});
      };
      if (!s.known_rank()) {
        check(axis >= 0, Code::value, "tf.boolean_mask: axis {} counts from the end of a tensor whose rank must then be known", axis);
        return kept(static_cast<int>(axis), static_cast<int>(axis) + m.rank());
      }
      if (axis < 0) axis += s.rank();
      check(axis >= 0 && axis <= s.rank(), Code::value, "Shapes () and {} are incompatible", m.tuple());
      const int from = static_cast<int>(axis), to = from + m.rank();
      check(to <= s.rank() && s.slice(from, to).compatible(m), Code::value, "Shapes {} and {} are incompatible",
            s.slice(from, std::min(to, s.rank())).tuple(), m.tuple());
      return kept(from, to);
    },
};
NINEFOLD_REGISTER(boolean_mask);

const Function pad = {
    .names = {"tf.pad"},
    .signature = "(tensor: T, paddings: ints, mode: str = 'CONSTANT', constant_values: T = 0, name: str = None)",
    .doc = "The tensor in a frame: paddings[i] = [before, after] along axis i. mode: CONSTANT, REFLECT (mirrored without the "
           "edge) or SYMMETRIC (mirrored with it).",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "tensor"), paddings = int_operand(a, "paddings");
      std::string mode = a.text("mode");
      for (char& c : mode) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      if (mode == "REFLECT" || mode == "SYMMETRIC") return op("MirrorPad", {x, paddings}, {{"mode", mode}});
      check(mode == "CONSTANT", Code::value, "Value of argument `mode` expected to be one of \"CONSTANT\", \"REFLECT\", or \"SYMMETRIC\". Received `mode` = {}",
            a.text("mode"));
      const int64_t* zero = a["constant_values"].get<int64_t>();
      if (zero && *zero == 0) return op("Pad", {x, paddings});
      return op("PadV2", {x, paddings, operand(a, "constant_values", x.dtype())});
    },
};
NINEFOLD_REGISTER(pad);

const Function reverse = {
    .names = {"tf.reverse"}, .signature = "(tensor: T, axis: ints, name: str = None)", .doc = "The elements in reverse order along the given axes.",
    .body = [](Args& a) -> Value { return op("ReverseV2", {operand(a, "tensor"), int_operand(a, "axis")}); },
};
NINEFOLD_REGISTER(reverse);
const Function reverse_sequence = {
    .names = {"tf.reverse_sequence"},
    .signature = "(input: T, seq_lengths: ints, seq_axis: int = None, batch_axis: int = None, name: str = None)",
    .doc = "For batch entry i, the first seq_lengths[i] elements along seq_axis in reverse order.",
    .body = [](Args& a) -> Value {
      check(!a.none("seq_axis"), Code::value, "tf.reverse_sequence: seq_axis is required");
      return op("ReverseSequence", {operand(a, "input"), int_operand(a, "seq_lengths")},
                {{"seq_dim", a.integer("seq_axis")}, {"batch_dim", a.none("batch_axis") ? int64_t{0} : a.integer("batch_axis")}});
    },
};
NINEFOLD_REGISTER(reverse_sequence);
const Function roll = {
    .names = {"tf.roll"}, .signature = "(input: T, shift: ints, axis: ints, name: str = None)",
    .doc = "Elements moved by shift[i] along axis[i]; those pushed over the end come in at the beginning.",
    .body = [](Args& a) -> Value { return op("Roll", {operand(a, "input"), int_operand(a, "shift"), int_operand(a, "axis")}); },
};
NINEFOLD_REGISTER(roll);

Value scanned(const char* name, Args& a) {
  return op(name, {operand(a, "x"), int_operand(a, "axis")}, {{"exclusive", a.flag("exclusive")}, {"reverse", a.flag("reverse")}});
}
const std::string scan_signature = "(x: T, axis: ints = 0, exclusive: bool = False, reverse: bool = False, name: str = None)";
const Function cumsum = {
    .names = {"tf.math.cumsum", "tf.cumsum"}, .signature = scan_signature,
    .doc = "Running sum along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the end.",
    .body = [](Args& a) { return scanned("Cumsum", a); },
};
NINEFOLD_REGISTER(cumsum);
const Function cumprod = {
    .names = {"tf.math.cumprod"}, .signature = scan_signature,
    .doc = "Running product along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the end.",
    .body = [](Args& a) { return scanned("Cumprod", a); },
};
NINEFOLD_REGISTER(cumprod);
const Function cumulative_logsumexp = {
    .names = {"tf.math.cumulative_logsumexp"}, .signature = scan_signature,
    .doc = "log of the running sum of exp(x) along an axis, without overflow.",
    .body = [](Args& a) { return scanned("CumulativeLogsumexp", a); },
};
NINEFOLD_REGISTER(cumulative_logsumexp);

// The slices of x along an axis, each as often as `counts` says: one number, or one for each.
Tensor repeated(const Tensor& x, Tensor counts, int64_t axis) {
  counts = cast(op("Reshape", {counts, int_vector({-1})}), DType::i32);
  const int64_t have = counts.shape()[0], n = x.dim(static_cast<int>(axis));
  check(have < 0 || n < 0 || have == 1 || have == n, Code::value, "Dimensions {} and {} are not compatible", n, have);
  const Tensor each = op("BroadcastTo", {counts, op("GatherV2", {shape_tensor(x), int_vector({axis}), int_scalar(0)})});
  // Place p of the result belongs to the first slice whose running total exceeds p.
  const Tensor ends = op("Cumsum", {each, int_scalar(0)});
  const Tensor places = op("Range", {int_scalar(0), op("Sum", {each, int_vector({0})}), int_scalar(1)});
  const Tensor from = op("UpperBound", {op("ExpandDims", {ends, int_scalar(0)}), op("ExpandDims", {places, int_scalar(0)})});
  return op("GatherV2", {x, op("Reshape", {from, int_vector({-1})}), int_scalar(axis)});
}
// Floats are refused, as TensorFlow words it.
Tensor int_operand_of_repeats(const Args& a) {
  const Value& v = a["repeats"];
  const ValueList* list = v.get<ValueList>();
  const bool floats = v.get<double>() || (list && !list->empty() && std::any_of(list->begin(), list->end(), [](const Value& i) { return i.get<double>(); }));
  if (floats)
    fail(Code::type, "Argument `tensor` (name: repeats) must be of type integer. Received `tensor` = {} of dtype: <dtype: 'float32'>",
         !scope().tracer() ? printed(v) : fmt::format("Tensor(\"Repeat/repeats:0\", shape={}, dtype=float32)",
                                                      list ? fmt::format("({},)", list->size()) : "()"));
  return int_operand(a, "repeats");
}
const Function repeat = {
    .names = {"tf.repeat"}, .signature = "(input: T, repeats: ints, axis: int = None, name: str = None)",
    .doc = "Each slice along axis as often as repeats says (one number, or one for each); without axis, of the flat tensor.",
    .body = [](Args& a) -> Value {
      Tensor x = operand(a, "input");
      Tensor repeats = int_operand_of_repeats(a);
      int64_t axis = 0;
      if (a.none("axis")) x = op("Reshape", {x, int_vector({-1})});
      else if (const double* d = a["axis"].get<double>())
        fail(Code::type, "Argument `axis` must be an int. Received `axis` = {} of type float", printed(Value(*d)));
      else axis = a.integer("axis");
      if (!x.shape().known_rank()) {
        const AroundAxis parts(x, axis);
        const Tensor y = repeated(parts.three, repeats, 1);
        return parts.restored(y, op("Slice", {shape_tensor(y), int_vector({1}), int_vector({1})}));
      }
      if (x.rank() == 0) x = op("Reshape", {x, int_vector({-1})});
      check(axis >= -x.rank() && axis < x.rank(), Code::value, "axis={} out of bounds: expected {}<=axis<{}", axis, -x.rank(), x.rank());
      if (axis < 0) axis += x.rank();
      return repeated(x, repeats, axis);
    },
};
NINEFOLD_REGISTER(repeat);

const Function meshgrid = {
    .names = {"tf.meshgrid"}, .signature = "(*args: tensors, indexing: str = 'xy', name: str = None)",
    .doc = "For N vectors, N tensors of rank N that hold their values along one axis each; with indexing 'xy' the first two "
           "axes change places.",
    .body = [](Args& a) -> Value {
      const std::string indexing = a.text("indexing");
      check(indexing == "xy" || indexing == "ij", Code::value, "Argument `indexing` parameter must be either 'xy' or 'ij', got '{}'", indexing);
      const Tensors in = a.tensors("args");
      const auto n = static_cast<int64_t>(in.size());
      Tensors lengths, out;
      auto axis_of = [&](int64_t i) { return indexing == "xy" && n > 1 && i < 2 ? 1 - i : i; };
      Tensors shape(in.size());
      for (int64_t i = 0; i < n; ++i) shape[static_cast<size_t>(axis_of(i))] = op("Size", {in[static_cast<size_t>(i)]});
      if (in.empty()) return out;
      const Tensor whole = op_all("Pack", shape).at(0);
      for (int64_t i = 0; i < n; ++i) {
        std::vector<int64_t> along(in.size(), 1);
        along[static_cast<size_t>(axis_of(i))] = -1;
        out.push_back(op("BroadcastTo", {op("Reshape", {in[static_cast<size_t>(i)], int_vector(along)}), whole}));
      }
      return out;
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(meshgrid);

const Function sequence_mask = {
    .names = {"tf.sequence_mask"}, .signature = "(lengths: ints, maxlen: ints = None, dtype: dtype = tf.bool, name: str = None)",
    .doc = "For each length a row of that many ones, then zeros, as long as maxlen or the longest.",
    .body = [](Args& a) -> Value {
      const Tensor lengths = int_operand(a, "lengths");
      Tensor longest = a.none("maxlen") ? op("Maximum", {op("Max", {lengths, all_axes(lengths)}), int_scalar(0, lengths.dtype())})
                                        : int_operand(a, "maxlen", lengths.dtype());
      check(!longest.shape().known_rank() || longest.rank() == 0, Code::value,
            "Argument `maxlen` must be scalar for sequence_mask, received `maxlen` = a tensor with shape '{}' instead", longest.shape().tuple());
      longest = cast(longest, lengths.dtype());
      const Tensor places = op("Range", {int_scalar(0, lengths.dtype()), longest, int_scalar(1, lengths.dtype())});
      return cast(op("Less", {places, op("ExpandDims", {lengths, int_scalar(-1)})}), a.dtype("dtype"));
    },
};
NINEFOLD_REGISTER(sequence_mask);

// ---- sorting: the k greatest of a row are its sorted elements when k is all of them ----

// Values whose descending order is x's ascending one, and back.
Tensor flipped(const Tensor& x) {
  if (!is_unsigned(x.dtype())) return op("Neg", {x});
  const uint64_t most = x.dtype() == DType::u8 ? UINT8_MAX : x.dtype() == DType::u16 ? UINT16_MAX : x.dtype() == DType::u32 ? UINT32_MAX : UINT64_MAX;
  return op("Sub", {op("Cast", {Tensor(most)}, {{"DstT", x.dtype()}}), x});
}
// Integers: -x would overflow for the least one; -1 - x does not.
Tensor key(const Tensor& x) {
  return is_integer(x.dtype()) && !is_unsigned(x.dtype()) ? op("Sub", {scalar(-1, x.dtype()), x}) : flipped(x);
}
Value sorted(Args& a, bool values) {
  const std::string direction = a.text("direction");
  check(direction == "ASCENDING" || direction == "DESCENDING", Code::value,
        "Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction={}", direction);
  Tensor x = operand(a, "values");
  check(is_numeric(x.dtype()) && !is_complex(x.dtype()), "Value for attr 'T' of {} is not in the list of allowed values: bfloat16, half, float, "
        "double, int8, int16, int32, int64, complex64, complex128 [Op:Neg]", short_name(x.dtype()));
  int64_t axis = whole_axis(a, "axis");
  const bool up = direction == "ASCENDING";
  const auto in_last = [&](const Tensor& rows, const Tensor& length) {
    const Tensor in[] = {up ? key(rows) : rows, length};
    const Tensors found = op_all("TopKV2", in);
    return !values ? found[1] : up ? key(found[0]) : found[0];
  };
  if (!x.shape().known_rank()) {
    const AroundAxis parts(x, axis);
    const Tensor turn = int_vector({0, 2, 1});
    return parts.restored(op("Transpose", {in_last(op("Transpose", {parts.three, turn}), op("Reshape", {parts.along, int_vector({})})), turn}));
  }
  check(axis >= -x.rank() && axis < x.rank(), "slice index {} of dimension 0 out of bounds. [Op:StridedSlice] name: strided_slice/", axis);
  if (axis < 0) axis += x.rank();
  const bool last = axis == x.rank() - 1;
  std::vector<int64_t> order = counting(x.rank());
  std::swap(order[static_cast<size_t>(axis)], order.back());
  if (!last) x = op("Transpose", {x, int_vector(order)});
  const Tensor k = op("GatherV2", {shape_tensor(x), int_scalar(-1 + x.rank()), int_scalar(0)});
  const Tensor y = in_last(x, k);
  return last ? y : op("Transpose", {y, int_vector(order)});
}
const Function sort = {
    .names = {"tf.sort"}, .signature = "(values: T, axis: int = -1, direction: str = 'ASCENDING', name: str = None)",
    .doc = "The elements in order along an axis.", .body = [](Args& a) { return sorted(a, true); },
};
NINEFOLD_REGISTER(sort);
const Function argsort = {
    .names = {"tf.argsort"},
    .signature = "(values: T, axis: int = -1, direction: str = 'ASCENDING', stable: bool = False, name: str = None)",
    .doc = "The indices that put the elements in order along an axis; equal ones keep theirs, whatever `stable` says.",
    .body = [](Args& a) { return sorted(a, false); },
};
NINEFOLD_REGISTER(argsort);
const Function searchsorted = {
    .names = {"tf.searchsorted"},
    .signature = "(sorted_sequence: T, values: T, side: str = 'left', out_type: dtype = tf.int32, name: str = None)",
    .doc = "Where in the sorted last axis each value belongs: before its equals (left) or after them (right).",
    .body = [](Args& a) -> Value {
      const std::string side = a.text("side");
      check(side == "left" || side == "right", Code::value, "Argument `side` must be either 'right' or 'left'. Received: `side` = '{}'.", side);
      const Tensors in = operands(a, {"sorted_sequence", "values"});
      auto rows = [](const Tensor& t) {
        const Tensor n = op("GatherV2", {shape_tensor(t), op("Sub", {op("Rank", {t}), int_scalar(1)}), int_scalar(0)});
        return op("Reshape", {t, op("Pack", {int_scalar(-1), n})});
      };
      const Tensor at = op(side == "left" ? "LowerBound" : "UpperBound", {rows(in[0]), rows(in[1])}, {{"out_type", a.dtype("out_type")}});
      return op("Reshape", {at, shape_tensor(in[1])});
    },
};
NINEFOLD_REGISTER(searchsorted);

}  // namespace
}  // namespace ninefold::ops
