// In: images and filters. Out: convolutions as segmented products: a window's rows are a matrix's rows
// that overlap, so that nothing is unfolded; padding is a zeroed copy of one strip of rows.
#include "engine/device/cpu/conv.h"

#include <algorithm>

#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/gemm_tile.h"

namespace ninefold::cpu {

namespace {
constexpr int64_t kSlots = 16;  // strips under way at most: each has a scratch of its own
size_t round16(int64_t n) { return size_t((n + 15) / 16 * 16); }

bool plain_product(const ConvShape& s) {
  return s.kh == 1 && s.kw == 1 && s.stride_h == 1 && s.stride_w == 1 && !s.top && !s.bottom && !s.left &&
         !s.right;
}
}  // namespace

namespace conv_detail {

template <class T>
void copy_window(const T* image, int64_t h, int64_t w, int64_t c, int64_t from, int64_t rows, int64_t left,
                 int64_t wide, T* to) {
  const int64_t first = std::clamp<int64_t>(-left, 0, wide);
  const int64_t last = std::clamp<int64_t>(w - left, first, wide);
  for (int64_t r = from; r < from + rows; ++r, to += wide * c) {
    if (r < 0 || r >= h || first == last) {
      std::fill_n(to, wide * c, T(0));
      continue;
    }
    std::fill_n(to, first * c, T(0));
    std::copy_n(image + (r * w + left + first) * c, (last - first) * c, to + first * c);
    std::fill_n(to + last * c, (wide - last) * c, T(0));
  }
}
template void copy_window(const float*, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, float*);
template void copy_window(const double*, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
                          double*);

int64_t strip_rows(int64_t rows, int64_t row_bytes, int64_t extra_rows) {
  const int64_t fit = (256 << 10) / std::max<int64_t>(1, row_bytes) - extra_rows;
  return std::clamp<int64_t>(fit, 1, std::max<int64_t>(1, rows));
}

}  // namespace conv_detail

void ConvShape::pad_same() {
  auto both = [](int64_t in, int64_t span, int64_t stride) {
    return std::max<int64_t>(0, ((in + stride - 1) / stride - 1) * stride + span - in);
  };
  const int64_t high = both(h, span_h(), stride_h), across = both(w, span_w(), stride_w);
  top = high / 2, bottom = high - top;
  left = across / 2, right = across - left;
}

template <class T>
ConvForward<T>::ConvForward(const ConvShape& shape) : s_(shape) {
  const ConvShape& s = s_;
  NINEFOLD_INVARIANT(s.stride_h > 0 && s.stride_w > 0 && s.dilation_h > 0 && s.dilation_w > 0);
  if (plain_product(s)) {
    product_.emplace(GemmSpec{.m = s.n * s.h * s.w, .n = s.co, .k = s.ci});
    scratch_ = product_->scratch();
    return;
  }
  if (s.n * s.oh() * s.ow() * s.co == 0) return;
  const int64_t panel = tile_kernels<T>().panel, panels = (s.co + panel - 1) / panel;
  padded_ = s.top || s.bottom || s.left || s.right;
  pack_ = panels > 1;
  wide_ = s.w + s.left + s.right;
  // With no dilation the pixels of a filter row are neighbours: one segment a filter row.
  const int64_t taps_w = s.dilation_w == 1 ? 1 : s.kw;
  depth_ = s.dilation_w == 1 ? s.kw * s.ci : s.ci;
  for (int64_t i = 0; i < s.kh; ++i)
    for (int64_t j = 0; j < taps_w; ++j) {
      b_off_.push_back(ptrdiff_t(a_off_.size()) * depth_ * (pack_ ? panel : s.co));
      a_off_.push_back((i * s.dilation_h * wide_ + j * s.dilation_w) * s.ci);
    }
  strip_ = conv_detail::strip_rows(s.oh(), wide_ * s.ci * s.stride_h * int64_t(sizeof(T)), s.kh);
  // At least a few strips an image, when there are few images.
  if (s.n < 8) strip_ = std::min(strip_, std::max<int64_t>(1, (s.oh() + 7) / 8));
  const int64_t strips = s.n * ((s.oh() + strip_ - 1) / strip_);
  slots_ = std::min(strips, kSlots);
  if (pack_) packed_ = round16(panels * panel * s.kh * s.kw * s.ci);
  if (padded_) slot_ = round16(((strip_ - 1) * s.stride_h + s.span_h()) * wide_ * s.ci);
  scratch_ = (packed_ + slot_ * size_t(slots_)) * sizeof(T);
}

template <class T>
void ConvForward<T>::run(const T* x, const T* filter, T* y, void* scratch, const ConvEpilogue<T>& e) const {
  const ConvShape& s = s_;
  if (product_)
    return product_->run(x, filter, y, scratch, {.bias = e.bias, .relu = e.relu});
  const int64_t oh = s.oh(), ow = s.ow();
  if (s.n * oh * ow * s.co == 0) return;
  const TileKernels<T>& kernels = tile_kernels<T>();
  const int64_t panel = kernels.panel, whole = s.kh * s.kw * s.ci;
  T* packed = static_cast<T*>(scratch);
  if (pack_)
    parallel_for((s.co + panel - 1) / panel, std::max<int64_t>(1, 4096 / std::max<int64_t>(1, whole)),
                 [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i)
        for (int64_t p = 0; p < whole; ++p)
          std::copy_n(filter + p * s.co + i * panel, std::min(panel, s.co - i * panel),
                      packed + (i * whole + p) * panel);
    });

  const int64_t strips = (oh + strip_ - 1) / strip_, total = s.n * strips;
  const int64_t each = (total + slots_ - 1) / slots_;
  parallel_for(slots_, 1, [&](int64_t from, int64_t to) {
    for (int64_t slot = from; slot < to; ++slot)
      for (int64_t t = slot * each; t < std::min(total, (slot + 1) * each); ++t) {
        const int64_t image = t / strips, first = t % strips * strip_;
        const int64_t rows = std::min(strip_, oh - first);
        const T* source = x + (image * s.h + first * s.stride_h) * s.w * s.ci;
        if (padded_) {
          T* copy = packed + packed_ + size_t(slot) * slot_;
          conv_detail::copy_window(x + image * s.h * s.w * s.ci, s.h, s.w, s.ci,
                                   first * s.stride_h - s.top, (rows - 1) * s.stride_h + s.span_h(),
                                   -s.left, wide_, copy);
          source = copy;
        }
        TileJob<T> j;
        j.m = ow, j.n = s.co, j.k = depth_;
        j.row_a = s.stride_w * s.ci;
        j.b = pack_ ? packed : filter;
        j.row_b = pack_ ? panel : s.co;
        j.panel_b = pack_ ? whole * panel : panel;
        j.row_c = s.co;
        j.segments = int64_t(a_off_.size()), j.a_off = a_off_.data(), j.b_off = b_off_.data();
        j.bias = e.bias, j.relu = e.relu;
        for (int64_t r = 0; r < rows; ++r) {
          j.a = source + r * s.stride_h * wide_ * s.ci;
          j.c = y + ((image * oh + first + r) * ow) * s.co;
          kernels.product(j);
        }
      }
  });
}

template <class T>
ConvBackwardInput<T>::ConvBackwardInput(const ConvShape& shape) : s_(shape) {
  const ConvShape& s = s_;
  if (plain_product(s)) {
    product_.emplace(GemmSpec{.m = s.n * s.h * s.w, .n = s.ci, .k = s.co, .transpose_b = true});
    scratch_ = product_->scratch();
    return;
  }
  if (s.n * s.h * s.w * s.ci == 0) return;
  const int64_t panel = tile_kernels<T>().panel, panels = (s.ci + panel - 1) / panel;
  merged_ = s.stride_w == 1 && s.dilation_w == 1;
  // A padded coordinate y = q * stride + r meets output row q - (i * dilation - r) / stride for each tap i
  // with i * dilation = r (mod stride). dy is copied with enough zeros that no tap leaves the copy.
  const int64_t reach_h = (s.span_h() - 1) / s.stride_h, reach_w = (s.span_w() - 1) / s.stride_w;
  first_h_ = s.top / s.stride_h - reach_h;
  first_w_ = s.left / s.stride_w - reach_w;
  wide_ = (s.left + s.w - 1) / s.stride_w - first_w_ + 1;
  for (int64_t rh = 0; rh < s.stride_h; ++rh)
    for (int64_t rw = 0; rw < s.stride_w; ++rw) {
      Phase& phase = phases_.emplace_back();
      for (int64_t i = 0; i < s.kh; ++i) {
        if ((i * s.dilation_h) % s.stride_h != rh) continue;
        const int64_t eh = (i * s.dilation_h - rh) / s.stride_h;
        // The packed filter holds each row's taps from last to first: rising addresses of dy.
        for (int64_t j = s.kw - 1; j >= 0; --j) {
          if ((j * s.dilation_w) % s.stride_w != rw) continue;
          const int64_t ew = (j * s.dilation_w - rw) / s.stride_w;
          phase.a_off.push_back(-(eh * wide_ + ew) * s.co);
          phase.b_off.push_back((i * s.kw + s.kw - 1 - j) * s.co * panel);
          if (merged_) break;
        }
      }
    }
  strip_ = conv_detail::strip_rows(s.h, wide_ * s.co * int64_t(sizeof(T)) / s.stride_h, s.kh);
  if (s.n < 8) strip_ = std::min(strip_, std::max<int64_t>(1, (s.h + 7) / 8));
  slots_ = std::min(s.n * ((s.h + strip_ - 1) / strip_), kSlots);
  packed_ = round16(panels * panel * s.kh * s.kw * s.co);
  slot_ = round16(((strip_ + s.stride_h - 2) / s.stride_h + 1 + reach_h) * wide_ * s.co);
  scratch_ = (packed_ + slot_ * size_t(slots_)) * sizeof(T);
}

template <class T>
void ConvBackwardInput<T>::run(const T* dy, const T* filter, T* dx, void* scratch) const {
  const ConvShape& s = s_;
  if (product_) return product_->run(dy, filter, dx, scratch);
  if (s.n * s.h * s.w * s.ci == 0) return;
  const TileKernels<T>& kernels = tile_kernels<T>();
  const int64_t oh = s.oh(), ow = s.ow(), panel = kernels.panel, whole = s.kh * s.kw * s.co;
  T* packed = static_cast<T*>(scratch);
  parallel_for((s.ci + panel - 1) / panel, std::max<int64_t>(1, 4096 / std::max<int64_t>(1, whole)),
               [&](int64_t from, int64_t to) {
    for (int64_t p = from; p < to; ++p)
      for (int64_t i = 0; i < s.kh; ++i)
        for (int64_t j = 0; j < s.kw; ++j)
          kernels.transpose(std::min(panel, s.ci - p * panel), s.co,
                            filter + ((i * s.kw + j) * s.ci + p * panel) * s.co, s.co,
                            packed + (p * whole + (i * s.kw + s.kw - 1 - j) * s.co) * panel, panel);
  });

  const int64_t reach_h = (s.span_h() - 1) / s.stride_h;
  const int64_t strips = (s.h + strip_ - 1) / strip_, total = s.n * strips;
  const int64_t each = (total + slots_ - 1) / slots_;
  parallel_for(slots_, 1, [&](int64_t from, int64_t to) {
    for (int64_t slot = from; slot < to; ++slot)
      for (int64_t t = slot * each; t < std::min(total, (slot + 1) * each); ++t) {
        const int64_t image = t / strips, first = t % strips * strip_;
        const int64_t end = std::min(s.h, first + strip_);
        const int64_t begin = (first + s.top) / s.stride_h - reach_h;  // dy's row at the copy's row 0
        T* copy = packed + packed_ + size_t(slot) * slot_;
        conv_detail::copy_window(dy + image * oh * ow * s.co, oh, ow, s.co, begin,
                                 (end - 1 + s.top) / s.stride_h - begin + 1, first_w_, wide_, copy);
        TileJob<T> j;
        j.n = s.ci, j.k = merged_ ? s.kw * s.co : s.co;
        j.row_a = s.co;
        j.b = packed, j.row_b = panel, j.panel_b = whole * panel;
        j.row_c = s.stride_w * s.ci;
        for (int64_t row = first; row < end; ++row) {
          const int64_t qh = (row + s.top) / s.stride_h - begin, rh = (row + s.top) % s.stride_h;
          for (int64_t col = 0; col < std::min(s.w, s.stride_w); ++col) {
            const int64_t qw = (col + s.left) / s.stride_w - first_w_;
            const Phase& phase = phases_[size_t(rh * s.stride_w + (col + s.left) % s.stride_w)];
            j.m = (s.w - col + s.stride_w - 1) / s.stride_w;
            j.a = copy + (qh * wide_ + qw) * s.co;
            j.c = dx + ((image * s.h + row) * s.w + col) * s.ci;
            j.segments = int64_t(phase.a_off.size());
            j.a_off = phase.a_off.data(), j.b_off = phase.b_off.data();
            kernels.product(j);
          }
        }
      }
  });
}

template <class T>
ConvBackwardFilter<T>::ConvBackwardFilter(const ConvShape& shape) : s_(shape) {
  const ConvShape& s = s_;
  const int64_t size = s.kh * s.kw * s.ci * s.co, oh = s.oh(), ow = s.ow();
  if (size == 0 || s.n * oh * ow == 0) return;
  const int64_t panel = tile_kernels<T>().panel;
  padded_ = s.top || s.bottom || s.left || s.right;
  wide_ = s.w + s.left + s.right;
  strip_ = conv_detail::strip_rows(oh, (wide_ * s.ci * s.stride_h + ow * s.co) * int64_t(sizeof(T)) * 2, s.kh);
  // Sums over images run in groups side by side, each into its own filter, added in order at the end;
  // a large filter is cut by columns instead.
  const int64_t strips = s.n * ((oh + strip_ - 1) / strip_);
  groups_ = std::min({strips, std::clamp<int64_t>((1 << 20) / size, 1, 8)});
  across_ = std::clamp<int64_t>(8 / groups_, 1, (s.co + panel - 1) / panel);
  cols_ = ((s.co + across_ - 1) / across_ + panel - 1) / panel * panel;
  for (int64_t r = 0; r < strip_; ++r) {
    a_off_.push_back(r * s.stride_h * wide_ * s.ci);
    b_off_.push_back(r * ow * s.co);
  }
  if (padded_) slot_ = round16(((strip_ - 1) * s.stride_h + s.span_h()) * wide_ * s.ci);
  scratch_ = (slot_ * size_t(groups_ * across_) + size_t((groups_ - 1) * size)) * sizeof(T);
}

template <class T>
void ConvBackwardFilter<T>::run(const T* x, const T* dy, T* df, void* scratch) const {
  const ConvShape& s = s_;
  const int64_t size = s.kh * s.kw * s.ci * s.co, oh = s.oh(), ow = s.ow();
  if (size == 0) return;
  if (s.n * oh * ow == 0) {
    std::fill_n(df, size, T(0));
    return;
  }
  const TileKernels<T>& kernels = tile_kernels<T>();
  T* copies = static_cast<T*>(scratch);
  T* partial = copies + slot_ * size_t(groups_ * across_);  // group 0 sums in df itself
  const int64_t strips = (oh + strip_ - 1) / strip_, total = s.n * strips;
  const int64_t each = (total + groups_ - 1) / groups_;
  const bool merged = s.dilation_w == 1;
  parallel_for(groups_ * across_, 1, [&](int64_t from, int64_t to) {
    for (int64_t task = from; task < to; ++task) {
      const int64_t group = task / across_, col = task % across_ * cols_;
      if (col >= s.co) continue;
      T* sum = group == 0 ? df : partial + (group - 1) * size;
      // Rounding up may leave the last groups without strips: their sums are zeros.
      if (group * each >= total)
        for (int64_t p = 0; p < s.kh * s.kw * s.ci; ++p)
          std::fill_n(sum + p * s.co + col, std::min(cols_, s.co - col), T(0));
      for (int64_t t = group * each; t < std::min(total, (group + 1) * each); ++t) {
        const int64_t image = t / strips, first = t % strips * strip_;
        const int64_t rows = std::min(strip_, oh - first);
        const T* source = x + (image * s.h + first * s.stride_h) * s.w * s.ci;
        if (padded_) {
          T* copy = copies + size_t(task) * slot_;
          conv_detail::copy_window(x + image * s.h * s.w * s.ci, s.h, s.w, s.ci, first * s.stride_h - s.top,
                                   (rows - 1) * s.stride_h + s.span_h(), -s.left, wide_, copy);
          source = copy;
        }
        TileJob<T> j;
        j.m = merged ? s.kw * s.ci : s.ci;
        j.n = std::min(cols_, s.co - col), j.k = ow;
        j.row_a = 1, j.col_a = s.stride_w * s.ci;
        j.b = dy + ((image * oh + first) * ow) * s.co + col;
        j.row_b = s.co, j.panel_b = kernels.panel;
        j.row_c = s.co;
        j.segments = rows, j.a_off = a_off_.data(), j.b_off = b_off_.data();
        j.accumulate = t > group * each;
        for (int64_t i = 0; i < s.kh; ++i)
          for (int64_t k = 0; k < (merged ? 1 : s.kw); ++k) {
            j.a = source + (i * s.dilation_h * wide_ + k * s.dilation_w) * s.ci;
            j.c = sum + (i * s.kw + k) * s.ci * s.co + col;
            kernels.product(j);
          }
      }
    }
  });
  if (groups_ > 1)
    parallel_for(size, 1 << 14, [&](int64_t from, int64_t to) {
      for (int64_t g = 0; g < groups_ - 1; ++g)
        for (int64_t i = from; i < to; ++i) df[i] += partial[g * size + i];
    });
}

void conv_plain(const ConvShape& s, const int32_t* x, const int32_t* filter, int32_t* y) {
  const int64_t oh = s.oh(), ow = s.ow();
  parallel_for(s.n * oh, 1, [&](int64_t from, int64_t to) {
    for (int64_t t = from; t < to; ++t)
      for (int64_t col = 0; col < ow; ++col)
        for (int64_t o = 0; o < s.co; ++o) {
          uint32_t sum = 0;  // unsigned: overflow wraps
          for (int64_t i = 0; i < s.kh; ++i)
            for (int64_t j = 0; j < s.kw; ++j) {
              const int64_t r = t % oh * s.stride_h + i * s.dilation_h - s.top;
              const int64_t c = col * s.stride_w + j * s.dilation_w - s.left;
              if (r < 0 || r >= s.h || c < 0 || c >= s.w) continue;
              const int32_t* pixel = x + ((t / oh * s.h + r) * s.w + c) * s.ci;
              const int32_t* taps = filter + (i * s.kw + j) * s.ci * s.co + o;
              for (int64_t k = 0; k < s.ci; ++k) sum += uint32_t(pixel[k]) * uint32_t(taps[k * s.co]);
            }
          y[(t * ow + col) * s.co + o] = int32_t(sum);
        }
  });
}

template class ConvForward<float>;
template class ConvForward<double>;
template class ConvBackwardInput<float>;
template class ConvBackwardInput<double>;
template class ConvBackwardFilter<float>;
template class ConvBackwardFilter<double>;

}  // namespace ninefold::cpu
