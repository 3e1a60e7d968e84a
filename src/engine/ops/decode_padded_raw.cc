// In: strings of any length. Out: their bytes as numbers, each string cut or filled with zeros to one length.
#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::ops {
namespace {

const Op decode_padded_raw = {
    .name = "DecodePaddedRaw", .inputs = {"input_bytes: string", "fixed_length: int32"}, .outputs = {"output: out_type"},
    .attrs = {"out_type: {half, float, double, int32, uint16, uint8, int16, int8, int64, bfloat16}", "little_endian: bool = true"},
    .doc = "The bytes of strings as numbers along a new last axis; each string is cut or filled with zeros to fixed_length bytes.",
    .shape = [](ShapeCtx& c) {
      c.rank(1, 0);
      if (!c.shape(0).known_rank()) return c.unknown();
      const Tensor* length = c.value(1);
      const auto each = static_cast<int64_t>(size_of(c.type("out_type")));
      const int64_t asked = length ? length->int_at(0) : each;
      c.check(asked > 0, "fixed_length ({}) must be greater than zero.", asked);
      c.check(asked % each == 0, "fixed_length ({}) must be a multiple of the size of out_type ({})", asked, each);
      c.output(c.shape(0).concat({length ? length->int_at(0) / each : -1}));
    },
    .host = {"fixed_length"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(decode_padded_raw);
NINEFOLD_KERNEL(decode_padded_raw, "CPU", (Kernel{[](KernelCtx& k) {
  const DType d = k.type("out_type");
  const int64_t asked = k.in(1).int_at(0), each = static_cast<int64_t>(size_of(d));
  k.check(asked > 0, "fixed_length ({}) must be greater than zero.", asked);   // not known while tracing
  k.check(asked % each == 0, "fixed_length ({}) must be a multiple of the size of out_type ({})", asked, each);
  const auto length = static_cast<size_t>(asked), part = static_cast<size_t>(each);
  if (!k.has_output(0)) k.allocate(0, d, k.shape(0).concat({asked / each}));
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) {
    const std::string& s = k.in<std::string>(0)[i];
    char* to = k.out<char>(0) + static_cast<size_t>(i) * length;
    const size_t count = std::min(s.size(), length);
    std::memcpy(to, s.data(), count);
    std::memset(to + count, 0, length - count);
    for (size_t at = 0; !k.flag("little_endian") && part > 1 && at < length; at += part) std::reverse(to + at, to + at + part);
  }
}}));

}  // namespace
}  // namespace ninefold::ops
