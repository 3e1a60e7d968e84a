// In: a function record's signature, the values of a call. Out: parsed parameters, typed arguments, the result.
#include <charconv>
#include <cmath>
#include <map>
#include <mutex>

#include "base/check.h"
#include "base/text.h"
#include "engine/op/op.h"
#include "engine/op/printed.h"
#include "engine/op/scope.h"

namespace ninefold {
namespace {

[[noreturn]] void broken(const Function& f, std::string_view why) {
  fail(Code::internal, "record {}: {}: {}", f.names.at(0), why, f.signature);
}

// None, True, 3, -1, 0.5, 1e-3, 'SAME': what TensorFlow's signatures have as defaults.
Value literal(const Function& f, std::string_view text) {
  if (text == "None") return {};
  if (text == "True") return true;
  if (text == "False") return false;
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"'))
    return std::string(text.substr(1, text.size() - 2));
  if (text.starts_with("tf.")) {
    const DType d = dtype_named(text.substr(3));
    if (d != DType::invalid) return d;
  }
  int64_t whole = 0;
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (bad == std::errc() && end == text.data() + text.size()) return whole;
  double number = 0;
  auto [stop, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong == std::errc() && stop == text.data() + text.size()) return number;
  broken(f, "a default is no literal");
}

// At commas that stand in no quotes: a default may be ','.
std::vector<std::string_view> pieces(std::string_view s) {
  std::vector<std::string_view> out;
  bool quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i < s.size(); ++i) {
    quoted ^= s[i] == '\'';
    if (s[i] != ',' || quoted) continue;
    out.push_back(s.substr(begin, i - begin));
    begin = i + 1;
  }
  out.push_back(s.substr(begin));
  return out;
}

std::vector<Parameter> parse(const Function& f) {
  std::string_view s = strip(f.signature);
  if (s.size() < 2 || s.front() != '(' || s.back() != ')') broken(f, "no parentheses");
  s = s.substr(1, s.size() - 2);
  std::vector<Parameter> out;
  if (strip(s).empty()) return out;
  for (std::string_view piece : pieces(s)) {
    piece = strip(piece);
    Parameter p;
    if (const size_t eq = piece.find('='); eq != std::string_view::npos) {
      p.fallback_text = strip(piece.substr(eq + 1));
      p.fallback = literal(f, p.fallback_text);
      p.required = false;
      piece = strip(piece.substr(0, eq));
    }
    const size_t colon = piece.find(':');
    if (colon == std::string_view::npos) broken(f, "a parameter has no type");
    p.name = strip(piece.substr(0, colon));
    p.type = strip(piece.substr(colon + 1));
    if (p.name.starts_with('*')) {
      p.name.erase(0, 1);
      p.variadic = true;
      p.required = false;
      p.fallback = ValueList{};
    }
    out.push_back(std::move(p));
  }
  return out;
}

const char* kind_of(const Value& v) {
  static constexpr const char* kinds[] = {"None", "a bool", "an int", "a float", "a string", "a dtype", "a shape",
                                          "a tensor", "a variable", "a list", "an object", "a dict"};
  return kinds[v.index()];
}

// ---- values to tensors ----

// The shape of nested lists, read off the first items; collect() checks that the rest is like them.
std::vector<int64_t> extents(const Value& v) {
  std::vector<int64_t> dims;
  for (const ValueList* list = v.get<ValueList>(); list; list = list->empty() ? nullptr : list->front().get<ValueList>())
    dims.push_back(static_cast<int64_t>(list->size()));
  return dims;
}

// The leaves in order.
void collect(const Value& v, std::span<const int64_t> dims, std::vector<const Value*>& leaves, std::string_view who) {
  const ValueList* list = v.get<ValueList>();
  const bool fits = list ? !dims.empty() && dims[0] == static_cast<int64_t>(list->size()) : dims.empty();
  check(fits, Code::value, "Can't convert non-rectangular Python sequence to Tensor.");
  if (!list) return leaves.push_back(&v);
  for (const Value& item : *list) collect(item, dims.subspan(1), leaves, who);
}

}  // namespace

std::string printed(const Value& v) {
  if (const bool* b = v.get<bool>()) return *b ? "True" : "False";
  if (const int64_t* i = v.get<int64_t>()) return std::to_string(*i);
  if (const double* d = v.get<double>()) {
    if (std::isnan(*d)) return "nan";
    if (std::isinf(*d)) return *d < 0 ? "-inf" : "inf";
    std::string s = fmt::format("{}", *d);
    if (s.find_first_of(".e") == std::string::npos) s += ".0";
    return s;
  }
  if (const std::string* t = v.get<std::string>()) return "'" + *t + "'";
  const ValueList* list = v.get<ValueList>();
  if (!list) return kind_of(v);
  std::string all;
  for (const Value& item : *list) all += (all.empty() ? "" : ", ") + printed(item);
  return "[" + all + "]";
}

namespace {

// A bool beside numbers counts as a number, but decides nothing if it comes first.
DType inferred(const std::vector<const Value*>& leaves, std::string_view who) {
  bool any_bool = false, any_int = false, any_float = false, any_text = false, wide = false;
  for (const Value* v : leaves) {
    if (v->get<bool>()) { if (!any_int && !any_float) any_bool = true; }
    else if (const int64_t* i = v->get<int64_t>()) any_int = true, wide |= *i < INT32_MIN || *i > INT32_MAX;
    else if (v->get<double>()) any_float = true;
    else if (v->get<std::string>()) any_text = true;
    else if (const auto* object = v->get<std::shared_ptr<Foreign>>(); object && *object && scope().tracer())
      fail(Code::type, "Failed to convert elements of {} to Tensor. Consider casting elements to a supported type. See "
           "https://www.tensorflow.org/api_docs/python/tf/dtypes for supported TF dtypes.", (*object)->describe());
    else fail(Code::value, "{}: Attempt to convert a value ({}) with an unsupported type to a Tensor.", who, kind_of(*v));
  }
  const bool number = any_int || any_float;
  check(!(any_text && (number || any_bool)) && !(any_bool && number), Code::value,
        "Can't convert Python sequence with mixed types to Tensor.");
  if (any_text) return DType::string;
  if (any_bool) return DType::boolean;
  if (any_float || leaves.empty()) return DType::f32;
  return wide ? DType::i64 : DType::i32;
}

// Of the first tensor or variable in a value; invalid if there is none.
DType tensor_dtype(const Value& v) {
  if (const Tensor* t = v.get<Tensor>()) return t->dtype();
  if (const Variable* x = v.get<Variable>()) return x->dtype();
  if (const ValueList* list = v.get<ValueList>())
    for (const Value& item : *list)
      if (const DType d = tensor_dtype(item); d != DType::invalid) return d;
  return DType::invalid;
}

// A bool is an integer in Python; an integer is no bool, a float no integer. `whole` is what was to be converted.
template <class T>
void store(Tensor& t, const std::vector<const Value*>& leaves, const Value& whole) {
  T* to = static_cast<T*>(t.writable());
  for (const Value* v : leaves) {
    if (const bool* b = v->get<bool>()) *to++ = static_cast<T>(*b);
    else if (const int64_t* i = v->get<int64_t>(); i && !std::is_same_v<T, bool>) *to++ = static_cast<T>(*i);
    else if (const double* d = v->get<double>(); d && std::is_floating_point_v<T>) *to++ = static_cast<T>(*d);
    else fail(Code::type, "Cannot convert {} to EagerTensor of dtype {}", printed(whole), short_name(t.dtype()));
  }
}

}  // namespace

Tensor to_tensor(const Value& v, DType dtype, std::string_view who) {
  if (const Tensor* t = v.get<Tensor>()) {
    check(dtype == DType::invalid || dtype == t->dtype(), Code::value,
          "Tensor conversion requested dtype {} for Tensor with dtype {}", name_of(dtype), name_of(t->dtype()));
    return *t;
  }
  if (const Variable* x = v.get<Variable>()) return to_tensor(Value(x->read()), dtype, who);
  if (const ValueList* list = v.get<ValueList>()) {
    // A list with tensors in it is packed; the numbers beside them take their dtype.
    DType of = dtype;
    bool packs = false;
    for (const Value& item : *list) {
      const DType held = tensor_dtype(item);
      if (held != DType::invalid) packs = true, of = of == DType::invalid ? held : of;
    }
    if (packs) {
      Tensors parts;
      for (const Value& item : *list) parts.push_back(to_tensor(item, of, who));
      const NamedAttr axis("axis", 0);
      return op_all("Pack", parts, {&axis, 1}).at(0);
    }
  }
  if (const Shape* s = v.get<Shape>()) {
    check(s->fully_known(), Code::value, "{}: Cannot convert a partially known TensorShape {} to a Tensor.", who, s->tuple());
    ValueList dims;
    for (int64_t d : *s) dims.emplace_back(d);
    return to_tensor(Value(std::move(dims)), dtype == DType::invalid ? DType::i32 : dtype, who);
  }
  const std::vector<int64_t> dims = extents(v);
  std::vector<const Value*> leaves;
  collect(v, dims, leaves, who);
  const DType of = dtype == DType::invalid ? inferred(leaves, who) : dtype;
  Tensor t = Tensor::empty(of, Shape(dims));
  switch (of) {
    case DType::f32: store<float>(t, leaves, v); return t;
    case DType::f64: store<double>(t, leaves, v); return t;
    case DType::i8: store<int8_t>(t, leaves, v); return t;
    case DType::i16: store<int16_t>(t, leaves, v); return t;
    case DType::i32: store<int32_t>(t, leaves, v); return t;
    case DType::i64: store<int64_t>(t, leaves, v); return t;
    case DType::u8: store<uint8_t>(t, leaves, v); return t;
    case DType::u16: store<uint16_t>(t, leaves, v); return t;
    case DType::u32: store<uint32_t>(t, leaves, v); return t;
    case DType::u64: store<uint64_t>(t, leaves, v); return t;
    case DType::qi8: store<int8_t>(t, leaves, v); return t;
    case DType::qi16: store<int16_t>(t, leaves, v); return t;
    case DType::qi32: store<int32_t>(t, leaves, v); return t;
    case DType::qu8: store<uint8_t>(t, leaves, v); return t;
    case DType::qu16: store<uint16_t>(t, leaves, v); return t;
    case DType::boolean: store<bool>(t, leaves, v); return t;
    case DType::string: {
      auto* to = static_cast<std::string*>(t.writable());
      for (const Value* leaf : leaves) {
        check(leaf->get<std::string>(), Code::type, "Cannot convert {} to EagerTensor of dtype string", printed(v));
        *to++ = *leaf->get<std::string>();
      }
      return t;
    }
    default: {
      // half, bfloat16, complex: through a dtype that holds every literal.
      check(is_numeric(of), Code::type, "Cannot convert {} to EagerTensor of dtype {}", printed(v), short_name(of));
      const DType via = of == DType::f16 || of == DType::bf16 ? DType::f32 : DType::f64;
      return op("Cast", {to_tensor(v, via, who)}, {{"DstT", of}});
    }
  }
}

Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;
NINEFOLD_API const Value* Value::find(std::string_view key) const {
  const ValueDict* dict = get<ValueDict>();
  if (!dict) return nullptr;
  for (const Entry& e : *dict)
    if (e.key == key) return &e.value;
  return nullptr;
}

Value Foreign::call(const Function& f, std::vector<Value>) {
  fail(Code::type, "{}: {} is no argument for it", f.names.at(0), describe());
}

namespace {
// The first object among the values, in lists and dicts too, that decides calls itself.
Foreign* caller_in(const Value& v) {
  if (const auto* f = v.get<std::shared_ptr<Foreign>>()) return *f && (*f)->takes_calls() ? f->get() : nullptr;
  if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& item : *list)
      if (Foreign* f = caller_in(item)) return f;
  } else if (const ValueDict* dict = v.get<ValueDict>()) {
    for (const Entry& e : *dict)
      if (Foreign* f = caller_in(e.value)) return f;
  }
  return nullptr;
}

Value run_body(const Function& f, std::vector<Value> values) {
  for (const Value& v : values)
    if (Foreign* taker = caller_in(v)) return taker->call(f, std::move(values));
  Args args(f, std::move(values));
  return f.body(args);
}
}  // namespace

const std::vector<Parameter>& parameters_of(const Function& f) {
  static std::mutex mutex;   // guards parsed; its nodes are stable
  static std::map<const Function*, std::vector<Parameter>> parsed;
  std::lock_guard hold(mutex);
  auto it = parsed.find(&f);
  if (it == parsed.end()) it = parsed.emplace(&f, parse(f)).first;
  return it->second;
}

Value call(const Function& f, std::vector<Value> values) {
  const auto& parameters = parameters_of(f);
  check(values.size() <= parameters.size(), Code::type, "{}() takes {} arguments, got {}", f.names[0],
        parameters.size(), values.size());
  for (size_t i = values.size(); i < parameters.size(); ++i) {
    check(!parameters[i].required, Code::type, "{}() missing required argument '{}'", f.names[0], parameters[i].name);
    values.push_back(parameters[i].fallback);
  }
  return run_body(f, std::move(values));
}

Value call(std::string_view name, const std::vector<std::pair<std::string, Value>>& named) {
  const Function* f = find_function(name);
  check(f, Code::attribute, "module has no attribute '{}'", name);
  const auto& parameters = parameters_of(*f);
  std::vector<Value> values(parameters.size());
  std::vector<bool> given(parameters.size());
  for (const auto& [key, value] : named) {
    size_t at = 0;
    while (at < parameters.size() && parameters[at].name != key) ++at;
    check(at < parameters.size(), Code::type, "{}() got an unexpected keyword argument '{}'", f->names[0], key);
    check(!given[at], Code::type, "{}() got multiple values for argument '{}'", f->names[0], key);
    values[at] = value;
    given[at] = true;
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (given[i]) continue;
    check(!parameters[i].required, Code::type, "{}() missing required argument '{}'", f->names[0], parameters[i].name);
    values[i] = parameters[i].fallback;
  }
  return run_body(*f, std::move(values));
}

// ---- Args ----

const Value& Args::operator[](std::string_view name) const {
  const auto& parameters = parameters_of(*function_);
  for (size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].name == name) return values_[i];
  broken(*function_, "the body asks for an unknown parameter");
}

namespace {
[[noreturn]] void expected(const Args& a, std::string_view name, const char* what) {
  fail(Code::type, "{}: argument '{}': expected {}, got {}", a.function().names[0], name, what, kind_of(a[name]));
}
}  // namespace

Tensor Args::tensor(std::string_view name) const { return tensor(name, DType::invalid); }
Tensor Args::tensor(std::string_view name, DType like) const {
  const Value& v = (*this)[name];
  if (v.none()) expected(*this, name, "a tensor");
  // A tensor keeps its own dtype: the kernel says what it wanted. Numbers take the one asked for.
  if (const Tensor* t = v.get<Tensor>()) return *t;
  if (const Variable* x = v.get<Variable>()) return x->read();
  return to_tensor(v, like, function_->names[0]);
}
Tensors Args::tensors(std::string_view name) const {
  const ValueList* list = (*this)[name].get<ValueList>();
  if (!list) return {tensor(name)};
  DType like = DType::invalid;
  for (const Value& v : *list)
    if (const Tensor* t = v.get<Tensor>(); t && like == DType::invalid) like = t->dtype();
  Tensors out;
  for (const Value& v : *list) {
    const Tensor* t = v.get<Tensor>();
    out.push_back(t ? *t : to_tensor(v, like, function_->names[0]));
  }
  return out;
}
bool Args::flag(std::string_view name) const {
  const Value& v = (*this)[name];
  if (const bool* b = v.get<bool>()) return *b;
  if (const int64_t* i = v.get<int64_t>()) return *i != 0;
  if (v.none()) return false;
  expected(*this, name, "a bool");
}
int64_t Args::integer(std::string_view name) const {
  const Value& v = (*this)[name];
  if (const int64_t* i = v.get<int64_t>()) return *i;
  if (const bool* b = v.get<bool>()) return *b;
  if (const Tensor* t = v.get<Tensor>(); t && !t->symbolic() && t->size() == 1 && is_integer(t->dtype())) return t->int_at(0);
  expected(*this, name, "an int");
}
double Args::number(std::string_view name) const {
  const Value& v = (*this)[name];
  if (const double* d = v.get<double>()) return *d;
  if (const int64_t* i = v.get<int64_t>()) return static_cast<double>(*i);
  if (const Tensor* t = v.get<Tensor>(); t && !t->symbolic() && t->size() == 1 && is_numeric(t->dtype()) && !is_complex(t->dtype()))
    return t->float_at(0);
  expected(*this, name, "a float");
}
std::string Args::text(std::string_view name) const {
  if (const std::string* s = (*this)[name].get<std::string>()) return *s;
  expected(*this, name, "a string");
}
DType Args::dtype(std::string_view name) const {
  const Value& v = (*this)[name];
  if (v.none()) return DType::invalid;
  if (const DType* d = v.get<DType>()) return *d;
  if (const std::string* s = v.get<std::string>())
    if (const DType d = dtype_named(*s); d != DType::invalid) return d;
  fail(Code::type, "Cannot convert value {} to a TensorFlow DType.", v.get<std::string>() ? "'" + *v.get<std::string>() + "'" : kind_of(v));
}
std::vector<int64_t> Args::ints(std::string_view name) const {
  const Value& v = (*this)[name];
  if (const int64_t* i = v.get<int64_t>()) return {*i};
  if (const Shape* s = v.get<Shape>()) return s->vector();
  if (const Tensor* t = v.get<Tensor>(); t && !t->symbolic() && is_integer(t->dtype())) return t->ints();
  const ValueList* list = v.get<ValueList>();
  if (!list) expected(*this, name, "ints");
  std::vector<int64_t> out;
  for (const Value& item : *list) {
    const int64_t* i = item.get<int64_t>();
    const Tensor* t = item.get<Tensor>();
    if (!i && !(t && !t->symbolic() && t->size() == 1 && is_integer(t->dtype()))) expected(*this, name, "ints");
    out.push_back(i ? *i : t->int_at(0));
  }
  return out;
}
Tensor Args::ints_tensor(std::string_view name) const {
  const Value& v = (*this)[name];
  if (const Tensor* t = v.get<Tensor>()) return *t;
  if (v.get<ValueList>()) return to_tensor(v, DType::i32, function_->names[0]);
  const std::vector<int64_t> all = ints(name);
  const std::vector<int32_t> small(all.begin(), all.end());
  return v.get<int64_t>() ? Tensor(small.at(0)) : Tensor::of<int32_t>({static_cast<int64_t>(small.size())}, small);
}

}  // namespace ninefold
