// In: tensors. Out: the same elements in another shape, constants of a given shape, and shapes themselves.
#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/tensor_list.h"

namespace ninefold::ops {
namespace {

// ---- Identity ----
const Op identity = {
    .name = "Identity", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {"T: type"},
    .doc = "The same tensor.", .shape = shapes::same, .grad = [](GradCtx& g) { g.to(0, g.flow()); },
    .in_place = true, .grad_reads = {}, .view = true,
};
NINEFOLD_REGISTER(identity);
const Op stop_gradient = {
    .name = "StopGradient", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {"T: type"},
    .doc = "The same tensor; no gradient flows through it.", .shape = shapes::same, .in_place = true,
    .stops_gradient = true, .view = true,
};
NINEFOLD_REGISTER(stop_gradient);
const Op prevent_gradient = {
    .name = "PreventGradient", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {"T: type", "message: string = ''"},
    .doc = "The same tensor; a gradient that would flow through it is a LookupError with the message.", .shape = shapes::same,
    .grad = [](GradCtx& g) { fail(Code::key, "Gradient explicitly disabled. Reason: b\"{}\"", g.text("message")); },
    .in_place = true, .grad_reads = {}, .view = true,
};
NINEFOLD_REGISTER(prevent_gradient);
void identity_cpu(KernelCtx& k) {
  // A handle of its own to the same memory: tapes tell input and output apart.
  if (!k.in(0).impl()->buffer->borrowed()) return k.set_output(0, k.in(0).with_shape(k.shape(0)));
  k.allocate(0, k.dtype(0), k.shape(0));
  std::memcpy(k.out<char>(0), k.in<char>(0), k.in(0).bytes());
}
NINEFOLD_KERNEL(identity, "CPU", Kernel{identity_cpu});
NINEFOLD_KERNEL(stop_gradient, "CPU", Kernel{identity_cpu});
NINEFOLD_KERNEL(prevent_gradient, "CPU", Kernel{identity_cpu});

// ---- Reshape ----
Shape reshaped(const ShapeCtx& c, const Shape& from, Shape to) {
  int unknown = -1;
  int64_t known = 1;
  for (int i = 0; i < to.rank(); ++i) {
    if (to[i] == -1) {
      c.check(unknown < 0, "Only one input size may be -1, not both {} and {}", unknown, i);
      unknown = i;
    } else {
      c.check(!__builtin_mul_overflow(known, to[i], &known), "Shape {} has too many elements", to.str());
    }
  }
  if (!from.fully_known()) return to;
  if (unknown >= 0 && known == 0) {
    // Sizes of 0 leave the missing one open: it is what is left of the other dimensions, as in TensorFlow.
    int64_t have = 1, asked = 1;
    bool empty = false;
    for (int64_t d : from) d == 0 ? void(empty = true) : void(have *= d);
    for (int i = 0; i < to.rank(); ++i)
      if (i != unknown && to[i] != 0) asked *= to[i];
    c.check(empty || have % asked == 0, "Input to reshape is a tensor with {} values, but the requested shape requires a multiple of {}",
            from.size(), asked);
    to.set(unknown, have / asked);
  } else if (unknown >= 0) {
    c.check(from.size() % known == 0, "Input to reshape is a tensor with {} values, but the requested shape requires a multiple of {}",
            from.size(), known);
    to.set(unknown, from.size() / known);
  }
  c.check(to.size() == from.size(), "Input to reshape is a tensor with {} values, but the requested shape has {}",
          from.size(), to.size());
  return to;
}

const Op reshape = {
    .name = "Reshape", .inputs = {"tensor: T", "shape: Tshape"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tshape: index = int32"},
    .doc = "The elements of `tensor` in row-major order, in another shape; one dimension may be -1.",
    .shape = [](ShapeCtx& c) {
      if (const Tensor* v = c.value(1); v && v->rank() < 2)
        for (int64_t i = 0; i < v->size(); ++i) c.check(v->int_at(i) >= -1, "Size {} must be non-negative, not {}", i, v->int_at(i));
      c.check(c.shape(1).rank() < 2, "sizes input must be 1-D, not {}", c.shape(1).str());
      const Shape want = c.shape_value(1, true);
      const bool open = !c.value(1) && std::count(want.begin(), want.end(), -1) > 1;   // -1 or not known: no telling
      c.output(want.known_rank() && !open ? reshaped(c, c.shape(0), want) : want);
    },
    .grad = [](GradCtx& g) { g.to(0, op("Reshape", {g.dy(), op("Shape", {g.in(0)})})); },
    .host = {"shape"}, .in_place = true, .grad_reads = {},
    .view = true,
};
NINEFOLD_REGISTER(reshape);
void reshape_cpu(KernelCtx& k) {
  const Shape want = k.out(0).shape();
  if (!k.in(0).impl()->buffer->borrowed()) return k.set_output(0, k.in(0).with_shape(want));
  std::memcpy(k.out<char>(0), k.in<char>(0), k.in(0).bytes());
}
NINEFOLD_KERNEL(reshape, "CPU", Kernel{reshape_cpu});

// ---- Shape ----
const Op shape = {
    .name = "Shape", .inputs = {"input: T"}, .outputs = {"output: out_type"},
    .attrs = {"T: type", "out_type: index = int32"}, .doc = "The dimensions of a tensor, as a vector.",
    .shape = [](ShapeCtx& c) { c.output(c.shape(0).known_rank() ? Shape{c.shape(0).rank()} : Shape{-1}); },
    .stops_gradient = true, .shape_only = true,
};
NINEFOLD_REGISTER(shape);
void shape_cpu(KernelCtx& k) {
  const Shape& s = k.shape(0);
  for (int i = 0; i < s.rank(); ++i) {
    if (k.type("out_type") == DType::i64) {
      k.out<int64_t>(0)[i] = s[i];
    } else {
      k.check(s[i] <= INT32_MAX, "Shape output type is 32-bit  but dim {} is {}", i, s[i]);
      k.out<int32_t>(0)[i] = static_cast<int32_t>(s[i]);
    }
  }
}
NINEFOLD_KERNEL(shape, "CPU", Kernel{shape_cpu});

// ---- ZerosLike, OnesLike, Fill ----
// One element, repeated: the bytes of a constant of any plain dtype.
void repeat(void* to, const void* element, size_t bytes, int64_t count) {
  char* p = static_cast<char*>(to);
  for (int64_t i = 0; i < count; ++i) std::memcpy(p + static_cast<size_t>(i) * bytes, element, bytes);
}
const Op zeros_like = {
    .name = "ZerosLike", .inputs = {"x: T"}, .outputs = {"y: T"}, .attrs = {"T: type"},
    .doc = "Zeros of the dtype and shape of x.", .shape = shapes::same, .stops_gradient = true,
    .shape_only = true,
};
NINEFOLD_REGISTER(zeros_like);
void zeros_like_cpu(KernelCtx& k) {
  // A string's zero is "", which a fresh buffer already holds.
  if (k.dtype(0) == DType::variant) return k.set_output(0, zeros_of_list(k.in(0)));
  k.check(k.dtype(0) != DType::resource, "there are no zeros of dtype {}", name_of(k.dtype(0)));
  if (is_plain(k.dtype(0))) std::memset(k.out<char>(0), 0, k.out(0).bytes());
}
NINEFOLD_KERNEL(zeros_like, "CPU", Kernel{zeros_like_cpu});
const Op ones_like = {
    .name = "OnesLike", .inputs = {"x: T"}, .outputs = {"y: T"},
    .attrs = {"T: {bfloat16, half, float, double, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64, complex128, bool}"},
    .doc = "Ones of the dtype and shape of x.", .shape = shapes::same, .stops_gradient = true,
    .shape_only = true,
};
NINEFOLD_REGISTER(ones_like);
void ones_like_cpu(KernelCtx& k) {
  unsigned char one[16] = {};
  switch (k.dtype(0)) {
    case DType::f16: { const uint16_t b = 0x3C00; std::memcpy(one, &b, 2); break; }
    case DType::bf16: { const uint16_t b = 0x3F80; std::memcpy(one, &b, 2); break; }
    case DType::f32: case DType::c64: { const float b = 1; std::memcpy(one, &b, 4); break; }
    case DType::f64: case DType::c128: { const double b = 1; std::memcpy(one, &b, 8); break; }
    default: one[0] = 1;   // integers are little-endian, and so is a bool
  }
  repeat(k.out<char>(0), one, size_of(k.dtype(0)), k.out(0).size());
}
NINEFOLD_KERNEL(ones_like, "CPU", Kernel{ones_like_cpu});
const Op fill = {
    .name = "Fill", .inputs = {"dims: index_type", "value: T"}, .outputs = {"output: T"},
    .attrs = {"T: type", "index_type: index = int32"}, .doc = "A tensor of shape `dims`, all elements `value`.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(1).rank() <= 0, "value must represent a scalar, got shape {}", c.shape(1).str());
      c.output(c.shape_value(0));
    },
    .grad = [](GradCtx& g) {
      std::vector<int32_t> axes(static_cast<size_t>(g.dy().rank()));
      for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int32_t>(i);
      g.to(1, op("Sum", {g.dy(), Tensor::of<int32_t>({static_cast<int64_t>(axes.size())}, axes)}));
    },
    .host = {"dims"}, .grad_reads = {},
};
NINEFOLD_REGISTER(fill);
void fill_cpu(KernelCtx& k) {
  const int64_t n = k.out(0).size();
  if (is_plain(k.dtype(1))) {
    repeat(k.out<char>(0), k.in<char>(1), size_of(k.dtype(1)), n);
  } else if (k.dtype(1) == DType::string) {
    for (int64_t i = 0; i < n; ++i) k.out<std::string>(0)[i] = *k.in<std::string>(1);
  } else {
    for (int64_t i = 0; i < n; ++i) k.out<std::shared_ptr<Resource>>(0)[i] = *k.in<std::shared_ptr<Resource>>(1);
  }
}
NINEFOLD_KERNEL(fill, "CPU", Kernel{fill_cpu});

}  // namespace
}  // namespace ninefold::ops
