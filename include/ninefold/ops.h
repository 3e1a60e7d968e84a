// In: tensors and attributes. Out: tensors, through one door: dispatch. Here is the vocabulary of that door
// (attributes, the op record, the function record).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ninefold/tensor.h"

namespace ninefold {

class FunctionBase;   // a traced function (function.h); an attribute of calls and of control flow
using FunctionRef = std::shared_ptr<FunctionBase>;

// One attribute's value. The order is fixed; `monostate` means "not given".
using Attr = std::variant<std::monostate, int64_t, double, bool, DType, std::string, Shape,
                          std::vector<int64_t>, std::vector<double>, std::vector<bool>, std::vector<DType>,
                          std::vector<std::string>, std::vector<Shape>, FunctionRef,
                          std::vector<FunctionRef>, Tensor>;

// What a caller names: {{"transpose_b", true}}. Integers, literals and enums convert as one expects.
struct NamedAttr {
  NamedAttr(std::string_view n, bool v) : name(n), value(v) {}
  NamedAttr(std::string_view n, int v) : name(n), value(static_cast<int64_t>(v)) {}
  NamedAttr(std::string_view n, int64_t v) : name(n), value(v) {}
  NamedAttr(std::string_view n, float v) : name(n), value(static_cast<double>(v)) {}
  NamedAttr(std::string_view n, const char* v) : name(n), value(std::string(v)) {}
  template <class V> NamedAttr(std::string_view n, V v) : name(n), value(std::move(v)) {}
  std::string_view name;
  Attr value;
};
using AttrList = std::initializer_list<NamedAttr>;

struct Op;

// The attributes of one node, in the order of its record; type attributes are filled in by dispatch.
class NINEFOLD_API Attrs {
 public:
  Attrs() = default;
  Attrs(const Op& op, std::span<const NamedAttr> given);   // defaults filled in; unknown names raise
  const Attr& at(const Op& op, std::string_view name) const;
  const Attr& operator[](size_t slot) const { return values_[slot]; }
  Attr& operator[](size_t slot) { return values_[slot]; }
  size_t size() const { return values_.size(); }
  bool operator==(const Attrs& o) const;
  uint64_t hash() const;

 private:
  std::vector<Attr> values_;
};

// Runs the op on its device, or adds it to the trace that is active; tells the tapes.
NINEFOLD_API Tensors dispatch(const Op& op, std::span<const Tensor> inputs, Attrs attrs);
NINEFOLD_API const Op& find_op(std::string_view name);        // raises not_found
NINEFOLD_API std::vector<const Op*> all_ops();
NINEFOLD_API const std::string& op_name(const Op&);

// The same by name, for composites: op("MatMul", {a, b}, {{"transpose_b", true}}).
NINEFOLD_API Tensor op(std::string_view name, std::initializer_list<Tensor> inputs, AttrList attrs = {});
NINEFOLD_API Tensors op_all(std::string_view name, std::span<const Tensor> inputs,
                            std::span<const NamedAttr> attrs = {});

// ---- public functions -------------------------------------------------------------------------

struct Function;
struct Value;
struct Entry;
using ValueList = std::vector<Value>;
using ValueDict = std::vector<Entry>;   // in the order of insertion; TensorFlow sorts by key where it flattens

// A foreign object on its way through (a Python value, a KerasTensor, a composite tensor). One that
// takes calls decides what a public function means for it: `call` then runs instead of the body.
class NINEFOLD_API Foreign {
 public:
  virtual ~Foreign() = default;
  virtual std::string describe() const = 0;
  virtual bool takes_calls() const { return false; }
  virtual Value call(const Function& f, std::vector<Value> values);
};

// What a parameter of a public function may hold, and what such a function returns. Also a nest: a tree
// of lists and dicts with tensors as leaves.
struct Value : std::variant<std::monostate, bool, int64_t, double, std::string, DType, Shape, Tensor,
                            Variable, ValueList, std::shared_ptr<Foreign>, ValueDict> {
  using variant::variant;
  // Defined once: copies of a dozen alternatives would else fill every file that hands values on.
  Value() = default;
  NINEFOLD_API Value(const Value&);
  NINEFOLD_API Value(Value&&) noexcept;
  NINEFOLD_API Value& operator=(const Value&);
  NINEFOLD_API Value& operator=(Value&&) noexcept;
  NINEFOLD_API ~Value();
  Value(int v) : variant(static_cast<int64_t>(v)) {}
  Value(const char* v) : variant(std::string(v)) {}
  Value(float v) : variant(static_cast<double>(v)) {}
  Value(const Tensors& ts) : variant(ValueList(ts.begin(), ts.end())) {}
  bool none() const { return index() == 0; }
  template <class T> const T* get() const { return std::get_if<T>(static_cast<const variant*>(this)); }
  const Value* find(std::string_view key) const;   // of a dict; null if it is none or lacks the key
};
struct Entry {
  std::string key;
  Value value;
};

// The parsed arguments of one call. Names are those of the signature; a wrong name is our bug.
class NINEFOLD_API Args {
 public:
  Args(const Function& f, std::vector<Value> values) : function_(&f), values_(std::move(values)) {}
  const Value& operator[](std::string_view name) const;
  bool none(std::string_view name) const { return (*this)[name].none(); }
  Tensor tensor(std::string_view name) const;             // numbers and lists become tensors
  Tensor tensor(std::string_view name, DType like) const; // numbers take this dtype
  Tensors tensors(std::string_view name) const;           // a list
  bool flag(std::string_view name) const;
  int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  std::string text(std::string_view name) const;
  DType dtype(std::string_view name) const;               // invalid if None
  std::vector<int64_t> ints(std::string_view name) const; // an int, a list, a tensor of ints, a shape
  Tensor ints_tensor(std::string_view name) const;        // the same as an int32 tensor; traces keep symbols
  const Function& function() const { return *function_; }

 private:
  const Function* function_;
  std::vector<Value> values_;
};

// A public function with all its names, TensorFlow's signature, and a body made of ops.
// The signature carries our types, which are cut away for Python's inspect:
//   "(a: T, b: T, transpose_a: bool = False, axis: ints = None, name: str = None)"
// Types: T, U, ... (tensors; a letter that stands twice makes numbers take the tensor's dtype), tensor,
// tensors ([T] of one dtype), bool, int, float, str, dtype, shape, ints, value (anything), *values.
struct Function {
  std::vector<std::string> names;   // the first is the one that errors and pages use
  std::string signature;
  std::string doc;
  Value (*body)(Args&);
  std::string result = "tensor";    // tensor, tensors, value: what the C++ declaration returns
};

struct Parameter {
  std::string name, type;
  bool required = true;
  bool variadic = false;
  Value fallback;
  std::string fallback_text;        // as Python prints it
};

NINEFOLD_API const Function* find_function(std::string_view name);   // null if there is none
NINEFOLD_API std::vector<const Function*> all_functions();
NINEFOLD_API const std::vector<Parameter>& parameters_of(const Function&);
NINEFOLD_API Value call(const Function&, std::vector<Value> values);
// For C++ programs that meet a function by name: call("tf.math.add", {{"x", a}, {"y", b}}).
NINEFOLD_API Value call(std::string_view name, const std::vector<std::pair<std::string, Value>>& named);
// Numbers, bools, strings and nested lists of them become a tensor as tf.constant would make it;
// `dtype` invalid: inferred (int32, int64 if too large, float32, bool, string).
NINEFOLD_API Tensor to_tensor(const Value&, DType dtype = DType::invalid, std::string_view who = "constant");

// ---- seeds ------------------------------------------------------------------------------------

// tf.random.set_seed: op seeds are drawn anew from `seed`, and every stream starts again.
NINEFOLD_API void set_seed(int64_t seed);
// What tf.random.* give their kernels: the attributes {"seed", "seed2"} for an op with or without a seed.
NINEFOLD_API std::pair<int64_t, int64_t> op_seeds(std::optional<int64_t> op_seed);

// ---- names ------------------------------------------------------------------------------------

// tf.name_scope: names of variables and nodes made on this thread meanwhile begin with it.
class NINEFOLD_API NameScope {
 public:
  explicit NameScope(std::string_view name);     // "dense" within "outer/" gives "outer/dense/"
  ~NameScope();
  NameScope(const NameScope&) = delete;
  static const std::string& current();           // "" or "outer/dense/"

 private:
  std::string before_;
};

// ---- operators --------------------------------------------------------------------------------

NINEFOLD_API Tensor operator+(const Tensor&, const Tensor&);
NINEFOLD_API Tensor operator-(const Tensor&, const Tensor&);
NINEFOLD_API Tensor operator*(const Tensor&, const Tensor&);
NINEFOLD_API Tensor operator/(const Tensor&, const Tensor&);
NINEFOLD_API Tensor operator-(const Tensor&);

}  // namespace ninefold
