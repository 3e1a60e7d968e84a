// In: numbers or strings. Out: the other: AsString, StringToNumber; base 64; raw bytes; hash buckets.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

// ---- AsString ----

const Op as_string = {
    .name = "AsString", .inputs = {"input: T"}, .outputs = {"output: string"},
    .attrs = {"T: {float, double, int32, uint8, int16, int8, int64, bfloat16, uint16, half, uint32, uint64, complex64, complex128, bool}",
              "precision: int = -1", "scientific: bool = false", "shortest: bool = false", "width: int = -1", "fill: string = \"\""},
    .doc = "Each number as text, as printf writes it.", .shape = shapes::same, .stops_gradient = true,
};
NINEFOLD_REGISTER(as_string);
std::string printed(const std::string& form, auto value) {
  char text[512];   // the longest double has 309 digits before the point; the precision is bounded below
  const int n = std::snprintf(text, sizeof text, form.c_str(), value);
  return std::string(text, static_cast<size_t>(std::min<int>(n, sizeof text - 1)));
}
NINEFOLD_KERNEL(as_string, "CPU", (Kernel{[](KernelCtx& k) {
  const DType d = k.dtype(0);
  const int64_t precision = k.integer("precision"), width = k.integer("width");
  const std::string& fill = k.text("fill");
  const bool real = is_floating(d), complex = is_complex(d);
  k.check(fill.size() <= 1 && (fill.empty() || std::strchr("+ 0-", fill[0])), "Fill argument not supported: \"{}\"", fill);
  k.check(precision <= 100 && width <= 100, "precision and width must be at most 100, got {} and {}", precision, width);
  if (!real && !complex) {
    k.check(!k.flag("scientific") && !k.flag("shortest"), "scientific and shortest format not supported for datatype {}", short_name(d));
    k.check(precision < 0, "precision not supported for datatype {}", short_name(d));
  }
  k.check(!k.flag("scientific") || !k.flag("shortest"), "Cannot select both scientific and shortest notation");
  std::string form = "%" + fill;
  if (width > -1) form += std::to_string(width);
  if (precision > -1) form += "." + std::to_string(precision);
  const char* const kind = k.flag("shortest") ? "g" : k.flag("scientific") ? "e" : "f";
  const Tensor& in = k.in(0);
  for (int64_t i = 0, n = in.size(); i < n; ++i) {
    std::string& out = k.out<std::string>(0)[i];
    switch (d) {
      case DType::boolean: out = in.as<bool>()[i] ? "true" : "false"; break;
      case DType::u64: case DType::u32: out = printed(form + "llu", d == DType::u32 ? static_cast<unsigned long long>(in.as<uint32_t>()[i]) : in.as<uint64_t>()[i]); break;
      case DType::c64: case DType::c128: {
        const std::complex<double> c = d == DType::c64 ? std::complex<double>(in.as<std::complex<float>>()[i]) : in.as<std::complex<double>>()[i];
        out = "(" + printed(form + kind, c.real()) + "," + printed(form + kind, c.imag()) + ")";
        break;
      }
      default: out = real ? printed(form + kind, in.float_at(i)) : printed(form + "lld", static_cast<long long>(in.int_at(i)));
    }
  }
}}));
const Function as_string_function = {
    .names = {"tf.strings.as_string", "tf.as_string"},
    .signature = "(input: tensor, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1, "
                 "fill: str = '', name: str = None)",
    .doc = "Each number as text, as printf writes it; `fill` is one of '', '0', ' ', '+', '-'.",
    .body = [](Args& a) -> Value {
      return op("AsString", {operand(a, "input")},
                {{"precision", a.integer("precision")}, {"scientific", a.flag("scientific")}, {"shortest", a.flag("shortest")},
                 {"width", a.integer("width")}, {"fill", a.text("fill")}});
    },
};
NINEFOLD_REGISTER(as_string_function);

// ---- StringToNumber ----

const Op to_number = {
    .name = "StringToNumber", .inputs = {"string_tensor: string"}, .outputs = {"output: out_type"},
    .attrs = {"out_type: {float, double, int32, int64} = float"}, .doc = "The number that each string writes.",
    .shape = shapes::same, .stops_gradient = true,
};
NINEFOLD_REGISTER(to_number);
template <class T>
void to_number_cpu(KernelCtx& k) {
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) {
    const std::string& whole = k.in<std::string>(0)[i];
    std::string_view s = strip(whole);
    if (s.starts_with('+') && !s.starts_with("+-")) s.remove_prefix(1);
    T value{};
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
    bool good = !s.empty() && end == s.data() + s.size();
    if (error == std::errc::result_out_of_range && std::is_floating_point_v<T> && good) {
      // Too large or too small a float is infinity or 0, as strtod says.
      value = static_cast<T>(std::strtod(std::string(s).c_str(), nullptr));
    } else {
      good = good && error == std::errc();
    }
    k.check(good, "StringToNumberOp could not correctly convert string: {}", whole);
    k.out<T>(0)[i] = value;
  }
}
NINEFOLD_KERNEL(to_number, "CPU", Kernel{to_number_cpu<float>}, DType::f32);
NINEFOLD_KERNEL(to_number, "CPU", Kernel{to_number_cpu<double>}, DType::f64);
NINEFOLD_KERNEL(to_number, "CPU", Kernel{to_number_cpu<int32_t>}, DType::i32);
NINEFOLD_KERNEL(to_number, "CPU", Kernel{to_number_cpu<int64_t>}, DType::i64);
const Function strings_to_number = {
    .names = {"tf.strings.to_number"}, .signature = "(input: tensor, out_type: dtype = tf.float32, name: str = None)",
    .doc = "The number that each string writes.",
    .body = [](Args& a) -> Value { return op("StringToNumber", {operand(a, "input")}, {{"out_type", a.dtype("out_type")}}); },
};
NINEFOLD_REGISTER(strings_to_number);

// ---- base 64, for the web: - and _ instead of + and / ----

constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const Op encode_base64 = {
    .name = "EncodeBase64", .inputs = {"input: string"}, .outputs = {"output: string"}, .attrs = {"pad: bool = false"},
    .doc = "Web-safe base 64.", .shape = shapes::same, .stops_gradient = true,
};
NINEFOLD_REGISTER(encode_base64);
NINEFOLD_KERNEL(encode_base64, "CPU", (Kernel{[](KernelCtx& k) {
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) {
    const std::string& s = k.in<std::string>(0)[i];
    std::string out;
    for (size_t at = 0; at < s.size(); at += 3) {
      uint32_t bits = 0;
      const size_t bytes = std::min<size_t>(3, s.size() - at);
      for (size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < bytes ? static_cast<unsigned char>(s[at + j]) : 0);
      for (size_t j = 0; j <= bytes; ++j) out += digits[bits >> (18 - 6 * j) & 63];
      if (k.flag("pad")) out.append(3 - bytes, '=');
    }
    k.out<std::string>(0)[i] = out;
  }
}}));
const Function encode_base64_function = {
    .names = {"tf.io.encode_base64"}, .signature = "(input: tensor, pad: bool = False, name: str = None)", .doc = "Web-safe base 64.",
    .body = [](Args& a) -> Value { return op("EncodeBase64", {operand(a, "input")}, {{"pad", a.flag("pad")}}); },
};
NINEFOLD_REGISTER(encode_base64_function);
const Op decode_base64 = {
    .name = "DecodeBase64", .inputs = {"input: string"}, .outputs = {"output: string"}, .attrs = {},
    .doc = "What EncodeBase64 encoded.", .shape = shapes::same, .stops_gradient = true,
};
NINEFOLD_REGISTER(decode_base64);
NINEFOLD_KERNEL(decode_base64, "CPU", (Kernel{[](KernelCtx& k) {
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) {
    std::string s = k.in<std::string>(0)[i];
    while (!s.empty() && s.back() == '=') s.pop_back();
    std::string out;
    uint32_t bits = 0;
    int held = 0;
    for (const char c : s) {
      const char* at = std::strchr(digits, c);
      k.check(c && at, "Invalid character found in base64.");
      bits = bits << 6 | static_cast<uint32_t>(at - digits);
      held += 6;
      if (held >= 8) out += static_cast<char>(bits >> (held -= 8));
    }
    k.out<std::string>(0)[i] = out;
  }
}}));
const OpFunction decode_base64_function("DecodeBase64", {"tf.io.decode_base64"}, "(input: tensor, name: str = None)", "What tf.io.encode_base64 encoded.");

// ---- DecodeRaw ----

const Op decode_raw = {
    .name = "DecodeRaw", .inputs = {"bytes: string"}, .outputs = {"output: out_type"},
    .attrs = {"out_type: {half, float, double, int32, uint16, uint8, int16, int8, int64, complex64, complex128, bool, bfloat16}",
              "little_endian: bool = true"},
    .doc = "The bytes of strings of one length as numbers, along a new last axis.",
    .shape = [](ShapeCtx& c) { c.output(c.shape(0).known_rank() ? c.shape(0).concat({-1}) : Shape::unknown()); },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(decode_raw);
NINEFOLD_KERNEL(decode_raw, "CPU", (Kernel{[](KernelCtx& k) {
  const DType d = k.type("out_type");
  const size_t each = size_of(d), n = static_cast<size_t>(k.shape(0).size());
  const std::string* s = k.in<std::string>(0);
  const size_t length = n ? s[0].size() : 0;
  for (size_t i = 0; i < n; ++i)
    k.check(s[i].size() == length, "DecodeRaw requires input strings to all be the same size, but element {} has size {} != {}", i, s[i].size(), length);
  k.check(length % each == 0, "Input to DecodeRaw has length {} that is not a multiple of {}, the size of {}", length, each, short_name(d));
  k.allocate(0, d, k.shape(0).concat({static_cast<int64_t>(length / each)}));
  for (size_t i = 0; i < n; ++i) {
    char* to = k.out<char>(0) + i * length;
    std::memcpy(to, s[i].data(), length);
    const size_t part = is_complex(d) ? each / 2 : each;
    for (size_t at = 0; !k.flag("little_endian") && at < length; at += part) std::reverse(to + at, to + at + part);
  }
}}));
const Function decode_raw_function = {
    .names = {"tf.io.decode_raw"},
    .signature = "(input_bytes: tensor, out_type: dtype, little_endian: bool = True, fixed_length: tensor = None, name: str = None)",
    .doc = "The bytes of strings as numbers, along a new last axis; with fixed_length strings are cut or filled with zeros.",
    .body = [](Args& a) -> Value {
      const Tensor bytes = operand(a, "input_bytes", DType::string);
      if (!a.none("fixed_length"))
        return op("DecodePaddedRaw", {bytes, operand(a, "fixed_length")}, {{"out_type", a.dtype("out_type")}, {"little_endian", a.flag("little_endian")}});
      return op("DecodeRaw", {bytes}, {{"out_type", a.dtype("out_type")}, {"little_endian", a.flag("little_endian")}});
    },
};
NINEFOLD_REGISTER(decode_raw_function);

}  // namespace
}  // namespace ninefold::ops
