// In: a tensor, where to begin, and how much or how far. Out: that part of it (Slice, StridedSlice), and the way back.
#include <algorithm>
#include <functional>

#include "engine/op/grad_ctx.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/strided_slice.h"

namespace ninefold::ops {

SliceSpec resolve_slice(const Shape& input, int64_t count, const std::vector<int64_t>* begin,
                        const std::vector<int64_t>* end, const std::vector<int64_t>* strides, const SliceMasks& masks,
                        const std::function<void(const std::string&)>& raise) {
  const int rank = input.rank();
  auto bit = [](int64_t mask, int64_t i) { return (mask >> i & 1) != 0; };
  int64_t ellipsis = -1, new_after = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (bit(masks.ellipsis, i)) {
      if (ellipsis >= 0) raise("Multiple ellipses in slice spec not allowed");
      ellipsis = i;
    } else if (bit(masks.new_axis, i)) {
      ++new_after;   // only how many there are matters: each takes no dimension of the input
    }
  }
  SliceSpec r;
  std::vector<int64_t> result;
  auto whole = [&] {
    const int64_t d = input[static_cast<int>(r.sizes.size())];
    r.begin.push_back(0);
    r.strides.push_back(1);
    r.sizes.push_back(d);
    result.push_back(d);
  };
  auto ellipsis_dims = [&] {   // what the other entries leave over
    const int64_t named = count - (ellipsis >= 0 ? 1 : 0) - new_after;
    for (int64_t i = named; i < rank; ++i) whole();
  };
  for (int64_t i = 0; i < count; ++i) {
    if (i == ellipsis) {
      ellipsis_dims();
      continue;
    }
    if (bit(masks.new_axis, i)) {
      result.push_back(1);
      continue;
    }
    const int at = static_cast<int>(r.sizes.size());
    if (at >= rank) raise(fmt::format("Index out of range using input dim {}; input has only {} dims", at, rank));
    const int64_t dim = input[at], stride = strides ? (*strides)[static_cast<size_t>(i)] : 1;
    const bool shrinks = bit(masks.shrink, i);
    if (stride == 0) raise(fmt::format("strides[{}] must be non-zero", at));
    if (shrinks && stride < 0) raise("only stride 1 allowed on non-range indexing.");
    const bool free_begin = bit(masks.begin, i), free_end = bit(masks.end, i);
    int64_t from = 0, size = -1;
    const bool known = dim >= 0 && strides && (begin || free_begin) && (end || free_end || shrinks);
    if (shrinks) {
      size = 1;
      if (begin && dim >= 0) {
        from = (*begin)[static_cast<size_t>(i)];
        if (free_begin) from = 0;
        if (from < 0) from += dim;
        if (from < 0 || from >= dim) raise(fmt::format("slice index {} of dimension {} out of bounds.", from, at));
      }
    } else if (known) {
      const int64_t least = stride > 0 ? 0 : -1, most = stride > 0 ? dim : dim - 1;
      auto clamped = [&](int64_t x) { return std::clamp(x < 0 ? x + dim : x, least, most); };
      from = free_begin ? (stride > 0 ? least : most) : clamped((*begin)[static_cast<size_t>(i)]);
      const int64_t to = free_end ? (stride > 0 ? most : least) : clamped((*end)[static_cast<size_t>(i)]);
      const int64_t span = to - from;
      size = span == 0 || (span < 0) != (stride < 0) ? 0 : span / stride + (span % stride != 0);
    }
    r.begin.push_back(from);
    r.strides.push_back(shrinks ? 1 : stride);
    r.sizes.push_back(size);
    if (!shrinks) result.push_back(size);
  }
  if (ellipsis < 0) ellipsis_dims();
  r.result = Shape(result);
  return r;
}

namespace {

// ---- Slice ----
const Op slice = {
    .name = "Slice", .inputs = {"input: T", "begin: Index", "size: Index"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Index: index"}, .doc = "The part of a tensor that begins at `begin` and has shape `size`; -1 in size: the rest.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      const Tensor *begin = c.value(1), *size = c.value(2);
      if (s.known_rank())
        c.check((!c.shape(1).fully_known() || c.shape(1) == Shape{s.rank()}) && (!c.shape(2).fully_known() || c.shape(2) == Shape{s.rank()}),
                "Expected begin and size arguments to be 1-D tensors of size {}, but got shapes {} and {} instead.", s.rank(),
                c.shape(1).str(), c.shape(2).str());
      if (!s.known_rank() || !size) {
        const Shape want = c.shape_value(2, true);   // -1: the rest, or not known
        return c.output(want.known_rank() || !s.known_rank() ? want : Shape::of_rank(s.rank()));
      }
      Shape out = s;
      for (int i = 0; i < s.rank(); ++i) {
        const int64_t n = size->int_at(i), from = begin ? begin->int_at(i) : -1;
        if (begin && s[i] >= 0) {
          c.check(from >= 0 && from <= s[i], "Expected begin[{}] in [0, {}], but got {}", i, s[i], from);
          c.check(n >= -1 && from + n <= s[i], "Expected size[{}] in [0, {}], but got {}", i, s[i] - from, n);
        }
        out.set(i, n >= 0 ? n : begin && s[i] >= 0 ? s[i] - from : -1);
      }
      c.output(out);
    },
    // dy in a frame of zeros.
    .grad = [](GradCtx& g) {
      const DType index = g.type("Index");
      const Tensor& begin = g.in(1);
      const Tensor after = shape_tensor(g.in(0), index) - begin - shape_tensor(g.out(), index);
      g.to(0, op("Pad", {g.dy(), op("Pack", {begin, after}, {{"axis", 1}})}));
    },
    .host = {"begin", "size"}, .grad_reads = {"begin"},
};
NINEFOLD_REGISTER(slice);
void slice_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const std::vector<int64_t> begin = k.in(1).ints(), strides = strides_of(s.dims());
  int64_t offset = 0;
  const Shape& out = k.out(0).shape();
  for (size_t i = 0; i < begin.size(); ++i) {
    // A plan may have known the size alone.
    const int64_t d = s[static_cast<int>(i)], n = out[static_cast<int>(i)];
    k.check(begin[i] >= 0 && begin[i] <= d, "Expected begin[{}] in [0, {}], but got {}", i, d, begin[i]);
    k.check(begin[i] + n <= d, "Expected size[{}] in [0, {}], but got {}", i, d - begin[i], n);
    offset += begin[i] * strides[i];
  }
  if (out.size() == 0) return;
  move_strided(k, k.dtype(0), out.dims(), k.out<void>(0), strides_of(out.dims()), element(k.dtype(0), k.in<void>(0), offset), strides);
}
NINEFOLD_KERNEL(slice, "CPU", Kernel{slice_cpu});

// ---- StridedSlice, StridedSliceGrad ----
const std::vector<std::string> kSliceAttrs = {"T: type", "Index: {int16, int32, int64}", "begin_mask: int = 0", "end_mask: int = 0",
                                              "ellipsis_mask: int = 0", "new_axis_mask: int = 0", "shrink_axis_mask: int = 0"};
std::vector<NamedAttr> masks_as_attrs(const GradCtx& g) {
  std::vector<NamedAttr> all;
  for (const char* name : {"begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"})
    all.emplace_back(name, g.integer(name));
  return all;
}
// begin, end and strides lie at inputs first, first + 1, first + 2.
SliceSpec spec_in(const ShapeCtx& c, const Shape& input, int first) {
  std::vector<int64_t> values[3];
  const std::vector<int64_t>* known[3] = {};
  for (int i = 0; i < 3; ++i)
    if (const Tensor* t = c.value(first + i)) values[i] = t->ints(), known[i] = &values[i];
  return resolve_slice(input, c.shape(first)[0], known[0], known[1], known[2], masks_of(c),
                       [&](const std::string& text) { c.raise(text); });
}
void check_vectors(const ShapeCtx& c, int first) {
  const Shape &b = c.shape(first), &e = c.shape(first + 1), &s = c.shape(first + 2);
  if (!b.fully_known() || !e.fully_known() || !s.fully_known()) return;
  c.check(b.rank() == 1 && b == e && b == s && b[0] < 32,
          "Expected begin, end, and strides to be 1D equal size tensors, but got shapes {}, {}, and {} instead.", b.str(),
          e.str(), s.str());
}
SliceSpec spec_of(KernelCtx& k, const Shape& input, int first) {
  const std::vector<int64_t> b = k.in(first).ints(), e = k.in(first + 1).ints(), s = k.in(first + 2).ints();
  return resolve_slice(input, static_cast<int64_t>(b.size()), &b, &e, &s, masks_of(k), [&](const std::string& t) { k.raise(t); });
}

const Op strided_slice = {
    .name = "StridedSlice", .inputs = {"input: T", "begin: Index", "end: Index", "strides: Index"}, .outputs = {"output: T"},
    .attrs = kSliceAttrs,
    .doc = "What Python's input[begin:end:strides, ...] means. Bit i of a mask speaks of entry i: begin_mask and end_mask "
           "leave it open, ellipsis_mask makes it `...`, new_axis_mask a new dimension, shrink_axis_mask an index.",
    .shape = [](ShapeCtx& c) {
      check_vectors(c, 1);
      if (!c.shape(0).known_rank() || !c.shape(1).fully_known()) return c.unknown();
      c.output(spec_in(c, c.shape(0), 1).result);
    },
    .grad = [](GradCtx& g) {
      const Tensor in[] = {shape_tensor(g.in(0), g.type("Index") == DType::i64 ? DType::i64 : DType::i32),
                           g.in(1), g.in(2), g.in(3), g.dy()};
      g.to(0, op_all("StridedSliceGrad", in, masks_as_attrs(g)).at(0));
    },
    .host = {"begin", "end", "strides"}, .grad_reads = {"begin", "end", "strides"},
};
NINEFOLD_REGISTER(strided_slice);
const Op strided_slice_grad = {
    .name = "StridedSliceGrad", .inputs = {"shape: Index", "begin: Index", "end: Index", "strides: Index", "dy: T"},
    .outputs = {"output: T"}, .attrs = kSliceAttrs,
    .doc = "Zeros of the given shape with dy where StridedSlice would have read.",
    .shape = [](ShapeCtx& c) {
      check_vectors(c, 1);
      c.output(c.shape_value(0));
    },
    .grad = [](GradCtx& g) {
      const Tensor in[] = {g.dy(), g.in(1), g.in(2), g.in(3)};
      g.to(4, op_all("StridedSlice", in, masks_as_attrs(g)).at(0));
    },
    .host = {"shape", "begin", "end", "strides"}, .grad_reads = {"begin", "end", "strides"},
};
NINEFOLD_REGISTER(strided_slice_grad);

struct Window {
  int64_t offset = 0;
  std::vector<int64_t> strides;
};
Window window(const SliceSpec& spec, const Shape& s) {
  Window w{0, strides_of(s.dims())};
  for (size_t i = 0; i < spec.begin.size(); ++i) {
    w.offset += spec.begin[i] * w.strides[i];
    w.strides[i] *= spec.strides[i];
  }
  return w;
}
void strided_slice_cpu(KernelCtx& k) {
  const SliceSpec spec = spec_of(k, k.shape(0), 1);
  k.allocate(0, k.dtype(0), spec.result);
  if (spec.result.size() == 0) return;
  const Window w = window(spec, k.shape(0));
  move_strided(k, k.dtype(0), spec.sizes, k.out<void>(0), strides_of(spec.sizes), element(k.dtype(0), k.in<void>(0), w.offset), w.strides);
}
void strided_slice_grad_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape s = k.out(0).shape();
  const SliceSpec spec = spec_of(k, s, 1);
  k.check(spec.result == k.shape(4), "shape of dy was {} instead of {}", k.shape(4).str(), spec.result.str());
  const DType dtype = k.dtype(4);
  fill_run(k, dtype, k.out<void>(0), nullptr, s.size());
  if (spec.result.size() == 0) return;
  const Window w = window(spec, s);
  move_strided(k, dtype, spec.sizes, element(dtype, k.out<void>(0), w.offset), w.strides, k.in<void>(4), strides_of(spec.sizes));
}
NINEFOLD_KERNEL(strided_slice, "CPU", Kernel{strided_slice_cpu});
NINEFOLD_KERNEL(strided_slice_grad, "CPU", Kernel{strided_slice_grad_cpu});

}  // namespace
}  // namespace ninefold::ops
