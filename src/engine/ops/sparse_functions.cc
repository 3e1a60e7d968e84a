// In: sparse tensors. Out: the functions of tf.sparse that move elements: joined, cut, reshaped, picked, merged.
#include "base/check.h"
#include "engine/ops/sparse.h"

namespace ninefold::ops {
namespace {

using namespace sparse;

Value made(const Tensor& indices, const Tensor& values, const Tensor& dense_shape) {
  return Sparse::value(Sparse::of(indices, values, dense_shape));
}
std::vector<SparseRef> list_argument(const Value& v) {
  const ValueList* list = v.get<ValueList>();
  check(list != nullptr, Code::type, "Inputs must be a list");
  std::vector<SparseRef> out;
  for (const Value& item : *list) {
    out.push_back(Sparse::of(item));
    check(out.back() != nullptr, Code::type, "All inputs must be SparseTensors.");
  }
  return out;
}
Tensor joined(const Tensors& parts, int axis = 0) { return parts.size() == 1 ? parts[0] : ragged::concat(parts, axis); }
Tensor vector_of(const Tensor& scalar) { return op("Reshape", {scalar, int_vector({1})}); }
Tensor unit(int rank, int64_t axis) {   // 1 at axis, else 0
  std::vector<int64_t> v(static_cast<size_t>(rank), 0);
  v[static_cast<size_t>(axis)] = 1;
  return Tensor::of<int64_t>({rank}, v);
}
int64_t normal(int64_t axis, int rank) {
  check(axis >= -rank && axis < rank, Code::value, "Axis {} out of range for a sparse tensor of rank {}", axis, rank);
  return axis < 0 ? axis + rank : axis;
}

const Function concat = {
    .names = {"tf.sparse.concat"}, .signature = "(axis: int, sp_inputs: value, expand_nonconcat_dims: bool = False, name: str = None)",
    .doc = "Sparse tensors one after another along an axis. Other sizes must agree, unless expand_nonconcat_dims lets the greatest count.",
    .body = [](Args& a) -> Value {
      std::vector<SparseRef> all = list_argument(a["sp_inputs"]);
      check(!all.empty(), Code::value, "tf.sparse.concat: expected at least one sparse tensor");
      if (all.size() == 1) return Sparse::value(all[0]);
      const int rank = rank_of(*all[0]);
      check(a.integer("axis") >= -rank && a.integer("axis") < rank, "Concat dimension must be in range [{}, {}), got {} [Op:SparseConcat]", -rank, rank,
            a.integer("axis"));
      const int64_t axis = normal(a.integer("axis"), rank);
      const bool expand = a.flag("expand_nonconcat_dims");
      Tensors indices, values;
      Tensor offset = int_scalar(0, DType::i64), sizes = all[0]->dense_shape();
      const Tensor along = unit(rank, axis);
      for (size_t i = 0; i < all.size(); ++i) {
        const SparseRef& s = all[i];
        check(rank_of(*s) == rank, "Ranks of all input tensors must match: expected {} but got {} at position {} [Op:SparseConcat]", rank, rank_of(*s), i);
        const Shape mine = s->shape(), first = all[0]->shape();
        for (int d = 0; d < rank && !expand; ++d)
          check(d == axis || mine[d] < 0 || first[d] < 0 || mine[d] == first[d],
                "Input shapes must match: expected {} for dimension {} but got {} at position {} [Op:SparseConcat]", first[d], d, mine[d], i);
        indices.push_back(s->indices() + along * offset);
        values.push_back(s->values());
        offset = offset + one_of(s->dense_shape(), axis);
        if (i) sizes = op("Maximum", {sizes, s->dense_shape()});
      }
      sizes = sizes * (unit(rank, axis) * int_scalar(-1, DType::i64) + int_scalar(1, DType::i64)) + along * offset;
      return Sparse::value(in_order(joined(indices), joined(values), sizes));
    },
    .result = "value",
};
NINEFOLD_REGISTER(concat);

const Function expand_dims = {
    .names = {"tf.sparse.expand_dims"}, .signature = "(sp_input: value, axis: int = None, name: str = None)",
    .doc = "With one more dimension, of size 1, at `axis` (-1).",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      const int rank = rank_of(*s);
      int64_t axis = a.none("axis") ? -1 : a.integer("axis");
      check(axis >= -rank - 1 && axis <= rank, "Expected size[1] in [0, {}], but got {} [Op:Slice]", rank, axis);
      if (axis < 0) axis += rank + 1;
      const Tensor places = s->indices(), sizes = s->dense_shape();
      const Tensor zeros = op("ZerosLike", {op("Slice", {places, int_vector({0, 0}), int_vector({-1, std::min(rank, 1)})})});
      const Tensor column = rank ? zeros : op("ExpandDims", {op("ZerosLike", {ragged::up_to(op("Size", {s->values()}, {{"out_type", DType::i64}}))}),
                                                             int_scalar(1)});
      const auto part = [&](const Tensor& t, int axis_of, int64_t from, int64_t count) {
        return axis_of ? op("Slice", {t, int_vector({0, from}), int_vector({-1, count})}) : op("Slice", {t, int_vector({from}), int_vector({count})});
      };
      Shape known = s->shape().slice(0, static_cast<int>(axis)).concat({1}).concat(s->shape().slice(static_cast<int>(axis), rank));
      return Sparse::value(Sparse::of(joined({part(places, 1, 0, axis), column, part(places, 1, axis, -1)}, 1), s->values(),
                                      joined({part(sizes, 0, 0, axis), Tensor::of<int64_t>({1}, {1}), part(sizes, 0, axis, -1)}), known));
    },
    .result = "value",
};
NINEFOLD_REGISTER(expand_dims);

const Function eye = {
    .names = {"tf.sparse.eye"}, .signature = "(num_rows: ints, num_columns: ints = None, dtype: dtype = tf.float32, name: str = None)",
    .doc = "Ones on the diagonal of a matrix.",
    .body = [](Args& a) -> Value {
      const Tensor rows = cast(op("Reshape", {int_operand(a, "num_rows"), int_vector({})}), DType::i64);
      const Tensor columns = a.none("num_columns") ? rows : cast(op("Reshape", {int_operand(a, "num_columns"), int_vector({})}), DType::i64);
      const Tensor count = op("Minimum", {rows, columns}), two = int_scalar(2, DType::i64);
      // 0 0 1 1 2 2 ...: all of the indices' memory is asked for at first, so that too much is refused before any is written.
      const Tensor twice = op("FloorDiv", {ragged::up_to(op("Mul", {count, two})), two});
      return made(op("Reshape", {twice, int_vector({-1, 2})}), op("Fill", {vector_of(count), scalar(1, a.dtype("dtype"))}),
                  joined({vector_of(rows), vector_of(columns)}));
    },
    .result = "value",
};
NINEFOLD_REGISTER(eye);

const Function reshape = {
    .names = {"tf.sparse.reshape"}, .signature = "(sp_input: value, shape: ints, name: str = None)",
    .doc = "The same elements in row-major order under another shape; one size may be -1.",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      Tensor wanted = cast(shape_operand(a, "shape"), DType::i64);
      const Tensor all = product(s->dense_shape());
      const Tensor *sizes = known_value(s->dense_shape()), *known = known_value(wanted);
      if (known) {
        int64_t rest = 1, open = -1;
        const std::vector<int64_t> dims = known->ints();
        for (size_t i = 0; i < dims.size(); ++i) {
          check(dims[i] >= -1, "size {} must be non-negative, not {} [Op:SparseReshape]", i, dims[i]);
          check(dims[i] >= 0 || open < 0, "only one output dimension may be -1, not both {} and {} [Op:SparseReshape]", open, i);
          if (dims[i] < 0) open = static_cast<int64_t>(i);
          else rest *= dims[i];
        }
        if (sizes) {
          int64_t total = 1;
          for (int64_t d : sizes->ints()) total *= d;
          std::vector<int64_t> whole = dims;
          if (open >= 0) whole[static_cast<size_t>(open)] = 1;   // as TensorFlow says it
          const std::string both = fmt::format("input_shape={} output_shape={} [Op:SparseReshape]", Shape(sizes->ints()).str(), Shape(whole).str());
          if (open >= 0) {
            check(rest > 0, "reshape cannot infer the missing input size for an empty tensor unless all specified input sizes are non-zero "
                  "[Op:SparseReshape]");
            check(total % rest == 0, "Input to reshape is a SparseTensor with {} dense values, but the requested shape requires a multiple of {}. {}",
                  total, rest, both);
          } else {
            check(rest == total, "Input to reshape is a tensor with {} dense values, but the requested shape has {}. {}", total, rest, both);
          }
        }
      }
      const Tensor minus = int_scalar(-1, DType::i64), one = int_scalar(1, DType::i64);
      const Tensor open = op("Equal", {wanted, minus});
      const Tensor rest = product(op("SelectV2", {open, one, wanted}));
      wanted = op("SelectV2", {open, op("FloorDiv", {all, op("Maximum", {rest, one})}), wanted});
      return made(places_of(flat_places(s->indices(), s->dense_shape()), wanted), s->values(), wanted);
    },
    .result = "value",
};
NINEFOLD_REGISTER(reshape);

const Function retain = {
    .names = {"tf.sparse.retain"}, .signature = "(sp_input: value, to_retain: tensor)",
    .doc = "Only the elements of which the bool vector `to_retain` says so.",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      const Tensor which = to_tensor(a["to_retain"]);
      const Shape &mine = s->values().shape(), &given = which.shape();
      check(given.rank() < 1 || mine[0] < 0 || given[0] < 0 || mine[0] == given[0], Code::value, "Dimensions {} and {} are not compatible", mine[0],
            given.rank() ? given[0] : 0);
      return Sparse::value(kept(*s, which));
    },
    .result = "value",
};
NINEFOLD_REGISTER(retain);

SparseRef sliced(const Sparse& s, const Tensor& start, const Tensor& size) {
  const Tensor end = start + size;
  const Tensor inside = op("LogicalAnd", {op("GreaterEqual", {s.indices(), start}), op("Less", {s.indices(), end})});
  const Tensor values = op("Reshape", {s.values(), int_vector({-1})});   // its gradient is a whole tensor, as TensorFlow's
  const SparseRef part = kept(*Sparse::of(s.indices(), values, s.dense_shape()), op("All", {inside, int_vector({1})}));
  const Tensor zero = int_scalar(0, DType::i64);
  const Tensor sizes = op("Maximum", {op("Minimum", {size, s.dense_shape() - start}), zero});
  return Sparse::of(part->indices() - start, part->values(), sizes);
}
const Function sparse_slice = {
    .names = {"tf.sparse.slice"}, .signature = "(sp_input: value, start: ints, size: ints, name: str = None)",
    .doc = "The block that begins at `start`, of `size` or up to the end.",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      return Sparse::value(sliced(*s, cast(shape_operand(a, "start"), DType::i64), cast(shape_operand(a, "size"), DType::i64)));
    },
    .result = "value",
};
NINEFOLD_REGISTER(sparse_slice);

const Function split = {
    .names = {"tf.sparse.split"}, .signature = "(sp_input: value = None, num_split: int = None, axis: ints = None, name: str = None)",
    .doc = "Cut into num_split parts along an axis; the first ones are longer by one where the size is no multiple.",
    .body = [](Args& a) -> Value {
      check(!a.none("num_split"), Code::value, "num_split is required");
      check(!a.none("axis"), Code::value, "axis is required");
      const SparseRef s = argument(a, "sp_input");
      const int rank = rank_of(*s);
      const int64_t parts = a.integer("num_split"), given = a.ints("axis").at(0);
      check(given >= -rank && given < rank, "Input split_dim should be between [0, rank (= {})), got {}", rank, given);
      const int64_t axis = normal(given, rank);
      const Tensor size = one_of(s->dense_shape(), axis), count = int_scalar(parts, DType::i64), one = int_scalar(1, DType::i64);
      if (const Tensor* n = known_value(s->dense_shape()))
        check(parts > 0 && parts <= n->int_at(axis), "Number of splits should be between 1 and the number of elements, got {} for {}", parts,
              n->int_at(axis));
      const Tensor each = op("FloorDiv", {size, count}), more = op("FloorMod", {size, count}), along = unit(rank, axis);
      ValueList out;
      for (int64_t i = 0; i < parts; ++i) {
        const Tensor at = int_scalar(i, DType::i64);
        const Tensor start = at * each + op("Minimum", {at, more});
        const Tensor length = each + cast(op("Less", {at, more}), DType::i64);
        out.push_back(Sparse::value(sliced(*s, along * start, s->dense_shape() * (one - along) + along * length)));
      }
      return out;
    },
    .result = "value",
};
NINEFOLD_REGISTER(split);

const Function transpose = {
    .names = {"tf.sparse.transpose"}, .signature = "(sp_input: value, perm: ints = None, name: str = None)",
    .doc = "With its dimensions in the order `perm`; reversed if none is given.",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      std::vector<int64_t> perm;
      if (a.none("perm")) {
        for (int i = rank_of(*s); i-- > 0;) perm.push_back(i);
      } else {
        perm = a.ints("perm");
      }
      const Tensor order = int_vector(perm);
      return Sparse::value(in_order(op("GatherV2", {s->indices(), order, int_scalar(1)}), s->values(), ragged::gather(s->dense_shape(), order)));
    },
    .result = "value",
};
NINEFOLD_REGISTER(transpose);

const Function fill_empty_rows = {
    .names = {"tf.sparse.fill_empty_rows"}, .signature = "(sp_input: value, default_value: value, name: str = None)",
    .doc = "With `default_value` in the first column of each row that has nothing; and which rows those are.",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      const int rank = rank_of(*s);
      const Tensor fill = to_tensor(a["default_value"], s->dtype());
      check(fill.rank() == 0, "default_value must be a scalar, saw: {} [Op:SparseFillEmptyRows]", fill.shape().str());
      const Tensor rows = one_of(s->dense_shape(), 0), of = column(s->indices(), 0);
      const Tensor counts = op("UnsortedSegmentSum", {op("OnesLike", {of}), of, rows});
      const Tensor empty = op("Equal", {counts, int_scalar(0, DType::i64)});
      const Tensor at = op("Where", {empty});   // [empty rows, 1]
      const Tensor count = op("Size", {at}, {{"out_type", DType::i64}});
      const Tensor places = joined({at, op("Fill", {joined({vector_of(count), Tensor::of<int64_t>({1}, {rank - 1})}), int_scalar(0, DType::i64)})}, 1);
      const Tensor indices = joined({s->indices(), places}), values = joined({s->values(), op("Fill", {vector_of(count), fill})});
      // By rows; within a row elements stay as they were.
      const Tensor numbers = ragged::up_to(op("Size", {values}, {{"out_type", DType::i64}}));
      const Tensor keys[] = {op("Transpose", {[&] {
                               const Tensor both[] = {column(indices, 0), numbers};
                               const NamedAttr axis("axis", 0);
                               return op_all("Pack", both, {&axis, 1}).at(0);
                             }(), int_vector({1, 0})}), numbers, joined({vector_of(rows), vector_of(op("Size", {values}, {{"out_type", DType::i64}}))})};
      const Tensor order = op_all("SparseReorder", keys).at(1);
      return ValueList{made(ragged::gather(indices, order), ragged::gather(values, order), s->dense_shape()), empty};
    },
    .result = "value",
};
NINEFOLD_REGISTER(fill_empty_rows);

const Function to_indicator = {
    .names = {"tf.sparse.to_indicator"}, .signature = "(sp_input: value, vocab_size: ints, name: str = None)",
    .doc = "True at each id that stands in a row, [..., vocab_size], of a sparse tensor whose last dimension holds ids.",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      const int rank = rank_of(*s);
      const Tensor ids = cast(s->values(), DType::i64), size = cast(op("Reshape", {int_operand(a, "vocab_size"), int_vector({1})}), DType::i64);
      const Tensor rows = op("Slice", {s->indices(), int_vector({0, 0}), int_vector({-1, rank - 1})});
      const Tensor sizes = op("Slice", {s->dense_shape(), int_vector({0}), int_vector({rank - 1})});
      const SparseRef all = in_order(joined({rows, op("ExpandDims", {ids, int_scalar(1)})}, 1), op("Cast", {op("OnesLike", {ids})}, {{"DstT", DType::boolean}}),
                                     joined({sizes, size}));
      return all->to_dense(Tensor(false), false);
    },
};
NINEFOLD_REGISTER(to_indicator);

const Function reset_shape = {
    .names = {"tf.sparse.reset_shape"}, .signature = "(sp_input: value, new_shape: ints = None)",
    .doc = "The same elements in a greater shape, or in the smallest that holds them.",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      if (a.none("new_shape")) {
        const Tensor one = int_scalar(1, DType::i64);
        const Tensor high = op("Max", {joined({s->indices(), op("Reshape", {op("ZerosLike", {s->dense_shape()}) - one, int_vector({1, -1})})}), int_vector({0})});
        return made(s->indices(), s->values(), high + one);
      }
      const Tensor wanted = cast(shape_operand(a, "new_shape"), DType::i64);
      const Tensor *sizes = known_value(s->dense_shape()), *known = known_value(wanted);
      if (sizes && known) {
        check(sizes->size() == known->size(), Code::value, "Shapes {} and {} are incompatible", Shape(sizes->ints()).tuple(), Shape(known->ints()).tuple());
        const auto listed = [](const Tensor& t) {
          std::string out;
          for (int64_t d : t.ints()) out += (out.empty() ? "" : " ") + std::to_string(d);
          return "[" + out + "]";
        };
        for (int64_t i = 0; i < sizes->size(); ++i)   // the text names them the wrong way round, as TensorFlow's does
          check(known->int_at(i) >= sizes->int_at(i), Code::value, "Requested new_shape should have dimension sizes >= sp_input.shape.  Found "
                "new_shape ({}), sp_input.shape ({}).", listed(*sizes), listed(*known));
      }
      return made(s->indices(), s->values(), wanted);
    },
    .result = "value",
};
NINEFOLD_REGISTER(reset_shape);

}  // namespace
}  // namespace ninefold::ops
