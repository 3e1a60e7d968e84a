// In: records. Out: which tensors of an op its gradient reads.
#include "engine/grad/reads.h"

#include <algorithm>
#include <unordered_map>

#include "engine/tensor/tensor_impl.h"

namespace ninefold::grad {
namespace {

// Of each argument of a record: does the gradient read it?
struct Reads {
  explicit Reads(const Op& op) : all(std::find(op.grad_reads.begin(), op.grad_reads.end(), "*") != op.grad_reads.end()) {
    const auto named = [&](const std::vector<ArgDef>& args, std::vector<bool>& flags) {
      for (const ArgDef& a : args)
        flags.push_back(std::find(op.grad_reads.begin(), op.grad_reads.end(), a.name) != op.grad_reads.end());
    };
    named(def(op).inputs, in);
    named(def(op).outputs, out);
  }
  bool all;
  std::vector<bool> in, out;
};

const Reads& reads_of(const Op& op) {
  thread_local std::unordered_map<const Op*, Reads> known;
  const auto it = known.find(&op);
  return it != known.end() ? it->second : known.emplace(&op, Reads(op)).first->second;
}

// How many tensors stand for an argument.
size_t count(const ArgDef& a, const Attrs& attrs) {
  if (a.count_attr >= 0) return static_cast<size_t>(std::get<int64_t>(attrs[static_cast<size_t>(a.count_attr)]));
  if (a.list_attr >= 0) return std::get<std::vector<DType>>(attrs[static_cast<size_t>(a.list_attr)]).size();
  return 1;
}

Tensor name_only(const Tensor& t) {
  if (t.symbolic() || !is_plain(t.dtype()) || !t.impl()->buffer) return t;
  const uint64_t id = t.id();
  Tensor name = symbolic_tensor({}, t.dtype(), t.shape());
  name.impl()->id = id;
  return name;
}

void drop(const std::vector<ArgDef>& args, const std::vector<bool>& read, const Attrs& attrs, Tensors& tensors) {
  size_t at = 0;
  for (size_t a = 0; a < args.size(); ++a)
    for (size_t n = count(args[a], attrs); n > 0 && at < tensors.size(); --n, ++at)
      if (!read[a]) tensors[at] = name_only(tensors[at]);
}

}  // namespace

void drop_unread(const Op& op, const Attrs& attrs, Tensors& in, Tensors& out) {
  const Reads& reads = reads_of(op);
  if (reads.all) return;
  drop(def(op).inputs, reads.in, attrs, in);
  drop(def(op).outputs, reads.out, attrs, out);
}

}  // namespace ninefold::grad
