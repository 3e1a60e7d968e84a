// In: blobs of the store or of the registry. Out: the other. A blob is sent in pieces that can be asked about
// after a broken connection; one that comes is hashed on the way and goes on where it stopped.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/fd.h"
#include "base/hash.h"
#include "env/registry/client.h"
#include "env/store/store.h"

namespace ninefold::env::registry {
namespace {

constexpr std::uint64_t kPiece = 64 << 20;  // below what proxies before registries let pass at once
constexpr int kStops = 5;                   // broken connections in a row, without a byte in between

void wait_after_stop(int stops) { std::this_thread::sleep_for(std::chrono::milliseconds(250) * (1 << stops)); }

// "0-67108863": how much of an upload has arrived.
std::uint64_t arrived(const std::string& range) {
  const std::size_t dash = range.find('-');
  std::uint64_t last = 0;
  if (dash == std::string::npos) return 0;
  const char* end = range.data() + range.size();
  if (std::from_chars(range.data() + dash + 1, end, last).ptr != end) return 0;
  return last == 0 ? 0 : last + 1;  // "0-0" is what they say of nothing
}

}  // namespace

bool Client::has_blob(const std::string& digest) {
  Request request;
  request.method = "HEAD";
  request.url = "blobs/" + digest;
  const Response response = send(request);
  if (response.status != 200 && response.status != 404) refuse(response, "blob " + digest);
  return response.status == 200;
}

// Registries that know no mounts, or let us see only one repository, begin an upload instead or refuse; an upload
// that nobody goes on with is theirs to forget.
bool Client::mount(const std::string& digest, const std::string& from) {
  Request ask;
  ask.method = "POST";
  ask.url = fmt::format("blobs/uploads/?mount={}&from={}", digest, from);
  return send(ask).status == 201;
}

bool Client::put_blob(const std::string& digest, const std::string& file, std::uint64_t size, const OnBytes& on_bytes, const std::string& mount_from) {
  if (!mount_from.empty() && mount_from != reference_.repository && mount(digest, mount_from)) return false;
  for (int attempt = 1;; ++attempt) try {
    put_blob_once(digest, file, size, on_bytes);
    return true;
  } catch (const Error& error) {  // what has arrived of the last piece cannot be known: a new upload
    if (error.code() != Code::unavailable || attempt == 3) throw;
    wait_after_stop(attempt);
  }
}

void Client::put_blob_once(const std::string& digest, const std::string& file, std::uint64_t size, const OnBytes& on_bytes) {
  Request begin;
  begin.method = "POST";
  begin.url = "blobs/uploads/";
  const Response begun = send(begin);
  if (begun.status != 202) refuse(begun, "an upload of " + digest);
  const std::string location = upload(digest, file, size, absolute(begun.header("location")), on_bytes);
  const Fd bytes = open_file(operation_, file, O_RDONLY).value();
  Request end;
  end.method = "PUT";
  end.url = location + (location.find('?') == std::string::npos ? "?" : "&") + "digest=" + digest;
  end.headers = {"Content-Type: application/octet-stream"};
  if (size <= kPiece) end.file = bytes.get(), end.size = size, end.sent = on_bytes;
  const Response ended = send(end, Again::no);
  if (ended.status != 201) refuse(ended, "blob " + digest);
  if (on_bytes) on_bytes(size);
}

// Large blobs piece by piece; returns where to end the upload.
std::string Client::upload(const std::string& digest, const std::string& file, std::uint64_t size, std::string location, const OnBytes& on_bytes) {
  if (size <= kPiece) return location;
  const Fd bytes = open_file(operation_, file, O_RDONLY).value();
  int stops = 0;
  for (std::uint64_t done = 0; done < size;) {
    Request piece;
    piece.method = "PATCH";
    piece.url = location;
    piece.file = bytes.get();
    piece.offset = done;
    piece.size = std::min(kPiece, size - done);
    piece.headers = {"Content-Type: application/octet-stream", fmt::format("Content-Range: {}-{}", done, done + piece.size - 1)};
    if (on_bytes) piece.sent = [&on_bytes, done](std::uint64_t sent) { on_bytes(done + sent); };
    Response response;
    try {
      response = send(piece, Again::no);
    } catch (const Error& error) {
      if (error.code() != Code::unavailable || ++stops >= kStops) throw;
      wait_after_stop(stops);
      Request ask;
      ask.url = location;
      response = send(ask);  // 204 and how much there is
    }
    if (response.status != 202 && response.status != 204) refuse(response, "a piece of " + digest);
    if (response.status == 202) stops = 0;
    if (const std::string next = response.header("location"); !next.empty()) location = absolute(next);
    const std::string range = response.header("range");
    done = range.empty() && response.status == 202 ? done + piece.size : std::min(arrived(range), size);
  }
  return location;
}

// A file that fills from its beginning, and the hash of what is in it.
class Client::Incoming {
 public:
  Incoming(const std::string& operation, const std::string& file)
      : operation_(operation), file_(file), out_(open_file(operation, file, O_RDWR | O_CREAT, 0644).value()) {
    read_what_is_there();
  }

  std::uint64_t size() const { return size_; }
  bool resumed() const { return resumed_; }

  void add(std::string_view bytes) {
    hash_.update(bytes);
    write_all(operation_, file_, out_.get(), bytes).value();
    size_ += bytes.size();
  }

  void restart() {
    if (::ftruncate(out_.get(), 0) != 0 || ::lseek(out_.get(), 0, SEEK_SET) != 0) throw errno_error(errno, operation_ + ": write " + file_);
    hash_ = Sha256();
    size_ = 0;
    resumed_ = false;
  }

  std::string digest() {
    const Sha256::Digest digest = hash_.finish();
    return "sha256:" + to_hex(digest.data(), digest.size());
  }

 private:
  void read_what_is_there() {
    std::vector<char> bytes(1 << 20);
    for (;;) {
      const std::size_t got = read_some(operation_, file_, out_.get(), bytes.data(), bytes.size()).value();
      hash_.update({bytes.data(), got});
      size_ += got;
      if (got < bytes.size()) break;
    }
    resumed_ = size_ > 0;
  }

  const std::string& operation_;
  const std::string& file_;
  Fd out_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
  bool resumed_ = false;
};

std::uint64_t Client::get_blob(const std::string& digest, std::uint64_t size, const std::string& file, const OnBytes& on_bytes) {
  Incoming incoming(operation_, file);
  if (size > 0 && incoming.size() > size) incoming.restart();
  std::uint64_t came = 0;
  for (int stops = 0;;) {
    const std::uint64_t before = incoming.size();
    const bool wanted = size == 0 || before < size;
    if (wanted) {
      Request request;
      request.url = "blobs/" + digest;
      if (before > 0) request.headers = {fmt::format("Range: bytes={}-", before)};
      bool begun = false;
      request.sink = [&](long status, std::string_view bytes) {
        if (!begun && status == 200 && incoming.size() > 0) incoming.restart();  // it knows no ranges
        begun = true;
        incoming.add(bytes);
        came += bytes.size();
        check(size == 0 || incoming.size() <= size, Code::data_loss, "{}: blob {} of {} is longer than the {} bytes that its manifest tells; it was "
              "damaged or tampered with", operation_, digest, reference_.text(), size);
        if (on_bytes) on_bytes(incoming.size());
      };
      try {
        const Response response = send(request, Again::no);
        if (response.status == 416) {  // what lies here is no beginning of it
          check(before > 0, Code::data_loss, "{}: {} answers 416 to blob {}", operation_, reference_.host, digest);
          incoming.restart();
          continue;
        }
        if (response.status != 200 && response.status != 206) refuse(response, "blob " + digest);
      } catch (const Error& error) {
        if (error.code() == Code::data_loss) ::unlink(file.c_str());
        if (error.code() != Code::unavailable) throw;
        stops = incoming.size() > before ? 1 : stops + 1;
        if (stops >= kStops) throw;
        wait_after_stop(stops);
        continue;
      }
    }
    const bool was_resumed = incoming.resumed();
    const std::uint64_t got_size = incoming.size();
    const std::string got = incoming.digest();
    if (got == digest) return came;
    if (was_resumed) {  // the beginning may have been ours and bad
      incoming.restart();
      continue;
    }
    ::unlink(file.c_str());
    check(size == 0 || got_size == size, Code::data_loss, "{}: blob {} of {} ends after {} of {} bytes; it is not whole there", operation_, digest,
          reference_.text(), got_size, size);
    fail(Code::data_loss, "{}: blob {} of {} has the bytes of {}; it was damaged or tampered with", operation_, digest, reference_.text(), got);
  }
}

}  // namespace ninefold::env::registry
