// In: a struct of options and the names of its fields. Out: its config both ways, and a class record.
// The one place where a field's C++ type, its Python value and its default meet.
#pragma once

#include <functional>
#include <optional>

#include "base/check.h"
#include "ninefold/keras.h"

namespace ninefold::keras {

// How a C++ type is written as a Value. Specialise for a further type; `type` is what stubs print.
template <class T> struct As;
template <> struct As<bool> {
  static constexpr const char* type = "bool";
  static bool from(const Value& v, std::string_view field);
  static Value to(bool v) { return v; }
};
template <> struct As<int64_t> {
  static constexpr const char* type = "int";
  static int64_t from(const Value& v, std::string_view field);
  static Value to(int64_t v) { return v; }
};
template <> struct As<double> {
  static constexpr const char* type = "float";
  static double from(const Value& v, std::string_view field);
  static Value to(double v) { return v; }
};
template <> struct As<std::string> {
  static constexpr const char* type = "str";
  static std::string from(const Value& v, std::string_view field);
  static Value to(const std::string& v) { return v; }
};
template <> struct As<DType> {            // None: invalid
  static constexpr const char* type = "dtype";
  static DType from(const Value& v, std::string_view field);
  static Value to(DType v) { return v == DType::invalid ? Value() : Value(name_of(v)); }
};
template <> struct As<std::vector<int64_t>> {   // None: empty; an int: one
  static constexpr const char* type = "ints";
  static std::vector<int64_t> from(const Value& v, std::string_view field);
  static Value to(const std::vector<int64_t>& v);
};
template <> struct As<Value> {
  static constexpr const char* type = "value";
  static Value from(const Value& v, std::string_view) { return v; }
  static Value to(const Value& v) { return v; }
};
template <class T> struct As<std::optional<T>> {
  static constexpr const char* type = As<T>::type;
  static std::optional<T> from(const Value& v, std::string_view field) {
    return v.none() ? std::nullopt : std::optional<T>(As<T>::from(v, field));
  }
  static Value to(const std::optional<T>& v) { return v ? As<T>::to(*v) : Value(); }
};
// {"class_name": .., "config": ..}; None for null. Activations are written as their name.
Value serialized(const ObjectPtr& part);
template <class T> struct PartName;
template <> struct PartName<Initializer> { static constexpr const char* kind = "initializer"; };
template <> struct PartName<Regularizer> { static constexpr const char* kind = "regularizer"; };
template <> struct PartName<Constraint> { static constexpr const char* kind = "constraint"; };
template <> struct PartName<Activation> { static constexpr const char* kind = "activation"; };
template <class T> struct As<Given<T>> {
  static constexpr const char* type = PartName<T>::kind;
  static Given<T> from(const Value& v, std::string_view) { return Given<T>(v); }
  static Value to(const Given<T>& v) {
    if constexpr (std::is_same_v<T, Activation>) return v ? serialized(v) : Value("linear");   // as get(None) gives
    else return serialized(v);
  }
};
template <class T> inline bool not_given(const T&) { return false; }
inline bool not_given(const std::string& v) { return v.empty(); }
template <class T> inline bool not_given(const Given<T>& v) { return v == nullptr; }
template <> struct As<SignedInts> {
  static constexpr const char* type = "ints";
  static SignedInts from(const Value& v, std::string_view field) {
    const std::vector<int64_t> ints = As<std::vector<int64_t>>::from(v, field);
    return {ints.begin(), ints.end()};
  }
  static Value to(const SignedInts& v) { return ValueList(v.begin(), v.end()); }
};

// The fields of an options struct C, in the order of Keras' constructor.
//   const Schema<DenseOptions> schema = Schema<DenseOptions>().required("units", &DenseOptions::units)
//                                                            .field("use_bias", &DenseOptions::use_bias);
template <class C>
class Schema {
 public:
  template <class T> Schema& field(const char* name, T C::*member) { return add(name, member, false); }
  template <class T> Schema& required(const char* name, T C::*member) { return add(name, member, true); }

  // Sets the fields that are given; returns what is not ours. A required one that is missing raises.
  ValueDict read(const ValueDict& given, C& into, std::string_view class_name) const {
    ValueDict rest;
    std::vector<bool> seen(fields_.size());
    for (const Entry& e : given) {
      size_t at = 0;
      while (at < fields_.size() && fields_[at].name != e.key) ++at;
      if (at == fields_.size()) {
        rest.push_back(e);
      } else {
        set_[at](into, e.value);
        seen[at] = true;
      }
    }
    for (size_t i = 0; i < fields_.size(); ++i)
      check(seen[i] || !fields_[i].required, Code::type, "{}.__init__() missing 1 required positional argument: '{}'",
            class_name, fields_[i].name);
    return rest;
  }
  void write(const C& from, ValueDict& out) const {
    for (size_t i = 0; i < fields_.size(); ++i) out.push_back({fields_[i].name, get_[i](from)});
  }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  template <class T> Schema& add(const char* name, T C::*member, bool required) {
    const T fallback = C{}.*member;
    fields_.push_back({name, required || not_given(fallback) ? Value() : As<T>::to(fallback), required, As<T>::type});
    set_.push_back([member, name](C& c, const Value& v) { c.*member = As<T>::from(v, name); });
    get_.push_back([member](const C& c) { return As<T>::to(c.*member); });
    return *this;
  }
  std::vector<Field> fields_;
  std::vector<std::function<void(C&, const Value&)>> set_;
  std::vector<std::function<Value(const C&)>> get_;
};

// A part whose config is a struct of options.
template <class Base, class C>
class Configured : public Base {
 public:
  const std::string& class_name() const override { return record().names.front(); }
  virtual const ObjectRecord& record() const = 0;
  virtual const Schema<C>& schema() const = 0;
  C options;
};

struct ObjectRegistrar {
  explicit ObjectRegistrar(ObjectRecord record);
  // A record whose defaults name other records (initializers): made when records are first asked for.
  explicit ObjectRegistrar(ObjectRecord (*record)());
};
#define NINEFOLD_OBJECT_JOIN_(a, b) a##b
#define NINEFOLD_OBJECT_JOIN(a, b) NINEFOLD_OBJECT_JOIN_(a, b)
#define NINEFOLD_OBJECT(record) \
  static const ::ninefold::keras::ObjectRegistrar NINEFOLD_OBJECT_JOIN(object_, __COUNTER__){record}

// Merges one key into a config, keeping its place.
void put(ValueDict& dict, std::string_view key, Value value);

}  // namespace ninefold::keras
