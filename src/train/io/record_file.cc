// In: records. Out: a TFRecord file; and back.
#include "train/io/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"

namespace ninefold::io {
namespace {

constexpr std::size_t kBuffer = 256 << 10;

std::uint32_t masked(std::string_view bytes) { return mask_crc(crc32c(bytes)); }

}  // namespace

void append_record(std::string& into, std::string_view record) {
  const std::uint64_t size = record.size();
  char head[12];
  std::memcpy(head, &size, 8);
  const std::uint32_t head_crc = masked({head, 8});
  std::memcpy(head + 8, &head_crc, 4);
  const std::uint32_t crc = masked(record);
  into.append(head, 12).append(record).append(reinterpret_cast<const char*>(&crc), 4);
}

RecordWriter::RecordWriter(const std::string& path, const std::string& operation, std::string_view compression, int level)
    : operation_(operation), path_(path) {
  if (is_compressed(compression)) deflater_ = std::make_unique<Deflater>(compression, level);
  file_ = open_file(operation, path, O_WRONLY | O_CREAT | O_TRUNC).value();
}

RecordWriter::~RecordWriter() {
  if (!file_) return;
  try {
    close();
  } catch (const Error& error) {
    warn("{}", error.message());
  }
}

void RecordWriter::write(std::string_view record) {
  check(bool(file_), Code::failed_precondition, "{}: {} is closed already; open a new writer", operation_, path_);
  if (deflater_) {
    std::string framed;
    append_record(framed, record);
    deflater_->add(framed, buffer_);
  } else {
    append_record(buffer_, record);
  }
  if (buffer_.size() >= kBuffer) flush();
}

void RecordWriter::flush() {
  if (buffer_.empty()) return;
  // Emptied first: bytes that went out in part must not go out twice after an error.
  std::string bytes;
  bytes.swap(buffer_);
  write_all(operation_, path_, file_.get(), bytes).value();
}

void RecordWriter::close() {
  if (!file_) return;
  Fd file = std::move(file_);
  if (deflater_) deflater_->finish(buffer_);
  std::string bytes;
  bytes.swap(buffer_);
  write_all(operation_, path_, file.get(), bytes).value();
  if (const int number = file.close()) throw errno_error(number, operation_ + ": write " + path_);
}

RecordReader::RecordReader(const std::string& path, const std::string& operation, std::string_view compression)
    : operation_(operation), path_(path), file_(open_file(operation, path, O_RDONLY).value()) {
  struct stat status {};
  check(::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode), Code::failed_precondition,
        "{}: {} is no regular file; name one", operation_, path_);
  size_ = static_cast<std::uint64_t>(status.st_size);  // bounds what a record may claim
  if (!is_compressed(compression)) return;
  const auto read = [this](char* into, std::size_t size) { return read_some(operation_, path_, file_.get(), into, size).value(); };
  inflater_ = std::make_unique<Inflater>(compression, read, operation_ + ": " + path_);
}

std::size_t RecordReader::some(char* into, std::size_t size) {
  return inflater_ ? inflater_->read(into, size) : read_some(operation_, path_, file_.get(), into, size).value();
}

bool RecordReader::fill(void* into, std::size_t size, bool end_is_fine) {
  auto* out = static_cast<char*>(into);
  std::size_t done = 0;
  while (done < size) {
    if (begin_ == buffer_.size()) {
      if (size - done >= kBuffer) {  // a large record goes straight to its place
        const std::size_t got = some(out + done, size - done);
        if (got == 0) break;
        done += got;
        continue;
      }
      buffer_.resize(kBuffer);
      begin_ = 0;
      buffer_.resize(some(buffer_.data(), kBuffer));
      if (buffer_.empty()) break;
    }
    const std::size_t taken = std::min(size - done, buffer_.size() - begin_);
    std::memcpy(out + done, buffer_.data() + begin_, taken);
    begin_ += taken;
    done += taken;
  }
  if (done == size) return true;
  if (done == 0 && end_is_fine) return false;
  fail(Code::data_loss, "{}: {}: truncated record at {}: {} bytes are missing; the file was cut off while it was "
       "written or copied", operation_, path_, offset_, size - done);
}

bool RecordReader::next(std::string& record) {
  char head[12];
  if (!fill(head, 12, true)) return false;
  std::uint64_t size;
  std::uint32_t head_crc, crc;
  std::memcpy(&size, head, 8);
  std::memcpy(&head_crc, head + 8, 4);
  const auto damaged = [&](const char* what) {
    fail(Code::data_loss, "{}: {}: corrupted record at {}: the checksum of its {} is wrong; the file is damaged or "
         "no TFRecord file", operation_, path_, offset_, what);
  };
  if (masked({head, 8}) != head_crc) damaged("length");
  if (!inflater_ && (size > size_ || offset_ + 16 > size_ - size)) {
    fail(Code::data_loss, "{}: {}: truncated record at {}: it has {} bytes, the file only {}; the file was cut off "
         "while it was written or copied", operation_, path_, offset_, size, size_);
  }
  // What a compressed file may claim nothing bounds: memory is taken as its bytes come.
  record.clear();
  for (std::uint64_t done = 0; done < size;) {
    const std::uint64_t piece = inflater_ ? std::min<std::uint64_t>(size - done, 1 << 24) : size;
    record.resize(done + piece);
    fill(record.data() + done, piece, false);
    done += piece;
  }
  fill(&crc, 4, false);
  if (masked(record) != crc) damaged("data");
  offset_ += 16 + size;
  return true;
}

}  // namespace ninefold::io
