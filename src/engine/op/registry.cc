// In: records as they register themselves. Out: ops, kernels and public functions by name, parsed once.
#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <unordered_map>

#include "base/check.h"
#include "base/text.h"
#include "engine/op/op.h"

namespace ninefold {
namespace {

struct OpEntry {
  const Op* op = nullptr;
  std::once_flag parsed;
  OpDef def;
  struct Kernels { std::string device; std::array<Kernel, kDTypes> by_key{}; };
  std::vector<Kernels> kernels;
};

struct Registry {
  std::unordered_map<std::string_view, OpEntry*> by_name;
  std::unordered_map<const Op*, OpEntry*> by_op;
  std::unordered_map<std::string_view, const Function*> functions;
  std::vector<const Function*> function_list;
};
Registry& registry() {
  static Registry* r = new Registry();   // outlives every record
  return *r;
}
OpEntry& entry(const Op& op) {
  // A record's address is found once a thread; lookups then cost one compare.
  thread_local const Op* last = nullptr;
  thread_local OpEntry* last_entry = nullptr;
  if (last == &op) return *last_entry;
  auto it = registry().by_op.find(&op);
  NINEFOLD_INVARIANT(it != registry().by_op.end());
  last = &op;
  last_entry = it->second;
  return *last_entry;
}
OpEntry& entry_of(const Op& op) {   // during registration: kernels may arrive before their record
  auto& slot = registry().by_op[&op];
  if (!slot) slot = new OpEntry();
  return *slot;
}

std::vector<DType> type_set(const Op& op, std::string_view set) {
  using D = DType;
  static const std::unordered_map<std::string_view, std::vector<D>> named = {
      {"type", {}},
      {"numeric", {D::f32, D::f64, D::i32, D::u8, D::i16, D::i8, D::c64, D::i64, D::bf16, D::u16, D::c128, D::f16, D::u32, D::u64}},
      {"real", {D::f32, D::f64, D::i32, D::u8, D::i16, D::i8, D::i64, D::bf16, D::u16, D::f16, D::u32, D::u64}},
      {"floating", {D::f16, D::bf16, D::f32, D::f64}},
      {"inexact", {D::f16, D::bf16, D::f32, D::f64, D::c64, D::c128}},
      {"signed", {D::f16, D::bf16, D::f32, D::f64, D::i8, D::i16, D::i32, D::i64, D::c64, D::c128}},
      {"integer", {D::i8, D::i16, D::i32, D::i64, D::u8, D::u16, D::u32, D::u64}},
      {"index", {D::i32, D::i64}},
      {"complex", {D::c64, D::c128}},
  };
  if (auto it = named.find(set); it != named.end()) return it->second;
  NINEFOLD_INVARIANT(set.size() > 2 && set.front() == '{' && set.back() == '}');
  std::vector<D> out;
  for (std::string_view t : split(set.substr(1, set.size() - 2), ',')) {
    const D d = dtype_named(strip(t));
    if (d == D::invalid) fail(Code::internal, "record {}: no dtype '{}'", op.name, t);
    out.push_back(d);
  }
  return out;
}

Attr parse_default(const Op& op, const AttrDef& a, std::string_view text) {
  auto integer = [&](std::string_view t) {
    int64_t v = 0;
    auto [p, e] = std::from_chars(t.data(), t.data() + t.size(), v);
    if (e != std::errc()) fail(Code::internal, "record {}: default '{}'", op.name, text);
    return v;
  };
  switch (a.kind) {
    case AttrKind::integer: return integer(text);
    case AttrKind::number: return static_cast<double>(std::stof(std::string(text)));
    case AttrKind::flag: return text == "true";
    case AttrKind::type: return dtype_named(text);
    case AttrKind::text: return std::string(text.substr(1, text.size() - 2));
    case AttrKind::shape: return Shape::unknown();
    case AttrKind::list_integer: {
      std::vector<int64_t> v;
      for (std::string_view t : split(text.substr(1, text.size() - 2), ','))
        if (!strip(t).empty()) v.push_back(integer(strip(t)));
      return v;
    }
    case AttrKind::list_type: return std::vector<DType>{};
    case AttrKind::list_shape: return std::vector<Shape>{};
    case AttrKind::list_text: return std::vector<std::string>{};
    case AttrKind::list_number: return std::vector<double>{};
    default: fail(Code::internal, "record {}: attribute {} cannot have a default", op.name, a.name);
  }
}

// "T: numeric", "N: int >= 1", "padding: {'SAME', 'VALID'}", "strides: list(int) = []", "f: func".
AttrDef parse_attr(const Op& op, std::string_view text) {
  AttrDef a{};
  const size_t colon = text.find(':');
  NINEFOLD_INVARIANT(colon != std::string_view::npos);
  a.name = strip(text.substr(0, colon));
  std::string_view rest = strip(text.substr(colon + 1));
  std::string_view fallback;
  // The default follows the last " = "; ">=" is a minimum.
  if (size_t eq = rest.rfind(" = "); eq != std::string_view::npos) {
    fallback = strip(rest.substr(eq + 3));
    rest = strip(rest.substr(0, eq));
    a.has_default = true;
  }
  if (size_t ge = rest.find(">="); ge != std::string_view::npos) {
    a.has_minimum = true;
    a.minimum = std::stoll(std::string(strip(rest.substr(ge + 2))));
    rest = strip(rest.substr(0, ge));
  }
  static const std::unordered_map<std::string_view, AttrKind> kinds = {
      {"int", AttrKind::integer}, {"float", AttrKind::number}, {"bool", AttrKind::flag},
      {"string", AttrKind::text}, {"shape", AttrKind::shape}, {"tensor", AttrKind::tensor},
      {"func", AttrKind::func}, {"list(type)", AttrKind::list_type}, {"list(int)", AttrKind::list_integer},
      {"list(float)", AttrKind::list_number}, {"list(bool)", AttrKind::list_flag},
      {"list(string)", AttrKind::list_text}, {"list(shape)", AttrKind::list_shape},
      {"list(func)", AttrKind::list_func}};
  if (auto it = kinds.find(rest); it != kinds.end()) {
    a.kind = it->second;
  } else if (rest.starts_with("{'")) {
    a.kind = AttrKind::text;
    for (std::string_view t : split(rest.substr(1, rest.size() - 2), ',')) {
      t = strip(t);
      a.allowed_text.emplace_back(t.substr(1, t.size() - 2));
    }
  } else {
    a.kind = AttrKind::type;
    a.allowed = type_set(op, rest);
  }
  if (a.has_default) a.fallback = parse_default(op, a, fallback);
  return a;
}

// "a: T", "values: N * T", "args: Tin", "shape: int32".
ArgDef parse_arg(const Op& op, OpDef& d, std::string_view text, bool input) {
  ArgDef a{};
  const size_t colon = text.find(':');
  NINEFOLD_INVARIANT(colon != std::string_view::npos);
  a.name = strip(text.substr(0, colon));
  std::string_view type = strip(text.substr(colon + 1));
  if (size_t star = type.find('*'); star != std::string_view::npos) {
    a.count_attr = d.slot(strip(type.substr(0, star)));
    NINEFOLD_INVARIANT(a.count_attr >= 0);
    if (input) d.attrs[static_cast<size_t>(a.count_attr)].inferred = true;
    type = strip(type.substr(star + 1));
    d.plain = false;
  }
  if (const int slot = d.slot(type); slot >= 0) {
    AttrDef& t = d.attrs[static_cast<size_t>(slot)];
    if (t.kind == AttrKind::list_type) {
      a.list_attr = slot;
      d.plain = false;
    } else {
      a.type_attr = slot;
    }
    if (input) t.inferred = true;
  } else {
    a.fixed = dtype_named(type);
    if (a.fixed == DType::invalid)
      fail(Code::internal, "record {}: argument {} has no known type '{}'", op.name, a.name, type);
  }
  a.host = std::find(op.host.begin(), op.host.end(), a.name) != op.host.end();
  return a;
}

OpDef parse(const Op& op) {
  OpDef d;
  for (const std::string& a : op.attrs) d.attrs.push_back(parse_attr(op, a));
  for (size_t i = 0; i < d.attrs.size() && d.key_attr < 0; ++i)
    if (d.attrs[i].kind == AttrKind::type) d.key_attr = static_cast<int>(i);
  for (const std::string& a : op.inputs) d.inputs.push_back(parse_arg(op, d, a, true));
  for (const std::string& a : op.outputs) d.outputs.push_back(parse_arg(op, d, a, false));
  // A tape keeps what is named here and nothing else: a name that is none would be found when a gradient is taken.
  for (const std::string& name : op.grad_reads)
    if (name != "*" && d.input(name) < 0 && d.output(name) < 0)
      fail(Code::internal, "record {}: its gradient reads '{}', which is neither input nor output", op.name, name);
  return d;
}

}  // namespace

int OpDef::slot(std::string_view name) const {
  for (size_t i = 0; i < attrs.size(); ++i)
    if (attrs[i].name == name) return static_cast<int>(i);
  return -1;
}
int OpDef::input(std::string_view name) const {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].name == name) return static_cast<int>(i);
  return -1;
}
int OpDef::output(std::string_view name) const {
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].name == name) return static_cast<int>(i);
  return -1;
}

const OpDef& def(const Op& op) {
  OpEntry& e = entry(op);
  std::call_once(e.parsed, [&] { e.def = parse(op); });
  return e.def;
}

const Op& find_op(std::string_view name) {
  auto it = registry().by_name.find(name);
  check(it != registry().by_name.end(), Code::not_found,
        "Op type not registered '{}'; `ninefold.raw_ops` lists those that exist", name);
  return *it->second->op;
}

std::vector<const Op*> all_ops() {
  std::vector<const Op*> ops;
  for (auto& [name, e] : registry().by_name) ops.push_back(e->op);
  std::sort(ops.begin(), ops.end(), [](const Op* a, const Op* b) { return a->name < b->name; });
  return ops;
}

const std::string& op_name(const Op& op) { return op.name; }

const Kernel* find_kernel(const Op& op, DType key, std::string_view device) {
  for (const auto& k : entry(op).kernels)
    if (k.device == device) {
      const Kernel& found = k.by_key[static_cast<size_t>(key)];
      return found.run ? &found : nullptr;
    }
  return nullptr;
}

DType kernel_key(const Op& op, const Attrs& attrs) {
  const int slot = def(op).key_attr;
  if (slot < 0) return DType::invalid;
  const DType* d = std::get_if<DType>(&attrs[static_cast<size_t>(slot)]);
  return d ? *d : DType::invalid;
}

const Function* find_function(std::string_view name) {
  auto it = registry().functions.find(name);
  return it == registry().functions.end() ? nullptr : it->second;
}
std::vector<const Function*> all_functions() { return registry().function_list; }

Registrar::Registrar(const Op& op) {
  OpEntry& e = entry_of(op);
  e.op = &op;
  registry().by_name.emplace(op.name, &e);
}

Registrar::Registrar(const Function& f) {
  registry().function_list.push_back(&f);
  for (const std::string& n : f.names) registry().functions.emplace(n, &f);
}

Registrar::Registrar(const Op& op, const char* device, Kernel kernel, std::initializer_list<DType> keys) {
  OpEntry& e = entry_of(op);
  auto it = std::find_if(e.kernels.begin(), e.kernels.end(), [&](auto& k) { return k.device == device; });
  if (it == e.kernels.end()) it = e.kernels.insert(it, OpEntry::Kernels{device, {}});
  if (keys.size() == 0) it->by_key.fill(kernel);
  for (DType d : keys) it->by_key[static_cast<size_t>(d)] = kernel;
}

}  // namespace ninefold
