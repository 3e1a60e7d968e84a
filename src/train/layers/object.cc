// In: class records, identifiers, overrides. Out: objects by name, config or handle; names that are unique.
#include <atomic>
#include <cstdlib>
#include <deque>
#include <mutex>

#include "engine/op/counters.h"
#include "train/layers/described.h"
#include "train/layers/layer_of.h"

namespace ninefold::keras {
namespace {

// A deque: pointers to records stay good while more are added.
struct Records {
  std::deque<ObjectRecord> all;                    // filled before main by registrars
  std::vector<ObjectRecord (*)()> waiting;         // those whose defaults name others: made at the first question
  std::recursive_mutex mutex;                      // guards both until `complete`
  std::atomic<bool> complete{false};
};
Records& registry() {
  static auto* r = new Records();
  return *r;
}
const std::deque<ObjectRecord>& records() {
  Records& r = registry();
  if (!r.complete.load(std::memory_order_acquire)) {
    std::lock_guard hold(r.mutex);
    // Making one asks for the parts that its defaults name, which waits for nothing: the list is empty by then.
    const auto waiting = std::exchange(r.waiting, {});
    for (auto make : waiting) r.all.push_back(make());
    if (!waiting.empty()) r.complete.store(true, std::memory_order_release);
  }
  return r.all;
}

const char* kind_of(const Value& v) {
  static constexpr const char* kinds[] = {"None", "a bool", "an int", "a float", "a string", "a dtype", "a shape",
                                          "a tensor", "a variable", "a list", "an object", "a dict"};
  return kinds[v.index()];
}

[[noreturn]] void wrong_type(std::string_view field, const char* expected, const Value& got) {
  fail(Code::type, "argument '{}': expected {}, got {}", field, expected, kind_of(got));
}

std::string quoted(const Value& v) {
  if (const std::string* s = v.get<std::string>()) return *s;
  if (const auto* o = v.get<std::shared_ptr<Foreign>>()) return (*o)->describe();
  return kind_of(v);
}

}  // namespace

// ---- fields ----

bool As<bool>::from(const Value& v, std::string_view field) {
  if (const bool* b = v.get<bool>()) return *b;
  if (const int64_t* i = v.get<int64_t>()) return *i != 0;
  if (v.none()) return false;
  wrong_type(field, "a bool", v);
}
int64_t As<int64_t>::from(const Value& v, std::string_view field) {
  if (const int64_t* i = v.get<int64_t>()) return *i;
  if (const bool* b = v.get<bool>()) return *b;
  if (const std::string* s = v.get<std::string>()) {   // int("5") is 5, of other texts Python's error
    char* end = nullptr;
    const int64_t n = std::strtoll(s->c_str(), &end, 10);
    check(!s->empty() && *end == 0, Code::value, "invalid literal for int() with base 10: '{}'", *s);
    return n;
  }
  // Keras takes int(x) of whole floats, as 10 / 2 gives them.
  if (const double* d = v.get<double>()) return static_cast<int64_t>(*d);
  if (const Tensor* t = v.get<Tensor>(); t && !t->symbolic() && t->size() == 1) return t->int_at(0);
  wrong_type(field, "an int", v);
}
double As<double>::from(const Value& v, std::string_view field) {
  if (const double* d = v.get<double>()) return *d;
  if (const int64_t* i = v.get<int64_t>()) return static_cast<double>(*i);
  if (const bool* b = v.get<bool>()) return *b;
  if (const Tensor* t = v.get<Tensor>(); t && !t->symbolic() && t->size() == 1) return t->float_at(0);
  wrong_type(field, "a float", v);
}
std::string As<std::string>::from(const Value& v, std::string_view field) {
  if (const std::string* s = v.get<std::string>()) return *s;
  if (v.none()) return {};
  wrong_type(field, "a string", v);
}
DType As<DType>::from(const Value& v, std::string_view field) {
  if (v.none()) return DType::invalid;
  if (const DType* d = v.get<DType>()) return *d;
  if (const std::string* s = v.get<std::string>())
    if (const DType d = dtype_named(*s); d != DType::invalid) return d;
  wrong_type(field, "a dtype", v);
}
std::vector<int64_t> As<std::vector<int64_t>>::from(const Value& v, std::string_view field) {
  if (v.none()) return {};
  if (const Shape* s = v.get<Shape>()) return s->vector();
  if (const ValueList* list = v.get<ValueList>()) {
    std::vector<int64_t> out;
    for (const Value& item : *list) out.push_back(item.none() ? -1 : As<int64_t>::from(item, field));
    return out;
  }
  return {As<int64_t>::from(v, field)};
}
Value As<std::vector<int64_t>>::to(const std::vector<int64_t>& v) {
  if (v.empty()) return {};
  ValueList out;
  for (int64_t i : v) out.push_back(i < 0 ? Value() : Value(i));
  return out;
}

FieldList::FieldList() = default;
FieldList::FieldList(const FieldList&) = default;
FieldList& FieldList::operator=(const FieldList&) = default;
FieldList::~FieldList() = default;
void FieldList::add(const char* name, bool required, const FieldType& type, const void* struct_with_defaults,
                    const void* member) {
  fields_.push_back({name, required ? Value() : type.fallback(member), required, type.name});
  places_.push_back({&type, static_cast<const char*>(member) - static_cast<const char*>(struct_with_defaults)});
}
ValueDict FieldList::read(const ValueDict& given, void* into, std::string_view class_name) const {
  ValueDict rest;
  std::vector<bool> seen(fields_.size());
  for (const Entry& e : given) {
    size_t at = 0;
    while (at < fields_.size() && fields_[at].name != e.key) ++at;
    if (at == fields_.size()) {
      rest.push_back(e);
    } else {
      places_[at].type->set(static_cast<char*>(into) + places_[at].offset, e.value, fields_[at].name);
      seen[at] = true;
    }
  }
  for (size_t i = 0; i < fields_.size(); ++i)
    check(seen[i] || !fields_[i].required, Code::type, "{}.__init__() missing 1 required positional argument: '{}'",
          class_name, fields_[i].name);
  return rest;
}
void FieldList::write(const void* from, ValueDict& out) const {
  for (size_t i = 0; i < fields_.size(); ++i)
    out.push_back({fields_[i].name, places_[i].type->get(static_cast<const char*>(from) + places_[i].offset)});
}

bool FieldList::change(std::string_view name, const Value& given, void* into) const {
  size_t at = 0;
  while (at < fields_.size() && fields_[at].name != name) ++at;
  if (at == fields_.size()) return false;
  void* member = static_cast<char*>(into) + places_[at].offset;
  const FieldType& type = *places_[at].type;
  const bool ints = type.name == std::string_view("ints");
  const Value before = ints ? type.get(member) : Value();
  type.set(member, given, name);
  const ValueList* was = before.get<ValueList>();
  if (!was || was->empty()) return true;
  const Value now = type.get(member);
  const ValueList* list = now.get<ValueList>();
  const size_t n = list ? list->size() : 0;
  if (n == was->size()) return true;
  if (n == 1) {                           // as when the layer was made
    type.set(member, ValueList(was->size(), list->front()), name);
    return true;
  }
  type.set(member, before, name);
  fail(Code::value, "Setting `{}`: expected {} numbers, as the layer was made with, got {}", name, was->size(), n);
}

OptionFields::~OptionFields() = default;

ValueDict common_fields(const std::string& name, const InputShape& input_shape, bool trainable, DType dtype) {
  ValueDict common;
  if (!name.empty()) common.push_back({"name", name});
  if (input_shape.given) common.push_back({"input_shape", input_shape.shape});
  if (!trainable) common.push_back({"trainable", false});
  if (dtype != DType::invalid) common.push_back({"dtype", dtype});
  return common;
}
ObjectRecord LayerClassBase::record(const FieldList& schema) const {
  return {.kind = "layer", .names = names_, .module = "tf.keras.layers", .fields = schema.fields(), .doc = doc_,
          .make = make_, .base = base_};
}

void put(ValueDict& dict, std::string_view key, Value value) {
  for (Entry& e : dict)
    if (e.key == key) return void(e.value = std::move(value));
  dict.push_back({std::string(key), std::move(value)});
}

Value serialized(const ObjectPtr& part) {
  if (!part) return {};
  if (dynamic_cast<const Activation*>(part.get())) {
    const Value config = part->config();
    if (const Value* name = config.find("name")) return *name;
    return part->class_name();
  }
  return described(*part);
}
std::string class_of(const Object& part) {
  if (const Object::Method* own = part.overridden("class_name")) return As<std::string>::from((*own)({}, {}), "class_name");
  return part.class_name();
}
Value config_of(const Object& part) {
  if (const Object::Method* own = part.overridden("get_config")) return (*own)({}, {});
  return part.config();
}
ValueDict described(const Object& part) {
  const Object::Method* registered = part.overridden("registered_name");
  return {{"class_name", registered ? (*registered)({}, {}) : Value(class_of(part))}, {"config", config_of(part)}};
}

// ---- overrides ----

void Object::override_method(const std::string& name, Method method) {
  if (method) overrides_[name] = std::move(method);
  else overrides_.erase(name);
}
const Object::Method* Object::overridden(std::string_view name) const {
  const auto it = overrides_.find(name);
  return it == overrides_.end() ? nullptr : &it->second;
}

namespace {
// An override must give a tensor back; Python's numbers are taken as constants.
Tensor tensor_from(const Value& v, const std::string& who) {
  if (const Tensor* t = v.get<Tensor>()) return *t;
  return to_tensor(v, DType::invalid, who);
}
}  // namespace
Tensor Initializer::operator()(const Shape& shape, DType dtype) {
  int64_t n = 1;
  for (int64_t d : shape)
    check(!__builtin_mul_overflow(n, std::max<int64_t>(d, 1), &n), "Shape {} would have more than 2**63 - 1 elements", shape.str());
  for (int64_t d : shape)
    check(d <= INT32_MAX, Code::resource_exhausted, "{}: a tensor of shape {} fits into no memory", class_name(), shape.tuple());
  if (const Method* own = overridden("__call__"))
    return tensor_from((*own)({shape}, {{"dtype", dtype}}), class_name());
  return make(shape, dtype);
}
Tensor Regularizer::operator()(const Tensor& x) {
  if (const Method* own = overridden("__call__")) return tensor_from((*own)({x}, {}), class_name());
  return penalty(x);
}
Tensor Constraint::operator()(const Tensor& w) {
  if (const Method* own = overridden("__call__")) return tensor_from((*own)({w}, {}), class_name());
  return project(w);
}
Tensor Activation::operator()(const Tensor& x) {
  if (const Method* own = overridden("__call__")) return tensor_from((*own)({x}, {}), class_name());
  return apply(x);
}

// ---- records ----

ObjectRegistrar::ObjectRegistrar(ObjectRecord record) {
  Records& r = registry();
  std::lock_guard hold(r.mutex);
  r.all.push_back(std::move(record));
}
ObjectRegistrar::ObjectRegistrar(ObjectRecord (*record)()) {
  Records& r = registry();
  std::lock_guard hold(r.mutex);
  r.waiting.push_back(record);
  r.complete.store(false, std::memory_order_release);
}

const ObjectRecord* find_record(std::string_view kind, std::string_view name) {
  for (const ObjectRecord& r : records()) {
    if (r.kind != kind) continue;
    for (const std::string& n : r.names)
      if (n == name) return &r;
  }
  return nullptr;
}
std::vector<const ObjectRecord*> all_records() {
  std::vector<const ObjectRecord*> out;
  for (const ObjectRecord& r : records()) out.push_back(&r);
  return out;
}
ObjectPtr make_object(std::string_view kind, std::string_view name, const ValueDict& config) {
  const ObjectRecord* r = find_record(kind, name);
  check(r, Code::value, "Unknown {}{}: {}. Please ensure this object is passed to the `custom_objects` argument. See "
        "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.", kind,
        kind == "activation" ? " function" : "", name);
  check(r->make, Code::type, "Can't instantiate abstract class {}", name);
  return r->make(config);
}
ObjectPtr get_object(std::string_view kind, const Value& identifier) {
  if (identifier.none()) return nullptr;
  if (const std::string* name = identifier.get<std::string>()) return make_object(kind, *name, {});
  if (const auto* object = identifier.get<std::shared_ptr<Foreign>>())
    if (ObjectPtr o = std::dynamic_pointer_cast<Object>(*object)) return o;
  if (const Value* name = identifier.find("class_name"); name && name->get<std::string>()) {
    const Value* config = identifier.find("config");
    const ValueDict* fields = config ? config->get<ValueDict>() : nullptr;
    return make_object(kind, *name->get<std::string>(), fields ? *fields : ValueDict{});
  }
  fail(Code::value, "Could not interpret {} identifier: {}", kind, quoted(identifier));
}

#define NINEFOLD_GIVEN(T)                                                                                        \
  template <> Given<T>::Given(const Value& v)                                                                    \
      : std::shared_ptr<T>(std::dynamic_pointer_cast<T>(get_object(PartName<T>::kind, v))) {                     \
    check(v.none() || *this, Code::value, "Could not interpret {} identifier: {}", PartName<T>::kind, quoted(v)); \
  }                                                                                                              \
  template <> Given<T>::Given(const char* name) : Given(Value(name)) {}
NINEFOLD_GIVEN(Initializer)
NINEFOLD_GIVEN(Regularizer)
NINEFOLD_GIVEN(Constraint)
NINEFOLD_GIVEN(Activation)
#undef NINEFOLD_GIVEN

// ---- names and defaults of the process ----

namespace {
std::mutex names_mutex;                       // guards names_taken
std::map<std::string, int64_t> names_taken;
std::atomic<DType> float_type{DType::f32};
std::atomic<double> fuzz{1e-7};
}  // namespace

std::string unique_name(const std::string& base) {
  std::lock_guard hold(names_mutex);
  const int64_t before = names_taken[base]++;
  return before == 0 ? base : base + "_" + std::to_string(before);
}
void clear_session() {
  drop_eager_counters();   // random streams start again, as TensorFlow's kernel cache is dropped
  std::lock_guard hold(names_mutex);
  names_taken.clear();
}

// Keras' two substitutions: before a capital with small letters or digits after it, and between small
// letter and capital.
std::string snake_case(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto small = [&](size_t j) { return std::islower(static_cast<unsigned char>(name[j])) != 0; };
    const auto digit = [&](size_t j) { return std::isdigit(static_cast<unsigned char>(name[j])) != 0; };
    const bool upper = std::isupper(static_cast<unsigned char>(name[i])) != 0;
    // l1_l2, but conv_lstm2d
    const bool starts_word = i > 0 && i + 1 < name.size() && (small(i + 1) || (digit(i + 1) && digit(i - 1)));
    if (upper && i > 0 && (small(i - 1) || starts_word)) out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return out.starts_with('_') ? "private" + out : out;
}

DType floatx() { return float_type; }
void set_floatx(DType d) {
  check(d == DType::f16 || d == DType::f32 || d == DType::f64, Code::value,
        "Unknown `floatx` value: {}. Expected one of ('float16', 'float32', 'float64')", name_of(d));
  float_type = d;
}
double epsilon() { return fuzz; }
void set_epsilon(double value) { fuzz = value; }

}  // namespace ninefold::keras
