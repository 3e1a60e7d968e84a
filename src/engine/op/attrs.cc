// In: named attribute values. Out: slots in the record's order, defaults filled in.
#include <algorithm>

#include "base/check.h"
#include "engine/op/not_allowed.h"

namespace ninefold {
namespace {

template <class T> bool holds(const Attr& a) { return std::holds_alternative<T>(a); }

// Literals have the C++ programmer's types; the record's kind decides what they become.
Attr coerce(const Op& op, const AttrDef& d, const Attr& given) {
  using K = AttrKind;
  auto wrong = [&]() -> Attr {
    fail(Code::type, "{}: attribute {} got a value of the wrong kind", op.name, d.name);
  };
  // An empty list has no kind of its own.
  const auto* list = std::get_if<std::vector<int64_t>>(&given);
  const bool none = list && list->empty();
  switch (d.kind) {
    case K::integer:
      if (holds<bool>(given)) return static_cast<int64_t>(std::get<bool>(given));
      return holds<int64_t>(given) ? given : wrong();
    case K::number:   // a float of a graph is a single one, whatever the op's dtype: 0.2 is 0.20000000298
      if (holds<int64_t>(given)) return static_cast<double>(static_cast<float>(std::get<int64_t>(given)));
      return holds<double>(given) ? Attr(static_cast<double>(static_cast<float>(std::get<double>(given)))) : wrong();
    case K::flag: return holds<bool>(given) ? given : wrong();
    case K::type: return holds<DType>(given) ? given : wrong();
    case K::text: return holds<std::string>(given) ? given : wrong();
    case K::shape:
      if (holds<std::vector<int64_t>>(given)) return Shape(std::get<std::vector<int64_t>>(given));
      return holds<Shape>(given) ? given : wrong();
    case K::tensor: return holds<Tensor>(given) ? given : wrong();
    case K::func: return holds<FunctionRef>(given) ? given : wrong();
    case K::list_integer:
      if (holds<int64_t>(given)) return std::vector<int64_t>{std::get<int64_t>(given)};
      if (holds<Shape>(given)) return std::get<Shape>(given).vector();
      return holds<std::vector<int64_t>>(given) ? given : wrong();
    case K::list_number:
      if (none) return std::vector<double>{};
      return holds<std::vector<double>>(given) ? given : wrong();
    case K::list_flag:
      if (none) return std::vector<bool>{};
      return holds<std::vector<bool>>(given) ? given : wrong();
    case K::list_type:
      if (none) return std::vector<DType>{};
      return holds<std::vector<DType>>(given) ? given : wrong();
    case K::list_text:
      if (none) return std::vector<std::string>{};
      return holds<std::vector<std::string>>(given) ? given : wrong();
    case K::list_shape:
      if (none) return std::vector<Shape>{};
      return holds<std::vector<Shape>>(given) ? given : wrong();
    case K::list_func:
      if (none) return std::vector<FunctionRef>{};
      return holds<std::vector<FunctionRef>>(given) ? given : wrong();
  }
  return wrong();
}

void mix(uint64_t& h, uint64_t v) { h = (h ^ v) * 0x9E3779B97F4A7C15ull; h ^= h >> 29; }

struct Hasher {
  uint64_t& h;
  void operator()(std::monostate) const { mix(h, 1); }
  void operator()(int64_t v) const { mix(h, static_cast<uint64_t>(v)); }
  void operator()(double v) const { uint64_t b; std::memcpy(&b, &v, 8); mix(h, b); }
  void operator()(bool v) const { mix(h, v ? 3 : 2); }
  void operator()(DType v) const { mix(h, static_cast<uint64_t>(v)); }
  void operator()(const std::string& v) const { mix(h, std::hash<std::string>()(v)); }
  void operator()(const Shape& v) const { mix(h, static_cast<uint64_t>(v.rank())); for (int64_t d : v) mix(h, static_cast<uint64_t>(d)); }
  void operator()(const FunctionRef& v) const { mix(h, reinterpret_cast<uintptr_t>(v.get())); }
  void operator()(const Tensor& v) const { mix(h, v.defined() ? v.id() : 0); }
  template <class T> void operator()(const std::vector<T>& v) const {
    mix(h, v.size());
    for (size_t i = 0; i < v.size(); ++i) (*this)(static_cast<T>(v[i]));
  }
};

struct Equal {
  bool operator()(const Tensor& a, const Tensor& b) const { return a.impl() == b.impl(); }
  template <class T> bool operator()(const T& a, const T& b) const { return a == b; }
  template <class A, class B> bool operator()(const A&, const B&) const { return false; }
};

}  // namespace

Attrs::Attrs(const Op& op, std::span<const NamedAttr> given) {
  const OpDef& d = def(op);
  values_.resize(d.attrs.size());
  for (const NamedAttr& g : given) {
    const int slot = d.slot(g.name);
    check(slot >= 0, Code::type, "{}: there is no attribute '{}'", op.name, g.name);
    if (std::holds_alternative<std::monostate>(g.value)) continue;
    const AttrDef& a = d.attrs[static_cast<size_t>(slot)];
    Attr v = coerce(op, a, g.value);
    if (a.kind == AttrKind::type && !a.allowed.empty())
      if (const DType t = std::get<DType>(v); std::find(a.allowed.begin(), a.allowed.end(), t) == a.allowed.end())
        attr_not_allowed(op, a, short_name(t));
    if (a.kind == AttrKind::text && !a.allowed_text.empty())
      if (const std::string& s = std::get<std::string>(v);
          std::find(a.allowed_text.begin(), a.allowed_text.end(), s) == a.allowed_text.end())
        attr_not_allowed(op, a, "\"" + s + "\"");
    if (a.has_minimum && a.kind == AttrKind::integer)
      check(std::get<int64_t>(v) >= a.minimum, "Value for attr '{}' of {} must be at least minimum {} [Op:{}]",
            a.name, std::get<int64_t>(v), a.minimum, op.name);
    values_[static_cast<size_t>(slot)] = std::move(v);
  }
  for (size_t i = 0; i < values_.size(); ++i)
    if (std::holds_alternative<std::monostate>(values_[i]) && d.attrs[i].has_default)
      values_[i] = d.attrs[i].fallback;
}

const Attr& Attrs::at(const Op& op, std::string_view name) const {
  const int slot = def(op).slot(name);
  NINEFOLD_INVARIANT(slot >= 0 && static_cast<size_t>(slot) < values_.size());
  return values_[static_cast<size_t>(slot)];
}

bool Attrs::operator==(const Attrs& o) const {
  if (values_.size() != o.values_.size()) return false;
  for (size_t i = 0; i < values_.size(); ++i)
    if (!std::visit(Equal{}, values_[i], o.values_[i])) return false;
  return true;
}

uint64_t Attrs::hash() const {
  uint64_t h = 0x5851F42D4C957F2Dull;
  for (const Attr& a : values_) {
    mix(h, a.index());
    std::visit(Hasher{h}, a);
  }
  return h;
}

}  // namespace ninefold
