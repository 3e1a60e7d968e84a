// In: tensors by name, graphs of objects. Out: TensorFlow's checkpoint files (V2), and back.
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

}  // namespace ninefold
