// In: steps done and numbers to show. Out: the progress line.
#include "train/fit/progbar.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "train/fit/text.h"

namespace ninefold::keras {
namespace {

constexpr double kInterval = 0.05;   // seconds between two lines
constexpr int kWidth = 30;

// Python's '%.4f' and '%.4e': nan and inf without a sign of their own.
std::string number(double v, bool small) {
  if (std::isnan(v)) return "nan";
  return small ? fmt::format("{:.4e}", v) : fmt::format("{:.4f}", v);
}
int digits(int64_t n) { return n > 0 ? static_cast<int>(std::log10(static_cast<double>(n))) + 1 : 1; }

}  // namespace

Progbar::Progbar(int64_t target, int verbose, std::set<std::string> stateful, std::string unit,
                 std::function<void(const std::string&)> show, std::function<double()> clock)
    : target_(target), verbose_(verbose), stateful_(std::move(stateful)), unit_(std::move(unit)),
      show_(std::move(show)), clock_(std::move(clock)) {
  if (!show_) show_ = [](const std::string& text) { keras::show(text); };
  if (!clock_)
    clock_ = [] {
      return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    };
  start_ = epoch_start_ = clock_();
}

bool Progbar::due() const { return verbose_ == 1 && clock_() - last_ >= kInterval; }
bool Progbar::all_stateful(const std::set<std::string>& names) const {
  return std::includes(stateful_.begin(), stateful_.end(), names.begin(), names.end());
}

std::string Progbar::duration(double seconds, const std::string& unit) const {
  if (seconds >= 1 || seconds == 0) return fmt::format(" {:.0f}s/{}", seconds, unit);
  if (seconds >= 1e-3) return fmt::format(" {:.0f}ms/{}", seconds * 1e3, unit);
  return fmt::format(" {:.0f}us/{}", seconds * 1e6, unit);
}

// The first step is no measure of the others.
double Progbar::step_duration(int64_t current, double now) {
  if (current == 0) return 0;
  const double each = after_first_ >= 0 && current > 1 ? (now - after_first_) / static_cast<double>(current - 1)
                                                       : (now - start_) / static_cast<double>(current);
  if (current == 1) after_first_ = now;
  return each;
}

std::string Progbar::values_text() const {
  std::string out;
  for (const Kept& k : kept_) {
    const double mean = k.sum / std::max(1.0, k.count);
    // The line of verbose=2 compares without abs.
    const bool plain = verbose_ == 1 ? std::abs(mean) > 1e-3 : mean > 1e-3;
    out += " - " + k.name + ": " + number(mean, !plain);
  }
  return out;
}

void Progbar::update(int64_t current, const Numbers& numbers, bool finalize) {
  for (const auto& [name, value] : numbers) {
    auto at = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& k) { return k.name == name; });
    if (at == kept_.end()) at = kept_.insert(kept_.end(), {name, 0, 0});
    if (stateful_.count(name)) {
      at->sum = value;
      at->count = 1;
    } else {
      const auto weight = static_cast<double>(std::max<int64_t>(current - seen_, 1));
      at->sum += value * weight;
      at->count += weight;
    }
  }
  seen_ = current;
  const double now = clock_();
  std::string info = fmt::format(" - {:.0f}s", now - start_);
  if (current == target_) epoch_end_ = now;
  if (verbose_ == 1) {
    if (now - last_ < kInterval && !finalize) return;
    const size_t before = width_;
    std::string line = std::string(before, '\b') + '\r';
    std::string bar;
    if (target_ >= 0) {
      bar = fmt::format("{:{}d}/{} [", current, digits(target_), target_);
      const double share = target_ > 0 ? static_cast<double>(current) / static_cast<double>(target_) : 1;
      const int done = static_cast<int>(kWidth * share);
      if (done > 0) bar += std::string(static_cast<size_t>(done - 1), '=') + (current < target_ ? '>' : '=');
      if (done < kWidth) bar += std::string(static_cast<size_t>(kWidth - done), '.');
      bar += ']';
    } else {
      bar = fmt::format("{:7d}/Unknown", current);
    }
    const double each = step_duration(current, now);
    if (target_ < 0 || finalize) {
      info += duration(each, unit_);
    } else {
      const double left = each * static_cast<double>(target_ - current);
      const auto whole = static_cast<int64_t>(left);
      if (left > 3600) info = fmt::format(" - ETA: {}:{:02d}:{:02d}", whole / 3600, whole % 3600 / 60, whole % 60);
      else if (left > 60) info = fmt::format(" - ETA: {}:{:02d}", whole / 60, whole % 60);
      else info = fmt::format(" - ETA: {}s", whole);
    }
    info += values_text();
    width_ = bar.size() + info.size();
    if (before > width_) info += std::string(before - width_, ' ');
    if (finalize) info += '\n';
    show_(line + bar + info);
  } else if (verbose_ == 2 && finalize) {
    std::string line = fmt::format("{:{}d}/{}", current, digits(target_), target_) + info + values_text();
    if (epoch_end_ >= 0) {
      const double whole = epoch_end_ - epoch_start_;
      epoch_start_ = now;
      epoch_end_ = -1;
      line += " -" + duration(whole, "epoch") + " -" +
              duration(target_ > 0 ? whole / static_cast<double>(target_) : 0, unit_) + "\n";
    }
    show_(line);
  }
  last_ = now;
}

}  // namespace ninefold::keras
