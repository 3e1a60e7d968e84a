// In: a trace and the shapes of its inputs. Out: the program that plans are made from: values by number, shapes
// filled in, what can be computed beforehand computed. Passes rewrite it; they are functions Program& -> void.
#pragma once

#include "engine/graph/function.h"
#include "engine/graph/graph.h"

namespace ninefold::graph {

struct Fused;

struct Value {
  DType dtype = DType::invalid;
  Shape shape;               // partial if it follows from data
  Tensor known;              // its value, if that is fixed: a constant, a captured tensor, the handle of a variable
  bool by_kernel = false;    // the kernel brings the memory (a variable's, a called function's): none is set aside
};

// Whether an instruction that writes does so only if a boolean, the last of its inputs, says so (guard.cc).
enum class Guard : uint8_t { none, if_true, if_false };

struct Instruction {
  const Op* op = nullptr;
  Attrs attrs;
  std::vector<int> in, out;  // values
  const Node* origin = nullptr;
  bool must_run = false;     // it writes or prints
  uint64_t* counter = nullptr;   // of a random op: its stream
  Guard guard = Guard::none;
  std::shared_ptr<const Fused> fused = {};   // of a chain that became one instruction (fuse.h)
};

// Where it is to run: tf.device's wish, or its replica's GPU; null: where whoever runs the program wishes.
inline const Device* wish_of(const Instruction& c) {
  return !c.origin ? nullptr : c.origin->device ? c.origin->device : c.origin->home;
}

struct Program {
  std::vector<Value> values;
  std::vector<Instruction> code;        // in an order that effects allow
  std::vector<int> inputs, outputs;
  std::vector<const Graph*> graphs;     // of functions whose nodes are among the instructions, besides the program's own
};

// An op's error within a function, in TensorFlow's words: which node it was. Raises that, unless a body's node has told.
void name_node(const Error&, const Graph&, const Node&);

// `inputs`: what is known of arguments and captures.
Program lower(const Concrete& f, std::vector<Value> inputs);
// What `f` makes of the program's results: its own results come behind them.
void append(Program&, const Concrete& f);

// The same of any values: what `f` does with them comes behind `code`; its results.
std::vector<int> inlined(Program&, const Concrete& f, std::span<const int> inputs, std::vector<Instruction>& code);

// The passes, in the order in which `optimise` runs them; debug builds verify after each.
void optimise(Program&);
void drop_identities(Program&);
void merge_equal(Program&);
void drop_unread(Program&);
void narrow_control_flow(Program&);   // branches and loops without what nobody reads of them
void inline_calls(Program&);          // what functions do, where they are called (inline_calls.cc)
void guard_branches(Program&);        // branches that only write, without a question to the host (guard.cc)
void pad_rows(Program&);              // gradients of rows in sizes that no data tells (pad_rows.cc)
void begin_collectives_early(Program&);   // what replicas add up is asked for as soon as it is there (collectives.cc)
// Values are written once and before they are read, and exist.
void verify(const Program&);

}  // namespace ninefold::graph
