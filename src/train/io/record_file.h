// In: records. Out: a TFRecord file, each record framed by its length and two masked crc32c; and back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "train/io/compressed.h"

namespace ninefold::io {

// length (8 bytes, little-endian), masked crc32c of the length, the record, masked crc32c of the record.
void append_record(std::string& into, std::string_view record);

// Buffers; flush() and close() hand everything to the kernel. Errors are thrown: ResourceExhaustedError for a
// full disk, PermissionDeniedError, NotFoundError. Not for several threads at once.
class RecordWriter {
 public:
  // `compression`: "", "GZIP" or "ZLIB", at zlib's `level`.
  explicit RecordWriter(const std::string& path, const std::string& operation = "TFRecordWriter",
                        std::string_view compression = "", int level = -1);
  RecordWriter(RecordWriter&&) noexcept = default;
  ~RecordWriter();  // writes what is left; a failure here is only logged: call close() to know
  void write(std::string_view record);
  void flush();
  void close();

 private:
  std::string operation_, path_, buffer_;
  Fd file_;
  std::unique_ptr<Deflater> deflater_;
};

// Raises DataLossError with the offset for a wrong checksum or a cut-off record.
class RecordReader {
 public:
  explicit RecordReader(const std::string& path, const std::string& operation = "TFRecordReader",
                        std::string_view compression = "");
  RecordReader(RecordReader&&) = delete;
  // False at the end of the file; `record` keeps its capacity between calls.
  bool next(std::string& record);
  std::uint64_t offset() const { return offset_; }  // of the next record

 private:
  bool fill(void* into, std::size_t size, bool end_is_fine);
  std::size_t some(char* into, std::size_t size);  // of the file, or of what is compressed in it
  std::string operation_, path_;
  std::string buffer_;
  std::size_t begin_ = 0;  // what is left of buffer_
  std::uint64_t offset_ = 0, size_ = 0;
  Fd file_;
  std::unique_ptr<Inflater> inflater_;
};

}  // namespace ninefold::io
