// In: tensors of one dtype. Out: the same values in another (Cast), or several tensors as one (Pack).
#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/cast.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/tensor/resource.h"

namespace ninefold::ops {
namespace {

const Op cast = {
    .name = "Cast", .inputs = {"x: SrcT"}, .outputs = {"y: DstT"},
    .attrs = {"SrcT: type", "DstT: type", "Truncate: bool = false"},
    .doc = "The values of x in another dtype: floats truncate towards zero, bool is x != 0, complex loses its "
           "imaginary part.",
    .shape = shapes::same,
    .grad = [](GradCtx& g) {
      g.to(0, g.flow().map([&](const Tensor& dy) { return op("Cast", {dy}, {{"DstT", g.type("SrcT")}}); }));
    },
    .elementwise = true, .grad_reads = {},
};
NINEFOLD_REGISTER(cast);
// Quantised integers have the bytes of plain ones.
DType bytes_of(DType d) {
  switch (d) {
    case DType::qi8: return DType::i8;
    case DType::qu8: return DType::u8;
    case DType::qi16: return DType::i16;
    case DType::qu16: return DType::u16;
    case DType::qi32: return DType::i32;
    default: return d;
  }
}
void cast_cpu(KernelCtx& k) {
  const DType from = bytes_of(k.dtype(0)), to = bytes_of(k.out(0).dtype());
  k.check(!k.flag("Truncate") || from == to || !is_floating(to), "Truncate=true is for casts to integers, got {}", name_of(to));
  if (from == DType::string && to == DType::string) {
    std::copy_n(k.in<std::string>(0), k.out(0).size(), k.out<std::string>(0));
    return;
  }
  if (!cpu::can_cast(static_cast<int>(from), static_cast<int>(to)))
    throw Error(Code::unimplemented, fmt::format("Cast {} to {} is not supported [Op:Cast]", short_name(from), short_name(to)));
  const char* x = k.in<char>(0);
  char* y = k.out<char>(0);
  parallel_for(k.out(0).size(), 65536, [&](int64_t begin, int64_t end) {
    cpu::cast(static_cast<int>(from), x + static_cast<size_t>(begin) * size_of(from), static_cast<int>(to),
              y + static_cast<size_t>(begin) * size_of(to), end - begin);
  });
}
NINEFOLD_KERNEL(cast, "CPU", Kernel{cast_cpu});

// What flows back into one of N packed tensors is its slice; Unpack is the inverse of Pack.
const Op pack = {
    .name = "Pack", .inputs = {"values: N * T"}, .outputs = {"output: T"},
    .attrs = {"N: int >= 1", "T: type", "axis: int = 0"},
    .doc = "N tensors of one shape, stacked along a new axis.",
    .shape = [](ShapeCtx& c) {
      Shape all = c.shape(0);
      for (int i = 1; i < c.num_inputs(); ++i) {
        c.check(all.compatible(c.shape(i)), "Shapes of all inputs must match: values[0].shape = {} != values[{}].shape = {}",
                all.str(), i, c.shape(i).str());
        all = all.merge(c.shape(i));
      }
      if (!all.known_rank()) return c.unknown();
      const int64_t axis = c.integer("axis"), rank = all.rank() + 1;
      c.check(axis >= -rank && axis < rank, "axis = {} not in [{}, {})", axis, -rank, rank);
      const int at = static_cast<int>(axis < 0 ? axis + rank : axis);
      c.output(all.slice(0, at).concat({c.num_inputs()}).concat(all.slice(at, all.rank())));
    },
    .grad = [](GradCtx& g) {
      const Tensor dy = g.dy();
      const Tensors parts = op_all("Unpack", {&dy, 1}, std::initializer_list<NamedAttr>{{"num", g.num_inputs()}, {"axis", g.integer("axis")}});
      for (int i = 0; i < g.num_inputs(); ++i) g.to(i, parts[static_cast<size_t>(i)]);
    },
    .grad_reads = {},
};
NINEFOLD_REGISTER(pack);

const Op unpack = {
    .name = "Unpack", .inputs = {"value: T"}, .outputs = {"output: num * T"},
    .attrs = {"num: int >= 0", "T: type", "axis: int = 0"},
    .doc = "The slices of a tensor along one axis, which goes away.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      if (!s.known_rank()) return c.unknown();
      const int64_t axis = c.integer("axis");
      c.check(axis >= -s.rank() && axis < s.rank(), "axis = {} not in [{}, {})", axis, -s.rank(), s.rank());
      const int at = static_cast<int>(axis < 0 ? axis + s.rank() : axis);
      c.check(s[at] < 0 || s[at] == c.integer("num"), "Input shape axis {} must equal {}, got shape {}", at,
              c.integer("num"), s.str());
      for (int i = 0; i < c.integer("num"); ++i) c.output(i, s.slice(0, at).concat(s.slice(at + 1, s.rank())));
    },
    .grad = [](GradCtx& g) {
      Tensors all;
      for (int i = 0; i < g.num_outputs(); ++i) all.push_back(g.dy(i));
      const NamedAttr axis("axis", g.integer("axis"));
      g.to(0, op_all("Pack", all, {&axis, 1}).at(0));
    },
    .grad_reads = {},
};
NINEFOLD_REGISTER(unpack);

// Both walk the stacked tensor as [outer, N, inner]; `copy(part, outer)` moves one run of `inner`.
template <class Copy>
void each_run(const Shape& stacked, int64_t axis, const Copy& copy) {
  const int at = static_cast<int>(axis < 0 ? axis + stacked.rank() : axis);
  const int64_t outer = stacked.slice(0, at).size(), inner = stacked.slice(at + 1, stacked.rank()).size();
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < stacked[at]; ++i) copy(i, (o * stacked[at] + i) * inner, o * inner, inner);
}
void move(DType dtype, const Tensor& from, int64_t at, Tensor& to, int64_t where, int64_t n) {
  const size_t size = size_of(dtype);
  const char* x = static_cast<const char*>(from.impl()->data) + static_cast<size_t>(at) * size;
  char* y = static_cast<char*>(to.impl()->data) + static_cast<size_t>(where) * size;
  if (is_plain(dtype)) std::memcpy(y, x, static_cast<size_t>(n) * size);
  else if (dtype == DType::string) std::copy_n(reinterpret_cast<const std::string*>(x), n, reinterpret_cast<std::string*>(y));
  else std::copy_n(reinterpret_cast<const std::shared_ptr<Resource>*>(x), n, reinterpret_cast<std::shared_ptr<Resource>*>(y));
}
void pack_cpu(KernelCtx& k) {
  each_run(k.out(0).shape(), k.integer("axis"), [&](int64_t part, int64_t stacked, int64_t single, int64_t n) {
    move(k.out(0).dtype(), k.in(static_cast<int>(part)), single, k.out(0), stacked, n);
  });
}
void unpack_cpu(KernelCtx& k) {
  each_run(k.shape(0), k.integer("axis"), [&](int64_t part, int64_t stacked, int64_t single, int64_t n) {
    move(k.dtype(0), k.in(0), stacked, k.out(static_cast<int>(part)), single, n);
  });
}
NINEFOLD_KERNEL(pack, "CPU", Kernel{pack_cpu});
NINEFOLD_KERNEL(unpack, "CPU", Kernel{unpack_cpu});

}  // namespace
}  // namespace ninefold::ops
