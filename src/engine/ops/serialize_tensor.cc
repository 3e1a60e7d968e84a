// In: a tensor, or the bytes of a TensorProto. Out: the other: SerializeTensor, ParseTensor.
#include "base/check.h"
#include "base/wire.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

const Op serialize = {
    .name = "SerializeTensor", .inputs = {"tensor: T"}, .outputs = {"serialized: string"}, .attrs = {"T: type"},
    .doc = "The bytes of a TensorProto.", .shape = shapes::scalar, .stops_gradient = true,
};
NINEFOLD_REGISTER(serialize);
NINEFOLD_KERNEL(serialize, "CPU", (Kernel{[](KernelCtx& k) {
  const Tensor& t = k.in(0);
  wire::Tensor w;
  w.dtype = static_cast<int>(t.dtype());
  w.shape.dims.assign(t.shape().begin(), t.shape().end());
  if (t.dtype() == DType::string) w.strings.assign(t.as<std::string>(), t.as<std::string>() + t.size());
  else if (is_plain(t.dtype())) w.content.assign(static_cast<const char*>(t.data()), t.bytes());
  else k.raise(fmt::format("a tensor of dtype {} has no bytes to write", name_of(t.dtype())));
  *k.out<std::string>(0) = wire::encode(w);
}}));
const OpFunction serialize_function("SerializeTensor", {"tf.io.serialize_tensor"}, "(tensor: tensor, name: str = None)",
                                    "The bytes of a TensorProto, which tf.io.parse_tensor reads.");

const Op parse = {
    .name = "ParseTensor", .inputs = {"serialized: string"}, .outputs = {"output: out_type"}, .attrs = {"out_type: type"},
    .doc = "The tensor of a TensorProto's bytes.", .shape = [](ShapeCtx& c) {
      c.check(c.shape(0).rank() <= 0, "Expected `serialized` to be a scalar, got shape: {}", c.shape(0).str());
      c.unknown();
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(parse);
NINEFOLD_KERNEL(parse, "CPU", (Kernel{[](KernelCtx& k) {
  const std::string& bytes = *k.in<std::string>(0);
  wire::Tensor w;
  try {
    w = wire::decode_tensor(bytes);
  } catch (const Error&) {
    k.raise(fmt::format("Could not parse `serialized` as TensorProto: '{}'", bytes));
  }
  const DType want = k.type("out_type"), got = static_cast<DType>(w.dtype);
  k.check(w.dtype > 0 && w.dtype < kDTypes && got == want, "Type mismatch between parsed tensor ({}) and dtype ({})",
          w.dtype > 0 && w.dtype < kDTypes ? short_name(got) : "DT_INVALID", short_name(want));
  k.check(got == DType::string || is_plain(got), "a tensor of dtype {} is not read from bytes", name_of(got));
  k.check(!w.shape.unknown_rank, "Could not parse `serialized` as TensorProto: its shape is unknown");
  const int64_t n = wire::element_count(w.shape);
  if (got == DType::string) {
    // As with numbers, the last string stands for those that are not written.
    k.check(n <= (int64_t{1} << 28), "a tensor of {} strings is not read from {} bytes", n, bytes.size());
    k.allocate(0, got, Shape(w.shape.dims));
    for (int64_t i = 0; i < n && !w.strings.empty(); ++i)
      k.out<std::string>(0)[i] = w.strings[std::min(static_cast<size_t>(i), w.strings.size() - 1)];
    return;
  }
  const std::string content = wire::dense_content(w);
  Tensor& out = k.allocate(0, got, Shape(w.shape.dims));
  k.check(content.size() == out.bytes(), "Could not parse `serialized` as TensorProto: {} bytes for shape {}", content.size(), out.shape().str());
  std::copy(content.begin(), content.end(), static_cast<char*>(out.writable()));
}}));
const Function parse_function = {
    .names = {"tf.io.parse_tensor"}, .signature = "(serialized: tensor, out_type: dtype, name: str = None)",
    .doc = "The tensor whose bytes tf.io.serialize_tensor wrote. Raises InvalidArgumentError for other bytes and another dtype.",
    .body = [](Args& a) -> Value { return op("ParseTensor", {operand(a, "serialized", DType::string)}, {{"out_type", a.dtype("out_type")}}); },
};
NINEFOLD_REGISTER(parse_function);

}  // namespace
}  // namespace ninefold::ops
