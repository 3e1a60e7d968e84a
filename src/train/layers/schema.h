// In: a struct of options and the names of its fields. Out: its config both ways, and a class record.
// The one place where a field's C++ type, its Python value and its default meet.
#pragma once

#include <cstddef>
#include <optional>

#include "base/check.h"
#include "ninefold/layers.h"

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

// What a list of fields knows of a field's C++ type; one a type, whatever structs have such fields.
struct FieldType {
  void (*set)(void* member, const Value& given, std::string_view field);
  Value (*get)(const void* member);
  Value (*fallback)(const void* member);   // what Python prints as the default
  const char* name;
};
template <class T>
inline constexpr FieldType field_type = {
    [](void* member, const Value& given, std::string_view field) { *static_cast<T*>(member) = As<T>::from(given, field); },
    [](const void* member) { return As<T>::to(*static_cast<const T*>(member)); },
    [](const void* member) {
      const T& value = *static_cast<const T*>(member);
      return not_given(value) ? Value() : As<T>::to(value);
    },
    As<T>::type};

// The fields of a struct that is known by its address only: compiled once, not once a struct.
class FieldList {
 public:
  FieldList();
  FieldList(const FieldList&);
  FieldList& operator=(const FieldList&);
  ~FieldList();
  const std::vector<Field>& fields() const { return fields_; }

 protected:
  void add(const char* name, bool required, const FieldType& type, const void* struct_with_defaults, const void* member);
  ValueDict read(const ValueDict& given, void* into, std::string_view class_name) const;
  void write(const void* from, ValueDict& out) const;
  bool change(std::string_view name, const Value& given, void* into) const;

 private:
  struct Place {
    const FieldType* type;
    std::ptrdiff_t offset;
  };
  std::vector<Field> fields_;
  std::vector<Place> places_;
};

// The fields of an options struct C, in the order of Keras' constructor.
//   const Schema<DenseOptions> schema = Schema<DenseOptions>().required("units", &DenseOptions::units)
//                                                            .field("use_bias", &DenseOptions::use_bias);
template <class C>
class Schema : public FieldList {
 public:
  template <class T> Schema& field(const char* name, T C::*member) { return add(name, member, false); }
  template <class T> Schema& required(const char* name, T C::*member) { return add(name, member, true); }

  // Sets the fields that are given; returns what is not ours. A required one that is missing raises.
  ValueDict read(const ValueDict& given, C& into, std::string_view class_name) const {
    return FieldList::read(given, &into, class_name);
  }
  void write(const C& from, ValueDict& out) const { FieldList::write(&from, out); }
  // Sets one field anew; false if it is none of ours. Ints keep their number, one standing for all; ValueError for another.
  bool change(std::string_view name, const Value& given, C& into) const { return FieldList::change(name, given, &into); }

 private:
  template <class T> Schema& add(const char* name, T C::*member, bool required) {
    const C& defaults = made();
    FieldList::add(name, required, field_type<T>, &defaults, &(defaults.*member));
    return *this;
  }
  static const C& made() {
    static const C defaults{};
    return defaults;
  }
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
