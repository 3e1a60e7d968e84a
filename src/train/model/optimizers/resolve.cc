// In: what `optimizer=` may be. Out: the optimizer.
#include "train/model/optimizers/resolve.h"

#include <algorithm>

#include "base/check.h"

namespace ninefold::keras {
namespace {

// Names are read in any case: "adam", "Adam", "ADAM".
std::string class_named(const std::string& name) {
  const auto lower = [](std::string s) {
    std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return s;
  };
  for (const ObjectRecord* r : all_records())
    if (r->kind == "optimizer" && lower(r->names.front()) == lower(name)) return r->names.front();
  fail(Code::value, "Unknown optimizer: {}. Please ensure this object is passed to the `custom_objects` argument. See "
       "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.", name);
}

}  // namespace

OptimizerPtr optimizer_for(const Value& identifier) {
  Value known = identifier;
  if (const std::string* name = identifier.get<std::string>()) {
    known = class_named(*name);
  } else if (const Value* name_in = identifier.find("class_name"); name_in && name_in->get<std::string>()) {
    const Value* config = identifier.find("config");
    known = ValueDict{{"class_name", class_named(*name_in->get<std::string>())}, {"config", config ? *config : Value()}};
  } else {
    check(!identifier.get<int64_t>() && !identifier.none(), Code::value, "Could not interpret optimizer identifier: {}",
          identifier.none() ? "None" : std::to_string(identifier.get<int64_t>() ? *identifier.get<int64_t>() : 0));
  }
  OptimizerPtr optimizer = std::dynamic_pointer_cast<Optimizer>(get_object("optimizer", known));
  check(optimizer != nullptr, Code::value, "Could not interpret optimizer identifier: the object is no optimizer");
  return optimizer;
}

}  // namespace ninefold::keras
