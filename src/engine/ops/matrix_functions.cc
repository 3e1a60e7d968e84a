// In: names and signatures of tf's functions over diagonals, bands, blocks of space, and of checks. Out: function records.
#include "engine/ops/array_args.h"

namespace ninefold::ops {
namespace {

const Function band_part = {
    .names = {"tf.linalg.band_part"}, .signature = "(input: T, num_lower: ints, num_upper: ints, name: str = None)",
    .doc = "Matrices with zeros outside num_lower diagonals below and num_upper above the main one; negative: all of them.",
    .body = [](Args& a) -> Value {
      const DType d = index_type(a, {"num_lower", "num_upper"});
      return op("MatrixBandPart", {operand(a, "input"), int_operand(a, "num_lower", d), int_operand(a, "num_upper", d)});
    },
};
NINEFOLD_REGISTER(band_part);
const Function diag = {
    .names = {"tf.linalg.diag"},
    .signature = "(diagonal: T, name: str = 'diag', k: ints = 0, num_rows: ints = -1, num_cols: ints = -1, padding_value: tensor = 0, "
                 "align: str = 'RIGHT_LEFT')",
    .doc = "Matrices with the given diagonals, k (or k[0] to k[1]) of them, and padding_value elsewhere.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "diagonal");
      return op("MatrixDiagV3", {x, int_operand(a, "k"), int_operand(a, "num_rows"), int_operand(a, "num_cols"),
                                 operand(a, "padding_value", x.dtype())}, {{"align", a.text("align")}});
    },
};
NINEFOLD_REGISTER(diag);
const Function diag_part = {
    .names = {"tf.linalg.diag_part"},
    .signature = "(input: T, name: str = 'diag_part', k: ints = 0, padding_value: tensor = 0, align: str = 'RIGHT_LEFT')",
    .doc = "The diagonals k (or k[0] to k[1]) of matrices; shorter ones are filled up with padding_value.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input");
      return op("MatrixDiagPartV3", {x, int_operand(a, "k"), operand(a, "padding_value", x.dtype())}, {{"align", a.text("align")}});
    },
};
NINEFOLD_REGISTER(diag_part);
const Function set_diag = {
    .names = {"tf.linalg.set_diag"},
    .signature = "(input: T, diagonal: T, name: str = 'set_diag', k: ints = 0, align: str = 'RIGHT_LEFT')",
    .doc = "Matrices with other values on the diagonals k (or k[0] to k[1]).",
    .body = [](Args& a) -> Value {
      const Tensors in = operands(a, {"input", "diagonal"});
      return op("MatrixSetDiagV3", {in[0], in[1], int_operand(a, "k")}, {{"align", a.text("align")}});
    },
};
NINEFOLD_REGISTER(set_diag);
const Function tensor_diag = {
    .names = {"tf.linalg.tensor_diag"}, .signature = "(diagonal: T, name: str = None)",
    .doc = "A tensor of twice the rank with the elements where both halves of the coordinates agree.",
    .body = [](Args& a) -> Value { return op("Diag", {operand(a, "diagonal")}); },
};
NINEFOLD_REGISTER(tensor_diag);
const Function tensor_diag_part = {
    .names = {"tf.linalg.tensor_diag_part"}, .signature = "(input: T, name: str = None)",
    .doc = "The elements where both halves of the coordinates agree.",
    .body = [](Args& a) -> Value { return op("DiagPart", {operand(a, "input")}); },
};
NINEFOLD_REGISTER(tensor_diag_part);
const Function trace = {
    .names = {"tf.linalg.trace"}, .signature = "(x: T, name: str = None)", .doc = "The sum of each matrix's main diagonal.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x");
      return op("Sum", {op("MatrixDiagPartV3", {x, int_scalar(0), scalar(0, x.dtype())}), int_vector({-1})});
    },
};
NINEFOLD_REGISTER(trace);

// ---- space ----

const Function space_to_batch = {
    .names = {"tf.space_to_batch", "tf.nn.space_to_batch"}, .signature = "(input: T, block_shape: ints, paddings: ints, name: str = None)",
    .doc = "Pads the dimensions after the first, then makes each position within a block a batch entry of its own.",
    .body = [](Args& a) -> Value { return op("SpaceToBatchND", {operand(a, "input"), shape_operand(a, "block_shape"), int_operand(a, "paddings")}); },
};
NINEFOLD_REGISTER(space_to_batch);
const Function space_to_batch_nd = {
    .names = {"tf.space_to_batch_nd"}, .signature = "(input: T, block_shape: ints, paddings: ints, name: str = None)",
    .doc = "Pads the dimensions after the first, then makes each position within a block a batch entry of its own.",
    .body = space_to_batch.body,
};
NINEFOLD_REGISTER(space_to_batch_nd);
const Function batch_to_space = {
    .names = {"tf.batch_to_space"}, .signature = "(input: T, block_shape: ints, crops: ints, name: str = None)",
    .doc = "Puts batch entries back into blocks of space, then crops: the inverse of tf.space_to_batch.",
    .body = [](Args& a) -> Value {
      Tensor block = int_operand(a, "block_shape");
      if (block.rank() == 0) block = op("Pack", {block, block});
      return op("BatchToSpaceND", {operand(a, "input"), block, int_operand(a, "crops")});
    },
};
NINEFOLD_REGISTER(batch_to_space);
Value blocks(const char* name, Args& a) {
  return op(name, {operand(a, "input")}, {{"block_size", a.integer("block_size")}, {"data_format", a.text("data_format")}});
}
const std::string blocks_signature = "(input: T, block_size: int, data_format: str = 'NHWC', name: str = None)";
const Function space_to_depth = {
    .names = {"tf.nn.space_to_depth"}, .signature = blocks_signature, .doc = "Blocks of an image become channels.",
    .body = [](Args& a) { return blocks("SpaceToDepth", a); },
};
NINEFOLD_REGISTER(space_to_depth);
const Function depth_to_space = {
    .names = {"tf.nn.depth_to_space"}, .signature = blocks_signature, .doc = "Channels of an image become blocks of space.",
    .body = [](Args& a) { return blocks("DepthToSpace", a); },
};
NINEFOLD_REGISTER(depth_to_space);
const Function extract_patches = {
    .names = {"tf.image.extract_patches"},
    .signature = "(images: T, sizes: ints, strides: ints, rates: ints, padding: str, name: str = None)",
    .doc = "For each position of a window over NHWC images its pixels, row by row, as channels.",
    .body = [](Args& a) -> Value {
      return op("ExtractImagePatches", {operand(a, "images")},
                {{"ksizes", a.ints("sizes")}, {"strides", a.ints("strides")}, {"rates", a.ints("rates")}, {"padding", a.text("padding")}});
    },
};
NINEFOLD_REGISTER(extract_patches);

// ---- the same elements, checked or seen otherwise ----

const Function bitcast = {
    .names = {"tf.bitcast"}, .signature = "(input: T, type: dtype, name: str = None)",
    .doc = "The same bytes as another dtype: a narrower one adds a dimension, a wider one takes the last away.",
    .body = [](Args& a) -> Value { return op("Bitcast", {operand(a, "input")}, {{"type", a.dtype("type")}}); },
};
NINEFOLD_REGISTER(bitcast);
const Function ensure_shape = {
    .names = {"tf.ensure_shape"}, .signature = "(x: T, shape: shape, name: str = None)",
    .doc = "The same tensor, known to be of this shape; raises InvalidArgumentError if it is not.",
    .body = [](Args& a) -> Value {
      const Value& v = a["shape"];
      Shape want = Shape::unknown();
      if (const Shape* s = v.get<Shape>()) {
        want = *s;
      } else if (const ValueList* list = v.get<ValueList>()) {
        std::vector<int64_t> dims;   // None: any
        for (const Value& d : *list) {
          check(d.none() || d.get<int64_t>(), Code::type, "tf.ensure_shape: argument 'shape': expected ints and None");
          dims.push_back(d.none() ? -1 : *d.get<int64_t>());
        }
        want = Shape(dims);
      } else if (!v.none()) {
        want = Shape(a.ints("shape"));
      }
      return op("EnsureShape", {operand(a, "x")}, {{"shape", want}});
    },
};
NINEFOLD_REGISTER(ensure_shape);

}  // namespace
}  // namespace ninefold::ops
