// In: a tensor. Out: the same bytes, of a checked shape (EnsureShape) or read as another dtype (Bitcast).
#include <cstring>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// ---- EnsureShape ----
const Op ensure_shape = {
    .name = "EnsureShape", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {"shape: shape", "T: type"},
    .doc = "The same tensor; raises InvalidArgumentError if its shape is not compatible with the given one.",
    .shape = [](ShapeCtx& c) {
      const auto& want = std::get<Shape>(c.attr("shape"));
      c.check(c.shape(0).compatible(want), "Shape of tensor dummy_input {} is not compatible with expected shape {}.", c.shape(0).str(), want.str());
      c.output(c.shape(0).merge(want));
    },
    .grad = [](GradCtx& g) { g.to(0, g.flow()); }, .grad_reads = {},
};
NINEFOLD_REGISTER(ensure_shape);
void ensure_shape_cpu(KernelCtx& k) {
  const auto& want = std::get<Shape>(k.attr("shape"));
  k.check(k.shape(0).compatible(want), "Shape of tensor dummy_input {} is not compatible with expected shape {}.", k.shape(0).str(), want.str());
  share_input(k, k.shape(0));
}
NINEFOLD_KERNEL(ensure_shape, "CPU", Kernel{ensure_shape_cpu});

// ---- Bitcast ----
const char* kPlain = "{bfloat16, half, float, double, int64, int32, uint8, uint16, uint32, uint64, int8, int16, complex64, complex128, "
                     "qint8, quint8, qint16, quint16, qint32}";
const Op bitcast = {
    .name = "Bitcast", .inputs = {"input: T"}, .outputs = {"output: type"}, .attrs = {std::string("T: ") + kPlain, std::string("type: ") + kPlain},
    .doc = "The same bytes as another dtype: a narrower one adds a dimension, a wider one takes the last away.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      const auto from = static_cast<int64_t>(size_of(c.dtype(0))), to = static_cast<int64_t>(size_of(c.type("type")));
      if (!s.known_rank()) return c.unknown();
      if (from == to) return c.output(s);
      if (from > to) return c.output(s.concat({from / to}));
      c.check(s.rank() > 0 && (s.dim(-1) < 0 || s.dim(-1) == to / from), "Cannot bitcast from {} to {}", static_cast<int>(c.dtype(0)),
              static_cast<int>(c.type("type")));
      c.output(s.slice(0, s.rank() - 1));
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(bitcast);
void bitcast_cpu(KernelCtx& k) {
  give_outputs(k);
  move_run(k, DType::u8, k.out<void>(0), k.in<void>(0), static_cast<int64_t>(k.in(0).bytes()));
}
NINEFOLD_KERNEL(bitcast, "CPU", Kernel{bitcast_cpu});

}  // namespace
}  // namespace ninefold::ops
