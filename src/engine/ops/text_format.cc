// In: tensors. Out: their text, as tf.print and Assert show it.
#include "engine/ops/text_format.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace ninefold::ops {

std::string number_text(double v, bool single) {
  if (std::isnan(v)) return "nan";
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  char text[40];
  std::snprintf(text, sizeof text, single ? "%.6g" : "%.15g", v);
  const bool exact = single ? std::strtof(text, nullptr) == static_cast<float>(v) : std::strtod(text, nullptr) == v;
  if (!exact) std::snprintf(text, sizeof text, single ? "%.9g" : "%.17g", v);
  return text;
}

std::string escaped(std::string_view s) {
  std::string out;
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '"': out += "\\\""; break;
      case '\'': out += "\\'"; break;
      case '\\': out += "\\\\"; break;
      default:
        if (byte < 32 || byte >= 127) out += fmt::format("\\{:03o}", byte);
        else out += c;
    }
  }
  return out;
}

namespace {

std::string element(const Tensor& t, int64_t i, bool quoted) {
  switch (t.dtype()) {
    case DType::string: {
      const std::string text = escaped(t.as<std::string>()[i]);
      return quoted ? "\"" + text + "\"" : text;
    }
    case DType::f64: return number_text(t.as<double>()[i], false);
    case DType::f32: case DType::f16: case DType::bf16: return number_text(t.float_at(i), true);
    case DType::boolean: return t.as<bool>()[i] ? "1" : "0";
    case DType::u64: return std::to_string(t.as<uint64_t>()[i]);
    default: return is_integer(t.dtype()) ? std::to_string(t.int_at(i)) : "?";
  }
}

// Between two parts of an axis: a blank, or as many lines as axes end here and the indent of the next.
void spacing(int axis, int rank, std::string& out) {
  if (axis == rank - 1) { out += ' '; return; }
  out.append(static_cast<size_t>(rank - axis - 1), '\n');
  out.append(static_cast<size_t>(axis) + 1, ' ');
}

void axis_text(const Tensor& t, int axis, int64_t at, int64_t ends, std::string& out) {
  if (axis == t.rank()) { out += element(t, at, true); return; }
  const int64_t count = t.dim(axis), each = t.shape().slice(axis + 1, t.rank()).size();
  out += '[';
  for (int64_t i = 0; i < std::min(ends, count); ++i) {
    if (i > 0) spacing(axis, t.rank(), out);
    axis_text(t, axis + 1, at + i * each, ends, out);
  }
  if (count > 2 * ends) {
    spacing(axis, t.rank(), out);
    out += "...";
  }
  for (int64_t i = std::max(ends, count - ends); i < count; ++i) {
    spacing(axis, t.rank(), out);
    axis_text(t, axis + 1, at + i * each, ends, out);
  }
  out += ']';
}

void first_of_axis(const Tensor& t, int axis, int64_t limit, int64_t& at, std::string& out) {
  if (at >= limit) return;
  if (axis == t.rank() - 1) {
    for (int64_t i = 0; i < t.dim(axis); ++i) {
      if (at >= limit) {
        if (axis != 0) out += "...";
        return;
      }
      if (i > 0) out += ' ';
      out += element(t, at++, false);
    }
    return;
  }
  for (int64_t i = 0; i < t.dim(axis); ++i) {
    const bool opens = at < limit;
    if (opens) out += '[';
    first_of_axis(t, axis + 1, limit, at, out);
    if (opens || at < limit) out += ']';
  }
}

}  // namespace

std::string summarized(const Tensor& t, int64_t ends) {
  if (t.rank() == 0) return element(t, 0, true);
  std::string out;
  axis_text(t, 0, 0, ends < 0 ? t.size() : std::min(ends, t.size()), out);
  return out;
}

std::string first_elements(const Tensor& t, int64_t limit) {
  if (t.rank() == 0) return limit == 0 ? "..." : element(t, 0, false);
  const int64_t some = limit < 0 ? t.size() : std::min(limit, t.size());
  std::string out;
  int64_t at = 0;
  first_of_axis(t, 0, some, at, out);
  if (t.size() > some) out += "...";
  return out;
}

}  // namespace ninefold::ops
