// In: a schedule written elsewhere, which overrides `__call__`. Out: the class it derives from.
#include "train/model/schedules/schedule.h"

namespace ninefold::keras {
namespace {

struct LearningRateSchedule : ScheduleOptions {
  static constexpr const char* class_name = "LearningRateSchedule";
  static void fields(Schema<LearningRateSchedule>&) {}
  Tensor at(const Tensor&) const { fail(Code::not_implemented, "Learning rate schedule must override __call__"); }
};
const ObjectRecord record = [] {
  ObjectRecord r = schedule_record<LearningRateSchedule>("Base class of learning rates that depend on the step.");
  r.base = "";
  return r;
}();
NINEFOLD_OBJECT(record);

}  // namespace
}  // namespace ninefold::keras
