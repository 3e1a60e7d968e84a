// In: a GraphDef with its library. Out: what is known of it while it is imported, for the three files that do that:
// import.cc (who asks), import_order.cc (bodies in order), import_trace.cc (bodies as traces).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph/import.h"
#include "ninefold/saved_model.h"

namespace ninefold {
namespace graph {

// "x", "^x", "x:1" of a graph; "x", "x:output:1" of a function.
struct Reference {
  std::string_view node, argument;
  int index = 0;
  bool control = false;
};
Reference parse(std::string_view text, const std::string& context);

}  // namespace graph

struct ImportedGraph::State : std::enable_shared_from_this<ImportedGraph::State> {
  using Item = graph::Item;
  using ItemKind = graph::ItemKind;
  using Prepared = graph::Prepared;
  using Source = graph::Source;

  wire::GraphDef def;
  std::map<std::string, const wire::FunctionDef*, std::less<>> library;
  mutable std::mutex mutex;                                            // guards what follows
  mutable std::map<std::string, std::shared_ptr<const Prepared>, std::less<>> prepared;
  mutable std::map<std::string, Tensor> variables;                     // of VarHandleOp, by shared name
  // Said before functions are asked for, and then only read.
  struct Rule {
    std::string function;
    std::vector<Bound> bound;
    std::vector<int> results;
  };
  std::map<std::string, Rule, std::less<>> rules;                      // by what nodes call them
  std::map<std::string, std::set<std::string>, std::less<>> read_by_rules;   // tensors of functions
  std::function<void(const std::string&, const std::string&)> missing;
  std::function<ImportedGraph::RuleOfNode(const std::string&)> elsewhere;

  const wire::FunctionDef& find(const std::string& name) const {
    const auto at = library.find(name);
    check(at != library.end(), Code::not_found, "import: the library has no function '{}'", name);
    return *at->second;
  }

  // ---- a body: what it needs, checked, in order ----

  using Fed = std::map<std::pair<std::string, int>, int, std::less<>>;   // tensors that arguments stand for
  struct Request {
    const std::vector<wire::NodeDef>& nodes;
    std::string where;                     // "function 'f'"
    const std::set<std::string>* read_by_rules = nullptr;
    bool function = false;
    Fed fed;
    std::vector<std::string> results, targets;
  };

  // What a node calls its gradient. Calls have one too, a name of the process that wrote them: theirs is the function's.
  std::string rule_named_by(const wire::NodeDef& n) const;
  Item item_of(const wire::NodeDef& n, const std::string& where) const;
  Prepared prepare(const Request& q) const;
  static bool arguments_hold(const Request& q, const graph::Reference& r);
  // The nodes that results and targets need; in a function also those that act on the world or on state.
  std::vector<size_t> needed(const Request& q, const std::map<std::string_view, int>& index) const;
  std::shared_ptr<const Prepared> body(const std::string& name) const;

  // ---- a body: traced ----

  // A body while it is traced: rules read its values.
  struct Frame {
    std::string function;
    std::shared_ptr<const Prepared> body;
    const Tensors arguments;
    std::vector<Tensors> values;
    std::shared_ptr<const Frame> outer;

    const Tensor* value(const Source& s) const {
      if (s.item < 0) return &arguments[static_cast<size_t>(-1 - s.item)];
      const Tensors& all = values[static_cast<size_t>(s.item)];
      return static_cast<size_t>(s.output) < all.size() ? &all[static_cast<size_t>(s.output)] : nullptr;
    }
  };
  struct Run {
    int depth = 0;
    std::shared_ptr<int64_t> nodes = std::make_shared<int64_t>(0);
    std::shared_ptr<const Frame> frame = nullptr;   // the innermost
  };
  Tensors call(const std::string& name, const Tensors& arguments, Run& run) const;
  Tensors put(const std::shared_ptr<const Prepared>& prepared, const std::string& name, const Tensors& arguments, Run& run) const;

  // ---- gradients that nodes name ----

  Tensors differentiated(const Item& item, const Tensors& out, const Tensors& in, const Run& run) const;
  Tensors flown_back(const Rule& rule, const std::string& node, const Tensors& in, const Tensors& dy, Run run) const;
  static Tensor read_by_rule(const Bound& b, const Run& run, const std::string& context);

  // ---- nodes ----

  Tensors result(const Item& item, Tensors in, Run& run) const;
  static Tensors constant(const Item& item);
  Tensor variable(const Item& item) const;
  Tensors branch(const Item& item, const Tensors& in, Run& run) const;
  // Variables that the body hands on unchanged are captured: what is known of them, handles above all, stays known.
  Tensors loop(const Item& item, const Tensors& in, Run& run) const;
};

}  // namespace ninefold
