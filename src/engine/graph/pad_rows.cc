// In: instructions in order, on a machine with a GPU. Out: the same, with gradients of rows whose number follows from data (Unique,
// UnsortedSegmentSum, updates of those rows) as many rows as there were indices: those behind the distinct ones have the index -1,
// which no kernel of a GPU writes to. Sizes are known then, and a training step with an Embedding can be one graph.
#include <algorithm>

#include "engine/graph/program.h"
#include "engine/op/kernel_ctx.h"
#include "engine/ops/unique_rows.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::graph {
namespace {

enum class Row : uint8_t { no, index, value, size };   // what a value is: distinct indices, their rows, how many there are

class RowPadder {
 public:
  explicit RowPadder(Program& p) : p_(p) {}

  void run() {
    for (size_t i = 0; i < p_.code.size(); ++i)
      if (p_.code[i].op->name == "Unique" && pads(i)) pad(i);
  }

 private:
  const Value& value(int v) const { return p_.values[static_cast<size_t>(v)]; }
  Row& row(int v) { return rows_[static_cast<size_t>(v)]; }

  // Whether all that follows from the distinct indices goes row by row, and ends in rows of variables.
  bool pads(size_t first) {
    const Instruction& unique = p_.code[first];
    const Value& x = value(unique.in[0]);
    const Device* const wish = wish_of(unique);
    if ((x.dtype != DType::i32 && x.dtype != DType::i64) || !x.shape.fully_known() || x.shape.size() == 0) return false;
    if (value(unique.out[1]).dtype != DType::i32 || (wish && wish->host())) return false;
    rows_.assign(p_.values.size(), Row::no);
    row(unique.out[0]) = Row::index;
    bool ends = false;
    for (size_t i = first + 1; i < p_.code.size(); ++i) {
      const Instruction& c = p_.code[i];
      if (std::none_of(c.in.begin(), c.in.end(), [&](int v) { return row(v) != Row::no; })) continue;
      if (wish_of(c) != wish || !follows(c, unique)) return false;
      ends = ends || c.op->effect == Effect::writes;
    }
    return ends && std::none_of(p_.outputs.begin(), p_.outputs.end(), [&](int v) { return row(v) != Row::no; });
  }
  bool follows(const Instruction& c, const Instruction& unique) {
    const std::string& name = c.op->name;
    if (name == "Size" && row(c.in[0]) == Row::index) return row(c.out[0]) = Row::size, true;
    if (name == "UnsortedSegmentSum")
      return row(c.in[0]) == Row::no && c.in[1] == unique.out[1] && row(c.in[2]) == Row::size && gives_rows(c);
    if (name == "ResourceGather") return row(c.in[1]) == Row::index && gives_rows(c);
    if (c.op->elementwise && c.op->effect == Effect::none && c.out.size() == 1) {
      const int rank = value(c.out[0]).shape.known_rank() ? value(c.out[0]).shape.rank() : 0;
      for (int v : c.in) {
        const Shape& s = value(v).shape;
        if (!s.known_rank() || s.rank() > rank) return false;
        if (row(v) == Row::value ? s.rank() != rank : row(v) != Row::no || (s.rank() == rank && s[0] != 1)) return false;
      }
      return gives_rows(c);
    }
    if (!name.starts_with("ResourceScatter") && !name.starts_with("ResourceSparseApply")) return false;
    const OpDef& d = def(*c.op);
    if (!d.plain || name.starts_with("ResourceScatterNd")) return false;
    for (size_t k = 0; k < c.in.size(); ++k)
      if (d.inputs[k].name == "indices" ? row(c.in[k]) != Row::index : row(c.in[k]) != Row::no && row(c.in[k]) != Row::value) return false;
    return c.out.empty();
  }
  bool gives_rows(const Instruction& c) {
    const Shape& s = value(c.out[0]).shape;
    if (!s.known_rank() || s.rank() == 0) return false;
    row(c.out[0]) = Row::value;
    return true;
  }

  void pad(size_t i) {
    Instruction& c = p_.code[i];
    const int64_t n = value(c.in[0]).shape.size();
    c.op = &ops::unique_rows_op(value(c.in[0]).dtype);
    c.attrs = Attrs(*c.op, std::span<const NamedAttr>());
    for (size_t v = 0; v < rows_.size(); ++v) {
      Shape& s = p_.values[v].shape;
      if (rows_[v] == Row::index || rows_[v] == Row::value) s = Shape{n}.concat(s.slice(1, s.rank()));
    }
  }

  Program& p_;
  std::vector<Row> rows_;                    // of the values, from one Unique
};

}  // namespace

void pad_rows(Program& p) {
  if (accelerated()) RowPadder(p).run();
}

}  // namespace ninefold::graph
