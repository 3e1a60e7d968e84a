// In: instructions in order. Out: the same with element-wise chains joined, each where its last op stood.
#include "engine/graph/fuse.h"

#include <algorithm>
#include <atomic>

#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/cast.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/kernel_ctx.h"
#include "engine/ops/fused_launch.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::graph {
namespace {

using elementwise::Body;
using elementwise::Layout;

constexpr size_t kSteps = 24;         // ops of a chain: its buffers are to stay in the first-level cache
constexpr int kBuffers = 16;
constexpr int64_t kGrain = 32768;     // elements a thread takes at once

size_t at(int v) { return static_cast<size_t>(v); }
int code_of(DType d) { return static_cast<int>(d); }

std::atomic<bool> enabled{true};

// What runs exactly as its loops say, without a narrower dtype in between.
bool exact(DType d) {
  return d == DType::f32 || d == DType::f64 || d == DType::i32 || d == DType::i64 || d == DType::boolean;
}

// ---- casts ----

template <int from, int to>
void cast_loop(void* out, const void* const* in, int64_t n) { cpu::cast(from, in[0], to, out, n); }

template <int from>
elementwise::Loop cast_from(DType to) {
  switch (to) {
    case DType::f32: return cast_loop<from, elementwise::dt_float>;
    case DType::f64: return cast_loop<from, elementwise::dt_double>;
    case DType::i32: return cast_loop<from, elementwise::dt_int32>;
    case DType::i64: return cast_loop<from, elementwise::dt_int64>;
    case DType::boolean: return cast_loop<from, elementwise::dt_bool>;
    default: return nullptr;
  }
}
// Only between sizes: a cast may not work in place, which a chain does with elements of one size.
elementwise::Loop cast_between(DType from, DType to) {
  if (!exact(from) || !exact(to) || size_of(from) == size_of(to)) return nullptr;
  switch (from) {
    case DType::f32: return cast_from<elementwise::dt_float>(to);
    case DType::f64: return cast_from<elementwise::dt_double>(to);
    case DType::i32: return cast_from<elementwise::dt_int32>(to);
    case DType::i64: return cast_from<elementwise::dt_int64>(to);
    default: return cast_from<elementwise::dt_bool>(to);
  }
}

// ---- what may join a chain ----

// How an operand of shape s meets [rows, columns] of a result of shape whole; false: not in one of these ways.
// columns stays 0 where it does not matter.
bool meet(const Shape& s, const Shape& whole, Layout& layout, int64_t& columns) {
  columns = 0;
  if (s.size() == whole.size()) return layout = Layout::full, true;
  if (s.size() == 1) return layout = Layout::scalar, true;
  const int lead = whole.rank() - s.rank();
  if (lead < 0) return false;                      // Equal of shapes that do not broadcast is one value
  auto dim = [&](int i) { return i < lead ? 1 : s[i - lead]; };
  int first = 0;                                   // where s begins to differ from 1
  while (dim(first) == 1) ++first;
  bool row = true;
  for (int i = first; i < whole.rank(); ++i) row = row && dim(i) == whole[i];
  if (row) return layout = Layout::row, columns = whole.slice(first, whole.rank()).size(), true;
  int last = whole.rank();                         // behind the last dimension that is not 1
  while (dim(last - 1) == 1) --last;
  for (int i = 0; i < last; ++i)
    if (dim(i) != whole[i]) return false;
  return layout = Layout::column, columns = whole.slice(last, whole.rank()).size(), true;
}

struct Loop {
  const Body* body = nullptr;
  elementwise::Loop cast = nullptr;
  bool gpu = false;                                // a step of a kernel's text
  explicit operator bool() const { return body || cast || gpu; }
};

bool is_cast(const Op& op, const Attrs& attrs) {
  const int truncate = def(op).slot("Truncate");
  return op.elementwise && truncate >= 0 && !std::get<bool>(attrs[at(truncate)]);
}
// Channels of a bias are the rows only where they come last.
bool first_channels(const Op& op, const Attrs& attrs) {
  const int slot = def(op).slot("data_format");
  return slot >= 0 && std::get<std::string>(attrs[at(slot)]).starts_with("NC");
}

// The same on a machine with a GPU: ops that run there, wherever their inputs lie (op/place.h), and have a text.
Loop gpu_loop_of(const Program& p, const Instruction& c) {
  if (c.fused || c.must_run || c.op->effect != Effect::none || c.out.size() != 1 || c.in.empty()) return {};
  if (const Device* wish = wish_of(c); wish && wish->host()) return {};
  const Value& out = p.values[at(c.out[0])];
  const DType key = kernel_key(*c.op, c.attrs);
  if (!out.shape.fully_known() || out.shape.size() == 0 || out.by_kernel || key == DType::i32 || first_channels(*c.op, c.attrs)) return {};
  for (int v : c.in)
    if (!p.values[at(v)].shape.fully_known()) return {};
  if (!find_kernel(*c.op, key, "GPU")) return {};
  const int dtype = code_of(p.values[at(c.in.back())].dtype), to = code_of(out.dtype);
  if (c.in.size() == 1 && is_cast(*c.op, c.attrs))
    return {nullptr, nullptr, elementwise::cuda_chains("Cast", dtype) && elementwise::cuda_chains("Cast", to)};
  const Body* b = elementwise::find_body(c.op->name);
  if (!b || b->operands != static_cast<int>(c.in.size()) || !elementwise::cuda_chains(c.op->name, dtype) || b->out_dtype(dtype) != to)
    return {};
  for (int i = 0; i < b->operands; ++i)
    if (b->operand_dtype(i, dtype) != code_of(p.values[at(c.in[at(i)])].dtype)) return {};
  return {nullptr, nullptr, true};
}

// The loop that computes an instruction, if it is element-wise and cannot fail.
Loop loop_of(const Program& p, const Instruction& c) {
  if (c.must_run || c.op->effect != Effect::none || c.out.size() != 1 || c.in.empty()) return {};
  const Value& out = p.values[at(c.out[0])];
  if (!out.shape.fully_known() || out.shape.size() == 0 || !exact(out.dtype) || out.by_kernel) return {};
  for (int v : c.in)
    if (!p.values[at(v)].shape.fully_known() || !exact(p.values[at(v)].dtype)) return {};
  if (first_channels(*c.op, c.attrs)) return {};
  if (const Body* b = elementwise::find_body(c.op->name)) {
    if (b->operands != static_cast<int>(c.in.size())) return {};
    const int dtype = code_of(p.values[at(c.in.back())].dtype);
    if (!b->loop[dtype] || b->fault[dtype] || b->out[dtype] != code_of(out.dtype)) return {};
    for (int i = 0; i < b->operands; ++i)
      if (b->operand_dtype(i, dtype) != code_of(p.values[at(c.in[at(i)])].dtype)) return {};
    return {b};
  }
  if (c.in.size() == 1 && is_cast(*c.op, c.attrs)) return {nullptr, cast_between(p.values[at(c.in[0])].dtype, out.dtype)};
  return {};
}

// ---- chains ----

struct Chain {
  std::vector<size_t> members;   // instructions, in order
  Shape shape;
  int64_t columns = 0;
  bool open = true;              // nothing outside has read a member's result yet
  const Device* device = nullptr;   // that its ops wish for, all the same
};

class Fuser {
 public:
  Fuser(Program& p, bool gpu) : p_(p), gpu_(gpu), loops_(p.code.size()), maker_(p.values.size(), -1), used_(p.values.size()) {}

  void run() {
    for (size_t i = 0; i < p_.code.size(); ++i) visit(i);
    for (const Instruction& c : p_.code)
      for (int v : c.in) ++used_[at(v)];
    for (int v : p_.outputs) ++used_[at(v)];
    std::vector<bool> gone(p_.code.size());
    for (const Chain& c : chains_) {
      if (c.members.size() < 2) continue;
      Instruction joined = gpu_ ? join_on_gpu(c) : join(c);
      if (!joined.fused) continue;
      for (size_t m : c.members) gone[m] = true;
      gone[c.members.back()] = false;
      p_.code[c.members.back()] = std::move(joined);
    }
    size_t kept = 0;
    for (size_t i = 0; i < p_.code.size(); ++i) {
      if (gone[i]) continue;
      if (kept != i) p_.code[kept] = std::move(p_.code[i]);
      ++kept;
    }
    p_.code.resize(kept);
  }

 private:
  void visit(size_t i) {
    const Instruction& c = p_.code[i];
    const Effect e = effect_of(*c.op, c.attrs);
    if (c.must_run || e == Effect::writes || e == Effect::world)
      for (Chain& open : chains_) open.open = false;
    loops_[i] = gpu_ ? gpu_loop_of(p_, c) : loop_of(p_, c);
    int own = -1;
    if (loops_[i]) own = place(i);
    for (int v : c.in)
      if (const int from = maker_[at(v)]; from >= 0 && from != own) chains_[at(from)].open = false;
    if (own >= 0) maker_[at(c.out[0])] = own;
  }

  // The chain that instruction i joins or begins; chains that it ties together become one.
  int place(size_t i) {
    const Instruction& c = p_.code[i];
    const Shape& shape = p_.values[at(c.out[0])].shape;
    const Device* const device = wish_of(c);
    int64_t columns = 0;
    for (int v : c.in) {
      Layout layout;
      int64_t own = 0;
      if (!meet(p_.values[at(v)].shape, shape, layout, own)) return -1;
      if (own && columns && own != columns) return -1;
      columns = std::max(columns, own);
    }
    int into = -1;
    for (int v : c.in) {
      const int from = maker_[at(v)];
      if (from < 0 || from == into || !chains_[at(from)].open || !(chains_[at(from)].shape == shape)) continue;
      Chain& other = chains_[at(from)];
      if (other.device != device) continue;
      const int64_t both = std::max(columns, other.columns);
      if ((columns && other.columns && columns != other.columns) || other.members.size() >= kSteps) continue;
      if (into < 0) {
        into = from;
      } else {
        Chain& first = chains_[at(into)];
        if (first.members.size() + other.members.size() >= kSteps) continue;
        for (size_t m : other.members) maker_[at(p_.code[m].out[0])] = into;
        first.members.insert(first.members.end(), other.members.begin(), other.members.end());
        std::sort(first.members.begin(), first.members.end());
        other.members.clear();
        other.open = false;
      }
      columns = both;
    }
    if (into < 0) {
      into = static_cast<int>(chains_.size());
      chains_.push_back({{}, shape, 0, true, device});
    }
    chains_[at(into)].members.push_back(i);
    chains_[at(into)].columns = columns;
    return into;
  }

  // One instruction for a chain; without `fused` if the chain is too wide.
  Instruction join(const Chain& chain) {
    auto fused = std::make_shared<Fused>();
    Instruction out;
    std::vector<std::pair<int, int>> known;   // value -> register
    auto reg = [&](int v) {
      for (const auto& [value, r] : known)
        if (value == v) return r;
      Layout layout;
      int64_t columns;
      meet(p_.values[at(v)].shape, chain.shape, layout, columns);
      const int r = fused->program.input(code_of(p_.values[at(v)].dtype), layout);
      known.emplace_back(v, r);
      out.in.push_back(v);
      fused->in_size.push_back(size_of(p_.values[at(v)].dtype));
      fused->full.push_back(layout == Layout::full);
      return r;
    };
    std::vector<int> inside(p_.values.size());   // reads by members
    for (size_t m : chain.members)
      for (int v : p_.code[m].in) ++inside[at(v)];
    for (size_t m : chain.members) {
      const Instruction& c = p_.code[m];
      int r[elementwise::max_operands] = {};
      for (size_t i = 0; i < c.in.size(); ++i) r[i] = reg(c.in[i]);
      const int dtype = code_of(p_.values[at(c.out[0])].dtype);
      int made;
      if (loops_[m].cast) made = fused->program.apply(loops_[m].cast, dtype, {r[0]});
      else if (c.in.size() == 1) made = fused->program.apply(*loops_[m].body, {r[0]});
      else if (c.in.size() == 2) made = fused->program.apply(*loops_[m].body, {r[0], r[1]});
      else made = fused->program.apply(*loops_[m].body, {r[0], r[1], r[2]});
      known.emplace_back(c.out[0], made);
      fused->formula += (fused->formula.empty() ? "" : " ") + c.op->name;
    }
    for (size_t m : chain.members) {
      const int v = p_.code[m].out[0];
      if (used_[at(v)] == inside[at(v)]) continue;
      fused->program.output(reg(v));
      fused->out_size.push_back(size_of(p_.values[at(v)].dtype));
      out.out.push_back(v);
    }
    fused->program.finish();
    if (fused->program.buffers() > kBuffers || out.out.empty()) return {};
    fused->elements = chain.shape.size();
    fused->columns = chain.columns;
    out.op = &fused_op();
    out.origin = p_.code[chain.members.back()].origin;
    out.fused = std::move(fused);
    return out;
  }

  // The same as a kernel's text, with the ops themselves beside it (gpu_chain.h).
  Instruction join_on_gpu(const Chain& chain) {
    auto gpu = std::make_unique<GpuChain>();
    auto fused = std::make_shared<Fused>();
    elementwise::CudaChain text;
    Instruction out;
    std::vector<int> reg(p_.values.size(), -1), inside(p_.values.size());
    for (size_t m : chain.members) {
      for (int v : p_.code[m].in) ++inside[at(v)];
      reg[at(p_.code[m].out[0])] = -2;                 // made within
    }
    for (size_t m : chain.members)
      for (int v : p_.code[m].in) {
        if (reg[at(v)] != -1) continue;
        reg[at(v)] = static_cast<int>(out.in.size());
        Layout layout;
        int64_t columns;
        meet(p_.values[at(v)].shape, chain.shape, layout, columns);
        if (p_.values[at(v)].shape.size() == 1) layout = Layout::scalar;   // which the host may hold
        text.inputs.push_back({code_of(p_.values[at(v)].dtype), layout});
        out.in.push_back(v);
      }
    int next = static_cast<int>(out.in.size());
    for (size_t m : chain.members) {
      const Instruction& c = p_.code[m];
      GpuChain::Member member{c.op, c.attrs, c.origin, {}};
      for (int v : c.in) member.in.push_back(reg[at(v)]);
      const bool cast = is_cast(*c.op, c.attrs);
      text.steps.push_back({cast ? "Cast" : std::string_view(c.op->name), code_of(p_.values[at(c.in.back())].dtype), member.in,
                            code_of(p_.values[at(c.out[0])].dtype)});
      gpu->members.push_back(std::move(member));
      reg[at(c.out[0])] = next++;
      fused->formula += (fused->formula.empty() ? "" : " ") + c.op->name;
    }
    for (size_t m : chain.members) {
      const int v = p_.code[m].out[0];
      if (used_[at(v)] == inside[at(v)]) continue;
      text.outputs.push_back(reg[at(v)]);
      gpu->out.push_back({reg[at(v)], p_.values[at(v)].dtype, p_.values[at(v)].shape});
      out.out.push_back(v);
    }
    if (out.in.size() > cuda::kFusedInputs || out.out.size() > cuda::kFusedOutputs || out.out.empty()) return {};
    gpu->columns = std::max<int64_t>(1, chain.columns);
    gpu->kernel = std::make_unique<cuda::TextKernel>(elementwise::cuda_source(text));
    fused->gpu = std::move(gpu);
    out.op = &fused_op();
    out.origin = p_.code[chain.members.back()].origin;
    out.fused = std::move(fused);
    return out;
  }

  Program& p_;
  const bool gpu_;
  std::vector<Loop> loops_;      // of instructions
  std::vector<int> maker_;       // the chain that makes a value
  std::vector<int> used_;        // how often a value is read
  std::vector<Chain> chains_;
};

// ---- running ----

struct State : KernelState {
  explicit State(const Fused& f) : fused(f), in(f.in_size.size()), out(f.out_size.size()) {}
  const Fused& fused;            // of the plan, which outlives its run states
  std::vector<const void*> in;
  std::vector<void*> out;
};

void run_fused(KernelCtx& k) {
  State& s = k.state<State>();
  for (size_t i = 0; i < s.in.size(); ++i) s.in[i] = k.in<void>(static_cast<int>(i));
  for (size_t i = 0; i < s.out.size(); ++i) s.out[i] = k.out<void>(static_cast<int>(i));
  const Fused& f = s.fused;
  const int64_t unit = std::max<int64_t>(1, f.columns);
  parallel_for(f.elements / unit, std::max<int64_t>(1, kGrain / unit), [&](int64_t begin, int64_t end) {
    elementwise::fused_run(f.program, s.in.data(), s.out.data(), begin * unit, end * unit, f.columns);
  });
}

std::unique_ptr<KernelState> prepared_by_the_plan(KernelCtx&) {
  NINEFOLD_INVARIANT(!"a fused instruction without its program");
  return nullptr;
}

}  // namespace

const Op& fused_op() {
  static const Op op = {.name = "_Fused", .inputs = {}, .outputs = {}, .attrs = {},
                        .doc = "A chain of element-wise ops, in plans only."};
  return op;
}
const Kernel& fused_kernel() {
  static const Kernel kernel = {run_fused, prepared_by_the_plan};
  return kernel;
}
std::unique_ptr<KernelState> fused_state(const Fused& f) { return std::make_unique<State>(f); }

void set_fusion(bool on) { enabled.store(on); }
bool fusion() { return enabled.load(); }

void fuse_elementwise(Program& p) {
  if (fusion()) Fuser(p, accelerated()).run();
}

}  // namespace ninefold::graph
