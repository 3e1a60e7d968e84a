// In: nodes of graphs that exist. Out: what TensorFlow's texts call them, also when their trace is over.
#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/check.h"
#include "engine/graph/function.h"
#include "engine/op/leak.h"

namespace ninefold::graph {
namespace {

// Graphs by the key that their symbols carry. The mutex also guards the names that graphs keep.
struct Living {
  std::recursive_mutex mutex;
  std::unordered_map<const void*, const Graph*> graphs;
};
Living& living() {
  static auto* all = new Living;   // outlives every graph
  return *all;
}

// Where Python's operators and tf.* name a node otherwise than its op.
const std::string& default_name(const Op& op) {
  static const std::unordered_map<std::string, std::string> other = {
      {"Add", "add"}, {"AddV2", "add"}, {"BatchMatMulV2", "MatMul"}, {"ConcatV2", "concat"},
      {"CustomGradient", "IdentityN"}, {"FloorDiv", "floordiv"},
      {"FloorMod", "mod"}, {"If", "cond"}, {"LogicalAnd", "and"}, {"Mul", "mul"}, {"OneHot", "one_hot"},
      {"OnesLike", "ones_like"}, {"Pack", "stack"}, {"Pow", "pow"}, {"Range", "range"}, {"RealDiv", "truediv"},
      {"Split", "split"}, {"SplitV", "split"}, {"StatelessIf", "cond"}, {"StatelessWhile", "while"},
      {"StridedSlice", "strided_slice"}, {"Sub", "sub"}, {"TensorListReserve", "TensorArrayV2"},
      {"Transpose", "transpose"}, {"Unpack", "unstack"}, {"While", "while"}, {"ZerosLike", "zeros_like"}};
  const auto at = other.find(op.name);
  return at == other.end() ? op.name : at->second;
}

}  // namespace

// An address that no object has: symbols are compared with it, never followed through it.
Graph::Graph() : key(reinterpret_cast<void*>(fresh_id())) {
  Living& all = living();
  std::lock_guard hold(all.mutex);
  all.graphs.emplace(key, this);
}
Graph::~Graph() {
  Living& all = living();
  std::lock_guard hold(all.mutex);
  all.graphs.erase(key);
}

void Graph::in_scope(const std::string& scope) {
  if (scopes_.empty() ? !scope.empty() : scopes_.back().second != scope)
    scopes_.emplace_back(static_cast<int>(nodes.size()), scope);
}

std::string Graph::stem_of(const Node& n) const {
  if (const auto argument = arguments_.find(n.id); argument != arguments_.end()) return argument->second;
  const auto after = std::upper_bound(scopes_.begin(), scopes_.end(), n.id, [](int at, const auto& s) { return at < s.first; });
  return (after == scopes_.begin() ? "" : std::prev(after)->second) + default_name(*n.op);
}

std::string Graph::name_of(const Node& wanted) const {
  std::lock_guard hold(living().mutex);
  const auto id = static_cast<size_t>(wanted.id);
  while (names_.size() <= id) {
    const std::string stem = stem_of(nodes[names_.size()]);
    int& count = taken_[stem];
    std::string name = count ? stem + "_" + std::to_string(count) : stem;
    for (++count; name != stem && taken_.contains(name); ++count) name = stem + "_" + std::to_string(count);
    if (name != stem) taken_[name] = 1;
    names_.push_back(std::move(name));
  }
  return names_[id];
}

std::string described(const Graph& g) {
  return fmt::format("FuncGraph(name={}, id={})", g.name, reinterpret_cast<uintptr_t>(g.key));
}

Told told(const Tensor& symbol) {
  const auto& s = symbol.impl()->symbol;
  const std::string output = ":" + std::to_string(s.index);
  std::lock_guard hold(living().mutex);   // no graph goes meanwhile
  const auto at = living().graphs.find(s.graph);
  if (at == living().graphs.end()) return {"tensor" + output, {}};
  return {at->second->name_of(node_of(symbol)) + output, described(*at->second)};
}

}  // namespace ninefold::graph

namespace ninefold {

std::string out_of_scope(const Tensor& symbol, const std::string& here) {
  const graph::Told where = graph::told(symbol);
  const std::string tensor =
      fmt::format("<tf.Tensor '{}' shape={} dtype={}>", where.tensor, symbol.shape().tuple(), name_of(symbol.dtype()));
  return fmt::format(
      "{0} is out of scope and cannot be used here. Use return values, explicit Python locals or TensorFlow collections to "
      "access it.\nPlease see https://www.tensorflow.org/guide/function#all_outputs_of_a_tffunction_must_be_return_values "
      "for more information.\n\n{0} was defined here:\n<unknown>\n\nThe tensor {0} cannot be accessed from {1}, because it "
      "was defined in {2}, which is out of scope.", tensor, here,
      where.graph.empty() ? "a function that is gone" : where.graph);
}

namespace {
const bool told_eagerly = (set_leak_text([](const Tensor& t) { return out_of_scope(t, "here"); }), true);
}

}  // namespace ninefold
