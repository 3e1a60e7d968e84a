// In: instructions in order, on a machine with a GPU. Out: the same with products, their biases and activations, and with the
// products of gradients and the sums of their biases, joined: cuBLASLt computes each as one call. Pure; gpu_product.cc runs them.
//
//   MatMul [Reshape] [BiasAdd | AddV2 of a row] [Relu | the ops of gelu's tangent form]
//   MatMul(x, d, transpose_a) and BiasAddGrad(d), or of what d is a Reshape of
//
// Relu's gradient is no part of it: cuBLASLt keeps a bit of each number, and does not say which that of zero is; TensorFlow's is 0.
#include <algorithm>
#include <cmath>

#include "engine/graph/fuse.h"
#include "engine/graph/gpu_chain.h"
#include "engine/op/kernel_ctx.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::graph {
namespace {

size_t place_of(int v) { return static_cast<size_t>(v); }

bool set(const Instruction& c, const char* attr) { return std::get<bool>(c.attrs[place_of(def(*c.op).slot(attr))]); }

class ProductFuser {
 public:
  explicit ProductFuser(Program& p) : p_(p), maker_(p.values.size(), -1), readers_(p.values.size()), leaves_(p.values.size()), gone_(p.code.size()) {
    for (size_t i = 0; i < p.code.size(); ++i) {
      for (int v : p.code[i].out) maker_[place_of(v)] = static_cast<int>(i);
      for (int v : p.code[i].in) readers_[place_of(v)].push_back(i);
    }
    for (int v : p.outputs) leaves_[place_of(v)] = true;
  }

  void run() {
    for (size_t i = 0; i < p_.code.size(); ++i)
      if (!gone_[i] && multiplies(p_.code[i])) join(i);
    size_t kept = 0;
    for (size_t i = 0; i < p_.code.size(); ++i) {
      if (gone_[i]) continue;
      if (kept != i) p_.code[kept] = std::move(p_.code[i]);
      ++kept;
    }
    p_.code.resize(kept);
  }

 private:
  const Value& value(int v) const { return p_.values[place_of(v)]; }

  bool multiplies(const Instruction& c) const {
    if (c.op->name != "MatMul" || c.must_run || c.fused) return false;
    const Value& out = value(c.out[0]);
    if (out.dtype != DType::f32 && out.dtype != DType::f16 && out.dtype != DType::bf16) return false;
    if (!out.shape.fully_known() || out.shape.size() == 0) return false;
    for (int v : c.in)
      if (!value(v).shape.fully_known() || value(v).shape.size() == 0) return false;
    const Device* const wish = wish_of(c);
    return !(wish && wish->host()) && find_kernel(*c.op, out.dtype, "GPU");
  }
  // The only instruction that reads v, if it may go where `with` goes.
  const Instruction* sole_reader(int v, const Instruction& with) const {
    if (leaves_[place_of(v)] || readers_[place_of(v)].size() != 1) return nullptr;
    return fitting(readers_[place_of(v)][0], with);
  }
  const Instruction* fitting(size_t i, const Instruction& with) const {
    const Instruction& c = p_.code[i];
    const bool fits = !gone_[i] && !c.fused && !c.must_run && c.op->effect == Effect::none && c.out.size() == 1 && wish_of(c) == wish_of(with) &&
                      value(c.out[0]).shape.fully_known() && value(c.out[0]).dtype == value(with.out[0]).dtype;
    return fits ? &c : nullptr;
  }
  // Made by an op of that name from v (or a constant) and whatever `other` says, either way round; null: by something else.
  const Instruction* made(int v, const char* name, const Instruction& with) const {
    const int by = maker_[place_of(v)];
    if (by < 0 || leaves_[place_of(v)] || readers_[place_of(v)].size() != 1) return nullptr;
    const Instruction* const c = fitting(place_of(by), with);
    return c && c->op->name == name ? c : nullptr;
  }
  // Within what the narrowest dtype rounds such a number by.
  bool is_number(int v, double want) const {
    const Tensor& t = value(v).known;
    if (!t.defined() || t.size() != 1 || !on_host(t) || !is_floating(t.dtype())) return false;
    const double unit = t.dtype() == DType::f32 ? 0x1p-23 : t.dtype() == DType::f16 ? 0x1p-10 : 0x1p-7;
    return std::abs(t.float_at(0) - want) <= unit * std::abs(want);
  }
  // The other operand of a sum or a product with that number; -1: it is none.
  int beside(const Instruction& c, double number) const {
    for (int k : {0, 1})
      if (is_number(c.in[place_of(k)], number)) return c.in[place_of(1 - k)];
    return -1;
  }
  // x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), as gelu is written; its ops, the last one last.
  std::vector<const Instruction*> gelu_of(int x, const Instruction& with) const {
    if (leaves_[place_of(x)] || readers_[place_of(x)].size() != 3) return {};
    for (size_t r : readers_[place_of(x)]) {
      const Instruction* const half = fitting(r, with);
      if (!half || half->op->name != "Mul" || beside(*half, 0.5) != x) continue;
      const Instruction* const last = sole_reader(half->out[0], with);
      if (!last || last->op->name != "Mul") return {};
      const int other = last->in[0] == half->out[0] ? last->in[1] : last->in[0];
      const Instruction* const plus = made(other, "AddV2", with);
      const int t = plus ? beside(*plus, 1) : -1;
      const Instruction* const tanh = t < 0 ? nullptr : made(t, "Tanh", with);
      const Instruction* const scaled = tanh ? made(tanh->in[0], "Mul", with) : nullptr;
      const int s = scaled ? beside(*scaled, 0.7978845608028654) : -1;
      const Instruction* const sum = s < 0 ? nullptr : made(s, "AddV2", with);
      if (!sum || (sum->in[0] != x && sum->in[1] != x)) return {};
      const Instruction* const small = made(sum->in[0] == x ? sum->in[1] : sum->in[0], "Mul", with);
      const int c = small ? beside(*small, 0.044715) : -1;
      const Instruction* const cubed = c < 0 ? nullptr : made(c, "Pow", with);
      if (!cubed || cubed->in[0] != x || !is_number(cubed->in[1], 3)) return {};
      return {half, cubed, small, sum, scaled, tanh, plus, last};
    }
    return {};
  }

  void join(size_t first) {
    const Instruction& product = p_.code[first];
    std::vector<const Instruction*> members = {&product};
    GpuProduct how;
    const int64_t n = value(product.out[0]).shape.dim(-1);
    if (const Instruction* sum = sum_of_columns(product)) {
      members.push_back(sum);
      how.sums = true;
      return put(members, how, -1);
    }
    const auto row = [&](int v) { return value(v).shape.rank() == 1 && value(v).shape.size() == n && value(v).dtype == value(product.out[0]).dtype; };
    const Instruction* next = sole_reader(product.out[0], product);
    if (next && next->op->name == "Reshape" && value(next->out[0]).shape.rank() > 0 && value(next->out[0]).shape.dim(-1) == n) {
      const Instruction* const behind = sole_reader(next->out[0], product);
      if (behind && (behind->op->name == "BiasAdd" || behind->op->name == "AddV2")) members.push_back(next), next = behind;
    }
    int bias = -1;
    const int so_far = members.back()->out[0];
    if (next && next->op->name == "BiasAdd" && next->in[0] == so_far && row(next->in[1]) && channels_last(*next)) bias = next->in[1];
    else if (next && next->op->name == "AddV2" && next->in[0] == so_far && row(next->in[1])) bias = next->in[1];
    else if (next && next->op->name == "AddV2" && next->in[1] == so_far && row(next->in[0])) bias = next->in[0];
    if (bias >= 0) members.push_back(next);
    else if (members.size() > 1) return;
    const int x = members.back()->out[0];
    if (const Instruction* const act = sole_reader(x, product); act && act->op->name == "Relu") {
      how.after = cuda::Gemm::relu;
      members.push_back(act);
    } else if (const auto gelu = gelu_of(x, product); !gelu.empty()) {
      how.after = cuda::Gemm::gelu;
      members.insert(members.end(), gelu.begin(), gelu.end());
    }
    if (members.size() > 1) put(members, how, bias);
  }
  bool channels_last(const Instruction& c) const {
    return value(c.in[0]).shape.rank() == 2 || !std::get<std::string>(c.attrs[place_of(def(*c.op).slot("data_format"))]).starts_with("NC");
  }
  // A BiasAddGrad of what the product's second factor is, where that lies as it is multiplied: rows that are summed over.
  const Instruction* sum_of_columns(const Instruction& product) const {
    if (!set(product, "transpose_a") || set(product, "transpose_b")) return nullptr;
    std::vector<int> same = {product.in[1]};
    if (const int by = maker_[place_of(product.in[1])]; by >= 0 && p_.code[place_of(by)].op->name == "Reshape") same.push_back(p_.code[place_of(by)].in[0]);
    for (int d : same)
      for (size_t r : readers_[place_of(d)]) {
        const Instruction* const c = fitting(r, product);
        if (c && c->op->name == "BiasAddGrad" && channels_last(*c) && value(d).shape.dim(-1) == value(product.in[1]).shape.dim(-1)) return c;
      }
    return nullptr;
  }

  // One instruction for all, where the last of them stood, or the first if what it needs is there; neither: they stay.
  void put(std::vector<const Instruction*> members, GpuProduct how, int bias) {
    std::sort(members.begin() + 1, members.end());   // they lie in one vector: the order in which they run
    std::vector<size_t> places;
    for (const Instruction* c : members) places.push_back(static_cast<size_t>(c - p_.code.data()));
    const auto [least, most] = std::minmax_element(places.begin(), places.end());
    const size_t from = *least, to = *most;
    const auto inside = [&](size_t i) { return std::find(places.begin(), places.end(), i) != places.end(); };
    for (size_t i = from; i <= to; ++i) {
      const Effect e = effect_of(*p_.code[i].op, p_.code[i].attrs);
      if (p_.code[i].must_run || e == Effect::writes || e == Effect::world) return;
    }
    bool late = true, early = true;
    for (const Instruction* c : members) {
      for (int v : c->out)
        for (size_t r : readers_[place_of(v)]) late = late && (inside(r) || r > to);
      for (int v : c->in)
        if (const int by = maker_[place_of(v)]; by >= 0 && !inside(place_of(by))) early = early && place_of(by) < from;
    }
    if (!late && !early) return;

    auto fused = std::make_shared<Fused>();
    auto gpu = std::make_unique<GpuChain>();
    Instruction out;
    std::vector<std::pair<int, int>> known;                // value -> register
    const auto reg = [&](int v) {
      for (const auto& [value, r] : known)
        if (value == v) return r;
      return -1;
    };
    std::vector<int> own;                                  // what members make
    for (const Instruction* c : members) own.push_back(c->out[0]);
    for (const Instruction* c : members)
      for (int v : c->in) {
        if (reg(v) >= 0 || std::find(own.begin(), own.end(), v) != own.end()) continue;
        known.emplace_back(v, static_cast<int>(out.in.size()));
        out.in.push_back(v);
      }
    how.a = reg(members[0]->in[0]), how.b = reg(members[0]->in[1]), how.bias = bias < 0 ? -1 : reg(bias);
    how.transpose_a = set(*members[0], "transpose_a"), how.transpose_b = set(*members[0], "transpose_b");
    for (const Instruction* c : members) {
      GpuChain::Member member{c->op, c->attrs, c->origin, {}};
      for (int v : c->in) member.in.push_back(reg(v));
      const int made_here = static_cast<int>(out.in.size() + gpu->members.size());
      known.emplace_back(c->out[0], made_here);
      gpu->members.push_back(std::move(member));
      fused->formula += (fused->formula.empty() ? "" : " ") + c->op->name;
      if (how.sums || c == members.back()) {
        gpu->out.push_back({made_here, value(c->out[0]).dtype, value(c->out[0]).shape});
        out.out.push_back(c->out[0]);
      }
    }
    gpu->product = std::make_unique<GpuProduct>(how);
    out.op = &fused_op();
    out.origin = members.back()->origin;
    fused->gpu = std::move(gpu);
    out.fused = std::move(fused);
    for (size_t i : places) gone_[i] = true;
    const size_t where = late ? to : from;
    gone_[where] = false;
    for (int v : out.out) maker_[place_of(v)] = static_cast<int>(where);
    for (int v : out.in) {
      std::erase_if(readers_[place_of(v)], inside);
      readers_[place_of(v)].push_back(where);
    }
    p_.code[where] = std::move(out);
  }

  Program& p_;
  std::vector<int> maker_;                         // the instruction that makes a value
  std::vector<std::vector<size_t>> readers_;       // those that read it
  std::vector<bool> leaves_, gone_;                // results of the program; instructions that were joined
};

}  // namespace

void fuse_products(Program& p) {
  if (fusion() && accelerated()) ProductFuser(p).run();
}

}  // namespace ninefold::graph
