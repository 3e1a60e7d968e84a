// In: sizes as Keras takes them. Out: checked sizes, one an axis, and the lengths that windows leave.
#pragma once

#include "base/check.h"
#include "ninefold/keras.h"

namespace ninefold::keras {

// One size stands for all `rank` axes. Raises Keras' text for sizes that are not positive, or negative where 0 is `allowed`.
inline void spread(std::vector<int64_t>& sizes, int rank, const char* name, bool allowed = false) {
  std::string shown, bad;
  for (int64_t s : sizes) {
    shown += (shown.empty() ? "" : ", ") + std::to_string(s);
    const std::string one = std::to_string(s);
    if (s < (allowed ? 0 : 1) && bad.find(one) == std::string::npos) bad += (bad.empty() ? "" : ", ") + one;
  }
  if (sizes.size() != 1) shown = "(" + shown + ")";
  const std::string text = fmt::format("The `{}` argument must be a tuple of {} integers. Received: {}", name, rank, shown);
  if (sizes.size() == 1) sizes.assign(static_cast<size_t>(rank), sizes[0]);
  check(sizes.size() == static_cast<size_t>(rank), Code::value, "{}", text);
  check(bad.empty(), Code::value, "{} including {{{}}} that does not satisfy the requirement `{}`.", text, bad,
        allowed ? ">= 0" : "> 0");
}
inline std::string tuple_text(const std::vector<int64_t>& sizes) {
  std::string all;
  for (int64_t s : sizes) all += (all.empty() ? "" : ", ") + std::to_string(s);
  return "(" + all + (sizes.size() == 1 ? ",)" : ")");
}
// The strides of a convolution.
inline void spread_strides(std::vector<int64_t>& strides, int rank) {
  spread(strides, rank, "strides", true);
  for (int64_t s : strides)
    check(s != 0, Code::value, "The argument `strides` cannot contains 0(s). Received: {}", tuple_text(strides));
}
inline void check_format(std::string& format) {
  if (format.empty()) format = "channels_last";
  check(format == "channels_last" || format == "channels_first", Code::value,
        "The `data_format` argument must be one of \"channels_first\", \"channels_last\". Received: {}", format);
}
inline void check_padding(const std::string& padding, bool causal) {
  check(padding == "valid" || padding == "same" || padding == "causal", Code::value,
        "The `padding` argument must be a list/tuple or one of \"valid\", \"same\" (or \"causal\", only for `Conv1D). "
        "Received: {}", padding);
  check(causal || padding != "causal", Code::value,
        "Causal padding is only supported for `Conv1D`and `SeparableConv1D`.");
}
// What a window leaves of an axis; -1 stays unknown.
inline int64_t windowed(int64_t length, int64_t window, const std::string& padding, int64_t stride, int64_t dilation = 1) {
  if (length < 0) return -1;
  const int64_t reach = window + (window - 1) * (dilation - 1);
  const int64_t n = padding == "valid" ? length - reach + 1 : length;
  return (n + stride - 1) / stride;
}
inline std::string upper(std::string s) {
  for (char& c : s) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return s;
}
// "NHWC" and its like for a number of spatial axes.
inline std::string tensor_format(const std::string& format, int rank) {
  const std::string axes = rank == 1 ? "W" : rank == 2 ? "HW" : "DHW";
  return format == "channels_first" ? "NC" + axes : "N" + axes + "C";
}
inline Value list_of(const std::vector<int64_t>& v) { return ValueList(v.begin(), v.end()); }

}  // namespace ninefold::keras
