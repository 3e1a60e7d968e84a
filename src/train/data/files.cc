// In: names of files. Out: their lines, or their records of one length; plain, or compressed by GZIP or ZLIB.
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "train/data/stage.h"

namespace ninefold::data {
namespace {

// A file's bytes, decompressed, piece by piece.
class Bytes {
 public:
  Bytes(std::string path, bool packed) : path_(std::move(path)), packed_(packed), file_(std::fopen(path_.c_str(), "rb")) {
    check(file_ != nullptr, errno == ENOENT ? Code::not_found : Code::permission_denied, "{}; {}", path_, std::strerror(errno));
    const int said = packed_ ? inflateInit2(&zip_, 15 + 32) : Z_OK;   // of either kind, as its header says
    NINEFOLD_INVARIANT(said == Z_OK);
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  ~Bytes() {
    if (packed_) inflateEnd(&zip_);
    std::fclose(file_);
  }
  const std::string& path() const { return path_; }
  // One more piece; false at the end.
  bool more(std::string& out) {
    out.resize(size_t{1} << 16);
    const size_t n = packed_ ? unpacked(out) : std::fread(out.data(), 1, out.size(), file_);
    check(n > 0 || !std::ferror(file_), Code::data_loss, "{}; {}", path_, std::strerror(errno));
    out.resize(n);
    return n > 0;
  }

 private:
  size_t unpacked(std::string& out) {
    zip_.next_out = reinterpret_cast<Bytef*>(out.data());
    zip_.avail_out = static_cast<uInt>(out.size());
    while (zip_.avail_out > 0 && !ended_) {
      if (zip_.avail_in == 0) {
        zip_.avail_in = static_cast<uInt>(std::fread(read_, 1, sizeof(read_), file_));
        zip_.next_in = read_;
        check(zip_.avail_in > 0, Code::data_loss, "{}; the compressed data end too early", path_);
      }
      const int said = inflate(&zip_, Z_NO_FLUSH);
      check(said == Z_OK || said == Z_STREAM_END || said == Z_BUF_ERROR, Code::data_loss, "inflate() failed with error {}: {}", said,
            zip_.msg ? zip_.msg : "damaged data");
      if (said != Z_STREAM_END) continue;
      if (zip_.avail_in == 0) {
        zip_.avail_in = static_cast<uInt>(std::fread(read_, 1, sizeof(read_), file_));
        zip_.next_in = read_;
      }
      ended_ = zip_.avail_in == 0;                    // or another member follows
      if (!ended_) inflateReset(&zip_);
    }
    return out.size() - zip_.avail_out;
  }
  std::string path_;
  bool packed_, ended_ = false;
  std::FILE* file_;
  z_stream zip_{};
  unsigned char read_[1 << 14];
};

bool compressed(const std::string& compression, const char* who) {
  check(compression.empty() || compression == "GZIP" || compression == "ZLIB", Code::invalid_argument, "Unsupported compression_type. [Op:{}]", who);
  return !compression.empty();
}

// The names that elements hold, each a string or several.
struct Names {
  std::unique_ptr<DataIterator> input;
  Tensor now;
  int64_t at = 0;
  bool next(std::string& name) {
    Tensors element;
    while (!now.defined() || at >= now.size()) {
      if (!input->next(element)) return false;
      now = element.at(0);
      at = 0;
    }
    name = now.as<std::string>()[at++];
    return true;
  }
};

class FilesDataset : public Stage {
 public:
  explicit FilesDataset(DatasetPtr names) : Stage(names, Structure{int64_t{0}, {{{}, DType::string, ""}}}) {
    check(names->structure().leaves.size() == 1 && names->structure().leaves[0].dtype == DType::string, Code::type,
          "The `filenames` argument must contain `tf.string` elements.");
  }
  int64_t cardinality() const override { return kUnknown; }
};

struct FilePass : DataIterator {
  Names names;
  DatasetPtr hold;
  std::unique_ptr<Bytes> file;
  std::string piece;
  size_t at = 0;
  // False when there is no further file.
  bool open(bool packed) {
    std::string name;
    if (!names.next(name)) return false;
    file = std::make_unique<Bytes>(std::move(name), packed);
    piece.clear();
    at = 0;
    return true;
  }
  bool refill() {
    at = 0;
    return file->more(piece);
  }
};

class LinesDataset : public FilesDataset {
 public:
  LinesDataset(DatasetPtr names, LinesOptions options) : FilesDataset(std::move(names)), options_(std::move(options)) {
    packed_ = compressed(options_.compression, "TextLineDataset");
  }
  const char* stage() const override { return "TextLineDatasetV2"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Lines : FilePass {
      const LinesDataset* of = nullptr;
      // A line without its end; false after the last one.
      bool line(std::string& out) {
        out.clear();
        bool any = false, within = false;
        for (;;) {
          if (at == piece.size() && !refill()) break;
          any = true;
          const char* from = piece.data() + at;
          const size_t left = piece.size() - at;
          if (!of->options_.quoted) {
            const auto* end = static_cast<const char*>(std::memchr(from, '\n', left));
            const size_t n = end ? static_cast<size_t>(end - from) : left;
            out.append(from, n);
            at += end ? n + 1 : n;
            if (!end) continue;
          } else {
            size_t n = 0;
            while (n < left && (within || from[n] != '\n')) within ^= from[n++] == '"';
            out.append(from, n);
            at += n < left ? n + 1 : n;
            if (n == left) continue;
          }
          without_returns(out);
          return true;
        }
        without_returns(out);
        return any;
      }
      // TensorFlow's lines hold no carriage returns; a row of CSV loses the one before its end.
      void without_returns(std::string& out) const {
        if (!of->options_.quoted) std::erase(out, '\r');
        else if (!out.empty() && out.back() == '\r') out.pop_back();
      }
      bool next(Tensors& out) override {
        std::string text;
        for (;;) {
          if (!file) {
            if (!open(of->packed_)) return false;
            if (of->options_.skip_first && !line(text)) {
              file.reset();
              continue;
            }
          }
          if (line(text)) {
            out.assign(1, Tensor::of_string(std::move(text)));
            return true;
          }
          file.reset();
        }
      }
    };
    auto it = std::make_unique<Lines>();
    it->names.input = input_->pass(place->below());
    it->hold = shared_from_this();
    it->of = this;
    return it;
  }

 private:
  LinesOptions options_;
  bool packed_ = false;
};

class FixedLengthDataset : public FilesDataset {
 public:
  FixedLengthDataset(DatasetPtr names, size_t bytes, FixedLengthOptions options)
      : FilesDataset(std::move(names)), bytes_(bytes), options_(std::move(options)) {
    packed_ = compressed(options_.compression, "FixedLengthRecordDataset");
  }
  const char* stage() const override { return "FixedLengthRecordDatasetV2"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Records : FilePass {
      const FixedLengthDataset* of = nullptr;
      std::string body;
      size_t from = 0;
      bool next(Tensors& out) override {
        while (from >= body.size()) {
          if (!open(of->packed_)) return false;
          body.clear();
          while (refill()) body += piece;
          const auto header = static_cast<size_t>(of->options_.header_bytes), footer = static_cast<size_t>(of->options_.footer_bytes);
          const size_t rest = body.size() >= header + footer ? body.size() - header - footer : 1;
          check(body.size() >= header + footer && rest % of->bytes_ == 0, Code::invalid_argument, "Excluding the header ({} bytes) and footer ({} "
                "bytes), input file \"{}\" has body length {} bytes, which is not an exact multiple of the record length ({} bytes).", header,
                footer, file->path(), static_cast<int64_t>(body.size()) - static_cast<int64_t>(header + footer), of->bytes_);
          body = body.substr(header, rest);
          from = 0;
        }
        out.assign(1, Tensor::of_string(body.substr(from, of->bytes_)));
        from += of->bytes_;
        return true;
      }
    };
    auto it = std::make_unique<Records>();
    it->names.input = input_->pass(place->below());
    it->hold = shared_from_this();
    it->of = this;
    return it;
  }

 private:
  size_t bytes_;
  FixedLengthOptions options_;
  bool packed_ = false;
};

}  // namespace

DatasetPtr lines(const DatasetPtr& names, const LinesOptions& options) { return std::make_shared<LinesDataset>(names, options); }

DatasetPtr fixed_length_records(const DatasetPtr& names, int64_t bytes, const FixedLengthOptions& options) {
  check(bytes > 0, Code::invalid_argument, "`record_bytes` must be positive [Op:FixedLengthRecordDatasetV2]");
  check(options.header_bytes >= 0, Code::invalid_argument, "`header_bytes` must be positive [Op:FixedLengthRecordDatasetV2]");
  check(options.footer_bytes >= 0, Code::invalid_argument, "`footer_bytes` must be positive [Op:FixedLengthRecordDatasetV2]");
  return std::make_shared<FixedLengthDataset>(names, static_cast<size_t>(bytes), options);
}

}  // namespace ninefold::data
