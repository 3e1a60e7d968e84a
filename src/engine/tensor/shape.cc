// In: dimensions, some unknown. Out: what can be said of them.
#include <algorithm>

#include "base/check.h"
#include "ninefold/tensor.h"

namespace ninefold {

void Shape::assign(const int64_t* dims, int rank) {
  check(rank <= 254, Code::value, "Shape: a tensor has at most 254 dimensions, got {}", rank);
  int64_t* fresh = rank > kInline ? new int64_t[static_cast<size_t>(rank)] : nullptr;
  if (fresh) std::copy(dims, dims + rank, fresh);
  int64_t small[kInline] = {};
  if (!fresh) std::copy(dims, dims + std::max(rank, 0), small);
  reset();
  rank_ = rank;
  if (fresh) heap_ = fresh;
  else std::copy(small, small + kInline, inline_);
}

bool Shape::fully_known() const {
  return rank_ >= 0 && std::all_of(begin(), end(), [](int64_t d) { return d >= 0; });
}

bool Shape::compatible(const Shape& o) const {
  if (rank_ < 0 || o.rank_ < 0) return true;
  if (rank_ != o.rank_) return false;
  for (int i = 0; i < rank_; ++i)
    if ((*this)[i] >= 0 && o[i] >= 0 && (*this)[i] != o[i]) return false;
  return true;
}

Shape Shape::merge(const Shape& o) const {
  check(compatible(o), Code::value, "Shapes {} and {} are not compatible", tuple(), o.tuple());
  if (rank_ < 0) return o;
  if (o.rank_ < 0) return *this;
  Shape r = *this;
  for (int i = 0; i < rank_; ++i)
    if (r[i] < 0) r.set(i, o[i]);
  return r;
}

Shape Shape::relax(const Shape& o) const {
  if (rank_ != o.rank_ || rank_ < 0) return unknown();
  Shape r = *this;
  for (int i = 0; i < rank_; ++i)
    if (r[i] != o[i]) r.set(i, -1);
  return r;
}

void Shape::no_axis(int axis) const {
  fail(Code::value, "expected a shape with more than {} dimensions, got {}", axis < 0 ? -axis : axis, tuple());
}

Shape Shape::slice(int from, int to) const {
  if (from < 0 || from > to || to > std::max(rank_, 0))
    fail(Code::value, "expected a shape with the dimensions [{}, {}), got {}", from, to, tuple());
  return Shape(std::span<const int64_t>(begin() + from, static_cast<size_t>(to - from)));
}

Shape Shape::concat(const Shape& tail) const {
  if (rank_ < 0 || tail.rank_ < 0) return unknown();
  std::vector<int64_t> all = vector();
  all.insert(all.end(), tail.begin(), tail.end());
  return Shape(all);
}

std::string Shape::str() const {
  if (rank_ < 0) return "<unknown>";
  std::string s = "[";
  for (int i = 0; i < rank_; ++i) {
    if (i) s += ',';
    s += (*this)[i] < 0 ? "?" : std::to_string((*this)[i]);
  }
  return s + "]";
}

std::string Shape::tuple() const {
  if (rank_ < 0) return "<unknown>";
  std::string s = "(";
  for (int i = 0; i < rank_; ++i) {
    if (i) s += ", ";
    s += (*this)[i] < 0 ? "None" : std::to_string((*this)[i]);
  }
  return s + (rank_ == 1 ? ",)" : ")");
}

}  // namespace ninefold
