// In: the bytes of a GraphDef, TensorFlow's or ours. Out: its nodes and functions as traces of the engine.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "ninefold/function.h"

namespace ninefold {

// A GraphDef with its library of functions. It is read at once; what it holds becomes a trace when it is asked for, so
// that an op which nobody needs need not be known. Threads may ask at once.
//   ImportedGraph graph(bytes);  FunctionRef f = graph.prune({"x:0"}, {"softmax:0"});
class NINEFOLD_API ImportedGraph {
 public:
  // Raises DataLossError if these are not the bytes of a GraphDef, InvalidArgumentError if two of its nodes or
  // functions share a name.
  explicit ImportedGraph(std::string_view graph_def);
  ~ImportedGraph();
  ImportedGraph(const ImportedGraph&) = delete;

  struct Signature {
    std::vector<TensorSpec> inputs;    // shapes as far as the file tells them
    std::vector<TensorSpec> outputs;   // without shapes: those follow when the function is traced
  };
  std::vector<std::string> functions() const;

  // ---- gradients that nodes name by their attribute _gradient_op_type (tf.custom_gradient)
  // The rules in the library: the name that nodes have, and the function.
  std::vector<std::pair<std::string, std::string>> rules() const;
  // What a rule reads besides what flows into each output of the node: a tensor or handle, or, where `tensor` is
  // undefined, a tensor of another function of the library, whose call holds the node.
  struct Bound {
    Tensor tensor;
    std::string function, name;
  };
  // How many results of a rule belong to each input of the node: none, a tensor, two or three parts of IndexedSlices.
  // To be said before a function is asked for: nodes whose rule nobody described have none.
  void describe_rule(const std::string& op_type, std::vector<Bound> bound, std::vector<int> results);
  // Functions that hold such nodes. When they are differentiated, `fail` is called with the node's name and its op, and
  // raises; without it that is a KeyError.
  std::vector<std::string> without_rules() const;
  void on_missing_rule(std::function<void(const std::string& node, const std::string& op)> fail);
  // Asked first: what flows back into a node's inputs by a rule of this process, from the node's outputs and what flows
  // into those. An empty function if it has none of that name.
  using RuleOfNode = std::function<Tensors(const Tensors& out, const Tensors& dy)>;
  void on_unknown_rule(std::function<RuleOfNode(const std::string& rule)> find);

  Signature signature(const std::string& function) const;   // NotFoundError if there is no such function
  // The function, whose last arguments are bound to `captures`: tensors, handles of variables and tables.
  // NotFoundError names an op that the engine lacks, and the node; ValueError what does not fit.
  FunctionRef function(const std::string& name, const Tensors& captures = {}) const;

  struct Node {
    std::string name, op, device;
    std::vector<std::string> inputs;
  };
  std::vector<Node> nodes() const;
  // The tensors `fetches` ("x", "x:1"), computed by ops of the trace that is active, or now. `feeds` stand for tensors
  // of the graph; nodes named in `targets` run though nobody reads them.
  Tensors add(const std::map<std::string, Tensor>& feeds, std::span<const std::string> fetches,
              std::span<const std::string> targets = {}) const;
  // The function from `feeds` to `fetches`. A Placeholder that is not fed, but read, is an error.
  FunctionRef prune(std::span<const std::string> feeds, std::span<const std::string> fetches,
                    std::span<const std::string> targets = {}) const;
  TensorSpec spec_of(const std::string& tensor) const;      // dtype and shape as far as its node tells them

 private:
  struct State;
  const std::shared_ptr<State> state_;   // rules that raise when they are traced are asked again later
};

// Functions and the few nodes that a SavedModel has beside them, as one GraphDef. Every method gives the name that the
// function or the node got.
class NINEFOLD_API GraphWriter {
 public:
  // `rules`: whether the rules of custom gradients are written. Their nodes name them in any case.
  explicit GraphWriter(bool rules = true);
  ~GraphWriter();
  GraphWriter(const GraphWriter&) = delete;
  // Arguments first, then what is captured; functions that it calls come along. Equal functions have one name, which
  // `digits` make another: functions over different variables may be equal.
  std::string function(const FunctionRef& f, const std::string& digits = {});
  std::string constant(const std::string& name, const Tensor& value);
  std::string placeholder(const TensorSpec& spec);
  std::string variable(const TensorSpec& spec);             // a VarHandleOp
  std::string call(const std::string& name, const std::string& function, std::span<const std::string> inputs,
                   std::span<const DType> in, std::span<const DType> out);
  // Any other op. `types`: its attributes that are dtypes; `dtypes`: the one that is a list of them, if it has one.
  std::string node(const std::string& op, const std::string& name, std::span<const std::string> inputs,
                   const std::map<std::string, DType>& types = {}, std::span<const DType> dtypes = {});
  // The rule of one node: a function of what flows into its outputs, which are as many as its inputs, and of captures.
  struct Rule {
    struct Capture {
      std::string tensor;                 // of the function `of`: "mul:0"
      int argument = -1;                  // which argument of it that is, if it is one
      DType dtype = DType::invalid;
    };
    std::string function, of;             // its name; the function that holds the node
    std::vector<TensorSpec> flows, gradients;   // one an output, one an input; an invalid dtype where nothing flows
    std::vector<Capture> captures;
  };
  const std::vector<Rule>& rules() const;
  std::string bytes();                                      // once, at the end

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// ---- the messages around it ---------------------------------------------------------------------------------

// TensorFlow's messages of a SavedModel ("SavedModel", "SavedObjectGraph", "SavedMetadata" of Keras) as nests: a dict of
// the fields that are there; numbers, bools and text as themselves, repeated fields as lists, maps as dicts. What has
// readers of its own (GraphDef, TensorProto) is a string tensor of its bytes.
// Raises DataLossError for bytes that are no such message.
NINEFOLD_API Value decode_message(const std::string& kind, std::string_view bytes);
// Raises TypeError for a field that the message does not have, and for a value of another kind than the field's.
NINEFOLD_API std::string encode_message(const std::string& kind, const Value& message);

// The table of a layer with a vocabulary: its handle, which the layer's calls capture, what fills it, and what keys get that
// it does not have. Raises TypeError for other layers.
struct VocabularyTable {
  Tensor handle, keys, values, fallback;
};
namespace keras {
class Layer;
NINEFOLD_API VocabularyTable vocabulary_table(const Layer& layer);
}  // namespace keras

// A finished directory takes the place of another, which is then where the first was: nobody sees neither or half.
// Raises the error of the system call, with both paths.
NINEFOLD_API void exchange_directories(const std::string& finished, const std::string& target);

}  // namespace ninefold
