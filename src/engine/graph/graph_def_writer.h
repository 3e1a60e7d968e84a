// In: traced functions. Out: nodes and functions as TensorFlow's messages have them. write_body.cc writes what a function holds,
// write_library.cc functions with their names and rules, graph_def.cc what others ask for.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/wire.h"
#include "engine/graph/expansion.h"
#include "engine/graph/function.h"
#include "ninefold/saved_model.h"

namespace ninefold::graph {

wire::Shape to_wire(const Shape& s);
wire::Tensor to_wire(const Tensor& t);

// Names that are taken get a number, as TensorFlow's do: "MatMul", "MatMul_1".
class Names {
 public:
  std::string fresh(const std::string& base) {
    std::string name = base;
    for (int i = 1; !taken_.insert(name).second; ++i) name = base + "_" + std::to_string(i);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

constexpr const char* kRule = "_gradient_op_type";   // the attribute by which a node names its gradient

class GraphDefWriter {
 public:
  using Rule = GraphWriter::Rule;
  // `with_shapes`: arguments of functions say their shapes, as a SavedModel's do. `with_rules`: the rules of custom
  // gradients are functions of the library.
  explicit GraphDefWriter(bool with_shapes = false, bool with_rules = false) : with_shapes_(with_shapes), with_rules_(with_rules) {}
  std::vector<wire::FunctionDef> take_library() { return std::move(library_); }
  const std::vector<Rule>& rules() const { return rules_; }
  const std::map<std::string, std::string>& registered() const { return registered_; }
  const std::map<std::string, TensorSpec>& reads() const { return reads_; }   // nodes that no op of the trace is
  // A function of the library once more, under a name of its own. Rules read tensors of the one function that holds their
  // node, so they are copied too.
  std::string again(const std::string& name, const std::string& digits);
  std::map<std::string, const Node*> names_of(const Concrete& f);
  wire::GraphDef write(const Concrete& f);
  // `counted`: 1 the body of a loop whose iterations are counted, 2 its condition.
  std::string function(const Concrete& f, int counted = 0);

 private:
  struct Body {
    bool function = false, counted = false;   // counted: loops have two variables more
    Names names;
    std::vector<wire::NodeDef> nodes;
    std::vector<std::string> must_run;
    std::map<const Node*, std::string> name_of;
    std::vector<Rule> rules;                  // of its nodes
    // "x:1" as the graph of a function that is loaded calls it.
    std::string name_when_loaded(const Tensor& t) const;
    // "x" and "x:1" in a graph; "x:output:0" in a function, counted within the output argument.
    std::string reference(const Tensor& t) const;
  };

  // write_body.cc
  wire::AttrValue value(const AttrDef& d, const Attr& a);
  void count(wire::NodeDef& w, const Node& n, Body& b);
  Body body_of(const Concrete& f, bool function);
  // An op of our own becomes a call of what it stands for.
  wire::AttrMap call_of(const Node& n, Expansion expand);
  // A custom gradient is an IdentityN of its results and its sources, which names the rule for what flows back into them.
  // In the place of a variable stands what is read from it.
  void custom(wire::NodeDef& w, const Node& n, Body& b, const Graph& g);

  // write_library.cc
  // TensorFlow calls a rule with what flows into every output of the node, that of the sources too.
  std::string rule_function(const Concrete& f, const Rule& rule, size_t results);
  void publish(wire::FunctionDef d, std::vector<Rule> rules);
  // The function without its name, and the rules of its nodes.
  std::pair<wire::FunctionDef, std::vector<Rule>> definition(const Concrete& f, int counted);

  const bool with_shapes_, with_rules_;
  std::vector<Rule> rules_;
  std::map<std::string, std::string> registered_;     // functions that are rules: what nodes call them
  std::map<std::string, TensorSpec> reads_;
  std::set<std::string> names_;
  std::map<std::pair<const Concrete*, int>, std::string> written_;
  std::vector<wire::FunctionDef> library_;
  std::vector<std::shared_ptr<Concrete>> expanded_;   // written_ knows them by address
};

// A number that follows from bytes alone, as decimal digits.
std::string number_of(const std::string& bytes);
wire::NodeDef scalar_node(std::string name, int32_t value);

}  // namespace ninefold::graph
