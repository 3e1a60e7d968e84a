// In: attributes of an op that slides a window over images. Out: sizes, paddings and their errors.
#pragma once

#include <algorithm>
#include <array>
#include <string>

#include "engine/op/shape_ctx.h"

namespace ninefold::ops {

// Where each dimension of an image tensor lies: batch, then D spatial ones and channels in either order.
struct Layout {
  int spatial;                 // 1, 2 or 3
  bool channels_first;
  int channel() const { return channels_first ? 1 : spatial + 1; }
  int space(int i) const { return (channels_first ? 2 : 1) + i; }
};

// A list attribute of one entry a dimension, read for the spatial ones.
inline std::array<int64_t, 3> spatial_of(const std::vector<int64_t>& list, const Layout& l) {
  std::array<int64_t, 3> out{1, 1, 1};
  for (int i = 0; i < l.spatial; ++i)
    if (static_cast<size_t>(l.space(i)) < list.size()) out[static_cast<size_t>(i)] = list[static_cast<size_t>(l.space(i))];
  return out;
}

struct Window {
  std::array<int64_t, 3> stride{1, 1, 1}, dilation{1, 1, 1}, before{}, after{};
  std::string padding;         // SAME, VALID, EXPLICIT
};

// Output size along one spatial dimension; -1 if the input's is unknown. SAME sets before and after.
inline int64_t windowed(Window& w, int i, int64_t in, int64_t size) {
  const auto d = static_cast<size_t>(i);
  const int64_t span = (size - 1) * w.dilation[d] + 1;
  if (in < 0 || size < 0) return -1;
  if (w.padding == "SAME") {
    const int64_t out = (in + w.stride[d] - 1) / w.stride[d];
    const int64_t both = std::max<int64_t>(0, (out - 1) * w.stride[d] + span - in);
    w.before[d] = both / 2;
    w.after[d] = both - both / 2;
    return out;
  }
  // C's division, as TensorFlow's: a window that is too large by less than a stride gives nothing.
  return (in + w.before[d] + w.after[d] - span + w.stride[d]) / w.stride[d];
}

template <class Ctx>
[[noreturn]] void unimplemented(const Ctx& c, const std::string& what) {
  throw Error(Code::unimplemented, what + " [Op:" + c.op().name + "]");
}

// The attributes strides, padding, and where the op has them dilations and explicit_paddings.
template <class Ctx>
Window window_of(const Ctx& c, const Layout& l, bool has_dilations, bool has_explicit) {
  Window w;
  w.stride = spatial_of(c.ints("strides"), l);
  if (has_dilations) w.dilation = spatial_of(c.ints("dilations"), l);
  w.padding = c.text("padding");
  if (has_explicit && w.padding == "EXPLICIT") {
    const std::vector<int64_t>& pads = c.ints("explicit_paddings");
    for (int i = 0; i < l.spatial; ++i) {
      const auto at = static_cast<size_t>(2 * l.space(i));
      if (at + 1 >= pads.size()) break;
      w.before[static_cast<size_t>(i)] = pads[at];
      w.after[static_cast<size_t>(i)] = pads[at + 1];
    }
  }
  return w;
}

// What TensorFlow checks of these attributes whatever the shapes.
inline void check_window(const ShapeCtx& c, const Layout& l, bool has_dilations, bool has_explicit) {
  const auto rank = static_cast<size_t>(l.spatial + 2);
  const std::vector<int64_t>& strides = c.ints("strides");
  c.check(strides.size() == rank, "Sliding window strides field must specify {} dimensions", rank);
  if (strides[0] != 1 || strides[static_cast<size_t>(l.channel())] != 1)
    unimplemented(c, "Current implementation does not yet support strides in the batch and depth dimensions.");
  for (int i = 0; i < l.spatial; ++i)
    c.check(strides[static_cast<size_t>(l.space(i))] > 0, "Stride must be > 0, but got {}", strides[static_cast<size_t>(l.space(i))]);
  if (has_dilations) {
    const std::vector<int64_t>& dilations = c.ints("dilations");
    c.check(dilations.size() == rank, "Sliding window dilations field must specify {} dimensions", rank);
    if (dilations[0] != 1 || dilations[static_cast<size_t>(l.channel())] != 1)
      unimplemented(c, "Current implementation does not yet support dilations in the batch and depth dimensions.");
    for (int i = 0; i < l.spatial; ++i)
      c.check(dilations[static_cast<size_t>(l.space(i))] > 0, "Dilated rates should be larger than 0.");
  }
  if (has_explicit && c.text("padding") == "EXPLICIT") {
    const std::vector<int64_t>& pads = c.ints("explicit_paddings");
    c.check(pads.size() == 2 * rank, "explicit_paddings attribute must contain {} values, but got: {}", 2 * rank, pads.size());
    for (int64_t p : pads) c.check(p >= 0, "All elements of explicit_paddings must be nonnegative");
  }
}

// The spatial output sizes of an image shape, or the error that the window does not fit.
inline std::array<int64_t, 3> windowed(const ShapeCtx& c, Window& w, const Layout& l, const Shape& image,
                                       const std::array<int64_t, 3>& size) {
  std::array<int64_t, 3> out{1, 1, 1};
  for (int i = 0; i < l.spatial; ++i) {
    const auto d = static_cast<size_t>(i);
    const int64_t in = image[l.space(i)];
    out[d] = windowed(w, i, in, size[d]);
    c.check(out[d] >= 0 || in < 0 || size[d] < 0,
            "Computed output size would be negative: {} [input_size: {}, effective_filter_size: {}, stride: {}]", out[d],
            in + w.before[d] + w.after[d], (size[d] - 1) * w.dilation[d] + 1, w.stride[d]);
  }
  return out;
}

// batch, spatial sizes and channels in the layout's order.
inline Shape image_shape(const Layout& l, int64_t batch, const std::array<int64_t, 3>& space, int64_t channels) {
  Shape s = Shape::of_rank(l.spatial + 2);
  s.set(0, batch);
  s.set(l.channel(), channels);
  for (int i = 0; i < l.spatial; ++i) s.set(l.space(i), space[static_cast<size_t>(i)]);
  return s;
}

}  // namespace ninefold::ops
