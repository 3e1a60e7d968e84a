// In: how biases begin. Out: the biases of four gates, the forget gate's at 1.
#pragma once

#include "train/layers/words.h"

namespace ninefold::keras {

// The forget gate's bias begins at 1 (Jozefowicz et al. 2015), the others' as they are told.
class ForgetBias : public Initializer {
 public:
  ForgetBias(std::shared_ptr<Initializer> others, int64_t units) : others_(std::move(others)), units_(units) {}
  const std::string& class_name() const override {
    static const std::string name = "ForgetBias";
    return name;
  }
  ValueDict config() const override { return {}; }
  Tensor make(const Shape&, DType dtype) override {
    check(others_ != nullptr, Code::type, "unit_forget_bias: expected a bias_initializer for the other gates, got None");
    const Tensor before = (*others_)({units_}, dtype), ones = op("Fill", {ints({units_}), number(1, dtype)});
    const Tensor parts[] = {before, ones, (*others_)({2 * units_}, dtype), Tensor(int32_t{0})};
    return op_all("ConcatV2", parts).at(0);
  }

 private:
  std::shared_ptr<Initializer> others_;
  int64_t units_;
};

}  // namespace ninefold::keras
