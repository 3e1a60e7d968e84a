// In: a node's inputs as far as they are known. Out: the shared shape rules and their errors.
#include "engine/op/shape_ctx.h"

#include <algorithm>

#include "engine/op/partial_value.h"
#include "engine/op/scope.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold {
namespace {
PartialValue partial = nullptr;
}
PartialValue partial_value() { return partial; }
void set_partial_value(PartialValue how) { partial = how; }

ShapeCtx::ShapeCtx(const Op& op, const Attrs& attrs, std::span<const Tensor> inputs)
    : op_(op), attrs_(attrs), inputs_(inputs) {}

const Tensor* ShapeCtx::value(int i) const {
  const Tensor& t = inputs_[static_cast<size_t>(i)];
  if (!t.symbolic()) return t.impl()->buffer ? &t : nullptr;
  return t.impl()->known.get();
}

int ShapeCtx::count(std::string_view input) const {
  const OpDef& d = def(op_);
  const ArgDef& a = d.inputs[static_cast<size_t>(d.input(input))];
  if (a.count_attr >= 0) return static_cast<int>(std::get<int64_t>(attrs_[static_cast<size_t>(a.count_attr)]));
  if (a.list_attr >= 0)
    return static_cast<int>(std::get<std::vector<DType>>(attrs_[static_cast<size_t>(a.list_attr)]).size());
  return 1;
}

int ShapeCtx::index(std::string_view input) const {
  const OpDef& d = def(op_);
  const int at = d.input(input);
  NINEFOLD_INVARIANT(at >= 0);
  if (d.plain) return at;
  int tensor = 0;
  for (int i = 0; i < at; ++i) tensor += count(d.inputs[static_cast<size_t>(i)].name);
  return tensor;
}

void ShapeCtx::raise(const std::string& what) const {
  throw Error(Code::invalid_argument, what + " [Op:" + op_.name + "]");
}

void ShapeCtx::rank(int input, int rank) const {
  const Shape& s = shape(input);
  check(!s.known_rank() || s.rank() == rank, "Shape must be rank {} but is rank {} for input {} with shape {}",
        rank, s.rank(), input, s.str());
}

void ShapeCtx::rank_at_least(int input, int rank) const {
  const Shape& s = shape(input);
  check(!s.known_rank() || s.rank() >= rank, "Shape must be at least rank {} but is rank {} for input {} with shape {}",
        rank, s.rank(), input, s.str());
}

std::pair<int64_t, int64_t> ShapeCtx::matrix(std::string_view input, bool transposed) const {
  const int i = index(input);
  rank(i, 2);
  const Shape& s = shape(i);
  if (!s.known_rank()) return {-1, -1};
  return transposed ? std::pair{s[1], s[0]} : std::pair{s[0], s[1]};
}

Shape ShapeCtx::broadcast(const Shape& a, const Shape& b) const {
  if (!a.known_rank() || !b.known_rank()) return Shape::unknown();
  const int rank = std::max(a.rank(), b.rank());
  Shape r = Shape::of_rank(rank);
  for (int i = 0; i < rank; ++i) {
    const int64_t x = i < rank - a.rank() ? 1 : a[i - (rank - a.rank())];
    const int64_t y = i < rank - b.rank() ? 1 : b[i - (rank - b.rank())];
    const bool fits = x == y || x == 1 || y == 1 || x < 0 || y < 0;
    if (!fits && scope().tracer()) check(false, "Dimensions must be equal, but are {} and {}", x, y);
    check(fits, "Incompatible shapes: {} vs. {}", a.str(), b.str());
    r.set(i, x == 1 ? y : y == 1 ? x : x < 0 ? y : x);
    if (x < 0 && y < 0) r.set(i, -1);
  }
  return r;
}

Shape ShapeCtx::shape_value(int input, bool allow_minus_one) const {
  const Tensor* v = value(input);
  if (!v) {
    const Tensor& t = inputs_[static_cast<size_t>(input)];
    if (partial && t.symbolic())   // some of its elements may be known
      if (Shape dims = partial(t); dims.known_rank()) {
        for (int i = 0; i < dims.rank(); ++i) dims.set(i, std::max<int64_t>(dims[i], -1));
        return dims;
      }
    const Shape& s = shape(input);   // at least the rank may be known
    return s.known_rank() && s.rank() == 1 && s[0] >= 0 ? Shape::of_rank(static_cast<int>(s[0])) : Shape::unknown();
  }
  check(v->rank() == 1 || (allow_minus_one && v->size() == 1 && v->rank() == 0),
        "shape must be a vector of {{int32,int64}}, got shape {}", v->shape().str());
  std::vector<int64_t> dims = v->ints();
  for (size_t i = 0; i < dims.size(); ++i)
    check(dims[i] >= (allow_minus_one ? -1 : 0), "Dimension {} must be >= 0", dims[i]);
  return Shape(dims);
}

int ShapeCtx::axis(int64_t a, int rank) const {
  check(a >= -rank && a < rank, "axis = {} is out of range: expected it in [{}, {})", a, -rank, rank);
  return static_cast<int>(a < 0 ? a + rank : a);
}

bool ShapeCtx::whole() const {
  return std::all_of(inputs_.begin(), inputs_.end(), [](const Tensor& t) { return t.shape().fully_known(); });
}

void ShapeCtx::output(int i, Shape s) {
  if (outputs_.size() <= static_cast<size_t>(i)) outputs_.resize(static_cast<size_t>(i) + 1, Shape::unknown());
  outputs_[static_cast<size_t>(i)] = std::move(s);
}

void ShapeCtx::unknown() {
  const size_t n = output_dtypes(op_, attrs_).size();
  if (outputs_.size() < n) outputs_.resize(n, Shape::unknown());
}

namespace shapes {
void same(ShapeCtx& c) { c.same_as_input(); }
void broadcast(ShapeCtx& c) { c.output(c.broadcast(c.shape(0), c.shape(1))); }
void scalar(ShapeCtx& c) { c.output(Shape{}); }
void none(ShapeCtx&) {}
void unknown(ShapeCtx& c) { c.unknown(); }
}  // namespace shapes

std::vector<DType> output_dtypes(const Op& op, const Attrs& attrs) {
  std::vector<DType> out;
  for (const ArgDef& a : def(op).outputs) {
    if (a.list_attr >= 0) {
      const auto& list = std::get<std::vector<DType>>(attrs[static_cast<size_t>(a.list_attr)]);
      out.insert(out.end(), list.begin(), list.end());
      continue;
    }
    const DType d = a.type_attr >= 0 ? std::get<DType>(attrs[static_cast<size_t>(a.type_attr)]) : a.fixed;
    const int64_t n = a.count_attr >= 0 ? std::get<int64_t>(attrs[static_cast<size_t>(a.count_attr)]) : 1;
    out.insert(out.end(), static_cast<size_t>(n), d);
  }
  return out;
}

}  // namespace ninefold
