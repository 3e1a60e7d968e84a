// In: operands of shapes that broadcast to one another, and a loop over contiguous runs. Out: the loop
// called on runs that are as long as the shapes allow. Knows no op: the loop is a callback.
//
//   Broadcast plan({rows, cols}, {{rows, cols}, {cols}});    // result shape, operand shapes (aligned right)
//   plan.run(0, plan.units(), 4, {4, 4}, out, in, [&](void* o, const void* const* i, int64_t n, const uint8_t* s) {
//     bad = add.run(dt_float, o, i, n, s) || bad;            // s[k]: 1 contiguous, 0 one scalar
//   });
// A thread takes a part of [0, units()); parts write disjoint elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace ninefold::cpu {

inline constexpr int max_broadcast_operands = 3;

class Broadcast {
 public:
  using Shape = std::span<const int64_t>;
  using Run = std::function<void(void* out, const void* const* in, int64_t n, const uint8_t* step)>;

  // The shapes are known to be compatible: shape inference has checked them. Rank at most 8 after dimensions
  // that all operands walk alike are merged (any rank before).
  Broadcast(Shape out, std::initializer_list<Shape> operands) : Broadcast(out, std::span(operands.begin(), operands.size())) {}
  Broadcast(Shape out, std::span<const Shape> operands);

  int64_t elements() const { return elements_; }
  // How finely the work can be cut, and how many elements a unit has.
  int64_t units() const { return units_; }
  int64_t unit_elements() const { return units_ ? elements_ / units_ : 0; }
  // True iff every operand has the result's shape or is one scalar: a single run.
  bool flat() const { return dims_.size() <= 1; }

  void run(int64_t begin, int64_t end, size_t out_size, std::span<const size_t> in_size, void* out,
           const void* const* in, const Run& loop) const;
  void run(int64_t begin, int64_t end, size_t out_size, std::initializer_list<size_t> in_size, void* out,
           const void* const* in, const Run& loop) const {
    run(begin, end, out_size, std::span(in_size.begin(), in_size.size()), out, in, loop);
  }

 private:
  struct Dim {
    int64_t size;
    int64_t stride[max_broadcast_operands];  // in elements; 0 where the operand repeats
  };
  void run_short_rows(int64_t begin, int64_t end, size_t out_size, std::span<const size_t> in_size, char* out,
                      const void* const* in, const Run& loop) const;
  void offsets(int64_t outer, size_t skip, int64_t* offset) const;

  std::vector<Dim> dims_;  // outermost first
  int operands_ = 0;
  int64_t elements_ = 0, units_ = 0;
};

}  // namespace ninefold::cpu
