// In: the bytes of a GIF. Out: its frames as red, green and blue, each over the one before it.
#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"
#include "engine/ops/image_files.h"

namespace ninefold::ops::image_files {
namespace {

[[noreturn]] void refuse_gif(std::string_view file, const std::string& why) {
  fail(Code::invalid_argument, "Invalid GIF data (size {}), {}", file.size(), why);
}

// Reads only inside of the file; past its end everything is 0 and `ended`.
struct GifBytes {
  std::string_view data;
  size_t at = 0;
  bool ended = false;
  unsigned byte() {
    if (at < data.size()) return static_cast<unsigned char>(data[at++]);
    ended = true;
    return 0;
  }
  unsigned word() {
    const unsigned low = byte();
    return low | byte() << 8;
  }
  void skip(size_t n) {
    if (n > data.size() - at) ended = true;
    at += std::min(n, data.size() - at);
  }
  // Blocks of up to 255 bytes, until one of none; given to `take` or passed over.
  template <class F>
  void blocks(const F& take) {
    for (unsigned n = byte(); n != 0 && !ended; n = byte()) {
      const size_t have = std::min<size_t>(n, data.size() - at);
      take(data.substr(at, have));
      skip(n);
    }
  }
};

struct Colours {
  std::vector<std::array<uint8_t, 3>> of;
};
Colours colours(GifBytes& in, unsigned flags) {
  Colours map;
  map.of.resize(size_t{2} << (flags & 7));
  for (auto& c : map.of)
    for (uint8_t& part : c) part = static_cast<uint8_t>(in.byte());
  return map;
}

struct Frame {
  int64_t left = 0, top = 0, width = 0, height = 0;
  Colours map;
  int transparent = -1;
  std::vector<uint8_t> indices;
};

// Lempel, Ziv and Welch's codes of growing width. False where they end before all pixels are there, or make no sense.
bool unpack(const std::string& codes, unsigned first_size, std::vector<uint8_t>& out) {
  if (first_size > 8) return false;
  constexpr unsigned kMost = 4096;
  const unsigned clear = 1u << first_size, end = clear + 1;
  std::array<uint16_t, kMost> before{};
  std::array<uint8_t, kMost> last{};
  std::array<uint8_t, kMost + 1> text{};
  unsigned next = end + 1, size = first_size + 1, bits = 0, held = 0;
  int previous = -1;
  size_t written = 0, at = 0;
  uint8_t first = 0;
  while (written < out.size()) {
    while (bits < size) {
      if (at == codes.size()) return false;
      held |= static_cast<unsigned>(static_cast<unsigned char>(codes[at++])) << bits;
      bits += 8;
    }
    const unsigned code = held & ((1u << size) - 1);
    held >>= size;
    bits -= size;
    if (code == clear) {
      next = end + 1, size = first_size + 1, previous = -1;
      continue;
    }
    if (code == end || code > next || (code == next && previous < 0)) return false;
    size_t n = 0;   // written backwards
    unsigned walk = code;
    if (code == next) {
      text[n++] = first;
      walk = static_cast<unsigned>(previous);
    }
    while (walk > end && n < kMost) {
      text[n++] = last[walk];
      walk = before[walk];
    }
    if (walk >= clear) return false;
    first = static_cast<uint8_t>(walk);
    text[n++] = first;
    if (previous >= 0 && next < kMost) {
      before[next] = static_cast<uint16_t>(previous);
      last[next] = first;
      ++next;
      if (next == 1u << size && size < 12) ++size;
    }
    previous = static_cast<int>(code);
    while (n > 0 && written < out.size()) out[written++] = text[--n];
  }
  return true;
}

// Rows of an interlaced frame come in four passes.
void weave(Frame& f) {
  std::vector<uint8_t> straight(f.indices.size());
  constexpr int kFrom[] = {0, 4, 2, 1}, kStep[] = {8, 8, 4, 2};
  int64_t row = 0;
  for (int pass = 0; pass < 4; ++pass)
    for (int64_t y = kFrom[pass]; y < f.height; y += kStep[pass], ++row)
      std::copy_n(f.indices.begin() + row * f.width, f.width, straight.begin() + y * f.width);
  f.indices = std::move(straight);
}

constexpr size_t kMostPixels = size_t{1} << 29;

}  // namespace

void read_gif(std::string_view file, bool all, const Room& room) {
  GifBytes in{file};
  in.skip(6);
  in.skip(4);   // the canvas, which TensorFlow does not heed
  const unsigned flags = in.byte();
  in.skip(2);
  Colours shared;
  if (flags & 0x80) shared = colours(in, flags);
  if (in.ended) refuse_gif(file, "failed to open gif file: No screen descriptor detected");
  std::vector<Frame> frames;
  int transparent = -1;
  size_t pixels = 0;
  bool whole = false;
  std::string why = "failed to slurp gif file: Failed to read from given file";
  while (!in.ended && (all || frames.empty())) {
    const unsigned kind = in.byte();
    if (in.ended) break;
    if (kind == 0x3B) {
      whole = true;
      break;
    }
    if (kind == 0x21) {
      const bool control = in.byte() == 0xF9;
      in.blocks([&](std::string_view block) {
        if (control && block.size() >= 4) transparent = block[0] & 1 ? static_cast<unsigned char>(block[3]) : -1;
      });
      continue;
    }
    if (kind != 0x2C) {
      why = "failed to slurp gif file: Wrong record type detected";
      break;
    }
    Frame f;
    f.left = in.word(), f.top = in.word(), f.width = in.word(), f.height = in.word();
    const unsigned how = in.byte();
    f.map = how & 0x80 ? colours(in, how) : shared;
    f.transparent = std::exchange(transparent, -1);
    const unsigned first_size = in.byte();
    std::string codes;
    in.blocks([&](std::string_view block) { codes += block; });
    const size_t count = static_cast<size_t>(f.width) * static_cast<size_t>(f.height);
    // A byte of codes makes at most some thousand pixels: a small file cannot ask for much memory.
    if (count == 0 || count / 4096 > codes.size() + 1 || (pixels += count) > kMostPixels) {
      why = "failed to slurp gif file: Image is defective, decoding aborted";
      break;
    }
    f.indices.resize(count);
    if (!unpack(codes, first_size, f.indices)) {
      why = "failed to slurp gif file: Image is defective, decoding aborted";
      break;
    }
    if (how & 0x40) weave(f);
    frames.push_back(std::move(f));
  }
  if (frames.empty()) refuse_gif(file, whole ? "gif file does not contain any image" : why);
  int64_t height = 0, width = 0;
  for (const Frame& f : frames) height = std::max(height, f.height), width = std::max(width, f.width);
  const size_t each = static_cast<size_t>(height * width) * 3;
  if (each * frames.size() > kMostPixels) refuse_gif(file, "its frames are too large");
  uint8_t* to = room(static_cast<int64_t>(frames.size()), height, width, 3);
  const uint8_t* before = nullptr;
  for (const Frame& f : frames) {
    if (before) std::copy_n(before, each, to);
    else std::fill_n(to, each, uint8_t{0});
    if (f.map.of.empty()) refuse_gif(file, "missing color map for frame");
    for (int64_t y = 0; y < f.height && y + f.top < height; ++y)
      for (int64_t x = 0; x < f.width && x + f.left < width; ++x) {
        const uint8_t index = f.indices[static_cast<size_t>(y * f.width + x)];
        if (index == f.transparent) continue;
        if (index >= f.map.of.size())
          refuse_gif(file, fmt::format("found color index {} outside of color map range {}", index, f.map.of.size()));
        std::copy_n(f.map.of[index].begin(), 3, to + ((y + f.top) * width + x + f.left) * 3);
      }
    before = to;
    to += each;
  }
}

}  // namespace ninefold::ops::image_files
