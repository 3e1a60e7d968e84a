// In: tensors with tags and steps. Out: event files with every kind of tf.summary's summaries, and TFRecords: the public faces
// of event_file.h and record_file.h.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"
#include "ninefold/io.h"
#include "ninefold/ops.h"
#include "train/io/event_file.h"
#include "train/io/record_file.h"

namespace ninefold {
namespace {

wire::Tensor written(const Tensor& t) {
  wire::Tensor w;
  w.dtype = static_cast<int>(t.dtype());
  w.shape.dims.assign(t.shape().begin(), t.shape().end());
  if (t.dtype() == DType::string) {
    w.strings.assign(t.as<std::string>(), t.as<std::string>() + t.size());
  } else {
    check(is_plain(t.dtype()), Code::invalid_argument, "summary: a tensor of dtype {} has no form in an event file", name_of(t.dtype()));
    w.content.assign(static_cast<const char*>(t.data()), t.bytes());
  }
  return w;
}

Tensor strings(const Shape& shape, const std::vector<std::string>& all) {
  return Tensor::of_strings(shape, all);
}

// [k, 3] rows (left edge, right edge, count), as TensorBoard's histograms have them: `buckets` of equal width; of equal
// values only the last one counts.
Tensor histogram_of(const Tensor& data, int64_t buckets) {
  buckets = std::max<int64_t>(0, buckets);
  const Tensor values = op("Cast", {data}, {{"DstT", DType::f64}});
  std::vector<double> rows(static_cast<size_t>(buckets) * 3, 0.0);
  const int64_t n = values.size();
  const auto* v = values.as<double>();
  if (n > 0 && buckets > 0) {
    const auto [low, high] = std::minmax_element(v, v + n);
    const double from = *low, to = *high, range = to - from;
    const auto at = [&](int64_t i) { return i == buckets ? to : from + range * static_cast<double>(i) / static_cast<double>(buckets); };
    for (int64_t i = 0; i < buckets; ++i) {
      rows[static_cast<size_t>(3 * i)] = range == 0 ? to : at(i);
      rows[static_cast<size_t>(3 * i + 1)] = range == 0 ? to : at(i + 1);
    }
    if (range == 0 || !std::isfinite(range)) {
      rows.back() = static_cast<double>(n);
    } else {
      const double width = range / static_cast<double>(buckets);
      for (int64_t i = 0; i < n; ++i) {
        const int64_t bucket = std::clamp<int64_t>(static_cast<int64_t>(std::floor((v[i] - from) / width)), 0, buckets - 1);
        rows[static_cast<size_t>(3 * bucket + 2)] += 1;
      }
    }
  }
  return Tensor::of<double>({buckets, 3}, rows);
}

void big(std::string& out, uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift);
}
void chunk(std::string& out, const char* kind, const std::string& data) {
  big(out, static_cast<uint32_t>(data.size()));
  const std::string body = kind + data;
  out += body;
  big(out, crc32(body));
}
// A PNG file (RFC 2083): 8 bits a channel, rows without a filter.
std::string png(const uint8_t* pixels, int64_t height, int64_t width, int64_t channels) {
  std::string out("\x89PNG\r\n\x1a\n", 8), head, rows;
  big(head, static_cast<uint32_t>(width));
  big(head, static_cast<uint32_t>(height));
  constexpr char color[] = {0, 4, 2, 6};      // grey, grey with alpha, RGB, RGBA
  head += std::string({8, color[channels - 1], 0, 0, 0});
  const auto stride = static_cast<size_t>(width * channels);
  for (int64_t y = 0; y < height; ++y) {
    rows += '\0';
    rows.append(reinterpret_cast<const char*>(pixels) + static_cast<size_t>(y) * stride, stride);
  }
  chunk(out, "IHDR", head);
  chunk(out, "IDAT", io::deflated(rows));
  chunk(out, "IEND", "");
  return out;
}

template <class T>
void little(std::string& out, T v) { out.append(reinterpret_cast<const char*>(&v), sizeof v); }
// A WAV file of 16 bits a sample.
std::string wav(const float* samples, int64_t frames, int64_t channels, int64_t rate) {
  const auto bytes = static_cast<uint32_t>(frames * channels * 2);
  std::string out = "RIFF";
  little<uint32_t>(out, 36 + bytes);
  out += "WAVEfmt ";
  little<uint32_t>(out, 16);
  little<uint16_t>(out, 1);
  little<uint16_t>(out, static_cast<uint16_t>(channels));
  little<uint32_t>(out, static_cast<uint32_t>(rate));
  little<uint32_t>(out, static_cast<uint32_t>(rate * channels * 2));
  little<uint16_t>(out, static_cast<uint16_t>(channels * 2));
  little<uint16_t>(out, 16);
  out += "data";
  little<uint32_t>(out, bytes);
  for (int64_t i = 0; i < frames * channels; ++i)
    little<int16_t>(out, static_cast<int16_t>(std::clamp(std::round(samples[i] * 32767.0f), -32768.0f, 32767.0f)));
  return out;
}

}  // namespace

// ---- records ----

struct TFRecordWriter::State {
  io::RecordWriter writer;
};
TFRecordWriter::TFRecordWriter(const std::string& path, const std::string& compression, int level)
    : state_(new State{io::RecordWriter(path, "TFRecordWriter", compression, level)}) {}
TFRecordWriter::~TFRecordWriter() = default;
void TFRecordWriter::write(std::string_view record) { state_->writer.write(record); }
void TFRecordWriter::flush() { state_->writer.flush(); }
void TFRecordWriter::close() { state_->writer.close(); }

struct TFRecordReader::State {
  State(const std::string& path, const std::string& compression) : reader(path, "TFRecordReader", compression) {}
  io::RecordReader reader;
};
TFRecordReader::TFRecordReader(const std::string& path, const std::string& compression)
    : state_(new State(path, compression)) {}
TFRecordReader::~TFRecordReader() = default;
bool TFRecordReader::next(std::string& record) { return state_->reader.next(record); }

// ---- summaries ----

struct SummaryWriter::State {
  State(const std::string& logdir, const io::EventWriterOptions& options) : writer(logdir, options) {}
  io::EventWriter writer;
};
SummaryWriter::SummaryWriter(const std::string& logdir, int max_queue, int64_t flush_millis, const std::string& suffix)
    : state_(new State(logdir, {max_queue, std::chrono::milliseconds(flush_millis), suffix})) {}
SummaryWriter::~SummaryWriter() = default;

void SummaryWriter::write(const std::string& tag, const Tensor& value, int64_t step, const SummaryPlugin& plugin) {
  state_->writer.summary({tag, written(value), plugin.name, plugin.content, plugin.display_name, plugin.description}, step);
}
void SummaryWriter::scalar(const std::string& tag, float value, int64_t step, const std::string& description) {
  write(tag, Tensor(value), step, {"scalars", "", "", description});
}
void SummaryWriter::histogram(const std::string& tag, const Tensor& data, int64_t step, int64_t buckets,
                              const std::string& description) {
  write(tag, histogram_of(data, buckets), step, {"histograms", "", "", description});
}
void SummaryWriter::image(const std::string& tag, const Tensor& data, int64_t step, int64_t max_outputs,
                          const std::string& description) {
  check(data.shape().rank() == 4, Code::value, "summary.image: expected data of shape [k, height, width, channels], got {}",
        data.shape().str());
  check(max_outputs >= 0, Code::invalid_argument, "summary.image: max_outputs must not be negative, got {}", max_outputs);
  const Shape& s = data.shape();
  check(s[3] >= 1 && s[3] <= 4 && s[1] > 0 && s[2] > 0, Code::invalid_argument,
        "summary.image: expected 1, 2, 3 or 4 channels and pixels, got shape {}", s.str());
  Tensor pixels = data;
  if (is_floating(data.dtype())) {
    const Tensor scaled = op("Cast", {data}, {{"DstT", DType::f32}}) * Tensor(255.5f);
    pixels = op("Minimum", {op("Maximum", {scaled, Tensor(0.0f)}), Tensor(255.0f)});
  } else if (data.dtype() != DType::u8) {
    // Integers of other widths: their highest value is white.
    const double most = std::ldexp(1.0, static_cast<int>(8 * size_of(data.dtype())) - (is_unsigned(data.dtype()) ? 0 : 1));
    const Tensor scaled = op("Floor", {op("Cast", {data}, {{"DstT", DType::f64}}) * Tensor(256.0 / most)});
    pixels = op("Minimum", {op("Maximum", {scaled, Tensor(0.0)}), Tensor(255.0)});
  }
  pixels = op("Cast", {pixels}, {{"DstT", DType::u8}});
  std::vector<std::string> all = {std::to_string(s[2]), std::to_string(s[1])};
  const auto each = static_cast<size_t>(s[1] * s[2] * s[3]);
  for (int64_t i = 0; i < std::min(s[0], max_outputs); ++i)
    all.push_back(png(pixels.as<uint8_t>() + static_cast<size_t>(i) * each, s[1], s[2], s[3]));
  write(tag, strings({static_cast<int64_t>(all.size())}, all), step, {"images", "", "", description});
}
void SummaryWriter::audio(const std::string& tag, const Tensor& data, int64_t sample_rate, int64_t step, int64_t max_outputs,
                          const std::string& description) {
  check(data.shape().rank() == 3, Code::value, "summary.audio: expected data of shape [k, frames, channels], got {}", data.shape().str());
  check(max_outputs >= 0, Code::invalid_argument, "summary.audio: max_outputs must not be negative, got {}", max_outputs);
  check(sample_rate > 0, Code::invalid_argument, "summary.audio: sample_rate must be positive, got {}", sample_rate);
  const Shape& s = data.shape();
  const Tensor samples = op("Cast", {data}, {{"DstT", DType::f32}});
  std::vector<std::string> rows;
  for (int64_t i = 0; i < std::min(s[0], max_outputs); ++i) {
    rows.push_back(wav(samples.as<float>() + i * s[1] * s[2], s[1], s[2], sample_rate));
    rows.emplace_back();      // a label, which no plugin shows
  }
  write(tag, strings({static_cast<int64_t>(rows.size() / 2), 2}, rows), step, {"audio", "\x10\x0b", "", description});
}
void SummaryWriter::text(const std::string& tag, const Tensor& data, int64_t step, const std::string& description) {
  check(data.dtype() == DType::string, Code::type, "summary.text: expected strings, got {}", name_of(data.dtype()));
  write(tag, data, step, {"text", "", "", description});
}
void SummaryWriter::graph(std::string_view graph_def, int64_t step) {
  state_->writer.write_event(io::encode_graph_event(io::wall_time_now(), step, std::string(graph_def)));
}
void SummaryWriter::raw(std::string_view event) { state_->writer.write_event(event); }
void SummaryWriter::flush() { state_->writer.flush(); }
void SummaryWriter::close() { state_->writer.close(); }
std::string SummaryWriter::path() const { return state_->writer.path(); }

}  // namespace ninefold
