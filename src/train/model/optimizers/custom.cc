// In: an optimizer written elsewhere, which overrides `_resource_apply_dense` and, for state of its own,
// `_create_slots`. Out: the class it derives from.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct OptimizerOptions {
  static constexpr const char* class_name = "Optimizer";
  std::string name;
  static void fields(Schema<OptimizerOptions>& s) { s.field("name", &OptimizerOptions::name); }
};

class Optimizer_ final : public OptimizerOf<OptimizerOptions> {
 public:
  // _set_hyper: a name that is new becomes a hyperparameter.
  void set_hyper(std::string_view key, const Value& value) override {
    if (has_hyper(key)) OptimizerBase::set_hyper(key, value);
    else hyperparameter(std::string(key), value);
  }

 private:
  void ready() override { hyperparameter("decay", decay_); }
  void create_slots(const std::vector<Variable>& variables) override {
    if (const Method* own = overridden("_create_slots")) (*own)({ValueList(variables.begin(), variables.end())}, {});
  }
  Tensors prepare(DType) override { return {}; }
  void update(const Variable& v, const Tensor& gradient, const Tensors&) override {
    const Method* own = overridden("_resource_apply_dense");
    check(own, Code::not_implemented, "`_resource_apply_dense` must be implemented in subclasses.");
    (*own)({gradient, v}, {});
  }
  std::vector<std::string> config_keys() const override { return {}; }
};
const ObjectRecord record = [] {
  ObjectRecord r = optimizer_record<Optimizer_>("Base class of optimizers.");
  r.base = "";
  return r;
}();
NINEFOLD_OBJECT(record);

}  // namespace
}  // namespace ninefold::keras
