// In: tensors. Out: the masks and logits attached to them.
#include "train/layers/notes.h"

#include <mutex>

#include "engine/graph/graph.h"
#include "engine/op/scope.h"
#include "ninefold/composite.h"

namespace ninefold::keras {
namespace {

struct Notes {
  Value mask;
  Tensor logits;
};
std::mutex mutex;   // guards TensorImpl::notes and what it points to: rarely used, never held long

Notes* notes(const Tensor& t) { return static_cast<Notes*>(t.impl()->notes.get()); }
Notes& own_notes(const Tensor& t) {
  if (!t.impl()->notes) t.impl()->notes = std::make_shared<Notes>();
  return *notes(t);
}

}  // namespace

Value mask_of(const Tensor& t) {
  std::lock_guard hold(mutex);
  const Notes* n = notes(t);
  return n && !Ragged::of(n->mask) ? n->mask : Value();
}
void set_mask(const Tensor& t, const Value& mask) {
  std::lock_guard hold(mutex);
  if (!mask.none() || notes(t)) own_notes(t).mask = mask;
}
// What lies at a ragged tensor's flat values is no mask of these alone, and the other way round.
Value mask_of(const Value& leaf) {
  const RaggedRef rows = Ragged::of(leaf);
  const Tensor* t = rows ? &rows->flat_values() : leaf.get<Tensor>();
  if (!t) return {};
  std::lock_guard hold(mutex);
  const Notes* n = notes(*t);
  return n && (Ragged::of(n->mask) != nullptr) == (rows != nullptr) ? n->mask : Value();
}
void set_mask(const Value& leaf, const Value& mask) {
  if (const RaggedRef rows = Ragged::of(leaf)) set_mask(rows->flat_values(), mask);
  else if (const Tensor* t = leaf.get<Tensor>()) set_mask(*t, mask);
}
void set_logits(const Tensor& t, const Tensor& logits) {
  if (t.impl() == logits.impl()) return;   // would own itself
  std::lock_guard hold(mutex);
  own_notes(t).logits = logits;
}
Tensor logits_of(const Tensor& t, std::string_view op) {
  {
    std::lock_guard hold(mutex);
    if (const Notes* n = notes(t); n && n->logits) return n->logits;
  }
  // Only a symbol of the trace that is active: the node of an older one may be gone.
  const Tracer* tracer = scope().tracer();
  if (!t.symbolic() || !tracer || !tracer->owns(t) || !t.impl()->symbol.node) return {};
  const graph::Node& node = graph::node_of(t);
  return node.op->name == op ? node.in.at(0) : Tensor();
}

}  // namespace ninefold::keras
