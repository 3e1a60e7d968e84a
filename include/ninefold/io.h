// In: tensors by name, graphs of objects, records, summaries. Out: TensorFlow's checkpoint files (V2), TFRecords, event files.
//   BundleWriter out("dir/ckpt");  out.add("a/b", tensor);  out.finish();   // dir/ckpt.index, dir/ckpt.data-00000-of-00001
//   BundleReader in("dir/ckpt");   Tensor t = in.read("a/b");
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ninefold/tensor.h"

namespace ninefold {

// Tensors of one checkpoint. Raises NotFoundError where there is none, DataLossError where a file is damaged or
// truncated; nothing in a file is trusted. Shards are opened at the first read. For one thread at a time.
class NINEFOLD_API BundleReader {
 public:
  explicit BundleReader(const std::string& prefix);
  BundleReader(BundleReader&&) noexcept;
  ~BundleReader();
  std::vector<std::string> names() const;            // sorted
  bool has(const std::string& name) const;
  Shape shape(const std::string& name) const;        // raises NotFoundError "Key x not found in checkpoint"
  DType dtype(const std::string& name) const;
  Tensor read(const std::string& name) const;        // whole, also of a partitioned variable; checks the checksum
  const std::string& prefix() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Writes nothing before finish(); after it the files at `prefix` are whole. Killed at any moment, or failing, it
// leaves what was there before, whole. Folders are made. Raises InvalidArgumentError for a name given twice and for
// resources and variants, which are no data.
class NINEFOLD_API BundleWriter {
 public:
  explicit BundleWriter(std::string prefix);
  void add(const std::string& name, const Tensor& value);
  void finish();

 private:
  std::string prefix_;
  std::vector<std::pair<std::string, Tensor>> tensors_;
  std::set<std::string> names_;
};

// TensorFlow's TrackableObjectGraph: what a checkpoint holds under "_CHECKPOINTABLE_OBJECT_GRAPH". Node 0 is the root.
struct ObjectGraph {
  struct Child { int64_t node = 0; std::string name; };
  struct Attribute { std::string name, full_name, key; };          // "VARIABLE_VALUE", "dense/kernel", ".../VARIABLE_VALUE"
  struct Slot { int64_t variable = 0; std::string name; int64_t slot = 0; };
  struct Node {
    std::vector<Child> children;
    std::vector<Attribute> attributes;
    std::vector<Slot> slots;                                       // of optimizers
    std::string registered_saver;              // its name; empty: none
    bool has_checkpoint_values = false;        // it or what it holds has some
  };
  std::vector<Node> nodes;
};
NINEFOLD_API std::string object_graph_bytes(const ObjectGraph& graph);
// Raises DataLossError for bytes that are no such message, and for nodes that are not there.
NINEFOLD_API ObjectGraph read_object_graph(std::string_view bytes);

// Records in TensorFlow's framing; `compression` is "", "GZIP" or "ZLIB", `level` zlib's. Not for several threads at once.
class NINEFOLD_API TFRecordWriter {
 public:
  explicit TFRecordWriter(const std::string& path, const std::string& compression = "", int level = -1);
  ~TFRecordWriter();                                 // writes what is left; call close() to know that it could
  void write(std::string_view record);
  void flush();
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
class NINEFOLD_API TFRecordReader {
 public:
  explicit TFRecordReader(const std::string& path, const std::string& compression = "");
  ~TFRecordReader();
  bool next(std::string& record);                    // false at the end; DataLossError for a damaged file

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What a summary says besides its tensor: the plugin that draws it, that plugin's own message, and what people read.
struct SummaryPlugin {
  std::string name, content, display_name, description;
};
// Event files for TensorBoard: logdir/events.out.tfevents.<...><suffix>. Safe for several threads.
//   SummaryWriter out("logs"); out.scalar("loss", 0.5f, 1); out.histogram("kernel", kernel, 1);
class NINEFOLD_API SummaryWriter {
 public:
  explicit SummaryWriter(const std::string& logdir, int max_queue = 10, int64_t flush_millis = 120000,
                         const std::string& suffix = ".v2");
  ~SummaryWriter();
  void write(const std::string& tag, const Tensor& value, int64_t step, const SummaryPlugin& plugin);
  void scalar(const std::string& tag, float value, int64_t step, const std::string& description = "");
  void histogram(const std::string& tag, const Tensor& data, int64_t step, int64_t buckets = 30, const std::string& description = "");
  // [k, height, width, channels] with 1 to 4 channels: floats in [0, 1], or integers of the dtype's range.
  void image(const std::string& tag, const Tensor& data, int64_t step, int64_t max_outputs = 3, const std::string& description = "");
  // [k, frames, channels] of floats in [-1, 1].
  void audio(const std::string& tag, const Tensor& data, int64_t sample_rate, int64_t step, int64_t max_outputs = 3,
             const std::string& description = "");
  void text(const std::string& tag, const Tensor& data, int64_t step, const std::string& description = "");
  void graph(std::string_view graph_def, int64_t step = 0);   // the bytes of a GraphDef
  void raw(std::string_view event);                           // an encoded Event message
  void flush();
  void close();
  std::string path() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ninefold
