// In: an options struct. Out: an initializer, regularizer or constraint with that config, and its record.
#pragma once

#include "train/layers/schema.h"

namespace ninefold::keras {

template <class Base, class C>
class PartOf : public Base, public OptionFields {
 public:
  bool set_field(const std::string& name, const Value& value) override { return schema_->change(name, value, options); }
  using Options = C;
  const std::string& class_name() const override { return *class_name_; }
  ValueDict config() const override {
    ValueDict out;
    schema_->write(options, out);
    return out;
  }
  void configure(const std::string& class_name, const Schema<C>& schema, const ValueDict& given) {
    class_name_ = &class_name;
    schema_ = &schema;
    const ValueDict rest = schema.read(given, options, class_name);
    check(rest.empty(), Code::type, "{}.__init__() got an unexpected keyword argument '{}'", class_name,
          rest.empty() ? "" : rest.front().key);
    ready();
  }
  C options;

 protected:
  virtual void ready() {}   // options are set: check them here

 private:
  const std::string* class_name_ = nullptr;
  const Schema<C>* schema_ = nullptr;
};

struct NoOptions {};

// const PartClass<L2> l2 = {"regularizer", {"L2", "l2"}, "doc", Schema<L2Options>().field("l2", &L2Options::l2)};
template <class P>
class PartClass {
 public:
  using Schema = keras::Schema<typename P::Options>;
  PartClass(std::string kind, std::vector<std::string> names, std::string doc, Schema fields)
      : names_(std::move(names)), schema_(std::move(fields)) {
    self_ = this;
    const std::string base{static_cast<char>(std::toupper(kind[0]))};
    ObjectRegistrar(ObjectRecord{.kind = kind, .names = names_, .module = "tf.keras." + kind + "s",
                                 .fields = schema_.fields(), .doc = std::move(doc),
                                 .make = [](const ValueDict& given) -> ObjectPtr {
                                   auto part = std::make_shared<P>();
                                   part->configure(self_->names_.front(), self_->schema_, given);
                                   return part;
                                 },
                                 .base = base + kind.substr(1)});
  }

 private:
  static inline const PartClass* self_ = nullptr;
  std::vector<std::string> names_;
  Schema schema_;
};

}  // namespace ninefold::keras
