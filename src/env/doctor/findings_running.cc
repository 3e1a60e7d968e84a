// In: a running environment. Out: which of its parts do not answer, and which were killed.
#include <fmt/format.h>

#include <algorithm>

#include "env/doctor/finding.h"

namespace ninefold::env::doctor {
namespace {

using State = Running::State;
using Outside = ServiceFacts::Outside;
using ServiceProbe = bool (*)(const ServiceFacts&);

constexpr int kManyStarts = 5;

Places of_environment(const Facts& f, bool holds, Words words = {}) {
  words.emplace("name", f.running.name);
  words.emplace("file", f.project.file);
  return when(holds, std::move(words));
}
Places each_service(const Facts& f, ServiceProbe holds) {
  Places list;
  for (const ServiceFacts& s : f.running.services)
    if (f.running.state == State::up && holds(s))
      list.push_back({{"service", s.name}, {"port", std::to_string(s.outside)}, {"inside", std::to_string(s.inside)}, {"starts", std::to_string(s.starts)},
                      {"words", s.last_words.empty() ? "nothing" : s.last_words}, {"rule", s.rule}, {"free", std::to_string(s.free)},
                      {"how", s.outside_answer == Outside::refused ? "refuses connections" : "does not answer"}});
  return list;
}
bool closed(const ServiceFacts& s) { return s.runs && s.outside > 0 && s.inside_answers && s.outside_answer != Outside::answers; }

// Twice the limit, as far as the machine has it.
std::uint64_t more_memory(const Facts& f) { return std::min(2 * f.running.memory_limit, f.machine.memory / 10 * 9) >> 20; }
Words memory_words(const Facts& f) {
  std::string jobs;
  for (const std::string& id : f.running.killed_for_memory) jobs += (jobs.empty() ? "job " : ", ") + id;
  if (jobs.empty()) jobs = "a program";
  return {{"who", jobs}, {"kills", std::to_string(f.running.memory_kills)}, {"limit", std::to_string(f.running.memory_limit >> 20)},
          {"used", std::to_string(f.running.memory >> 20)}, {"more", std::to_string(more_memory(f))}};
}
bool can_have_more(const Facts& f) { return more_memory(f) > (f.running.memory_limit >> 20); }

constexpr const char* kRaise = "sed -i 's/^memory *=.*/memory = \"{more}m\"/' {file} && ninefold restart{again}";

const Findings kRunning = {
    {.id = "environment-killed",
     .severity = Severity::error,
     .says = "{name} was started and its first process is gone: it was killed from outside",
     .consequence = "nothing of it runs; volumes and the records of its jobs are there",
     .remedy = "ninefold up{again}",
     .safe = true,
     .probe = [](const Facts& f) { return of_environment(f, f.running.state == State::killed); }},
    {.id = "record-damaged",
     .severity = Severity::error,
     .says = "{fault}",
     .consequence = "no verb can tell what runs",
     .remedy = "ninefold down --force",
     .probe = [](const Facts& f) { return of_environment(f, f.running.state == State::damaged, {{"fault", f.running.fault}}); }},
    {.id = "keeper-gone",
     .severity = Severity::error,
     .says = "the keeper of {name} is gone",
     .consequence = "its ports lead nowhere and nobody watches its memory; jobs go on",
     .remedy = "ninefold status {name}",
     .safe = true,
     .probe = [](const Facts& f) { return of_environment(f, f.running.state == State::up && !f.running.keeper); }},
    {.id = "service-down",
     .severity = Severity::error,
     .says = "{service} does not run; its log ends with: {words}",
     .consequence = "nothing answers on port {port}",
     .remedy = "ninefold restart{again}",
     .probe = [](const Facts& f) { return each_service(f, [](const ServiceFacts& s) { return !s.runs; }); }},
    {.id = "service-restarting",
     .severity = Severity::warning,
     .says = "{service} was started {starts} times since `up`; its log ends with: {words}",
     .consequence = "whoever works with it is thrown out each time",
     .remedy = "ninefold restart{again}",
     .probe = [](const Facts& f) { return each_service(f, [](const ServiceFacts& s) { return s.runs && s.starts > kManyStarts; }); }},
    {.id = "service-mute",
     .severity = Severity::error,
     .says = "{service} runs and does not answer on its port {inside} inside; its log ends with: {words}",
     .consequence = "it cannot be reached",
     .remedy = "ninefold restart{again}",
     .probe = [](const Facts& f) { return each_service(f, [](const ServiceFacts& s) { return s.runs && s.inside > 0 && !s.inside_answers; }); }},
    {.id = "port-firewalled",
     .severity = Severity::error,
     .says = "{service} answers inside, but 127.0.0.1:{port} {how}: a firewall's rule ({rule}) closes it",
     .consequence = "it cannot be reached",
     .remedy = "for rule in {rule}; do {sudo}nft delete rule $rule; done",
     .probe = [](const Facts& f) { return each_service(f, [](const ServiceFacts& s) { return closed(s) && !s.rule.empty(); }); }},
    {.id = "port-closed",
     .severity = Severity::error,
     .says = "{service} answers inside, but 127.0.0.1:{port} {how}",
     .consequence = "it cannot be reached: a firewall closes the port, or what forwards it has ended; another port serves until the next `down`",
     .remedy = "ninefold down && ninefold up{again} --port {service}={free}",
     .probe = [](const Facts& f) {
       if (!f.running.keeper) return Places{};  // that is the cause
       return each_service(f, [](const ServiceFacts& s) { return closed(s) && s.rule.empty(); });
     }},
    {.id = "killed-for-memory",
     .severity = Severity::error,
     .says = "{who} of {name} was killed for memory ({kills} since `up`): the limit is {limit} MB",
     .consequence = "its work since the last checkpoint is lost; a larger limit or smaller batches let it live",
     .remedy = kRaise,
     .probe = [](const Facts& f) {
       return of_environment(f, f.running.state == State::up && f.running.memory_kills > 0 && f.running.memory_limit > 0 && can_have_more(f), memory_words(f));
     }},
    {.id = "memory-nearly-used",
     .severity = Severity::warning,
     .says = "{name} uses {used} MB of the {limit} MB that it may",
     .consequence = "its next large job will be killed for memory",
     .remedy = kRaise,
     .probe = [](const Facts& f) {
       return of_environment(f, f.running.state == State::up && f.running.memory_limit > 0 && f.running.memory_kills == 0 && can_have_more(f) &&
                          f.running.memory > f.running.memory_limit / 100 * 95, memory_words(f));
     }},
    {.id = "limit-soft",
     .severity = Severity::warning,
     .says = "the memory limit of {name} is watched, not enforced: {why}",
     .consequence = "a job may pass it for a moment; after the next login the limit is the kernel's",
     .remedy = "{sudo}mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu memory pids\\n' | "
               "{sudo}tee /etc/systemd/system/user@.service.d/delegate.conf && {sudo}systemctl daemon-reload",
     .probe = [](const Facts& f) {
       return of_environment(f, f.running.state == State::up && f.machine.systemd_user && f.running.memory_limit > 0 &&
                          f.running.memory_strength == run::Strength::soft, {{"why", f.running.why_soft}});
     }},
    {.id = "image-old",
     .severity = Severity::warning,
     .says = "{name} runs another image than the one that its lock has by now",
     .consequence = "packages that were added since are not inside",
     .remedy = "ninefold restart",
     .probe = [](const Facts& f) { return of_environment(f, f.running.state == State::up && f.running.old_image); }},
    {.id = "variables-old",
     .severity = Severity::warning,
     .says = "{name} runs without what {file} says of {variables}",
     .consequence = "kernels, jobs and logins over SSH see what was there at `up`",
     .remedy = "ninefold restart{again}",
     .probe = [](const Facts& f) {
       std::string variables;
       for (const std::string& one : f.running.old_variables) variables += (variables.empty() ? "" : ", ") + one;
       return of_environment(f, f.running.state == State::up && !variables.empty(), {{"variables", variables}});
     }},
    {.id = "network-by-proxy",
     .severity = Severity::warning,
     .says = "{name} reaches the network through the built-in proxy, and this machine can give it the network itself by now",
     .consequence = "programs that obey no proxy variables (`ping`, clients of databases) reach nothing",
     .remedy = "ninefold restart{again}",
     .probe = [](const Facts& f) {
       const bool free = f.project.spec && f.project.spec->network.outgoing == "auto";
       return of_environment(f, f.running.state == State::up && free && f.running.network == "proxy" && f.run.tun && !f.run.slirp.empty());
     }},
    {.id = "shared-memory-full",
     .severity = Severity::error,
     .says = "/dev/shm of {name} has {free} of {size} MB free",
     .consequence = "data loaders with several workers die of \"Bus error\"; limits.shared_memory in the file makes it larger",
     .remedy = "ninefold restart{again}",
     .probe = [](const Facts& f) {
       return of_environment(f, f.running.state == State::up && f.running.shm_size > 0 && f.running.shm_free < f.running.shm_size / 20,
                   {{"free", std::to_string(f.running.shm_free >> 20)}, {"size", std::to_string(f.running.shm_size >> 20)}});
     }},
    {.id = "state-open",
     .severity = Severity::error,
     .says = "others may enter {path}",
     .consequence = "tokens and keys of {name} lie there",
     .remedy = "chmod 700 {path}",
     .safe = true,
     .probe = [](const Facts& f) {
       Places list;
       for (const std::string& path : f.running.open_folders) list.push_back({{"path", path}, {"name", f.running.name}});
       return list;
     }},
};

}  // namespace

Findings running_findings() { return kRunning; }

}  // namespace ninefold::env::doctor
