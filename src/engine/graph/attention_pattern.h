// In: a program, one softmax. Out: the attention around it, and what flows back through it, if they are of the form that
// fuse_attention.cc tells. Pure.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "engine/graph/lying.h"
#include "engine/graph/program.h"

namespace ninefold::graph {

// One softmax with all around it. Values are of the program, numbers of instructions.
struct FoundAttention {
  size_t softmax = 0, scores = 0, sum = 0;           // the two products
  bool across = false;                               // the scores' product has keys for rows
  double scale = 1;
  int bias = -1;
  bool minus = false;
  Lying table;                                       // the softmax's input among the product's elements
  Lying q, k, v, result;                             // [batch, heads, rows, columns]
  int64_t batch = 0, heads = 0, queries = 0, keys = 0, depth = 0, value_depth = 0;
  std::set<size_t> members, back_members;
  std::vector<Lying> to;                             // what flows into q, k, v; no value: nobody asks
  Lying flow;                                        // into the result
};

class AttentionPattern {
 public:
  explicit AttentionPattern(const Program& p);
  bool forward(FoundAttention*) const;       // of `softmax`
  bool back(FoundAttention*) const;          // of what was found forward
  int maker(int v) const { return maker_[static_cast<size_t>(v)]; }   // the instruction that makes a value; -1: none
  const std::vector<size_t>& readers(int v) const { return readers_[static_cast<size_t>(v)]; }

 private:
  const Value& value(int v) const { return p_.values[static_cast<size_t>(v)]; }
  std::vector<int64_t> size(int v) const { return value(v).shape.vector(); }
  const Instruction& code(size_t i) const { return p_.code[i]; }
  bool fits(size_t i, const FoundAttention&) const;
  int reader(int v, const FoundAttention&) const;
  int maker(int v, const FoundAttention&) const;
  bool multiplies(size_t i, const FoundAttention&) const;
  bool number(int v, double* to) const;
  bool scales(const Instruction&, int* k, double* by) const;
  Lying origin(int v, const FoundAttention&, std::set<size_t>* members) const;
  std::optional<Lying> written(Lying, const FoundAttention&, std::set<size_t>* members) const;
  std::optional<Lying> in_heads(const Lying&, const FoundAttention&) const;
  std::optional<Lying> product_behind(int v, FoundAttention*, bool moved) const;
  int product_of(int a, int b, bool ta, bool tb, const FoundAttention&) const;
  int gradient(size_t product, int dy, bool first, const FoundAttention&) const;

  const Program& p_;
  std::vector<int> maker_;
  std::vector<std::vector<size_t>> readers_;
  std::vector<bool> leaves_;                           // results of the program
};

}  // namespace ninefold::graph
