// Piecewise constant: values[i] from beyond boundaries[i - 1] up to and with boundaries[i].
// In: the step. Out: the learning rate.
#include "train/model/schedules/schedule.h"

namespace ninefold::keras {
namespace {

std::string decimal(double x) {   // as Python prints it
  const std::string shortest = fmt::format("{}", x);
  return shortest.find_first_of(".e") == std::string::npos ? shortest + ".0" : shortest;
}
std::string text(const ValueList& numbers) {
  std::string out;
  for (const Value& v : numbers) {
    const int64_t* whole = v.get<int64_t>();
    out += (out.empty() ? "" : ", ") + (whole ? std::to_string(*whole) : decimal(plain(v)));
  }
  return "[" + out + "]";
}

struct PiecewiseConstantDecay : ScheduleOptions {
  static constexpr const char* class_name = "PiecewiseConstantDecay";
  Value boundaries;
  Value values;
  static void fields(Schema<PiecewiseConstantDecay>& s) {
    s.required("boundaries", &PiecewiseConstantDecay::boundaries)
        .required("values", &PiecewiseConstantDecay::values);
    name_field(s);
  }
  void verify() const {
    const ValueList *edges = boundaries.get<ValueList>(), *levels = values.get<ValueList>();
    check(edges && levels, Code::type, "PiecewiseConstantDecay: `boundaries` and `values` are lists");
    check(edges->size() + 1 == levels->size(), Code::value,
          "The length of boundaries should be 1 less than the length of values. Received: boundaries={} of length {}, and "
          "values={} of length {}.", text(*edges), edges->size(), text(*levels), levels->size());
  }
  Tensor at(const Tensor& step) const {
    const ValueList &edges = *boundaries.get<ValueList>(), &levels = *values.get<ValueList>();
    Tensor rate = f32(levels.back());
    for (size_t i = edges.size(); i-- > 0;) {
      const Tensor edge = calc::cast(calc::as_tensor(edges[i]), step.dtype());
      rate = calc::select(op("LessEqual", {step, edge}), f32(levels[i]), rate);
    }
    return rate;
  }
};
const ObjectRecord piecewise_constant_decay_record = schedule_record<PiecewiseConstantDecay>("A constant between each two boundaries.");
NINEFOLD_OBJECT(piecewise_constant_decay_record);

}  // namespace
}  // namespace ninefold::keras
