// In: images. Out: blocks of space as batch entries or channels, and back; patches of images.
#include <algorithm>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// ---- SpaceToBatchND, BatchToSpaceND ----

// Sizes on both sides: `image` [batch, space..., rest], `batch` [batch * prod(block), space / block, rest].
Shape other_side(const ShapeCtx& c, bool to_batch) {
  const Shape& s = c.shape(0);
  const Tensor *block = c.value(1), *edges = c.value(2);
  c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 1, "block_shape rank should be 1 instead of {}", c.shape(1).rank());
  if (!s.known_rank()) return Shape::unknown();
  if (!block || !edges) return Shape::of_rank(s.rank());
  const int n = static_cast<int>(block->size());
  c.check(s.rank() >= 1 + n, "input rank should be >= {} instead of {}", 1 + n, s.rank());
  c.check(c.shape(2) == Shape({n, 2}), "{} should have shape [{}, 2] instead of {}", to_batch ? "paddings" : "crops", n, c.shape(2).str());
  Shape out = s;
  int64_t product = 1;
  for (int i = 0; i < n; ++i) {
    const int64_t b = block->int_at(i), before = edges->int_at(2 * i), after = edges->int_at(2 * i + 1), d = s[1 + i];
    c.check(b >= 1, "All values in block_shape must be positive, got value, {} at index {}.", b, i);
    c.check(before >= 0 && after >= 0, "{} must be non-negative", to_batch ? "Paddings" : "Crops");
    product *= b;
    if (d < 0) continue;
    if (to_batch) {
      c.check((d + before + after) % b == 0, "padded_shape[{0}]={1} is not divisible by block_shape[{0}]={2}", i, d + before + after, b);
      out.set(1 + i, (d + before + after) / b);
    } else {
      c.check(d * b - before - after >= 0, "cropped_shape[{}]={} must be non-negative", i, d * b - before - after);
      out.set(1 + i, d * b - before - after);
    }
  }
  if (s[0] >= 0) {
    c.check(to_batch || s[0] % product == 0, "Input batch dimension ({}) is not divisible by product of block sizes ({})", s[0], product);
    out.set(0, to_batch ? s[0] * product : s[0] / product);
  }
  return out;
}
const Op space_to_batch = {
    .name = "SpaceToBatchND", .inputs = {"input: T", "block_shape: Tblock_shape", "paddings: Tpaddings"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tblock_shape: index = int32", "Tpaddings: index = int32"},
    .doc = "Pads the dimensions after the first, then makes each position within a block a batch entry of its own.",
    .shape = [](ShapeCtx& c) { c.output(other_side(c, true)); },
    .grad = [](GradCtx& g) { g.to(0, op("BatchToSpaceND", {g.dy(), g.in(1), g.in(2)})); },
    .host = {"block_shape", "paddings"}, .grad_reads = {"block_shape", "paddings"},
};
NINEFOLD_REGISTER(space_to_batch);
const Op batch_to_space = {
    .name = "BatchToSpaceND", .inputs = {"input: T", "block_shape: Tblock_shape", "crops: Tcrops"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tblock_shape: index = int32", "Tcrops: index = int32"},
    .doc = "Puts batch entries back into blocks of space, then crops: the inverse of SpaceToBatchND.",
    .shape = [](ShapeCtx& c) { c.output(other_side(c, false)); },
    .grad = [](GradCtx& g) { g.to(0, op("SpaceToBatchND", {g.dy(), g.in(1), g.in(2)})); },
    .host = {"block_shape", "crops"}, .grad_reads = {"block_shape", "crops"},
};
NINEFOLD_REGISTER(batch_to_space);

// For each place within a block: the image's positions p * block + place - before that exist, and their batch entries.
template <bool to_batch>
void space_batch_cpu(KernelCtx& k) {
  give_outputs(k);
  const DType d = k.dtype(0);
  const Shape &image = to_batch ? k.shape(0) : k.out(0).shape(), &blocks = to_batch ? k.out(0).shape() : k.shape(0);
  const std::vector<int64_t> block = k.in(1).ints(), edges = k.in(2).ints();
  const int n = static_cast<int>(block.size());
  const std::vector<int64_t> image_strides = strides_of(image.dims()), block_strides = strides_of(blocks.dims());
  if (to_batch) fill_run(k, d, k.out<void>(0), nullptr, blocks.size());
  if (image.size() == 0 || blocks.size() == 0) return;
  int64_t places = 1;
  for (int64_t b : block) places *= b;
  for (int64_t place = 0; place < places; ++place) {
    std::vector<int64_t> size = image.vector(), strides = image_strides;
    int64_t from = 0, to = place * image[0] * block_strides[0], rest = place;
    bool empty = false;
    for (int i = n; i-- > 0;) {
      const auto at = static_cast<size_t>(i);
      const int64_t within = rest % block[at] - edges[2 * at];
      rest /= block[at];
      // p from first to last: 0 <= p * block + within < image
      const int64_t first = within < 0 ? (-within + block[at] - 1) / block[at] : 0;
      const int64_t last = std::min((image[1 + i] - within + block[at] - 1) / block[at], blocks[1 + i]);
      empty = empty || last <= first;
      size[at + 1] = last - first;
      from += (first * block[at] + within) * image_strides[at + 1];
      to += first * block_strides[at + 1];
      strides[at + 1] = image_strides[at + 1] * block[at];
    }
    if (empty) continue;
    if (to_batch) move_strided(k, d, size, element(d, k.out<void>(0), to), block_strides, element(d, k.in<void>(0), from), strides);
    else move_strided(k, d, size, element(d, k.out<void>(0), from), strides, element(d, k.in<void>(0), to), block_strides);
  }
}
NINEFOLD_KERNEL(space_to_batch, "CPU", Kernel{space_batch_cpu<true>});
NINEFOLD_KERNEL(batch_to_space, "CPU", Kernel{space_batch_cpu<false>});

// ---- SpaceToDepth, DepthToSpace ----
const std::vector<std::string> kDepthAttrs = {"T: type", "block_size: int >= 2", "data_format: {'NHWC', 'NCHW', 'NCHW_VECT_C'} = 'NHWC'"};
Shape depth_shape(const ShapeCtx& c, bool to_depth) {
  const Shape& s = c.shape(0);
  const int64_t b = c.integer("block_size");
  c.check(c.text("data_format") == "NHWC", "Only NHWC data_format supported on CPU. Got {}", c.text("data_format"));
  if (!s.known_rank()) return Shape::of_rank(4);
  c.check(s.rank() == 4, "Input rank should be 4 instead of {}", s.rank());
  if (to_depth) {
    c.check((s[1] < 0 || s[1] % b == 0) && (s[2] < 0 || s[2] % b == 0), "Image width {} and height {} should be divisible by block_size: {}", s[2], s[1], b);
    return {s[0], s[1] < 0 ? -1 : s[1] / b, s[2] < 0 ? -1 : s[2] / b, s[3] < 0 ? -1 : s[3] * b * b};
  }
  c.check(s[3] < 0 || s[3] % (b * b) == 0, "Input depth dimension {} should be divisible by: {}", s[3], b * b);
  return {s[0], s[1] < 0 ? -1 : s[1] * b, s[2] < 0 ? -1 : s[2] * b, s[3] < 0 ? -1 : s[3] / (b * b)};
}
const Op space_to_depth = {
    .name = "SpaceToDepth", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = kDepthAttrs,
    .doc = "Blocks of an NHWC image become channels.", .shape = [](ShapeCtx& c) { c.output(depth_shape(c, true)); },
    .grad = [](GradCtx& g) { g.to(0, op("DepthToSpace", {g.dy()}, {{"block_size", g.integer("block_size")}})); }, .grad_reads = {},
};
NINEFOLD_REGISTER(space_to_depth);
const Op depth_to_space = {
    .name = "DepthToSpace", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = kDepthAttrs,
    .doc = "Channels of an NHWC image become blocks of space.", .shape = [](ShapeCtx& c) { c.output(depth_shape(c, false)); },
    .grad = [](GradCtx& g) { g.to(0, op("SpaceToDepth", {g.dy()}, {{"block_size", g.integer("block_size")}})); }, .grad_reads = {},
};
NINEFOLD_REGISTER(depth_to_space);
template <bool to_depth>
void depth_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& deep = to_depth ? k.out(0).shape() : k.shape(0);
  const int64_t b = k.integer("block_size"), c = deep[3] / (b * b);
  if (deep.size() == 0) return;
  // The deep side is [n, h, w, b, b, c], the wide one [n, h, b, w, b, c]: the same loop in the deep side's order.
  const std::vector<int64_t> size = {deep[0], deep[1], deep[2], b, b, c};
  const std::vector<int64_t> row = strides_of(size);
  const int64_t line = deep[2] * b * c;
  const std::vector<int64_t> wide = {deep[1] * b * line, b * line, b * c, line, c, 1};
  move_strided(k, k.dtype(0), size, k.out<void>(0), to_depth ? row : wide, k.in<void>(0), to_depth ? wide : row);
}
NINEFOLD_KERNEL(space_to_depth, "CPU", Kernel{depth_cpu<true>});
NINEFOLD_KERNEL(depth_to_space, "CPU", Kernel{depth_cpu<false>});

// ---- ExtractImagePatches ----
struct Patches { int64_t size[2], stride[2], rate[2], out[2], before[2]; };
template <class Ctx>
Patches patches_of(const Ctx& c, const Shape& s) {
  Patches p{};
  const std::vector<int64_t>* lists[] = {&c.ints("ksizes"), &c.ints("strides"), &c.ints("rates")};
  const char* names[] = {"ksizes", "strides", "rates"};
  for (int i = 0; i < 3; ++i) {
    c.check(lists[i]->size() == 4 && (*lists[i])[0] == 1 && (*lists[i])[3] == 1,
            "ExtractImagePatches requires attribute {} to contain 4 values, the first and last of them 1, but got {} values", names[i], lists[i]->size());
    for (int d = 0; d < 2; ++d) {
      const int64_t v = (*lists[i])[static_cast<size_t>(d + 1)];
      c.check(v > 0, "ExtractImagePatches: {} must be positive, got {}", names[i], v);
      (i == 0 ? p.size : i == 1 ? p.stride : p.rate)[d] = v;
    }
  }
  for (int d = 0; d < 2; ++d) {
    const int64_t n = s[d + 1], reach = (p.size[d] - 1) * p.rate[d] + 1;
    if (n < 0) {
      p.out[d] = -1;
    } else if (c.text("padding") == "SAME") {
      p.out[d] = (n + p.stride[d] - 1) / p.stride[d];
      p.before[d] = std::max<int64_t>(0, (p.out[d] - 1) * p.stride[d] + reach - n) / 2;
    } else {
      p.out[d] = n < reach ? 0 : (n - reach) / p.stride[d] + 1;
    }
  }
  return p;
}
const Op extract_patches = {
    .name = "ExtractImagePatches", .inputs = {"images: T"}, .outputs = {"patches: T"},
    .attrs = {"ksizes: list(int) >= 4", "strides: list(int) >= 4", "rates: list(int) >= 4", "T: type", "padding: {'SAME', 'VALID'}"},
    .doc = "For each position of a window over NHWC images its pixels, row by row, as channels; zeros outside.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      if (!s.known_rank()) return c.output(Shape::of_rank(4));
      c.check(s.rank() == 4, "Shape must be rank 4 but is rank {}", s.rank());
      const Patches p = patches_of(c, s);
      c.output({s[0], p.out[0], p.out[1], s[3] < 0 ? -1 : s[3] * p.size[0] * p.size[1]});
    },
    // Patches of an image of pixel numbers say which pixel each value of dy belongs to; 0 is the outside.
    .grad = [](GradCtx& g) {
      const Shape &s = g.in(0).shape(), &o = g.out().shape();
      check(s.fully_known() && o.fully_known(), Code::unimplemented, "ExtractImagePatches: its gradient needs the shape of the images while tracing");
      const int64_t pixels = s[1] * s[2], places = g.ints("ksizes")[1] * g.ints("ksizes")[2];
      const NamedAttr attrs[] = {{"ksizes", g.ints("ksizes")}, {"strides", g.ints("strides")}, {"rates", g.ints("rates")}, {"padding", g.text("padding")}};
      const Tensor numbers = op("Reshape", {op("Range", {int_scalar(1), int_scalar(pixels + 1), int_scalar(1)}), int_vector({1, s[1], s[2], 1})});
      const Tensor which = op("Reshape", {op_all("ExtractImagePatches", {&numbers, 1}, attrs).at(0), int_vector({-1})}) - int_scalar(1);
      const Tensor parts = op("Reshape", {g.dy(), int_vector({s[0], o[1] * o[2] * places, s[3]})});
      const Tensor sums = op("UnsortedSegmentSum", {op("Transpose", {parts, int_vector({1, 0, 2})}), which, int_scalar(pixels)});
      g.to(0, op("Reshape", {op("Transpose", {sums, int_vector({1, 0, 2})}), int_vector(s.vector())}));
    },
    .grad_reads = {"images", "patches"},
};
NINEFOLD_REGISTER(extract_patches);
// Neighbouring windows whose taps `tap` to `tap + taps` lie inside of the image, the others outside.
struct Windows { int64_t first, count, tap, taps; };
std::vector<Windows> windows_along(const Patches& p, int axis, int64_t n) {
  std::vector<Windows> all;
  for (int64_t at = 0; at < p.out[axis]; ++at) {
    Windows w{at, 1, p.size[axis], 0};
    for (int64_t t = 0; t < p.size[axis]; ++t) {
      const int64_t place = at * p.stride[axis] - p.before[axis] + t * p.rate[axis];
      if (place < 0 || place >= n) continue;
      w.tap = std::min(w.tap, t);
      ++w.taps;
    }
    if (!all.empty() && all.back().tap == w.tap && all.back().taps == w.taps) ++all.back().count;
    else all.push_back(w);
  }
  return all;
}
// The windows in the middle are one copy; so are those of each kind along the borders.
void extract_patches_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const Patches p = patches_of(k, s);
  const DType d = k.dtype(0);
  const int64_t c = s[3];
  if (k.out(0).size() == 0) return;
  fill_run(k, d, k.out<void>(0), nullptr, k.out(0).size());
  const int64_t row = s[2] * c, to[] = {p.out[0] * p.out[1] * p.size[0] * p.size[1] * c, p.out[1] * p.size[0] * p.size[1] * c,
                                        p.size[0] * p.size[1] * c, p.size[1] * c, c, 1};
  const int64_t from[] = {s[1] * row, p.stride[0] * row, p.stride[1] * c, p.rate[0] * row, p.rate[1] * c, 1};
  for (const Windows& y : windows_along(p, 0, s[1]))
    for (const Windows& x : windows_along(p, 1, s[2])) {
      const int64_t size[] = {s[0], y.count, x.count, y.taps, x.taps, c};
      const int64_t first = (y.first * p.stride[0] - p.before[0] + y.tap * p.rate[0]) * row + (x.first * p.stride[1] - p.before[1] + x.tap * p.rate[1]) * c;
      if (y.taps * x.taps > 0)
        move_strided(k, d, size, element(d, k.out<void>(0), y.first * to[1] + x.first * to[2] + y.tap * to[3] + x.tap * to[4]), to,
                     element(d, k.in<void>(0), first), from);
    }
}
NINEFOLD_KERNEL(extract_patches, "CPU", Kernel{extract_patches_cpu});

}  // namespace
}  // namespace ninefold::ops
