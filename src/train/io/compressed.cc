// In: bytes of a file. Out: what zlib makes of them.
#include "train/io/compressed.h"

#include <zlib.h>

#include <algorithm>

#include "base/check.h"

namespace ninefold::io {
namespace {

constexpr std::size_t kPiece = 64 << 10;
// zlib's windowBits: its own format, or with gzip's head and foot.
int window(std::string_view compression) { return compression == "GZIP" ? 15 + 16 : 15; }

}  // namespace

bool is_compressed(std::string_view name) {
  check(name.empty() || name == "GZIP" || name == "ZLIB", Code::value,
        "compression: expected '', 'GZIP' or 'ZLIB', got '{}'", name);
  return !name.empty();
}

struct Inflater::State {
  z_stream z{};
  Source more;
  std::string what, waiting = std::string(kPiece, '\0');
  bool over = false, members = false;
};

Inflater::Inflater(std::string_view compression, Source more, std::string what) : state_(std::make_unique<State>()) {
  state_->more = std::move(more), state_->what = std::move(what), state_->members = compression == "GZIP";
  check(inflateInit2(&state_->z, window(compression)) == Z_OK, Code::resource_exhausted, "{}: no memory to inflate", state_->what);
}
Inflater::~Inflater() { inflateEnd(&state_->z); }

std::size_t Inflater::read(char* into, std::size_t size) {
  State& s = *state_;
  s.z.next_out = reinterpret_cast<Bytef*>(into);
  std::size_t left = size;
  while (left > 0 && !s.over) {
    if (s.z.avail_in == 0) {
      const std::size_t got = s.more(s.waiting.data(), s.waiting.size());
      s.z.next_in = reinterpret_cast<Bytef*>(s.waiting.data());
      s.z.avail_in = static_cast<uInt>(got);
      if (got == 0) {
        check(s.z.total_in == 0, Code::data_loss, "{}: the compressed file ends too early; it was cut off", s.what);
        s.over = true;
        break;
      }
    }
    const auto room = static_cast<uInt>(std::min<std::size_t>(left, 1 << 30));
    s.z.avail_out = room;
    const int code = inflate(&s.z, Z_NO_FLUSH);
    left -= room - s.z.avail_out;
    if (code == Z_STREAM_END) {
      if (s.members) inflateReset(&s.z);       // total_in is 0 again: the file may end here
      else s.over = true;
    } else {
      check(code == Z_OK || code == Z_BUF_ERROR, Code::data_loss, "{}: inflate() failed with error {}: {}; the file is damaged or "
            "of another compression", s.what, code, s.z.msg ? s.z.msg : "no memory");
    }
  }
  return size - left;
}

struct Deflater::State {
  z_stream z{};
};

Deflater::Deflater(std::string_view compression, int level) : state_(std::make_unique<State>()) {
  check(level >= -1 && level <= 9, Code::value, "compression_level: expected -1 to 9, got {}", level);
  check(deflateInit2(&state_->z, level, Z_DEFLATED, window(compression), 8, Z_DEFAULT_STRATEGY) == Z_OK, Code::resource_exhausted,
        "no memory to deflate");
}
Deflater::~Deflater() { deflateEnd(&state_->z); }

static void pump(z_stream& z, int flush, std::string& out) {
  char piece[16 << 10];
  do {
    z.next_out = reinterpret_cast<Bytef*>(piece);
    z.avail_out = sizeof piece;
    deflate(&z, flush);
    out.append(piece, sizeof piece - z.avail_out);
  } while (z.avail_out == 0);
}

void Deflater::add(std::string_view bytes, std::string& out) {
  z_stream& z = state_->z;
  while (!bytes.empty()) {
    const std::size_t some = std::min<std::size_t>(bytes.size(), 1 << 30);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    z.avail_in = static_cast<uInt>(some);
    pump(z, Z_NO_FLUSH, out);
    bytes.remove_prefix(some);
  }
}
void Deflater::finish(std::string& out) {
  state_->z.avail_in = 0;
  pump(state_->z, Z_FINISH, out);
}

std::string deflated(std::string_view bytes) {
  std::string out;
  Deflater d("ZLIB", -1);
  d.add(bytes, out);
  d.finish(out);
  return out;
}

}  // namespace ninefold::io
