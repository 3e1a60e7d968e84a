// In: gzip bytes, perhaps a stranger's. Out: a file that is whole, or an error and no file.
#include "env/image/packed.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <memory>
#include <vector>

#include "base/fd.h"
#include "base/hash.h"

namespace ninefold::env::image {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window; gzip's frame and nothing else
// Layers of programs and data shrink to a half or a tenth; nothing but zeros shrinks a thousandfold.
constexpr std::uint64_t kFreeOfDoubt = 256ull << 20, kMostGrowth = 200;

Result<std::string> unpack(const std::string& operation, const std::string& from, const std::string& to) {
  Result<Fd> in = open_file(operation, from, O_RDONLY);
  if (!in) return in.error();
  Result<Fd> out = open_file(operation, to, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!out) return out.error();
  const auto bad = [&](const char* why) {
    return Error(Code::data_loss, fmt::format("{}: {} cannot be unpacked: {}; it was damaged or tampered with", operation, from, why));
  };
  z_stream stream{};
  if (::inflateInit2(&stream, kGzip) != Z_OK) return Error(Code::resource_exhausted, operation + ": zlib does not start");
  const std::unique_ptr<z_stream, decltype(&::inflateEnd)> guard(&stream, &::inflateEnd);
  std::vector<unsigned char> packed(1 << 18), plain(1 << 20);
  Sha256 hash;
  bool ended = false;  // between two members
  std::uint64_t read = 0, made = 0;
  for (bool last = false; !last;) {
    Result<std::size_t> got = read_some(operation, from, in.value().get(), packed.data(), packed.size());
    if (!got) return got.error();
    last = got.value() < packed.size();
    read += got.value();
    stream.next_in = packed.data();
    stream.avail_in = static_cast<uInt>(got.value());
    while (stream.avail_in > 0) {
      if (ended && ::inflateReset(&stream) != Z_OK) return bad("zlib does not start again");
      ended = false;
      int code = Z_OK;
      do {
        stream.next_out = plain.data();
        stream.avail_out = static_cast<uInt>(plain.size());
        code = ::inflate(&stream, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return bad(stream.msg ? stream.msg : "it is no gzip file");
        const std::string_view piece(reinterpret_cast<const char*>(plain.data()), plain.size() - stream.avail_out);
        made += piece.size();
        if (made > kFreeOfDoubt && made / kMostGrowth > read) return bad("it grows to more than 200 times its size, as gzip bombs do");
        hash.update(piece);
        if (Result<void> written = write_all(operation, to, out.value().get(), piece); !written) return written.error();
      } while (code == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
      if (code == Z_STREAM_END) ended = true;
      else if (stream.avail_in > 0) return bad("it makes no sense");
    }
  }
  if (!ended) return bad("it ends too early");
  const Sha256::Digest digest = hash.finish();
  return "sha256:" + to_hex(digest.data(), digest.size());
}

}  // namespace

Result<std::string> gunzip(const std::string& operation, const std::string& from, const std::string& to) {
  Result<std::string> digest = unpack(operation, from, to);
  if (!digest) ::unlink(to.c_str());
  return digest;
}

}  // namespace ninefold::env::image
