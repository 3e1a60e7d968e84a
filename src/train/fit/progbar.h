// In: steps done and numbers to show. Out: Keras' progress line, byte for byte.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace ninefold::keras {

class Progbar {
 public:
  using Numbers = std::vector<std::pair<std::string, double>>;
  // target < 0: unknown. `clock` gives seconds; `show` takes the text.
  Progbar(int64_t target, int verbose, std::set<std::string> stateful, std::string unit = "step",
          std::function<void(const std::string&)> show = {}, std::function<double()> clock = {});
  // Numbers in `stateful` are shown as they are, others averaged over the steps.
  void update(int64_t current, const Numbers& numbers, bool finalize);
  bool due() const;             // would an update show something now?
  bool all_stateful(const std::set<std::string>& names) const;
  void set_target(int64_t target) { target_ = target; }
  void add_stateful(const std::set<std::string>& names) { stateful_.insert(names.begin(), names.end()); }

 private:
  struct Kept { std::string name; double sum, count; };
  std::string values_text() const;
  std::string duration(double seconds, const std::string& unit) const;
  double step_duration(int64_t current, double now);
  int64_t target_;
  int verbose_;
  std::set<std::string> stateful_;
  std::string unit_;
  std::function<void(const std::string&)> show_;
  std::function<double()> clock_;
  std::vector<Kept> kept_;
  int64_t seen_ = 0;
  size_t width_ = 0;
  double start_, last_ = 0, epoch_start_, epoch_end_ = -1, after_first_ = -1;
};

}  // namespace ninefold::keras
