// In: trainings that run in an environment. Out: why they are slower than they could be.
#include <fmt/format.h>

#include "env/doctor/finding.h"

namespace ninefold::env::doctor {
namespace {

constexpr double kStarved = 0.5;       // of its time: half of it is worth a word
constexpr double kManyDenormals = 0.01;

using TrainingProbe = bool (*)(const Facts&, const TrainingFacts&);

Places each_training(const Facts& f, TrainingProbe holds) {
  Places list;
  for (const TrainingFacts& t : f.running.trainings)
    if (f.running.state == Running::State::up && holds(f, t))
      list.push_back({{"who", t.program}, {"name", f.running.name}, {"waiting", fmt::format("{:.0f}", t.waiting * 100)},
                      {"denormals", fmt::format("{:.0f}", t.denormals * 100)}, {"step", fmt::format("{:.3g}", t.step_ms)},
                      {"threads", std::to_string(t.threads)}, {"allowed", std::to_string(t.allowed)}, {"driver", f.gpu.driver}});
  return list;
}

const Findings kTraining = {
    {.id = "training-starved",
     .severity = Severity::warning,
     .says = "{who} waits for its input in {waiting} % of its time: a step takes {step} ms without that",
     .consequence = "the model stands still meanwhile: .map(f, num_parallel_calls=tf.data.AUTOTUNE) uses all processors, .cache() keeps what "
                    "does not change, .prefetch(tf.data.AUTOTUNE) at the end works ahead; where pipelines are made is listed",
     .remedy = "grep -rnE --include='*.py' --include='*.ipynb' 'tf\\.data|from_generator|\\.(map|batch|prefetch|cache)\\(' . || true",
     .probe = [](const Facts& f) { return each_training(f, [](const Facts&, const TrainingFacts& t) { return t.waiting > kStarved; }); }},
    {.id = "training-denormals",
     .severity = Severity::warning,
     .says = "{denormals} % of the numbers that {who} keeps are denormal, below 1.2e-38",
     .consequence = "processors take up to a hundred times longer for each, and such weights learn nothing: another initial value, less decay, "
                    "larger or scaled inputs keep away from there; where that is chosen is listed",
     .remedy = "grep -rnE --include='*.py' --include='*.ipynb' 'initializer|optimizer|decay|regularizer' . || true",
     .probe = [](const Facts& f) { return each_training(f, [](const Facts&, const TrainingFacts& t) { return t.denormals > kManyDenormals; }); }},
    {.id = "training-threads-many",
     .severity = Severity::warning,
     .says = "{who} computes with {threads} threads, and {name} may use {allowed} processors",
     .consequence = "threads wait for each other's turn; what sets their number is listed",
     .remedy = "grep -rnE --include='*.py' --include='*.ipynb' --include='*.toml' 'intra_op_parallelism_threads|OMP_NUM_THREADS' . || true",
     .probe = [](const Facts& f) { return each_training(f, [](const Facts&, const TrainingFacts& t) { return t.threads > t.allowed; }); }},
    {.id = "training-threads-few",
     .severity = Severity::warning,
     .says = "{who} computes with {threads} of the {allowed} processors that {name} may use",
     .consequence = "the others are idle; what sets their number is listed",
     .remedy = "grep -rnE --include='*.py' --include='*.ipynb' --include='*.toml' 'intra_op_parallelism_threads|OMP_NUM_THREADS' . || true",
     .probe = [](const Facts& f) { return each_training(f, [](const Facts&, const TrainingFacts& t) { return 2 * t.threads <= t.allowed; }); }},
    {.id = "training-on-processor",
     .severity = Severity::warning,
     .says = "{who} trains on the processor, and this machine has a card with its driver ({driver})",
     .consequence = "a large model would train faster there; where the processor is meant, gpu.use = \"none\" in the file says so",
     .remedy = "nvidia-smi",
     .probe = [](const Facts& f) {
       return each_training(f, [](const Facts& all, const TrainingFacts& t) {
         return t.device.rfind("CPU", 0) == 0 && all.project.spec && all.project.spec->gpu != GpuUse::none && !all.gpu.cards.empty() && !all.gpu.driver.empty();
       });
     }},
};

}  // namespace

Findings training_findings() { return kTraining; }

}  // namespace ninefold::env::doctor
