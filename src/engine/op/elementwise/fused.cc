// In: a program and pointers. Out: its outputs, tile by tile.
#include "engine/op/elementwise/fused.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/check.h"

namespace ninefold::elementwise {

namespace {

// Not a multiple of 4096: loads and stores that agree in their low twelve bits wait for each other.
constexpr size_t buffer_bytes = tile * 8 + 320;

void put(int dtype, double value, char* at) {
  const auto as = [&](auto typed) { std::memcpy(at, &typed, sizeof typed); };
  switch (dtype) {
    case dt_float: return as(static_cast<float>(value));
    case dt_double: return as(value);
    case dt_int32: return as(static_cast<int32_t>(value));
    case dt_int64: return as(static_cast<int64_t>(value));
    case dt_uint64: return as(static_cast<uint64_t>(value));
    case dt_bool: return as(static_cast<uint8_t>(value != 0));
    default: NINEFOLD_INVARIANT(!"a fused program computes in float, double, int32, int64, uint64 or bool");
  }
}

void repeat(char* to, const char* from, size_t bytes, int64_t times) {
  for (int64_t i = 0; i < times; ++i) std::memcpy(to + i * bytes, from, bytes);
}
void spread(char* to, const char* from, size_t size, int64_t n) {
  std::memcpy(to, from, size);
  for (size_t done = size, all = size * n; done < all; done *= 2)
    std::memcpy(to + done, to, std::min(done, all - done));
}

}  // namespace

int Program::add(int dtype) {
  NINEFOLD_INVARIANT(!finished_ && element_size(dtype) && element_size(dtype) <= 8);
  regs_.push_back({dtype, -1});
  return static_cast<int>(regs_.size()) - 1;
}

int Program::input(int dtype, Layout layout) {
  const int reg = add(compute_dtype(dtype));
  inputs_.push_back({reg, dtype, layout});
  by_row_ = by_row_ || layout == Layout::row || layout == Layout::column;
  return reg;
}

int Program::constant(int dtype, double value) {
  Constant c{add(compute_dtype(dtype)), {}};
  put(compute_dtype(dtype), value, c.value);
  constants_.push_back(c);
  return c.reg;
}

int Program::apply(const Body& op, std::initializer_list<int> operands) {
  NINEFOLD_INVARIANT(static_cast<int>(operands.size()) == op.operands);
  const int dtype = regs_[operands.begin()[op.first_is_condition ? 1 : 0]].dtype;
  NINEFOLD_INVARIANT(op.loop[dtype]);
  for (int i = 0; i < op.operands; ++i)
    NINEFOLD_INVARIANT(regs_[operands.begin()[i]].dtype == op.operand_dtype(i, dtype));
  const int reg = apply(op.loop[dtype], op.out[dtype], operands);
  steps_.back().fault = op.fault[dtype];
  return reg;
}

int Program::apply(Loop loop, int out_dtype, std::initializer_list<int> operands) {
  Step s{loop, nullptr, add(out_dtype), static_cast<int>(operands.size()), {}};
  std::copy(operands.begin(), operands.end(), s.src);
  steps_.push_back(s);
  return s.dst;
}

void Program::output(int reg, int dtype) {
  NINEFOLD_INVARIANT(!finished_ && (dtype == 0 || compute_dtype(dtype) == regs_[reg].dtype));
  outputs_.push_back({reg, dtype ? dtype : regs_[reg].dtype, false});
}

void Program::finish() {
  NINEFOLD_INVARIANT(!finished_);
  std::vector<int> last(regs_.size(), -1);  // the step that reads a register last
  for (size_t s = 0; s < steps_.size(); ++s)
    for (int i = 0; i < steps_[s].operands; ++i) last[steps_[s].src[i]] = static_cast<int>(s);
  std::vector<char> lasting(regs_.size(), 0);  // never reused: constants, converted inputs, outputs
  for (const Input& in : inputs_) {
    lasting[in.reg] = 1;
    if (in.dtype != regs_[in.reg].dtype || in.layout != Layout::full) regs_[in.reg].buffer = buffers_++;
  }
  for (const Constant& c : constants_) lasting[c.reg] = 1, regs_[c.reg].buffer = buffers_++;
  std::vector<char> has_output(regs_.size(), 0);
  for (Output& out : outputs_) {
    // The first output of a computed register is written in place, the others are copied.
    const bool computed = !lasting[out.reg] || has_output[out.reg];
    if (computed && !has_output[out.reg] && out.dtype == regs_[out.reg].dtype) out.direct = true;
    has_output[out.reg] = 1;
  }
  for (const Output& out : outputs_) lasting[out.reg] = 1;
  std::vector<int> spare;
  for (size_t s = 0; s < steps_.size(); ++s) {
    const Step& step = steps_[s];
    const bool direct = std::any_of(outputs_.begin(), outputs_.end(),
                                    [&](const Output& o) { return o.direct && o.reg == step.dst; });
    // Operands that die here give their buffer to the result: loops may work in place, and all
    // elements are at most 8 bytes, read before the byte they lie in is written only if sizes agree.
    const auto release = [&](bool same_size) {
      for (int i = 0; i < step.operands; ++i) {
        const int r = step.src[i];
        if (last[r] != static_cast<int>(s) || lasting[r]) continue;
        if ((element_size(regs_[r].dtype) == element_size(regs_[step.dst].dtype)) != same_size) continue;
        if (std::find(spare.begin(), spare.end(), regs_[r].buffer) == spare.end()) spare.push_back(regs_[r].buffer);
      }
    };
    release(true);
    if (!direct) {
      if (spare.empty()) regs_[step.dst].buffer = buffers_++;
      else regs_[step.dst].buffer = spare.back(), spare.pop_back();
    }
    // A buffer that was handed on must not be released again.
    const int taken = regs_[step.dst].buffer;
    release(false);
    std::erase(spare, taken);
  }
  finished_ = true;
}

Fault fused_run(const Program& p, const void* const* inputs, void* const* outputs, int64_t begin, int64_t end,
                int64_t columns) {
  NINEFOLD_INVARIANT(p.finished_);
  if (begin >= end) return false;
  NINEFOLD_INVARIANT(!p.by_row_ || (begin % columns == 0 && end % columns == 0));
  constexpr int on_stack = 16;
  alignas(64) char stack[on_stack * buffer_bytes];
  std::unique_ptr<char[]> heap;
  char* pool = stack;
  if (p.buffers_ > on_stack) {
    heap.reset(new char[p.buffers_ * buffer_bytes + 64]);
    pool = heap.get() + (64 - reinterpret_cast<uintptr_t>(heap.get()) % 64);
  }
  constexpr size_t usual = 64;
  char* usual_registers[usual];
  std::unique_ptr<char*[]> more;
  char** at = usual_registers;
  if (p.regs_.size() > usual) more.reset(new char*[p.regs_.size()]), at = more.get();
  for (size_t r = 0; r < p.regs_.size(); ++r)
    at[r] = p.regs_[r].buffer < 0 ? nullptr : pool + p.regs_[r].buffer * buffer_bytes;
  const int64_t most = std::min<int64_t>(tile, end - begin);   // elements of the fullest tile
  for (const auto& c : p.constants_) spread(at[c.reg], c.value, element_size(p.regs_[c.reg].dtype), most);

  // Fetches n elements of an input into a buffer, converted.
  const auto fetch = [&](const Program::Input& in, char* to, const char* from, int64_t n) {
    if (in.dtype == p.regs_[in.reg].dtype) std::memcpy(to, from, n * element_size(in.dtype));
    else widen(in.dtype, to, from, n);
  };
  const bool whole_rows = p.by_row_ && columns <= tile;
  const int64_t rows_a_tile = whole_rows ? most / columns : 1;
  for (int i = 0; i < p.inputs(); ++i) {
    const auto& in = p.inputs_[i];
    const size_t size = element_size(p.regs_[in.reg].dtype);
    const char* from = static_cast<const char*>(inputs[i]);
    if (in.layout == Layout::scalar) {
      char one[8];
      fetch(in, one, from, 1);
      spread(at[in.reg], one, size, most);
    } else if (in.layout == Layout::row && whole_rows) {
      fetch(in, at[in.reg], from, columns);
      repeat(at[in.reg] + columns * size, at[in.reg], columns * size, rows_a_tile - 1);
    }
  }

  Fault bad = false;
  const int64_t step = whole_rows ? rows_a_tile * columns : tile;
  for (int64_t e = begin; e < end;) {
    int64_t n = std::min(step, end - e);
    if (p.by_row_ && !whole_rows) n = std::min(n, columns - e % columns);
    for (int i = 0; i < p.inputs(); ++i) {
      const auto& in = p.inputs_[i];
      const size_t stored = element_size(in.dtype), size = element_size(p.regs_[in.reg].dtype);
      char* from = const_cast<char*>(static_cast<const char*>(inputs[i]));
      if (in.layout == Layout::full) {
        if (in.dtype == p.regs_[in.reg].dtype) at[in.reg] = from + e * stored;
        else fetch(in, at[in.reg], from + e * stored, n);
      } else if (in.layout == Layout::row && !whole_rows) {
        fetch(in, at[in.reg], from + e % columns * stored, n);
      } else if (in.layout == Layout::column) {
        for (int64_t done = 0, row = e / columns; done < n; ++row) {
          const int64_t part = std::min(n - done, columns);
          char one[8];
          fetch(in, one, from + row * stored, 1);
          spread(at[in.reg] + done * size, one, size, part);
          done += part;
        }
      }
    }
    for (int i = 0; i < p.outputs(); ++i)
      if (p.outputs_[i].direct)
        at[p.outputs_[i].reg] = static_cast<char*>(outputs[i]) + e * element_size(p.outputs_[i].dtype);
    for (const auto& s : p.steps_) {
      const void* src[max_operands] = {};
      for (int i = 0; i < s.operands; ++i) src[i] = at[s.src[i]];
      if (s.fault) bad = s.fault(src, n) || bad;
      s.loop(at[s.dst], src, n);
    }
    for (int i = 0; i < p.outputs(); ++i) {
      const auto& out = p.outputs_[i];
      if (out.direct) continue;
      char* to = static_cast<char*>(outputs[i]) + e * element_size(out.dtype);
      const int dtype = p.regs_[out.reg].dtype;
      if (out.dtype == dtype) std::memmove(to, at[out.reg], n * element_size(dtype));
      else narrow(out.dtype, to, at[out.reg], n);
    }
    e += n;
  }
  return bad;
}

}  // namespace ninefold::elementwise
